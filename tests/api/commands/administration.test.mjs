// linli user, doctor, config, migrate, key, seed, serve: what an administrator does at the command line.
import assert from 'node:assert/strict';
import { mkdtempSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { client } from '../../lib/client.mjs';
import { connectionUrl, createDatabase, dropDatabase } from '../../lib/cluster.mjs';
import { linli } from '../../lib/command.mjs';
import { needTestFolder } from '../../lib/places.mjs';
import { serverFor, startServer, until } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';

const statusOfLogin = async (server, user_name, password) =>
    (await client(server).anyone.post('/auth/login', { user_name, password })).status;

// A right that was taken away ends within a second, while the access token lives on.
async function endsWithinASecond(session, path, status) {
    const start = Date.now();
    await until(async () => (await session.get(path)).status === status, 5, `status ${status}`);
    assert.ok(Date.now() - start < 1000, `it took ${Date.now() - start} ms`);
}

async function emptyDatabase(t) {
    const database = await createDatabase('linli_empty');
    t.after(() => dropDatabase(database));
    return { database };
}

test('the first administrator of an empty database founds the city and signs in', async (t) => {
    const server = await serverFor(t, { template: 'linli_empty' });
    const made = await linli(server, ['user', 'add', 'root', '--display-name', '管理员', '--city', '岑溪市', '--json']);
    assert.equal(made.code, 0, made.stderr);
    assert.equal(await statusOfLogin(server, 'root', made.json.password), 200);
    const again = await linli(server, ['user', 'add', 'other', '--display-name', '管理员', '--city', '另一市']);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /there are units already/);
    assert.equal((await asOwner(server, 'select count(*)::int as n from orgs.unit'))[0].n, 1);
});

test('a password comes from standard input, a new one ends the sessions, a disabled login ends at once', async (t) => {
    const server = await serverFor(t);
    const changed = await linli(server, ['user', 'password', 'resident', '--password-stdin'], { input: 'a new long password\n' });
    assert.equal(changed.code, 0, changed.stderr);
    assert.ok(!changed.stdout.includes('a new long password'));
    assert.equal(await statusOfLogin(server, 'resident', 'linli-demo-2026'), 401);
    assert.equal(await statusOfLogin(server, 'resident', 'a new long password'), 200);
    assert.equal((await linli(server, ['user', 'password', 'resident', '--password-stdin'], { input: 'short\n' })).code, 1);
    const session = await client(server).login('community_worker');
    assert.equal((await session.get('/me')).status, 200);
    assert.equal((await linli(server, ['user', 'disable', 'community_worker'])).code, 0);
    await endsWithinASecond(session, '/me', 401);
    assert.equal((await linli(server, ['user', 'disable', 'nobody.at.all'])).code, 1);
});

test('a granted role works at once and a revoked one ends within a second', async (t) => {
    const server = await serverFor(t);
    const session = await client(server).login('resident');
    const [unit] = await asOwner(server, "select u.id from orgs.unit u where u.name = '孝坊社区' and u.kind = 'community'");
    const right = ['--role', 'community_worker', '--unit', unit.id];
    assert.equal((await session.get('/people')).status, 403);
    assert.equal((await linli(server, ['user', 'grant', 'resident', ...right])).code, 0);
    await endsWithinASecond(session, '/people', 200);
    assert.equal((await linli(server, ['user', 'revoke', 'resident', ...right])).code, 0);
    await endsWithinASecond(session, '/people', 403);
    const wrong = await linli(server, ['user', 'grant', 'resident', '--role', 'wizard', '--unit', unit.id]);
    assert.equal(wrong.code, 1);
    const list = await linli(server, ['user', 'list', '--json']);
    assert.ok(list.json.items.some((item) => item.user_name === 'resident' && item.roles.includes('resident')));
});

test('the doctor finds a sound installation sound, and says what is not', async (t) => {
    const server = await emptyDatabase(t);
    const good = await linli(server, ['doctor', '--json']);
    assert.equal(good.code, 0, good.stdout);
    assert.match(good.json.checks.find((c) => c.check === 'statements').detail, /^(\d+) of \1 agree/);
    const owner = await linli(server, ['doctor', '--json'], { env: { LINLI_DATABASE_URL: connectionUrl('linli_owner', server.database) } });
    assert.equal(owner.code, 1);
    assert.equal(owner.json.checks.find((c) => c.check === 'role').verdict, 'bad');
    const away = await linli(server, ['doctor', '--json'], { env: { LINLI_DATABASE_URL: 'host=/nowhere' } });
    assert.equal(away.code, 1);
});

test('migrate changes nothing the second time; serve refuses a schema that is older or needs a newer server', async (t) => {
    const server = await emptyDatabase(t);
    const again = await linli(server, ['migrate', '--json']);
    assert.deepEqual([again.code, again.json.applied], [0, 0], again.stderr);
    assert.equal((await linli(server, ['migrate', '--check'])).code, 0);
    await asOwner(server, 'update core.schema_version set version = version + 10, compatible_from = version + 10');
    assert.equal((await linli(server, ['migrate', '--check', '--json'])).json.state, 'incompatible');
    await asOwner(server, 'update core.schema_version set version = 1, compatible_from = 1');
    assert.equal((await linli(server, ['migrate', '--check', '--json'])).json.state, 'older');
    await assert.rejects(startServer({ database: server.database }), /run linli migrate/);
});

test('keys are made once, for nobody else to read, and rotated', async (t) => {
    const server = await emptyDatabase(t);
    const env = { LINLI_KEY_DIR: join(mkdtempSync(join(needTestFolder(), 'keys-')), 'keys') };
    assert.equal((await linli(server, ['key', 'check'], { env })).code, 1);
    assert.equal((await linli(server, ['key', 'create', '--json'], { env })).json.made, 3);
    assert.equal((await linli(server, ['key', 'create', '--json'], { env })).json.made, 0);
    assert.equal(statSync(join(env.LINLI_KEY_DIR, 'blind')).mode & 0o777, 0o600);
    assert.equal((await linli(server, ['key', 'rotate', 'token'], { env })).code, 0);
    assert.equal((await linli(server, ['key', 'check'], { env })).code, 0);
    assert.equal((await linli(server, ['key', 'rotate'], { env })).code, 2);
});

test('secrets are never shown, seeding is refused outside a demonstration, wrong usage is exit code 2', async (t) => {
    const server = await emptyDatabase(t);
    const shown = await linli(server, ['config', '--json']);
    assert.equal(shown.json.database_url.value, '(set)');
    assert.ok(!shown.stdout.includes(server.database));
    assert.match((await linli(server, ['config', '--markdown'])).stdout, /LINLI_PORT|`port`/);
    const refused = await linli(server, ['seed'], { env: { LINLI_DEMO: '0' } });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /no demonstration/);
    for (const args of [[], ['nonsense'], ['user'], ['user', 'add'], ['audit', 'nonsense'], ['migrate', '--nonsense'], ['key', 'create', '--json=1', '--nope']]) {
        assert.equal((await linli(server, args)).code, 2, args.join(' '));
    }
    for (const name of ['serve', 'migrate', 'seed', 'user', 'key', 'audit', 'config', 'doctor']) {
        const help = await linli(server, [name, '--help']);
        assert.equal(help.code, 0, name);
        assert.match(help.stdout, /Exit codes: 0/);
    }
});
