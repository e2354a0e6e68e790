// The load generator (load.c), built on first use, and the requests it sends.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { build, house } from '../lib/places.mjs';
import { run } from '../lib/process.mjs';

const folder = dirname(process.env.LINLI_BINARY ?? join(build, 'release/linli'));
const program = join(folder, 'bench_load');
export const connections = 64;

export async function buildLoad() {
    const made = await run('cmake', ['--build', folder, '--target', 'bench_load'], { cwd: house, seconds: 300 });
    assert.equal(made.code, 0, made.stdout + made.stderr);
}

// request({method, path, token, headers, body}) → its bytes, as every client here sends them.
export function request({ method = 'GET', path, token, headers = {}, body }) {
    const text = body === undefined ? '' : JSON.stringify(body);
    const all = { Host: '127.0.0.1', Authorization: `Bearer ${token}`, Accept: 'application/json', ...headers };
    if (text) Object.assign(all, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
    return `${method} ${path} HTTP/1.1\r\n${Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${text}`;
}

function requestFile(server, requests) {
    const file = join(server.folder, 'requests');
    writeFileSync(file, requests.map((text) => `${Buffer.byteLength(text)}\n${text}`).join(''));
    return file;
}

// load(server, port, requests, {seconds, status, again}) → figures of load.c; any other status, or a lost connection, is a failure.
export async function load(server, port, requests, { seconds, status = 200, again = false }) {
    const args = [port, connections, seconds, status, requestFile(server, requests), ...(again ? ['again'] : [])].map(String);
    const result = await run(program, args, { seconds: seconds + 60 });
    assert.equal(result.code, 0, result.stderr);
    const figures = JSON.parse(result.stdout);
    assert.ok(!figures.ran_dry, `the ${requests.length} prepared requests did not last ${seconds} s`);
    return figures;
}

// hold(server, count, text, work): work() while that many connections have had their reply and stay open.
export async function hold(server, count, text, work) {
    const child = spawn(program, [server.port, count, 'hold', 200, requestFile(server, [text]), 'again'].map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    try {
        const line = await Promise.race([once(createInterface(child.stdout), 'line'), ended.then(() => null)]);
        assert.ok(line, 'the connections could not be opened');
        assert.equal(JSON.parse(line[0]).open, count);
        return await work();
    } finally {
        child.stdin.end();
        await ended;
    }
}

// CPU of a process and its children so far, in µs.
export function cpuOf(pid) {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean);
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10_000 + children.reduce((sum, child) => sum + cpuOf(child), 0);
}
