// What the server costs, as ratios against peers that do the same work in the same rounds (performance.md): PostgreSQL driven by
// pgbench with the same statements, and fastify + pg + @fastify/jwt. Timing never fails this test, unless it is absurd; errors do.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import test from 'node:test';
import { demoId, person } from '../api/story.mjs';
import { openBrowser, openPage } from '../lib/browser.mjs';
import { client } from '../lib/client.mjs';
import { connect, startCluster } from '../lib/cluster.mjs';
import { Random } from '../lib/random.mjs';
import { startServer, until } from '../lib/server.mjs';
import { asOwner } from '../lib/sql.mjs';
import { buildLoad, connections, cpuOf, hold, load, request } from './load.mjs';
import { peerToken, startPeer } from './peer.mjs';
import { oneOf, pgbench, script } from './pgbench.mjs';
import { engine, settingsFor, statement } from './statements.mjs';
import { Table, median, ratios, spread } from './table.mjs';

const rounds = Math.max(1, Number(process.env.LINLI_BENCH_ROUNDS ?? 5));
const seconds = Math.max(1, Math.round(Number(process.env.LINLI_BENCH_SECONDS ?? 1))); // whole ones: pgbench knows no others
const perRun = (seconds + 2) * 2000; // no run posts more than these
const runs = rounds * 4 + 6;
const prefix = '0197bbbb-0000-7000-8000-';
const recordId = (n) => prefix + String(n).padStart(12, '0');
const random = new Random();
const table = new Table();

// ── what the work is done on ──
// Inserted past the triggers: what the sealer would have to do for them belongs to none of the peers.
async function makeRecords(server, count) {
    const db = await connect('postgres', server.database, server.cluster);
    await db.query('set session_replication_role = replica');
    await db.query(`with who as (select a.person_id, row_number() over (order by a.id) - 1 as n, count(*) over () as many from points.account a
            where a.kind = 'personal' and a.currency = 'points' and a.person_id <> $1)
        insert into volunteering.service_record (id, volunteer_id, served_person_id, unit_id, kind, minutes, served_on, recorded_by)
        select ($2 || lpad(g::text, 12, '0'))::uuid, w.person_id, $1, $3, 'elder_care', 60, current_date - 1, w.person_id
        from generate_series(1, $4::int) g join who w on w.n = g % w.many`, [person('resident'), prefix, demoId('community 1'), count]);
    await db.query('vacuum analyze volunteering.service_record');
    await db.end();
}

// A statement of account of more than a page for the volunteer.
async function makeEntries(server) {
    await asOwner(server, `with made as (insert into volunteering.service_record (volunteer_id, served_person_id, unit_id, kind, minutes, served_on, recorded_by)
            select $1, $2, $3, 'elder_care', 60, current_date - 1 - g / 10, $1 from generate_series(1, 80) g returning id),
        rated as (insert into volunteering.evaluation (service_record_id, person_id, rating) select id, $2, 5 from made returning service_record_id)
        select count(*) from rated`, [person('volunteer'), person('resident'), demoId('community 1')]);
    await asOwner(server, `select volunteering.settle(array(select service_record_id from volunteering.evaluation where points is null))`);
}

async function startPlace(t) {
    await buildLoad();
    const cluster = await startCluster({ durable: true });
    t.after(() => cluster.stop('immediate'));
    const server = await startServer({ cluster, env: { LINLI_ACCESS_TOKEN_SECONDS: '3600' } });
    server.ownsDatabase = false;
    t.after(() => server.stop());
    await makeRecords(server, perRun * runs);
    await makeEntries(server);
    const [resident, volunteer] = await Promise.all(['resident', 'volunteer'].map((user) => client(server).login(user)));
    const [{ id: account }] = await asOwner(server, "select id from points.account where person_id = $1 and currency = 'points'", [person('volunteer')]);
    const units = (await asOwner(server, "select id from orgs.unit where kind = 'building' and upper_inf(valid) order by label limit 64")).map((row) => row.id);
    const peer = await startPeer(t, server, resident.token);
    return { server, peer, resident: resident.token, volunteer: volunteer.token, account, units, taken: 0 };
}

// ── the work, as requests and as pgbench's script ──
function readWork(place) {
    const settings = settingsFor('getUnit', place.resident);
    const unit = oneOf(place.units);
    const text = script([settings.statement, { text: statement('getUnit'), values: [unit.value, ':today'] }], unit.head);
    const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    return {
        requests: (token) => place.units.map((id) => request({ path: `/api/v1/units/${id}`, token })),
        options: { seconds, again: true }, token: place.resident,
        pgbench: (clients, more) => pgbench(place.server, text, { clients, seconds, define: { ...settings.define, today }, ...more }),
    };
}

