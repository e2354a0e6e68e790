// What every refusal must look like, whatever was tried: a declared problem, an unchanged database, a server alive.
import assert from 'node:assert/strict';
import { client } from '../lib/client.mjs';
import { connect } from '../lib/cluster.mjs';

// What the housekeeping of a running server writes by itself.
const housekeeping = ['core.seal', 'core.sealer', 'core.checkpoint', 'core.daily_task', 'core.job', 'core.job_run', 'core.schedule', 'orgs.unit_card', 'orgs.unit_card_stale'];

// digestOf(server, except) → {table: "rows sum"}: every row of every table, whatever order it lies in.
export async function digestOf(server, except = []) {
    const db = await connect('linli_owner', server.database, server.cluster);
    try {
        const tables = await db.query(`select n.nspname || '.' || quote_ident(c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema|public$)' order by 1`);
        const digest = {};
        for (const { name } of tables.rows.filter((row) => ![...housekeeping, ...except].includes(row.name))) {
            const { rows } = await db.query(`select count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) as sum from ${name} t`);
            digest[name] = rows[0].sum;
        }
        return digest;
    } finally {
        await db.end();
    }
}

const insides = /\b(select|insert into|update|delete from|where)\b.*\b(from|values|set)\b|postgres|libpq|jansson|microhttpd|libjwt|openssl|pg_|\.(sql|c|h|so|yaml):?\d*\b|\/(home|work|usr|tmp|var|etc)\/|linli_(app|owner)|SQLSTATE|constraint/i;

// Nothing of our insides stands in an answer.
export function assertDiscreet(reply) {
    const said = `${reply.text ?? reply.body}${JSON.stringify(reply.headers)}`.replaceAll('/docs/problems#', '');
    assert.doesNotMatch(said, insides);
}

// assertProblem(reply, status, name): RFC 9457 with our headers, and discreet.
export function assertProblem(reply, status, name) {
    const body = typeof reply.body === 'string' ? JSON.parse(reply.body) : reply.body;
    assert.equal(reply.status, status, reply.text ?? reply.body);
    assert.match(reply.headers['content-type'], /^application\/problem\+json/);
    assert.equal(body.status, status);
    assert.match(body.type, /^\/docs\/problems#[a-z_]+$/);
    assert.ok(body.title.length > 0 && body.request_id.length > 0);
    if (name) assert.equal(body.type, `/docs/problems#${name}`);
    assertDiscreet(reply);
    assertGuarded(reply.headers);
}

// The headers of every answer of the API.
export function assertGuarded(headers) {
    assert.equal(headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'");
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['access-control-allow-origin'], undefined);
}

export async function assertAlive(server) {
    const reply = await client(server).anyone.request('GET', '/healthz');
    assert.equal(reply.status, 200);
    assert.equal(server.outcome, undefined, 'the server has ended');
}
