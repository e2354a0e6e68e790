// An auditor opens nothing without a mandate; within it: figures to their rows, samples that can be drawn again, the chain.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test, { after, before } from 'node:test';
import { startServer, until } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { asIntruder, demoId, done, nowhere, person, refused, signedIn, today } from '../story.mjs';

let server;
let as;
let auditor;
let officer;
before(async () => {
    server = await startServer();
    as = signedIn(server);
    [auditor, officer] = [await as('auditor'), await as('city_officer')];
});
after(() => server?.stop());

test('a mandate opens, ends at once, and every question within it is on record', async () => {
    const [mandate] = done(await auditor.get('/audit-mandates')).items;
    assert.deepEqual([mandate.id, mandate.in_force], [demoId('mandate'), true]);
    assert.equal((await auditor.get('/audit/figures')).status, 200);
    refused(await (await as('town_officer')).post(`/audit-mandates/${mandate.id}/end`), 403, 'forbidden');
    const ended = done(await officer.post(`/audit-mandates/${mandate.id}/end`));
    assert.equal(ended.valid_to, today(-1));
    await until(async () => (await auditor.get('/audit/figures')).status === 403, 5, 'the mandate to be over');
    refused(await auditor.get('/audit-mandates'), 403, 'forbidden');
    assert.deepEqual(done(await auditor.get(`/accounts?person=${person('resident')}`)).items, []);
    refused(await officer.post(`/audit-mandates/${mandate.id}/end`), 409, 'wrong_state');
    refused(await officer.post(`/audit-mandates/${nowhere}/end`), 404, 'not_found');

    const give = (body) => officer.post('/audit-mandates', { auditor_id: person('auditor'), unit_id: demoId('community 1'), purpose: '积分抽查', document_ref: '虚构文件 2 号', valid_to: today(30), ...body });
    refused(await give({ auditor_id: person('community_worker') }), 409, 'not_an_auditor', '/auditor_id');
    refused(await give({ auditor_id: person('city_officer') }), 409, 'not_for_oneself', '/auditor_id');
    refused(await give({ valid_to: today(-1) }), 409, 'day_in_past', '/valid_to');
    refused(await give({ valid_to: today(400) }), 409, 'too_long', '/valid_to');
    refused(await give({ unit_id: nowhere }), 404, 'not_found', '/unit_id');
    // a mandate for a community does not open an auditor's grant over the city
    done(await give({}), 201);
    refused(await give({}), 409, 'mandate_already');
    refused(await auditor.get('/audit/figures'), 403, 'forbidden');
    await asOwner(server, "update access.grant set unit_id = $1 where person_id = $2 and role = 'auditor'", [demoId('community 1'), person('auditor')]);
    await until(async () => (await auditor.get('/audit/figures')).status === 200, 5, 'the grant to fit the mandate');
    assert.equal(done(await auditor.get('/audit/figures')).items[0].unit.name, '孝坊社区');
    refused(await auditor.get(`/audit/figures?unit=${demoId('city')}`), 404, 'not_found');
    await asOwner(server, "update access.grant set unit_id = $1 where person_id = $2 and role = 'auditor'", [demoId('city'), person('auditor')]);
    done(await give({ unit_id: demoId('city'), purpose: '年度审计' }), 201);
    await until(async () => (await auditor.get('/audit/figures')).status === 200, 5, 'the city to open');
    const asked = await asOwner(server, 'select operation, question, mandate_id is not null as mandated from access.audit_view where auditor_id = $1 order by no desc limit 1', [person('auditor')]);
    assert.deepEqual([asked[0].operation, asked[0].question.unit, asked[0].mandated], ['listAuditFigures', demoId('city'), true]);
});

