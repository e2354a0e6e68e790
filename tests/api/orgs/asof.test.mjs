// Whatever is asked about a day is what a naive replay says: from the first state, every document up to that day, one after another,
// on a plain tree. Random documents through the routines, random questions over HTTP; the seed is printed by ./test.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { connect } from '../../lib/cluster.mjs';
import { inParallel } from '../../lib/process.mjs';
import { Random, rounds, seed } from '../../lib/random.mjs';
import { startServer } from '../../lib/server.mjs';
import { addDays, demoId, done, signedIn } from '../story.mjs';

const random = new Random();
const first = '2020-01-01';
const last = '2026-06-30';
const dayBetween = (from, to) => addDays(from, random.integer(0, (Date.parse(to) - Date.parse(from)) / 86_400_000));

// ── the model: a tree of today, and what hangs on its nodes ──
class Tree {
    constructor(town) {
        this.nodes = new Map([[town, { id: town, kind: 'town', name: '另镇', parent: null }]]);
        this.people = new Map();
        this.posts = new Map();
    }

    add(id, kind, name, parent) {
        this.nodes.set(id, { id, kind, name, parent });
    }

    of(kind) {
        return [...this.nodes.values()].filter((node) => node.kind === kind);
    }

    children(id) {
        return [...this.nodes.values()].filter((node) => node.parent === id);
    }

    below(id) {
        return this.nodes.has(id) ? [id, ...this.children(id).flatMap((child) => this.below(child.id))] : [];
    }

    above(id) {
        const node = this.nodes.get(id);
        return node?.parent ? [...this.above(node.parent), node.parent] : [];
    }

    end(id, heir) {
        for (const child of this.children(id)) if (child.id !== heir) child.parent = heir;
        for (const [someone, home] of this.people) if (home === id) this.people.set(someone, heir);
        this.posts.delete(id);
        this.nodes.delete(id);
    }

    apply(step) {
        const node = this.nodes.get(step.unit_id);
        const move = (ids, parent) => ids.forEach((id) => { this.nodes.get(id).parent = parent; });
        switch (step.action) {
        case 'create': this.add(step.unit_id, step.kind, step.name, step.parent_id); break;
        case 'rename': node.name = step.name; break;
        case 'reparent': node.parent = step.parent_id; break;
        case 'transfer': move(step.unit_ids, step.parent_id); break;
        case 'close': this.end(step.unit_id, step.heir_id); break;
        case 'split':
            for (const part of step.into) {
                this.add(part.id, node.kind, part.name, node.parent);
                move(part.unit_ids, part.id);
            }
            if (!step.continues) this.end(step.unit_id, step.heir_id);
            break;
        default:
            if (step.into) this.add(step.into[0].id, this.nodes.get(step.unit_ids[0]).kind, step.into[0].name, this.nodes.get(step.unit_ids[0]).parent);
            for (const id of step.unit_ids) this.end(id, step.into?.[0].id ?? step.heir_id);
        }
    }
}

// ── a random step that the tree of its moment allows ──
let count = 0;
const newName = (word) => `${word}${(count += 1)}`;

function randomStep(tree) {
    const communities = tree.of('community');
    const community = random.pick(communities);
    const compounds = tree.children(community.id).filter((child) => child.kind === 'compound');
    const other = random.pick(communities);
    const town = tree.of('town')[0].id;
    const makers = [
        () => ({ action: 'rename', unit_id: random.pick([...tree.nodes.values()].filter((node) => node.kind !== 'town')).id, name: newName('改名') }),
        () => ({ action: 'create', unit_id: random.uuid(), kind: 'compound', name: newName('新小区'), parent_id: community.id }),
        () => compounds.length > 1 && ({ action: 'transfer', unit_ids: random.shuffle(compounds).slice(0, random.integer(1, compounds.length - 1)).map((one) => one.id), parent_id: other.id }),
        () => compounds.length > 0 && ({ action: 'reparent', unit_id: random.pick(compounds).id, parent_id: other.id }),
        () => split(tree, community, compounds),
        () => compounds.length > 0 && split(tree, random.pick(compounds)),
        () => communities.length > 2 && other !== community && ({ action: 'merge', unit_ids: [community.id], ...(random.chance(0.5) ? { heir_id: other.id } : { into: [{ id: random.uuid(), name: newName('合并社区') }] }) }),
        () => communities.length > 3 && other !== community && ({ action: 'close', unit_id: community.id, heir_id: other.id }),
        () => compounds.length > 2 && ({ action: 'close', unit_id: compounds[0].id, heir_id: compounds[1].id }),
        () => communities.length < 3 && ({ action: 'create', unit_id: random.uuid(), kind: 'community', name: newName('新社区'), parent_id: town }),
    ];
    return random.pick(makers)() || randomStep(tree);
}

