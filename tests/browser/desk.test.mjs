// The desk's screens on a desk and on a phone, in both languages; axe looks once at each.
import { describe, test } from 'node:test';
import { desk, phone } from '../lib/browser.mjs';
import { stage } from './stage.mjs';
import { placesOf, tour } from './tour.mjs';
import { visit } from './visitor.mjs';

function deskScreens(at) {
    const file = (state) => at.files.find((one) => one.state === state)?.id;
    const states = ['in_mediation', 'awaiting_consent', 'level_exhausted', 'agreed', 'in_force', 'closed'];
    return [
        ['desk', '/desk'], ['units', '/desk/units'], ['units-past', '/desk/units?as_of=2022-05-20'], ['appointments', '/desk/appointments'],
        ['groups', '/desk/groups'], ['heads', '/desk/heads'], ['desk-mediation', '/desk/mediation'], ['intake', '/desk/mediation/new'],
        ['counter', '/desk/counter'], ['desk-services', '/desk/services'], ['ledger', '/desk/ledger'],
        ...states.filter(file).map((state) => [`file-${state}`, `/desk/mediation/${file(state)}`]),
    ];
}

// The community of today did not exist then: asked for in the past, it is not found, and the page says so.
const thenNotThere = [/404 .*as_of=/];

describe('the desk', () => {
    const place = stage();
    // Asked once, by whichever test comes first.
    let asked;
    const ids = () => (asked ??= placesOf(place.server));

    for (const language of ['zh', 'en']) {
        test(`the desk, ${language}`, async () => {
            const at = await ids();
            const secretary = await visit(place, { language, viewport: desk, user: 'community_secretary' });
            await tour(secretary, deskScreens(at), { target: 24, axe: language === 'en' });
            await secretary.leave(thenNotThere);
        });

        test(`the desk on a phone, ${language}`, async () => {
            const at = await ids();
            const secretary = await visit(place, { language, viewport: phone, user: 'community_secretary' });
            await tour(secretary, deskScreens(at), { target: 24, axe: false });
            await secretary.leave(thenNotThere);
        });
    }
});
