// Calls made from the schemas: those that the contract allows are answered 2xx in at least half of the cases, and no call at
// all gets a 5xx, a reply that the contract does not describe, or kills the server.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import fc from 'fast-check';
import { newKey } from '../lib/client.mjs';
import { rounds, seed } from '../lib/random.mjs';
import { startServer } from '../lib/server.mjs';
import { Callers, Pools } from './callers.mjs';
import { base, deref, engineStatuses, faultOf, operations } from './contract.mjs';
import { arbitrary } from './samples.mjs';

const bySession = new Set(['login', 'refreshSession', 'logout']); // they end or begin sessions: their stories are in tests/api
const tally = { good: 0, all: 0 };
let server;
let callers;
let pools;

before(async () => {
    server = await startServer();
    callers = new Callers(server);
    pools = await Pools.read(server);
    const own = { account: '/accounts', redemption: '/redemptions', service_record: '/service-records', case: '/mediation-cases' };
    for (const [name, path] of Object.entries(own)) await pools.prefer(await callers.login('community_worker'), name, path);
    for (const [name, path] of Object.entries(own)) await pools.prefer(await callers.login('resident'), name, path);
});
after(() => server?.stop());

const engineOwn = new Set(['cursor', 'preview']); // only the server can make one; a dry run is tested by its stories

function requests(operation) {
    const shape = {};
    for (const parameter of operation.parameters) {
        if (parameter.in === 'header' || engineOwn.has(parameter.name)) continue;
        const values = arbitrary(parameter.schema, parameter.name, pools);
        const optional = parameter.required || parameter.in === 'path' ? values : fc.option(values, { freq: 1, nil: undefined });
        shape[parameter.name] = optional;
    }
    return fc.record({ parameters: fc.record(shape), body: operation.body ? arbitrary(operation.body, '', pools) : fc.constant(undefined) });
}

function targetOf(operation, parameters) {
    const path = operation.path.replace(/\{([^}]+)\}/g, (_, name) => encodeURIComponent(parameters[name]));
    const query = operation.parameters.filter((one) => one.in === 'query' && parameters[one.name] !== undefined)
        .map((one) => `${one.name}=${encodeURIComponent(parameters[one.name])}`);
    return base + path + (query.length > 0 ? `?${query.join('&')}` : '');
}

async function currentTag(operation, session, target) {
    if (!operation.node['x-if-match']) return {};
    const reply = await session.request('GET', target);
    return { 'If-Match': reply.headers.etag ?? '"0"' };
}

async function send(operation, session, { parameters, body }) {
    const target = targetOf(operation, parameters);
    const headers = await currentTag(operation, session, target.split('?')[0]);
    if (operation.parameters.some((one) => one.name === 'Idempotency-Key')) headers['Idempotency-Key'] = newKey();
    return session.request(operation.method, target, { body, headers });
}

function judge(operation, reply) {
    const response = deref(operation.node.responses[String(reply.status)]);
    assert.ok(reply.status < 500, `${reply.status} ${reply.text}`);
    assert.ok(response || engineStatuses.includes(reply.status), `${reply.status} is not documented: ${reply.text}`);
    if (reply.status >= 300) {
        assert.equal(faultOf({ $ref: '#/components/schemas/Problem' }, reply.body), null, reply.text);
        return;
    }
    const schema = response.content?.['application/json']?.schema;
    if (schema) assert.equal(faultOf(schema, reply.body), null, reply.text);
}

const options = (numRuns) => ({ numRuns, seed: seed | 0, endOnFailure: true });

for (const operation of operations.filter((one) => !bySession.has(one.id) && !one.bytes)) {
    test(`${operation.id}: calls that the contract allows`, async () => {
        const sessions = await callers.allowed(operation);
        const runs = rounds(operation.method === 'GET' ? 16 : 6);
        let good = 0;
        let all = 0;
        await fc.assert(fc.asyncProperty(requests(operation), fc.nat({ max: sessions.length - 1 }), async (request, caller) => {
            const reply = await send(operation, sessions[caller], request);
            all += 1;
            good += reply.status < 300 ? 1 : 0;
            judge(operation, reply);
        }), options(runs));
        tally.good += good;
        tally.all += all;
    });
}

test('at least half of the allowed calls were answered 2xx', (t) => {
    t.diagnostic(`${tally.good} of ${tally.all}`);
    assert.ok(tally.all > 0);
    assert.ok(tally.good * 2 >= tally.all, `${tally.good} of ${tally.all}`);
});

for (const operation of operations.filter((one) => one.body)) {
    test(`${operation.id}: any JSON at all is answered as documented`, async () => {
        const [session] = await callers.allowed(operation);
        const known = Object.keys(deref(operation.body).properties);
        const anyObject = fc.dictionary(fc.oneof(fc.constantFrom(...known), fc.string({ maxLength: 8 })), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6 });
        const parameters = Object.fromEntries(operation.parameters.filter((one) => one.in === 'path')
            .map((one) => [one.name, fc.sample(arbitrary(one.schema, one.name, pools), { numRuns: 1, seed: seed | 0 })[0]]));
        await fc.assert(fc.asyncProperty(anyObject, async (body) => {
            const reply = await send(operation, session, { parameters, body });
            judge(operation, reply);
            if (faultOf(operation.body, body)) assert.equal(reply.status >= 400, true, `accepted: ${JSON.stringify(body)}`);
        }), options(rounds(8)));
    });
}
