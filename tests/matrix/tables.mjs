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
    'core.idempotency': { near: `'{}'::uuid[]`, mine: 't.person_id = $1' },
    'mediation.mediation_case': { near: unit('t.origin_unit_id'), mine: isParty('t.id'), file: true },
    ...Object.fromEntries(['party', 'mediation_consent', 'refusal', 'case_mediator', 'attempt', 'escalation', 'agreement', 'agreement_mark', 'performance_item',
        'follow_up', 'final_notice', 'case_event'].map((name) => [`mediation.${name}`, ofCase])),
    // Parties see neither the risk mark nor who opened the file.
    'mediation.risk': { ...ofCase, mine: 'false' }, 'mediation.case_view': { ...ofCase, mine: 'false' },
};

// Whoever is signed in may read these: the organization, what is on offer, the rules.
export const open = ['orgs.unit', 'orgs.unit_name', 'orgs.unit_bigram', 'orgs.unit_relation', 'orgs.unit_closure', 'orgs.succession', 'orgs.population', 'orgs.unit_card', 'orgs.unit_card_stale',
    'orgs.appointment', 'points.reward', 'points.points_policy', 'mediation.level_policy', 'volunteering.service_policy'];

// Nobody reads these but the owner's routines.
export const closed = ['access.login', 'access.login_failure', 'access.login_session', 'access.refresh_token', 'core.audit_payload', 'core.audit_record', 'core.checkpoint', 'core.daily_task', 'core.export',
    'core.outbox', 'core.schedule', 'core.seal', 'core.sealer', 'core.upkeep_task', 'mediation.case_number', 'people.person_bigram'];

// Lists of words and numbers that concern nobody.
export const plain = ['core.blob_purpose', 'core.holiday', 'core.import_column', 'core.import_fault_code', 'core.import_kind', 'core.job_kind', 'core.migration', 'core.schema_version', 'core.transition', 'mediation.dispute_kind', 'orgs.post', 'orgs.unit_kind',
    'orgs.unit_kind_rule', 'volunteering.service_kind'];
