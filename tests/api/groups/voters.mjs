// Voters and elections for the stories: people with sessions, an election led to each of its states, days that pass.
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawToken, receiptOf, unblind } from '../../../client-web/src/domains/groups/ballot.ts';
import { client } from '../../lib/client.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { done, today } from '../story.mjs';

const code = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

// sessionsOf(server, session, people): every person signed in, with a token as the server itself signs it; `session` shows its form.
export async function sessionsOf(server, { token }, people) {
    const [header, payload] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url'));
    const key = readFileSync(join(process.env.LINLI_TEST_KEYS, 'token.current'));
    const rows = people.map((person) => ({ person, session: randomUUID(), name: `v${randomUUID().replaceAll('-', '').slice(0, 20)}` }));
    await asOwner(server, `select access.create_login(x.person, x.name, (select l.password_hash from access.login l limit 1))
        from jsonb_to_recordset($1::jsonb) as x(person uuid, name text) where not exists (select from access.login l where l.person_id = x.person)`, [JSON.stringify(rows)]);
    await asOwner(server, `insert into access.login_session (id, person_id, expires_at) select x.session, x.person, core.app_now() + interval '1 day'
        from jsonb_to_recordset($1::jsonb) as x(person uuid, session uuid)`, [JSON.stringify(rows)]);
    return rows.map(({ person, session }) => {
        const body = code({ ...claims, sub: person, sid: session, jti: randomUUID() });
        const mac = createHmac('sha256', key).update(`${header}.${body}`).digest('base64url');
        return client(server).session(`${header}.${body}.${mac}`);
    });
}

// The election's own days move back instead of the clock: to everybody it looks as if so many days had passed.
export async function daysPass(server, election, days) {
    await asOwner(server, `update groups.election set voting_on = voting_on - $2::integer, roll_published_on = roll_published_on - $2::integer,
        candidates_published_on = candidates_published_on - $2::integer where id = $1`, [election, days]);
}

export const step = (desk, election, action, more = {}) => desk.post(`/elections/${election}/steps`, { action, ...more });

// Adults of a unit, as the roll takes them.
export async function adultsOf(server, unit, least = 0) {
    const rows = await asOwner(server, `select p.id from people.person p where p.unit_id in (select orgs.units_below($1, 'territory', core.today()))
        and p.birth_year <= extract(year from core.today()) - 18 order by p.id`, [unit]);
    if (rows.length < least) throw new Error(`only ${rows.length} adults in ${unit}`);
    return rows.map((row) => row.id);
}

export const headElection = (unit, more = {}) => ({
    rule: 'building_head', purpose: 'term', title: '楼栋长推选', unit_id: unit, voting_on: today(7), ballots: ['online'], contests: [{ title: '楼栋长', seats: 1 }], ...more,
});

// open(server, desk, body, candidates): an election of a head, from nothing to the open vote; candidates: contest → person ids.
export async function openElection(server, desk, { voters, ...body }, candidates, { officials = [] } = {}) {
    const made = done(await desk.post('/elections', body), 201);
    const { id } = made;
    const path = `/elections/${id}`;
    for (const [n, official] of officials.entries()) done(await desk.post(`${path}/officials`, { person_id: official, role: n === 0 ? 'chair' : 'member' }), 201);
    if (voters) done(await desk.post(`${path}/voters`, { voters }));
    else done(await desk.post(`${path}/roll`));
    done(await step(desk, id, 'publish_roll'));
    for (const [n, people] of candidates.entries()) {
        for (const person of people) {
            const nominated = done(await desk.post(`${path}/nominations`, { contest_id: made.contests[n].id, person_id: person, nominated_by: 'organization', document_ref: '虚构文件' }), 201);
            const { id: nomination } = nominated.contests[n].nominations.find((one) => one.person.id === person);
            done(await desk.post(`${path}/nominations/${nomination}/answer`, { answer: 'accepted' }));
        }
    }
    await daysPass(server, id, 30);
    const published = done(await step(desk, id, 'publish_candidates'));
    if (body.ballots.includes('online')) done(await desk.post(`${path}/key`), 201);
    done(await step(desk, id, 'open_voting'));
    return { ...published, id, path, nominations: published.contests.map((contest) => contest.nominations) };
}

// takeToken(session, path) → the signed token of one voter, as the page draws it.
export async function takeToken(session, path) {
    const { public_key: key } = done(await session.get(path));
    const drawn = await drawToken(key);
    const { blind_signature: blind } = done(await session.post(`${path}/ballot-token`, { blinded: drawn.blinded }));
    return { token: drawn.token, signature: await unblind(key, drawn, blind), receipt: await receiptOf(drawn.token), drawn };
}

export const castBallot = (server, path, { token, signature }, choices) => client(server).anyone.post(`${path}/ballots`, { token, signature, choices });
