// Jobs: progress is seen while nothing of the work is, the work happens once or not at all, and with the requester's rights.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { newKey } from '../../lib/client.mjs';
import { connect } from '../../lib/cluster.mjs';
import { startServer, until } from '../../lib/server.mjs';
import { asOwner, setClock } from '../../lib/sql.mjs';
import { done, nowhere, person, refused, signedIn } from '../story.mjs';
import { addKinds, ask, closeGate, runOf, traces } from './kinds.mjs';

let server;
let as;
before(async () => {
    server = await startServer({ env: { LINLI_JOB_POLL_MS: '50' } });
    as = signedIn(server);
    await addKinds(server);
});
after(() => server?.stop());

const ended = async (session, job) => {
    await until(async () => ['succeeded', 'failed', 'cancelled'].includes((await session.get(`/jobs/${job}`)).body.state), 20, 'the job to end');
    return done(await session.get(`/jobs/${job}`));
};

test('its requester watches a job: progress first, then the work, all of it', async () => {
    const secretary = await as('community_secretary');
    const open = await closeGate(server);
    const job = await ask(server, 'community_secretary', 'test_wait');
    await until(async () => (await secretary.get(`/jobs/${job}`)).body.progress.done === 3, 10, 'progress');
    const running = await secretary.get(`/jobs/${job}`);
    assert.deepEqual([running.body.state, running.body.progress, running.body.attempts, running.body.kind.code], ['running', { done: 3, total: 10, phase: 'checking' }, 1, 'test_wait']);
    assert.equal(running.body.requested_by.id, person('community_secretary'));
    assert.equal((await secretary.get(`/jobs/${job}`, { headers: { 'If-None-Match': running.headers.etag } })).status, 304);
    assert.deepEqual(await traces(server, job), [], 'nothing of the work is seen yet');
    await open();
    const over = await ended(secretary, job);
    assert.deepEqual([over.state, over.progress.done, over.failure], ['succeeded', 10, null]);
    assert.deepEqual(await traces(server, job), ['waited']);
    assert.equal(done(await secretary.get('/jobs?state=succeeded&kind=test_wait')).items[0].id, job);
    refused(await secretary.post(`/jobs/${job}/cancellation`), 409, 'job_over');
});

test('a job that is stopped leaves nothing, whether it waits or runs', async () => {
    const secretary = await as('community_secretary');
    const open = await closeGate(server);
    const job = await ask(server, 'community_secretary', 'test_wait');
    await until(async () => (await runOf(server, job)).progress_done === '3', 10, 'the job to run');
    // The one worker for bulk work is busy: this one waits.
    const waiting = await ask(server, 'community_secretary', 'test_wait');
    assert.equal(done(await secretary.post(`/jobs/${waiting}/cancellation`)).state, 'cancelled');
    const key = newKey();
    const asked = await secretary.post(`/jobs/${job}/cancellation`, undefined, { headers: { 'Idempotency-Key': key } });
    assert.deepEqual([done(asked).state, asked.body.cancel_requested], ['running', true]);
    assert.equal((await secretary.post(`/jobs/${job}/cancellation`, undefined, { headers: { 'Idempotency-Key': key } })).text, asked.text);
    assert.equal((await ended(secretary, job)).state, 'cancelled');
    await open();
    assert.deepEqual([...await traces(server, job), ...await traces(server, waiting)], []);
});

// The work's last statement locks the row and then waits for its worker: a sign of life that waited for the lock would never end.
test('a sign of life never waits for the work itself', async (t) => {
    const open = await closeGate(server);
    const job = await ask(server, 'community_secretary', 'test_wait');
    await until(async () => (await runOf(server, job)).progress_done === '3', 10, 'the job to run');
    const db = await connect('linli_owner', server.database);
    t.after(() => db.end());
    await db.query('begin');
    await db.query('select from core.job_run where job_id = $1 for update', [job]);
    const answer = (held) => asOwner(server, `select core.renew_job($1, $2, 30, 4, 10, 'checking') as answer`, [job, held]).then((rows) => rows[0].answer);
    assert.deepEqual([await answer(1), await answer(7)], ['go', 'lost']);
    await db.query('rollback');
    await open();
    await ended(await as('community_secretary'), job);
});

