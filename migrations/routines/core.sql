-- Core routines. Reloaded whole by every migrate.

-- M2: a rule of the domain. The problem table gives the name its status and its words; pointer says which field.
create or replace function core.expect(condition boolean, problem text, pointer text default null) returns void
language plpgsql immutable as $$
begin
  if condition is not true then
    raise exception using errcode = 'LI000', message = problem, detail = coalesce(pointer, '');
  end if;
end $$;

-- An entity tag that also tells what is counted beside the row: the version in the upper bits, a digest of the rest below.
create or replace function core.etag(version bigint, rest text) returns bigint language sql immutable parallel safe
as $$ select (version << 24) | (hashtextextended(coalesce(rest, ''), 0) & 16777215) $$;

create or replace function core.etag_version(etag bigint) returns bigint language sql immutable parallel safe
as $$ select etag >> 24 $$;

-- M3: waits for a racing twin; then the same request replays (LI200), another one under the same key is refused (LI422).
create or replace function core.claim_idempotency(claim_key text, claim_operation text, claim_fingerprint bytea) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  held core.idempotency;
begin
  insert into core.idempotency (person_id, key, operation, fingerprint)
  values (core.person(), claim_key, claim_operation, claim_fingerprint) on conflict do nothing;
  if found then
    return;
  end if;
  select * into held from core.idempotency i where i.person_id = core.person() and i.key = claim_key;
  if held.operation <> claim_operation or held.fingerprint <> claim_fingerprint or held.reply is null then
    raise exception using errcode = 'LI422', message = 'key_reused';
  end if;
  raise exception using errcode = 'LI200', message = 'replay',
    detail = json_build_object('columns', held.columns, 'row', held.reply)::text;
end $$;

-- M4: appended to a group, it judges the deferred constraints and takes everything back; the earlier results are the preview.
create or replace function core.abandon() returns void language plpgsql as $$
begin
  set constraints all immediate;
  raise exception using errcode = 'LI204', message = 'abandoned';
end $$;

-- Replies are kept for as long as a client may sensibly come back with its key.
create or replace function core.forget_replies() returns void
language sql security definer set search_path = pg_catalog
as $$ delete from core.idempotency where created_at < core.app_now() - interval '30 days' $$;
revoke execute on function core.forget_replies() from public;

-- M12.
create or replace function core.next_state(machine_name text, state text, wanted text) returns text
language plpgsql stable as $$
declare
  reached text;
begin
  select t.to_state into reached from core.transition t
  where t.machine = machine_name and t.from_state = state and t.action = wanted;
  perform core.expect(reached is not null, 'wrong_state');
  return reached;
end $$;

create or replace function core.year_has_calendar(wanted integer) returns boolean language sql stable parallel safe
as $$ select exists (select from core.holiday h where h.day >= make_date(wanted, 1, 1) and h.day < make_date(wanted + 1, 1, 1)) $$;

-- NULL when the year has no calendar: nobody guesses.
create or replace function core.is_working_day(wanted date) returns boolean language sql stable parallel safe
as $$
  select case when core.year_has_calendar(extract(year from wanted)::integer)
    then coalesce((select h.is_workday from core.holiday h where h.day = wanted), extract(isodow from wanted) < 6) end
$$;

-- The n-th working day after `start`; the day itself is never counted. n = 0: the day itself, moved on to a working day.
create or replace function core.add_working_days(start date, n integer) returns date language plpgsql stable as $$
declare
  reached date := start;
  remaining integer := n;
begin
  if n < 0 then
    raise exception using errcode = 'invalid_parameter_value', message = 'working days are added, not taken away';
  end if;
  if n = 0 then
    return core.next_working_day(start);
  end if;
  while remaining > 0 loop
    reached := reached + 1;
    perform core.expect(core.year_has_calendar(extract(year from reached)::integer), 'calendar_missing');
    if core.is_working_day(reached) then
      remaining := remaining - 1;
    end if;
  end loop;
  return reached;
end $$;

-- A last day on a holiday moves on to the next working day (Civil Code 203).
create or replace function core.next_working_day(start date) returns date language plpgsql stable as $$
declare
  reached date := start;
begin
  loop
    perform core.expect(core.year_has_calendar(extract(year from reached)::integer), 'calendar_missing');
    exit when core.is_working_day(reached);
    reached := reached + 1;
  end loop;
  return reached;
end $$;

-- Working days after `first` up to and including `last`; negative when last lies before.
create or replace function core.working_days_between(first date, last date) returns integer language plpgsql stable as $$
declare
  counted integer;
