// Forged tokens, refresh cookies that come back, rights that end.
import assert from 'node:assert/strict';
import { createHmac, createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { client } from '../lib/client.mjs';
import { inParallel } from '../lib/process.mjs';
import { serverFor, until } from '../lib/server.mjs';
import { asOwner } from '../lib/sql.mjs';
import { assertAlive, assertDiscreet, assertProblem, digestOf } from './proof.mjs';

const code = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);

// forgeries(good, key) → [name, token]: each wrong in one way, most of them signed with the true key.
export function forgeries(good, key) {
    const [header, payload, signature] = good.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url'));
    const mac = (text, secret = key, hash = 'sha256') => createHmac(hash, secret).update(text).digest('base64url');
    const signed = (head, body, secret, hash) => `${head}.${body}.${mac(`${head}.${body}`, secret, hash)}`;
    const claiming = (changes) => signed(header, code({ ...claims, ...changes }));
    const without = (name) => signed(header, code(Object.fromEntries(Object.entries(claims).filter(([one]) => one !== name))));
    const raw = (text) => signed(header, code(text));
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
    const rs256 = `${code({ alg: 'RS256', typ: 'JWT' })}.${payload}`;
    const list = [
        ['alg none', `${code({ alg: 'none', typ: 'JWT' })}.${payload}.`], ['alg None, signed', signed(code({ alg: 'None', typ: 'JWT' }), payload)],
        ['alg none with our signature', `${code({ alg: 'none', typ: 'JWT' })}.${payload}.${signature}`], ['no alg', signed(code({ typ: 'JWT' }), payload)],
        ['HS384', signed(code({ alg: 'HS384', typ: 'JWT' }), payload, key, 'sha384')], ['HS512', signed(code({ alg: 'HS512', typ: 'JWT' }), payload, key, 'sha512')],
        ['RS256', `${rs256}.${createSign('sha256').update(rs256).sign(rsa.privateKey).toString('base64url')}`],
        ['RS256 confused: signed with the public key as secret', signed(code({ alg: 'HS256', typ: 'JWT' }), payload, rsa.publicKey)],
        ['ES256 header, our signature', signed(code({ alg: 'ES256', typ: 'JWT' }), payload)],
        ['the header in another order', signed(code({ typ: 'JWT', alg: 'HS256' }) === header ? code({ alg: 'HS256', typ: 'JWT' }) : code({ typ: 'JWT', alg: 'HS256' }), payload)],
        ['a header with kid', signed(code({ alg: 'HS256', typ: 'JWT', kid: '../../dev/null' }), payload)], ['a header with jwk', signed(code({ alg: 'HS256', typ: 'JWT', jwk: { kty: 'oct', k: 'AA' } }), payload)],
        ['a header with jku', signed(code({ alg: 'HS256', typ: 'JWT', jku: 'http://evil/' }), payload)], ['a header with crit', signed(code({ alg: 'HS256', typ: 'JWT', crit: ['exp'] }), payload)],
        ['a header with a blank', signed(code('{"alg": "HS256","typ":"JWT"}'), payload)], ['an empty header', signed('', payload)],
        ['the empty key', signed(header, payload, '')], ['a key of zeros', signed(header, payload, Buffer.alloc(32))], ['another key', signed(header, payload, Buffer.alloc(32, 7))],
        ['no signature', `${header}.${payload}.`], ['two segments', `${header}.${payload}`], ['four segments', `${good}.x`], ['half a signature', good.slice(0, -20)],
        ['one bit of the signature', `${header}.${payload}.${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`], ['padding', `${good}=`],
        ['one letter of the payload', `${header}.${payload.slice(0, -1)}${payload.endsWith('A') ? 'B' : 'A'}.${signature}`],
        ['wrong iss', claiming({ iss: 'evil' })], ['iss as a list', claiming({ iss: ['linli'] })], ['wrong aud', claiming({ aud: 'other' })], ['aud as a list', claiming({ aud: ['linli-api'] })],
        ['use refresh', claiming({ use: 'refresh' })], ['use null', claiming({ use: null })], ['exp as text', claiming({ exp: String(claims.exp) })], ['exp as a real', raw(JSON.stringify(claims).replace(`"exp":${claims.exp}`, `"exp":${claims.exp}.5`))],
        ['exp true', claiming({ exp: true })], ['exp negative', claiming({ exp: -1 })], ['exp beyond 64 bits', raw(JSON.stringify(claims).replace(`"exp":${claims.exp}`, '"exp":99999999999999999999'))],
        ['expired', claiming({ iat: now() - 700, nbf: now() - 700, exp: now() - 100 })], ['living for a year', claiming({ exp: now() + 31_536_000 })], ['nbf to come', claiming({ nbf: now() + 300 })],
        ['iat to come', claiming({ iat: now() + 300 })], ['nbf as text', claiming({ nbf: '0' })], ['sub as a number', claiming({ sub: 1 })], ['sub no id', claiming({ sub: "' or 1=1 --" })], ['sub of nobody', claiming({ sub: randomUUID() })],
        ['sid of nobody', claiming({ sid: randomUUID() })], ['sid null', claiming({ sid: null })], ['jti as an object', claiming({ jti: {} })], ['one claim more', claiming({ role: 'administrator' })],
        ...['iss', 'aud', 'sub', 'sid', 'use', 'iat', 'nbf', 'exp', 'jti'].map((name) => [`no ${name}`, without(name)]),
        ['a claim twice', raw(JSON.stringify(claims).replace('{', `{"sub":"${randomUUID()}",`))], ['the payload as an array', raw(JSON.stringify([claims]))], ['the payload as text', raw('"x"')],
        ['the payload empty', signed(header, '')], ['the payload no JSON', raw('{')], ['the payload with a NUL', raw(JSON.stringify({ ...claims, sub: `${claims.sub}\0x` }))], ['the payload deep', raw('['.repeat(200) + ']'.repeat(200))],
        ['2 KiB', claiming({ jti: 'x'.repeat(2048) })], ['1 byte beyond the limit', `${good}${'A'.repeat(1025 - good.length)}`], ['no token', ''], ['dots', '..'], ['a NUL letter', good.replace('.', '%00')], ['blanks', good.replace('.', ' . ')],
    ];
    return { list, claims, claiming };
}

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
