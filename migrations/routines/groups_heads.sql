-- Heads, second part: contact card, substitution, coverage, workload; central households. Reloaded whole by every migrate.
set local check_function_bodies = off;

drop function if exists groups.show_card(uuid, date) cascade;
create function groups.show_card(wanted uuid, day date) returns table (
  id uuid, kind text, "unit.id" uuid, "unit.name" text, "unit.kind" text, community text, "person.id" uuid, "person.name" text, phone bytea, hours text, note text,
  basis text, valid_from date, valid_to date, office_phone text, substitutions jsonb, _etag bigint)
language sql stable as $$
  select h.id, h.kind, u.id, orgs.name_on(u.id, day), u.kind, c.short_name, h.person_id, people.name_of(h.person_id), k.phone_sealed, k.hours, k.note,
    h.basis, lower(h.valid), upper(h.valid) - 1, coalesce(u.contact_phone, c.contact_phone),
    coalesce((select jsonb_agg(jsonb_build_object('id', s.id, 'person', jsonb_build_object('id', s.person_id, 'name', people.name_of(s.person_id)),
        'valid_from', lower(s.valid), 'valid_to', upper(s.valid) - 1, 'reason', s.reason, 'now', s.valid @> day) order by lower(s.valid))
      from groups.head_substitution s where s.head_id = h.id and upper(s.valid) > day), '[]'),
    core.etag(h.version, (coalesce(k.version, 0), day)::text)
  from groups.head h join orgs.unit u on u.id = h.unit_id
  left join orgs.unit c on c.id = (select orgs.ancestor_of_kind(u.id, 'community'))
  left join groups.head_card k on k.head_id = h.id
  where h.id = wanted
$$;

-- The heads of where the person asking lives: those of the building first, then lane, street, compound.
drop function if exists groups.my_heads() cascade;
create function groups.my_heads() returns table (head_id uuid, near bigint) language sql stable as $$
  select h.id, nlevel(u.territory_path)::bigint from groups.head h join orgs.unit u on u.id = h.unit_id
  where h.unit_id = any ((select people.home_units())::uuid[]) and h.valid @> core.today()
$$;

