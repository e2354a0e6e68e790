// SQL beside the server, for what a test asserts or arranges: as the owner (sees all), or as the application's role with the
// principal set as the engine sets it (row-level security decides).
import { connect, mainCluster } from './cluster.mjs';

const settings = ['person', 'scope', 'scope_lead', 'paths', 'lead', 'files', 'op', 'rid'];

// asOwner(server, text, values) → rows
export function asOwner(server, text, values) {
    return once('linli_owner', server, (db) => db.query(text, values));
}

// asApp(server, principal, text, values) → rows; principal: {person, scope, scope_lead, paths, lead, files, op, rid}, each a
// text or absent. One transaction, as in the server.
export function asApp(server, principal, text, values) {
    return once('linli_app', server, async (db) => {
        await db.query('begin');
        for (const name of settings) {
            await db.query("select set_config('app.' || $1, $2, true)", [name, principal[name] ?? '']);
        }
        const result = await db.query(text, values);
        await db.query('commit');
        return result;
    });
}

async function once(role, server, work) {
    const db = await connect(role, server.database, server.cluster ?? mainCluster);
    try {
        return (await work(db)).rows;
    } finally {
        await db.end();
    }
}

// setClock(server, '3 days'): moves what core.app_now() says for every new connection to that database.
export async function setClock(server, offset) {
    const db = await connect('postgres', 'postgres', server.cluster ?? mainCluster);
    try {
        await db.query(`alter database ${server.database} set linli.clock_offset = '${offset.replaceAll("'", "''")}'`);
        await db.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [server.database]);
    } finally {
        await db.end();
    }
}
