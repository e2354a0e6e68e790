// The city's tree and the searches in a city of 20 000 units and 205 600 residents, against pgbench with the same statements.
// Runs when it is named: ./test bench tests/bench/city.test.mjs. Timing fails nothing unless it is absurd; wrong answers do.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { client } from '../lib/client.mjs';
import { psql } from '../lib/cluster.mjs';
import { house } from '../lib/places.mjs';
import { Random } from '../lib/random.mjs';
import { startServer, until } from '../lib/server.mjs';
import { asOwner } from '../lib/sql.mjs';
import { buildLoad, load, request } from './load.mjs';
import { pgbench, script } from './pgbench.mjs';
import { settingsFor, statement } from './statements.mjs';
import { Table, median, ratios, spread } from './table.mjs';

const rounds = Math.max(1, Number(process.env.LINLI_BENCH_ROUNDS ?? 5));
const seconds = 1;
const random = new Random();
const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
const sql = (value) => `'${value}'`;

async function startCity(t) {
    await buildLoad();
    const server = await startServer({ env: { LINLI_ACCESS_TOKEN_SECONDS: '3600' } });
    t.after(() => server.stop());
    for (const args of [['-v', 'ON_ERROR_STOP=1', '-f', join(house, 'tests/bench/city.sql')], ['-c', 'vacuum analyze']]) {
        const made = await psql(server.database, args, { seconds: 900 });
        assert.equal(made.code, 0, made.stderr);
    }
    const [{ units, people }] = await asOwner(server, `select (select count(*)::int from orgs.unit where upper_inf(valid)) as units,
        (select count(*)::int from people.person) as people`);
    assert.deepEqual([units, people], [20_000, 205_600]);
    // What the server keeps ready is kept ready for the new units too.
    await until(async () => (await asOwner(server, 'select count(*)::int as n from orgs.unit_card_stale'))[0].n === 0, 300, 'the cards of all units');
    return server;
}

function questions(city) {
    const tree = (depth) => ({ operation: 'getUnitTree', path: `/units/${city}/tree?depth=${depth}&limit=50`, text: statement('getUnitTree'), values: [sql('territory'), ':today', sql(city), depth, 51] });
    const units = (q) => ({ operation: 'listUnits', path: `/units?q=${encodeURIComponent(q)}`, text: statement('listUnits', { holds: 'names_like' }), values: [':today', sql('territory'), sql(q), 51] });
    const people = (q) => ({ operation: 'listPeople', path: `/people?q=${encodeURIComponent(q)}`, text: statement('listPeople', { holds: 'find_by_name' }), values: [sql(q), 51] });
    return [
        ['the tree of the city with counts, one level', tree(1)], ['the same, three levels, first 50', tree(3)],
        ['units by two characters', units('虚构')], ['units by pinyin', units('xugou12')], ['units by initials', units('xg12')],
        ['people by two characters', people('国强')], ['people by pinyin', people('qinguoqiang')], ['people by initials', people('qgq')],
    ];
}

test('a city of 20 000 units and 205 600 residents', async (t) => {
    const server = await startCity(t);
    const officer = await client(server).login('city_officer');
    const [{ id: city, path }] = await asOwner(server, "select id, territory_path::text as path from orgs.unit where kind = 'city' and upper_inf(valid)");
    const table = new Table();
    for (const [what, { operation, path: address, text, values }] of questions(city)) {
        const reply = await officer.get(address);
        assert.equal(reply.status, 200, reply.text);
        assert.ok(reply.body.items.length > 0, `${what}: nothing was found`);
        if (what.startsWith('the tree')) assert.equal(reply.body.items[0].residents, 205_600);
        const settings = settingsFor(operation, officer.token, `{${path}}`);
        const runners = {
            ours: () => load(server, server.port, [request({ path: `/api/v1${address}`, token: officer.token })], { seconds, again: true }),
            theirs: () => pgbench(server, script([settings.statement, { text, values }]), { clients: 2, seconds, define: { ...settings.define, today } }),
        };
        const results = { ours: [], theirs: [] };
        for (let n = 0; n < rounds; n += 1) for (const name of random.shuffle(Object.keys(runners))) results[name].push(await runners[name]());
        const rates = (name) => results[name].map((one) => one.per_second);
        const value = table.add(what, { ours: `${median(rates('ours')).toFixed(0)}/s`, theirs: `pgbench ${spread(rates('theirs'))}/s`, values: ratios(rates('ours'), rates('theirs')), bar: { least: 0.8 }, goal: 1.2 });
        assert.ok(value > 0.05, `${what}: ${value}`);
    }
    for (const line of table.lines()) t.diagnostic(line);
});
