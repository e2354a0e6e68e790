// The desk's screens on a desk and on a phone; axe looks once at each.
import { describe, test } from 'node:test';
import { desk } from '../lib/browser.mjs';
import { stage } from './stage.mjs';
import { placesOf, tour } from './tour.mjs';
import { looks, visit, wayName } from './visitor.mjs';

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

    for (const look of looks) {
        test(`the desk, ${wayName(look)}`, async () => {
            const at = await ids();
            const secretary = await visit(place, { ...look, user: 'community_secretary' });
            await tour(secretary, deskScreens(at), { target: 24, axe: look.viewport === desk });
            await secretary.leave(thenNotThere);
        });
    }
});
