// The calls of people and of their accounts. A write has a person (or a thing) of its own in each cell; see world_people.mjs.
import { demoPassword } from '../lib/client.mjs';
import { fresh, id, keptPerson, placeOf, second, subject, thingKey, wardOf } from './names.mjs';

const get = (path, holds) => ({ method: 'GET', path, holds });
const post = (path, body) => ({ method: 'POST', path, body });
const withId = (wanted) => (body) => body.items.some((item) => item.id === wanted);
const notEmpty = (body) => body.items.length > 0;
const shanghai = (days = 0) => new Date(Date.now() + 8 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 10);
const firstVersion = { 'If-Match': '"1"' };

const thing = (what, role, column) => id(what, thingKey(role, column));
const target = (operation, role, column) => id('target', operation, role, column);
// A write about a person made for this cell alone.
const about = (operation, path, body) => (world, role, column) => post(`/people/${fresh(operation, role, column)}${path}`, typeof body === 'function' ? body(role, column) : body);

export const peopleCalls = {
    createPerson: (world, role, column) => post('/people', { name: `新${role}${column}`, unit_id: placeOf(column).home }),
    updatePerson: (world, role, column) => ({ method: 'PATCH', path: `/people/${fresh('updatePerson', role, column)}`, body: { name: '改名' }, headers: firstVersion }),
    searchDuplicates: () => post('/people/duplicate-search', { name: '某某', birth_date: '1901-01-01' }),
    movePerson: about('movePerson', '/moves', (role, column) => ({ unit_id: placeOf(column).compound, first_day: shanghai() })),
    recordDeath: about('recordDeath', '/death', { died_on: shanghai(), document_ref: '虚构' }),
    listMerges: (world, role, column) => get(`/people/${keptPerson(column)}/merges`, notEmpty),
    mergePeople: about('mergePeople', '/merges', (role, column) => ({ merged_id: fresh('merged', role, column), reason: '同一人' })),
    undoMerge: (world, role, column) => post(`/merges/${target('undoMerge', role, column)}/undo`),
    listReveals: (world, role, column) => get(`/people/${subject(role, column)}/reveals`, notEmpty),
    createReveal: (world, role, column) => post(`/people/${subject(role, column)}/reveals`, { field: 'phone', reason: '核对电话' }),
    approveMinorAccess: about('approveMinorAccess', '/access-approvals', (role, column) => ({ staff_id: second(column), reason: '核对登记', last_day: shanghai(5) })),
    listDwellings: (world, role, column) => get(`/dwellings?unit=${placeOf(column).home}&limit=200`, withId(thing('dwelling', role, column))),
    createDwelling: (world, role, column) => post('/dwellings', { unit_id: placeOf(column).home, door: `新 ${role}` }),
    getDwelling: (world, role, column) => get(`/dwellings/${thing('dwelling', role, column)}`),
    updateDwelling: (world, role, column) => ({ method: 'PATCH', path: `/dwellings/${target('updateDwelling', role, column)}`, body: { use: 'business' }, headers: firstVersion }),
    setOwners: (world, role, column) => post(`/dwellings/${target('setOwners', role, column)}/owners`, { first_day: shanghai(), owners: [{ person_id: second(column) }] }),
    listHouseholds: (world, role, column) => get(`/households?unit=${placeOf(column).home}&limit=200`, withId(thing('household', role, column))),
    createHousehold: (world, role, column) => post('/households', { unit_id: placeOf(column).home }),
    getHousehold: (world, role, column) => get(`/households/${thing('household', role, column)}`),
    addHouseholdMember: (world, role, column) => post(`/households/${target('addHouseholdMember', role, column)}/members`, { person_id: fresh('addHouseholdMember', role, column), relation: 'other' }),
    endHouseholdMember: (world, role, column) => post(`/households/${target('endHouseholdMember', role, column)}/members/${fresh('endHouseholdMember', role, column)}/end`, {}),
    setHouseholdHead: (world, role, column) => post(`/households/${target('setHouseholdHead', role, column)}/head`, { person_id: fresh('setHouseholdHead', role, column), former_becomes: 'other' }),
    listGuardianships: (world, role, column) => get(`/people/${subject(role, column)}/guardianships`, withId(thing('guardianship', role, column))),
    createGuardianship: about('createGuardianship', '/guardianships', (role, column) => ({ guardian_id: second(column), kind: 'parent', ground: 'minor' })),
    endGuardianship: (world, role, column) => post(`/guardianships/${target('endGuardianship', role, column)}/end`, {}),
    listNearRelatives: (world, role, column) => get(`/people/${subject(role, column)}/near-relatives`, withId(thing('relative', role, column))),
    createNearRelative: about('createNearRelative', '/near-relatives', (role, column) => ({ relative_id: second(column), kind: 'sibling' })),
    endNearRelative: (world, role, column) => post(`/near-relatives/${target('endNearRelative', role, column)}/end`, {}),
    listCareMarks: (world, role, column) => get(`/people/${subject(role, column)}/care-marks`, withId(thing('care', role, column))),
    createCareMark: about('createCareMark', '/care-marks', { kind: 'hardship' }),
    endCareMark: (world, role, column) => post(`/care-marks/${target('endCareMark', role, column)}/end`, {}),
    nameCareHelper: (world, role, column) => post(`/care-marks/${target('nameCareHelper', role, column)}/helpers`, { person_id: second(column), task: '看望' }),

    getPersonData: (world, role, column) => get(`/people/${subject(role, column)}/data`),
    listActs: (world, role, column) => get(`/people/${subject(role, column)}/acts`, notEmpty),
    listPurposes: () => get('/purposes', notEmpty),
    listConsents: (world, role, column) => get(`/people/${subject(role, column)}/consents`, notEmpty),
    recordConsent: (world, role, column) => post(`/people/${column === 'own' ? subject(role, column) : fresh('recordConsent', role, column)}/consents`, { purpose: 'care_visits', decision: 'given', form: column === 'own' ? 'online' : 'paper' }),
    recordGuardianConsent: (world, role, column) => post(`/people/${wardOf(role, column)}/guardian-consents`, {
        purpose: 'care_visits', decision: 'given', ...(column === 'own' ? {} : { guardian_id: subject(role, column), form: 'paper' }),
    }),
    listDisclosures: (world, role, column) => get(`/people/${subject(role, column)}/disclosures`, withId(thing('disclosure', role, column))),
    recordDisclosure: about('recordDisclosure', '/disclosures', { recipient: '法院', purpose: '查询', fields: ['name'], basis: 'law' }),
    listDataRequests: (world, role, column) => get(`/data-requests?state=withdrawn&limit=200${column === 'own' ? '&mine=true' : ''}`, withId(thing('request', role, column))),
    fileDataRequest: (world, role, column) => post('/data-requests', { kind: 'explanation', ...(column === 'own' ? {} : { person_id: subject(role, column) }) }),
    getDataRequest: (world, role, column) => get(`/data-requests/${thing('request', role, column)}`),
    answerDataRequest: (world, role, column) => post(`/data-requests/${target('answerDataRequest', role, column)}/answer`, { decision: 'fulfil' }),
    withdrawDataRequest: (world, role, column) => post(`/data-requests/${target('withdrawDataRequest', role, column)}/withdrawal`),
    listRetentionRules: () => get('/retention-rules', notEmpty),
    listMinorAudits: (world, role, column) => get(`/minor-audits?year=${shanghai().slice(0, 4)}&limit=200`, withId(placeOf(column).community)),

    createClaimCode: about('createClaimCode', '/claim-codes'),
    redeemCode: (world, role) => post('/auth/claim', { code: world.codes.get(role), user_name: `matrix_claimed_${role}`, password: demoPassword }),
    changePassword: () => post('/me/password', { current_password: demoPassword, new_password: demoPassword }),
    requestPasswordReset: about('requestPasswordReset', '/password-resets', { reason: '到窗口办理' }),
    listPasswordResets: (world, role, column) => get('/password-resets?limit=200', withId(thing('reset', role, column))),
    approvePasswordReset: (world, role, column) => post(`/password-resets/${target('approvePasswordReset', role, column)}/approval`),
    listSessions: () => get('/me/sessions', notEmpty),
    listViews: () => get('/me/views'),
    putView: () => ({ method: 'PUT', path: `/me/views/${id('view')}`, body: { list: 'desk-heads', name: '一', query: 'kind=lane_chief' } }),
    deleteView: (world, role) => ({ method: 'DELETE', path: `/me/views/${id('saved view', role)}` }),
    endSession: (world, role) => post(`/me/sessions/${id('session', role)}/end`),
    endOtherSessions: () => post('/me/sessions/end'),
    listRepresentations: (world, role, column) => get(`/representations?person=${subject(role, column)}`, withId(thing('representation', role, column))),
    recordRepresentation: about('recordRepresentation', '/representations', (role, column) => ({ agent_id: second(column), form: 'written', reason: '请人代办', valid_to: shanghai(9) })),
    endRepresentation: (world, role, column) => post(`/representations/${target('endRepresentation', role, column)}/end`),
    actFor: (world, role, column) => post(`/representations/${thing('representation', role, column)}/sessions`),

    listAuditMandates: (world, role, column) => get('/audit-mandates?limit=200', withId(id('mandate', column))),
    createAuditMandate: (world, role, column) => post('/audit-mandates', { auditor_id: id('person', 'auditor'), unit_id: placeOf(column).home, purpose: '抽查一次', document_ref: '虚构', valid_to: shanghai(9) }),
    endAuditMandate: (world, role, column) => post(`/audit-mandates/${target('endAuditMandate', role, column)}/end`),
    listAuditFigures: (world, role, column) => get(`/audit/figures?unit=${placeOf(column).home}`, notEmpty),
    listAuditFigureRows: (world, role, column) => get(`/audit/figures/residents/rows?unit=${placeOf(column).home}`, notEmpty),
    drawAuditSample: (world, role, column) => get(`/audit/samples?kind=grant&seed=matrix&unit=${placeOf(column).home}`),
    verifyAuditChain: () => get('/audit/verification?most=10'),
};
