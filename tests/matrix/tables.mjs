// Whose a row is, said a second time and in other words than the policies of the migrations: for every table that holds a
// person's or a community's data, the units it belongs to and the people it concerns.
//   near  SQL over t: units whose staff may see the row      lead: true  also along the leadership ladder
//   mine  SQL over t, with $1 the person who asks            file: true  a confidential file: only the files' side of `near`
const unit = (column) => `array[${column}]`;
const accountUnit = (column) => `array(select a.unit_id from points.account a where a.id in (${column}))`;
const ownAccount = (column) => `exists (select from points.account a where a.id in (${column}) and a.person_id = $1)`;
const groupUnit = 'array(select g.unit_id from groups.group g where g.id = t.group_id)';
// People know the groups and heads of where they live.
const atHome = (units) => `exists (select from people.person p join orgs.unit h on h.id = p.unit_id join orgs.unit u on u.territory_path @> h.territory_path where p.id = $1 and u.id = any (${units}))`;
const member = (group) => `exists (select from groups.group_member m where m.group_id = ${group} and m.person_id = $1)`;
const headUnit = 'array(select h.unit_id from groups.head h where h.id = t.head_id)';
const headsOwn = '(select h.person_id from groups.head h where h.id = t.head_id) = $1';
const leads = (group) => `exists (select from groups.group_member m where m.group_id = ${group} and m.person_id = $1 and m.role <> 'member')`;
// An election is open to its area and to whoever is on its roll, once the roll is published.
const electionUnit = 'array(select e.unit_id from groups.election e where e.id = t.election_id)';
const isOpen = (election) => `exists (select from groups.election e where e.id = ${election} and e.state <> 'prepared' and (${atHome('array[e.unit_id]')}
    or exists (select from groups.election_voter v where v.election_id = e.id and v.person_id = $1 and v.struck_on is null)))`;
const ofElection = { near: electionUnit, mine: isOpen('t.election_id'), lead: true };
const nominationUnit = 'array(select e.unit_id from groups.nomination n join groups.election e on e.id = n.election_id where n.id = t.nomination_id)';
const helps = '$1 in (t.person_id, t.helper_id)';
const caseUnit = 'array(select c.origin_unit_id from mediation.mediation_case c where c.id = t.case_id)';
const isParty = (column) => `exists (select from mediation.party p where p.case_id = ${column} and p.person_id = $1)`;

const ofAccount = { near: accountUnit('t.account_id'), mine: ownAccount('t.account_id') };
const ofCase = { near: caseUnit, mine: isParty('t.case_id'), file: true };
const ofRecord = `exists (select from volunteering.service_record r where r.id = t.service_record_id and $1 in (r.volunteer_id, r.served_person_id, r.recorded_by))`;

