// Negative controls: each rule is broken on purpose, and the check of that rule must then fail. A check that still passes
// proves nothing. Switches in C exist in the `controls` preset only (LINLI_BREAK); rules of the database are broken by the
// owner in the test's own database.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { build } from '../lib/places.mjs';
import { serverFor } from '../lib/server.mjs';
import { asOwner } from '../lib/sql.mjs';
import * as checks from './checks.mjs';

// A broken server may answer what the contract does not know: its exchanges are no part of the contract's record.
delete process.env.LINLI_RECORD_DIR;

// The text of a routine with a part replaced; the part must be there, or nothing is broken.
async function rewrite(server, routine, ...changes) {
    const [{ text }] = await asOwner(server, 'select pg_get_functiondef($1::regproc) as text', [routine]);
    const broken = changes.reduce((so, [part, other]) => {
        assert.ok(so.includes(part), `${routine} does not say ${part}`);
        return so.replace(part, other);
    }, text);
    await asOwner(server, broken);
}

const controls = [
    {
        name: 'no lock on accounts', check: checks.pointsAreSpentOnce,
        // instead of the lock, time for the others to come as far
        // the schema's second line goes too: it turns most races away, though not what they do to the lots
        async sabotage(server) {
            await rewrite(server, 'points.lock_accounts', ['perform 1 from points.account a where a.id = any (ids) and a.kind <> \'system\' order by a.id for no key update;', 'perform pg_sleep(0.5);']);
            await asOwner(server, 'alter table points.account drop constraint account_reserved_within_balance');
        },
    },
    { name: 'no row-level security', check: checks.rowsAreGuarded, sabotage: (server) => asOwner(server, 'alter table mediation.mediation_case disable row level security') },
    { name: 'no look at the token\'s header', check: checks.forgedTokensAreRefused, switch: 'token_header' },
    { name: 'no audit trigger', check: checks.writesAreAudited, sabotage: (server) => asOwner(server, 'drop trigger audit_insert on groups.group') },
    {
        name: 'no stop after a refusal', check: checks.refusalStops,
        async sabotage(server) {
            await asOwner(server, `insert into core.transition (machine, from_state, action, to_state, who) values ('mediation_case', 'refused', 'schedule_attempt', 'refused', '{files}')`);
            await rewrite(server, 'mediation.schedule', ['perform core.expect(not exists (select from mediation.refusal r where r.case_id = c.id), \'mediation_refused\');', '']);
            await rewrite(server, 'mediation.check_attempt', ['if exists (select from mediation.refusal r where r.case_id = new.case_id) then', 'if false then']);
        },
    },
    { name: 'no rule of one parent', check: checks.oneParentADay, sabotage: (server) => asOwner(server, 'alter table orgs.unit_relation drop constraint unit_relation_one_parent') },
    { name: 'no look for cycles', check: checks.noUnitUnderItself, sabotage: (server) => asOwner(server, 'drop trigger no_cycle on orgs.unit_relation') },
    {
        name: 'a reorganization in pieces', check: checks.reorganizationIsWhole,
        // what cannot be carried out is left out, the rest stays
        sabotage: (server) => rewrite(server, 'orgs.carry_out', ['perform core.expect(false, sqlerrm, \'/steps/\' || step.ordinal);', 'null;']),
    },
    { name: 'no look at a unit\'s end', check: checks.closedUnitsTakeNothing, sabotage: (server) => asOwner(server, 'drop trigger within_life on volunteering.service_record') },
    { name: 'no claim of the Idempotency-Key', check: checks.keysReplay, switch: 'idempotency' },
    { name: 'no guard of the framing', check: checks.framingIsUnambiguous, switch: 'framing' },
    { name: 'no scope', check: checks.scopeIsKept, switch: 'scope' },
    { name: 'no role gate', check: checks.rolesAreKept, switch: 'application' },
];

test('negative controls', { concurrency: false }, async (t) => {
    const whole = await serverFor(t);
    for (const control of controls) {
        await t.test(`${control.name}: the check passes on the whole server and fails on the broken one`, async (one) => {
            await control.check(whole);
            const broken = await serverFor(one, { env: control.switch ? { LINLI_BREAK: control.switch } : {} });
            await control.sabotage?.(broken);
            await assert.rejects(() => control.check(broken), assert.AssertionError, 'the check passes although its rule is broken');
        });
    }

    await t.test('what ships knows no switch', async (one) => {
        const binary = ['release', 'debug'].map((preset) => join(build, preset, 'linli')).find((path) => existsSync(path));
        for (const name of ['scope', 'application', 'idempotency']) {
            const server = await serverFor(one, { binary, env: { LINLI_BREAK: name } });
            await checks.scopeIsKept(server);
            await checks.rolesAreKept(server);
            await checks.keysReplay(server);
        }
    });
});
