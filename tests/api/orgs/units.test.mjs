// The organization as of any day: browsed, searched, climbed on both ladders, founded and renamed.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { newKey } from '../../lib/client.mjs';
import { startServer } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { addDays, demoId, done, nowhere, refused, signedIn, today } from '../story.mjs';

let server;
let as;
let resident;
before(async () => {
    server = await startServer();
    as = signedIn(server);
    resident = await as('resident');
});
after(() => server?.stop());

const city = demoId('city');
const xiaofang = demoId('community 1');
const eve = '2022-06-30';
const reorganized = '2022-07-01';
const find = async (query) => done(await resident.get(encodeURI(`/units?${query}`))).items;
const names = (items) => items.map((item) => item.name);

test('eleven communities became nineteen, and nobody was lost', async () => {
    for (const [day, communities, population] of [['2017-08-01', 11, 120_200], [eve, 11, 205_600], [reorganized, 19, 205_600], [today(), 19, 205_600]]) {
        assert.equal((await find(`kind=community&as_of=${day}`)).length, communities, day);
        const unit = done(await resident.get(`/units/${city}?as_of=${day}`));
        assert.equal(unit.as_of, day);
        assert.equal(unit.counts.communities, communities, day);
        assert.equal(unit.counts.population, population, day);
    }
    const now = done(await resident.get(`/units/${city}`)).counts;
    assert.deepEqual([now.branches, now.heads, now.agencies, now.social_organizations], [107, 683, 97, 69]);
    assert.ok(now.central_households >= 3900 && now.residents >= 6000);
    assert.equal(done(await resident.get(`/units/${city}?as_of=2016-01-01`)).counts.population, null);
    assert.equal((await resident.get(`/units/${city}?as_of=2009-12-31`)).status, 404);
});

test('a community that ended is there on its last day and not on the next', async () => {
    const old = demoId('old 城东');
    const unit = done(await resident.get(`/units/${old}?as_of=${eve}`));
    assert.deepEqual([unit.name, unit.valid_to], ['城东社区', eve]);
    assert.deepEqual(names(unit.territory), ['岑溪市', '岑城镇']);
    assert.equal((await resident.get(`/units/${old}?as_of=${reorganized}`)).status, 404);
    assert.equal((await resident.get(`/units/${xiaofang}?as_of=${eve}`)).status, 404);
    const compound = demoId('compound 1');
    for (const [day, name] of [[eve, '城东社区'], [reorganized, '孝坊社区']]) {
        assert.equal(done(await resident.get(`/units/${compound}?as_of=${day}`)).territory.at(-1).name, name);
    }
});

test('both ladders come level by level, page by page, each parent before its children', async () => {
    for (const [root, ladder, wanted] of [[city, 'territory', 19], ['city committee', 'leadership', 107]]) {
        const path = `/units/${root === city ? city : demoId(root)}/tree?ladder=${ladder}&depth=8`;
        const rows = await resident.all(path, ladder === 'territory' ? 200 : 37);
        const depths = new Map();
        for (const row of rows) {
            assert.ok(!depths.has(row.id), `${row.name} comes twice`);
            if (row.depth > 0) assert.equal(depths.get(row.parent_id), row.depth - 1, `${row.name} before its parent`);
            depths.set(row.id, row.depth);
        }
        assert.equal(rows[0].depth, 0);
        assert.equal(rows.filter((row) => row.kind === (ladder === 'territory' ? 'community' : 'branch')).length, wanted);
        const [{ n }] = await asOwner(server, `select count(*)::int as n from orgs.units_below($1, $2, core.today())`, [rows[0].id, ladder]);
        assert.equal(rows.length, n);
    }
    const before = done(await resident.get(`/units/${city}/tree?depth=2&as_of=${eve}&limit=200`)).items;
    assert.equal(before.filter((row) => row.kind === 'community').length, 11);
    assert.deepEqual(done(await resident.get(`/units/${city}/tree?as_of=2000-01-01`)).items, []);
});

test('two Chinese characters find what bore them on that day', async () => {
    const now = await find('q=孝坊');
    for (const name of ['孝坊社区', '孝坊社区党委', '孝坊社区人民调解委员会']) assert.ok(names(now).includes(name), name);
    assert.ok((await find('q=孝坊&as_of=2020-01-01')).every((item) => item.kind === 'lane'));
    assert.deepEqual(names(await find('q=城东&as_of=2020-01-01')), ['城东社区']);
    assert.deepEqual(await find('q=城东'), []);
    assert.deepEqual(names(await find('q=孝坊&kind=community')), ['孝坊社区']);
    const below = await find(`kind=branch&under=${demoId('party 1')}&ladder=leadership`);
    assert.equal(below.length, 6);
    assert.ok(below.every((item) => item.parent.name === '孝坊社区党委'));
    assert.deepEqual(await find('q=%_'), []);
});

test('the link to the next page walks a list without gap or repeat', async () => {
    const all = await resident.all('/units?kind=compound');
    const seen = [];
    let target = '/api/v1/units?kind=compound&limit=11';
    while (target) {
        const page = await resident.request('GET', target);
        seen.push(...done(page).items.map((item) => item.id));
        target = /^<([^>]+)>; rel="next"$/.exec(page.headers.link ?? '')?.[1];
        assert.equal(Boolean(target), page.body.next_cursor !== null);
    }
    assert.deepEqual(seen, all.map((item) => item.id));
    assert.equal(seen.length, 107);
    refused(await resident.get('/units?cursor=bm90LW91cnM'), 422, 'invalid_input');
});

