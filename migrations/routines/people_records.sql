-- People: records made, found twice, changed, moved; death; two records of one person made one, and taken apart again.
set local check_function_bodies = off;

-- Under 14 data are sensitive (PIPL 28); with only the year known, the younger age is taken.
create or replace function people.age_band(wanted uuid) returns text language plpgsql stable security definer set search_path = pg_catalog
as $$
declare
  born date;
begin
  select coalesce(v.birth_date, make_date(p.birth_year, 12, 31)) into born
  from people.person p left join people.person_private v on v.person_id = p.id where p.id = wanted;
  return case when born is null then 'adult' when born + interval '14 years' > core.today() then 'under_14'
    when born + interval '18 years' > core.today() then '14_to_18' else 'adult' end;
end $$;

-- ── one's record, as a write answers it ────────────────────────────────────────────────────────────────────────
drop function if exists people.show_record(uuid) cascade;
create function people.show_record(wanted uuid) returns table (
  id uuid, name text, "unit.id" uuid, "unit.name" text, "unit.kind" text, sex text, birth_year bigint, phone bytea, id_number bytea, died_on date,
  merged_into uuid, is_fictitious boolean, version bigint, _etag bigint, _location text)
language sql stable as $$
  select p.id, p.display_name, u.id, u.name, u.kind, p.sex, p.birth_year::bigint, v.phone_sealed, v.id_number_sealed, p.died_on, p.merged_into, p.is_fictitious,
    p.version, p.version, '/people/' || p.id
  from people.person p join orgs.unit u on u.id = p.unit_id left join people.person_private v on v.person_id = p.id
  where p.id = wanted
$$;

-- ── duplicates ─────────────────────────────────────────────────────────────────────────────────────────────────
-- Everyone who may be the same person, whatever the place: within reach with the name, beyond it only that there is one, and where.
drop function if exists people.duplicates_of(text, date, bytea, bytea) cascade;
create function people.duplicates_of(wanted_name text, born date, phone_index bytea, id_index bytea)
returns table (match text, id uuid, name text, unit_id uuid, birth_year bigint, phone bytea)
language sql stable security definer set search_path = pg_catalog as $$
  with hit as (
    select v.person_id, 1 as rank from people.person_private v where id_index is not null and v.id_number_blind = id_index
    union all
    select v.person_id, 2 from people.person_private v where phone_index is not null and v.phone_blind = phone_index
    union all
    select v.person_id, 3 from people.person_private v join people.person p on p.id = v.person_id
    where born is not null and wanted_name is not null and v.birth_date = born and p.display_name = wanted_name
  ), best as (select h.person_id, min(h.rank) as rank from hit h group by h.person_id)
  select (array['id_number', 'phone', 'name_and_birth'])[b.rank], case when seen.here then p.id end, case when seen.here then p.display_name end,
    case when seen.here then p.unit_id else coalesce(orgs.ancestor_of_kind(p.unit_id, 'community'), p.unit_id) end,
    case when seen.here then p.birth_year::bigint end, case when seen.here then v.phone_sealed end
  from best b join people.person p on p.id = b.person_id left join people.person_private v on v.person_id = p.id
  cross join lateral (select people.in_reach(p.unit_id) as here) seen
  where p.merged_into is null and p.erased_at is null
  order by b.rank, p.id limit 20
$$;
revoke execute on function people.duplicates_of(text, date, bytea, bytea) from public;

drop function if exists people.search_duplicates(text, date, bytea, bytea) cascade;
create function people.search_duplicates(wanted_name text, born date, phone_index bytea, id_index bytea) returns table (items jsonb)
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  perform core.expect(core.trusted() or (core.scope() is not null and core.paths() is not null), 'not_found');
  perform core.expect(num_nonnulls(phone_index, id_index, case when wanted_name is not null then born end) > 0, 'nothing_to_compare');
  return query select coalesce(jsonb_agg(jsonb_build_object('match', d.match, 'id', d.id, 'name', d.name,
    'unit', orgs.unit_json(d.unit_id, core.today()), 'birth_year', d.birth_year)), '[]') from people.duplicates_of(wanted_name, born, phone_index, id_index) d;
