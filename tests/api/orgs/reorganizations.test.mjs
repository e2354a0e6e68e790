// A reorganization is a document: drafted, looked at, decided, decreed, in force on its day by the server itself. What hangs on a unit
// that closes follows, and everything of a day before keeps its answer.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startServer, until } from '../../lib/server.mjs';
import { asOwner, setClock } from '../../lib/sql.mjs';
import { demoId, done, nowhere, person, refused, signedIn, today } from '../story.mjs';

let server;
let as;
let town;
let city;
let resident;
before(async () => {
    server = await startServer();
    as = signedIn(server);
    town = await as('town_officer');
    city = await as('city_officer');
    resident = await as('resident');
});
after(() => server?.stop());

const reorganizations = '/reorganizations';
const names = (items) => items.map((item) => item.name).toSorted();
const unit = async (id, day = today()) => resident.get(`/units/${id}?as_of=${day}`);
const communities = async (day) => names(await resident.all(`/units?kind=community&as_of=${day}`));
const draft = async (body, session = town) => session.post(reorganizations, { unit_id: demoId('town'), title: '测试调整', effective_on: today(), proposal_ref: '请示 1 号', approval_ref: '批复 1 号', ...body });
const preview = async (id, session = town) => done(await session.post(`${reorganizations}/${id}/preview`));
const decree = (id, number, session = city) => session.post(`${reorganizations}/${id}/decree`, { decree_number: number });

const goesOn = (place) => (place ? { choice: 'move', to_unit_id: place } : { choice: 'end' });

// drafted, looked at, everything decided to end, decreed
async function carry(steps, number, more = {}) {
    const { id } = done(await draft({ steps, ...more }), 201);
    const seen = await preview(id);
    if (seen.undecided > 0) {
        done(await town.post(`${reorganizations}/${id}/decisions`, { decisions: seen.choices.map(({ subject, subject_id }) => ({ subject, subject_id, choice: 'end' })) }));
        await preview(id);
    }
    return done(await decree(id, number));
}

test('the demo\'s eleven communities became nineteen by a document that everyone can read', async () => {
    const [summary] = done(await resident.get(`${reorganizations}?state=in_force`)).items;
    assert.deepEqual([summary.id, summary.effective_on, summary.step_count, summary.obstacle], [demoId('reorganization'), '2022-07-01', 6, null]);
    const document = done(await resident.get(`${reorganizations}/${summary.id}`));
    assert.deepEqual(document.steps.map((step) => [step.action, step.into.length]), [['split', 3], ['split', 3], ['split', 2], ['split', 2], ['split', 2], ['split', 2]]);
    assert.ok(document.proposal_ref && document.approval_ref && document.decree_number);
    const history = await resident.all(`/units/${demoId('compound 1')}/history`);
    assert.ok(history.some((event) => event.what === 'placed' && event.on_day === '2022-07-01' && event.document_ref === document.decree_number));
});

