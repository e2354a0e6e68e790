// The residents' committee by the Organic Law of 2026, on paper from the empty roll to the appointments: every number of the law is met and
// missed once. Owners' committees count by head and by area; a by-election, a recall, an annulment and its re-run.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startServer } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { demoId, done, nowhere, person, refused, signedIn, today } from '../story.mjs';
import { adultsOf, daysPass, openElection, sessionsOf, step } from './voters.mjs';

let server;
let as;
let worker;
let secretary;
let adults;
before(async () => {
    server = await startServer();
    as = signedIn(server);
    [worker, secretary] = [await as('community_worker'), await as('community_secretary')];
    adults = (await adultsOf(server, community, 200)).filter((id) => ![person('community_worker'), person('community_secretary')].includes(id));
});
after(() => server?.stop());

const community = demoId('community 1');
const officials = [demoId('login mediator'), demoId('login guardian')];
const committee = (more = {}) => ({ rule: 'committee_by_voters', purpose: 'term', title: '孝坊社区居委会换届', unit_id: community, voting_on: today(20), ballots: ['paper'],
    contests: [{ title: '主任', post: 'committee_director', seats: 1 }, { title: '委员', post: 'committee_member', seats: 4 }], ...more });
const votersOf = (path, desk = worker) => desk.all(`${path}/voters`, 200);
const lines = (nominations, votes) => nominations.map((one, n) => ({ nomination_id: one.id, votes: votes[n] }));
const candidatesOf = (election) => election.contests.flatMap((contest) => contest.nominations.filter((one) => one.is_candidate && one.in_round === election.round));

// Both count the same.
async function countTwice(path, body) {
    const first = done(await worker.post(`${path}/counts`, { counted_by: '甲、乙', ...body }), 201);
    assert.deepEqual([first.state, first.count_state, first.rounds.length], ['counting', 'one_count', first.round - 1]);
    return done(await secretary.post(`${path}/counts`, { counted_by: '丙、丁', ...body }), 201);
}

// The first so many voters of the roll come to vote; by SQL, as five hundred calls would.
const turnOut = (election, count) => asOwner(server, `update groups.election_voter v set took = 'paper'
    where v.id in (select x.id from groups.election_voter x where x.election_id = $1 and x.struck_on is null and x.took is null order by x.id limit $2)`, [election, count]);

test('the law keeps the order: seats, roll, objections, committee, candidates', async () => {
    refused(await worker.post('/elections', committee({ contests: [{ title: '委员', post: 'committee_member', seats: 4 }] })), 409, 'seats_outside_rule', '/contests');
    refused(await worker.post('/elections', committee({ contests: [{ title: '委员', post: 'committee_member', seats: 10 }] })), 409, 'seats_outside_rule', '/contests');
    refused(await worker.post('/elections', committee({ contests: [{ title: '委员', seats: 5 }] })), 409, 'contest_post', '/contests');
    refused(await worker.post('/elections', committee({ unit_id: demoId('compound 1') })), 409, 'election_area', '/unit_id');
    refused(await worker.post('/elections', committee({ rule: 'committee_by_lot' })), 409, 'election_rule_unknown', '/rule');
    refused(await worker.post('/elections', committee({ term_from: today(30), term_to: today(29) })), 422, 'ends_before_it_begins', '/term_from');
    refused(await worker.post('/elections', committee({ unit_id: demoId('community 2') })), 404, 'not_found', '/unit_id');
    refused(await worker.post('/elections', committee({ voting_on: '1999-01-01' })), 409, 'election_rule_unknown', '/rule');
    const made = await worker.post('/elections', committee({ voting_on: today(19) }));
    const { id, term_from: from, term_to: to, contests: [chairs, members] } = done(made, 201);
    refused(await worker.post('/elections', committee({ id })), 409, 'id_taken');
    const path = `/elections/${id}`;
    assert.equal(made.headers.location, `/api/v1${path}`);
    assert.equal(to.slice(0, 4) - from.slice(0, 4), 5);
    const resident = await as('resident');
    refused(await resident.get(path), 404, 'not_found');
    // the roll: at least twenty days before the vote (17)
    refused(await step(worker, id, 'publish_roll'), 409, 'roll_empty');
    done(await worker.post(`${path}/roll`));
    refused(await step(worker, id, 'publish_roll'), 409, 'roll_too_late');
    await daysPass(server, id, -1);
    refused(await step(worker, id, 'publish_roll'), 409, 'committee_missing');
    done(await worker.post(`${path}/officials`, { person_id: officials[0], role: 'chair' }), 201);
    refused(await worker.post(`${path}/officials`, { person_id: officials[1], role: 'chair' }), 409, 'chair_taken');
    refused(await worker.post(`${path}/officials`, { person_id: officials[0], role: 'member' }), 409, 'already_an_official');
    refused(await worker.post(`${path}/officials`, { person_id: nowhere, role: 'member' }), 404, 'not_found', '/person_id');
    done(await worker.post(`${path}/officials`, { person_id: officials[1], role: 'member' }), 201);
    refused(await step(worker, id, 'open_voting'), 409, 'wrong_state');
    const public_ = done(await step(worker, id, 'publish_roll'));
    assert.deepEqual([public_.roll_published_on, public_.objections_until], [today(), today(5)]);
    refused(await worker.post(`${path}/roll`), 409, 'wrong_state');
    // the area reads the roll, name and ground and nothing more
    const roll = await votersOf(path, resident);
    assert.equal(roll.length, public_.voters);
    assert.ok(roll.every((voter) => voter.took === null && voter.area_cm2 === null && voter.ground === 'registered'));

    await objections(path, id);
    await nominations(path, id, chairs, members);
});