function listWork(place) {
    return {
        requests: (token) => [request({ path: `/api/v1/accounts/${place.account}/entries?limit=50`, token })],
        options: { seconds, again: true }, token: place.volunteer,
    };
}

function postWork(place) {
    const settings = settingsFor('evaluateServiceRecord', place.resident);
    const head = '\\set n :base + :i * :clients + :client_id\n\\set i :i + 1\n';
    const text = script([settings.statement,
        { text: engine('claim'), values: ["'bench-' || :n::text", "'evaluateServiceRecord'", String.raw`'\x${'ab'.repeat(32)}'`] },
        { text: statement('evaluateServiceRecord', { keyed: true }), values: [`('${prefix}' || lpad(:n::text, 12, '0'))`, '5', 'null', "'bench-' || :n::text"] }], head);
    const take = () => {
        const first = place.taken + 1;
        place.taken += perRun;
        return first;
    };
    const post = (n, token) => request({
        method: 'POST', path: `/api/v1/service-records/${recordId(n)}/evaluation`, token, headers: { 'Idempotency-Key': `bench-${n}` }, body: { rating: 5 },
    });
    return {
        requests: (token) => {
            const first = take();
            return Array.from({ length: perRun }, (_, n) => post(first + n, token));
        },
        options: { seconds, status: 201 }, token: place.resident,
        pgbench: (clients, more) => pgbench(place.server, text, { clients, seconds, define: { ...settings.define, base: take(), i: 0 }, ...more }),
    };
}

// ── measuring ──
async function overHttp(place, work, { port, pid, token }) {
    const requests = work.requests(token);
    const before = cpuOf(pid);
    const figures = await load(place.server, port, requests, work.options);
    return { ...figures, cpu: (cpuOf(pid) - before) / figures.requests };
}

// The number of clients at which PostgreSQL is fastest here.
async function bestClients(work) {
    let best = { per_second: 0 };
    for (const clients of [1, 2, 4, 8, 16, 32]) {
        const figures = await work.pgbench(clients, { seconds: 1, warming: 0, least: 0 }); // many that begin together may finish nothing yet
        if (figures.per_second > best.per_second) best = { ...figures, clients };
    }
    return best.clients;
}

// A B C, C A B …: each runner once a round, in an order of chance.
async function interleaved(runners) {
    const results = Object.fromEntries(Object.keys(runners).map((name) => [name, []]));
    for (let n = 0; n < rounds; n += 1) {
        for (const name of random.shuffle(Object.keys(runners))) results[name].push(await runners[name]());
    }
    return results;
}

const rates = (figures) => figures.map((figure) => figure.per_second);
const shown = (figures) => `${median(rates(figures)).toFixed(0)}/s${figures[0].cpu ? `, ${median(figures.map((figure) => figure.cpu)).toFixed(0)} µs CPU` : ''}`;

function compare(what, ours, theirs, name, bar, goal) {
    const value = table.add(what, { ours: shown(ours), theirs: `${name} ${shown(theirs)}`, values: ratios(rates(ours), rates(theirs)), bar: { least: bar }, goal });
    assert.ok(value > 0.05, `${what} against ${name}: ${value}`);
}

const runnersOf = (place, work) => ({
    linli: () => overHttp(place, work, { port: place.server.port, pid: place.server.pid, token: work.token }),
    fastify: () => overHttp(place, work, { port: place.peer.port, pid: place.peer.pid, token: peerToken(work.token) }),
});

