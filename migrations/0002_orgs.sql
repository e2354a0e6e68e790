-- Organization: units of every kind, two dated ladders, a maintained closure, names, posts, appointments, lineage.

create schema orgs;
grant usage on schema orgs to linli_app;

-- ── kinds, and which may stand under which: data ───────────────────────────────────────────────────────────────
create table orgs.unit_kind (
  kind text primary key,
  ordinal smallint not null unique,
  name_zh text not null,
  name_en text not null,
  territory_required boolean not null,
  leadership_required boolean not null
);

insert into orgs.unit_kind (kind, ordinal, name_zh, name_en, territory_required, leadership_required) values
  ('city', 1, '市', 'City', false, false),
  ('town', 2, '镇', 'Town', true, false),
  ('community', 3, '社区', 'Community', true, false),
  ('compound', 4, '小区', 'Compound', true, false),
  ('street', 5, '街', 'Street', true, false),
  ('lane', 6, '巷', 'Lane', true, false),
  ('building', 7, '楼栋', 'Building', true, false),
  ('city_committee', 8, '市委', 'City committee', true, false),
  ('working_committee', 9, '城市社区党工委', 'Urban-community working committee', true, true),
  ('community_party_organization', 10, '社区党组织', 'Community party organization', true, true),
  ('branch', 11, '小区党支部', 'Compound branch', true, true),
  ('owners_committee', 12, '业主委员会', 'Owners'' committee', true, false),
  ('resident_agency', 13, '驻区单位', 'Resident agency', true, false),
  ('social_organization', 14, '社会组织', 'Social organization', true, false),
  ('mediation_committee', 15, '调解委员会', 'Mediation committee', true, false);

create table orgs.unit_kind_rule (
  ladder text not null check (ladder in ('territory', 'leadership')),
  child_kind text not null references orgs.unit_kind,
  parent_kind text not null references orgs.unit_kind,
  primary key (ladder, child_kind, parent_kind)
);

insert into orgs.unit_kind_rule (ladder, child_kind, parent_kind) values
  ('territory', 'town', 'city'), ('territory', 'community', 'town'),
  ('territory', 'compound', 'community'), ('territory', 'street', 'community'),
  ('territory', 'lane', 'community'), ('territory', 'lane', 'street'),
  ('territory', 'building', 'compound'), ('territory', 'building', 'lane'), ('territory', 'building', 'street'), ('territory', 'building', 'community'),
  ('territory', 'city_committee', 'city'), ('territory', 'working_committee', 'city'),
  ('territory', 'community_party_organization', 'community'),
  ('territory', 'branch', 'compound'), ('territory', 'branch', 'community'),
  ('territory', 'owners_committee', 'compound'),
  ('territory', 'resident_agency', 'community'),
  ('territory', 'social_organization', 'community'), ('territory', 'social_organization', 'town'), ('territory', 'social_organization', 'city'),
  ('territory', 'mediation_committee', 'community'), ('territory', 'mediation_committee', 'town'), ('territory', 'mediation_committee', 'city'),
  ('leadership', 'city', 'city_committee'), ('leadership', 'working_committee', 'city_committee'),
  ('leadership', 'community_party_organization', 'working_committee'),
  ('leadership', 'community', 'community_party_organization'), ('leadership', 'branch', 'community_party_organization'),
  ('leadership', 'compound', 'branch'), ('leadership', 'owners_committee', 'branch');

