// The matrix's world: one test person a role, each with exactly one grant and a home in the same building, and what the calls
// are about — something of one's own, of somebody else in that building, in a sibling community, and in another town.
import { createHash } from 'node:crypto';
import { client } from '../lib/client.mjs';
import { inParallel } from '../lib/process.mjs';
import { asOwner } from '../lib/sql.mjs';
import { settleGroupThings } from './groups.mjs';

export const columns = ['own', 'same', 'sibling', 'other'];

// The same id as pg_temp.id(key) of migrations/demo.
function demoId(key) {
    const hash = createHash('md5').update(`linli demo ${key}`).digest('hex');
    return `0182a000-0000-7${hash.slice(0, 3)}-a${hash.slice(3, 6)}-${hash.slice(6, 18)}`;
}

// A thing of this world, found again by its name.
export function id(...name) {
    const hash = createHash('md5').update(`matrix ${name.join(' ')}`).digest('hex');
    return `01a00000-0000-7${hash.slice(0, 3)}-a${hash.slice(3, 6)}-${hash.slice(6, 18)}`;
}

const places = {
    same: { home: demoId('building 1.3'), compound: demoId('compound 1'), community: demoId('community 1') },
    sibling: { home: demoId('building 2.2'), compound: demoId('compound 2'), community: demoId('community 2') },
    other: { home: id('building'), compound: id('compound'), community: id('community') },
};
export const placeOf = (column) => places[column === 'own' ? 'same' : column];

const grantUnits = {
    head: demoId('building 1.3'), owners_committee_member: demoId('compound 1'), branch_secretary: demoId('branch 1'),
    mediator: demoId('community 1'), community_worker: demoId('community 1'), community_secretary: demoId('community 1'),
    town_officer: demoId('town'), city_officer: demoId('city'), auditor: demoId('city'), administrator: demoId('city'),
    city_leader: demoId('city committee'),
};

// The person whom a thing concerns, and another one of the same house.
export const subject = (role, column) => (column === 'own' ? id('person', role) : id('person', 'first', column));
export const second = (column) => id('person', 'second', column === 'own' ? 'same' : column);
export const mediator = demoId('login mediator');
export const userOf = (role) => `matrix_${role}`;

const asJson = (rows) => JSON.stringify(rows);

async function foundTown(server) {
    const found = (kind, parent, name) => ({ id: id(name), kind, name: `另镇${name}`, territory_parent_id: parent, valid_from: '2020-01-01' });
    const units = [found('town', demoId('city'), 'town'), found('community', id('town'), 'community'), found('compound', id('community'), 'compound'),
        found('building', id('compound'), 'building'),
        ...['same', 'sibling', 'other'].map((column) => ({ ...found('building', places[column].compound, `new building ${column}`) }))];
    for (const unit of units) await asOwner(server, 'select orgs.found_unit($1::jsonb)', [asJson(unit)]);
}

async function settlePeople(server, roles) {
    const rows = roles.map((role) => ({ id: id('person', role), name: `测试${role}`, home: places.same.home }));
    for (const column of ['same', 'sibling', 'other']) {
        for (const which of ['first', 'second']) rows.push({ id: id('person', which, column), name: `测试${which}`, home: places[column].home });
    }
    await asOwner(server, `select people.register(x.id, x.name, x.home, 1980, '2020-01-01', true) from jsonb_to_recordset($1::jsonb) as x(id uuid, name text, home uuid)`, [asJson(rows)]);
    const grants = roles.map((role) => ({ person: id('person', role), role, unit: grantUnits[role] ?? places.same.home, user_name: userOf(role) }));
    await asOwner(server, `select access.create_login(x.person, x.user_name, (select l.password_hash from access.login l where l.user_name = 'resident')),
        access.add_grant(x.person, x.role, x.unit, '2022-07-01') from jsonb_to_recordset($1::jsonb) as x(person uuid, role text, unit uuid, user_name text)`, [asJson(grants)]);
    const holders = rows.map((row) => row.id);
    await asOwner(server, `select points.open_accounts($1::uuid[], 'points')`, [holders]);
    await asOwner(server, `select points.award(array(select row(h, 600000, core.today(), core.uuid_v7(), '测试', 'test', null, null)::points.award_item from unnest($1::uuid[]) h))`, [holders]);
}

