// A database that stands still with its sockets open: nothing tells the server that it is gone. Statements may take as long as a
// request here, so that only the server's own doubt can be what answers.
import assert from 'node:assert/strict';
import test from 'node:test';
import { done, person, refused, signedIn, today } from '../api/story.mjs';
import { client, newKey } from '../lib/client.mjs';
import { startCluster } from '../lib/cluster.mjs';
import { startServer, until } from '../lib/server.mjs';
import { asOwner } from '../lib/sql.mjs';

const patience = { LINLI_READ_TIMEOUT_MS: '60000', LINLI_WRITE_TIMEOUT_MS: '60000', LINLI_SLOW_TIMEOUT_MS: '60000' };

async function frozenPlace(t) {
    const cluster = await startCluster();
    const server = await startServer({ cluster, env: patience });
    server.ownsDatabase = false;
    t.after(async () => {
        cluster.signal('SIGCONT');
        await server.stop();
        await cluster.stop('immediate');
    });
    return { cluster, server, as: signedIn(server) };
}

const statusOf = async (server, path) => (await client(server).anyone.request('GET', path)).status;

test('a frozen database: whoever waits is told at once, and the key settles what was under way', { timeout: 120_000 }, async (t) => {
    const { cluster, server, as } = await frozenPlace(t);
    const volunteer = await as('volunteer');
    const body = { served_person_id: person('resident'), kind: 'elder_care', minutes: 60, served_on: today(-1) };
    const record = (key) => volunteer.post('/service-records', body, { headers: { 'Idempotency-Key': key } });
    done(await volunteer.get('/accounts'));
    const count = 'select count(*)::int as n from volunteering.service_record';
    const [{ n: before }] = await asOwner(server, count);
    const key = newKey();
    cluster.signal('SIGSTOP');
    const waiting = [record(key), volunteer.get('/accounts'), volunteer.get('/units?kind=community'),
        client(server).anyone.request('POST', '/api/v1/auth/login', { body: { user_name: 'elder', password: 'linli-demo-2026' } })];
    for (const reply of await Promise.all(waiting)) {
        assert.equal(reply.status, 503, reply.text);
        assert.match(reply.headers['retry-after'], /^[1-9]\d*$/);
    }
    refused(await waiting[0], 503, 'outcome_unknown');
    refused(await waiting[1], 503, 'unavailable');
    assert.equal(await statusOf(server, '/readyz'), 503);
    assert.equal(await statusOf(server, '/healthz'), 200);
    refused(await volunteer.get('/accounts'), 503, 'unavailable');
    cluster.signal('SIGCONT');
    await until(async () => (await statusOf(server, '/readyz')) === 200, 20, 'the server to find its database again');
    done(await record(key), 201);
    done(await record(key), 201);
    assert.equal((await asOwner(server, count))[0].n, before + 1);
});

test('a server whose database is frozen ends when it is told to', { timeout: 120_000 }, async (t) => {
    const { cluster, server } = await frozenPlace(t);
    cluster.signal('SIGSTOP');
    await server.stop();
});
