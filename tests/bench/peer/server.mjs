// The peer: the same three operations as one would write them with fastify, pg and @fastify/jwt. Schemas come from the same
// contract, statements are the server's own, the checks and the replies are the same: token, grants (cached by login), role,
// parameters and body, row-level security by the same settings, the idempotency claim, ETag, Location, keyset cursor.
// Configuration: a JSON file named on the command line. As many processes as the server has event loops.
import cluster from 'node:cluster';
import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import Fastify from 'fastify';
import jwt from '@fastify/jwt';
import pg from 'pg';

const setup = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { types } = pg;
types.setTypeParser(types.builtins.INT8, Number);
types.setTypeParser(types.builtins.DATE, String);
types.setTypeParser(types.builtins.TIMESTAMPTZ, (text) => `${text.replace(' ', 'T').replace(/\+00$/, '')}Z`);

class Problem extends Error {
    constructor(status, name, more = {}) {
        super(name);
        Object.assign(this, { status, name, more });
    }
}

// ── PostgreSQL ──
const pool = new pg.Pool({ ...setup.database, max: setup.connections, options: '-c TimeZone=UTC' });
pool.on('error', () => {});

// One transaction; its queries are handed over at once, as far as pg can.
async function transaction(settings, queries) {
    const client = await pool.connect();
    try {
        const all = [client.query('begin'), client.query({ name: 'settings', text: setup.statements.settings, values: settings })];
        for (const query of queries) all.push(client.query(query));
        const results = await Promise.all(all).catch(async (error) => {
            await Promise.allSettled(all);
            await client.query('rollback');
            throw error;
        });
        await client.query('commit');
        return results.at(-1).rows;
    } finally {
        client.release();
    }
}

const principals = new Map();

async function principalOf(session) {
    let found = principals.get(session);
    if (!found) {
        const { rows } = await pool.query({ name: 'principal', text: setup.statements.principal, values: [session] });
        found = { person: rows[0].person_id, roles: new Set(rows.map((row) => row.role)), grants: rows };
        principals.set(session, found);
    }
    return found;
}

const own = new Set(['resident', 'volunteer', 'guardian']);
const rootsOf = (grants, column) => {
    const roots = [...new Set(grants.map((grant) => grant[column]).filter(Boolean))];
    return roots.length === 0 ? '' : `{${roots.join(',')}}`;
};

function settingsOf({ person, grants }, operation, id) {
    const staff = grants.filter((grant) => !own.has(grant.role));
    const leaders = staff.filter((grant) => grant.role === 'branch_secretary' || grant.role === 'city_leader');
    const files = staff.filter((grant) => grant.role === 'mediator' || grant.role === 'community_secretary');
    const scope = staff.filter((grant) => operation.roles === null || operation.roles.includes(grant.role));
    return [person, rootsOf(scope, 'territory_path'), rootsOf(leaders, 'leadership_path'), rootsOf(staff, 'territory_path'),
        rootsOf(leaders, 'leadership_path'), rootsOf(files, 'territory_path'), operation.id, id, ''];
}

// ── replies ──
function nested(row) {
    const made = {};
    for (const [name, value] of Object.entries(row)) {
        if (name.startsWith('_')) continue;
        const path = name.split('.');
        const leaf = path.pop();
        let at = made;
        for (const step of path) at = at[step] ??= {};
        at[leaf] = value;
    }
    return made;
}

const seal = (text) => createHmac('sha256', setup.secret).update(text).digest();

function writeCursor(position, operation) {
    const text = JSON.stringify(position);
    return `${Buffer.from(text).toString('base64url')}.${seal(operation + text).toString('base64url')}`;
}

function readCursor(cursor, operation) {
    const [text, mark] = cursor.split('.');
    const plain = Buffer.from(text, 'base64url').toString();
    const good = mark && timingSafeEqual(seal(operation + plain), Buffer.from(mark, 'base64url'));
    if (!good) throw new Problem(422, 'invalid_request');
    return plain;
}