test('a decree for a later day comes into force on that day by the server itself; what hangs on the unit follows', async () => {
    const community = demoId('community 2');
    const [kept] = done(await (await as('mediator_b')).get('/mediation-cases?limit=200')).items.filter((item) => item.closed_at === null);
    assert.ok(kept, 'the demo has an open case there');
    const before_ = done(await (await as('mediator_b')).get(`/mediation-cases/${kept.id}`));
    const [{ waiting }] = await asOwner(server, `select count(*)::int as waiting from volunteering.service_record where unit_id = $1 and state = 'recorded'`, [community]);
    const [{ evaluated }] = await asOwner(server, `select count(*)::int as evaluated from volunteering.service_record where unit_id = $1 and state = 'evaluated'`, [community]);
    const [{ balance }] = await asOwner(server, `select sum(balance)::int as balance from points.account a join people.person p on p.id = a.person_id where p.unit_id in (select orgs.area_of($1, core.today()))`, [community]);

    const body = {
        effective_on: today(5), title: '木棉社区一分为二', approval_ref: undefined,
        steps: [{ action: 'split', unit_id: community, into: [{ name: '木棉东社区', unit_ids: [demoId('compound 2')] }, { name: '木棉西社区', short_name: '木棉西', contact_phone: '1007 200 077' }] },
            { action: 'rename', unit_id: demoId('compound 21'), name: '木棉新苑' }],
    };
    const made = await draft(body);
    const document = done(made, 201);
    assert.equal(document.state, 'draft');
    assert.match(made.headers.location, new RegExp(`${document.id}$`));
    const [east, west] = document.steps[0].into.map((part) => part.id);
    assert.equal(document.steps[0].heir_id, east);
    refused(await resident.get(`${reorganizations}/${document.id}`), 404, 'not_found');
    refused(await decree(document.id, '虚构 20 号'), 409, 'wrong_state');

    const seen = await preview(document.id);
    assert.deepEqual([seen.state, seen.obstacle], ['previewed', null]);
    assert.equal(seen.before.find((node) => node.id === community).name, '木棉社区');
    assert.ok(!seen.after.some((node) => node.id === community));
    assert.equal(seen.after.find((node) => node.id === demoId('compound 2')).parent_id, east);
    assert.equal(seen.after.find((node) => node.id === demoId('compound 21')).name, '木棉新苑');
    assert.equal(seen.after.find((node) => node.id === west).residents, 0);
    assert.ok(seen.affected.residents > 300 && seen.affected.heads > 30 && seen.affected.accounts > 10 && seen.affected.open_cases > 0);
    assert.ok(seen.follows.find((one) => one.subject === 'mediation_case').count >= 1);
    // nothing of the rehearsal stays
    assert.equal(done(await unit(community)).name, '木棉社区');
    assert.equal((await unit(east, today(5))).status, 404);
    assert.deepEqual(await asOwner(server, 'select 1 from orgs.reorganization_effect'), []);

    refused(await decree(document.id, '虚构 20 号'), 409, 'documents_missing');
    const patch = (fields, etag) => town.patch(`${reorganizations}/${document.id}`, fields, { headers: { 'If-Match': etag } });
    const { etag } = (await town.get(`${reorganizations}/${document.id}`)).headers;
    refused(await town.patch(`${reorganizations}/${document.id}`, { reason: '规模过大' }), 428, 'if_match_required');
    assert.equal(done(await patch({ approval_ref: '批复 20 号', reason: '规模过大' }, etag)).state, 'draft');
    refused(await patch({ reason: '别的' }, etag), 412, 'version_mismatch');
    await preview(document.id);
    refused(await decree(document.id, '虚构 20 号'), 409, 'decisions_open');

    // who keeps what: the mediator goes on in the east, a worker's post in the west, everything else ends
    const place = { 'grant mediator': east, 'appointment community_worker': west };
    const decisions = seen.choices.map((choice) => ({ subject: choice.subject, subject_id: choice.subject_id, ...goesOn(place[`${choice.subject} ${choice.what}`]) }));
    const decide = (list) => town.post(`${reorganizations}/${document.id}/decisions`, { decisions: list });
    refused(await decide([{ subject: 'grant', subject_id: nowhere, choice: 'end' }]), 404, 'not_found', '/decisions/0/subject_id');
    refused(await decide([{ ...decisions.find((one) => one.subject === 'appointment'), choice: 'move', to_unit_id: demoId('compound 2') }]), 409, 'post_of_other_kind', '/decisions/0/to_unit_id');
    refused(await decide([{ ...decisions[0], choice: 'move', to_unit_id: undefined }]), 422, 'step_incomplete', '/decisions/0/to_unit_id');
    assert.equal(done(await decide(decisions)).decisions.length, decisions.length);
    assert.equal((await preview(document.id)).undecided, 0);
    refused(await decree(document.id, '虚构 20 号', town), 403, 'forbidden');
    assert.equal(done(await decree(document.id, '虚构 20 号')).state, 'decreed');
    refused(await patch({ reason: '太晚了' }, `"${seen.version}"`), 409, 'wrong_state');
    assert.equal(done(await resident.get(`${reorganizations}/${document.id}`)).state, 'decreed');
    refused(await town.post(`${reorganizations}/${document.id}/withdrawal`, { reason: '不办了' }), 409, 'decree_is_the_citys');

    // the day comes while no server runs; the next one to start catches up
    await server.kill('SIGKILL');
    await setClock(server, '5 days');
    server.outcome = undefined;
    server.launch();
    await server.ready();
    await until(async () => done(await resident.get(`${reorganizations}/${document.id}`)).state === 'in_force', 20, 'the reorganization to come into force');
    const total = await asOwner(server, 'select orgs.put_reorganizations_in_force() as n');
    assert.equal(total[0].n, 0);

    assert.deepEqual(names([done(await unit(east, today(5))), done(await unit(west, today(5)))]), ['木棉东社区', '木棉西社区']);
    assert.equal((await unit(community, today(5))).status, 404);
    assert.equal(done(await unit(community, today(4))).name, '木棉社区');
    assert.equal(done(await unit(demoId('building 2.2'), today(4))).territory.at(-2).name, '木棉社区');
    assert.equal(done(await unit(demoId('building 2.2'), today(5))).territory.at(-2).name, '木棉东社区');
    assert.equal(done(await unit(demoId('compound 21'), today(4))).name === '木棉新苑', false);
    const successors = (await resident.all(`/units/${community}/history`)).filter((event) => event.what === 'succeeded_by');
    assert.deepEqual(successors.map((event) => [event.unit.name, event.document_ref]).toSorted(), [['木棉东社区', '虚构 20 号'], ['木棉西社区', '虚构 20 号']]);

    // the case goes on where it was: same state, same attempts, one more line; its mediator still reads it, nobody new does
    const mediator = await as('mediator_b');
    const after_ = done(await mediator.get(`/mediation-cases/${kept.id}`));
    assert.deepEqual([after_.unit.name, after_.state, after_.attempts, after_.consents], ['木棉东社区', before_.state, before_.attempts, before_.consents]);
    assert.deepEqual(after_.events.slice(0, before_.events.length), before_.events);
    assert.equal(after_.events.at(-1).action, 'reorganized');
    refused(await (await as('mediator')).get(`/mediation-cases/${kept.id}`), 404, 'not_found');
    // the worker's right ended with the unit; the worker's post goes on in the west
    assert.equal((await (await as('community_worker_b')).get('/people')).status, 403);
    const posts = await resident.all(`/appointments?unit=${west}&as_of=${today(5)}`);
    assert.ok(posts.length > 0 && posts.every((item) => item.post.code === 'community_worker' && item.valid_from === today(5)));
    const old = await resident.all(`/appointments?unit=${community}&as_of=${today(4)}`);
    assert.ok(old.length >= posts.length && old.every((item) => item.valid_to === today(4)));

    const [figures] = await asOwner(server, `select
        (select count(*)::int from volunteering.service_record where unit_id = $1 and state = 'recorded') as left_waiting,
        (select count(*)::int from volunteering.service_record where unit_id in ($2, $3) and state = 'recorded') as waiting,
        (select count(*)::int from volunteering.service_record where unit_id = $1 and state = 'evaluated') as evaluated,
        (select sum(balance)::int from points.account a join people.person p on p.id = a.person_id where p.unit_id in (select orgs.area_of($2, core.today()) union select orgs.area_of($3, core.today()))) as balance,
        (select count(*)::int from groups.group g where g.unit_id = $2) as groups`, [community, east, west]);
    assert.deepEqual(figures, { left_waiting: 0, waiting, evaluated, balance, groups: 1 });
    const effects = await town.all(`${reorganizations}/${document.id}/effects`, 50);
    const count = (subject) => effects.filter((effect) => effect.subject === subject).length;
    assert.deepEqual([count('service_record'), count('group'), count('mediation_case')], [waiting, 1, 0]);
    assert.ok(effects.every((effect) => effect.from_unit.id === community && effect.on_day === today(5)));
    const files = await mediator.all(`${reorganizations}/${document.id}/effects?subject=mediation_case`);
    assert.ok(files.some((effect) => effect.subject_id === kept.id && effect.to_unit.id === east && effect.by === 'rule'));

    refused(await city.post(`${reorganizations}/${document.id}/withdrawal`, { reason: '后悔' }), 409, 'wrong_state');
    await setClock(server, '');
    await server.kill('SIGKILL');
    server.outcome = undefined;
    server.launch();
    await server.ready();
});

