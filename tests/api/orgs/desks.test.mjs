// Who must be replaced, who may sit where, who hands over what to whom, who stands in for whom, and all that a person has held.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startServer, until } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { demoId, done, nowhere, person, refused, signedIn, today } from '../story.mjs';

let server;
let as;
let secretary;
let city;
let resident;
before(async () => {
    server = await startServer();
    as = signedIn(server);
    secretary = await as('community_secretary');
    city = await as('city_officer');
    resident = await as('resident');
});
after(() => server?.stop());

const community = demoId('community 1');
const party = demoId('party 1');
const appoint = (more, session = secretary) => session.post('/appointments', { person_id: demoId('person 2'), unit_id: community, post: 'community_worker', basis: 'appointed', ...more });
const inOffice = async (query) => done(await resident.get(`/appointments?${query}`)).items;

test('163 branch members sit in an owners\' committee too', async () => {
    const query = `/cross-appointments?under=${demoId('city')}&kind=branch&other_kind=owners_committee`;
    const people = await resident.all(query, 50);
    assert.equal(people.length, 163);
    for (const { posts } of people) assert.deepEqual(posts.map((post) => [post.unit_kind, post.basis]), [['branch', 'elected'], ['owners_committee', 'concurrent']]);
    assert.deepEqual(await resident.all(`${query}&as_of=2025-01-31`), []);
    const here = await resident.all(`/cross-appointments?under=${community}&kind=branch&other_kind=owners_committee`);
    assert.ok(here.length > 0 && here.length < 20);
});

test('a post that must be filled is vacant from the day its holder left', async () => {
    const vacancies = (query = '') => secretary.all(`/vacancies?under=${community}${query}`);
    assert.deepEqual(await vacancies('&kind=community'), []);
    const [director] = await inOffice(`unit=${community}&post=committee_director`);
    done(await secretary.post(`/appointments/${director.id}/end`, { last_day: today(), reason: '辞职' }));
    const [vacancy] = await vacancies(`&kind=community&as_of=${today(1)}`);
    assert.deepEqual([vacancy.post.code, vacancy.unit.id, vacancy.held, vacancy.needed, vacancy.since], ['committee_director', community, 0, 1, today(1)]);
    assert.deepEqual(await vacancies('&kind=branch'), []);
    assert.deepEqual(await secretary.all(`/vacancies?under=${demoId('community 2')}`), []);
    assert.ok((await city.all(`/vacancies?under=${demoId('city')}&as_of=${today(1)}`, 7)).some((one) => one.unit.id === community));
    refused(await resident.get(`/vacancies?under=${community}`), 403, 'forbidden');
});

test('terms that run out are listed, and each stage is announced once', async () => {
    const warnings = (query = '') => city.all(`/term-warnings?under=${demoId('city')}${query}`, 30);
    const ending = async (days, n) => done(await appoint({ person_id: demoId(`person ${n}`), valid_to: today(days) }), 201);
    const [week, month, quarter, later] = [await ending(5, 3), await ending(20, 4), await ending(80, 5), await ending(91, 6)];
    const stages = new Map((await warnings()).map((one) => [one.appointment_id, one]));
    assert.deepEqual([week, month, quarter].map(({ id }) => [stages.get(id).stage, stages.get(id).days_left]), [[7, 5], [30, 20], [90, 80]]);
    assert.ok(!stages.has(later.id));
    assert.deepEqual((await warnings('&stage=7')).filter((one) => [week.id, month.id].includes(one.appointment_id)).map((one) => one.appointment_id), [week.id]);
    // an open-ended appointment ends with the usual term of its post; whoever has run over it stays on the list
    const adviser = (await inOffice(`unit=${community}&post=legal_adviser`))[0];
    assert.equal(adviser.valid_to, null);
    assert.ok(stages.get(adviser.id).days_left < 0);
    assert.equal(stages.get(week.id).announced, false);
    const announce = async () => (await asOwner(server, 'select orgs.warn_of_terms() as n'))[0].n;
    assert.ok(await announce() >= 3);
    assert.equal(await announce(), 0);
    assert.equal((await warnings('&stage=7')).find((one) => one.appointment_id === week.id).announced, true);
    const events = await asOwner(server, `select payload from core.outbox where topic = 'orgs.term_ending' and payload ->> 'appointment_id' = $1`, [week.id]);
    assert.deepEqual(events.map((event) => [event.payload.days_ahead, event.payload.ends_on]), [[7, today(5)]]);
    // once the next one is known, the list says so
    assert.equal(stages.get(week.id).successor_known, false);
    done(await appoint({ person_id: demoId('person 7'), valid_from: today(6) }), 201);
    assert.equal((await warnings('&stage=7')).find((one) => one.appointment_id === week.id).successor_known, true);
});

