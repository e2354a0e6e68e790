// Wrong requests that are well framed: each class its problem, JSON read strictly, paths that lead nowhere, ids of others, texts
// that stay texts — and the database as it was.
import assert from 'node:assert/strict';
import test from 'node:test';
import { client } from '../lib/client.mjs';
import { connect } from '../lib/cluster.mjs';
import { inParallel } from '../lib/process.mjs';
import { serverFor, startServer, until } from '../lib/server.mjs';
import { asOwner } from '../lib/sql.mjs';
import { demoId, person, today } from '../api/story.mjs';
import { assertAlive, assertDiscreet, assertGuarded, assertProblem, digestOf } from './proof.mjs';

const nobody = '01941f29-7c00-7000-8000-00000000abcd';
const json = { 'Content-Type': 'application/json' };

// What is wrong with a body. [name, body, statuses]
const bodies = [
    ['nothing', '', [400, 422]], ['half an object', '{"kind":', [400]], ['a key twice', '{"kind":"neighbour_help","kind":"self_governance"}', [400]],
    ['a key twice, once escaped', '{"kind":"neighbour_help","\\u006bind":"self_governance"}', [400]], ['33 deep', `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`, [400]],
    ['3 000 deep', '['.repeat(3000) + ']'.repeat(3000), [400]], ['100 000 deep', '['.repeat(100_000), [400, 413]], ['an array', '[]', [400, 422]], ['a text', '"x"', [400, 422]], ['null', 'null', [400, 422]],
    ['a number', '1', [400, 422]], ['NUL in a text', '{"name":"a\\u0000b"}', [400, 422]], ['a raw NUL', '{"name":"a\0b"}', [400]], ['a raw newline in a text', '{"name":"a\nb"}', [400]],
    ['half a surrogate', '{"name":"\\ud800"}', [400]], ['surrogates in the wrong order', '{"name":"\\udc00\\ud800"}', [400]], ['broken UTF-8', Buffer.from([...Buffer.from('{"name":"'), 0xc3, 0x28, ...Buffer.from('"}')]), [400]],
    ['overlong UTF-8', Buffer.from([...Buffer.from('{"name":"'), 0xc0, 0xae, ...Buffer.from('"}')]), [400]], ['a surrogate in UTF-8', Buffer.from([...Buffer.from('{"name":"'), 0xed, 0xa0, 0x80, ...Buffer.from('"}')]), [400]],
    ['a byte-order mark', '\ufeff{}', [400]], ['UTF-16', Buffer.from('{}', 'utf16le'), [400]], ['something behind', '{} x', [400]], ['two documents', '{}{}', [400]], ['a comma too many', '{"kind":"x",}', [400]],
    ['single quotes', "{'kind':'x'}", [400]], ['a comment', '{/* */}', [400]], ['NaN', '{"a":NaN}', [400]], ['a leading zero', '{"a":01}', [400]], ['a plus', '{"a":+1}', [400]], ['1e999', '{"a":1e999}', [400, 422]],
    ['20 001 values', `{"a":[${'1,'.repeat(20_001)}1]}`, [400, 413, 422]], ['XML', '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', [400]],
];

// A field of a service record, wrong in its number. [value as it stands in the JSON]
const numbers = ['1.5', '1.0', '1e1', '-1', '0', '721', '9007199254740993', '9223372036854775808', '-9223372036854775809', '1e400', '"60"', 'true', 'null', '[60]', '{}'];

