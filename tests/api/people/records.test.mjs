// A record made, found twice, corrected, moved; death; two records made one and taken apart; plain values with a reason.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { client } from '../../lib/client.mjs';
import { idNumber } from '../../lib/id_number.mjs';
import { startServer, until } from '../../lib/server.mjs';
import { asApp, asOwner } from '../../lib/sql.mjs';
import { demoId, done, nowhere, person, refused, signedIn, today } from '../story.mjs';

let server;
let as;
let worker;
before(async () => {
    server = await startServer();
    as = signedIn(server);
    worker = await as('community_worker');
});
after(() => server?.stop());

const home = demoId('building 1.3');
let count = 0;
// A new record of its own for a story, with numbers that nobody else has.
const newcomer = (more = {}) => {
    count += 1;
    return { name: `新居${count}`, unit_id: home, birth_date: '1980-06-01', sex: 'female', phone: `100 7777 ${String(count).padStart(4, '0')}`, id_number: idNumber('1980-06-01', 'female', count), ...more };
};
const made = async (more) => done(await worker.post('/people', newcomer(more)), 201);

test('a record is made with sealed numbers that are found again exactly', async () => {
    const record = newcomer({ address: '示例路 9 号', lives_as: 'tenant' });
    const reply = await worker.post('/people', record);
    assert.deepEqual([done(reply, 201).name, reply.body.sex, reply.body.birth_year], [record.name, 'female', 1980]);
    assert.match(reply.body.phone, /^100\*{4}\d{4}$/);
    assert.equal(reply.headers.location, `/api/v1/people/${reply.body.id}`);
    const read = done(await worker.get(`/people/${reply.body.id}`));
    assert.deepEqual([read.lives_as, read.has_login, read.died_on, read.household_id], ['tenant', false, null, null]);
    const [stored] = await asOwner(server, 'select phone_sealed, id_number_sealed, birth_date::text from people.person_private where person_id = $1', [reply.body.id]);
    assert.equal(stored.birth_date, '1980-06-01');
    assert.ok(!stored.id_number_sealed.toString('latin1').includes(record.id_number));
    // written with blanks or a small x it is the same number
    const spaced = `${record.id_number.slice(0, 6)} ${record.id_number.slice(6)}`.toLowerCase();
    const [candidate] = done(await worker.post('/people/duplicate-search', { id_number: spaced })).items;
    assert.deepEqual([candidate.match, candidate.id], ['id_number', reply.body.id]);
    const secretly = await asOwner(server, "select coalesce(p.after, p.before)::text as payload from core.audit_payload p join core.audit_record r on r.id = p.audit_id where r.table_name = 'people.person_private' and r.row_key = $1", [reply.body.id]);
    assert.ok(secretly.length > 0 && secretly.every((row) => !row.payload.includes('1980-06-01')));
});

test('an identity number must be one, and must agree with the day of birth and the sex', async () => {
    const good = newcomer();
    for (const wrong of [good.id_number.replace(/.$/, (last) => (last === '0' ? '1' : '0')), '999999197802301235', '123456789012345', idNumber('1980-06-01', 'female', 7).slice(0, 17)]) {
        const reply = await worker.post('/people', { ...good, id_number: wrong });
        assert.equal(reply.status, 422, reply.text);
        assert.ok(reply.body.errors.some((error) => error.pointer === '/id_number' && error.code === 'format'));
    }
    refused(await worker.post('/people', { ...good, birth_date: '1980-06-02' }), 409, 'id_number_inconsistent', '/birth_date');
    refused(await worker.post('/people', { ...good, sex: 'male' }), 409, 'id_number_inconsistent', '/sex');
    refused(await worker.post('/people', newcomer({ id_number: undefined, birth_date: today(1) })), 409, 'birth_date_impossible', '/birth_date');
    const derived = done(await worker.post('/people', { ...good, birth_date: undefined, sex: undefined }), 201);
    assert.deepEqual([derived.sex, derived.birth_year], ['female', 1980]);
});