// Five days to object, three to decide (17).
async function objections(path, id) {
    const [resident, elder] = [await as('resident'), await as('elder')];
    const strike = { wish: 'strike', about_person_id: adults[3], reason: '已迁出' };
    const objected = done(await resident.post(`${path}/objections`, strike), 201);
    assert.equal(objected.objections_open, 1);
    assert.deepEqual(done(await elder.get(`${path}/objections`)).items, []);
    const [objection] = done(await worker.get(`${path}/objections`)).items;
    assert.deepEqual([objection.wish, objection.filed_on, objection.due_on, objection.person.id], ['strike', today(), today(3), person('resident')]);
    refused(await resident.post(`/roll-objections/${objection.id}/decision`, { decision: 'upheld', answer: 'x' }), 403, 'forbidden');
    const decided = done(await worker.post(`/roll-objections/${objection.id}/decision`, { decision: 'upheld', answer: '查实已迁出' }));
    assert.deepEqual([decided.state, decided.decided_on, decided.answer], ['upheld', today(), '查实已迁出']);
    refused(await worker.post(`/roll-objections/${objection.id}/decision`, { decision: 'rejected', answer: 'x' }), 409, 'already_decided');
    assert.equal((await votersOf(path)).find((voter) => voter.person.id === adults[3]).struck_on, today());
    const [child] = await asOwner(server, `select p.id from people.person p where p.unit_id in (select orgs.units_below($1, 'territory', core.today())) and p.birth_year > 2009 limit 1`, [community]);
    const add = async (about, session = elder) => {
        done(await session.post(`${path}/objections`, { wish: 'add', about_person_id: about, reason: '漏登' }), 201);
        return done(await worker.get(`${path}/objections?limit=200`)).items.find((one) => one.state === 'open');
    };
    const young = await add(child.id);
    refused(await worker.post(`/roll-objections/${young.id}/decision`, { decision: 'upheld', answer: '补登' }), 409, 'voter_too_young');
    done(await worker.post(`/roll-objections/${young.id}/decision`, { decision: 'rejected', answer: '未满十八周岁' }));
    const twice = await add(adults[5]);
    refused(await worker.post(`/roll-objections/${twice.id}/decision`, { decision: 'upheld', answer: '补登' }), 409, 'already_on_the_roll');
    await daysPass(server, id, 5);
    refused(await step(worker, id, 'publish_candidates'), 409, 'objection_period_open');
    await daysPass(server, id, 1);
    refused(await step(worker, id, 'publish_candidates'), 409, 'objections_open');
    refused(await resident.post(`${path}/objections`, strike), 409, 'objection_period_over');
    done(await worker.post(`/roll-objections/${twice.id}/decision`, { decision: 'rejected', answer: '已在名单上' }));
    // entered and struck by hand
    const { items: [voter] } = done(await worker.get(`${path}/voters?limit=1`));
    done(await worker.post(`${path}/voters/${voter.id}/strike`, { reason: '去世' }));
    refused(await worker.post(`${path}/voters/${voter.id}/strike`, { reason: '去世' }), 404, 'not_found', '/voter_id');
    const enter = (more) => worker.post(`${path}/voters`, { voters: [{ person_id: voter.person.id, ground: 'habitual', ...more }] });
    refused(await enter({ ground: 'owner', area_cm2: 5 }), 409, 'ground_not_allowed', '/voters/0/ground');
    refused(await enter({ person_id: child.id }), 409, 'voter_too_young', '/voters/0/person_id');
    refused(await enter({ person_id: adults[5] }), 409, 'already_on_the_roll');
    done(await enter());
}