test('every figure has its definition, and its rows come to it', async () => {
    const figures = done(await auditor.get('/audit/figures')).items;
    assert.ok(figures.every((figure) => figure.agrees && figure.definition_zh.length > 5 && figure.definition_en.length > 5), JSON.stringify(figures.filter((figure) => !figure.agrees)));
    const shown = Object.fromEntries(figures.map((figure) => [figure.code, figure.shown]));
    assert.deepEqual([shown.communities, shown.branches, shown.heads, shown.central_households], [19, 107, 683, 3912]);
    const one = done(await auditor.get(`/audit/figures?unit=${demoId('community 1')}`)).items.find((figure) => figure.code === 'heads');
    const rows = await auditor.all(`/audit/figures/heads/rows?unit=${demoId('community 1')}`, 15);
    assert.equal(rows.length, one.counted);
    assert.ok(rows.every((row) => row.person_id && !JSON.stringify(row).includes('李')));
    refused(await auditor.get('/audit/figures/no_such_figure/rows'), 404, 'not_found');
    // as of a day: eleven communities on the eve
    assert.equal(done(await auditor.get('/audit/figures?as_of=2022-06-30')).items.find((figure) => figure.code === 'communities').counted, 11);
    refused(await (await as('administrator')).get('/audit/figures'), 403, 'forbidden');
    // negative control: a count of its own that comes to something else says so
    const [{ body }] = await asOwner(server, "select pg_get_functiondef('access.rows_of(text, uuid, date)'::regprocedure) as body");
    await asOwner(server, body.replace("where figure = 'heads'", "where figure = 'no heads'"));
    const heads = done(await auditor.get('/audit/figures')).items.find((figure) => figure.code === 'heads');
    assert.deepEqual([heads.counted, heads.shown, heads.agrees], [0, 683, false]);
    await asOwner(server, body);
});

test('a sample can be drawn again by anybody who has the rows', async () => {
    const draw = (kind, seed, n = 20, more = '') => auditor.get(`/audit/samples?kind=${kind}&seed=${encodeURIComponent(seed)}&n=${n}${more}`);
    const first = done(await draw('transfer', '2026 第一次'));
    const again = done(await draw('transfer', '2026 第一次'));
    assert.deepEqual(first.items, again.items);
    assert.notDeepEqual(first.items, done(await draw('transfer', '2026 第二次')).items);
    // outside, with nothing but the ids
    const ids = (await asOwner(server, 'select t.id from points.transfer t')).map((row) => row.id);
    const digest = (id) => createHash('sha256').update(`2026 第一次 ${id}`).digest('hex');
    const drawn = ids.map((id) => [digest(id), id]).sort((a, b) => (a[0] < b[0] ? -1 : 1)).slice(0, 20);
    assert.equal(first.population, ids.length);
    assert.deepEqual(first.items.map((item) => [item.draw, item.id]), drawn);
    assert.deepEqual(done(await draw('transfer', '2026 第一次', 5)).items, first.items.slice(0, 5));
    for (const kind of ['service_record', 'redemption', 'grant', 'appointment', 'head', 'reveal', 'data_request']) {
        const sample = done(await draw(kind, 'x', 3, `&unit=${demoId('community 1')}`));
        assert.ok(sample.items.length === Math.min(3, sample.population), kind);
    }
    assert.equal((await draw('person', 'x')).status, 422);
    refused(await draw('head', 'x', 3, `&unit=${nowhere}`), 404, 'not_found');
});

test('the chain is recomputed over HTTP, and a changed row is named', async () => {
    const verify = async (after, most) => done(await auditor.get(`/audit/verification?after=${after}&most=${most}`));
    const first = await verify(0, 500);
    assert.deepEqual([first.from_no, first.to_no, first.checked, first.wrong_count, first.complete], [1, 500, 500, 0, false]);
    const [{ id }] = await asOwner(server, "select source_id as id from core.seal where seal_no = 250 and stream = 'audit'");
    await asIntruder(server, `update core.audit_record set operation = 'forged' where id = ${id}`);
    const second = await verify(200, 100);
    assert.deepEqual(second.wrong, [{ seal_no: 250, what: 'row_changed' }]);
    await asIntruder(server, `update core.audit_record set operation = 'linli seed' where id = ${id}; delete from core.seal where seal_no = 260`);
    const third = await verify(200, 100);
    assert.deepEqual(third.wrong.map((finding) => [finding.seal_no, finding.what]), [[261, 'missing_before']]);
    refused(await (await as('administrator')).get('/audit/verification'), 403, 'forbidden');
});
