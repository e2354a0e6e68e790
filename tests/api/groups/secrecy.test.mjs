// Nothing stored after the count links voter and ballot; and the look for it finds a link where there is one.
import assert from 'node:assert/strict';
import test from 'node:test';
import { serverFor } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { ballotsAreSecret } from './secrecy.mjs';

const sabotages = [
    ['a box with a clock', 'alter table groups.ballot_receipt add column cast_at timestamptz default now()', 'alter table groups.ballot_receipt drop column cast_at', /a time, an order or a person/],
    ['an audited box', `select core.audit_table('groups.ballot')`, 'drop trigger audit_insert on groups.ballot', /stands elsewhere/],
    ['boxes that are not rewritten', `create or replace function groups.shuffle_ballots() returns void language sql as 'select'`, null, /remembers the transactions/],
];

test('after the close nothing that is stored leads from a voter to a ballot', async (t) => {
    const server = await serverFor(t);
    await t.test('on the whole server', () => ballotsAreSecret(server));
    for (const [name, sabotage, repair, reason] of sabotages) {
        await t.test(`${name}: the look finds it`, async () => {
            await asOwner(server, sabotage);
            await assert.rejects(() => ballotsAreSecret(server), (error) => error instanceof assert.AssertionError && reason.test(error.message));
            if (repair) await asOwner(server, repair);
        });
    }
});
