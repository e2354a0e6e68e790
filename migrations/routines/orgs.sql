-- Organization routines. Reloaded whole by every migrate.
-- What is asked row by row is PL/pgSQL: its plans are kept from call to call, those of a SQL function are not.
-- Bodies name routines of people, which are loaded after these.
set local check_function_bodies = off;

-- ── questions that other domains ask ───────────────────────────────────────────────────────────────────────────
create or replace function orgs.territory_path(wanted uuid) returns ltree language plpgsql stable security definer set search_path = pg_catalog
as $$
begin
  return (select u.territory_path from orgs.unit u where u.id = wanted);
end $$;

create or replace function orgs.ancestor_of_kind(wanted uuid, wanted_kind text) returns uuid language plpgsql stable security definer set search_path = pg_catalog
as $$
declare
  labels bigint[] := (select string_to_array(u.territory_path::text, '.')::bigint[] from orgs.unit u where u.id = wanted);
begin
  return (select a.id from orgs.unit a where a.label = any (labels) and a.kind = wanted_kind order by nlevel(a.territory_path) desc limit 1);
end $$;

create or replace function orgs.name_on(wanted uuid, day date) returns text language plpgsql stable security definer set search_path = pg_catalog
as $$
begin
  return coalesce((select n.name from orgs.unit_name n where n.unit_id = wanted and n.valid @> day), (select u.name from orgs.unit u where u.id = wanted));
end $$;

create or replace function orgs.unit_json(wanted uuid, day date) returns jsonb language plpgsql stable security definer set search_path = pg_catalog
as $$
begin
  return (select jsonb_build_object('id', u.id, 'name', orgs.name_on(u.id, day), 'kind', u.kind) from orgs.unit u where u.id = wanted);
end $$;

-- The scope predicate of write routines: does a grant whose role the operation admits reach the unit?
create or replace function orgs.in_scope(wanted uuid) returns boolean language plpgsql stable security definer set search_path = pg_catalog
as $$
begin
  return core.trusted() or exists (
    select from orgs.unit u where u.id = wanted
      and (u.territory_path <@ any (core.scope()) or u.leadership_path <@ any (core.scope_lead())));
end $$;

-- A unit and everything below it on a ladder on a day.
create or replace function orgs.units_below(wanted uuid, wanted_ladder text, day date) returns setof uuid
language sql stable security definer set search_path = pg_catalog rows 200
as $$ select c.descendant_id from orgs.unit_closure c where c.ancestor_id = wanted and c.ladder = wanted_ladder and c.valid @> day $$;

-- Everything that roots reach today, on either ladder.
create or replace function orgs.units_within(roots ltree[], lead_roots ltree[]) returns setof uuid
language plpgsql stable security definer set search_path = pg_catalog rows 500
as $$
begin
  return query
  select u.id from unnest(roots) r(root) join orgs.unit u on u.territory_path <@ r.root
  union
  select u.id from unnest(lead_roots) r(root) join orgs.unit u on u.leadership_path <@ r.root;
end $$;

-- What a unit answers for: all below it by territory; a unit of the leadership ladder answers for what the units it leads hold.
create or replace function orgs.area_of(wanted uuid, day date) returns setof uuid
language plpgsql stable security definer set search_path = pg_catalog rows 200 as $$
begin
  return query
  select t.descendant_id from orgs.unit_closure t where t.ancestor_id = wanted and t.ladder = 'territory' and t.valid @> day
  union
  select t.descendant_id
  from orgs.unit_closure l join orgs.unit_closure t on t.ancestor_id = l.descendant_id and t.ladder = 'territory' and t.valid @> day
  where l.ancestor_id = wanted and l.ladder = 'leadership' and l.depth > 0 and l.valid @> day;
end $$;

create or replace function orgs.residents_of(wanted uuid, day date) returns bigint language plpgsql stable security definer set search_path = pg_catalog
as $$
begin
  return (select count(*) from people.residence r where r.unit_id in (select orgs.area_of(wanted, day)) and r.valid @> day);
