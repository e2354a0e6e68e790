// A person's rights: a copy, consents, who was told, requests with answer and deadline, erasure, retention, minors.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { client } from '../../lib/client.mjs';
import { startServer, until } from '../../lib/server.mjs';
import { asOwner, setClock } from '../../lib/sql.mjs';
import { demoId, done, nowhere, person, refused, signedIn, today } from '../story.mjs';

let server;
let as;
let worker;
let secretary;
before(async () => {
    server = await startServer();
    as = signedIn(server);
    [worker, secretary] = [await as('community_worker'), await as('community_secretary')];
});
after(() => server?.stop());

const home = demoId('building 1.3');

test('a copy of everything, in plain, for the person and the guardian alone', async () => {
    const elder = person('elder');
    const own = done(await (await as('elder')).get(`/people/${elder}/data`));
    assert.match(own.phone, /^100\d{8}$/);
    assert.match(own.id_number, /^999999\d{11}Z$/);
    assert.deepEqual([own.name, own.user_name, own.unit.id], ['林玉珍', 'elder', home]);
    assert.ok(own.residences.length === 1 && own.households.length === 1 && own.dwellings.length === 1 && own.care_marks.length === 1 && own.consents.length === 1);
    assert.deepEqual(own.reveals.map((reveal) => [reveal.field, reveal.revealed_by]), [['phone', '邓美玲']]);
    for (const who of ['neighbour', 'community_worker', 'administrator', 'auditor']) refused(await (await as(who)).get(`/people/${elder}/data`), 404, 'not_found');
    assert.equal(done(await (await as('guardian')).get(`/people/${demoId('ward')}/data`)).name, '钟小禾');
});

test('consent is given, refused and withdrawn by the same single step', async () => {
    const me = person('resident');
    const resident = await as('resident');
    const decide = (decision, more = {}, who = resident) => who.post(`/people/${me}/consents`, { purpose: 'honour_publication', decision, ...more });
    refused(await decide('withdrawn'), 409, 'nothing_to_withdraw', '/decision');
    refused(await decide('given', { purpose: 'no_such_purpose' }), 404, 'not_found', '/purpose');
    assert.equal(done(await decide('given'), 201).decision, 'given');
    const withdrawn = done(await decide('withdrawn'), 201);
    assert.ok(withdrawn.ask_again_from > today(170) && withdrawn.ask_again_from < today(190));
    refused(await decide('given', {}, worker), 409, 'paper_or_oral', '/form');
    assert.equal(done(await decide('refused', { form: 'paper' }, worker), 201).form, 'paper');
    refused(await decide('given', { form: 'paper' }, await as('community_worker_b')), 404, 'not_found');
    const list = done(await resident.get(`/people/${me}/consents`)).items;
    assert.deepEqual(list.map((item) => [item.purpose, item.decision]), [['neighbourhood_service', 'given'], ['volunteer_publication', null], ['honour_publication', 'refused'], ['care_visits', null], ['time_bank_minor', null]]);
    assert.equal(done(await resident.get('/purposes')).items.length, 5);
    assert.deepEqual(done(await (await as('neighbour')).get(`/people/${me}/consents`)).items, []);
    // nothing of the past is rewritten
    await assert.rejects(asOwner(server, "update people.consent set decision = 'given'"), /never changed/);
    assert.equal((await asOwner(server, 'select count(*)::int as n from people.consent where person_id = $1', [me]))[0].n, 4);
});