function split(tree, whole) {
    const children = random.shuffle(tree.children(whole.id).map((child) => child.id));
    const cut = random.integer(0, children.length);
    const into = [{ id: random.uuid(), name: newName('分'), unit_ids: children.slice(0, cut) }];
    const continues = random.chance(0.4);
    if (!continues) into.push({ id: random.uuid(), name: newName('分'), unit_ids: random.chance(0.5) ? children.slice(cut) : [] });
    return { action: 'split', unit_id: whole.id, into, ...(continues ? { continues } : { heir_id: random.pick(into).id }) };
}

// ── the world: what there was at first, then documents ──
let server;
let session;
const town = random.uuid();
const start = { units: [], people: [], posts: [] };
const documents = [];

function firstState() {
    const found = (kind, name, parent) => {
        const id = random.uuid();
        start.units.push({ id, kind, name, parent });
        return id;
    };
    for (let c = 1; c <= 4; c += 1) {
        const community = found('community', `社区${c}`, town);
        start.people.push({ id: random.uuid(), unit: community });
        start.posts.push({ unit: community, person: start.people.at(-1).id });
        for (let k = 1; k <= 3; k += 1) {
            const compound = found('compound', `小区${c}.${k}`, community);
            start.people.push({ id: random.uuid(), unit: compound });
            for (let b = 1; b <= 2; b += 1) start.people.push({ id: random.uuid(), unit: found('building', `${c}.${k}.${b} 栋`, compound) });
        }
    }
    for (const one of start.people) one.since = dayBetween('2020-01-02', '2020-06-30');
}

// replay(day): the tree of that morning.
function replay(day) {
    const tree = new Tree(town);
    for (const { id, kind, name, parent } of start.units) tree.add(id, kind, name, parent);
    for (const { id, unit } of start.people) tree.people.set(id, unit);
    for (const { unit, person } of start.posts) tree.posts.set(unit, person);
    for (const document of documents.filter((one) => one.day <= day)) for (const step of document.steps) tree.apply(step);
    for (const { id, since } of start.people) if (since > day) tree.people.delete(id);
    return tree;
}

const offset = (day) => `(('${day}'::date + interval '1 hour') at time zone 'Asia/Shanghai' - now())::text`;

// One document through its whole life on the days of its time; false when the preview found an obstacle.
async function enact(db, document, number) {
    const at = (day) => db.query(`select set_config('linli.clock_offset', ${offset(day)}, true)`);
    await db.query('begin');
    await at(addDays(document.day, -3));
    const { rows: [{ id }] } = await db.query('select id from orgs.draft_reorganization($1::jsonb)', [JSON.stringify({ unit_id: town, title: '随机', effective_on: document.day, proposal_ref: '请示', approval_ref: '批复', steps: document.steps })]);
    const look = async () => (await db.query('select obstacle, choices from orgs.preview_reorganization($1)', [id])).rows[0];
    const { obstacle, choices } = await look();
    if (obstacle === null && choices.length > 0) {
        await db.query('select 1 from orgs.decide_reorganization($1, $2::jsonb)', [id, JSON.stringify(choices.map(({ subject, subject_id }) => ({ subject, subject_id, choice: 'end' })))]);
        await look();
    }
    if (obstacle === null) {
        await db.query('select 1 from orgs.decree_reorganization($1, $2::jsonb)', [id, JSON.stringify({ decree_number: `随机 ${number}` })]);
        await at(document.day);
        await db.query('select orgs.put_reorganizations_in_force()');
    }
    await db.query(obstacle === null ? 'commit' : 'rollback');
    return obstacle === null;
}

