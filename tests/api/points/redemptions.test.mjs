// Points reserve a reward, a code collects it at the counter, or everything goes back to where it came from.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { client, newKey } from '../../lib/client.mjs';
import { linli } from '../../lib/command.mjs';
import { startServer } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { asIntruder, demoId, done, nowhere, person, refused, signedIn, today } from '../story.mjs';

let server;
let as;
let volunteer;
let worker;
before(async () => {
    server = await startServer();
    as = signedIn(server);
    volunteer = await as('volunteer');
    worker = await as('community_worker');
});
after(() => server?.stop());

const rice = demoId('reward 1'); // 20 points
const haircut = demoId('reward 2'); // 10 points, four a person
const oil = demoId('reward 3'); // 30 points
const meter = demoId('reward 7'); // 5 points, two a person
const reserve = (reward_id, more = {}, session = volunteer, options = undefined) => session.post('/redemptions', { reward_id, ...more }, options);
const account = async (session = volunteer) => done(await session.get('/accounts')).items.find((one) => one.currency === 'points');
const whole = async (query = '') => done(await volunteer.get(`/accounts/${(await account()).id}${query}`));
const stock = async (reward) => (await asOwner(server, 'select (stock - stock_reserved - stock_collected)::int as n from points.reward where id = $1', [reward]))[0].n;
const booksBalance = async () => {
    const result = await linli(server, ['audit', 'ledger', '--json']);
    assert.equal(result.code, 0, result.stdout + result.stderr);
};

test('reserved, shown, collected: points and stock move once', async () => {
    const before = await whole();
    const left = await stock(haircut);
    const key = newKey();
    const made = await reserve(haircut, {}, volunteer, { headers: { 'Idempotency-Key': key } });
    const redemption = done(made, 201);
    assert.deepEqual([redemption.state, redemption.points, redemption.quantity], ['reserved', 10, 1]);
    assert.match(redemption.collection_code, /^\d{6}$/);
    assert.equal((await reserve(haircut, {}, volunteer, { headers: { 'Idempotency-Key': key } })).text, made.text);
    refused(await reserve(haircut, { quantity: 2 }, volunteer, { headers: { 'Idempotency-Key': key } }), 422, 'key_reused');
    const held = await whole();
    assert.deepEqual([held.balance, held.reserved - before.reserved, before.available - held.available], [before.balance, 10, 10]);

    const atCounter = done(await worker.get(`/redemptions?collection_code=${redemption.collection_code}`)).items;
    assert.deepEqual([atCounter.length, atCounter[0].id, atCounter[0].collection_code], [1, redemption.id, null]);
    const collect = (code, session = worker) => session.post(`/redemptions/${redemption.id}/collection`, { collection_code: code });
    const wrong = String((Number(redemption.collection_code) + 1) % 1_000_000).padStart(6, '0');
    refused(await collect(wrong), 409, 'wrong_collection_code', '/collection_code');
    refused(await collect(redemption.collection_code, volunteer), 403, 'forbidden');
    refused(await collect(redemption.collection_code, await as('community_worker_b')), 404, 'not_found');
    const handed = done(await collect(redemption.collection_code));
    assert.deepEqual([handed.state, handed.without_code, handed.collection_code], ['collected', false, null]);
    refused(await collect(redemption.collection_code), 409, 'wrong_state');
    refused(await volunteer.post(`/redemptions/${redemption.id}/cancellation`), 409, 'wrong_state');
    const after = await whole();
    assert.deepEqual([after.balance, after.reserved], [before.balance - 10, before.reserved]);
    assert.equal(await stock(haircut), left - 1);
    const [debit] = done(await volunteer.get(`/accounts/${after.id}/entries?limit=1`)).items;
    assert.deepEqual([debit.kind, debit.amount, debit.source_id, debit.balance], ['redemption', -10, redemption.id, after.balance]);
    assert.equal(done(await volunteer.get(made.headers.location.replace('/api/v1', ''))).state, 'collected');
    await booksBalance();
});

