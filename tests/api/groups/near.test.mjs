// Heads near to people: the card of the area, who stands in, which buildings have no head, how much each looks after; central households.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startServer } from '../../lib/server.mjs';
import { demoId, done, nowhere, person, refused, signedIn, today } from '../story.mjs';

let server;
let as;
let worker;
let resident;
let head;
before(async () => {
    server = await startServer();
    as = signedIn(server);
    [worker, resident, head] = [await as('community_worker'), await as('resident'), await as('head')];
});
after(() => server?.stop());

const building = demoId('building 1.3');
const myHead = async (session = resident) => done(await session.get('/me/heads')).items[0];

test('a resident finds the own head; the telephone is shown when its owner agrees, and taken back at once', async () => {
    const card = await myHead();
    assert.deepEqual([card.person.name, card.unit.id, card.community], ['李国安', building, '孝坊']);
    assert.match(card.phone, /^100\d{8}$/);
    const write = (body, session = head) => session.patch(`/heads/${card.id}/card`, body);
    done(await write({ phone: '10013800001', hours: '晚上七点后', note: '先发短信' }));
    assert.deepEqual(await myHead().then(({ phone, hours, note }) => [phone, hours, note]), ['10013800001', '晚上七点后', '先发短信']);
    refused(await write({ phone: '10013800002' }, resident), 404, 'not_found');
    refused(await write({ phone: '10013800002' }, worker), 422, 'consent_needed', '/consent_given');
    assert.equal(done(await write({ phone: '10013800002', consent_given: true }, worker)).phone, '10013800002');
    refused(await (await as('resident_b')).get(`/heads/${card.id}`), 404, 'not_found');
    refused(await resident.get(`/heads/${nowhere}`), 404, 'not_found');
    const read = await resident.get(`/heads/${card.id}`);
    assert.equal((await resident.get(`/heads/${card.id}`, { headers: { 'If-None-Match': read.headers.etag } })).status, 304);
    assert.equal(done(await write({})).phone, null);
    assert.equal((await myHead()).phone, null);
});

test('somebody stands in for a head, within the term and one at a time', async () => {
    const { id } = await myHead();
    const stand = (more, session = worker) => session.post(`/heads/${id}/substitutions`, { person_id: person('elder'), valid_from: today(), valid_to: today(10), reason: '住院', ...more });
    refused(await stand({ person_id: person('head') }), 409, 'substitutes_oneself', '/person_id');
    refused(await stand({ valid_to: today(-1) }), 422, 'ends_before_it_begins', '/valid_to');
    refused(await stand({ valid_to: '2090-01-01' }), 409, 'outside_the_term', '/valid_from');
    refused(await stand({ person_id: nowhere }), 404, 'not_found', '/person_id');
    refused(await stand({}, head), 403, 'forbidden');
    refused(await stand({}, await as('community_worker_b')), 404, 'not_found');
    const { substitutions: [substitution] } = done(await stand(), 201);
    refused(await stand({ person_id: person('neighbour') }), 409, 'substitution_taken');
    assert.deepEqual(await myHead().then(({ substitutions: [one] }) => [one.person.id, one.now]), [person('elder'), true]);
    const load = (await worker.all(`/head-workload?unit=${building}`)).find((one) => one.person.id === person('head'));
    assert.deepEqual([load.substituted, load.areas, load.central_households > 0, load.residents > 8], [true, 1, true, true]);
    const back = (last_day) => worker.post(`/head-substitutions/${substitution.id}/end`, { last_day });
    refused(await back(today(-1)), 422, 'ends_before_it_begins', '/last_day');
    done(await back(today(2)));
    refused(await back(today(2)), 409, 'already_ended');
    refused(await worker.post(`/head-substitutions/${nowhere}/end`, { last_day: today() }), 404, 'not_found');
});

test('the coverage of a community says which places have no head on a day, and which have two', async () => {
    const community = demoId('community 1');
    const coverage = (query = '') => worker.all(`/head-coverage?unit=${community}${query}`, 30);
    const places = await coverage();
    assert.deepEqual([places.length, places.filter((place) => place.state !== 'covered').length], [38, 0]);
    assert.deepEqual(await coverage('&as_of=2022-09-30').then((all) => new Set(all.map((place) => place.state))), new Set(['gap']));
    const end = places.find((place) => place.unit.id === demoId('building 1.4')).heads[0];
    done(await worker.post(`/heads/${end.id}/end`, { last_day: today(-1) }));
    done(await worker.post('/heads', { kind: 'building_head', unit_id: demoId('compound 1'), person_id: person('elder'), basis: 'appointed' }), 201);
    const states = new Map((await coverage()).map((place) => [place.unit.id, place.state]));
    assert.deepEqual([1, 2, 3, 4, 5].map((n) => states.get(demoId(`building 1.${n}`))), ['overlap', 'overlap', 'overlap', 'covered', 'overlap']);
    assert.equal((await coverage('&state=overlap')).length, 4);
    assert.deepEqual(await worker.all(`/head-coverage?unit=${demoId('community 2')}`), []);
    refused(await resident.get(`/head-coverage?unit=${community}`), 403, 'forbidden');
    const loads = (await worker.all(`/head-workload?unit=${community}`, 20)).map((one) => one.residents);
    assert.deepEqual(loads, loads.toSorted((a, b) => b - a));
});

test('a central household has an area, a keeper and a term', async () => {
    const all = await worker.all(`/central-households?unit=${building}`, 3);
    assert.ok(all.length > 3 && all.every((one) => one.valid_to));
    const name = (more, session = worker) => session.post('/central-households', { unit_id: building, person_id: person('elder'), basis: 'elected', valid_to: today(700), ...more });
    const made = done(await name(), 201);
    assert.deepEqual([made.unit.id, made.person.id, made.valid_from], [building, person('elder'), today()]);
    refused(await name(), 409, 'keeps_a_central_household');
    refused(await name({ unit_id: demoId('community 1'), person_id: person('neighbour') }), 409, 'central_household_area', '/unit_id');
    refused(await name({ valid_from: '2010-01-01', person_id: person('neighbour') }), 409, 'unit_not_there', '/valid_from');
    refused(await name({ valid_to: today(-1), person_id: person('neighbour') }), 422, 'ends_before_it_begins', '/valid_to');
    refused(await name({ unit_id: demoId('building 2.1') }), 404, 'not_found', '/unit_id');
    refused(await name({ person_id: nowhere }), 404, 'not_found', '/person_id');
    refused(await name({}, resident), 403, 'forbidden');
    const end = (last_day) => worker.post(`/central-households/${made.id}/end`, { last_day });
    refused(await end(today(-1)), 422, 'ends_before_it_begins', '/last_day');
    assert.equal(done(await end(today(1))).valid_to, today(1));
    refused(await end(today(1)), 409, 'already_ended');
    refused(await worker.post(`/central-households/${nowhere}/end`, { last_day: today() }), 404, 'not_found');
    assert.deepEqual((await (await as('elder')).all('/central-households')).map((one) => one.id), [made.id], 'a keeper sees the own record');
});
