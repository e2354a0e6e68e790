// What the stories share: the demo city's ids, days in Asia/Shanghai, who is signed in, and what a refusal must look like.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { client } from '../lib/client.mjs';
import { psql } from '../lib/cluster.mjs';

// The same id as pg_temp.id(key) of migrations/demo: every thing of the demo city has one that is known beforehand.
export function demoId(key) {
    const hash = createHash('md5').update(`linli demo ${key}`).digest('hex');
    return `0182a000-0000-7${hash.slice(0, 3)}-a${hash.slice(3, 6)}-${hash.slice(6, 18)}`;
}

export const person = (login) => demoId(`login ${login}`);
export const nowhere = '01941f29-7c00-7000-8000-00000000abcd';

const dayLength = 86_400_000;

// A day in Asia/Shanghai, as 2026-01-31: today() or so many days from it.
export function today(offset = 0) {
    return new Date(Date.now() + 8 * 3_600_000 + offset * dayLength).toISOString().slice(0, 10);
}

export function addDays(day, count) {
    return new Date(Date.parse(day) + count * dayLength).toISOString().slice(0, 10);
}

export const soon = () => new Date(Date.now() + 3_600_000).toISOString();

// signedIn(server) → as(login): one session a login, signed in when first needed.
export function signedIn(server) {
    const sessions = new Map();
    return (user) => {
        if (!sessions.has(user)) sessions.set(user, client(server).login(user));
        return sessions.get(user);
    };
}

// done(reply, status) → its body; anything else is shown whole.
export function done(reply, status = 200) {
    assert.equal(reply.status, status, reply.text);
    return reply.body;
}

export const problemOf = (reply) => reply.body?.type?.split('#')[1];

// refused(reply, status, problem, pointer): refused for that reason and no other, with nothing of our insides in it.
export function refused(reply, status, problem, pointer) {
    assert.equal(reply.status, status, reply.text);
    assert.equal(problemOf(reply), problem, reply.text);
    if (pointer) assert.ok(reply.body.errors?.some((error) => error.pointer === pointer), reply.text);
    assert.doesNotMatch(reply.text, /select |insert |postgres|libpq|\.sql|\.c:\d|constraint/i);
}

// As a database administrator who bends the rules: triggers off, row-level security does not bind superusers.
export async function asIntruder(server, statements) {
    const result = await psql(server.database, ['-v', 'ON_ERROR_STOP=1', '-c', `set session_replication_role = replica; ${statements}`]);
    assert.equal(result.code, 0, result.stderr);
    return result.stdout.trim();
}