test('a cancelled reservation gives the very same lots back', async () => {
    const before = await whole();
    const redemption = done(await reserve(oil), 201);
    refused(await (await as('neighbour')).post(`/redemptions/${redemption.id}/cancellation`), 404, 'not_found');
    refused(await (await as('neighbour')).get(`/redemptions/${redemption.id}`), 404, 'not_found');
    assert.equal(done(await volunteer.post(`/redemptions/${redemption.id}/cancellation`)).state, 'cancelled');
    refused(await volunteer.post(`/redemptions/${redemption.id}/cancellation`), 409, 'wrong_state');
    const after = await whole();
    assert.deepEqual(after.lots, before.lots);
    assert.deepEqual([after.balance, after.reserved, after.available], [before.balance, before.reserved, before.available]);
    await booksBalance();
});

test('a statement has no gap, and every day its balance', async () => {
    const { id, balance } = await account();
    const entries = await volunteer.all(`/accounts/${id}/entries`, 3);
    assert.deepEqual(entries.map((entry) => entry.seq), entries.map((_, n) => entries.length - n));
    for (const [n, entry] of entries.entries()) {
        assert.equal(entry.previous_balance, entries[n + 1]?.balance ?? 0);
        assert.equal(entry.balance, entry.previous_balance + entry.amount);
    }
    assert.equal(entries[0].balance, balance);
    for (const offset of [-300, -100, -30, -1]) {
        const day = today(offset);
        const last = entries.find((entry) => new Date(Date.parse(entry.recorded_at) + 8 * 3_600_000).toISOString().slice(0, 10) <= day);
        const then = done(await volunteer.get(`/accounts/${id}?as_of=${day}`));
        assert.deepEqual([then.as_of, then.balance], [day, last?.balance ?? 0]);
        assert.ok(then.available <= then.balance && then.lots.every((lot) => lot.earned_on <= day));
    }
    refused(await (await as('neighbour')).get(`/accounts/${id}`), 404, 'not_found');
    assert.deepEqual(done(await (await as('neighbour')).get(`/accounts/${id}/entries`)).items, []);
    assert.deepEqual(done(await (await as('community_worker_b')).get(`/accounts?person=${person('volunteer')}`)).items, []);
    assert.equal(done(await worker.get(`/accounts?person=${person('volunteer')}`)).items[0].id, id);
});

test('what is on offer, and every refusal by its name', async () => {
    const rewards = await volunteer.all('/rewards', 2);
    assert.deepEqual(rewards.map((reward) => reward.price_points), [5, 10, 12, 15, 20, 30, 35]);
    refused(await reserve(rice, { quantity: 20 }), 409, 'insufficient_points');
    refused(await reserve(rice, {}, await as('elder')), 409, 'insufficient_points');
    const twice = [done(await reserve(meter), 201), done(await reserve(meter), 201)];
    refused(await reserve(meter), 409, 'reward_limit_reached');
    done(await volunteer.post(`/redemptions/${twice[0].id}/cancellation`));
    await asIntruder(server, `update points.reward set valid = daterange(lower(valid), core.today()) where id = '${rice}'`);
    refused(await reserve(rice), 409, 'reward_not_available');
    assert.ok(!(await volunteer.all('/rewards')).some((reward) => reward.id === rice));
    refused(await reserve(nowhere), 404, 'not_found');
    refused(await reserve(haircut, { person_id: person('volunteer') }, await as('neighbour')), 404, 'not_found');
    refused(await reserve(haircut, { quantity: 0 }), 422, 'invalid_input', '/quantity');
    refused(await (await as('city_leader')).get(`/redemptions/${twice[1].id}`), 404, 'not_found');
    assert.ok((await volunteer.all('/redemptions', 1)).length >= 4);
    assert.equal(done(await worker.post(`/redemptions/${twice[1].id}/collection`, { collection_code: null })).without_code, true);
});

test('too late to collect, and never one\'s own', async () => {
    const late = done(await reserve(demoId('reward 6')), 201);
    await asIntruder(server, `update points.redemption set collect_by = core.today() - 1 where id = '${late.id}'`);
    refused(await worker.post(`/redemptions/${late.id}/collection`, { collection_code: null }), 409, 'redemption_lapsed');
    done(await volunteer.post(`/redemptions/${late.id}/cancellation`));
    await asOwner(server, `select access.add_grant($1, 'community_worker', $2, core.today())`, [person('volunteer'), demoId('community 1')]);
    const own = done(await reserve(demoId('reward 6')), 201);
    const again = await client(server).login('volunteer');
    refused(await again.post(`/redemptions/${own.id}/collection`, { collection_code: null }), 409, 'own_redemption');
    done(await worker.post(`/redemptions/${own.id}/cancellation`)); // staff gives it back for the person
    await booksBalance();
});
