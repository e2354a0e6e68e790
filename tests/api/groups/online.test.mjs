// An online secret ballot, from the empty roll to the head's term: one ballot a voter, and nothing that leads from one to the other.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { client } from '../../lib/client.mjs';
import { startServer } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { demoId, done, person, refused, signedIn, today } from '../story.mjs';
import { adultsOf, castBallot, headElection, openElection, sessionsOf, step, takeToken } from './voters.mjs';

let server;
let as;
let worker;
before(async () => {
    server = await startServer();
    as = signedIn(server);
    worker = await as('community_worker');
});
after(() => server?.stop());

const building = demoId('building 1.3');

test('a building elects its head online; the result makes the term', async () => {
    const voters = await adultsOf(server, building, 8);
    const [first, second] = voters;
    const election = await openElection(server, worker, headElection(building), [[first, second]]);
    const { path, id, nominations: [[one, other]] } = election;
    const sessions = await sessionsOf(server, await as('resident'), voters);
    const receipts = [];
    for (const [n, session] of sessions.entries()) {
        const ballot = await takeToken(session, path);
        const reply = done(await castBallot(server, path, ballot, n === 1 ? [] : [n % 4 === 0 ? other.id : one.id]), 201);
        assert.equal(reply.receipt, ballot.receipt);
        receipts.push(ballot.receipt);
        refused(await castBallot(server, path, ballot, [one.id]), 409, 'ballot_cast_already');
    }
    // while the vote is open nobody sees how it stands
    assert.deepEqual(done(await worker.get(`${path}/receipts`)).items, []);
    assert.deepEqual(done(await worker.get(path)).rounds, []);
    const decided = done(await step(worker, id, 'close_voting'));
    assert.equal(decided.state, 'decided');
    const [round] = decided.rounds;
    const forOther = voters.filter((_, n) => n !== 1 && n % 4 === 0).length;
    const forOne = voters.length - 1 - forOther;
    assert.deepEqual([round.roll, round.issued, round.cast, round.online, round.valid], [voters.length, voters.length, voters.length, voters.length, true]);
    assert.deepEqual(round.lines.map((line) => [line.nomination_id, line.votes, line.elected]), [[one.id, forOne, true], [other.id, forOther, false]]);
    // the area learns the result when it is published, and finds its receipts
    const resident = await as('resident');
    assert.deepEqual(done(await resident.get(path)).rounds, []);
    const published = done(await step(worker, id, 'publish_result'));
    assert.equal(published.state, 'published');
    assert.equal(done(await resident.get(path)).rounds[0].lines[0].votes, forOne);
    const listed = await resident.all(`${path}/receipts`, 5);
    assert.deepEqual(listed.map((line) => line.receipt).toSorted(), receipts.toSorted());
    assert.deepEqual(Object.keys(listed[0]).toSorted(), ['receipt', 'round']);
    const heads = done(await resident.get(`/heads?unit=${building}&as_of=${published.term_from}`)).items;
    assert.deepEqual(heads.map((head) => [head.person.id, head.basis]), [[one.person.id, 'elected']]);
    const before = done(await resident.get(`/heads?unit=${building}&as_of=${today()}`)).items;
    assert.notEqual(before[0]?.person.id, heads[0].person.id);
});

test('one ballot a voter; a lost reply is asked for again; a false token buys nothing', async () => {
    const place = demoId('building 1.2');
    const voters = await adultsOf(server, place, 6);
    const { path, id, nominations: [[one, other]] } = await openElection(server, worker, headElection(place), [voters.slice(0, 2)]);
    const [session] = await sessionsOf(server, await as('resident'), voters.slice(2, 3));
    const ballot = await takeToken(session, path);
    // the same blinded token: the same signature; another one: no
    const again = done(await session.post(`${path}/ballot-token`, { blinded: ballot.drawn.blinded }));
    assert.equal(again.blind_signature.length, 512);
    await assert.rejects(takeToken(session, path), /409.*ballot_taken|ballot_taken/s);
    const forged = { token: ballot.token.replace(/^../, ballot.token.startsWith('00') ? '01' : '00'), signature: ballot.signature };
    refused(await castBallot(server, path, forged, [one.id]), 409, 'token_not_good');
    refused(await castBallot(server, path, { ...ballot, signature: '0'.repeat(512) }, [one.id]), 409, 'token_not_good');
    refused(await castBallot(server, path, ballot, [one.id, other.id]), 409, 'too_many_choices', '/choices');
    refused(await castBallot(server, path, ballot, [person('resident')]), 409, 'not_a_candidate', '/choices');
    const neighbour = await as('neighbour');
    refused(await neighbour.post(`${path}/ballot-token`, { blinded: ballot.drawn.blinded }), 404, 'not_found');
    const another = (await sessionsOf(server, await as('resident'), voters.slice(3, 4)))[0];
    refused(await another.post(`${path}/ballot-token`, { blinded: 'f'.repeat(512) }), 422, 'blinded_token_wrong', '/blinded');
    done(await castBallot(server, path, ballot, [one.id]), 201);
    refused(await worker.post(`${path}/turnout`, { voter_id: done(await session.get(path)).my_vote.voter_id, took: 'proxy' }), 409, 'ballot_not_allowed');
    const closed = done(await step(worker, id, 'close_voting'));
    assert.deepEqual([closed.rounds[0].valid, closed.rounds[0].failure], [false, 'quorum']);
    refused(await castBallot(server, path, ballot, [one.id]), 404, 'not_found');
    const [key] = await asOwner(server, 'select private_sealed from groups.election_key where election_id = $1', [id]);
    assert.equal(key.private_sealed, null, 'the private half is forgotten');
});

test('the committee is never elected online, and few voters never in secret', async () => {
    const community = demoId('community 1');
    const committee = { rule: 'committee_by_voters', purpose: 'term', title: '居委会换届', unit_id: community, voting_on: today(40), contests: [{ title: '委员', post: 'committee_member', seats: 5 }] };
    refused(await worker.post('/elections', { ...committee, ballots: ['online'] }), 409, 'ballot_not_allowed', '/ballots');
    refused(await worker.post('/elections', { ...committee, ballots: ['paper', 'online'] }), 409, 'ballot_not_allowed', '/ballots');
    refused(await worker.post('/elections', headElection(building, { ballots: ['hands', 'online'] })), 409, 'ballot_not_allowed', '/ballots');
    await assert.rejects(asOwner(server, `insert into groups.election_rule select (r).* from (select jsonb_populate_record(x, '{"id": "01a00000-0000-7000-a000-000000000001", "code": "other", "ballots": ["paper", "online"], "online_least": 5}') as r
        from groups.election_rule x where code = 'committee_by_voters') y`), /election_rule_committee_on_paper/);
    const election = done(await worker.post('/elections', headElection(building)), 201);
    const path = `/elections/${election.id}`;
    const few = (await adultsOf(server, building)).slice(0, 4);
    done(await worker.post(`${path}/voters`, { voters: few.map((id) => ({ person_id: id, ground: 'registered' })) }));
    done(await step(worker, election.id, 'publish_roll'));
    refused(await worker.post(`${path}/key`), 409, 'wrong_state');
    refused(await client(server).anyone.post(`${path}/ballots`, { token: '0'.repeat(64), signature: '0'.repeat(512), choices: [] }), 404, 'not_found');
});
