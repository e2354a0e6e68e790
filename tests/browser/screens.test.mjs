// Every screen in every state that can be reached, in both languages and both sizes: axe finds nothing, no content-security
// violation, no error on the console, nothing wider than the screen, targets and letters as large as promised. A picture of
// each is left in .cache/screens for eyes.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { assertAccessible, desk, phone } from '../lib/browser.mjs';
import { client } from '../lib/client.mjs';
import { stage } from './stage.mjs';
import { pictures, visit } from './visitor.mjs';

// What of the screen breaks its promises: read in the page itself.
function measure({ target, letters }) {
    const shown = (element) => {
        const box = element.getBoundingClientRect();
        const style = getComputedStyle(element);
        return box.width > 1 && box.height > 1 && style.visibility !== 'hidden' && !element.closest('[aria-hidden=true], .sr-only, .skip');
    };
    const name = (element) => `${element.tagName.toLowerCase()}.${element.className} "${(element.textContent || element.ariaLabel || '').trim().slice(0, 24)}"`;
    const found = [];
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (wide > 0) found.push(`${wide} px wider than the screen`);
    if (/\b[a-z_]+\.[a-z_]+_[a-z_]+\b|\{\w+\}/.test(document.body.innerText)) found.push(`raw words: ${document.body.innerText.match(/\b[a-z_]+\.[a-z_]+_[a-z_]+\b|\{\w+\}/)[0]}`);
    for (const element of document.querySelectorAll('a[href], button, summary, input:not(.sr-only), select, textarea, label:has(input.sr-only)')) {
        // WCAG's own exception: a link inside a sentence.
        const sentence = element.tagName === 'A' && getComputedStyle(element).display === 'inline';
        const box = (element.closest('label') ?? element.closest('.van-field') ?? element).getBoundingClientRect();
        if (shown(element) && !sentence && Math.round(box.height) < target) found.push(`${Math.round(box.height)} px high: ${name(element)}`);
    }
    if (letters) {
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const element = node.parentElement;
            if (node.data.trim() && shown(element) && parseFloat(getComputedStyle(element).fontSize) < letters) {
                found.push(`${getComputedStyle(element).fontSize}: ${name(element)}`);
            }
        }
    }
    return [...new Set(found)];
}

async function settle(page) {
    await page.locator('h1').first().waitFor();
    for (let calm = 0; calm < 2; calm += 1) {
        await page.waitForTimeout(120);
        await page.waitForFunction(() => !document.querySelector('[aria-busy=true]'));
    }
}

// Judges what is on the screen now.
async function judge(visitor, name, { axe = true, target, letters = 0 } = {}) {
    const label = [name, visitor.language, visitor.page.viewportSize().width].join('-');
    await visitor.page.screenshot({ path: join(pictures, `${label}.png`), fullPage: true, animations: 'disabled' });
    const found = await visitor.page.evaluate(measure, { target, letters });
    assert.deepEqual(found, [], label);
    if (axe) await assertAccessible(visitor.page, label);
}

// As the browser's own back and forward do it: the page changes without being loaded anew.
async function goTo(page, path) {
    await page.evaluate((target) => {
        history.pushState({}, '', target);
        dispatchEvent(new PopStateEvent('popstate', { state: {} }));
    }, path);
    await settle(page);
}

// Goes through a list of [name, path] and collects what is wrong everywhere instead of stopping at the first.
async function tour(visitor, screens, options) {
    const wrong = [];
    for (const [name, path] of screens) {
        await goTo(visitor.page, path);
        await judge(visitor, name, options).catch((error) => wrong.push(`${visitor.user} ${path}: ${error.message}`));
    }
    assert.deepEqual(wrong, []);
}

