// Elections against a model: random rolls, ballots on paper and online, shares, seats and kinship; the model counts with exact rationals and
// gives the seats in its own way. The database decides each election in a transaction that is taken back.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, createDatabase, dropDatabase } from '../../lib/cluster.mjs';
import { Random, rounds, seed } from '../../lib/random.mjs';

// a/b compared with num/den by cross-multiplication.
const reaches = (part, whole, { num, den, strict }) => {
    if (whole <= 0) return false;
    const difference = BigInt(part) * BigInt(den) - BigInt(whole) * BigInt(num);
    return strict ? difference > 0n : difference >= 0n;
};

// Seats, level by level: all who are level sit, or, when there are not enough seats for all of them, nobody of that level and below.
function seat(passing, seats) {
    const levels = [...new Set(passing.map((one) => one.votes))].toSorted((a, b) => b - a);
    const chosen = new Set();
    for (const votes of levels) {
        const level = passing.filter((one) => one.votes === votes);
        if (chosen.size + level.length > seats) break;
        for (const one of level) chosen.add(one.id);
    }
    return chosen;
}

function decide({ rule, kin, seated }, { roll, rollArea, issued, cast, castArea, contests, round }) {
    const share = round === 2 ? rule.runoff : rule.win;
    const valid = cast <= issued && reaches(cast, roll, rule.quorum) && (!rule.byArea || reaches(castArea, rollArea, rule.quorum));
    const related = (a, b) => kin.some(([x, y]) => (x === a && y === b) || (x === b && y === a));
    const result = [];
    for (const contest of contests) {
        if (contest.open === 0) continue;
        const passing = contest.candidates.filter((one) => valid && one.votes > 0 && reaches(one.votes, cast, share) && (!rule.byArea || reaches(one.area, castArea, share)));
        const free = rule.relatives ? passing.filter((one) => !seated.some((other) => related(one.id, other))) : passing;
        const standing = rule.relatives ? free.filter((one) => !free.some((other) => other !== one && other.votes >= one.votes && related(one.id, other.id))) : passing;
        const chosen = seat(standing, contest.open);
        for (const one of contest.candidates) result.push([one.id, one.votes, chosen.has(one.id), passing.includes(one) && !standing.includes(one)]);
        contest.open -= chosen.size;
        for (const id of chosen) seated.push(id);
    }
    return { valid, result };
}

// A second round: whoever is left with the most votes, one more than the seats, and whoever is level with the last of them.
function next(contests, lines) {
    const out = new Map(lines.map(([id, , elected, barred]) => [id, elected || barred]));
    for (const contest of contests) {
        const left = contest.open > 0 ? contest.candidates.filter((one) => out.get(one.id) === false).toSorted((a, b) => b.votes - a.votes) : [];
        const last = left[Math.min(contest.open, left.length - 1)];
        contest.candidates = left.filter((one) => one.votes >= (contest.open < left.length ? last.votes : 0));
    }
    return contests.some((contest) => contest.candidates.length > 0);
}

const draw = {
    share: (random) => {
        const den = random.integer(1, 4);
        return { num: random.integer(0, den), den, strict: random.chance(0.5) };
    },
    case(random, people) {
        const byArea = random.chance(0.3);
        const roll = random.shuffle(people).slice(0, random.integer(1, 24)).map((person) => ({ person, area: random.integer(1, 9) }));
        const pool = random.shuffle(people).slice(0, 9);
        const contests = Array.from({ length: random.integer(1, 3) }, () => ({ open: random.integer(1, 3), candidates: pool.splice(0, random.integer(1, 4)) })).filter((one) => one.candidates.length > 0);
        const everyone = contests.flatMap((one) => one.candidates);
        const kin = random.chance(0.5) ? Array.from({ length: random.integer(1, 4) }, () => [random.pick(everyone), random.pick(everyone)]).filter(([a, b]) => a !== b) : [];
        return { rule: { quorum: draw.share(random), win: draw.share(random), runoff: draw.share(random), byArea, relatives: random.chance(0.6) }, kin, roll, contests };
    },
    // How a round went: so many issued, some cast on paper, some online, votes for each.
    round(random, { rule, roll }, contests) {
        const issued = random.integer(0, roll.length);
        const online = rule.byArea ? 0 : random.integer(0, issued);
        const paper = random.chance(0.9) ? random.integer(0, issued - online) : issued - online + 1;
        const voices = (most) => random.integer(0, random.chance(0.5) ? most : Math.min(most, 3));
        const candidates = contests.flatMap((contest) => contest.candidates);
        const ballots = Array.from({ length: online }, () => candidates.filter(() => random.chance(0.5)));
        return { issued, paper, online, ballots, onPaper: new Map(candidates.map((one) => [one, voices(paper)])), castArea: rule.byArea ? random.integer(0, 60) : null,
            areas: new Map(candidates.map((one) => [one, voices(60)])) };
    },
};

