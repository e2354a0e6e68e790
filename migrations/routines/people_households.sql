-- People: dwellings and their owners, households and their members. With the caller's rights: row-level security judges every row.

-- ── dwellings ──────────────────────────────────────────────────────────────────────────────────────────────────
create or replace function people.owners_on(dwelling uuid, day date) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', o.id,
      'person', case when o.person_id is not null then jsonb_build_object('id', o.person_id, 'name', people.name_of(o.person_id)) end,
      'unit', case when o.owner_unit_id is not null then orgs.unit_json(o.owner_unit_id, day) end,
      'share_numerator', o.share_numerator, 'share_denominator', o.share_denominator,
      'valid_from', lower(o.valid), 'valid_to', upper(o.valid) - 1, 'document_ref', o.document_ref) order by lower(o.valid), o.id), '[]')
  from people.ownership o where o.dwelling_id = dwelling and o.valid @> day
$$;

create or replace function people.former_owners(dwelling uuid, day date) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', o.id,
      'person', case when o.person_id is not null then jsonb_build_object('id', o.person_id, 'name', people.name_of(o.person_id)) end,
      'unit', case when o.owner_unit_id is not null then orgs.unit_json(o.owner_unit_id, day) end,
      'share_numerator', o.share_numerator, 'share_denominator', o.share_denominator,
      'valid_from', lower(o.valid), 'valid_to', upper(o.valid) - 1, 'document_ref', o.document_ref) order by lower(o.valid) desc, o.id), '[]')
  from people.ownership o where o.dwelling_id = dwelling and upper(o.valid) <= day
$$;

drop function if exists people.show_dwelling(uuid) cascade;
create function people.show_dwelling(wanted uuid) returns table (
  id uuid, "unit.id" uuid, "unit.name" text, "unit.kind" text, door text, use text, area_cm2 bigint, valid_from date, valid_to date, owners jsonb, version bigint,
  _etag bigint, _location text)
language sql stable as $$
  select d.id, u.id, u.name, u.kind, d.door, d.use, d.area_cm2, lower(d.valid), upper(d.valid) - 1, people.owners_on(d.id, core.today()), d.version, d.version, '/dwellings/' || d.id
  from people.dwelling d join orgs.unit u on u.id = d.unit_id where d.id = wanted
$$;

