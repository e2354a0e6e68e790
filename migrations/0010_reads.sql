-- What a unit's page shows of today, kept ready to be read: its name, its places and its sums in one row.
-- A card is never wrong, only missing: whoever changes what cards show leaves a mark in the same transaction, and a marked card is
-- not read; the answer is then worked out from the records. Marks are only ever added, so that no writer waits for another one.
-- orgs.refresh_cards makes marked cards anew after the commit.

create table orgs.unit_card (
  unit_id uuid primary key references orgs.unit,
  day date not null,
  kind text not null,
  name text not null,
  short_name text not null,
  name_is_generated boolean not null,
  contact_phone text,
  valid_from date not null,
  valid_to date,
  version bigint not null,
  territory jsonb not null,
  leadership jsonb not null,
  residents bigint not null,
  communities bigint not null,
  compounds bigint not null,
  buildings bigint not null,
  branches bigint not null,
  heads bigint not null,
  central_households bigint not null,
  groups bigint not null,
  agencies bigint not null,
  social_organizations bigint not null,
  population bigint,
  population_on date,
  fingerprint bigint not null
) with (fillfactor = 70);
create index unit_card_by_day on orgs.unit_card (day);

-- No foreign key: its lock on the unit would make writers wait.
create table orgs.unit_card_stale (
  unit_id uuid not null,
  xid xid8 not null default pg_current_xact_id(),
  primary key (unit_id, xid)
);

select core.guard_table(t) from unnest(array['orgs.unit_card', 'orgs.unit_card_stale']::regclass[]) t;
create policy signed_in_reads on orgs.unit_card for select to linli_app using ((select nullif(current_setting('app.person', true), '')) is not null);
create policy signed_in_reads on orgs.unit_card_stale for select to linli_app using ((select nullif(current_setting('app.person', true), '')) is not null);
grant select on orgs.unit_card, orgs.unit_card_stale to linli_app;

-- ── marks ──────────────────────────────────────────────────────────────────────────────────────────────────────
-- The same mark of another transaction does not do: its card may be under way from before this one commits.
create function orgs.mark_cards(units uuid[]) returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into orgs.unit_card_stale (unit_id) select distinct u from unnest(units) u on conflict do nothing;
end $$;
revoke execute on function orgs.mark_cards(uuid[]) from public;

-- Whoever answers for the units on some day: all above by territory, and who leads one of these.
create function orgs.mark_above(units uuid[]) returns void language plpgsql security definer set search_path = pg_catalog as $$
declare
  above uuid[];
begin
  above := units || array(select c.ancestor_id from orgs.unit_closure c where c.ladder = 'territory' and c.descendant_id = any (units));
  perform orgs.mark_cards(above || array(select c.ancestor_id from orgs.unit_closure c where c.ladder = 'leadership' and c.descendant_id = any (above)));
end $$;
revoke execute on function orgs.mark_above(uuid[]) from public;

-- Something that is counted came, went or moved. The transition tables are there as the event has them.
create function orgs.mark_counted() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  if tg_op = 'INSERT' then
    perform orgs.mark_above(array(select distinct f.unit_id from fresh f));
  elsif tg_op = 'DELETE' then
    perform orgs.mark_above(array(select distinct g.unit_id from gone g));
  else
    perform orgs.mark_above(array(select f.unit_id from fresh f union select g.unit_id from gone g));
  end if;
  return null;
end $$;

-- Paths change with every reorganization, and no card shows them.
create function orgs.mark_units() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  if tg_op = 'INSERT' then
    perform orgs.mark_cards(array(select f.id from fresh f));
  else
    perform orgs.mark_cards(array(
      select f.id from fresh f join gone g using (id)
      where (f.kind, f.name, f.short_name, f.name_is_generated, f.contact_phone, f.valid, f.version)
        is distinct from (g.kind, g.name, g.short_name, g.name_is_generated, g.contact_phone, g.valid, g.version)));
  end if;
  return null;
end $$;

-- A name stands on the cards of all below, too.
create function orgs.mark_named() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
declare
  units uuid[];
