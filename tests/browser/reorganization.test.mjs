// A reorganization from the first word to the decree and back: the town drafts and looks, the city decrees and withdraws.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { client } from '../lib/client.mjs';
import { stage } from './stage.mjs';
import { visit, wayName, ways } from './visitor.mjs';

const later = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

// A compound gets another name in two weeks.
async function draft(officer, { title, compound, name }) {
    const { page } = officer;
    await officer.home('/desk/reorganizations');
    await officer.tap('button', officer.t('reorg.draft'));
    await officer.type(officer.t('reorg.document_title'), title);
    const day = page.getByRole('combobox', { name: officer.t('reorg.effective_on') });
    await day.fill(later(14));
    await day.press('Enter');
    await officer.type(new RegExp(officer.t('reorg.proposal_ref')), '岑城政〔2026〕虚构 1 号');
    await officer.tap('button', officer.t('reorg.action_rename'));
    await officer.pick(officer.t('reorg.which_unit'), compound, compound);
    await officer.type(officer.t('reorg.new_name'), name);
    await officer.sees(officer.t('reorg.say_rename', { unit: compound, name }));
    await officer.tap('button', officer.t('reorg.save'));
    await officer.sees(officer.t('reorg.state_draft'));
}

async function look(officer, name) {
    const { page } = officer;
    await officer.tap('button', officer.t('reorg.preview'));
    const after = page.getByRole('region', { name: officer.t('reorg.after', { day: later(14) }) });
    await officer.sees(name, { inside: after });
    await officer.sees(officer.t('reorg.change_renamed'), { inside: after });
    await officer.sees(officer.t('reorg.no_choices'));
    assert.equal(await page.getByRole('button', { name: officer.t('reorg.decree'), exact: true }).count(), 0, 'a town does not decree');
}

async function decree(city, { title, number }) {
    const { page } = city;
    await city.home('/desk/reorganizations?state=previewed');
    await city.tap('link', title);
    await city.tap('button', city.t('reorg.decree'));
    const dialog = city.dialog(city.t('reorg.decree'));
    await city.type(city.t('reorg.decree_number'), number, { inside: dialog });
    await city.type(city.t('reorg.approval_ref'), '岑政复〔2026〕虚构 1 号', { inside: dialog });
    await city.tap('button', city.t('reorg.decree'), { inside: dialog });
    await city.dialogGone();
    await city.sees(city.t('reorg.decreed_in', { n: 14 }, 14));
    await city.tap('button', city.t('reorg.withdraw'));
    const back = city.dialog(city.t('reorg.withdraw'));
    await city.type(city.t('orgs.reason'), '名称要再征求居民意见', { inside: back });
    await city.tap('button', city.t('reorg.withdraw'), { inside: back });
    await city.dialogGone();
    await city.sees(city.t('reorg.state_withdrawn'));
    assert.equal(await page.getByRole('button', { name: city.t('reorg.withdraw'), exact: true }).count(), 0);
}

describe('a reorganization', () => {
    const place = stage();

    for (const [index, way] of ways.entries()) {
        test(`drafted, looked at, decreed and withdrawn (${wayName(way)})`, async () => {
            const asked = await client(place.server).login('town_officer');
            const compound = (await asked.all('/units?kind=compound'))[index].name;
            const title = `改名方案 ${index + 1}`;
            const name = `新名小区 ${index + 1}`;
            const officer = await visit(place, { ...way, user: 'town_officer' });
            await draft(officer, { title, compound, name });
            await look(officer, name);
            await officer.leave();
            const city = await visit(place, { ...way, user: 'city_officer' });
            await decree(city, { title, number: `虚构 ${index + 1} 号` });
            await city.leave();
        });
    }
});
