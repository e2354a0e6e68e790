// PostgreSQL goes away, and comes back: everyone who waits is told within three seconds, nothing hangs, the process stays.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { client, newKey } from '../../lib/client.mjs';
import { connect, startCluster } from '../../lib/cluster.mjs';
import { serverFor, until } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { demoId, done, person, problemOf, today } from '../story.mjs';

let cluster; // of its own: it is killed and stopped here
before(async () => {
    cluster = await startCluster();
});
after(() => cluster?.stop('immediate'));

// Answered 503 with Retry-After; returns how long it took.
async function timed(work) {
    const start = performance.now();
    const reply = await work();
    return { reply, seconds: (performance.now() - start) / 1000 };
}

function busy({ reply, seconds }, most) {
    assert.equal(reply.status, 503, reply.text);
    assert.ok(Number(reply.headers['retry-after']) >= 1 && Number(reply.headers['retry-after']) <= 3, `Retry-After: ${reply.headers['retry-after']}`);
    assert.ok(seconds < most, `answered after ${seconds} s`);
    return problemOf(reply);
}

const group = (name) => ({ kind: 'neighbour_help', name, unit_id: demoId('compound 1') });

test('a lost database: 503 within three seconds for all, then everything works again by itself', async (t) => {
    const server = await serverFor(t, { cluster });
    const worker = await client(server).login('community_worker');
    const resident = await client(server).login('resident');
    const all = () => [
        () => worker.get('/units?kind=community'), () => worker.get('/people?limit=3'), () => resident.get('/me'), () => resident.get('/accounts'),
        () => worker.get('/heads?limit=3'), () => resident.get('/mediation-cases'), () => worker.get(`/units/${demoId('city')}`),
        () => client(server).anyone.post('/auth/login', { user_name: 'elder', password: 'linli-demo-2026' }),
    ];
    for (const work of all()) assert.equal((await work()).status, 200);

    // a write that waits for a lock when the database dies: sent, its outcome unknown, its key settles it
    const locker = await connect('linli_owner', server.database, cluster);
    await locker.query('begin');
    await locker.query('select from groups."group" where id = $1 for update', [demoId('help 1')]);
    const key = { headers: { 'Idempotency-Key': newKey() } };
    const join = () => worker.post(`/groups/${demoId('help 1')}/members`, { person_id: person('elder') }, key);
    const stuck = timed(join);
    const watcher = await connect('postgres', server.database, cluster);
    await until(async () => (await watcher.query("select from pg_stat_activity where wait_event_type = 'Lock'")).rowCount > 0, 10, 'the write to wait');
    const waiting = [stuck, ...all().map(timed)];
    await cluster.kill();
    waiting.push(...all().map(timed));
    for (const connection of [locker, watcher]) connection.end().catch(() => {});
    const results = await Promise.all(waiting);
    assert.equal(busy(results[0], 3.5), 'outcome_unknown');
    // those that were sent before the end may have had their answer
    for (const result of results.slice(1, 9)) if (result.reply.status !== 200) busy(result, 3.5);
    for (const result of results.slice(9)) busy(result, 3.5);
    assert.equal((await worker.request('GET', '/healthz')).status, 200);
    assert.equal((await worker.request('GET', '/readyz')).status, 503);

    await cluster.start();
    await until(async () => (await worker.request('GET', '/readyz')).status === 200, 30, 'the server to be ready again');
    for (const work of all()) assert.equal((await work()).status, 200);
    assert.equal(done(await join(), 201).person.id, person('elder'));
    const [{ n }] = await asOwner(server, 'select count(*)::int as n from groups.group_member where group_id = $1 and person_id = $2', [demoId('help 1'), person('elder')]);
    assert.equal(n, 1);
    assert.equal(server.outcome, undefined);
    // the listening connection is back as well
    assert.equal((await worker.get('/people?limit=1')).status, 200);
    await asOwner(server, "delete from access.grant where person_id = $1 and role = 'community_worker'", [person('community_worker')]);
    await until(async () => (await worker.get('/people?limit=1')).status === 403, 1, 'the right to end');
});

