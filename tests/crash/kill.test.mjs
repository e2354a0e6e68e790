// kill -9 in the middle of writing, round after round: of the server, of a server that stood still first (so that PostgreSQL had
// finished what nobody was told), of PostgreSQL with all its children. Whoever got no clear reply asks again with the same
// Idempotency-Key. Afterwards everything acknowledged is there once, and both the ledger and the audit chain prove right.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { signedIn } from '../api/story.mjs';
import { startCluster } from '../lib/cluster.mjs';
import { linli } from '../lib/command.mjs';
import { Random, rounds, seed } from '../lib/random.mjs';
import { startServer, until } from '../lib/server.mjs';
import { asOwner } from '../lib/sql.mjs';
import { Model } from './model.mjs';
import { allWriters, prepare, recorders } from './writers.mjs';

const leastInFlight = 16;
const random = new Random();

// ── how to kill ──
async function restart(server) {
    server.outcome = undefined;
    server.launch();
    assert.ok(await server.ready(), server.log().slice(-2000));
}

const kills = {
    async server({ server }) {
        await server.kill('SIGKILL');
        return () => restart(server);
    },
    async 'halted server'({ server }) {
        server.child.kill('SIGSTOP');
        const busy = `select count(*)::int as n from pg_stat_activity where usename = 'linli_app' and datname = current_database() and state = 'active'`;
        await until(async () => (await asOwner(server, busy))[0].n === 0, 20, 'PostgreSQL to finish what was sent');
        await server.kill('SIGKILL');
        return () => restart(server);
    },
    async postgres({ server, cluster }) {
        await cluster.kill();
        return async () => {
            assert.equal(server.outcome, undefined, 'the server outlives its database');
            await cluster.start();
            await server.ready();
        };
    },
};

// ── a round ──
// Everybody writes until the reply that does not come; → how many writes were in flight at the kill.
async function storm(place, writers, kind) {
    let inFlight = 0;
    let written = 0;
    const keepWriting = async (writer) => {
        for (;;) {
            inFlight += 1;
            const reply = await writer.write();
            inFlight -= 1;
            if (reply === null) return;
            written += 1;
        }
    };
    const all = Promise.all(writers.map(keepWriting));
    await Promise.race([all, pause(random.integer(300, 1200))]);
    await Promise.race([all, until(() => inFlight >= leastInFlight, 10, 'enough writes in flight')]);
    const atKill = inFlight;
    const resume = await kills[kind](place);
    const since = Date.now();
    await all;
    assert.ok(Date.now() - since < 5000, `a writer waited ${Date.now() - since} ms for its 503`);
    await resume();
    return { atKill, written };
}

async function happened(server, writers) {
    const keys = writers.map((writer) => writer.wish.key);
    const rows = await asOwner(server, 'select key from core.idempotency where key = any ($1)', [keys]);
    return new Set(rows.map((row) => row.key));
}

// settle: the same again, with the same key; the reply says whether it had happened, and that is true.
async function settle(server, writers) {
    const waiting = writers.filter((writer) => writer.wish !== null);
    const before = await happened(server, waiting);
    const figures = { unknown: 0, untouched: 0, had: 0 };
    await Promise.all(waiting.map(async (writer) => {
        const { key, answer } = writer.wish;
        const unknown = answer === 'none' || answer === 'outcome_unknown';
        figures[unknown ? 'unknown' : 'untouched'] += 1;
        assert.ok(unknown || !before.has(key), `${answer} says that nothing was changed, but it was`);
        const reply = await until(() => writer.write(), 20, 'a clear reply');
        assert.equal(reply.headers['idempotency-replayed'] === 'true', before.has(key), `replayed or done now: ${reply.text}`);
        if (before.has(key)) figures.had += 1;
    }));
    return figures;
}

async function round(t, place, writers, model, kind, number) {
    const { atKill, written } = await storm(place, writers, kind);
    assert.ok(atKill >= leastInFlight, `${atKill} writes in flight`);
    const { unknown, untouched, had } = await settle(place.server, writers);
    t.diagnostic(`round ${number}, ${kind} killed: ${written} acknowledged, ${atKill} in flight, ${unknown} unknown (${had} had happened), ${untouched} refused unsent`);
    assert.deepEqual(await model.judge(place.server), []);
    return { unknown, had };
}

async function startPlace(t) {
    const cluster = await startCluster({ durable: true });
    t.after(() => cluster.stop('immediate'));
    const server = await startServer({ cluster });
    server.ownsDatabase = false;
    t.after(() => server.stop());
    return { cluster, server, as: signedIn(server) };
}

async function assertBooksHold(server) {
    const pending = "select count(*)::int as n from core.audit_record r where not exists (select from core.seal s where s.stream = 'audit' and s.source_id = r.id)";
    await until(async () => (await asOwner(server, pending))[0].n === 0, 60, 'the sealer');
    for (const command of ['ledger', 'verify']) {
        const result = await linli(server, ['audit', command, '--json']);
        assert.equal(result.code, 0, result.stdout + result.stderr);
    }
}

test('nothing acknowledged is lost and nothing is done twice, whatever is killed', async (t) => {
    const place = await startPlace(t);
    const on = await prepare(place.server, place.as, 6);
    const model = await Model.of(place.server);
    const writers = await allWriters(model, place.as, on);
    const plan = random.shuffle(Object.keys(kills).flatMap((kind) => Array.from({ length: rounds(2) }, () => kind)));
    const sum = { unknown: 0, had: 0 };
    for (const [index, kind] of plan.entries()) {
        const figures = await round(t, place, writers, model, kind, index + 1);
        sum.unknown += figures.unknown;
        sum.had += figures.had;
    }
    t.diagnostic(`seed ${seed}: ${plan.length} kills, ${sum.unknown} writes of unknown outcome, of which ${sum.had} had happened; all settled by their key`);
    assert.ok(sum.had > 0 && sum.unknown > sum.had, 'kills met writes before and after their commit');
    await assertBooksHold(place.server);
});

test('without the key, asking again does things twice, and this test sees it', async (t) => {
    const place = await startPlace(t);
    const { people } = await prepare(place.server, place.as, 10);
    const model = await Model.of(place.server);
    const writers = recorders(model, await place.as('community_worker'), people, { keyed: false });
    // More than the hours of one day: a recorder must never be refused for its own zeal.
    for (let n = 0; n < 200; n += 1) assert.ok(await writers[0].write());
    let findings = [];
    // Whether a kill meets writes after their commit is luck; one of a few storms does.
    for (let storms = 0; storms < 5 && findings.length === 0; storms += 1) {
        await storm(place, writers, 'halted server');
        const unclear = writers.filter((writer) => writer.wish !== null);
        await Promise.all(unclear.map((writer) => until(() => writer.write(), 20, 'a clear reply')));
        findings = await model.judge(place.server);
        t.diagnostic(`${unclear.length} asked again without a key, ${findings.length} done twice`);
    }
    assert.ok(findings.length > 0 && findings.every((text) => text.endsWith('done twice')), findings.join('\n'));
});
