// A building head is elected: the desk opens the vote, a resident casts an online ballot on a phone and finds the receipt in the box.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { desk, phone } from '../lib/browser.mjs';
import { client } from '../lib/client.mjs';
import { stage } from './stage.mjs';
import { visit } from './visitor.mjs';

async function take(worker, step) {
    await worker.tap('button', worker.t(`vote.step_${step}`));
    const dialog = worker.dialog(worker.t(`vote.step_${step}`));
    await worker.tap('button', worker.t(`vote.step_${step}`), { inside: dialog });
    await worker.dialogGone();
}

async function vote(voter, title) {
    const { page } = voter;
    await voter.home('/');
    await voter.tapOn(page.getByRole('navigation', { name: voter.t('home.what') }).getByRole('link', { name: voter.t('home.elections') }));
    await voter.tapOn(page.getByRole('link', { name: title }));
    await voter.tap('link', voter.t('ballot.go'));
    await voter.tapOn(page.locator('label.pick').first());
    await voter.tap('button', voter.t('ballot.next'));
    await voter.sees(voter.t('ballot.once'));
    const cast = page.waitForRequest((request) => request.url().endsWith('/ballots'));
    await voter.tap('button', voter.t('ballot.cast'));
    // Nothing in the request says whose ballot it is.
    const headers = await (await cast).allHeaders();
    assert.deepEqual([headers.authorization, headers.cookie], [undefined, undefined]);
    await voter.sees(voter.t('ballot.in_the_box'));
    voter.assertTaps(6, 'from home to the ballot in the box');
    return (await page.locator('.code').innerText()).replace(/\s/g, '');
}

describe('an election', () => {
    const place = stage();

    test('opened at the desk, voted on a phone, the receipt found in the box', async () => {
        const asked = await client(place.server).login('community_worker');
        const election = (await asked.all('/elections')).find((one) => one.state === 'candidates_published');
        const worker = await visit(place, { language: 'zh', viewport: desk, user: 'community_worker' });
        await worker.home(`/desk/elections/${election.id}`);
        await take(worker, 'open_voting');
        const elder = await visit(place, { language: 'zh', viewport: phone, user: 'elder', elder: true });
        const receipt = await vote(elder, election.title);
        assert.match(receipt, /^[0-9a-f]{64}$/);
        await elder.home(`/elections/${election.id}`);
        await elder.sees(elder.t('ballot.took_online'));
        assert.equal(await elder.page.getByRole('link', { name: elder.t('ballot.go') }).count(), 0, 'one ballot a voter');

        await take(worker, 'close_voting');
        const box = (await asked.all(`/elections/${election.id}/receipts`)).map((line) => line.receipt);
        assert.deepEqual(box, [receipt]);
        await elder.leave();
        await worker.leave();
    });
});
