-- Saved views. They run with the caller's own rights: row-level security is what keeps them apart.
drop function if exists access.keep_view(uuid, text, text, text) cascade;
create function access.keep_view(wanted uuid, of_list text, named text, asked text)
returns table (id uuid, list text, name text, query text, saved_at timestamptz)
language plpgsql set search_path = pg_catalog as $$
#variable_conflict use_column
begin
  -- One at a time for each person, so that the limit holds.
  perform pg_advisory_xact_lock(hashtextextended('access.saved_view ' || core.person(), 0));
  perform core.expect(exists (select from access.saved_view v where v.person_id = core.person() and v.id = wanted)
    or (select count(*) from access.saved_view v where v.person_id = core.person()) < 50, 'too_many_views');
  return query
    insert into access.saved_view as v (person_id, id, list, name, query) values (core.person(), wanted, of_list, btrim(named), asked)
    on conflict (person_id, id) do update set list = excluded.list, name = excluded.name, query = excluded.query, saved_at = core.app_now()
    returning v.id, v.list, v.name, v.query, v.saved_at;
end $$;

drop function if exists access.drop_view(uuid) cascade;
create function access.drop_view(wanted uuid) returns table (id uuid)
language plpgsql set search_path = pg_catalog as $$
#variable_conflict use_column
begin
  return query delete from access.saved_view v where v.person_id = core.person() and v.id = wanted returning v.id;
  perform core.expect(found, 'not_found');
end $$;
