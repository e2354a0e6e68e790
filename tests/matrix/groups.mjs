// The groups' part of the matrix: an election, a group and the rest for each cell, in the state in which its call finds it, and the calls.
import { asOwner } from '../lib/sql.mjs';
import { columns, id, placeOf, second, subject } from './names.mjs';

const cell = (operation, role, column) => id('cell', operation, role, column);
const desk = ['community_worker', 'community_secretary', 'town_officer', 'administrator'];

// What one calls one's own lies in the sibling community: being its leader, its voter or its keeper opens it, and nothing else.
const areaOf = (column) => placeOf(column === 'own' ? 'sibling' : column).home;

// The state in which an operation finds its election, and the ballots of it.
const elections = {
    listElections: 'roll_published', getElection: 'roll_published', takeElectionStep: 'prepared', annulElection: 'voting', compileElectionRoll: 'prepared', listElectionVoters: 'roll_published',
    addElectionVoters: 'prepared', strikeElectionVoter: 'roll_published', listRollObjections: 'roll_published', createRollObjection: 'roll_published', decideRollObjection: 'roll_published',
    createElectionOfficial: 'roll_published', endElectionOfficial: 'roll_published', createNomination: 'roll_published', supportNomination: 'roll_published', answerNomination: 'roll_published',
    createProxy: 'roll_published', revokeProxy: 'roll_published', recordDefence: 'roll_published', recordTurnout: 'voting', createElectionCount: 'counting', createElectionKey: 'candidates_published',
    issueBallot: 'candidates_published', listBallotReceipts: 'published',
};
const online = ['createElectionKey', 'issueBallot'];

function* cellsOf(operations, roles) {
    for (const operation of operations) for (const role of roles) for (const column of columns) yield { operation, role, column, key: cell(operation, role, column) };
}

