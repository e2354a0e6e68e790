// Neighbour help: asked, offered, done, thanked; the own compound first; no points.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startServer } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { done, nowhere, person, refused, signedIn, today } from '../story.mjs';
import { sessionsOf } from './voters.mjs';

let server;
let as;
let elder;
let resident;
let mediator;
before(async () => {
    server = await startServer();
    as = signedIn(server);
    // the first two live in one compound, the third in a lane of the same community
    [elder, resident, mediator] = [await as('elder'), await as('resident'), await as('mediator')];
});
after(() => server?.stop());

const ask = (session, more) => session.post('/help-requests', { kind: 'errand', wish: '帮忙取一下快递', ...more });
const seen = async (session, id) => (await session.all('/help-requests', 2)).some((one) => one.id === id);

test('from asking to thanks, between two neighbours', async () => {
    const points = () => asOwner(server, 'select count(*)::int as n from points.transfer');
    const before = await points();
    const made = await ask(elder, { wanted_on: today(1) });
    const { id, state, reach, near } = done(made, 201);
    assert.deepEqual([state, reach, near, made.headers.location], ['open', 'compound', true, `/api/v1/help-requests/${id}`]);
    refused(await ask(elder, { wanted_on: today(-1) }), 422, 'in_the_past', '/wanted_on');
    refused(await elder.post(`/help-requests/${id}/offers`, {}), 409, 'own_help_request');
    const offered = done(await resident.post(`/help-requests/${id}/offers`, { message: '我顺路' }), 201);
    assert.deepEqual(offered.offers.map((offer) => offer.person.id), [person('resident')]);
    refused(await resident.post(`/help-requests/${id}/offers`, {}), 409, 'already_offered');
    const neighbour = await as('neighbour');
    const second = done(await neighbour.post(`/help-requests/${id}/offers`, {}), 201);
    assert.equal(second.offers.length, 1, 'nobody sees the offers of others');
    const { offers } = done(await elder.get(`/help-requests/${id}`));
    assert.equal(offers.length, 2);
    refused(await neighbour.post(`/help-offers/${offers[0].id}/acceptance`), 404, 'not_found');
    refused(await elder.post(`/help-requests/${id}/thanks`, { thanks: 'x' }), 409, 'wrong_state');
    const agreed = done(await elder.post(`/help-offers/${offers[0].id}/acceptance`));
    assert.deepEqual([agreed.state, agreed.helper.id], ['agreed', person('resident')]);
    refused(await elder.post(`/help-offers/${offers[1].id}/acceptance`), 409, 'wrong_state');
    refused(await neighbour.get(`/help-requests/${id}`), 404, 'not_found');
    refused(await neighbour.post(`/help-requests/${id}/completion`), 404, 'not_found');
    assert.equal(done(await resident.post(`/help-requests/${id}/completion`)).state, 'done');
    refused(await resident.post(`/help-requests/${id}/completion`), 409, 'wrong_state');
    refused(await resident.post(`/help-requests/${id}/thanks`, { thanks: 'x' }), 404, 'not_found');
    assert.equal(done(await elder.post(`/help-requests/${id}/thanks`, { thanks: '谢谢小兰！' })).thanks, '谢谢小兰！');
    refused(await elder.post(`/help-requests/${id}/withdrawal`), 409, 'wrong_state');
    assert.deepEqual((await resident.all('/help-requests?mine=true')).map((one) => one.id), [id]);
    assert.deepEqual(await points(), before, 'a favour earns no points');
});

test('the compound sees it first, the community when it is asked to; staff and other communities do not', async () => {
    const near = done(await ask(elder), 201).id;
    const far = done(await ask(elder, { reach: 'community', kind: 'company', wish: '陪我去医院' }), 201).id;
    const lane = done(await ask(mediator, { reach: 'community', wish: '借一下梯子', kind: 'lending' }), 201).id;
    assert.deepEqual([await seen(resident, near), await seen(resident, far), await seen(mediator, near), await seen(mediator, far)], [true, true, false, true]);
    const list = (await resident.all('/help-requests', 2)).map((one) => one.id);
    assert.ok(list.indexOf(lane) > list.indexOf(near) && list.indexOf(lane) > list.indexOf(far), 'the own compound comes first');
    for (const login of ['resident_b', 'town_officer', 'administrator']) {
        refused(await (await as(login)).get(`/help-requests/${far}`), 404, 'not_found');
        assert.equal(await seen(await as(login), far), false, login);
    }
    refused(await mediator.post(`/help-requests/${near}/offers`, {}), 404, 'not_found');
    done(await elder.post(`/help-requests/${near}/withdrawal`));
    assert.equal(await seen(resident, near), false);
    refused(await resident.post(`/help-requests/${near}/withdrawal`), 404, 'not_found');
    refused(await resident.post(`/help-requests/${nowhere}/offers`, {}), 404, 'not_found');
    // agreed meanwhile: an offer comes too late for the one who helps already
    const { offers: [offer] } = done(await resident.post(`/help-requests/${far}/offers`, {}), 201);
    done(await elder.post(`/help-offers/${offer.id}/acceptance`));
    refused(await resident.post(`/help-requests/${far}/offers`, {}), 409, 'wrong_state');
    refused(await elder.post(`/help-requests/${lane}/completion`), 404, 'not_found');
});

test('whoever has no recorded neighbourhood is told so', async () => {
    const [town] = await asOwner(server, `select id from orgs.unit where kind = 'town' limit 1`);
    const [{ id }] = await asOwner(server, `select people.register(null, '测试无址', $1, 1980, '2020-01-01', true) as id`, [town.id]);
    const [session] = await sessionsOf(server, resident, [id]);
    refused(await ask(session), 409, 'no_neighbourhood');
});
