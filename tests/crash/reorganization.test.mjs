// kill -9 while a reorganization comes into force: of PostgreSQL in the middle of its transaction, of the server afterwards. The city is
// whole before it or whole after it, and it happens once.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, startCluster } from '../lib/cluster.mjs';
import { startServer, until } from '../lib/server.mjs';
import { asOwner, setClock } from '../lib/sql.mjs';
import { demoId, done, signedIn, today } from '../api/story.mjs';

const community = demoId('community 2');

async function decreedForTomorrow(as) {
    const city = await as('city_officer');
    const { id } = done(await city.post('/reorganizations', {
        unit_id: demoId('town'), title: '一分为二', effective_on: today(1), proposal_ref: '请示', approval_ref: '批复',
        steps: [{ action: 'split', unit_id: community, into: [{ name: '木棉东社区', unit_ids: [demoId('compound 2')] }, { name: '木棉西社区' }] }],
    }), 201);
    const look = async () => done(await city.post(`/reorganizations/${id}/preview`));
    const { choices } = await look();
    done(await city.post(`/reorganizations/${id}/decisions`, { decisions: choices.map(({ subject, subject_id }) => ({ subject, subject_id, choice: 'end' })) }));
    await look();
    done(await city.post(`/reorganizations/${id}/decree`, { decree_number: '虚构 60 号' }));
    return id;
}

async function stateOf(server, document) {
    const [state] = await asOwner(server, `select r.state, (select count(*)::int from orgs.unit where kind = 'community' and valid @> core.today()) as communities,
            (select count(*)::int from orgs.reorganization_effect where reorganization_id = r.id) as effects,
            (select count(*)::int from orgs.unit where document_ref = r.decree_number) as units,
            (select count(*)::int from mediation.case_event where action = 'reorganized') as lines,
            (select count(*)::int from volunteering.service_record where unit_id = $2 and state = 'recorded') as waiting
        from orgs.reorganization r where r.id = $1`, [document, community]);
    return state;
}

async function restart(server) {
    server.outcome = undefined;
    server.launch();
    assert.ok(await server.ready(), server.log().slice(-2000));
}

test('killed in the middle, a reorganization has not happened; started again, it happens once', async (t) => {
    const cluster = await startCluster({ durable: true });
    t.after(() => cluster.stop('immediate'));
    const server = await startServer({ cluster });
    server.ownsDatabase = false;
    t.after(() => server.stop());
    const document = await decreedForTomorrow(signedIn(server));
    const before = await stateOf(server, document);
    assert.deepEqual([before.state, before.communities, before.effects], ['decreed', 19, 0]);

    // somebody keeps a file locked that the transaction reaches near its end
    await server.kill('SIGKILL');
    await setClock(server, '1 day');
    const holder = await connect('linli_owner', server.database, cluster);
    await holder.query('begin');
    const { rowCount } = await holder.query('select from mediation.mediation_case where unit_id = $1 and closed_at is null for update', [community]);
    assert.ok(rowCount > 0, 'an open case');
    await restart(server);
    const caught = 'select 1 from pg_locks where not granted and locktype = \'transactionid\'';
    await until(async () => (await asOwner(server, caught)).length > 0, 70, 'the transaction to come as far as the file');
    await cluster.kill();
    await holder.end().catch(() => {});
    await server.kill('SIGKILL');
    await cluster.start();
    assert.deepEqual(await stateOf(server, document), before);

    await restart(server);
    await until(async () => (await stateOf(server, document)).state === 'in_force', 70, 'the reorganization to come into force');
    const after = await stateOf(server, document);
    assert.deepEqual([after.communities, after.units - before.units, after.waiting], [20, 3, 0]);
    assert.ok(after.effects > before.waiting && after.lines > 0);
    await server.kill('SIGKILL');
    await restart(server);
    await asOwner(server, 'select orgs.put_reorganizations_in_force()');
    assert.deepEqual(await stateOf(server, document), after);
    await setClock(server, '');
});