begin
  if tg_op = 'INSERT' then
    units := array(select distinct f.unit_id from fresh f);
  elsif tg_op = 'DELETE' then
    units := array(select distinct g.unit_id from gone g);
  else
    units := array(select f.unit_id from fresh f union select g.unit_id from gone g);
  end if;
  perform orgs.mark_cards(units || array(select c.descendant_id from orgs.unit_closure c where c.ancestor_id = any (units)));
  return null;
end $$;

-- A place changed: the unit's own card, and the sums of all above, before and after.
create function orgs.mark_placed() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  if tg_op = 'INSERT' then
    perform orgs.mark_above(array(select f.descendant_id from fresh f union select f.ancestor_id from fresh f));
  elsif tg_op = 'DELETE' then
    perform orgs.mark_above(array(select g.descendant_id from gone g union select g.ancestor_id from gone g));
  else
    perform orgs.mark_above(array(select f.descendant_id from fresh f union select f.ancestor_id from fresh f
      union select g.descendant_id from gone g union select g.ancestor_id from gone g));
  end if;
  return null;
end $$;

create function orgs.mark_by(target regclass, routine regproc) returns void language plpgsql as $$
begin
  execute format('create trigger mark_insert after insert on %s referencing new table as fresh for each statement execute function %s()', target, routine);
  execute format('create trigger mark_update after update on %s referencing old table as gone new table as fresh for each statement execute function %s()', target, routine);
  execute format('create trigger mark_delete after delete on %s referencing old table as gone for each statement execute function %s()', target, routine);
end $$;

select orgs.mark_by(t, 'orgs.mark_counted')
from unnest(array['people.residence', 'people.central_household', 'groups.group', 'groups.head', 'orgs.population']::regclass[]) t;
select orgs.mark_by('orgs.unit_name', 'orgs.mark_named');
select orgs.mark_by('orgs.unit_closure', 'orgs.mark_placed');
create trigger mark_insert after insert on orgs.unit referencing new table as fresh for each statement execute function orgs.mark_units();
create trigger mark_update after update on orgs.unit referencing old table as gone new table as fresh for each statement execute function orgs.mark_units();

-- The cards of all units that there are; the server makes them once it has started.
insert into orgs.unit_card_stale (unit_id) select u.id from orgs.unit u;

-- ── upkeep ─────────────────────────────────────────────────────────────────────────────────────────────────────
-- Routines of the domains that bring kept copies up to date, a bounded piece at a time: true = there is more.
-- core.run_upkeep() runs them after every batch of the sealer that found something, and once a minute.
create table core.upkeep_task (
  routine text primary key check (routine ~ '^[a-z_]+\.[a-z_]+$'),
  ordinal integer not null
);
select core.guard_table('core.upkeep_task');
insert into core.upkeep_task (routine, ordinal) values ('orgs.refresh_cards', 10);

-- ── what policies ask once a statement ─────────────────────────────────────────────────────────────────────────
-- Nothing inlines these, since they cross row-level security; in PL/pgSQL their plans are kept, in SQL each call plans anew.
create or replace function points.own_accounts() returns uuid[] language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return (select coalesce(array_agg(a.id), '{}') from points.account a where a.person_id = core.person());
end $$;

create or replace function mediation.own_cases() returns uuid[] language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return (select coalesce(array_agg(p.case_id), '{}') from mediation.party p where p.person_id = core.person());
end $$;

create or replace function groups.my_groups() returns uuid[] language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return (select coalesce(array_agg(m.group_id), '{}') from groups.group_member m where m.person_id = core.person() and m.valid @> core.today());
end $$;

create or replace function people.home_path() returns ltree language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = core.person());
end $$;

-- A transfer is seen by whoever sees one of its accounts: asked once, not once for each side.
alter policy app_read on points.transfer
  using (array[from_account_id, to_account_id] && (select points.own_accounts())::uuid[]
    or (select true from points.account a where a.id in (transfer.from_account_id, transfer.to_account_id) limit 1));
