// Exports: every list as CSV and as JSON lines, whole, from the same query, within the same rights, recorded, and harmless.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { spawnSync } from 'node:child_process';
import test, { after, before } from 'node:test';
import { startServer, until } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { done, refused, signedIn } from '../story.mjs';

let server;
let as;
before(async () => {
    server = await startServer();
    as = signedIn(server);
});
after(() => server?.stop());

const taken = (session, path, type, language = 'zh') => session.get(path, { headers: { Accept: type, 'Accept-Language': language } });
const exported = (operation) => asOwner(server, 'select * from core.export where operation = $1 order by begun_at desc, id desc', [operation]);

// CSV as a spreadsheet reads it.
function parse(text) {
    assert.equal(text.charCodeAt(0), 0xfeff, 'the mark of UTF-8');
    const rows = [[]];
    for (const [, quoted, plain, end] of text.slice(1).matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n|$)/g)) {
        rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
        if (end === '\r\n') rows.push([]);
    }
    return rows.filter((row) => row.length > 1 || row[0]);
}

test('JSON lines are the items of all pages', async () => {
    const officer = await as('town_officer');
    const reply = await taken(officer, '/people', 'application/jsonl');
    assert.equal(reply.status, 200, reply.text);
    assert.match(reply.headers['content-disposition'], /^attachment; filename="listPeople-\d{4}-\d\d-\d\d\.jsonl"$/);
    const lines = reply.text.trim().split('\n').map((line) => JSON.parse(line));
    assert.ok(lines.length > 1000, `only ${lines.length}`);
    assert.deepEqual(lines, await officer.all('/people'));
});

test('CSV has headings in the asked language, masked fields, and no formula', async () => {
    const secretary = await as('community_secretary');
    const [{ id }] = done(await secretary.get(encodeURI('/units?kind=community&q=孝坊'))).items;
    const names = ['=1+2', '+86', '-5', '@x', '＝引', 'a,"b"\nc', '\t=1'];
    for (const name of names) assert.equal((await secretary.post('/units', { kind: 'compound', name, territory_parent_id: id })).status, 201);
    const reply = await taken(secretary, `/units?under=${id}&kind=compound`, 'text/csv');
    assert.equal(reply.status, 200, reply.text);
    assert.match(reply.headers['content-type'], /^text\/csv; charset=utf-8/);
    const [heading, ...rows] = parse(reply.text);
    const column = heading.indexOf('名称');
    assert.ok(column >= 0 && heading.includes('类别'), heading.join());
    const shown = rows.map((row) => row[column]);
    for (const name of names) assert.ok(shown.includes(/^[=+\-@＝\t]/.test(name) ? `'${name}` : name), `${name} in ${shown.join('|')}`);
    const [english] = parse((await taken(secretary, '/people', 'text/csv', 'en')).text);
    assert.ok(english.includes('Name') && english.includes('Unit name'), english.join());
    const people = parse((await taken(secretary, '/people', 'text/csv')).text);
    assert.equal(people.length - 1, (await secretary.all('/people')).length, 'their community and no more');
    const phones = people.slice(1).map((row) => row[people[0].indexOf('电话')]).filter(Boolean);
    assert.ok(phones.length > 100 && phones.every((phone) => /^100\*+\d+$/.test(phone)));
});

test('an export is recorded: who, what, with which filters, how many rows', async () => {
    const officer = await as('town_officer');
    const reply = await taken(officer, encodeURI('/people?q=覃'), 'text/csv');
    await until(async () => (await exported('listPeople'))[0]?.ended_at, 10, 'the record');
    const [record] = await exported('listPeople');
    assert.deepEqual([record.media_type, decodeURI(record.filters), Number(record.rows), record.whole], ['text/csv', 'q=覃', parse(reply.text).length - 1, true]);
    const [{ actions }] = await asOwner(server, `select array_agg(action order by id) as actions from core.audit_record where table_name = 'core.export' and row_key = $1 and person_id = $2`, [record.id, record.person_id]);
    assert.deepEqual(actions, ['insert', 'update']);
});

test('a reader that goes away leaves no transaction behind, and a record that says so', async () => {
    const administrator = await as('administrator');
    const before = (await exported('listPeople')).length;
    const options = { host: '127.0.0.1', port: server.port, path: '/api/v1/people', headers: { Authorization: `Bearer ${administrator.token}`, Accept: 'application/jsonl' } };
    await new Promise((resolve, reject) => {
        const request = httpRequest(options, (reply) => reply.once('data', async () => {
            reply.pause();
            const [{ n }] = await asOwner(server, `select count(*)::int as n from pg_stat_activity where usename = 'linli_app' and datname = current_database() and state like 'idle in transaction%'`);
            assert.equal(n, 0);
            request.destroy();
            resolve();
        }));
        request.on('error', reject);
        request.end();
    });
    await until(async () => (await exported('listPeople')).length > before && (await exported('listPeople'))[0].ended_at, 20, 'the record');
    const [record] = await exported('listPeople');
    const [{ n }] = await asOwner(server, 'select count(*)::int as n from people.person');
    assert.ok(Number(record.rows) <= n && Number(record.rows) > 0, `${record.rows} of ${n}`);
});