test('duplicates are shown before a second record is made', async () => {
    const first = newcomer();
    const { id } = done(await worker.post('/people', first), 201);
    refused(await worker.post('/people', { ...newcomer(), id_number: first.id_number }), 409, 'person_exists', '/id_number');
    const twin = { ...newcomer(), name: first.name };
    refused(await worker.post('/people', twin), 409, 'likely_duplicate');
    const { items } = done(await worker.post('/people/duplicate-search', { name: first.name, birth_date: first.birth_date, phone: first.phone }));
    assert.deepEqual(items.map((item) => [item.match, item.id]), [['phone', id]]);
    done(await worker.post('/people', { ...twin, not_duplicates: [id] }), 201);
    // beyond one's reach there is only somebody, somewhere
    const [elsewhere] = done(await (await as('community_worker_b')).post('/people/duplicate-search', { id_number: first.id_number })).items;
    assert.deepEqual([elsewhere.id, elsewhere.name, elsewhere.birth_year, elsewhere.unit.name], [null, null, null, '孝坊社区']);
    refused(await worker.post('/people/duplicate-search', { name: first.name }), 409, 'nothing_to_compare');
    refused(await worker.post('/people', newcomer({ unit_id: demoId('building 2.2') })), 404, 'not_found', '/unit_id');
    refused(await worker.post('/people', newcomer({ id })), 409, 'id_taken');
});

test('a record is corrected, once, and never into somebody else', async () => {
    const { id } = await made();
    const other = newcomer();
    done(await worker.post('/people', other), 201);
    const read = await worker.get(`/people/${id}`);
    const change = (body, etag = read.headers.etag) => worker.patch(`/people/${id}`, body, { headers: { 'If-Match': etag } });
    refused(await worker.patch(`/people/${id}`, { name: '改名' }), 428, 'if_match_required');
    refused(await change({ id_number: other.id_number, birth_date: null }), 409, 'person_exists', '/id_number');
    refused(await change({ sex: 'male', id_number: idNumber('1980-06-01', 'female', 90) }), 409, 'id_number_inconsistent', '/sex');
    refused(await change({ birth_date: today(3) }), 409, 'birth_date_impossible');
    const changed = await change({ name: '改名', phone: null, birth_date: '1981-01-02' });
    assert.deepEqual([done(changed).name, changed.body.phone, changed.body.birth_year], ['改名', null, 1981]);
    refused(await change({ name: '再改' }), 412, 'version_mismatch');
    refused(await (await as('community_worker_b')).patch(`/people/${id}`, { name: '再改' }, { headers: { 'If-Match': changed.headers.etag } }), 404, 'not_found');
});

test('who moves within the city keeps points and cases', async () => {
    const officer = await as('town_officer');
    const mover = person('neighbour');
    const before = await asOwner(server, "select a.balance, (select count(*)::int from mediation.party y where y.person_id = $1) as cases from points.account a where a.person_id = $1 and a.currency = 'points'", [mover]);
    const dwelling = done(await officer.post('/dwellings', { unit_id: demoId('building 2.2'), door: '搬家 1 室', area_cm2: 900000 }), 201);
    refused(await officer.post(`/people/${mover}/moves`, { unit_id: home, dwelling_id: dwelling.id, first_day: today() }), 409, 'dwelling_elsewhere', '/dwelling_id');
    refused(await worker.post(`/people/${mover}/moves`, { dwelling_id: dwelling.id, first_day: today() }), 404, 'not_found');
    const moved = done(await officer.post(`/people/${mover}/moves`, { dwelling_id: dwelling.id, lives_as: 'tenant', first_day: today() }), 201);
    assert.equal(moved.unit.id, demoId('building 2.2'));
    const after = await asOwner(server, "select a.balance, (select count(*)::int from mediation.party y where y.person_id = $1) as cases from points.account a where a.person_id = $1 and a.currency = 'points'", [mover]);
    assert.deepEqual(after, before);
    const homes = await asOwner(server, 'select unit_id, kind, lower(valid)::text as since, upper(valid)::text as until, end_reason from people.residence where person_id = $1 order by lower(valid)', [mover]);
    assert.deepEqual(homes.map((row) => [row.unit_id, row.kind, row.until, row.end_reason]), [[demoId('building 1.4'), 'owner', today(), 'moved'], [demoId('building 2.2'), 'tenant', null, null]]);
    assert.equal(done(await officer.get(`/people/${mover}`)).household_id, null);
    // the file tells where they lived; another community's staff sees only what lies within its own area
    const lived = async (who) => done(await who.get(`/people/${mover}`)).residences.map((one) => [one.unit.id, one.door, one.valid_to, one.end_reason]);
    const now = [demoId('building 2.2'), '搬家 1 室', null, null];
    assert.deepEqual(await lived(officer), [now, [demoId('building 1.4'), '801室', today(-1), 'moved']]);
    assert.deepEqual(await lived(await as('community_worker_b')), [now]);
    // the resident's own right went along
    const me = done(await (await client(server).login('neighbour')).get('/me'));
    assert.deepEqual(me.grants.map((grant) => grant.unit.id), [demoId('building 2.2')]);
    assert.equal((await (await as('community_worker_b')).get(`/people/${mover}`)).status, 200);
    assert.equal((await worker.get(`/people/${mover}`)).status, 404);
});