end $$;

-- ── making and changing a record ───────────────────────────────────────────────────────────────────────────────
-- The identity number says a day of birth and a sex: what is written beside it must agree (GB 11643).
create or replace function people.expect_consistent(born date, wanted_sex text, id_born date, id_sex text) returns void
language plpgsql stable as $$
begin
  perform core.expect(born is null or born between date '1880-01-01' and core.today(), 'birth_date_impossible', '/birth_date');
  perform core.expect(id_born is null or born is null or born = id_born, 'id_number_inconsistent', '/birth_date');
  perform core.expect(id_sex is null or wanted_sex is null or wanted_sex = id_sex, 'id_number_inconsistent', '/sex');
end $$;

drop function if exists people.create_person(uuid, text, uuid, date, text, bytea, bytea, bytea, bytea, date, text, bytea, text, jsonb) cascade;
create function people.create_person(new_id uuid, new_name text, home uuid, born date, wanted_sex text, phone bytea, phone_index bytea, id_number bytea, id_index bytea,
  id_born date, id_sex text, address bytea, lives_as text, not_duplicates jsonb)
returns table (
  id uuid, name text, "unit.id" uuid, "unit.name" text, "unit.kind" text, sex text, birth_year bigint, phone_sealed bytea, id_number_sealed bytea, died_on date,
  merged_into uuid, is_fictitious boolean, version bigint, _etag bigint, _location text)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare
  made uuid;
  known uuid[] := array(select x::uuid from jsonb_array_elements_text(coalesce(not_duplicates, '[]')) x);
begin
  perform core.expect(people.in_reach(home), 'not_found', '/unit_id');
  perform people.expect_consistent(born, wanted_sex, id_born, id_sex);
  perform pg_advisory_xact_lock(hashtext('people.create'), hashtext(coalesce(id_index::text, new_name)));
  perform core.expect(not exists (select from people.duplicates_of(null, null, null, id_index)), 'person_exists', '/id_number');
  perform core.expect(not exists (
    select from people.duplicates_of(new_name, coalesce(born, id_born), phone_index, null) d where d.id is not null and d.id <> all (known)), 'likely_duplicate');
  made := people.register(new_id, new_name, home, extract(year from coalesce(born, id_born))::integer, null, false, phone, phone_index, id_number, id_index, address);
  update people.person p set sex = coalesce(wanted_sex, id_sex) where p.id = made and coalesce(wanted_sex, id_sex) is not null;
  update people.person_private v set birth_date = coalesce(born, id_born) where v.person_id = made and coalesce(born, id_born) is not null;
  update people.residence r set kind = lives_as where r.person_id = made and lives_as is not null;
  return query select * from people.show_record(made);
end $$;

drop function if exists people.update_person(uuid, jsonb, bytea, bytea, date, text, bigint) cascade;
create function people.update_person(wanted uuid, body jsonb, phone_index bytea, id_index bytea, id_born date, id_sex text, if_match bigint)
returns table (
  id uuid, name text, "unit.id" uuid, "unit.name" text, "unit.kind" text, sex text, birth_year bigint, phone bytea, id_number bytea, died_on date,
  merged_into uuid, is_fictitious boolean, version bigint, _etag bigint, _location text)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare
  old people.person;
  private people.person_private;
  born date;