before(async () => {
    server = await startServer();
    session = await signedIn(server)('administrator');
    firstState();
    const db = await connect('linli_owner', server.database);
    await db.query('begin');
    await db.query(`select orgs.found_unit(jsonb_build_object('id', u.id, 'kind', u.kind, 'name', u.name, 'territory_parent_id', u.parent, 'valid_from', '${first}')) from jsonb_to_recordset($1::jsonb) u(id uuid, kind text, name text, parent uuid)`,
        [JSON.stringify([{ id: town, kind: 'town', name: '另镇', parent: demoId('city') }, ...start.units])]);
    await db.query(`select people.register(p.id, '随机人', p.unit, 1980, p.since, true) from jsonb_to_recordset($1::jsonb) p(id uuid, unit uuid, since date)`, [JSON.stringify(start.people)]);
    await db.query(`insert into orgs.appointment (person_id, unit_id, unit_kind, post_code, basis, valid) select p.person, p.unit, 'community', 'community_worker', 'appointed', daterange('2020-01-01', null) from jsonb_to_recordset($1::jsonb) p(person uuid, unit uuid)`, [JSON.stringify(start.posts)]);
    await db.query('commit');
    let day = '2020-07-01';
    for (let number = 1; number <= 24; number += 1) {
        day = addDays(day, random.integer(1, 120));
        const tree = replay(day);
        const steps = [];
        for (let n = random.integer(1, 3); n > 0; n -= 1) {
            const step = randomStep(tree);
            tree.apply(step);
            steps.push(step);
        }
        if (day <= last && await enact(db, { day, steps }, number)) documents.push({ day, steps });
    }
    await db.end();
});
after(() => server?.stop());

// ── the questions ──
const everId = (chance) => chance.pick([...start.units.map((unit) => unit.id), ...documents.flatMap((document) => document.steps.flatMap((step) => [step.unit_id, ...(step.into ?? []).map((part) => part.id)])).filter(Boolean)]);
const sorted = (rows) => rows.map((row) => row.join(' ')).toSorted();

const questions = {
    async list(day, tree, chance) {
        const kind = chance.pick(['community', 'compound', 'building']);
        const items = await session.all(`/units?under=${town}&kind=${kind}&as_of=${day}`);
        return [sorted(items.map((item) => [item.id, item.name, item.parent.id])), sorted(tree.of(kind).map((node) => [node.id, node.name, node.parent]))];
    },
    async place(day, tree, chance) {
        const id = everId(chance);
        const reply = await session.get(`/units/${id}?as_of=${day}`);
        const node = tree.nodes.get(id);
        if (!node) return [reply.status, 404];
        const unit = done(reply);
        return [[unit.name, ...unit.territory.slice(1).map((one) => one.id)], [node.name, ...tree.above(id)]];
    },
    async tree(day, tree, chance) {
        const id = chance.chance(0.5) ? town : everId(chance);
        const rows = await session.all(`/units/${id}/tree?depth=8&as_of=${day}`);
        return [sorted(rows.map((row) => [row.id, row.id === id ? '' : row.parent_id])), sorted(tree.below(id).map((one) => [one, one === id ? '' : tree.nodes.get(one).parent]))];
    },
    async counts(day, tree, chance) {
        const id = chance.chance(0.3) ? town : everId(chance);
        if (!tree.nodes.has(id)) return [0, 0];
        const { counts } = done(await session.get(`/units/${id}?as_of=${day}`));
        const below = tree.below(id);
        const of = (kind) => below.filter((one) => tree.nodes.get(one).kind === kind).length;
        return [[counts.residents, counts.compounds, counts.buildings, counts.communities],
            [[...tree.people.values()].filter((home) => below.includes(home)).length, of('compound'), of('building'), of('community')]];
    },
    async posts(day, tree) {
        const items = await session.all(`/appointments?under=${town}&as_of=${day}`);
        return [sorted(items.map((item) => [item.unit.id, item.person.id])), sorted([...tree.posts].map(([unit, person]) => [unit, person]))];
    },
    async statistics(day, tree) {
        const rows = await session.all(`/statistics/units?under=${town}&from=${day}&to=${day}`);
        const of = (id) => [...tree.people.values()].filter((home) => tree.below(id).includes(home)).length;
        return [sorted(rows.map((row) => [row.id, row.residents])), sorted(tree.of('community').map((node) => [node.id, of(node.id)]))];
    },
};

test(`as-of answers are those of a day-by-day replay (seed ${seed})`, async (t) => {
    assert.ok(documents.length >= 10, `only ${documents.length} documents came into force`);
    const wanted = Array.from({ length: rounds(500) }, () => {
        const near = random.pick(documents).day;
        // about and on the days of change, and anywhere
        return { day: random.chance(0.5) ? addDays(near, random.integer(-1, 1)) : dayBetween(first, last), ask: random.pick(Object.keys(questions)), chance: new Random(random.next()) };
    });
    const asked = new Map();
    await inParallel(4, wanted, async ({ day, ask, chance }) => {
        const [answer, truth] = await questions[ask](day, replay(day), chance);
        assert.deepEqual(answer, truth, `${ask} on ${day}`);
        asked.set(ask, (asked.get(ask) ?? 0) + 1);
    });
    t.diagnostic(`${documents.length} documents, ${wanted.length} questions: ${[...asked].map(([ask, n]) => `${ask} ${n}`).join(', ')}`);
});
