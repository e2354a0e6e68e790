// How a record becomes a login; passwords changed and set anew by two; devices; acting for another, always shown.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { client } from '../../lib/client.mjs';
import { startServer, until } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { demoId, done, nowhere, person, refused, signedIn, today } from '../story.mjs';

let server;
let as;
let worker;
before(async () => {
    server = await startServer();
    as = signedIn(server);
    worker = await as('community_worker');
});
after(() => server?.stop());

const home = demoId('building 1.3');
const redeem = (body) => client(server).anyone.post('/auth/claim', body);
const logIn = (body) => client(server).anyone.post('/auth/login', body);
const newcomer = async (name) => done(await worker.post('/people', { name, unit_id: home }), 201).id;
const newSession = (reply) => client(server).session(done(reply).access_token);

test('a record becomes a login by a code that is handed over once', async () => {
    const id = await newcomer('领码的人');
    refused(await (await as('community_worker_b')).post(`/people/${id}/claim-codes`), 404, 'not_found');
    refused(await worker.post(`/people/${person('community_worker')}/claim-codes`), 409, 'not_for_oneself');
    refused(await worker.post(`/people/${person('resident')}/claim-codes`), 409, 'has_login');
    const first = done(await worker.post(`/people/${id}/claim-codes`), 201);
    const second = done(await worker.post(`/people/${id}/claim-codes`), 201);
    assert.match(second.code, /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    assert.notEqual(first.code, second.code);
    const stored = await asOwner(server, 'select c::text as row from access.claim_code c where person_id = $1', [id]);
    assert.ok(stored.every((row) => !row.row.includes(second.code) && !row.row.includes(second.code.slice(5))));
    const claim = { user_name: 'new.person', password: 'a long enough one', own_device: true, device_name: '我的手机' };
    refused(await redeem({ ...claim, code: first.code }), 401, 'wrong_code'); // the newer one made it worthless
    refused(await redeem({ ...claim, code: second.code.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) }), 401, 'wrong_code');
    assert.equal((await redeem({ ...claim, code: second.code, password: 'short' })).status, 422);
    refused(await redeem({ ...claim, user_name: undefined, code: second.code }), 409, 'user_name_missing');
    refused(await redeem({ ...claim, user_name: 'resident', code: second.code }), 409, 'user_name_taken');
    const claimed = await redeem({ ...claim, code: second.code });
    assert.match(claimed.headers['set-cookie'][0], /Max-Age=15552000/); // half a year on one's own device
    const me = done(await newSession(claimed).get('/me'));
    assert.deepEqual([me.person.id, me.grants.map((grant) => grant.role)], [id, ['resident']]);
    refused(await redeem({ ...claim, user_name: 'another', code: second.code }), 401, 'wrong_code'); // once
    assert.equal((await logIn({ user_name: 'new.person', password: claim.password })).status, 200);
    refused(await worker.post(`/people/${id}/claim-codes`), 409, 'has_login');
    // the dead and the erased get none
    const late = await newcomer('已故的人');
    done(await worker.post(`/people/${late}/death`, { died_on: today(), document_ref: '虚构证明' }), 201);
    refused(await worker.post(`/people/${late}/claim-codes`), 409, 'record_closed');
});

test('five wrong tries use a code up, and a code expires', async () => {
    const id = await newcomer('输错的人');
    const { code } = done(await worker.post(`/people/${id}/claim-codes`), 201);
    const wrong = `${code.slice(0, 5)}0000-0000`;
    for (let i = 0; i < 5; i += 1) refused(await redeem({ code: wrong, user_name: 'unlucky', password: 'a long enough one' }), 401, 'wrong_code');
    refused(await redeem({ code, user_name: 'unlucky', password: 'a long enough one' }), 401, 'wrong_code');
    const { code: other } = done(await worker.post(`/people/${id}/claim-codes`), 201);
    await asOwner(server, "update access.claim_code set expires_at = core.app_now() - interval '1 second' where person_id = $1", [id]);
    refused(await redeem({ code: other, user_name: 'unlucky', password: 'a long enough one' }), 401, 'wrong_code');
});

test('guessing is slowed down, whoever guesses', async (t) => {
    const slow = await startServer({ database: server.database, env: { LINLI_LOGIN_PER_MINUTE: '2' } });
    t.after(() => slow.stop());
    const guess = () => client(slow).anyone.post('/auth/claim', { code: 'AAAA-BBBB-CCCC', password: 'a long enough one' });
    const replies = [await guess(), await guess(), await guess()];
    assert.deepEqual(replies.map((reply) => reply.status), [401, 401, 429]);
    refused(replies[2], 429, 'too_many_requests');
    assert.ok(Number(replies[2].headers['retry-after']) > 0);
});

