// What the calls of calls_people.mjs are about: households, guardians, consents, requests, representations, mandates of this world.
import { asOwner } from '../lib/sql.mjs';
import { columns, fresh, id, keptPerson, placeOf, second, subject, thingKey, twinOf, twinOperations, wardOf } from './names.mjs';

const asJson = (rows) => JSON.stringify(rows);
const others = columns.filter((column) => column !== 'own');

// Operations that need a person of their own in each cell; a child where the operation is about children.
const grown = ['updatePerson', 'movePerson', 'recordDeath', 'mergePeople', 'merged', 'undoKept', 'undoMerged', 'addHouseholdMember', 'endHouseholdMember', 'setHouseholdHead', 'householdHead',
    'createNearRelative', 'endNearRelative', 'createCareMark', 'endCareMark', 'nameCareHelper', 'recordConsent', 'recordDisclosure', 'createClaimCode', 'requestPasswordReset',
    'approvePasswordReset', 'recordRepresentation', 'endRepresentation'];
const children = ['approveMinorAccess', 'createGuardianship', 'endGuardianship'];

async function settleFresh(server, roles) {
    const rows = [];
    // beside the house of the things that lists show, so that these fit a page
    const add = (key, column, born) => rows.push({ id: key, home: id(`new building ${column === 'own' ? 'same' : column}`), born });
    for (const role of roles) {
        for (const column of others) {
            for (const operation of grown) add(fresh(operation, role, column), column, 1980);
            for (const operation of children) add(fresh(operation, role, column), column, new Date().getFullYear() - 8);
        }
        add(fresh('redeemCode', role, 'own'), 'own', 1980);
        add(wardOf(role, 'own'), 'own', new Date().getFullYear() - 8);
        for (const operation of twinOperations) add(id('twin', operation, role), 'own', 1980);
    }
    for (const column of others) {
        add(wardOf('', column), column, new Date().getFullYear() - 8);
        add(keptPerson(column), column, 1980);
        add(id('doubled', column), column, 1980);
        add(id('dead', column), column, 1980);
    }
    await asOwner(server, `select people.register(x.id, '测试居民', x.home, x.born, '2020-01-01', true) from jsonb_to_recordset($1::jsonb) as x(id uuid, home uuid, born integer)`, [asJson(rows)]);
}

async function settleTwins(server, roles, grantUnits) {
    const twins = roles.flatMap((role) => twinOperations.map((operation) => ({ person: id('twin', operation, role), role, unit: grantUnits[role] ?? placeOf('own').home, user_name: twinOf(operation, role) })));
    const withLogin = roles.flatMap((role) => others.flatMap((column) => ['requestPasswordReset', 'approvePasswordReset']
        .map((operation) => ({ person: fresh(operation, role, column), user_name: `matrix_${operation.toLowerCase()}_${role}_${column}` }))));
    const hash = `(select l.password_hash from access.login l where l.user_name = 'resident')`;
    await asOwner(server, `select access.create_login(x.person, x.user_name, ${hash}), access.add_grant(x.person, x.role, x.unit, '2022-07-01')
        from jsonb_to_recordset($1::jsonb) as x(person uuid, role text, unit uuid, user_name text)`, [asJson(twins)]);
    await asOwner(server, `select access.create_login(x.person, x.user_name, ${hash}) from jsonb_to_recordset($1::jsonb) as x(person uuid, user_name text)`, [asJson(withLogin)]);
    await asOwner(server, `insert into access.login_session (id, person_id, expires_at, lifetime) select x.id, x.person, core.app_now() + interval '1 day', interval '1 day'
        from jsonb_to_recordset($1::jsonb) as x(id uuid, person uuid)`, [asJson(roles.map((role) => ({ id: id('session', role), person: id('twin', 'endSession', role) })))]);
    await asOwner(server, `insert into access.saved_view (person_id, id, list, name, query) select x.person, x.id, 'desk-heads', '已存', ''
        from jsonb_to_recordset($1::jsonb) as x(id uuid, person uuid)`, [asJson(roles.map((role) => ({ id: id('saved view', role), person: id('person', role) })))]);
}

