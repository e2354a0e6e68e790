// Whether anything that is stored after the close leads from a voter to a ballot. Told a server, it holds an election there and then looks
// at the whole database as its superuser may, page by page and column by column, and at the server's log. The controls break the rule.
import assert from 'node:assert/strict';
import { connect } from '../../lib/cluster.mjs';
import { client } from '../../lib/client.mjs';
import { Random, seed } from '../../lib/random.mjs';
import { demoId, done, person } from '../story.mjs';
import { adultsOf, castBallot, headElection, openElection, sessionsOf, step, takeToken } from './voters.mjs';

const boxes = { 'groups.ballot': ['choices', 'election_id', 'id', 'round'], 'groups.ballot_receipt': ['digest', 'election_id', 'round'] };

// Everybody takes a token and casts at once, in an order that the test knows: the easiest case for whoever looks for it.
async function vote(server) {
    const resident = await client(server).login('resident');
    const [desk] = await sessionsOf(server, resident, [person('community_worker')]);
    const building = demoId('building 1.1');
    const voters = (await adultsOf(server, building, 8)).slice(0, 8);
    const election = await openElection(server, desk, headElection(building), [voters.slice(0, 3)]);
    const candidates = election.nominations[0].map((one) => one.id);
    const random = new Random(seed);
    const cast = [];
    for (const [n, session] of (await sessionsOf(server, resident, voters)).entries()) {
        const ballot = await takeToken(session, election.path);
        const choice = random.pick(candidates);
        done(await castBallot(server, election.path, ballot, [choice]), 201);
        cast.push({ voter: voters[n], choice, token: ballot.token, receipt: ballot.receipt, blinded: ballot.drawn.blinded });
    }
    done(await step(desk, election.id, 'close_voting'));
    return { election, cast };
}

async function columnsOf(db, table) {
    const { rows } = await db.query(`select attname from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attname`, [table]);
    return rows.map((row) => row.attname);
}

// Every table that holds any of these words in any column, as text, in a row written since the election began.
async function tablesWith(db, since, words) {
    const { rows: tables } = await db.query(`select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema)'`);
    const found = [];
    for (const { name } of tables) {
        const { rows } = await db.query(`select 1 from ${name} t where t.xmin::text::bigint >= $1 and exists (select from unnest($2::text[]) w where strpos(t::text, w) > 0) limit 1`, [since, words]);
        if (rows.length > 0) found.push(name);
    }
    return found.sort();
}

export async function ballotsAreSecret(server) {
    const db = await connect('postgres', server.database);
    const { rows: [{ since }] } = await db.query('select pg_current_xact_id()::text::bigint as since');
    const { election, cast } = await vote(server);
    try {
        await db.query('create extension if not exists pageinspect');
        for (const [table, columns] of Object.entries(boxes)) {
            assert.deepEqual(await columnsOf(db, table), columns, `${table} holds a time, an order or a person`);
            const key = columns.includes('id') ? 'id' : 'digest';
            const { rows } = await db.query(`select t.xmin::text, t.${key}::text as key from ${table} t order by t.ctid`);
            assert.ok(rows.length >= cast.length, table);
            // which transaction stored a row would say who stood in line then
            assert.equal(new Set(rows.map((row) => row.xmin)).size, 1, `${table} remembers the transactions of the vote`);
            assert.deepEqual(rows.map((row) => row.key), rows.map((row) => row.key).toSorted(), `${table} lies in the order of the vote`);
            // no earlier version of a row is left on the page
            const { rows: [{ n }] } = await db.query(`select count(*)::int as n from generate_series(0, pg_relation_size($1::text::regclass) / 8192 - 1) p, heap_page_items(get_raw_page($1::text, p::int)) i`, [table]);
            assert.equal(n, rows.length, `${table} keeps rows that were there before the close`);
        }
        const inBox = await db.query('select id::text, choices from groups.ballot where election_id = $1', [election.id]);
        assert.deepEqual(inBox.rows.map((row) => row.choices[0]).toSorted(), cast.map((one) => one.choice).toSorted(), 'every ballot is counted as it was cast');
        assert.deepEqual(await tablesWith(db, since, cast.map((one) => one.receipt)), ['groups.ballot_receipt'], 'a receipt stands elsewhere');
        assert.deepEqual(await tablesWith(db, since, inBox.rows.map((row) => row.id)), ['groups.ballot'], 'a ballot stands elsewhere');
        assert.deepEqual(await tablesWith(db, since, cast.flatMap((one) => [one.token, one.blinded])), [], 'a token is stored');
        const { rows: audited } = await db.query(`select count(*)::int as n from core.audit_record where table_name in ('groups.ballot', 'groups.ballot_receipt')`);
        assert.equal(audited[0].n, 0, 'ballots are audited row by row');
        const { rows: left } = await db.query(`select (select count(*) from groups.election_key where private_sealed is not null and election_id = $1)
            + (select count(*) from groups.election_voter where blinded_digest is not null and election_id = $1) as n`, [election.id]);
        assert.equal(Number(left[0].n), 0, 'what signs, or what was signed, is left');
        const log = server.log();
        for (const { voter, receipt, token } of cast) for (const word of [voter, receipt, token]) assert.ok(!log.includes(word), 'the log of the server names a voter, a receipt or a token');
    } finally {
        await db.end();
    }
}