test('a death ends rights and offices, freezes the points, and names what is open', async () => {
    const officer = await as('town_officer');
    const who = person('head');
    const session = await client(server).login('head');
    refused(await worker.post(`/people/${who}/death`, { died_on: today(1), document_ref: '虚构证明' }), 409, 'day_in_future', '/died_on');
    refused(await (await as('community_worker_b')).post(`/people/${who}/death`, { died_on: today(), document_ref: '虚构证明' }), 404, 'not_found');
    await asOwner(server, `select points.open_accounts(array['${who}'::uuid], 'points')`);
    const death = done(await worker.post(`/people/${who}/death`, { died_on: today(), document_ref: '虚构证明' }), 201);
    assert.ok(Array.isArray(death.open_matters.mediation_cases) && death.open_matters.dwellings === 1);
    await until(async () => (await session.get('/me')).status === 401, 5, 'the session to be over');
    refused(await client(server).anyone.post('/auth/login', { user_name: 'head', password: 'linli-demo-2026' }), 401, 'wrong_credentials');
    const [left] = await asOwner(server, `select (select count(*)::int from access.grant where person_id = $1 and valid @> core.today()) as grants,
        (select count(*)::int from groups.head where person_id = $1 and valid @> core.today() + 1) as heads,
        (select count(*)::int from people.residence where person_id = $1 and valid @> core.today() + 1) as homes,
        (select frozen_on::text from points.account where person_id = $1 and currency = 'points') as frozen`, [who]);
    assert.deepEqual(left, { grants: 0, heads: 0, homes: 0, frozen: today() });
    await assert.rejects(asOwner(server, `select points.award(array[row('${who}', 60, core.today(), core.uuid_v7(), '测试', 'test', null, null)::points.award_item])`), /account_frozen/);
    refused(await worker.post(`/people/${who}/death`, { died_on: today(), document_ref: '虚构证明' }), 409, 'record_closed');
    refused(await officer.post(`/people/${who}/moves`, { unit_id: demoId('building 2.2'), first_day: today(1) }), 409, 'record_closed');
    assert.equal(done(await worker.get(`/people/${who}`)).died_on, today());
});