// What exists once a column (or once a role, for one's own): looked at, not changed.
async function settleThings(server, roles) {
    const cells = [...roles.map((role) => ['own', role]), ['same', ''], ['sibling', ''], ['other', '']];
    const rows = cells.map(([column, role]) => ({
        key: id('thing', column, role), column, person: subject(role, column), partner: second(column), home: placeOf(column).home, community: placeOf(column).community,
        // one's own group lies in another community: membership alone opens it
        area: column === 'own' ? places.sibling.home : placeOf(column).home,
    }));
    const from = 'from jsonb_to_recordset($1::jsonb) as x(key uuid, "column" text, person uuid, partner uuid, home uuid, community uuid, area uuid)';
    const from2020 = `daterange('2020-01-01', null)`;
    for (const statement of [
        `insert into groups.group (id, kind, name, unit_id, unit_kind, valid) select x.key, 'neighbour_help', '测试组', x.area, 'building', ${from2020} ${from}`,
        `insert into groups.group_member (group_id, person_id, role, valid) select x.key, x.person, 'member', ${from2020} ${from}`,
        `insert into orgs.appointment (id, person_id, unit_id, unit_kind, post_code, basis, valid) select x.key, x.person, x.community, 'community', 'community_worker', 'appointed', ${from2020} ${from}`,
        `insert into groups.head (id, kind, unit_id, unit_kind, person_id, basis, valid) select x.key, 'building_head', x.home, 'building', x.person, 'elected', ${from2020} ${from} where x.column = 'other'`,
        `insert into points.reward (id, unit_id, name_zh, name_en, venue_zh, venue_en, icon, price_points, stock, valid)
            select x.key, x.community, '测试', 'test', '台', 'desk', 'wheat', 1, 100000, ${from2020} ${from} where x.column <> 'own'`,
        `insert into volunteering.service_record (id, volunteer_id, served_person_id, unit_id, kind, minutes, served_on, recorded_by)
            select x.key, x.partner, x.person, x.community, 'elder_care', 30, core.today(), x.partner ${from}`,
    ]) await asOwner(server, statement, [asJson(rows)]);
    await asOwner(server, `select points.redeem((select r.id from points.reward r where r.unit_id = x.community and r.name_en = 'test'), 1, x.person) ${from}`, [asJson(rows)]);
}

// What a call changes: one for each cell, so that no call depends on another one.
async function settleTargets(server, roles) {
    const rows = [];
    for (const [number, role] of roles.entries()) {
        for (const column of columns) {
            rows.push({ key: id('target', role, column), role, column, number, person: subject(role, column), partner: second(column), community: placeOf(column).community,
                area: column === 'own' ? places.sibling.home : placeOf(column).home, site: id(`new building ${column === 'own' ? 'same' : column}`) });
        }
    }
    const from = 'from jsonb_to_recordset($1::jsonb) as x(key uuid, role text, "column" text, number integer, person uuid, partner uuid, community uuid, area uuid, site uuid)';
    const year = 'daterange(make_date(2040 + x.number, 1, 1), make_date(2041 + x.number, 1, 1))';
    for (const statement of [
        `insert into groups.group (id, kind, name, unit_id, unit_kind, valid) select x.key, 'self_governance', '测试组', x.area, 'building', daterange('2020-01-01', null) ${from}`,
        `insert into groups.group_member (group_id, person_id, role, valid) select x.key, x.person, 'member', daterange('2020-01-01', null) ${from}`,
        `insert into orgs.appointment (id, person_id, unit_id, unit_kind, post_code, basis, valid)
            select x.key, x.partner, x.community, 'community', 'community_worker', 'appointed', ${year} ${from} where x.column <> 'own'`,
        `insert into groups.head (id, kind, unit_id, unit_kind, person_id, basis, valid)
            select x.key, 'building_head', x.site, 'building', x.partner, 'elected', ${year} ${from} where x.column <> 'own'`,
        `insert into volunteering.service_record (id, volunteer_id, served_person_id, unit_id, kind, minutes, served_on, recorded_by)
            select x.key, x.partner, x.person, x.community, 'elder_care', 30, core.today() - 1, x.partner ${from}`,
    ]) await asOwner(server, statement, [asJson(rows)]);
    const redeemed = await asOwner(server, `select x.role, x.column, w.use, (points.redeem((select r.id from points.reward r where r.unit_id = x.community and r.name_en = 'test'), 1, x.person)).id
        ${from} cross join (values ('collect'), ('cancel')) w(use)`, [asJson(rows)]);
    return new Map(redeemed.map((row) => [`${row.use} ${row.role} ${row.column}`, row.id]));
}

// The state in which a step of mediation finds its case.
const caseStates = {
    getMediationCase: 'in_mediation', createMediationConsent: 'awaiting_consent', createMediationRefusal: 'awaiting_consent', terminateMediationCase: 'awaiting_consent',
    identifyParty: 'awaiting_consent', assignMediator: 'awaiting_consent', markMediationRisk: 'awaiting_consent', createMediationAttempt: 'in_mediation',
    recordAttemptOutcome: 'in_mediation', escalateMediationCase: 'level_exhausted', createMediationAgreement: 'agreed', signMediationAgreement: 'agreed',
    createPerformanceItem: 'agreed', recordPerformance: 'in_force', createFollowUp: 'in_force',
};
export const caseOf = (operation, role, column) => id('case', operation, role, column);
export const caseNumber = (role, column) => `测 ${caseOf('getMediationCase', role, column).slice(-12)} ${role} ${column}`;