begin
  select * into old from people.person p where p.id = wanted for no key update;
  perform core.expect(found and people.in_reach(old.unit_id), 'not_found');
  perform core.expect(if_match is null or old.version = if_match, 'version_mismatch');
  perform core.expect(old.merged_into is null and old.erased_at is null, 'record_closed');
  insert into people.person_private (person_id) values (wanted) on conflict do nothing;
  select * into private from people.person_private v where v.person_id = wanted;
  born := case when body ? 'birth_date' then (body ->> 'birth_date')::date else coalesce(private.birth_date, id_born) end;
  perform people.expect_consistent(born, case when body ? 'sex' then body ->> 'sex' else old.sex end, id_born, id_sex);
  perform core.expect(id_index is null or not exists (select from people.duplicates_of(null, null, null, id_index) d where d.id is distinct from wanted), 'person_exists', '/id_number');
  update people.person p set display_name = coalesce(body ->> 'name', p.display_name),
    sex = case when body ? 'sex' then body ->> 'sex' else coalesce(p.sex, id_sex) end,
    birth_year = coalesce(extract(year from born)::integer, p.birth_year), version = p.version + 1
  where p.id = wanted;
  update people.person_private v set birth_date = born,
    phone_sealed = case when body ? 'phone' then (body ->> 'phone')::bytea else v.phone_sealed end,
    phone_blind = case when body ? 'phone' then phone_index else v.phone_blind end,
    id_number_sealed = case when body ? 'id_number' then (body ->> 'id_number')::bytea else v.id_number_sealed end,
    id_number_blind = case when body ? 'id_number' then id_index else v.id_number_blind end,
    address_sealed = case when body ? 'address' then (body ->> 'address')::bytea else v.address_sealed end
  where v.person_id = wanted;
  return query select * from people.show_record(wanted);
end $$;

-- ── moving within the city ─────────────────────────────────────────────────────────────────────────────────────
-- Accounts and cases are the person's and stay; the household is left behind unless it moves as well; the resident's grant goes along.
drop function if exists people.move_person(uuid, uuid, uuid, text, date) cascade;
create function people.move_person(wanted uuid, home uuid, into_dwelling uuid, lives_as text, first_day date)
returns table (
  id uuid, name text, "unit.id" uuid, "unit.name" text, "unit.kind" text, sex text, birth_year bigint, phone bytea, id_number bytea, died_on date,
  merged_into uuid, is_fictitious boolean, version bigint, _etag bigint, _location text)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare
  place uuid := coalesce((select d.unit_id from people.dwelling d where d.id = into_dwelling), home);
begin
  perform core.expect(place is not null, 'not_found', '/unit_id');
  perform core.expect(home is null or home = place, 'dwelling_elsewhere', '/dwelling_id');
  perform core.expect((select p.died_on is null and p.merged_into is null and p.erased_at is null from people.person p where p.id = wanted), 'record_closed');
  perform people.move(wanted, place, first_day);
  update people.residence r set kind = lives_as, dwelling_id = into_dwelling where r.person_id = wanted and lower(r.valid) = first_day;
  delete from people.household_member m where m.person_id = wanted and lower(m.valid) >= first_day;
  update people.household_member m set valid = daterange(lower(m.valid), first_day), end_reason = 'moved', version = m.version + 1
  where m.person_id = wanted and m.valid @> first_day;
  if first_day <= core.today() and exists (select from access.grant g where g.person_id = wanted and g.role = 'resident' and g.valid @> core.today() and g.unit_id <> place) then
    delete from access.grant g where g.person_id = wanted and g.role = 'resident' and lower(g.valid) >= core.today();
    update access.grant g set valid = g.valid * daterange(null, core.today()), version = g.version + 1
    where g.person_id = wanted and g.role = 'resident' and g.valid @> core.today();
    insert into access.grant (person_id, role, unit_id, valid, granted_by) values (wanted, 'resident', place, daterange(core.today(), null), core.person());
  end if;
  perform core.emit('people.moved', place, jsonb_build_object('person_id', wanted, 'from', first_day));
  return query select * from people.show_record(wanted);
end $$;

-- ── death ──────────────────────────────────────────────────────────────────────────────────────────────────────
-- What ends with a life: a last day, or the first day when it had not begun.
create or replace function people.until(span daterange, last_day date) returns daterange language sql immutable
as $$ select daterange(lower(span), greatest(lower(span), last_day) + 1) $$;