async function sameReply(place, path, token) {
    // Cursors are sealed with a key of one's own, and fractions of a second may be written shorter.
    const plain = (text) => JSON.parse(text.replace(/"next_cursor":"[^"]*"/, '"next_cursor":""').replaceAll(/(:\d\d)\.\d+Z/g, '$1Z'));
    const get = async (port, bearer) => {
        const reply = await client({ port }).session(bearer).get(path);
        assert.equal(reply.status, 200, reply.text);
        return plain(reply.text);
    };
    assert.deepEqual(await get(place.peer.port, peerToken(token)), await get(place.server.port, token));
}

async function measureReads(place) {
    const read = readWork(place);
    const clients = await bestClients(read);
    const figures = await interleaved({ ...runnersOf(place, read), pgbench: () => read.pgbench(clients) });
    compare('read one unit, with ETag', figures.linli, figures.pgbench, `pgbench c=${clients}`, 0.8, 1.2);
    compare('read one unit, with ETag', figures.linli, figures.fastify, 'fastify', 5, 8);
    const list = await interleaved(runnersOf(place, listWork(place)));
    compare('list of 50 entries', list.linli, list.fastify, 'fastify', 5, 8);
}

async function measurePostings(place) {
    const post = postWork(place);
    const clients = await bestClients(post);
    const figures = await interleaved({
        ...runnersOf(place, post), pgbench: () => post.pgbench(clients), crowd: () => post.pgbench(connections, { each: 6 }),
    });
    compare('evaluation: one posting, durable', figures.linli, figures.pgbench, `pgbench c=${clients}`, 0.8, 1.2);
    compare('evaluation: one posting, durable', figures.linli, figures.fastify, 'fastify', 2, 4);
    const late = (all) => all.map((figure) => figure.p99_ms);
    table.add(`p99 of ${connections} posting at once`, {
        ours: `${spread(late(figures.linli))} ms`, theirs: `pgbench c=${connections} ${spread(late(figures.crowd))} ms`,
        values: ratios(late(figures.linli), late(figures.crowd)), bar: { most: 1.2 }, goal: 1,
    });
}

// Everything that was posted by anybody is posted once, and the books add up.
async function assertBooksHold(place) {
    const [{ evaluated, posted, wrong }] = await asOwner(place.server, `select
        (select count(*)::int from volunteering.service_record where state = 'evaluated' and id::text like $1) as evaluated,
        (select count(*)::int from points.transfer where source_kind = 'evaluation' and source_id::text like $1) as posted,
        (select count(*)::int from points.audit()) as wrong`, [`${prefix}%`]);
    assert.equal(posted, evaluated);
    assert.equal(wrong, 0);
    assert.ok(posted > 0);
}

function ready(port) {
    return new Promise((resolve) => {
        const asked = httpRequest({ host: '127.0.0.1', port, path: '/readyz', agent: false }, (reply) => {
            reply.resume();
            resolve(reply.statusCode === 200);
        });
        asked.on('error', () => resolve(false));
        asked.end();
    });
}

async function measureStarts(server) {
    const times = [];
    for (let n = 0; n < Math.max(5, rounds); n += 1) {
        await server.kill('SIGTERM');
        server.outcome = undefined;
        const since = performance.now();
        server.launch();
        await until(() => ready(server.port), 20, 'the server');
        times.push((performance.now() - since) / 1000);
    }
    table.add('start to ready, migrated database', { ours: '', values: times, unit: 's', bar: { most: 1 }, goal: 0.2 });
}

const residentMegabytes = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

async function measureIdle(server, text) {
    const count = Number(process.env.LINLI_BENCH_IDLE ?? 10_000);
    const before = residentMegabytes(server.pid);
    const with_ = await hold(server, count, text, () => residentMegabytes(server.pid));
    table.add(`${count} idle keep-alive connections, RSS`, { ours: `${before.toFixed(0)} MB before`, values: [with_], unit: 'MB', bar: { most: 160 }, goal: 100 });
}

// What a phone fetches until the first page of a resident stands still, as it goes over the wire.
async function measureShell(t, server) {
    const page = await openPage(await openBrowser(t), server);
    const protocol = await page.context().newCDPSession(page);
    let bytes = 0;
    protocol.on('Network.loadingFinished', (event) => { bytes += event.encodedDataLength; });
    await protocol.send('Network.enable');
    await page.goto('/', { waitUntil: 'networkidle' });
    table.add('phone shell, first load', { ours: '', values: [bytes / 1000], unit: 'kB', bar: { most: 200 }, goal: 120 });
}

test('measured against PostgreSQL alone and against fastify', async (t) => {
    const place = await startPlace(t);
    await sameReply(place, `/units/${place.units[0]}`, place.resident);
    await sameReply(place, `/accounts/${place.account}/entries?limit=50`, place.volunteer);
    await measureReads(place);
    await measurePostings(place);
    await assertBooksHold(place);
    await measureStarts(place.server);
    await measureIdle(place.server, request({ path: `/api/v1/units/${place.units[0]}`, token: place.resident }));
    await measureShell(t, place.server);
    t.diagnostic(`${rounds} interleaved rounds of ${seconds} s, ${connections} connections; ratios are of the same round`);
    for (const line of table.lines()) t.diagnostic(line);
});