test('for a child the guardian decides', async () => {
    const ward = demoId('ward');
    const guardian = await as('guardian');
    refused(await worker.post(`/people/${ward}/consents`, { purpose: 'care_visits', decision: 'given', form: 'paper' }), 409, 'guardian_decides');
    const decide = (body, who = guardian) => who.post(`/people/${ward}/guardian-consents`, { purpose: 'care_visits', decision: 'given', ...body });
    refused(await decide({}, await as('neighbour')), 404, 'not_found');
    refused(await decide({ form: 'paper', guardian_id: person('resident') }, worker), 409, 'not_the_guardian', '/guardian_id');
    refused(await decide({ guardian_id: person('guardian') }, worker), 409, 'paper_or_oral', '/form');
    refused(await decide({ decision: 'withdrawn' }), 409, 'nothing_to_withdraw', '/decision');
    assert.deepEqual([done(await decide({}), 201).guardian_decision, (await decide({ decision: 'withdrawn' })).body.guardian_name], ['given', '钟桂芳']);
    assert.equal(done(await decide({ form: 'paper', guardian_id: person('guardian') }, worker), 201).guardian_decision, 'given');
    const [{ age }] = await asOwner(server, 'select ward_age as age from people.guardian_consent where ward_id = $1 order by no desc limit 1', [ward]);
    assert.equal(age, 'under_14');
});

test('who was given data stands where the person sees it', async () => {
    const { id } = done(await worker.post('/people', { name: '被提供的人', unit_id: home }), 201);
    const disclose = (body) => worker.post(`/people/${id}/disclosures`, { recipient: '市图书馆', purpose: '办理借书证', fields: ['name', 'phone'], basis: 'consent', ...body });
    refused(await disclose({}), 409, 'consent_lacking', '/basis');
    refused(await disclose({ basis: 'law', disclosed_on: today(1) }), 409, 'day_in_future', '/disclosed_on');
    done(await worker.post(`/people/${id}/consents`, { purpose: 'neighbourhood_service', decision: 'given', form: 'paper' }), 201);
    done(await disclose({}), 201);
    done(await worker.post(`/people/${id}/consents`, { purpose: 'neighbourhood_service', decision: 'withdrawn', form: 'paper' }), 201);
    refused(await disclose({}), 409, 'consent_lacking', '/basis');
    done(await disclose({ basis: 'law', recipient: '法院' }), 201);
    assert.deepEqual(done(await worker.get(`/people/${id}/disclosures`)).items.map((item) => [item.recipient, item.basis]), [['法院', 'law'], ['市图书馆', 'consent']]);
    assert.deepEqual(done(await (await as('community_worker_b')).get(`/people/${id}/disclosures`)).items, []);
});

test('a correction is asked for, answered within its time, and every step is on record', async () => {
    const resident = await as('resident');
    const file = (body, who = resident) => who.post('/data-requests', { kind: 'correction', field: 'phone', wanted: '100 0000 1234', ...body });
    refused(await file({ field: undefined }), 409, 'field_missing', '/field');
    refused(await file({ wanted: undefined }), 409, 'field_missing', '/wanted');
    refused(await file({ person_id: person('elder') }), 404, 'not_found', '/person_id');
    const asked = done(await file({ explanation: '换了号码' }), 201);
    assert.deepEqual([asked.state, asked.wanted, asked.overdue], ['filed', '100 0000 1234', false]);
    assert.ok(asked.due_on >= today(19) && asked.due_on <= today(25), asked.due_on);
    refused(await file({ id: asked.id }), 409, 'id_taken');
    const path = `/data-requests/${asked.id}`;
    refused(await (await as('neighbour')).get(path), 404, 'not_found');
    refused(await worker.post(`${path}/answer`, { decision: 'fulfil' }), 403, 'forbidden');
    refused(await secretary.post(`${path}/answer`, { decision: 'refuse' }), 422, 'reason_missing', '/answer');
    refused(await secretary.post(`${path}/answer`, { decision: 'fulfil' }, { headers: { 'If-Match': '"99"' } }), 412, 'version_mismatch');
    const answered = done(await secretary.post(`${path}/answer`, { decision: 'fulfil', answer: '已更正' }));
    assert.deepEqual([answered.state, answered.answer, answered.decided_by], ['fulfilled', '已更正', '韦丽萍']);
    assert.deepEqual(answered.events.map((event) => [event.action, event.actor]), [['file', '莫小兰'], ['fulfil', '韦丽萍']]);
    refused(await secretary.post(`${path}/answer`, { decision: 'fulfil' }), 409, 'wrong_state');
    refused(await resident.post(`${path}/withdrawal`), 409, 'wrong_state');
    const own = done(await secretary.post('/data-requests', { kind: 'explanation', explanation: '为什么保留' }), 201);
    refused(await secretary.post(`/data-requests/${own.id}/answer`, { decision: 'fulfil' }), 409, 'own_request');
    assert.equal(done(await secretary.post(`/data-requests/${own.id}/withdrawal`)).state, 'withdrawn');
    assert.ok(done(await secretary.get('/data-requests?state=fulfilled')).items.some((item) => item.id === asked.id));
    assert.deepEqual(done(await resident.get('/data-requests?mine=true')).items.map((item) => item.id), [asked.id]);
    assert.deepEqual(done(await (await as('community_worker_b')).get('/data-requests')).items, []);
    refused(await (await as('elder')).post(`${path}/withdrawal`), 404, 'not_found');
});