test('bodies are held against their rule, and an appointment against its post', async () => {
    const bodies = await city.all(`/compositions?under=${demoId('city')}`, 11);
    const committees = bodies.filter((one) => one.body === 'residents_committee');
    assert.equal(committees.length, 19);
    for (const one of committees) assert.deepEqual([one.members_least, one.members_most], [5, 9]);
    const here = async () => (await secretary.all(`/compositions?under=${community}&body=residents_committee&as_of=${today(1)}`))[0];
    const before_ = await here();
    assert.equal(before_.members, 4); // the director has resigned above
    assert.ok(before_.findings.includes('too_few'));
    assert.equal((await secretary.all(`/compositions?under=${community}&body=residents_committee&faulty=true&as_of=${today(1)}`)).length, 1);
    assert.deepEqual(await secretary.all(`/compositions?under=${demoId('community 2')}`), []);

    refused(await appoint({ person_id: demoId('login resident_b'), post: 'committee_member', basis: 'elected' }), 404, 'not_found', '/person_id');
    refused(await appoint({ person_id: demoId('login resident_b'), post: 'committee_member', basis: 'elected' }, city), 409, 'post_needs_resident', '/person_id');
    const [{ id: child }] = await asOwner(server, `select p.id from people.person p where p.birth_year = extract(year from core.today()) - 18 and p.unit_id in (select orgs.area_of($1, core.today())) limit 1`, [demoId('city')]);
    await asOwner(server, 'update people.person set birth_year = birth_year + 2 where id = $1', [child]);
    const [{ unit_id: home }] = await asOwner(server, `select orgs.ancestor_of_kind(unit_id, 'community') as unit_id from people.person where id = $1`, [child]);
    refused(await appoint({ person_id: child, unit_id: home, post: 'committee_member', basis: 'elected' }, city), 409, 'too_young', '/person_id');
});

test('leaving office opens a handover: ten days, item by item, to a named successor', async () => {
    const [secretaryOf] = await inOffice(`unit=${party}&post=community_deputy_party_secretary`);
    const ended = done(await secretary.post(`/appointments/${secretaryOf.id}/end`, { last_day: today(-1) }));
    const [handover] = (await secretary.all(`/handovers?under=${community}&state=open`)).filter((one) => one.appointment.id === ended.id);
    assert.deepEqual([handover.due_on, handover.last_day, handover.overdue, handover.to_person], [today(9), today(-1), false, null]);
    assert.equal(handover.items.length, 6);
    const path = `/handovers/${handover.id}`;
    const complete = (session = secretary) => session.post(`${path}/completion`);
    refused(await complete(), 409, 'receiver_missing');
    const read = await secretary.get(path);
    refused(await secretary.patch(path, { note: '无' }), 428, 'if_match_required');
    const patch = (body, tag, session = secretary) => session.patch(path, body, { headers: { 'If-Match': tag } });
    refused(await patch({ to_person_id: nowhere }, read.headers.etag), 404, 'not_found', '/to_person_id');
    const named = await patch({ to_person_id: person('volunteer') }, read.headers.etag);
    assert.equal(done(named).to_person.name, '李家燕');
    refused(await patch({ note: '旧' }, read.headers.etag), 412, 'version_mismatch');
    refused(await complete(), 409, 'items_open');
    // the successor sees it and ticks; somebody else does not even see it
    const successor = await as('volunteer');
    assert.deepEqual((await successor.all('/handovers')).map((one) => one.id), [handover.id]);
    refused(await resident.get(path), 404, 'not_found');
    refused(await patch({ note: '别人' }, named.headers.etag, resident), 404, 'not_found');
    refused(await complete(await as('neighbour')), 404, 'not_found');
    const ticked = done(await patch({ items: handover.items.map(({ what }) => ({ what, handed_over: true })), note: '齐了' }, named.headers.etag, successor));
    assert.ok(ticked.items.every((item) => item.handed_over));
    assert.equal(done(await complete(successor)).state, 'completed');
    refused(await complete(), 409, 'wrong_state');
    refused(await patch({ note: '晚了' }, `"${ticked.version + 1}"`), 409, 'wrong_state');
    assert.deepEqual((await secretary.all(`/handovers?state=completed`)).map((one) => one.id), [handover.id]);

    const begin = (id, body) => secretary.post(`/appointments/${id}/handover`, body);
    refused(await begin(ended.id, {}), 409, 'handover_exists');
    const open = done(await appoint({ person_id: demoId('person 9') }), 201);
    refused(await begin(open.id, {}), 409, 'still_in_office');
    refused(await begin(nowhere, {}), 404, 'not_found');
    // a term that ended before the system knew of handovers
    const [{ id: bygone }] = await asOwner(server, `insert into orgs.appointment (person_id, unit_id, unit_kind, post_code, basis, valid) values ($1, $2, 'community', 'community_worker', 'appointed', daterange('2024-01-01', core.today() - 3)) returning id`, [demoId('person 10'), community]);
    refused(await begin(bygone, { to_person_id: nowhere }), 404, 'not_found', '/to_person_id');
    const made = done(await begin(bygone, { to_person_id: person('resident'), items: ['仓库钥匙'] }), 201);
    assert.deepEqual([made.items, made.due_on], [[{ what: '仓库钥匙', handed_over: false }], today(6)]);
    assert.equal((await secretary.all('/handovers?overdue=true')).length, 0);
});