begin
  if last < first then
    return -core.working_days_between(last, first);
  end if;
  select count(*) filter (where core.is_working_day(d::date))::integer into counted
  from generate_series(first + 1, last, interval '1 day') d
  having bool_and(core.is_working_day(d::date) is not null) is not false;
  perform core.expect(counted is not null, 'calendar_missing');
  return counted;
end $$;

-- M11: an event, numbered after commit by the sealer.
create or replace function core.emit(event_topic text, event_unit uuid, event_payload jsonb) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into core.outbox (topic, unit_id, payload) values (event_topic, event_unit, event_payload);
end $$;

-- Listeners drop what they know of this person's rights when the transaction commits.
create or replace function core.notify_grants(person_id uuid) returns void language sql
as $$ select pg_notify('linli_grants', person_id::text) $$;

-- An instant inside a json column, written as the server writes it in a column of its own: UTC, Z, no idle zeros.
create or replace function core.json_time(moment timestamptz) returns text language sql immutable parallel safe
as $$ select rtrim(rtrim(to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.') || 'Z' $$;

-- ── seal ───────────────────────────────────────────────────────────────────────────────────────────────────────
create or replace function core.utc_text(moment timestamptz) returns text language sql immutable parallel safe
as $$ select to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') $$;

-- The text that is chained: a JSON array of every field but the transaction's number, which a restore changes; behind it, if
-- another acted in the person's name, who.
create or replace function core.canonical_audit(r core.audit_record) returns text language sql immutable parallel safe
as $$
  select 'audit ' || json_build_array(r.id, core.utc_text(r.at), r.person_id, r.operation, r.request_id, r.table_name, r.row_key, r.action,
    encode(r.before_digest, 'hex'), encode(r.after_digest, 'hex'))::text || coalesce(' by ' || r.agent_id, '')
$$;

create or replace function core.canonical_event(e core.outbox) returns text language sql immutable parallel safe
as $$ select 'event ' || json_build_array(e.id, core.utc_text(e.at), e.topic, e.unit_id, e.payload)::text $$;

create or replace function core.seal_hash(previous bytea, number bigint, canonical text) returns bytea language sql immutable parallel safe
as $$ select sha256(previous || convert_to(number || ' ' || canonical, 'UTF8')) $$;

-- Seals what is older than the oldest running transaction, in (transaction, id) order: nothing can appear before it any more.
-- One sealer at a time; another one that asks meanwhile gets sealed = 0. `pending`: the batch was full, ask again at once.
-- An idle call writes nothing, not even the watermark. checkpoint_*: the checkpoint that this call made, NULL when none.
drop function if exists core.seal_batch(integer);
create function core.seal_batch(most integer default 1000)
returns table (sealed integer, last_no bigint, pending boolean, lag_ms bigint, checkpoint_day date, checkpoint_no bigint, checkpoint_hash text)
language plpgsql security definer set search_path = pg_catalog as $$
declare
  state core.sealer;
  horizon xid8 := pg_snapshot_xmin(pg_current_snapshot());
  unsealed record;
  streams text[] := '{}';
  sources bigint[] := '{}';
  hashes bytea[] := '{}';
  last_xid xid8;
  events boolean := false;
begin
  sealed := 0;
  pending := false;
  select * into state from core.sealer;
  if not pg_try_advisory_xact_lock(hashtext('core.seal_batch')) then
    last_no := state.seal_no;
    return next;
    return;
  end if;
  select * into state from core.sealer;
  for unsealed in
    (select r.xid, 'audit' as stream, r.id, core.canonical_audit(r) as canonical from core.audit_record r
     where r.xid >= state.watermark and r.xid < horizon
       and not exists (select from core.seal s where s.stream = 'audit' and s.source_id = r.id)
     order by r.xid, r.id limit most)
    union all
    (select e.xid, 'event', e.id, core.canonical_event(e) from core.outbox e
     where e.xid >= state.watermark and e.xid < horizon
       and not exists (select from core.seal s where s.stream = 'event' and s.source_id = e.id)
     order by e.xid, e.id limit most)
    order by xid, stream, id limit most
  loop
    sealed := sealed + 1;
    state.hash := core.seal_hash(state.hash, state.seal_no + sealed, unsealed.canonical);
    streams[sealed] := unsealed.stream;
    sources[sealed] := unsealed.id;
    hashes[sealed] := state.hash;
    last_xid := unsealed.xid;
    events := events or unsealed.stream = 'event';
  end loop;
  pending := sealed >= most;
  last_no := state.seal_no + sealed;
  if sealed > 0 then
    insert into core.seal (seal_no, stream, source_id, hash)
    select state.seal_no + t.n, t.stream, t.source, t.hash
    from unnest(streams, sources, hashes) with ordinality t(stream, source, hash, n);
    update core.sealer set watermark = case when pending then last_xid else horizon end, seal_no = last_no, hash = state.hash;
  end if;
  if events then
    perform pg_notify('linli_sealed', last_no::text);
  end if;
  if not exists (select from core.checkpoint c where c.day = core.today()) then
    insert into core.checkpoint as c (day, seal_no, hash) values (core.today(), last_no, state.hash)
    returning c.day, c.seal_no, encode(c.hash, 'hex') into checkpoint_day, checkpoint_no, checkpoint_hash;
  end if;
  select (extract(epoch from core.app_now() - min(w.at)) * 1000)::bigint into lag_ms
  from (select min(r.at) as at from core.audit_record r where r.xid >= horizon
        union all select min(e.at) from core.outbox e where e.xid >= horizon) w;
  lag_ms := greatest(coalesce(lag_ms, 0), 0);
  return next;
end $$;
revoke execute on function core.seal_batch(integer) from public;
grant execute on function core.seal_batch(integer) to linli_app;

-- For the verifier and for export: what was chained, as the rows say it now. A row that is gone gives a NULL text.
drop function if exists core.seal_lines(bigint, integer);
create function core.seal_lines(after_no bigint, most integer)
returns table (seal_no bigint, stream text, source_id bigint, sealed_at timestamptz, canonical text, hash text)
language sql stable security definer set search_path = pg_catalog as $$
  select s.seal_no, s.stream, s.source_id, s.sealed_at,
    case when r.id is not null then core.canonical_audit(r) when e.id is not null then core.canonical_event(e) end, encode(s.hash, 'hex')
  from core.seal s
  left join core.audit_record r on s.stream = 'audit' and r.id = s.source_id
  left join core.outbox e on s.stream = 'event' and e.id = s.source_id
  where s.seal_no > after_no order by s.seal_no limit most
$$;
revoke execute on function core.seal_lines(bigint, integer) from public;

-- Payloads that no longer match the chained digests (erased ones are absent, not wrong).
drop function if exists core.false_payloads();
create function core.false_payloads() returns table (audit_id bigint, table_name text, row_key text)
language sql stable security definer set search_path = pg_catalog as $$
  select r.id, r.table_name, r.row_key
  from core.audit_payload p join core.audit_record r on r.id = p.audit_id
  where core.audit_digest(p.salt, p.before) is distinct from r.before_digest
     or core.audit_digest(p.salt, p.after) is distinct from r.after_digest
$$;
revoke execute on function core.false_payloads() from public;

create or replace function core.checkpoints_after(known date)
returns table (day date, seal_no bigint, hash text, made_at timestamptz)
language sql stable security definer set search_path = pg_catalog as $$
  select c.day, c.seal_no, encode(c.hash, 'hex'), c.made_at from core.checkpoint c where known is null or c.day > known order by c.day
$$;
revoke execute on function core.checkpoints_after(date) from public;
grant execute on function core.checkpoints_after(date) to linli_app;

-- What a new day brings into force. Cheap when everything is done; any number of servers may ask. A task that fails takes only its own
-- work back and is told to the worker's log; the others are done, and it is tried again with the next round.
create or replace function core.run_daily() returns integer
language plpgsql security definer set search_path = pg_catalog as $$
declare
  task record;
  done integer := 0;
begin
  for task in select t.routine from core.daily_task t where t.done_on is distinct from core.today() order by t.ordinal for update skip locked loop
    begin
      execute format('select %s()', task.routine);
      update core.daily_task set done_on = core.today() where routine = task.routine;
      done := done + 1;
    exception
      when query_canceled then raise;
      when others then raise warning using message = format('task_failed %s %s', task.routine, sqlstate);
    end;
  end loop;
  return done;
end $$;
revoke execute on function core.run_daily() from public;
grant execute on function core.run_daily() to linli_app;

-- What is kept ready to be read is made anew where it has aged. True: there is more to do. Any number of servers may ask.
create or replace function core.run_upkeep() returns boolean
language plpgsql security definer set search_path = pg_catalog as $$
declare
  task text;
  unfinished boolean;
  more boolean := false;
begin
  for task in select t.routine from core.upkeep_task t order by t.ordinal loop
    execute format('select %s()', task) into unfinished;
    more := more or unfinished;
  end loop;
  return more;
end $$;
revoke execute on function core.run_upkeep() from public;
grant execute on function core.run_upkeep() to linli_app;