export const guarded = {
    'people.person': { near: unit('t.unit_id'), mine: 't.id = $1', lead: true },
    'people.person_private': { near: 'array(select p.unit_id from people.person p where p.id = t.person_id)', mine: 't.person_id = $1' },
    'people.residence': { near: unit('t.unit_id'), mine: 't.person_id = $1' },
    'people.central_household': { near: unit('t.unit_id'), mine: 't.person_id = $1', lead: true },
    'access.grant': { near: unit('t.unit_id'), mine: 't.person_id = $1' },
    'groups.group': { near: unit('t.unit_id'), mine: `${member('t.id')} or ${atHome(unit('t.unit_id'))}`, lead: true },
    'groups.group_member': { near: groupUnit, mine: `${member('t.group_id')} or (t.role <> 'member' and ${atHome(groupUnit)})` },
    'groups.head': { near: unit('t.unit_id'), mine: `t.person_id = $1 or ${atHome(unit('t.unit_id'))}`, lead: true },
    'groups.charter': { near: groupUnit, mine: `${member('t.group_id')} or ${atHome(groupUnit)}`, lead: true },
    'groups.representative': { near: groupUnit, mine: `${member('t.group_id')} or ${atHome(groupUnit)}`, lead: true },
    'groups.group_meeting': { near: groupUnit, mine: member('t.group_id') },
    'groups.join_request': { near: groupUnit, mine: `t.person_id = $1 or ${leads('t.group_id')}` },
    'groups.head_card': { near: headUnit, mine: `${headsOwn} or ${atHome(headUnit)}`, lead: true },
    'groups.head_substitution': { near: headUnit, mine: `t.person_id = $1 or ${headsOwn} or ${atHome(headUnit)}`, lead: true },
    'groups.election': { near: unit('t.unit_id'), mine: isOpen('t.id'), lead: true },
    ...Object.fromEntries(['contest', 'election_official', 'election_voter', 'nomination', 'proxy', 'election_round', 'round_line', 'election_term'].map((name) => [`groups.${name}`, ofElection])),
    'groups.nomination_supporter': { near: nominationUnit, mine: 't.person_id = $1' },
    'groups.roll_objection': { near: electionUnit, mine: 't.person_id = $1' },
    'groups.election_count': { near: electionUnit, mine: 't.recorded_by = $1' },
    // Neighbours only: no grant of any staff reaches a favour.
    'groups.help_request': { near: `'{}'::uuid[]`, mine: `${helps} or (t.state = 'open' and (${atHome(unit('t.unit_id'))} or (t.reach = 'community' and ${atHome('array[t.community_id]')})))` },
    'groups.help_offer': { near: `'{}'::uuid[]`, mine: 't.person_id = $1 or (select r.person_id from groups.help_request r where r.id = t.request_id) = $1' },
    'points.account': { near: unit('t.unit_id'), mine: 't.person_id = $1' },
    'points.transfer': { near: accountUnit('t.from_account_id, t.to_account_id'), mine: ownAccount('t.from_account_id, t.to_account_id') },
    'points.entry': ofAccount, 'points.lot': ofAccount, 'points.lot_use': ofAccount, 'points.reservation': ofAccount, 'points.reservation_lot': ofAccount,
    'points.redemption': { near: `t.unit_id || ${accountUnit('t.account_id')}`, mine: 't.person_id = $1' },
    'volunteering.service_record': { near: unit('t.unit_id'), mine: '$1 in (t.volunteer_id, t.served_person_id, t.recorded_by)' },
    'volunteering.evaluation': { near: 'array(select r.unit_id from volunteering.service_record r where r.id = t.service_record_id)', mine: ofRecord },
    'core.idempotency': { near: `'{}'::uuid[]`, mine: 't.person_id = $1' },
    'mediation.mediation_case': { near: unit('t.origin_unit_id'), mine: isParty('t.id'), file: true },
    ...Object.fromEntries(['party', 'mediation_consent', 'refusal', 'case_mediator', 'attempt', 'escalation', 'agreement', 'agreement_mark', 'performance_item',
        'follow_up', 'final_notice', 'case_event'].map((name) => [`mediation.${name}`, ofCase])),
    // Parties see neither the risk mark nor who opened the file.
    'mediation.risk': { ...ofCase, mine: 'false' }, 'mediation.case_view': { ...ofCase, mine: 'false' },
};

// Whoever is signed in may read these: the organization, what is on offer, the rules.
export const open = ['groups.election_rule', 'orgs.unit', 'orgs.unit_name', 'orgs.unit_bigram', 'orgs.unit_relation', 'orgs.unit_closure', 'orgs.succession', 'orgs.population', 'orgs.unit_card', 'orgs.unit_card_stale',
    'orgs.appointment', 'points.reward', 'points.points_policy', 'mediation.level_policy', 'volunteering.service_policy'];

// Nobody reads these but the owner's routines.
export const closed = ['access.login', 'access.login_failure', 'access.login_session', 'access.refresh_token', 'core.audit_payload', 'core.audit_record', 'core.checkpoint', 'core.daily_task',
    'core.outbox', 'core.seal', 'core.sealer', 'core.upkeep_task', 'mediation.case_number', 'people.person_bigram',
    'groups.ballot', 'groups.ballot_receipt', 'groups.election_key'];

// Lists of words and numbers that concern nobody.
export const plain = ['core.holiday', 'core.migration', 'core.schema_version', 'core.transition', 'mediation.dispute_kind', 'orgs.post', 'orgs.unit_kind',
    'orgs.unit_kind_rule', 'volunteering.service_kind'];
