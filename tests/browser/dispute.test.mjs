// A dispute, from the phone of the person who has it to an agreement in force; and ending another one at once.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stage } from './stage.mjs';
import { visit, wayName, ways } from './visitor.mjs';

// A resident asks for mediation with a neighbour whom she knows by name only.
async function ask(at, title) {
    const resident = await visit(at, { ...at, user: 'resident' });
    await resident.home();
    await resident.tap('link', new RegExp(resident.t('home.mediation_about')));
    await resident.tap('link', resident.t('mediation.apply'));
    await resident.choose(resident.language === 'zh' ? '邻里' : 'eighbour');
    await resident.type(resident.t('mediation.person_name'), '覃国强，孝坊小区 4 栋');
    await resident.type(`3. ${resident.t('mediation.q_title')}`, title);
    await resident.type(`4. ${resident.t('mediation.q_narrative')}`, '楼上夜里装修，睡不着。希望晚上八点以后停工。');
    await resident.tap('button', resident.t('mediation.apply_send'));
    await resident.sees(resident.t('mediation.waiting_consent'));
    resident.assertTaps(8, 'asking for mediation');
    return resident;
}

// The mediator finds out who is meant. From here on the neighbour sees the file.
async function identify(mediator, title) {
    await mediator.home('/desk');
    await openFile(mediator, title);
    await mediator.tap('button', mediator.t('case.do_identify_party'));
    const dialog = mediator.dialog(mediator.t('case.do_identify_party'));
    await mediator.pick(mediator.t('case.person'), '覃国强', /覃国强.*4 栋/, { inside: dialog });
    await mediator.tap('button', mediator.t('case.identify'), { inside: dialog });
    await mediator.dialogGone();
    mediator.assertTaps(8, 'identifying the other side');
}

// From the desk's first page: the row of the file has its button, or the list of cases has it.
async function openFile(mediator, title) {
    await mediator.tap('link', mediator.t('desk.mediation'), { first: true, inside: mediator.page.locator('main .doors') });
    await mediator.tap('link', title);
    await mediator.page.getByRole('heading', { name: title, level: 1 }).waitFor();
}

async function consent(neighbour, title) {
    await neighbour.home('/tasks');
    await neighbour.home();
    await neighbour.tap('link', `${neighbour.t('tasks.consent_verb')}${neighbour.t('app.colon')}${neighbour.t('tasks.consent')}`, { first: true });
    await neighbour.page.getByRole('heading', { name: title }).waitFor();
    await neighbour.choose(neighbour.t('mediation.agree'));
    await neighbour.sees(neighbour.t('mediation.agree_then'));
    await neighbour.tap('button', neighbour.t('mediation.confirm_agree'));
    await neighbour.sees(neighbour.t('mediation.to_be_fixed'));
    neighbour.assertTaps(8, 'consenting');
}

async function talk(mediator, title) {
    await mediator.home('/desk');
    await openFile(mediator, title);
    await mediator.tap('button', mediator.t('case.do_schedule_attempt'), { first: true });
    await mediator.tap('button', mediator.t('case.do_schedule_attempt'), { inside: mediator.page.locator('.el-dialog') });
    await mediator.dialogGone();
    await mediator.tap('button', mediator.t('case.do_record_outcome'), { first: true });
    const dialog = mediator.dialog(mediator.t('case.do_record_outcome'));
    await mediator.choose(mediator.t('case.outcome_agreed'), { inside: dialog });
    await mediator.tap('button', mediator.t('case.record'), { inside: dialog });
    await mediator.dialogGone();
    await mediator.sees(mediator.t('mediation.state_agreed'));
    mediator.assertTaps(8, 'scheduling and recording the talk');
}

async function write(mediator, title) {
    await mediator.home('/desk');
    await openFile(mediator, title);
    await mediator.tap('button', mediator.t('case.do_write_agreement'), { first: true });
    const dialog = mediator.dialog(mediator.t('case.do_write_agreement'));
    await dialog.getByLabel(mediator.t('case.content'), { exact: true }).fill('甲方、乙方同意：晚上八点到早上八点不施工。今天起照办。');
    await mediator.tap('button', mediator.t('case.save_agreement'), { inside: dialog });
    await mediator.dialogGone();
    mediator.assertTaps(8, 'writing the agreement');
}

// A party reads, says so, and signs.
async function sign(person, title) {
    await person.home();
    const task = person.page.locator('li', { hasText: title }).filter({ hasText: person.t('tasks.agreement') });
    await person.tapOn(task.getByRole('link'));
    await person.choose(person.t('mediation.have_read'));
    await person.tap('button', person.t('mediation.sign'));
    await person.page.getByRole('button', { name: person.t('mediation.sign'), exact: true }).waitFor({ state: 'hidden' });
    person.assertTaps(8, 'signing');
}

// The mediator's own signature, then the committee's seal: the last of the three marks puts the agreement in force.
async function seal(mediator, title) {
    await mediator.home('/desk');
    await openFile(mediator, title);
    for (const mark of ['mediator', 'committee']) {
        await mediator.tap('button', mediator.t('case.do_sign'), { first: true });
        const dialog = mediator.dialog(mediator.t('case.do_sign'));
        await dialog.getByText(mediator.t(`mediation.mark_${mark}`), { exact: true }).waitFor();
        await mediator.tap('button', mediator.t('case.set_mark'), { inside: dialog });
        await mediator.dialogGone();
    }
    await mediator.sees(mediator.t('mediation.state_in_force'));
    mediator.assertTaps(8, 'the last two marks');
}

async function endNow(resident, title) {
    await resident.home();
    await resident.tap('link', new RegExp(resident.t('home.mediation_about')));
    await resident.tap('link', new RegExp(title));
    await resident.tap('link', resident.t('mediation.end'));
    await resident.sees(resident.t('mediation.end_no_reason'));
    await resident.tap('button', resident.t('mediation.end_yes'));
    await resident.sees(resident.t('mediation.still_open'));
    assert.equal(await resident.page.getByRole('link', { name: resident.t('mediation.end'), exact: true }).count(), 0);
    resident.assertTaps(8, 'ending it now');
}

describe('a dispute', () => {
    const place = stage();

    for (const way of ways) {
        test(`from asking to an agreement in force (${wayName(way)})`, async () => {
            const at = { ...place, ...way };
            const title = `夜间装修 ${wayName(way)}`;
            const resident = await ask(at, title);
            const mediator = await visit(place, { ...way, user: 'mediator' });
            await identify(mediator, title);
            const neighbour = await visit(place, { ...way, user: 'neighbour' });
            await consent(neighbour, title);
            await talk(mediator, title);
            await write(mediator, title);
            await sign(resident, title);
            await sign(neighbour, title);
            await seal(mediator, title);
            await resident.home('/mediation');
            await resident.sees(title);
            const other = `不再谈 ${wayName(way)}`;
            const again = await ask(at, other);
            await endNow(again, other);
            for (const one of [resident, mediator, neighbour, again]) await one.leave();
        });
    }
});