// By the organization or by ten voters; more candidates than seats; whoever stands, or is related to one, leaves the committee (15, 18).
async function nominations(path, id, chairs, members) {
    const nominate = (contest, candidate, more, desk = worker) => desk.post(`${path}/nominations`, { contest_id: contest.id, person_id: candidate, nominated_by: 'organization', document_ref: '虚构文件', ...more });
    const accept = (nomination, desk = worker) => desk.post(`${path}/nominations/${nomination}/answer`, { answer: 'accepted' });
    const find = (election, candidate) => election.contests.flatMap((contest) => contest.nominations).find((one) => one.person.id === candidate);
    refused(await nominate(chairs, adults[0], { document_ref: undefined }), 422, 'document_missing', '/document_ref');
    refused(await nominate({ id: nowhere }, adults[0]), 404, 'not_found', '/contest_id');
    refused(await nominate(chairs, person('resident_b')), 409, 'not_eligible', '/person_id');
    refused(await nominate(members, adults[9], { nominated_by: 'voters', supporter_ids: [person('resident_b')] }), 409, 'not_a_voter', '/supporter_ids');
    for (const candidate of [adults[0], adults[1]]) done(await accept(find(done(await nominate(chairs, candidate), 201), candidate).id));
    refused(await nominate(members, adults[0]), 409, 'already_nominated');
    for (const candidate of adults.slice(10, 14)) done(await accept(find(done(await nominate(members, candidate), 201), candidate).id));
    refused(await step(worker, id, 'publish_candidates'), 409, 'too_few_candidates');
    // ten voters: the first by her own nomination, eight on paper, the tenth by hand
    const resident = await as('resident');
    refused(await resident.post(`${path}/nominations`, { contest_id: members.id, person_id: adults[20], nominated_by: 'organization', document_ref: 'x' }), 403, 'forbidden');
    const mine = done(await resident.post(`${path}/nominations`, { contest_id: members.id, person_id: person('elder'), nominated_by: 'voters', statement: '热心' }), 201);
    const nomination = find(mine, person('elder'));
    assert.equal(nomination.supporters, 1);
    refused(await resident.post(`${path}/nominations/${nomination.id}/support`), 409, 'already_supported');
    refused(await resident.post(`${path}/nominations/${nowhere}/support`), 404, 'not_found');
    refused(await resident.post(`${path}/nominations/${nomination.id}/answer`, { answer: 'accepted' }), 404, 'not_found');
    const supporters = await sessionsOf(server, await as('resident'), adults.slice(30, 38));
    for (const supporter of supporters) done(await supporter.post(`${path}/nominations/${nomination.id}/support`));
    done(await accept(nomination.id, await as('elder')));
    refused(await accept(nomination.id, await as('elder')), 409, 'already_decided');
    refused(await step(worker, id, 'publish_candidates'), 409, 'too_few_candidates');
    refused(await (await as('resident_b')).post(`${path}/nominations/${nomination.id}/support`), 404, 'not_found');
    const outside = (await sessionsOf(server, await as('resident'), [adults[3]]))[0];
    done(await outside.post(`${path}/nominations/${nomination.id}/support`));
    // an official who is nominated leaves first; nor is a candidate taken into the committee
    const standing = find(done(await nominate(members, officials[1]), 201), officials[1]);
    refused(await accept(standing.id), 409, 'official_is_candidate');
    const { officials: [, second] } = done(await worker.get(path));
    refused(await worker.post(`${path}/officials/${nowhere}/end`, { reason: 'x' }), 404, 'not_found', '/official_id');
    done(await worker.post(`${path}/officials/${second.id}/end`, { reason: '被提名为候选人' }));
    done(await accept(standing.id));
    refused(await worker.post(`${path}/officials`, { person_id: officials[1], role: 'member' }), 409, 'official_is_candidate', '/person_id');
    const published = done(await step(worker, id, 'publish_candidates'));
    assert.equal(candidatesOf(published).length, 8);
    refused(await step(worker, id, 'open_voting'), 409, 'not_voting_day');
    done(await step(worker, id, 'cancel'));
    assert.equal(done(await worker.get(path)).state, 'cancelled');
}