async function settleElections(server, roles) {
    const rows = [...cellsOf(Object.keys(elections), roles)].map(({ operation, role, column, key }) => ({
        key, operation, state: elections[operation], area: areaOf(column), contest: id('contest', key), nomination: id('nomination', key), voter: id('voter', key), other: id('other voter', key),
        ballots: [online.includes(operation) ? 'online' : 'paper'], person: subject(role, column), first: id('person', 'first', column === 'own' ? 'sibling' : column), second: id('person', 'second', column === 'own' ? 'sibling' : column),
        purpose: operation === 'recordDefence' ? 'recall' : 'term', days: operation === 'listElections' ? 1000 : 30,
    }));
    const from = `from jsonb_to_recordset($1::jsonb) as x(key uuid, operation text, state text, area uuid, contest uuid, nomination uuid, voter uuid, other uuid, ballots text[], person uuid, first uuid, second uuid, purpose text, days integer)`;
    const only = (...names) => `x.operation in (${names.map((name) => `'${name}'`).join(', ')})`;
    for (const statement of [
        `insert into groups.election (id, rule_id, purpose, title, unit_id, body_unit_id, state, ballots, voting_on, term_from, term_to, roll_published_on, recalled_person_id, recalled_term_id, recall_reason)
            select x.key, (select r.id from groups.election_rule r where r.code = 'building_head'), x.purpose, '测试', x.area, x.area, x.state, x.ballots, core.today() + x.days, core.today() + 1001, core.today() + 1500,
                   case when x.state <> 'prepared' then core.today() end, case when x.purpose = 'recall' then x.person end, case when x.purpose = 'recall' then x.key end, case when x.purpose = 'recall' then '测试' end ${from}`,
        `insert into groups.contest (id, election_id, ordinal, title, seats, open_seats) select x.contest, x.key, 1, '测试', 1, 1 ${from}`,
        `insert into groups.election_voter (id, election_id, person_id, ground) select x.voter, x.key, x.person, 'registered' ${from} where not ${only('compileElectionRoll')}`,
        `insert into groups.election_voter (id, election_id, person_id, ground) select x.other, x.key, x.second, 'registered' ${from} where ${only('createProxy', 'revokeProxy')} and x.person <> x.second`,
        `insert into groups.nomination (id, election_id, contest_id, person_id, nominated_by, answer, is_candidate, in_round)
            select x.nomination, x.key, x.contest, case when ${only('answerNomination')} then x.person else x.second end, 'voters', case when ${only('answerNomination')} then 'open' else 'accepted' end,
                   ${only('createElectionCount', 'listBallotReceipts', 'issueBallot')}, case when ${only('createElectionCount', 'listBallotReceipts', 'issueBallot')} then 1 end ${from}
            where not ${only('createNomination', 'createProxy', 'revokeProxy')}`,
        `insert into groups.nomination_supporter (nomination_id, person_id) select x.nomination, x.first ${from} where ${only('answerNomination')}`,
        `insert into groups.election_official (id, election_id, person_id, role) select x.key, x.key, x.second, 'chair' ${from} where ${only('endElectionOfficial')}`,
        `insert into groups.roll_objection (id, election_id, person_id, wish, reason, due_on) select x.key, x.key, x.person, 'correct', '测试', core.today() + 3 ${from} where ${only('listRollObjections', 'decideRollObjection')}`,
        `insert into groups.proxy (id, election_id, voter_id, holder_id, document_ref) select x.key, x.key, x.voter, x.other, '测试' ${from} where ${only('revokeProxy')} and x.person <> x.second`,
        `insert into groups.ballot_receipt (digest, election_id, round) select sha256(uuid_send(x.key)), x.key, 1 ${from} where ${only('listBallotReceipts')}`,
        `insert into groups.election_round (election_id, round, roll, issued, cast_ballots, spoilt_ballots, online_ballots, valid) select x.key, 1, 1, 1, 1, 0, 0, true ${from} where ${only('listBallotReceipts')}`,
        `insert into groups.round_line (election_id, round, nomination_id, votes, elected) select x.key, 1, x.nomination, 1, true ${from} where ${only('listBallotReceipts')}`,
        `insert into groups.election_term (election_id, nomination_id, kind, term_id, effect) select x.key, x.nomination, 'head', x.key, 'created' ${from} where ${only('listBallotReceipts')}`,
        `insert into groups.election_count (election_id, round, attempt, recorded_by, counted_by, cast_ballots, spoilt_ballots, lines) select x.key, 1, 1, x.second, '测试', 1, 0, '[]' ${from} where ${only('listBallotReceipts')}`,
    ]) await asOwner(server, statement, [JSON.stringify(rows)]);
}

// A residents' group for each cell that changes one, with its leader, a charter, a meeting, a request and a mandate.
const groupSteps = ['listCharters', 'createCharter', 'submitCharter', 'decideCharter', 'listGroupMeetings', 'createGroupMeeting', 'recordGroupMinutes', 'listJoinRequests', 'createJoinRequest', 'decideJoinRequest',
    'listRepresentatives', 'createRepresentative', 'endRepresentative', 'listRepresentativeCoverage'];