-- ── units ──────────────────────────────────────────────────────────────────────────────────────────────────────
-- name and paths are those of today: of the first day while it lies ahead, of the last day once the unit is closed.
-- A unit without a place of its own by leadership takes that of the unit it stands in by territory.
create table orgs.unit (
  id uuid primary key default core.uuid_v7(),
  label bigint generated always as identity unique,
  kind text not null references orgs.unit_kind,
  name text not null check (length(name) between 1 and 80),
  short_name text not null check (length(short_name) between 1 and 40),
  name_is_generated boolean not null default false,
  contact_phone text check (length(contact_phone) between 3 and 30),
  valid daterange not null check (not isempty(valid) and not lower_inf(valid)),
  document_ref text,
  territory_path ltree,
  leadership_path ltree,
  version bigint not null default 1,
  constraint unit_of_kind unique (id, kind)
);
create index unit_by_kind on orgs.unit (kind, label);
create index unit_territory on orgs.unit using gist (territory_path);
create index unit_leadership on orgs.unit using gist (leadership_path);

-- Whoever inserts gives the parents' paths; the unit's own label is appended. Later only orgs.refresh_places writes them.
create function orgs.append_label() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  new.territory_path := coalesce(new.territory_path, '') || new.label::text;
  new.leadership_path := new.leadership_path || new.label::text;
  return new;
end $$;
create trigger append_label before insert on orgs.unit for each row execute function orgs.append_label();

create table orgs.unit_name (
  id uuid primary key default core.uuid_v7(),
  unit_id uuid not null references orgs.unit,
  name text not null check (length(name) between 1 and 80),
  short_name text not null check (length(short_name) between 1 and 40),
  valid daterange not null check (not isempty(valid)),
  document_ref text,
  constraint unit_name_one_a_day exclude using gist (unit_id with =, valid with &&)
);
create index unit_name_by_unit on orgs.unit_name (unit_id);

-- Two-character words (and single characters) of every name a unit has had: text, whose equality an index may serve under row-level security.
create table orgs.unit_bigram (
  bigram text not null,
  unit_id uuid not null references orgs.unit on delete cascade,
  primary key (bigram, unit_id)
);

create table orgs.unit_relation (
  id uuid primary key default core.uuid_v7(),
  ladder text not null,
  child_id uuid not null,
  child_kind text not null,
  parent_id uuid not null,
  parent_kind text not null,
  valid daterange not null check (not isempty(valid)),
  document_ref text,
  constraint unit_relation_not_itself check (child_id <> parent_id),
  constraint unit_relation_child foreign key (child_id, child_kind) references orgs.unit (id, kind),
  constraint unit_relation_parent foreign key (parent_id, parent_kind) references orgs.unit (id, kind),
  constraint unit_relation_kinds foreign key (ladder, child_kind, parent_kind) references orgs.unit_kind_rule,
  constraint unit_relation_one_parent exclude using gist (ladder with =, child_id with =, valid with &&)
);
create index unit_relation_by_child on orgs.unit_relation (child_id, ladder);
create index unit_relation_by_parent on orgs.unit_relation (parent_id, ladder);

-- Every ancestor of every unit with the days on which it was one; depth 0 is the unit itself. Written by orgs.rebuild_closure only.
create table orgs.unit_closure (
  ladder text not null,
  ancestor_id uuid not null references orgs.unit,
  descendant_id uuid not null references orgs.unit,
  depth smallint not null check (depth >= 0),
  valid daterange not null check (not isempty(valid)),
  primary key (ladder, descendant_id, ancestor_id, valid)
);
create index unit_closure_down on orgs.unit_closure (ancestor_id, ladder, depth) include (descendant_id, valid);

-- Splits and mergers: from_unit ended, and to_unit went on from that day. 11 → 19 is told from these.
create table orgs.succession (
  from_unit_id uuid not null references orgs.unit,
  to_unit_id uuid not null references orgs.unit,
  on_day date not null,
  document_ref text,
  primary key (from_unit_id, to_unit_id),
  constraint succession_not_itself check (from_unit_id <> to_unit_id)
);
create index succession_by_heir on orgs.succession (to_unit_id);

-- Published census figures; what the records hold is counted, not stored.
create table orgs.population (
  unit_id uuid not null references orgs.unit,
  counted_on date not null,
  residents bigint not null check (residents >= 0),
  households bigint check (households >= 0),
  source_ref text,
  primary key (unit_id, counted_on)
);