test('what cannot be carried out says so in the preview, step by step', async () => {
    const obstacle = async (steps, more) => (await preview(done(await draft({ steps, ...more }), 201).id)).obstacle;
    const third = demoId('community 3');
    const fourth = demoId('community 4');
    assert.deepEqual(await obstacle([{ action: 'close', unit_id: third }]), { problem: 'children_left', pointer: '/steps/0' });
    assert.deepEqual(await obstacle([{ action: 'transfer', unit_ids: [demoId('building 3.1')], parent_id: fourth }, { action: 'transfer', unit_ids: [demoId('compound 3')], parent_id: demoId('town') }]),
        { problem: 'placement_not_allowed', pointer: '/steps/1' });
    assert.deepEqual(await obstacle([{ action: 'split', unit_id: third, into: [{ name: '新', unit_ids: [demoId('compound 4')] }] }]), { problem: 'not_its_child', pointer: '/steps/0' });
    assert.deepEqual(await obstacle([{ action: 'merge', unit_ids: [demoId('compound 3')], heir_id: third }]), { problem: 'kinds_differ', pointer: '/steps/0' });
    assert.deepEqual(await obstacle([{ action: 'rename', unit_id: third, name: '早' }], { effective_on: '2022-01-01' }), { problem: 'unit_closed', pointer: '/steps/0' });

    refused(await draft({ steps: [{ action: 'create', kind: 'compound', name: '无处' }] }), 422, 'step_incomplete', '/steps/0/parent_id');
    refused(await draft({ steps: [{ action: 'rename', unit_id: third }] }), 422, 'step_incomplete', '/steps/0/name');
    refused(await draft({ steps: [{ action: 'merge', unit_ids: [third] }] }), 422, 'step_incomplete', '/steps/0/heir_id');
    refused(await draft({ steps: [{ action: 'rename', unit_id: nowhere, name: '无' }] }), 404, 'not_found', '/steps/0/unit_id');
    refused(await draft({ steps: [{ action: 'rename', unit_id: demoId('city'), name: '无' }] }), 404, 'not_found', '/steps/0/unit_id');
    refused(await draft({ unit_id: demoId('city'), steps: [{ action: 'rename', unit_id: third, name: '无' }] }), 404, 'not_found', '/unit_id');
    refused(await (await as('community_secretary')).post(reorganizations, { unit_id: demoId('town'), title: '越权', effective_on: today(), steps: [{ action: 'rename', unit_id: third, name: '无' }] }), 403, 'forbidden');
    const { id } = done(await draft({ steps: [{ action: 'rename', unit_id: third, name: '榕根社区' }], effective_on: today(-1) }), 201);
    await preview(id);
    refused(await decree(id, '虚构 30 号'), 409, 'effective_day_past');
    refused(await draft({ id, steps: [{ action: 'rename', unit_id: third, name: '再来' }] }), 409, 'id_taken');
});

