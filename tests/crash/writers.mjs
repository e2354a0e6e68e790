// The writers: each makes one change after the other, waits for its reply, and puts what was promised into the model. A wish that
// got no clear reply stays; it is sent again as it was, with the same Idempotency-Key.
import { newKey } from '../lib/client.mjs';
import { asOwner } from '../lib/sql.mjs';
import { demoId, done, person, soon, today } from '../api/story.mjs';

const base = '/api/v1';
export const problemOf = (reply) => reply.body?.type?.split('#')[1];

export class Writer {
    // steps: functions (previous body) → {session, method, path, body, headers, keep(body, reply)}, taken in turn.
    constructor(steps, { keyed = true } = {}) {
        this.steps = steps;
        this.keyed = keyed;
        this.count = 0;
        this.wish = null;
        this.previous = null;
    }

    next() {
        const wish = this.steps[this.count % this.steps.length](this.previous, this.count);
        this.count += 1;
        return { ...wish, key: this.keyed ? newKey() : null };
    }

    // write() → the reply of 2xx, or null when the wish stays: no reply, or 503.
    async write() {
        this.wish ??= this.next();
        const { session, method, path, body, headers, key } = this.wish;
        const sent = { ...headers, 'Idempotency-Key': key };
        const reply = await session.request(method, base + path, { body, headers: sent }).catch((error) => ({ status: 0, text: error.message }));
        this.wish.answer = reply.status === 0 ? 'none' : problemOf(reply);
        if (reply.status === 0 || reply.status === 503) return null;
        if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`);
        this.wish.keep(reply.body, reply);
        this.previous = reply.body;
        this.wish = null;
        return reply;
    }
}

const residents = `select a.person_id as id from points.account a join orgs.unit u on u.id = a.unit_id join orgs.unit c on c.territory_path @> u.territory_path
    where c.id = $1 and a.kind = 'personal' and a.currency = 'points' and a.balance - a.reserved >= 2 order by a.id limit $2`;

const taken = `select volunteer_id as who, served_on::text as day, sum(minutes)::int as minutes from volunteering.service_record
    where volunteer_id = any ($1) group by volunteer_id, served_on`;
const dayMinutes = 24 * 60;
const daysBack = 80; // the city records services of the last ninety days

// The days of one volunteer, each with what room the demo city left in it. A service is put where it fits even if it is done twice,
// as one that is sent again without a key may be: so the day's 24 hours are never the reason of a refusal.
class Diary {
    #room;

    constructor(filled) {
        this.#room = Array.from({ length: daysBack }, (_, n) => ({ day: today(-n), minutes: dayMinutes - (filled.get(today(-n)) ?? 0) }));
    }

    dayFor(minutes) {
        const free = this.#room.find((entry) => entry.minutes >= 2 * minutes);
        if (free === undefined) throw new Error(`no day of the last ${daysBack} has room for another service: the storm is too long for this test`);
        free.minutes -= 2 * minutes;
        return free.day;
    }
}

async function diaries(server, people) {
    const rows = await asOwner(server, taken, [people]);
    return new Map(people.map((who) => [who, new Diary(new Map(rows.filter((row) => row.who === who).map((row) => [row.day, row.minutes])))]));
}

function recordStep(model, worker, { who, diary }, minutes) {
    return () => ({
        session: worker, method: 'POST', path: '/service-records',
        body: { volunteer_id: who, served_person_id: person('resident'), kind: 'elder_care', minutes, served_on: diary.dayFor(minutes) },
        keep: (body) => model.promise('service record', body.id, body.state),
    });
}

function evaluationStep(model, resident) {
    return (record) => ({
        session: resident, method: 'POST', path: `/service-records/${record.id}/evaluation`, body: { rating: 5, comment: 'kill -9' },
        keep: (body) => {
            model.promise('service record', body.id, body.state);
            model.promise('evaluation', body.id, body.transfer_id);
            model.promise('transfer', body.transfer_id, body.id);
        },
    });
}

function redemptionSteps(model, worker, reward, who) {
    const keep = (body) => model.promise('redemption', body.id, body.state);
    return [
        () => ({ session: worker, method: 'POST', path: '/redemptions', body: { reward_id: reward, quantity: 1, person_id: who }, keep }),
        (made) => ({ session: worker, method: 'POST', path: `/redemptions/${made.id}/cancellation`, keep }),
    ];
}

// An adjourned attempt is not used up: one after the other on the same file.
function mediationSteps(model, mediator, file) {
    const keep = (body) => model.promise('attempt', body.id, body.outcome);
    return [
        () => ({ session: mediator, method: 'POST', path: `/mediation-cases/${file}/attempts`, body: { scheduled_at: soon(), place: '调解室' }, keep }),
        (made) => ({ session: mediator, method: 'POST', path: `/mediation-cases/${file}/attempts/${made.id}/outcome`, body: { outcome: 'adjourned' }, keep }),
    ];
}

function renameStep(model, officer, unit) {
    const at = { ...unit };
    return (_, count) => ({
        session: officer, method: 'PATCH', path: `/units/${at.id}`, headers: { 'If-Match': at.etag }, body: { name: `改名 ${count}` },
        keep: (body, reply) => {
            model.promise('unit', body.id, `${body.version} ${body.name}`);
            at.etag = reply.headers.etag;
        },
    });
}

async function openFile(as) {
    const resident = await as('resident');
    const body = { kind: 'neighbour', title: '楼道杂物', narrative: '楼道里的杂物。', parties: [{ side: 'second', person_id: person('neighbour') }] };
    const { id } = done(await resident.post('/mediation-cases', body), 201);
    done(await (await as('neighbour')).post(`/mediation-cases/${id}/consents`, { level: 'community' }), 201);
    return id;
}

// prepare(server, as) → what the writers work on. Made before the model looks, so that it counts as what stood before.
export async function prepare(server, as, count) {
    const files = [];
    for (let n = 0; n < count; n += 1) files.push(await openFile(as));
    const [{ id: reward }] = await asOwner(server, `insert into points.reward (unit_id, name_zh, name_en, venue_zh, venue_en, icon, price_points, stock, valid)
        values ($1, '杯子', 'A cup', '服务台', 'Desk', 'cup', 1, 1000000, daterange(current_date - 9, null)) returning id`, [demoId('town')]);
    const ids = (await asOwner(server, residents, [demoId('community 1'), 2 * count])).map((row) => row.id);
    const kept = await diaries(server, ids);
    const people = ids.map((who) => ({ who, diary: kept.get(who) }));
    const units = (await asOwner(server, "select id from orgs.unit where kind = 'building' and upper_inf(valid) order by label limit $1", [count])).map((row) => row.id);
    return { files, reward, people, units };
}

// Those who record a service only, for the test that must see doubles: short ones, so that thousands fit.
export function recorders(model, worker, people, options) {
    return people.map((one) => new Writer([recordStep(model, worker, one, 5)], options));
}

// allWriters(model, as, on) → writers of every kind, as many of each as things were prepared.
export async function allWriters(model, as, on) {
    const [worker, resident, mediator, officer] = await Promise.all(['community_worker', 'resident', 'mediator', 'city_officer'].map(as));
    const writers = [];
    for (const [n, file] of on.files.entries()) {
        writers.push(new Writer([recordStep(model, worker, on.people[n], 60), evaluationStep(model, resident)]));
        writers.push(new Writer(redemptionSteps(model, worker, on.reward, on.people[on.files.length + n].who)));
        writers.push(new Writer(mediationSteps(model, mediator, file)));
        const shown = await officer.get(`/units/${on.units[n]}`);
        writers.push(new Writer([renameStep(model, officer, { id: on.units[n], etag: shown.headers.etag })]));
    }
    return writers;
}