async function settleGroups(server, roles) {
    const rows = [...cellsOf(groupSteps, roles)].map(({ operation, role, column, key }, n) => ({
        key, operation, n, area: operation === 'listJoinRequests' ? placeOf(column).home : areaOf(column), person: subject(role, column), asker: id('person', 'second', column === 'own' ? 'sibling' : column), leads: operation !== 'createJoinRequest' && operation !== 'listJoinRequests',
        state: operation === 'decideCharter' ? 'submitted' : 'adopted',
    }));
    const from = `from jsonb_to_recordset($1::jsonb) as x(key uuid, operation text, n integer, area uuid, person uuid, asker uuid, leads boolean, state text)`;
    for (const statement of [
        `insert into groups.group (id, kind, name, unit_id, unit_kind, households, valid) select x.key, 'residents_group', '测试组 ' || x.n, x.area, 'building', 40, daterange('2020-01-01', null) ${from}`,
        `insert into groups.group_member (group_id, person_id, role, valid) select x.key, x.person, 'deputy', daterange('2020-01-01', null) ${from} where x.leads`,
        `insert into groups.charter (id, group_id, ordinal, content, adopted_on, state) select x.key, x.key, 1, '测试', core.today(), x.state ${from} where x.operation ~ 'Charter'`,
        `insert into groups.group_meeting (id, group_id, held_at, place, agenda) select x.key, x.key, core.app_now() - interval '1 day', '测试', '测试' ${from} where x.operation ~ 'Meeting|Minutes'`,
        `insert into groups.join_request (id, group_id, person_id) select x.key, x.key, case when x.operation = 'listJoinRequests' then x.person else x.asker end ${from} where x.operation in ('listJoinRequests', 'decideJoinRequest')`,
        // mandates one after the other: nobody holds two on a day
        `insert into groups.representative (id, group_id, person_id, households, valid)
            select x.key, x.key, x.asker, 40, daterange(core.today() + 20000 + x.n * 10, core.today() + 20010 + x.n * 10) ${from} where x.operation in ('endRepresentative', 'listRepresentatives')`,
    ]) await asOwner(server, statement, [JSON.stringify(rows)]);
    return new Map(rows.map((row) => [row.key, row.n]));
}

async function settleHeads(server, roles) {
    const own = roles.map((role, n) => ({ key: id('head', role), n, person: subject(role, 'own'), site: id('new building sibling') }));
    await asOwner(server, `insert into groups.head (id, kind, unit_id, unit_kind, person_id, basis, valid)
        select x.key, 'building_head', x.site, 'building', x.person, 'elected', daterange(make_date(2100 + x.n, 1, 1), make_date(2101 + x.n, 1, 1)) from jsonb_to_recordset($1::jsonb) as x(key uuid, n integer, person uuid, site uuid)`, [JSON.stringify(own)]);
    const rows = [...cellsOf(['substitution'], roles)].filter((row) => row.column !== 'own').map(({ role, column }) => ({ key: id('substitution', role, column), head: id('target', role, column), n: roles.indexOf(role), person: subject(role, column) }));
    await asOwner(server, `insert into groups.head_substitution (id, head_id, person_id, valid)
        select x.key, x.head, x.person, daterange(make_date(2040 + x.n, 11, 1), make_date(2040 + x.n, 12, 1)) from jsonb_to_recordset($1::jsonb) as x(key uuid, head uuid, n integer, person uuid)`, [JSON.stringify(rows)]);
    await asOwner(server, `insert into groups.head_card (head_id, hours) select x.head, '测试' from jsonb_to_recordset($1::jsonb) as x(head uuid)`, [JSON.stringify(rows)]);
    const keepers = [...cellsOf(['listCentralHouseholds', 'endCentralHousehold'], roles)].map(({ operation, role, column, key }, n) => ({
        key, n, area: areaOf(column), person: operation === 'endCentralHousehold' ? second(column) : subject(role, column), first: operation === 'endCentralHousehold' ? 20000 : 0 }));
    await asOwner(server, `insert into people.central_household (id, unit_id, person_id, basis, valid)
        select x.key, x.area, x.person, 'elected', daterange(core.today() + x.first + x.n * 10, core.today() + x.first + x.n * 10 + 10) from jsonb_to_recordset($1::jsonb) as x(key uuid, n integer, area uuid, person uuid, first integer)`, [JSON.stringify(keepers)]);
    const heads = await asOwner(server, `select distinct on (h.unit_id) h.unit_id, h.id from groups.head h where h.unit_id = any ($1::uuid[]) and h.valid @> core.today()`, [columns.map((column) => placeOf(column).home)]);
    const keptFrom = new Map(keepers.map((row) => [row.key, [row.first + row.n * 10, row.first + row.n * 10 + 5]]));
    return { headOf: (column) => heads.find((row) => row.unit_id === placeOf(column).home).id, keptFrom };
}

const helpSteps = { listHelpRequests: 'open', getHelpRequest: 'open', createHelpOffer: 'open', acceptHelpOffer: 'open', completeHelpRequest: 'agreed', thankForHelp: 'done', withdrawHelpRequest: 'open' };

