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
const helpsOut = '$1 in (t.person_id, t.helper_id)';
const caseUnit = 'array(select c.origin_unit_id from mediation.mediation_case c where c.id = t.case_id)';
const isParty = (column) => `exists (select from mediation.party p where p.case_id = ${column} and p.person_id = $1)`;

const documentUnit = 'array(select r.unit_id from orgs.reorganization r where r.id = t.reorganization_id)';
const handing = (column) => `exists (select from orgs.handover h join orgs.appointment a on a.id = h.appointment_id where h.id = ${column} and $1 in (h.to_person_id, a.person_id))`;
const personUnit = (column) => `array(select p.unit_id from people.person p where p.id in (${column}))`;
const dwellingUnit = 'array(select d.unit_id from people.dwelling d where d.id = t.dwelling_id)';
const householdUnit = 'array(select h.unit_id from people.household h where h.id = t.household_id)';
const guards = (column) => `exists (select from people.guardianship g where g.ward_id = ${column} and g.guardian_id = $1)`;
const inHousehold = (column) => `exists (select from people.household_member m where m.household_id = ${column} and m.person_id = $1)`;
const inDwelling = (column) => `(exists (select from people.ownership o where o.dwelling_id = ${column} and o.person_id = $1) or exists (select from people.residence r where r.dwelling_id = ${column} and r.person_id = $1)
    or exists (select from people.household h join people.household_member m on m.household_id = h.id where h.dwelling_id = ${column} and m.person_id = $1))`;
// Marks of care: the workers and the secretary of the very place, and who was named to help.
const cares = (column) => `exists (select from people.person p join orgs.unit h on h.id = p.unit_id join access.grant g on g.person_id = $1 and g.role in ('community_worker', 'community_secretary')
    join orgs.unit u on u.id = g.unit_id where p.id = ${column} and h.territory_path <@ u.territory_path)`;
const helps = (column) => `exists (select from people.care_helper h where h.care_mark_id = ${column} and h.person_id = $1)`;
const ofRequest = { near: 'array(select r.unit_id from people.data_request r where r.id = t.request_id)', mine: `exists (select from people.data_request r where r.id = t.request_id and (r.person_id = $1 or ${guards('r.person_id')}))` };

const ofAccount = { near: accountUnit('t.account_id'), mine: ownAccount('t.account_id') };
const ofCase = { near: caseUnit, mine: isParty('t.case_id'), file: true };
const ofRecord = `exists (select from volunteering.service_record r where r.id = t.service_record_id and $1 in (r.volunteer_id, r.served_person_id, r.recorded_by))`;

