-- People routines. Reloaded whole by every migrate.

-- For replies of those who may see the joining row.
create or replace function people.name_of(wanted uuid) returns text language plpgsql stable security definer set search_path = pg_catalog
as $$
begin
  return (select p.display_name from people.person p where p.id = wanted);
end $$;

-- For routines of the owner that write about people: a grant that the operation admits reaches the unit, and so does a staff grant of
-- the session. Each of the two alone refuses, as row-level security would.
create or replace function people.in_reach(home uuid) returns boolean language plpgsql stable security definer set search_path = pg_catalog
as $$
begin
  return core.trusted() or (orgs.in_scope(home) and exists (select from orgs.unit u where u.id = home and u.territory_path <@ any (core.paths())));
end $$;

create or replace function people.home_of(wanted uuid) returns uuid language plpgsql stable security definer set search_path = pg_catalog
as $$
begin
  return (select p.unit_id from people.person p where p.id = wanted);
end $$;

-- Oneself, or a ward's guardian by law; who acts for another by consent is that person here.
create or replace function people.is_own(wanted uuid) returns boolean language sql stable
as $$ select wanted = core.person() or wanted = any ((select people.my_wards())::uuid[]) $$;

-- Ids of people within the caller's reach whose name holds the question, in characters, in pinyin or in initials; the words
-- themselves are readable here only.
create or replace function people.find_by_name(question text) returns setof uuid
language plpgsql stable security definer set search_path = pg_catalog rows 50 as $$
declare
  words text[] := orgs.query_grams(question);
  wanted text := orgs.search_form(question);
  spelled text := case when core.asks_reading(question) then core.reading_question(question) end;
begin
  return query
  with hit as materialized (
    select b.person_id, false as read
    from people.person_bigram b where b.bigram = any (words) group by b.person_id having count(*) = cardinality(words)
    union
    select r.person_id, true from people.person_reading r where r.form >= spelled and r.form < spelled || '~')
  select distinct p.id from hit join people.person p on p.id = hit.person_id join orgs.unit u on u.id = p.unit_id
  where (u.territory_path <@ any (core.paths()) or u.leadership_path <@ any (core.lead()) or core.trusted())
    and (hit.read or cardinality(words) = 1 or strpos(orgs.search_form(p.display_name), wanted) > 0);
end $$;

-- After a fixed reading is added: the forms of every name that holds it.
create or replace function people.read_names_again(word text) returns integer
language plpgsql security definer set search_path = pg_catalog as $$
declare
  renewed integer;
begin
  delete from people.person_reading r using people.person p where p.id = r.person_id and strpos(p.display_name, word) > 0;
  insert into people.person_reading (form, person_id)
  select f, p.id from people.person p cross join lateral core.reading_forms(p.display_name, true) f where strpos(p.display_name, word) > 0
  on conflict do nothing;
  get diagnostics renewed = row_count;
  return renewed;
end $$;
revoke execute on function people.read_names_again(text) from public;

-- A record made by staff or by the seed: person, private part, residence from registered_on.
create or replace function people.register(
  new_id uuid, new_name text, home uuid, born integer, registered date default null, fictitious boolean default false,
  phone bytea default null, phone_index bytea default null, id_number bytea default null, id_number_index bytea default null, address bytea default null)
returns uuid language plpgsql security definer set search_path = pg_catalog as $$
declare
  made uuid := coalesce(new_id, core.uuid_v7());
begin
  perform core.expect(people.in_reach(home), 'not_found');
  insert into people.person (id, display_name, unit_id, birth_year, registered_on, is_fictitious)
  values (made, new_name, home, born, coalesce(registered, core.today()), fictitious);
  insert into people.person_private (person_id, phone_sealed, phone_blind, id_number_sealed, id_number_blind, address_sealed)
  values (made, phone, phone_index, id_number, id_number_index, address);
  return made;
end $$;

-- Lives elsewhere from that day on; accounts and cases are the person's and stay.
create or replace function people.move(wanted uuid, home uuid, first_day date) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform core.expect(people.in_reach(home) and people.in_reach((select p.unit_id from people.person p where p.id = wanted)), 'not_found');
  perform 1 from people.person p where p.id = wanted for no key update;
  delete from people.residence r where r.person_id = wanted and lower(r.valid) >= first_day;
  update people.residence r set valid = daterange(lower(r.valid), first_day), end_reason = 'moved' where r.person_id = wanted and r.valid @> first_day;
  insert into people.residence (person_id, unit_id, valid) values (wanted, home, daterange(first_day, null));
  perform people.settle_home(wanted);
end $$;

create or replace function people.settle_home(wanted uuid) returns void
language sql security definer set search_path = pg_catalog as $$
  update people.person p set unit_id = r.unit_id, version = p.version + 1
  from people.residence r where p.id = wanted and r.person_id = p.id and r.valid @> core.today() and p.unit_id <> r.unit_id
$$;
revoke execute on function people.settle_home(uuid) from public;

-- Once a day: homes that begin today.
create or replace function people.settle_day() returns void
language sql security definer set search_path = pg_catalog as $$
  update people.person p set unit_id = r.unit_id, version = p.version + 1
  from people.residence r where r.person_id = p.id and r.valid @> core.today() and p.unit_id <> r.unit_id
$$;
revoke execute on function people.settle_day() from public;

-- A household that speaks for its neighbours.
create or replace function people.name_central_household(area uuid, keeper uuid, chosen_by text, first_day date, last_day date default null, document text default null)
returns uuid language plpgsql security definer set search_path = pg_catalog as $$
declare
  made uuid;
begin
  perform core.expect(orgs.in_scope(area), 'not_found');
  insert into people.central_household (unit_id, person_id, basis, valid, document_ref)
  values (area, keeper, chosen_by, daterange(first_day, last_day + 1), document) returning id into made;
  return made;
end $$;
