-- Exports (M8). Reloaded whole by every migrate.

-- Before the first row leaves.
create or replace function core.begin_export(listed text, type text, asked text) returns uuid
language sql security definer set search_path = pg_catalog
as $$ insert into core.export (person_id, operation, media_type, filters) values (core.person(), listed, type, asked) returning id $$;

-- After the last one, or when its reader went away.
create or replace function core.end_export(wanted uuid, sent bigint, to_the_end boolean) returns void
language sql security definer set search_path = pg_catalog
as $$ update core.export e set rows = sent, whole = to_the_end, ended_at = core.app_now() where e.id = wanted and e.person_id = core.person() and e.ended_at is null $$;
