// Who finds whom, and what is never shown: telephones and identity numbers come masked, to oneself too.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { startServer } from '../../lib/server.mjs';
import { demoId, done, nowhere, person, refused, signedIn } from '../story.mjs';

let server;
let as;
before(async () => {
    server = await startServer();
    as = signedIn(server);
});
after(() => server?.stop());

const plainNumber = /\d{8}/; // the demo's telephones and identity numbers have more digits in a row than that
const quiet = (reply) => assert.doesNotMatch(reply.text.replace(/"(id|request_id|next_cursor)":"[^"]+"/g, ''), plainNumber);

test('staff find people of their area by one character or more, with masked telephones', async () => {
    const worker = await as('community_worker');
    const reply = await worker.get(encodeURI('/people?q=莫小'));
    const [found] = done(reply).items;
    assert.deepEqual([found.id, found.name, found.community, found.birth_year], [person('resident'), '莫小兰', '孝坊', 1978]);
    assert.match(found.phone, /^100\*{4,}\d{2,4}$/);
    quiet(reply);
    const page = await worker.get('/people?limit=200');
    assert.ok(done(page).items.length > 100);
    assert.ok(page.body.items.every((item) => item.community === '孝坊' && item.is_fictitious && /^100\*+/.test(item.phone)));
    quiet(page);
    assert.deepEqual(done(await worker.get(encodeURI('/people?q=蒙春梅'))).items, []);
    for (const spelled of ['moxiaolan', 'MXL', 'xiaolan', 'moxiao']) {
        assert.ok(done(await worker.get(`/people?q=${spelled}`)).items.some((item) => item.id === person('resident')), spelled);
    }
    assert.ok(!done(await worker.get('/people?q=oxiaolan')).items.some((item) => item.id === person('resident')));
    assert.deepEqual(done(await worker.get('/people?q=mengchunmei')).items, []);
    assert.deepEqual(done(await worker.get(`/people?unit=${demoId('community 2')}`)).items, []);
    const officer = await as('town_officer');
    assert.deepEqual(done(await officer.get(encodeURI('/people?q=蒙春梅'))).items.map((item) => item.community), ['木棉']);
    refused(await (await as('resident')).get('/people'), 403, 'forbidden');
    refused(await (await as('auditor')).get('/people'), 403, 'forbidden');
});

test('every person of an area, page by page, once', async () => {
    const head = await as('head');
    const people = await head.all('/people', 4);
    assert.ok(people.length >= 9);
    assert.equal(new Set(people.map((item) => item.id)).size, people.length);
    assert.ok(people.every((item) => item.unit.id === demoId('building 1.3')));
});

test('oneself with masked numbers; a neighbour, and another community\'s staff, find nobody', async () => {
    const resident = await as('resident');
    const path = `/people/${person('resident')}`;
    const own = await resident.get(path);
    assert.equal(done(own).name, '莫小兰');
    assert.match(own.body.phone, /^100\*+\d+$/);
    assert.match(own.body.id_number, /\*{4,}/);
    assert.equal(own.body.lives_here_since, '2018-05-01');
    assert.ok(own.body.groups.some((group) => group.role === 'member'));
    quiet(own);
    assert.equal(done(await (await as('community_worker')).get(path)).name, '莫小兰');
    refused(await (await as('neighbour')).get(path), 404, 'not_found');
    refused(await (await as('community_worker_b')).get(path), 404, 'not_found');
    refused(await resident.get(`/people/${nowhere}`), 404, 'not_found');
});
