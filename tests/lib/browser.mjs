// Debian's Chromium, driven by Playwright: a new profile each time, nothing fetched from outside, and a memory of everything
// that went wrong on the page.
import assert from 'node:assert/strict';
import axe from 'axe-core';
import { chromium } from 'playwright-core';

const flags = ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run',
    '--disable-dev-shm-usage'];
export const phone = { width: 390, height: 844 };
export const desk = { width: 1440, height: 900 };

// openBrowser(t) → Browser, closed when the test is over.
export async function openBrowser(t) {
    const browser = await chromium.launch({ executablePath: process.env.LINLI_CHROMIUM ?? '/usr/bin/chromium', args: flags });
    t.after(() => browser.close());
    return browser;
}

// openPage(browser, server, {viewport, locale, touch}) → page with .troubles: uncaught errors, errors on the console, broken
// content-security policy, and replies of 500 and more; and .underWay: the requests without an answer.
export async function openPage(browser, server, { viewport = phone, locale = 'zh-CN', touch = viewport.width < 600 } = {}) {
    const context = await browser.newContext({ viewport, locale, timezoneId: 'Asia/Shanghai', hasTouch: touch, baseURL: server.url });
    const page = await context.newPage();
    page.troubles = [];
    page.underWay = new Set();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => page.troubles.push(`uncaught: ${error.message}`));
    page.on('console', (message) => {
        if (message.type() === 'error') page.troubles.push(`console: ${message.text()} (${message.location().url})`);
    });
    for (const over of ['requestfinished', 'requestfailed']) page.on(over, (request) => page.underWay.delete(request));
    page.on('request', (request) => page.underWay.add(request));
    page.on('response', (reply) => {
        if (reply.status() >= 500) page.troubles.push(`${reply.status()} ${reply.url()}`);
    });
    await page.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (event) => {
            console.error(`content-security policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
        });
    });
    return page;
}

// A story that ends here has left no trouble behind; expected: patterns of those that the story itself provoked.
export function assertCalm(page, expected = []) {
    const left = page.troubles.filter((trouble) => !expected.some((pattern) => pattern.test(trouble)));
    assert.deepEqual(left, []);
}

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

// In the page: what axe finds. The pages are one document each; a frame would need another look, so there must be none.
async function violations(tags) {
    if (document.querySelector('iframe, frame')) throw new Error('a frame that axe has not looked into');
    const result = await window.axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
    return result.violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.slice(0, 3).map((node) => node.target.join(' ')).join(', ')})`);
}

// No violation of WCAG 2.2 A and AA that axe can see. axe stays in the page until the page is loaded anew.
export async function assertAccessible(page, name) {
    if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
    assert.deepEqual(await page.evaluate(violations, rules), [], `axe on ${name}`);
}
