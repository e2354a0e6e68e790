-- Core: the settable clock, ids, who is asking, audit, outbox, seal, idempotency, cases, the calendar.
-- What table definitions need (clock, ids, settings, audit triggers) is here; routines/core.sql holds the rest.

create extension if not exists ltree schema pg_catalog;
create extension if not exists btree_gist schema pg_catalog;

create schema if not exists core;
grant usage on schema core to linli_app;

-- ── migrations ─────────────────────────────────────────────────────────────────────────────────────────────────
create table if not exists core.migration (
  number bigint primary key,
  file text not null,
  checksum bytea not null,
  applied_at timestamptz not null default now()
);

-- A server of version v serves a schema when compatible_from <= v <= version of its own newest migration.
create table if not exists core.schema_version (
  only_row boolean primary key default true check (only_row),
  version bigint not null,
  compatible_from bigint not null,
  check (compatible_from <= version)
);

grant select on core.migration, core.schema_version to linli_app;

-- ── clock and ids ──────────────────────────────────────────────────────────────────────────────────────────────
-- The only clock of business: tests and demonstrations move it with `alter database … set linli.clock_offset`.
create function core.app_now() returns timestamptz language sql stable parallel safe
return now() + coalesce(nullif(current_setting('linli.clock_offset', true), '')::interval, interval '0');

create function core.day_of(moment timestamptz) returns date language sql stable parallel safe
return (moment at time zone 'Asia/Shanghai')::date;

create function core.today() returns date language sql stable parallel safe
return (core.app_now() at time zone 'Asia/Shanghai')::date;

-- Version 7: 48 bits of milliseconds, the rest random; bits 52 and 53 turn version 4 into 7.
create function core.uuid_v7() returns uuid language sql volatile parallel safe
return encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
  placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1), 'hex')::uuid;

-- ── who is asking: transaction-local settings of the engine; '' is absent ──────────────────────────────────────
create function core.person() returns uuid language sql stable parallel safe
return nullif(current_setting('app.person', true), '')::uuid;

-- Territory roots of the grants whose role the operation admits; scope_lead: leadership roots of the same.
create function core.scope() returns ltree[] language sql stable parallel safe
return nullif(current_setting('app.scope', true), '')::ltree[];

create function core.scope_lead() returns ltree[] language sql stable parallel safe
return nullif(current_setting('app.scope_lead', true), '')::ltree[];

-- Territory roots of all staff grants; lead: leadership roots; files: roots that reach confidential files.
create function core.paths() returns ltree[] language sql stable parallel safe
return nullif(current_setting('app.paths', true), '')::ltree[];

create function core.lead() returns ltree[] language sql stable parallel safe
return nullif(current_setting('app.lead', true), '')::ltree[];

create function core.files() returns ltree[] language sql stable parallel safe
return nullif(current_setting('app.files', true), '')::ltree[];

-- Seed, tests and the command line: a session of the owner in which nobody is signed in.
create function core.trusted() returns boolean language sql stable parallel restricted
return core.person() is null and pg_has_role(session_user, 'linli_owner', 'usage');

-- Row-level security that binds the owner too, who then passes by an explicit policy: routines of the owner rely on it.
create function core.guard_table(target regclass) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security, force row level security', target);
  execute format('create policy owner_passes on %s to linli_owner using (true) with check (true)', target);
end $$;

create function core.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception using errcode = 'restrict_violation', constraint = tg_table_name || '_immutable',
    message = format('%s.%s is never changed', tg_table_schema, tg_table_name);
end $$;

-- Rows that are written once: no update, delete or truncate, by nobody.
create function core.immutable_table(target regclass) returns void language plpgsql as $$
begin
  execute format('create trigger immutable before update or delete or truncate on %s for each statement execute function core.refuse_change()', target);
end $$;

-- ── audit ──────────────────────────────────────────────────────────────────────────────────────────────────────
create sequence core.audit_id as bigint cache 32;

-- Digests only: this part is chained and never changes. They are salted, so that an erased payload cannot be guessed back.
create table core.audit_record (
  id bigint primary key default nextval('core.audit_id'),
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null default core.app_now(),
  person_id uuid,
  operation text,
  request_id text,
  table_name text not null,
  row_key text not null,
  action text not null check (action in ('insert', 'update', 'delete')),
  before_digest bytea,
  after_digest bytea,
  check ((before_digest is not null) = (action <> 'insert')),
  check ((after_digest is not null) = (action <> 'delete'))
);
create index audit_record_by_xid on core.audit_record (xid, id);
create index audit_record_by_row on core.audit_record (table_name, row_key, id);
create index audit_record_by_person on core.audit_record (person_id, id);