test('a full lane says so at once; the other lane and those who wait are served', async (t) => {
    const server = await serverFor(t, { env: { LINLI_LOOPS: '1', LINLI_WRITE_CONNECTIONS: '1', LINLI_WRITE_DEPTH: '1', LINLI_WRITE_QUEUE: '2', LINLI_LOCK_TIMEOUT_MS: '60000', LINLI_WRITE_TIMEOUT_MS: '60000' } });
    const worker = await client(server).login('community_worker');
    const locker = await connect('linli_owner', server.database);
    await locker.query('begin');
    await locker.query('select from groups."group" where id = $1 for update', [demoId('help 1')]);
    const replies = Array.from({ length: 12 }, (_, n) => timed(() => worker.post(`/groups/${demoId('help 1')}/members`, { person_id: demoId(`person ${n + 1}`), valid_from: today() })));
    let refusals = 0;
    for (const reply of replies) reply.then(({ reply: { status } }) => { refusals += status === 503 ? 1 : 0; });
    await until(() => refusals === 9, 10, 'nine refusals');
    assert.equal((await worker.get('/heads?limit=1')).status, 200);
    await locker.query('rollback');
    await locker.end();
    const results = await Promise.all(replies);
    assert.equal(results.filter(({ reply }) => reply.status === 201).length, 3, results.map(({ reply }) => reply.status).join());
    for (const result of results.filter(({ reply }) => reply.status !== 201)) assert.equal(busy(result, 3), 'busy');
    done(await worker.post('/groups', group('之后')), 201);
});

test('a lock that nobody gives back is not waited for for ever', async (t) => {
    const server = await serverFor(t, { env: { LINLI_LOCK_TIMEOUT_MS: '300' } });
    const worker = await client(server).login('community_worker');
    const locker = await connect('linli_owner', server.database);
    await locker.query('begin');
    await locker.query('select from groups."group" where id = $1 for update', [demoId('help 1')]);
    const result = await timed(() => worker.post(`/groups/${demoId('help 1')}/members`, { person_id: person('elder') }));
    assert.equal(busy(result, 3), 'try_again');
    await locker.query('rollback');
    await locker.end();
    done(await worker.post(`/groups/${demoId('help 1')}/members`, { person_id: person('elder') }), 201);
});

test('a database that has stopped answering holds nobody: refused in time, then everything works again', async (t) => {
    const postmaster = Number(readFileSync(join(cluster.data, 'postmaster.pid'), 'utf8').split('\n')[0]);
    const processes = () => [postmaster, ...readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').trim().split(/\s+/).map(Number)];
    let paused = [];
    const resume = () => {
        for (const pid of paused.splice(0)) process.kill(pid, 'SIGCONT');
    };
    t.after(resume);
    const server = await serverFor(t, { cluster, env: { LINLI_READ_TIMEOUT_MS: '1000', LINLI_WRITE_TIMEOUT_MS: '1000' } });
    const worker = await client(server).login('community_worker');
    assert.equal((await worker.get('/heads?limit=1')).status, 200);
    paused = processes();
    for (const pid of paused) process.kill(pid, 'SIGSTOP');
    const results = await Promise.all(Array.from({ length: 16 }, (_, n) => timed(() => (n % 4 === 3
        ? worker.post('/groups', group(`停顿 ${n}`)) : worker.get('/heads?limit=3')))));
    // the lane's longest statement, and five seconds of patience with the network
    for (const result of results) busy(result, 9);
    assert.equal((await worker.request('GET', '/healthz')).status, 200);
    resume();
    await until(async () => (await worker.get('/heads?limit=1')).status === 200, 30, 'the server to answer again');
    done(await worker.post('/groups', group('之后')), 201);
});
