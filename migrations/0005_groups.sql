-- Residents' groups, neighbour help teams, and the heads of buildings, lanes and streets.

create schema groups;
grant usage on schema groups to linli_app;

create table groups.group (
  id uuid primary key default core.uuid_v7(),
  kind text not null check (kind in ('self_governance', 'neighbour_help')),
  name text not null check (length(name) between 1 and 80),
  purpose text check (length(purpose) between 1 and 500),
  unit_id uuid not null,
  unit_kind text not null,
  valid daterange not null check (not isempty(valid) and not lower_inf(valid)),
  version bigint not null default 1,
  constraint group_area check (unit_kind in ('community', 'compound', 'street', 'lane', 'building')),
  constraint group_unit foreign key (unit_id, unit_kind) references orgs.unit (id, kind)
);
create index group_by_unit on groups.group (unit_id, id);

create table groups.group_member (
  id uuid primary key default core.uuid_v7(),
  group_id uuid not null references groups.group,
  person_id uuid not null references people.person,
  role text not null check (role in ('leader', 'deputy', 'member')),
  valid daterange not null check (not isempty(valid) and not lower_inf(valid)),
  version bigint not null default 1,
  constraint group_member_once exclude using gist (group_id with =, person_id with =, valid with &&),
  constraint group_member_one_leader exclude using gist (group_id with =, valid with &&) where (role = 'leader')
);
create index group_member_by_group on groups.group_member (group_id);
create index group_member_by_person on groups.group_member (person_id);

-- The city's own policy: a person, an area, a term.
create table groups.head (
  id uuid primary key default core.uuid_v7(),
  kind text not null,
  unit_id uuid not null,
  unit_kind text not null,
  person_id uuid not null references people.person,
  basis text not null check (basis in ('elected', 'appointed')),
  valid daterange not null check (not isempty(valid) and not lower_inf(valid)),
  document_ref text,
  end_reason text,
  version bigint not null default 1,
  constraint head_area check ((kind, unit_kind) in (('building_head', 'building'), ('building_head', 'compound'), ('lane_chief', 'lane'), ('street_chief', 'street'))),
  constraint head_unit foreign key (unit_id, unit_kind) references orgs.unit (id, kind),
  constraint head_one_a_day exclude using gist (kind with =, unit_id with =, valid with &&)
);
create index head_by_unit on groups.head (unit_id, kind);
create index head_by_person on groups.head (person_id);

-- ── rights ─────────────────────────────────────────────────────────────────────────────────────────────────────
-- Groups that the person asking belongs to today: a member sees the others. Once a statement, hence outside the row's judgement.
create function groups.my_groups() returns uuid[] language sql stable security definer set search_path = pg_catalog as $$
  select coalesce(array_agg(m.group_id), '{}') from groups.group_member m where m.person_id = core.person() and m.valid @> core.today()
$$;

-- Where the person asking lives.
create function people.home_path() returns ltree language sql stable security definer set search_path = pg_catalog as $$
  select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = core.person()
$$;

select core.guard_table(t) from unnest(array['groups.group', 'groups.group_member', 'groups.head']::regclass[]) t;
select core.audit_table(t) from unnest(array['groups.group', 'groups.group_member', 'groups.head']::regclass[]) t;

-- Staff of the area, members, and whoever lives in it.
create policy area_reads on groups.group for select to linli_app using (
  id = any ((select groups.my_groups())::uuid[])
  or (select u.territory_path from orgs.unit u where u.id = "group".unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[])
  or (select u.leadership_path from orgs.unit u where u.id = "group".unit_id) <@ any ((select nullif(current_setting('app.lead', true), '')::ltree[])::ltree[])
  or (select u.territory_path from orgs.unit u where u.id = "group".unit_id) @> (select people.home_path()));
create policy staff_founds on groups.group for insert to linli_app with check (
  (select u.territory_path from orgs.unit u where u.id = "group".unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_changes on groups.group for update to linli_app using (
  (select u.territory_path from orgs.unit u where u.id = "group".unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

create policy members_and_staff on groups.group_member for select to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or group_id = any ((select groups.my_groups())::uuid[])
  or (select u.territory_path from groups.group g join orgs.unit u on u.id = g.unit_id where g.id = group_member.group_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[])
  or (role <> 'member' and (select u.territory_path from groups.group g join orgs.unit u on u.id = g.unit_id where g.id = group_member.group_id)
    @> (select people.home_path())));
create policy staff_adds on groups.group_member for insert to linli_app with check (
  (select u.territory_path from groups.group g join orgs.unit u on u.id = g.unit_id where g.id = group_member.group_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy own_or_staff_ends on groups.group_member for update to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or (select u.territory_path from groups.group g join orgs.unit u on u.id = g.unit_id where g.id = group_member.group_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

create policy area_reads on groups.head for select to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or (select u.territory_path from orgs.unit u where u.id = head.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[])
  or (select u.leadership_path from orgs.unit u where u.id = head.unit_id) <@ any ((select nullif(current_setting('app.lead', true), '')::ltree[])::ltree[])
  or (select u.territory_path from orgs.unit u where u.id = head.unit_id) @> (select people.home_path()));
create policy staff_chooses on groups.head for insert to linli_app with check (
  (select u.territory_path from orgs.unit u where u.id = head.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_ends on groups.head for update to linli_app using (
  (select u.territory_path from orgs.unit u where u.id = head.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

grant select, insert on groups.group, groups.group_member, groups.head to linli_app;
grant update (name, purpose, valid, version) on groups.group to linli_app;
grant update (role, valid, version) on groups.group_member to linli_app;
grant update (valid, document_ref, end_reason, version) on groups.head to linli_app;