// What is looked at: once a column, once a role for one's own.
async function settleThings(server, roles) {
    const cells = [...roles.map((role) => ['own', role]), ...others.map((column) => [column, ''])];
    const rows = cells.map(([column, role]) => {
        const key = (what) => id(what, thingKey(role, column));
        return {
            column, person: subject(role, column), partner: second(column), ward: wardOf(role, column), home: placeOf(column).home, kept: keptPerson(column), dead: id('dead', column), reset_person: id('kept', column),
            dwelling: key('dwelling'), household: key('household'), guardianship: key('guardianship'), relative: key('relative'), care: key('care'), disclosure: key('disclosure'),
            request: key('request'), representation: key('representation'), reset: key('reset'), mandate: id('mandate', column), staff: id('person', 'town_officer'),
        };
    });
    const from = `from jsonb_to_recordset($1::jsonb) as x("column" text, person uuid, partner uuid, ward uuid, home uuid, kept uuid, dead uuid, reset_person uuid, dwelling uuid, household uuid, guardianship uuid, relative uuid,
        care uuid, disclosure uuid, request uuid, representation uuid, reset uuid, mandate uuid, staff uuid)`;
    const elsewhere = `where x."column" <> 'own'`;
    for (const statement of [
        `insert into people.dwelling (id, unit_id, door, valid) select x.dwelling, x.home, '0 ' || right(x.dwelling::text, 12), daterange('2020-01-01', null) ${from}`,
        `insert into people.ownership (dwelling_id, person_id, valid) select x.dwelling, x.person, daterange('2020-01-01', null) ${from}`,
        `insert into people.household (id, unit_id, dwelling_id, valid) select x.household, x.home, x.dwelling, daterange('2020-01-01', null) ${from}`,
        `insert into people.household_member (household_id, person_id, relation, valid) select x.household, x.person, 'head', daterange('2020-01-01', null) ${from}`,
        `insert into people.guardianship (id, ward_id, guardian_id, kind, ground, valid) select x.guardianship, x.ward, x.person, 'parent', 'minor', daterange('2020-01-01', null) ${from}`,
        `insert into people.near_relative (id, person_id, relative_id, kind) select x.relative, x.ward, x.person, 'parent' ${from}`,
        `insert into people.consent (person_id, purpose, purpose_version, decision, form, recorded_by) select x.person, 'neighbourhood_service', 1, 'given', 'online', x.person ${from}`,
        `insert into people.guardian_consent (ward_id, guardian_id, purpose, purpose_version, ward_age, decision, form, recorded_by)
            select x.ward, x.person, 'neighbourhood_service', 1, 'under_14', 'given', 'online', x.person ${from}`,
        `insert into people.care_mark (id, person_id, kind, valid, recorded_by) select x.care, x.person, 'hardship', daterange('2020-01-01', null), x.person ${from}`,
        `insert into people.reveal (person_id, field, reason, revealed_by, at, on_day) select x.person, 'phone', '昨天的查看', x.partner, core.app_now() - interval '1 day', core.today() - 1 ${from}`,
        `insert into people.minor_access (ward_id, staff_id, reason, approved_by, valid) select x.ward, x.partner, '测试批准', x.staff, daterange(core.today(), core.today() + 2) ${from}`,
        `insert into people.disclosure (id, person_id, recipient, purpose, fields, basis, disclosed_on, recorded_by) select x.disclosure, x.person, '法院', '查询', '{name}', 'law', core.today(), x.staff ${from}`,
        `insert into people.data_request (id, kind, person_id, unit_id, state, filed_by, due_on, done_at) select x.request, 'explanation', x.person, x.home, 'withdrawn', x.person, core.today() + 15, core.app_now() ${from}`,
        `insert into people.data_request_event (request_id, action, to_state) select x.request, 'file', 'filed' ${from}`,
        // one's own: I act for my ward; of another place: somebody acts for somebody
        `insert into access.representation (id, person_id, agent_id, basis, form, reason, valid, recorded_by)
            select x.representation, x.ward, x.person, 'consent', 'written', '测试代办', daterange('2026-01-01', core.today() + 90), x.staff ${from} where x.staff <> x.person
            union all select x.representation, x.ward, x.person, 'consent', 'written', '测试代办', daterange('2026-01-01', core.today() + 90), x.partner ${from} where x.staff = x.person`,
        `insert into access.password_reset (id, person_id, reason, requested_by, expires_at) select x.reset, x.reset_person, '测试重置', x.staff, core.app_now() + interval '1 day' ${from} ${elsewhere}`,
        `insert into access.audit_mandate (id, auditor_id, unit_id, purpose, document_ref, valid) select x.mandate, x.partner, x.home, '测试审计', '虚构', daterange(core.today() - 1, core.today() + 90) ${from} ${elsewhere}`,
        `insert into people.death (person_id, died_on, document_ref, open_matters) select x.dead, core.today() - 1, '虚构', '{}' ${from} ${elsewhere}`,
        `insert into access.audit_view (auditor_id, operation, question) select x.person, 'test', '{}' ${from}`,
        `insert into core.audit_record (person_id, agent_id, operation, request_id, table_name, row_key, action, after_digest)
            select x.person, x.partner, 'test', 'matrix', 'people.consent', 'x', 'insert', '\\x00' ${from}`,
    ]) await asOwner(server, statement, [asJson(rows)]);
    await asOwner(server, `insert into people.merge (kept_id, merged_id, reason, undo_until) select x.kept, x.doubled, '同一人', core.today() + 30 from jsonb_to_recordset($1::jsonb) as x(kept uuid, doubled uuid)`,
        [asJson(others.map((column) => ({ kept: keptPerson(column), doubled: id('doubled', column) })))]);
}