// Three proxies at most for one holder, never to a candidate; one ballot a voter; two counts that must agree; the second round by a third (19).
test('paper: proxies, turnout, two counts, a second round, terms; annulled and held again', async () => {
    const election = await openElection(server, worker, committee({ voting_on: today(25) }), [adults.slice(0, 2), adults.slice(10, 16)], { officials: officials.slice(0, 1) });
    const { id, path } = election;
    const roll = await votersOf(path);
    const of = (candidate) => roll.find((voter) => voter.person.id === candidate).id;
    const give = (voter, holder) => worker.post(`${path}/proxies`, { voter_id: of(voter), holder_id: of(holder), document_ref: '委托书' });
    refused(await give(adults[40], adults[0]), 409, 'proxy_to_candidate', '/holder_id');
    for (const voter of adults.slice(41, 44)) done(await give(voter, adults[40]), 201);
    refused(await give(adults[44], adults[40]), 409, 'proxies_full', '/holder_id');
    refused(await give(adults[41], adults[45]), 409, 'proxy_given');
    refused(await give(adults[44], adults[41]), 409, 'proxy_of_proxy', '/holder_id');
    refused(await worker.post(`${path}/proxies`, { voter_id: nowhere, holder_id: of(adults[1]), document_ref: 'x' }), 404, 'not_found', '/voter_id');
    const take = (voter, took) => worker.post(`${path}/turnout`, { voter_id: of(voter), took });
    refused(await take(adults[41], 'paper'), 409, 'proxy_given', '/took');
    refused(await take(adults[46], 'proxy'), 409, 'no_proxy_given', '/took');
    refused(await take(adults[46], 'hands'), 409, 'ballot_not_allowed', '/took');
    done(await take(adults[41], 'proxy'));
    done(await take(adults[40], 'paper'));
    refused(await take(adults[40], 'paper'), 409, 'ballot_taken', '/voter_id');
    refused(await give(adults[40], adults[46]), 409, 'ballot_taken', '/voter_id');
    const { proxies } = done(await (await as('resident')).get(path));
    assert.equal(proxies.length, 3, 'the list is public');
    const proxyOf = (voter) => proxies.find((proxy) => proxy.voter.id === voter).id;
    refused(await worker.post(`${path}/proxies/${proxyOf(adults[41])}/revocation`), 409, 'ballot_taken');
    done(await worker.post(`${path}/proxies/${proxyOf(adults[42])}/revocation`));
    refused(await worker.post(`${path}/proxies/${proxyOf(adults[42])}/revocation`), 404, 'not_found');
    await turnOut(id, roll.length / 2);
    const came = done(await worker.get(path)).ballots_taken;
    refused(await worker.post(`${path}/counts`, { counted_by: '甲', cast: 1, spoilt: 0, lines: [{ nomination_id: nowhere, votes: 0 }] }), 409, 'wrong_state');
    const counting = done(await step(worker, id, 'close_voting'));
    const candidates = candidatesOf(counting);
    const [chair, rival, ...rest] = candidates;
    const half = Math.floor(came / 2);
    const good = { cast: came, spoilt: 3, lines: lines(candidates, [half + 1, half - 10, half + 9, half + 8, half + 7, half, half - 50, half - 50]) };
    const count = (more, desk = worker) => desk.post(`${path}/counts`, { counted_by: '甲', ...good, ...more });
    refused(await count({ spoilt: came + 1 }), 409, 'count_inconsistent', '/spoilt');
    refused(await count({ lines: lines(candidates, candidates.map(() => came)) }), 409, 'count_inconsistent', '/lines');
    refused(await count({ lines: good.lines.slice(1) }), 409, 'count_of_whom', '/lines');
    refused(await count({ cast_area_cm2: 5 }), 409, 'count_area', '/cast_area_cm2');
    // two counts that differ are both done again; nobody counts twice, nor sees the other count before
    done(await count(), 201);
    refused(await count(), 409, 'counted_already');
    const differ = done(await count({ spoilt: 4 }, secretary), 201);
    assert.deepEqual([differ.state, differ.count_state], ['counting', 'differ']);
    const decided = await countTwice(path, good);
    const [round] = decided.rounds;
    assert.deepEqual([decided.state, round.roll, round.cast, round.valid], ['decided', decided.voters, came, true]);
    const elected = (result) => result.rounds.at(-1).lines.filter((line) => line.elected).map((line) => line.nomination_id).toSorted();
    // half of an even number of ballots is not more than half
    const won = [chair, rest[0], rest[1], rest[2], ...(came % 2 === 0 ? [] : [rest[3]])].map((one) => one.id).toSorted();
    assert.deepEqual(elected(decided).filter((one) => one !== rest[3].id), won.filter((one) => one !== rest[3].id));
    assert.equal(elected(decided).includes(rest[3].id), 2 * half > came);
    refused(await step(worker, id, 'second_round', { voting_on: today() }), 409, 'wrong_state');
    const appointed = () => worker.all(`/appointments?unit=${community}&post=committee_member&as_of=${decided.term_from}`);
    done(await step(worker, id, 'publish_result'));
    assert.deepEqual((await appointed()).map((one) => one.person.id).toSorted(), [rest[0], rest[1], rest[2]].map((one) => one.person.id).toSorted());
    refused(await step(worker, id, 'second_round'), 422, 'voting_day_missing', '/voting_on');
    // the two with the most votes stand for the last seat; a third of the ballots and the most votes win
    const again = done(await step(worker, id, 'second_round', { voting_on: today() }));
    assert.deepEqual([again.round, again.ballots_taken, candidatesOf(again).map((one) => one.id)], [2, 0, [rest[3].id, rest[4].id, rest[5].id]]);
    done(await step(worker, id, 'open_voting'));
    await turnOut(id, roll.length - 5);
    done(await step(worker, id, 'close_voting'));
    const last = await countTwice(path, { cast: roll.length - 6, spoilt: 0, lines: lines([rest[3], rest[4], rest[5]], [Math.ceil((roll.length - 6) / 3), 20, 19]) });
    assert.deepEqual(elected(last), [rest[3].id]);
    done(await step(worker, id, 'publish_result'));
    refused(await step(worker, id, 'second_round', { voting_on: today() }), 409, 'no_second_round');
    assert.equal((await appointed()).length, 4);
    assert.equal(rival.is_candidate, true);

    // annulled from above: the terms end, a re-run names the election
    refused(await worker.post(`${path}/annulment`, { decided_by: '岑城镇', reason: 'x' }), 403, 'forbidden');
    refused(await worker.post('/elections', committee({ rerun_of: id })), 409, 'rerun_of_what', '/rerun_of');
    const town = await as('town_officer');
    const annulled = done(await town.post(`${path}/annulment`, { decided_by: '岑城镇人民政府', reason: '唱票记录不完整' }));
    assert.deepEqual([annulled.state, annulled.annulment.on, annulled.annulment.by], ['annulled', today(), '岑城镇人民政府']);
    refused(await town.post(`${path}/annulment`, { decided_by: '岑城镇', reason: 'x' }), 409, 'wrong_state');
    assert.deepEqual(await appointed(), []);
    assert.equal(done(await worker.post('/elections', committee({ rerun_of: id })), 201).rerun_of, id);
});