test('what cannot be given, or may not, is a problem as ever; other replies have no other form', async () => {
    const resident = await as('resident');
    refused(await taken(resident, '/people', 'text/csv'), 403, 'forbidden');
    refused(await taken(resident, '/units?kind=nothing', 'text/csv'), 422, 'invalid_input');
    refused(await taken(resident, '/units', 'application/pdf'), 406, 'not_acceptable');
    refused(await taken(resident, '/me', 'text/csv'), 406, 'not_acceptable');
    const both = await taken(resident, '/units?limit=1', 'text/csv;q=0.5, application/json');
    assert.equal(both.body.items.length, 1);
    assert.deepEqual(parse((await taken(resident, encodeURI('/units?q=绝无此名'), 'text/csv')).text).length, 1, 'an empty list is a heading');
});

const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

// A workbook as another program reads it: the archive proved, each cell as [kind, text].
function readWorkbook(bytes) {
    const script = `
import io, json, sys, zipfile
from xml.etree import ElementTree
book = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
assert book.testzip() is None
for name in book.namelist():
    ElementTree.fromstring(book.read(name))
space = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
sheet = ElementTree.fromstring(book.read('xl/worksheets/sheet1.xml'))
assert sheet.find('.//' + space + 'f') is None, 'a formula'
def cell(one):
    text = one.find('.//' + space + 't')
    value = one.find(space + 'v')
    return None if text is None and value is None else ['text', text.text or ''] if text is not None else [one.get('t') or 'number', value.text]
print(json.dumps([[cell(one) for one in row] for row in sheet.iter(space + 'row')]))
`;
    const read = spawnSync('python3', ['-c', script], { input: bytes, maxBuffer: 1 << 28 });
    assert.equal(read.status, 0, String(read.stderr));
    return JSON.parse(String(read.stdout));
}

async function workbook(session, path, language = 'zh') {
    const reply = await fetch(`${server.url}/api/v1${path}`, { headers: { Authorization: `Bearer ${session.token}`, Accept: xlsx, 'Accept-Language': language } });
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.get('content-type'), xlsx);
    assert.match(reply.headers.get('content-disposition'), /^attachment; filename="\w+-\d{4}-\d\d-\d\d\.xlsx"$/);
    return readWorkbook(Buffer.from(await reply.arrayBuffer()));
}

test('XLSX holds the same rows as CSV: days and numbers as such, all else as text, no formula', async () => {
    const secretary = await as('community_secretary');
    const [{ id }] = done(await secretary.get(encodeURI('/units?kind=community&q=孝坊'))).items;
    const names = ['=HYPERLINK("x")', '@y', '<b>&"\'', '_x0041_'];
    for (const name of names) assert.equal((await secretary.post('/units', { kind: 'compound', name, territory_parent_id: id })).status, 201);
    const [heading, ...rows] = await workbook(secretary, `/units?under=${id}&kind=compound`);
    const column = heading.findIndex((cell) => cell[1] === '名称');
    const shown = rows.map((row) => row[column]);
    // What a spreadsheet would take for an escape is escaped once more.
    for (const name of names) assert.ok(shown.some(([kind, text]) => kind === 'text' && text === name.replace('_x0041_', '_x005F_x0041_')), `${name} in ${JSON.stringify(shown)}`);
    const [people, csv] = [await workbook(secretary, '/people', 'en'), parse((await taken(secretary, '/people', 'text/csv', 'en')).text)];
    assert.deepEqual(people[0].map((cell) => cell[1]), csv[0]);
    assert.equal(people.length, csv.length);
    const phone = csv[0].indexOf('Phone');
    assert.ok(people.slice(1).every((row, index) => (row[phone]?.[1] ?? '') === csv[index + 1][phone] && row[phone]?.[0] !== 'number'));
    const terms = await workbook(secretary, '/appointments', 'en');
    const from = terms[0].findIndex((cell) => cell[1] === 'Valid from');
    const days = parse((await taken(secretary, '/appointments', 'text/csv', 'en')).text).slice(1).map((row) => row[from]);
    assert.ok(days.length > 10);
    assert.deepEqual(terms.slice(1).map((row) => new Date((Number(row[from][1]) - 25_569) * 86_400_000).toISOString().slice(0, 10)), days);
});

test('an XLSX export of many pages is whole and recorded', async () => {
    const officer = await as('town_officer');
    const rows = await workbook(officer, '/people');
    assert.ok(rows.length > 1000, `only ${rows.length}`);
    assert.equal(rows.length - 1, (await officer.all('/people')).length);
    await until(async () => (await exported('listPeople'))[0]?.ended_at, 10, 'the record');
    const [record] = await exported('listPeople');
    assert.deepEqual([record.media_type, Number(record.rows), record.whole], [xlsx, rows.length - 1, true]);
});