test('one\'s own password: the old one is asked, every other session ends', async () => {
    const here = await client(server).login('neighbour');
    const there = await client(server).login('neighbour');
    refused(await here.post('/me/password', { current_password: 'not this one', new_password: 'a long enough one' }), 401, 'wrong_credentials');
    assert.equal((await here.post('/me/password', { current_password: 'linli-demo-2026', new_password: 'short' })).status, 422);
    const changed = await here.post('/me/password', { current_password: 'linli-demo-2026', new_password: 'a long enough one' });
    assert.equal(changed.status, 204);
    assert.equal((await here.get('/me')).status, 200);
    await until(async () => (await there.get('/me')).status === 401, 5, 'the other session to be over');
    refused(await logIn({ user_name: 'neighbour', password: 'linli-demo-2026' }), 401, 'wrong_credentials');
    assert.equal((await logIn({ user_name: 'neighbour', password: 'a long enough one' })).status, 200);
    for (let i = 0; i < 5; i += 1) await here.post('/me/password', { current_password: 'wrong again', new_password: 'a long enough one' });
    refused(await here.post('/me/password', { current_password: 'a long enough one', new_password: 'a longer one still' }), 429, 'login_locked');
});

test('a forgotten password takes two of the staff', async () => {
    const who = person('elder');
    const secretary = await as('community_secretary');
    const ask = (session, id = who) => session.post(`/people/${id}/password-resets`, { reason: '本人到窗口，忘记密码' });
    refused(await ask(worker, person('community_worker')), 409, 'not_for_oneself');
    refused(await ask(worker, await newcomer('没有账号的人')), 409, 'no_login');
    refused(await ask(await as('community_worker_b')), 404, 'not_found');
    const reset = done(await ask(worker), 201);
    refused(await ask(secretary), 409, 'already_requested');
    refused(await worker.post(`/password-resets/${reset.id}/approval`), 409, 'second_person_needed');
    refused(await (await as('community_worker_b')).post(`/password-resets/${reset.id}/approval`), 404, 'not_found');
    assert.deepEqual(done(await secretary.get('/password-resets')).items.map((item) => item.id), [reset.id]);
    const before = await client(server).login('elder');
    const { code } = done(await secretary.post(`/password-resets/${reset.id}/approval`), 201);
    refused(await secretary.post(`/password-resets/${reset.id}/approval`), 409, 'wrong_state');
    const session = newSession(await redeem({ code, password: 'elder has a new one' }));
    assert.equal(done(await session.get('/me')).user_name, 'elder');
    await until(async () => (await before.get('/me')).status === 401, 5, 'the session of the old password to be over');
    refused(await logIn({ user_name: 'elder', password: 'linli-demo-2026' }), 401, 'wrong_credentials');
    // nobody approves for themselves, and the rule does not hang on the routine alone
    const own = done(await ask(worker, person('community_secretary')), 201);
    refused(await secretary.post(`/password-resets/${own.id}/approval`), 409, 'not_for_oneself');
    await assert.rejects(asOwner(server, 'update access.password_reset set approved_by = requested_by, approved_at = core.app_now() where id = $1', [own.id]), /four_eyes/);
});

test('where I am signed in, and signing out from afar', async () => {
    const [phone, laptop, other] = [await client(server).login('resident'), await logIn({ user_name: 'resident', password: 'linli-demo-2026', own_device: true, device_name: '家里电脑' }), await client(server).login('resident')];
    const sessions = done(await phone.get('/me/sessions')).items;
    assert.deepEqual(sessions.filter((session) => session.current).length, 1);
    const named = sessions.find((session) => session.device_name === '家里电脑');
    assert.ok(named.own_device && Date.parse(named.expires_at) > Date.now() + 170 * 86_400_000);
    const far = client(server).session(laptop.body.access_token);
    assert.equal((await far.get('/me')).status, 200);
    refused(await (await as('volunteer')).post(`/me/sessions/${named.id}/end`), 404, 'not_found');
    done(await phone.post(`/me/sessions/${named.id}/end`));
    await until(async () => (await far.get('/me')).status === 401, 5, 'the far session to be over');
    refused(await phone.post(`/me/sessions/${named.id}/end`), 404, 'not_found');
    assert.ok(done(await phone.post('/me/sessions/end')).ended >= 1);
    await until(async () => (await other.get('/me')).status === 401, 5, 'the rest to be over');
    assert.equal((await phone.get('/me')).status, 200);
});

test('months on one\'s own device: every use begins them anew', async () => {
    const reply = await logIn({ user_name: 'volunteer', password: 'linli-demo-2026', own_device: true });
    const session = client(server).session(done(reply).access_token);
    session.cookies.take(reply.headers);
    const [{ id }] = await asOwner(server, "select s.id from access.login_session s where s.own_device and s.person_id = $1 and s.revoked_at is null", [person('volunteer')]);
    await asOwner(server, "update access.login_session set expires_at = core.app_now() + interval '1 day' where id = $1", [id]);
    const refreshed = await session.post('/auth/refresh');
    assert.match(done(refreshed) && refreshed.headers['set-cookie'][0], /Max-Age=15552000/);
    const [{ days }] = await asOwner(server, 'select extract(day from expires_at - core.app_now())::int as days from access.login_session where id = $1', [id]);
    assert.ok(days >= 178, `${days} days`);
});