test('representatives of the residents elect with more than two thirds, without proxies', async () => {
    const group = done(await worker.post('/groups', { kind: 'residents_group', name: '第一居民小组', unit_id: demoId('compound 1'), households: 300 }), 201);
    // of the demo city's mandates none is left, so that six are all
    await asOwner(server, `update groups.representative set valid = daterange(lower(valid), core.today()) where lower(valid) < core.today()`);
    const voters = adults.slice(60, 66);
    for (const voter of voters) done(await worker.post(`/groups/${group.id}/representatives`, { person_id: voter, households: 50, valid_to: today(900) }), 201);
    const { id, path } = await openElection(server, worker, committee({ rule: 'committee_by_representatives', voting_on: today(25) }), [adults.slice(0, 2), adults.slice(10, 15)], { officials: officials.slice(0, 1) });
    assert.deepEqual((await votersOf(path)).map((voter) => voter.ground), Array(6).fill('representative'));
    const [one, two] = await votersOf(path);
    refused(await worker.post(`${path}/proxies`, { voter_id: one.id, holder_id: two.id, document_ref: 'x' }), 409, 'proxies_not_allowed');
    await turnOut(id, 4);
    const counting = done(await step(worker, id, 'close_voting'));
    const candidates = candidatesOf(counting);
    // four of six are two thirds, and not more
    const failed = await countTwice(path, { cast: 4, spoilt: 0, lines: lines(candidates, [4, 0, 4, 4, 4, 4, 0]) });
    assert.deepEqual([failed.rounds[0].valid, failed.rounds[0].failure, failed.rounds[0].lines.some((line) => line.elected)], [false, 'quorum', false]);
    done(await step(worker, id, 'publish_result'));
    refused(await step(worker, id, 'second_round', { voting_on: today() }), 409, 'no_second_round');
    assert.equal(done(await worker.post('/elections', committee({ rule: 'committee_by_representatives', rerun_of: id })), 201).rerun_of, id);
});

