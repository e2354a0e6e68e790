// Forged tokens, refresh cookies that come back, rights that end.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { client } from '../lib/client.mjs';
import { inParallel } from '../lib/process.mjs';
import { serverFor, until } from '../lib/server.mjs';
import { asOwner } from '../lib/sql.mjs';
import { forgeries } from './forgeries.mjs';
import { assertAlive, assertDiscreet, assertProblem, digestOf } from './proof.mjs';

test('tokens', { concurrency: false }, async (t) => {
    const server = await serverFor(t);
    const key = readFileSync(join(process.env.LINLI_TEST_KEYS, 'token.current'));
    const worker = await client(server).login('community_worker');
    const knocking = client(server).anyone;
    const ask = (authorization, path = '/api/v1/me') => knocking.request('GET', path, { headers: { Authorization: authorization } });

    await t.test('forged tokens are refused, each for itself, and nothing changes', async () => {
        const { list, claiming } = forgeries(worker.token, key);
        assert.ok(list.length >= 60, `${list.length} forgeries`);
        // The counterproof: the true key and true claims are believed, so the others fell for what is wrong with them.
        assert.equal((await ask(`Bearer ${claiming({})}`)).status, 200);
        const before = await digestOf(server);
        const wrong = [];
        await inParallel(8, list, async ([name, token]) => {
            const reply = await ask(`Bearer ${token}`);
            if (reply.status !== 401) wrong.push(`${name}: ${reply.status}`);
            else assertProblem(reply, 401, 'unauthenticated');
        });
        assert.deepEqual(wrong, []);
        for (const scheme of ['Basic YTpi', `Token ${worker.token}`, `Bearer${worker.token}`, worker.token, 'Bearer']) assert.equal((await ask(scheme)).status, 401, scheme);
        assert.equal((await knocking.request('GET', `/api/v1/me?access_token=${worker.token}`)).status, 401);
        assert.equal((await knocking.request('GET', '/api/v1/me', { headers: { Cookie: `access_token=${worker.token}; linli_refresh=${worker.cookies.get('linli_refresh')}` } })).status, 401);
        assert.deepEqual(await digestOf(server), before);
    });

    await t.test('a refresh token is no access token, and the other way round', async () => {
        const session = await client(server).login('resident');
        assert.equal((await ask(`Bearer ${session.cookies.get('linli_refresh')}`)).status, 401);
        const reply = await knocking.request('POST', '/api/v1/auth/refresh', { headers: { Cookie: `linli_refresh=${session.token}` } });
        assertProblem(reply, 401, 'session_ended');
    });

    await t.test('the cookie is HttpOnly, SameSite=Strict, and only its hash is stored', async () => {
        const session = await client(server).login('resident');
        const [line] = session.loginReply.headers['set-cookie'];
        assert.match(line, /^linli_refresh=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
        const secret = session.cookies.get('linli_refresh');
        const [{ n }] = await asOwner(server, `select count(*)::int as n from access.refresh_token t where t::text like '%' || $1 || '%' or t.hash = $2`, [secret, Buffer.from(secret, 'base64url')]);
        assert.equal(n, 0);
    });

    await t.test('a spent refresh token that comes back ends the whole family', async () => {
        const session = await client(server).login('elder');
        const refresh = (cookie, headers = {}) => knocking.request('POST', '/api/v1/auth/refresh', { headers: { Cookie: `linli_refresh=${cookie}`, ...headers } });
        const first = session.cookies.get('linli_refresh');
        const second = (await session.post('/auth/refresh')).headers['set-cookie'][0].match(/=([^;]+)/)[1];
        assert.notEqual(second, first);
        // Two tabs at once: within ten seconds the one before still serves.
        assert.equal((await refresh(first)).status, 200);
        await asOwner(server, `update access.refresh_token set replaced_at = replaced_at - interval '11 seconds' where replaced_at is not null`);
        assertProblem(await refresh(first), 401, 'session_ended');
        assertProblem(await refresh(second), 401, 'session_ended');
        await until(async () => (await session.get('/me')).status === 401, 1, 'the access tokens of the family to end');
        assert.equal((await refresh('A'.repeat(43))).status, 401);
        assert.equal((await refresh("' or 1=1 --")).status, 401);
    });

    await t.test('another page cannot use the cookie', async () => {
        const session = await client(server).login('resident');
        const reply = await session.post('/auth/refresh', undefined, { headers: { Origin: 'https://evil.example' } });
        assertProblem(reply, 401, 'session_ended');
        assert.equal((await session.post('/auth/refresh')).status, 200);
    });

    await t.test('rights that are taken away end within a second', async () => {
        const inTime = (condition, what) => until(condition, 1, what);
        const out = await client(server).login('resident');
        assert.equal((await out.get('/me')).status, 200);
        assert.equal((await out.post('/auth/logout')).status, 204);
        await inTime(async () => (await out.get('/me')).status === 401, 'the session to end');

        const head = await client(server).login('head');
        assert.equal((await head.get('/people')).status, 200);
        await asOwner(server, `select access.end_grant(g.id) from access.grant g join access.login l using (person_id) where l.user_name = 'head' and g.role = 'head'`);
        await inTime(async () => (await head.get('/people')).status === 403, 'the head\'s grant to end');
        assert.equal((await head.get('/me')).status, 200);

        const mediator = await client(server).login('mediator');
        assert.ok((await mediator.get('/mediation-cases')).body.items.length > 0);
        await asOwner(server, `select access.set_disabled('mediator', true)`);
        await inTime(async () => (await mediator.get('/mediation-cases')).status === 401, 'the disabled login to be out');
        assert.equal((await knocking.post('/auth/login', { user_name: 'mediator', password: 'linli-demo-2026' })).status, 401);
    });

    await t.test('unknown, wrong and disabled answer alike, and too many wrong ones lock', async () => {
        const attempt = (user_name, password) => knocking.post('/auth/login', { user_name, password });
        const answers = [await attempt('nobody_at_all', 'x'), await attempt('auditor', 'x'), await attempt('mediator', 'linli-demo-2026')];
        for (const reply of answers) {
            assertProblem(reply, 401, 'wrong_credentials');
            assert.deepEqual({ ...reply.body, request_id: '' }, { ...answers[0].body, request_id: '' });
        }
        for (let count = 0; count < 5; count += 1) await attempt('auditor', 'x');
        const locked = await attempt('auditor', 'linli-demo-2026');
        assertProblem(locked, 429, 'login_locked');
        assert.ok(Number(locked.headers['retry-after']) > 0);
        assertDiscreet(locked);
    });

    await t.test('afterwards the server is alive', () => assertAlive(server));
});