end $$;

-- ── the closure and the places of today ────────────────────────────────────────────────────────────────────────
-- Every unit that stands below the given ones on any day, and themselves.
create or replace function orgs.ever_below(roots uuid[], wanted_ladder text) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return (
    with recursive down as (
      select unnest(roots) as id
      union
      select r.child_id from down d join orgs.unit_relation r on r.parent_id = d.id and r.ladder = wanted_ladder)
    select array_agg(id) from down);
end $$;

-- By indexes only: in a seed or import the plan is kept from when the tables were still empty.
create or replace function orgs.rebuild_closure(units uuid[], wanted_ladder text) returns void
language plpgsql security definer set search_path = pg_catalog set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
begin
  delete from orgs.unit_closure c where c.ladder = wanted_ladder and c.descendant_id = any (units);
  insert into orgs.unit_closure (ladder, ancestor_id, descendant_id, depth, valid)
  with recursive up as (
    select u.id as descendant_id, u.id as ancestor_id, 0 as depth, u.valid from orgs.unit u where u.id = any (units)
    union all
    select up.descendant_id, r.parent_id, up.depth + 1, up.valid * r.valid
    from up join orgs.unit_relation r on r.child_id = up.ancestor_id and r.ladder = wanted_ladder and r.valid && up.valid)
  select wanted_ladder, up.ancestor_id, up.descendant_id, up.depth, up.valid from up;
end $$;
revoke execute on function orgs.rebuild_closure(uuid[], text) from public;

-- The day whose place and name a unit row shows: today, or the nearest day of its life.
create or replace function orgs.shown_day(life daterange) returns date language sql stable
as $$ select least(greatest(core.today(), lower(life)), upper(life) - 1) $$;

create or replace function orgs.refresh_places(units uuid[]) returns void
language plpgsql security definer set search_path = pg_catalog set enable_seqscan = off as $$
begin
  with shown as materialized (
    select x.id, orgs.shown_day(x.valid) as day from orgs.unit x where x.id = any (units)
  ), place as materialized (
    select s.id,
      (select string_agg(a.label::text, '.' order by c.depth desc)::ltree
       from orgs.unit_closure c join orgs.unit a on a.id = c.ancestor_id
       where c.ladder = 'territory' and c.descendant_id = s.id and c.valid @> s.day) as territory,
      -- the nearest unit above with a place of its own by leadership, its path, then down by territory to here
      (select (select string_agg(a.label::text, '.' order by c.depth desc)
               from orgs.unit_closure c join orgs.unit a on a.id = c.ancestor_id
               where c.ladder = 'leadership' and c.descendant_id = near.id and c.valid @> s.day)
            || coalesce((select string_agg('.' || a.label::text, '' order by c.depth desc)
               from orgs.unit_closure c join orgs.unit a on a.id = c.ancestor_id
               where c.ladder = 'territory' and c.descendant_id = s.id and c.depth < near.depth and c.valid @> s.day), '')
       from (
         select a.id, c.depth from orgs.unit_closure c join orgs.unit a on a.id = c.ancestor_id
         where c.ladder = 'territory' and c.descendant_id = s.id and c.valid @> s.day
           and (a.kind = 'city_committee' or exists (
             select from orgs.unit_relation r where r.child_id = a.id and r.ladder = 'leadership' and r.valid @> s.day))
         order by c.depth limit 1) near)::ltree as leadership
    from shown s
  )
  update orgs.unit u set territory_path = place.territory, leadership_path = place.leadership
  from place
  where u.id = place.id and (u.territory_path, u.leadership_path) is distinct from (place.territory, place.leadership);
end $$;
revoke execute on function orgs.refresh_places(uuid[]) from public;

-- After a change on one ladder: its closure, then the places of whatever hangs on it, by leadership and by territory.
create or replace function orgs.settle_units(changed uuid[], wanted_ladder text) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  moved uuid[] := orgs.ever_below(changed, wanted_ladder);
begin
  perform orgs.rebuild_closure(moved, wanted_ladder);
  perform orgs.refresh_places(orgs.ever_below(moved, 'territory'));
