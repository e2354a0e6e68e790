-- Jobs: due times make one job each, leases and fences, back-off, cancelling, whose a job is.
begin;
\ir lib/world.sql
select plan(46);
delete from core.schedule; -- the clock of this world asks for nothing but what is planned here

-- rhythms
select is(core.due_after(d.moment::timestamptz, d.at_time::time, d.minutes), d.due::timestamptz, 'after ' || d.moment)
from (values
  ('2026-11-24T15:59:59Z', '00:00', null::integer, '2026-11-24T16:00:00Z'), ('2026-11-24T16:00:00Z', '00:00', null, '2026-11-25T16:00:00Z'),
  ('2026-11-24T16:30:00Z', '07:15', null, '2026-11-24T23:15:00Z'), ('2026-11-24T10:02:30Z', null, 5, '2026-11-24T10:05:00Z'),
  ('2026-11-24T10:05:00Z', null, 5, '2026-11-24T10:10:00Z')) d(moment, at_time, minutes, due);

create table core.test_done (job uuid, who uuid, scope text);
grant insert, select on core.test_done to linli_app, linli_owner;
create function core.test_clock() returns void language sql as $$ insert into core.test_done values (null, core.person(), current_setting('app.scope')) $$;
create function core.test_work(job uuid, arguments jsonb) returns jsonb language plpgsql as $$
begin
  insert into core.test_done values (job, core.person(), current_setting('app.scope'));
  perform core.expect(not arguments ? 'refuse', 'wrong_state');
  return jsonb_build_object('rows', (select count(*) from people.person));
end $$;
select core.schedule_routine('test_clock', '测试', 'Test', 'core.test_clock', daily_at => '00:00', seconds => 7);
insert into core.job_kind (kind, name_zh, name_en, routine, with_arguments, lane, attempts_most, running_most) values ('test_work', '测试', 'Test', 'core.test_work', true, 'bulk', 3, 1);

-- the clock
select is((select count(*) from core.claim_job('{quick,bulk}', 60)), 0::bigint, 'before midnight nothing is due');
set local linli.clock_offset = '3 days';
select is(core.plan_schedule(), 1, 'three missed midnights make one job');
select is(core.plan_schedule(), 0, 'and no second one');
select ok((select next_due > core.app_now() and next_due <= core.app_now() + interval '1 day' from core.schedule), 'the next one lies ahead');
update core.schedule set next_due = (select due_at from core.job);
select is(core.plan_schedule(), 0, 'a due time that was made once is never made again, whatever the schedule says');
select is((select u.kind from core.job j join orgs.unit u on u.id = j.unit_id), 'city', 'the clock''s jobs belong to the city');
select is((select fence || ' ' || seconds_most from core.claim_job('{quick}', 60)), '1 7', 'it is taken');
select is((select count(*) from core.claim_job('{quick,bulk}', 60)), 0::bigint, 'once');
select job_id as clock_job from core.job_run \gset
select throws_ok(format($$ select core.run_scheduled(%L, 2) $$, :'clock_job'), 'LI410', null, 'a wrong fence runs nothing');
select is(pg_temp.attempt(format($$ select core.run_scheduled(%L, 1) $$, :'clock_job')), 'ok', 'the application''s role carries it out');
select is((select (who is null) || ' ' || scope from core.test_done), 'true {""}', 'as the server itself, whose reach is everything');
select is((select state from core.job_run), 'succeeded', 'and it is done');
select is(current_setting('app.person'), '', 'nobody was signed in');
set local linli.clock_offset = '';

-- one task of the day that fails leaves the others done, and is tried again
update core.daily_task set done_on = core.today();
create function core.test_broken() returns void language plpgsql as $$ begin insert into core.test_done values (null, null, 'broken'); perform 1 / 0; end $$;
insert into core.daily_task (routine, ordinal) values ('core.test_broken', 1), ('core.test_clock', 2);
set local client_min_messages = error;
select is(core.run_daily(), 1, 'one of two is done');
select results_eq($$ select routine, done_on = core.today() from core.daily_task where routine ~ 'test' order by ordinal $$,
  $$ values ('core.test_broken', null::boolean), ('core.test_clock', true) $$, 'and only that one is not asked again');
select is((select count(*) from core.test_done where scope = 'broken'), 0::bigint, 'nothing of the other one stays');
set local client_min_messages = warning;

