// Files: what goes up comes down, a broken upload goes on where it stopped, nothing is kept in the clear or in memory.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect as dial } from 'node:net';
import test, { after, before } from 'node:test';
import { startServer, until } from '../../lib/server.mjs';
import { asOwner, setClock } from '../../lib/sql.mjs';
import { done, refused, signedIn } from '../story.mjs';
import { digestOf, newId, png, put, target } from './files.mjs';

const piece = 65_536;
let server;
let as;
before(async () => {
    server = await startServer({ env: { LINLI_JOB_POLL_MS: '50', ASAN_OPTIONS: 'exitcode=66:detect_leaks=1:quarantine_size_mb=2' } });
    as = signedIn(server);
});
after(() => server?.stop());

// The beginning of an upload whose sender goes away.
async function breakOff(session, id, bytes, sent, headers = '') {
    const socket = dial(server.port, '127.0.0.1');
    const gone = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => {});
    socket.write(`PUT /api/v1${target(id)} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${session.token}\r\nContent-Type: image/png\r\nContent-Length: ${bytes.length}\r\n${headers}\r\n`);
    await new Promise((resolve) => socket.write(bytes.subarray(0, sent), resolve));
    return { socket, gone };
}

test('what goes up comes down, byte by byte, as an attachment', async () => {
    const resident = await as('resident');
    for (const size of [9, piece - 1, piece, piece + 1, 3 * piece + 777]) {
        const [id, bytes] = [newId(), png(size)];
        const up = done(await put(resident, id, bytes));
        assert.deepEqual([up.state, up.received, up.size, up.digest, up.file_name], ['complete', size, size, digestOf(bytes), '照片.png']);
        assert.deepEqual(done(await resident.get(`/blobs/${id}`)), up);
        const down = await resident.get(`/blobs/${id}/content`);
        assert.equal(down.status, 200, down.text);
        assert.ok(down.bytes.equals(bytes), `${size} bytes`);
        assert.deepEqual([down.headers['content-type'], down.headers['content-length'], down.headers['x-content-type-options']], ['image/png', String(size), 'nosniff']);
        assert.equal(down.headers['content-disposition'], `attachment; filename*=UTF-8''${encodeURIComponent('照片.png')}`);
        assert.equal((await resident.get(`/blobs/${id}/content`, { headers: { 'If-None-Match': down.headers.etag } })).status, 304);
        assert.deepEqual(done(await put(resident, id, bytes)), up, 'once more is the same');
        const [{ plain }] = await asOwner(server, 'select bool_or(position($2::bytea in sealed) > 0) as plain from core.blob_piece where blob_id = $1', [id, bytes.subarray(0, 8)]);
        assert.equal(plain, false, 'sealed at rest');
    }
});

test('a broken upload goes on where it stopped', async () => {
    const resident = await as('resident');
    const [id, bytes] = [newId(), png(4 * piece + 100)];
    const { socket, gone } = await breakOff(resident, id, bytes, 3 * piece + 50);
    await until(async () => (await resident.get(`/blobs/${id}`)).body?.received === 3 * piece, 10, 'three pieces to be kept');
    socket.destroy();
    await gone;
    assert.equal(done(await resident.get(`/blobs/${id}`)).state, 'uploading');
    refused(await resident.get(`/blobs/${id}/content`), 409, 'blob_incomplete');
    const part = (first, last, total = bytes.length) => put(resident, id, bytes.subarray(first, last + 1), { range: `bytes ${first}-${last}/${total}` });
    refused(await part(piece, bytes.length - 1), 409, 'upload_elsewhere');
    // A part that ends within a piece leaves the rest of it over.
    assert.equal(done(await part(3 * piece, 3 * piece + 10)).received, 3 * piece);
    assert.deepEqual((({ received, state }) => [received, state])(done(await part(3 * piece, 4 * piece + 9))), [4 * piece, 'uploading']);
    assert.equal(done(await part(4 * piece, bytes.length - 1)).state, 'complete');
    assert.ok((await resident.get(`/blobs/${id}/content`)).bytes.equals(bytes));
    // Without a range it begins anew.
    const again = newId();
    const broken = await breakOff(resident, again, bytes, 2 * piece);
    await until(async () => (await resident.get(`/blobs/${again}`)).body?.received === 2 * piece, 10, 'two pieces to be kept');
    broken.socket.destroy();
    assert.equal(done(await put(resident, again, bytes)).digest, digestOf(bytes));
});

