// One call for each operation, about the thing of a column; and how its answer reads in the words of policy.csv.
import { client, demoPassword } from '../lib/client.mjs';
import { caseNumber, caseOf, id, mediator, placeOf, second, subject, userOf } from './world.mjs';

const get = (path, holds) => ({ method: 'GET', path, holds });
const post = (path, body) => ({ method: 'POST', path, body });
// A list says allow when the thing is in it.
const withId = (wanted) => (body) => body.items.some((item) => item.id === wanted);
const notEmpty = (body) => body.items.length > 0;

const shanghai = (days = 0) => new Date(Date.now() + 8 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 10);

const thing = (role, column) => id('thing', column, column === 'own' ? role : '');
const target = (role, column) => id('target', role, column);
const reward = (column) => id('thing', column === 'own' ? 'same' : column, '');
const importFile = (role, column) => (column === 'own' ? id('import file', role) : id('thing', column, ''));
const party = (operation, role, column) => id('party', caseOf(operation, role, column));
const year = (world, role) => 2060 + world.order.indexOf(role);
const site = (column) => id(`new building ${column}`);

// A step of a case; for the party themselves no party is named.
function step(operation, path, body = {}, names = false) {
    return (world, role, column) => {
        const named = names && column !== 'own' ? { party_id: party(operation, role, column) } : {};
        return post(`/mediation-cases/${caseOf(operation, role, column)}${path}`, { ...body, ...named });
    };
}

