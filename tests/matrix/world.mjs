// The matrix's world: one test person a role, each with exactly one grant and a home in the same building, and what the calls
// are about — something of one's own, of somebody else in that building, in a sibling community, and in another town.
import { client } from '../lib/client.mjs';
import { inParallel } from '../lib/process.mjs';
import { asOwner } from '../lib/sql.mjs';
import { settleGroupThings } from './groups.mjs';
import { columns, demoId, fresh, grantUnits, id, mediator, placeOf, places, second, subject, userOf } from './names.mjs';
import { settlePeopleThings } from './world_people.mjs';

export * from './names.mjs';

const asJson = (rows) => JSON.stringify(rows);

async function foundTown(server) {
    const found = (kind, parent, name) => ({ id: id(name), kind, name: `另镇${name}`, territory_parent_id: parent, valid_from: '2020-01-01' });
    const units = [found('town', demoId('city'), 'town'), found('community', id('town'), 'community'), found('compound', id('community'), 'compound'),
        found('building', id('compound'), 'building'),
        ...['same', 'sibling', 'other'].map((column) => ({ ...found('building', places[column].compound, `new building ${column}`) }))];
    for (const unit of units) await asOwner(server, 'select orgs.found_unit($1::jsonb)', [asJson(unit)]);
}

// An auditor opens nothing without a mandate.
const mandate = (auditor, unit, name) => `insert into access.audit_mandate (id, auditor_id, unit_id, purpose, document_ref, valid) values ('${name}', '${auditor}', '${unit}', '测试审计', '虚构', daterange(core.today() - 1, core.today() + 90))`;

async function settlePeople(server, roles) {
    const rows = roles.map((role) => ({ id: id('person', role), name: `测试${role}`, home: places.same.home }));
    for (const column of ['same', 'sibling', 'other']) {
        for (const which of ['first', 'second', 'desk']) rows.push({ id: id('person', which, column), name: `测试${which}`, home: places[column].home });
    }
    await asOwner(server, `select people.register(x.id, x.name, x.home, 1980, '2020-01-01', true) from jsonb_to_recordset($1::jsonb) as x(id uuid, name text, home uuid)`, [asJson(rows)]);
    const grants = roles.map((role) => ({ person: id('person', role), role, unit: grantUnits[role] ?? places.same.home, user_name: userOf(role) }));
    await asOwner(server, `select access.create_login(x.person, x.user_name, (select l.password_hash from access.login l where l.user_name = 'resident')),
        access.add_grant(x.person, x.role, x.unit, '2022-07-01') from jsonb_to_recordset($1::jsonb) as x(person uuid, role text, unit uuid, user_name text)`, [asJson(grants)]);
    // a desk that can be lent
    for (const column of ['same', 'sibling', 'other']) await asOwner(server, `select access.add_grant($1, 'community_worker', $2, '2022-07-01')`, [id('person', 'desk', column), places[column].community]);
    await asOwner(server, mandate(id('person', 'auditor'), demoId('city'), id('mandate')));
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
    await queueJobs(server, rows);
    await asOwner(server, `select points.redeem((select r.id from points.reward r where r.unit_id = x.community and r.name_en = 'test'), 1, x.person) ${from}`, [asJson(rows)]);
}

// Jobs that wait for another day, each asked for by the person whom its column is about.
async function queueJobs(server, rows) {
    const from = 'from jsonb_to_recordset($1::jsonb) as x(key uuid, person uuid, community uuid)';
    await asOwner(server, `insert into core.job (id, kind, requested_by, operation, unit_id) select x.key, 'new_day', x.person, 'listJobs', x.community ${from}`, [asJson(rows)]);
    await asOwner(server, `insert into core.job_run (job_id, kind, lane, run_after) select x.key, 'new_day', 'bulk', clock_timestamp() + interval '1 day' ${from}`, [asJson(rows)]);
}

// Papers of the organization: reorganizations in the state that a call needs, handovers, substitutions, an area.
const drafts = { updateReorganization: 'draft', previewReorganization: 'draft', decideReorganization: 'draft', decreeReorganization: 'previewed', withdrawReorganization: 'draft' };
export const paperOf = (what, role, column) => id(what, role, column);

