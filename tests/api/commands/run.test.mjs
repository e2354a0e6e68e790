// ./run refuses with one sentence, before it installs, builds or changes anything.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { house, needTestFolder } from '../../lib/places.mjs';
import { run, until } from '../../lib/process.mjs';

const start = (env, ...args) => run('bash', [join(house, 'run'), ...args], { env, seconds: 60 });
const newFolder = () => mkdtempSync(join(needTestFolder(), 'run-'));

function refused(result, pattern) {
    assert.equal(result.code, 1, result.stderr);
    assert.match(result.stderr, pattern);
    assert.equal(result.stderr.trim().split('\n').length, 1, result.stderr);
}

test('./run --help says what it does, an unknown word gets the same with exit code 2', async () => {
    const help = await start({}, '--help');
    assert.equal(help.code, 0);
    assert.match(help.stdout, /LINLI_PORT[\s\S]*LINLI_DATA/);
    assert.equal((await start({}, '--nonsense')).code, 2);
});

test('./run refuses what is not a port', async () => {
    for (const port of ['0', '65536', '99999999999999999999', '80a', '-1', ' ']) {
        refused(await start({ LINLI_PORT: port, LINLI_DATA: newFolder() }), /is not a port number/);
    }
});

test('./run refuses a taken port and names another', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    t.after(() => other.close());
    await new Promise((resolve) => other.on('listening', resolve));
    const folder = newFolder();
    refused(await start({ LINLI_PORT: String(other.address().port), LINLI_DATA: folder }), /is taken by another program; choose another one: LINLI_PORT=\d+/);
    assert.equal(existsSync(join(folder, 'data')), false);
});

test('./run refuses a data folder that another run holds', async (t) => {
    const folder = newFolder();
    const holder = spawn('flock', [join(folder, 'run.lock'), 'sh', '-c', 'echo held; cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
    t.after(() => holder.stdin.end());
    let said = '';
    holder.stdout.on('data', (text) => { said += text; });
    await until(() => said.includes('held'), 10, 'the lock');
    refused(await start({ LINLI_PORT: '1', LINLI_DATA: folder }), /already runs from/);
});

test('./run refuses a data folder that cannot be made', async () => {
    refused(await start({ LINLI_PORT: '1', LINLI_DATA: '/proc/linli' }), /cannot be made/);
});
