// The screens of organization and self-governance: the officer's and the secretary's desk, the resident's phone, elder mode.
import { describe, test } from 'node:test';
import { client } from '../lib/client.mjs';
import { desk, phone } from '../lib/browser.mjs';
import { stage } from './stage.mjs';
import { tour } from './tour.mjs';
import { elderLanguages, looks, visit, wayName } from './visitor.mjs';

async function placesOf(server) {
    const people = client(server);
    const [officer, worker, neighbour, elder] = await Promise.all(['town_officer', 'community_worker', 'neighbour', 'elder'].map((name) => people.login(name)));
    const documents = await officer.all('/reorganizations');
    const all = await worker.all('/elections');
    const elections = all.filter((one, index) => all.findIndex((other) => other.state === one.state) === index);
    const groups = await worker.all('/groups?kind=residents_group');
    // What each of them may see: who lives in another building votes elsewhere.
    const own = async (one) => ({ helps: await one.all('/help-requests'), elections: await one.all('/elections'), groups: await one.all('/groups') });
    return { documents, elections, groups, neighbour: await own(neighbour), elder: await own(elder) };
}

const officerScreens = (at) => [
    ['reorganizations', '/desk/reorganizations'], ['reorganization-new', '/desk/reorganizations/new'],
    ...at.documents.slice(0, 1).map((one) => ['reorganization', `/desk/reorganizations/${one.id}`]),
    ['statistics', '/desk/statistics'], ['statistics-reshaped', '/desk/statistics?from=2022-01-01&to=2022-12-31&reshape=today'],
    ...['terms', 'vacancies', 'compositions', 'handovers', 'substitutions'].map((tab) => [`board-${tab}`, `/desk/post-board?tab=${tab}`]),
    ['coverage-town', '/desk/head-coverage'],
];

const secretaryScreens = (at) => [
    ['coverage', '/desk/head-coverage'], ['representatives', '/desk/representatives'], ['elections', '/desk/elections'],
    ...at.elections.flatMap((one) => ['overview', 'roll', 'candidates', ...(one.state === 'published' ? ['results'] : ['objections'])]
        .map((tab) => [`election-${one.state}-${tab}`, `/desk/elections/${one.id}?tab=${tab}`])),
    ...at.groups.slice(0, 1).flatMap((one) => ['members', 'charters', 'meetings', 'requests', 'representatives'].map((tab) => [`group-${tab}`, `/desk/groups/${one.id}?tab=${tab}`])),
];

const residentScreens = (own) => [
    ['my-heads', '/heads'], ['my-groups', '/groups'], ...own.groups.slice(0, 1).map((one) => ['my-group', `/groups/${one.id}`]),
    ['help', '/help'], ['help-mine', '/help?side=mine'], ['ask-help', '/help/new'], ...own.helps.slice(0, 1).map((one) => ['help-request', `/help/${one.id}`]),
    ['ballots', '/elections'], ['ballot-safety', '/elections/safety'], ...own.elections.slice(0, 2).map((one) => [`ballot-${one.state}`, `/elections/${one.id}`]),
];

describe('governance', () => {
    const place = stage();
    // Asked once, by whichever test comes first.
    let asked;
    const ids = () => (asked ??= placesOf(place.server));

    for (const look of looks) {
        test(`the desk, ${wayName(look)}`, async () => {
            const at = await ids();
            for (const [user, screens] of [['town_officer', officerScreens(at)], ['community_secretary', secretaryScreens(at)]]) {
                const visitor = await visit(place, { ...look, user });
                await tour(visitor, screens, { target: 24, axe: look.viewport === desk });
                await visitor.leave();
            }
        });
    }

    for (const language of ['zh', 'en']) {
        test(`the phone, ${language}`, async () => {
            const resident = await visit(place, { language, viewport: phone, user: 'neighbour' });
            await tour(resident, residentScreens((await ids()).neighbour), { target: 44, axe: language === 'zh' });
            await resident.leave();
        });
    }

    for (const language of elderLanguages) {
        test(`elder mode, ${language}`, async () => {
            const elder = await visit(place, { language, viewport: phone, user: 'elder', elder: true });
            const screens = residentScreens((await ids()).elder).map(([name, path]) => [`elder-${name}`, path]);
            await tour(elder, screens, { target: 60, letters: 24, axe: language === 'zh' });
            await elder.leave();
        });
    }
});
