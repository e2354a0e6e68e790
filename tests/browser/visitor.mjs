// A person in front of a screen: reads words, taps what has them, types. Every tap is counted, none is made by script.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { demoPassword } from '../lib/client.mjs';
import { house } from '../lib/places.mjs';
import { seed } from '../lib/random.mjs';
import { assertCalm, desk, openPage, phone } from '../lib/browser.mjs';
import { zh } from '../../client-web/src/i18n/zh/index.ts';
import { en } from '../../client-web/src/i18n/en/index.ts';
import { desk as zhDesk } from '../../client-web/src/i18n/zh/desk.ts';
import { desk as enDesk } from '../../client-web/src/i18n/en/desk.ts';

// Pictures for eyes: of every screen, and of the one on which a test failed.
export const pictures = join(house, '.cache/screens');
mkdirSync(pictures, { recursive: true });

const words = { zh: { ...zh, ...zhDesk }, en: { ...en, ...enDesk } };

// A run makes every journey in one of two ways, chosen by its seed, and looks at every screen where it is tightest: the longer language on
// the narrow screen, the other one on the wide. LINLI_WAYS=all does everything in every way; so it is run before a release.
const everyWay = process.env.LINLI_WAYS === 'all';
const journeys = [{ language: 'zh', viewport: phone }, { language: 'en', viewport: desk }];
export const ways = everyWay ? journeys : [journeys[seed % journeys.length]];
export const looks = everyWay ? ['zh', 'en'].flatMap((language) => [desk, phone].map((viewport) => ({ language, viewport })))
    : [{ language: 'zh', viewport: desk }, { language: 'en', viewport: phone }];
export const elderLanguages = everyWay ? ['zh', 'en'] : ['zh'];
export const wayName = (way) => `${way.language} ${way.viewport.width}`;

// As the client says it: {name} is filled in, of "one | many" the form for n.
function say(language, key, values = {}, count) {
    const message = key.split('.').reduce((node, name) => node?.[name], words[language]);
    assert.equal(typeof message, 'string', `no words for ${key} in ${language}`);
    const forms = message.split(' | ');
    const form = forms.length > 1 && count !== 1 ? forms.at(-1) : forms[0];
    return form.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

export class Visitor {
    taps = 0;

    constructor(page, language) {
        this.page = page;
        this.language = language;
    }

    t(key, values, count) {
        return say(this.language, key, values, count);
    }

    // Where words are: in the open dialog when there is one.
    within(locator) {
        return locator ?? this.page;
    }

    async tap(role, name, { exact = true, inside, first = false } = {}) {
        const found = this.within(inside).getByRole(role, { name, exact });
        await this.tapOn(first ? found.first() : found);
    }

    async tapOn(locator) {
        await this.watched(locator.click());
        this.taps += 1;
    }

    // What fails leaves a picture of the page it failed on.
    async watched(doing) {
        try {
            return await doing;
        } catch (error) {
            const file = join(pictures, `failed-${this.user ?? 'nobody'}-${this.language}-${Date.now() % 1_000_000}.png`);
            await this.page.screenshot({ path: file }).catch(() => {});
            error.message += `\n  taps so far: ${this.taps}, at ${this.page.url()}, picture: ${file}`;
            throw error;
        }
    }

    // Radio buttons here are labels with words; a person taps the words.
    async choose(text, { inside } = {}) {
        await this.tapOn(this.within(inside).locator('label').filter({ hasText: text }).first());
    }

    // A field that is picked from as one types: the tap that opens it, the letters, the tap on the answer.
    async pick(label, typed, option, { inside, focused = false } = {}) {
        const field = this.within(inside).getByRole('combobox', { name: label, exact: true });
        if (!focused) await this.tapOn(field);
        await field.pressSequentially(typed);
        await this.tapOn((await this.answersOf(field)).filter({ hasText: option }).first());
    }

    // The answers of this field and of no other whose list is still closing.
    async answersOf(field) {
        return this.page.locator(`[id="${await field.getAttribute('aria-controls')}"]`).getByRole('option');
    }

    type(label, text, { inside } = {}) {
        return this.within(inside).getByLabel(label).fill(text);
    }

    sees(text, { inside, seconds = 15 } = {}) {
        return this.watched(this.within(inside).getByText(text).first().waitFor({ timeout: seconds * 1000 }));
    }

    dialog(title) {
        return this.page.getByRole('dialog', { name: title });
    }

    async dialogGone() {
        await this.page.locator('.el-dialog').waitFor({ state: 'hidden' });
    }

    // What was done since the last home took at most so many taps.
    assertTaps(most, what) {
        assert.ok(this.taps <= most, `${what}: ${this.taps} taps, at most ${most}`);
    }

    async home(path = '/') {
        await this.page.goto(path);
        await this.page.locator('h1').first().waitFor();
        this.taps = 0;
    }

    async signIn(user) {
        this.user = user;
        await this.page.goto('/login');
        await this.page.getByLabel(this.t('access.user_name')).fill(user);
        await this.page.getByLabel(this.t('access.password')).fill(demoPassword);
        await this.page.getByRole('button', { name: this.t('access.log_in'), exact: true }).click();
        await this.page.waitForURL((url) => url.pathname !== '/login');
        await this.page.locator('h1').first().waitFor();
        this.taps = 0;
        return this;
    }

    async leave(expected = []) {
        assertCalm(this.page, expected);
        await this.page.context().close();
    }
}

// visit({browser, server}, {language, viewport, user, elder}) → a Visitor in a new browser profile, signed in when a user is named.
export async function visit({ browser, server }, { language = 'zh', viewport = phone, user, elder = false } = {}) {
    const page = await openPage(browser, server, { viewport, locale: language === 'zh' ? 'zh-CN' : 'en-GB' });
    await page.addInitScript(({ chosen, large }) => {
        localStorage.setItem('linli.language', chosen);
        if (large) localStorage.setItem('linli.preferences', JSON.stringify({ elder: true, larger: 0 }));
    }, { chosen: language, large: elder });
    const visitor = new Visitor(page, language);
    if (user) await visitor.signIn(user);
    return visitor;
}
