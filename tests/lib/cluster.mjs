// The test run's PostgreSQL and its databases. Every test works in a database of its own, copied from a template:
// linli_template (migrated, demo city) or linli_empty (migrated only).
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { house, needTestFolder } from './places.mjs';
import { run, until } from './process.mjs';

const port = Number(process.env.LINLI_TEST_PGPORT ?? 5432);

// A cluster is known by the folder of its socket; this is the one that ./test has started.
export const mainCluster = { socket: process.env.LINLI_TEST_SOCKET };

export function connectionUrl(role, database, cluster = mainCluster) {
    return `postgresql://${role}@/${database}?host=${encodeURIComponent(cluster.socket)}&port=${port}`;
}

// connect(role, database, cluster) → a connected pg.Client; the caller ends it.
export async function connect(role, database, cluster = mainCluster) {
    const client = new pg.Client({ host: cluster.socket, port, user: role, database });
    // A client whose server is killed on purpose reports it to whoever waits for its query; nobody else has to know.
    client.on('error', () => {});
    await client.connect();
    return client;
}

async function asSuperuser(cluster, work) {
    const client = await connect('postgres', 'postgres', cluster);
    try {
        return await work(client);
    } finally {
        await client.end();
    }
}

// createDatabase(template, name, cluster) → its name.
export async function createDatabase(template = 'linli_template', name, cluster = mainCluster) {
    const database = name ?? `t_${randomBytes(6).toString('hex')}`;
    await asSuperuser(cluster, async (client) => {
        await client.query(`create database ${database} template ${template} owner linli_owner strategy file_copy`);
        await client.query(`revoke all on database ${database} from public`);
        await client.query(`grant connect on database ${database} to linli_app`);
    });
    return database;
}

export async function dropDatabase(database, cluster = mainCluster) {
    await asSuperuser(cluster, (client) => client.query(`drop database if exists ${database} with (force)`));
}

// psql(database, arguments, options of run): as superuser.
export function psql(database, args, options) {
    return run('psql', ['-X', '-q', '-h', mainCluster.socket, '-p', String(port), '-U', 'postgres', '-d', database, ...args], options);
}

async function clusterScript(args) {
    const result = await run('bash', [join(house, 'tests/lib/cluster.sh'), ...args], { seconds: 180 });
    if (result.code !== 0) throw new Error(`cluster.sh ${args[0]} failed: ${result.stderr}`);
    return result.stdout.trim();
}

function signalIfThere(pid, signal) {
    try {
        return process.kill(pid, signal);
    } catch (error) {
        if (error.code !== 'ESRCH') throw error;
        return false;
    }
}

class OwnCluster {
    constructor(folder, options) {
        this.folder = folder;
        this.options = options;
    }

    // Starts it, also again after kill(): PostgreSQL recovers by itself.
    async start() {
        this.socket = (await clusterScript(['start', this.folder, this.options])).split('\n').pop();
        this.data = join(this.socket, '..', 'data');
        return this;
    }

    // The postmaster and every child of it, at this moment.
    processes() {
        const postmaster = Number(readFileSync(join(this.data, 'postmaster.pid'), 'utf8').split('\n')[0]);
        const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').trim().split(/\s+/);
        return [postmaster, ...children.filter(Boolean).map(Number)];
    }

    // signal('SIGSTOP') freezes it: sockets open, nobody there. The postmaster stops first, so that no child is missed.
    signal(name) {
        for (const pid of this.processes()) signalIfThere(pid, name);
    }

    // kill(): SIGKILL to the postmaster and every child of it, as by a power cut; returns when they are gone.
    async kill() {
        const all = this.processes();
        for (const pid of all) signalIfThere(pid, 'SIGKILL');
        await until(() => !all.some((pid) => signalIfThere(pid, 0)), 15, 'the killed PostgreSQL to be gone');
    }

    stop(mode = 'fast') {
        return clusterScript(['stop', this.folder, mode]);
    }
}

// startCluster({durable, options}) → a copy of the run's cluster (templates and all) that may be killed and started again;
// durable: commits wait for the disk, as in production. The run removes its folder at the end; stop() it before.
export async function startCluster({ durable = false, options = '' } = {}) {
    const folder = mkdtempSync(join(needTestFolder(), 'clusters', 'c-'));
    const settings = durable ? '-c fsync=on -c full_page_writes=on' : '-c fsync=off';
    await run('chmod', ['755', folder]);
    await clusterScript(['copy', mainCluster.socket, folder]);
    return new OwnCluster(folder, `${settings} ${options}`.trim()).start();
}
