-- What is shown of a unit on a day, with its sums; kept ready for today on cards (0010_reads.sql).
set local check_function_bodies = off;

-- Sums are public where rows are not: counted past row-level security. Unit by unit through indexes, so that a building costs what a building
-- holds; a plan that is kept for all units would read whole tables.
drop function if exists orgs.unit_counts(uuid, date) cascade;
create function orgs.unit_counts(wanted uuid, day date) returns table (
  residents bigint, communities bigint, compounds bigint, buildings bigint, branches bigint, heads bigint, central_households bigint,
  groups bigint, agencies bigint, social_organizations bigint, population bigint, population_on date)
language plpgsql stable security definer set search_path = pg_catalog rows 1 as $$
#variable_conflict use_column
begin
  return query
  with area as materialized (
    select a.id, (select u.kind from orgs.unit u where u.id = a.id) as kind,
      (select count(*) from people.residence r where r.unit_id = a.id and r.valid @> day) as residents,
      (select count(*) from groups.head h where h.unit_id = a.id and h.valid @> day) as heads,
      (select count(*) from people.central_household c where c.unit_id = a.id and c.valid @> day) as central_households,
      (select count(*) from groups.group g where g.unit_id = a.id and g.valid @> day
        and not exists (select from orgs.reorganization_effect e where e.subject = 'group' and e.subject_id = g.id and e.on_day > day)) as groups
    from orgs.area_of(wanted, day) a(id)),
  own as (select p.residents, p.counted_on from orgs.population p where p.unit_id = wanted and p.counted_on <= day order by p.counted_on desc limit 1),
  below as (
    select sum(l.residents)::bigint as residents, max(l.counted_on) as counted_on
    from area a cross join lateral (
      select p.residents, p.counted_on from orgs.population p where p.unit_id = a.id and p.counted_on <= day order by p.counted_on desc limit 1) l
    where a.kind = 'community')
  select
    coalesce(sum(a.residents), 0)::bigint,
    count(*) filter (where a.kind = 'community'), count(*) filter (where a.kind = 'compound'), count(*) filter (where a.kind = 'building'),
    count(*) filter (where a.kind = 'branch'),
    coalesce(sum(a.heads), 0)::bigint, coalesce(sum(a.central_households), 0)::bigint, coalesce(sum(a.groups), 0)::bigint + orgs.groups_gone_since(array_agg(a.id), day),
    count(*) filter (where a.kind = 'resident_agency'), count(*) filter (where a.kind = 'social_organization'),
    coalesce((select o.residents from own o), (select b.residents from below b)), coalesce((select o.counted_on from own o), (select b.counted_on from below b))
  from area a;
end $$;

-- The units above on a ladder on a day, from the top. A unit has few names: "is true" keeps the day out of the slower index.
create or replace function orgs.parents_of(wanted uuid, wanted_ladder text, day date) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', u.id, 'name', coalesce(n.name, u.name), 'kind', u.kind) order by c.depth desc), '[]')
    from orgs.unit_closure c join orgs.unit u on u.id = c.ancestor_id
    left join orgs.unit_name n on n.unit_id = u.id and (n.valid @> day) is true
    where c.ladder = wanted_ladder and c.descendant_id = wanted and c.depth > 0 and c.valid @> day);
end $$;

-- A unit as it is on a day, from the records: what its card shows. No row when the unit did not exist on that day.
drop function if exists orgs.unit_on(uuid, date) cascade;
create function orgs.unit_on(wanted uuid, day date) returns setof orgs.unit_card
language plpgsql stable set search_path = pg_catalog rows 1 as $$
begin
  return query
  with shown as materialized (
    select u.id, u.kind, n.name, n.short_name, u.name_is_generated, u.contact_phone, lower(u.valid) as valid_from, upper(u.valid) - 1 as valid_to, u.version,
      orgs.parents_of(u.id, 'territory', day) as territory, orgs.parents_of(u.id, 'leadership', day) as leadership
    from orgs.unit u join orgs.unit_name n on n.unit_id = u.id and n.valid @> day
    where u.id = wanted and u.valid @> day)
  select s.id, day, s.kind, s.name, s.short_name, s.name_is_generated, s.contact_phone, s.valid_from, s.valid_to, s.version, s.territory, s.leadership,
    c.residents, c.communities, c.compounds, c.buildings, c.branches, c.heads, c.central_households, c.groups, c.agencies, c.social_organizations,
    c.population, c.population_on, hashtextextended(c::text || s.territory::text || s.leadership::text, 0)
  from shown s cross join lateral orgs.unit_counts(s.id, day) c;
