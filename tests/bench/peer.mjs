// Starts the fastify peer on the server's database, with the server's statements and the contract's schemas.
import { createHmac, randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { writeFileSync, openSync, closeSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { house } from '../lib/places.mjs';
import { freePort, until } from '../lib/server.mjs';
import { claimsOf, engine, openapi, statement } from './statements.mjs';

const secret = randomBytes(32).toString('hex');
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

// The same claims under the peer's key.
export function peerToken(token) {
    const claims = token.split('.')[1];
    const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${claims}`;
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

// Fastify wants whole schemas: references become what they name, and what only our generator reads goes.
function whole(document, node) {
    if (Array.isArray(node)) return node.map((item) => whole(document, item));
    if (node === null || typeof node !== 'object') return node;
    if (node.$ref) return whole(document, node.$ref.slice(2).split('/').reduce((at, step) => at[step], document));
    const kept = Object.entries(node).filter(([name]) => !name.startsWith('x-') && name !== 'description' && name !== 'examples');
    return Object.fromEntries(kept.map(([name, value]) => [name, whole(document, value)]));
}

function parametersIn(operation, place) {
    const wanted = (operation.parameters ?? []).filter((parameter) => parameter.in === place);
    return {
        type: 'object', additionalProperties: false, required: wanted.filter((parameter) => parameter.required).map((parameter) => parameter.name),
        properties: Object.fromEntries(wanted.map((parameter) => [parameter.name, parameter.schema])),
    };
}

function operationOf(document, method, path, status, more) {
    const plain = document.paths[path][method];
    const roles = plain['x-permission'].filter((role) => role !== 'authenticated');
    const operation = whole(document, plain);
    const schema = { params: parametersIn(operation, 'path'), querystring: parametersIn(operation, 'query') };
    if (operation.requestBody) schema.body = operation.requestBody.content['application/json'].schema;
    schema.response = { [status]: operation.responses[status].content['application/json'].schema };
    const open = plain['x-permission'].includes('authenticated');
    return { id: plain.operationId, open, roles: roles.length === 0 ? null : roles, schema, ...more };
}

function setupOf(server, port, claims) {
    const document = openapi();
    const next = 'select e.no, e.transfer_id'; // the page after a cursor is the same statement with its line
    const entries = statement('listEntries');
    if (!entries.startsWith(next)) throw new Error('listEntries has changed: look at the page after a cursor in peer.mjs');
    return {
        port, secret, issuer: claims.iss, audience: claims.aud, processes: Math.min(4, availableParallelism()), connections: 8,
        database: { host: server.cluster.socket, port: Number(process.env.LINLI_TEST_PGPORT ?? 5432), user: 'linli_app', database: server.database },
        statements: { settings: engine('settings'), claim: engine('claim'), principal: engine('principal') },
        operations: {
            getUnit: operationOf(document, 'get', '/units/{unit_id}', 200, { text: statement('getUnit') }),
            listEntries: operationOf(document, 'get', '/accounts/{account_id}/entries', 200, {
                text: entries,
                next: entries.replace('$2::bigint', '$3::bigint').replace('$1::uuid', '$1::uuid\n  and e.no < ($2::jsonb->>0)::bigint'),
            }),
            evaluateServiceRecord: operationOf(document, 'post', '/service-records/{service_record_id}/evaluation', 201,
                { text: statement('evaluateServiceRecord', { keyed: true }) }),
        },
    };
}

function answers(port) {
    return new Promise((resolve) => {
        const request = httpRequest({ host: '127.0.0.1', port, path: '/api/v1/units/x', agent: false }, (reply) => {
            reply.resume();
            resolve(reply.statusCode > 0);
        });
        request.on('error', () => resolve(false));
        request.end();
    });
}

// startPeer(t, server, token) → {port, pid}
export async function startPeer(t, server, token) {
    const port = await freePort();
    const file = join(server.folder, 'peer.json');
    writeFileSync(file, JSON.stringify(setupOf(server, port, claimsOf(token))));
    const log = openSync(join(server.folder, 'peer.log'), 'a');
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, join(house, 'tests/bench/peer/server.mjs'), file],
        { stdio: ['ignore', log, log], env: { ...process.env, NODE_ENV: 'production' } });
    closeSync(log);
    t.after(() => child.kill('SIGTERM'));
    await until(() => answers(port), 30, 'the fastify peer');
    return { port, pid: child.pid };
}
