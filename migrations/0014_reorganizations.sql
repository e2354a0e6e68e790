-- Reorganizations as documents, what follows when a unit closes, posts' rules, handovers, substitutions, areas on the map.

-- ── nothing is written to a unit that has ended ────────────────────────────────────────────────────────────────
-- The row of the unit is locked as a foreign key would: whoever writes while a reorganization closes the unit waits for it and is then
-- judged by what it left, so that nothing is written beyond a unit's last day. Dated rows must end with the unit.
create function orgs.refuse_ended_dated() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
declare
  life daterange;
begin
  select u.valid into life from orgs.unit u where u.id = new.unit_id for key share;
  if not upper_inf(life) and (upper_inf(new.valid) or upper(new.valid) > upper(life)) then
    raise exception using errcode = 'check_violation', constraint = 'unit_has_ended', message = 'the unit ends before the row does';
  end if;
  return new;
end $$;

create function orgs.refuse_ended() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
declare
  life daterange;
begin
  select u.valid into life from orgs.unit u where u.id = new.unit_id for key share;
  if not upper_inf(life) and upper(life) <= core.today() then
    raise exception using errcode = 'check_violation', constraint = 'unit_has_ended', message = 'the unit has ended';
  end if;
  return new;
end $$;

-- For every table with a unit_id; with `valid` too, where the row has days of its own.
create function orgs.guard_life(target regclass) returns void language plpgsql as $$
declare
  dated boolean := exists (select from pg_attribute a where a.attrelid = target and a.attname = 'valid' and not a.attisdropped);
begin
  execute format('create trigger within_life before insert or update of %s on %s for each row execute function orgs.refuse_ended%s()',
    case when dated then 'unit_id, valid' else 'unit_id' end, target, case when dated then '_dated' else '' end);
end $$;
select orgs.guard_life(t) from unnest(array[
  'people.residence', 'people.central_household', 'access.grant', 'orgs.appointment', 'groups.head', 'groups.group', 'points.reward',
  'volunteering.service_record', 'mediation.mediation_case'
]::regclass[]) t;

