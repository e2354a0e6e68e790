// The resident's screens on a phone and in elder mode, in both languages.
import { describe, test } from 'node:test';
import { phone } from '../lib/browser.mjs';
import { stage } from './stage.mjs';
import { placesOf, tour } from './tour.mjs';
import { elderLanguages, visit } from './visitor.mjs';

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

describe('the phone', () => {
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
    }

    for (const language of elderLanguages) {
        test(`elder mode, ${language}`, async () => {
            const at = await ids();
            const elder = await visit(place, { language, viewport: phone, user: 'elder', elder: true });
            const rate = at.records.find((one) => one.state === 'recorded');
            await tour(elder, [
                ['elder-home', '/'], ['elder-tasks', '/tasks'], ['elder-mine', '/mine'], ['elder-community', '/community'],
                ['elder-points', '/points'], ['elder-rate', `/services/${rate.id}`], ['elder-services', '/services'],
                ['elder-mediation', '/mediation'], ['elder-apply', '/mediation/apply'],
            ], { target: 60, letters: 24, axe: language === 'zh' });
            await elder.leave();
        });
    }
});