drop function if exists people.create_dwelling(uuid, uuid, text, text, bigint, date) cascade;
create function people.create_dwelling(new_id uuid, place uuid, at_door text, used_as text, area bigint, first_day date) returns table (
  id uuid, "unit.id" uuid, "unit.name" text, "unit.kind" text, door text, use text, area_cm2 bigint, valid_from date, valid_to date, owners jsonb, version bigint,
  _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  made uuid := coalesce(new_id, core.uuid_v7());
begin
  perform core.expect(orgs.in_scope(place), 'not_found', '/unit_id');
  perform core.expect((select u.kind in ('building', 'lane', 'street', 'compound') from orgs.unit u where u.id = place), 'no_dwellings_there', '/unit_id');
  insert into people.dwelling (id, unit_id, door, use, area_cm2, valid) values (made, place, at_door, coalesce(used_as, 'home'), area, daterange(coalesce(first_day, core.today()), null));
  return query select * from people.show_dwelling(made);
end $$;

drop function if exists people.update_dwelling(uuid, jsonb, bigint) cascade;
create function people.update_dwelling(wanted uuid, body jsonb, if_match bigint) returns table (
  id uuid, "unit.id" uuid, "unit.name" text, "unit.kind" text, door text, use text, area_cm2 bigint, valid_from date, valid_to date, owners jsonb, version bigint,
  _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  old people.dwelling;
begin
  select * into old from people.dwelling d where d.id = wanted for update;
  perform core.expect(found and orgs.in_scope(old.unit_id), 'not_found');
  perform core.expect(if_match is null or old.version = if_match, 'version_mismatch');
  update people.dwelling d set version = d.version + 1,
    use = coalesce(body ->> 'use', d.use), area_cm2 = case when body ? 'area_cm2' then (body ->> 'area_cm2')::bigint else d.area_cm2 end
  where d.id = wanted;
  return query select * from people.show_dwelling(wanted);
end $$;

-- From first_day on these own it, and nobody else: a sale, an inheritance, a division. Later owners on record are never overwritten.
drop function if exists people.set_owners(uuid, date, text, jsonb) cascade;
create function people.set_owners(dwelling uuid, first_day date, document text, owners jsonb) returns table (
  id uuid, "unit.id" uuid, "unit.name" text, "unit.kind" text, door text, use text, area_cm2 bigint, valid_from date, valid_to date, owners_now jsonb, version bigint,
  _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  old people.dwelling;
  wrong bigint;
begin
  select * into old from people.dwelling d where d.id = dwelling for update;
  perform core.expect(found and orgs.in_scope(old.unit_id), 'not_found');
  perform core.expect(old.valid @> first_day, 'dwelling_not_there', '/first_day');
  select min(x.n) into wrong from jsonb_array_elements(owners) with ordinality x(owner, n)
  where num_nonnulls(x.owner ->> 'person_id', x.owner ->> 'unit_id') <> 1
     or (x.owner ? 'person_id' and people.name_of((x.owner ->> 'person_id')::uuid) is null);
  perform core.expect(wrong is null, 'owner_unclear', '/owners/' || wrong - 1);
  perform core.expect(not exists (select from people.ownership o where o.dwelling_id = dwelling and lower(o.valid) >= first_day), 'owners_later', '/first_day');
  update people.ownership o set valid = o.valid * daterange(null, first_day), version = o.version + 1 where o.dwelling_id = dwelling and o.valid @> first_day;
  insert into people.ownership (dwelling_id, person_id, owner_unit_id, share_numerator, share_denominator, valid, document_ref)
  select dwelling, (x ->> 'person_id')::uuid, (x ->> 'unit_id')::uuid, (x ->> 'share_numerator')::bigint, (x ->> 'share_denominator')::bigint, daterange(first_day, upper(old.valid)), document
  from jsonb_array_elements(owners) x;
  update people.dwelling d set version = d.version + 1 where d.id = dwelling;
  return query select * from people.show_dwelling(dwelling);
end $$;

-- ── households ─────────────────────────────────────────────────────────────────────────────────────────────────
create or replace function people.members_on(household uuid, day date) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'person', jsonb_build_object('id', m.person_id, 'name', people.name_of(m.person_id)), 'relation', m.relation,
      'valid_from', lower(m.valid), 'valid_to', upper(m.valid) - 1) order by m.relation <> 'head', lower(m.valid), m.id), '[]')
  from people.household_member m where m.household_id = household and m.valid @> day
$$;

drop function if exists people.show_household(uuid) cascade;
create function people.show_household(wanted uuid) returns table (
  id uuid, "unit.id" uuid, "unit.name" text, "unit.kind" text, dwelling jsonb, kind text, valid_from date, valid_to date, members jsonb, version bigint, _etag bigint, _location text)
language sql stable as $$
  select h.id, u.id, u.name, u.kind,
    (select jsonb_build_object('id', d.id, 'door', d.door, 'area_cm2', d.area_cm2) from people.dwelling d where d.id = h.dwelling_id), h.kind,
    lower(h.valid), upper(h.valid) - 1, people.members_on(h.id, core.today()), h.version, h.version, '/households/' || h.id
  from people.household h join orgs.unit u on u.id = h.unit_id where h.id = wanted
$$;

create or replace function people.add_member(household uuid, person uuid, as_relation text, first_day date) returns void language plpgsql as $$
begin
  perform core.expect((select p.died_on is null and p.merged_into is null and p.erased_at is null from people.person p where p.id = person), 'not_found', '/person_id');
  insert into people.household_member (household_id, person_id, relation, valid) values (household, person, as_relation, daterange(first_day, null));
end $$;