test('an erasure takes what says who it was, and leaves ledger, files and chain', async () => {
    const leaver = done(await worker.post('/people', { name: '要注销的人', unit_id: home, birth_date: '1990-05-05', phone: '10066660001', address: '示例路 3 号' }), 201);
    await asOwner(server, "select access.create_login($1, 'leaver', (select password_hash from access.login where user_name = 'resident')), access.add_grant($1, 'resident', $2)", [leaver.id, home]);
    await asOwner(server, `select points.open_accounts(array['${leaver.id}'::uuid], 'points')`);
    await asOwner(server, `select points.award(array[row('${leaver.id}', 60, core.today(), core.uuid_v7(), '测试', 'test', null, null)::points.award_item])`);
    const session = await client(server).login('leaver');
    // an open case stands in the way, and the person is told
    const dispute = done(await session.post('/mediation-cases', { kind: 'neighbour', title: '过道', narrative: '杂物', parties: [{ side: 'second', person_id: person('resident') }] }), 201);
    const asked = done(await session.post('/data-requests', { kind: 'erasure' }), 201);
    refused(await session.post('/data-requests', { kind: 'erasure' }), 409, 'already_requested');
    const answer = (body) => secretary.post(`/data-requests/${asked.id}/answer`, body);
    refused(await answer({ decision: 'fulfil' }), 409, 'erasure_obstacles');
    done(await session.post(`/mediation-cases/${dispute.id}/termination`), 201);
    const scheduled = done(await answer({ decision: 'fulfil', answer: '到期自动删除' }));
    assert.deepEqual([scheduled.state, scheduled.done_at, scheduled.kept], ['scheduled', null, ['ledger', 'files', 'audit_digests']]);
    await asOwner(server, 'select people.apply_erasures()');
    assert.equal((await session.get('/me')).status, 200); // not before its day
    await asOwner(server, 'update people.data_request set due_on = core.today() where id = $1', [asked.id]);
    await asOwner(server, 'select people.apply_erasures()');
    await until(async () => (await session.get('/me')).status === 401, 5, 'the session to be over');
    refused(await client(server).anyone.post('/auth/login', { user_name: 'leaver', password: 'linli-demo-2026' }), 401, 'wrong_credentials');
    const [left] = await asOwner(server, `select p.display_name, p.birth_year, p.erased_at is not null as erased, (select count(*)::int from people.person_private where person_id = p.id) as private,
        (select balance::int from points.account where person_id = p.id and currency = 'points') as points, (select count(*)::int from mediation.party where person_id = p.id) as parties
        from people.person p where p.id = $1`, [leaver.id]);
    assert.deepEqual(left, { display_name: '已注销', birth_year: null, erased: true, private: 0, points: 1, parties: 1 });
    const traces = await asOwner(server, "select count(*)::int as n from core.audit_payload p where p.before::text like '%要注销的人%' or p.after::text like '%要注销的人%'");
    assert.equal(traces[0].n, 0);
    assert.deepEqual(done(await worker.get(encodeURI('/people?q=要注销'))).items, []);
    // the chain still fits
    const auditor = await as('auditor');
    const { head_no: head } = done(await auditor.get('/audit/verification?most=1'));
    await until(async () => {
        const { wrong_count: wrong, complete } = done(await auditor.get(`/audit/verification?after=${Math.max(0, head - 2000)}&most=50000`));
        assert.equal(wrong, 0);
        return complete;
    }, 20, 'the chain to verify to its end');
    assert.equal(done(await secretary.get(`/data-requests/${asked.id}`)).state, 'fulfilled');
    // refused with its reasons: an office is held
    const officer = done(await worker.post('/data-requests', { kind: 'erasure' }), 201);
    const no = done(await secretary.post(`/data-requests/${officer.id}/answer`, { decision: 'refuse', answer: '在职期间不能删除' }));
    assert.deepEqual([no.state, no.kept], ['refused', ['holds_office']]);
});

