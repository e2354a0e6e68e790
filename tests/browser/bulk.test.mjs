// Many at once: a file with a fault is mended and written, an upload survives a lost connection and a reload, what is on
// screen is exported.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { assertAccessible } from '../lib/browser.mjs';
import { asOwner } from '../lib/sql.mjs';
import { stage } from './stage.mjs';
import { visit, wayName, ways } from './visitor.mjs';

const folder = mkdtempSync(join(tmpdir(), 'linli-bulk-'));
after(() => rmSync(folder, { recursive: true }));

function fileOf(name, text) {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
}

const unitsFile = (name, lines) => fileOf(name, `\uFEFF编号,类别,名称,上级单位\r\n${lines.join('\r\n')}\r\n`);

async function upload(visitor, path) {
    await visitor.page.locator('input[type=file]').setInputFiles(path);
}

async function chooseUnits(visitor) {
    await visitor.home('/desk/imports');
    await visitor.choose(visitor.t('imports.kind_units'));
}

async function saved(visitor, doing) {
    const [download] = await Promise.all([visitor.page.waitForEvent('download'), doing()]);
    return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
}

async function importWithFault(secretary, key) {
    const { page } = secretary;
    const good = `c${key},小区,导入小区${key},孝坊社区`;
    await chooseUnits(secretary);
    const template = await saved(secretary, () => secretary.tap('button', secretary.t('imports.template')));
    assert.match(template.text, secretary.language === 'zh' ? /编号,类别,名称/ : /Kind,Name/);
    await upload(secretary, unitsFile(`${key}.csv`, [good, `,宫殿,导入楼${key},c${key}`]));
    await secretary.sees(secretary.t('imports.faults_n', { n: 1 }, 1));
    const row = page.getByRole('row').filter({ hasText: '3' }).first();
    await row.waitFor();
    await assertAccessible(page, 'an import with a fault');
    await chooseUnits(secretary);
    await upload(secretary, unitsFile(`${key}.csv`, [good, `,楼栋,导入楼${key},c${key}`]));
    await secretary.sees(secretary.t('imports.ready'));
    await secretary.tap('button', secretary.t('imports.write'));
    await secretary.tap('button', secretary.t('imports.write'), { inside: secretary.dialog(secretary.t('imports.write')) });
    await secretary.sees(secretary.t('imports.see_them'), { seconds: 30 });
    await assertAccessible(page, 'an import that was written');
}

// The second part never arrives; the page is loaded anew; the same file goes on behind the first part.
async function resume(secretary) {
    const { page } = secretary;
    const lines = Array.from({ length: 12_000 }, (_, index) => `,楼栋,很长很长的名字${index},没有这个小区没有这个小区`);
    const path = unitsFile('large.csv', lines);
    await chooseUnits(secretary);
    const ranges = [];
    const isLater = (request) => !request.headers()['content-range']?.startsWith('bytes 0-');
    await page.route('**/api/v1/blobs/*?*', (route) => (isLater(route.request()) ? route.abort('connectionfailed') : route.continue()));
    await upload(secretary, path);
    await secretary.sees(secretary.t('imports.waiting'));
    await page.unrouteAll({ behavior: 'wait' });
    await page.reload();
    await secretary.sees(/large\.csv/);
    await assertAccessible(page, 'an upload that was broken off');
    page.on('request', (request) => request.method() === 'PUT' && ranges.push(request.headers()['content-range']));
    await upload(secretary, path);
    await page.waitForURL(/imports\/.+/);
    assert.match(ranges[0], /^bytes 524288-/);
    await secretary.sees(secretary.t('imports.faults'), { seconds: 30 });
}