-- The card is the head's own word, or recorded by staff with the head's consent; an empty telephone takes it back.
drop function if exists groups.write_card(uuid, bytea, text, text, boolean) cascade;
create function groups.write_card(wanted uuid, sealed bytea, when_reached text, remark text, consent boolean) returns table (
  id uuid, kind text, "unit.id" uuid, "unit.name" text, "unit.kind" text, community text, "person.id" uuid, "person.name" text, phone bytea, hours text, note text,
  basis text, valid_from date, valid_to date, office_phone text, substitutions jsonb, _etag bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  h groups.head;
begin
  select * into h from groups.head x where x.id = wanted;
  perform core.expect(h.id is not null and (h.person_id = core.person() or orgs.in_scope(h.unit_id)), 'not_found');
  perform core.expect(h.person_id = core.person() or sealed is null or consent, 'consent_needed', '/consent_given');
  insert into groups.head_card as c (head_id, phone_sealed, hours, note, agreed_at)
  values (wanted, sealed, when_reached, remark, case when sealed is not null then core.app_now() end)
  on conflict (head_id) do update set phone_sealed = excluded.phone_sealed, hours = excluded.hours, note = excluded.note, agreed_at = excluded.agreed_at, version = c.version + 1;
  return query select * from groups.show_card(wanted, core.today());
end $$;

drop function if exists groups.substitute_head(uuid, jsonb) cascade;
create function groups.substitute_head(wanted uuid, body jsonb) returns table (
  id uuid, kind text, "unit.id" uuid, "unit.name" text, "unit.kind" text, community text, "person.id" uuid, "person.name" text, phone bytea, hours text, note text,
  basis text, valid_from date, valid_to date, office_phone text, substitutions jsonb, _etag bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  h groups.head;
  first_day date := (body ->> 'valid_from')::date;
  last_day date := (body ->> 'valid_to')::date;
begin
  select * into h from groups.head x where x.id = wanted for update;
  perform core.expect(h.id is not null and orgs.in_scope(h.unit_id), 'not_found');
  perform core.expect(exists (select from people.person p where p.id = (body ->> 'person_id')::uuid), 'not_found', '/person_id');
  perform core.expect((body ->> 'person_id')::uuid <> h.person_id, 'substitutes_oneself', '/person_id');
  perform core.expect(last_day >= first_day, 'ends_before_it_begins', '/valid_to');
  perform core.expect(daterange(first_day, last_day + 1) <@ h.valid, 'outside_the_term', '/valid_from');
  insert into groups.head_substitution (head_id, person_id, valid, reason)
  values (wanted, (body ->> 'person_id')::uuid, daterange(first_day, last_day + 1), body ->> 'reason');
  return query select * from groups.show_card(wanted, core.today());
end $$;

drop function if exists groups.end_substitution(uuid, date) cascade;
create function groups.end_substitution(wanted uuid, last_day date) returns table (
  id uuid, kind text, "unit.id" uuid, "unit.name" text, "unit.kind" text, community text, "person.id" uuid, "person.name" text, phone bytea, hours text, note text,
  basis text, valid_from date, valid_to date, office_phone text, substitutions jsonb, _etag bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  s groups.head_substitution;
begin
  select * into s from groups.head_substitution x where x.id = wanted for update;
  perform core.expect(found and orgs.in_scope((select h.unit_id from groups.head h where h.id = s.head_id)), 'not_found');
  perform core.expect(last_day >= lower(s.valid), 'ends_before_it_begins', '/last_day');
  perform core.expect(last_day + 1 < upper(s.valid), 'already_ended');
  update groups.head_substitution x set valid = daterange(lower(x.valid), last_day + 1), version = x.version + 1 where x.id = wanted;
  return query select * from groups.show_card(s.head_id, core.today());
end $$;

-- ── coverage: each building, lane and street of an area, and who is head of it on a day ────────────────────────
-- A building is covered by its own head or by the head of its compound; by both, or by one person's substitute and another, it is covered twice.
drop function if exists groups.head_coverage(uuid, date) cascade;
create function groups.head_coverage(area uuid, day date) returns table (
  unit_id uuid, label bigint, name text, kind text, residents bigint, heads jsonb, state text)
language sql stable security definer set search_path = pg_catalog as $$
  select u.id, u.label, orgs.name_on(u.id, day), u.kind, orgs.shown_residents(u.id, day), coalesce(h.heads, '[]'),
    case when h.n = 0 then 'gap' when h.n > 1 then 'overlap' else 'covered' end
  from orgs.unit_closure b
  join orgs.unit u on u.id = b.descendant_id and u.kind in ('building', 'lane', 'street') and u.valid @> day
  -- one lookup a place: a hash of all heads would be planned for few places and met by thousands
  cross join lateral (
    select jsonb_agg(jsonb_build_object('id', h.id, 'name', people.name_of(h.person_id), 'unit', orgs.name_on(h.unit_id, day), 'valid_to', upper(h.valid) - 1) order by h.id) as heads,
      count(*) as n
    from groups.head h
    where h.valid @> day and (h.unit_id = u.id or h.kind = 'building_head' and h.unit_id = (
      select c.ancestor_id from orgs.unit_closure c join orgs.unit a on a.id = c.ancestor_id and a.kind = 'compound'
      where u.kind = 'building' and c.descendant_id = u.id and c.ladder = 'territory' and c.valid @> day))) h
  where b.ancestor_id = area and b.ladder = 'territory' and b.valid @> day
    and (core.trusted() or u.territory_path <@ any (core.paths()) or u.leadership_path <@ any (core.lead()))
$$;

-- ── central households ─────────────────────────────────────────────────────────────────────────────────────────
drop function if exists groups.show_central_household(uuid) cascade;
create function groups.show_central_household(wanted uuid) returns table (
  id uuid, "unit.id" uuid, "unit.name" text, "unit.kind" text, "person.id" uuid, "person.name" text, basis text, valid_from date, valid_to date, document_ref text, _etag bigint)
language sql stable as $$
  select h.id, u.id, orgs.name_on(u.id, lower(h.valid)), u.kind, h.person_id, people.name_of(h.person_id), h.basis, lower(h.valid), upper(h.valid) - 1, h.document_ref, h.version
  from people.central_household h join orgs.unit u on u.id = h.unit_id where h.id = wanted
$$;

drop function if exists groups.name_central_household(jsonb) cascade;
create function groups.name_central_household(body jsonb) returns table (
  id uuid, "unit.id" uuid, "unit.name" text, "unit.kind" text, "person.id" uuid, "person.name" text, basis text, valid_from date, valid_to date, document_ref text, _etag bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  made uuid := core.uuid_v7();
  area orgs.unit;
  first_day date := coalesce((body ->> 'valid_from')::date, core.today());
  last_day date := (body ->> 'valid_to')::date;
begin
  perform core.expect(orgs.in_scope((body ->> 'unit_id')::uuid), 'not_found', '/unit_id');
  select * into area from orgs.unit u where u.id = (body ->> 'unit_id')::uuid;
  perform core.expect(area.kind in ('building', 'lane', 'street', 'compound'), 'central_household_area', '/unit_id');
  perform core.expect(exists (select from people.person p where p.id = (body ->> 'person_id')::uuid), 'not_found', '/person_id');
  perform core.expect(last_day >= first_day, 'ends_before_it_begins', '/valid_to');
  perform core.expect(daterange(first_day, last_day + 1) <@ area.valid, 'unit_not_there', '/valid_from');
  insert into people.central_household (id, unit_id, person_id, basis, valid, document_ref)
  values (made, area.id, (body ->> 'person_id')::uuid, body ->> 'basis', daterange(first_day, last_day + 1), body ->> 'document_ref');
  return query select * from groups.show_central_household(made);
end $$;

drop function if exists groups.end_central_household(uuid, date) cascade;
create function groups.end_central_household(wanted uuid, last_day date) returns table (
  id uuid, "unit.id" uuid, "unit.name" text, "unit.kind" text, "person.id" uuid, "person.name" text, basis text, valid_from date, valid_to date, document_ref text, _etag bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  held people.central_household;
begin
  select * into held from people.central_household h where h.id = wanted for update;
  perform core.expect(found and orgs.in_scope(held.unit_id), 'not_found');
  perform core.expect(last_day >= lower(held.valid), 'ends_before_it_begins', '/last_day');
  perform core.expect(upper_inf(held.valid) or last_day + 1 < upper(held.valid), 'already_ended');
  update people.central_household h set valid = daterange(lower(h.valid), last_day + 1), version = h.version + 1 where h.id = wanted;
  return query select * from groups.show_central_household(wanted);
end $$;
