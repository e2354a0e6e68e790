// One wrong type for every field and parameter: 422, and it is that field which is named.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { newKey } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';
import { Callers } from './callers.mjs';
import { base, deref, operations } from './contract.mjs';
import { example, places, wrongFor } from './samples.mjs';

let server;
let callers;
before(async () => {
    server = await startServer();
    callers = new Callers(server);
});
after(() => server?.stop());

const isNullable = (schema) => [schema.type].flat().includes('null');

function target(operation, change = {}) {
    const path = operation.path.replace(/\{([^}]+)\}/g, (_, name) => {
        const schema = operation.parameters.find((one) => one.name === name).schema;
        return encodeURIComponent(change[name] ?? example(schema));
    });
    return base + path;
}

function headersOf(operation) {
    const headers = {};
    if (operation.node['x-if-match']) headers['If-Match'] = '"1"';
    if (operation.parameters.some((one) => one.name === 'Idempotency-Key')) headers['Idempotency-Key'] = newKey();
    return headers;
}

async function call(operation, session, { path = target(operation), query = '', body, headers = {} } = {}) {
    const sent = body ?? (operation.body ? example(operation.body) : undefined);
    const type = operation.body && typeof sent !== 'object' ? { 'Content-Type': 'application/json' } : {};
    return session.request(operation.method, path + query, { body: sent, headers: { ...type, ...headersOf(operation), ...headers } });
}

function names(reply, wanted) {
    const found = reply.body?.errors?.some((error) => Object.entries(wanted).every(([key, value]) => error[key] === value));
    assert.equal(reply.status, 422, reply.text);
    assert.ok(found, `${JSON.stringify(wanted)} is not named in ${reply.text}`);
}

for (const operation of operations.filter((one) => one.body)) {
    test(`${operation.id}: every field of a wrong type is named`, async () => {
        const [session] = await callers.allowed(operation);
        const right = example(operation.body);
        for (const place of places(operation.body, right)) {
            const reply = await call(operation, session, { body: place.replace(wrongFor(place.schema)) });
            names(reply, { pointer: place.pointer, code: 'type' });
            if (!isNullable(place.schema)) {
                names(await call(operation, session, { body: place.replace(null) }), { pointer: place.pointer, code: 'null' });
            }
        }
        for (const name of deref(operation.body).required ?? []) {
            const { [name]: _gone, ...rest } = right;
            names(await call(operation, session, { body: rest }), { pointer: `/${name}`, code: 'required' });
        }
        names(await call(operation, session, { body: { ...right, no_such_field: 1 } }), { pointer: '/no_such_field', code: 'unknown' });
        names(await call(operation, session, { body: JSON.stringify([right]) }), { pointer: '', code: 'type' });
    });
}

for (const operation of operations) {
    test(`${operation.id}: every wrong parameter is named`, async () => {
        const [session] = await callers.allowed(operation);
        names(await call(operation, session, { query: '?no_such_parameter=1' }), { parameter: 'no_such_parameter', code: 'unknown' });
        for (const parameter of operation.parameters) {
            const schema = deref(parameter.schema);
            const takesAnyText = schema.type === 'string' && !schema.format && !schema.enum && !schema.pattern;
            const wrong = takesAnyText ? 'x'.repeat(schema.maxLength + 1) : '~';
            if (parameter.in === 'path') names(await call(operation, session, { path: target(operation, { [parameter.name]: wrong }) }), { parameter: parameter.name });
            if (parameter.in !== 'query') continue;
            names(await call(operation, session, { query: `?${parameter.name}=${wrong}` }), { parameter: parameter.name });
            names(await call(operation, session, { query: `?${parameter.name}=1&${parameter.name}=1` }), { parameter: parameter.name, code: 'repeated' });
        }
    });
}