-- a person's
select pg_temp.sign_in('a1', '11');
select set_config('app.op', 'getPerson', true);
select core.enqueue('test_work', pg_temp.id('11'), '{}', pg_temp.id('e1')), core.enqueue('test_work', pg_temp.id('11'), '{"refuse": true}', pg_temp.id('e2'));
select is((select requested_by || ' ' || operation from core.job where id = pg_temp.id('e1')), pg_temp.id('a1') || ' getPerson', 'who asked, by which operation');
select is(pg_temp.seen($$ select from core.job $$), 2::bigint, 'they see theirs');
select is(pg_temp.seen($$ select from core.job_run $$), 2::bigint, 'and how it goes');
select pg_temp.sign_in('b1', '12');
select is(pg_temp.seen($$ select from core.job $$), 0::bigint, 'another community does not');
select is(pg_temp.attempt(format($$ select * from core.cancel_job(%L) $$, pg_temp.id('e1'))), 'not_found', 'nor stops it');
select is(pg_temp.attempt($$ update core.job_run set state = 'queued' $$), '42501', 'nobody writes there');
select is(pg_temp.attempt($$ select core.plan_schedule() $$), '42501', 'nor plans');
select pg_temp.sign_out();
select is((select count(*) from core.claim_job('{quick}', 60)), 0::bigint, 'bulk work is not for the quick lane');
select is((select job_id from core.claim_job('{quick,bulk}', 60)), pg_temp.id('e1'), 'first come, first served');
select is((select count(*) from core.claim_job('{quick,bulk}', 60)), 0::bigint, 'one of a kind at a time');
select is(core.renew_job(pg_temp.id('e1'), 1, 60, 5, 10, 'checking'), 'go', 'a sign of life');
select is((select progress_done || '/' || progress_total || ' ' || phase from core.job_run where job_id = pg_temp.id('e1')), '5/10 checking', 'with its progress');

-- a worker that was believed dead
update core.job_run set lease_until = clock_timestamp() - interval '1 second' where job_id = pg_temp.id('e1');
select is((select job_id || ' ' || fence from core.claim_job('{bulk}', 60)), pg_temp.id('e1') || ' 2', 'after its lease another takes it');
select is(core.renew_job(pg_temp.id('e1'), 1, 60, 6, 10, 'checking'), 'lost', 'the first is told');
select throws_ok(format($$ select core.finish_job(%L, 1, null) $$, pg_temp.id('e1')), 'LI410', null, 'and cannot finish it');
select is(core.settle_job(pg_temp.id('e1'), 1, 'failed', '{}'), 'lost', 'nor fail it');
select is(core.settle_job(pg_temp.id('e1'), 2, 'retry', '{"problem": "try_again"}'), 'retry', 'it will be tried again');
select ok((select state = 'queued' and run_after between clock_timestamp() + interval '1 second' and clock_timestamp() + interval '3 seconds' from core.job_run where job_id = pg_temp.id('e1')), 'after a while');
update core.job_run set run_after = clock_timestamp() - interval '1 hour' where job_id = pg_temp.id('e1');
select is((select fence from core.claim_job('{bulk}', 60)), 3, 'a third time');
select is(core.settle_job(pg_temp.id('e1'), 3, 'released', null), 'released', 'the server stops');
select is((select attempts from core.job_run where job_id = pg_temp.id('e1')), 2::smallint, 'which is no attempt');
update core.job_run set run_after = clock_timestamp() - interval '1 hour' where job_id = pg_temp.id('e1');
select fence from core.claim_job('{bulk}', 60) \gset
select is(core.settle_job(pg_temp.id('e1'), :fence, 'retry', '{"problem": "try_again"}'), 'failed', 'the last attempt of its kind was the last');
select pg_temp.sign_in('a1', '11');
select is(pg_temp.attempt(format($$ select * from core.cancel_job(%L) $$, pg_temp.id('e1'))), 'job_over', 'what is over cannot be stopped');
select is(pg_temp.attempt(format($$ select * from core.cancel_job(%L) $$, pg_temp.id('e2'))), 'ok', 'what waits can');
select is((select state from core.job_run where job_id = pg_temp.id('e2')), 'cancelled', 'at once');
select * from finish();
rollback;