end $$;
revoke execute on function orgs.settle_units(uuid[], text) from public;

-- From first_day on (until before_day, or its end) a unit stands under new_parent; what was planned for those days gives way.
create or replace function orgs.relate_unit(moved uuid, wanted_ladder text, new_parent uuid, first_day date, before_day date, document text) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  child orgs.unit;
  parent orgs.unit;
  former orgs.unit_relation;
  span daterange;
begin
  select * into child from orgs.unit where id = moved;
  select * into parent from orgs.unit where id = new_parent;
  span := child.valid * daterange(first_day, before_day);
  perform core.expect(not isempty(span) and span <@ parent.valid, 'parent_not_there');
  perform core.expect(exists (
    select from orgs.unit_kind_rule k where k.ladder = wanted_ladder and k.child_kind = child.kind and k.parent_kind = parent.kind), 'placement_not_allowed');
  for former in select * from orgs.unit_relation r where r.child_id = moved and r.ladder = wanted_ladder and r.valid && span loop
    if lower(former.valid) < lower(span) then
      update orgs.unit_relation r set valid = daterange(lower(former.valid), lower(span)) where r.id = former.id;
    else
      delete from orgs.unit_relation r where r.id = former.id;
    end if;
    if not upper_inf(span) and not isempty(former.valid * daterange(upper(span), null)) then
      insert into orgs.unit_relation (ladder, child_id, child_kind, parent_id, parent_kind, valid, document_ref)
      values (former.ladder, moved, former.child_kind, former.parent_id, former.parent_kind, former.valid * daterange(upper(span), null), former.document_ref);
    end if;
  end loop;
  insert into orgs.unit_relation (ladder, child_id, child_kind, parent_id, parent_kind, valid, document_ref)
  values (wanted_ladder, moved, child.kind, new_parent, parent.kind, span, document);
end $$;
revoke execute on function orgs.relate_unit(uuid, text, uuid, date, date, text) from public;

-- The one routine that moves a unit. Locks the ladder, so that two moves cannot make a cycle or leave the closure half written.
create or replace function orgs.place_unit(moved uuid, wanted_ladder text, new_parent uuid, first_day date, before_day date default null, document text default null) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform core.expect(orgs.in_scope(moved), 'not_found');
  perform core.expect(orgs.in_scope(new_parent), 'not_found');
  perform pg_advisory_xact_lock(hashtext('orgs.ladder'), hashtext(wanted_ladder));
  perform orgs.relate_unit(moved, wanted_ladder, new_parent, first_day, before_day, document);
  perform orgs.settle_units(array[moved], wanted_ladder);
end $$;

-- Ends a unit: its names, its places and its life all stop after last_day. What stands under it must have been placed elsewhere (judged at commit).
create or replace function orgs.close_unit(closed uuid, last_day date, document text default null) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  life daterange;
begin
  perform core.expect(orgs.in_scope(closed), 'not_found');
  select valid into life from orgs.unit where id = closed for update;
  perform core.expect(life @> last_day, 'unit_closed');
  update orgs.unit set valid = daterange(lower(life), last_day + 1), document_ref = coalesce(document, document_ref), version = version + 1 where id = closed;
  delete from orgs.unit_relation where child_id = closed and lower(valid) > last_day;
  update orgs.unit_relation set valid = valid * daterange(null, last_day + 1) where child_id = closed and valid @> last_day + 1;
  delete from orgs.unit_name where unit_id = closed and lower(valid) > last_day;
  update orgs.unit_name set valid = valid * daterange(null, last_day + 1) where unit_id = closed and valid @> last_day + 1;
  perform orgs.settle_units(array[closed], 'territory');
  perform orgs.settle_units(array[closed], 'leadership');
end $$;

