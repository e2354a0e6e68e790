// policy.csv: what law and vocabulary say, one row for each operation and role; and the contract's operations and roles.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { house } from '../lib/places.mjs';
import { columns } from './world.mjs';

export function readPolicy() {
    const [head, ...lines] = readFileSync(join(house, 'tests/matrix/policy.csv'), 'utf8').trim().split('\n');
    const names = head.split(',');
    return lines.map((line) => {
        const values = line.split(',');
        // the source is the last column and may hold commas of its own
        const fields = [...values.slice(0, names.length - 1), values.slice(names.length - 1).join(',').replace(/^"|"$/g, '')];
        return Object.fromEntries(names.map((name, at) => [name, fields[at]]));
    });
}

export const policy = readPolicy();
export const roles = [...new Set(policy.map((row) => row.role))];
export const operations = [...new Set(policy.map((row) => row.operation))];

// Every cell that names an expectation: {operation, role, column, expected}.
export const cells = policy.flatMap((row) => columns.filter((column) => row[column] !== '-')
    .map((column) => ({ operation: row.operation, role: row.role, column, expected: row[column] })));

// As the generator sees the contract.
export function contractOperations(server) {
    return fetch(`${server.url}/openapi.json`).then((reply) => reply.json()).then((contract) => ({
        roles: contract['x-roles'].map((role) => role.name),
        operations: Object.values(contract.paths).flatMap((path) => Object.values(path).map((node) => node?.operationId).filter(Boolean)),
    }));
}


// How far the grants of vocabulary.md reach, by territory.
const reachOf = {
    resident: [], volunteer: [], guardian: [], city_leader: ['same', 'sibling', 'other'],
    head: ['same'], mediator: ['same'], community_worker: ['same'], community_secretary: ['same'], branch_secretary: ['same'], owners_committee_member: ['same'],
    town_officer: ['same', 'sibling'], city_officer: ['same', 'sibling', 'other'], auditor: ['same', 'sibling', 'other'], administrator: ['same', 'sibling', 'other'],
};
export const reaches = (role, column) => reachOf[role].includes(column);
export const filesRoles = ['mediator', 'community_secretary'];
export const isConfidential = (operation) => /Mediation(?!Kinds)|identifyParty|assignMediator|recordAttemptOutcome|PerformanceItem|recordPerformance|FollowUp/.test(operation);
