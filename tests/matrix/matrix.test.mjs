// The permission matrix: every operation, every role, on one's own, in the same building, in a sibling community, in another town.
import assert from 'node:assert/strict';
import test from 'node:test';
import { inParallel } from '../lib/process.mjs';
import { serverFor, until } from '../lib/server.mjs';
import { asOwner } from '../lib/sql.mjs';
import { ask } from './calls.mjs';
import { cells, contractOperations, operations, policy, roles } from './policy.mjs';
import { columns, id, makeWorld, placeOf } from './world.mjs';

const values = new Set(['allow', 'forbid', 'hide', 'refuse', '-']);

// wrongCells(world, cells) → a line for every call that did not answer as the policy says.
async function wrongCells(world, wanted) {
    const wrong = [];
    await inParallel(12, wanted, async ({ operation, role, column, expected }) => {
        const { verdict, reply } = await ask(world, operation, role, column);
        if (verdict !== expected) wrong.push(`${operation} by ${role} on ${column}: policy says ${expected}, the server ${verdict} (${reply.status} ${reply.text.slice(0, 160)})`);
    });
    return wrong.sort();
}

test('the permission matrix', { concurrency: false }, async (t) => {
    const server = await serverFor(t);

    await t.test('policy.csv covers exactly the operations and roles of the contract', async () => {
        const contract = await contractOperations(server);
        assert.deepEqual([...operations].sort(), contract.operations.sort());
        assert.deepEqual([...roles].sort(), contract.roles.sort());
        assert.equal(policy.length, operations.length * roles.length);
        assert.equal(new Set(policy.map((row) => `${row.operation} ${row.role}`)).size, policy.length);
        for (const row of policy) {
            assert.ok(columns.every((column) => values.has(row[column])), `${row.operation} ${row.role}`);
            assert.ok(columns.some((column) => row[column] !== '-') && row.source.length > 5, `${row.operation} ${row.role}`);
        }
    });

    const world = await makeWorld(server, roles);
    // Reading first: a step that is wrongly admitted must not hide what a reader sees. One's own sessions end last.
    const isRead = (cell) => /^(get|list)/.test(cell.operation);
    for (const [title, some] of [['reads', cells.filter(isRead)], ['writes', cells.filter((cell) => !isRead(cell))]]) {
        await t.test(`${some.length} ${title} answer as the policy says`, async () => {
            const wrong = await wrongCells(world, some);
            assert.equal(wrong.length, 0, `\n${wrong.join('\n')}\n`);
        });
    }

    // A role's reach must not leak through another role: a head who is also a resident reads what either may, and no more.
    await t.test('with a resident\'s grant as well, everyone reads what either role may and no more', async () => {
        await asOwner(server, `select access.add_grant(p, 'resident', $2, '2022-07-01') from unnest($1::uuid[]) p`, [roles.filter((role) => role !== 'resident').map((role) => id('person', role)), placeOf('own').home]);
        for (const session of world.sessions.values()) {
            await until(async () => (await session.get('/me')).body.grants.some((grant) => grant.role === 'resident'), 5, 'the second grant to be known');
        }
        const resident = new Map(policy.filter((row) => row.role === 'resident').map((row) => [row.operation, row]));
        const best = (one, other) => ['allow', 'refuse', 'hide', 'forbid'].find((value) => [one, other].includes(value));
        const both = cells.filter(isRead).map((cell) => ({ ...cell, expected: best(cell.expected, resident.get(cell.operation)[cell.column]) }));
        const wrong = await wrongCells(world, both);
        assert.equal(wrong.length, 0, `\n${wrong.join('\n')}\n`);
    });
});