test('a whole desk is lent for the days of an absence, by whoever reaches all of it, never to oneself', async () => {
    const worker = await as('community_worker');
    const stand_in = demoId('login owners_committee_member');
    const substitute = await as('owners_committee_member');
    const lend = (more, session = secretary) => session.post('/substitutions', { person_id: person('community_worker'), substitute_id: stand_in, valid_from: today(), valid_to: today(7), reason: '休假', ...more });
    const mine = `/groups?unit=${demoId('building 1.3')}`;
    assert.equal((await substitute.get('/people')).status, 403);

    refused(await lend({ substitute_id: person('community_secretary') }), 409, 'not_for_oneself', '/substitute_id');
    refused(await lend({ valid_to: today(-1) }), 422, 'ends_before_it_begins', '/valid_to');
    refused(await lend({ valid_from: today(-2) }), 422, 'begins_in_the_past', '/valid_from');
    refused(await lend({ person_id: person('resident') }), 409, 'nothing_to_lend', '/person_id');
    refused(await lend({ person_id: person('community_worker_b') }), 404, 'not_found', '/person_id');
    refused(await lend({ substitute_id: nowhere }), 404, 'not_found', '/substitute_id');
    refused(await lend({ person_id: person('administrator'), substitute_id: stand_in }, city), 409, 'nothing_to_lend', '/person_id');
    refused(await lend({}, worker), 403, 'forbidden');

    const lent = done(await lend({ document_ref: '假条' }), 201);
    assert.deepEqual(lent.rights.map((right) => [right.role, right.unit.id]), [['community_worker', community]]);
    refused(await lend({ valid_from: today(3) }), 409, 'substituted_already');
    refused(await lend({ id: lent.id, person_id: person('mediator') }), 409, 'id_taken');
    // within a second of the commit the substitute works the desk
    await until(async () => (await substitute.get('/people')).status === 200, 5, 'the lent right to be known');
    assert.ok(done(await substitute.get(mine)).items);
    assert.deepEqual((await substitute.all('/substitutions')).map((one) => one.id), [lent.id]);
    assert.deepEqual((await secretary.all(`/substitutions?under=${community}&person=${stand_in}`)).map((one) => one.id), [lent.id]);
    assert.deepEqual(await resident.all('/substitutions'), []);
    const held = await substitute.all(`/people/${stand_in}/record`);
    assert.ok(held.some((entry) => entry.what === 'substitute' && entry.valid_to === today(7)));

    const end = (id, body = {}, session = secretary) => session.post(`/substitutions/${id}/end`, body);
    refused(await end(nowhere), 404, 'not_found');
    refused(await end(lent.id, { last_day: today(8) }), 409, 'already_ended');
    done(await end(lent.id));
    await until(async () => (await substitute.get('/people')).status === 403, 5, 'the right to be gone');
});

test('a person\'s record tells everything that was held, and on which day; to the person and to staff of the place', async () => {
    const record = await (await as('city_leader')).all(`/people/${person('city_leader')}/record`, 2);
    assert.deepEqual(record.filter((entry) => entry.what === 'appointment').map((entry) => [entry.name_zh, entry.basis, entry.valid_from]),
        [['党工委书记', 'concurrent', '2022-07-01'], ['市委副书记', 'elected', '2021-08-01']]);
    const head = await secretary.all(`/people/${person('head')}/record`);
    assert.ok(['head', 'right'].every((what) => head.some((entry) => entry.what === what)));
    assert.deepEqual(head.map((entry) => entry.valid_from), head.map((entry) => entry.valid_from).toSorted().reverse());
    assert.deepEqual(await resident.all(`/people/${person('head')}/record`), []);
    assert.deepEqual(await (await as('community_worker_b')).all(`/people/${person('head')}/record`), []);
    // who directed the committee of a community that is no more
    const [old] = await inOffice(`unit=${demoId('old 城东')}&post=committee_director&as_of=2022-06-30`);
    assert.equal(old.valid_to, '2022-06-30');
    assert.deepEqual(await inOffice(`unit=${demoId('old 城东')}&as_of=2022-07-01`), []);
});