// Ids that the demo city's people have, found as they would: through the API's lists.
async function placesOf(server) {
    const people = client(server);
    const resident = await people.login('resident');
    const volunteer = await people.login('volunteer');
    const elder = await people.login('elder');
    const mediator = await people.login('mediator');
    const cases = await resident.all('/mediation-cases?mine=true');
    const caseIn = (state, list = cases) => list.find((one) => one.state === state)?.id;
    const files = await mediator.all('/mediation-cases');
    const records = await elder.all('/service-records?as=served');
    const redemptions = await volunteer.all('/redemptions');
    const reward = (await resident.all('/rewards'))[0];
    const groups = await mediator.all('/groups?kind=self_governance').catch(() => []);
    return { caseIn, files, records, redemptions, reward, groups };
}

function phoneScreens(at) {
    return [
        ['home', '/'], ['tasks', '/tasks'], ['mine', '/mine'], ['community', '/community'], ['points', '/points'],
        ['statement', '/points?tab=statement'], ['redemptions', '/points?tab=redemptions'], ['redeem', `/points/rewards/${at.reward.id}`],
        ['services', '/services'], ['mediation', '/mediation'], ['apply', '/mediation/apply'], ['ways', '/mediation/ways'],
        ['case', `/mediation/${at.caseIn('in_mediation')}`], ['consent', `/mediation/${at.caseIn('awaiting_consent')}/consent`],
        ['end', `/mediation/${at.caseIn('in_mediation')}/end`], ['agreement', `/mediation/${at.caseIn('agreed')}/agreement`],
        ['nowhere', '/no/such/page'], ['forbidden', '/forbidden'],
    ];
}

function deskScreens(at) {
    const file = (state) => at.files.find((one) => one.state === state)?.id;
    const states = ['in_mediation', 'awaiting_consent', 'level_exhausted', 'agreed', 'in_force', 'closed'];
    return [
        ['desk', '/desk'], ['units', '/desk/units'], ['units-past', '/desk/units?as_of=2022-05-20'], ['appointments', '/desk/appointments'],
        ['groups', '/desk/groups'], ['heads', '/desk/heads'], ['desk-mediation', '/desk/mediation'], ['intake', '/desk/mediation/new'],
        ['counter', '/desk/counter'], ['desk-services', '/desk/services'], ['ledger', '/desk/ledger'],
        ...states.filter(file).map((state) => [`file-${state}`, `/desk/mediation/${file(state)}`]),
    ];
}

