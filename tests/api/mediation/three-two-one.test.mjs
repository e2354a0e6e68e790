// Three, two, one: from the application to an agreement that three marks put into force, performed and visited.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startServer } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { addDays, done, person, refused, signedIn, today } from '../story.mjs';
import { Case, words } from './case.mjs';

let server;
let as;
before(async () => {
    server = await startServer();
    as = signedIn(server);
});
after(() => server?.stop());

// The last day to ask a court: thirty days after, the day itself not counted, moved on to the next working day.
async function lastDay(effective) {
    const rows = await asOwner(server, 'select day::text, is_workday from core.holiday');
    const special = new Map(rows.map((row) => [row.day, row.is_workday]));
    const isWorkday = (day) => special.get(day) ?? ![0, 6].includes(new Date(day).getUTCDay());
    let day = addDays(effective, 30);
    while (!isWorkday(day)) day = addDays(day, 1);
    return day;
}

const shanghaiDay = (moment) => new Date(Date.parse(moment) + 8 * 3_600_000).toISOString().slice(0, 10);

test('up the whole ladder to an agreement in force, performed, visited, closed', async () => {
    const dispute = await Case.open(server, { as });
    assert.deepEqual([dispute.opened.state, dispute.opened.origin, dispute.opened.second_side], ['awaiting_consent', 'party', '覃**']);
    assert.match(dispute.opened.number, /^岑调〔\d{4}〕孝坊 \d{3,} 号$/);
    refused(await dispute.schedule(), 409, 'consent_missing');
    const asked = done(await (await as('neighbour')).get('/mediation-cases?mine=true&state=awaiting_consent')).items;
    assert.ok(asked.find((item) => item.id === dispute.opened.id).actions.includes('consent'));
    await dispute.inMediation();
    refused(await dispute.consent('neighbour'), 409, 'already_consented');

    // adjourned does not count; one talk is open at a time
    const adjourned = done(await dispute.schedule(), 201);
    refused(await dispute.schedule(), 409, 'attempt_open');
    refused(await dispute.post('mediator', 'escalation', { summary: words.summary }), 409, 'attempts_left');
    const outcome = (attempt, result, who = 'mediator') => dispute.post(who, `attempts/${attempt.id}/outcome`, { outcome: result, note: words.note });
    assert.equal(done(await outcome(adjourned, 'adjourned')).note, words.note);
    refused(await outcome(adjourned, 'failed'), 409, 'outcome_recorded');
    assert.equal((await dispute.file()).attempts_used, 0);
    for (let ordinal = 1; ordinal <= 3; ordinal += 1) assert.equal((await dispute.talk('failed')).ordinal, ordinal);
    assert.equal(await dispute.state(), 'level_exhausted at community');
    refused(await dispute.schedule(), 409, 'attempts_used_up');

    // fresh consent of everyone, then up
    refused(await dispute.consent('resident', 'city'), 409, 'wrong_state', '/level');
    done(await dispute.consent('resident', 'town'), 201);
    refused(await dispute.post('mediator', 'escalation', { summary: words.summary }), 409, 'consent_missing');
    done(await dispute.consent('neighbour', 'town'), 201);
    const raised = done(await dispute.post('mediator', 'escalation', { summary: words.summary }), 201);
    assert.deepEqual([raised.state, raised.level, raised.unit.name, raised.origin_unit.name], ['in_mediation', 'town', '岑城镇', '孝坊社区']);
    assert.equal((await dispute.file()).escalations[0].summary, words.summary); // who handed it up keeps reading
    assert.ok([403, 404].includes((await dispute.schedule('mediator')).status)); // and works on it no more
    for (let n = 0; n < 2; n += 1) await dispute.talk('failed', 'town_mediator');
    await dispute.escalate('city', 'town_mediator');
    await dispute.talk('agreed', 'city_mediator');
    const { levels } = await dispute.file('resident');
    assert.deepEqual(levels.map((level) => [level.level, level.attempts_used, level.attempts_limit]), [['community', 3, 3], ['town', 2, 2], ['city', 1, 1]]);

    await signs(dispute);
    const visit = { visited_on: today(), finding: 'calm', note: words.visit };
    assert.equal(done(await dispute.post('city_mediator', 'follow-ups', visit), 201).note, words.visit);
    const closed = await dispute.file('resident');
    assert.deepEqual([closed.state, closed.follow_ups_due], ['closed', 0]);
    assert.ok(closed.closed_at && closed.mediators.every((one) => one.ended_at));
    assert.deepEqual(closed.events.map((event) => event.no), closed.events.map((_, n) => n + 1));
    refused(await dispute.post('city_mediator', 'risks', { level: 'high' }), 409, 'wrong_state');
    refused(await dispute.post('city_mediator', 'mediators', { person_id: person('city_mediator'), chosen_by: 'parties' }), 409, 'wrong_state');
});

