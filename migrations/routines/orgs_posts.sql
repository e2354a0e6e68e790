-- Posts: who may hold them, who holds them, vacancies, terms, bodies, handover, substitution, a person's record. Reloaded whole by every migrate.
set local check_function_bodies = off;

-- ── eligibility: of the post's own row, and what the law bars for a body ────────────────────────────────────────
-- Near relatives as the people domain knows them; NULL where nothing is known.
create or replace function orgs.near_relatives(one uuid, other uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog as $$
declare
  related boolean;
begin
  if to_regprocedure('people.are_near_relatives(uuid,uuid)') is null then
    return null;
  end if;
  execute 'select people.are_near_relatives($1, $2)' into related using one, other;
  return related;
end $$;
revoke execute on function orgs.near_relatives(uuid, uuid) from public;

create or replace function orgs.expect_eligible(holder uuid, place uuid, post text, first_day date) returns void
language plpgsql stable security definer set search_path = pg_catalog as $$
declare
  p orgs.post;
  born integer := (select x.birth_year from people.person x where x.id = holder);
  home uuid := (select r.unit_id from people.residence r where r.person_id = holder and r.valid @> first_day);
begin
  select * into p from orgs.post x where x.code = expect_eligible.post;
  perform core.expect(p.min_age is null or born is null or extract(year from first_day) - born >= p.min_age, 'too_young', '/person_id');
  perform core.expect(p.lives_within is null or orgs.ancestor_on(home, p.lives_within, first_day) = orgs.ancestor_on(place, p.lives_within, first_day), 'post_needs_resident', '/person_id');
  perform core.expect(not exists (
    select from orgs.composition_rule c join orgs.appointment a on a.unit_id = place and a.post_code = any (c.posts) and a.valid @> first_day and a.person_id <> holder
    where c.relatives_barred and expect_eligible.post = any (c.posts) and orgs.near_relatives(holder, a.person_id)), 'near_relatives_together', '/person_id');
end $$;

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
  perform core.expect(place.valid @> first_day, 'unit_not_there', '/valid_from');
  perform orgs.expect_eligible((body ->> 'person_id')::uuid, place.id, body ->> 'post', first_day);
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
  perform orgs.open_handover(wanted, null);
  return query select * from orgs.show_appointment(wanted);
end $$;

-- Ends with the unit, or goes on in the same post elsewhere, as was decided.
create or replace function orgs.follow_appointments(document uuid, closed uuid, heir uuid, first_day date) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  held orgs.appointment;
  decision orgs.reorganization_decision;
  number text := (select r.decree_number from orgs.reorganization r where r.id = document);
begin
  for held in select a.* from orgs.appointment a where a.unit_id = closed and (upper_inf(a.valid) or upper(a.valid) > first_day) order by a.id for update loop
    select * into decision from orgs.reorganization_decision d where d.reorganization_id = document and d.subject = 'appointment' and d.subject_id = held.id;
    if lower(held.valid) < first_day then
      update orgs.appointment a set valid = a.valid * daterange(null, first_day), end_reason = '区划调整', document_ref = coalesce(number, a.document_ref), version = a.version + 1 where a.id = held.id;
      perform orgs.open_handover(held.id, null);
    else
      delete from orgs.appointment a where a.id = held.id;
    end if;
    if decision.choice = 'move' then
      insert into orgs.appointment (person_id, unit_id, unit_kind, post_code, basis, valid, document_ref)
      select held.person_id, u.id, u.kind, held.post_code, held.basis, held.valid * daterange(first_day, upper(u.valid)), coalesce(number, held.document_ref) from orgs.unit u where u.id = decision.to_unit_id;
    end if;
    perform orgs.note_effect(document, 'appointment', held.id, closed, decision.to_unit_id, first_day, decision.choice is not null);
  end loop;
end $$;
revoke execute on function orgs.follow_appointments(uuid, uuid, uuid, date) from public;

-- ── terms ──────────────────────────────────────────────────────────────────────────────────────────────────────
-- The last day of a term: its own, or the usual one of the post.
create or replace function orgs.term_end(valid daterange, term_months smallint) returns date language sql immutable
as $$ select case when upper_inf(valid) then (lower(valid) + make_interval(months => term_months))::date - 1 else upper(valid) - 1 end $$;

create or replace function orgs.warning_stage(ends_on date, day date) returns smallint language sql immutable
as $$ select case when ends_on - day <= 7 then 7 when ends_on - day <= 30 then 30 when ends_on - day <= 90 then 90 end::smallint $$;

-- Once a day, once for each stage of each term.
create or replace function orgs.warn_of_terms() returns integer language plpgsql security definer set search_path = pg_catalog as $$
declare
  warned record;
  said integer := 0;
begin
  for warned in
    insert into orgs.term_warning as w (appointment_id, days_ahead, ends_on, unit_id)
    select a.id, orgs.warning_stage(t.ends_on, core.today()), t.ends_on, a.unit_id
    from orgs.appointment a join orgs.post p on p.code = a.post_code cross join lateral (select orgs.term_end(a.valid, p.term_months) as ends_on) t
    where a.valid @> core.today() and t.ends_on between core.today() and core.today() + 90
    on conflict do nothing returning w.*
  loop
    perform core.emit('orgs.term_ending', warned.unit_id, jsonb_build_object('appointment_id', warned.appointment_id, 'days_ahead', warned.days_ahead, 'ends_on', warned.ends_on));
    said := said + 1;
  end loop;
  return said;
end $$;
revoke execute on function orgs.warn_of_terms() from public;
grant execute on function orgs.warn_of_terms() to linli_app;

-- ── handover ───────────────────────────────────────────────────────────────────────────────────────────────────
-- Within ten days of the last day; the usual list when none is given. Not when the same person goes on in the same post.
create or replace function orgs.open_handover(wanted uuid, body jsonb) returns uuid language plpgsql as $$
declare
  left_post orgs.appointment;
  made uuid := core.uuid_v7();
begin
  select * into left_post from orgs.appointment a where a.id = wanted;
  if upper_inf(left_post.valid) or exists (select from orgs.handover h where h.appointment_id = wanted) or exists (
    select from orgs.appointment a where a.person_id = left_post.person_id and a.unit_id = left_post.unit_id and a.post_code = left_post.post_code and lower(a.valid) = upper(left_post.valid)) then
    return null;
  end if;
  insert into orgs.handover (id, appointment_id, unit_id, to_person_id, due_on, note)
  values (made, wanted, left_post.unit_id, (body ->> 'to_person_id')::uuid, upper(left_post.valid) - 1 + 10, body ->> 'note');
  if body ? 'items' then
    insert into orgs.handover_item (handover_id, ordinal, what) select made, i.n, i.what from jsonb_array_elements_text(body -> 'items') with ordinality i(what, n);
  else
    insert into orgs.handover_item (handover_id, ordinal, what) select made, d.ordinal, d.what_zh from orgs.handover_default d;
  end if;
  return made;
end $$;

-- Once a day: terms that ran out by themselves since the last look.
create or replace function orgs.open_due_handovers() returns integer language plpgsql security definer set search_path = pg_catalog as $$
declare
  opened integer;
begin
  select count(orgs.open_handover(a.id, null)) into opened
  from orgs.appointment a join orgs.post p on p.code = a.post_code
  where p.basis = 'law' and upper(a.valid) between core.today() - 10 and core.today() and not exists (select from orgs.handover h where h.appointment_id = a.id);
  return opened;
end $$;
revoke execute on function orgs.open_due_handovers() from public;
grant execute on function orgs.open_due_handovers() to linli_app;

drop function if exists orgs.show_handover(uuid) cascade;
create function orgs.show_handover(wanted uuid) returns table (
  id uuid, appointment jsonb, unit jsonb, from_person jsonb, to_person jsonb, last_day date, due_on date, overdue boolean, state text, completed_at timestamptz, note text, items jsonb,
  version bigint, _etag bigint, _location text)
language sql stable as $$
  select h.id, jsonb_build_object('id', a.id, 'post', orgs.post_json(a.post_code)), orgs.unit_json(h.unit_id, upper(a.valid) - 1),
    jsonb_build_object('id', a.person_id, 'name', people.name_of(a.person_id)),
    case when h.to_person_id is not null then jsonb_build_object('id', h.to_person_id, 'name', people.name_of(h.to_person_id)) end,
    upper(a.valid) - 1, h.due_on, h.state = 'open' and h.due_on < core.today(), h.state, h.completed_at, h.note,
    coalesce((select jsonb_agg(jsonb_build_object('what', i.what, 'handed_over', i.handed_over) order by i.ordinal) from orgs.handover_item i where i.handover_id = h.id), '[]'),
    h.version, h.version, '/handovers/' || h.id
  from orgs.handover h join orgs.appointment a on a.id = h.appointment_id where h.id = wanted
$$;

-- The two who hand over and take over, or staff over the unit.
create or replace function orgs.take_handover(wanted uuid) returns orgs.handover language plpgsql as $$
declare
  held orgs.handover;
begin
  select * into held from orgs.handover h where h.id = wanted for update;
  perform core.expect(found and (core.person() in (held.to_person_id, (select a.person_id from orgs.appointment a where a.id = held.appointment_id)) or orgs.in_reach(held.unit_id)), 'not_found');
  perform core.expect(held.state = 'open', 'wrong_state');
  return held;
end $$;

-- Does any grant of staff reach the unit?
create or replace function orgs.in_reach(wanted uuid) returns boolean language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return core.trusted() or exists (select from orgs.unit u where u.id = wanted and (u.territory_path <@ any (core.paths()) or u.leadership_path <@ any (core.lead())));
end $$;

drop function if exists orgs.begin_handover(uuid, jsonb) cascade;
create function orgs.begin_handover(wanted uuid, body jsonb) returns table (
  id uuid, appointment jsonb, unit jsonb, from_person jsonb, to_person jsonb, last_day date, due_on date, overdue boolean, state text, completed_at timestamptz, note text, items jsonb,
  version bigint, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  held orgs.appointment;
  made uuid;
begin
  select * into held from orgs.appointment a where a.id = wanted for update;
  perform core.expect(found and orgs.in_scope(held.unit_id), 'not_found');
  perform core.expect(not upper_inf(held.valid), 'still_in_office');
  perform core.expect(not body ? 'to_person_id' or exists (select from people.person p where p.id = (body ->> 'to_person_id')::uuid), 'not_found', '/to_person_id');
  made := orgs.open_handover(wanted, body);
  perform core.expect(made is not null, 'handover_exists');
  return query select * from orgs.show_handover(made);
end $$;

drop function if exists orgs.edit_handover(uuid, jsonb, bigint) cascade;
create function orgs.edit_handover(wanted uuid, body jsonb, if_match bigint) returns table (
  id uuid, appointment jsonb, unit jsonb, from_person jsonb, to_person jsonb, last_day date, due_on date, overdue boolean, state text, completed_at timestamptz, note text, items jsonb,
  version bigint, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  held orgs.handover := orgs.take_handover(wanted);
begin
  perform core.expect(if_match is null or held.version = if_match, 'version_mismatch');
  perform core.expect(not body ? 'to_person_id' or people.name_of((body ->> 'to_person_id')::uuid) is not null, 'not_found', '/to_person_id');
  if body ? 'items' then
    delete from orgs.handover_item i where i.handover_id = wanted;
    insert into orgs.handover_item (handover_id, ordinal, what, handed_over)
    select wanted, i.n, i.item ->> 'what', coalesce((i.item ->> 'handed_over')::boolean, false) from jsonb_array_elements(body -> 'items') with ordinality i(item, n);
  end if;
  update orgs.handover h set to_person_id = case when body ? 'to_person_id' then (body ->> 'to_person_id')::uuid else h.to_person_id end,
    note = case when body ? 'note' then body ->> 'note' else h.note end, version = h.version + 1
  where h.id = wanted;
  return query select * from orgs.show_handover(wanted);
end $$;

drop function if exists orgs.complete_handover(uuid) cascade;
create function orgs.complete_handover(wanted uuid) returns table (
  id uuid, appointment jsonb, unit jsonb, from_person jsonb, to_person jsonb, last_day date, due_on date, overdue boolean, state text, completed_at timestamptz, note text, items jsonb,
  version bigint, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  held orgs.handover := orgs.take_handover(wanted);
begin
  perform core.expect(held.to_person_id is not null, 'receiver_missing');
  perform core.expect(not exists (select from orgs.handover_item i where i.handover_id = wanted and not i.handed_over), 'items_open');
  update orgs.handover h set state = 'completed', completed_at = core.app_now(), completed_by = core.person(), version = h.version + 1 where h.id = wanted;
  return query select * from orgs.show_handover(wanted);
end $$;

-- ── a whole desk, lent ─────────────────────────────────────────────────────────────────────────────────────────
drop function if exists orgs.show_substitution(uuid) cascade;
create function orgs.show_substitution(wanted uuid) returns table (
  id uuid, person jsonb, substitute jsonb, unit jsonb, valid_from date, valid_to date, reason text, document_ref text, rights jsonb, version bigint, _etag bigint, _location text)
language sql stable security definer set search_path = pg_catalog as $$
  select s.id, jsonb_build_object('id', s.person_id, 'name', people.name_of(s.person_id)), jsonb_build_object('id', s.substitute_id, 'name', people.name_of(s.substitute_id)),
    orgs.unit_json(s.unit_id, lower(s.valid)), lower(s.valid), upper(s.valid) - 1, s.reason, s.document_ref,
    coalesce((select jsonb_agg(jsonb_build_object('role', g.role, 'unit', orgs.unit_json(g.unit_id, lower(g.valid))) order by g.role, g.id) from access.grant g where g.substitution_id = s.id), '[]'),
    s.version, s.version, '/substitutions/' || s.id
  from orgs.substitution s where s.id = wanted and (core.person() in (s.person_id, s.substitute_id) or orgs.in_reach(s.unit_id))
$$;

-- The desk: every right of staff that the absent person holds in those days, but those that are given to one person only.
create or replace function orgs.desk_of(absent uuid, days daterange) returns setof access.grant
language sql stable security definer set search_path = pg_catalog as $$
  select g.* from access.grant g
  where g.person_id = absent and g.valid && days and g.substitution_id is null and g.role not in ('resident', 'volunteer', 'guardian', 'administrator', 'auditor')
$$;
revoke execute on function orgs.desk_of(uuid, daterange) from public;

-- Only a desk that lies wholly within the caller's reach, and never to the caller.
create or replace function orgs.top_of_desk(absent uuid, days daterange) returns uuid
language plpgsql stable security definer set search_path = pg_catalog as $$
declare
  top uuid;
begin
  select d.unit_id into top from orgs.desk_of(absent, days) d join orgs.unit u on u.id = d.unit_id order by nlevel(u.territory_path), d.id limit 1;
  perform core.expect(not exists (select from orgs.desk_of(absent, days) d where not orgs.in_scope(d.unit_id)), 'not_found', '/person_id');
  perform core.expect(top is not null, 'nothing_to_lend', '/person_id');
  return top;
end $$;

create or replace function access.lend_desk(wanted uuid) returns integer
language plpgsql security definer set search_path = pg_catalog as $$
declare
  s orgs.substitution;
  lent integer;
begin
  select * into s from orgs.substitution x where x.id = wanted;
  perform core.expect(orgs.top_of_desk(s.person_id, s.valid) = s.unit_id and s.substitute_id is distinct from core.person()
    and not exists (select from access.grant g where g.substitution_id = wanted), 'not_found');
  insert into access.grant (person_id, role, unit_id, valid, granted_by, substitution_id)
  select s.substitute_id, d.role, d.unit_id, d.valid * s.valid, core.person(), wanted
  from orgs.desk_of(s.person_id, s.valid) d
  where not exists (select from access.grant g where g.person_id = s.substitute_id and g.role = d.role and g.unit_id = d.unit_id and g.valid && (d.valid * s.valid));
  get diagnostics lent = row_count;
  return lent;
end $$;

create or replace function access.return_desk(wanted uuid, gone date) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  s orgs.substitution;
begin
  select * into s from orgs.substitution x where x.id = wanted;
  perform core.expect(found and orgs.in_scope(s.unit_id), 'not_found');
  delete from access.grant g where g.substitution_id = wanted and lower(g.valid) >= gone;
  update access.grant g set valid = g.valid * daterange(null, gone), version = g.version + 1 where g.substitution_id = wanted and upper(g.valid) > gone;
end $$;

drop function if exists orgs.substitute(jsonb) cascade;
create function orgs.substitute(body jsonb) returns table (
  id uuid, person jsonb, substitute jsonb, unit jsonb, valid_from date, valid_to date, reason text, document_ref text, rights jsonb, version bigint, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  made uuid := coalesce((body ->> 'id')::uuid, core.uuid_v7());
  absent uuid := (body ->> 'person_id')::uuid;
  stand_in uuid := (body ->> 'substitute_id')::uuid;
  first_day date := (body ->> 'valid_from')::date;
  last_day date := (body ->> 'valid_to')::date;
begin
  perform core.expect(last_day >= first_day, 'ends_before_it_begins', '/valid_to');
  perform core.expect(first_day >= core.today() or core.trusted(), 'begins_in_the_past', '/valid_from');
  perform core.expect(exists (select from people.person p where p.id = absent), 'not_found', '/person_id');
  perform core.expect(exists (select from people.person p where p.id = stand_in), 'not_found', '/substitute_id');
  perform core.expect(stand_in <> absent and stand_in is distinct from core.person(), 'not_for_oneself', '/substitute_id');
  insert into orgs.substitution (id, person_id, substitute_id, unit_id, valid, reason, document_ref, created_by)
  values (made, absent, stand_in, orgs.top_of_desk(absent, daterange(first_day, last_day + 1)), daterange(first_day, last_day + 1), body ->> 'reason', body ->> 'document_ref', core.person());
  perform core.expect(access.lend_desk(made) > 0, 'nothing_to_lend', '/person_id');
  return query select * from orgs.show_substitution(made);
end $$;

drop function if exists orgs.end_substitution(uuid, date) cascade;
create function orgs.end_substitution(wanted uuid, last_day date) returns table (
  id uuid, person jsonb, substitute jsonb, unit jsonb, valid_from date, valid_to date, reason text, document_ref text, rights jsonb, version bigint, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  held orgs.substitution;
  final date := coalesce(last_day, core.today() - 1);
begin
  select * into held from orgs.substitution s where s.id = wanted for update;
  perform core.expect(found and orgs.in_scope(held.unit_id), 'not_found');
  perform core.expect(final + 1 < upper(held.valid), 'already_ended');
  -- one that has hardly begun keeps its first day, without rights
  update orgs.substitution s set valid = daterange(lower(s.valid), greatest(final, lower(s.valid)) + 1), version = s.version + 1 where s.id = wanted;
  perform access.return_desk(wanted, final + 1);
  return query select * from orgs.show_substitution(wanted);
end $$;

-- ── questions over posts ───────────────────────────────────────────────────────────────────────────────────────
-- The three below answer for units that some grant of staff reaches; the statements narrow it to the operation's roles.
-- Posts that must be filled and are not, with the day since when.
drop function if exists orgs.vacancies(uuid, date) cascade;
create function orgs.vacancies(root uuid, day date) returns table (unit_id uuid, label bigint, kind text, post_code text, ordinal smallint, needed smallint, held bigint, since date)
language sql stable security definer set search_path = pg_catalog as $$
  select u.id, u.label, u.kind, p.code, p.ordinal, p.needed, h.n, greatest(lower(u.valid), (
      select max(upper(a.valid)) from orgs.appointment a where a.unit_id = u.id and a.post_code = p.code and upper(a.valid) <= day))
  from orgs.area_of(root, day) x(id) join orgs.unit u using (id) join orgs.post p on p.kind = u.kind and p.needed > 0
  cross join lateral (select count(*) as n from orgs.appointment a where a.unit_id = u.id and a.post_code = p.code and a.valid @> day) h
  where u.valid @> day and h.n < p.needed and (core.trusted() or u.territory_path <@ any (core.paths()) or u.leadership_path <@ any (core.lead()))
$$;

-- Appointments whose term ends within ninety days of a day, or has run out.
drop function if exists orgs.terms_ending(uuid, date) cascade;
create function orgs.terms_ending(root uuid, day date) returns table (appointment_id uuid, person_id uuid, unit_id uuid, post_code text, ends_on date, stage smallint, announced boolean, successor_known boolean)
language sql stable security definer set search_path = pg_catalog as $$
  select a.id, a.person_id, a.unit_id, a.post_code, t.ends_on, t.stage,
    exists (select from orgs.term_warning w where w.appointment_id = a.id and w.days_ahead = t.stage and w.ends_on = t.ends_on),
    exists (select from orgs.appointment n where n.unit_id = a.unit_id and n.post_code = a.post_code and n.id <> a.id and n.valid @> (t.ends_on + 1) and not n.valid @> t.ends_on)
  from orgs.area_of(root, day) x(id) join orgs.unit u using (id) join orgs.appointment a on a.unit_id = u.id join orgs.post p on p.code = a.post_code
  cross join lateral (select e.ends_on, orgs.warning_stage(e.ends_on, day) as stage from (select orgs.term_end(a.valid, p.term_months) as ends_on) e) t
  where a.valid @> day and t.stage is not null and (core.trusted() or u.territory_path <@ any (core.paths()) or u.leadership_path <@ any (core.lead()))
$$;

-- A body on a day against its rule. sex: as the people domain keeps it, where it does.
drop function if exists orgs.compositions(uuid, date) cascade;
create function orgs.compositions(root uuid, day date) returns table (
  unit_id uuid, label bigint, body text, members bigint, women bigint, sex_unknown bigint, relatives jsonb, findings jsonb)
language sql stable security definer set search_path = pg_catalog as $$
  select u.id, u.label, c.body, m.members, m.women, m.unknown, r.pairs,
    (select coalesce(jsonb_agg(f.name order by f.n), '[]') from (values
        (1, 'too_few', m.members < c.members_least), (2, 'too_many', m.members > c.members_most), (3, 'too_few_women', m.women < c.women_least and m.women + m.unknown < c.women_least),
        (4, 'women_unknown', m.women < c.women_least and m.women + m.unknown >= c.women_least), (5, 'near_relatives', c.relatives_barred and r.pairs <> '[]')) f(n, name, holds) where f.holds)
  from orgs.area_of(root, day) x(id) join orgs.unit u using (id) join orgs.composition_rule c on c.kind = u.kind
  cross join lateral (
    select count(*) as members, count(*) filter (where s.sex = 'female') as women, count(*) filter (where s.sex is null) as unknown, array_agg(s.person_id) as people
    from (select distinct a.person_id, to_jsonb(p) ->> 'sex' as sex from orgs.appointment a join people.person p on p.id = a.person_id
          where a.unit_id = u.id and a.post_code = any (c.posts) and a.valid @> day) s) m
  cross join lateral (
    select coalesce(jsonb_agg(jsonb_build_array(people.name_of(a), people.name_of(b))), '[]') as pairs
    from unnest(m.people) a cross join unnest(m.people) b where c.relatives_barred and a < b and orgs.near_relatives(a, b)) r
  where u.valid @> day and (core.trusted() or u.territory_path <@ any (core.paths()) or u.leadership_path <@ any (core.lead()))
$$;

-- All that a person has held: posts, offices, groups, rights, desks of others.
drop function if exists orgs.record_of(uuid) cascade;
create function orgs.record_of(wanted uuid) returns table (
  ref uuid, what text, name_zh text, name_en text, unit jsonb, basis text, valid_from date, valid_to date, document_ref text, end_reason text)
language sql stable security definer set search_path = pg_catalog as $$
  select a.id, 'appointment', p.name_zh, p.name_en, orgs.unit_json(a.unit_id, lower(a.valid)), a.basis, lower(a.valid), upper(a.valid) - 1, a.document_ref, a.end_reason
  from orgs.appointment a join orgs.post p on p.code = a.post_code where a.person_id = wanted
  union all
  select h.id, 'head', case h.kind when 'building_head' then '楼栋长' when 'lane_chief' then '巷长' else '街长' end,
    case h.kind when 'building_head' then 'Building head' when 'lane_chief' then 'Lane chief' else 'Street chief' end,
    orgs.unit_json(h.unit_id, lower(h.valid)), h.basis, lower(h.valid), upper(h.valid) - 1, h.document_ref, h.end_reason
  from groups.head h where h.person_id = wanted
  union all
  select c.id, 'central_household', '中心户', 'Central household', orgs.unit_json(c.unit_id, lower(c.valid)), c.basis, lower(c.valid), upper(c.valid) - 1, c.document_ref, null
  from people.central_household c where c.person_id = wanted
  union all
  select m.id, 'group', g.name, g.name, orgs.unit_json(g.unit_id, lower(m.valid)), m.role, lower(m.valid), upper(m.valid) - 1, null, null
  from groups.group_member m join groups.group g on g.id = m.group_id where m.person_id = wanted
  union all
  select g.id, case when g.substitution_id is null then 'right' else 'substitute' end, g.role, g.role, orgs.unit_json(g.unit_id, lower(g.valid)), null, lower(g.valid), upper(g.valid) - 1, null, null
  from access.grant g where g.person_id = wanted and g.role not in ('resident', 'volunteer', 'guardian')
$$;
