// Row-level security alone: with the application's checks off (the role gate admits everyone, every scope predicate sees every
// unit) the database still gives out no row of another community and no confidential file; and the same by SQL, table by table.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { connect } from '../lib/cluster.mjs';
import { build } from '../lib/places.mjs';
import { inParallel } from '../lib/process.mjs';
import { seed } from '../lib/random.mjs';
import { serverFor } from '../lib/server.mjs';
import { asApp, asOwner } from '../lib/sql.mjs';
import { ask } from './calls.mjs';
import { cells, filesRoles, isConfidential, reaches, roles } from './policy.mjs';
import { closed, guarded, open, plain } from './tables.mjs';
import { id, makeWorld } from './world.mjs';

// What the database must refuse by itself: what lies outside every grant, and files of whoever does not keep files.
function refusedByRows({ operation, role, column, expected }) {
    if (column === 'own' || !['hide', 'forbid'].includes(expected)) return false;
    return !reaches(role, column) || (isConfidential(operation) && !filesRoles.includes(role));
}

// The settings that the engine makes from a role's one grant, read from the tables once more.
async function settingsOf(server, role) {
    const staff = !['resident', 'volunteer', 'guardian'].includes(role);
    const [grant] = await asOwner(server, `select u.territory_path::text as territory, u.leadership_path::text as leadership
        from access.grant g join orgs.unit u on u.id = g.unit_id where g.person_id = $1`, [id('person', role)]);
    const paths = staff ? `{${grant.territory}}` : '';
    return {
        person: id('person', role), paths, files: filesRoles.includes(role) ? paths : '',
        lead: ['branch_secretary', 'city_leader'].includes(role) ? `{${grant.leadership}}` : '',
        scope: '{""}', scope_lead: '{""}', op: 'test', rid: 'test',
    };
}

// SQL over t: the row is none of this principal's business. $1 person, $2 paths, $3 leadership, $4 files.
function foreign({ near, mine, lead, file }) {
    const below = (path, roots) => `exists (select from orgs.unit u where u.id = any (${near}) and u.${path} <@ any (nullif(${roots}, '')::ltree[]))`;
    const reached = [below('territory_path', file ? '$4' : '$2'), ...(lead ? [below('leadership_path', '$3')] : [])].join(' or ');
    return `num_nulls($1::uuid, $2::text, $3::text, $4::text) = 0 and (${mine}) is not true and (${reached}) is not true`;
}

const parameters = (principal) => [principal.person, principal.paths, principal.lead, principal.files];

// Two connections for all tables of a principal: the owner, who knows whose the rows are, and the application.
async function asBoth(server, principal, work) {
    const owner = await connect('linli_owner', server.database);
    const app = await connect('linli_app', server.database);
    try {
        await app.query('begin');
        for (const [name, value] of Object.entries(principal)) await app.query("select set_config('app.' || $1, $2, true)", [name, value]);
        await work(owner, app);
        await app.query('rollback');
    } finally {
        await Promise.all([owner.end(), app.end()]);
    }
}

// Rows that are none of this principal's business: of the last pages, where this world's things are, and of pages here and there.
async function foreignRows(owner, principal, table) {
    const wanted = foreign(guarded[table.replaceAll('"', '')]);
    const last = `t.ctid >= format('(%s,0)', greatest(pg_relation_size('${table}') / 8192 - 20, 0))::tid`;
    const { rows } = await owner.query(`(select t.ctid::text as row from ${table} t where ${last} and ${wanted} limit 2000)
        union (select t.ctid::text from ${table} t tablesample system (10) repeatable (${seed}) where ${wanted} limit 1000)`, parameters(principal));
    return rows.map((row) => row.row);
}

// Looks at them, and writes to them what it may write, to the same value.
async function reachedWrongly({ owner, app }, role, principal, table, column) {
    const rows = await foreignRows(owner, principal, table);
    const { rows: [{ n }] } = await app.query(`select count(*)::int as n from ${table} t where t.ctid = any ($1::text[]::tid[])`, [rows]);
    const wrong = n === 0 ? [] : [`${role} sees ${n} rows of ${table} that are none of theirs`];
    if (column) {
        const changed = await app.query(`update ${table} t set ${column} = ${column} where t.ctid = any ($1::text[]::tid[])`, [rows]);
        if (changed.rowCount > 0) wrong.push(`${role} changes ${changed.rowCount} rows of ${table} that are none of theirs`);
    }
    return { wrong, looked: rows.length };
}

