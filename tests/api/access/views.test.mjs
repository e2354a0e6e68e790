// Saved views: kept under an id of one's own, replaced, listed by name, given up; everyone's own and nobody else's.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test, { after, before } from 'node:test';
import { startServer } from '../../lib/server.mjs';
import { asApp, asOwner } from '../../lib/sql.mjs';
import { done, nowhere, refused, signedIn } from '../story.mjs';

let server;
let as;
before(async () => {
    server = await startServer();
    as = signedIn(server);
});
after(() => server?.stop());

const view = (name, query = 'post=secretary&sort=-to', list = 'desk-appointments') => ({ list, name, query });

test('a view is kept, replaced, found among those of its list, and given up', async () => {
    const worker = await as('community_worker');
    const id = randomUUID();
    assert.deepEqual(done(await worker.get('/me/views')).items, []);
    const kept = done(await worker.put(`/me/views/${id}`, view('快到期的')));
    assert.deepEqual([kept.id, kept.list, kept.name, kept.query], [id, 'desk-appointments', '快到期的', 'post=secretary&sort=-to']);
    done(await worker.put(`/me/views/${randomUUID()}`, view('巷长', 'kind=lane_chief', 'desk-heads')));
    done(await worker.put(`/me/views/${id}`, view('书记')));
    assert.deepEqual(done(await worker.get('/me/views?list=desk-appointments')).items.map((one) => one.name), ['书记']);
    const first = done(await worker.get('/me/views?limit=1'));
    const second = done(await worker.get(`/me/views?limit=1&cursor=${encodeURIComponent(first.next_cursor)}`));
    assert.deepEqual([...first.items, ...second.items].map((one) => one.name), ['书记', '巷长']);
    assert.equal(second.next_cursor, null);
    refused(await worker.put(`/me/views/${randomUUID()}`, view('书记')), 409, 'view_name_taken');
    assert.deepEqual(done(await worker.delete(`/me/views/${id}`)), { id });
    refused(await worker.delete(`/me/views/${id}`), 404, 'not_found');
});

test('nobody sees, replaces or gives up another person\'s view, and the database says so too', async () => {
    const [worker, secretary] = [await as('community_worker'), await as('community_secretary')];
    const id = randomUUID();
    done(await worker.put(`/me/views/${id}`, view('我的')));
    assert.deepEqual(done(await secretary.get('/me/views')).items, []);
    refused(await secretary.delete(`/me/views/${id}`), 404, 'not_found');
    done(await secretary.put(`/me/views/${id}`, view('别人的')));
    assert.equal(done(await worker.get('/me/views')).items.find((one) => one.id === id).name, '我的');
    const [{ person_id: person }] = await asOwner(server, `select person_id from access.saved_view where name = '别人的'`);
    assert.deepEqual((await asApp(server, { person }, 'select name from access.saved_view')).map((row) => row.name), ['别人的']);
    await assert.rejects(asApp(server, { person }, `insert into access.saved_view (person_id, id, list, name, query) values ($1, $2, 'desk-heads', 'x', '')`, [nowhere, nowhere]), /row-level security/);
});

test('what is kept is bounded, in number and in size', async () => {
    const officer = await as('town_officer');
    for (let n = 0; n < 50; n++) done(await officer.put(`/me/views/${randomUUID()}`, view(`第 ${n}`)));
    refused(await officer.put(`/me/views/${randomUUID()}`, view('第五十一')), 409, 'too_many_views');
    const [first] = done(await officer.get('/me/views?limit=1')).items;
    done(await officer.put(`/me/views/${first.id}`, view('换一个')));
    refused(await officer.put(`/me/views/${first.id}`, view('长', 'a'.repeat(2001))), 422, 'invalid_input', '/query');
    refused(await officer.put(`/me/views/${first.id}`, view('中文', 'q=覃')), 422, 'invalid_input', '/query');
    refused(await officer.get('/me/views?list=Desk'), 422, 'invalid_input');
    refused(await officer.delete('/me/views/1'), 422, 'invalid_input');
});