-- What needs a human afterwards.
create or replace function people.open_matters_of(wanted uuid) returns jsonb language sql stable security definer set search_path = pg_catalog as $$
  select jsonb_build_object(
    'mediation_cases', coalesce((select jsonb_agg(jsonb_build_object('id', c.id, 'number', c.number, 'state', c.state) order by c.id)
      from mediation.mediation_case c where c.closed_at is null and exists (select from mediation.party y where y.case_id = c.id and y.person_id = wanted)), '[]'),
    'reservations', (select count(*) from points.reservation r join points.account a on a.id = r.account_id where a.person_id = wanted and r.state = 'held'),
    'points', coalesce((select sum(a.balance) from points.account a where a.person_id = wanted and a.currency = 'points'), 0),
    'dwellings', (select count(*) from people.ownership o where o.person_id = wanted and o.valid @> core.today()),
    'wards', coalesce((select jsonb_agg(jsonb_build_object('id', g.ward_id, 'name', people.name_of(g.ward_id)) order by g.id)
      from people.guardianship g where g.guardian_id = wanted and g.valid @> core.today()), '[]'))
$$;
revoke execute on function people.open_matters_of(uuid) from public;

create or replace function people.end_roles(wanted uuid, last_day date, why text) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  ends daterange := daterange(last_day + 1, null);
begin
  delete from access.grant g where g.person_id = wanted and lower(g.valid) >= core.today();
  update access.grant g set valid = g.valid * daterange(null, core.today()), version = g.version + 1 where g.person_id = wanted and g.valid @> core.today();
  update access.login l set disabled = true, version = l.version + 1 where l.person_id = wanted and not l.disabled;
  update access.login_session s set revoked_at = core.app_now(), revoked_because = why where (s.person_id = wanted or s.acting_for = wanted) and s.revoked_at is null;
  update access.claim_code c set cancelled_at = core.app_now() where c.person_id = wanted and c.used_at is null and c.cancelled_at is null;
  update access.representation r set valid = people.until(r.valid, core.today() - 1), version = r.version + 1
  where wanted in (r.person_id, r.agent_id) and r.valid @> core.today();
  update people.household_member m set valid = people.until(m.valid, last_day), end_reason = case why when 'died' then 'died' else 'left' end, version = m.version + 1
  where m.person_id = wanted and m.valid && ends;
  update people.residence r set valid = people.until(r.valid, last_day), end_reason = case why when 'died' then 'died' else 'left' end where r.person_id = wanted and r.valid && ends;
  update people.central_household h set valid = people.until(h.valid, last_day), version = h.version + 1 where h.person_id = wanted and h.valid && ends;
  update orgs.appointment a set valid = people.until(a.valid, last_day), end_reason = why, version = a.version + 1 where a.person_id = wanted and a.valid && ends;
  update groups.head h set valid = people.until(h.valid, last_day), end_reason = why, version = h.version + 1 where h.person_id = wanted and h.valid && ends;
  update groups.group_member m set valid = people.until(m.valid, last_day), version = m.version + 1 where m.person_id = wanted and m.valid && ends;
  update people.guardianship g set valid = people.until(g.valid, last_day), version = g.version + 1 where wanted in (g.ward_id, g.guardian_id) and g.valid && ends;
  update people.care_mark c set valid = people.until(c.valid, last_day), version = c.version + 1 where c.person_id = wanted and c.valid && ends;
end $$;
revoke execute on function people.end_roles(uuid, date, text) from public;

drop function if exists people.record_death(uuid, date, text) cascade;
create function people.record_death(wanted uuid, last_day date, document text) returns table (
  "person.id" uuid, "person.name" text, died_on date, document_ref text, recorded_at timestamptz, open_matters jsonb)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare
  record people.person;
  matters jsonb;
