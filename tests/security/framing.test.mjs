// Framing by raw bytes: what could be read in two ways is refused and the connection closed, so that nothing can hide a second
// request; slow, endless and oversized senders are cut off. Malformed HTTP gets libmicrohttpd's own short HTML page.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { inParallel } from '../lib/process.mjs';
import { open } from '../lib/raw.mjs';
import { serverFor } from '../lib/server.mjs';
import { ambiguous, attack, get, hidden, host, post } from './framings.mjs';
import { assertAlive, assertDiscreet, assertProblem, digestOf } from './proof.mjs';

// Read in one way only: answered as itself, and the connection goes on. [name, bytes, statuses]
const clear = [
    ['three requests in one packet', get('/healthz') + get('/readyz') + get('/healthz'), [200, 200, 200]],
    ['chunks with an extension and a trailer that means nothing', post('Transfer-Encoding: chunked\r\n', '2;a=b\r\n{}\r\n0\r\nAuthorization: Bearer x\r\nContent-Length: 5\r\n\r\n'), [422]],
    ['a Content-Length that is too short: the rest is another, bad request', post('Content-Length: 1\r\n', `{}${hidden}`), [400, 405]],
    ['a body on a GET', `${get('/healthz', 'Content-Length: 5\r\n')}hello${get('/readyz')}`, [415, 200]],
    ['an unknown method', `BREW /api/v1/system HTTP/1.1\r\n${host}\r\n`, [405]],
    ['TRACE', `TRACE /api/v1/system HTTP/1.1\r\n${host}X-Secret: x\r\n\r\n`, [405]],
    ['an upgrade that nobody asked for', get('/healthz', 'Connection: Upgrade\r\nUpgrade: h2c\r\n'), [200]],
    ['a coded body', post('Content-Encoding: gzip\r\nContent-Length: 2\r\n', '{}'), [415]],
    ['Expect: 100-continue', post('Expect: 100-continue\r\nContent-Length: 2\r\n', '{}'), [100, 422]],
];

// Not closable in libmicrohttpd 0.9.75 (nginx in front refuses them): documented here. They are still read in one way: as one
// request, that hides none. [name, bytes]
const tolerated = [
    ['an empty header name', get('/healthz', ': x\r\n')],
    ['a folded header', get('/healthz', 'X-A: a\r\n b\r\n')],
    ['bare LF', `GET /healthz HTTP/1.1\nHost: linli\n\n`],
    ['raw NUL in a header', get('/healthz', 'X-A: a\0b\r\n')],
    ['raw NUL in the target', get('/healthz\0x')],
];

test('framing', { concurrency: false }, async (t) => {
    const server = await serverFor(t, { template: 'linli_empty', env: { LINLI_HEADER_SECONDS: '2', LINLI_BODY_SECONDS: '2', LINLI_REQUEST_SECONDS: '4' } });
    const before = await digestOf(server);

    await t.test(`${ambiguous.length} messages that could be read in two ways are refused, and the connection closed`, async () => {
        await inParallel(8, ambiguous, async ([name, bytes, status]) => {
            const { replies, closed } = await attack(server, bytes);
            assert.ok(closed, `${name}: the connection stayed open`);
            assert.equal(replies.length, 1, `${name}: ${replies.length} answers`);
            assert.doesNotMatch(replies[0].body, /"openapi"/, name);
            const said = replies[0].status || Number(/HTTP\/1\.1 (\d{3})/.exec(replies[0].body)?.[1]);
            assert.equal(said, status, name);
            if (replies[0].headers['content-type']?.startsWith('application/problem')) assertProblem(replies[0], status);
        });
    });

    await t.test('what reads in one way only is answered as itself', async () => {
        await inParallel(4, clear, async ([name, bytes, statuses]) => {
            const { replies } = await attack(server, bytes);
            assert.deepEqual(replies.map((reply) => reply.status), statuses, name);
            for (const reply of replies) assertDiscreet(reply);
            assert.doesNotMatch(JSON.stringify(replies), /X-Secret|"openapi"/, name);
        });
    });

    await t.test('what libmicrohttpd lets through stays one request', async () => {
        await inParallel(4, tolerated, async ([name, bytes]) => {
            const { replies } = await attack(server, bytes);
            assert.equal(replies.length, 1, name);
        });
    });

    // From the first byte to the hang-up, in seconds.
    async function lived(beginning, drip, pauseMs = 300) {
        const connection = open(server);
        const since = Date.now();
        connection.write(beginning);
        while (!connection.state.over && Date.now() - since < 15_000) {
            await pause(pauseMs);
            connection.write(drip);
        }
        connection.destroy();
        assert.ok(connection.state.over, 'a slow sender was never cut off');
        return (Date.now() - since) / 1000;
    }

    await t.test('a slow sender is cut off by the absolute deadline, however busy it keeps the line', async () => {
        const [headers, body, chunks, silent, short] = await Promise.all([
            lived('GET /healthz HTTP/1.1\r\nHost: linli\r\n', 'X-A: a\r\n'),
            lived(post('Content-Length: 5000\r\n'), ' '),
            lived(post('Transfer-Encoding: chunked\r\n'), '1\r\n \r\n'),
            lived('', ''),
            lived(post('Content-Length: 100\r\n', '{}'), ''),
        ]);
        for (const seconds of [headers, body, chunks, silent, short]) assert.ok(seconds >= 1.5 && seconds < 8, `cut off after ${seconds} s`);
    });

    await t.test('a body that never ends is hung up on, not kept', async () => {
        const connection = open(server);
        connection.write(post('Transfer-Encoding: chunked\r\n'));
        const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
        let sent = 0;
        while (!connection.state.over && sent < 64 * 1024 * 1024) {
            connection.write(chunk);
            sent += 65_536;
            await pause(1);
        }
        connection.destroy();
        assert.ok(sent < 32 * 1024 * 1024, `${sent} bytes were taken`);
    });

    await t.test('afterwards the server is alive and the database unchanged', async () => {
        await assertAlive(server);
        assert.deepEqual(await digestOf(server), before);
    });
});