-- ── posts and appointments ─────────────────────────────────────────────────────────────────────────────────────
create table orgs.post (
  code text primary key check (code ~ '^[a-z_]{1,60}$'),
  kind text not null references orgs.unit_kind,
  ordinal smallint not null,
  name_zh text not null,
  name_en text not null,
  seats smallint check (seats > 0),
  term_months smallint check (term_months > 0),
  basis text not null check (basis in ('law', 'city_policy')),
  constraint post_of_kind unique (code, kind)
);

insert into orgs.post (code, kind, ordinal, name_zh, name_en, seats, term_months, basis) values
  ('city_party_secretary', 'city_committee', 1, '市委书记', 'City party secretary', 1, null, 'law'),
  ('city_deputy_secretary', 'city_committee', 2, '市委副书记', 'Deputy city party secretary', 3, null, 'law'),
  ('working_committee_secretary', 'working_committee', 1, '党工委书记', 'Working committee secretary', 1, null, 'city_policy'),
  ('working_committee_member', 'working_committee', 2, '党工委委员', 'Working committee member', null, null, 'city_policy'),
  ('town_party_secretary', 'town', 1, '镇党委书记', 'Town party secretary', 1, 60, 'law'),
  ('town_mayor', 'town', 2, '镇长', 'Town mayor', 1, 60, 'law'),
  ('community_party_secretary', 'community_party_organization', 1, '社区党组织书记', 'Community party secretary', 1, 60, 'law'),
  ('community_deputy_party_secretary', 'community_party_organization', 2, '社区党组织副书记', 'Deputy community party secretary', 2, 60, 'law'),
  ('community_party_member', 'community_party_organization', 3, '社区党组织委员', 'Community party committee member', 7, 60, 'law'),
  ('first_secretary', 'community_party_organization', 4, '第一书记', 'First secretary', 1, 24, 'city_policy'),
  ('party_organizer', 'community_party_organization', 5, '党建组织员', 'Party organizer', null, null, 'city_policy'),
  ('committee_director', 'community', 1, '居委会主任', 'Residents'' committee director', 1, 60, 'law'),
  ('committee_deputy_director', 'community', 2, '居委会副主任', 'Residents'' committee deputy director', 2, 60, 'law'),
  ('committee_member', 'community', 3, '居委会委员', 'Residents'' committee member', 7, 60, 'law'),
  ('community_worker', 'community', 4, '社区工作者', 'Community worker', null, null, 'city_policy'),
  ('legal_adviser', 'community', 5, '法律顾问', 'Legal adviser', 1, 12, 'city_policy'),
  ('branch_secretary', 'branch', 1, '支部书记', 'Branch secretary', 1, 36, 'law'),
  ('branch_member', 'branch', 2, '支部委员', 'Branch committee member', 6, 36, 'law'),
  ('owners_committee_director', 'owners_committee', 1, '业委会主任', 'Owners'' committee director', 1, 60, 'law'),
  ('owners_committee_deputy_director', 'owners_committee', 2, '业委会副主任', 'Owners'' committee deputy director', 2, 60, 'law'),
  ('owners_committee_member', 'owners_committee', 3, '业委会委员', 'Owners'' committee member', 11, 60, 'law'),
  ('mediation_committee_director', 'mediation_committee', 1, '调委会主任', 'Mediation committee director', 1, 36, 'law'),
  ('mediation_committee_member', 'mediation_committee', 2, '调委会委员', 'Mediation committee member', 9, 36, 'law'),
  ('agency_liaison', 'resident_agency', 1, '驻区单位联络员', 'Agency liaison', null, null, 'city_policy'),
  ('organization_director', 'social_organization', 1, '社会组织负责人', 'Head of a social organization', 1, null, 'city_policy');