begin
  select * into record from people.person p where p.id = wanted for no key update;
  perform core.expect(found and people.in_reach(record.unit_id), 'not_found');
  perform core.expect(record.died_on is null and record.merged_into is null and record.erased_at is null, 'record_closed');
  perform core.expect(last_day <= core.today(), 'day_in_future', '/died_on');
  perform points.lock_accounts(array(select a.id from points.account a where a.person_id = wanted));
  matters := people.open_matters_of(wanted);
  perform people.end_roles(wanted, last_day, 'died');
  update points.account a set frozen_on = core.today() where a.person_id = wanted;
  update people.person p set died_on = last_day, version = p.version + 1 where p.id = wanted;
  insert into people.death (person_id, died_on, document_ref, recorded_by, open_matters) values (wanted, last_day, document, core.person(), matters);
  perform core.emit('people.died', record.unit_id, jsonb_build_object('person_id', wanted, 'died_on', last_day));
  return query select wanted, record.display_name, last_day, document, core.app_now(), matters;
end $$;

-- ── merging ────────────────────────────────────────────────────────────────────────────────────────────────────
-- Where a row may give way when both records have one for the same days or the same thing.
create or replace function people.may_give_way(target text) returns boolean language sql immutable as $$
  select target in ('people.residence', 'people.household_member', 'people.near_relative', 'people.guardianship', 'people.care_mark', 'people.care_helper',
    'people.central_household', 'access."grant"', 'access.representation', 'groups.group_member', 'orgs.appointment')
$$;

-- Columns that point to a person and follow a merge: every foreign key, but not of what is written once nor of what is the record itself.
create or replace function people.person_columns() returns table (target regclass, column_name text, key_columns text[])
language sql stable security definer set search_path = pg_catalog as $$
  select c.conrelid::regclass, a.attname::text,
    (select array_agg(k.attname::text order by k.attnum) from pg_index i join pg_attribute k on k.attrelid = i.indrelid and k.attnum = any (i.indkey)
     where i.indrelid = c.conrelid and i.indisprimary)
  from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
  where c.contype = 'f' and c.confrelid = 'people.person'::regclass and cardinality(c.conkey) = 1
    and not exists (select from pg_trigger t where t.tgrelid = c.conrelid and t.tgname = 'immutable')
    and c.conrelid::regclass::text not in ('people.person', 'people.person_private', 'people.person_bigram', 'people.person_reading', 'people.death', 'people.merge', 'people.minor_access',
      'points.account', 'access.login', 'access.login_session', 'access.saved_view', 'access.claim_code', 'access.password_reset', 'access.audit_mandate', 'points.transfer')
  order by 1, 2
$$;
revoke execute on function people.person_columns() from public;

create or replace function people.move_rows(merge uuid, kept uuid, merged uuid) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  spot record;
  old record;
  key jsonb;
begin
  for spot in select * from people.person_columns() loop
    for old in execute format('select t.ctid as place, to_jsonb(t) as fields from %s t where %I = $1', spot.target, spot.column_name) using merged loop
      key := (select jsonb_object_agg(k, old.fields -> k) from unnest(spot.key_columns) k);
      begin
        execute format('update %s set %I = $1 where ctid = $2', spot.target, spot.column_name) using kept, old.place;
        -- a key that holds the person is looked for under the one that stays
        insert into people.merge_step (merge_id, table_name, column_name, row_key)
        values (merge, spot.target::text, spot.column_name, case when key ? spot.column_name then key || jsonb_build_object(spot.column_name, kept) else key end);
      exception when exclusion_violation or unique_violation or check_violation then
        perform core.expect(people.may_give_way(spot.target::text), 'merge_conflict');
        begin
          execute format('delete from %s where ctid = $1', spot.target) using old.place;
        exception when foreign_key_violation then
          perform core.expect(false, 'merge_conflict');
        end;
        insert into people.merge_step (merge_id, table_name, column_name, row_key, removed) values (merge, spot.target::text, spot.column_name, key, old.fields);
      when foreign_key_violation or restrict_violation then
        null; -- history that other rows hold on to stays with the record it was written for, which leads to the one that stays
      end;
    end loop;
  end loop;
