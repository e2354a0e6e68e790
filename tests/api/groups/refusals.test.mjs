// What an election refuses besides: out of turn, near relatives, late conflicts, ballots that are not there.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startServer } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { demoId, done, person, refused, signedIn, today } from '../story.mjs';
import { adultsOf, daysPass, headElection, openElection, sessionsOf, step, takeToken } from './voters.mjs';

let server;
let as;
let worker;
let voters;
before(async () => {
    server = await startServer();
    as = signedIn(server);
    worker = await as('community_worker');
    voters = await adultsOf(server, building, 10);
});
after(() => server?.stop());

const building = demoId('building 1.5');
const prepare = async (more) => {
    const election = done(await worker.post('/elections', headElection(building, more)), 201);
    return { ...election, path: `/elections/${election.id}`, contest: election.contests[0].id };
};
const nominate = async ({ path, contest }, candidate, desk = worker) => {
    const { contests: [{ nominations }] } = done(await desk.post(`${path}/nominations`, { contest_id: contest, person_id: candidate, nominated_by: 'organization', document_ref: '虚构文件' }), 201);
    return nominations.find((one) => one.person.id === candidate).id;
};

test('a step out of turn', async () => {
    const closed = await prepare();
    done(await worker.post(`${closed.path}/roll`));
    const [voter, holder] = done(await worker.get(`${closed.path}/voters`)).items;
    const early = await prepare({ voting_on: today(30) });
    refused(await worker.post(`${early.path}/nominations`, { contest_id: early.contest, person_id: voters[0], nominated_by: 'organization', document_ref: 'x' }), 409, 'wrong_state');
    refused(await worker.post(`${closed.path}/turnout`, { voter_id: voter.id, took: 'paper' }), 409, 'wrong_state');
    refused(await worker.post(`${closed.path}/proxies`, { voter_id: voter.id, holder_id: holder.id, document_ref: 'x' }), 409, 'wrong_state');
    refused(await worker.post('/elections', headElection(building, { voting_on: '2900-01-01', unit_id: demoId('building 9.1') })), 404, 'not_found', '/unit_id');
    const [{ id: shortLived }] = await asOwner(server, `select orgs.found_unit(jsonb_build_object('kind', 'building', 'name', '临时板房', 'territory_parent_id', $1::text, 'valid_to', core.today() + 400)) as id`, [demoId('compound 1')]);
    refused(await worker.post('/elections', headElection(shortLived, { voting_on: today(401) })), 409, 'unit_not_there', '/voting_on');
    done(await step(worker, closed.id, 'publish_roll'));
    const nomination = await nominate(closed, voters[0]);
    const [self] = await sessionsOf(server, worker, [voters[0]]);
    const objection = done(await self.post(`${closed.path}/objections`, { wish: 'correct', reason: '姓名写错' }), 201);
    assert.equal(objection.objections_open, 1);
    const [filed] = await self.all(`${closed.path}/objections`);
    done(await step(worker, closed.id, 'cancel'));
    refused(await self.post(`${closed.path}/objections`, { wish: 'correct', reason: 'x' }), 409, 'wrong_state');
    refused(await worker.post(`/roll-objections/${filed.id}/decision`, { decision: 'rejected', answer: 'x' }), 409, 'wrong_state');
    refused(await self.post(`${closed.path}/nominations/${nomination}/answer`, { answer: 'accepted' }), 409, 'wrong_state');
    refused(await self.post(`${closed.path}/nominations/${nomination}/support`), 409, 'wrong_state');
    refused(await worker.post(`${closed.path}/voters`, { voters: [{ person_id: voters[0], ground: 'registered' }] }), 409, 'wrong_state');
    refused(await worker.post(`${closed.path}/voters/${voter.id}/strike`, { reason: 'x' }), 409, 'wrong_state');
    refused(await worker.post(`${closed.path}/officials`, { person_id: voters[3], role: 'member' }), 409, 'wrong_state');
    refused(await self.post(`${closed.path}/ballot-token`, { blinded: '0'.repeat(512) }), 409, 'wrong_state');
    refused(await worker.post(`/elections/${closed.id}/steps`, { action: 'publish_result' }), 409, 'wrong_state');
});

test('a child is no voter, and supports nobody', async () => {
    const election = await prepare();
    done(await worker.post(`${election.path}/roll`));
    done(await step(worker, election.id, 'publish_roll'));
    const { contests: [{ nominations: [nomination] }] } = done(await (await sessionsOf(server, worker, [voters[1]]))[0]
        .post(`${election.path}/nominations`, { contest_id: election.contest, person_id: voters[0], nominated_by: 'voters' }), 201);
    const [{ id: child }] = await asOwner(server, `select people.register(null, '测试少年', $1, 2015, '2020-01-01', true) as id`, [building]);
    const [session] = await sessionsOf(server, worker, [child]);
    refused(await session.post(`${election.path}/nominations/${nomination.id}/support`), 409, 'not_a_voter');
});

test('near relatives of a candidate leave the committee, and do not sit together', async () => {
    const kin = [voters[0], voters[5]];
    await asOwner(server, `create or replace function groups.near_relatives(a uuid, b uuid) returns boolean language sql stable as $$ select a <> b and a in ('${kin[0]}', '${kin[1]}') and b in ('${kin[0]}', '${kin[1]}') $$`);
    const election = await prepare({ ballots: ['paper'] });
    done(await worker.post(`${election.path}/roll`));
    done(await step(worker, election.id, 'publish_roll'));
    const official = done(await worker.post(`${election.path}/officials`, { person_id: kin[1], role: 'member' }), 201).officials[0];
    done(await worker.post(`${election.path}/nominations/${await nominate(election, kin[0])}/answer`, { answer: 'accepted' }));
    await daysPass(server, election.id, 10);
    refused(await step(worker, election.id, 'publish_candidates'), 409, 'official_is_relative');
    done(await worker.post(`${election.path}/officials/${official.id}/end`, { reason: '候选人的近亲属' }));
    refused(await worker.post(`${election.path}/officials`, { person_id: kin[1], role: 'member' }), 409, 'official_is_relative', '/person_id');
    done(await step(worker, election.id, 'publish_candidates'));
});