test('acting for a person who cannot: with consent on record, in their name, always shown', async () => {
    const old = await newcomer('不会用手机的老人');
    const agent = person('resident_b');
    const officer = await as('town_officer'); // sees both places: whom staff cannot see they cannot name
    const record = (body, who = officer) => who.post(`/people/${old}/representations`, { agent_id: agent, form: 'oral_witnessed', witness: '见证人甲', reason: '不会用手机，请侄女代办', valid_to: today(90), ...body });
    refused(await record({ witness: undefined }), 409, 'witness_missing', '/witness');
    refused(await record({ valid_to: today(500) }), 409, 'too_long', '/valid_to');
    refused(await record({ agent_id: person('town_officer') }), 409, 'not_for_oneself', '/agent_id');
    refused(await record({ agent_id: nowhere }), 404, 'not_found', '/agent_id');
    refused(await record({}, await as('community_worker_b')), 404, 'not_found');
    refused(await record({}, worker), 404, 'not_found', '/agent_id');
    const made = done(await record({}), 201);
    assert.deepEqual([made.basis, made.recorded_by, made.in_force], ['consent', '苏永平', true]);
    refused(await record({}), 409, 'representation_already');

    const niece = await as('resident_b');
    assert.deepEqual(done(await niece.get('/representations')).items.map((item) => item.person.name), ['不会用手机的老人']);
    refused(await (await as('neighbour').catch(() => as('resident'))).post(`/representations/${made.id}/sessions`), 404, 'not_found');
    const begun = done(await niece.post(`/representations/${made.id}/sessions`), 201);
    assert.equal(begun.person.id, old);
    const acting = client(server).session(begun.access_token);
    const me = done(await acting.get('/me'));
    assert.deepEqual([me.person.id, me.grants.length, me.acting], [old, 0, { id: agent, name: '蒙春梅' }]);
    assert.equal(done(await niece.get('/me')).acting, null);
    done(await acting.post(`/people/${old}/consents`, { purpose: 'care_visits', decision: 'given' }), 201);
    // what stays in one's own hand, and what the agent does not get to see
    refused(await acting.post('/me/password', { current_password: 'linli-demo-2026', new_password: 'a long enough one' }), 403, 'own_hand_only');
    refused(await acting.post('/me/sessions/end'), 403, 'own_hand_only');
    refused(await acting.post(`/me/sessions/${nowhere}/end`), 403, 'own_hand_only');
    refused(await acting.post(`/representations/${made.id}/sessions`), 403, 'own_hand_only');
    assert.deepEqual(done(await acting.get('/me/sessions')).items, []);
    refused(await acting.get(`/people/${old}/data`), 404, 'not_found');
    // shown to the person, and in the chained record
    const acts = done(await acting.get(`/people/${old}/acts`)).items;
    assert.deepEqual(acts.map((act) => [act.operation, act.agent_name, act.tables]), [['recordConsent', '蒙春梅', ['people.consent']]]);
    const [{ n }] = await asOwner(server, "select count(*)::int as n from core.audit_record r where r.person_id = $1 and r.agent_id = $2 and core.canonical_audit(r) like '%' || $2 || '%'", [old, agent]);
    assert.equal(n, 1);
    refused(await (await as('volunteer')).post(`/representations/${made.id}/end`), 404, 'not_found');
    done(await niece.post(`/representations/${made.id}/end`));
    await until(async () => (await acting.get('/me')).status === 401, 5, 'the acting session to be over');
    refused(await niece.post(`/representations/${made.id}/sessions`), 409, 'wrong_state');
    refused(await niece.post(`/representations/${made.id}/end`), 409, 'wrong_state');
});

test('who acts has none of their own staff rights, and never records themselves', async () => {
    const officer = await as('town_officer');
    const made = done(await officer.post(`/people/${person('resident')}/representations`, { agent_id: person('community_secretary'), form: 'written', reason: '住院期间代办', valid_to: today(10) }), 201);
    const secretary = await as('community_secretary');
    const begun = done(await secretary.post(`/representations/${made.id}/sessions`), 201);
    const acting = client(server).session(begun.access_token);
    refused(await acting.get('/people'), 403, 'forbidden');
    refused(await acting.get(`/people/${person('elder')}`), 404, 'not_found');
    refused(await acting.post(`/people/${person('elder')}/representations`, { agent_id: person('volunteer'), form: 'written', reason: '转给别人', valid_to: today(10) }), 403, 'forbidden');
    await assert.rejects(asOwner(server, 'update access.representation set recorded_by = agent_id where id = $1', [made.id]), /not_recorded_by_agent/);
    // disabling the agent ends it too
    await asOwner(server, 'update access.login set disabled = true where person_id = $1', [person('community_secretary')]);
    await until(async () => (await acting.get('/me')).status === 401, 5, 'the acting session to be over');
});
