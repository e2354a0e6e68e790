-- People: guardians, near relatives, care marks. With the caller's rights: row-level security judges every row.

create or replace function people.expect_person(wanted uuid, pointer text) returns void language plpgsql stable as $$
begin
  perform core.expect(exists (select from people.person p where p.id = wanted and p.merged_into is null and p.erased_at is null), 'not_found', pointer);
end $$;

-- In scope of the operation, or within the caller's sight only: not yours is not there.
create or replace function people.expect_in_scope(wanted uuid) returns void language plpgsql stable as $$
begin
  perform core.expect((select orgs.in_scope(p.unit_id) from people.person p where p.id = wanted and p.merged_into is null and p.erased_at is null), 'not_found');
end $$;

-- ── near relatives (Civil Code 1045) ───────────────────────────────────────────────────────────────────────────
-- For the checks the law asks (committees, election committees, oversight): said outright on that day, or following from parents.
create or replace function people.are_near_relatives(a uuid, b uuid, day date default null) returns boolean
language sql stable security definer set search_path = pg_catalog as $$
  with said as (
    select n.person_id as younger, n.relative_id as elder, n.kind from people.near_relative n
    where (n.person_id in (a, b) or n.relative_id in (a, b)) and n.valid @> coalesce(day, core.today())),
  parent_of_a as (select s.elder as id from said s where s.younger = a and s.kind = 'parent'),
  parent_of_b as (select s.elder as id from said s where s.younger = b and s.kind = 'parent')
  select a <> b and (
    exists (select from said s where (s.younger, s.elder) in ((a, b), (b, a)))
    or exists (select from parent_of_a join parent_of_b using (id))
    or exists (select from parent_of_a x join people.near_relative n on n.person_id = x.id and n.kind = 'parent' and n.relative_id = b and n.valid @> coalesce(day, core.today()))
    or exists (select from parent_of_b x join people.near_relative n on n.person_id = x.id and n.kind = 'parent' and n.relative_id = a and n.valid @> coalesce(day, core.today())))
$$;

drop function if exists people.show_relative(uuid, uuid) cascade;
create function people.show_relative(wanted uuid, seen_from uuid) returns table (
  id uuid, "relative.id" uuid, "relative.name" text, kind text, valid_from date, valid_to date)
language sql stable as $$
  select n.id, r.id, people.name_of(r.id),
    case when n.person_id = seen_from then n.kind else case n.kind when 'parent' then 'child' when 'grandparent' then 'grandchild' else n.kind end end,
    lower(n.valid), upper(n.valid) - 1
  from people.near_relative n
  cross join lateral (select case when n.person_id = seen_from then n.relative_id else n.person_id end as id) r
  where n.id = wanted
$$;

drop function if exists people.add_relative(uuid, uuid, text, date) cascade;
create function people.add_relative(person uuid, relative uuid, as_kind text, first_day date) returns table (
  id uuid, "relative.id" uuid, "relative.name" text, kind text, valid_from date, valid_to date)
language plpgsql as $$
#variable_conflict use_column
declare
  made uuid := core.uuid_v7();
  upside_down boolean := as_kind in ('child', 'grandchild');
  stored text := case as_kind when 'child' then 'parent' when 'grandchild' then 'grandparent' else as_kind end;
begin
  perform people.expect_in_scope(person);
  perform people.expect_person(relative, '/relative_id');
  perform core.expect(person <> relative and not exists (
    select from people.near_relative n where (n.person_id, n.relative_id) in ((person, relative), (relative, person)) and n.valid @> core.today()), 'relative_known', '/relative_id');
  insert into people.near_relative (id, person_id, relative_id, kind, valid, recorded_by)
  values (made, case when upside_down then relative else person end, case when upside_down then person else relative end, stored, daterange(first_day, null), core.person());
  return query select * from people.show_relative(made, person);
end $$;

drop function if exists people.end_relative(uuid, date) cascade;
create function people.end_relative(wanted uuid, last_day date) returns table (
  id uuid, "relative.id" uuid, "relative.name" text, kind text, valid_from date, valid_to date)
language plpgsql as $$
#variable_conflict use_column
declare
  old people.near_relative;
  ends date := coalesce(last_day, core.today());
begin
  select * into old from people.near_relative n where n.id = wanted for update;
  perform core.expect(found, 'not_found');
  perform core.expect((select orgs.in_scope(p.unit_id) from people.person p where p.id = old.person_id) or (select orgs.in_scope(p.unit_id) from people.person p where p.id = old.relative_id), 'not_found');
  perform core.expect(old.valid @> ends, 'wrong_state', '/last_day');
  update people.near_relative n set valid = n.valid * daterange(null, ends + 1), version = n.version + 1 where n.id = wanted;
  return query select * from people.show_relative(wanted, old.person_id);
end $$;

-- ── guardians ──────────────────────────────────────────────────────────────────────────────────────────────────
drop function if exists people.show_guardianship(uuid) cascade;
create function people.show_guardianship(wanted uuid) returns table (
  id uuid, "ward.id" uuid, "ward.name" text, "guardian.id" uuid, "guardian.name" text, kind text, ground text, valid_from date, valid_to date, document_ref text)
language sql stable as $$
  select g.id, g.ward_id, people.name_of(g.ward_id), g.guardian_id, people.name_of(g.guardian_id), g.kind, g.ground, lower(g.valid), upper(g.valid) - 1, g.document_ref
  from people.guardianship g where g.id = wanted
$$;

-- A minor's guardianship ends of itself with the eighteenth birthday.
drop function if exists people.add_guardianship(uuid, uuid, text, text, date, text) cascade;
create function people.add_guardianship(ward uuid, guardian uuid, as_kind text, because text, first_day date, document text) returns table (
  id uuid, "ward.id" uuid, "ward.name" text, "guardian.id" uuid, "guardian.name" text, kind text, ground text, valid_from date, valid_to date, document_ref text)