// The agreement of a case that sits with the city: written, three marks, one item.
async function signs(dispute) {
    const by = 'city_mediator';
    const sign = (who, mark, form) => dispute.post(who, 'signatures', { mark, form });
    refused(await sign('resident', 'party', 'signature'), 409, 'agreement_missing');
    const { parties } = await dispute.file('resident');
    const item = { party_id: parties.find((party) => party.side === 'second').id, description: words.item, due_on: today(10), amount_fen: 20_000 };
    refused(await dispute.post(by, 'performance-items', item), 409, 'agreement_missing');
    refused(await dispute.post(by, 'agreement', { form: 'written', content: words.content, reached_on: today(1) }), 409, 'agreement_in_future', '/reached_on');
    const written = done(await dispute.post(by, 'agreement', { form: 'written', content: words.content }), 201);
    assert.deepEqual([written.effective_at, written.missing, written.confirmable], [null, ['party', 'mediator', 'committee'], true]);
    refused(await dispute.post(by, 'agreement', { form: 'oral', content: words.content }), 409, 'agreement_written');
    const added = done(await dispute.post(by, 'performance-items', item), 201);
    assert.deepEqual([added.description, added.amount_fen, added.state], [words.item, 20_000, 'open']);
    const perform = (state) => dispute.post(by, `performance-items/${added.id}/performance`, { state });
    refused(await perform('performed'), 409, 'wrong_state'); // not in force yet

    refused(await sign(by, 'mediator', 'seal'), 409, 'mark_form_wrong', '/form');
    assert.equal((await sign('neighbour', 'mediator', 'signature')).status, 403);
    assert.deepEqual(done(await sign('resident', 'party', 'signature'), 201).missing, ['party', 'mediator', 'committee']);
    refused(await sign('resident', 'party', 'fingerprint'), 409, 'already_signed');
    assert.deepEqual(done(await sign('neighbour', 'party', 'fingerprint'), 201).missing, ['mediator', 'committee']);
    assert.deepEqual(done(await sign(by, 'committee', 'seal'), 201).missing, ['mediator']);
    assert.equal((await dispute.file()).state, 'agreed');
    const last = done(await sign(by, 'mediator', 'signature'), 201);
    assert.deepEqual([last.missing, last.marks.length, last.effective_at], [[], 4, last.effective_at]);
    assert.equal(last.effective_at, last.marks.map((mark) => mark.marked_at).sort().at(-1));
    assert.equal(last.confirm_by, await lastDay(shanghaiDay(last.effective_at)));
    assert.equal((await dispute.file('neighbour')).state, 'in_force');
    refused(await dispute.post('resident', 'termination', {}), 409, 'wrong_state'); // what is in force binds

    assert.equal(done(await perform('partly')).state, 'partly');
    assert.equal(done(await perform('performed')).state, 'performed');
    refused(await perform('performed'), 409, 'already_performed');
    refused(await dispute.post(by, 'follow-ups', { visited_on: today(1), finding: 'calm' }), 409, 'visit_in_future', '/visited_on');
}

test('the last talk at the city fails: the file ends with the other legal ways', async () => {
    const dispute = await (await Case.open(server, { as })).exhausted();
    await dispute.escalate('town');
    for (let n = 0; n < 2; n += 1) await dispute.talk('failed', 'town_mediator');
    await dispute.escalate('city', 'town_mediator');
    await dispute.talk('failed', 'city_mediator');
    const { state, notices } = await dispute.file('neighbour');
    assert.equal(state, 'failed');
    assert.deepEqual([notices[0].ground, notices[0].ways.toSorted()], ['not_agreed', ['administration', 'arbitration', 'lawsuit']]);
    refused(await dispute.schedule('city_mediator'), 409, 'wrong_state');
    refused(await dispute.post('city_mediator', 'escalation', { summary: words.summary }), 409, 'wrong_state');
    refused(await dispute.post('city_mediator', 'agreement', { form: 'oral', content: words.content }), 409, 'wrong_state');
});

test('an oral agreement is in force from the day on which it was reached', async () => {
    const dispute = await (await Case.open(server, { as })).agreed();
    const spoken = done(await dispute.post('mediator', 'agreement', { form: 'oral', content: words.content, reached_on: today(-1) }), 201);
    assert.deepEqual([spoken.form, spoken.missing, spoken.marks, spoken.reached_on], ['oral', [], [], today(-1)]);
    assert.equal(shanghaiDay(spoken.effective_at), today(-1));
    assert.equal(spoken.confirm_by, await lastDay(today(-1)));
    assert.equal((await dispute.file('resident')).state, 'in_force');
    refused(await dispute.post('resident', 'signatures', { mark: 'party', form: 'signature' }), 409, 'wrong_state');
});

test('of sixteen at once, one fixes the last talk, one records its outcome, and there is no fourth', async () => {
    const dispute = await (await Case.open(server, { as })).inMediation();
    for (let n = 0; n < 2; n += 1) await dispute.talk('failed');
    const sixteen = (work) => Promise.all(Array.from({ length: 16 }, work));
    const one = (replies, status, problem) => {
        const winners = replies.filter((reply) => reply.status === status);
        assert.equal(winners.length, 1, replies.map((reply) => reply.status).join());
        for (const reply of replies.filter((other) => other !== winners[0])) refused(reply, 409, problem);
        return winners[0].body;
    };
    const attempt = one(await sixteen(() => dispute.schedule()), 201, 'attempt_open');
    assert.equal(attempt.ordinal, 3);
    one(await sixteen(() => dispute.post('mediator', `attempts/${attempt.id}/outcome`, { outcome: 'failed' })), 200, 'outcome_recorded');
    for (const reply of await sixteen(() => dispute.schedule())) refused(reply, 409, 'attempts_used_up');
    const file = await dispute.file();
    assert.deepEqual([file.state, file.attempts.length], ['level_exhausted', 3]);
});