async function openCases(server, roles) {
    const rows = [];
    for (const [operation, state] of Object.entries(caseStates)) {
        for (const role of roles) {
            for (const column of columns) {
                const key = caseOf(operation, role, column);
                rows.push({ key, operation, state, number: operation === 'getMediationCase' ? caseNumber(role, column) : key, unit: placeOf(column).community,
                    first: subject(role, column), second: second(column), first_party: id('party', key), second_party: id('other party', key) });
            }
        }
    }
    const from = `from jsonb_to_recordset($1::jsonb) as x(key uuid, operation text, state text, number text, unit uuid, first uuid, second uuid, first_party uuid, second_party uuid)`;
    const sealed = (column, table) => `(select ${column} from mediation.${table} where ${column} is not null limit 1)`;
    const operation = (...names) => `x.operation in (${names.map((name) => `'${name}'`).join(', ')})`;
    const consented = `x.state <> 'awaiting_consent'`;
    const agreed = operation('signMediationAgreement', 'createPerformanceItem', 'recordPerformance', 'createFollowUp');
    for (const statement of [
        `insert into mediation.mediation_case (id, number, origin, origin_unit_id, unit_id, level, state, kind, title_sealed, narrative_sealed)
            select x.key, x.number, 'committee', x.unit, x.unit, 'community', x.state, 'neighbour', ${sealed('title_sealed', 'mediation_case')}, ${sealed('narrative_sealed', 'mediation_case')} ${from}`,
        `insert into mediation.party (id, case_id, side, person_id) select x.first_party, x.key, 'first', x.first ${from}`,
        `insert into mediation.party (id, case_id, side, person_id, claimed_name_sealed)
            select x.second_party, x.key, 'second', case when x.operation <> 'identifyParty' then x.second end,
                   case when x.operation = 'identifyParty' then ${sealed('claimed_name_sealed', 'party')} end ${from}`,
        `insert into mediation.mediation_consent (case_id, party_id, level, form) select x.key, p.party, 'community', 'oral' ${from} cross join lateral (values (x.first_party), (x.second_party)) p(party) where ${consented}`,
        `insert into mediation.case_mediator (case_id, person_id, level, chosen_by) select x.key, '${mediator}', 'community', 'committee' ${from} where ${consented}`,
        `insert into mediation.attempt (id, case_id, level, ordinal, attempts_limit, scheduled_at, place)
            select x.key, x.key, 'community', 1, 3, core.app_now(), '调解室' ${from} where ${operation('recordAttemptOutcome', 'escalateMediationCase')}`,
        `update mediation.attempt a set outcome = 'failed', outcome_at = core.app_now() - interval '1 minute' ${from} where a.id = x.key and ${operation('escalateMediationCase')}`,
        `insert into mediation.mediation_consent (case_id, party_id, level, form) select x.key, p.party, 'town', 'oral' ${from} cross join lateral (values (x.first_party), (x.second_party)) p(party) where ${operation('escalateMediationCase')}`,
        `insert into mediation.agreement (case_id, form, content_sealed, reached_on, effective_at)
            select x.key, case x.state when 'agreed' then 'written' else 'oral' end, ${sealed('content_sealed', 'agreement')}, core.today(), case x.state when 'in_force' then core.app_now() end ${from} where ${agreed}`,
        `insert into mediation.performance_item (id, case_id, party_id, description_sealed, due_on)
            select x.key, x.key, x.second_party, ${sealed('description_sealed', 'performance_item')}, core.today() + 9 ${from} where ${operation('recordPerformance')}`,
    ]) await asOwner(server, statement, [asJson(rows)]);
}

// makeWorld(server, roles) → everything the calls need.
export async function makeWorld(server, roles) {
    await foundTown(server);
    await settlePeople(server, roles);
    await settleThings(server, roles);
    const redemptions = await settleTargets(server, roles);
    await openCases(server, roles);
    const sessions = new Map();
    await inParallel(4, roles, async (role) => sessions.set(role, await client(server).login(userOf(role))));
    const groupThings = await settleGroupThings(server, roles, sessions.get('administrator'));
    const accounts = new Map((await asOwner(server, `select person_id, id from points.account where person_id is not null and currency = 'points'`)).map((row) => [row.person_id, row.id]));
    const things = await asOwner(server, `select r.person_id, r.id from points.redemption r join points.reward w on w.id = r.reward_id where w.name_en = 'test' order by r.reserved_at desc, r.id desc`);
    const redemptionOf = new Map(things.map((row) => [row.person_id, row.id]));
    const etags = new Map();
    for (const column of ['same', 'sibling', 'other']) {
        const reply = await sessions.get('administrator').get(`/units/${id(`new building ${column}`)}`);
        etags.set(column, reply.headers.etag);
    }
    return { server, order: roles, sessions, redemptions, accounts, redemptionOf, etags, groupThings };
}