// Paths that lead out of the house, or look as if.
const ways = ['/../../../../etc/passwd', '/..%2f..%2f..%2fetc%2fpasswd', '/%2e%2e/%2e%2e/%2e%2e/etc/passwd', '/%252e%252e/%252e%252e/etc/passwd', '/..%252f..%252fetc/passwd', '/assets/../../package.json',
    '/assets/%2e%2e/%2e%2e/package.json', '//etc/passwd', '/./etc/passwd', '/.git/config', '/keys/token.current', '/%c0%ae%c0%ae/etc/passwd', '/..;/etc/passwd', '/index.html/../../etc/passwd', '/docs/../../main.c',
    '/docs/%2e%2e/%2e%2e/main.c', '/api/v1/../healthz', '/api/v1/%2e%2e/healthz', '/api/v1/units/..%2fme', '/api/v1/units/%2e%2e/me', '/api/v1/units/../me', '/api/v1//me', '/api//v1/me', '/api/v1/me/', '/API/V1/ME',
    '/api/v1/units/%252e%252e', '/api/v1/%75nits%2f', '/file:///etc/passwd', '/etc/passwd%20', '/%e2%80%ae', '/proc/self/environ', '/migrations/0001_core.sql', '/linli.conf'];

const scripts = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '=HYPERLINK("http://evil","x")', '+1+cmd|\' /C calc\'!A0', '@SUM(1+1)', "'; drop table people.person; --", '{{7*7}}${7*7}', '../../etc/passwd', '%s%n%x', '\u202e反转\u200b', '𠮷😀e\u0301', '\\u0000"\\'];

