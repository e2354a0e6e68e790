// The checks that the controls break: each is told a server and fails when its rule does not hold there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { client, newKey } from '../lib/client.mjs';
import { asApp, asOwner } from '../lib/sql.mjs';
import { demoId, person } from '../api/story.mjs';
import { forgeries } from '../security/forgeries.mjs';
import { ambiguous, attack } from '../security/framings.mjs';

const problemOf = (reply) => reply.body?.type?.split('#')[1];

// Ten rewards asked for at once by one person whose points suffice for three.
export async function pointsAreSpentOnce(server) {
    const [{ available }] = await asOwner(server, `select (balance - reserved)::int as available from points.account where person_id = $1 and currency = 'points'`, [person('volunteer')]);
    const rewards = await asOwner(server, `insert into points.reward (unit_id, name_zh, name_en, venue_zh, venue_en, icon, price_points, stock, valid)
        select $1, '测试', 'test', '台', 'desk', 'wheat', $2, 5, daterange('2020-01-01', null) from generate_series(1, 10) returning id`, [demoId('community 1'), Math.floor(available / 3)]);
    const volunteer = await client(server).login('volunteer');
    const replies = await Promise.all(rewards.map(({ id }) => volunteer.post('/redemptions', { reward_id: id })));
    assert.equal(replies.filter((reply) => reply.status === 201).length, 3);
    for (const reply of replies.filter((one) => one.status !== 201)) assert.deepEqual([reply.status, problemOf(reply)], [409, 'insufficient_points'], reply.text);
    assert.deepEqual(await asOwner(server, 'select * from points.audit()'), []);
}

// Asked by SQL as the application is: a community worker of another community, and a leader.
export async function rowsAreGuarded(server) {
    const [{ path, other }] = await asOwner(server, `select (select territory_path::text from orgs.unit where id = $1) as path, (select territory_path::text from orgs.unit where id = $2) as other`,
        [demoId('community 2'), demoId('city')]);
    for (const principal of [{ person: person('community_worker_b'), paths: `{${path}}` }, { person: person('city_leader'), paths: `{${other}}` }]) {
        const [{ n }] = await asApp(server, { ...principal, scope: '{""}' }, 'select count(*)::int as n from mediation.mediation_case');
        assert.equal(n, 0, 'files are seen');
    }
}

export async function forgedTokensAreRefused(server) {
    const session = await client(server).login('resident');
    const { list } = forgeries(session.token, readFileSync(join(process.env.LINLI_TEST_KEYS, 'token.current')));
    for (const [name, token] of list) {
        const reply = await client(server).anyone.get('/me', { headers: { Authorization: `Bearer ${token}` } });
        assert.equal(reply.status, 401, name);
    }
}

export async function writesAreAudited(server) {
    const worker = await client(server).login('community_worker');
    const reply = await worker.post('/groups', { kind: 'neighbour_help', name: '审计测试组', unit_id: demoId('building 1.3') });
    assert.equal(reply.status, 201, reply.text);
    const records = await asOwner(server, `select person_id, operation, request_id from core.audit_record where table_name = 'groups.group' and row_key = $1`, [reply.body.id]);
    assert.equal(records.length, 1, 'the write left no audit record');
    assert.deepEqual([records[0].person_id, records[0].operation], [person('community_worker'), 'createGroup']);
}

// Both consented, then one refuses: no attempt can be arranged any more.
export async function refusalStops(server) {
    const mediator = await client(server).login('mediator');
    const post = async (path, body, status = 201) => {
        const reply = await mediator.post(path, body);
        assert.equal(reply.status, status, reply.text);
        return reply.body;
    };
    const file = await post('/mediation-cases', { kind: 'neighbour', title: '测试纠纷', narrative: '测试经过', parties: [{ side: 'first', person_id: person('elder') }, { side: 'second', person_id: person('neighbour') }] });
    const { body: { parties } } = await mediator.get(`/mediation-cases/${file.id}`);
    for (const party of parties) await post(`/mediation-cases/${file.id}/consents`, { level: 'community', party_id: party.id, form: 'oral' });
    await post(`/mediation-cases/${file.id}/refusals`, { party_id: parties[0].id, form: 'oral' });
    const reply = await mediator.post(`/mediation-cases/${file.id}/attempts`, { scheduled_at: new Date(Date.now() + 86_400_000).toISOString(), place: '调解室' });
    assert.equal(reply.status, 409, 'an attempt was arranged after a refusal');
}

export async function keysReplay(server) {
    const worker = await client(server).login('community_worker');
    const headers = { 'Idempotency-Key': newKey() };
    const body = { kind: 'neighbour_help', name: '重发测试组', unit_id: demoId('building 1.3') };
    const replies = [await worker.post('/groups', body, { headers }), await worker.post('/groups', body, { headers })];
    assert.deepEqual(replies.map((reply) => reply.status), [201, 201]);
    assert.equal(replies[0].body.id, replies[1].body.id, 'the same key made two groups');
}

export async function framingIsUnambiguous(server) {
    for (const [name, bytes] of ambiguous.slice(0, 4)) {
        const { replies, closed } = await attack(server, bytes);
        assert.ok(closed && replies.length === 1 && replies[0].status === 400, `${name}: ${replies.length} answers`);
    }
}

// A head is a resident as well: what residents may ask must not reach what heads are near to.
export async function scopeIsKept(server) {
    const head = await client(server).login('head');
    const [{ id }] = await asOwner(server, `select id from points.account where person_id in (select p.id from people.person p where p.unit_id = $1) and person_id <> $2 limit 1`, [demoId('building 1.3'), person('head')]);
    assert.equal((await head.get(`/accounts/${id}`)).status, 404, 'somebody else\'s account is seen');
}

export async function rolesAreKept(server) {
    const resident = await client(server).login('resident');
    assert.equal((await resident.get('/people')).status, 403, 'a resident lists people');
}