test('a decree is withdrawn until its day; a number is used once', async () => {
    const { id } = done(await draft({ steps: [{ action: 'rename', unit_id: demoId('community 3'), name: '榕树社区' }], effective_on: today(3) }), 201);
    await preview(id);
    done(await decree(id, '虚构 31 号'));
    assert.equal(done(await city.post(`${reorganizations}/${id}/withdrawal`, { reason: '方案有变' })).state, 'withdrawn');
    await asOwner(server, `do $$ begin perform set_config('linli.clock_offset', '4 days', true); perform orgs.put_reorganizations_in_force(); end $$`);
    assert.equal(done(await unit(demoId('community 3'), today(4))).name, '榕荫社区');
    refused(await city.post(`${reorganizations}/${id}/withdrawal`, { reason: '再撤' }), 409, 'wrong_state');
    refused(await city.post(`${reorganizations}/${id}/preview`), 409, 'wrong_state');
    refused(await resident.get(`${reorganizations}/${id}`), 404, 'not_found');
    const other = done(await draft({ steps: [{ action: 'rename', unit_id: demoId('community 3'), name: '榕树社区' }] }), 201);
    await preview(other.id);
    refused(await decree(other.id, '虚构 31 号'), 409, 'number_taken');
    assert.equal(done(await decree(other.id, '虚构 32 号')).state, 'in_force');
    assert.equal(done(await unit(demoId('community 3'))).name, '榕树社区');
});

