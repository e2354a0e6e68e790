// The life of a group: its charter and the filing, meetings with minutes, joining by request, and the representatives of residents' groups.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startServer } from '../../lib/server.mjs';
import { demoId, done, nowhere, person, refused, signedIn, today } from '../story.mjs';
import { headElection, openElection, sessionsOf, adultsOf, step } from './voters.mjs';
import { asOwner } from '../../lib/sql.mjs';

let server;
let as;
let worker;
let resident;
let leader;
let town;
before(async () => {
    server = await startServer();
    as = signedIn(server);
    [worker, resident, town] = [await as('community_worker'), await as('resident'), await as('town_officer')];
    const [row] = await asOwner(server, `select person_id from groups.group_member where group_id = $1 and role = 'leader'`, [own]);
    [leader] = await sessionsOf(server, resident, [row.person_id]);
});
after(() => server?.stop());

const own = demoId('group 1');
const compound = demoId('compound 1');

test('a charter has versions; the town files it or returns it with the reason', async () => {
    const path = `/groups/${own}/charters`;
    const adopt = (more, session = leader) => session.post(path, { content: '小区事小区议。', ...more });
    const first = done(await adopt(), 201);
    assert.deepEqual([first.ordinal, first.state, first.adopted_on], [1, 'adopted', today()]);
    refused(await adopt({ adopted_on: today(1) }), 422, 'in_the_future', '/adopted_on');
    refused(await adopt({}, resident), 404, 'not_found');
    refused(await adopt({}, await as('community_worker_b')), 404, 'not_found');
    const decide = (charter, body, session = town) => session.post(`/charters/${charter}/decision`, body);
    refused(await decide(first.id, { decision: 'file', filing_number: '1' }), 409, 'wrong_state');
    assert.equal(done(await leader.post(`/charters/${first.id}/submission`)).submitted_on, today());
    refused(await leader.post(`/charters/${first.id}/submission`), 409, 'wrong_state');
    refused(await resident.post(`/charters/${first.id}/submission`), 404, 'not_found');
    refused(await decide(first.id, { decision: 'return' }), 422, 'reason_missing', '/reason');
    refused(await decide(first.id, { decision: 'file' }), 422, 'filing_number_missing', '/filing_number');
    refused(await decide(first.id, { decision: 'return', reason: 'x' }, worker), 403, 'forbidden');
    assert.equal(done(await decide(first.id, { decision: 'return', reason: '第三条与法律不符' })).state, 'returned');
    const second = done(await adopt({ content: '改过的章程。' }, worker), 201);
    assert.equal(second.ordinal, 2);
    done(await worker.post(`/charters/${second.id}/submission`));
    const filed = done(await decide(second.id, { decision: 'file', filing_number: '岑城备〔2026〕虚构 1 号' }));
    assert.deepEqual([filed.state, filed.decided_on, filed.filing_number], ['filed', today(), '岑城备〔2026〕虚构 1 号']);
    const read = await resident.all(path, 1);
    assert.deepEqual(read.map((charter) => [charter.ordinal, charter.state]), [[2, 'filed'], [1, 'returned']]);
    assert.deepEqual(await (await as('resident_b')).all(path), []);
});

test('meetings are called and their minutes written once, for the members and the staff', async () => {
    const path = `/groups/${own}/meetings`;
    const call = (held_at, session = leader) => session.post(path, { held_at, place: '小区凉亭', agenda: '充电棚选址' });
    refused(await call('2015-01-01T00:00:00Z'), 409, 'group_not_there', '/held_at');
    const ahead = done(await call(new Date(Date.now() + 86_400_000).toISOString()), 201);
    const record = (id, session = leader) => session.post(`/group-meetings/${id}/minutes`, { present: 18, minutes: '三处选址逐一讨论。', decisions: '建在东门。' });
    refused(await record(ahead.id), 409, 'not_yet_held');
    const held = done(await call(new Date(Date.now() - 3_600_000).toISOString(), worker), 201);
    refused(await record(held.id, resident), 404, 'not_found');
    assert.deepEqual([done(await record(held.id)).present, (await record(held.id)).status], [18, 409]);
    refused(await record(held.id), 409, 'minutes_recorded');
    refused(await record(nowhere), 404, 'not_found');
    const read = new Map((await resident.all(path, 1)).map((meeting) => [meeting.id, meeting.decisions]));
    assert.deepEqual([read.get(ahead.id), read.get(held.id)], [null, '建在东门。']);
    assert.deepEqual(await (await as('neighbour')).all(path), [], 'a neighbour who is no member reads no minutes');
    refused(await call(new Date().toISOString(), resident), 404, 'not_found');
});