language plpgsql as $$
#variable_conflict use_column
declare
  made uuid := core.uuid_v7();
  grown date;
begin
  perform people.expect_in_scope(ward);
  perform people.expect_person(guardian, '/guardian_id');
  perform core.expect(people.age_band(guardian) = 'adult', 'guardian_minor', '/guardian_id');
  perform core.expect(because = 'incapacity' or people.age_band(ward) <> 'adult', 'ward_grown_up', '/ground');
  select (coalesce(v.birth_date, make_date(p.birth_year, 12, 31)) + interval '18 years')::date into grown
  from people.person p left join people.person_private v on v.person_id = p.id where p.id = ward;
  insert into people.guardianship (id, ward_id, guardian_id, kind, ground, valid, document_ref, recorded_by)
  values (made, ward, guardian, as_kind, because, daterange(coalesce(first_day, core.today()), case because when 'minor' then grown end), document, core.person());
  return query select * from people.show_guardianship(made);
end $$;

drop function if exists people.end_guardianship(uuid, date) cascade;
create function people.end_guardianship(wanted uuid, last_day date) returns table (
  id uuid, "ward.id" uuid, "ward.name" text, "guardian.id" uuid, "guardian.name" text, kind text, ground text, valid_from date, valid_to date, document_ref text)
language plpgsql as $$
#variable_conflict use_column
declare
  old people.guardianship;
  ends date := coalesce(last_day, core.today());
begin
  select * into old from people.guardianship g where g.id = wanted for update;
  perform core.expect(found and (select orgs.in_scope(p.unit_id) from people.person p where p.id = old.ward_id), 'not_found');
  perform core.expect(old.valid @> ends, 'wrong_state', '/last_day');
  update people.guardianship g set valid = g.valid * daterange(null, ends + 1), version = g.version + 1 where g.id = wanted;
  return query select * from people.show_guardianship(wanted);
end $$;

-- ── care marks ─────────────────────────────────────────────────────────────────────────────────────────────────
drop function if exists people.show_care_mark(uuid) cascade;
create function people.show_care_mark(wanted uuid) returns table (
  id uuid, "person.id" uuid, "person.name" text, kind text, note bytea, valid_from date, valid_to date, recorded_by text, helpers jsonb)
language sql stable as $$
  select c.id, c.person_id, people.name_of(c.person_id), c.kind, c.note_sealed, lower(c.valid), upper(c.valid) - 1, people.name_of(c.recorded_by),
    coalesce((select jsonb_agg(jsonb_build_object('person', jsonb_build_object('id', h.person_id, 'name', people.name_of(h.person_id)), 'task', h.task,
      'valid_from', lower(h.valid), 'valid_to', upper(h.valid) - 1) order by h.person_id) from people.care_helper h where h.care_mark_id = c.id), '[]')
  from people.care_mark c where c.id = wanted
$$;

drop function if exists people.add_care_mark(uuid, text, bytea, date, date) cascade;
create function people.add_care_mark(person uuid, as_kind text, note_text bytea, first_day date, last_day date) returns table (
  id uuid, "person.id" uuid, "person.name" text, kind text, note bytea, valid_from date, valid_to date, recorded_by text, helpers jsonb)
language plpgsql as $$
#variable_conflict use_column
declare
  made uuid := core.uuid_v7();
begin
  perform people.expect_in_scope(person);
  perform core.expect(last_day is null or last_day >= coalesce(first_day, core.today()), 'ends_before_it_begins', '/valid_to');
  insert into people.care_mark (id, person_id, kind, note_sealed, valid, recorded_by)
  values (made, person, as_kind, note_text, daterange(coalesce(first_day, core.today()), last_day + 1), core.person());
  return query select * from people.show_care_mark(made);
end $$;

drop function if exists people.end_care_mark(uuid, date) cascade;
create function people.end_care_mark(wanted uuid, last_day date) returns table (
  id uuid, "person.id" uuid, "person.name" text, kind text, note bytea, valid_from date, valid_to date, recorded_by text, helpers jsonb)
language plpgsql as $$
#variable_conflict use_column
declare
  old people.care_mark;
  ends date := coalesce(last_day, core.today());
begin
  select * into old from people.care_mark c where c.id = wanted for update;
  perform core.expect(found and (select orgs.in_scope(p.unit_id) from people.person p where p.id = old.person_id), 'not_found');
  perform core.expect(old.valid @> ends, 'wrong_state', '/last_day');
  update people.care_mark c set valid = c.valid * daterange(null, ends + 1), version = c.version + 1 where c.id = wanted;
  return query select * from people.show_care_mark(wanted);
end $$;

drop function if exists people.name_helper(uuid, uuid, text, date) cascade;
create function people.name_helper(mark uuid, helper uuid, what text, last_day date) returns table (
  id uuid, "person.id" uuid, "person.name" text, kind text, note bytea, valid_from date, valid_to date, recorded_by text, helpers jsonb)
language plpgsql as $$
#variable_conflict use_column
declare
  old people.care_mark;
begin
  select * into old from people.care_mark c where c.id = mark;
  perform core.expect(found and (select orgs.in_scope(p.unit_id) from people.person p where p.id = old.person_id), 'not_found');
  perform core.expect(old.valid @> core.today(), 'wrong_state');
  perform people.expect_person(helper, '/person_id');
  perform core.expect(last_day is null or last_day >= core.today(), 'ends_before_it_begins', '/last_day');
  insert into people.care_helper (care_mark_id, person_id, task, named_by, valid) values (mark, helper, what, core.person(), daterange(core.today(), last_day + 1));
  return query select * from people.show_care_mark(mark);
end $$;