end $$;
revoke execute on function people.move_rows(uuid, uuid, uuid) from public;

-- Points go over lot by lot, so that each lapses when it would have; what is reserved must be settled first.
create or replace function people.move_points(merge uuid, kept uuid, merged uuid) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  source points.account;
  target uuid;
  moved points.posting[];
begin
  select * into source from points.account a where a.person_id = merged and a.currency = 'points';
  if source.id is null or source.balance = 0 then
    return;
  end if;
  perform points.open_accounts(array[kept], 'points');
  select a.id into target from points.account a where a.person_id = kept and a.currency = 'points';
  perform points.lock_accounts(array[source.id, target]);
  perform points.lapse_lots(array[source.id]);
  perform core.expect((select a.reserved = 0 and a.frozen_on is null from points.account a where a.id = source.id), 'merge_conflict');
  select array_agg((core.uuid_v7(), 'correction', source.id, target, l.remaining, core.today(), 'decision', core.uuid_v7(), '合并档案', 'Records merged', null, null,
    l.expires_on, null, null, null)::points.posting order by l.expires_on nulls last, l.entry_no) into moved
  from points.lot l where l.account_id = source.id and l.remaining > 0;
  if moved is not null then
    perform points.post(moved);
    insert into people.merge_step (merge_id, table_name, column_name, row_key)
    select merge, 'points.transfer', 'id', jsonb_build_object('id', m.transfer_id) from unnest(moved) m;
  end if;
end $$;
revoke execute on function people.move_points(uuid, uuid, uuid) from public;

-- One login stays: the kept record's; the merged one's moves over when there is no other, and is shut when there is.
create or replace function people.move_login(merge uuid, kept uuid, merged uuid) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  theirs text := (select l.user_name from access.login l where l.person_id = merged);
begin
  if theirs is null then
    return;
  end if;
  delete from access.login_session s where s.person_id = merged;
  if exists (select from access.login l where l.person_id = kept) then
    update access.login l set disabled = true, version = l.version + 1 where l.person_id = merged;
    insert into people.merge_step (merge_id, table_name, column_name, row_key) values (merge, 'access.login', 'disabled', jsonb_build_object('user_name', theirs));
  else
    update access.login l set person_id = kept, version = l.version + 1 where l.person_id = merged;
    insert into people.merge_step (merge_id, table_name, column_name, row_key) values (merge, 'access.login', 'person_id', jsonb_build_object('user_name', theirs));
  end if;
end $$;
revoke execute on function people.move_login(uuid, uuid, uuid) from public;

-- How much the trail holds of each table; for those who may see the merge.
create or replace function people.merge_steps(wanted uuid) returns jsonb language sql stable security definer set search_path = pg_catalog as $$
  select coalesce(jsonb_agg(jsonb_build_object('table', s.table_name, 'moved', s.moved, 'gave_way', s.gave_way) order by s.table_name), '[]')
  from (select t.table_name, count(*) filter (where t.removed is null) as moved, count(*) filter (where t.removed is not null) as gave_way
        from people.merge_step t where t.merge_id = wanted group by t.table_name) s
$$;

drop function if exists people.show_merge(uuid) cascade;
create function people.show_merge(wanted uuid) returns table (
  id uuid, "kept.id" uuid, "kept.name" text, "merged.id" uuid, "merged.name" text, reason text, merged_by text, merged_at timestamptz, undo_until date,
  undone_at timestamptz, steps jsonb)
language sql stable security definer set search_path = pg_catalog as $$
  select m.id, m.kept_id, people.name_of(m.kept_id), m.merged_id, people.name_of(m.merged_id), m.reason, people.name_of(m.merged_by), m.merged_at, m.undo_until, m.undone_at,
    people.merge_steps(m.id)
  from people.merge m where m.id = wanted
$$;
revoke execute on function people.show_merge(uuid) from public;

