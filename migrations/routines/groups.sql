-- Groups and heads. Reloaded whole by every migrate.

-- How many, also for those who do not see each member.
create or replace function groups.member_count(wanted uuid, day date) returns bigint language sql stable security definer set search_path = pg_catalog
as $$ select count(*) from groups.group_member m where m.group_id = wanted and m.valid @> day $$;

create or replace function groups.leader_name(wanted uuid, day date) returns text language sql stable security definer set search_path = pg_catalog
as $$
  select p.display_name from groups.group_member m join people.person p on p.id = m.person_id
  where m.group_id = wanted and m.role = 'leader' and m.valid @> day
$$;

-- The sealed telephone of whoever is head of some area on that day; of nobody else.
create or replace function groups.head_phone(wanted uuid, day date) returns bytea language sql stable security definer set search_path = pg_catalog
as $$
  select v.phone_sealed from people.person_private v
  where v.person_id = wanted and exists (select from groups.head h where h.person_id = wanted and h.valid @> day)
$$;

-- A member who leaves changes the group, which is not theirs to write.
create or replace function groups.touch(wanted uuid) returns void language sql security definer set search_path = pg_catalog
as $$ update groups.group g set version = g.version + 1 where g.id = wanted $$;

-- ── groups ─────────────────────────────────────────────────────────────────────────────────────────────────────
drop function if exists groups.show_group(uuid, date) cascade;
create function groups.show_group(wanted uuid, day date) returns table (
  id uuid, kind text, name text, purpose text, "unit.id" uuid, "unit.name" text, "unit.kind" text, households bigint, member_count bigint, valid_from date, valid_to date,
  version bigint, members jsonb, _etag bigint, _location text)
language sql stable as $$
  select g.id, g.kind, g.name, g.purpose, u.id, orgs.name_on(u.id, day), u.kind, g.households, groups.member_count(g.id, day), lower(g.valid), upper(g.valid) - 1, g.version,
    coalesce((
      select jsonb_agg(jsonb_build_object('person', jsonb_build_object('id', m.person_id, 'name', people.name_of(m.person_id)), 'role', m.role,
        'valid_from', lower(m.valid), 'valid_to', upper(m.valid) - 1) order by array_position(array['leader', 'deputy', 'member'], m.role), m.id)
      from groups.group_member m where m.group_id = g.id and m.valid @> day), '[]'),
    core.etag(g.version, day::text || groups.member_count(g.id, day)), '/groups/' || g.id
  from groups.group g join orgs.unit u on u.id = g.unit_id where g.id = wanted
$$;