async function writableColumns(server) {
    const rows = await asOwner(server, `select table_schema || '.' || quote_ident(table_name) as name, min(column_name) as column_name from information_schema.column_privileges
        where grantee = 'linli_app' and privilege_type = 'UPDATE' group by 1`);
    return new Map(rows.map((row) => [row.name.replaceAll('"', ''), row.column_name]));
}

test('row-level security alone', { concurrency: false }, async (t) => {
    const server = await serverFor(t, { binary: join(build, 'controls', 'linli'), env: { LINLI_BREAK: 'application' } });
    const world = await makeWorld(server, roles);

    await t.test('every table is known: guarded, open to whoever is signed in, closed, or plain words', async () => {
        const found = await asOwner(server, `select n.nspname || '.' || c.relname as name, c.relrowsecurity and c.relforcerowsecurity as forced, has_table_privilege('linli_app', c.oid, 'select') as readable,
                c.relowner = 'linli_owner'::regrole as owned
            from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema|public$)'`);
        const known = [...Object.keys(guarded), ...open, ...closed, ...plain].sort();
        assert.deepEqual(found.map((row) => row.name).sort(), known);
        for (const row of found) {
            assert.equal(row.owned, true, row.name);
            assert.equal(row.forced, !plain.includes(row.name), `${row.name}: row-level security forced`);
            assert.equal(row.readable, !closed.includes(row.name), `${row.name}: select for linli_app`);
        }
        const [app] = await asOwner(server, `select rolsuper or rolbypassrls or rolcreaterole or pg_has_role('linli_app', 'linli_owner', 'member') as mighty from pg_roles where rolname = 'linli_app'`);
        assert.equal(app.mighty, false);
    });

    await t.test('by SQL, no row of another community and no file is seen or changed', async () => {
        const writable = await writableColumns(server);
        const wrong = [];
        const looked = new Map();
        // Volunteers and guardians reach what residents reach; an auditor's rows are a city officer's.
        const distinct = roles.filter((role) => !['volunteer', 'guardian', 'auditor'].includes(role));
        await inParallel(4, distinct, async (role) => {
            const principal = await settingsOf(server, role);
            // To whoever reaches the whole city only the files are none of theirs.
            const everywhere = ['city_officer', 'auditor', 'administrator'].includes(role);
            await asBoth(server, principal, async (owner, app) => {
                for (const table of Object.keys(guarded).filter((name) => guarded[name].file || !everywhere)) {
                    const result = await reachedWrongly({ owner, app }, role, principal, quoted(table), writable.get(table));
                    wrong.push(...result.wrong);
                    looked.set(table, (looked.get(table) ?? 0) + result.looked);
                }
            });
        });
        assert.deepEqual(wrong.sort(), []);
        // Nothing is proved about a table of which no such row was looked at; this world has no keys, visits or risks of its own.
        const unseen = [...looked].filter(([, count]) => count === 0).map(([table]) => table);
        assert.deepEqual(unseen.filter((table) => !['core.idempotency', 'mediation.risk', 'mediation.case_view'].includes(table)), []);
    });

    await t.test('without a principal nothing at all is seen', async () => {
        for (const table of [...Object.keys(guarded), ...open.filter((name) => !/policy$/.test(name))]) {
            const [{ n }] = await asApp(server, {}, `select count(*)::int as n from ${quoted(table)}`);
            assert.equal(n, 0, table);
        }
    });

    const some = cells.filter(refusedByRows);
    await t.test(`with the application's checks off, ${some.length} calls are refused by the rows`, async () => {
        assert.ok(some.length > 900, `only ${some.length} calls are left`);
        const wrong = [];
        await inParallel(12, some, async ({ operation, role, column, expected }) => {
            const { verdict, reply } = await ask(world, operation, role, column);
            if (!['hide', 'forbid', 'refuse'].includes(verdict)) wrong.push(`${operation} by ${role} on ${column}: must stay ${expected}, is ${verdict} (${reply.status} ${reply.text.slice(0, 160)})`);
        });
        assert.equal(wrong.length, 0, `\n${wrong.sort().join('\n')}\n`);
    });

    await t.test('the switch is real: what only the application refuses is admitted now', async () => {
        const { verdict, reply } = await ask(world, 'listPeople', 'auditor', 'same');
        assert.equal(verdict, 'allow', reply.text);
    });
});

// "group" is a word of SQL.
function quoted(table) {
    return table.replace(/\.(group|grant)$/, '."$1"');
}