test('merge, transfer, re-parent, create and close in one document, in force the same day; branches follow to their new community', async () => {
    const [five, six, seven] = [5, 6, 7].map((n) => demoId(`community ${n}`));
    const compound = demoId('compound 7');
    const document = await carry([
        { action: 'merge', unit_ids: [demoId('party 6')], heir_id: demoId('party 5') },
        { action: 'merge', unit_ids: [six], heir_id: five },
        { action: 'transfer', unit_ids: [compound], parent_id: five },
        { action: 'create', kind: 'street', name: '新街', parent_id: five },
        { action: 'reparent', unit_id: demoId('branch 8'), ladder: 'leadership', parent_id: demoId('party 5') },
        { action: 'merge', unit_ids: [demoId('mediation 6')], heir_id: demoId('mediation 5') },
    ], '虚构 40 号');
    assert.equal(document.state, 'in_force');
    const five_ = done(await unit(five));
    const before_ = [done(await unit(five, today(-1))), done(await unit(six, today(-1)))];
    assert.equal(five_.counts.compounds, before_[0].counts.compounds + before_[1].counts.compounds + 1);
    assert.equal((await unit(six)).status, 404);
    const branch = done(await unit(demoId('branch 7')));
    assert.equal(branch.leadership.at(-1).id, demoId('party 5'));
    assert.equal(done(await unit(demoId('branch 7'), today(-1))).leadership.at(-1).id, demoId('party 7'));
    assert.equal(done(await unit(demoId('branch 8'))).leadership.at(-1).id, demoId('party 5'));
    assert.equal(done(await unit(seven)).counts.compounds, 5);
    assert.equal(done(await resident.get(encodeURI('/units?kind=street&q=新街'))).items[0].parent.id, five);
    // what stands on a closed unit has all found a place
    assert.deepEqual(await asOwner(server, `select r.id from orgs.unit_relation r join orgs.unit u on u.id = r.parent_id where r.parent_id = $1 and r.valid @> core.today()`, [six]), []);
    // undone by a new document only: the compound goes back
    await carry([{ action: 'transfer', unit_ids: [compound], parent_id: seven }], '虚构 41 号', { effective_on: today() });
    assert.equal(done(await unit(compound)).territory.at(-1).id, seven);
    assert.equal((await communities(today())).length, 18);
    const kinds = await resident.all('/unit-kinds', 4);
    assert.deepEqual(kinds.find((kind) => kind.kind === 'building').territory_under, ['community', 'compound', 'lane', 'street']);
});

test('a decree that meets an obstacle on its day waits with its reason, and comes into force once that is gone', async () => {
    const found = (kind, name, parent) => asOwner(server, `select orgs.found_unit(jsonb_build_object('kind', $1::text, 'name', $2::text, 'territory_parent_id', $3::text)) as id`, [kind, name, parent]);
    const [{ id: empty }] = await found('compound', '空小区', demoId('community 9'));
    const { id } = done(await draft({ steps: [{ action: 'close', unit_id: empty }], effective_on: today(2) }), 201);
    await preview(id);
    done(await decree(id, '虚构 50 号'));
    const [{ id: building }] = await found('building', '1 栋', empty);
    const onTheDay = () => asOwner(server, `do $$ begin perform set_config('linli.clock_offset', '2 days', true); perform orgs.put_reorganizations_in_force(); end $$`);
    const document = async () => done(await resident.get(`${reorganizations}/${id}`));
    await onTheDay();
    assert.deepEqual([(await document()).state, (await document()).obstacle], ['decreed', 'children_left']);
    assert.equal((await unit(empty, today(2))).status, 200);
    await asOwner(server, 'select orgs.close_unit($1, core.today() + 1)', [building]);
    await onTheDay();
    assert.deepEqual([(await document()).state, (await document()).obstacle], ['in_force', null]);
    assert.equal((await unit(empty, today(2))).status, 404);
});
