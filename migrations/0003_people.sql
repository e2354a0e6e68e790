-- People: the pseudonymous record apart from the private one, so that a person can be erased and files stay true.

create schema people;
grant usage on schema people to linli_app;

create table people.person (
  id uuid primary key default core.uuid_v7(),
  display_name text not null check (length(display_name) between 1 and 60),
  unit_id uuid not null references orgs.unit,
  birth_year integer check (birth_year between 1880 and 2200),
  is_fictitious boolean not null default false,
  registered_on date not null default core.today(),
  version bigint not null default 1
);
create index person_by_unit on people.person (unit_id, id);

-- Sealed by the server; the database never sees the values. Blind indexes answer exact look-ups only.
create table people.person_private (
  person_id uuid primary key references people.person on delete cascade,
  phone_sealed bytea,
  phone_blind bytea,
  id_number_sealed bytea,
  id_number_blind bytea,
  address_sealed bytea
);
create index person_private_by_phone on people.person_private (phone_blind);
create index person_private_by_id_number on people.person_private (id_number_blind);

-- Where a person has lived; person.unit_id is today's.
create table people.residence (
  id uuid primary key default core.uuid_v7(),
  person_id uuid not null references people.person on delete cascade,
  unit_id uuid not null references orgs.unit,
  valid daterange not null check (not isempty(valid)),
  constraint residence_one_a_day exclude using gist (person_id with =, valid with &&)
);
create index residence_by_unit on people.residence (unit_id) include (valid);
create index residence_by_person on people.residence (person_id);

-- Words of names for search; read by people.find_by_name only, since words and ids together give names away.
create table people.person_bigram (
  bigram text not null,
  person_id uuid not null references people.person on delete cascade,
  primary key (bigram, person_id)
);

-- A household that speaks for its neighbours: an area, a keeper, a term.
create table people.central_household (
  id uuid primary key default core.uuid_v7(),
  unit_id uuid not null references orgs.unit,
  person_id uuid not null references people.person,
  basis text not null check (basis in ('elected', 'appointed')),
  valid daterange not null check (not isempty(valid) and not lower_inf(valid)),
  document_ref text,
  version bigint not null default 1,
  constraint central_household_once exclude using gist (person_id with =, valid with &&)
);
create index central_household_by_unit on people.central_household (unit_id) include (valid);

-- ── appointments: of orgs, here because they need people ───────────────────────────────────────────────────────
create table orgs.appointment (
  id uuid primary key default core.uuid_v7(),
  person_id uuid not null references people.person,
  unit_id uuid not null,
  unit_kind text not null,
  post_code text not null,
  basis text not null check (basis in ('elected', 'appointed', 'concurrent')),
  valid daterange not null check (not isempty(valid) and not lower_inf(valid)),
  document_ref text,
  end_reason text,
  version bigint not null default 1,
  constraint appointment_unit foreign key (unit_id, unit_kind) references orgs.unit (id, kind),
  constraint appointment_post_of_kind foreign key (post_code, unit_kind) references orgs.post (code, kind),
  constraint appointment_once exclude using gist (person_id with =, unit_id with =, post_code with =, valid with &&)
);
create index appointment_by_unit on orgs.appointment (unit_id, post_code);
create index appointment_by_person on orgs.appointment (person_id);

-- Seats: one writer for a post of a unit, then no day may see more holders than seats.
create function orgs.check_seats() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
declare
  allowed integer;
  crowded integer;
begin
  select p.seats into allowed from orgs.post p where p.code = new.post_code;
  if allowed is null then
    return new;
  end if;
  perform pg_advisory_xact_lock(hashtext('orgs.seats'), hashtext(new.unit_id::text || new.post_code));
  -- the fullest day within the new term is one on which some term begins
  select max((select count(*) from orgs.appointment h
              where h.unit_id = new.unit_id and h.post_code = new.post_code and h.id <> new.id and h.valid @> d.day)) into crowded
  from (select lower(new.valid) as day
        union select lower(a.valid) from orgs.appointment a
        where a.unit_id = new.unit_id and a.post_code = new.post_code and a.id <> new.id and lower(a.valid) <@ new.valid) d;
  if crowded >= allowed then
    raise exception using errcode = 'exclusion_violation', constraint = 'appointment_seats', message = 'every seat of the post is taken on some day of the term';
  end if;
  return new;
end $$;
create trigger seats before insert or update of valid on orgs.appointment for each row execute function orgs.check_seats();

-- A new person lives where the record says, from the day of registration; words of the name are indexed.
create function people.settle_new() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into people.residence (person_id, unit_id, valid)
  select f.id, f.unit_id, daterange(f.registered_on, null) from fresh f;
  insert into people.person_bigram (bigram, person_id)
  select g, f.id from fresh f cross join unnest(orgs.grams(f.display_name)) g on conflict do nothing;
  return null;
end $$;
create trigger settle_new after insert on people.person referencing new table as fresh for each statement execute function people.settle_new();

create function people.index_renamed() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  delete from people.person_bigram b using stale s join fresh f using (id) where b.person_id = f.id and s.display_name <> f.display_name;
  insert into people.person_bigram (bigram, person_id)
  select g, f.id from stale s join fresh f using (id) cross join unnest(orgs.grams(f.display_name)) g
  where s.display_name <> f.display_name on conflict do nothing;
  return null;
end $$;
create trigger index_renamed after update on people.person referencing old table as stale new table as fresh for each statement execute function people.index_renamed();

-- ── rights: one's own, or a staff grant that reaches the unit on either ladder ─────────────────────────────────
select core.guard_table(t) from unnest(array[
  'people.person', 'people.person_private', 'people.residence', 'people.person_bigram', 'people.central_household', 'orgs.appointment'
]::regclass[]) t;
select core.audit_table(t) from unnest(array[
  'people.person', 'people.person_private', 'people.residence', 'people.central_household', 'orgs.appointment'
]::regclass[]) t;

create policy own_or_staff on people.person for select to linli_app using (
  id = (select nullif(current_setting('app.person', true), '')::uuid)
  or (select u.territory_path from orgs.unit u where u.id = person.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[])
  or (select u.leadership_path from orgs.unit u where u.id = person.unit_id) <@ any ((select nullif(current_setting('app.lead', true), '')::ltree[])::ltree[]));
create policy own_or_staff on people.person_private for select to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = person_private.person_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy own_or_staff on people.residence for select to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or (select u.territory_path from orgs.unit u where u.id = residence.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy own_or_staff on people.central_household for select to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or (select u.territory_path from orgs.unit u where u.id = central_household.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[])
  or (select u.leadership_path from orgs.unit u where u.id = central_household.unit_id) <@ any ((select nullif(current_setting('app.lead', true), '')::ltree[])::ltree[]));

-- Posts are public, and so is who holds them; appointing needs a grant that reaches the unit.
create policy signed_in_reads on orgs.appointment for select to linli_app using ((select nullif(current_setting('app.person', true), '')) is not null);
create policy staff_appoints on orgs.appointment for insert to linli_app with check (
  (select u.territory_path from orgs.unit u where u.id = appointment.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_ends on orgs.appointment for update to linli_app using (
  (select u.territory_path from orgs.unit u where u.id = appointment.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

grant select on people.person, people.person_private, people.residence, people.central_household, orgs.appointment to linli_app;
grant insert on orgs.appointment to linli_app;
grant update (valid, document_ref, end_reason, version) on orgs.appointment to linli_app;

insert into core.daily_task (routine, ordinal) values ('people.settle_day', 20);
