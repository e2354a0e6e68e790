// What was promised, held against what is there. A promise is a reply of 2xx; everything that the writers of this test make has an
// id, so the two sets must be equal: an id too few is a loss, an id too many was made twice.
import { asOwner } from '../lib/sql.mjs';

const tables = {
    'service record': 'select id, state from volunteering.service_record',
    evaluation: 'select service_record_id as id, transfer_id as state from volunteering.evaluation',
    transfer: "select id, source_id::text as state from points.transfer where source_kind = 'evaluation'",
    redemption: 'select id, state from points.redemption',
    attempt: 'select id, outcome as state from mediation.attempt',
    unit: "select id, version || ' ' || name as state from orgs.unit",
};

async function readAll(server) {
    const all = {};
    for (const [thing, query] of Object.entries(tables)) {
        all[thing] = new Map((await asOwner(server, query)).map((row) => [row.id, row.state]));
    }
    return all;
}

export class Model {
    // What stood before is as if it had been promised.
    static async of(server) {
        const model = new Model();
        model.promised = await readAll(server);
        return model;
    }

    promise(thing, id, state) {
        this.promised[thing].set(id, state);
    }

    // judge(server) → findings; none when everything acknowledged is there, and nothing else.
    async judge(server) {
        const found = await readAll(server);
        const findings = [];
        for (const [thing, promised] of Object.entries(this.promised)) {
            for (const [id, state] of promised) {
                if (!found[thing].has(id)) findings.push(`${thing} ${id} was acknowledged and is lost`);
                else if (found[thing].get(id) !== state) findings.push(`${thing} ${id} is ${found[thing].get(id)}, acknowledged was ${state}`);
            }
            for (const id of found[thing].keys()) if (!promised.has(id)) findings.push(`${thing} ${id} is there and nobody was told: done twice`);
        }
        return findings;
    }
}