function replayed(error) {
    if (error.code !== 'LI200') throw error;
    throw new Problem(409, 'replay', { detail: error.detail });
}

// ── the application ──
const app = Fastify({ logger: false, ajv: { customOptions: { removeAdditional: false, strict: false } } });
await app.register(jwt, { secret: setup.secret, verify: { algorithms: ['HS256'], allowedIss: setup.issuer, allowedAud: setup.audience } });

app.addHook('onRequest', async (request, reply) => {
    request.requestId = randomUUID();
    reply.header('X-Request-Id', request.requestId).header('X-Content-Type-Options', 'nosniff').header('Cache-Control', 'no-store');
});

const guard = (operation) => async (request) => {
    await request.jwtVerify();
    const principal = await principalOf(request.user.sid);
    if (!operation.open && !operation.roles.some((role) => principal.roles.has(role))) throw new Problem(403, 'role_missing');
    request.principal = principal;
    request.settings = settingsOf(principal, operation, request.requestId);
};

app.setErrorHandler((error, request, reply) => {
    const status = error.status ?? error.statusCode ?? 500;
    reply.code(status).type('application/problem+json').send({
        type: `/docs/problems#${error.name}`, title: error.message, status, request_id: request.requestId,
        errors: (error.validation ?? []).map((found) => ({ pointer: found.instancePath, title: found.message })),
    });
});

const { getUnit, listEntries, evaluateServiceRecord } = setup.operations;
const today = () => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);

app.get('/api/v1/units/:unit_id', { schema: getUnit.schema, onRequest: guard(getUnit) }, async (request, reply) => {
    const values = [request.params.unit_id, request.query.as_of ?? today()];
    const [row] = await transaction(request.settings, [{ name: 'getUnit', text: getUnit.text, values }]);
    if (!row) throw new Problem(404, 'not_found');
    const tag = `"${row._etag}"`;
    reply.header('ETag', tag);
    if (request.headers['if-none-match'] === tag) return reply.code(304).send();
    return nested(row);
});

app.get('/api/v1/accounts/:account_id/entries', { schema: listEntries.schema, onRequest: guard(listEntries) }, async (request, reply) => {
    const limit = request.query.limit ?? 50;
    const cursor = request.query.cursor && readCursor(request.query.cursor, 'listEntries');
    const query = cursor
        ? { name: 'listEntries/next', text: listEntries.next, values: [request.params.account_id, cursor, limit + 1] }
        : { name: 'listEntries', text: listEntries.text, values: [request.params.account_id, limit + 1] };
    const rows = await transaction(request.settings, [query]);
    const more = rows.length > limit;
    if (more) rows.pop();
    const next = more ? writeCursor(rows.at(-1)._cursor, 'listEntries') : null;
    if (next) reply.header('Link', `<?limit=${limit}&cursor=${next}>; rel="next"`);
    return { items: rows.map(nested), next_cursor: next };
});

app.post('/api/v1/service-records/:service_record_id/evaluation', { schema: evaluateServiceRecord.schema, onRequest: guard(evaluateServiceRecord) },
    async (request, reply) => {
        const key = request.headers['idempotency-key'];
        const { service_record_id: id } = request.params;
        const fingerprint = createHash('sha256').update(request.url).update(JSON.stringify(request.body)).digest();
        const [row] = await transaction(request.settings, [
            { name: 'claim', text: setup.statements.claim, values: [key, 'evaluateServiceRecord', fingerprint] },
            { name: 'evaluate', text: evaluateServiceRecord.text, values: [id, request.body.rating, request.body.comment ?? null, key] },
        ]).catch(replayed);
        reply.code(201).header('Location', row._location);
        return nested(row);
    });

if (cluster.isPrimary && setup.processes > 1) {
    for (let n = 0; n < setup.processes; n += 1) cluster.fork();
} else {
    await app.listen({ port: setup.port, host: '127.0.0.1' });
}
