// Where a unit is found: by pinyin and initials, on the map; and what a period's figures say, in its own shape and in today's.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startServer } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { demoId, done, nowhere, refused, signedIn, today } from '../story.mjs';

let server;
let as;
let resident;
let city;
before(async () => {
    server = await startServer();
    as = signedIn(server);
    resident = await as('resident');
    city = await as('city_officer');
});
after(() => server?.stop());

const find = async (query) => (await resident.all(encodeURI(`/units?${query}`))).map((item) => item.name);

test('names are found by pinyin and by initials, from any syllable on, with fixed names read right', async () => {
    for (const q of ['cenxi', 'cenxishi', 'CX', 'cx', 'cen xi']) assert.ok((await find(`kind=city&q=${q}`)).includes('岑溪市'), q);
    assert.deepEqual(await find('kind=community&q=xiaofang'), ['孝坊社区']);
    assert.deepEqual(await find('kind=community&q=xfsq'), ['孝坊社区']);
    assert.deepEqual(await find('kind=community&q=fangsq'), []);
    // 长 is read zhang by itself; in 长春 it is chang
    assert.deepEqual(await find('kind=community&q=changchun'), ['长春社区']);
    assert.deepEqual(await find('kind=community&q=zhangchun'), []);
    assert.ok((await find('kind=mediation_committee&q=tiaowei')).length > 0 || (await find('kind=mediation_committee&q=twh')).length > 0);
    // by the name of the day
    assert.deepEqual(await find('kind=community&q=chengdong&as_of=2022-06-30'), ['城东社区']);
    assert.deepEqual(await find('kind=community&q=chengdong'), []);
    const readings = await asOwner(server, `select core.pinyin('重庆路') as a, core.pinyin('覃单', true) as b, core.pinyin('单位') as c, core.pinyin_initials('城中3栋') as d`);
    assert.deepEqual(readings, [{ a: 'chongqinglu', b: 'qindan', c: 'danwei', d: 'cz3d' }]);
});

test('a place is found in the areas that hold it; an area is drawn, judged, and kept for the days before', async () => {
    const secretary = await as('community_secretary');
    const path = `/units/${demoId('community 1')}/area`;
    const read = await resident.get(path);
    const drawn = done(read);
    assert.equal(drawn.is_generated, true);
    assert.equal(drawn.area.type, 'MultiPolygon');
    assert.deepEqual(await find('kind=community&at=110.9553,22.8853'), ['孝坊社区']);
    assert.deepEqual(await find('at=110.9553,22.8853&kind=city'), ['岑溪市']);
    assert.ok((await find('at=110.952,22.884')).includes('和顺花园'));
    assert.deepEqual(await find('kind=community&at=110.9553,22.8853&as_of=2022-06-30'), []);
    assert.deepEqual(await find('at=0,0'), []);
    refused(await resident.get('/units?at=181.5'), 422, 'invalid_input');

    const ring = (...corners) => ({ type: 'MultiPolygon', coordinates: [[corners]] });
    const put = (area, more = {}, headers = {}, session = secretary) => session.put(path, { area, ...more }, { headers });
    const square = ring([110.95, 22.88], [110.96, 22.88], [110.96, 22.89], [110.95, 22.89], [110.95, 22.88]);
    refused(await put(ring([110.95, 22.88], [110.96, 22.88], [110.96, 22.89], [110.95, 22.89])), 422, 'ring_not_closed', '/area');
    refused(await put(ring([110.95, 22.88], [110.96, 22.88], [110.97, 22.88], [110.95, 22.88])), 422, 'ring_without_extent', '/area');
    refused(await put(ring([110.95, 22.88], [110.96, 22.89], [110.96, 22.88], [110.95, 22.895], [110.95, 22.88])), 422, 'ring_crosses_itself', '/area');
    refused(await put(ring([110.95, 92.88], [110.96, 92.88], [110.96, 92.89], [110.95, 92.88])), 422, 'not_on_the_globe', '/area');
    refused(await put({ type: 'MultiPolygon', coordinates: [[[['110', 22], [111, 22], [111, 23], [110, 22]]]] }), 422, 'invalid_input', '/area/coordinates/0/0/0/0');
    refused(await put({ type: 'MultiPolygon', coordinates: [[[[1e3, 22], [111, 22], [111, 23], [110, 22]]]] }), 422, 'invalid_input', '/area/coordinates/0/0/0/0');
    refused(await put(square, { effective_on: '2022-06-30' }), 409, 'unit_closed', '/effective_on');
    refused(await put(square, {}, { 'If-Match': '"77"' }), 412, 'version_mismatch');
    refused(await put(square, {}, {}, resident), 403, 'forbidden');
    refused(await secretary.put(`/units/${demoId('community 2')}/area`, { area: square }), 404, 'not_found');
    refused(await secretary.put(`/units/${nowhere}/area`, { area: square }), 404, 'not_found');
    refused(await resident.get(`/units/${demoId('building 1.3')}/area`), 404, 'not_found');

    const now = done(await put(square, { source_ref: '测绘成果' }, { 'If-Match': read.headers.etag }));
    assert.deepEqual([now.area, now.is_generated, now.valid_from, now.version], [square, false, today(), drawn.version + 1]);
    assert.deepEqual(await find('kind=community&at=110.965,22.885'), []);
    assert.deepEqual(await find(`kind=community&at=110.965,22.885&as_of=${today(-1)}`), ['孝坊社区']);
    // a hole is not inside, a second part is
    const holed = { type: 'MultiPolygon', coordinates: [[square.coordinates[0][0], [[110.954, 22.884], [110.956, 22.884], [110.956, 22.886], [110.954, 22.886], [110.954, 22.884]]],
        [[[111.5, 22.5], [111.6, 22.5], [111.6, 22.6], [111.5, 22.5]]]] };
    done(await put(holed));
    assert.deepEqual(await find('kind=community&at=110.955,22.885'), []);
    assert.deepEqual(await find('kind=community&at=110.952,22.885'), ['孝坊社区']);
    assert.deepEqual(await find('kind=community&at=111.58,22.52'), ['孝坊社区']);
    const areas = await resident.all(`/unit-areas?under=${demoId('city')}&kind=community`, 6);
    assert.equal(areas.length, 19);
});

