-- Jobs (M9). Reloaded whole by every migrate.
-- The server's workers call claim, renew, settle and finish; domains call core.enqueue. Bodies name routines of orgs.
set local check_function_bodies = off;

-- ── asking ─────────────────────────────────────────────────────────────────────────────────────────────────────
-- For routines of the domains, in the transaction of the request: the job is there when the request has been committed.
-- It will run with the requester's rights of that time, limited to the roles that the asking operation admits.
create or replace function core.enqueue(wanted text, about uuid, job_arguments jsonb, wanted_id uuid default null) returns uuid
language plpgsql security definer set search_path = pg_catalog as $$
declare
  made uuid := coalesce(wanted_id, core.uuid_v7());
begin
  insert into core.job (id, kind, requested_by, operation, unit_id, arguments)
  values (made, wanted, core.person(), nullif(current_setting('app.op', true), ''), about, job_arguments);
  insert into core.job_run (job_id, kind, lane) select made, k.kind, k.lane from core.job_kind k where k.kind = wanted;
  return made;
end $$;

-- Jobs whose time has come. The lock on the schedule's row and the key (schedule, due_at) make one job of a due time.
create or replace function core.plan_schedule() returns integer
language plpgsql security definer set search_path = pg_catalog as $$
declare
  due core.schedule;
  made uuid;
  planned integer := 0;
begin
  for due in select * from core.schedule s where s.enabled and s.next_due <= core.app_now() order by s.next_due, s.name for update skip locked loop
    insert into core.job (kind, schedule, due_at, unit_id)
    values (due.kind, due.name, due.next_due, (select u.id from orgs.unit u where u.kind = 'city' and u.valid @> core.today() order by u.label limit 1))
    on conflict (schedule, due_at) do nothing returning id into made;
    if made is not null then
      insert into core.job_run (job_id, kind, lane) select made, k.kind, k.lane from core.job_kind k where k.kind = due.kind;
      planned := planned + 1;
    end if;
    update core.schedule s set next_due = core.due_after(core.app_now(), due.at_time, due.every_minutes) where s.name = due.name;
  end loop;
  return planned;
end $$;
revoke execute on function core.plan_schedule() from public;

-- ── the worker's side ──────────────────────────────────────────────────────────────────────────────────────────
-- Ends a run for good.
create or replace function core.end_run(wanted uuid, outcome text, why jsonb) returns void
language sql security definer set search_path = pg_catalog as $$
  update core.job_run r set state = outcome, lease_until = null, finished_at = core.app_now(), failure = why, version = r.version + 1 where r.job_id = wanted
$$;
revoke execute on function core.end_run(uuid, text, jsonb) from public;

-- Takes the next job of these lanes: one that waits, or one whose worker has given no sign of life until its lease ended.
-- `attempts` is the fence: whoever comes back late with an older one can neither finish nor fail the job any more.
drop function if exists core.claim_job(text[], integer);
create function core.claim_job(lanes text[], lease_seconds integer)
returns table (job_id uuid, kind text, routine text, with_arguments boolean, fence integer, seconds_most integer, requested_by uuid, operation text, arguments jsonb)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare
  run core.job_run;
  wanted core.job_kind;
begin
  perform core.plan_schedule();
  for run in
    select * from core.job_run r
    where r.lane = any (lanes) and ((r.state = 'queued' and r.run_after <= clock_timestamp()) or (r.state = 'running' and r.lease_until < clock_timestamp()))
    order by r.run_after, r.job_id for update skip locked
  loop
    select * into wanted from core.job_kind k where k.kind = run.kind;
    if run.cancel_requested then
      perform core.end_run(run.job_id, 'cancelled', null);
    elsif run.attempts >= wanted.attempts_most then
      perform core.end_run(run.job_id, 'failed', coalesce(run.failure, jsonb_build_object('problem', 'job_abandoned')));
    elsif wanted.running_most is null or (
      pg_try_advisory_xact_lock(hashtext('core.job_kind'), hashtext(run.kind))
      and (select count(*) from core.job_run o where o.kind = run.kind and o.state = 'running' and o.lease_until >= clock_timestamp()) < wanted.running_most)
    then
      update core.job_run r set state = 'running', attempts = r.attempts + 1, lease_until = clock_timestamp() + make_interval(secs => lease_seconds),
        started_at = coalesce(r.started_at, core.app_now()), progress_done = 0, progress_total = null, phase = null, failure = null, version = r.version + 1
      where r.job_id = run.job_id;
      return query
        select j.id, j.kind, wanted.routine, wanted.with_arguments, run.attempts + 1, wanted.seconds_most, j.requested_by, j.operation, j.arguments
        from core.job j where j.id = run.job_id;
      return;
    end if;
  end loop;