-- What the digests are of; a person's erasure removes rows here and leaves the chain whole.
create table core.audit_payload (
  audit_id bigint primary key references core.audit_record,
  salt uuid not null,
  before jsonb,
  after jsonb
);

create function core.audit_digest(salt uuid, payload jsonb) returns bytea language sql immutable strict parallel safe
return sha256(uuid_send(salt) || convert_to(payload::text, 'UTF8'));

create function core.row_key(fields jsonb, keys text[]) returns text language sql immutable parallel safe
as $$ select string_agg(fields ->> k.name, ' ' order by k.n) from unnest(keys) with ordinality k(name, n) $$;

-- Columns that must not be kept in the clear (sealed values, password hashes) enter as the digest of what is stored.
create function core.audit_fields(fields jsonb, hidden text[]) returns jsonb language sql immutable parallel safe as $$
  select case when cardinality(hidden) = 0 then fields else (fields - hidden) || coalesce(
    (select jsonb_object_agg(h, encode(sha256(convert_to(fields ->> h, 'UTF8')), 'hex')) from unnest(hidden) h where fields ->> h is not null), '{}') end
$$;

-- Statement-level, by transition tables. Arguments: the key columns; the columns that never enter a payload in the clear.
create function core.audit_change() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
declare
  keys text[] := string_to_array(tg_argv[0], ',');
  hidden text[] := string_to_array(tg_argv[1], ',');
  who uuid := core.person();
  operation_name text := nullif(current_setting('app.op', true), '');
  request text := nullif(current_setting('app.rid', true), '');
  target text := tg_table_schema || '.' || tg_table_name;
begin
  if tg_op = 'INSERT' then
    with change as materialized (
      select nextval('core.audit_id') as id, core.row_key(to_jsonb(f), keys) as row_key, gen_random_uuid() as salt, core.audit_fields(to_jsonb(f), hidden) as after
      from fresh f
    ), record as (
      insert into core.audit_record (id, person_id, operation, request_id, table_name, row_key, action, after_digest)
      select c.id, who, operation_name, request, target, c.row_key, 'insert', core.audit_digest(c.salt, c.after) from change c
    )
    insert into core.audit_payload (audit_id, salt, after) select c.id, c.salt, c.after from change c;
  elsif tg_op = 'UPDATE' then
    with old_row as materialized (select to_jsonb(s) as fields from stale s),
    new_row as materialized (select to_jsonb(f) as fields from fresh f),
    change as materialized (
      select nextval('core.audit_id') as id, core.row_key(n.fields, keys) as row_key, gen_random_uuid() as salt,
        core.audit_fields(o.fields, hidden) as before, core.audit_fields(n.fields, hidden) as after
      from new_row n join old_row o on core.row_key(o.fields, keys) = core.row_key(n.fields, keys)
      where o.fields <> n.fields
    ), record as (
      insert into core.audit_record (id, person_id, operation, request_id, table_name, row_key, action, before_digest, after_digest)
      select c.id, who, operation_name, request, target, c.row_key, 'update', core.audit_digest(c.salt, c.before), core.audit_digest(c.salt, c.after)
      from change c
    )
    insert into core.audit_payload (audit_id, salt, before, after) select c.id, c.salt, c.before, c.after from change c;
  else
    with change as materialized (
      select nextval('core.audit_id') as id, core.row_key(to_jsonb(s), keys) as row_key, gen_random_uuid() as salt, core.audit_fields(to_jsonb(s), hidden) as before
      from stale s
    ), record as (
      insert into core.audit_record (id, person_id, operation, request_id, table_name, row_key, action, before_digest)
      select c.id, who, operation_name, request, target, c.row_key, 'delete', core.audit_digest(c.salt, c.before) from change c
    )
    insert into core.audit_payload (audit_id, salt, before) select c.id, c.salt, c.before from change c;
  end if;
  return null;
end $$;

-- Sealed columns and blind indexes are bytea and enter as digests by themselves; `secret` names what else must.
create function core.audit_table(target regclass, secret text[] default '{}') returns void language plpgsql as $$
declare
  keys text;
  hidden text;