async function lay(db, { rule, kin, roll, contests }) {
    const one = async (text, values) => (await db.query(text, values)).rows[0].id;
    const ruleId = await one(`insert into groups.election_rule (code, effective_from, name_zh, name_en, basis, articles, target, head_kind, electorate, ballots, seats_least, seats_most,
            quorum_num, quorum_den, quorum_strict, win_num, win_den, win_strict, runoff_num, runoff_den, runoff_strict, by_area, roll_days, objection_days, decision_days, nominators,
            contested, proxies_most, online_least, relatives_barred, term_months)
        values ('model', '2026-01-01', 'x', 'x', 'city_policy', 'x', 'head', 'building_head', 'owners', $1, 1, 99, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 1, 1, 1, false, 0, $12, $13, 60) returning id`,
        [rule.byArea ? ['paper'] : ['paper', 'online'], rule.quorum.num, rule.quorum.den, rule.quorum.strict, rule.win.num, rule.win.den, rule.win.strict, rule.runoff.num, rule.runoff.den, rule.runoff.strict,
            rule.byArea, rule.byArea ? null : 2, rule.relatives]);
    const election = await one(`insert into groups.election (rule_id, purpose, title, unit_id, body_unit_id, state, ballots, voting_on, term_from, term_to)
        select $1, 'term', 'x', u.id, u.id, 'counting', '{paper}', core.today(), core.today() + 1, core.today() + 900 from orgs.unit u where u.kind = 'building' limit 1 returning id`, [ruleId]);
    await db.query(`insert into groups.election_voter (election_id, person_id, ground, area_cm2) select $1, x.person, 'owner', x.area from jsonb_to_recordset($2::jsonb) as x(person uuid, area bigint)`, [election, JSON.stringify(roll)]);
    const nominations = new Map();
    for (const [n, contest] of contests.entries()) {
        const id = await one('insert into groups.contest (election_id, ordinal, title, seats, open_seats) values ($1, $2, \'x\', $3, $3) returning id', [election, n + 1, contest.open]);
        for (const person of contest.candidates) {
            nominations.set(person, await one(`insert into groups.nomination (election_id, contest_id, person_id, nominated_by, answer, is_candidate, in_round)
                values ($1, $2, $3, 'organization', 'accepted', true, 1) returning id`, [election, id, person]));
        }
    }
    await db.query('insert into kin select * from jsonb_to_recordset($1::jsonb) as x(a uuid, b uuid)', [JSON.stringify(kin.map(([a, b]) => ({ a, b })))]);
    return { election, nominations };
}

async function play(db, { election, nominations }, round, number) {
    await db.query(`update groups.election_voter v set took = null where election_id = $1`, [election]);
    await db.query(`update groups.election_voter v set took = 'paper' where id in (select id from groups.election_voter where election_id = $1 order by id limit $2)`, [election, round.issued]);
    for (const ballot of round.ballots) await db.query('insert into groups.ballot (election_id, round, choices) values ($1, $2, $3)', [election, number, ballot.map((one) => nominations.get(one))]);
    const lines = [...round.onPaper].map(([one, votes]) => ({ nomination_id: nominations.get(one), votes, votes_area_cm2: round.castArea === null ? null : round.areas.get(one) }));
    await db.query('select groups.decide($1, $2, $3, 0, $4)', [election, JSON.stringify(lines), round.paper, round.castArea]);
    const { rows: [head] } = await db.query('select * from groups.election_round where election_id = $1 and round = $2', [election, number]);
    const { rows } = await db.query(`select n.person_id, l.votes::int, l.elected, l.barred from groups.round_line l join groups.nomination n on n.id = l.nomination_id where l.election_id = $1 and l.round = $2`, [election, number]);
    return { valid: head.valid, result: rows.map((row) => [row.person_id, row.votes, row.elected, row.barred]) };
}