test('a proxy given before its holder was nominated has to go; whoever has given one takes no ballot', async () => {
    const election = await prepare({ ballots: ['paper', 'online'] });
    done(await worker.post(`${election.path}/roll`));
    done(await step(worker, election.id, 'publish_roll'));
    const roll = done(await worker.get(`${election.path}/voters?limit=200`)).items;
    const of = (one) => roll.find((voter) => voter.person.id === one).id;
    const { proxies: [proxy] } = done(await worker.post(`${election.path}/proxies`, { voter_id: of(voters[2]), holder_id: of(voters[0]), document_ref: '委托书' }), 201);
    done(await worker.post(`${election.path}/nominations/${await nominate(election, voters[0])}/answer`, { answer: 'accepted' }));
    await daysPass(server, election.id, 10);
    refused(await step(worker, election.id, 'publish_candidates'), 409, 'proxy_to_candidate');
    done(await worker.post(`${election.path}/proxies/${proxy.id}/revocation`));
    done(await worker.post(`${election.path}/proxies`, { voter_id: of(voters[2]), holder_id: of(voters[3]), document_ref: '委托书' }), 201);
    done(await step(worker, election.id, 'publish_candidates'));
    refused(await step(worker, election.id, 'open_voting'), 409, 'election_key_missing');
    const { public_key: key } = done(await worker.post(`${election.path}/key`), 201);
    assert.equal(done(await worker.get(election.path)).public_key, key);
    refused(await worker.post(`${election.path}/key`), 409, 'election_key_there');
    done(await step(worker, election.id, 'open_voting'));
    const [session, other] = await sessionsOf(server, worker, [voters[2], voters[4]]);
    refused(await session.post(`${election.path}/ballot-token`, { blinded: '0'.repeat(512) }), 409, 'proxy_given');
    // paper and online share one mark: whoever took one has had it
    await takeToken(other, election.path);
    refused(await worker.post(`${election.path}/turnout`, { voter_id: of(voters[4]), took: 'paper' }), 409, 'ballot_taken', '/voter_id');
    done(await worker.post(`${election.path}/turnout`, { voter_id: of(voters[6]), took: 'paper' }));
    const [late] = await sessionsOf(server, worker, [voters[6]]);
    refused(await late.post(`${election.path}/ballot-token`, { blinded: '0'.repeat(512) }), 409, 'ballot_taken');
});

test('four voters are no crowd; a paper election has no key and gives no token', async () => {
    const few = await openElection(server, worker, headElection(building, { voters: voters.slice(0, 5).map((id) => ({ person_id: id, ground: 'registered' })) }), [[voters[0]]]);
    assert.equal(few.voters, 5);
    const election = await prepare();
    done(await worker.post(`${election.path}/voters`, { voters: voters.slice(0, 4).map((id) => ({ person_id: id, ground: 'registered' })) }));
    done(await step(worker, election.id, 'publish_roll'));
    done(await worker.post(`${election.path}/nominations/${await nominate(election, voters[0])}/answer`, { answer: 'accepted' }));
    await daysPass(server, election.id, 10);
    done(await step(worker, election.id, 'publish_candidates'));
    done(await worker.post(`${election.path}/key`), 201);
    refused(await step(worker, election.id, 'open_voting'), 409, 'too_few_for_secrecy');
    const paper = await openElection(server, worker, headElection(building, { ballots: ['paper'] }), [[voters[0]]]);
    const [session] = await sessionsOf(server, worker, [voters[1]]);
    refused(await session.post(`${paper.path}/ballot-token`, { blinded: '0'.repeat(512) }), 409, 'ballot_not_allowed');
    const late = await prepare({ ballots: ['paper'] });
    await asOwner(server, `update groups.election set state = 'candidates_published' where id = $1`, [late.id]);
    refused(await worker.post(`${late.path}/key`), 409, 'ballot_not_allowed');
});

test('a result does not push a head out whose term begins later', async () => {
    const place = demoId('compound 1');
    done(await worker.post('/heads', { kind: 'building_head', unit_id: place, person_id: person('elder'), basis: 'appointed', valid_from: today(60), valid_to: today(90) }), 201);
    const people = (await adultsOf(server, place)).slice(0, 6);
    const { id, path, nominations: [[one]] } = await openElection(server, worker, headElection(place, { ballots: ['hands'], voters: people.map((who) => ({ person_id: who, ground: 'registered' })) }), [[people[0]]]);
    for (const voter of await worker.all(`${path}/voters`)) done(await worker.post(`${path}/turnout`, { voter_id: voter.id, took: 'hands' }));
    done(await step(worker, id, 'close_voting'));
    for (const counter of [worker, await as('community_secretary')]) done(await counter.post(`${path}/counts`, { counted_by: '甲', cast: 6, spoilt: 0, lines: [{ nomination_id: one.id, votes: 6 }] }), 201);
    refused(await step(worker, id, 'publish_result'), 409, 'head_taken');
    assert.equal(done(await worker.get(path)).state, 'decided');
});