-- from_unit ended and to_unit went on from that day.
create or replace function orgs.record_succession(from_unit uuid, to_unit uuid, on_day date, document text default null) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform core.expect(orgs.in_scope(from_unit) and orgs.in_scope(to_unit), 'not_found');
  insert into orgs.succession (from_unit_id, to_unit_id, on_day, document_ref) values (from_unit, to_unit, on_day, document);
end $$;

-- Once a day: names and places that come into force today. Everything when it never ran.
create or replace function orgs.settle_day() returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  done date := (select t.done_on from core.daily_task t where t.routine = 'orgs.settle_day');
  changed uuid[];
begin
  select array_agg(distinct r.child_id) into changed from orgs.unit_relation r
  where done is null or (lower(r.valid) > done and lower(r.valid) <= core.today()) or (upper(r.valid) > done and upper(r.valid) <= core.today());
  if changed is not null then
    perform orgs.refresh_places(orgs.ever_below(orgs.ever_below(changed, 'leadership'), 'territory'));
  end if;
  update orgs.unit u set name = n.name, short_name = n.short_name, version = u.version + 1
  from orgs.unit_name n
  where n.unit_id = u.id and n.valid @> orgs.shown_day(u.valid) and (u.name, u.short_name) is distinct from (n.name, n.short_name);
end $$;
revoke execute on function orgs.settle_day() from public;

-- ── units ──────────────────────────────────────────────────────────────────────────────────────────────────────
-- Founds a unit from a request; the seed and imports call this and need no reply.
create or replace function orgs.found_unit(body jsonb) returns uuid language plpgsql as $$
declare
  new_id uuid := coalesce((body ->> 'id')::uuid, core.uuid_v7());
  first_day date := coalesce((body ->> 'valid_from')::date, core.today());
  life daterange := daterange(first_day, (body ->> 'valid_to')::date + 1);
  own_short_name text := coalesce(body ->> 'short_name', left(body ->> 'name', 40));
  territory_parent uuid := (body ->> 'territory_parent_id')::uuid;
  leadership_parent uuid := (body ->> 'leadership_parent_id')::uuid;
begin
  perform core.expect(orgs.in_scope(territory_parent) or (territory_parent is null and core.trusted()), 'not_found', '/territory_parent_id');
  perform core.expect(leadership_parent is null or orgs.in_scope(leadership_parent), 'not_found', '/leadership_parent_id');
  perform orgs.expect_place(territory_parent, 'territory', body ->> 'kind', life, '/territory_parent_id');
  perform orgs.expect_place(leadership_parent, 'leadership', body ->> 'kind', life, '/leadership_parent_id');
  insert into orgs.unit (id, kind, name, short_name, name_is_generated, contact_phone, valid, document_ref, territory_path, leadership_path)
  select new_id, body ->> 'kind', body ->> 'name', own_short_name, coalesce((body ->> 'name_is_generated')::boolean, false), body ->> 'contact_phone',
    life, body ->> 'document_ref', t.territory_path,
    case when body ->> 'kind' = 'city_committee' then '' else coalesce(l.leadership_path, t.leadership_path) end
  from (select) one left join orgs.unit t on t.id = territory_parent left join orgs.unit l on l.id = leadership_parent;
  insert into orgs.unit_name (unit_id, name, short_name, valid, document_ref)
  values (new_id, body ->> 'name', own_short_name, life, body ->> 'document_ref');
  perform orgs.stand_unit(new_id, territory_parent, leadership_parent, first_day, body ->> 'document_ref');
  return new_id;
end $$;