export const guarded = {
    'people.person': { near: unit('t.unit_id'), mine: `t.id = $1 or ${guards('t.id')}`, lead: true },
    'people.person_private': { near: 'array(select p.unit_id from people.person p where p.id = t.person_id)', mine: `t.person_id = $1 or ${guards('t.person_id')}` },
    'people.residence': { near: unit('t.unit_id'), mine: `t.person_id = $1 or ${guards('t.person_id')}` },
    'people.dwelling': { near: unit('t.unit_id'), mine: inDwelling('t.id') },
    'people.ownership': { near: dwellingUnit, mine: `t.person_id = $1 or ${inDwelling('t.dwelling_id')}` },
    'people.household': { near: unit('t.unit_id'), mine: inHousehold('t.id') },
    'people.household_member': { near: householdUnit, mine: `t.person_id = $1 or ${inHousehold('t.household_id')}` },
    'people.guardianship': { near: personUnit('t.ward_id'), mine: '$1 in (t.ward_id, t.guardian_id)' },
    'people.consent': { near: personUnit('t.person_id'), mine: 't.person_id = $1' },
    'people.guardian_consent': { near: personUnit('t.ward_id'), mine: '$1 in (t.ward_id, t.guardian_id)' },
    'people.near_relative': { near: personUnit('t.person_id, t.relative_id'), mine: '$1 in (t.person_id, t.relative_id)' },
    // no reach of any office opens these: looked at by everyone, as the files are
    'people.care_mark': { near: `'{}'::uuid[]`, mine: `t.person_id = $1 or ${guards('t.person_id')} or ${helps('t.id')} or ${cares('t.person_id')}`, file: true },
    'people.care_helper': { near: `'{}'::uuid[]`, mine: `t.person_id = $1 or exists (select from people.care_mark c where c.id = t.care_mark_id and (c.person_id = $1 or ${guards('c.person_id')} or ${helps('c.id')} or ${cares('c.person_id')}))`, file: true },
    'people.death': { near: personUnit('t.person_id'), mine: 'false' },
    'people.merge': { near: personUnit('t.kept_id'), mine: 'false' },
    'people.reveal': { near: personUnit('t.person_id'), mine: `$1 in (t.person_id, t.revealed_by) or ${guards('t.person_id')}` },
    'people.minor_access': { near: personUnit('t.ward_id'), mine: `t.staff_id = $1 or ${guards('t.ward_id')}` },
    'people.disclosure': { near: personUnit('t.person_id'), mine: `t.person_id = $1 or ${guards('t.person_id')}` },
    'people.data_request': { near: unit('t.unit_id'), mine: `t.person_id = $1 or ${guards('t.person_id')}` },
    'people.data_request_event': ofRequest,
    'access.saved_view': { near: 'array[]::uuid[]', mine: 't.person_id = $1' },
    'access.password_reset': { near: personUnit('t.person_id'), mine: 't.person_id = $1' },
    'access.representation': { near: personUnit('t.person_id'), mine: '$1 in (t.person_id, t.agent_id)' },
    'access.audit_mandate': { near: unit('t.unit_id'), mine: 't.auditor_id = $1' },
    'access.audit_view': { near: `'{}'::uuid[]`, mine: 't.auditor_id = $1' },
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
    'groups.help_request': { near: `'{}'::uuid[]`, mine: `${helpsOut} or (t.state = 'open' and (${atHome(unit('t.unit_id'))} or (t.reach = 'community' and ${atHome('array[t.community_id]')})))` },
    'groups.help_offer': { near: `'{}'::uuid[]`, mine: 't.person_id = $1 or (select r.person_id from groups.help_request r where r.id = t.request_id) = $1' },
    'points.account': { near: unit('t.unit_id'), mine: 't.person_id = $1' },
    'points.transfer': { near: accountUnit('t.from_account_id, t.to_account_id'), mine: ownAccount('t.from_account_id, t.to_account_id') },
    'points.entry': ofAccount, 'points.lot': ofAccount, 'points.lot_use': ofAccount, 'points.reservation': ofAccount, 'points.reservation_lot': ofAccount,
    'points.redemption': { near: `t.unit_id || ${accountUnit('t.account_id')}`, mine: 't.person_id = $1' },
    'volunteering.service_record': { near: unit('t.unit_id'), mine: '$1 in (t.volunteer_id, t.served_person_id, t.recorded_by)' },
    'volunteering.evaluation': { near: 'array(select r.unit_id from volunteering.service_record r where r.id = t.service_record_id)', mine: ofRecord },
    // Confidential files are told apart by their own column; here none is.
    'core.blob': { near: unit('t.unit_id'), mine: 't.owner_id = $1' },
    'core.blob_piece': { near: 'array(select b.unit_id from core.blob b where b.id = t.blob_id)', mine: 'exists (select from core.blob b where b.id = t.blob_id and b.owner_id = $1)' },
    'core.import': { near: `'{}'::uuid[]`, mine: 't.requested_by = $1' },
    'core.import_fault': { near: `'{}'::uuid[]`, mine: 'exists (select from core.import i where i.id = t.import_id and i.requested_by = $1)' },
    'core.job': { near: unit('t.unit_id'), mine: 't.requested_by = $1' },
    'core.job_run': { near: 'array(select j.unit_id from core.job j where j.id = t.job_id)', mine: 'exists (select from core.job j where j.id = t.job_id and j.requested_by = $1)' },
    // what is decreed is everybody's
    'orgs.reorganization': { near: unit('t.unit_id'), mine: `t.state in ('decreed', 'in_force')`, lead: true },
    'orgs.reorganization_step': { near: documentUnit, mine: `exists (select from orgs.reorganization r where r.id = t.reorganization_id and r.state in ('decreed', 'in_force'))`, lead: true },
    'orgs.reorganization_decision': { near: documentUnit, mine: 'false' },
    'orgs.reorganization_effect': { near: 'array[t.from_unit_id, t.to_unit_id]', mine: 'false' },
    'orgs.term_warning': { near: unit('t.unit_id'), mine: 'false' },
    'orgs.handover': { near: unit('t.unit_id'), mine: handing('t.id') },
    'orgs.handover_item': { near: 'array(select h.unit_id from orgs.handover h where h.id = t.handover_id)', mine: handing('t.handover_id') },
    'orgs.substitution': { near: unit('t.unit_id'), mine: '$1 in (t.person_id, t.substitute_id)' },
    'core.idempotency': { near: `'{}'::uuid[]`, mine: 't.person_id = $1' },
    'mediation.mediation_case': { near: unit('t.origin_unit_id'), mine: isParty('t.id'), file: true },
    ...Object.fromEntries(['party', 'mediation_consent', 'refusal', 'case_mediator', 'attempt', 'escalation', 'agreement', 'agreement_mark', 'performance_item',
        'follow_up', 'final_notice', 'case_event'].map((name) => [`mediation.${name}`, ofCase])),
    // Parties see neither the risk mark nor who opened the file.
    'mediation.risk': { ...ofCase, mine: 'false' }, 'mediation.case_view': { ...ofCase, mine: 'false' },
};

// Whoever is signed in may read these: the organization, what is on offer, the rules.
export const open = ['access.figure', 'groups.election_rule', 'mediation.level_policy', 'orgs.appointment', 'orgs.population', 'orgs.succession',
    'orgs.unit', 'orgs.unit_area', 'orgs.unit_bigram', 'orgs.unit_card', 'orgs.unit_card_stale', 'orgs.unit_closure', 'orgs.unit_name',
    'orgs.unit_reading', 'orgs.unit_relation', 'people.purpose', 'people.retention_rule', 'people.retention_run', 'points.points_policy',
    'points.reward', 'volunteering.service_policy'];

// Nobody reads these but the owner's routines.
export const closed = ['access.claim_code', 'access.login', 'access.login_failure', 'access.login_session', 'access.refresh_token',
    'core.audit_payload', 'core.audit_record', 'core.checkpoint', 'core.daily_task', 'core.export', 'core.outbox', 'core.schedule', 'core.seal',
    'core.sealer', 'core.upkeep_task', 'groups.ballot', 'groups.ballot_receipt', 'groups.election_key', 'mediation.case_number', 'orgs.follower',
    'people.merge_step', 'people.person_bigram', 'people.person_reading'];

// Lists of words and numbers that concern nobody.
export const plain = ['core.blob_purpose', 'core.fixed_reading', 'core.holiday', 'core.import_column', 'core.import_fault_code', 'core.import_kind',
    'core.job_kind', 'core.migration', 'core.reading', 'core.schema_version', 'core.transition', 'mediation.dispute_kind', 'orgs.composition_rule',
    'orgs.handover_default', 'orgs.post', 'orgs.unit_kind', 'orgs.unit_kind_rule', 'volunteering.service_kind'];
