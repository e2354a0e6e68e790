// Kinds of work that only tests know: routines of the database, asked for in a person's name as an operation would.
import { connect } from '../../lib/cluster.mjs';
import { asApp, asOwner } from '../../lib/sql.mjs';
import { person } from '../story.mjs';

// test_wait shows its progress, leaves a row and stands still while the test holds the gate; test_stumble fails so often as it
// is told, in the way it is told; test_look counts the people whom it is allowed to see.
export async function addKinds(server) {
    await asOwner(server, `
        create table core.test_trace (job_id uuid not null, note text not null);
        grant select, insert on core.test_trace to linli_app;
        create sequence core.test_stumbles;
        grant usage on core.test_stumbles to linli_app;
        create function core.test_wait(job uuid, arguments jsonb) returns jsonb language plpgsql as $$
        begin
            insert into core.test_trace values (job, 'waited');
            perform core.progress(3, 10, 'checking');
            perform pg_advisory_xact_lock(4711);
            perform core.progress(10, 10, 'applying');
            return '{}';
        end $$;
        create function core.test_stumble(job uuid, arguments jsonb) returns jsonb language plpgsql as $$
        begin
            insert into core.test_trace values (job, 'stumbled');
            if nextval('core.test_stumbles') <= (arguments ->> 'times')::int then
                raise exception using errcode = arguments ->> 'state', message = arguments ->> 'says';
            end if;
            return null;
        end $$;
        create function core.test_look(job uuid, arguments jsonb) returns jsonb language sql as
            $$ insert into core.test_trace select job, count(*)::text from people.person returning '{}'::jsonb $$;
        insert into core.job_kind (kind, name_zh, name_en, routine, with_arguments, lane, attempts_most)
        select 'test_' || w, '测试', 'Test', 'core.test_' || w, true, 'bulk', 5 from unnest(array['wait', 'stumble', 'look']) w`);
}

// ask(server, login, kind, arguments) → the job's id, as if that person's request had asked for it.
export async function ask(server, login, kind, given = {}) {
    const [{ id }] = await asApp(server, { person: person(login), op: 'listPeople' },
        `select core.enqueue($1, (select u.id from orgs.unit u where u.kind = 'community' order by u.label limit 1), $2::jsonb) as id`, [kind, JSON.stringify(given)]);
    return id;
}

export const traces = async (server, job) => (await asOwner(server, 'select note from core.test_trace where job_id = $1', [job])).map((row) => row.note);
export const runOf = async (server, job) => (await asOwner(server, 'select * from core.job_run where job_id = $1', [job]))[0];

// closeGate(server) → open(): test_wait stands still in between.
export async function closeGate(server) {
    const db = await connect('linli_owner', server.database, server.cluster);
    await db.query('select pg_advisory_lock(4711)');
    return () => db.end();
}
