-- Bulk import of units, and how lines name a unit. Reloaded whole by every migrate.
set local check_function_bodies = off;

-- Within reach by the roles that the import's operation admits, and by the session's staff grants: each of the two alone refuses.
create or replace function orgs.is_reached(place ltree) returns boolean language sql stable
as $$ select core.trusted() or (place <@ any (core.scope()) and place <@ any (core.paths())) $$;

-- A line names a unit by its id, by its name, or by a path of names, each standing directly in the one before: 孝坊社区/和顺花园/1 栋.
-- Names may be short names. One answer for each distinct text: the unit, or why there is none.
drop function if exists orgs.resolve_units(text[]);
create function orgs.resolve_units(wanted text[]) returns table (ref text, unit_id uuid, code text)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
  return query
  with asked as materialized (
    select d.ref, p.parts, p.parts[cardinality(p.parts)] as last, p.parts[cardinality(p.parts) - 1] as before
    from (select distinct w as ref from unnest(wanted) w where w is not null) d
    cross join lateral (select array(select btrim(x) from unnest(string_to_array(d.ref, '/')) x) as parts) p
  ), reached as materialized (
    select u.id, u.label, u.name, u.short_name, string_to_array(u.territory_path::text, '.')::bigint[] as labels
    from orgs.unit u where u.valid @> core.today() and orgs.is_reached(u.territory_path)
  ), named as materialized (
    select r.id, r.labels, n.name from reached r cross join lateral (select r.name union select r.short_name) n(name)
  ), below as materialized (
    select n.id, n.labels, n.name, p.name as parent_name
    from named n join orgs.unit v on v.label = n.labels[cardinality(n.labels) - 1] cross join lateral (select v.name union select v.short_name) p(name)
  ), hit as (
    select a.ref, r.id from asked a join reached r on a.ref = r.id::text
    union
    select a.ref, n.id from asked a join named n on n.name = a.last where cardinality(a.parts) = 1
    union
    select a.ref, b.id from asked a join below b on b.name = a.last and b.parent_name = a.before
    where cardinality(a.parts) > 1 and (cardinality(a.parts) = 2 or not exists (
      -- the names before those two, each against the unit that stands so far above
      select from generate_series(3, cardinality(a.parts)) k
      where not exists (
        select from orgs.unit v where v.label = b.labels[cardinality(b.labels) - k + 1] and a.parts[cardinality(a.parts) - k + 1] in (v.name, v.short_name))))
  )
  select a.ref, case when count(h.id) = 1 then (array_agg(h.id))[1] end,
    case count(h.id) when 0 then 'unit_unknown' when 1 then null else 'unit_ambiguous' end
  from asked a left join hit h on h.ref = a.ref group by a.ref;
end $$;
revoke execute on function orgs.resolve_units(text[]) from public;

-- ── units ──────────────────────────────────────────────────────────────────────────────────────────────────────
create or replace function orgs.check_unit_lines() returns void language plpgsql security definer set search_path = pg_catalog as $$
declare
  reached integer;