end $$;

-- From the card where there is one of that day that nothing has happened to since, else from the records: whichever arm comes first, the row
-- is the same. Inlined into the statement, whose plan is kept. No row when the unit did not exist on that day.
drop function if exists orgs.show_unit(uuid, date) cascade;
create function orgs.show_unit(wanted uuid, day date) returns table (
  id uuid, kind text, name text, short_name text, name_is_generated boolean, contact_phone text, valid_from date, valid_to date, version bigint, as_of date,
  territory jsonb, leadership jsonb,
  "counts.residents" bigint, "counts.communities" bigint, "counts.compounds" bigint, "counts.buildings" bigint, "counts.branches" bigint, "counts.heads" bigint,
  "counts.central_households" bigint, "counts.groups" bigint, "counts.agencies" bigint, "counts.social_organizations" bigint,
  "counts.population" bigint, "counts.population_on" date, _etag bigint, _location text)
language sql stable as $$
  select c.unit_id, c.kind, c.name, c.short_name, c.name_is_generated, c.contact_phone, c.valid_from, c.valid_to, c.version, c.day,
    c.territory, c.leadership,
    c.residents, c.communities, c.compounds, c.buildings, c.branches, c.heads, c.central_households, c.groups, c.agencies, c.social_organizations,
    c.population, c.population_on, core.etag(c.version, c.day::text || c.fingerprint::text), '/units/' || c.unit_id
  from (
    select k.* from orgs.unit_card k
    where k.unit_id = wanted and k.day = show_unit.day and not exists (select from orgs.unit_card_stale s where s.unit_id = wanted)
    union all
    select o.* from orgs.unit_on(wanted, show_unit.day) o
    limit 1) c
$$;

-- Only the residents of it: a tree of the city asks for hundreds of units at once.
create or replace function orgs.shown_residents(wanted uuid, day date) returns bigint language sql stable
as $$
  select coalesce(
    (select k.residents from orgs.unit_card k
     where k.unit_id = wanted and k.day = shown_residents.day and not exists (select from orgs.unit_card_stale s where s.unit_id = wanted)),
    orgs.residents_of(wanted, shown_residents.day))
$$;

-- Cards that bear a mark or show another day, so many at a time. True: there are more.
-- Marks are taken and cards made by one statement, thus of one snapshot: a change that it does not see has left a mark that it does not see.
create or replace function orgs.refresh_cards(most integer default 300) returns boolean
language plpgsql security definer set search_path = pg_catalog as $$
declare
  today date := core.today();
  taken integer;
begin
  if not pg_try_advisory_xact_lock(hashtext('orgs.refresh_cards')) then
    return false;
  end if;
  with worn as materialized (
    (select distinct s.unit_id from orgs.unit_card_stale s limit most)
    union
    (select k.unit_id from orgs.unit_card k where k.day < today or k.day > today limit most)
  ), unmarked as (
    delete from orgs.unit_card_stale s using worn w where s.unit_id = w.unit_id
  ), ended as (
    delete from orgs.unit_card k using worn w
    where k.unit_id = w.unit_id and not exists (select from orgs.unit u where u.id = w.unit_id and u.valid @> today)
  ), made as (
    insert into orgs.unit_card as k
    select o.* from worn w cross join lateral orgs.unit_on(w.unit_id, today) o
    on conflict (unit_id) do update set
      (day, kind, name, short_name, name_is_generated, contact_phone, valid_from, valid_to, version, territory, leadership,
       residents, communities, compounds, buildings, branches, heads, central_households, groups, agencies, social_organizations,
       population, population_on, fingerprint)
      = (excluded.day, excluded.kind, excluded.name, excluded.short_name, excluded.name_is_generated, excluded.contact_phone,
         excluded.valid_from, excluded.valid_to, excluded.version, excluded.territory, excluded.leadership,
         excluded.residents, excluded.communities, excluded.compounds, excluded.buildings, excluded.branches, excluded.heads,
         excluded.central_households, excluded.groups, excluded.agencies, excluded.social_organizations,
         excluded.population, excluded.population_on, excluded.fingerprint)
  )
  select count(*) into taken from worn;
  return taken >= most;
end $$;
revoke execute on function orgs.refresh_cards(integer) from public;