test('ten thousand random places are found where a walk around the polygon says they are', async () => {
    // the winding number, computed the other way round than the database's ray
    const [{ wrong }] = await asOwner(server, `
        with corner(n, x, y) as (values (1, 0.0::float8, 0.0::float8), (2, 4, 1), (3, 3, 4), (4, 2, 2), (5, 1, 4), (6, 0, 0)),
        area as (select jsonb_build_object('type', 'MultiPolygon', 'coordinates', jsonb_build_array(jsonb_build_array(jsonb_agg(jsonb_build_array(x, y) order by n)))) as area from corner),
        place as (select (i * 0.6180339887) % 1 * 5 - 0.5 as x, (i * 0.7548776662) % 1 * 5 - 0.5 as y from generate_series(1, 10000) i),
        turn as (select p.x, p.y, sum(atan2((a.x - p.x) * (b.y - p.y) - (a.y - p.y) * (b.x - p.x), (a.x - p.x) * (b.x - p.x) + (a.y - p.y) * (b.y - p.y))) as angle
          from place p, corner a join corner b on b.n = a.n + 1 group by p.x, p.y)
        select count(*) filter (where (abs(t.angle) > 3) <> orgs.holds_place(a.area, t.x, t.y))::int as wrong from turn t, area a`);
    assert.equal(wrong, 0);
});

test('an old period keeps its own communities; in today\'s shape it says what was divided and how', async () => {
    const statistics = (query, session = city) => session.all(`/statistics/units?under=${demoId('city')}&${query}`, 7);
    const sum = (rows, figure) => rows.reduce((total, row) => total + (row[figure] ?? 0), 0);
    const then = await statistics('from=2021-01-01&to=2021-12-31');
    assert.equal(then.length, 11);
    assert.ok(then.every((row) => row.counted_on === '2021-12-31' && row.apportioned.population === 0));
    const reshaped = await statistics('from=2021-01-01&to=2021-12-31&reshape=today');
    assert.equal(reshaped.length, 19);
    for (const figure of ['residents', 'compounds', 'buildings', 'lanes', 'population']) assert.equal(sum(reshaped, figure), sum(then, figure), figure);
    const xiaofang = reshaped.find((row) => row.name === '孝坊社区');
    assert.deepEqual(xiaofang.sources.map((source) => [source.unit.name, source.rule]), [['城东社区', 'residents']]);
    assert.equal(xiaofang.apportioned.population, xiaofang.population);
    const [source] = xiaofang.sources;
    const old = then.find((row) => row.name === '城东社区');
    assert.ok(Math.abs(xiaofang.population - old.population * source.share_numerator / source.share_denominator) < 1);
    assert.equal(source.share_denominator, old.residents);
    const bamboo = reshaped.find((row) => row.name === '竹溪社区');
    assert.deepEqual([bamboo.apportioned.population, bamboo.sources[0].rule], [0, 'whole']);

    // over the reorganization: those that ended tell their last day, and nothing is counted twice in today's shape
    const across = await statistics('from=2022-01-01&to=2022-12-31');
    assert.equal(across.length, 25);
    assert.equal(across.find((row) => row.name === '城东社区').counted_on, '2022-06-30');
    assert.equal(sum(await statistics('from=2022-01-01&to=2022-12-31&reshape=today'), 'population'), 205_600);

    const year = `from=${today(-364)}&to=${today()}`;
    const [known] = await asOwner(server, `select
        (select count(*)::int from mediation.mediation_case where core.day_of(opened_at) between core.today() - 364 and core.today()) as cases,
        (select count(*)::int from volunteering.service_record where state = 'evaluated' and served_on between core.today() - 364 and core.today()) as services,
        (select sum(minutes)::int from volunteering.service_record where state = 'evaluated' and served_on between core.today() - 364 and core.today()) as minutes`);
    const now = await statistics(year);
    assert.deepEqual([sum(now, 'cases_opened'), sum(now, 'services'), sum(now, 'service_minutes')], [known.cases, known.services, known.minutes]);
    assert.deepEqual(await statistics(`${year}&reshape=today`), now.map((row) => ({ ...row, counted_on: today() })));
    assert.equal((await city.all(`/statistics/units?under=${demoId('town')}&kind=town&${year}`))[0].services, known.services);
    const own = await (await as('community_secretary')).all(`/statistics/units?under=${demoId('community 1')}&${year}`);
    assert.deepEqual(own.map((row) => row.name), ['孝坊社区']);

    refused(await city.get(`/statistics/units?under=${demoId('city')}&from=2022-01-02&to=2022-01-01`), 422, 'ends_before_it_begins');
    refused(await (await as('community_worker')).get(`/statistics/units?under=${demoId('community 2')}&${year}`), 404, 'not_found');
    refused(await resident.get(`/statistics/units?under=${demoId('community 1')}&${year}`), 403, 'forbidden');
});