drop function if exists orgs.create_unit(jsonb) cascade;
create function orgs.create_unit(body jsonb) returns table (
  id uuid, kind text, name text, short_name text, name_is_generated boolean, contact_phone text, valid_from date, valid_to date, version bigint, as_of date,
  territory jsonb, leadership jsonb,
  "counts.residents" bigint, "counts.communities" bigint, "counts.compounds" bigint, "counts.buildings" bigint, "counts.branches" bigint, "counts.heads" bigint,
  "counts.central_households" bigint, "counts.groups" bigint, "counts.agencies" bigint, "counts.social_organizations" bigint,
  "counts.population" bigint, "counts.population_on" date, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  new_id uuid := orgs.found_unit(body);
begin
  return query select s.* from orgs.unit u cross join lateral orgs.show_unit(u.id, orgs.shown_day(u.valid)) s where u.id = new_id;
end $$;

-- A parent of a kind under which this kind may stand, alive all those days; none is fine where the kind does not require one.
create or replace function orgs.expect_place(parent uuid, wanted_ladder text, child_kind text, life daterange, pointer text) returns void
language plpgsql stable as $$
declare
  found_parent orgs.unit;
begin
  if parent is null then
    perform core.expect(not exists (
      select from orgs.unit_kind k where k.kind = child_kind and case wanted_ladder when 'territory' then k.territory_required else k.leadership_required end),
      'placement_not_allowed', pointer);
    return;
  end if;
  select * into found_parent from orgs.unit u where u.id = parent;
  perform core.expect(exists (
    select from orgs.unit_kind_rule k where k.ladder = wanted_ladder and k.child_kind = expect_place.child_kind and k.parent_kind = found_parent.kind),
    'placement_not_allowed', pointer);
  perform core.expect(life <@ found_parent.valid, 'parent_not_there', pointer);
end $$;

-- First places of a new unit, below which nothing stands yet; one without parents still needs its own rows in the closure.
create or replace function orgs.stand_unit(founded uuid, territory_parent uuid, leadership_parent uuid, first_day date, document text) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform core.expect(orgs.in_scope(founded), 'not_found');
  perform core.expect(not exists (select from orgs.unit_closure c where c.descendant_id = founded), 'wrong_state');
  if territory_parent is not null then
    perform orgs.relate_unit(founded, 'territory', territory_parent, first_day, null, document);
  end if;
  if leadership_parent is not null then
    perform orgs.relate_unit(founded, 'leadership', leadership_parent, first_day, null, document);
  end if;
  perform orgs.rebuild_closure(array[founded], 'territory');
  perform orgs.rebuild_closure(array[founded], 'leadership');
  -- alive today, it stands where its parents' paths of today said when it was inserted
  if not exists (select from orgs.unit u where u.id = founded and u.valid @> core.today()) then
    perform orgs.refresh_places(array[founded]);
  end if;
end $$;

drop function if exists orgs.update_unit(uuid, jsonb, bigint) cascade;
create function orgs.update_unit(wanted uuid, body jsonb, if_match bigint) returns table (
  id uuid, kind text, name text, short_name text, name_is_generated boolean, contact_phone text, valid_from date, valid_to date, version bigint, as_of date,
  territory jsonb, leadership jsonb,
  "counts.residents" bigint, "counts.communities" bigint, "counts.compounds" bigint, "counts.buildings" bigint, "counts.branches" bigint, "counts.heads" bigint,
  "counts.central_households" bigint, "counts.groups" bigint, "counts.agencies" bigint, "counts.social_organizations" bigint,
  "counts.population" bigint, "counts.population_on" date, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  old_unit orgs.unit;
  effective date := coalesce((body ->> 'effective_on')::date, core.today());
begin
  perform core.expect(orgs.in_scope(wanted), 'not_found');
  select * into old_unit from orgs.unit u where u.id = wanted for update;
  perform core.expect(found, 'not_found');
  perform core.expect(if_match is null or old_unit.version = core.etag_version(if_match), 'version_mismatch');
  perform core.expect(old_unit.valid @> effective, 'unit_closed', '/effective_on');
  if body ? 'name' or body ? 'short_name' then
    perform orgs.rename_unit(wanted, body ->> 'name', body ->> 'short_name', effective, body ->> 'document_ref');
  end if;
  update orgs.unit u set version = u.version + 1,
    name = n.name, short_name = n.short_name,
    contact_phone = case when body ? 'contact_phone' then body ->> 'contact_phone' else u.contact_phone end
  from orgs.unit_name n where u.id = wanted and n.unit_id = u.id and n.valid @> orgs.shown_day(u.valid);
  return query select * from orgs.show_unit(wanted, orgs.shown_day(old_unit.valid));
end $$;

-- The new name holds from that day to the end; later names that were planned give way, earlier days keep theirs.
create or replace function orgs.rename_unit(wanted uuid, new_name text, new_short_name text, effective date, document text) returns void
language plpgsql as $$
declare
  current_name orgs.unit_name;
  end_of_life date := (select upper(u.valid) from orgs.unit u where u.id = wanted);
begin
  select * into current_name from orgs.unit_name n where n.unit_id = wanted and n.valid @> effective;
  delete from orgs.unit_name n where n.unit_id = wanted and lower(n.valid) >= effective;
  update orgs.unit_name n set valid = daterange(lower(n.valid), effective) where n.unit_id = wanted and n.valid @> effective;
  insert into orgs.unit_name (unit_id, name, short_name, valid, document_ref)
  values (wanted, coalesce(new_name, current_name.name), coalesce(new_short_name, left(new_name, 40), current_name.short_name),
    daterange(effective, end_of_life), document);
end $$;

-- ── history ────────────────────────────────────────────────────────────────────────────────────────────────────
drop function if exists orgs.history_of(uuid) cascade;
create function orgs.history_of(wanted uuid) returns table (
  on_day date, ordinal integer, ref uuid, what text, ladder text, name text, unit jsonb, person jsonb, post jsonb, document_ref text)
language sql stable security definer set search_path = pg_catalog as $$
  select lower(u.valid), 1, u.id, 'founded', null, orgs.name_on(u.id, lower(u.valid)), null::jsonb, null::jsonb, null::jsonb, u.document_ref
  from orgs.unit u where u.id = wanted
  union all
  select upper(u.valid), 9, u.id, 'closed', null, null, null, null, null, u.document_ref from orgs.unit u where u.id = wanted and not upper_inf(u.valid)
  union all
  select lower(n.valid), 2, n.id, 'named', null, n.name, null, null, null, n.document_ref
  from orgs.unit_name n join orgs.unit u on u.id = n.unit_id where n.unit_id = wanted and lower(n.valid) > lower(u.valid)
  union all
  select lower(r.valid), 3, r.id, 'placed', r.ladder, null, orgs.unit_json(r.parent_id, lower(r.valid)), null, null, r.document_ref
  from orgs.unit_relation r where r.child_id = wanted
  union all
  select s.on_day, 4, s.from_unit_id, 'succeeded_from', null, null, orgs.unit_json(s.from_unit_id, s.on_day - 1), null, null, s.document_ref
  from orgs.succession s where s.to_unit_id = wanted
  union all
  select s.on_day, 8, s.to_unit_id, 'succeeded_by', null, null, orgs.unit_json(s.to_unit_id, s.on_day), null, null, s.document_ref
  from orgs.succession s where s.from_unit_id = wanted
  union all
  select lower(a.valid), 6, a.id, 'took_post', null, null, null, jsonb_build_object('id', a.person_id, 'name', people.name_of(a.person_id)), orgs.post_json(a.post_code), a.document_ref
  from orgs.appointment a where a.unit_id = wanted
  union all
  select upper(a.valid), 7, a.id, 'left_post', null, null, null, jsonb_build_object('id', a.person_id, 'name', people.name_of(a.person_id)), orgs.post_json(a.post_code), a.document_ref
  from orgs.appointment a where a.unit_id = wanted and not upper_inf(a.valid)
$$;

create or replace function orgs.post_json(wanted text) returns jsonb language sql stable
as $$ select jsonb_build_object('code', p.code, 'name_zh', p.name_zh, 'name_en', p.name_en) from orgs.post p where p.code = wanted $$;

-- ── appointments ───────────────────────────────────────────────────────────────────────────────────────────────
drop function if exists orgs.show_appointment(uuid) cascade;
create function orgs.show_appointment(wanted uuid) returns table (
  id uuid, "person.id" uuid, "person.name" text, "unit.id" uuid, "unit.name" text, "unit.kind" text, "post.code" text, "post.name_zh" text, "post.name_en" text,
  basis text, valid_from date, valid_to date, document_ref text, end_reason text, other_posts bigint, _etag bigint)
language sql stable as $$
  select a.id, a.person_id, people.name_of(a.person_id), u.id, orgs.name_on(u.id, lower(a.valid)), u.kind, p.code, p.name_zh, p.name_en,
    a.basis, lower(a.valid), upper(a.valid) - 1, a.document_ref, a.end_reason,
    (select count(*) from orgs.appointment o where o.person_id = a.person_id and o.id <> a.id and o.valid @> lower(a.valid)), a.version
  from orgs.appointment a join orgs.unit u on u.id = a.unit_id join orgs.post p on p.code = a.post_code
  where a.id = wanted
$$;

drop function if exists orgs.appoint(jsonb) cascade;
create function orgs.appoint(body jsonb) returns table (
  id uuid, "person.id" uuid, "person.name" text, "unit.id" uuid, "unit.name" text, "unit.kind" text, "post.code" text, "post.name_zh" text, "post.name_en" text,
  basis text, valid_from date, valid_to date, document_ref text, end_reason text, other_posts bigint, _etag bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  new_id uuid := coalesce((body ->> 'id')::uuid, core.uuid_v7());
  first_day date := coalesce((body ->> 'valid_from')::date, core.today());
  last_day date := (body ->> 'valid_to')::date;
  place orgs.unit;
begin
  perform core.expect(orgs.in_scope((body ->> 'unit_id')::uuid), 'not_found', '/unit_id');
  select * into place from orgs.unit u where u.id = (body ->> 'unit_id')::uuid;
  perform core.expect(exists (select from people.person p where p.id = (body ->> 'person_id')::uuid), 'not_found', '/person_id');
  perform core.expect(exists (select from orgs.post p where p.code = body ->> 'post' and p.kind = place.kind), 'post_of_other_kind', '/post');
  perform core.expect(last_day is null or last_day >= first_day, 'ends_before_it_begins', '/valid_to');
  perform core.expect(daterange(first_day, least(last_day + 1, upper(place.valid))) <@ place.valid, 'unit_not_there', '/valid_from');
  insert into orgs.appointment (id, person_id, unit_id, unit_kind, post_code, basis, valid, document_ref)
  values (new_id, (body ->> 'person_id')::uuid, place.id, place.kind, body ->> 'post', body ->> 'basis',
    daterange(first_day, least(last_day + 1, upper(place.valid))), body ->> 'document_ref');
  return query select * from orgs.show_appointment(new_id);
end $$;

drop function if exists orgs.end_appointment(uuid, date, text, text) cascade;
create function orgs.end_appointment(wanted uuid, last_day date, reason text, document text) returns table (
  id uuid, "person.id" uuid, "person.name" text, "unit.id" uuid, "unit.name" text, "unit.kind" text, "post.code" text, "post.name_zh" text, "post.name_en" text,
  basis text, valid_from date, valid_to date, document_ref text, end_reason text, other_posts bigint, _etag bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  held orgs.appointment;
begin
  select * into held from orgs.appointment a where a.id = wanted for update;
  perform core.expect(found and orgs.in_scope(held.unit_id), 'not_found');
  perform core.expect(last_day >= lower(held.valid), 'ends_before_it_begins', '/last_day');
  perform core.expect(upper_inf(held.valid) or last_day + 1 < upper(held.valid), 'already_ended');
  update orgs.appointment a set valid = daterange(lower(a.valid), last_day + 1), end_reason = reason,
    document_ref = coalesce(document, a.document_ref), version = a.version + 1
  where a.id = wanted;
  return query select * from orgs.show_appointment(wanted);
end $$;