test('the history tells who went on as whom, latest first', async () => {
    const history = await resident.all(`/units/${xiaofang}/history`, 3);
    assert.equal(new Set(history.map((event) => JSON.stringify(event))).size, history.length);
    const days = history.map((event) => event.on_day);
    assert.deepEqual(days, days.toSorted().reverse());
    const origin = history.find((event) => event.what === 'succeeded_from');
    assert.deepEqual([origin.unit.name, origin.on_day], ['城东社区', reorganized]);
    assert.ok(history.some((event) => event.what === 'founded' && event.document_ref));
    assert.ok(history.some((event) => event.what === 'took_post' && event.person.name === '韦丽萍' && event.post.code === 'committee_director'));
    const old = await resident.all(`/units/${demoId('old 城东')}/history`);
    assert.deepEqual(old.filter((event) => event.what === 'succeeded_by').map((event) => event.unit.name).toSorted(), ['孝坊社区', '木棉社区', '榕荫社区'].toSorted());
    assert.ok(old.some((event) => event.what === 'left_post' && event.on_day === reorganized));
});

test('a unit is founded where its kind may stand, once, within the founder\'s reach', async () => {
    const secretary = await as('community_secretary');
    const request = { kind: 'compound', name: '桂雨新居', territory_parent_id: xiaofang, contact_phone: '1007 200 099', valid_from: today(), document_ref: '虚构文件' };
    const key = newKey();
    const made = await secretary.post('/units', request, { headers: { 'Idempotency-Key': key } });
    const unit = done(made, 201);
    assert.deepEqual([unit.short_name, unit.version, unit.territory.map((one) => one.name)], ['桂雨新居', 1, ['岑溪市', '岑城镇', '孝坊社区']]);
    assert.match(made.headers.etag, /^"\d+"$/);
    assert.equal((await secretary.post('/units', request, { headers: { 'Idempotency-Key': key } })).text, made.text);
    assert.equal(done(await secretary.request('GET', made.headers.location)).id, unit.id);
    assert.deepEqual(names(await find('q=桂雨')), ['桂雨新居']);
    assert.deepEqual(await find(`q=桂雨&as_of=${today(-1)}`), []);

    const later = done(await secretary.post('/units', { kind: 'building', name: '1 栋', territory_parent_id: unit.id, valid_from: today(30) }), 201);
    assert.equal((await resident.get(`/units/${later.id}`)).status, 404);
    assert.equal(done(await resident.get(`/units/${later.id}?as_of=${today(30)}`)).name, '1 栋');

    const post = (more) => secretary.post('/units', { ...request, ...more });
    refused(await post({ kind: 'town' }), 409, 'placement_not_allowed', '/territory_parent_id');
    refused(await post({ territory_parent_id: unit.id }), 409, 'placement_not_allowed', '/territory_parent_id');
    refused(await post({ leadership_parent_id: xiaofang }), 409, 'placement_not_allowed', '/leadership_parent_id');
    refused(await post({ kind: 'branch', name: '新支部' }), 409, 'placement_not_allowed', '/leadership_parent_id');
    refused(await post({ valid_from: eve }), 409, 'parent_not_there', '/territory_parent_id');
    refused(await post({ id: unit.id }), 409, 'id_taken');
    refused(await post({ territory_parent_id: demoId('community 2') }), 404, 'not_found', '/territory_parent_id');
    refused(await post({ territory_parent_id: nowhere }), 404, 'not_found', '/territory_parent_id');
    refused(await resident.post('/units', request), 403, 'forbidden');
    assert.equal((await find('q=桂雨')).length, 1);
});

test('a new name holds from its day, for whoever has read the latest version', async () => {
    const officer = await as('town_officer');
    const path = `/units/${demoId('community 3')}`;
    const read = await officer.get(path);
    const patch = (body, tag = read.headers.etag, query = '') => officer.patch(path + query, body, { headers: { 'If-Match': tag } });
    refused(await officer.patch(path, { name: '榕树社区' }), 428, 'if_match_required');

    const preview = done(await patch({ name: '榕树社区' }, read.headers.etag, '?preview=true'));
    assert.equal(preview.name, '榕树社区');
    assert.equal(done(await officer.get(path)).name, '榕荫社区');

    const renamed = await patch({ name: '榕树社区', document_ref: '虚构文件' });
    assert.deepEqual([done(renamed).name, renamed.body.version], ['榕树社区', preview.version]);
    assert.notEqual(renamed.headers.etag, read.headers.etag);
    refused(await patch({ name: '榕根社区' }), 412, 'version_mismatch');
    assert.equal(done(await resident.get(`${path}?as_of=${today(-1)}`)).name, '榕荫社区');
    assert.deepEqual(names(await find('q=榕树&kind=community')), ['榕树社区']);

    const planned = await patch({ name: '榕林社区', effective_on: today(20) }, renamed.headers.etag);
    assert.equal(done(planned).name, '榕树社区');
    for (const [day, name] of [[today(19), '榕树社区'], [today(20), '榕林社区']]) {
        assert.equal(done(await resident.get(`${path}?as_of=${day}`)).name, name, day);
    }
    const old = `/units/${demoId('old 城东')}`;
    const { etag } = (await officer.get(`${old}?as_of=${eve}`)).headers;
    refused(await officer.patch(old, { name: '旧城东' }, { headers: { 'If-Match': etag } }), 409, 'unit_closed', '/effective_on');
    refused(await officer.patch(`/units/${nowhere}`, { name: '无' }, { headers: { 'If-Match': '"1"' } }), 404, 'not_found');
    refused(await (await as('community_secretary')).patch(path, { name: '别处' }, { headers: { 'If-Match': planned.headers.etag } }), 404, 'not_found');
    assert.ok((await resident.all(`${path}/history`)).some((event) => event.what === 'named' && event.on_day === addDays(today(), 20)));
});
