// Names and places of the matrix's world: whom and what a column means.
import { createHash } from 'node:crypto';

export const columns = ['own', 'same', 'sibling', 'other'];

// The same id as pg_temp.id(key) of migrations/demo.
export function demoId(key) {
    const hash = createHash('md5').update(`linli demo ${key}`).digest('hex');
    return `0182a000-0000-7${hash.slice(0, 3)}-a${hash.slice(3, 6)}-${hash.slice(6, 18)}`;
}

// A thing of this world, found again by its name.
export function id(...name) {
    const hash = createHash('md5').update(`matrix ${name.join(' ')}`).digest('hex');
    return `01a00000-0000-7${hash.slice(0, 3)}-a${hash.slice(3, 6)}-${hash.slice(6, 18)}`;
}

export const places = {
    same: { home: demoId('building 1.3'), compound: demoId('compound 1'), community: demoId('community 1') },
    sibling: { home: demoId('building 2.2'), compound: demoId('compound 2'), community: demoId('community 2') },
    other: { home: id('building'), compound: id('compound'), community: id('community') },
};
export const placeOf = (column) => places[column === 'own' ? 'same' : column];

export const grantUnits = {
    head: demoId('building 1.3'), owners_committee_member: demoId('compound 1'), branch_secretary: demoId('branch 1'),
    mediator: demoId('community 1'), community_worker: demoId('community 1'), community_secretary: demoId('community 1'),
    town_officer: demoId('town'), city_officer: demoId('city'), auditor: demoId('city'), administrator: demoId('city'),
    city_leader: demoId('city committee'),
};

// The person whom a thing concerns, and another one of the same house.
export const subject = (role, column) => (column === 'own' ? id('person', role) : id('person', 'first', column));
export const second = (column) => id('person', 'second', column === 'own' ? 'same' : column);
// What a read is about: one for each column, one for each role where it is one's own.
export const thingKey = (role, column) => (column === 'own' ? `own ${role}` : column);
// A person made for one write in one cell.
export const fresh = (operation, role, column) => id('fresh', operation, role, column);
export const wardOf = (role, column) => id('ward', thingKey(role, column));
export const keptPerson = (column) => id('kept', column);
// Whoever ends sessions or changes a password does so as somebody of the same role whom no other call uses.
export const twinOperations = ['changePassword', 'endSession', 'endOtherSessions'];
export const twinOf = (operation, role) => `matrix_${operation.toLowerCase()}_${role}`;
export const mediator = demoId('login mediator');
export const userOf = (role) => `matrix_${role}`;