end $$;
revoke execute on function core.claim_job(text[], integer) from public;
grant execute on function core.claim_job(text[], integer) to linli_app;

-- A sign of life with the progress so far. 'go', 'cancel' when somebody asked for that, 'lost' when the job is another's by now.
-- Never waits: the row may be locked by the worker's own transaction, whose last statement marks the job done, and that waits for us.
create or replace function core.renew_job(wanted uuid, held integer, lease_seconds integer, done bigint, total bigint, now_doing text) returns text
language plpgsql security definer set search_path = pg_catalog as $$
declare
  cancel boolean;
begin
  perform 1 from core.job_run r where r.job_id = wanted for update skip locked;
  if not found then
    return case when exists (select from core.job_run r where r.job_id = wanted and r.state = 'running' and r.attempts = held) then 'go' else 'lost' end;
  end if;
  update core.job_run r set lease_until = clock_timestamp() + make_interval(secs => lease_seconds), progress_done = done, progress_total = total,
    phase = now_doing,
    version = r.version + case when (r.progress_done, r.progress_total, r.phase) is distinct from (done, total, now_doing) then 1 else 0 end
  where r.job_id = wanted and r.state = 'running' and r.attempts = held returning r.cancel_requested into cancel;
  return case when cancel then 'cancel' when cancel is null then 'lost' else 'go' end;
end $$;
revoke execute on function core.renew_job(uuid, integer, integer, bigint, bigint, text) from public;
grant execute on function core.renew_job(uuid, integer, integer, bigint, bigint, text) to linli_app;

-- The last statement of the work's own transaction: done and written down, or neither.
create or replace function core.finish_job(wanted uuid, held integer, outcome jsonb) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  update core.job_run r set state = 'succeeded', lease_until = null, finished_at = core.app_now(), result = outcome,
    progress_done = coalesce(r.progress_total, r.progress_done), version = r.version + 1
  where r.job_id = wanted and r.state = 'running' and r.attempts = held;
  if not found then
    raise exception using errcode = 'LI410', message = 'the lease of this job is another worker''s';
  end if;
end $$;
revoke execute on function core.finish_job(uuid, integer, jsonb) from public;
grant execute on function core.finish_job(uuid, integer, jsonb) to linli_app;

-- After the work was rolled back. 'retry' waits 1, 2, 4 … 300 s and gives up after the kind's attempts; 'released' goes back
-- into the queue as if it had not been taken (the server stops); 'failed' and 'cancelled' are final.
create or replace function core.settle_job(wanted uuid, held integer, outcome text, why jsonb) returns text
language plpgsql security definer set search_path = pg_catalog as $$
declare
  run core.job_run;
  reached text := outcome;
begin
  select * into run from core.job_run r where r.job_id = wanted and r.state = 'running' and r.attempts = held for update;
  if not found then
    return 'lost';
  end if;
  if outcome = 'retry' and run.attempts >= (select k.attempts_most from core.job_kind k where k.kind = run.kind) then
    reached := 'failed';
  end if;
  if reached in ('failed', 'cancelled') then
    perform core.end_run(wanted, reached, why);
  else
    update core.job_run r set state = 'queued', lease_until = null, failure = why, attempts = r.attempts - case when reached = 'released' then 1 else 0 end,
      run_after = clock_timestamp() + case when reached = 'released' then interval '0' else make_interval(secs => least(300, 2 ^ least(r.attempts - 1, 9))) end,
      version = r.version + 1
    where r.job_id = wanted;
  end if;
  return reached;
end $$;
revoke execute on function core.settle_job(uuid, integer, text, jsonb) from public;
grant execute on function core.settle_job(uuid, integer, text, jsonb) to linli_app;