-- ── reorganizations ────────────────────────────────────────────────────────────────────────────────────────────
-- Proposed by the town, approved by the city (Organic Law of Urban Residents' Committees, art. 3 and 47).
create table orgs.reorganization (
  id uuid primary key default core.uuid_v7(),
  unit_id uuid not null references orgs.unit, -- whose units are rearranged: reach of rights and root of the trees
  title text not null check (length(title) between 1 and 120),
  state text not null default 'draft' check (state in ('draft', 'previewed', 'decreed', 'in_force', 'withdrawn')),
  effective_on date not null,
  reason text check (length(reason) between 1 and 2000),
  proposal_ref text check (length(proposal_ref) between 1 and 120),
  approval_ref text check (length(approval_ref) between 1 and 120),
  decree_number text check (length(decree_number) between 1 and 120),
  created_by uuid,
  created_at timestamptz not null default core.app_now(),
  previewed_at timestamptz,
  decreed_by uuid,
  decreed_at timestamptz,
  in_force_at timestamptz,
  withdrawn_by uuid,
  withdrawn_at timestamptz,
  withdrawal_reason text check (length(withdrawal_reason) between 1 and 500),
  obstacle text, -- the problem that kept it from coming into force
  obstacle_at timestamptz,
  version bigint not null default 1,
  constraint reorganization_documents check (state not in ('decreed', 'in_force') or num_nulls(proposal_ref, approval_ref, decree_number) = 0),
  constraint reorganization_decreed check ((decreed_at is not null) >= (state in ('decreed', 'in_force'))),
  constraint reorganization_in_force check ((in_force_at is not null) = (state = 'in_force')),
  constraint reorganization_withdrawn check ((withdrawn_at is not null) = (state = 'withdrawn')),
  constraint reorganization_number_once unique (decree_number)
);
create index reorganization_by_unit on orgs.reorganization (unit_id);
create index reorganization_due on orgs.reorganization (effective_on) where state = 'decreed';

insert into core.transition (machine, from_state, action, to_state, who) values
  ('reorganization', 'draft', 'edit', 'draft', '{town_officer,city_officer,administrator}'),
  ('reorganization', 'previewed', 'edit', 'draft', '{town_officer,city_officer,administrator}'),
  ('reorganization', 'draft', 'preview', 'previewed', '{town_officer,city_officer,administrator}'),
  ('reorganization', 'previewed', 'preview', 'previewed', '{town_officer,city_officer,administrator}'),
  ('reorganization', 'previewed', 'decree', 'decreed', '{city_officer,administrator}'),
  ('reorganization', 'decreed', 'put_in_force', 'in_force', '{}'),
  ('reorganization', 'draft', 'withdraw', 'withdrawn', '{town_officer,city_officer,administrator}'),
  ('reorganization', 'previewed', 'withdraw', 'withdrawn', '{town_officer,city_officer,administrator}'),
  ('reorganization', 'decreed', 'withdraw', 'withdrawn', '{city_officer,administrator}');

-- details: the rest of the step as the contract knows it, ids of new units filled in.
create table orgs.reorganization_step (
  reorganization_id uuid not null references orgs.reorganization on delete cascade,
  ordinal smallint not null check (ordinal >= 0),
  action text not null check (action in ('create', 'close', 'split', 'merge', 'transfer', 'rename', 'reparent')),
  details jsonb not null,
  primary key (reorganization_id, ordinal)
);

-- What a person decided for a row that hangs on a unit that closes.
create table orgs.reorganization_decision (
  reorganization_id uuid not null references orgs.reorganization on delete cascade,
  subject text not null check (subject in ('appointment', 'grant')),
  subject_id uuid not null,
  choice text not null check (choice in ('end', 'move')),
  to_unit_id uuid,
  decided_by uuid,
  decided_at timestamptz not null default core.app_now(),
  primary key (reorganization_id, subject, subject_id),
  constraint reorganization_decision_place check ((choice = 'move') = (to_unit_id is not null))
);

-- The history entry of everything that followed: from which unit to which, by rule or by decision; to nowhere when it ended with its unit.
create table orgs.reorganization_effect (
  no bigint generated always as identity primary key,
  reorganization_id uuid not null references orgs.reorganization,
  subject text not null check (subject ~ '^[a-z_]{1,40}$'),
  subject_id uuid not null,
  from_unit_id uuid not null references orgs.unit,
  to_unit_id uuid references orgs.unit,
  by text not null check (by in ('rule', 'decision')),
  on_day date not null,
  recorded_at timestamptz not null default core.app_now()
);
create index reorganization_effect_by_document on orgs.reorganization_effect (reorganization_id, no);
create index reorganization_effect_by_subject on orgs.reorganization_effect (subject, subject_id, on_day);
create index reorganization_effect_by_origin on orgs.reorganization_effect (from_unit_id, subject);

-- Each domain's routine (document uuid, closed uuid, heir uuid, first_day date) that takes along what hangs on a closed unit.
create table orgs.follower (
  routine text primary key check (routine ~ '^[a-z_]+\.[a-z_]+$'),
  ordinal integer not null
);
insert into orgs.follower (routine, ordinal) values
  ('people.follow_unit', 10), ('orgs.follow_appointments', 20), ('access.follow_unit', 30), ('groups.follow_unit', 40),
  ('points.follow_unit', 50), ('volunteering.follow_unit', 60), ('mediation.follow_unit', 70);

insert into core.daily_task (routine, ordinal) values ('orgs.put_reorganizations_in_force', 5), ('orgs.warn_of_terms', 30), ('orgs.open_due_handovers', 31);

-- ── posts: how many must be filled, who may hold them, which together form a body ──────────────────────────────
alter table orgs.post
  add column needed smallint not null default 0 check (needed >= 0),
  add column min_age smallint check (min_age between 0 and 120),
  add column lives_within text references orgs.unit_kind;
alter table orgs.post add constraint post_needed_within_seats check (seats is null or needed <= seats);
update orgs.post set needed = 1 where seats = 1 and basis = 'law' or code in ('working_committee_secretary', 'legal_adviser');
update orgs.post set min_age = 18, lives_within = 'community' where code in ('committee_director', 'committee_deputy_director', 'committee_member');
update orgs.post set min_age = 18 where kind in ('branch', 'community_party_organization', 'mediation_committee', 'owners_committee');

create table orgs.composition_rule (
  body text primary key check (body ~ '^[a-z_]{1,60}$'),
  kind text not null references orgs.unit_kind,
  name_zh text not null,
  name_en text not null,
  posts text[] not null check (cardinality(posts) > 0),
  members_least smallint not null check (members_least > 0),
  members_most smallint not null,
  women_least smallint not null check (women_least >= 0),
  relatives_barred boolean not null,
  source_zh text not null,
  source_en text not null,
  constraint composition_rule_bounds check (members_least <= members_most)
);
insert into orgs.composition_rule (body, kind, name_zh, name_en, posts, members_least, members_most, women_least, relatives_barred, source_zh, source_en) values
  ('residents_committee', 'community', '居民委员会', 'Residents'' committee', '{committee_director,committee_deputy_director,committee_member}', 5, 9, 1, true,
    '城市居民委员会组织法第八条', 'Organic Law of Urban Residents'' Committees, art. 8'),
  ('mediation_committee', 'mediation_committee', '人民调解委员会', 'Mediation committee', '{mediation_committee_director,mediation_committee_member}', 3, 9, 1, false,
    '人民调解法第八条', 'People''s Mediation Law, art. 8');

-- Said once for each stage of a term's end.
create table orgs.term_warning (
  appointment_id uuid not null references orgs.appointment on delete cascade,
  days_ahead smallint not null check (days_ahead in (90, 30, 7)),
  ends_on date not null, -- the last day then; a term that is changed warns anew
  unit_id uuid not null references orgs.unit,
  warned_at timestamptz not null default core.app_now(),
  primary key (appointment_id, days_ahead, ends_on)
);
create index term_warning_by_unit on orgs.term_warning (unit_id);

-- Within ten days of leaving office (art. 25), item by item.
create table orgs.handover (
  id uuid primary key default core.uuid_v7(),
  appointment_id uuid not null references orgs.appointment on delete cascade,
  unit_id uuid not null references orgs.unit,
  to_person_id uuid references people.person,
  due_on date not null,
  state text not null default 'open' check (state in ('open', 'completed')),
  completed_at timestamptz,
  completed_by uuid,
  note text check (length(note) between 1 and 1000),
  version bigint not null default 1,
  constraint handover_once unique (appointment_id),
  constraint handover_completed check ((completed_at is not null) = (state = 'completed'))
);
create index handover_by_unit on orgs.handover (unit_id, due_on, id);

create table orgs.handover_item (
  handover_id uuid not null references orgs.handover on delete cascade,
  ordinal smallint not null check (ordinal > 0),
  what text not null check (length(what) between 1 and 200),
  handed_over boolean not null default false,
  primary key (handover_id, ordinal)
);

-- The usual list, as data: seals, accounts and archives first.
create table orgs.handover_default (
  ordinal smallint primary key,
  what_zh text not null,
  what_en text not null
);
insert into orgs.handover_default (ordinal, what_zh, what_en) values
  (1, '印章', 'Seals'), (2, '财务账目和现金', 'Accounts and cash'), (3, '档案和文件', 'Archives and documents'), (4, '固定资产和钥匙', 'Assets and keys'),
  (5, '未办结事项清单', 'List of open matters'), (6, '系统账号和权限', 'Accounts and rights in this system');

-- A whole desk in somebody's absence: every staff grant of the absent, lent for those days.
create table orgs.substitution (
  id uuid primary key default core.uuid_v7(),
  person_id uuid not null references people.person,
  substitute_id uuid not null references people.person,
  unit_id uuid not null references orgs.unit, -- of the absent person's highest grant
  valid daterange not null check (not isempty(valid) and not lower_inf(valid) and not upper_inf(valid)),
  reason text not null check (length(reason) between 1 and 300),
  document_ref text check (length(document_ref) between 1 and 120),
  created_by uuid,
  created_at timestamptz not null default core.app_now(),
  version bigint not null default 1,
  constraint substitution_not_oneself check (person_id <> substitute_id),
  constraint substitution_one_a_day exclude using gist (person_id with =, valid with &&)
);
create index substitution_by_unit on orgs.substitution (unit_id);
create index substitution_by_substitute on orgs.substitution (substitute_id);
select orgs.guard_life('orgs.substitution');
alter table access.grant add column substitution_id uuid references orgs.substitution;
create index grant_by_substitution on access.grant (substitution_id) where substitution_id is not null;

-- ── the map ────────────────────────────────────────────────────────────────────────────────────────────────────
-- WGS 84; a GeoJSON MultiPolygon, judged by orgs.check_area; its bounds are kept for finding it.
create table orgs.unit_area (
  id uuid primary key default core.uuid_v7(),
  unit_id uuid not null references orgs.unit,
  valid daterange not null check (not isempty(valid) and not lower_inf(valid)),
  area jsonb not null,
  bounds box not null,
  is_generated boolean not null default false, -- drawn for the demonstration
  source_ref text check (length(source_ref) between 1 and 120),
  version bigint not null default 1,
  constraint unit_area_one_a_day exclude using gist (unit_id with =, valid with &&)
);
create index unit_area_by_unit on orgs.unit_area (unit_id);
create index unit_area_bounds on orgs.unit_area using gist (bounds);
select orgs.guard_life('orgs.unit_area');

-- ── rights ─────────────────────────────────────────────────────────────────────────────────────────────────────
select core.guard_table(t) from unnest(array[
  'orgs.reorganization', 'orgs.reorganization_step', 'orgs.reorganization_decision', 'orgs.reorganization_effect', 'orgs.term_warning', 'orgs.handover',
  'orgs.handover_item', 'orgs.substitution', 'orgs.unit_area', 'orgs.follower'
]::regclass[]) t;
select core.immutable_table('orgs.reorganization_effect');
select core.audit_table(t) from unnest(array[
  'orgs.reorganization', 'orgs.reorganization_step', 'orgs.reorganization_decision', 'orgs.reorganization_effect', 'orgs.follower', 'orgs.composition_rule',
  'orgs.term_warning', 'orgs.handover', 'orgs.handover_item', 'orgs.handover_default', 'orgs.substitution', 'orgs.unit_area'
]::regclass[]) t;

-- What is decreed is public; drafts are the staff's.
create policy public_or_staff on orgs.reorganization for select to linli_app using (
  (state in ('decreed', 'in_force') and (select nullif(current_setting('app.person', true), '')) is not null)
  or (select u.territory_path from orgs.unit u where u.id = reorganization.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[])
  or (select u.leadership_path from orgs.unit u where u.id = reorganization.unit_id) <@ any ((select nullif(current_setting('app.lead', true), '')::ltree[])::ltree[]));
create policy staff_drafts on orgs.reorganization for insert to linli_app with check (state = 'draft'
  and (select u.territory_path from orgs.unit u where u.id = reorganization.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_changes on orgs.reorganization for update to linli_app using (
  (select u.territory_path from orgs.unit u where u.id = reorganization.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

create policy as_document on orgs.reorganization_step for select to linli_app using (
  (select true from orgs.reorganization r where r.id = reorganization_step.reorganization_id));
create policy staff_drafts on orgs.reorganization_step to linli_app using (
  (select u.territory_path from orgs.reorganization r join orgs.unit u on u.id = r.unit_id where r.id = reorganization_step.reorganization_id and r.state in ('draft', 'previewed'))
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_decides on orgs.reorganization_decision to linli_app using (
  (select u.territory_path from orgs.reorganization r join orgs.unit u on u.id = r.unit_id where r.id = reorganization_decision.reorganization_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
-- Of a file only whoever keeps files learns that it exists.
create policy staff_reads on orgs.reorganization_effect for select to linli_app using (
  (select u.territory_path from orgs.unit u where u.id = from_unit_id)
    <@ any (case when subject = 'mediation_case' then (select nullif(current_setting('app.files', true), '')::ltree[])::ltree[]
                 else (select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[] end)
  or (select u.territory_path from orgs.unit u where u.id = to_unit_id)
    <@ any (case when subject = 'mediation_case' then (select nullif(current_setting('app.files', true), '')::ltree[])::ltree[]
                 else (select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[] end));

create policy staff_reads on orgs.term_warning for select to linli_app using (
  (select u.territory_path from orgs.unit u where u.id = term_warning.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

create policy own_or_staff on orgs.handover for select to linli_app using (
  to_person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or (select a.person_id from orgs.appointment a where a.id = handover.appointment_id) = (select nullif(current_setting('app.person', true), '')::uuid)
  or (select u.territory_path from orgs.unit u where u.id = handover.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_opens on orgs.handover for insert to linli_app with check (
  (select u.territory_path from orgs.unit u where u.id = handover.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy own_or_staff_changes on orgs.handover for update to linli_app using (
  to_person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or (select a.person_id from orgs.appointment a where a.id = handover.appointment_id) = (select nullif(current_setting('app.person', true), '')::uuid)
  or (select u.territory_path from orgs.unit u where u.id = handover.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy as_handover on orgs.handover_item to linli_app using ((select true from orgs.handover h where h.id = handover_item.handover_id));

create policy own_or_staff on orgs.substitution for select to linli_app using (
  (select nullif(current_setting('app.person', true), '')::uuid) in (person_id, substitute_id)
  or (select u.territory_path from orgs.unit u where u.id = substitution.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_lends on orgs.substitution for insert to linli_app with check (
  substitute_id <> (select nullif(current_setting('app.person', true), '')::uuid)
  and (select u.territory_path from orgs.unit u where u.id = substitution.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_ends on orgs.substitution for update to linli_app using (
  (select u.territory_path from orgs.unit u where u.id = substitution.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

create policy signed_in_reads on orgs.unit_area for select to linli_app using ((select nullif(current_setting('app.person', true), '')) is not null);
create policy staff_draws on orgs.unit_area to linli_app using (
  (select u.territory_path from orgs.unit u where u.id = unit_area.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

grant select on orgs.reorganization, orgs.reorganization_step, orgs.reorganization_decision, orgs.reorganization_effect, orgs.composition_rule, orgs.term_warning,
  orgs.handover, orgs.handover_item, orgs.handover_default, orgs.substitution, orgs.unit_area to linli_app;
grant insert (id, unit_id, title, effective_on, reason, proposal_ref, approval_ref, created_by) on orgs.reorganization to linli_app;
grant update (title, state, effective_on, reason, proposal_ref, approval_ref, decree_number, previewed_at, decreed_by, decreed_at, withdrawn_by, withdrawn_at,
  withdrawal_reason, version) on orgs.reorganization to linli_app;
grant insert, delete on orgs.reorganization_step to linli_app;
grant insert, delete, update (choice, to_unit_id, decided_by, decided_at) on orgs.reorganization_decision to linli_app;
grant insert (id, appointment_id, unit_id, to_person_id, due_on, note) on orgs.handover to linli_app;
grant update (to_person_id, state, completed_at, completed_by, note, version) on orgs.handover to linli_app;
grant insert, delete on orgs.handover_item to linli_app;
grant insert (id, person_id, substitute_id, unit_id, valid, reason, document_ref, created_by) on orgs.substitution to linli_app;
grant update (valid, version) on orgs.substitution to linli_app;
grant insert (id, unit_id, valid, area, bounds, is_generated, source_ref, version), update (valid, area, bounds, is_generated, source_ref, version), delete on orgs.unit_area to linli_app;
