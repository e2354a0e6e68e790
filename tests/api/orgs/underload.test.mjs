// A reorganization comes into force while people go on writing to the community that it closes: nothing acknowledged is lost, nothing
// stays behind on the closed unit, and whoever is refused is told why.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect } from '../../lib/cluster.mjs';
import { serverFor, until } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { demoId, done, person, problemOf, signedIn, today } from '../story.mjs';

const community = demoId('community 2');

// A document that splits 木棉 in two today, looked at and decided, so that only the decree is missing.
async function prepared(as) {
    const town = await as('town_officer');
    const { id } = done(await town.post('/reorganizations', {
        unit_id: demoId('town'), title: '一分为二', effective_on: today(), proposal_ref: '请示', approval_ref: '批复',
        steps: [{ action: 'split', unit_id: community, into: [{ name: '木棉东社区', unit_ids: [demoId('compound 2')] }, { name: '木棉西社区' }] }],
    }), 201);
    const look = async () => done(await town.post(`/reorganizations/${id}/preview`));
    const { choices } = await look();
    done(await town.post(`/reorganizations/${id}/decisions`, { decisions: choices.map(({ subject, subject_id }) => ({ subject, subject_id, choice: 'end' })) }));
    await look();
    return id;
}

// kind → how one is made; each is refused for good once the community or the right to it is gone.
function makers(as) {
    const post = async (user, path, body) => (await as(user)).post(path, body);
    return {
        service_record: (n) => post('volunteer', '/service-records', { served_person_id: person('resident_b'), kind: 'elder_care', minutes: 1, served_on: today(-(n % 60)) }),
        appointment: (n) => post('city_officer', '/appointments', { person_id: demoId(`person ${n + 1}`), unit_id: community, post: 'community_worker', basis: 'appointed' }),
        group: (n) => post('community_worker_b', '/groups', { kind: 'neighbour_help', name: `并发组 ${n}`, unit_id: community }),
        mediation_case: () => post('resident_b', '/mediation-cases', { kind: 'neighbour', title: '并发', narrative: '并发', parties: [{ side: 'second', person_id: person('elder') }] }),
    };
}

const excused = { 403: ['forbidden'], 404: ['not_found'], 409: ['unit_not_there'], 503: ['try_again', 'busy'] };

test('writers go on while the community under them is split', async (t) => {
    const server = await serverFor(t);
    const as = signedIn(server);
    const document = await prepared(as);
    const make = makers(as);
    const kept = [];
    const refusals = [];
    let over = false;
    let acknowledged = 0;
    const write = async (kind, lane) => {
        for (let n = lane; ; n += 2) {
            const last = over;
            const reply = await make[kind](n);
            if (reply.status === 201) {
                kept.push({ kind, id: reply.body.id });
                acknowledged += 1;
            } else {
                assert.ok(excused[reply.status]?.includes(problemOf(reply)), `${kind}: ${reply.text}`);
                refusals.push({ kind, problem: problemOf(reply) });
            }
            if (last) return;
        }
    };
    const all = Promise.all(Object.keys(make).flatMap((kind) => [write(kind, 0), write(kind, 1)]));
    await until(() => acknowledged >= 24, 30, 'the writers to be under way');
    // appointments made since the decisions end by rule; over HTTP the decree would ask for a word on each
    await asOwner(server, `update orgs.reorganization set state = 'decreed', decree_number = '并发 1 号', decreed_at = core.app_now() where id = $1`, [document]);
    const decree = await asOwner(server, 'select orgs.enforce($1) as problem', [document]);
    assert.deepEqual(decree, [{ problem: null }]);
    over = true;
    await all;

    const tables = { service_record: 'volunteering.service_record', appointment: 'orgs.appointment', group: 'groups."group"', mediation_case: 'mediation.mediation_case' };
    for (const [kind, table] of Object.entries(tables)) {
        const ids = kept.filter((one) => one.kind === kind).map((one) => one.id);
        // What would have begun on the very day never began: the document's effects say so.
        const [{ n }] = await asOwner(server, `select count(*)::int as n from unnest($1::uuid[]) k where exists (select from ${table} x where x.id = k)
            or exists (select from orgs.reorganization_effect e where e.reorganization_id = $2 and e.subject = '${kind}' and e.subject_id = k)`, [ids, document]);
        assert.equal(n, ids.length, `${kind}: acknowledged and lost`);
    }
    const [left] = await asOwner(server, `select
        (select count(*)::int from volunteering.service_record where unit_id = $1 and state = 'recorded') as services,
        (select count(*)::int from orgs.appointment where unit_id = $1 and (upper_inf(valid) or upper(valid) > core.today())) as appointments,
        (select count(*)::int from groups."group" where unit_id = $1 and (upper_inf(valid) or upper(valid) > core.today())) as groups,
        (select count(*)::int from mediation.mediation_case where $1 in (unit_id, origin_unit_id) and closed_at is null) as cases`, [community]);
    assert.deepEqual(left, { services: 0, appointments: 0, groups: 0, cases: 0 });
    assert.deepEqual(await asOwner(server, 'select * from points.audit()'), []);
    t.diagnostic(`${kept.length} acknowledged, ${refusals.length} refused: ${[...new Set(refusals.map((one) => `${one.kind} ${one.problem}`))].join(', ')}`);
});

test('a write that is under way is waited for and followed; one that comes during it is told that the unit has ended', async (t) => {
    const server = await serverFor(t);
    const document = await prepared(signedIn(server));
    const [writer, reorganizer, late] = await Promise.all([1, 2, 3].map(() => connect('linli_owner', server.database)));
    t.after(() => Promise.all([writer, reorganizer, late].map((db) => db.end())));
    const waiting = (pid) => until(async () => (await asOwner(server, `select 1 from pg_stat_activity where pid = $1 and wait_event_type = 'Lock'`, [pid])).length === 1, 10, 'the lock to be waited for');
    const record = (db) => db.query(`insert into volunteering.service_record (volunteer_id, served_person_id, unit_id, kind, minutes, served_on) values ($1, $2, $3, 'elder_care', 1, core.today()) returning id`, [person('volunteer'), person('resident_b'), community]);

    await writer.query('begin');
    const { rows: [{ id }] } = await record(writer);
    await reorganizer.query('begin');
    await reorganizer.query(`update orgs.reorganization set state = 'decreed', decree_number = '并发 2 号', decreed_at = core.app_now() where id = $1`, [document]);
    const enforced = reorganizer.query('select orgs.enforce($1) as problem', [document]);
    await waiting(reorganizer.processID);
    await writer.query('commit');
    assert.equal((await enforced).rows[0].problem, null);
    const refusedLate = record(late).then(() => null, (error) => error);
    await waiting(late.processID);
    await reorganizer.query('commit');
    assert.equal((await refusedLate)?.constraint, 'unit_has_ended');
    const [{ name }] = await asOwner(server, 'select u.name from volunteering.service_record s join orgs.unit u on u.id = s.unit_id where s.id = $1', [id]);
    assert.equal(name, '木棉东社区');
});
