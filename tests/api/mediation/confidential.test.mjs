// That a file exists is nobody's affair but the parties' and the files' side's; what it says is nowhere in plain words.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { connectionUrl } from '../../lib/cluster.mjs';
import { run } from '../../lib/process.mjs';
import { startServer } from '../../lib/server.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { done, nowhere, person, refused, signedIn, today } from '../story.mjs';
import { Case, words } from './case.mjs';

let server;
let as;
let dispute;
before(async () => {
    server = await startServer();
    as = signedIn(server);
    dispute = await (await Case.open(server, { as })).signed();
});
after(() => server?.stop());

const strangers = ['resident_b', 'mediator_b', 'elder', 'head', 'volunteer', 'community_worker', 'branch_secretary', 'town_officer', 'city_leader', 'auditor', 'administrator'];

// Every step of a case: its path, a body that would be good, and whether it is for the files' side alone.
const steps = (ids) => [
    ['consents', { level: 'community' }], ['refusals', {}], ['termination', {}], ['signatures', { mark: 'party', form: 'signature' }],
    ['mediators', { person_id: person('mediator'), chosen_by: 'parties' }, true], [`parties/${ids.party}/identification`, { person_id: person('elder') }, true],
    ['risks', { level: 'low' }, true], ['attempts', { scheduled_at: '2026-12-01T07:00:00Z', place: '调解室' }, true],
    [`attempts/${ids.attempt}/outcome`, { outcome: 'failed' }, true], ['escalation', { summary: words.summary }, true],
    ['agreement', { form: 'oral', content: words.content }, true], ['performance-items', { party_id: ids.party, description: words.item, due_on: '2026-12-01' }, true],
    ['follow-ups', { visited_on: today(), finding: 'calm' }, true],
];

test('nobody else can tell that the file exists: not by reading, not by any step, not from a list', async () => {
    const file = await dispute.file();
    const ids = { party: file.parties[0].id, attempt: file.attempts[0].id };
    const missing = (id) => `/mediation-cases/${id}`;
    const same = (reply) => ({ ...reply.body, request_id: '' });
    const [before] = await asOwner(server, 'select state, (select count(*) from mediation.case_event e where e.case_id = c.id)::int as n from mediation.mediation_case c where id = $1', [file.id]);
    for (const login of strangers) {
        const session = await as(login);
        const reads = [await session.get(missing(file.id)), await session.get(missing(nowhere))];
        refused(reads[0], 404, 'not_found');
        assert.deepEqual(same(reads[0]), same(reads[1]), login);
        for (const query of ['', '?mine=true', `?number=${encodeURIComponent(file.number)}`]) {
            const listed = done(await session.get(`/mediation-cases${query}${query ? '&' : '?'}limit=200`)).items;
            assert.ok(!listed.some((item) => item.id === file.id), `${login} finds it by ${query}`);
        }
        const tried = login === 'mediator_b' ? steps(ids) : steps(ids).filter(([, , files]) => !files);
        for (const [step, body] of tried) {
            const replies = [await session.post(`${missing(file.id)}/${step}`, body), await session.post(`${missing(nowhere)}/${step}`, body)];
            refused(replies[0], 404, 'not_found');
            assert.deepEqual(same(replies[0]), same(replies[1]), `${login} ${step}`);
        }
        if (login !== 'mediator_b') refused(await session.post(`${missing(file.id)}/risks`, { level: 'low' }), 403, 'forbidden');
    }
    const [after] = await asOwner(server, 'select state, (select count(*) from mediation.case_event e where e.case_id = c.id)::int as n from mediation.mediation_case c where id = $1', [file.id]);
    assert.deepEqual(after, before);
    const views = await asOwner(server, 'select distinct person_id from mediation.case_view where case_id = $1', [file.id]);
    assert.ok(views.every((view) => !strangers.map(person).includes(view.person_id)));
});

test('every view is recorded with its request; the parties see neither views nor risks', async () => {
    done(await dispute.post('mediator', 'risks', { level: 'high' }), 201);
    const count = async () => (await asOwner(server, 'select count(*)::int as n from mediation.case_view where case_id = $1', [dispute.opened.id]))[0].n;
    const before = await count();
    const read = await (await as('resident')).get(dispute.path);
    assert.deepEqual([done(read).views, read.body.risks], [[], []]);
    assert.equal(read.headers['cache-control'].includes('no-store'), true);
    const [view] = await asOwner(server, 'select person_id, viewed_as, request_id from mediation.case_view where case_id = $1 order by no desc limit 1', [dispute.opened.id]);
    assert.deepEqual([view.person_id, view.viewed_as, view.request_id], [person('resident'), 'party', read.headers['x-request-id']]);
    const file = await dispute.file();
    assert.deepEqual([file.views[0].as, file.views[0].person_name, file.views[1].as], ['staff', '黄秀兰', 'party']);
    assert.deepEqual(file.risks.map((risk) => risk.level), ['high']);
    assert.equal(await count(), before + 2);
    await (await as('mediator_b')).get(dispute.path); // who sees nothing leaves no trace in the file
    assert.equal(await count(), before + 2);
});

test('what was said is in no table, no audit payload and no log in plain words', async () => {
    const { parties } = await dispute.file();
    done(await dispute.post('mediator', 'performance-items', { party_id: parties[0].id, description: words.item, due_on: today(5) }), 201);
    await Case.open(server, { as, body: { parties: [], respondent_name: words.claimed } });
    done(await dispute.post('mediator', 'follow-ups', { visited_on: today(), finding: 'calm', note: words.visit }), 201);
    const dump = await run('pg_dump', ['--data-only', '--inserts', '-d', connectionUrl('postgres', server.database)], { seconds: 110 });
    assert.equal(dump.code, 0, dump.stderr);
    assert.ok(dump.stdout.includes(dispute.opened.id) && dump.stdout.length > 1_000_000);
    for (const [name, text] of Object.entries(words).filter(([one]) => one !== 'summary')) {
        const needle = text.match(/独一无二[^，。]*/)?.[0] ?? text;
        for (const form of [needle, Buffer.from(needle).toString('hex'), Buffer.from(needle).toString('base64').slice(0, -4), JSON.stringify(needle).slice(1, -1)]) {
            assert.ok(!dump.stdout.includes(form), `${name} is in the database as ${form.slice(0, 20)}…`);
            assert.ok(!server.log().includes(form), `${name} is in the log`);
        }
    }
    assert.equal((await dispute.file('resident')).agreements[0].content, words.content);
});

test('a sealed text that was moved to another field is not opened', async () => {
    const result = await run('psql', ['-X', '-q', '-d', connectionUrl('postgres', server.database), '-c',
        `set session_replication_role = replica; update mediation.mediation_case set title_sealed = narrative_sealed where id = '${dispute.opened.id}'`]);
    assert.equal(result.code, 0, result.stderr);
    const records = process.env.LINLI_RECORD_DIR;
    delete process.env.LINLI_RECORD_DIR; // an answer for a forged row is no part of the contract
    const reply = await (await as('resident')).get(dispute.path);
    if (records) process.env.LINLI_RECORD_DIR = records;
    refused(reply, 500, 'internal_error');
});
