// Signing in and out, and rights that end within a second.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { client } from '../../lib/client.mjs';
import { linli } from '../../lib/command.mjs';
import { startServer, until } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { asIntruder, done, person, refused, signedIn, today } from '../story.mjs';

let server;
let as;
before(async () => {
    server = await startServer();
    as = signedIn(server);
});
after(() => server?.stop());

const logIn = (user_name, password) => client(server).anyone.post('/auth/login', { user_name, password });

// What the session may do ends within a second after the statement was committed.
async function endsWithinASecond(session, path, status, statement, values) {
    assert.equal((await session.get(path)).status, 200);
    await asOwner(server, statement, values);
    const start = Date.now();
    await until(async () => (await session.get(path)).status === status, 5, `status ${status}`);
    assert.ok(Date.now() - start < 1000, `it took ${Date.now() - start} ms`);
}

test('what everyone may know before signing in', async () => {
    const system = done(await client(server).anyone.get('/system'));
    assert.deepEqual([system.demo, system.city], [true, '岑溪市']);
    assert.ok(Math.abs(Date.parse(system.now) - Date.now()) < 60_000);
    assert.match(system.contact_phone, /^100/);
});

test('who I am, where I live and what I may do where', async () => {
    const me = done(await (await as('community_worker')).get('/me'));
    assert.deepEqual([me.person.name, me.user_name, me.unit.kind], ['邓美玲', 'community_worker', 'building']);
    assert.deepEqual(me.grants.map((grant) => grant.role).toSorted(), ['community_worker', 'resident']);
    const worker = me.grants.find((grant) => grant.role === 'community_worker');
    assert.deepEqual([worker.unit.name, worker.valid_to], ['孝坊社区', null]);
    for (const operation of ['createHead', 'collectRedemption', 'createServiceRecord']) {
        assert.ok(worker.operations.includes(operation) && me.operations.includes(operation), operation);
    }
    assert.ok(me.operations.includes('getMe') && !me.operations.includes('createAppointment'));
    assert.deepEqual(me.operations, me.operations.toSorted());
    await asOwner(server, "update access.grant set valid = daterange(lower(valid), core.today() + 5) where person_id = $1 and role = 'city_officer'", [person('city_officer')]);
    const officer = done(await (await as('city_officer')).get('/me'));
    assert.equal(officer.grants.find((grant) => grant.role === 'city_officer').valid_to, today(4), 'the last day, not the one after');
    const resident = done(await (await as('resident')).get('/me'));
    assert.ok(!resident.operations.includes('listPeople'));
});

test('unknown, wrong and disabled answer alike', async () => {
    const replies = [await logIn('nobody.at.all', 'wrong'), await logIn('guardian', 'wrong')];
    await asOwner(server, "update access.login set disabled = true where user_name = 'guardian'");
    replies.push(await logIn('guardian', 'linli-demo-2026'));
    for (const reply of replies) {
        refused(reply, 401, 'wrong_credentials');
        assert.equal(reply.headers['set-cookie'], undefined);
        assert.deepEqual({ ...reply.body, request_id: '' }, { ...replies[0].body, request_id: '' });
    }
});

test('the cookie is turned at every use; an old one, used later, ends the whole family', async () => {
    const session = await client(server).login('volunteer');
    const [cookie] = session.loginReply.headers['set-cookie'];
    assert.match(cookie, /^linli_refresh=[^;]+;.*HttpOnly/i);
    assert.match(cookie, /SameSite=Strict/i);
    assert.deepEqual([session.loginReply.body.token_type, session.loginReply.body.expires_in], ['Bearer', 600]);
    const first = session.cookies.get('linli_refresh');
    const renewed = done(await session.post('/auth/refresh'));
    assert.notEqual(session.cookies.get('linli_refresh'), first);
    assert.equal((await client(server).session(renewed.access_token).get('/me')).status, 200);
    // two tabs at once: for ten seconds the one before is still good
    const old = { headers: { Cookie: `linli_refresh=${first}` } };
    done(await client(server).anyone.post('/auth/refresh', undefined, old));
    await asOwner(server, "update access.refresh_token set replaced_at = replaced_at - interval '11 seconds' where replaced_at is not null");
    refused(await client(server).anyone.post('/auth/refresh', undefined, old), 401, 'session_ended');
    refused(await session.post('/auth/refresh'), 401, 'session_ended');
    await until(async () => (await session.get('/me')).status === 401, 1, 'the access token to end with its session');
    refused(await client(server).anyone.post('/auth/refresh'), 401, 'session_ended');
});

