// Opening a case, saying who the other side is, and who mediates.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startServer } from '../../lib/server.mjs';
import { demoId, done, nowhere, person, refused, signedIn } from '../story.mjs';
import { Case, community, words } from './case.mjs';

let server;
let as;
before(async () => {
    server = await startServer();
    as = signedIn(server);
});
after(() => server?.stop());

const apply = async (who, more) => (await as(who)).post('/mediation-cases',
    { kind: 'neighbour', title: words.title, narrative: words.narrative, parties: [{ side: 'second', person_id: person('neighbour') }], ...more });

test('the kinds of disputes and the mediators of a place', async () => {
    const kinds = await (await as('resident')).all('/mediation-kinds', 3);
    assert.ok(kinds.some((kind) => kind.kind === 'neighbour' && kind.confirmable) && kinds.some((kind) => !kind.confirmable));
    const mediators = await (await as('mediator')).all(`/mediators?unit=${community}`, 1);
    assert.ok(mediators.some((one) => one.name === '黄秀兰' && one.unit.name === '孝坊社区'));
    assert.deepEqual(done(await (await as('mediator_b')).get(`/mediators?unit=${community}`)).items, []);
    refused(await (await as('mediator')).get('/mediators'), 422, 'invalid_input');
    refused(await (await as('resident')).get(`/mediators?unit=${community}`), 403, 'forbidden');
});

test('a case needs two sides, of whom each is named once', async () => {
    refused(await apply('resident', { parties: [] }), 409, 'two_sides_needed', '/parties');
    refused(await apply('resident', { parties: [{ side: 'second', person_id: person('resident') }] }), 409, 'party_twice');
    refused(await apply('resident', { parties: [{ side: 'second' }] }), 409, 'party_unnamed', '/parties');
    refused(await apply('resident', { parties: [{ side: 'second', person_id: nowhere }] }), 404, 'not_found', '/parties');
    refused(await apply('resident', { kind: 'marital_bliss' }), 409, 'mediation_kind_unknown');
    refused(await apply('resident', { unit_id: demoId('compound 1') }), 409, 'unit_has_no_level', '/unit_id');
    refused(await apply('resident', { unit_id: demoId('community 2') }), 404, 'not_found', '/unit_id');
    const wrong = await apply('resident', { title: '噪', parties: [{ side: 'third', organization_name: '' }], fee: 1 });
    refused(wrong, 422, 'invalid_input');
    assert.deepEqual(wrong.body.errors.map((error) => error.pointer).toSorted(), ['/fee', '/parties/0/organization_name', '/parties/0/side', '/title']);
    const both = done(await apply('mediator', {
        unit_id: community,
        parties: [{ side: 'first', person_id: person('elder') }, { side: 'second', organization_name: '和顺物业（演示）', position: '委托人邓先生' }],
    }), 201);
    assert.deepEqual([both.origin, both.first_side, both.second_side], ['committee', '林**', '和顺物业（演示）']);
    // files are found by the number, a party in characters, pinyin or initials, an organization, the kind; never outside one's own
    const found = async (who, q) => (await (await as(who)).all(encodeURI(`/mediation-cases?q=${q}`))).some((one) => one.id === both.id);
    for (const q of [both.number.slice(-6), '和顺', '玉珍', 'linyuzhen', 'LYZ', both.kind_name_zh.slice(0, 2), both.kind_name_en]) assert.ok(await found('mediator', q), q);
    assert.ok(!(await found('mediator', '没有这个')) && !(await found('mediator_b', '和顺')) && !(await found('resident', '和顺')));
    // the committee's case needs the consent of both
    const file = done(await (await as('mediator')).get(`/mediation-cases/${both.id}`));
    assert.deepEqual(file.consents, []);
});

test('the other side in the applicant\'s words, until staff know who it is', async () => {
    const dispute = await Case.open(server, { as, body: { parties: [], respondent_name: words.claimed } });
    const second = (await dispute.file('resident')).parties.find((party) => party.side === 'second');
    assert.deepEqual([second.claimed_name, second.person_id], [words.claimed, null]);
    const identify = (login, who = 'mediator') => dispute.post(who, `parties/${second.id}/identification`, { person_id: person(login) });
    assert.equal((await identify('neighbour', 'resident')).status, 403);
    refused(await identify('resident'), 409, 'party_twice');
    refused(await dispute.post('mediator', `parties/${nowhere}/identification`, { person_id: person('neighbour') }), 404, 'not_found');
    refused(await (await as('neighbour')).get(dispute.path), 404, 'not_found');
    done(await dispute.post('mediator', 'mediators', { person_id: person('mediator'), chosen_by: 'committee' }), 201);
    refused(await identify('mediator'), 409, 'mediator_is_party');
    assert.equal(done(await identify('neighbour')).second_side, '覃**');
    refused(await identify('elder'), 409, 'party_identified');
    const known = (await dispute.file('neighbour')).parties.find((party) => party.is_me);
    assert.deepEqual([known.claimed_name, known.person_name], [null, '覃**']);
    assert.equal(done(await dispute.consent('neighbour'), 201).state, 'in_mediation');
    const ended = await Case.open(server, { as, body: { parties: [], respondent_name: words.claimed } });
    const unknown = (await ended.file()).parties.find((party) => party.side === 'second');
    done(await ended.post('resident', 'termination'), 201);
    refused(await ended.post('mediator', `parties/${unknown.id}/identification`, { person_id: person('neighbour') }), 409, 'wrong_state');
});

test('who mediates: chosen or appointed, able and not a party', async () => {
    const dispute = await (await Case.open(server, { as })).inMediation();
    const assign = (login, who = 'community_secretary') => dispute.post(who, 'mediators', { person_id: person(login), chosen_by: 'parties' });
    refused(await dispute.schedule('community_secretary'), 409, 'mediator_missing');
    refused(await assign('elder'), 409, 'not_a_mediator', '/person_id');
    refused(await assign('mediator_b'), 409, 'not_a_mediator', '/person_id');
    refused(await assign('resident'), 409, 'mediator_is_party', '/person_id');
    assert.equal(done(await assign('mediator'), 201).id, dispute.opened.id);
    refused(await assign('mediator'), 409, 'already_assigned');
    assert.equal((await assign('mediator', 'resident')).status, 403);
    assert.deepEqual((await dispute.file('resident')).mediators.map((one) => [one.name, one.chosen_by]), [['黄秀兰', 'parties']]);
    refused(await dispute.post('community_secretary', 'signatures', { mark: 'mediator', form: 'signature' }), 409, 'wrong_state');
    refused(await dispute.post('mediator', 'performance-items', { party_id: nowhere, description: words.item, due_on: '2026-12-31' }), 409, 'wrong_state');
    refused(await dispute.post('mediator', 'follow-ups', { visited_on: '2026-01-05', finding: 'calm' }), 409, 'wrong_state');
    refused(await dispute.post('mediator', 'agreement', { form: 'oral', content: words.content }), 409, 'wrong_state');
    const agreed = await (await Case.open(server, { as })).written();
    refused(await agreed.post('community_secretary', 'signatures', { mark: 'mediator', form: 'signature' }), 409, 'not_the_mediator');
    refused(await agreed.post('mediator', `parties/${(await agreed.file()).parties[0].id}/identification`, { person_id: person('elder') }), 409, 'party_identified');
});