-- The requester's grants of today, as access.principal gives those of a session. No row: the login is gone or disabled.
drop function if exists core.job_principal(uuid);
create function core.job_principal(wanted uuid) returns table (person_id uuid, role text, territory_path ltree, leadership_path ltree)
language sql stable security definer set search_path = pg_catalog as $$
  select l.person_id, g.role, u.territory_path, u.leadership_path
  from core.job j
  join access.login l on l.person_id = j.requested_by and not l.disabled
  left join access.grant g on g.person_id = l.person_id and g.valid @> core.today()
  left join orgs.unit u on u.id = g.unit_id
  where j.id = wanted order by g.role, g.id
$$;
revoke execute on function core.job_principal(uuid) from public;
grant execute on function core.job_principal(uuid) to linli_app;

-- Work of the clock is the server's own: it reaches every unit and acts for nobody.
create or replace function core.run_scheduled(wanted uuid, held integer) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  called text;
  outcome text;
begin
  select k.routine into called
  from core.job_run r join core.job j on j.id = r.job_id join core.job_kind k on k.kind = r.kind
  where r.job_id = wanted and r.state = 'running' and r.attempts = held and j.schedule is not null and not k.with_arguments;
  if called is null then
    raise exception using errcode = 'LI410', message = 'the lease of this job is another worker''s';
  end if;
  perform set_config('app.' || s, '{""}', true) from unnest(array['scope', 'scope_lead', 'paths', 'lead', 'files']) s;
  execute format('select %s()::text', called) into outcome;
  perform core.finish_job(wanted, held, case when outcome <> '' then jsonb_build_object('outcome', outcome) end);
end $$;
revoke execute on function core.run_scheduled(uuid, integer) from public;
grant execute on function core.run_scheduled(uuid, integer) to linli_app;

-- Work of a person: as the application's role with that person's settings, so that row-level security judges it.
create or replace function core.run_requested(wanted uuid, held integer) returns void
language plpgsql set search_path = pg_catalog as $$
declare
  called text;
  outcome jsonb;
  given jsonb;
begin
  select k.routine, j.arguments into called, given from core.job j join core.job_kind k on k.kind = j.kind where j.id = wanted and k.with_arguments;
  execute format('select %s($1, $2)', called) into outcome using wanted, given;
  perform core.finish_job(wanted, held, outcome);
end $$;

-- For routines that run as jobs. The work's own transaction shows nothing until it is committed, so progress travels as a
-- notice to the worker, which writes it down on its second connection.
create or replace function core.progress(done bigint, total bigint, now_doing text) returns void language plpgsql as $$
begin
  raise notice using message = format('job_progress %s %s %s', done, coalesce(total, -1), now_doing);
end $$;

-- ── stopping and forgetting ────────────────────────────────────────────────────────────────────────────────────
-- Row-level security has let the caller see the job, and the scope predicate has agreed.
create or replace function core.mark_cancelled(wanted uuid) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  run core.job_run;
begin
  select * into run from core.job_run r where r.job_id = wanted for update;
  perform core.expect(run.state in ('queued', 'running'), 'job_over');
  if run.state = 'queued' then
    perform core.end_run(wanted, 'cancelled', null);
  end if;
  update core.job_run r set cancel_requested = true, version = r.version + 1 where r.job_id = wanted;
end $$;
revoke execute on function core.mark_cancelled(uuid) from public;
grant execute on function core.mark_cancelled(uuid) to linli_app;

-- Once a day: what the clock asked for goes after a month, what people asked for after a year.
create or replace function core.forget_jobs() returns void
language sql security definer set search_path = pg_catalog as $$
  delete from core.job j using core.job_run r
  where r.job_id = j.id and r.finished_at < core.app_now() - case when j.requested_by is null then interval '30 days' else interval '1 year' end
$$;
revoke execute on function core.forget_jobs() from public;

-- Why a job failed, every property named.
create or replace function core.failure_reply(why jsonb) returns jsonb language sql immutable as $$
  select jsonb_build_object('problem', why ->> 'problem', 'title_zh', why ->> 'title_zh', 'title_en', why ->> 'title_en', 'pointer', why ->> 'pointer')
  where why is not null
$$;
