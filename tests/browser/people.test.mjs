// A record is made although it looks like another, becomes a login by a code, and its owner sees who looked, takes a consent back,
// and has the record corrected.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { client } from '../lib/client.mjs';
import { demoId, person, today } from '../api/story.mjs';
import { desk } from '../lib/browser.mjs';
import { stage } from './stage.mjs';
import { judge, settle } from './tour.mjs';
import { visit } from './visitor.mjs';

const phoneNumber = '100 7700 0001';
const why = '核对低保材料';
const street = '示例路 12 号 3 室';
const forDesk = { target: 24 };
const forPhone = { target: 44 };

async function look(visitor, name, options) {
    await settle(visitor.page);
    await judge(visitor, name, options);
}

// Someone of the building has the same telephone: shown before the second record is made, and said to be another.
async function register(worker, name, elder) {
    const { page } = worker;
    await worker.home(`/desk/people?name=${encodeURIComponent(name.slice(0, 1))}`);
    await look(worker, 'people', forDesk);
    await worker.tap('button', worker.t('people.register'));
    const dialog = worker.dialog(worker.t('people.register'));
    const submit = dialog.getByRole('button', {
        name: worker.t('people.register'),
        exact: true,
    });
    await worker.type(worker.t('orgs.name'), name, { inside: dialog });
    await worker.pick(worker.t('people.lives_in'), '1 栋', /和顺花园/, {
        inside: dialog,
    });
    await worker.type(worker.t('orgs.phone'), phoneNumber, { inside: dialog });
    await worker.tapOn(submit);
    await worker.sees(elder, { inside: dialog.getByRole('status') });
    await worker.sees(worker.t('people.match_phone'), { inside: dialog });
    await look(worker, 'duplicate', forDesk);
    await worker.tapOn(dialog.getByLabel(worker.t('people.somebody_else')));
    await worker.tapOn(submit);
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await look(worker, 'person', forDesk);
}

async function reveal(worker) {
    await worker.tap('button', worker.t('people.reveal'));
    const dialog = worker.dialog(worker.t('people.reveal'));
    const submit = dialog.getByRole('button', {
        name: worker.t('people.reveal_do'),
        exact: true,
    });
    assert.equal(await submit.isDisabled(), true, 'a plain value without a reason');
    await worker.type(worker.t('people.reason'), why, { inside: dialog });
    await worker.tapOn(submit);
    await worker.sees(/^100 ?7700 ?0001$/, {
        inside: dialog.getByRole('status'),
    });
    await worker.sees(worker.t('people.reveals_left', { n: 19 }), {
        inside: dialog,
    });
    await look(worker, 'reveal', forDesk);
    await worker.tap('button', worker.t('app.cancel'), { inside: dialog });
    await worker.dialogGone();
}

