// Building heads, lane chiefs, street chiefs: one for an area on a day.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startServer } from '../../lib/server.mjs';
import { demoId, done, nowhere, person, refused, signedIn, today } from '../story.mjs';

let server;
let worker;
let resident;
before(async () => {
    server = await startServer();
    const as = signedIn(server);
    worker = await as('community_worker');
    resident = await as('resident');
});
after(() => server?.stop());

const building = demoId('building 1.3');
const name = (more, session = worker) => session.post('/heads',
    { kind: 'building_head', unit_id: building, person_id: demoId('person 2'), basis: 'elected', valid_from: today(10), valid_to: today(700), ...more });
const heads = async (day, session = resident) => done(await session.get(`/heads?unit=${building}&as_of=${day}`)).items;

test('everyone finds the head of where they live, with a masked telephone; staff all heads of their area', async () => {
    const [head] = await heads(today());
    assert.deepEqual([head.person.name, head.community, head.kind], ['李国安', '孝坊', 'building_head']);
    assert.match(head.phone, /^100\*+\d+$/);
    assert.deepEqual(await heads('2022-09-30'), []);
    const all = await worker.all('/heads', 9);
    assert.equal(all.length, 38);
    assert.equal(new Set(all.map((one) => one.id)).size, 38);
    assert.equal((await worker.all('/heads?kind=lane_chief')).length, 8);
    assert.deepEqual(await worker.all(`/heads?unit=${demoId('community 2')}`), []);
});

test('only the terms that end before a day', async () => {
    const all = await worker.all('/heads', 9);
    const last = all.map((one) => one.valid_to).sort()[0];
    const dayAfter = new Date(Date.parse(last) + 86_400_000).toISOString().slice(0, 10);
    assert.deepEqual(await worker.all(`/heads?ending_before=${last}`), []);
    assert.deepEqual((await worker.all(`/heads?ending_before=${dayAfter}`)).map((one) => one.id), all.filter((one) => one.valid_to === last).map((one) => one.id));
});

test('the next head begins the day after the last one ended', async () => {
    refused(await name({}), 409, 'head_taken');
    const [old] = await heads(today());
    const end = (last_day) => worker.post(`/heads/${old.id}/end`, { last_day, reason: '搬走了' });
    refused(await end('2022-09-30'), 422, 'ends_before_it_begins', '/last_day');
    assert.equal(done(await end(today(9))).valid_to, today(9));
    refused(await end(today(9)), 409, 'already_ended');
    refused(await name({ valid_from: today(9) }), 409, 'head_taken');
    const made = await name({});
    assert.deepEqual([done(made, 201).valid_from, made.body.valid_to], [today(10), today(700)]);
    assert.match(made.headers.etag, /^"\d+"$/);
    assert.deepEqual((await heads(today(9))).map((one) => one.person.id), [person('head')]);
    assert.deepEqual((await heads(today(10))).map((one) => one.id), [made.body.id]);
    assert.deepEqual(await heads(today(701)), []);
    refused(await name({ id: made.body.id, valid_from: today(800), valid_to: today(900) }), 409, 'id_taken');
});

test('an area of the wrong kind, before its time, or of somebody else', async () => {
    refused(await name({ unit_id: demoId('community 1') }), 409, 'head_area_not_allowed');
    refused(await name({ kind: 'lane_chief' }), 409, 'head_area_not_allowed');
    refused(await name({ unit_id: demoId('compound 1'), valid_from: '2014-12-31' }), 409, 'unit_not_there', '/valid_from');
    refused(await name({ unit_id: demoId('building 2.1') }), 404, 'not_found', '/unit_id');
    refused(await name({ person_id: nowhere }), 404, 'not_found', '/person_id');
    refused(await name({ valid_to: today(9) }), 422, 'ends_before_it_begins', '/valid_to');
    refused(await name({}, resident), 403, 'forbidden');
    refused(await worker.post(`/heads/${nowhere}/end`, { last_day: today() }), 404, 'not_found');
});

test('of sixteen who are named at once, one is head', async () => {
    const compound = demoId('compound 1');
    const replies = await Promise.all(Array.from({ length: 16 }, (_, n) =>
        name({ unit_id: compound, person_id: demoId(`person ${n + 1}`), valid_from: today(), valid_to: today(30 + n) })));
    assert.equal(replies.filter((reply) => reply.status === 201).length, 1, replies.map((reply) => reply.status).join());
    for (const reply of replies.filter((one) => one.status !== 201)) refused(reply, 409, 'head_taken');
});