drop function if exists people.create_household(uuid, uuid, uuid, text, date, jsonb) cascade;
create function people.create_household(new_id uuid, place uuid, in_dwelling uuid, new_kind text, first_day date, new_members jsonb) returns table (
  id uuid, "unit.id" uuid, "unit.name" text, "unit.kind" text, dwelling jsonb, kind text, valid_from date, valid_to date, members jsonb, version bigint, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  made uuid := coalesce(new_id, core.uuid_v7());
  begins date := coalesce(first_day, core.today());
  at_unit uuid := coalesce((select d.unit_id from people.dwelling d where d.id = in_dwelling), place);
begin
  perform core.expect(at_unit is not null and orgs.in_scope(at_unit), 'not_found', case when in_dwelling is null then '/unit_id' else '/dwelling_id' end);
  perform core.expect(place is null or place = at_unit, 'dwelling_elsewhere', '/dwelling_id');
  insert into people.household (id, unit_id, dwelling_id, kind, valid) values (made, at_unit, in_dwelling, coalesce(new_kind, 'family'), daterange(begins, null));
  perform people.add_member(made, (x ->> 'person_id')::uuid, x ->> 'relation', begins) from jsonb_array_elements(coalesce(new_members, '[]')) x;
  return query select * from people.show_household(made);
end $$;

drop function if exists people.add_household_member(uuid, uuid, text, date) cascade;
create function people.add_household_member(household uuid, person uuid, as_relation text, first_day date) returns table (
  id uuid, "unit.id" uuid, "unit.name" text, "unit.kind" text, dwelling jsonb, kind text, valid_from date, valid_to date, members jsonb, version bigint, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  old people.household;
begin
  select * into old from people.household h where h.id = household for update;
  perform core.expect(found and orgs.in_scope(old.unit_id), 'not_found');
  perform core.expect(old.valid @> coalesce(first_day, core.today()), 'household_ended');
  perform people.add_member(household, person, as_relation, coalesce(first_day, core.today()));
  update people.household h set version = h.version + 1 where h.id = household;
  return query select * from people.show_household(household);
end $$;

drop function if exists people.end_household_member(uuid, uuid, date) cascade;
create function people.end_household_member(household uuid, person uuid, last_day date) returns table (
  id uuid, "unit.id" uuid, "unit.name" text, "unit.kind" text, dwelling jsonb, kind text, valid_from date, valid_to date, members jsonb, version bigint, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  old people.household;
  held people.household_member;
  ends date := coalesce(last_day, core.today());
begin
  select * into old from people.household h where h.id = household for update;
  perform core.expect(found and orgs.in_scope(old.unit_id), 'not_found');
  select * into held from people.household_member m where m.household_id = household and m.person_id = person and m.valid @> ends;
  perform core.expect(found, 'not_found');
  update people.household_member m set valid = m.valid * daterange(null, ends + 1), end_reason = 'left', version = m.version + 1 where m.id = held.id;
  update people.household h set version = h.version + 1 where h.id = household;
  return query select * from people.show_household(household);
end $$;

-- The head of a household hands over to another member from that day.
drop function if exists people.set_household_head(uuid, uuid, date, text) cascade;
create function people.set_household_head(household uuid, person uuid, first_day date, former_becomes text) returns table (
  id uuid, "unit.id" uuid, "unit.name" text, "unit.kind" text, dwelling jsonb, kind text, valid_from date, valid_to date, members jsonb, version bigint, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  old people.household;
  begins date := coalesce(first_day, core.today());
  changed people.household_member;
begin
  select * into old from people.household h where h.id = household for update;
  perform core.expect(found and orgs.in_scope(old.unit_id), 'not_found');
  perform core.expect(exists (select from people.household_member m where m.household_id = household and m.person_id = person and m.valid @> begins), 'not_found', '/person_id');
  -- the former head first: one head on a day
  for changed in select * from people.household_member m where m.household_id = household and m.valid @> begins and (m.relation = 'head' or m.person_id = person)
                 order by m.relation <> 'head' loop
    if changed.person_id = person and changed.relation = 'head' then
      continue;
    end if;
    if lower(changed.valid) = begins then
      update people.household_member m set relation = case when m.person_id = person then 'head' else former_becomes end, version = m.version + 1 where m.id = changed.id;
    else
      update people.household_member m set valid = daterange(lower(m.valid), begins), end_reason = 'corrected', version = m.version + 1 where m.id = changed.id;
      insert into people.household_member (household_id, person_id, relation, valid)
      values (household, changed.person_id, case when changed.person_id = person then 'head' else former_becomes end, daterange(begins, upper(changed.valid)));
    end if;
  end loop;
  update people.household h set version = h.version + 1 where h.id = household;
  return query select * from people.show_household(household);
end $$;
