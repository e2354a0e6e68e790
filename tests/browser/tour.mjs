// Every screen in every state that can be reached: axe finds nothing, no content-security violation, no error on the console,
// nothing wider than the screen, targets and letters as large as promised. A picture of each is left in .cache/screens for eyes.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { assertAccessible } from '../lib/browser.mjs';
import { until } from '../lib/process.mjs';
import { client } from '../lib/client.mjs';
import { pictures } from './visitor.mjs';

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

// What keeps the page from being at rest: for the message of the test that waited in vain.
const restless = () => ({
    busy: [...document.querySelectorAll('[aria-busy=true]')].map((one) => one.className),
    moving: document.getAnimations().filter((one) => one.playState === 'running').map((one) => `${one.animationName ?? one.transitionProperty} of ${one.effect?.target?.className}`),
});

// In the page: every movement that ends has ended, two pictures have been drawn since, and nothing says that it is busy.
async function still() {
    const moving = document.getAnimations().filter((one) => one.playState === 'running' && one.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.all(moving.map((one) => one.finished.catch(() => {})));
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return document.querySelector('[aria-busy=true]') === null;
}

// Nothing moves, nothing is busy, no request is under way: three times in a row, since one answer may be the next question.
export async function settle(page) {
    await page.locator('h1').first().waitFor();
    await until(async () => {
        for (let calm = 0; calm < 3; calm += 1) if (page.underWay.size > 0 || !(await page.evaluate(still))) return false;
        return page.underWay.size === 0;
    }, 30, 'the page to come to rest').catch(async (error) => {
        error.message += ` ${page.url()} ${JSON.stringify({ ...(await page.evaluate(restless)), underWay: [...page.underWay].map((one) => one.url?.() ?? String(one)) })}`;
        throw error;
    });
}

// Judges what is on the screen now.
export async function judge(visitor, name, { axe = true, target, letters = 0 } = {}) {
    const label = [name, visitor.language, visitor.page.viewportSize().width].join('-');
    await visitor.page.screenshot({ path: join(pictures, `${label}.jpg`), type: 'jpeg', quality: 70, fullPage: true, animations: 'disabled' });
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
export async function tour(visitor, screens, options) {
    const wrong = [];
    for (const [name, path] of screens) {
        await goTo(visitor.page, path);
        await judge(visitor, name, options).catch((error) => wrong.push(`${visitor.user} ${path}: ${error.message}`));
    }
    assert.deepEqual(wrong, []);
}

// Ids that the demo city's people have, found as they would: through the API's lists.
export async function placesOf(server) {
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