async function exportAppointments(secretary) {
    const { page } = secretary;
    await secretary.home('/desk/appointments?post=community_worker');
    const table = page.getByRole('table', { name: secretary.t('desk.appointments') });
    await table.waitFor();
    const shown = await table.locator('tbody tr').count();
    await secretary.tap('button', secretary.t('export.export'));
    const dialog = secretary.dialog(secretary.t('export.title', { what: secretary.t('desk.appointments') }));
    await assertAccessible(page, 'the export of a list');
    await secretary.choose(secretary.t('export.form_csv'), { inside: dialog });
    const file = await saved(secretary, () => secretary.tap('button', secretary.t('export.export'), { inside: dialog }));
    assert.match(file.name, /孝坊社区-\d{4}-\d\d-\d\d\.csv$/);
    const rows = file.text.trim().split('\r\n').slice(1);
    assert.equal(rows.length, shown);
    assert.ok(rows.length > 0 && rows.every((row) => row.includes('community_worker')), file.text.slice(0, 300));
    await secretary.sees(/\.csv/, { inside: dialog });
}

// A view keeps filter and order, is shared as an address, and is given up again.
async function keepView(secretary, name) {
    const { page } = secretary;
    await secretary.home('/desk/heads?kind=building_head&sort=-from');
    await page.getByRole('table', { name: secretary.t('head.title') }).waitFor();
    const title = secretary.t('views.title', { what: secretary.t('head.title') });
    await secretary.tap('button', secretary.t('views.views'));
    await secretary.type(secretary.t('views.name'), name, { inside: secretary.dialog(title) });
    await secretary.tap('button', secretary.t('views.keep'), { inside: secretary.dialog(title) });
    await secretary.sees(secretary.t('views.current', { name }));
    await assertAccessible(page, 'the views of a list');
    await secretary.home('/desk/heads');
    await secretary.tap('button', secretary.t('views.views'));
    await secretary.tap('button', name, { inside: secretary.dialog(title) });
    await page.waitForURL((url) => url.searchParams.get('kind') === 'building_head' && url.searchParams.get('sort') === '-from');
    await secretary.tap('button', secretary.t('views.current', { name }));
    await secretary.tap('button', secretary.t('views.delete_of', { name }), { inside: secretary.dialog(title) });
    await secretary.sees(secretary.t('views.none'));
}

// Two terms end in one go, each with its own answer.
async function endTwo(secretary, server, key) {
    const endingToday = async () => (await asOwner(server, `select count(*)::int as n from groups.head where upper(valid) = core.today() + 1`))[0].n;
    const { page } = secretary;
    await secretary.home('/desk/heads?kind=building_head');
    const boxes = page.getByRole('table', { name: secretary.t('head.title') }).locator('tbody input[type=checkbox]');
    await boxes.first().waitFor();
    const before = await endingToday();
    for (const at of [2 * key, 2 * key + 1]) await secretary.tapOn(boxes.nth(at));
    await secretary.sees(secretary.t('bulk.chosen', { n: 2 }, 2));
    await secretary.tap('button', secretary.t('bulk.end_terms'));
    const dialog = secretary.dialog(secretary.t('bulk.end_terms'));
    await assertAccessible(page, 'a deed for many rows');
    const ended = [];
    page.on('request', (request) => /heads\/[^/]+\/end$/.test(request.url()) && ended.push(request.headers()['idempotency-key']));
    await secretary.tap('button', secretary.t('orgs.end'), { inside: dialog });
    await secretary.sees(secretary.t('bulk.all_done', { n: 2 }, 2), { inside: dialog });
    assert.equal(new Set(ended).size, 2, 'a key of its own for each row');
    await secretary.tap('button', secretary.t('bulk.close'), { inside: dialog });
    await secretary.dialogGone();
    assert.equal(await endingToday(), before + 2);
}

describe('many at once', () => {
    const place = stage();

    for (const [index, way] of ways.entries()) {
        test(`a file is checked, mended, written; a list is taken out (${wayName(way)})`, async () => {
            const secretary = await visit(place, { ...way, user: 'community_secretary' });
            await importWithFault(secretary, index + 1);
            await exportAppointments(secretary);
            await keepView(secretary, `甲${index}`);
            await endTwo(secretary, place.server, index);
            await secretary.leave();
        });
    }

    test('an upload survives a lost connection and a reload', async () => {
        const secretary = await visit(place, { ...ways[1], user: 'community_secretary' });
        await resume(secretary);
        await secretary.leave([/ERR_CONNECTION_FAILED/]);
    });
});