-- ── search ─────────────────────────────────────────────────────────────────────────────────────────────────────
-- Lower case, without spaces and separating points.
create function orgs.search_form(name text) returns text language sql immutable strict parallel safe
return regexp_replace(lower(name), '[[:space:]·・.]', '', 'g');

create function orgs.grams(name text) returns text[] language sql immutable strict parallel safe as $$
  select coalesce(array_agg(distinct g.gram), '{}')
  from (select substr(f.form, i, n) as gram from (select orgs.search_form(name) as form) f, generate_series(1, 2) n, generate_series(1, length(f.form)) i) g
  where length(g.gram) > 0
$$;

-- The words that a question needs: its two-character words, or its only character.
create function orgs.query_grams(question text) returns text[] language sql immutable strict parallel safe as $$
  select coalesce(array_agg(distinct substr(f.form, i, 2)), '{}')
  from (select orgs.search_form(question) as form) f, generate_series(1, greatest(length(f.form) - 1, 1)) i
  where f.form <> ''
$$;

create function orgs.index_names() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into orgs.unit_bigram (bigram, unit_id)
  select g, f.unit_id from fresh f cross join unnest(orgs.grams(f.name) || orgs.grams(f.short_name)) g
  on conflict do nothing;
  return null;
end $$;
create trigger index_names_insert after insert on orgs.unit_name referencing new table as fresh for each statement execute function orgs.index_names();
create trigger index_names_update after update on orgs.unit_name referencing new table as fresh for each statement execute function orgs.index_names();

-- ── what the ladders must always hold ──────────────────────────────────────────────────────────────────────────
-- No cycle on any day: one writer a ladder, then walk up through the days that the new relation holds.
create function orgs.refuse_cycle() returns trigger language plpgsql security definer
set search_path = pg_catalog set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
begin
  perform pg_advisory_xact_lock(hashtext('orgs.ladder'), hashtext(new.ladder));
  -- nothing stands under the child: nothing can lead back to it
  if not exists (select from orgs.unit_relation r where r.parent_id = new.child_id and r.ladder = new.ladder) then
    return new;
  end if;
  if exists (
    with recursive above as (
      select new.parent_id as unit_id, new.valid
      union all
      select r.parent_id, a.valid * r.valid
      from above a join orgs.unit_relation r on r.child_id = a.unit_id and r.ladder = new.ladder and r.valid && a.valid and r.id <> new.id
      where a.unit_id <> new.child_id
    )
    select from above a where a.unit_id = new.child_id
  ) then
    raise exception using errcode = 'check_violation', constraint = 'unit_relation_no_cycle', message = 'a unit would stand under itself';
  end if;
  return new;
end $$;
create trigger no_cycle before insert or update on orgs.unit_relation for each row execute function orgs.refuse_cycle();

-- No gap: on each day of its life a unit has the parents that its kind requires, never outside its own life or its parent's.
create function orgs.check_unit(wanted uuid) returns void language plpgsql security definer set search_path = pg_catalog set enable_seqscan = off as $$
declare
  u orgs.unit;
  k orgs.unit_kind;
begin
  select * into u from orgs.unit where id = wanted;
  if not found then
    return;
  end if;
  select * into k from orgs.unit_kind where kind = u.kind;
  if (k.territory_required and (select range_agg(r.valid) from orgs.unit_relation r where r.child_id = u.id and r.ladder = 'territory') is distinct from datemultirange(u.valid))
     or (k.leadership_required and (select range_agg(r.valid) from orgs.unit_relation r where r.child_id = u.id and r.ladder = 'leadership') is distinct from datemultirange(u.valid)) then
    raise exception using errcode = 'check_violation', constraint = 'unit_relation_no_gap', message = 'a unit has no parent on some day of its life';
  end if;
  if exists (
    select from orgs.unit_relation r join orgs.unit c on c.id = r.child_id join orgs.unit p on p.id = r.parent_id
    where (r.child_id = wanted or r.parent_id = wanted) and not (r.valid <@ c.valid and r.valid <@ p.valid)
  ) then
    raise exception using errcode = 'check_violation', constraint = 'unit_relation_within_life', message = 'a relation reaches beyond the life of a unit';
  end if;
  if (select range_agg(n.valid) from orgs.unit_name n where n.unit_id = u.id) is distinct from datemultirange(u.valid) then
    raise exception using errcode = 'check_violation', constraint = 'unit_name_no_gap', message = 'a unit has no name on some day of its life';
  end if;