async function settlePapers(server, roles) {
    const cells = roles.flatMap((role) => columns.map((column) => ({ role, column, person: subject(role, column), partner: second(column), community: placeOf(column).community })));
    const seen = ['same', 'sibling', 'other'].map((column) => ({ role: '', column, person: subject('', column), partner: second(column), community: placeOf(column).community }));
    const papers = ['handover', 'completed', 'leaver', 'substitution'];
    const rows = [...seen, ...cells].map((row, number) => ({ ...row, number, ...Object.fromEntries(papers.map((paper) => [paper, paperOf(paper, row.role, row.column)])) }));
    const from = 'from jsonb_to_recordset($1::jsonb) as x(role text, "column" text, number integer, person uuid, partner uuid, community uuid, handover uuid, completed uuid, leaver uuid, substitution uuid)';
    for (const statement of [
        // two handovers, one to change and one to complete, and a leaver whose handover was never opened: on days of their own
        ...['handover', 'completed', 'leaver'].map((paper, at) => `insert into orgs.appointment (id, person_id, unit_id, unit_kind, post_code, basis, valid)
            select x.${paper}, x.person, x.community, 'community', 'community_worker', 'appointed', daterange(d.day, d.day + 1)
            ${from} cross join lateral (select make_date(1900 + ${at}, 1, 1) + x.number as day) d`),
        ...['handover', 'completed'].flatMap((paper) => [
            `insert into orgs.handover (id, appointment_id, unit_id, to_person_id, due_on) select x.${paper}, x.${paper}, x.community, x.partner, core.today() + x.number ${from}`,
            `insert into orgs.handover_item (handover_id, ordinal, what, handed_over) select x.${paper}, 1, '印章', true ${from}`]),
        `insert into orgs.substitution (id, person_id, substitute_id, unit_id, valid, reason)
            select x.substitution, x.person, x.partner, x.community, daterange(core.today() + 100 + x.number, core.today() + 101 + x.number), '测试' ${from}`,
        `insert into orgs.appointment (person_id, unit_id, unit_kind, post_code, basis, valid)
            select x.partner, x.community, 'community', 'community_worker', 'appointed', daterange('2023-01-01', core.today() + 20) ${from} where x.role = ''`,
        `insert into orgs.term_warning (appointment_id, days_ahead, ends_on, unit_id) select x.handover, 7, core.today(), x.community ${from} where x.role = ''`,
        `insert into orgs.unit_area (unit_id, valid, area, bounds) select x.community, daterange('2020-01-01', null), a.area, orgs.bounds_of(a.area) ${from}
            cross join (select '{"type": "MultiPolygon", "coordinates": [[[[1, 1], [2, 1], [2, 2], [1, 1]]]]}'::jsonb as area) a where x.role = '' and x.column = 'other'`,
    ]) await asOwner(server, statement, [asJson(rows)]);
    const documents = [];
    for (const { role, column, community } of [...cells.filter((cell) => cell.column !== 'own'), ...seen]) {
        for (const [operation, state] of role === '' ? [['getReorganization', 'draft']] : Object.entries(drafts)) {
            const step = operation === 'decideReorganization' ? { action: 'split', unit_id: community, heir_id: id('new community', role, column), into: [{ id: id('new community', role, column), name: '新社区' }] }
                : { action: 'rename', unit_id: id(`new building ${column}`), name: '新楼' };
            documents.push({ id: paperOf(operation, role, column), state, community, action: step.action, details: step, seen: role === '' });
        }
    }
    const document = 'from jsonb_to_recordset($1::jsonb) as x(id uuid, state text, community uuid, action text, details jsonb, seen boolean)';
    for (const statement of [
        `insert into orgs.reorganization (id, unit_id, title, state, effective_on, proposal_ref, approval_ref) select x.id, x.community, '测试', x.state, core.today() + 30, '请示', '批复' ${document}`,
        `insert into orgs.reorganization_step (reorganization_id, ordinal, action, details) select x.id, 0, x.action, x.details - 'action' ${document}`,
        `insert into orgs.reorganization_decision (reorganization_id, subject, subject_id, choice) select x.id, 'appointment', x.id, 'end' ${document} where x.seen`,
        `insert into orgs.reorganization_effect (reorganization_id, subject, subject_id, from_unit_id, to_unit_id, by, on_day) select x.id, 'group', x.id, x.community, x.community, 'rule', core.today() ${document} where x.seen`,
    ]) await asOwner(server, statement, [asJson(documents)]);
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
    await queueJobs(server, rows);
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

// Files of whom the column is about: one's own, which nothing uses yet, and others', which a record of their community uses.
async function keepFiles(server, sessions) {
    for (const [role, session] of sessions) {
        await upload(session, id('thing', 'own', role));
        await upload(session, id('import file', role));
    }
    for (const column of ['same', 'sibling', 'other']) {
        const key = id('thing', column, '');
        await upload(sessions.get('administrator'), key);
        await asOwner(server, `update core.blob set owner_id = $2, used_by = 'test', unit_id = $3, expires_at = null where id = $1`, [key, subject('', column), placeOf(column).community]);
    }
}

// Imports that have been checked: those to look at have a fault, those to apply have none.
async function bringImports(server, roles) {
    const rows = roles.flatMap((role) => columns.flatMap((column) => ['thing', 'target'].map((use) => ({
        key: use === 'thing' ? id('thing', column, column === 'own' ? role : '') : id('target', role, column), use, person: subject(role, column),
        file: column === 'own' ? id('import file', role) : id('thing', column, ''),
    }))));
    const from = 'from (select distinct on (x.key) x.* from jsonb_to_recordset($1::jsonb) as x(key uuid, use text, person uuid, file uuid)) x';
    await asOwner(server, `insert into core.import (id, kind, blob_id, file_name, requested_by, operation, job_id, state, lines, faults, checked_at)
        select x.key, 'people', x.file, 'a.csv', x.person, 'createPersonImport', core.uuid_v7(), 'checked', 1, (x.use = 'thing')::int, core.app_now() ${from}`, [asJson(rows)]);
    await asOwner(server, `insert into core.import_fault (import_id, ordinal, line, code) select x.key, 1, 1, 'empty_file' ${from} where x.use = 'thing'`, [asJson(rows)]);
}

async function upload(session, key) {
    const reply = await session.put(`/blobs/${key}?purpose=import&file_name=a.csv`, 'a,b\n', { headers: { 'Content-Type': 'text/csv', 'Content-Length': '4' } });
    if (reply.status !== 200) throw new Error(`the upload of ${key}: ${reply.status} ${reply.text}`);
}

// makeWorld(server, roles) → everything the calls need.
export async function makeWorld(server, roles) {
    await foundTown(server);
    await settlePeople(server, roles);
    await settleThings(server, roles);
    const redemptions = await settleTargets(server, roles);
    await settlePapers(server, roles);
    await settlePeopleThings(server, roles, grantUnits);
    await openCases(server, roles);
    const sessions = new Map();
    await inParallel(4, roles, async (role) => sessions.set(role, await client(server).login(userOf(role))));
    await keepFiles(server, sessions);
    const codes = new Map();
    for (const role of roles) codes.set(role, (await sessions.get('administrator').post(`/people/${fresh('redeemCode', role, 'own')}/claim-codes`)).body.code);
    const groupThings = await settleGroupThings(server, roles, sessions.get('administrator'));
    const accounts = new Map((await asOwner(server, `select person_id, id from points.account where person_id is not null and currency = 'points'`)).map((row) => [row.person_id, row.id]));
    const things = await asOwner(server, `select r.person_id, r.id from points.redemption r join points.reward w on w.id = r.reward_id where w.name_en = 'test' order by r.reserved_at desc, r.id desc`);
    const redemptionOf = new Map(things.map((row) => [row.person_id, row.id]));
    const etags = new Map();
    for (const column of ['same', 'sibling', 'other']) {
        const reply = await sessions.get('administrator').get(`/units/${id(`new building ${column}`)}`);
        etags.set(column, reply.headers.etag);
    }
    await bringImports(server, roles);
    return { server, order: roles, sessions, redemptions, accounts, redemptionOf, etags, codes, groupThings };
}