test('households vote by one each, owners by head and by area', async () => {
    const households = adults.slice(70, 76).map((id, n) => ({ person_id: id, ground: 'household', household: `1 栋 10${n} 室` }));
    const made = done(await worker.post('/elections', committee({ rule: 'committee_by_households' })), 201);
    refused(await worker.post(`/elections/${made.id}/roll`), 409, 'roll_by_list');
    done(await worker.post(`/elections/${made.id}/voters`, { voters: households }));
    refused(await worker.post(`/elections/${made.id}/voters`, { voters: [{ ...households[0], person_id: adults[80] }] }), 409, 'household_votes_once');

    const [{ id: body }] = await asOwner(server, `select u.id from orgs.unit u join orgs.unit c on c.id = $1 and u.territory_path <@ c.territory_path where u.kind = 'owners_committee'`, [demoId('compound 1')]);
    const owners = adults.slice(80, 86).map((id, n) => ({ person_id: id, ground: 'owner', area_cm2: n === 0 ? 4_000_000 : 1_000_000 }));
    const request = { rule: 'owners_committee', purpose: 'by_election', title: '业委会补选', unit_id: demoId('compound 1'), voting_on: today(20), ballots: ['paper'],
        contests: [{ title: '委员', post: 'owners_committee_member', seats: 1 }] };
    refused(await worker.post('/elections', request), 409, 'election_area', '/body_unit_id');
    const { id, path } = await openElection(server, worker, { ...request, body_unit_id: body, voters: owners }, [[owners[1].person_id, owners[0].person_id]], { officials: officials.slice(0, 1) });
    await turnOut(id, 4);
    const counting = done(await step(worker, id, 'close_voting'));
    const candidates = candidatesOf(counting);
    refused(await worker.post(`${path}/counts`, { counted_by: '甲', cast: 4, spoilt: 0, lines: lines(candidates, [3, 1]) }), 409, 'count_area', '/cast_area_cm2');
    // four of six owners with seven of nine parts of the area: both at least two thirds; three of four votes, but only three of seven parts
    const decided = await countTwice(path, { cast: 4, spoilt: 0, cast_area_cm2: 7_000_000, lines: [{ nomination_id: candidates[0].id, votes: 3, votes_area_cm2: 3_000_000 }, { nomination_id: candidates[1].id, votes: 1, votes_area_cm2: 4_000_000 }] });
    assert.deepEqual([decided.rounds[0].valid, decided.rounds[0].roll_area_cm2, decided.rounds[0].lines.map((line) => line.elected)], [true, 9_000_000, [false, false]]);
});