begin
  create temp table import_unit on commit drop as
  select l.line, core.uuid_v7() as id, l.c1 as code, k.kind, l.c3 as name, coalesce(l.c4, left(l.c3, 40)) as short_name,
    l.c5 as parent_ref, null::uuid as parent_id, null::text as parent_kind, l.c6 as leader_ref, null::uuid as leader_id, null::text as leader_kind,
    l.c7 as contact_phone, coalesce(l.c8::date, core.today()) as first_day, l.c9 as document_ref, null::integer as level
  from pg_temp.import_line l
  left join lateral (
    select k.kind from orgs.unit_kind k where k.kind not in ('city', 'city_committee') and lower(l.c2) in (k.kind, k.name_zh, lower(k.name_en)) limit 1) k on true;
  create index on import_unit (code);
  create index on import_unit (parent_ref);
  analyze import_unit;

  perform core.blame_lines('kind', 'bad_choice', array(select u.line from pg_temp.import_unit u where u.kind is null));
  perform core.blame_lines('code', 'repeated', array(select u.line from (select i.line, row_number() over (partition by i.code order by i.line) as n from pg_temp.import_unit i where i.code is not null) u where u.n > 1));

  -- Parents that stand already; the others must be lines of this file. A code of the file goes before a name.
  create temp table import_parent on commit drop as
  select r.ref, r.unit_id, r.code, p.kind, p.valid
  from orgs.resolve_units(array(
    select u.parent_ref from pg_temp.import_unit u where not exists (select from pg_temp.import_unit c where c.code = u.parent_ref)
    union select u.leader_ref from pg_temp.import_unit u where u.leader_ref is not null)) r
  left join orgs.unit p on p.id = r.unit_id;
  update import_unit u set parent_id = p.unit_id, parent_kind = p.kind, level = 1
  from import_parent p where p.ref = u.parent_ref and not exists (select from pg_temp.import_unit c where c.code = u.parent_ref);
  update import_unit u set leader_id = p.unit_id, leader_kind = p.kind from import_parent p where p.ref = u.leader_ref;
  insert into pg_temp.import_fault select u.line, 'parent', p.code from pg_temp.import_unit u join import_parent p on p.ref = u.parent_ref where u.level = 1 and u.parent_id is null;
  insert into pg_temp.import_fault select u.line, 'leadership_parent', p.code from pg_temp.import_unit u join import_parent p on p.ref = u.leader_ref where u.leader_id is null;
  for reached in 1 .. 16 loop
    update import_unit u set parent_id = c.id, parent_kind = c.kind, level = reached + 1
    from import_unit c where c.code = u.parent_ref and c.level = reached and u.level is null;
    exit when not found;
  end loop;
  perform core.blame_lines('parent', 'parent_below', array(select u.line from pg_temp.import_unit u where u.level is null));

  perform core.blame_lines('parent', 'placement_not_allowed', array(
    select u.line from pg_temp.import_unit u where u.kind is not null and u.parent_kind is not null and not exists (
      select from orgs.unit_kind_rule r where r.ladder = 'territory' and r.child_kind = u.kind and r.parent_kind = u.parent_kind)));
  perform core.blame_lines('leadership_parent', 'placement_not_allowed', array(
    select u.line from pg_temp.import_unit u where u.kind is not null and u.leader_kind is not null and not exists (
      select from orgs.unit_kind_rule r where r.ladder = 'leadership' and r.child_kind = u.kind and r.parent_kind = u.leader_kind)));
  perform core.blame_lines('leadership_parent', 'missing', array(
    select u.line from pg_temp.import_unit u join orgs.unit_kind k on k.kind = u.kind where k.leadership_required and u.leader_ref is null));
  perform core.blame_lines('valid_from', 'unit_not_there', array(
    select u.line from pg_temp.import_unit u join import_parent p on p.ref = u.parent_ref and u.level = 1 where not daterange(u.first_day, null) <@ p.valid
    union select u.line from pg_temp.import_unit u join import_parent p on p.ref = u.leader_ref where not daterange(u.first_day, null) <@ p.valid
    union select u.line from pg_temp.import_unit u join pg_temp.import_unit c on c.id = u.parent_id where u.first_day < c.first_day));

  perform core.blame_lines('name', 'repeated', array(
    select d.line from (select u.line, row_number() over (partition by u.parent_id, u.kind, u.name order by u.line) as n from pg_temp.import_unit u where u.parent_id is not null) d where d.n > 1));
  perform core.blame_lines('name', 'exists', array(
    select u.line from pg_temp.import_unit u
    join orgs.unit_relation r on r.parent_id = u.parent_id and r.ladder = 'territory' and r.valid @> u.first_day
    join orgs.unit e on e.id = r.child_id and e.kind = u.kind and e.name = u.name where u.level = 1));
end $$;
revoke execute on function orgs.check_unit_lines() from public;

-- As orgs.found_unit does, level by level: a parent's path must be there before its children take it on.
create or replace function orgs.apply_unit_lines() returns void language plpgsql security definer set search_path = pg_catalog as $$
declare
  stage integer;
  founded uuid[];
  total bigint := (select count(*) from pg_temp.import_unit);
  done bigint := 0;
begin
  perform pg_advisory_xact_lock(hashtext('orgs.ladder'), hashtext('territory'));
  perform pg_advisory_xact_lock(hashtext('orgs.ladder'), hashtext('leadership'));
  for stage in select distinct u.level from pg_temp.import_unit u order by 1 loop
    perform core.progress(done, total, 'applying');
    insert into orgs.unit (id, kind, name, short_name, contact_phone, valid, document_ref, territory_path, leadership_path)
    select u.id, u.kind, u.name, u.short_name, u.contact_phone, daterange(u.first_day, null), u.document_ref, t.territory_path, coalesce(l.leadership_path, t.leadership_path)
    from pg_temp.import_unit u join orgs.unit t on t.id = u.parent_id left join orgs.unit l on l.id = u.leader_id
    where u.level = stage order by u.line;
    insert into orgs.unit_name (unit_id, name, short_name, valid, document_ref)
    select u.id, u.name, u.short_name, daterange(u.first_day, null), u.document_ref from pg_temp.import_unit u where u.level = stage;
    insert into orgs.unit_relation (ladder, child_id, child_kind, parent_id, parent_kind, valid, document_ref)
    select 'territory', u.id, u.kind, u.parent_id, u.parent_kind, daterange(u.first_day, null), u.document_ref from pg_temp.import_unit u where u.level = stage
    union all
    select 'leadership', u.id, u.kind, u.leader_id, u.leader_kind, daterange(u.first_day, null), u.document_ref
    from pg_temp.import_unit u where u.level = stage and u.leader_id is not null;
    founded := array(select u.id from pg_temp.import_unit u where u.level = stage);
    perform orgs.rebuild_closure(founded, 'territory');
    perform orgs.rebuild_closure(founded, 'leadership');
    perform orgs.refresh_places(array(select u.id from pg_temp.import_unit u where u.level = stage and u.first_day > core.today()));
    done := done + cardinality(founded);
  end loop;
end $$;
revoke execute on function orgs.apply_unit_lines() from public;