// What a call changes: one for each cell.
async function settleTargets(server, roles) {
    const rows = [];
    for (const role of roles) {
        for (const column of columns) {
            const of = (operation) => id('target', operation, role, column);
            rows.push({
                role, column, own: column === 'own', person: subject(role, column), partner: second(column), home: placeOf(column).home, staff: id('person', role === 'city_officer' ? 'administrator' : 'city_officer'),
                update_dwelling: of('updateDwelling'), set_owners: of('setOwners'), add_member: of('addHouseholdMember'), end_member: of('endHouseholdMember'), set_head: of('setHouseholdHead'),
                member: fresh('endHouseholdMember', role, column), next_head: fresh('setHouseholdHead', role, column), head: fresh('householdHead', role, column),
                end_guardianship: of('endGuardianship'), ward: fresh('endGuardianship', role, column), end_relative: of('endNearRelative'), related: fresh('endNearRelative', role, column),
                end_care: of('endCareMark'), cared: fresh('endCareMark', role, column), name_helper: of('nameCareHelper'), helped: fresh('nameCareHelper', role, column),
                answer: of('answerDataRequest'), withdraw: of('withdrawDataRequest'), approve: of('approvePasswordReset'), reset: fresh('approvePasswordReset', role, column),
                end_representation: of('endRepresentation'), represented: column === 'own' ? subject(role, column) : fresh('endRepresentation', role, column),
                end_mandate: of('endAuditMandate'), undo_merge: of('undoMerge'), kept: fresh('undoKept', role, column), merged: fresh('undoMerged', role, column),
            });
        }
    }
    const from = `from jsonb_to_recordset($1::jsonb) as x(role text, "column" text, own boolean, person uuid, partner uuid, home uuid, staff uuid, update_dwelling uuid, set_owners uuid, add_member uuid, end_member uuid, set_head uuid,
        member uuid, next_head uuid, head uuid, end_guardianship uuid, ward uuid, end_relative uuid, related uuid, end_care uuid, cared uuid, name_helper uuid, helped uuid, answer uuid, withdraw uuid,
        approve uuid, reset uuid, end_representation uuid, represented uuid, end_mandate uuid, undo_merge uuid, kept uuid, merged uuid)`;
    const ever = `daterange('2020-01-01', null)`;
    for (const statement of [
        `insert into people.dwelling (id, unit_id, door, valid) select d.id, x.home, '9 ' || d.id, ${ever} ${from} cross join lateral (values (x.update_dwelling), (x.set_owners)) d(id) where not x.own`.replace("'9 ' || d.id", "'9 ' || right(d.id::text, 20)"),
        `insert into people.household (id, unit_id, valid) select h.id, x.home, ${ever} ${from} cross join lateral (values (x.add_member), (x.end_member), (x.set_head)) h(id) where not x.own`,
        `insert into people.household_member (household_id, person_id, relation, valid) select m.household, m.person, m.relation, ${ever} ${from}
            cross join lateral (values (x.end_member, x.member, 'other'), (x.set_head, x.head, 'head'), (x.set_head, x.next_head, 'other')) m(household, person, relation) where not x.own`,
        `insert into people.guardianship (id, ward_id, guardian_id, kind, ground, valid) select x.end_guardianship, x.ward, x.partner, 'parent', 'minor', ${ever} ${from} where not x.own`,
        `insert into people.near_relative (id, person_id, relative_id, kind) select x.end_relative, x.related, x.partner, 'parent' ${from} where not x.own`,
        `insert into people.care_mark (id, person_id, kind, valid, recorded_by) select c.id, c.person, 'hardship', ${ever}, x.staff ${from} cross join lateral (values (x.end_care, x.cared), (x.name_helper, x.helped)) c(id, person) where not x.own`,
        `insert into people.data_request (id, kind, person_id, unit_id, state, filed_by, due_on) select r.id, 'explanation', x.person, x.home, 'filed', x.person, core.today() + 15 ${from} cross join lateral (values (x.answer), (x.withdraw)) r(id)`,
        `insert into access.password_reset (id, person_id, reason, requested_by, expires_at) select x.approve, x.reset, '测试重置', x.staff, core.app_now() + interval '1 day' ${from} where not x.own`,
        `insert into access.representation (id, person_id, agent_id, basis, form, reason, valid, recorded_by)
            select x.end_representation, x.represented, x.partner, 'consent', 'written', '测试代办', daterange('2026-01-01', core.today() + 90), x.staff ${from}`,
        `insert into people.merge (id, kept_id, merged_id, reason, undo_until) select x.undo_merge, x.kept, x.merged, '同一人', core.today() + 30 ${from} where not x.own`,
        `insert into access.audit_mandate (id, auditor_id, unit_id, purpose, document_ref, valid) select x.end_mandate, x.reset, x.home, '测试审计', '虚构', daterange(core.today() - 1, core.today() + 90) ${from} where not x.own`,
    ]) await asOwner(server, statement, [asJson(rows)]);
}

export async function settlePeopleThings(server, roles, grantUnits) {
    await settleFresh(server, roles);
    await settleTwins(server, roles, grantUnits);
    await settleThings(server, roles);
    await settleTargets(server, roles);
}
