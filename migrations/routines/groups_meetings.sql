-- Groups, second part: charters, meetings, joining, residents' representatives. Reloaded whole by every migrate.
set local check_function_bodies = off;

-- Leads the group today, or works for its area with a role that the operation admits.
create or replace function groups.may_lead(wanted uuid) returns boolean language sql stable as $$
  select coalesce(wanted = any (groups.my_led_groups()) or orgs.in_scope((select g.unit_id from groups.group g where g.id = wanted)), false)
$$;

-- The group for a step on it; nobody else's group is found.
create or replace function groups.led_group(wanted uuid) returns groups.group language plpgsql as $$
declare
  g groups.group;
begin
  select * into g from groups.group x where x.id = wanted;
  perform core.expect(g.id is not null and groups.may_lead(wanted), 'not_found');
  return g;
end $$;

-- ── charter: adopted → submitted → filed or returned (Organic Law 31) ───────────────────────────────────────────
drop function if exists groups.show_charter(uuid) cascade;
create function groups.show_charter(wanted uuid) returns table (
  id uuid, group_id uuid, ordinal bigint, content text, adopted_on date, state text, submitted_on date, decided_on date, filing_number text, reason text, _etag bigint, _location text)
language sql stable as $$
  select c.id, c.group_id, c.ordinal, c.content, c.adopted_on, c.state, c.submitted_on, c.decided_on, c.filing_number, c.reason, c.version, '/groups/' || c.group_id || '/charters'
  from groups.charter c where c.id = wanted
$$;

