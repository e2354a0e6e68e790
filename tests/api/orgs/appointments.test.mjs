// Who holds which post from when to when: appointed, refused, ended, and what was so on another day.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { newKey } from '../../lib/client.mjs';
import { startServer } from '../../lib/server.mjs';
import { demoId, done, nowhere, person, refused, signedIn, today } from '../story.mjs';

let server;
let secretary;
let resident;
before(async () => {
    server = await startServer();
    const as = signedIn(server);
    secretary = await as('community_secretary');
    resident = await as('resident');
});
after(() => server?.stop());

const community = demoId('community 1');
const party = demoId('party 1');
const someone = demoId('person 2');
const holders = async (post, day = today()) =>
    done(await resident.get(`/appointments?unit=${party}&post=${post}&as_of=${day}`)).items.map((item) => item.person.name);
const appoint = (more, options) => secretary.post('/appointments',
    { person_id: someone, unit_id: community, post: 'community_worker', basis: 'appointed', ...more }, options);

test('the posts of each kind of unit, with their seats', async () => {
    const posts = await resident.all('/posts', 7);
    assert.equal(new Set(posts.map((post) => post.code)).size, posts.length);
    assert.equal(posts.find((post) => post.code === 'community_party_secretary').seats, 1);
    const branch = await resident.all('/posts?kind=branch');
    assert.deepEqual(branch.map((post) => post.code), ['branch_secretary', 'branch_member']);
});

test('one seat: the successor is refused until the predecessor has ended, and each day keeps its own answer', async () => {
    const wanted = { unit_id: party, post: 'community_party_secretary', basis: 'elected', valid_from: today(10), valid_to: today(1000) };
    refused(await appoint(wanted), 409, 'seats_taken');
    const [old] = done(await resident.get(`/appointments?unit=${party}&post=community_party_secretary`)).items;
    assert.equal(old.person.name, '韦丽萍');
    assert.equal(old.other_posts, 1); // she directs the residents' committee too
    const end = (last_day) => secretary.post(`/appointments/${old.id}/end`, { last_day, reason: '任期届满' });
    refused(await end('2022-06-30'), 422, 'ends_before_it_begins', '/last_day');
    assert.equal(done(await end(today(9))).valid_to, today(9));
    refused(await end(today(9)), 409, 'already_ended');
    refused(await appoint({ ...wanted, valid_from: today(9) }), 409, 'seats_taken');

    const key = newKey();
    const made = await appoint(wanted, { headers: { 'Idempotency-Key': key } });
    const successor = done(made, 201);
    assert.deepEqual([successor.valid_from, successor.valid_to, successor.basis], [today(10), today(1000), 'elected']);
    assert.match(made.headers.etag, /^"\d+"$/);
    assert.equal((await appoint(wanted, { headers: { 'Idempotency-Key': key } })).text, made.text);
    assert.deepEqual(await holders('community_party_secretary', today(9)), ['韦丽萍']);
    assert.deepEqual(await holders('community_party_secretary', today(10)), [successor.person.name]);
    assert.deepEqual(await holders('community_party_secretary', today(1001)), []);
    assert.deepEqual(await holders('community_party_secretary', '2022-06-30'), []);
});

test('what may not be is refused with its name', async () => {
    const made = done(await appoint({}), 201);
    refused(await appoint({}), 409, 'already_in_post');
    refused(await appoint({ id: made.id, person_id: demoId('person 3') }), 409, 'id_taken');
    refused(await appoint({ post: 'branch_secretary' }), 409, 'post_of_other_kind', '/post');
    refused(await appoint({ person_id: demoId('person 3'), valid_from: '2022-06-30' }), 409, 'unit_not_there', '/valid_from');
    refused(await appoint({ person_id: nowhere }), 404, 'not_found', '/person_id');
    refused(await appoint({ unit_id: demoId('community 2') }), 404, 'not_found', '/unit_id');
    refused(await resident.post('/appointments', { person_id: someone, unit_id: community, post: 'community_worker', basis: 'appointed' }), 403, 'forbidden');
    const wrong = await appoint({ basis: 'inherited', valid_from: '2026-02-30', salary: 1 });
    refused(wrong, 422, 'invalid_input');
    assert.deepEqual(wrong.body.errors.map((error) => error.pointer).toSorted(), ['/basis', '/salary', '/valid_from']);
    const [foreign] = done(await resident.get(`/appointments?unit=${demoId('community 2')}`)).items;
    refused(await secretary.post(`/appointments/${foreign.id}/end`, { last_day: today() }), 404, 'not_found');
    refused(await secretary.post(`/appointments/${nowhere}/end`, { last_day: today() }), 404, 'not_found');
});

test('of sixteen who take the last seat at once, one gets it', async () => {
    const post = 'first_secretary';
    const replies = await Promise.all(Array.from({ length: 16 }, (_, n) =>
        appoint({ person_id: demoId(`person ${n + 1}`), unit_id: party, post, valid_from: today() })));
    assert.equal(replies.filter((reply) => reply.status === 201).length, 1, replies.map((reply) => reply.status).join());
    for (const reply of replies.filter((one) => one.status !== 201)) refused(reply, 409, 'seats_taken');
    assert.equal((await holders(post)).length, 1);
});

test('a person\'s posts and everything below a unit', async () => {
    const posts = await resident.all(`/appointments?person=${person('city_leader')}`);
    assert.deepEqual(posts.map((item) => item.post.code), ['city_deputy_secretary', 'working_committee_secretary']);
    const below = await resident.all(`/appointments?under=${community}`, 5);
    assert.equal(new Set(below.map((item) => item.id)).size, below.length);
    assert.ok(below.some((item) => item.unit.kind === 'branch' && item.post.code === 'branch_secretary'));
    const ending = await resident.all(`/appointments?under=${community}&ending_before=2027-01-01`);
    assert.ok(ending.length > 0 && ending.length < below.length);
    assert.deepEqual(ending.map((item) => item.id), below.filter((item) => item.valid_to !== null && item.valid_to < '2027-01-01').map((item) => item.id));
    const before = await resident.all(`/appointments?under=${demoId('old 城东')}&as_of=2022-06-30&post=committee_director`);
    assert.equal(before.length, 1);
});
