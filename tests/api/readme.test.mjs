// The README does what it says: its tour runs as it stands and prints what stands behind each arrow, its table is the program's.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { linli } from '../lib/command.mjs';
import { house } from '../lib/places.mjs';
import { run } from '../lib/process.mjs';
import { serverFor } from '../lib/server.mjs';

const readme = readFileSync(join(house, 'README.md'), 'utf8');

function between(name) {
    const found = new RegExp(`<!-- ${name} -->\n([^]*?)<!-- /${name} -->`).exec(readme);
    assert.ok(found, `the README has no part ${name}`);
    return found[1].trim();
}

for (const name of ['tour', 'staff-tour']) {
    test(`the ${name} works, twice, and prints what it says`, async (t) => {
        const tour = between(name).replace(/^```sh\n|\n?```$/g, '');
        const promised = [...tour.matchAll(/# → (.*)$/gm)].map((match) => match[1]);
        const server = await serverFor(t);
        for (const round of [1, 2]) {
            const result = await run('bash', ['-euo', 'pipefail', '-c', tour], { env: { LINLI_PORT: String(server.port) }, seconds: 60 });
            assert.deepEqual([result.code, result.stderr], [0, ''], `round ${round}: ${result.stdout}`);
            assert.deepEqual(result.stdout.trim().replace(/^available \d+$/m, 'available NUMBER').split('\n'), promised);
        }
    });
}

test('the table of settings is what the program prints', async () => {
    const printed = await linli({ database: 'none' }, ['config', '--markdown']);
    assert.equal(printed.code, 0, printed.stderr);
    assert.equal(between('configuration'), printed.stdout.trim(), 'put the output of `linli config --markdown` into the README');
});

test('every file and folder that the README leads to is there', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1]);
    const map = readme.slice(readme.indexOf('## The map of the house'), readme.indexOf('## To add an operation'));
    const rooms = [...map.matchAll(/^\| `([a-z/._-]+)`/gm)].map((match) => match[1]);
    assert.ok(rooms.length > 10);
    for (const path of [...links, ...rooms]) assert.ok(existsSync(join(house, path)), path);
});