test('retention rules are data, applied once a day, and say what they did', async () => {
    const old = await asOwner(server, `insert into people.reveal (person_id, field, reason, revealed_by, at, on_day)
        values ($1, 'phone', '三年前的查看', $2, core.app_now() - interval '37 months', core.today() - 1126) returning id`, [person('elder'), person('community_worker')]);
    const gone = done(await worker.post('/people', { name: '早已迁出的人', unit_id: home, phone: '10066660002' }), 201);
    await asOwner(server, "update people.residence set valid = daterange(core.today() - 1500, core.today() - 1200) where person_id = $1", [gone.id]);
    await asOwner(server, 'select people.apply_retention()');
    const counted = async (table, column, id) => (await asOwner(server, `select count(*)::int as n from ${table} where ${column} = $1`, [id]))[0].n;
    assert.deepEqual([await counted('people.reveal', 'id', old[0].id), await counted('people.person_private', 'person_id', gone.id), await counted('people.person', 'id', gone.id)], [0, 0, 1]);
    assert.equal(await counted('people.person_private', 'person_id', person('elder')), 1);
    const rules = done(await (await as('resident')).get('/retention-rules')).items;
    assert.equal(rules.length, 9);
    assert.ok(rules.every((rule) => rule.last_run_at !== null));
    assert.deepEqual(rules.filter((rule) => ['reveals', 'former_residents'].includes(rule.code)).map((rule) => rule.last_affected), [1, 1]);
    // a rule is data: shorten it, and it takes the rest
    await asOwner(server, "update people.retention_rule set months = 1 where code = 'reveals'");
    await setClock(server, '40 days');
    await asOwner(server, 'select people.apply_retention()');
    await setClock(server, '0');
    assert.equal((await asOwner(server, 'select count(*)::int as n from people.reveal where person_id = $1', [person('elder')]))[0].n, 0);
});

test('the yearly look at minors\' data is sums, community by community', async () => {
    const year = today().slice(0, 4);
    const own = done(await secretary.get(`/minor-audits?year=${year}`)).items;
    assert.deepEqual(own.map((item) => item.unit.name), ['孝坊社区']);
    assert.ok(own[0].under_14 > 0 && own[0].consents_given >= 1 && own[0].consents_missing < own[0].under_14);
    const all = await (await as('city_officer')).all(`/minor-audits?year=${year}`, 10);
    assert.equal(all.length, 19);
    const [{ n }] = await asOwner(server, "select count(*)::int as n from people.person p left join people.person_private v on v.person_id = p.id where p.erased_at is null and coalesce(v.birth_date, make_date(p.birth_year, 12, 31)) + interval '18 years' > least(core.today(), make_date($1, 12, 31))", [Number(year)]);
    assert.equal(all.reduce((sum, item) => sum + item.under_14 + item.from_14_to_18, 0), n);
    assert.equal((await secretary.get('/minor-audits')).status, 422);
    refused(await worker.get(`/minor-audits?year=${year}`), 403, 'forbidden');
    assert.equal((await secretary.get(`/people/${nowhere}/acts`)).body.items.length, 0);
});
