// Bulk import: a dry run names every fault with line and column, and a file without faults is applied whole or not at all.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startServer, until } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { demoId, done, nowhere, refused, signedIn, today } from '../story.mjs';
import { newId, put } from './files.mjs';
import { idNumber } from './id_numbers.mjs';

let server;
let as;
before(async () => {
    server = await startServer({ env: { LINLI_JOB_POLL_MS: '50' } });
    as = signedIn(server);
});
after(() => server?.stop());

const count = async (text, values) => (await asOwner(server, `select count(*)::int as n from ${text}`, values))[0].n;

async function upload(session, text) {
    const id = newId();
    done(await put(session, id, Buffer.isBuffer(text) ? text : Buffer.from(text), { type: 'text/csv', purpose: 'import', name: '导入.csv' }));
    return id;
}

async function settled(session, id, states) {
    await until(async () => states.includes((await session.get(`/imports/${id}`)).body.state), 60, `the import to be ${states}`);
    return done(await session.get(`/imports/${id}`));
}

// check(session, kind, text) → the import after its dry run, with its faults as 'line column code'
async function check(session, kind, text) {
    const made = await session.post(`/imports/${kind}`, { blob_id: await upload(session, text) });
    assert.equal(made.status, 201, made.text);
    const checked = await settled(session, made.body.id, ['checked', 'failed']);
    assert.equal(checked.state, 'checked', JSON.stringify(checked));
    const faults = (await session.all(`/imports/${made.body.id}/faults`)).map((fault) => `${fault.line} ${fault.column ?? '-'} ${fault.code}`);
    return { ...checked, found: faults };
}

async function apply(session, id) {
    done(await session.post(`/imports/${id}/application`));
    return settled(session, id, ['applied', 'failed']);
}

const community = '孝坊社区';

test('people: checked, then applied, with sealed numbers that are found again', async () => {
    const worker = await as('community_worker');
    const home = (await asOwner(server, `select u.name as name, p.name as parent from orgs.unit u join orgs.unit p on p.id = $2 where u.id = $1`, [demoId('building 1.3'), demoId('compound 1')]))[0];
    const number = idNumber('450481', '1990-03-05', 1);
    const text = `\uFEFF姓名,住处,性别,出生日期,身份证号码,电话,门牌地址,居住性质\r\n测导入甲,${home.parent}/${home.name},男,,${number},10012345678,"示例路 1 号, 101 室",业主\r\n\r\n测导入乙,${home.parent}/${home.name},女,1988/7/1,,,,租户\r\n`;
    const checked = await check(worker, 'people', text);
    assert.deepEqual([checked.lines, checked.faults, checked.charset, checked.found], [2, 0, 'UTF-8', []]);
    assert.equal(await count(`people.person where display_name like '测导入%'`), 0, 'a dry run changes nothing');
    const applied = await apply(worker, checked.id);
    assert.equal(applied.state, 'applied', JSON.stringify(applied));
    const [one, two] = done(await worker.get(encodeURI('/people?q=测导入'))).items.sort((a, b) => a.name.localeCompare(b.name, 'zh'));
    assert.deepEqual([one.name, one.birth_year, one.phone, two.name, two.birth_year, two.phone], ['测导入甲', 1990, '100****5678', '测导入乙', 1988, null]);
    assert.match(done(await worker.get(`/people/${one.id}`)).id_number, /^4504\*+/);
    const [row] = await asOwner(server, `select p.sex, v.birth_date::text, r.kind from people.person p join people.person_private v on v.person_id = p.id join people.residence r on r.person_id = p.id where p.id = $1`, [one.id]);
    assert.deepEqual(row, { sex: 'male', birth_date: '1990-03-05', kind: 'owner' });
    const [audited] = await asOwner(server, `select count(*)::int as n, min(operation) as operation from core.audit_record where table_name = 'people.person' and row_key = $1`, [one.id]);
    assert.deepEqual(audited, { n: 1, operation: 'createPersonImport' });
    // The same file again: they exist by now.
    assert.deepEqual((await check(worker, 'people', text)).found, ['2 id_number exists', '4 name exists']);
    refused(await worker.post(`/imports/${checked.id}/application`), 409, 'wrong_state');
});