describe('the screens', { concurrency: 2 }, () => {
    const place = stage();
    // Asked once, by whichever test comes first.
    let asked;
    const ids = () => (asked ??= placesOf(place.server));

    for (const language of ['zh', 'en']) {
        test(`a resident's phone, ${language}`, async () => {
            const at = await ids();
            const resident = await visit(place, { language, viewport: phone, user: 'resident' });
            await tour(resident, phoneScreens(at), { target: 44, axe: language === 'zh' });
            const served = await visit(place, { language, viewport: phone, user: 'elder' });
            await tour(served, at.records.filter((one, index, all) => all.findIndex((other) => other.state === one.state) === index)
                .map((one) => [`service-${one.state}`, `/services/${one.id}`]), { target: 44 });
            const volunteer = await visit(place, { language, viewport: phone, user: 'volunteer' });
            await tour(volunteer, [['record-service', '/services/new'], ['redemption', `/points/redemptions/${at.redemptions[0].id}`]], { target: 44 });
            for (const one of [resident, served, volunteer]) await one.leave();
        });

        test(`elder mode, ${language}`, async () => {
            const at = await ids();
            const elder = await visit(place, { language, viewport: phone, user: 'elder', elder: true });
            const rate = at.records.find((one) => one.state === 'recorded');
            await tour(elder, [
                ['elder-home', '/'], ['elder-tasks', '/tasks'], ['elder-mine', '/mine'], ['elder-community', '/community'],
                ['elder-points', '/points'], ['elder-rate', `/services/${rate.id}`], ['elder-services', '/services'],
                ['elder-mediation', '/mediation'], ['elder-apply', '/mediation/apply'],
            ], { target: 60, letters: 24 });
            await elder.leave();
        });

        test(`the desk, ${language}`, async () => {
            const at = await ids();
            const secretary = await visit(place, { language, viewport: desk, user: 'community_secretary' });
            await tour(secretary, deskScreens(at), { target: 24, axe: language === 'en' });
            await secretary.leave();
        });

        test(`the desk on a phone, ${language}`, async () => {
            const at = await ids();
            const secretary = await visit(place, { language, viewport: phone, user: 'community_secretary' });
            await tour(secretary, deskScreens(at), { target: 24, axe: false });
            await secretary.leave();
        });
    }

    test('log-in by keyboard alone, a wrong password first', async () => {
        const visitor = await visit(place, { viewport: phone });
        await visitor.page.goto('/login');
        await settle(visitor.page);
        await judge(visitor, 'login', { target: 44 });
        await visitor.page.getByLabel(visitor.t('access.user_name')).focus();
        await visitor.page.keyboard.type('resident');
        await visitor.page.keyboard.press('Tab');
        await visitor.page.keyboard.type('not the password');
        await visitor.page.keyboard.press('Enter');
        await visitor.page.getByRole('alert').waitFor();
        await judge(visitor, 'login-refused', { target: 44 });
        await visitor.page.getByLabel(visitor.t('access.password')).focus();
        await visitor.page.keyboard.type('linli-demo-2026');
        await visitor.page.keyboard.press('Enter');
        await visitor.page.locator('#duties').waitFor();
        await visitor.leave([/401/]);
    });

    test('a form by keyboard alone', async () => {
        const resident = await visit(place, { viewport: phone, user: 'resident' });
        await resident.page.goto('/mediation/apply');
        await settle(resident.page);
        await resident.page.locator('.chip').first().waitFor();
        const keyboard = resident.page.keyboard;
        const focused = () => resident.page.evaluate(() => document.activeElement?.id || document.activeElement?.getAttribute('name'));
        await resident.page.locator('input[name=kind]').first().focus();
        await keyboard.press('Space');
        await keyboard.press('ArrowDown');
        await keyboard.press('Tab');
        assert.equal(await focused(), 'organization');
        await keyboard.press('Tab');
        assert.equal(await focused(), 'other');
        await keyboard.type('覃国强');
        await keyboard.press('Tab');
        await keyboard.type('楼道堆放');
        await keyboard.press('Tab');
        await keyboard.type('楼道堆了旧家具，请清走。');
        await keyboard.press('Tab');
        for (let step = 0; step < 4 && (await resident.page.evaluate(() => !document.activeElement.closest('.dock'))); step += 1) await keyboard.press('Tab');
        await keyboard.press('Enter');
        await resident.sees(resident.t('mediation.waiting_consent'));
        await resident.leave();
    });

    test('without a network, and when the server has an error', async () => {
        const resident = await visit(place, { viewport: phone, user: 'resident' });
        await settle(resident.page);
        await resident.page.context().setOffline(true);
        await resident.sees(resident.t('app.offline'));
        await judge(resident, 'offline', { target: 44 });
        await resident.page.context().setOffline(false);
        await resident.page.getByText(resident.t('app.offline')).waitFor({ state: 'hidden' });
        await resident.page.route('**/api/v1/rewards*', (route) => route.fulfill({
            status: 500, contentType: 'application/problem+json', headers: { 'x-request-id': 'r-4711' },
            body: JSON.stringify({ type: '/docs/problems#internal', title: '服务器出了问题', status: 500, detail: '', instance: '', request_id: 'r-4711' }),
        }));
        await resident.page.goto('/points');
        await resident.sees(/4711/);
        await judge(resident, 'error', { target: 44 });
        await resident.page.unroute('**/api/v1/rewards*');
        await resident.tap('button', resident.t('problem.retry'));
        await resident.page.locator('.reward').first().waitFor();
        await resident.leave([/500/, /ERR_INTERNET_DISCONNECTED/]);
    });
});
