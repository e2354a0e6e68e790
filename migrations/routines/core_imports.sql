-- Bulk import: the frame. Reloaded whole by every migrate. Kinds have their routines in orgs_imports and people_imports.
-- The worker (domains/work/import.c) reads the file, normalises and seals cell by cell, and hands lines over in batches; what needs the
-- database is asked of all lines at once. Temporary tables belong to the owner, since the application's role may not make any.
set local check_function_bodies = off;

-- ── asking ─────────────────────────────────────────────────────────────────────────────────────────────────────
create or replace function core.ask_import(wanted_kind text, file uuid, new_id uuid) returns uuid
language plpgsql security definer set search_path = pg_catalog as $$
declare
  held core.blob;
  made uuid := coalesce(new_id, core.uuid_v7());
  job uuid := core.uuid_v7();
begin
  select * into held from core.blob b where b.id = file and b.owner_id = core.person() and b.purpose = 'import' for update;
  perform core.expect(held.id is not null, 'not_found', '/blob_id');
  perform core.expect(held.state = 'complete', 'blob_incomplete', '/blob_id');
  insert into core.import (id, kind, blob_id, file_name, requested_by, operation, job_id)
  values (made, wanted_kind, file, held.file_name, core.person(), current_setting('app.op'), job);
  perform core.use_blob(file, 'import', 'core.import', null);
  perform core.enqueue('import_check', null, jsonb_build_object('import', made), job);
  return made;
end $$;

create or replace function core.ask_application(wanted uuid, if_match bigint) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  held core.import;
  job uuid := core.uuid_v7();
begin
  select * into held from core.import i where i.id = wanted and i.requested_by = core.person() for update;
  perform core.expect(held.id is not null, 'not_found');
  perform core.expect(if_match is null or held.version = if_match, 'version_mismatch');
  -- one that failed or was cancelled may be asked for again
  perform core.expect(held.state = 'checked' or (held.state = 'applying' and exists (
    select from core.job_run r where r.job_id = held.job_id and r.state in ('failed', 'cancelled'))), 'wrong_state');
  perform core.expect(held.faults = 0, 'import_has_faults');
  update core.import i set state = 'applying', job_id = job, version = i.version + 1 where i.id = wanted;
  insert into core.job (id, kind, requested_by, operation, arguments)
  values (job, 'import_apply', core.person(), held.operation, jsonb_build_object('import', wanted));
  insert into core.job_run (job_id, kind, lane) values (job, 'import_apply', 'bulk');
end $$;

-- ── lines on their way ─────────────────────────────────────────────────────────────────────────────────────────
create or replace function core.begin_import() returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  create temp table import_line (
    line bigint primary key, c1 text, c2 text, c3 text, c4 text, c5 text, c6 text, c7 text, c8 text,
    c9 text, c10 text, c11 text, c12 text, c13 text, c14 text, c15 text, c16 text) on commit drop;
  create temp table import_fault (line bigint not null, column_name text, code text not null) on commit drop;
end $$;

create or replace function core.add_lines(lines bigint[], a1 text[], a2 text[], a3 text[], a4 text[], a5 text[], a6 text[], a7 text[], a8 text[],
  a9 text[], a10 text[], a11 text[], a12 text[], a13 text[], a14 text[], a15 text[], a16 text[]) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into pg_temp.import_line select * from unnest(lines, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16);
end $$;

create or replace function core.add_faults(lines bigint[], columns text[], codes text[]) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into pg_temp.import_fault select * from unnest(lines, columns, codes);
end $$;

-- After the last line: what only the database can know, of all lines at once.
create or replace function core.check_lines(wanted uuid) returns bigint
language plpgsql security definer set search_path = pg_catalog as $$
declare
  called text;
begin
  select k.checks into called from core.import i join core.import_kind k on k.kind = i.kind where i.id = wanted and i.requested_by = core.person();
  perform core.expect(called is not null, 'not_found');
  analyze pg_temp.import_line;
  if not exists (select from pg_temp.import_fault f where f.line <= 1) then
    execute format('select %s()', called);
  end if;
  return (select count(*) from pg_temp.import_fault);
end $$;

-- The dry run's outcome; the file stays for as long as the import does.
create or replace function core.note_check(wanted uuid, held_charset text, counted bigint) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  delete from core.import_fault f where f.import_id = wanted;
  insert into core.import_fault (import_id, ordinal, line, column_name, code)
  select wanted, row_number() over (order by f.line, f.column_name, f.code), f.line, f.column_name, f.code
  from (select distinct f.line, f.column_name, f.code from pg_temp.import_fault f order by 1, 2, 3 limit 10000) f;
  update core.import i set state = 'checked', checked_at = core.app_now(), charset = held_charset, lines = counted,
    faults = (select count(*) from (select distinct f.line, f.column_name, f.code from pg_temp.import_fault f) d), version = i.version + 1
  where i.id = wanted and i.requested_by = core.person();
end $$;

-- All lines, in this one transaction; the world may have changed since the dry run.
create or replace function core.apply_lines(wanted uuid) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  called text;
begin
  select k.applies into called from core.import i join core.import_kind k on k.kind = i.kind where i.id = wanted and i.requested_by = core.person() and i.state = 'applying';
  perform core.expect(called is not null, 'wrong_state');
  perform core.expect(not exists (select from pg_temp.import_fault), 'import_has_faults');
  execute format('select %s()', called);
  update core.import i set state = 'applied', applied_at = core.app_now(), version = i.version + 1 where i.id = wanted;
end $$;

-- ── what kinds share ───────────────────────────────────────────────────────────────────────────────────────────
create or replace function core.blame_lines(wanted_column text, wanted_code text, wrong bigint[]) returns void
language sql security definer set search_path = pg_catalog
as $$ insert into pg_temp.import_fault select w, wanted_column, wanted_code from unnest(wrong) w $$;

-- Once a day: ninety days after it was made an import goes, with its file.
create or replace function core.forget_imports() returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform core.release_blob(i.blob_id) from core.import i where i.created_at < core.app_now() - interval '90 days';
  delete from core.import i where i.created_at < core.app_now() - interval '90 days';
end $$;

revoke execute on function core.ask_import(text, uuid, uuid), core.ask_application(uuid, bigint), core.begin_import(), core.check_lines(uuid),
  core.note_check(uuid, text, bigint), core.apply_lines(uuid), core.blame_lines(text, text, bigint[]), core.forget_imports(), core.add_faults(bigint[], text[], text[]),
  core.add_lines(bigint[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[]) from public;
grant execute on function core.ask_import(text, uuid, uuid), core.ask_application(uuid, bigint), core.begin_import(), core.check_lines(uuid),
  core.note_check(uuid, text, bigint), core.apply_lines(uuid), core.add_faults(bigint[], text[], text[]),
  core.add_lines(bigint[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[]) to linli_app;