drop function if exists people.merge_people(uuid, uuid, text) cascade;
create function people.merge_people(kept uuid, other uuid, why text) returns table (
  id uuid, "kept.id" uuid, "kept.name" text, "merged.id" uuid, "merged.name" text, reason text, merged_by text, merged_at timestamptz, undo_until date,
  undone_at timestamptz, steps jsonb)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare
  made uuid := core.uuid_v7();
begin
  perform 1 from people.person p where p.id in (kept, other) order by p.id for no key update;
  perform core.expect(kept <> other, 'merge_conflict', '/merged_id');
  perform core.expect(people.in_reach(people.home_of(kept)) , 'not_found');
  perform core.expect(people.in_reach(people.home_of(other)), 'not_found', '/merged_id');
  perform core.expect(not exists (select from people.person p where p.id in (kept, other) and (p.merged_into is not null or p.erased_at is not null or p.died_on is not null)), 'record_closed');
  insert into people.merge (id, kept_id, merged_id, reason, merged_by, undo_until) values (made, kept, other, why, core.person(), core.today() + 30);
  perform people.move_points(made, kept, other);
  perform people.move_login(made, kept, other);
  perform people.move_rows(made, kept, other);
  update people.person p set merged_into = kept, version = p.version + 1 where p.id = other;
  perform core.notify_grants(kept);
  perform core.notify_grants(other);
  perform core.emit('people.merged', people.home_of(kept), jsonb_build_object('kept_id', kept, 'merged_id', other));
  return query select * from people.show_merge(made);
end $$;

create or replace function people.undo_step(step people.merge_step, kept uuid, merged uuid) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  condition text := (select string_agg(format('t.%I::text = %L', k.key, k.value), ' and ') from jsonb_each_text(step.row_key) k);
begin
  if step.table_name = 'points.transfer' then
    perform points.reverse_transfer((step.row_key ->> 'id')::uuid, '撤销合并');
  elsif step.table_name = 'access.login' and step.column_name = 'person_id' then
    delete from access.login_session s where s.person_id = kept;
    update access.login l set person_id = merged, version = l.version + 1 where l.person_id = kept and l.user_name = step.row_key ->> 'user_name';
  elsif step.table_name = 'access.login' then
    update access.login l set disabled = false, version = l.version + 1 where l.person_id = merged;
  elsif step.removed is not null then
    execute format('insert into %s select (jsonb_populate_record(null::%s, $1)).*', step.table_name, step.table_name) using step.removed;
  else
    -- what has ended or changed hands since stays where it is
    execute format('update %s t set %I = $1 where %s and t.%I = $2', step.table_name, step.column_name, condition, step.column_name) using merged, kept;
  end if;
end $$;
revoke execute on function people.undo_step(people.merge_step, uuid, uuid) from public;

drop function if exists people.undo_merge(uuid) cascade;
create function people.undo_merge(wanted uuid) returns table (
  id uuid, "kept.id" uuid, "kept.name" text, "merged.id" uuid, "merged.name" text, reason text, merged_by text, merged_at timestamptz, undo_until date,
  undone_at timestamptz, steps jsonb)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare
  made people.merge;
  step people.merge_step;
begin
  select * into made from people.merge m where m.id = wanted for update;
  perform core.expect(found and people.in_reach(people.home_of(made.kept_id)), 'not_found');
  perform core.expect(made.undone_at is null, 'wrong_state');
  perform core.expect(core.today() <= made.undo_until, 'undo_too_late');
  perform 1 from people.person p where p.id in (made.kept_id, made.merged_id) order by p.id for no key update;
  update people.person p set merged_into = null, version = p.version + 1 where p.id = made.merged_id;
  for step in select * from people.merge_step s where s.merge_id = wanted order by s.no desc loop
    perform people.undo_step(step, made.kept_id, made.merged_id);
  end loop;
  update people.merge m set undone_at = core.app_now(), undone_by = core.person() where m.id = wanted;
  perform core.notify_grants(made.kept_id);
  perform core.notify_grants(made.merged_id);
  return query select * from people.show_merge(wanted);
end $$;
