-- Neighbour help: request → offer → done → thanks. A favour earns no points; a service of a volunteer is recorded as one. Reloaded whole by every migrate.
set local check_function_bodies = off;

drop function if exists groups.show_help(uuid) cascade;
create function groups.show_help(wanted uuid) returns table (
  id uuid, "person.id" uuid, "person.name" text, "unit.id" uuid, "unit.name" text, "unit.kind" text, reach text, kind text, wish text, wanted_on date, state text,
  helper jsonb, thanks text, asked_at timestamptz, mine boolean, near boolean, offers jsonb, _etag bigint, _location text)
language sql stable as $$
  select r.id, r.person_id, people.name_of(r.person_id), u.id, u.name, u.kind, r.reach, r.kind, r.wish, r.wanted_on, r.state,
    case when r.helper_id is not null then jsonb_build_object('id', r.helper_id, 'name', people.name_of(r.helper_id)) end, r.thanks, r.asked_at,
    r.person_id = core.person(), r.unit_id = any (people.home_units()),
    coalesce((select jsonb_agg(jsonb_build_object('id', o.id, 'person', jsonb_build_object('id', o.person_id, 'name', people.name_of(o.person_id)),
        'message', o.message, 'offered_at', core.json_time(o.offered_at)) order by o.id)
      from groups.help_offer o where o.request_id = r.id), '[]'), r.version, '/help-requests/' || r.id
  from groups.help_request r join orgs.unit u on u.id = r.unit_id where r.id = wanted
$$;

drop function if exists groups.ask_help(jsonb) cascade;
create function groups.ask_help(body jsonb) returns table (
  id uuid, "person.id" uuid, "person.name" text, "unit.id" uuid, "unit.name" text, "unit.kind" text, reach text, kind text, wish text, wanted_on date, state text,
  helper jsonb, thanks text, asked_at timestamptz, mine boolean, near boolean, offers jsonb, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  made uuid := core.uuid_v7();
  home uuid := (select p.unit_id from people.person p where p.id = core.person());
  place uuid := coalesce(orgs.ancestor_of_kind(home, 'compound'), orgs.ancestor_of_kind(home, 'street'), orgs.ancestor_of_kind(home, 'lane'), orgs.ancestor_of_kind(home, 'community'));
begin
  perform core.expect(place is not null, 'no_neighbourhood');
  perform core.expect((body ->> 'wanted_on')::date >= core.today() or body ->> 'wanted_on' is null, 'in_the_past', '/wanted_on');
  insert into groups.help_request (id, person_id, unit_id, community_id, reach, kind, wish, wanted_on)
  values (made, core.person(), place, orgs.ancestor_of_kind(place, 'community'), coalesce(body ->> 'reach', 'compound'), body ->> 'kind', body ->> 'wish', (body ->> 'wanted_on')::date);
  return query select * from groups.show_help(made);
end $$;

-- One reads a request only while it is open to one's neighbourhood, or as the person who asked or helps.
drop function if exists groups.offer_help(uuid, jsonb) cascade;
create function groups.offer_help(wanted uuid, body jsonb) returns table (
  id uuid, "person.id" uuid, "person.name" text, "unit.id" uuid, "unit.name" text, "unit.kind" text, reach text, kind text, wish text, wanted_on date, state text,
  helper jsonb, thanks text, asked_at timestamptz, mine boolean, near boolean, offers jsonb, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  r groups.help_request;
begin
  select * into r from groups.help_request x where x.id = wanted;
  perform core.expect(found, 'not_found');
  perform core.expect(r.person_id <> core.person(), 'own_help_request');
  perform core.next_state('help_request', r.state, 'offer');
  insert into groups.help_offer (request_id, person_id, message) values (wanted, core.person(), body ->> 'message');
  return query select * from groups.show_help(wanted);
end $$;

drop function if exists groups.accept_help(uuid) cascade;
create function groups.accept_help(wanted uuid) returns table (
  id uuid, "person.id" uuid, "person.name" text, "unit.id" uuid, "unit.name" text, "unit.kind" text, reach text, kind text, wish text, wanted_on date, state text,
  helper jsonb, thanks text, asked_at timestamptz, mine boolean, near boolean, offers jsonb, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  o groups.help_offer;
  r groups.help_request;
begin
  select * into o from groups.help_offer x where x.id = wanted;
  perform core.expect(found, 'not_found');
  select * into r from groups.help_request x where x.id = o.request_id and x.person_id = core.person() for update;
  perform core.expect(found, 'not_found');
  update groups.help_request x set state = core.next_state('help_request', r.state, 'accept'), helper_id = o.person_id, version = x.version + 1 where x.id = r.id;
  return query select * from groups.show_help(r.id);
end $$;

-- withdraw and thank by whoever asked; complete by either of the two.
drop function if exists groups.move_help(uuid, text, text) cascade;
create function groups.move_help(wanted uuid, action text, words text) returns table (
  id uuid, "person.id" uuid, "person.name" text, "unit.id" uuid, "unit.name" text, "unit.kind" text, reach text, kind text, wish text, wanted_on date, state text,
  helper jsonb, thanks text, asked_at timestamptz, mine boolean, near boolean, offers jsonb, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  r groups.help_request;
begin
  select * into r from groups.help_request x
  where x.id = wanted and (x.person_id = core.person() or (action = 'complete' and x.helper_id = core.person())) for update;
  perform core.expect(found, 'not_found');
  update groups.help_request x set state = core.next_state('help_request', r.state, action), version = x.version + 1,
    helper_id = case when action = 'withdraw' then null else x.helper_id end, thanks = case when action = 'thank' then words end
  where x.id = wanted;
  return query select * from groups.show_help(wanted);
end $$;