test('every fault is named, with its line and column, in both languages; nothing is applied', async () => {
    const worker = await as('community_worker');
    const number = idNumber('450481', '1990-03-05', 7);
    const rows = [
        'name,home,sex,birth_date,id_number,phone,address,lives_as',
        ',孝坊社区,,,,,,', // 2 name
        '张三,木棉社区,,,,,,', // 3 not of this worker's
        '张三,没有这里,男人,1990-13-01,123,12a,,房东', // 4
        `李四,孝坊社区,女,1990-03-06,${number},,,`, // 5 disagrees with the number
        `王五,孝坊社区,,,${number},,,`, // 6 the same number again
        `${'长'.repeat(61)},孝坊社区,,2190-01-01,,,,`, // 7
        '赵六,孝坊社区,,,,,,,,x', // 8
        '"钱七"x,孝坊社区,,,,,,', // 9
        '"孙八,孝坊社区,,,,,,', // 10 never closed
    ];
    const checked = await check(worker, 'people', rows.join('\n'));
    assert.deepEqual(checked.found, ['2 name missing', '3 home unit_unknown', '4 birth_date bad_date', '4 home unit_unknown', '4 id_number bad_id_number', '4 lives_as bad_choice', '4 phone bad_phone', '4 sex bad_choice',
        '5 birth_date id_number_inconsistent', '5 sex id_number_inconsistent', '6 id_number repeated', '7 birth_date date_impossible', '7 name too_long', '8 - too_many_cells', '9 - stray_quote', '10 home missing', '10 - open_quote'].sort(byLine));
    assert.equal(checked.faults, checked.found.length);
    refused(await worker.post(`/imports/${checked.id}/application`), 409, 'import_has_faults');
    const [first] = done(await worker.get(`/imports/${checked.id}/faults?limit=1`)).items;
    assert.deepEqual([first.title_zh, first.title_en, first.message_zh, first.message_en], ['姓名', 'Name', '必填', 'Must be filled in']);
    assert.deepEqual((await check(worker, 'people', 'name,nome,name\na,b,c\n')).found, ['1 home column_missing', '1 name column_repeated', '1 nome column_unknown'].sort(byLine));
    assert.deepEqual((await check(worker, 'people', 'name,home\n')).found, ['1 - empty_file']);
});

// As the server sorts: by line, then by column (none last), then by code.
function byLine(a, b) {
    const [[lineA, columnA, codeA], [lineB, columnB, codeB]] = [a.split(' '), b.split(' ')];
    const key = (column) => (column === '-' ? '~' : column);
    return lineA - lineB || (key(columnA) < key(columnB) ? -1 : key(columnA) > key(columnB) ? 1 : 0) || (codeA < codeB ? -1 : 1);
}

test('GB18030 as spreadsheets save it, units in any order, parents by code or by path', async () => {
    const secretary = await as('community_secretary');
    const gb = (text) => Buffer.from([...text].flatMap((letter) => gbBytes[letter] ?? [...Buffer.from(letter)]));
    const text = 'code,kind,name,parent\nb1,building,测一栋,c1\nc1,compound,测小区,孝坊社区\n,building,测二栋,c1\n';
    const checked = await check(secretary, 'units', gb(text));
    assert.deepEqual([checked.charset, checked.lines, checked.found], ['GB18030', 3, []]);
    assert.equal((await apply(secretary, checked.id)).state, 'applied');
    const compound = done(await secretary.get(encodeURI('/units?q=测小区'))).items[0];
    const below = done(await secretary.get(`/units?under=${compound.id}&kind=building`)).items;
    assert.deepEqual(below.map((unit) => unit.name).sort(), ['测一栋', '测二栋'].sort());
    const [{ good }] = await asOwner(server, `select bool_and(u.territory_path = p.territory_path || u.label::text) as good from orgs.unit u join orgs.unit p on p.id = $1 where u.id = any ($2)`, [compound.id, below.map((unit) => unit.id)]);
    assert.equal(good, true, 'their places are right');
    const wrong = await check(secretary, 'units', `code,kind,name,parent,valid_from\nx,building,甲,y,\ny,building,乙,x,\n,宫殿,丙,孝坊社区,\n,楼栋,测一栋,测小区,\n,楼栋,丁,${community},2019-01-01\n,镇,戊,孝坊社区,\n,楼栋,己,木棉社区,\n`);
    assert.deepEqual(wrong.found.filter((fault) => !fault.startsWith('6 ')), ['2 parent parent_below', '3 parent parent_below', '4 kind bad_choice', '5 name exists', '7 parent placement_not_allowed', '8 parent unit_unknown']);
});

// The few letters of that file (GB 2312).
const gbBytes = { 测: [0xb2, 0xe2], 一: [0xd2, 0xbb], 二: [0xb6, 0xfe], 栋: [0xb6, 0xb0], 小: [0xd0, 0xa1], 区: [0xc7, 0xf8], 孝: [0xd0, 0xa2], 坊: [0xb7, 0xbb], 社: [0xc9, 0xe7] };