async function settleHelp(server, roles) {
    const rows = [...cellsOf(Object.keys(helpSteps), roles)].map(({ operation, role, column, key }) => ({ key, state: helpSteps[operation], place: placeOf(column).compound, person: subject(role, column), helper: second(column) }));
    const from = 'from jsonb_to_recordset($1::jsonb) as x(key uuid, state text, place uuid, person uuid, helper uuid)';
    await asOwner(server, `insert into groups.help_request (id, person_id, unit_id, reach, kind, wish, state, helper_id)
        select x.key, x.person, x.place, 'compound', 'other', '测试', x.state, case when x.state <> 'open' then x.helper end ${from}`, [JSON.stringify(rows)]);
    await asOwner(server, `insert into groups.help_offer (id, request_id, person_id) select x.key, x.key, x.helper ${from} where x.state = 'open'`, [JSON.stringify(rows)]);
}

// settleGroupThings(server, roles, administrator) → what the calls below need of the world.
export async function settleGroupThings(server, roles, administrator) {
    await settleElections(server, roles);
    const order = await settleGroups(server, roles);
    const heads = await settleHeads(server, roles);
    await settleHelp(server, roles);
    for (const role of roles) {
        const reply = await administrator.post(`/elections/${cell('issueBallot', role, 'own')}/key`);
        if (reply.status !== 201) throw new Error(`key: ${reply.status} ${reply.text}`);
    }
    await asOwner(server, `update groups.election set state = 'voting' where state = 'candidates_published' and id = any ($1::uuid[])`, [[...cellsOf(['issueBallot'], roles)].map((row) => row.key)]);
    return { order, ...heads };
}

const get = (path, holds) => ({ method: 'GET', path, holds });
const post = (path, body) => ({ method: 'POST', path, body });
const withId = (wanted) => (body) => body.items.some((item) => item.id === wanted);
const notEmpty = (body) => body.items.length > 0;
const shanghai = (days = 0) => new Date(Date.now() + 8 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 10);
const election = (operation, path, body) => (world, role, column) => post(`/elections/${cell(operation, role, column)}${path}`, body);
const group = (operation, path, body) => (world, role, column) => post(`/groups/${cell(operation, role, column)}${path}`, body);
const year = (world, role) => 2040 + world.order.indexOf(role);
const headOfCell = (role, column) => (column === 'own' ? id('head', role) : id('target', role, column));

