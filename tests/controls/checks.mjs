// The checks that the controls break: each is told a server and fails when its rule does not hold there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { client, newKey } from '../lib/client.mjs';
import { asApp, asOwner } from '../lib/sql.mjs';
import { connect } from '../lib/cluster.mjs';
import { until } from '../lib/server.mjs';
import { demoId, person, today } from '../api/story.mjs';
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

// The state by which the database refuses a statement of the owner, who passes every policy; null when it does not.
function refusalOf(server, text, values) {
    return asOwner(server, text, values).then(() => null, (error) => error.code);
}

// Past every routine: the schema alone keeps the ladders.
export async function oneParentADay(server) {
    const second = await refusalOf(server, `insert into orgs.unit_relation (ladder, child_id, child_kind, parent_id, parent_kind, valid)
        values ('territory', $1, 'compound', $2, 'community', daterange('2023-01-01', '2023-02-01'))`, [demoId('compound 1'), demoId('community 2')]);
    assert.equal(second, '23P01', 'a second parent on the same days');
}

export async function noUnitUnderItself(server) {
    const relate = `insert into orgs.unit_relation (ladder, child_id, child_kind, parent_id, parent_kind, valid) values ('leadership', $1, 'compound', $2, 'compound', daterange($3, $4))`;
    const [first, second] = [demoId('compound 1'), demoId('compound 2')];
    const refused = await refusalOf(server, `with rule as (insert into orgs.unit_kind_rule values ('leadership', 'compound', 'compound') on conflict do nothing) select 1`)
        ?? await refusalOf(server, relate, [first, second, '2016-01-01', '2016-06-01']) ?? await refusalOf(server, relate, [second, first, '2016-03-01', '2016-04-01']);
    assert.equal(refused, '23514', 'a compound stands under itself on some day');
}

// The second step cannot be carried out on its day: then the first one has not been either.
export async function reorganizationIsWhole(server) {
    const city = await client(server).login('city_officer');
    const post = async (path, body, status) => {
        const reply = await city.post(path, body);
        assert.equal(reply.status, status, reply.text);
        return reply.body;
    };
    const [{ id: empty }] = await asOwner(server, `select orgs.found_unit(jsonb_build_object('kind', 'compound', 'name', '空小区', 'territory_parent_id', $1::text)) as id`, [demoId('community 9')]);
    const { id } = await post('/reorganizations', { unit_id: demoId('town'), title: '两步', effective_on: today(2), proposal_ref: '请示', approval_ref: '批复',
        steps: [{ action: 'rename', unit_id: demoId('community 3'), name: '半途社区' }, { action: 'close', unit_id: empty }] }, 201);
    await post(`/reorganizations/${id}/preview`, undefined, 200);
    await post(`/reorganizations/${id}/decree`, { decree_number: `两步 ${id}` }, 200);
    await asOwner(server, `select orgs.found_unit(jsonb_build_object('kind', 'building', 'name', '1 栋', 'territory_parent_id', $1::text))`, [empty]);
    await asOwner(server, `do $$ begin perform set_config('linli.clock_offset', '2 days', true); perform orgs.put_reorganizations_in_force(); end $$`);
    const [{ name }] = await asOwner(server, `select orgs.name_on($1, core.today() + 2) as name`, [demoId('community 3')]);
    assert.equal(name, '榕荫社区', 'half of the document came into force');
}

// A service is recorded for a community while it is being closed: it waits for the outcome and is refused.
export async function closedUnitsTakeNothing(server) {
    const [{ id: closing }] = await asOwner(server, `select orgs.found_unit(jsonb_build_object('kind', 'community', 'name', '临终社区', 'territory_parent_id', $1::text, 'valid_from', '2023-01-01')) as id`, [demoId('town')]);
    const [closer, writer] = await Promise.all([1, 2].map(() => connect('linli_owner', server.database)));
    try {
        await closer.query('begin');
        await closer.query('select orgs.close_unit($1, core.today() - 1)', [closing]);
        const record = writer.query(`insert into volunteering.service_record (volunteer_id, served_person_id, unit_id, kind, minutes, served_on) values ($1, $2, $3, 'elder_care', 1, core.today() - 2)`,
            [person('volunteer'), person('resident_b'), closing]).then(() => null, (error) => error.constraint);
        await until(async () => (await asOwner(server, `select 1 from pg_stat_activity where pid = $1 and wait_event_type = 'Lock'`, [writer.processID])).length === 1, 10, 'the writer to wait');
        await closer.query('commit');
        assert.equal(await record, 'unit_has_ended', 'something was written to a unit that had ended');
    } finally {
        await Promise.all([closer.end(), writer.end()]);
    }
}
