// A Linli server of its own for a test: own database, own port, own log.
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connectionUrl, createDatabase, dropDatabase, mainCluster } from './cluster.mjs';
import { build, house, migrations, needTestFolder } from './places.mjs';
import { until } from './process.mjs';

export { until };

const running = new Set();
process.on('exit', () => {
    for (const server of running) server.kill('SIGKILL');
});

export function freePort() {
    return new Promise((resolve, reject) => {
        const probe = createServer();
        probe.on('error', reject);
        probe.listen(0, '127.0.0.1', () => {
            const { port } = probe.address();
            probe.close(() => resolve(port));
        });
    });
}

function statusOf(url) {
    return new Promise((resolve) => {
        const request = httpRequest(url, { agent: false, timeout: 5000 }, (reply) => {
            reply.resume();
            resolve(reply.statusCode);
        });
        request.on('timeout', () => request.destroy());
        request.on('error', () => resolve(0));
        request.end();
    });
}

// Nothing of the caller's LINLI_ settings leaks into a test; limits that only slow tests down are wide.
function environment(server, more) {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('LINLI_'));
    return {
        ...Object.fromEntries(inherited),
        ASAN_OPTIONS: 'abort_on_error=0:exitcode=66:detect_leaks=1',
        UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
        LINLI_PORT: String(server.port),
        LINLI_ADMIN_PORT: String(server.adminPort),
        LINLI_DATABASE_URL: connectionUrl('linli_app', server.database, server.cluster),
        LINLI_KEY_DIR: process.env.LINLI_TEST_KEYS,
        LINLI_STATIC_DIR: join(house, 'client-web/dist'),
        LINLI_MIGRATIONS_DIR: migrations,
        LINLI_CHECKPOINT_DIR: server.folder,
        LINLI_DEMO: '1',
        LINLI_LOGIN_PER_MINUTE: '100000',
        LINLI_LOGIN_PER_MINUTE_ADDRESS: '100000',
        ...more,
    };
}

class Server {
    async choosePorts() {
        this.port = await freePort();
        this.adminPort = await freePort();
        this.url = `http://127.0.0.1:${this.port}`;
        this.adminUrl = `http://127.0.0.1:${this.adminPort}`;
    }

    launch() {
        this.logFile = join(this.folder, `server-${this.port}.log`);
        const log = openSync(this.logFile, 'a');
        // The server ends with the test process, however that ends.
        this.child = spawn('setpriv', ['--pdeathsig', 'KILL', this.binary, 'serve'], {
            cwd: this.folder, env: environment(this, this.env), stdio: ['ignore', log, log],
        });
        closeSync(log);
        this.pid = this.child.pid;
        this.ended = new Promise((resolve) => this.child.on('close', (code, signal) => resolve(code ?? signal)));
        this.ended.then((outcome) => {
            this.outcome = outcome;
            running.delete(this);
        });
        running.add(this);
    }

    async ready(seconds = 60) {
        await until(async () => this.outcome !== undefined || (await statusOf(`${this.url}/readyz`)) === 200, seconds,
            `the server on port ${this.port} to become ready`);
        return this.outcome === undefined;
    }

    log() {
        return readFileSync(this.logFile, 'utf8');
    }

    kill(signal = 'SIGKILL') {
        this.child.kill(signal);
        return this.ended;
    }

    // What AddressSanitizer and UBSan say is a failure of the test that made them say it.
    complaints() {
        return this.log().split('\n').filter((line) => /ERROR: (Address|Leak)Sanitizer|runtime error:|Assertion .* failed/.test(line));
    }

    // Ends it the polite way and is strict about how it ended.
    async stop({ expect = 0 } = {}) {
        const wasRunning = this.outcome === undefined;
        this.child.kill('SIGTERM');
        const timer = setTimeout(() => this.child.kill('SIGKILL'), 20_000);
        const outcome = await this.ended;
        clearTimeout(timer);
        if (this.ownsDatabase) await dropDatabase(this.database, this.cluster);
        const complaints = this.complaints();
        if (complaints.length > 0) throw new Error(`the server complained: ${complaints.join('; ')}\n${this.log().slice(-4000)}`);
        if (wasRunning && outcome !== expect) throw new Error(`the server ended with ${outcome}, not ${expect}: ${this.log().slice(-2000)}`);
    }
}

// startServer({database, env, binary, cluster, template}) → Server, answering /readyz. Without a database it makes one from
// the template and drops it in stop(). With {wait: false} it is returned before it is ready.
export async function startServer({ database, env = {}, binary, cluster = mainCluster, template, wait = true } = {}) {
    const server = new Server();
    server.binary = binary ?? process.env.LINLI_BINARY ?? join(build, 'debug', 'linli');
    server.folder = mkdtempSync(join(needTestFolder(), 'logs', 's-'));
    server.cluster = cluster;
    server.env = env;
    server.ownsDatabase = database === undefined;
    server.database = database ?? (await createDatabase(template, undefined, cluster));
    for (let attempt = 1; ; attempt += 1) {
        await server.choosePorts();
        server.launch();
        if (!wait || (await server.ready())) return server;
        // Between our look at a free port and the server's own, somebody else may have taken it.
        if (attempt === 3 || !/taken|in use/i.test(server.log())) throw new Error(`the server did not start: ${server.log().slice(-4000)}`);
        server.outcome = undefined;
    }
}

// serverFor(t, options): startServer, stopped when the test (or suite) is over.
export async function serverFor(t, options) {
    const server = await startServer(options);
    t.after(() => server.stop());
    return server;
}
