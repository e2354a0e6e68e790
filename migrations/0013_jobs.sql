-- Jobs (M9): work that outlasts a request, and work that falls due by the clock.
-- core.job says what was asked, by whom, with what: written once and audited. core.job_run says how it goes: it changes
-- with every sign of life, so it is neither audited nor part of the past.

-- What kinds of work there are. A routine is named, or it is a C function of the server (routine null).
-- with_arguments: the routine takes (job uuid, arguments jsonb) and returns jsonb; without, it takes nothing and belongs to the clock.
create table core.job_kind (
  kind text primary key check (kind ~ '^[a-z_]{1,60}$'),
  name_zh text not null,
  name_en text not null,
  routine text check (routine ~ '^[a-z_]+\.[a-z_]+$'),
  with_arguments boolean not null default false,
  lane text not null default 'quick' check (lane in ('quick', 'bulk')),
  attempts_most smallint not null default 5 check (attempts_most > 0),
  seconds_most integer not null default 300 check (seconds_most > 0),
  running_most smallint check (running_most > 0),
  check (routine is not null or with_arguments)
);

-- What falls due by itself: every day at a time in Shanghai, or every so many minutes. core.app_now() decides; however many
-- servers look, a due time makes one job. After a pause one job makes up for all due times that were missed.
create table core.schedule (
  name text primary key check (name ~ '^[a-z_]{1,60}$'),
  kind text not null references core.job_kind,
  at_time time,
  every_minutes integer check (every_minutes between 1 and 1440),
  next_due timestamptz not null,
  enabled boolean not null default true,
  constraint schedule_one_rhythm check ((at_time is null) <> (every_minutes is null))
);

create table core.job (
  id uuid primary key default core.uuid_v7(),
  kind text not null references core.job_kind,
  requested_by uuid,
  operation text,
  unit_id uuid,
  arguments jsonb not null default '{}' check (jsonb_typeof(arguments) = 'object'),
  schedule text references core.schedule,
  due_at timestamptz,
  created_at timestamptz not null default core.app_now(),
  constraint job_once_due unique (schedule, due_at),
  check ((schedule is null) = (due_at is null)),
  check ((schedule is null) = (requested_by is not null)),
  check ((requested_by is null) or (operation is not null))
);
create index job_by_requester on core.job (requested_by, id);
create index job_by_unit on core.job (unit_id, id);

-- Leases run by the machine's clock, not by the business clock: a moved business clock must not end or prolong them.
create table core.job_run (
  job_id uuid primary key references core.job on delete cascade,
  kind text not null references core.job_kind,
  lane text not null,
  state text not null default 'queued' check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  attempts smallint not null default 0,
  run_after timestamptz not null default clock_timestamp(),
  lease_until timestamptz,
  cancel_requested boolean not null default false,
  progress_done bigint not null default 0 check (progress_done >= 0),
  progress_total bigint check (progress_total >= 0),
  phase text check (phase ~ '^[a-z_]{1,60}$'),
  result jsonb,
  failure jsonb,
  started_at timestamptz,
  finished_at timestamptz,
  version bigint not null default 1,
  check ((state = 'running') = (lease_until is not null)),
  check ((state in ('succeeded', 'failed', 'cancelled')) = (finished_at is not null))
);
create index job_run_waiting on core.job_run (lane, run_after) where state in ('queued', 'running');
create index job_run_running on core.job_run (kind) where state = 'running';

select core.guard_table(t) from unnest(array['core.job', 'core.job_run', 'core.schedule']::regclass[]) t;
select core.audit_table('core.job');

-- One's own, or of a unit that a staff grant reaches. What the clock asks for belongs to the city.
create policy own_or_staff on core.job for select to linli_app using (
  requested_by = (select nullif(current_setting('app.person', true), '')::uuid)
  or (select u.territory_path from orgs.unit u where u.id = job.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy of_the_job on core.job_run for select to linli_app using ((select true from core.job j where j.id = job_run.job_id));

grant select on core.job_kind, core.job, core.job_run to linli_app;

-- The first instant after `moment` at which such a rhythm falls due.
create function core.due_after(moment timestamptz, at_time time, every_minutes integer) returns timestamptz language sql immutable parallel safe as $$
  select case when every_minutes is not null
    then to_timestamp((floor(extract(epoch from moment) / (every_minutes * 60)) + 1) * (every_minutes * 60))
    else (select min(d.due) from (
      select ((moment at time zone 'Asia/Shanghai')::date + n + at_time) at time zone 'Asia/Shanghai' as due from generate_series(0, 1) n) d
      where d.due > moment) end
$$;

-- For migrations: a routine without arguments that the clock calls. At once when `right_away`, then by its rhythm.
create function core.schedule_routine(
  wanted text, words_zh text, words_en text, called text, daily_at time default null, minutes integer default null,
  right_away boolean default false, seconds integer default 300) returns void language plpgsql as $$
begin
  insert into core.job_kind (kind, name_zh, name_en, routine, seconds_most, running_most) values (wanted, words_zh, words_en, called, seconds, 1);
  insert into core.schedule (name, kind, at_time, every_minutes, next_due)
  values (wanted, wanted, daily_at, minutes, case when right_away then core.app_now() else core.due_after(core.app_now(), daily_at, minutes) end);
end $$;
revoke execute on function core.schedule_routine(text, text, text, text, time, integer, boolean, integer) from public;

-- What a new day brings (core.daily_task, in its order): at midnight in Shanghai, and every hour what failed then.
select core.schedule_routine('new_day', '新的一天', 'The new day', 'core.run_daily', minutes => 60, right_away => true, seconds => 1800);
insert into core.daily_task (routine, ordinal) values ('core.forget_jobs', 91);