test('a neighbour asks to join and the leader answers; whoever asked may take it back', async () => {
    const neighbour = await as('neighbour');
    await asOwner(server, `update groups.join_request set state = 'withdrawn', decided_at = core.app_now()`);
    const ask = (session = neighbour, group = own) => session.post(`/groups/${group}/join-requests`, { message: '想出一份力' });
    const asked = done(await ask(), 201);
    assert.deepEqual([asked.state, asked.person.id], ['requested', person('neighbour')]);
    refused(await ask(), 409, 'already_asked');
    refused(await ask(resident), 409, 'already_a_member');
    refused(await ask(await as('resident_b')), 404, 'not_found');
    const decide = (id, decision, session = leader, reason) => session.post(`/join-requests/${id}/decision`, { decision, ...(reason && { reason }) });
    refused(await decide(asked.id, 'accept', neighbour), 404, 'not_found');
    refused(await decide(asked.id, 'withdraw', leader), 404, 'not_found');
    assert.equal(done(await decide(asked.id, 'withdraw', neighbour)).state, 'withdrawn');
    refused(await decide(asked.id, 'accept'), 409, 'wrong_state');
    const again = done(await ask(), 201);
    assert.equal(done(await decide(again.id, 'decline', leader, '名额已满')).reason, '名额已满');
    const third = done(await ask(), 201);
    assert.deepEqual((await leader.all(`/groups/${own}/join-requests?state=requested`)).map((one) => one.id), [third.id]);
    assert.equal((await neighbour.all(`/groups/${own}/join-requests`, 2)).length, 4); // one of them the demo city's
    assert.deepEqual(await resident.all(`/groups/${own}/join-requests`), []);
    assert.equal(done(await decide(third.id, 'accept')).state, 'accepted');
    assert.ok(done(await neighbour.get(`/groups/${own}`)).members.some((member) => member.person.id === person('neighbour') && member.role === 'member'));
    refused(await ask(), 409, 'already_a_member');
    // taken in by staff meanwhile: the request that is still open cannot be accepted
    const volunteer = await as('volunteer');
    const fourth = done(await ask(volunteer), 201);
    done(await worker.post(`/groups/${own}/members`, { person_id: person('volunteer') }), 201);
    refused(await decide(fourth.id, 'accept'), 409, 'already_a_member');
    // a group that begins tomorrow takes nobody in today
    const later = done(await worker.post('/groups', { kind: 'neighbour_help', name: '春节互助', unit_id: compound, valid_from: today(1) }), 201);
    refused(await ask(volunteer, later.id), 409, 'group_not_there');
});

