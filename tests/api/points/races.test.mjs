// Many at once: neither a balance nor a stock goes below zero, and exactly as many succeed as there is for.
import assert from 'node:assert/strict';
import test from 'node:test';
import { client, newKey } from '../../lib/client.mjs';
import { linli } from '../../lib/command.mjs';
import { serverFor } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { asIntruder, demoId, done, person, refused, today } from '../story.mjs';

const haircut = demoId('reward 2');
const statuses = (replies) => replies.map((reply) => reply.status).toSorted().join();
const sixteen = (work) => Promise.all(Array.from({ length: 16 }, (_, n) => work(n)));

test('sixteen at once for one balance, one stock, one key, one counter', async (t) => {
    const server = await serverFor(t);
    const worker = await client(server).login('community_worker');
    const forPeople = async (n) => (await asOwner(server, `select a.person_id, (a.balance - a.reserved)::int as free from points.account a
        join orgs.unit u on u.id = a.unit_id join orgs.unit c on c.id = $1 and u.territory_path <@ c.territory_path
        where a.kind = 'personal' and a.balance - a.reserved >= 10
        order by a.balance - a.reserved, a.id limit ${n}`, [demoId('community 1')]));
    const reserve = (person_id, options) => worker.post('/redemptions', { reward_id: haircut, person_id }, options);
    await asIntruder(server, `update points.reward set per_person_limit = null where id = '${haircut}'`);

    // one balance
    const [poor, ...others] = await forPeople(17);
    const wanted = Math.floor(poor.free / 10);
    assert.ok(wanted >= 1 && wanted < 16, `${poor.free} points`);
    let replies = await sixteen(() => reserve(poor.person_id));
    assert.equal(replies.filter((reply) => reply.status === 201).length, wanted, statuses(replies));
    for (const reply of replies.filter((one) => one.status !== 201)) refused(reply, 409, 'insufficient_points');

    // one stock
    await asIntruder(server, `update points.reward set stock = stock_reserved + stock_collected + 3 where id = '${haircut}'`);
    replies = await sixteen((n) => reserve(others[n].person_id));
    assert.equal(replies.filter((reply) => reply.status === 201).length, 3, statuses(replies));
    for (const reply of replies.filter((one) => one.status !== 201)) refused(reply, 409, 'out_of_stock');
    const reserved = replies.find((reply) => reply.status === 201).body;

    // one key: the same reply to everyone, one reservation
    await asIntruder(server, `update points.reward set stock = stock + 5 where id = '${haircut}'`);
    const key = newKey();
    replies = await sixteen(() => reserve(others.at(-1).person_id, { headers: { 'Idempotency-Key': key } }));
    assert.equal(statuses(replies), Array(16).fill(201).join());
    assert.equal(new Set(replies.map((reply) => reply.text)).size, 1);

    // one counter: collected and cancelled at once, one of the sixteen decides
    replies = await sixteen((n) => (n % 2 === 0 ? worker.post(`/redemptions/${reserved.id}/collection`, { collection_code: null })
        : worker.post(`/redemptions/${reserved.id}/cancellation`)));
    assert.equal(replies.filter((reply) => reply.status === 200).length, 1, statuses(replies));
    for (const reply of replies.filter((one) => one.status !== 200)) refused(reply, 409, 'wrong_state');

    const books = await linli(server, ['audit', 'ledger', '--json']);
    assert.equal(books.code, 0, books.stdout);
});

test('four volunteers evaluated and redeeming across each other at once end in balanced books', async (t) => {
    const server = await serverFor(t);
    const worker = await client(server).login('community_worker');
    const elder = await client(server).login('elder');
    const logins = ['volunteer', 'neighbour', 'resident', 'head'];
    const services = await Promise.all(logins.flatMap((login) => [1, 2, 3, 4].map(() => worker.post('/service-records',
        { volunteer_id: person(login), served_person_id: person('elder'), kind: 'elder_care', minutes: 180, served_on: today() }))));
    const work = services.flatMap((service, n) => [
        () => elder.post(`/service-records/${done(service, 201).id}/evaluation`, { rating: 4 }),
        () => worker.post('/redemptions', { reward_id: haircut, person_id: person(logins[n % 4]) }),
    ]);
    const replies = await Promise.all(work.map((one) => one()));
    assert.equal(replies.filter((_, n) => n % 2 === 0).every((reply) => reply.status === 201), true, statuses(replies));
    assert.ok(replies.every((reply) => [201, 409].includes(reply.status)), statuses(replies));
    const books = await linli(server, ['audit', 'ledger', '--json']);
    assert.equal(books.code, 0, books.stdout);
});
