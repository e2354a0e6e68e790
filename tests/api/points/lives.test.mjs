// Whoever signs in to the demo city has a life in it: services given and rated, the points they brought, something fetched for them.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startServer } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { demoId, done, person as demoPerson, refused, signedIn } from '../story.mjs';

const logins = ['resident', 'elder', 'neighbour', 'volunteer', 'head', 'mediator', 'town_mediator', 'city_mediator', 'community_worker', 'community_secretary',
    'branch_secretary', 'town_officer', 'city_officer', 'city_leader', 'auditor', 'administrator', 'resident_b', 'community_worker_b', 'mediator_b'];

let server;
let as;
before(async () => {
    server = await startServer();
    as = signedIn(server);
});
after(() => server.stop());

test('each login has served, been rated, earned and redeemed', async () => {
    for (const login of logins) {
        const session = await as(login);
        const { account_id: account, person } = done(await session.get('/me'));
        const { balance, available } = done(await session.get(`/accounts/${account}`));
        const entries = done(await session.get(`/accounts/${account}/entries`)).items;
        const redemptions = done(await session.get(`/redemptions?person=${person.id}`)).items;
        const rated = done(await session.get('/service-records?as=volunteer')).items.filter((one) => one.state === 'evaluated');
        assert.ok(rated.length >= 4 && redemptions.length >= 1 && entries.length >= 4, `${login}: ${rated.length} ${redemptions.length} ${entries.length}`);
        assert.ok(available > 0 && balance >= available, `${login}: ${balance} ${available}`);
    }
});

test('the elder still has something to fetch, with the code for it', async () => {
    const waiting = done(await (await as('elder')).get(`/redemptions?person=${demoPerson('elder')}&state=reserved`)).items;
    assert.equal(waiting.length, 1);
    const shown = done(await (await as('elder')).get(`/redemptions/${waiting[0].id}`));
    assert.match(shown.collection_code, /^[0-9]{6}$/);
});

test('an auditor finds every account of a place and reads its statement; whom the place is none of finds none', async () => {
    const auditor = await as('auditor');
    const place = `/units/${demoId('community 1')}/accounts`;
    const found = await auditor.all(`${place}?kind=personal`);
    const mine = done(await (await as('volunteer')).get('/me')).account_id;
    const account = found.find((one) => one.id === mine);
    assert.deepEqual(Object.keys(account).sort(), ['available', 'balance', 'currency', 'id', 'kind', 'person_id', 'person_name', 'reserved']);
    assert.equal(new Set(found.map((one) => one.id)).size, found.length);
    const [{ n: counted }] = await asOwner(server, `select count(*)::int as n from points.account a join orgs.unit_closure c on c.descendant_id = a.unit_id and c.ladder = 'territory'
        and c.valid @> core.today() where c.ancestor_id = $1 and a.kind = 'personal'`, [demoId('community 1')]);
    assert.equal(found.length, counted);
    const entries = done(await auditor.get(`/accounts/${mine}/entries?limit=200`)).items;
    assert.equal(entries[0].balance, account.balance);
    const books = await auditor.all(`/units/${demoId('city')}/accounts?kind=system`);
    assert.ok(books.length > 0 && books.every((one) => one.kind === 'system' && one.person_id === null));
    assert.deepEqual(await (await as('community_worker_b')).all(place), []);
    refused(await (await as('resident')).get(place), 403, 'forbidden');
});