test('requests', { concurrency: false }, async (t) => {
    const server = await serverFor(t);
    const c = client(server);
    const [resident, worker, workerB, mediatorB, secretary, administrator, volunteer] =
        await Promise.all(['resident', 'community_worker', 'community_worker_b', 'mediator_b', 'community_secretary', 'administrator', 'volunteer'].map((user) => c.login(user)));
    const caseId = (await resident.get('/mediation-cases?limit=1')).body.items[0].id;
    const recordId = (await volunteer.get('/service-records?limit=1')).body.items[0].id;
    const groupId = (await worker.post('/groups', { kind: 'neighbour_help', name: '安全测试组', unit_id: demoId('building 1.3') })).body.id;
    const [{ id: account }] = await asOwner(server, `select a.id from points.account a join orgs.unit u on u.id = a.unit_id
        where a.kind = 'personal' and u.territory_path <@ (select t.territory_path from orgs.unit t where t.id = $1) limit 1`, [demoId('community 2')]);
    const before = await digestOf(server);

    await t.test('every class of refusal has its problem', async () => {
        const unit = `/units/${demoId('community 1')}`;
        const cases = [
            [400, 'invalid_json', () => worker.post('/groups', '{', { headers: json })],
            [401, 'unauthenticated', () => c.anyone.get('/me')],
            [403, 'forbidden', () => resident.post('/units', { kind: 'building', name: 'x', territory_parent_id: demoId('compound 1') })],
            [404, 'not_found', () => worker.get(`/groups/${nobody}`)],
            [404, 'not_found', () => worker.get('/no-such-thing')],
            [405, 'method_not_allowed', () => worker.delete('/groups')],
            [406, 'not_acceptable', () => worker.get('/me', { headers: { Accept: 'image/png' } })],
            [409, 'served_oneself', () => worker.post('/service-records', { volunteer_id: person('resident'), served_person_id: person('resident'), kind: 'elder_care', minutes: 60, served_on: today() })],
            [412, 'version_mismatch', () => secretary.patch(unit, { contact_phone: '1000' }, { headers: { 'If-Match': '"1"' } })],
            [413, 'body_too_large', () => worker.post('/groups', `{"name":"${'x'.repeat(1_100_000)}"}`, { headers: json })],
            [414, 'uri_too_long', () => worker.get(`/units?q=${'x'.repeat(5000)}`)],
            [415, 'unsupported_media_type', () => worker.post('/groups', '{}', { headers: { 'Content-Type': 'text/plain' } })],
            [415, 'unsupported_media_type', () => worker.post('/groups', '{}')],
            [422, 'invalid_input', () => worker.post('/groups', { kind: 'x', name: '', unit_id: 'x', extra: 1 })],
            [422, 'invalid_input', () => worker.get('/groups?limit=0&unit=x&nothing=1')],
            [428, 'if_match_required', () => secretary.patch(unit, { contact_phone: '1000' })],
            [431, 'headers_too_large', () => worker.get('/me', { headers: { 'X-A': 'x'.repeat(8500) } })],
        ];
        for (const [status, name, call] of cases) {
            const reply = await call();
            assertProblem(reply, status, name);
            if (status === 405) assert.equal(reply.headers.allow.includes('GET'), true, reply.headers.allow);
        }
        const all = (await worker.post('/groups', { kind: 'x', name: '', unit_id: 'x', extra: 1 })).body.errors.map((error) => error.pointer).sort();
        assert.deepEqual(all, ['/extra', '/kind', '/name', '/unit_id']);
    });

    await t.test(`${bodies.length} bodies that are no good JSON`, async () => {
        for (const [name, body, statuses] of bodies) {
            const reply = await worker.post('/groups', body, { headers: json });
            assert.ok(statuses.includes(reply.status), `${name}: ${reply.status} ${reply.text}`);
            assertProblem(reply, reply.status);
        }
        for (const number of numbers) {
            const body = `{"served_person_id":"${person('elder')}","volunteer_id":"${person('volunteer')}","kind":"elder_care","minutes":${number},"served_on":"${today()}"}`;
            const reply = await worker.post('/service-records', body, { headers: json });
            assert.ok([400, 422].includes(reply.status), `minutes ${number}: ${reply.status} ${reply.text}`);
            if (reply.status === 422) assert.deepEqual(reply.body.errors.map((error) => error.pointer), ['/minutes'], number);
        }
    });

    await t.test('nothing is set that the contract does not offer', async () => {
        for (const extra of ['id', 'version', 'valid', 'state', 'points', 'recorded_by', '__proto__', 'constructor', 'unit.id', 'VOLUNTEER_ID']) {
            const text = JSON.stringify({ served_person_id: person('elder'), kind: 'elder_care', minutes: 60, served_on: today() }).replace('{', `{"${extra}":"x",`);
            assertProblem(await volunteer.post('/service-records', text, { headers: json }), 422, 'invalid_input');
        }
    });

    await t.test(`${ways.length} ways that lead nowhere`, async () => {
        for (const session of [c.anyone, administrator]) {
            for (const way of ways) {
                const reply = await session.request('GET', way);
                assert.ok([400, 401, 404, 405, 422].includes(reply.status), `${way}: ${reply.status}`);
                assertProblem(reply, reply.status);
                assert.doesNotMatch(reply.text, /root:|begin;|create table/);
            }
        }
    });

    await t.test('ids of another community: in the path, the query, the body', async () => {
        const foreign = (await workerB.get(`/groups?unit=${demoId('community 2')}&limit=1`)).body.items[0]?.id ?? nobody;
        for (const reply of await Promise.all([
            worker.get(`/groups/${foreign}`), worker.post(`/groups/${foreign}/members`, { person_id: person('resident') }), worker.get(`/people/${person('resident_b')}`), worker.get(`/accounts/${account}`),
            workerB.get(`/service-records/${recordId}`), workerB.get(`/mediation-cases/${caseId}`), mediatorB.get(`/mediation-cases/${caseId}`), mediatorB.post(`/mediation-cases/${caseId}/consents`, { level: 'community' }),
            mediatorB.post(`/mediation-cases/${caseId}/termination`, {}), administrator.get(`/mediation-cases/${caseId}`), resident.get(`/people/${person('neighbour')}`),
            worker.post('/groups', { kind: 'neighbour_help', name: 'x', unit_id: demoId('compound 2') }), worker.post(`/groups/${groupId}/members`, { person_id: person('resident_b') }),
            worker.post('/heads', { kind: 'building_head', unit_id: demoId('building 2.2'), person_id: person('resident'), basis: 'elected' }),
            worker.post('/service-records', { volunteer_id: person('volunteer'), served_person_id: person('resident_b'), kind: 'elder_care', minutes: 60, served_on: today() }),
            worker.post('/redemptions', { reward_id: demoId('reward 2'), person_id: person('resident_b') }),
        ])) assertProblem(reply, 404, 'not_found');
        for (const path of [`/people?unit=${demoId('community 2')}`, `/accounts?person=${person('resident_b')}`, `/accounts/${account}/entries`, `/redemptions?person=${person('resident_b')}`,
            `/service-records?unit=${demoId('community 2')}`, `/groups?unit=${demoId('community 2')}`, `/heads?unit=${demoId('community 2')}`]) {
            const reply = await worker.get(path);
            assert.deepEqual([reply.status, reply.body.items, reply.body.next_cursor], [200, [], null], path);
        }
    });

    await t.test('cursors: forged, cut, of another list, of another person', async () => {
        const page = (await worker.get('/service-records?limit=2')).body;
        const cursor = page.next_cursor;
        const people = (await worker.get('/people?limit=2')).body.next_cursor;
        const flipped = cursor.slice(0, 10) + (cursor[10] === 'A' ? 'B' : 'A') + cursor.slice(11);
        const plain = Buffer.from(JSON.stringify([today(), nobody])).toString('base64url');
        for (const bad of [flipped, cursor.slice(0, -1), `${cursor}A`, people, plain, 'AAAA', 'A'.repeat(1000), "'%20or%201=1", '%00']) {
            const reply = await worker.get(`/service-records?limit=2&cursor=${bad}`);
            assert.ok([400, 422].includes(reply.status), `${bad}: ${reply.status}`);
            assertProblem(reply, reply.status);
        }
        assert.equal((await worker.get(`/service-records?limit=2&cursor=${cursor}`)).status, 200);
        // Somebody else's cursor says where to go on, never what may be seen.
        const theirs = await workerB.get(`/service-records?limit=200&cursor=${cursor}`);
        assert.equal(theirs.status, 200);
        assert.deepEqual(theirs.body.items.filter((item) => item.unit.id === demoId('community 1')), []);
    });

    await t.test('after all of this the database is as it was', async () => {
        assert.deepEqual(await digestOf(server), before);
        await assertAlive(server);
    });

    await t.test('scripts, formulas and tricks in texts come back as the same texts', async () => {
        await inParallel(3, scripts, async (text) => {
            const same = (reply, at) => {
                assert.ok(reply.status < 300, `${text}: ${reply.status} ${reply.text}`);
                assert.match(reply.headers['content-type'], /^application\/json/);
                assert.doesNotMatch(reply.text, /<script>/.test(text) ? /^\s*</ : /^$/);
                for (const value of at(reply.body)) assert.equal(value, text);
                return reply.body;
            };
            const unit = same(await administrator.post('/units', { kind: 'building', name: text, short_name: text, territory_parent_id: demoId('compound 1'), document_ref: text }), (body) => [body.name, body.short_name]);
            same(await worker.get(`/units/${unit.id}`), (body) => [body.name]);
            const group = same(await worker.post('/groups', { kind: 'neighbour_help', name: text, purpose: text, unit_id: unit.id }), (body) => [body.name, body.purpose, body.unit.name]);
            same(await worker.get(`/groups?unit=${unit.id}`), (body) => [body.items.find((item) => item.id === group.id).name]);
            same(await worker.post('/heads', { kind: 'building_head', unit_id: unit.id, person_id: person('head'), basis: 'elected', document_ref: text }), (body) => [body.document_ref]);
            const opened = same(await secretary.post('/mediation-cases', { kind: 'neighbour', title: text, narrative: text, parties: [{ side: 'first', person_id: person('elder') }, { side: 'second', organization_name: text, position: text }] }), (body) => [body.title]);
            same(await secretary.get(`/mediation-cases/${opened.id}`), (body) => [body.title, body.narrative, body.parties[1].organization_name, body.parties[1].position, body.second_side]);
            const found = await worker.get(`/people?q=${encodeURIComponent(text.slice(0, 40))}`);
            assert.ok([200, 422].includes(found.status), found.text);
            assertDiscreet({ text: '', headers: found.headers });
        });
    });

    await t.test('sealed texts are nowhere in the database in the clear', async () => {
        const tables = ['mediation.mediation_case', 'core.audit_payload', 'core.outbox', 'core.idempotency'];
        for (const table of tables) {
            const [{ n }] = await asOwner(server, `select count(*)::int as n from ${table} t where strpos(t::text, $1) > 0 or strpos(t::text, encode(convert_to($1, 'UTF8'), 'hex')) > 0`, ['=HYPERLINK("http://evil"']);
            // names of units and groups are public and may stand in the audit; the title and narrative of a case may not
            if (!['core.audit_payload', 'core.idempotency'].includes(table)) assert.equal(n, 0, table);
        }
        const [{ m }] = await asOwner(server, `select count(*)::int as m from core.audit_payload p join core.audit_record r on r.id = p.audit_id where r.table_name like 'mediation.%' and strpos(p.after::text, 'HYPERLINK') > 0`);
        assert.equal(m, 0);
    });

    await t.test('every class of answer carries its headers', async () => {
        const tagged = await worker.get(`/units/${demoId('community 1')}`);
        for (const reply of [tagged, await c.anyone.get('/system'), await c.anyone.request('GET', '/healthz'), await c.anyone.request('GET', '/nowhere.png'), await c.anyone.request('OPTIONS', '/api/v1/me', { headers: { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'GET' } }),
            await c.anyone.post('/auth/login', { user_name: 'x', password: 'x' }), await worker.request('HEAD', '/api/v1/me')]) {
            assertGuarded({ ...reply.headers });
            assert.equal(reply.headers['access-control-allow-credentials'], undefined);
            assert.doesNotMatch(reply.headers.server ?? '', /microhttpd|\d/i);
        }
        const kept = await worker.get(`/units/${demoId('community 1')}`, { headers: { 'If-None-Match': tagged.headers.etag } });
        assert.equal(kept.status, 304);
        for (const path of ['/', '/docs/problems']) {
            const page = await c.anyone.request('GET', path, { headers: { Accept: 'text/html' } });
            if (page.status === 404) continue; // no client was built
            const csp = page.headers['content-security-policy'];
            assert.match(csp, /default-src 'self'/);
            assert.match(csp, /frame-ancestors 'none'/);
            assert.doesNotMatch(csp, /unsafe|\*|http:/);
            assert.equal(page.headers['x-content-type-options'], 'nosniff');
            assert.equal(page.headers['referrer-policy'], 'no-referrer');
            assert.doesNotMatch(page.text, /<script>|<script [^>]*(?<!src="[^"]*")>[^<]|style="|onclick=/);
        }
    });

    await t.test('429 and 503 say when to come back', async () => {
        const strict = await startServer({ database: server.database, env: { LINLI_LOGIN_PER_MINUTE: '3' } });
        try {
            const anyone = client(strict).anyone;
            const attempts = [];
            for (let count = 0; count < 4; count += 1) attempts.push(await anyone.post('/auth/login', { user_name: 'flood', password: 'x' }));
            assertProblem(attempts[3], 429, 'too_many_requests');
            assert.ok(Number(attempts[3].headers['retry-after']) > 0);
        } finally {
            await strict.stop();
        }
        const db = await connect('postgres', 'postgres');
        try {
            await db.query(`alter database ${server.database} allow_connections false`);
            await db.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [server.database]);
            const since = Date.now();
            const reply = await until(async () => worker.get('/me').then((one) => (one.status === 503 ? one : null)), 5, 'the lost database to be noticed');
            assert.ok(Date.now() - since < 4000);
            assertProblem(reply, 503);
            assert.ok(Number(reply.headers['retry-after']) > 0);
        } finally {
            await db.query(`alter database ${server.database} allow_connections true`);
            await db.end();
        }
        await until(async () => (await worker.get('/me')).status === 200, 20, 'the server to find its database again');
    });
});
