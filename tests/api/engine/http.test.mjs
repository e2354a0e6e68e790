// What HTTP promises: languages, tags, methods, pages, keys.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { client, newKey } from '../../lib/client.mjs';
import { startServer } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { demoId, done, person, refused, signedIn, today } from '../story.mjs';

let server;
let as;
let worker;
before(async () => {
    server = await startServer();
    as = signedIn(server);
    worker = await as('community_worker');
});
after(() => server?.stop());

const unit = `/units/${demoId('community 1')}`;

test('a refusal speaks the language that was asked for, Chinese when in doubt', async () => {
    for (const [accept, language] of [[null, 'zh-CN'], ['en', 'en'], ['en-GB, zh;q=0.5', 'en'], ['en;q=0.1, zh-CN;q=0.9', 'zh-CN'], ['de', 'zh-CN'], ['fr, en;q=0.3', 'en'], ['en;q=0', 'zh-CN']]) {
        const reply = await worker.get('/units/no-id', { headers: { 'Accept-Language': accept } });
        refused(reply, 422, 'invalid_input');
        assert.equal(reply.headers['content-language'], language, accept);
        assert.equal(/\p{Script=Han}/u.test(reply.text), language === 'zh-CN', accept);
    }
});

test('a tag saves the body until something changes, and the day is part of it', async () => {
    const read = await worker.get(unit);
    const ask = (tag, path = unit) => worker.get(path, { headers: { 'If-None-Match': tag } });
    for (const tag of [read.headers.etag, `W/${read.headers.etag}`, `"nothing", ${read.headers.etag}`, '*']) {
        const reply = await ask(tag);
        assert.deepEqual([reply.status, reply.text], [304, ''], tag);
    }
    assert.equal((await ask('"nothing"')).status, 200);
    assert.equal((await ask(read.headers.etag, `${unit}?as_of=${today(-1)}`)).status, 200);
    const officer = await as('town_officer');
    done(await officer.patch(unit, { contact_phone: '1007 200 001' }, { headers: { 'If-Match': read.headers.etag } }));
    assert.equal((await ask(read.headers.etag)).status, 200);
});

test('HEAD is GET without the body; OPTIONS and 405 name the methods', async () => {
    const get = await worker.get(`${unit}?as_of=2022-07-01`);
    const head = await worker.request('HEAD', `/api/v1${unit}?as_of=2022-07-01`);
    assert.deepEqual([head.status, head.text, head.headers['content-length'], head.headers.etag], [200, '', get.headers['content-length'], get.headers.etag]);
    assert.equal((await worker.request('HEAD', '/api/v1/units/no-id')).status, 422);
    for (const [path, methods] of [['/units', 'GET, HEAD, POST, OPTIONS'], ['/auth/login', 'POST, OPTIONS'], [unit, 'GET, HEAD, PATCH, OPTIONS']]) {
        const options = await worker.request('OPTIONS', `/api/v1${path}`);
        assert.deepEqual([options.status, options.headers.allow, options.text], [204, methods, '']);
        const other = await worker.delete(path);
        refused(other, 405, 'method_not_allowed');
        assert.equal(other.headers.allow, methods);
    }
    refused(await worker.request('OPTIONS', '/api/v1/nothing'), 404, 'not_found');
});

test('every page of every list, whatever its size, is the same list', async () => {
    const volunteer = await as('volunteer');
    for (const [session, path, sizes] of [[worker, '/heads', [1, 7, 200]], [volunteer, '/service-records?as=volunteer', [1, 5]], [worker, '/people?unit=' + demoId('compound 1'), [13, 50]]]) {
        const [whole, ...others] = await Promise.all([200, ...sizes].map((size) => session.all(path, size)));
        assert.ok(whole.length > 10, path);
        for (const list of others) assert.deepEqual(list, whole, path);
    }
    // a page that was begun is not disturbed by what is added meanwhile, and a cursor fits its own list only
    const first = done(await worker.get('/heads?limit=5'));
    refused(await worker.get(`/groups?cursor=${first.next_cursor}`), 422, 'invalid_input');
    refused(await worker.get(`/heads?cursor=${first.next_cursor.slice(0, -2)}AA`), 422, 'invalid_input');
    refused(await worker.get('/heads?limit=201&limits=3&as_of=2026-02-30'), 422, 'invalid_input');
});

test('an idempotency key belongs to one person and one request; a refusal is judged anew', async () => {
    const key = newKey();
    const option = { headers: { 'Idempotency-Key': key } };
    const group = { kind: 'neighbour_help', name: '同名小组', unit_id: demoId('compound 1') };
    const made = await worker.post('/groups', group, option);
    done(made, 201);
    const again = await worker.post('/groups', group, option);
    assert.deepEqual([again.status, again.text, again.headers.location, again.headers.etag], [201, made.text, made.headers.location, made.headers.etag]);
    refused(await worker.post('/groups', { ...group, name: '别的' }, option), 422, 'key_reused');
    refused(await worker.post('/heads', { kind: 'building_head', unit_id: demoId('compound 1'), person_id: person('head'), basis: 'elected' }, option), 422, 'key_reused');
    const other = done(await (await as('community_secretary')).post('/groups', group, option), 201);
    assert.notEqual(other.id, made.body.id);
    // refused first, then the state changes: the same key is judged by what is so now
    const late = { headers: { 'Idempotency-Key': newKey() } };
    const head = { kind: 'building_head', unit_id: demoId('building 1.4'), person_id: demoId('person 2'), basis: 'elected', valid_from: today(5) };
    refused(await worker.post('/heads', head, late), 409, 'head_taken');
    const [old] = done(await worker.get(`/heads?unit=${demoId('building 1.4')}`)).items;
    done(await worker.post(`/heads/${old.id}/end`, { last_day: today(4) }));
    done(await worker.post('/heads', head, late), 201);
    for (const bad of ['short', 'with space 123', 'x'.repeat(129)]) refused(await worker.post('/groups', group, { headers: { 'Idempotency-Key': bad } }), 422, 'invalid_input');
});

test('who did what is in the audit with operation and request id, and a refused write left nothing', async () => {
    const before = (await asOwner(server, 'select count(*)::int as n from groups."group"'))[0].n;
    const made = await worker.post('/groups', { kind: 'self_governance', name: '账目小组', unit_id: demoId('compound 20') });
    const id = done(made, 201).id;
    const rows = await asOwner(server, `select person_id, operation, request_id, action from core.audit_record where table_name = 'groups.group' and row_key like '%' || $1 || '%'`, [id]);
    assert.deepEqual(rows, [{ person_id: person('community_worker'), operation: 'createGroup', request_id: made.headers['x-request-id'], action: 'insert' }]);
    const wrong = await worker.post('/groups', { id, kind: 'self_governance', name: '再来', unit_id: demoId('compound 20') });
    refused(wrong, 409, 'id_taken');
    const [{ n }] = await asOwner(server, 'select count(*)::int as n from core.audit_record where request_id = $1', [wrong.headers['x-request-id']]);
    assert.equal(n, 0);
    assert.equal((await asOwner(server, 'select count(*)::int as n from groups."group"'))[0].n, before + 1);
});

test('health, readiness, the contract and the page of problems need no token', async () => {
    const { anyone } = client(server);
    for (const path of ['/healthz', '/readyz', '/openapi.json', '/docs/problems']) assert.equal((await anyone.request('GET', path)).status, 200, path);
    const page = (await anyone.request('GET', '/docs/problems')).text;
    for (const name of ['not_found', 'seats_taken', 'mediation_refused', 'out_of_stock']) assert.ok(page.includes(`id="${name}"`), name);
});