test('signing out ends the session on the server, for every token that came from it', async () => {
    const session = await client(server).login('volunteer');
    const { access_token: second } = done(await session.post('/auth/refresh'));
    const kept = session.cookies.get('linli_refresh');
    const out = await session.post('/auth/logout');
    assert.equal(out.status, 204);
    assert.equal(out.text, '');
    assert.equal(session.cookies.get('linli_refresh'), undefined);
    for (const token of [session.token, second]) {
        await until(async () => (await client(server).session(token).get('/me')).status === 401, 1, 'the token to end');
    }
    refused(await client(server).anyone.post('/auth/refresh', undefined, { headers: { Cookie: `linli_refresh=${kept}` } }), 401, 'session_ended');
});

test('five wrong passwords lock the login for a while, not for ever', async () => {
    for (let attempt = 0; attempt < 5; attempt += 1) assert.equal((await logIn('auditor', 'wrong')).status, 401);
    const locked = await logIn('auditor', 'linli-demo-2026');
    refused(locked, 429, 'login_locked');
    const wait = Number(locked.headers['retry-after']);
    assert.ok(wait > 0 && wait <= 60, `${wait} s`);
    await asOwner(server, "update access.login_failure set locked_until = core.app_now() where name_digest = access.name_digest('auditor')");
    assert.equal((await logIn('auditor', 'linli-demo-2026')).status, 200);
    const left = await asOwner(server, "select from access.login_failure where name_digest = access.name_digest('auditor')");
    assert.equal(left.length, 0);
});

// All that a stranger can see of a name, wrong password after wrong password: but for the request's own id.
async function seenOf(name) {
    const seen = [];
    for (let attempt = 0; attempt < 7; attempt += 1) {
        const { status, headers, body } = await logIn(name, 'wrong');
        seen.push({ status, names: Object.keys(headers).sort(), body: { ...body, request_id: '' } });
    }
    return seen;
}

test('wrong passwords answer alike whether a name is known, unknown or disabled', async () => {
    await asOwner(server, "select access.set_disabled('city_leader', true)");
    const known = await seenOf('town_officer');
    assert.deepEqual(known.map((reply) => reply.status), [401, 401, 401, 401, 401, 429, 429]);
    assert.deepEqual(await seenOf('nobody_at_all'), known);
    assert.deepEqual(await seenOf('city_leader'), known);
    const spelt = await logIn('TOWN_OFFICER', 'linli-demo-2026');
    refused(spelt, 429, 'login_locked');
});

test('a grant taken away in the database ends within a second on a running server', async () => {
    await endsWithinASecond(await as('community_worker'), '/people', 403, 'delete from access.grant where person_id = $1 and role = $2', [person('community_worker'), 'community_worker']);
    await endsWithinASecond(await as('head'), '/people', 403, 'update access.grant set valid = daterange(lower(valid), core.today()) where person_id = $1 and role = $2', [person('head'), 'head']);
});

test('a session that is revoked, or whose login is disabled, ends within a second', async () => {
    await endsWithinASecond(await as('elder'), '/me', 401,
        "update access.login_session set revoked_at = core.app_now(), revoked_because = 'signed_out' where person_id = $1", [person('elder')]);
    await endsWithinASecond(await as('neighbour'), '/me', 401, 'update access.login set disabled = true where person_id = $1', [person('neighbour')]);
});

test('no password, token or hash is in the log or the audit', async () => {
    const session = await client(server).login('volunteer');
    const log = server.log();
    for (const secret of ['linli-demo-2026', session.token.split('.')[2], session.cookies.get('linli_refresh')]) assert.ok(!log.includes(secret));
    const payloads = await asIntruder(server, "copy (select coalesce(before::text, '') || coalesce(after::text, '') from core.audit_payload p join core.audit_record r on r.id = p.audit_id where r.table_name like 'access.%') to stdout");
    assert.ok(payloads.length > 1000 && !payloads.includes('argon2'));
    assert.equal((await linli(server, ['user', 'list'])).stdout.includes('argon2'), false);
});
