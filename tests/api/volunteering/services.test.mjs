// A service is recorded, the served person evaluates it, and in the same moment the points are there.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { newKey } from '../../lib/client.mjs';
import { linli } from '../../lib/command.mjs';
import { startServer } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { demoId, done, nowhere, person, refused, signedIn, today } from '../story.mjs';

let server;
let as;
let volunteer;
let elder;
before(async () => {
    server = await startServer();
    as = signedIn(server);
    volunteer = await as('volunteer');
    elder = await as('elder');
});
after(() => server?.stop());

const record = (more, session = volunteer, options = undefined) => session.post('/service-records',
    { served_person_id: person('elder'), kind: 'elder_care', minutes: 120, served_on: today(), ...more }, options);
const evaluate = (id, session = elder, body = { rating: 5, comment: '谢谢' }, options = undefined) => session.post(`/service-records/${id}/evaluation`, body, options);
const account = async () => done(await volunteer.get('/accounts')).items.find((one) => one.currency === 'points');

test('from the record to the points: one service, one evaluation, one posting', async () => {
    const before = await account();
    const made = await record({});
    const service = done(made, 201);
    assert.deepEqual([service.state, service.points, service.served_person.name, service.unit.name], ['recorded', null, '林**', '孝坊社区']);
    assert.equal(done(await volunteer.request('GET', made.headers.location)).id, service.id);
    const waiting = done(await elder.get('/service-records?as=served&state=recorded')).items;
    assert.deepEqual(waiting.find((item) => item.id === service.id).actions, ['evaluate']);

    const key = newKey();
    const rated = await evaluate(service.id, elder, { rating: 1, comment: '来晚了' }, { headers: { 'Idempotency-Key': key } });
    assert.deepEqual([done(rated, 201).state, rated.body.rating, rated.body.points, rated.body.actions], ['evaluated', 1, 2, []]);
    assert.equal((await evaluate(service.id, elder, { rating: 1, comment: '来晚了' }, { headers: { 'Idempotency-Key': key } })).text, rated.text);
    refused(await evaluate(service.id, elder, { rating: 2 }, { headers: { 'Idempotency-Key': key } }), 422, 'key_reused');
    refused(await evaluate(service.id), 409, 'already_evaluated');

    const now = await account();
    assert.deepEqual([now.balance - before.balance, now.available - before.available], [2, 2]);
    const [entry] = done(await volunteer.get(`/accounts/${now.id}/entries?kind=award&limit=1`)).items;
    assert.deepEqual([entry.amount, entry.source_kind, entry.source_id, entry.transfer_id, entry.balance],
        [2, 'evaluation', service.id, rated.body.transfer_id, now.balance]);
    const { lots } = done(await volunteer.get(`/accounts/${now.id}`));
    assert.ok(lots.some((lot) => lot.earned_on === today() && lot.remaining >= 2));
    // the points come from a system account, the served person pays nothing
    const [other] = await asOwner(server, 'select a.kind from points.transfer t join points.account a on a.id = t.from_account_id where t.id = $1', [entry.transfer_id]);
    assert.equal(other.kind, 'system');
    assert.deepEqual(done(await elder.get('/accounts')).items.map((one) => one.balance).filter((balance) => balance < 0), []);
    const ledger = await linli(server, ['audit', 'ledger', '--json']);
    assert.equal(ledger.code, 0, ledger.stdout);
});

test('only the served person evaluates', async () => {
    const service = done(await record({}), 201);
    refused(await evaluate(service.id, volunteer), 403, 'evaluator_not_served');
    refused(await evaluate(service.id, await as('community_worker')), 403, 'evaluator_not_served');
    for (const stranger of ['neighbour', 'resident_b', 'community_worker_b']) refused(await evaluate(service.id, await as(stranger)), 404, 'not_found');
    refused(await evaluate(nowhere), 404, 'not_found');
    for (const body of [{}, { rating: 0 }, { rating: 6 }, { rating: '5' }, { rating: 5, points: 100 }]) refused(await evaluate(service.id, elder, body), 422, 'invalid_input');
    const [untouched] = await asOwner(server, 'select state from volunteering.service_record where id = $1', [service.id]);
    assert.equal(untouched.state, 'recorded');
    refused(await (await as('neighbour')).get(`/service-records/${service.id}`), 404, 'not_found');
    done(await evaluate(service.id), 201);
});

test('sixteen evaluations at once post once', async () => {
    const before = await account();
    const service = done(await record({ minutes: 60, served_on: today(-1) }), 201);
    const replies = await Promise.all(Array.from({ length: 16 }, () => evaluate(service.id)));
    assert.equal(replies.filter((reply) => reply.status === 201).length, 1, replies.map((reply) => reply.status).join());
    for (const reply of replies.filter((one) => one.status !== 201)) refused(reply, 409, 'already_evaluated');
    assert.equal((await account()).balance - before.balance, 1);
});

test('what cannot have been is not recorded', async () => {
    refused(await record({ served_person_id: person('volunteer') }), 409, 'served_oneself', '/served_person_id');
    refused(await record({ served_on: today(1) }), 409, 'service_in_future', '/served_on');
    refused(await record({ served_on: today(-91) }), 409, 'service_too_old', '/served_on');
    refused(await record({ kind: 'wizardry' }), 409, 'service_kind_unknown');
    for (const minutes of [720, 660]) done(await record({ minutes, served_on: today(-59) }), 201);
    refused(await record({ minutes: 61, served_on: today(-59) }), 409, 'service_day_full', '/minutes');
    refused(await record({ served_person_id: nowhere }), 404, 'not_found');
    refused(await record({ volunteer_id: person('neighbour') }), 404, 'not_found'); // nobody records for others
    refused(await record({}, await as('resident')), 403, 'forbidden');
    refused(await record({ minutes: 721, served_on: '2026-13-01', points: 3 }), 422, 'invalid_input');
});

test('staff record for others in their place, and see their area only', async () => {
    const worker = await as('community_worker');
    const service = done(await record({ volunteer_id: person('neighbour'), minutes: 30 }, worker), 201);
    assert.deepEqual([service.volunteer.name, service.served_person.name], ['覃国强', '林玉珍']);
    refused(await record({ volunteer_id: person('volunteer') }, await as('community_worker_b')), 404, 'not_found');
    const nothing = done(await evaluate(service.id), 201); // less than an hour
    assert.deepEqual([nothing.points, nothing.transfer_id], [0, null]);
    const listed = await worker.all('/service-records?state=recorded', 50);
    assert.ok(listed.length > 20 && listed.every((item) => item.unit.name === '孝坊社区'));
    assert.equal(new Set(listed.map((item) => item.id)).size, listed.length);
    assert.deepEqual(done(await worker.get(`/service-records?unit=${demoId('community 2')}`)).items, []);
    assert.ok((await worker.all('/service-records?kind=elder_care')).every((item) => item.kind === 'elder_care'));
});

test('the projects, and whom one has served before, masked', async () => {
    const kinds = await volunteer.all('/service-kinds', 3);
    assert.equal(kinds.filter((kind) => kind.is_fixed).length, 5);
    const partners = await volunteer.all('/service-partners', 1);
    assert.deepEqual(partners.map((partner) => partner.person_id).toSorted(), [person('elder'), person('resident')].toSorted());
    assert.ok(partners.every((partner) => /^.\*+$/.test(partner.name)));
    refused(await (await as('resident')).get('/service-partners'), 403, 'forbidden');
});