export const calls = {
    login: (world, role) => post('/auth/login', { user_name: userOf(role), password: demoPassword }),
    refreshSession: () => post('/auth/refresh'),
    logout: () => post('/auth/logout'),
    getMe: () => get('/me'),
    getSystem: () => get('/system'),

    listUnits: (world, role, column) => get(`/units?under=${placeOf(column).compound}&limit=200`, withId(placeOf(column).home)),
    createUnit: (world, role, column) => post('/units', { kind: 'building', name: '新楼', territory_parent_id: placeOf(column).compound }),
    getUnit: (world, role, column) => get(`/units/${placeOf(column).home}`),
    // As a preview: the unit stays as it is for the next call.
    updateUnit: (world, role, column) => ({ method: 'PATCH', path: `/units/${site(column)}?preview=true`, body: { contact_phone: '1000' }, headers: { 'If-Match': world.etags.get(column) } }),
    getUnitTree: (world, role, column) => get(`/units/${placeOf(column).compound}/tree?limit=200`, withId(placeOf(column).home)),
    getUnitHistory: (world, role, column) => get(`/units/${placeOf(column).home}/history`, notEmpty),
    listPosts: () => get('/posts', notEmpty),
    listAppointments: (world, role, column) => get(`/appointments?person=${subject(role, column)}`, withId(thing(role, column))),
    createAppointment: (world, role, column) => post('/appointments', {
        person_id: second(column), unit_id: placeOf(column).community, post: 'community_worker', basis: 'appointed', valid_from: `${year(world, role)}-01-01`, valid_to: `${year(world, role)}-12-31`,
    }),
    endAppointment: (world, role, column) => post(`/appointments/${target(role, column)}/end`, { last_day: `${2040 + world.order.indexOf(role)}-06-30` }),

    listPeople: (world, role, column) => get(`/people?unit=${placeOf(column).home}&limit=200`, withId(subject(role, column))),
    getPerson: (world, role, column) => get(`/people/${subject(role, column)}`),

    listGroups: (world, role, column) => get(`/groups?unit=${placeOf(column === 'own' ? 'sibling' : column).home}&limit=200`, withId(thing(role, column))),
    createGroup: (world, role, column) => post('/groups', { kind: 'neighbour_help', name: '新组', unit_id: placeOf(column).home }),
    getGroup: (world, role, column) => get(`/groups/${thing(role, column)}`),
    addGroupMember: (world, role, column) => post(`/groups/${target(role, column)}/members`, { person_id: second(column) }),
    endGroupMembership: (world, role, column) => post(`/groups/${target(role, column)}/members/${subject(role, column)}/end`, {}),
    listHeads: (world, role, column) => get(`/heads?unit=${placeOf(column).home}`, notEmpty),
    createHead: (world, role, column) => post('/heads', {
        kind: 'building_head', unit_id: site(column), person_id: subject(role, column), basis: 'elected', valid_from: `${year(world, role)}-01-01`, valid_to: `${year(world, role)}-12-31`,
    }),
    endHead: (world, role, column) => post(`/heads/${target(role, column)}/end`, { last_day: `${2040 + world.order.indexOf(role)}-06-30` }),

    listUnitAccounts: (world, role, column) => get(`/units/${placeOf(column).home}/accounts?limit=200`, withId(world.accounts.get(subject(role, column)))),
    listAccounts: (world, role, column) => get(`/accounts?person=${subject(role, column)}`, withId(world.accounts.get(subject(role, column)))),
    getAccount: (world, role, column) => get(`/accounts/${world.accounts.get(subject(role, column))}`),
    listEntries: (world, role, column) => get(`/accounts/${world.accounts.get(subject(role, column))}/entries`, notEmpty),
    listRewards: (world, role, column) => get(`/rewards?unit=${placeOf(column).home}`, withId(reward(column))),
    listRedemptions: (world, role, column) => get(`/redemptions?person=${subject(role, column)}&limit=200`, withId(world.redemptionOf.get(subject(role, column)))),
    createRedemption: (world, role, column) => post('/redemptions', { reward_id: reward(column), ...(column === 'own' ? {} : { person_id: subject(role, column) }) }),
    getRedemption: (world, role, column) => get(`/redemptions/${world.redemptionOf.get(subject(role, column))}`),
    collectRedemption: (world, role, column) => post(`/redemptions/${world.redemptions.get(`collect ${role} ${column}`)}/collection`, { collection_code: null }),
    cancelRedemption: (world, role, column) => post(`/redemptions/${world.redemptions.get(`cancel ${role} ${column}`)}/cancellation`),

    listServiceKinds: () => get('/service-kinds', notEmpty),
    listServicePartners: () => get('/service-partners'),
    listServiceRecords: (world, role, column) => get(column === 'own' ? '/service-records?as=served&limit=200' : `/service-records?unit=${placeOf(column).community}&state=recorded&limit=200`, withId(thing(role, column))),
    createServiceRecord: (world, role, column) => post('/service-records', {
        ...(column === 'own' ? {} : { volunteer_id: second(column) }), served_person_id: id('person', 'first', column === 'own' ? 'same' : column), kind: 'elder_care', minutes: 1, served_on: shanghai(),
    }),
    getServiceRecord: (world, role, column) => get(`/service-records/${thing(role, column)}`),
    evaluateServiceRecord: (world, role, column) => post(`/service-records/${target(role, column)}/evaluation`, { rating: 4 }),

    listMediationKinds: () => get('/mediation-kinds', notEmpty),
    listMediators: (world, role, column) => get(`/mediators?unit=${placeOf(column).community}`, notEmpty),
    listMediationCases: (world, role, column) => get(`/mediation-cases?number=${encodeURIComponent(caseNumber(role, column))}`, withId(caseOf('getMediationCase', role, column))),
    createMediationCase(world, role, column) {
        const others = { side: 'second', person_id: second(column) };
        const committee = ['mediator', 'community_secretary'].includes(role);
        const first = { side: 'first', person_id: subject(role, column) };
        return post('/mediation-cases', {
            ...(column === 'own' ? {} : { unit_id: placeOf(column).community }), kind: 'neighbour', title: '测试纠纷', narrative: '测试经过', parties: committee || column !== 'own' ? [first, others] : [others],
        });
    },
    getMediationCase: (world, role, column) => get(`/mediation-cases/${caseOf('getMediationCase', role, column)}`),
    assignMediator: step('assignMediator', '/mediators', { person_id: mediator, chosen_by: 'committee' }),
    identifyParty: (world, role, column) => post(`/mediation-cases/${caseOf('identifyParty', role, column)}/parties/${id('other party', caseOf('identifyParty', role, column))}/identification`, { person_id: second(column) }),
    createMediationConsent: step('createMediationConsent', '/consents', { level: 'community' }, true),
    createMediationRefusal: step('createMediationRefusal', '/refusals', {}, true),
    terminateMediationCase: step('terminateMediationCase', '/termination', {}, true),
    markMediationRisk: step('markMediationRisk', '/risks', { level: 'low' }),
    createMediationAttempt: step('createMediationAttempt', '/attempts', { scheduled_at: new Date(Date.now() + 86_400_000).toISOString(), place: '调解室' }),
    recordAttemptOutcome: (world, role, column) => post(`/mediation-cases/${caseOf('recordAttemptOutcome', role, column)}/attempts/${caseOf('recordAttemptOutcome', role, column)}/outcome`, { outcome: 'failed' }),
    escalateMediationCase: step('escalateMediationCase', '/escalation', { summary: '测试移送' }),
    createMediationAgreement: step('createMediationAgreement', '/agreement', { form: 'written', content: '双方同意夜间不再施工，互相谅解。' }),
    signMediationAgreement: step('signMediationAgreement', '/signatures', { mark: 'party', form: 'signature' }, true),
    createPerformanceItem: (world, role, column) => post(`/mediation-cases/${caseOf('createPerformanceItem', role, column)}/performance-items`, {
        party_id: party('createPerformanceItem', role, column), description: '赔礼', due_on: shanghai(9),
    }),
    recordPerformance: (world, role, column) => post(`/mediation-cases/${caseOf('recordPerformance', role, column)}/performance-items/${caseOf('recordPerformance', role, column)}/performance`, { state: 'performed' }),
    createFollowUp: step('createFollowUp', '/follow-ups', { visited_on: shanghai(), finding: 'calm' }),

    listJobs: (world, role, column) => get('/jobs?limit=200', withId(thing(role, column))),
    getJob: (world, role, column) => get(`/jobs/${thing(role, column)}`),
    listImports: (world, role, column) => get('/imports?limit=200', withId(thing(role, column))),
    createUnitImport: (world, role, column) => post('/imports/units', { blob_id: importFile(role, column) }),
    createPersonImport: (world, role, column) => post('/imports/people', { blob_id: importFile(role, column) }),
    createAppointmentImport: (world, role, column) => post('/imports/appointments', { blob_id: importFile(role, column) }),
    createHouseholdImport: (world, role, column) => post('/imports/households', { blob_id: importFile(role, column) }),
    getImport: (world, role, column) => get(`/imports/${thing(role, column)}`),
    listImportFaults: (world, role, column) => get(`/imports/${thing(role, column)}/faults`, notEmpty),
    applyImport: (world, role, column) => post(`/imports/${target(role, column)}/application`),
    listImportColumns: () => get('/import-columns?kind=people', notEmpty),
    putBlob: (world, role, column) => ({ method: 'PUT', path: `/blobs/${thing(role, column)}?purpose=import&file_name=a.csv`, body: 'a,b\n', headers: { 'Content-Type': 'text/csv', 'Content-Length': '4' } }),
    getBlob: (world, role, column) => get(`/blobs/${thing(role, column)}`),
    getBlobContent: (world, role, column) => get(`/blobs/${thing(role, column)}/content`),
    cancelJob: (world, role, column) => post(`/jobs/${target(role, column)}/cancellation`),
};

// Signing in and out is done with a session that nothing else uses.
async function sessionFor(world, operation, role) {
    if (operation === 'login' || operation === 'getSystem') return client(world.server).anyone;
    if (operation === 'refreshSession' || operation === 'logout') return client(world.server).login(userOf(role));
    return world.sessions.get(role);
}

function verdict(reply, holds) {
    if (reply.status >= 200 && reply.status < 300) return !holds || holds(reply.body) ? 'allow' : 'hide';
    return { 403: 'forbid', 404: 'hide', 409: 'refuse', 422: 'refuse' }[reply.status] ?? `unexpected ${reply.status}`;
}

// ask(world, operation, role, column) → {verdict, reply}
export async function ask(world, operation, role, column) {
    const session = await sessionFor(world, operation, role);
    const { method, path, body, headers, holds } = calls[operation](world, role, column);
    const reply = await session.request(method, `/api/v1${path}`, { body, headers });
    return { verdict: verdict(reply, holds), reply };
}