async function codeFor(worker) {
    await worker.tap('button', worker.t('people.open_login'));
    const dialog = worker.dialog(worker.t('people.open_login'));
    await worker.tap('button', worker.t('people.make_code'), { inside: dialog });
    const code = (await dialog.locator('.code').innerText()).trim();
    assert.match(code, /^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    await worker.tap('button', worker.t('app.cancel'), { inside: dialog });
    await worker.dialogGone();
    return code;
}

async function claim(owner, code) {
    await owner.page.goto('/login');
    await owner.tap('link', owner.t('access.have_code'));
    await owner.type(owner.t('access.code'), code.toLowerCase().replaceAll('-', ' '));
    await owner.type(owner.t('access.new_user_name'), 'newcomer.1');
    await owner.type(owner.t('access.new_password'), 'a password of my own');
    await look(owner, 'claim', forPhone);
    await owner.tap('button', owner.t('access.claim'));
    await owner.page.waitForURL((url) => url.pathname === '/');
}

async function seeWhoLooked(owner) {
    await owner.home('/mine');
    await owner.tap('link', owner.t('rights.title'));
    await look(owner, 'rights', forPhone);
    await owner.tap('link', new RegExp(owner.t('rights.looks')), {
        exact: false,
    });
    await owner.sees(owner.t('rights.because', { reason: why }));
    await look(owner, 'looks', forPhone);
    owner.assertTaps(2, 'seeing who looked');
}

// Taking back is one tap, as giving was.
async function withdraw(owner) {
    await owner.home('/rights/consents');
    await look(owner, 'consents', forPhone);
    const one = owner.page
        .getByRole('listitem')
        .filter({ has: owner.page.getByRole('heading', { level: 2 }) })
        .first();
    await owner.tapOn(one.getByRole('button', { name: /^Agree/ }));
    await owner.tapOn(one.getByRole('button', { name: /^Withdraw/ }));
    await owner.sees(/^Withdrawn/, { inside: one });
    owner.assertTaps(2, 'giving and taking back');
}

async function askForCorrection(owner) {
    await owner.home('/rights/requests');
    await owner.tap('link', owner.t('rights.ask'));
    await owner.choose(owner.t('rights.kind_correction'));
    await owner.choose(owner.t('rights.field_address'));
    await owner.type(owner.t('rights.q_wanted'), street);
    await look(owner, 'ask-request', forPhone);
    await owner.tap('button', owner.t('rights.send'));
    await owner.sees(owner.t('rights.state_filed'));
    await look(owner, 'requests', forPhone);
}

// What was asked is first put right in the record, then answered.
async function correct(worker) {
    await worker.tap('button', worker.t('people.correct'));
    const dialog = worker.dialog(worker.t('people.correct'));
    await worker.type(worker.t('people.address'), street, { inside: dialog });
    await worker.tap('button', worker.t('people.correct'), { inside: dialog });
    await worker.dialogGone();
}

async function answerIt(secretary, name) {
    await secretary.home('/desk/data-requests');
    await look(secretary, 'data-requests', forDesk);
    await secretary.tap('button', secretary.t('people.answer_of', { name }));
    const dialog = secretary.dialog(secretary.t('people.request'));
    await secretary.sees(secretary.t('people.wanted', { what: street }), {
        inside: dialog,
    });
    await secretary.choose(secretary.t('people.fulfil'), { inside: dialog });
    await secretary.type(secretary.t('people.answer_words'), '已按身份证更正。', {
        inside: dialog,
    });
    await look(secretary, 'answer', forDesk);
    await secretary.tap('button', secretary.t('people.answer'), {
        inside: dialog,
    });
    await secretary.dialogGone();
}

describe('people and their data', () => {
    const place = stage();

    test('a second record, a reveal, a code; then the owner looks, withdraws and asks', async () => {
        const name = '覃新来';
        const elder = '覃先来';
        const staff = await client(place.server).login('community_worker');
        const first = await staff.post('/people', { name: elder, unit_id: demoId('building 1.3'), phone: phoneNumber });
        assert.equal(first.status, 201, first.text);

        const worker = await visit(place, {
            language: 'zh',
            viewport: desk,
            user: 'community_worker',
        });
        await register(worker, name, elder);
        await reveal(worker);
        const code = await codeFor(worker);

        const [owner, secretary] = await Promise.all([
            visit(place, { language: 'en' }),
            visit(place, { language: 'zh', viewport: desk, user: 'community_secretary' }),
        ]);
        await claim(owner, code);
        await seeWhoLooked(owner);
        await withdraw(owner);
        await askForCorrection(owner);

        await correct(worker);
        await answerIt(secretary, name);

        await owner.home('/rights/requests');
        await owner.sees(owner.t('rights.state_fulfilled'));
        await owner.sees(owner.t('rights.answer', { words: '已按身份证更正。' }));
        await owner.home('/rights/data');
        await owner.sees(street);
        await look(owner, 'my-data', forPhone);
        for (const one of [worker, owner, secretary]) await one.leave();
    });

    // The banner stands on every page until it is ended; a page loaded anew is one's own.
    test('acting for another is always shown', async () => {
        const staff = await client(place.server).login('community_worker');
        const recorded = await staff.post(`/people/${person('elder')}/representations`, {
            agent_id: person('resident'),
            form: 'written',
            reason: '住院期间代办',
            valid_to: today(30),
        });
        assert.equal(recorded.status, 201, recorded.text);
        const { person: elder, agent } = recorded.body;
        const niece = await visit(place, { language: 'zh', user: 'resident' });
        const { page } = niece;
        const banner = page.getByText(niece.t('acting.bar', { agent: agent.name, name: elder.name }));

        await niece.home('/mine');
        await niece.tap('link', niece.t('acting.title'));
        await look(niece, 'representing', forPhone);
        await niece.tap('button', niece.t('acting.begin_for', { name: elder.name }));
        await banner.waitFor();
        await page.waitForURL((url) => url.pathname === '/');
        await niece.tap('link', niece.t('mine.title'));
        await niece.sees(elder.name, { inside: page.getByRole('main') });
        assert.equal(await banner.isVisible(), true);
        // Passwords, devices and who may act stay in one's own hand.
        assert.equal(await page.getByRole('link', { name: niece.t('devices.title') }).count(), 0);
        await look(niece, 'acting', forPhone);
        await niece.tap('button', niece.t('acting.end'));
        await page.waitForURL((url) => url.pathname === '/representing');
        await niece.home('/mine');
        await niece.sees(agent.name, { inside: page.getByRole('main') });
        assert.equal(await banner.count(), 0);
        await niece.leave();
    });
});
