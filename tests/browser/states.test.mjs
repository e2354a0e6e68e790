// What a person meets when things are not as usual: keyboard only, a wrong password, no network, an error of the server.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { phone } from '../lib/browser.mjs';
import { stage } from './stage.mjs';
import { judge, settle } from './tour.mjs';
import { visit } from './visitor.mjs';

describe('out of the ordinary', () => {
    const place = stage();

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
        const focused = () => resident.page.evaluate(() => document.activeElement?.id || document.activeElement?.closest('label')?.textContent.trim());
        await resident.page.getByRole('group', { name: resident.t('mediation.q_kind') }).getByRole('radio').first().focus();
        await keyboard.press('Space');
        await keyboard.press('ArrowDown');
        await keyboard.press('Tab');
        assert.equal(await focused(), resident.t('mediation.a_person'));
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