test('a recall: asked for by a tenth, with the right of defence, by more than half; counters do not stand', async () => {
    const building = demoId('building 1.3');
    const recall = { rule: 'building_head', purpose: 'recall', title: '罢免楼栋长', unit_id: building, voting_on: today(7), ballots: ['paper'], recalled_person_id: person('head'), recall_reason: '长期不履职' };
    refused(await worker.post('/elections', { ...recall, recalled_person_id: person('elder') }), 409, 'recall_of_whom', '/recalled_person_id');
    const { id, contests: [{ nominations: [nomination] }] } = done(await worker.post('/elections', recall), 201);
    const path = `/elections/${id}`;
    done(await worker.post(`${path}/roll`));
    const { voters } = done(await step(worker, id, 'publish_roll'));
    await daysPass(server, id, 7);
    refused(await step(worker, id, 'publish_candidates'), 409, 'too_few_supporters');
    const askers = await sessionsOf(server, await as('resident'), (await adultsOf(server, building)).slice(0, Math.ceil(voters / 10)));
    for (const asker of askers) done(await asker.post(`${path}/nominations/${nomination.id}/support`));
    refused(await worker.post(`${path}/nominations`, { contest_id: nomination.id, person_id: person('elder'), nominated_by: 'organization', document_ref: 'x' }), 409, 'wrong_state');
    done(await step(worker, id, 'publish_candidates'));
    refused(await step(worker, id, 'open_voting'), 409, 'defence_missing');
    const head = await as('head');
    refused(await head.post(`${path}/defence`, {}), 409, 'defence_missing', '/defence');
    refused(await (await as('elder')).post(`${path}/defence`, { defence: 'x' }), 404, 'not_found');
    assert.equal(done(await head.post(`${path}/defence`, { defence: '因病住院，已请人代班' })).recall.defence, '因病住院，已请人代班');
    done(await step(worker, id, 'open_voting'));
    refused(await head.post(`${path}/defence`, { defence: 'x' }), 409, 'wrong_state');
    await turnOut(id, voters);
    done(await step(worker, id, 'close_voting'));
    await asOwner(server, `insert into access.grant (person_id, role, unit_id, valid) values ($1, 'community_worker', $2, daterange('2022-07-01', null))`, [person('head'), community]);
    const counter = (await sessionsOf(server, await as('resident'), [person('head')]))[0];
    const body = { cast: voters, spoilt: 0, lines: [{ nomination_id: nomination.id, votes: Math.floor(voters / 2) + 1 }] };
    refused(await counter.post(`${path}/counts`, { counted_by: '甲', ...body }), 409, 'counter_stands');
    await countTwice(path, body);
    done(await step(worker, id, 'publish_result'));
    const heads = done(await head.get(`/heads?unit=${building}&as_of=${today(1)}`)).items;
    assert.ok(!heads.some((one) => one.person.id === person('head')), 'the term ended');
});

test('rules say what is law and what is the city\'s', async () => {
    const rules = await worker.all('/election-rules', 4);
    const byLaw = rules.filter((rule) => rule.basis === 'law').map((rule) => rule.code);
    assert.deepEqual(byLaw, ['committee_by_households', 'committee_by_representatives', 'committee_by_voters', 'owners_committee']);
    assert.ok(rules.filter((rule) => rule.target === 'residents_committee').every((rule) => rule.ballots.join() === 'paper' && rule.roll_days === 20));
    assert.ok(rules.filter((rule) => rule.target === 'head').every((rule) => /本市规定/.test(rule.articles)));
    assert.deepEqual(done(await worker.get('/election-rules?as_of=2025-12-31')).items, []);
    const listed = await (await as('resident')).all('/elections', 3);
    assert.ok(listed.length > 2 && listed.every((one) => one.state !== 'prepared' && one.unit.name));
    assert.deepEqual(await (await as('resident_b')).all('/elections'), []);
});
