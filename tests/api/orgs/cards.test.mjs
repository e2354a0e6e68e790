// A unit's page comes from a card that is made after the fact: it must never be seen to be late.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect } from '../../lib/cluster.mjs';
import { serverFor, until } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { demoId, done, signedIn } from '../story.mjs';

const count = async (server, text) => (await asOwner(server, `select count(*)::int as n from ${text}`))[0].n;
const wrong = 'orgs.unit_card k where k.day <> core.today() or k is distinct from (select o from orgs.unit_on(k.unit_id, core.today()) o)';
const caughtUp = (server) => until(async () => (await count(server, 'orgs.unit_card_stale')) === 0, 30, 'the cards');

test('what is committed is seen at once, though its card was being made from before', async (t) => {
    const server = await serverFor(t);
    const resident = await (signedIn(server))('resident');
    const unit = (await asOwner(server, "select id from orgs.unit where kind = 'building' and upper_inf(valid) order by label limit 1"))[0].id;
    const places = [unit, demoId('community 1'), demoId('city')];
    const ask = async () => Promise.all(places.map(async (id) => {
        const reply = await resident.get(`/units/${id}`);
        return { etag: reply.headers.etag ?? reply.headers.get?.('etag'), body: done(reply) };
    }));
    await caughtUp(server);
    assert.equal(await count(server, wrong), 0, 'cards of the whole demo city say what its records say');
    const before = await ask();

    const writer = await connect('linli_owner', server.database, server.cluster);
    const maker = await connect('linli_owner', server.database, server.cluster);
    t.after(() => Promise.all([writer.end(), maker.end()]));
    await writer.query('begin');
    await writer.query("select people.register(core.uuid_v7(), '梁家明', $1, 1990, core.today(), true)", [unit]);
    await maker.query("select orgs.mark_cards(array(select id from orgs.unit where kind in ('city', 'community', 'building')))");
    await maker.query('select orgs.refresh_cards(5000)'); // all of them, without what is not committed
    assert.deepEqual(await ask(), before, 'nothing is seen before the commit');
    await writer.query('commit');

    const after = await ask();
    for (const [index, { body, etag }] of after.entries()) {
        assert.equal(body.counts.residents, before[index].body.counts.residents + 1, body.name);
        assert.notEqual(etag, before[index].etag, body.name);
        assert.ok(etag);
    }
    await caughtUp(server);
    assert.deepEqual(await ask(), after, 'the new card says the same under the same tag');
    assert.equal(await count(server, wrong), 0);
});
