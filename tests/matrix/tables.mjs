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
const caseUnit = 'array(select c.origin_unit_id from mediation.mediation_case c where c.id = t.case_id)';
const isParty = (column) => `exists (select from mediation.party p where p.case_id = ${column} and p.person_id = $1)`;

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
    'access.password_reset': { near: personUnit('t.person_id'), mine: 't.person_id = $1' },
    'access.representation': { near: personUnit('t.person_id'), mine: '$1 in (t.person_id, t.agent_id)' },
    'access.audit_mandate': { near: unit('t.unit_id'), mine: 't.auditor_id = $1' },
    'access.audit_view': { near: `'{}'::uuid[]`, mine: 't.auditor_id = $1' },
    'people.central_household': { near: unit('t.unit_id'), mine: 't.person_id = $1', lead: true },
    'access.grant': { near: unit('t.unit_id'), mine: 't.person_id = $1' },
    'groups.group': { near: unit('t.unit_id'), mine: `${member('t.id')} or ${atHome(unit('t.unit_id'))}`, lead: true },
    'groups.group_member': { near: groupUnit, mine: `${member('t.group_id')} or (t.role <> 'member' and ${atHome(groupUnit)})` },
    'groups.head': { near: unit('t.unit_id'), mine: `t.person_id = $1 or ${atHome(unit('t.unit_id'))}`, lead: true },
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
export const open = ['orgs.unit', 'orgs.unit_name', 'orgs.unit_bigram', 'orgs.unit_relation', 'orgs.unit_closure', 'orgs.succession', 'orgs.population', 'orgs.unit_card', 'orgs.unit_card_stale',
    'orgs.appointment', 'points.reward', 'points.points_policy', 'mediation.level_policy', 'volunteering.service_policy',
    'people.purpose', 'people.retention_rule', 'people.retention_run', 'access.figure'];

// Nobody reads these but the owner's routines.
export const closed = ['access.login', 'access.login_failure', 'access.login_session', 'access.refresh_token', 'core.audit_payload', 'core.audit_record', 'core.checkpoint', 'core.daily_task',
    'core.outbox', 'core.seal', 'core.sealer', 'core.upkeep_task', 'mediation.case_number', 'people.person_bigram', 'people.merge_step', 'access.claim_code'];

// Lists of words and numbers that concern nobody.
export const plain = ['core.holiday', 'core.migration', 'core.schema_version', 'core.transition', 'mediation.dispute_kind', 'orgs.post', 'orgs.unit_kind',
    'orgs.unit_kind_rule', 'volunteering.service_kind'];
