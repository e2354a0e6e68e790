// linli audit: whatever is done to the past behind the server's back is found and named.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { psql } from '../../lib/cluster.mjs';
import { linli } from '../../lib/command.mjs';
import { serverFor, until } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';

const verify = (server, ...args) => linli(server, ['audit', 'verify', '--json', ...args]);

// As a database administrator who bends the rules: triggers off, row-level security does not bind superusers.
async function asIntruder(server, statement) {
    const result = await psql(server.database, ['-v', 'ON_ERROR_STOP=1', '-c', `set session_replication_role = replica; ${statement}`]);
    assert.equal(result.code, 0, result.stderr);
}

async function sealedServer(t) {
    const server = await serverFor(t);
    const pending = "select count(*)::int as n from core.audit_record r where not exists (select from core.seal s where s.stream = 'audit' and s.source_id = r.id)";
    await until(async () => (await asOwner(server, pending))[0].n === 0, 60, 'the sealer');
    return server;
}

function refusedFor(result, subject, what) {
    assert.equal(result.code, 1, result.stderr);
    assert.ok(result.json.findings.some((f) => f.subject === subject && f.what.includes(what)), JSON.stringify(result.json.findings.slice(0, 5)));
}

test('the chain of the demonstration city and what a server added verifies', async (t) => {
    const server = await sealedServer(t);
    const result = await verify(server);
    assert.equal(result.code, 0, result.stdout + result.stderr);
    assert.ok(result.json.seals > 1000);
});

test('a changed row is named, by the database and by an exported file without any database', async (t) => {
    const server = await sealedServer(t);
    const [row] = await asOwner(server, "select seal_no, source_id, canonical from core.seal_lines(40, 1)");
    await asIntruder(server, `update core.audit_record set person_id = null, operation = 'nothing' where id = ${row.source_id}`);
    const online = await verify(server);
    refusedFor(online, `seal ${row.seal_no}`, 'changed');
    assert.equal(online.json.found, 1);
    const file = join(server.folder, 'chain.jsonl');
    assert.equal((await linli(server, ['audit', 'export', '--output', file])).code, 0);
    const offline = await linli(server, ['audit', 'verify', '--json', '--file', file], { env: { LINLI_OWNER_URL: '', LINLI_DATABASE_URL: 'host=/nowhere' } });
    refusedFor(offline, `seal ${row.seal_no}`, 'changed');
    assert.ok(offline.json.seals >= online.json.seals, 'what the clock had done meanwhile is sealed too');
    assert.equal((await linli(server, ['audit', 'export', '--output', file])).code, 1, 'an existing file is never overwritten');
});

test('deleted rows, missing seals, late rows and false payloads are found', async (t) => {
    const server = await sealedServer(t);
    const [gone, cut] = await asOwner(server, "select seal_no, source_id from core.seal_lines(10, 2) order by 1");
    const [victim] = await asOwner(server, 'select audit_id from core.audit_payload where after is not null order by audit_id desc limit 1');
    await asIntruder(server, `delete from core.audit_payload where audit_id = ${gone.source_id}; delete from core.audit_record where id = ${gone.source_id};
        delete from core.seal where seal_no = ${Number(cut.seal_no) + 5};
        insert into core.audit_record (xid, table_name, row_key, action, after_digest) values ('3', 'orgs.unit', 'slipped in', 'insert', 'x');
        update core.audit_payload set after = after || '{"display_name": "someone else"}' where audit_id = ${victim.audit_id}`);
    const result = await verify(server);
    refusedFor(result, `seal ${gone.seal_no}`, 'deleted');
    refusedFor(result, `seal ${Number(cut.seal_no) + 6}`, 'missing');
    refusedFor(result, `audit record ${victim.audit_id}`, 'payload');
    assert.ok(result.json.findings.some((f) => f.row === 'orgs.unit slipped in' && f.what.includes('never sealed')));
});

test('a checkpoint that left the database convicts a chain that was cut or made anew', async (t) => {
    const server = await sealedServer(t);
    const file = join(server.folder, 'checkpoints.jsonl');
    const [made] = await until(async () => {
        const rows = await asOwner(server, 'select day::text, seal_no::int, encode(hash, \'hex\') as hash from core.checkpoint order by day');
        return rows.length > 0 && rows;
    }, 30, 'a checkpoint');
    await until(() => { try { return readFileSync(file, 'utf8').includes(made.hash); } catch { return false; } }, 90, 'the checkpoint file');
    assert.equal((await verify(server, '--checkpoint', file)).code, 0);
    await asIntruder(server, `update core.seal set hash = sha256(hash) where seal_no = ${made.seal_no}`);
    refusedFor(await verify(server, '--checkpoint', file), `seal ${made.seal_no}`, 'checkpoint');
    const later = join(server.folder, 'later.jsonl');
    writeFileSync(later, `${JSON.stringify({ day: '2099-01-01', seal_no: 99999999, hash: made.hash })}\n`);
    refusedFor(await verify(server, '--checkpoint', later), 'seal 99999999', 'cut off');
    writeFileSync(later, 'nonsense\n');
    assert.equal((await verify(server, '--checkpoint', later)).code, 1);
});

test('the ledger of the demonstration city keeps its invariants, and a changed balance is found', async (t) => {
    const server = await serverFor(t);
    const good = await linli(server, ['audit', 'ledger', '--json']);
    assert.equal(good.code, 0, good.stdout + good.stderr);
    assert.ok(good.json.entries > 100);
    await asIntruder(server, "update points.account set balance = balance + 1 where id = (select id from points.account where kind = 'personal' order by id limit 1)");
    const bad = await linli(server, ['audit', 'ledger', '--json']);
    assert.equal(bad.code, 1);
    assert.ok(bad.json.found >= 1);
});