test('what is refused, and why; the connection lives on', async () => {
    const resident = await as('resident');
    const bytes = png(1000);
    refused(await put(resident, newId(), bytes, { purpose: 'import' }), 422, 'blob_type_refused');
    refused(await put(resident, newId(), Buffer.from('<script>alert(1)</script>')), 422, 'blob_type_differs');
    refused(await put(resident, newId(), bytes, { type: 'text/csv', purpose: 'import' }), 422, 'blob_type_differs');
    refused(await put(resident, newId(), bytes, { type: 'text/html' }), 415, 'unsupported_media_type');
    refused(await put(resident, newId(), bytes, { range: 'bytes 0-10/5' }), 422, 'range_differs');
    refused(await put(resident, newId(), bytes, { range: 'bytes 0-10/2000' }), 422, 'range_differs');
    refused(await put(resident, newId(), bytes, { range: 'bytes=0-999/1000' }), 422, 'invalid_input');
    refused(await put(resident, newId(), bytes, { range: 'bytes 65536-66535/100000' }), 409, 'upload_elsewhere');
    refused(await put(resident, newId(), png(10_485_761)), 413, 'blob_too_large');
    refused(await resident.put(target(newId()), bytes, { headers: { 'Content-Type': 'image/png', 'Transfer-Encoding': 'chunked', 'Content-Length': null } }), 411, 'length_required');
    const id = newId();
    done(await put(resident, id, bytes));
    refused(await put(resident, id, png(999)), 409, 'blob_differs');
    const neighbour = await as('neighbour');
    refused(await put(neighbour, id, bytes), 409, 'blob_differs');
    for (const login of ['neighbour', 'community_worker', 'administrator']) {
        refused(await (await as(login)).get(`/blobs/${id}`), 404, 'not_found');
        refused(await (await as(login)).get(`/blobs/${id}/content`), 404, 'not_found');
    }
    assert.equal((await resident.request('PUT', `/api/v1${target(newId())}`, { body: bytes, headers: { Authorization: null, 'Content-Type': 'image/png' } })).status, 401);
});

test('nobody fills the disk with files that nothing uses', async () => {
    const elder = await as('elder');
    await asOwner(server, `insert into core.blob (id, owner_id, purpose, file_name, media_type, size, expires_at)
        select core.uuid_v7(), $1, 'import', 'x', 'text/csv', 67108864, core.app_now() + interval '1 hour' from generate_series(1, 8)`, [(await elder.get('/me')).body.person.id]);
    refused(await put(elder, newId(), png(1000)), 409, 'blob_quota');
});

test('a large file passes through little memory', async () => {
    const worker = await as('community_worker');
    const line = Buffer.from(`${'甲,乙,丙\n'.repeat(500)}`);
    const bytes = Buffer.concat(Array.from({ length: Math.ceil(30_000_000 / line.length) }, () => line));
    const peak = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]);
    done(await put(worker, newId(), line, { type: 'text/csv', purpose: 'import', name: 'a.csv' }));
    const before = peak();
    const id = newId();
    assert.equal(done(await put(worker, id, bytes, { type: 'text/csv', purpose: 'import', name: 'b.csv' })).digest, digestOf(bytes));
    assert.ok((await worker.get(`/blobs/${id}/content`)).bytes.equals(bytes));
    assert.ok(peak() - before < 12_000, `${peak() - before} kB more for ${bytes.length} bytes`);
});

test('a sender that stands still is cut off, a slow one is not', async (t) => {
    const strict = await startServer({ database: server.database, env: { LINLI_BODY_SECONDS: '1', LINLI_STREAM_RATE: '100000', LINLI_REQUEST_SECONDS: '1' } });
    t.after(() => strict.stop());
    const resident = await as('resident');
    const [id, bytes] = [newId(), png(700_000)];
    const socket = dial(strict.port, '127.0.0.1');
    socket.on('error', () => {});
    const answer = new Promise((resolve) => {
        let text = '';
        socket.on('data', (chunk) => { text += chunk; });
        socket.on('close', () => resolve(text));
    });
    socket.write(`PUT /api/v1${target(id)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${resident.token}\r\nContent-Type: image/png\r\nContent-Length: ${bytes.length}\r\n\r\n`);
    // Longer than any request may take altogether, and faster than the least rate.
    for (let at = 0; at < bytes.length; at += 70_000) {
        socket.write(bytes.subarray(at, at + 70_000));
        await new Promise((resolve) => { setTimeout(resolve, 250); });
    }
    assert.match(await answer, /^HTTP\/1\.1 200 /);
    const stopped = await breakOff({ token: resident.token }, newId(), bytes, 1000);
    stopped.socket.destroy();
    const standing = dial(strict.port, '127.0.0.1');
    standing.on('error', () => {});
    standing.resume();
    const cut = new Promise((resolve) => standing.on('close', () => resolve('cut')));
    standing.write(`PUT /api/v1${target(newId())} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${resident.token}\r\nContent-Type: image/png\r\nContent-Length: 700000\r\n\r\n`);
    assert.equal(await cut, 'cut');
});

test('files that nothing used go by themselves', async (t) => {
    const resident = await as('resident');
    const id = newId();
    done(await put(resident, id, png(70_000)));
    t.after(() => setClock(server, '0'));
    await setClock(server, '3 days');
    await until(async () => (await asOwner(server, 'select count(*)::int as n from core.blob where id = $1', [id]))[0].n === 0, 30, 'the file to go');
    assert.equal((await asOwner(server, 'select count(*)::int as n from core.blob_piece where blob_id = $1', [id]))[0].n, 0);
});