end $$;

create function orgs.check_relation() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  if tg_op <> 'INSERT' then
    perform orgs.check_unit(old.child_id);
  end if;
  if tg_op <> 'DELETE' then
    perform orgs.check_unit(new.child_id);
  end if;
  return null;
end $$;

create function orgs.check_this_unit() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform orgs.check_unit(new.id);
  return null;
end $$;

create function orgs.check_name() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform orgs.check_unit(coalesce(new.unit_id, old.unit_id));
  return null;
end $$;

create constraint trigger no_gap after insert or update or delete on orgs.unit_relation deferrable initially deferred
  for each row execute function orgs.check_relation();
create constraint trigger no_gap after insert or update of valid, kind on orgs.unit deferrable initially deferred
  for each row execute function orgs.check_this_unit();
create constraint trigger no_gap after insert or update or delete on orgs.unit_name deferrable initially deferred
  for each row execute function orgs.check_name();

-- ── rights: the organization is public to whoever is signed in; writing needs a staff grant that reaches the place ──
select core.guard_table(t) from unnest(array[
  'orgs.unit', 'orgs.unit_name', 'orgs.unit_bigram', 'orgs.unit_relation', 'orgs.unit_closure', 'orgs.succession', 'orgs.population'
]::regclass[]) t;
select core.audit_table(t) from unnest(array[
  'orgs.unit_kind', 'orgs.unit_kind_rule', 'orgs.unit', 'orgs.unit_name', 'orgs.unit_relation', 'orgs.succession', 'orgs.population', 'orgs.post'
]::regclass[]) t;

create policy signed_in_reads on orgs.unit for select to linli_app using ((select nullif(current_setting('app.person', true), '')) is not null);
create policy signed_in_reads on orgs.unit_name for select to linli_app using ((select nullif(current_setting('app.person', true), '')) is not null);
create policy signed_in_reads on orgs.unit_bigram for select to linli_app using ((select nullif(current_setting('app.person', true), '')) is not null);
create policy signed_in_reads on orgs.unit_relation for select to linli_app using ((select nullif(current_setting('app.person', true), '')) is not null);
create policy signed_in_reads on orgs.unit_closure for select to linli_app using ((select nullif(current_setting('app.person', true), '')) is not null);
create policy signed_in_reads on orgs.succession for select to linli_app using ((select nullif(current_setting('app.person', true), '')) is not null);
create policy signed_in_reads on orgs.population for select to linli_app using ((select nullif(current_setting('app.person', true), '')) is not null);

create policy staff_founds on orgs.unit for insert to linli_app
  with check (territory_path <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_changes on orgs.unit for update to linli_app
  using (territory_path <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]))
  with check (territory_path <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_names on orgs.unit_name for insert to linli_app
  with check ((select u.territory_path from orgs.unit u where u.id = unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_renames on orgs.unit_name for update to linli_app
  using ((select u.territory_path from orgs.unit u where u.id = unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_takes_back on orgs.unit_name for delete to linli_app
  using ((select u.territory_path from orgs.unit u where u.id = unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

grant select on all tables in schema orgs to linli_app;
grant insert on orgs.unit to linli_app;
grant update (name, short_name, contact_phone, version) on orgs.unit to linli_app;
grant insert, delete, update (valid, name, short_name, document_ref) on orgs.unit_name to linli_app;

insert into core.daily_task (routine, ordinal) values ('orgs.settle_day', 10);