test('what may pass is tried again, what cannot is told by its name', async () => {
    const secretary = await as('community_secretary');
    const passing = await ask(server, 'community_secretary', 'test_stumble', { times: 1, state: '40001', says: 'serialize' });
    const over = await ended(secretary, passing);
    assert.deepEqual([over.state, over.attempts, over.failure], ['succeeded', 2, null]);
    assert.deepEqual(await traces(server, passing), ['stumbled']);
    const wrong = await ask(server, 'community_secretary', 'test_stumble', { times: 100, state: 'LI000', says: 'wrong_state' });
    const failed = await ended(secretary, wrong);
    assert.deepEqual([failed.state, failed.attempts, failed.failure.problem], ['failed', 1, 'wrong_state']);
    assert.ok(failed.failure.title_zh && failed.failure.title_en);
    const broken = await ended(secretary, await ask(server, 'community_secretary', 'test_stumble', { times: 100, state: 'XX000', says: 'secret 123' }));
    assert.equal(broken.failure.problem, 'internal_error');
    assert.doesNotMatch(JSON.stringify(broken), /secret/);
});

test('a job sees what its requester may see today', async () => {
    const counts = {};
    for (const login of ['resident', 'community_secretary', 'city_officer']) {
        const job = await ask(server, login, 'test_look');
        await ended(await as(login), job);
        [counts[login]] = (await traces(server, job)).map(Number);
    }
    assert.equal(counts.resident, 1);
    assert.ok(counts.resident < counts.community_secretary && counts.community_secretary < counts.city_officer, JSON.stringify(counts));
    await asOwner(server, `select access.set_disabled('volunteer', true)`);
    const job = await ask(server, 'volunteer', 'test_look');
    await until(async () => (await runOf(server, job)).state === 'failed', 10, 'the job to fail');
    assert.equal((await runOf(server, job)).failure.problem, 'requester_gone');
    assert.deepEqual(await traces(server, job), []);
});

test('a job is its requester\'s and the administrators\'', async () => {
    const job = await ask(server, 'resident', 'test_look');
    await ended(await as('resident'), job);
    for (const login of ['elder', 'community_secretary', 'city_officer', 'community_worker_b']) {
        const session = await as(login);
        refused(await session.get(`/jobs/${job}`), 404, 'not_found');
        refused(await session.post(`/jobs/${job}/cancellation`), 404, 'not_found');
        assert.ok(!done(await session.get('/jobs?limit=200')).items.some((item) => item.id === job));
    }
    const administrator = await as('administrator');
    assert.equal(done(await administrator.get(`/jobs/${job}`)).id, job);
    refused(await administrator.get(`/jobs/${nowhere}`), 404, 'not_found');
});

test('a due time makes one job, however many servers look, also after a pause', async (t) => {
    const other = await startServer({ database: server.database, env: { LINLI_JOB_POLL_MS: '50' } });
    t.after(() => other.stop());
    t.after(() => setClock(server, '0'));
    const dues = () => asOwner(server, `select j.due_at, r.state from core.job j join core.job_run r on r.job_id = j.id where j.schedule = 'new_day' order by j.due_at`);
    await until(async () => (await dues()).every((row) => row.state === 'succeeded'), 60, 'the first day to be begun');
    const before = (await dues()).length;
    for (const [days, more] of [['1 day', 1], ['5 days', 2]]) {
        await setClock(server, days);
        await until(async () => (await dues()).length >= before + more && (await dues()).every((row) => row.state === 'succeeded'), 60, `the day after ${days}`);
        const times = (await dues()).map((row) => row.due_at.getTime());
        assert.ok(times.length <= before + more + 1, 'one for all that were missed, and one more if an hour ended just now');
        assert.equal(new Set(times).size, times.length);
        const [{ current }] = await asOwner(server, `select bool_and(done_on = core.today()) as current from core.daily_task where routine in ('orgs.settle_day', 'core.forget_jobs')`);
        assert.equal(current, true);
    }
    const administrator = await as('administrator');
    assert.ok(done(await administrator.get('/jobs?kind=new_day')).items.every((job) => job.requested_by === null && job.due_at !== null));
});

test('a server that stops puts its job back, and another one carries it out', async () => {
    const one = await startServer({ database: server.database, env: { LINLI_JOB_POLL_MS: '50' } });
    const open = await closeGate(server);
    // Only the one server takes bulk work: the other's workers are kept busy by jobs of the same kind.
    const jobs = [await ask(server, 'community_secretary', 'test_wait'), await ask(server, 'community_secretary', 'test_wait')];
    await until(async () => (await Promise.all(jobs.map((job) => runOf(server, job)))).every((run) => run.state === 'running'), 20, 'both to run');
    await one.stop();
    const runs = await Promise.all(jobs.map((job) => runOf(server, job)));
    assert.equal(runs.filter((run) => run.state === 'queued' && run.attempts === 0).length, 1, JSON.stringify(runs));
    await open();
    for (const job of jobs) {
        assert.equal((await ended(await as('community_secretary'), job)).state, 'succeeded');
        assert.deepEqual(await traces(server, job), ['waited']);
    }
});
