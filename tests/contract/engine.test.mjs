// What the engine answers everywhere, each class of status once, as a problem.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { createDatabase, dropDatabase } from '../lib/cluster.mjs';
import { client } from '../lib/client.mjs';
import { serverFor, startServer, until } from '../lib/server.mjs';
import { base, faultOf } from './contract.mjs';

const nowhere = '01941f29-7c00-7000-8000-00000000abcd';
let server;
let anyone;
let resident;
let officer;
before(async () => {
    server = await startServer();
    ({ anyone } = client(server));
    resident = await client(server).login('resident');
    officer = await client(server).login('city_officer');
});
after(() => server?.stop());

function isProblem(reply, status, name) {
    assert.equal(reply.status, status, reply.text);
    assert.match(reply.headers['content-type'], /^application\/problem\+json/);
    assert.equal(faultOf({ $ref: '#/components/schemas/Problem' }, reply.body), null, reply.text);
    assert.equal(reply.body.status, status);
    assert.equal(reply.body.request_id, reply.headers['x-request-id']);
    if (name) assert.equal(reply.body.type, `/docs/problems#${name}`);
}

async function aUnit() {
    const list = await officer.get('/units?kind=community&limit=1');
    return officer.get(`/units/${list.body.items[0].id}`);
}

test('200 becomes 304 for who has the tag', async () => {
    const unit = await aUnit();
    const again = await officer.get(`/units/${unit.body.id}`, { headers: { 'If-None-Match': unit.headers.etag } });
    assert.equal(again.status, 304);
    assert.equal(again.text, '');
    assert.equal(again.headers.etag, unit.headers.etag);
});

test('400: not JSON', async () => {
    for (const body of ['{', '{"user_name":"a","user_name":"b","password":"c"}', '', '\u{feff}{}']) {
        isProblem(await anyone.post('/auth/login', body, { headers: { 'Content-Type': 'application/json' } }), 400);
    }
});

test('401: no token, not a token', async () => {
    isProblem(await anyone.get('/me'), 401, 'unauthenticated');
    isProblem(await client(server).session('not.a.token').get('/me'), 401, 'unauthenticated');
});

test('403: none of the roles', async () => {
    isProblem(await resident.get('/people'), 403, 'forbidden');
});

test('404: no such path, no such thing', async () => {
    isProblem(await officer.get('/nothing'), 404, 'not_found');
    isProblem(await officer.get(`/units/${nowhere}`), 404, 'not_found');
});

test('405 says what the path knows', async () => {
    const reply = await officer.delete('/units');
    isProblem(reply, 405, 'method_not_allowed');
    assert.match(reply.headers.allow, /\bGET\b.*\bPOST\b/);
});

test('406: a media type that nothing produces', async () => {
    isProblem(await officer.get('/units', { headers: { Accept: 'image/png' } }), 406, 'not_acceptable');
});

test('412 and 428: changed meanwhile, and not asked', async () => {
    const unit = await aUnit();
    isProblem(await officer.patch(`/units/${unit.body.id}`, { contact_phone: null }, { headers: { 'If-Match': '"999999"' } }), 412, 'version_mismatch');
    isProblem(await officer.patch(`/units/${unit.body.id}`, { contact_phone: null }), 428, 'if_match_required');
});

test('413: a body beyond the limit', async () => {
    isProblem(await anyone.post('/auth/login', { user_name: 'x', password: 'x'.repeat(200_000) }), 413);
});

test('414: an address beyond the limit', async () => {
    isProblem(await officer.get(`/units?q=${'x'.repeat(6000)}`), 414, 'uri_too_long');
});

test('415: a media type that the operation does not take', async () => {
    isProblem(await anyone.post('/auth/login', 'user_name=x', { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }), 415, 'unsupported_media_type');
});

test('422 speaks Chinese, and English when asked', async () => {
    const chinese = await anyone.post('/auth/login', { user_name: 5 });
    isProblem(chinese, 422, 'invalid_input');
    assert.deepEqual(chinese.body.errors.map((error) => [error.pointer, error.code]).sort(), [['/password', 'required'], ['/user_name', 'type']]);
    assert.match(chinese.body.errors[0].message, /\p{Script=Han}/u);
    const english = await anyone.post('/auth/login', { user_name: 5 }, { headers: { 'Accept-Language': 'en' } });
    assert.equal(english.headers['content-language'], 'en');
    assert.doesNotMatch(english.text, /\p{Script=Han}/u);
});

test('429: too many logins from one address', async (t) => {
    const strict = await serverFor(t, { env: { LINLI_LOGIN_PER_MINUTE: '2', LINLI_LOGIN_PER_MINUTE_ADDRESS: '2' } });
    const stranger = client(strict).anyone; // one kept connection: every loop of the server counts for itself
    let reply;
    for (let attempt = 0; attempt < 3; attempt += 1) reply = await stranger.post('/auth/login', { user_name: 'nobody', password: 'wrong' });
    isProblem(reply, 429, 'too_many_requests');
    assert.ok(Number(reply.headers['retry-after']) > 0);
});

test('431: header fields beyond the limit', async () => {
    isProblem(await officer.get('/units', { headers: { 'X-Long': 'x'.repeat(8200) } }), 431, 'headers_too_large');
});

test('503: the database is gone, and the server says so within seconds', async () => {
    const database = await createDatabase();
    const lonely = await startServer({ database });
    const session = await client(lonely).login('resident');
    await dropDatabase(database);
    let reply;
    await until(async () => (reply = await session.get('/units')).status === 503, 10, '503');
    isProblem(reply, 503);
    assert.ok(Number(reply.headers['retry-after']) > 0);
    await lonely.stop();
});

test('the base path ends where it ends', async () => {
    assert.equal((await anyone.request('GET', `${base}/units/`)).status, 404);
    assert.equal((await anyone.request('GET', `${base}//units`)).status, 404);
});