begin
  select string_agg(a.attname, ',' order by k.n) into keys
  from pg_index i cross join unnest(i.indkey::int2[]) with ordinality k(attnum, n)
  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
  where i.indrelid = target and i.indisprimary;
  if keys is null then
    raise exception '% has no primary key to audit by', target;
  end if;
  select coalesce(string_agg(a.attname, ','), '') into hidden
  from pg_attribute a
  where a.attrelid = target and a.attnum > 0 and not a.attisdropped and (a.atttypid = 'bytea'::regtype or a.attname = any (secret));
  execute format('create trigger audit_insert after insert on %s referencing new table as fresh for each statement execute function core.audit_change(%L, %L)', target, keys, hidden);
  execute format('create trigger audit_update after update on %s referencing old table as stale new table as fresh for each statement execute function core.audit_change(%L, %L)', target, keys, hidden);
  execute format('create trigger audit_delete after delete on %s referencing old table as stale for each statement execute function core.audit_change(%L, %L)', target, keys, hidden);
end $$;

-- ── outbox and seal ────────────────────────────────────────────────────────────────────────────────────────────
create table core.outbox (
  id bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null default core.app_now(),
  topic text not null check (topic ~ '^[a-z_.]{1,80}$'),
  unit_id uuid,
  payload jsonb not null
);
create index outbox_by_xid on core.outbox (xid, id);

-- One chain over both streams: hash = sha256(hash of the row before || number || ' ' || canonical text).
create table core.seal (
  seal_no bigint primary key check (seal_no > 0),
  stream text not null check (stream in ('audit', 'event')),
  source_id bigint not null,
  sealed_at timestamptz not null default core.app_now(),
  hash bytea not null check (octet_length(hash) = 32),
  constraint seal_once unique (stream, source_id)
);

create table core.sealer (
  only_row boolean primary key default true check (only_row),
  watermark xid8 not null default '0',
  seal_no bigint not null default 0,
  hash bytea not null default decode(repeat('00', 32), 'hex')
);
insert into core.sealer default values;

-- Leaves the database (file and log), so that not even the owner can rewrite the past unseen. One a day.
create table core.checkpoint (
  day date primary key,
  seal_no bigint not null,
  hash bytea not null,
  made_at timestamptz not null default core.app_now()
);

-- ── idempotency ────────────────────────────────────────────────────────────────────────────────────────────────
create table core.idempotency (
  person_id uuid not null,
  key text not null check (length(key) between 1 and 255),
  operation text not null,
  fingerprint bytea not null,
  columns text[],
  reply text,
  created_at timestamptz not null default core.app_now(),
  primary key (person_id, key)
);
create index idempotency_by_age on core.idempotency (created_at);

-- ── cases (M12): which action leads from which state to which ─────────────────────────────────────────────────
create table core.transition (
  machine text not null,
  from_state text not null,
  action text not null,
  to_state text not null,
  who text[],
  working_days integer check (working_days > 0),
  primary key (machine, from_state, action)
);
grant select on core.transition to linli_app;

-- ── calendar ───────────────────────────────────────────────────────────────────────────────────────────────────
-- Only the days that differ from Monday to Friday. A year without rows has no calendar, and clocks that run into it say so.
create table core.holiday (
  day date primary key,
  is_workday boolean not null,
  name text not null
);
grant select on core.holiday to linli_app;

insert into core.holiday (day, is_workday, name)
select d::date, false, h.name
from (values
  ('2026-01-01', '2026-01-03', '元旦'), ('2026-02-15', '2026-02-23', '春节'), ('2026-04-04', '2026-04-06', '清明节'),
  ('2026-05-01', '2026-05-05', '劳动节'), ('2026-06-19', '2026-06-21', '端午节'), ('2026-09-25', '2026-09-27', '中秋节'),
  ('2026-10-01', '2026-10-07', '国庆节')
) h(first, last, name), generate_series(h.first::date, h.last::date, interval '1 day') d
union all
select d::date, true, '调休上班'
from unnest(array['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10']) d;

-- ── once a day ─────────────────────────────────────────────────────────────────────────────────────────────────
-- Routines of the domains that bring what holds today up to date; core.run_daily() runs those not yet done today.
create table core.daily_task (
  routine text primary key check (routine ~ '^[a-z_]+\.[a-z_]+$'),
  ordinal integer not null,
  done_on date
);
insert into core.daily_task (routine, ordinal) values ('core.forget_replies', 90);

select core.guard_table(t) from unnest(array[
  'core.audit_record', 'core.audit_payload', 'core.outbox', 'core.seal', 'core.sealer', 'core.checkpoint', 'core.idempotency', 'core.daily_task'
]::regclass[]) t;
select core.immutable_table(t) from unnest(array['core.audit_record', 'core.outbox', 'core.seal', 'core.checkpoint']::regclass[]) t;

grant select, update (columns, reply) on core.idempotency to linli_app;
create policy own_keys on core.idempotency to linli_app
  using (person_id = (select nullif(current_setting('app.person', true), '')::uuid));
