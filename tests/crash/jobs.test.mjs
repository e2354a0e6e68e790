// A job whose server is killed, or stands still until its lease has ended: it is begun anew and done once. The one that was
// believed dead cannot finish any more.
import assert from 'node:assert/strict';
import test from 'node:test';
import { addKinds, ask, closeGate, runOf, traces } from '../api/work/kinds.mjs';
import { startServer, until } from '../lib/server.mjs';

const env = { LINLI_JOB_POLL_MS: '50', LINLI_JOB_LEASE_SECONDS: '2', LINLI_JOB_WORKERS: '1' };
const reached = (server, job, state) => until(async () => (await runOf(server, job)).state === state, 30, `the job to be ${state}`);
const shown = (server, job) => until(async () => (await runOf(server, job)).progress_done === '3', 20, 'progress');

test('kill -9 in the middle of a job: it resumes and nothing is doubled', async (t) => {
    const server = await startServer({ env });
    t.after(() => server.stop());
    await addKinds(server);
    for (let round = 1; round <= 3; round += 1) {
        const open = await closeGate(server);
        const job = await ask(server, 'community_secretary', 'test_wait');
        await shown(server, job);
        await server.kill('SIGKILL');
        assert.equal((await runOf(server, job)).state, 'running', 'nobody wrote down that it died');
        assert.deepEqual(await traces(server, job), []);
        server.outcome = undefined;
        server.launch();
        assert.ok(await server.ready(), server.log().slice(-2000));
        await until(async () => (await runOf(server, job)).attempts === 2 && (await runOf(server, job)).progress_done === '3', 30, 'the second attempt');
        await open();
        await reached(server, job, 'succeeded');
        assert.deepEqual(await traces(server, job), ['waited'], `round ${round}`);
    }
});

test('a server that stood still past its lease cannot finish what another has taken over', async (t) => {
    const halted = await startServer({ env });
    t.after(() => halted.stop());
    await addKinds(halted);
    const open = await closeGate(halted);
    const job = await ask(halted, 'community_secretary', 'test_wait');
    await shown(halted, job);
    halted.child.kill('SIGSTOP');
    const other = await startServer({ database: halted.database, env });
    t.after(() => other.stop());
    await until(async () => (await runOf(halted, job)).attempts === 2, 30, 'the other server to take it');
    await open(); // both transactions go on; the halted server's first
    halted.child.kill('SIGCONT');
    await reached(halted, job, 'succeeded');
    assert.equal((await runOf(halted, job)).attempts, 2);
    assert.deepEqual(await traces(halted, job), ['waited']);
});