test('appointments and households find their people by number, or by telephone and name', async () => {
    const secretary = await as('community_secretary');
    const home = (await asOwner(server, 'select name from orgs.unit where id = $1', [demoId('building 1.3')]))[0].name;
    const compound = (await asOwner(server, 'select name from orgs.unit where id = $1', [demoId('compound 1')]))[0].name;
    const [a, b] = [idNumber('450481', '1970-01-01', 3), idNumber('450481', '1972-02-02', 4)];
    const people = await check(secretary, 'people', `name,home,id_number,phone\n户甲,${compound}/${home},${a},10022223333\n户乙,${compound}/${home},${b},10022224444\n户丙,${compound}/${home},,10022225555\n`);
    assert.deepEqual(people.found, []);
    assert.equal((await apply(secretary, people.id)).state, 'applied');
    const terms = await check(secretary, 'appointments', `姓名,身份证号码,电话,单位,职务,任职方式,任职日期\n户甲,${a},,${community},社区工作者,任命,${today()}\n户丙,,10022225555,${community},community_worker,appointed,\n户丁,${b},,${community},社区工作者,任命,\n户丙,,10022229999,${community},没有,任命,\n`);
    assert.deepEqual(terms.found, ['4 name name_differs', '5 phone person_unknown', '5 post post_unknown']);
    const good = await check(secretary, 'appointments', `姓名,身份证号码,电话,单位,职务,任职方式\n户甲,${a},,${community},社区工作者,任命\n户丙,,10022225555,${community},社区工作者,任命\n`);
    assert.deepEqual(good.found, []);
    assert.equal((await apply(secretary, good.id)).state, 'applied');
    assert.equal(await count(`orgs.appointment a join people.person p on p.id = a.person_id where p.display_name in ('户甲', '户丙') and a.post_code = 'community_worker'`), 2);
    const households = `household,home,door,name,id_number,phone,relation\n1,${compound}/${home},9-901,户甲,${a},,户主\n1,${compound}/${home},9-901,户乙,${b},,配偶\n2,${compound}/${home},9-902,户丙,,10022225555,head\n`;
    const joined = await check(secretary, 'households', households);
    assert.deepEqual(joined.found, []);
    assert.equal((await apply(secretary, joined.id)).state, 'applied');
    assert.equal(await count(`people.household_member m join people.household h on h.id = m.household_id join people.dwelling d on d.id = h.dwelling_id where d.door in ('9-901', '9-902')`), 3);
    assert.deepEqual((await check(secretary, 'households', households)).found, ['2 name lives_elsewhere', '3 name lives_elsewhere', '4 name lives_elsewhere']);
    assert.deepEqual((await check(secretary, 'households', `household,home,name,id_number,relation\n1,${compound}/${home},户甲,${a},spouse\n1,${community},户乙,${b},aunt\n`)).found,
        ['2 name lives_elsewhere', '2 relation head_missing', '3 household household_differs', '3 name lives_elsewhere', '3 relation bad_choice']);
});

test('what has changed since the dry run stops all of it', async () => {
    const secretary = await as('community_secretary');
    const number = idNumber('450481', '1961-01-01', 5);
    const text = `name,home,id_number\n先到,孝坊社区,\n后到,孝坊社区,${number}\n`;
    const [first, second] = [await check(secretary, 'people', text), await check(secretary, 'people', text.replace('先到', '另一个'))];
    assert.deepEqual([...first.found, ...second.found], []);
    assert.equal((await apply(secretary, first.id)).state, 'applied');
    const late = await apply(secretary, second.id);
    assert.deepEqual([late.state, late.failure.problem], ['failed', 'import_has_faults']);
    assert.equal(await count(`people.person where display_name = '另一个'`), 0);
});

test('an import is its requester\'s, reaches no further than their grants, and needs a whole file', async () => {
    const worker = await as('community_worker');
    const checked = await check(worker, 'people', 'name,home\n甲乙,孝坊社区\n');
    for (const login of ['community_secretary', 'administrator', 'community_worker_b']) {
        const other = await as(login);
        refused(await other.get(`/imports/${checked.id}`), 404, 'not_found');
        refused(await other.post(`/imports/${checked.id}/application`), 404, 'not_found');
        assert.deepEqual(done(await other.get(`/imports/${checked.id}/faults`)).items, []);
    }
    assert.ok(done(await worker.get('/imports')).items.some((item) => item.id === checked.id));
    refused(await worker.post('/imports/units', { blob_id: nowhere }), 403, 'forbidden');
    refused(await worker.post('/imports/people', { blob_id: nowhere }), 404, 'not_found');
    const part = newId();
    done(await put(worker, part, Buffer.alloc(65_536, 'a'), { type: 'text/csv', purpose: 'import', range: 'bytes 0-65535/100000' }));
    refused(await worker.post('/imports/people', { blob_id: part }), 409, 'blob_incomplete');
    const administrator = await as('administrator');
    const half = newId();
    done(await put(administrator, half, Buffer.alloc(65_536, 'a'), { type: 'text/csv', purpose: 'import', range: 'bytes 0-65535/100000' }));
    for (const kind of ['units', 'appointments', 'households']) refused(await administrator.post(`/imports/${kind}`, { blob_id: half }), 409, 'blob_incomplete');
    const foreign = await upload(await as('community_worker_b'), 'name,home\n甲,木棉社区\n');
    refused(await worker.post('/imports/people', { blob_id: foreign }), 404, 'not_found');
    const id = newId();
    const blob = await upload(worker, 'name,home\n甲,孝坊社区\n');
    assert.equal((await worker.post('/imports/people', { id, blob_id: blob })).status, 201);
    refused(await worker.post('/imports/people', { id, blob_id: blob }), 409, 'id_taken');
    assert.ok(done(await worker.get('/import-columns?kind=people')).items.some((column) => column.name === 'id_number' && column.form === 'id_number'));
    assert.equal((await as('town_officer').then((session) => check(session, 'people', 'name,home\n甲乙,木棉社区\n'))).faults, 0);
});
