// Who calls what in the contract tests: a demo login for each role, ids of the demo city for each kind of id.
import fc from 'fast-check';
import { client } from '../lib/client.mjs';
import { asOwner } from '../lib/sql.mjs';

const loginOf = { guardian: 'elder', owners_committee_member: 'resident' };

export class Callers {
    #sessions = new Map();

    constructor(server) {
        this.server = server;
        this.client = client(server);
    }

    async login(user) {
        if (!this.#sessions.has(user)) this.#sessions.set(user, await this.client.login(user));
        return this.#sessions.get(user);
    }

    // Sessions of those who may call the operation.
    async allowed(operation) {
        const [first] = operation.permission;
        if (first === 'anyone') return [this.client.anyone];
        const roles = first === 'authenticated' ? ['resident', 'community_worker', 'city_leader'] : operation.permission;
        return Promise.all([...new Set(roles.map((role) => loginOf[role] ?? role))].map((user) => this.login(user)));
    }
}

// Ids as they are in the demo city: the names of parameters and members say what they are ids of.
const tables = {
    unit: ['orgs.unit', "kind in ('community', 'compound', 'building', 'branch')"], person: ['people.person'],
    appointment: ['orgs.appointment'], group: ['groups."group"'], head: ['groups.head'], account: ['points.account', "kind = 'personal'"],
    reward: ['points.reward'], redemption: ['points.redemption'], service_record: ['volunteering.service_record'],
    charter: ['groups.charter'], meeting: ['groups.group_meeting'], join_request: ['groups.join_request'], representative: ['groups.representative'], central_household: ['people.central_household'],
    election: ['groups.election'], contest: ['groups.contest'], nomination: ['groups.nomination'], voter: ['groups.election_voter'], official: ['groups.election_official'],
    help_request: ['groups.help_request'], offer: ['groups.help_offer'],
    case: ['mediation.mediation_case'], attempt: ['mediation.attempt'], party: ['mediation.party'], item: ['mediation.performance_item'],
};

const aliases = {
    volunteer: 'person', served: 'person', served_person: 'person', mediator: 'person', parent: 'unit', territory_parent: 'unit',
    leadership_parent: 'unit', under: 'unit', area: 'unit', owner: 'person', member: 'person', mediation_case: 'case',
    performance_item: 'item', home: 'unit', community: 'unit', holder: 'voter', about_person: 'person', supporter: 'person', rerun_of: 'election', recalled_person: 'person',
    choice: 'nomination', body_unit: 'unit',
};

export class Pools {
    #ids = {};
    texts = {}; // codes that are not ids

    static async read(server) {
        const pools = new Pools();
        for (const [name, [table, condition]] of Object.entries(tables)) {
            const rows = await asOwner(server, `select id from ${table} where ${condition ?? 'true'} order by id limit 60`);
            pools.#ids[name] = rows.map((row) => row.id);
        }
        pools.texts = { rule: (await asOwner(server, 'select code from groups.election_rule')).map((row) => row.code), post: (await asOwner(server, 'select code from orgs.post order by code')).map((row) => row.code) };
        return pools;
    }

    // What one caller can reach, read through the API itself, goes first.
    async prefer(session, name, path) {
        const reply = await session.get(path);
        if (reply.status === 200) this.#ids[name] = [...reply.body.items.map((item) => item.id), ...(this.#ids[name] ?? [])].slice(0, 60);
    }

    ids(name) {
        const plain = name.replace(/_id$/, '');
        return this.#ids[plain] ?? this.#ids[aliases[plain]] ?? [];
    }

    // Mostly ids that exist, now and then one that does not.
    of(name) {
        const ids = this.ids(name);
        const strange = fc.uuid({ version: 7 });
        return ids.length === 0 ? strange : fc.oneof({ weight: 19, arbitrary: fc.constantFrom(...ids) }, { weight: 1, arbitrary: strange });
    }
}