export const groupCalls = {
    listCharters: (world, role, column) => get(`/groups/${cell('listCharters', role, column)}/charters`, notEmpty),
    createCharter: group('createCharter', '/charters', { content: '测试' }),
    submitCharter: (world, role, column) => post(`/charters/${cell('submitCharter', role, column)}/submission`),
    decideCharter: (world, role, column) => post(`/charters/${cell('decideCharter', role, column)}/decision`, { decision: 'file', filing_number: '1' }),
    listGroupMeetings: (world, role, column) => get(`/groups/${cell('listGroupMeetings', role, column)}/meetings`, notEmpty),
    createGroupMeeting: group('createGroupMeeting', '/meetings', { held_at: new Date().toISOString(), place: '测试', agenda: '测试' }),
    recordGroupMinutes: (world, role, column) => post(`/group-meetings/${cell('recordGroupMinutes', role, column)}/minutes`, { present: 3, minutes: '测试' }),
    listJoinRequests: (world, role, column) => get(`/groups/${cell('listJoinRequests', role, column)}/join-requests`, notEmpty),
    createJoinRequest: group('createJoinRequest', '/join-requests', {}),
    decideJoinRequest: (world, role, column) => post(`/join-requests/${cell('decideJoinRequest', role, column)}/decision`, { decision: 'decline' }),
    listRepresentatives: (world, role, column) => get(`/representatives?group=${cell('listRepresentatives', role, column)}&as_of=${shanghai(20005 + 10 * world.groupThings.order.get(cell('listRepresentatives', role, column)))}`, notEmpty),
    createRepresentative: (world, role, column) => post(`/groups/${cell('createRepresentative', role, column)}/representatives`, {
        person_id: second(column), households: 40, valid_from: `${year(world, role)}-01-01`, valid_to: `${year(world, role)}-06-30` }),
    endRepresentative: (world, role, column) => post(`/representatives/${cell('endRepresentative', role, column)}/end`, { last_day: shanghai(20005 + 10 * world.groupThings.order.get(cell('endRepresentative', role, column))) }),
    listRepresentativeCoverage: (world, role, column) => get(`/representative-coverage?unit=${placeOf(column).home}`, notEmpty),
    getHead: (world, role, column) => get(`/heads/${world.groupThings.headOf(column)}`),
    updateHeadCard: (world, role, column) => ({ method: 'PATCH', path: `/heads/${headOfCell(role, column)}/card`, body: { hours: '测试' } }),
    listMyHeads: () => get('/me/heads', notEmpty),
    createHeadSubstitution: (world, role, column) => post(`/heads/${id('target', role, column)}/substitutions`, { person_id: subject(role, column), valid_from: `${year(world, role)}-01-01`, valid_to: `${year(world, role)}-02-01` }),
    endHeadSubstitution: (world, role, column) => post(`/head-substitutions/${id('substitution', role, column)}/end`, { last_day: `${year(world, role)}-11-10` }),
    listHeadCoverage: (world, role, column) => get(`/head-coverage?unit=${placeOf(column).home}`, notEmpty),
    listHeadWorkload: (world, role, column) => get(`/head-workload?unit=${placeOf(column).home}`, notEmpty),
    listCentralHouseholds(world, role, column) {
        const key = cell('listCentralHouseholds', role, column);
        const day = shanghai(world.groupThings.keptFrom.get(key)[1]);
        return get(`/central-households?as_of=${day}&limit=200&unit=${areaOf(column)}`, withId(key));
    },
    createCentralHousehold: (world, role, column) => post('/central-households', { unit_id: placeOf(column).home, person_id: second(column), basis: 'elected', valid_from: `${year(world, role)}-01-01`, valid_to: `${year(world, role)}-12-31` }),
    endCentralHousehold: (world, role, column) => post(`/central-households/${cell('endCentralHousehold', role, column)}/end`, { last_day: shanghai(world.groupThings.keptFrom.get(cell('endCentralHousehold', role, column))[1]) }),

    listHelpRequests: (world, role, column) => get(`/help-requests?limit=200${column === 'own' ? '&mine=true' : ''}`, column === 'own' ? withId(cell('listHelpRequests', role, column)) : (body) => body.items.some((item) => item.person.id === subject(role, column))),
    createHelpRequest: () => post('/help-requests', { kind: 'other', wish: '测试' }),
    getHelpRequest: (world, role, column) => get(`/help-requests/${cell('getHelpRequest', role, column)}`),
    createHelpOffer: (world, role, column) => post(`/help-requests/${cell('createHelpOffer', role, column)}/offers`, {}),
    acceptHelpOffer: (world, role, column) => post(`/help-offers/${cell('acceptHelpOffer', role, column)}/acceptance`),
    completeHelpRequest: (world, role, column) => post(`/help-requests/${cell('completeHelpRequest', role, column)}/completion`),
    thankForHelp: (world, role, column) => post(`/help-requests/${cell('thankForHelp', role, column)}/thanks`, { thanks: '测试' }),
    withdrawHelpRequest: (world, role, column) => post(`/help-requests/${cell('withdrawHelpRequest', role, column)}/withdrawal`),

    listElectionRules: () => get('/election-rules', notEmpty),
    listElections: (world, role, column) => get(`/elections?unit=${areaOf(column)}&limit=200`, withId(cell('listElections', role, column))),
    createElection: (world, role, column) => post('/elections', { rule: 'building_head', purpose: 'term', title: '测试', unit_id: placeOf(column).home, voting_on: shanghai(30), ballots: ['paper'], contests: [{ title: '测试', seats: 1 }] }),
    getElection: (world, role, column) => get(`/elections/${cell('getElection', role, column)}`),
    takeElectionStep: election('takeElectionStep', '/steps', { action: 'cancel' }),
    annulElection: election('annulElection', '/annulment', { decided_by: '测试', reason: '测试' }),
    compileElectionRoll: election('compileElectionRoll', '/roll'),
    listElectionVoters: (world, role, column) => get(`/elections/${cell('listElectionVoters', role, column)}/voters`, notEmpty),
    addElectionVoters: (world, role, column) => post(`/elections/${cell('addElectionVoters', role, column)}/voters`, { voters: [{ person_id: second(column), ground: 'registered' }] }),
    strikeElectionVoter: (world, role, column) => post(`/elections/${cell('strikeElectionVoter', role, column)}/voters/${id('voter', cell('strikeElectionVoter', role, column))}/strike`, { reason: '测试' }),
    listRollObjections: (world, role, column) => get(`/elections/${cell('listRollObjections', role, column)}/objections`, notEmpty),
    createRollObjection: election('createRollObjection', '/objections', { wish: 'correct', reason: '测试' }),
    decideRollObjection: (world, role, column) => post(`/roll-objections/${cell('decideRollObjection', role, column)}/decision`, { decision: 'rejected', answer: '测试' }),
    createElectionOfficial: (world, role, column) => post(`/elections/${cell('createElectionOfficial', role, column)}/officials`, { person_id: subject(role, column), role: 'member' }),
    endElectionOfficial: (world, role, column) => post(`/elections/${cell('endElectionOfficial', role, column)}/officials/${cell('endElectionOfficial', role, column)}/end`, { reason: '测试' }),
    createNomination: (world, role, column) => post(`/elections/${cell('createNomination', role, column)}/nominations`, {
        contest_id: id('contest', cell('createNomination', role, column)), person_id: id('person', 'second', column === 'own' ? 'sibling' : column),
        ...(desk.includes(role) && column !== 'own' ? { nominated_by: 'organization', document_ref: '测试' } : { nominated_by: 'voters' }) }),
    supportNomination: (world, role, column) => post(`/elections/${cell('supportNomination', role, column)}/nominations/${id('nomination', cell('supportNomination', role, column))}/support`),
    answerNomination: (world, role, column) => post(`/elections/${cell('answerNomination', role, column)}/nominations/${id('nomination', cell('answerNomination', role, column))}/answer`, { answer: 'accepted' }),
    createProxy: (world, role, column) => post(`/elections/${cell('createProxy', role, column)}/proxies`, { voter_id: id('voter', cell('createProxy', role, column)), holder_id: id('other voter', cell('createProxy', role, column)), document_ref: '测试' }),
    revokeProxy: (world, role, column) => post(`/elections/${cell('revokeProxy', role, column)}/proxies/${cell('revokeProxy', role, column)}/revocation`),
    recordDefence: election('recordDefence', '/defence', { defence: '测试' }),
    recordTurnout: (world, role, column) => post(`/elections/${cell('recordTurnout', role, column)}/turnout`, { voter_id: id('voter', cell('recordTurnout', role, column)), took: 'paper' }),
    createElectionCount: (world, role, column) => post(`/elections/${cell('createElectionCount', role, column)}/counts`, { counted_by: '测试', cast: 0, spoilt: 0, lines: [{ nomination_id: id('nomination', cell('createElectionCount', role, column)), votes: 0 }] }),
    createElectionKey: election('createElectionKey', '/key'),
    issueBallot: election('issueBallot', '/ballot-token', { blinded: `${'0'.repeat(511)}2` }),
    castBallot: election('issueBallot', '/ballots', { token: '0'.repeat(64), signature: '0'.repeat(512), choices: [] }),
    listBallotReceipts: (world, role, column) => get(`/elections/${cell('listBallotReceipts', role, column)}/receipts`, notEmpty),
};