test('two records of one person become one with a trail, and can be taken apart for thirty days', async () => {
    const secretary = await as('community_secretary');
    const kept = await made();
    const twin = await made({ name: '重复的人' });
    await asOwner(server, `select points.open_accounts(array['${twin.id}'::uuid], 'points')`);
    await asOwner(server, `select points.award(array[row('${twin.id}', 120, core.today(), core.uuid_v7(), '测试', 'test', null, null)::points.award_item])`);
    done(await worker.post(`/groups/${demoId('help 1')}/members`, { person_id: twin.id }), 201);
    done(await worker.post(`/people/${twin.id}/care-marks`, { kind: 'hardship', note: '临时困难' }), 201);
    refused(await worker.post(`/people/${kept.id}/merges`, { merged_id: twin.id, reason: '同一人' }), 403, 'forbidden');
    refused(await secretary.post(`/people/${kept.id}/merges`, { merged_id: kept.id, reason: '同一人' }), 409, 'merge_conflict', '/merged_id');
    refused(await secretary.post(`/people/${kept.id}/merges`, { merged_id: person('resident_b'), reason: '同一人' }), 404, 'not_found');
    const merge = done(await secretary.post(`/people/${kept.id}/merges`, { merged_id: twin.id, reason: '两次登记的同一人' }), 201);
    assert.equal(merge.undo_until, today(30));
    const moved = Object.fromEntries(merge.steps.map((step) => [step.table, [step.moved, step.gave_way]]));
    assert.deepEqual(moved['groups.group_member'], [1, 0]);
    assert.deepEqual(moved['people.residence'], [0, 1]);
    assert.deepEqual(moved['people.care_mark'], [1, 0]);
    const balance = async (id) => Number((await asOwner(server, "select balance from points.account where person_id = $1 and currency = 'points'", [id]))[0]?.balance ?? 0);
    assert.deepEqual([await balance(kept.id), await balance(twin.id)], [2, 0]);
    assert.equal(done(await worker.get(`/people/${twin.id}`)).merged_into, kept.id);
    assert.deepEqual(done(await worker.get(encodeURI('/people?q=重复的人'))).items, []);
    assert.deepEqual(done(await worker.get(`/people/${kept.id}/merges`)).items.map((item) => item.id), [merge.id]);
    refused(await secretary.post(`/people/${twin.id}/merges`, { merged_id: kept.id, reason: '同一人' }), 409, 'record_closed');

    const undone = done(await secretary.post(`/merges/${merge.id}/undo`));
    assert.ok(undone.undone_at);
    assert.deepEqual([await balance(kept.id), await balance(twin.id)], [0, 2]);
    const back = done(await worker.get(`/people/${twin.id}`));
    assert.deepEqual([back.merged_into, back.groups.length, back.lives_here_since], [null, 1, today()]);
    refused(await secretary.post(`/merges/${merge.id}/undo`), 409, 'wrong_state');
    refused(await (await as('community_secretary')).post(`/merges/${nowhere}/undo`), 404, 'not_found');
    const again = done(await secretary.post(`/people/${kept.id}/merges`, { merged_id: twin.id, reason: '两次登记的同一人' }), 201);
    await asOwner(server, 'update people.merge set undo_until = core.today() - 1 where id = $1', [again.id]);
    refused(await secretary.post(`/merges/${again.id}/undo`), 409, 'undo_too_late');
});

test('points that were spent since, or are reserved, stand in the way', async () => {
    const secretary = await as('community_secretary');
    const kept = await made();
    const twin = await made();
    await asOwner(server, `select points.open_accounts(array['${twin.id}'::uuid], 'points')`);
    await asOwner(server, `select points.award(array[row('${twin.id}', 1200, core.today(), core.uuid_v7(), '测试', 'test', null, null)::points.award_item])`);
    await asOwner(server, "select points.reserve(a.id, 5) from points.account a where a.person_id = $1 and a.currency = 'points'", [twin.id]);
    refused(await secretary.post(`/people/${kept.id}/merges`, { merged_id: twin.id, reason: '同一人' }), 409, 'merge_conflict');
    await asOwner(server, "select points.release(r.id) from points.reservation r join points.account a on a.id = r.account_id where a.person_id = $1 and r.state = 'held'", [twin.id]);
    const merge = done(await secretary.post(`/people/${kept.id}/merges`, { merged_id: twin.id, reason: '同一人' }), 201);
    await asOwner(server, "select points.reserve(a.id, 15) from points.account a where a.person_id = $1 and a.currency = 'points'", [kept.id]);
    refused(await secretary.post(`/merges/${merge.id}/undo`), 409, 'insufficient_points');
});