const sorted = ({ valid, result }) => ({ valid, result: result.toSorted() });

// What the model expects of a round that went so.
function expected(state, contests, round, number) {
    const tally = (one) => (round.onPaper.get(one) ?? 0) + round.ballots.filter((ballot) => ballot.includes(one)).length;
    const shaped = contests.map((contest) => Object.assign(contest, { candidates: contest.candidates.map((one) => ({ id: one.id ?? one, votes: tally(one.id ?? one), area: round.areas.get(one.id ?? one) })) }));
    const rollArea = state.roll.reduce((sum, voter) => sum + voter.area, 0);
    return decide(state, { roll: state.roll.length, rollArea, issued: round.issued, cast: round.paper + round.online, castArea: round.castArea, contests: shaped, round: number });
}

async function compare(db, random, people) {
    const drawn = draw.case(random, people);
    const place = await lay(db, drawn);
    const state = { ...drawn, seated: [] };
    const first = draw.round(random, drawn, drawn.contests);
    const real = await play(db, place, first, 1);
    const model = expected(state, drawn.contests, first, 1);
    assert.deepEqual(sorted(real), sorted(model), JSON.stringify(drawn));
    if (!model.valid || !next(drawn.contests, model.result)) return 1;
    await db.query(`select groups.second_round(e, core.today()) from groups.election e where e.id = $1`, [place.election]);
    const { rows } = await db.query('select n.person_id from groups.nomination n where n.election_id = $1 and n.in_round = 2', [place.election]);
    const people2 = drawn.contests.flatMap((contest) => contest.candidates.map((one) => one.id));
    assert.deepEqual(rows.map((row) => row.person_id).toSorted(), people2.toSorted(), JSON.stringify(drawn));
    await db.query(`update groups.election set state = 'counting', round = 2 where id = $1`, [place.election]);
    const second = draw.round(random, drawn, drawn.contests.map((contest) => ({ candidates: contest.candidates.map((one) => one.id) })));
    assert.deepEqual(sorted(await play(db, place, second, 2)), sorted(expected(state, drawn.contests, second, 2)), JSON.stringify(drawn));
    return 2;
}

test(`random elections are decided as the model decides them (seed ${seed})`, async (t) => {
    const database = await createDatabase();
    t.after(() => dropDatabase(database));
    const db = await connect('linli_owner', database);
    t.after(() => db.end());
    await db.query('create temp table kin (a uuid, b uuid)');
    await db.query(`create or replace function groups.near_relatives(a uuid, b uuid) returns boolean language sql stable as $$ select exists (select from pg_temp.kin k where (k.a, k.b) in (($1, $2), ($2, $1))) $$`);
    const people = (await db.query('select id from people.person order by id limit 60')).rows.map((row) => row.id);
    const random = new Random(seed);
    let played = 0;
    let second = 0;
    for (let n = 0; n < rounds(90); n += 1) {
        await db.query('begin');
        const count = await compare(db, random, people);
        await db.query('rollback');
        played += count;
        second += count - 1;
    }
    assert.ok(played > 90 && second > 10, `${second} second rounds`);

    await t.test('a share that forgets "more than" is found out', async () => {
        await db.query(`create or replace function groups.reaches(part bigint, whole bigint, num bigint, den bigint, strict boolean) returns boolean language sql immutable as $$ select whole > 0 and part::numeric * den >= whole::numeric * num $$`);
        const wrong = new Random(seed);
        await assert.rejects(async () => {
            for (let n = 0; n < 150; n += 1) {
                await db.query('begin');
                try {
                    await compare(db, wrong, people);
                } finally {
                    await db.query('rollback');
                }
            }
        }, assert.AssertionError);
    });
});