drop function if exists groups.adopt_charter(uuid, jsonb) cascade;
create function groups.adopt_charter(wanted uuid, body jsonb) returns table (
  id uuid, group_id uuid, ordinal bigint, content text, adopted_on date, state text, submitted_on date, decided_on date, filing_number text, reason text, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  g groups.group := groups.led_group(wanted);
  made uuid := core.uuid_v7();
  adopted date := coalesce((body ->> 'adopted_on')::date, core.today());
begin
  perform core.expect(adopted <= core.today(), 'in_the_future', '/adopted_on');
  perform pg_advisory_xact_lock(hashtext('groups.charter'), hashtext(g.id::text));
  insert into groups.charter (id, group_id, ordinal, content, adopted_on)
  values (made, g.id, 1 + (select coalesce(max(c.ordinal), 0) from groups.charter c where c.group_id = g.id), body ->> 'content', adopted);
  return query select * from groups.show_charter(made);
end $$;

drop function if exists groups.submit_charter(uuid) cascade;
create function groups.submit_charter(wanted uuid) returns table (
  id uuid, group_id uuid, ordinal bigint, content text, adopted_on date, state text, submitted_on date, decided_on date, filing_number text, reason text, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  c groups.charter;
begin
  select * into c from groups.charter x where x.id = wanted for update;
  perform core.expect(c.id is not null and groups.may_lead(c.group_id), 'not_found');
  update groups.charter x set state = core.next_state('charter', c.state, 'submit'), submitted_on = core.today(), version = x.version + 1 where x.id = wanted;
  return query select * from groups.show_charter(wanted);
end $$;

-- By the town or the city: against the law or somebody's rights it goes back, with the reason.
drop function if exists groups.decide_charter(uuid, jsonb) cascade;
create function groups.decide_charter(wanted uuid, body jsonb) returns table (
  id uuid, group_id uuid, ordinal bigint, content text, adopted_on date, state text, submitted_on date, decided_on date, filing_number text, reason text, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  c groups.charter;
  files boolean := body ->> 'decision' = 'file';
begin
  select * into c from groups.charter x where x.id = wanted for update;
  perform core.expect(c.id is not null and orgs.in_scope((select g.unit_id from groups.group g where g.id = c.group_id)), 'not_found');
  perform core.expect(not files or body ->> 'filing_number' is not null, 'filing_number_missing', '/filing_number');
  perform core.expect(files or body ->> 'reason' is not null, 'reason_missing', '/reason');
  update groups.charter x set state = core.next_state('charter', c.state, body ->> 'decision'), decided_on = core.today(),
    filing_number = case when files then body ->> 'filing_number' end, reason = body ->> 'reason', version = x.version + 1 where x.id = wanted;
  return query select * from groups.show_charter(wanted);
end $$;

-- ── meetings ───────────────────────────────────────────────────────────────────────────────────────────────────
drop function if exists groups.show_meeting(uuid) cascade;
create function groups.show_meeting(wanted uuid) returns table (
  id uuid, group_id uuid, held_at timestamptz, place text, agenda text, present bigint, minutes text, decisions text, _etag bigint, _location text)
language sql stable as $$
  select m.id, m.group_id, m.held_at, m.place, m.agenda, m.present, m.minutes, m.decisions, m.version, '/groups/' || m.group_id || '/meetings'
  from groups.group_meeting m where m.id = wanted
$$;

drop function if exists groups.call_meeting(uuid, jsonb) cascade;
create function groups.call_meeting(wanted uuid, body jsonb) returns table (
  id uuid, group_id uuid, held_at timestamptz, place text, agenda text, present bigint, minutes text, decisions text, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  g groups.group := groups.led_group(wanted);
  made uuid := core.uuid_v7();
begin
  perform core.expect(g.valid @> core.day_of((body ->> 'held_at')::timestamptz), 'group_not_there', '/held_at');
  insert into groups.group_meeting (id, group_id, held_at, place, agenda, called_by)
  values (made, g.id, (body ->> 'held_at')::timestamptz, body ->> 'place', body ->> 'agenda', core.person());
  return query select * from groups.show_meeting(made);
end $$;

-- Once: minutes that were agreed upon are not rewritten.
drop function if exists groups.record_minutes(uuid, jsonb) cascade;
create function groups.record_minutes(wanted uuid, body jsonb) returns table (
  id uuid, group_id uuid, held_at timestamptz, place text, agenda text, present bigint, minutes text, decisions text, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  m groups.group_meeting;
begin
  select * into m from groups.group_meeting x where x.id = wanted;
  perform core.expect(m.id is not null and groups.may_lead(m.group_id), 'not_found');
  select * into m from groups.group_meeting x where x.id = wanted for update;
  perform core.expect(m.id is not null, 'not_found');
  perform core.expect(m.minutes is null, 'minutes_recorded');
  perform core.expect(m.held_at <= core.app_now(), 'not_yet_held');
  update groups.group_meeting x set present = (body ->> 'present')::bigint, minutes = body ->> 'minutes', decisions = body ->> 'decisions',
    recorded_by = core.person(), version = x.version + 1 where x.id = wanted;
  return query select * from groups.show_meeting(wanted);
end $$;

-- ── joining: asked and answered ────────────────────────────────────────────────────────────────────────────────
drop function if exists groups.show_join_request(uuid) cascade;
create function groups.show_join_request(wanted uuid) returns table (
  id uuid, "group.id" uuid, "group.name" text, "person.id" uuid, "person.name" text, message text, state text, asked_at timestamptz, decided_at timestamptz, reason text)
language sql stable as $$
  select r.id, g.id, g.name, r.person_id, people.name_of(r.person_id), r.message, r.state, r.asked_at, r.decided_at, r.reason
  from groups.join_request r join groups.group g on g.id = r.group_id where r.id = wanted
$$;

drop function if exists groups.ask_to_join(uuid, jsonb) cascade;
create function groups.ask_to_join(wanted uuid, body jsonb) returns table (
  id uuid, "group.id" uuid, "group.name" text, "person.id" uuid, "person.name" text, message text, state text, asked_at timestamptz, decided_at timestamptz, reason text)
language plpgsql as $$
#variable_conflict use_column
declare
  g groups.group;
  made uuid := core.uuid_v7();
begin
  select * into g from groups.group x where x.id = wanted;
  perform core.expect(g.id is not null and (g.unit_id = any (people.home_units()) or g.id = any (groups.my_groups())), 'not_found');
  perform core.expect(g.valid @> core.today(), 'group_not_there');
  perform core.expect(not g.id = any (groups.my_groups()), 'already_a_member');
  insert into groups.join_request (id, group_id, person_id, message) values (made, wanted, core.person(), body ->> 'message');
  return query select * from groups.show_join_request(made);
end $$;

-- Accepted and declined by who leads the group or by staff; withdrawn by whoever asked.
drop function if exists groups.decide_join(uuid, jsonb) cascade;
create function groups.decide_join(wanted uuid, body jsonb) returns table (
  id uuid, "group.id" uuid, "group.name" text, "person.id" uuid, "person.name" text, message text, state text, asked_at timestamptz, decided_at timestamptz, reason text)
language plpgsql as $$
#variable_conflict use_column
declare
  r groups.join_request;
  action text := body ->> 'decision';
begin
  select * into r from groups.join_request x where x.id = wanted for update;
  perform core.expect(r.id is not null and case action when 'withdraw' then r.person_id = core.person() else groups.may_lead(r.group_id) end, 'not_found');
  update groups.join_request x set state = core.next_state('join_request', r.state, action), decided_at = core.app_now(), decided_by = core.person(), reason = body ->> 'reason'
  where x.id = wanted;
  if action = 'accept' then
    insert into groups.group_member (group_id, person_id, role, valid)
    select g.id, r.person_id, 'member', daterange(core.today(), upper(g.valid)) from groups.group g where g.id = r.group_id;
    perform groups.touch(r.group_id);
  end if;
  return query select * from groups.show_join_request(wanted);
end $$;

-- ── residents' representatives: one for 20 to 50 households (Organic Law 13) ───────────────────────────────────
drop function if exists groups.show_representative(uuid) cascade;
create function groups.show_representative(wanted uuid) returns table (
  id uuid, "group.id" uuid, "group.name" text, "person.id" uuid, "person.name" text, households bigint, basis text, valid_from date, valid_to date, document_ref text, _etag bigint)
language sql stable as $$
  select r.id, g.id, g.name, r.person_id, people.name_of(r.person_id), r.households, r.basis, lower(r.valid), upper(r.valid) - 1, r.document_ref, r.version
  from groups.representative r join groups.group g on g.id = r.group_id where r.id = wanted
$$;

drop function if exists groups.seat_representative(uuid, jsonb) cascade;
create function groups.seat_representative(wanted uuid, body jsonb) returns table (
  id uuid, "group.id" uuid, "group.name" text, "person.id" uuid, "person.name" text, households bigint, basis text, valid_from date, valid_to date, document_ref text, _etag bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  g groups.group;
  made uuid := core.uuid_v7();
  first_day date := coalesce((body ->> 'valid_from')::date, core.today());
  last_day date := (body ->> 'valid_to')::date;
begin
  select * into g from groups.group x where x.id = wanted;
  perform core.expect(g.id is not null and orgs.in_scope(g.unit_id), 'not_found');
  perform core.expect(g.kind = 'residents_group', 'not_a_residents_group');
  perform core.expect(exists (select from people.person p where p.id = (body ->> 'person_id')::uuid), 'not_found', '/person_id');
  perform core.expect(last_day >= first_day, 'ends_before_it_begins', '/valid_to');
  perform core.expect(daterange(first_day, last_day + 1) <@ g.valid, 'group_not_there', '/valid_from');
  insert into groups.representative (id, group_id, person_id, households, basis, valid, document_ref)
  values (made, wanted, (body ->> 'person_id')::uuid, (body ->> 'households')::bigint, coalesce(body ->> 'basis', 'elected'), daterange(first_day, last_day + 1), body ->> 'document_ref');
  return query select * from groups.show_representative(made);
end $$;

drop function if exists groups.end_representative(uuid, date, text) cascade;
create function groups.end_representative(wanted uuid, last_day date, reason text) returns table (
  id uuid, "group.id" uuid, "group.name" text, "person.id" uuid, "person.name" text, households bigint, basis text, valid_from date, valid_to date, document_ref text, _etag bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  r groups.representative;
begin
  select * into r from groups.representative x where x.id = wanted for update;
  perform core.expect(found and orgs.in_scope((select g.unit_id from groups.group g where g.id = r.group_id)), 'not_found');
  perform core.expect(last_day >= lower(r.valid), 'ends_before_it_begins', '/last_day');
  perform core.expect(last_day + 1 < upper(r.valid), 'already_ended');
  update groups.representative x set valid = daterange(lower(x.valid), last_day + 1), end_reason = reason, version = x.version + 1 where x.id = wanted;
  return query select * from groups.show_representative(wanted);
end $$;

-- How many representatives a group needs at least and may have at most: one for 50, one for 20 households; one even for fewer.
create or replace function groups.representatives_least(households bigint) returns bigint language sql immutable parallel safe as $$ select (households + 49) / 50 $$;
create or replace function groups.representatives_most(households bigint) returns bigint language sql immutable parallel safe as $$ select greatest(households / 20, 1) $$;

-- A group's head is one of its representatives (Organic Law 13).
create or replace function groups.check_leader() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform core.expect(not exists (select from groups.group g where g.id = new.group_id and g.kind = 'residents_group')
    or exists (select from groups.representative r where r.group_id = new.group_id and r.person_id = new.person_id and r.valid @> lower(new.valid)),
    'leader_not_representative', '/person_id');
  return new;
end $$;
drop trigger if exists leader_is_representative on groups.group_member;
create trigger leader_is_representative before insert on groups.group_member for each row when (new.role = 'leader') execute function groups.check_leader();
