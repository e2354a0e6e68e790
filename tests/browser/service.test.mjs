// A volunteer writes down a service, the served person rates it, points arrive, are redeemed and handed out at a counter.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stage } from './stage.mjs';
import { visit, wayName, ways } from './visitor.mjs';

async function usablePoints(volunteer) {
    await volunteer.home('/points');
    const figure = volunteer.page.locator('.figure').first();
    await figure.waitFor();
    return Number((await figure.innerText()).replace(/\D/g, ''));
}

async function record(volunteer) {
    await volunteer.home();
    await volunteer.tap('link', new RegExp(volunteer.t('home.services_about')));
    await volunteer.tap('link', volunteer.t('services.record'));
    await volunteer.choose('林');
    await volunteer.page.locator('.chip').first().waitFor();
    await volunteer.tapOn(volunteer.page.locator('.chip').first());
    await volunteer.tap('button', volunteer.t('services.save'));
    await volunteer.sees(volunteer.t('services.not_yet'));
    volunteer.assertTaps(8, 'recording a service');
}

// Two taps on the page itself.
async function rate(elder) {
    await elder.home();
    await elder.tap('link', new RegExp(`^${elder.t('tasks.service_verb')}${elder.t('app.colon')}`), { first: true });
    const before = elder.taps;
    await elder.choose(elder.t('services.good'));
    await elder.tap('button', elder.t('services.send'));
    await elder.sees(elder.t('services.thanks'));
    assert.equal(elder.taps - before, 2);
    elder.assertTaps(8, 'rating');
}

// Takes the first reward that can be had; returns its collection code.
async function redeem(volunteer) {
    await volunteer.home();
    await volunteer.tap('link', new RegExp(volunteer.t('tabs.points')), { first: true });
    await volunteer.tapOn(volunteer.page.locator('.reward a.get').first());
    await volunteer.tap('button', volunteer.t('points.confirm'));
    const digits = volunteer.page.locator('.code .digits');
    await digits.waitFor();
    volunteer.assertTaps(8, 'redeeming');
    return (await digits.innerText()).replace(/\D/g, '');
}

async function handOut(worker, code) {
    await worker.home('/desk');
    await worker.tapOn(worker.page.locator('main .doors').getByRole('link', { name: worker.t('desk.counter') }));
    await worker.tapOn(worker.page.getByLabel(worker.t('counter.by_code')).and(worker.page.locator('input:not([type=radio])')));
    await worker.page.keyboard.type(code);
    await worker.sees(worker.t('counter.code_matches'));
    await worker.tapOn(worker.page.locator('.lead').getByRole('button', { name: worker.t('counter.hand_out'), exact: true }));
    await worker.tap('button', worker.t('counter.yes_collect'));
    await worker.page.locator('.done').waitFor();
    worker.assertTaps(8, 'handing out');
}

describe('a service', () => {
    const place = stage();

    for (const way of ways) {
        test(`from the record to the counter (${wayName(way)})`, async () => {
            const volunteer = await visit(place, { ...way, user: 'volunteer' });
            const before = await usablePoints(volunteer);
            await record(volunteer);
            const elder = await visit(place, { ...way, user: 'elder' });
            await rate(elder);
            assert.ok((await usablePoints(volunteer)) > before, 'the points have arrived');
            const code = await redeem(volunteer);
            const worker = await visit(place, { ...way, user: 'community_worker' });
            await handOut(worker, code);
            await volunteer.sees(volunteer.t('points.redemption_title'), { seconds: 40 });
            for (const one of [volunteer, elder, worker]) await one.leave();
        });
    }
});