test('a plain value needs a reason, is on record for the person, and there are twenty a day', async () => {
    const { id } = await made();
    const reveal = (field, who = worker) => who.post(`/people/${id}/reveals`, { field, reason: '上门前电话约时间' });
    const first = done(await reveal('phone'), 201);
    assert.match(first.phone, /^100 7777 \d{4}$/);
    assert.deepEqual([first.id_number, first.address, first.birth_date, first.reveals_left], [null, null, null, 19]);
    assert.match(done(await reveal('id_number'), 201).id_number, /^999999\d{11}[\dX]$/);
    assert.equal(done(await reveal('birth_date'), 201).birth_date, '1980-06-01');
    assert.equal((await worker.post(`/people/${id}/reveals`, { field: 'phone', reason: '看' })).status, 422);
    refused(await reveal('phone', await as('community_worker_b')), 404, 'not_found');
    refused(await reveal('phone', await as('head').catch(() => as('resident'))), 403, 'forbidden');
    // twelve at once, then the rest: the twentieth is the last one, whoever is faster
    const replies = await Promise.all(Array.from({ length: 20 }, () => reveal('phone')));
    assert.deepEqual(replies.map((reply) => reply.status).toSorted(), [...Array(17).fill(201), 409, 409, 409]);
    refused(await reveal('phone'), 409, 'reveal_limit');
    const seen = done(await (await as('community_secretary')).get(`/people/${id}/reveals?limit=200`)).items;
    assert.equal(seen.length, 20);
    assert.deepEqual([seen[0].revealed_by, seen[0].post, seen[0].reason], ['邓美玲', '社区工作者', '上门前电话约时间']);
    const elder = await as('elder');
    const own = done(await elder.get(`/people/${person('elder')}/reveals`)).items;
    assert.deepEqual(own.map((item) => [item.field, item.revealed_by]), [['phone', '邓美玲']]);
    assert.deepEqual(done(await elder.get(`/people/${id}/reveals`)).items, []);
    // past the routine the rows refuse as well: nobody writes a look in another's name, or erases one
    const principal = { person: person('community_worker'), paths: (await asOwner(server, "select territory_path::text as p from orgs.unit where id = $1", [demoId('community 1')]))[0].p };
    await assert.rejects(asApp(server, { ...principal, paths: `{${principal.paths}}` }, "insert into people.reveal (person_id, field, reason, revealed_by) values ($1, 'phone', '冒名查看', $2)", [id, person('community_secretary')]), /row-level security/);
    await assert.rejects(asApp(server, { ...principal, paths: `{${principal.paths}}` }, 'delete from people.reveal'), /permission denied/);
});

test('a child under fourteen: somebody else approves first', async () => {
    const ward = demoId('ward');
    const secretary = await as('community_secretary');
    const reveal = () => secretary.post(`/people/${ward}/reveals`, { field: 'birth_date', reason: '核对入托登记' });
    const approve = (body, who = secretary) => who.post(`/people/${ward}/access-approvals`, body);
    refused(await reveal(), 409, 'approval_missing');
    refused(await approve({ staff_id: person('community_secretary'), reason: '核对登记', last_day: today(7) }), 409, 'not_for_oneself', '/staff_id');
    const officer = await as('town_officer');
    refused(await approve({ staff_id: person('community_secretary'), reason: '核对登记', last_day: today(60) }, officer), 409, 'too_long', '/last_day');
    refused(await officer.post(`/people/${person('elder')}/access-approvals`, { staff_id: person('community_secretary'), reason: '核对登记', last_day: today(7) }), 409, 'ward_grown_up');
    done(await approve({ staff_id: person('community_secretary'), reason: '核对登记', last_day: today(7) }, officer), 201);
    done(await reveal(), 201);
    const seen = done(await (await as('guardian')).get(`/people/${ward}/reveals`)).items;
    assert.deepEqual(seen.map((item) => [item.field, item.revealed_by]), [['birth_date', '韦丽萍']]);
});
