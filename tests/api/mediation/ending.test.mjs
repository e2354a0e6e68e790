// Voluntary at every step: who refuses is left in peace, who wants to end it ends it, in every open state.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startServer } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { done, refused, signedIn, today } from '../story.mjs';
import { Case, words } from './case.mjs';

let server;
let as;
before(async () => {
    server = await startServer();
    as = signedIn(server);
});
after(() => server?.stop());

const allWays = ['administration', 'arbitration', 'lawsuit'];

test('a refusal stops everything, and says which other ways are open', async () => {
    const dispute = await (await Case.open(server, { as })).inMediation();
    done(await dispute.schedule(), 201);
    assert.equal(done(await dispute.post('neighbour', 'refusals', {}), 201).state, 'refused');
    const file = await dispute.file('neighbour');
    assert.deepEqual([file.notices[0].ground, file.notices[0].ways.toSorted()], ['party_refused', allWays]);
    assert.equal(file.attempts[0].outcome, 'called_off');
    assert.ok(file.parties.find((party) => party.is_me).refused_at);
    assert.deepEqual(file.actions, []);
    refused(await dispute.schedule(), 409, 'mediation_refused');
    refused(await dispute.consent('neighbour', 'town'), 409, 'wrong_state');
    refused(await dispute.post('neighbour', 'refusals', {}), 409, 'wrong_state');
    refused(await dispute.post('resident', 'termination'), 409, 'wrong_state');
    refused(await dispute.post('mediator', `attempts/${file.attempts[0].id}/outcome`, { outcome: 'failed' }), 409, 'outcome_recorded');
    const [{ n }] = await asOwner(server, 'select count(*)::int as n from mediation.final_notice where case_id = $1', [file.id]);
    assert.equal(n, 1);
});

const open = {
    awaiting_consent: (dispute) => dispute,
    in_mediation: (dispute) => dispute.inMediation(),
    level_exhausted: (dispute) => dispute.exhausted(),
    agreed: (dispute) => dispute.written(),
};

test('each party can end it in every open state, without a reason', async () => {
    const rows = await asOwner(server, `select from_state from core.transition where machine = 'mediation_case' and action = 'terminate' and 'party' = any (who)`);
    assert.deepEqual(rows.map((row) => row.from_state).toSorted(), Object.keys(open).toSorted());
    for (const [state, reach] of Object.entries(open)) {
        for (const party of ['resident', 'neighbour']) {
            const dispute = await reach(await Case.open(server, { as }));
            const file = await dispute.file(party);
            assert.equal(file.state, state);
            assert.ok(file.actions.includes('terminate'), state);
            const ended = done(await dispute.post(party, 'termination', party === 'resident' ? undefined : {}), 201);
            assert.deepEqual([ended.state, ended.actions], ['terminated', []], state);
            const [notice] = (await dispute.file(party)).notices;
            assert.deepEqual([notice.ground, notice.ways.toSorted()], ['party_ended', allWays]);
            refused(await dispute.post(party, 'termination'), 409, 'wrong_state');
        }
    }
});

test('a second level can be ended as well, by a party who is asked at the town', async () => {
    const dispute = await (await Case.open(server, { as })).exhausted();
    await dispute.escalate('town');
    assert.equal(done(await dispute.post('neighbour', 'termination'), 201).state, 'terminated');
});

test('the committee ends what failed, with its ground; a party\'s word at the desk is recorded as theirs', async () => {
    const dispute = await (await Case.open(server, { as })).exhausted();
    refused(await dispute.post('mediator', 'termination', {}), 409, 'ground_missing', '/ground');
    done(await dispute.post('mediator', 'termination', { ground: 'not_agreed' }), 201);
    assert.equal((await dispute.file()).notices[0].ground, 'not_agreed');
    done(await dispute.post('mediator', 'follow-ups', { visited_on: today(), finding: 'calm', note: words.visit }), 201);
    const other = await Case.open(server, { as });
    const { parties } = await other.file();
    const second = parties.find((party) => party.side === 'second');
    done(await other.consent('community_secretary', 'community', { party_id: second.id, form: 'oral' }), 201);
    done(await other.post('mediator', 'refusals', { party_id: second.id, form: 'written' }), 201);
    const file = await other.file('resident');
    assert.deepEqual([file.state, file.consents.find((consent) => consent.party_id === second.id).form], ['refused', 'oral']);
});

test('sixteen who end, refuse and fix a talk at once leave one end behind', async () => {
    const dispute = await (await Case.open(server, { as })).inMediation();
    const replies = await Promise.all(Array.from({ length: 16 }, (_, n) => [
        () => dispute.post('neighbour', 'termination'), () => dispute.post('resident', 'refusals', {}), () => dispute.schedule(), () => dispute.post('resident', 'termination'),
    ][n % 4]()));
    assert.ok(replies.every((reply) => [201, 409].includes(reply.status)), replies.map((reply) => reply.status).join());
    const ends = replies.filter((reply, n) => n % 4 !== 2 && reply.status === 201);
    assert.equal(ends.length, 1);
    const file = await dispute.file();
    assert.equal(file.notices.length, 1);
    assert.ok(file.attempts.every((attempt) => attempt.outcome === 'called_off'));
});