drop function if exists groups.found_group(jsonb) cascade;
create function groups.found_group(body jsonb) returns table (
  id uuid, kind text, name text, purpose text, "unit.id" uuid, "unit.name" text, "unit.kind" text, households bigint, member_count bigint, valid_from date, valid_to date,
  version bigint, members jsonb, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  new_id uuid := coalesce((body ->> 'id')::uuid, core.uuid_v7());
  first_day date := coalesce((body ->> 'valid_from')::date, core.today());
  area orgs.unit;
begin
  perform core.expect(orgs.in_scope((body ->> 'unit_id')::uuid), 'not_found', '/unit_id');
  select * into area from orgs.unit u where u.id = (body ->> 'unit_id')::uuid;
  perform core.expect(area.valid @> first_day, 'unit_not_there', '/valid_from');
  insert into groups.group (id, kind, name, purpose, unit_id, unit_kind, households, valid)
  values (new_id, body ->> 'kind', body ->> 'name', body ->> 'purpose', area.id, area.kind, (body ->> 'households')::bigint, daterange(first_day, upper(area.valid)));
  return query select * from groups.show_group(new_id, greatest(first_day, core.today()));
end $$;

drop function if exists groups.show_member(uuid) cascade;
create function groups.show_member(wanted uuid) returns table (
  id uuid, "group.id" uuid, "group.name" text, "person.id" uuid, "person.name" text, role text, valid_from date, valid_to date)
language sql stable as $$
  select m.id, g.id, g.name, m.person_id, people.name_of(m.person_id), m.role, lower(m.valid), upper(m.valid) - 1
  from groups.group_member m join groups.group g on g.id = m.group_id where m.id = wanted
$$;

drop function if exists groups.add_member(uuid, jsonb) cascade;
create function groups.add_member(wanted uuid, body jsonb) returns table (
  id uuid, "group.id" uuid, "group.name" text, "person.id" uuid, "person.name" text, role text, valid_from date, valid_to date)
language plpgsql as $$
#variable_conflict use_column
declare
  joined groups.group;
  first_day date := coalesce((body ->> 'valid_from')::date, core.today());
  made uuid := core.uuid_v7();
begin
  select * into joined from groups.group g where g.id = wanted for update;
  perform core.expect(found and orgs.in_scope(joined.unit_id), 'not_found');
  perform core.expect(exists (select from people.person p where p.id = (body ->> 'person_id')::uuid), 'not_found', '/person_id');
  perform core.expect(joined.valid @> first_day, 'group_not_there', '/valid_from');
  insert into groups.group_member (id, group_id, person_id, role, valid)
  values (made, wanted, (body ->> 'person_id')::uuid, coalesce(body ->> 'role', 'member'), daterange(first_day, upper(joined.valid)));
  perform groups.touch(wanted);
  return query select * from groups.show_member(made);
end $$;

-- Oneself at any time; others by staff.
drop function if exists groups.end_membership(uuid, uuid, date) cascade;
create function groups.end_membership(wanted uuid, member uuid, last_day date) returns table (
  id uuid, "group.id" uuid, "group.name" text, "person.id" uuid, "person.name" text, role text, valid_from date, valid_to date)
language plpgsql as $$
#variable_conflict use_column
declare
  held groups.group_member;
  until date := coalesce(last_day, core.today());
begin
  select * into held from groups.group_member m
  where m.group_id = wanted and m.person_id = member and (upper_inf(m.valid) or upper(m.valid) > greatest(until, core.today()) + 1)
  order by lower(m.valid) desc limit 1 for update;
  perform core.expect(found, 'not_found');
  perform core.expect(member = core.person() or orgs.in_scope((select g.unit_id from groups.group g where g.id = wanted)), 'not_found');
  perform core.expect(until >= lower(held.valid), 'ends_before_it_begins', '/last_day');
  update groups.group_member m set valid = daterange(lower(m.valid), until + 1), version = m.version + 1 where m.id = held.id;
  perform groups.touch(wanted);
  return query select * from groups.show_member(held.id);
end $$;

-- ── heads ──────────────────────────────────────────────────────────────────────────────────────────────────────
drop function if exists groups.show_head(uuid) cascade;
create function groups.show_head(wanted uuid) returns table (
  id uuid, kind text, "unit.id" uuid, "unit.name" text, "unit.kind" text, community text, "person.id" uuid, "person.name" text, phone bytea,
  basis text, valid_from date, valid_to date, document_ref text, _etag bigint)
language sql stable as $$
  select h.id, h.kind, u.id, orgs.name_on(u.id, lower(h.valid)), u.kind,
    (select c.short_name from orgs.unit c where c.id = (select orgs.ancestor_of_kind(u.id, 'community'))), h.person_id, people.name_of(h.person_id),
    groups.head_phone(h.person_id, lower(h.valid)), h.basis, lower(h.valid), upper(h.valid) - 1, h.document_ref, h.version
  from groups.head h join orgs.unit u on u.id = h.unit_id where h.id = wanted
$$;

drop function if exists groups.choose_head(jsonb) cascade;
create function groups.choose_head(body jsonb) returns table (
  id uuid, kind text, "unit.id" uuid, "unit.name" text, "unit.kind" text, community text, "person.id" uuid, "person.name" text, phone bytea,
  basis text, valid_from date, valid_to date, document_ref text, _etag bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  new_id uuid := coalesce((body ->> 'id')::uuid, core.uuid_v7());
  first_day date := coalesce((body ->> 'valid_from')::date, core.today());
  last_day date := (body ->> 'valid_to')::date;
  area orgs.unit;
begin
  perform core.expect(orgs.in_scope((body ->> 'unit_id')::uuid), 'not_found', '/unit_id');
  select * into area from orgs.unit u where u.id = (body ->> 'unit_id')::uuid;
  perform core.expect(exists (select from people.person p where p.id = (body ->> 'person_id')::uuid), 'not_found', '/person_id');
  perform core.expect(last_day is null or last_day >= first_day, 'ends_before_it_begins', '/valid_to');
  perform core.expect(daterange(first_day, least(last_day + 1, upper(area.valid))) <@ area.valid, 'unit_not_there', '/valid_from');
  insert into groups.head (id, kind, unit_id, unit_kind, person_id, basis, valid, document_ref)
  values (new_id, body ->> 'kind', area.id, area.kind, (body ->> 'person_id')::uuid, body ->> 'basis',
    daterange(first_day, least(last_day + 1, upper(area.valid))), body ->> 'document_ref');
  return query select * from groups.show_head(new_id);
end $$;

drop function if exists groups.end_head(uuid, date, text) cascade;
create function groups.end_head(wanted uuid, last_day date, reason text) returns table (
  id uuid, kind text, "unit.id" uuid, "unit.name" text, "unit.kind" text, community text, "person.id" uuid, "person.name" text, phone bytea,
  basis text, valid_from date, valid_to date, document_ref text, _etag bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  held groups.head;
begin
  select * into held from groups.head h where h.id = wanted for update;
  perform core.expect(found and orgs.in_scope(held.unit_id), 'not_found');
  perform core.expect(last_day >= lower(held.valid), 'ends_before_it_begins', '/last_day');
  perform core.expect(upper_inf(held.valid) or last_day + 1 < upper(held.valid), 'already_ended');
  update groups.head h set valid = daterange(lower(h.valid), last_day + 1), end_reason = reason, version = h.version + 1 where h.id = wanted;
  return query select * from groups.show_head(wanted);
end $$;