test('one representative for twenty to fifty households, and the group\'s head is one of them', async () => {
    const group = done(await worker.post('/groups', { kind: 'residents_group', name: '第二居民小组', unit_id: compound, households: 101 }), 201);
    assert.equal(group.households, 101);
    const seat = (who, more, session = worker, id = group.id) => session.post(`/groups/${id}/representatives`, { person_id: who, households: 40, valid_to: today(600), ...more });
    const coverage = async () => (await resident.all('/representative-coverage')).find((one) => one.group.id === group.id);
    assert.deepEqual(await coverage().then(({ representatives, least, most, state }) => [representatives, least, most, state]), [0, 3, 5, 'none']);
    const lead = (who) => worker.post(`/groups/${group.id}/members`, { person_id: who, role: 'leader' });
    refused(await lead(person('elder')), 409, 'leader_not_representative', '/person_id');
    const first = done(await seat(person('elder')), 201);
    assert.deepEqual([first.households, first.valid_to, first.basis], [40, today(600), 'elected']);
    refused(await seat(person('elder')), 409, 'already_a_representative');
    refused(await seat(person('neighbour'), { valid_to: today(-1) }), 422, 'ends_before_it_begins', '/valid_to');
    refused(await seat(person('neighbour'), { valid_from: '2015-01-01' }), 409, 'group_not_there', '/valid_from');
    refused(await seat(person('neighbour'), {}, worker, own), 409, 'not_a_residents_group');
    refused(await seat(person('neighbour'), { households: 51 }), 422, 'invalid_input', '/households');
    refused(await seat(nowhere), 404, 'not_found', '/person_id');
    refused(await seat(person('neighbour'), {}, await as('community_worker_b')), 404, 'not_found');
    done(await lead(person('elder')), 201);
    assert.equal((await coverage()).state, 'too_few');
    const others = (await adultsOf(server, compound)).slice(0, 5);
    for (const who of others.slice(0, 2)) done(await seat(who), 201);
    assert.deepEqual(await coverage().then(({ state, represented, next_end: end }) => [state, represented, end]), ['enough', 120, today(600)]);
    for (const who of others.slice(2, 5)) done(await seat(who), 201);
    assert.equal((await coverage()).state, 'too_many');
    assert.ok(!(await resident.all('/representative-coverage?state=too_few')).some((one) => one.group.id === group.id));
    const end = (last_day) => worker.post(`/representatives/${first.id}/end`, { last_day });
    refused(await end(today(-1)), 422, 'ends_before_it_begins', '/last_day');
    assert.equal(done(await end(today(3))).valid_to, today(3));
    refused(await end(today(3)), 409, 'already_ended');
    refused(await worker.post(`/representatives/${nowhere}/end`, { last_day: today() }), 404, 'not_found');
    assert.equal((await resident.all(`/representatives?group=${group.id}&as_of=${today(4)}`, 2)).length, 5);
    assert.deepEqual(await (await as('resident_b')).all(`/representatives?unit=${compound}`), []);

    // the representatives pick the group's head by a show of hands; the old one goes on as a member
    const request = { rule: 'group_leader', purpose: 'term', title: '小组组长推选', unit_id: compound, voting_on: today(3), ballots: ['hands'], contests: [{ title: '组长', seats: 1 }], term_from: today(4) };
    refused(await worker.post('/elections', { ...request, group_id: own }), 409, 'not_a_residents_group', '/group_id');
    const election = await openElection(server, worker, { ...request, group_id: group.id }, [[others[0]]]);
    for (const voter of await worker.all(`${election.path}/voters`)) done(await worker.post(`${election.path}/turnout`, { voter_id: voter.id, took: 'hands' }));
    done(await step(worker, election.id, 'close_voting'));
    const lines = [{ nomination_id: election.nominations[0][0].id, votes: 4 }];
    const counters = [worker, await as('community_secretary')];
    for (const counter of counters) done(await counter.post(`${election.path}/counts`, { counted_by: '甲', cast: 6, spoilt: 0, lines }), 201);
    done(await step(worker, election.id, 'publish_result'));
    const { members } = done(await worker.get(`/groups/${group.id}?as_of=${today(4)}`));
    assert.deepEqual(members.map((member) => [member.person.id, member.role]), [[others[0], 'leader'], [person('elder'), 'member']]);
});

test('representatives elected by the households of the group get their mandate from the result', async () => {
    const group = done(await worker.post('/groups', { kind: 'residents_group', name: '第三居民小组', unit_id: compound, households: 80 }), 201);
    const adults = (await adultsOf(server, compound)).slice(20, 30);
    const request = { ...headElection(compound, { rule: 'representatives', title: '居民代表推选', contests: [{ title: '居民代表', seats: 2 }], ballots: ['paper'] }), group_id: group.id,
        voters: adults.map((id, n) => ({ person_id: id, ground: 'household', household: `${n + 1} 户` })) };
    const { id, path, nominations: [candidates] } = await openElection(server, worker, request, [adults.slice(0, 3)]);
    for (const voter of (await worker.all(`${path}/voters`)).slice(0, 8)) done(await worker.post(`${path}/turnout`, { voter_id: voter.id, took: 'paper' }));
    done(await step(worker, id, 'close_voting'));
    for (const counter of [worker, await as('community_secretary')]) {
        done(await counter.post(`${path}/counts`, { counted_by: '甲', cast: 8, spoilt: 0, lines: candidates.map((one, n) => ({ nomination_id: one.id, votes: [7, 5, 4][n] })) }), 201);
    }
    const { term_from: from } = done(await step(worker, id, 'publish_result'));
    const mandates = await worker.all(`/representatives?group=${group.id}&as_of=${from}`);
    assert.deepEqual(mandates.map((one) => [one.person.id, one.households]).toSorted(), adults.slice(0, 2).map((one) => [one, 40]).toSorted());
});
