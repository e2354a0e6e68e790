// Residents' groups: founded, joined, led by one, and left at once without a reason.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startServer } from '../../lib/server.mjs';
import { demoId, done, nowhere, person, refused, signedIn, today } from '../story.mjs';

let server;
let worker;
let resident;
let as;
before(async () => {
    server = await startServer();
    as = signedIn(server);
    worker = await as('community_worker');
    resident = await as('resident');
});
after(() => server?.stop());

const community = demoId('community 1');
const compound = demoId('compound 1');
const own = demoId('group 1');
const found = (more, session = worker) => session.post('/groups', { kind: 'neighbour_help', name: '买菜互助组', purpose: '轮流给老人带菜', unit_id: compound, ...more });

test('staff see the groups of their area, residents those of where they live', async () => {
    const staff = await worker.all('/groups', 3);
    assert.equal(staff.length, 9); // six compounds, the community's help team and two residents' groups
    assert.ok(staff.filter((group) => group.kind !== 'residents_group').every((group) => group.leader && group.member_count > 0));
    const mine = await resident.all('/groups');
    assert.deepEqual(mine.map((group) => group.id).toSorted(), [own, demoId('help 1'), demoId('residents group 1'), demoId('residents group 2')].toSorted());
    assert.equal((await worker.all('/groups?kind=neighbour_help')).length, 1);
    assert.equal((await worker.all(`/groups?unit=${compound}`)).length, 1);
    assert.deepEqual(await worker.all('/groups?as_of=2022-09-30'), []);
    assert.deepEqual(await worker.all(`/groups?unit=${demoId('community 2')}`), []);
    refused(await worker.get(`/groups/${demoId('group 2')}`), 404, 'not_found');
});

test('a group is founded where groups belong', async () => {
    const made = await found({});
    const group = done(made, 201);
    assert.deepEqual([group.name, group.member_count, group.valid_from, group.members], ['买菜互助组', 0, today(), []]);
    assert.equal(done(await worker.request('GET', made.headers.location)).id, group.id);
    refused(await found({ id: group.id }), 409, 'id_taken');
    refused(await found({ unit_id: demoId('party 1') }), 409, 'group_area_not_allowed');
    refused(await found({ valid_from: '2014-12-31' }), 409, 'unit_not_there', '/valid_from');
    refused(await found({ unit_id: demoId('compound 2') }), 404, 'not_found', '/unit_id');
    refused(await found({}, resident), 403, 'forbidden');
});

test('members, and one leader', async () => {
    const group = done(await found({ name: '晨练组', unit_id: community }), 201);
    const take = (login, more) => worker.post(`/groups/${group.id}/members`, { person_id: person(login), ...more });
    const leader = done(await take('elder', { role: 'leader' }), 201);
    assert.deepEqual([leader.role, leader.group.name, leader.person.name, leader.valid_to], ['leader', '晨练组', '林玉珍', null]);
    refused(await take('elder'), 409, 'already_a_member');
    refused(await take('neighbour', { role: 'leader' }), 409, 'leader_taken');
    refused(await take('neighbour', { valid_from: today(-1) }), 409, 'group_not_there', '/valid_from');
    refused(await take('nobody at all'), 404, 'not_found', '/person_id');
    assert.equal(done(await take('neighbour'), 201).role, 'member');
    refused(await worker.post(`/groups/${nowhere}/members`, { person_id: person('elder') }), 404, 'not_found');
    const read = await worker.get(`/groups/${group.id}`);
    assert.deepEqual(done(read).members.map((member) => [member.person.name, member.role]), [['林玉珍', 'leader'], ['覃国强', 'member']]);
    assert.equal((await worker.get(`/groups/${group.id}`, { headers: { 'If-None-Match': read.headers.etag } })).status, 304);
    // a resident who is no member sees who leads it, and how many they are
    const seen = done(await resident.get(`/groups/${group.id}`));
    assert.deepEqual([seen.member_count, seen.members.map((member) => member.role)], [2, ['leader']]);
});

test('a member leaves at once and alone', async () => {
    const path = `/groups/${own}/members/${person('resident')}/end`;
    const before = done(await resident.get(`/groups/${own}`));
    assert.ok(before.members.length > 2);
    refused(await (await as('neighbour')).post(path, {}), 404, 'not_found');
    refused(await (await as('community_worker_b')).post(path, {}), 404, 'not_found');
    refused(await resident.post(path, { last_day: '2022-12-31' }), 422, 'ends_before_it_begins', '/last_day');
    const left = done(await resident.post(path, {}));
    assert.equal(left.valid_to, today());
    refused(await resident.post(path, {}), 404, 'not_found');
    const after = done(await worker.get(`/groups/${own}?as_of=${today(1)}`));
    assert.equal(after.member_count, before.member_count - 1);
    assert.ok(!after.members.some((member) => member.person.id === person('resident')));
    const volunteer = await as('volunteer');
    assert.equal(done(await worker.post(`/groups/${demoId('help 1')}/members/${person('volunteer')}/end`, {})).person.id, person('volunteer'));
    refused(await volunteer.post(`/groups/${demoId('help 1')}/members/${person('volunteer')}/end`, {}), 404, 'not_found');
});
