// The contract is clean, and what the server serves is what Redocly makes of the same file.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { client } from '../lib/client.mjs';
import { house } from '../lib/places.mjs';
import { run } from '../lib/process.mjs';
import { serverFor } from '../lib/server.mjs';
import { bundle, deref, operations } from './contract.mjs';

const redocly = join(house, 'tests/node_modules/.bin/redocly');
const quiet = { cwd: house, seconds: 120, env: { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', CI: '1' } };

test('redocly lint has nothing to say', async () => {
    const result = await run(redocly, ['lint', '--format=json', 'openapi.yaml'], quiet);
    const { totals, problems } = JSON.parse(result.stdout.slice(result.stdout.indexOf('{')));
    const said = problems.map((problem) => `${problem.ruleId} ${problem.location[0]?.pointer}: ${problem.message}`).join('\n');
    assert.equal(totals.errors + totals.warnings, 0, said);
});

test('the bundle that the server serves equals redocly bundle', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const made = join(folder, 'openapi.json');
    const result = await run(redocly, ['bundle', 'openapi.yaml', '-o', made], quiet);
    assert.equal(existsSync(made), true, result.stderr);
    const server = await serverFor(t);
    const served = await client(server).anyone.request('GET', '/openapi.json');
    assert.equal(served.status, 200);
    assert.deepEqual(served.body, JSON.parse(readFileSync(made, 'utf8')));
    assert.deepEqual(served.body, bundle);
});

test('every operation says what every operation must say', () => {
    for (const { id, node, permission, method, parameters } of operations) {
        assert.ok(node.summary, `${id} has no summary`);
        assert.equal(node.tags?.length, 1, `${id} has no tag`);
        assert.ok(node.responses.default, `${id} has no default response`);
        if (permission[0] !== 'anyone') assert.ok(node.responses['401'], `${id} does not document 401`);
        if (!['anyone', 'authenticated'].includes(permission[0])) assert.ok(node.responses['403'], `${id} does not document 403`);
        if (parameters.some((one) => one.in === 'path')) assert.ok(node.responses['404'] || method === 'GET', `${id} does not document 404`);
        if (node.requestBody) assert.ok(node.responses['422'], `${id} does not document 422`);
        if (node['x-if-match'] === 'required') assert.ok(node.responses['412'] && node.responses['428'], `${id}: 412 and 428`);
    }
});

test('replies name every property, null instead of absence', () => {
    const seen = new Set();
    const visit = (node, where) => {
        const schema = deref(node);
        if (seen.has(schema)) return;
        seen.add(schema);
        if (schema.properties) {
            assert.deepEqual([...(schema.required ?? [])].sort(), Object.keys(schema.properties).sort(), where);
            for (const [name, child] of Object.entries(schema.properties)) visit(child, `${where}.${name}`);
        }
        if (schema.items) visit(schema.items, `${where}[]`);
    };
    for (const { id, node } of operations) {
        for (const [status, response] of Object.entries(node.responses)) {
            const media = deref(response).content?.['application/json'];
            if (/^2/.test(status) && media) visit(media.schema, id);
        }
    }
});
