// Who was it on that day, and who is it from today: the explorer in the past, then a new head for a building.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stage } from './stage.mjs';
import { visit, wayName, ways } from './visitor.mjs';

const longAgo = '2022-05-20';

async function lookBack(secretary) {
    const { page } = secretary;
    await secretary.home('/desk');
    await secretary.tapOn(page.locator('main .doors').getByRole('link', { name: secretary.t('desk.units') }));
    const day = page.getByRole('combobox', { name: secretary.t('desk.as_of'), exact: true });
    await secretary.tapOn(day);
    await day.fill(longAgo);
    await day.press('Enter');
    await secretary.sees(secretary.t('desk.past', { day: longAgo }));
    await page.waitForURL(/as_of=2022-05-20/);
    // The past is read only.
    assert.equal(await page.getByRole('button', { name: secretary.t('orgs.found_unit') }).count(), 0);
}

// From the search in the bar to the building of today, and its next head. The one before hands over.
async function appoint(secretary, building) {
    const { page } = secretary;
    await secretary.pick(secretary.t('desk.search'), building.name, building.option);
    await page.getByRole('article', { name: building.name }).waitFor();
    await secretary.tap('button', secretary.t('head.replace'));
    const dialog = secretary.dialog(secretary.t('head.make'));
    await secretary.sees(/202\d/, { inside: dialog.getByRole('status') });
    const field = dialog.getByRole('combobox', { name: secretary.t('orgs.person'), exact: true });
    await secretary.tapOn(field);
    const person = (await secretary.answersOf(field)).first();
    const name = (await person.locator('span').first().innerText()).trim();
    await secretary.tapOn(person);
    await secretary.tap('button', secretary.t('head.make_kind', { kind: secretary.t('head.kind_building_head') }), { inside: dialog });
    await secretary.dialogGone();
    await secretary.sees(name, { inside: page.getByRole('article', { name: building.name }) });
    secretary.assertTaps(8, 'looking back and appointing a building head');
    return name;
}

describe('the organization', () => {
    const place = stage();

    for (const [index, way] of ways.entries()) {
        test(`as of a day long ago, then a new building head (${wayName(way)})`, async () => {
            const secretary = await visit(place, { ...way, user: 'community_secretary' });
            await lookBack(secretary);
            const building = { name: `${index + 1} 栋`, option: new RegExp(`^${index + 1} 栋.*和顺花园`) };
            const name = await appoint(secretary, building);
            await secretary.home('/desk/heads');
            await secretary.sees(name);
            // The community of today did not exist then: asked for in the past, it is not found, and the page says so.
            await secretary.leave([/404 .*as_of=/]);
        });
    }
});
