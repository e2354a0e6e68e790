-- People as they live: dwellings and who owns them, households, residence, guardians, relatives, care; their rights over their own data;
-- who saw it and why; how a record becomes a login; who acts for whom; what an auditor may look at and until when.

-- ── the person ─────────────────────────────────────────────────────────────────────────────────────────────────
-- Sex is asked where the law asks (committees, art. 8); null: not recorded. The day of birth is private.
alter table people.person
  add column sex text constraint person_sex check (sex in ('female', 'male')),
  add column died_on date,
  add column merged_into uuid constraint person_merged_into references people.person,
  add column erased_at timestamptz,
  add constraint person_merged_into_another check (merged_into <> id);

alter table people.person_private add column birth_date date;
create index person_private_by_birth on people.person_private (birth_date);

-- The day of birth enters the audit as a digest, like what is sealed.
drop trigger audit_insert on people.person_private;
drop trigger audit_update on people.person_private;
drop trigger audit_delete on people.person_private;
select core.audit_table('people.person_private', '{birth_date}');

-- ── dwellings, owners, households ──────────────────────────────────────────────────────────────────────────────
create table people.dwelling (
  id uuid primary key default core.uuid_v7(),
  unit_id uuid not null references orgs.unit,
  door text not null check (length(door) between 1 and 40),
  use text not null default 'home' check (use in ('home', 'business', 'parking')),
  area_cm2 bigint check (area_cm2 between 1 and 1000000000),
  valid daterange not null check (not isempty(valid) and not lower_inf(valid)),
  version bigint not null default 1,
  constraint dwelling_of_unit unique (id, unit_id),
  constraint dwelling_door_once exclude using gist (unit_id with =, door with =, valid with &&)
);
create index dwelling_by_unit on people.dwelling (unit_id, door, id);

-- Co-owners by shares hold exact fractions; joint owners (Civil Code 297, 299) hold the whole together and have none.
create table people.ownership (
  id uuid primary key default core.uuid_v7(),
  dwelling_id uuid not null references people.dwelling,
  person_id uuid references people.person,
  owner_unit_id uuid references orgs.unit,
  share_numerator bigint check (share_numerator between 1 and 1000000),
  share_denominator bigint check (share_denominator between 1 and 1000000),
  valid daterange not null check (not isempty(valid) and not lower_inf(valid)),
  document_ref text check (length(document_ref) between 1 and 200),
  version bigint not null default 1,
  constraint ownership_owner check (num_nonnulls(person_id, owner_unit_id) = 1),
  constraint ownership_share check ((share_numerator is null) = (share_denominator is null) and share_numerator <= share_denominator),
  constraint ownership_once exclude using gist (dwelling_id with =, person_id with =, valid with &&),
  constraint ownership_unit_once exclude using gist (dwelling_id with =, owner_unit_id with =, valid with &&)
);
create index ownership_by_dwelling on people.ownership (dwelling_id) include (valid);
create index ownership_by_person on people.ownership (person_id);

-- On no day more than the whole is owned, and shares do not mix with joint ownership. Judged at commit: a sale changes several rows.
create function people.check_shares() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
declare
  day date;
  mixed boolean;
  held numeric;
begin
  perform pg_advisory_xact_lock(hashtext('people.shares'), hashtext(new.dwelling_id::text));
  for day in select distinct lower(o.valid) from people.ownership o where o.dwelling_id = new.dwelling_id and lower(o.valid) <@ new.valid loop
    -- exact: every share over the least common multiple of the day's denominators
    select bool_or(o.share_numerator is null) and bool_or(o.share_numerator is not null),
      coalesce(sum(o.share_numerator::numeric * (l.common / o.share_denominator)) - max(l.common), 0)
    into mixed, held
    from people.ownership o
    cross join lateral (
      select people.common_multiple(array(select x.share_denominator from people.ownership x
        where x.dwelling_id = new.dwelling_id and x.valid @> day and x.share_denominator is not null)) as common) l
    where o.dwelling_id = new.dwelling_id and o.valid @> day;
    if mixed or held > 0 then
      raise exception using errcode = 'check_violation', constraint = 'ownership_whole', message = 'more than the whole dwelling is owned on some day';
    end if;
  end loop;
  return null;
end $$;
create function people.common_multiple(numbers bigint[]) returns numeric language plpgsql immutable as $$
declare
  reached numeric := 1;
  n bigint;
begin
  foreach n in array numbers loop
    reached := lcm(reached, n::numeric);
  end loop;
  return reached;
end $$;
create constraint trigger shares after insert or update on people.ownership deferrable initially deferred for each row execute function people.check_shares();

-- Who lives together and answers together; the place is the dwelling's, or a unit alone where no dwelling is recorded.
create table people.household (
  id uuid primary key default core.uuid_v7(),
  unit_id uuid not null references orgs.unit,
  dwelling_id uuid,
  kind text not null default 'family' check (kind in ('family', 'collective')),
  valid daterange not null check (not isempty(valid) and not lower_inf(valid)),
  version bigint not null default 1,
  constraint household_dwelling foreign key (dwelling_id, unit_id) references people.dwelling (id, unit_id)
);
create index household_by_unit on people.household (unit_id, id);
create index household_by_dwelling on people.household (dwelling_id);

create table people.household_member (
  id uuid primary key default core.uuid_v7(),
  household_id uuid not null references people.household,
  person_id uuid not null references people.person,
  relation text not null check (relation in ('head', 'spouse', 'child', 'parent', 'sibling', 'grandparent', 'grandchild', 'other')),
  valid daterange not null check (not isempty(valid) and not lower_inf(valid)),
  end_reason text check (end_reason in ('moved', 'left', 'died', 'corrected')),
  version bigint not null default 1,
  constraint household_member_once exclude using gist (person_id with =, valid with &&),
  constraint household_member_one_head exclude using gist (household_id with =, valid with &&) where (relation = 'head')
);
create index household_member_by_household on people.household_member (household_id) include (valid);
create index household_member_by_person on people.household_member (person_id);

-- As what a person lives there; null: not asked yet.
alter table people.residence
  add column kind text constraint residence_kind check (kind in ('owner', 'family', 'tenant', 'floating')),
  add column dwelling_id uuid references people.dwelling,
  add column end_reason text constraint residence_end_reason check (end_reason in ('moved', 'left', 'died'));
create index residence_by_dwelling on people.residence (dwelling_id) where dwelling_id is not null;

-- ── guardians, consents of guardians, near relatives, care ─────────────────────────────────────────────────────
create table people.guardianship (
  id uuid primary key default core.uuid_v7(),
  ward_id uuid not null references people.person,
  guardian_id uuid not null references people.person,
  -- Civil Code 27, 28 (parent, statutory), 29 (testamentary), 31 (appointed), 33 (agreed)
  kind text not null check (kind in ('parent', 'statutory', 'testamentary', 'appointed', 'agreed')),
  ground text not null check (ground in ('minor', 'incapacity')),
  valid daterange not null check (not isempty(valid) and not lower_inf(valid)),
  document_ref text check (length(document_ref) between 1 and 200),
  recorded_by uuid references people.person,
  version bigint not null default 1,
  constraint guardianship_of_another check (guardian_id <> ward_id),
  constraint guardianship_once exclude using gist (ward_id with =, guardian_id with =, valid with &&)
);
create index guardianship_by_ward on people.guardianship (ward_id);
create index guardianship_by_guardian on people.guardianship (guardian_id);

-- What personal data may be used for, in versions; separate: PIPL asks for a consent of its own (25, 29, 31).
create table people.purpose (
  code text not null check (code ~ '^[a-z_]{1,40}$'),
  version integer not null check (version > 0),
  ordinal integer not null,
  name_zh text not null, name_en text not null,
  text_zh text not null, text_en text not null,
  basis text not null,
  minors boolean not null,
  valid daterange not null check (not isempty(valid)),
  primary key (code, version),
  constraint purpose_one_version exclude using gist (code with =, valid with &&)
);

insert into people.purpose (code, version, ordinal, name_zh, name_en, text_zh, text_en, basis, minors, valid) values
  ('neighbourhood_service', 1, 1, '邻里服务', 'Neighbourhood services', '社区用您的姓名、电话和住处联系您、安排服务。', 'Your community uses your name, telephone and home to reach you and to arrange services.', 'PIPL 13(1)', true, daterange('2024-01-01', null)),
  ('volunteer_publication', 1, 2, '公开志愿服务信息', 'Publishing volunteer service', '在本社区公开您的姓名和志愿服务时长。', 'Your name and hours of service are published in your community.', 'Regulations on Voluntary Service 20; PIPL 25', false, daterange('2024-01-01', null)),
  ('honour_publication', 1, 3, '公开荣誉', 'Publishing honours', '评选表彰时公开您的姓名和事迹。', 'Your name and deeds are published when honours are given.', 'PIPL 25', false, daterange('2024-01-01', null)),
  ('care_visits', 1, 4, '关怀探访', 'Care visits', '登记您的困难情况，并告诉上门探访的人。', 'Your hardship is recorded and told to those who visit you.', 'PIPL 29: sensitive', true, daterange('2024-01-01', null)),
  ('time_bank_minor', 1, 5, '未成年人志愿服务', 'Minors in the time bank', '登记未成年人参加志愿服务的记录。', 'The service of a minor is recorded.', 'PIPL 31; Minors'' Network Protection Regulations 31', true, daterange('2024-01-01', null));

-- Every decision is a row; the newest one holds. Refusing and withdrawing take the same single call as giving.
create table people.consent (
  id uuid primary key default core.uuid_v7(),
  no bigint generated always as identity unique,
  person_id uuid not null references people.person,
  purpose text not null,
  purpose_version integer not null,
  decision text not null check (decision in ('given', 'refused', 'withdrawn')),
  form text not null check (form in ('online', 'paper', 'oral')),
  at timestamptz not null default core.app_now(),
  recorded_by uuid not null references people.person,
  constraint consent_purpose foreign key (purpose, purpose_version) references people.purpose (code, version)
);
create index consent_by_person on people.consent (person_id, purpose, no desc);

-- For a child under 14 the data are sensitive (PIPL 28, 31) and the guardian decides; from 14 to 18 the guardian beside the minor.
create table people.guardian_consent (
  id uuid primary key default core.uuid_v7(),
  no bigint generated always as identity unique,
  ward_id uuid not null references people.person,
  guardian_id uuid not null references people.person,
  purpose text not null,
  purpose_version integer not null,
  ward_age text not null check (ward_age in ('under_14', '14_to_18', 'adult')),
  decision text not null check (decision in ('given', 'refused', 'withdrawn')),
  form text not null check (form in ('online', 'paper', 'oral')),
  at timestamptz not null default core.app_now(),
  recorded_by uuid not null references people.person,
  constraint guardian_consent_purpose foreign key (purpose, purpose_version) references people.purpose (code, version),
  constraint guardian_consent_of_another check (guardian_id <> ward_id)
);
create index guardian_consent_by_ward on people.guardian_consent (ward_id, purpose, no desc);
create index guardian_consent_by_guardian on people.guardian_consent (guardian_id);

-- Civil Code 1045: spouse, parents, children, siblings, grandparents, grandchildren. "relative is <kind> of person", said once.
create table people.near_relative (
  id uuid primary key default core.uuid_v7(),
  person_id uuid not null references people.person,
  relative_id uuid not null references people.person,
  kind text not null check (kind in ('spouse', 'parent', 'sibling', 'grandparent')),
  valid daterange not null default daterange(null, null) check (not isempty(valid)),
  recorded_by uuid references people.person,
  version bigint not null default 1,
  constraint near_relative_of_another check (person_id <> relative_id),
  constraint near_relative_once exclude using gist (person_id with =, relative_id with =, valid with &&)
);
create index near_relative_by_person on people.near_relative (person_id);
create index near_relative_by_relative on people.near_relative (relative_id);

-- Sensitive by nature: seen by the person, the guardian, the community's own workers and secretary, and who was named to help.
create table people.care_mark (
  id uuid primary key default core.uuid_v7(),
  person_id uuid not null references people.person,
  kind text not null check (kind in ('lives_alone', 'disability', 'chronic_illness', 'left_behind_child', 'hardship', 'bereaved', 'other')),
  note_sealed bytea,
  valid daterange not null check (not isempty(valid) and not lower_inf(valid)),
  recorded_by uuid not null references people.person,
  version bigint not null default 1,
  constraint care_mark_once exclude using gist (person_id with =, kind with =, valid with &&)
);
create index care_mark_by_person on people.care_mark (person_id);

create table people.care_helper (
  care_mark_id uuid not null references people.care_mark on delete cascade,
  person_id uuid not null references people.person,
  task text not null check (length(task) between 1 and 200),
  named_by uuid not null references people.person,
  valid daterange not null check (not isempty(valid) and not lower_inf(valid)),
  primary key (care_mark_id, person_id)
);
create index care_helper_by_person on people.care_helper (person_id);

-- ── death, merging ─────────────────────────────────────────────────────────────────────────────────────────────
create table people.death (
  person_id uuid primary key references people.person,
  died_on date not null,
  document_ref text not null check (length(document_ref) between 1 and 200),
  recorded_by uuid references people.person,
  recorded_at timestamptz not null default core.app_now(),
  -- what was open on that day and needs a human: cases, reservations, dwellings
  open_matters jsonb not null
);

-- Points of the dead wait for their heirs: no entry is booked on a frozen account.
alter table points.account add column frozen_on date;

create table people.merge (
  id uuid primary key default core.uuid_v7(),
  kept_id uuid not null references people.person,
  merged_id uuid not null references people.person,
  reason text not null check (length(reason) between 1 and 500),
  merged_by uuid references people.person,
  merged_at timestamptz not null default core.app_now(),
  undo_until date not null,
  undone_at timestamptz,
  undone_by uuid references people.person,
  constraint merge_two check (kept_id <> merged_id)
);
create unique index merge_in_force_once on people.merge (merged_id) where undone_at is null;
create index merge_by_kept on people.merge (kept_id);

-- The trail: each row that pointed to the one record and points to the other now, or had to give way and is kept here whole.
create table people.merge_step (
  no bigint generated always as identity primary key,
  merge_id uuid not null references people.merge,
  table_name text not null,
  column_name text not null,
  row_key jsonb not null,
  removed jsonb
);
create index merge_step_by_merge on people.merge_step (merge_id, no);

-- ── who saw what, and who was given what ───────────────────────────────────────────────────────────────────────
create table people.reveal (
  id uuid primary key default core.uuid_v7(),
  no bigint generated always as identity unique,
  person_id uuid not null references people.person,
  field text not null check (field in ('phone', 'id_number', 'address', 'birth_date')),
  reason text not null check (length(reason) between 4 and 300),
  revealed_by uuid not null references people.person,
  revealed_to_role text,
  at timestamptz not null default core.app_now(),
  on_day date not null default core.today(),
  request_id text
);
create index reveal_by_person on people.reveal (person_id, no desc);
create index reveal_by_staff on people.reveal (revealed_by, on_day);

-- A child's plain data open only to who was approved before (Minors' Network Protection Regulations 36): by another, for a time.
create table people.minor_access (
  id uuid primary key default core.uuid_v7(),
  ward_id uuid not null references people.person,
  staff_id uuid not null references people.person,
  reason text not null check (length(reason) between 4 and 300),
  approved_by uuid not null references people.person,
  valid daterange not null check (not isempty(valid) and not lower_inf(valid) and not upper_inf(valid)),
  constraint minor_access_by_another check (approved_by <> staff_id)
);
create index minor_access_by_ward on people.minor_access (ward_id);

-- Personal data given to somebody outside (PIPL 23): kept for three years.
create table people.disclosure (
  id uuid primary key default core.uuid_v7(),
  no bigint generated always as identity unique,
  person_id uuid not null references people.person,
  recipient text not null check (length(recipient) between 1 and 200),
  purpose text not null check (length(purpose) between 1 and 300),
  fields text[] not null check (cardinality(fields) between 1 and 20),
  basis text not null check (basis in ('consent', 'law', 'contract', 'emergency')),
  consent_id uuid references people.consent,
  disclosed_on date not null,
  recorded_by uuid not null references people.person,
  recorded_at timestamptz not null default core.app_now(),
  constraint disclosure_consent check ((basis = 'consent') = (consent_id is not null))
);
create index disclosure_by_person on people.disclosure (person_id, no desc);

-- ── requests about one's data (PIPL 46–48): a case with a deadline (M12) ───────────────────────────────────────
create table people.data_request (
  id uuid primary key default core.uuid_v7(),
  kind text not null check (kind in ('correction', 'erasure', 'explanation')),
  person_id uuid not null references people.person,
  unit_id uuid not null references orgs.unit,
  state text not null,
  field text check (field in ('name', 'sex', 'birth_date', 'phone', 'id_number', 'address', 'home', 'household', 'other')),
  wanted_sealed bytea,
  explanation_sealed bytea,
  answer text check (length(answer) between 1 and 1000),
  kept jsonb,
  filed_by uuid not null references people.person,
  filed_at timestamptz not null default core.app_now(),
  due_on date not null,
  decided_by uuid references people.person,
  decided_at timestamptz,
  done_at timestamptz,
  version bigint not null default 1,
  constraint data_request_field check ((kind = 'correction') = (field is not null)),
  constraint data_request_answer check (state <> 'refused' or answer is not null)
);
create index data_request_by_person on people.data_request (person_id, id);
create index data_request_by_unit on people.data_request (unit_id, id);
create index data_request_by_due on people.data_request (due_on) where done_at is null;

create table people.data_request_event (
  no bigint generated always as identity primary key,
  request_id uuid not null references people.data_request,
  action text not null,
  from_state text,
  to_state text not null,
  actor_id uuid,
  at timestamptz not null default core.app_now()
);
create index data_request_event_by_request on people.data_request_event (request_id, no);

insert into core.transition (machine, from_state, action, to_state, who, working_days) values
  ('data_request', 'new', 'file', 'filed', '{person}', 15),
  ('data_request', 'filed', 'withdraw', 'withdrawn', '{person}', null),
  ('data_request', 'filed', 'refuse', 'refused', '{staff}', null),
  ('data_request', 'filed', 'fulfil', 'fulfilled', '{staff}', null),
  ('data_request', 'filed', 'schedule', 'scheduled', '{staff}', 5),
  ('data_request', 'scheduled', 'erase', 'fulfilled', '{system}', null),
  ('data_request', 'scheduled', 'withdraw', 'withdrawn', '{person}', null);

-- ── retention: rules as data; each names the routine that applies it ───────────────────────────────────────────
create table people.retention_rule (
  code text primary key check (code ~ '^[a-z_]{1,40}$'),
  ordinal integer not null,
  name_zh text not null, name_en text not null,
  basis_zh text not null, basis_en text not null,
  months integer not null check (months between 1 and 1200),
  routine text not null check (routine ~ '^people\.retain_[a-z_]+$')
);
create table people.retention_run (
  id uuid primary key default core.uuid_v7(),
  rule text not null references people.retention_rule,
  ran_at timestamptz not null default core.app_now(),
  cutoff timestamptz not null,
  affected bigint not null check (affected >= 0)
);
create index retention_run_by_rule on people.retention_run (rule, ran_at desc);

insert into people.retention_rule (code, ordinal, name_zh, name_en, basis_zh, basis_en, months, routine) values
  ('sessions', 1, '登录记录', 'Sign-in records', '网络安全法第二十三条第三项：不少于六个月', 'Cybersecurity Law 23(3): at least six months', 6, 'people.retain_sessions'),
  ('claim_codes', 2, '一次性开通码', 'One-time codes', '个人信息保护法第十九条：用完即删', 'PIPL 19: no longer than needed', 1, 'people.retain_claim_codes'),
  ('reveals', 3, '查看明文记录', 'Reveal records', '个人信息保护法第五十五、五十六条：三年', 'PIPL 55–56: three years', 36, 'people.retain_reveals'),
  ('disclosures', 4, '对外提供记录', 'Disclosure records', '网络数据安全管理条例第十二条：三年', 'Network Data Regulations 12: three years', 36, 'people.retain_disclosures'),
  ('ended_care', 5, '已结束的关怀标记', 'Care marks that ended', '个人信息保护法第十九条：不再需要即删', 'PIPL 19: no longer than needed', 12, 'people.retain_care_marks'),
  ('ended_merges', 6, '合并留痕', 'Trails of merges', '个人信息保护法第十九条：过了可撤销的期限即删', 'PIPL 19: no longer than the undo lasts', 2, 'people.retain_merges'),
  ('deceased', 7, '已故者私密信息', 'Private data of the deceased', '个人信息保护法第四十九条；本市规定：三年', 'PIPL 49; policy of the city: three years', 36, 'people.retain_deceased'),
  ('former_residents', 8, '迁出者私密信息', 'Private data of those who left', '个人信息保护法第四十七条第一项；本市规定：三年', 'PIPL 47(1); policy of the city: three years', 36, 'people.retain_former'),
  ('audit_payloads', 9, '审计内容(摘要保留)', 'Audit payloads (digests stay)', '本市规定：五年', 'Policy of the city: five years', 60, 'people.retain_audit_payloads');

-- ── access: codes handed over, resets by two, devices, acting for another, mandates ────────────────────────────
-- Shown once: the first group finds the row, the keyed digest of the whole is all that is kept.
create table access.claim_code (
  id uuid primary key default core.uuid_v7(),
  person_id uuid not null references people.person on delete cascade,
  purpose text not null check (purpose in ('claim', 'reset')),
  selector text not null check (length(selector) = 4),
  code_blind bytea not null check (octet_length(code_blind) = 32),
  tries_left integer not null default 5 check (tries_left >= 0),
  made_by uuid references people.person,
  made_at timestamptz not null default core.app_now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  cancelled_at timestamptz
);
create unique index claim_code_open on access.claim_code (person_id) where used_at is null and cancelled_at is null;
create index claim_code_by_selector on access.claim_code (selector) where used_at is null and cancelled_at is null;

create table access.password_reset (
  id uuid primary key default core.uuid_v7(),
  person_id uuid not null references people.person on delete cascade,
  reason text not null check (length(reason) between 4 and 300),
  requested_by uuid not null references people.person,
  requested_at timestamptz not null default core.app_now(),
  approved_by uuid references people.person,
  approved_at timestamptz,
  expires_at timestamptz not null,
  constraint password_reset_four_eyes check (approved_by <> requested_by),
  constraint password_reset_not_oneself check (person_id <> requested_by and person_id <> approved_by),
  constraint password_reset_approval check ((approved_by is null) = (approved_at is null))
);
create index password_reset_by_person on access.password_reset (person_id, id);
create unique index password_reset_open on access.password_reset (person_id) where approved_at is null;

-- A person who cannot use a screen consents, before a witness or on paper, that another acts for them; a guardian acts by law.
create table access.representation (
  id uuid primary key default core.uuid_v7(),
  person_id uuid not null references people.person,
  agent_id uuid not null references people.person,
  basis text not null check (basis in ('consent', 'guardianship')),
  form text not null check (form in ('written', 'oral_witnessed')),
  witness text check (length(witness) between 1 and 60),
  guardianship_id uuid references people.guardianship,
  reason text not null check (length(reason) between 4 and 300),
  valid daterange not null check (not isempty(valid) and not lower_inf(valid) and not upper_inf(valid)),
  recorded_by uuid not null references people.person,
  recorded_at timestamptz not null default core.app_now(),
  ended_by uuid references people.person,
  version bigint not null default 1,
  constraint representation_of_another check (person_id <> agent_id),
  constraint representation_not_recorded_by_agent check (recorded_by <> agent_id),
  constraint representation_witness check ((form = 'oral_witnessed') = (witness is not null)),
  constraint representation_guardianship check ((basis = 'guardianship') = (guardianship_id is not null)),
  constraint representation_once exclude using gist (person_id with =, agent_id with =, valid with &&)
);
create index representation_by_agent on access.representation (agent_id);
create index representation_by_person on access.representation (person_id);

alter table access.login_session
  add column device_name text constraint login_session_device check (length(device_name) between 1 and 60),
  add column own_device boolean not null default false,
  add column lifetime interval,
  add column acting_for uuid constraint login_session_acting_for references people.person,
  add column representation_id uuid constraint login_session_representation references access.representation,
  add constraint login_session_acting check ((acting_for is null) = (representation_id is null));
alter table access.login_session drop constraint login_session_revoked_because_check;
alter table access.login_session add constraint login_session_revoked_because_check
  check (revoked_because in ('signed_out', 'signed_out_remotely', 'reused', 'disabled', 'password_changed', 'died', 'erased'));
create index login_session_by_representation on access.login_session (representation_id) where representation_id is not null;

-- An auditor's grant alone opens nothing: it does so within a mandate, which says why and until when.
create table access.audit_mandate (
  id uuid primary key default core.uuid_v7(),
  auditor_id uuid not null references people.person,
  unit_id uuid not null references orgs.unit,
  purpose text not null check (length(purpose) between 4 and 300),
  document_ref text not null check (length(document_ref) between 1 and 200),
  valid daterange not null check (not isempty(valid) and not lower_inf(valid) and not upper_inf(valid)),
  granted_by uuid references people.person,
  granted_at timestamptz not null default core.app_now(),
  ended_by uuid references people.person,
  version bigint not null default 1,
  constraint audit_mandate_by_another check (granted_by <> auditor_id),
  constraint audit_mandate_year check (upper(valid) - lower(valid) <= 366),
  constraint audit_mandate_once exclude using gist (auditor_id with =, unit_id with =, valid with &&)
);
create index audit_mandate_by_unit on access.audit_mandate (unit_id, id);

-- What an auditor asked within the mandate.
create table access.audit_view (
  no bigint generated always as identity primary key,
  auditor_id uuid not null references people.person,
  mandate_id uuid references access.audit_mandate,
  operation text not null,
  question jsonb not null,
  at timestamptz not null default core.app_now(),
  request_id text
);
create index audit_view_by_auditor on access.audit_view (auditor_id, no);

-- Figures that the platform shows, what each of them counts, and where its rows are.
create table access.figure (
  code text primary key check (code ~ '^[a-z_]{1,40}$'),
  ordinal integer not null,
  name_zh text not null, name_en text not null,
  definition_zh text not null, definition_en text not null,
  source text not null
);

insert into access.figure (code, ordinal, name_zh, name_en, definition_zh, definition_en, source) values
  ('residents', 1, '居民人数', 'Residents', '当天住在该单元及其下级的登记居民，每人一条居住记录。', 'Registered residents who live in the unit or below it on that day: one row of residence each.', 'people.residence'),
  ('households', 2, '户数', 'Households', '当天在该单元及其下级登记的户。', 'Households registered in the unit or below it on that day.', 'people.household'),
  ('central_households', 3, '中心户', 'Central households', '当天任期内的中心户。', 'Central households whose term includes the day.', 'people.central_household'),
  ('heads', 4, '楼栋长、巷长、街长', 'Heads', '当天任期内的楼栋长、巷长、街长。', 'Heads of buildings, lanes and streets whose term includes the day.', 'groups.head'),
  ('groups', 5, '居民自治小组和帮帮团', 'Groups', '当天存在的居民自治小组和邻里帮帮团。', 'Self-governance groups and neighbour help teams that exist on the day.', 'groups.group'),
  ('communities', 6, '社区', 'Communities', '当天存在的社区。', 'Communities that exist on the day.', 'orgs.unit'),
  ('compounds', 7, '小区', 'Compounds', '当天存在的小区。', 'Compounds that exist on the day.', 'orgs.unit'),
  ('branches', 8, '小区党支部', 'Branches', '当天存在的小区党支部。', 'Compound branches that exist on the day.', 'orgs.unit'),
  ('services', 9, '志愿服务次数', 'Services', '到当天为止经服务对象评价的志愿服务。', 'Services rated by the served person up to the day.', 'volunteering.service_record'),
  ('points_awarded', 10, '已发放积分', 'Points awarded', '到当天为止因服务评价发放且未冲正的积分转账。', 'Transfers that awarded points for rated services up to the day and were not reversed.', 'points.transfer');

-- Who acted for the person in whose name a row was written; NULL: they themselves.
alter table core.audit_record add column agent_id uuid default nullif(current_setting('app.agent', true), '')::uuid;
create index audit_record_by_agent on core.audit_record (person_id, id) where agent_id is not null;

-- ── who is asking, once a statement and hence outside the row's judgement ──────────────────────────────────────
create function people.my_households() returns uuid[] language sql stable security definer set search_path = pg_catalog as $$
  select coalesce(array_agg(m.household_id), '{}') from people.household_member m where m.person_id = core.person() and m.valid @> core.today()
$$;
create function people.my_dwellings() returns uuid[] language sql stable security definer set search_path = pg_catalog as $$
  select coalesce(array_agg(d.id), '{}') from (
    select o.dwelling_id as id from people.ownership o where o.person_id = core.person()
    union select r.dwelling_id from people.residence r where r.person_id = core.person() and r.dwelling_id is not null and r.valid @> core.today()
    union select h.dwelling_id from people.household_member m join people.household h on h.id = m.household_id
      where m.person_id = core.person() and m.valid @> core.today() and h.dwelling_id is not null) d
$$;
create function people.my_wards() returns uuid[] language sql stable security definer set search_path = pg_catalog as $$
  select coalesce(array_agg(g.ward_id), '{}') from people.guardianship g where g.guardian_id = core.person() and g.valid @> core.today()
$$;
create function people.my_care() returns uuid[] language sql stable security definer set search_path = pg_catalog as $$
  select coalesce(array_agg(h.care_mark_id), '{}') from people.care_helper h where h.person_id = core.person() and h.valid @> core.today()
$$;
-- Roots of the grants that need care marks: the community's own workers and secretary, nobody above or beside them.
create function people.care_paths() returns ltree[] language sql stable security definer set search_path = pg_catalog as $$
  select coalesce(array_agg(u.territory_path), '{}') from access.grant g join orgs.unit u on u.id = g.unit_id
  where g.person_id = core.person() and g.role in ('community_worker', 'community_secretary') and g.valid @> core.today()
    and u.territory_path <@ any (core.paths())
$$;

-- ── rights ─────────────────────────────────────────────────────────────────────────────────────────────────────
select core.guard_table(t) from unnest(array[
  'people.dwelling', 'people.ownership', 'people.household', 'people.household_member', 'people.guardianship', 'people.purpose', 'people.consent',
  'people.guardian_consent', 'people.near_relative', 'people.care_mark', 'people.care_helper', 'people.death', 'people.merge', 'people.merge_step',
  'people.reveal', 'people.minor_access', 'people.disclosure', 'people.data_request', 'people.data_request_event', 'people.retention_rule', 'people.retention_run',
  'access.claim_code', 'access.password_reset', 'access.representation', 'access.audit_mandate', 'access.audit_view', 'access.figure'
]::regclass[]) t;
select core.audit_table(t) from unnest(array[
  'people.dwelling', 'people.ownership', 'people.household', 'people.household_member', 'people.guardianship', 'people.purpose', 'people.consent',
  'people.guardian_consent', 'people.near_relative', 'people.care_mark', 'people.care_helper', 'people.death', 'people.merge', 'people.reveal',
  'people.minor_access', 'people.disclosure', 'people.data_request', 'people.retention_rule', 'people.retention_run',
  'access.claim_code', 'access.password_reset', 'access.representation', 'access.audit_mandate', 'access.audit_view', 'access.figure'
]::regclass[]) t;

-- What is written once: erased by the owner's retention alone.
create function people.refuse_update() returns trigger language plpgsql as $$
begin
  raise exception using errcode = 'restrict_violation', constraint = tg_table_name || '_immutable', message = format('%s.%s is never changed', tg_table_schema, tg_table_name);
end $$;
create trigger immutable before update or truncate on people.consent for each statement execute function people.refuse_update();
create trigger immutable before update or truncate on people.guardian_consent for each statement execute function people.refuse_update();
create trigger immutable before update or truncate on people.reveal for each statement execute function people.refuse_update();
create trigger immutable before update or truncate on people.disclosure for each statement execute function people.refuse_update();
create trigger immutable before update or truncate on people.data_request_event for each statement execute function people.refuse_update();
create trigger immutable before update or truncate on access.audit_view for each statement execute function people.refuse_update();

-- A guardian sees the ward's record, private part and home, and may write what the routines let a person write of the own.
create policy guardian_reads on people.person for select to linli_app using (id = any ((select people.my_wards())::uuid[]));
create policy guardian_reads on people.person_private for select to linli_app using (person_id = any ((select people.my_wards())::uuid[]));
create policy guardian_reads on people.residence for select to linli_app using (person_id = any ((select people.my_wards())::uuid[]));

create policy staff_and_those_inside on people.dwelling for select to linli_app using (
  id = any ((select people.my_dwellings())::uuid[])
  or (select u.territory_path from orgs.unit u where u.id = dwelling.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_records on people.dwelling for insert to linli_app with check (
  (select u.territory_path from orgs.unit u where u.id = dwelling.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_changes on people.dwelling for update to linli_app using (
  (select u.territory_path from orgs.unit u where u.id = dwelling.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

create policy staff_and_those_inside on people.ownership for select to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or dwelling_id = any ((select people.my_dwellings())::uuid[])
  or (select u.territory_path from people.dwelling d join orgs.unit u on u.id = d.unit_id where d.id = ownership.dwelling_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_records on people.ownership for insert to linli_app with check (
  (select u.territory_path from people.dwelling d join orgs.unit u on u.id = d.unit_id where d.id = ownership.dwelling_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_changes on people.ownership for update to linli_app using (
  (select u.territory_path from people.dwelling d join orgs.unit u on u.id = d.unit_id where d.id = ownership.dwelling_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

create policy staff_and_members on people.household for select to linli_app using (
  id = any ((select people.my_households())::uuid[])
  or (select u.territory_path from orgs.unit u where u.id = household.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_records on people.household for insert to linli_app with check (
  (select u.territory_path from orgs.unit u where u.id = household.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_changes on people.household for update to linli_app using (
  (select u.territory_path from orgs.unit u where u.id = household.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

create policy staff_and_members on people.household_member for select to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or household_id = any ((select people.my_households())::uuid[])
  or (select u.territory_path from people.household h join orgs.unit u on u.id = h.unit_id where h.id = household_member.household_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_records on people.household_member for insert to linli_app with check (
  (select u.territory_path from people.household h join orgs.unit u on u.id = h.unit_id where h.id = household_member.household_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_changes on people.household_member for update to linli_app using (
  (select u.territory_path from people.household h join orgs.unit u on u.id = h.unit_id where h.id = household_member.household_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

create policy both_and_staff on people.guardianship for select to linli_app using (
  (select nullif(current_setting('app.person', true), '')::uuid) in (ward_id, guardian_id)
  or (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = guardianship.ward_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_records on people.guardianship for insert to linli_app with check (
  (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = guardianship.ward_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_ends on people.guardianship for update to linli_app using (
  (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = guardianship.ward_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

create policy everyone_reads on people.purpose for select to linli_app using ((select nullif(current_setting('app.person', true), '')) is not null);
create policy everyone_reads on people.retention_rule for select to linli_app using ((select nullif(current_setting('app.person', true), '')) is not null);
create policy everyone_reads on people.retention_run for select to linli_app using ((select nullif(current_setting('app.person', true), '')) is not null);
create policy everyone_reads on access.figure for select to linli_app using ((select nullif(current_setting('app.person', true), '')) is not null);

create policy own_and_staff on people.consent for select to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = consent.person_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy own_or_staff_records on people.consent for insert to linli_app with check (
  recorded_by = (select nullif(current_setting('app.person', true), '')::uuid)
  and (person_id = recorded_by
    or (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = consent.person_id)
      <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[])));

create policy both_and_staff on people.guardian_consent for select to linli_app using (
  (select nullif(current_setting('app.person', true), '')::uuid) in (ward_id, guardian_id)
  or (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = guardian_consent.ward_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy guardian_or_staff_records on people.guardian_consent for insert to linli_app with check (
  recorded_by = (select nullif(current_setting('app.person', true), '')::uuid)
  and ((guardian_id = recorded_by and ward_id = any ((select people.my_wards())::uuid[]))
    or (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = guardian_consent.ward_id)
      <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[])));

create policy both_and_staff on people.near_relative for select to linli_app using (
  (select nullif(current_setting('app.person', true), '')::uuid) in (person_id, relative_id)
  or (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = near_relative.person_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[])
  or (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = near_relative.relative_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_records on people.near_relative for insert to linli_app with check (
  (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = near_relative.person_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[])
  or (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = near_relative.relative_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_ends on people.near_relative for update to linli_app using (
  (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = near_relative.person_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[])
  or (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = near_relative.relative_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

create policy who_needs_it on people.care_mark for select to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or person_id = any ((select people.my_wards())::uuid[])
  or id = any ((select people.my_care())::uuid[])
  or (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = care_mark.person_id)
    <@ any ((select people.care_paths())::ltree[]));
create policy community_records on people.care_mark for insert to linli_app with check (
  (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = care_mark.person_id) <@ any ((select people.care_paths())::ltree[]));
create policy community_ends on people.care_mark for update to linli_app using (
  (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = care_mark.person_id) <@ any ((select people.care_paths())::ltree[]));

-- Judged by the mark: whoever sees it sees who was named to help.
create policy with_the_mark on people.care_helper for select to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or (select m.id from people.care_mark m where m.id = care_helper.care_mark_id) is not null);
create policy community_names on people.care_helper for insert to linli_app with check (
  (select u.territory_path from people.care_mark m join people.person p on p.id = m.person_id join orgs.unit u on u.id = p.unit_id where m.id = care_helper.care_mark_id)
    <@ any ((select people.care_paths())::ltree[]));
create policy community_ends on people.care_helper for update to linli_app using (
  (select u.territory_path from people.care_mark m join people.person p on p.id = m.person_id join orgs.unit u on u.id = p.unit_id where m.id = care_helper.care_mark_id)
    <@ any ((select people.care_paths())::ltree[]));

create policy staff_reads on people.death for select to linli_app using (
  (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = death.person_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_reads on people.merge for select to linli_app using (
  (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = merge.kept_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

-- Whom it concerns, who looked, and the staff that answers for the place.
create policy concerned_and_staff on people.reveal for select to linli_app using (
  (select nullif(current_setting('app.person', true), '')::uuid) in (person_id, revealed_by)
  or person_id = any ((select people.my_wards())::uuid[])
  or (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = reveal.person_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_reveals on people.reveal for insert to linli_app with check (
  revealed_by = (select nullif(current_setting('app.person', true), '')::uuid)
  and (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = reveal.person_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

create policy concerned_and_staff on people.minor_access for select to linli_app using (
  staff_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or ward_id = any ((select people.my_wards())::uuid[])
  or (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = minor_access.ward_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_approves on people.minor_access for insert to linli_app with check (
  approved_by = (select nullif(current_setting('app.person', true), '')::uuid)
  and (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = minor_access.ward_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

create policy concerned_and_staff on people.disclosure for select to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or person_id = any ((select people.my_wards())::uuid[])
  or (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = disclosure.person_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_records on people.disclosure for insert to linli_app with check (
  recorded_by = (select nullif(current_setting('app.person', true), '')::uuid)
  and (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = disclosure.person_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

create policy own_and_staff on people.data_request for select to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or person_id = any ((select people.my_wards())::uuid[])
  or (select u.territory_path from orgs.unit u where u.id = data_request.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy own_or_staff_files on people.data_request for insert to linli_app with check (
  filed_by = (select nullif(current_setting('app.person', true), '')::uuid)
  and (person_id = filed_by or person_id = any ((select people.my_wards())::uuid[])
    or (select u.territory_path from orgs.unit u where u.id = data_request.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[])));
create policy own_or_staff_moves on people.data_request for update to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or person_id = any ((select people.my_wards())::uuid[])
  or (select u.territory_path from orgs.unit u where u.id = data_request.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy with_the_request on people.data_request_event for select to linli_app using (
  (select r.id from people.data_request r where r.id = data_request_event.request_id) is not null);
create policy with_the_request_records on people.data_request_event for insert to linli_app with check (
  (select r.id from people.data_request r where r.id = data_request_event.request_id) is not null);

create policy concerned_and_staff on access.password_reset for select to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = password_reset.person_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy concerned_and_staff on access.representation for select to linli_app using (
  (select nullif(current_setting('app.person', true), '')::uuid) in (person_id, agent_id)
  or (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = representation.person_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_records on access.representation for insert to linli_app with check (
  recorded_by = (select nullif(current_setting('app.person', true), '')::uuid)
  and (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = representation.person_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy concerned_or_staff_ends on access.representation for update to linli_app using (
  (select nullif(current_setting('app.person', true), '')::uuid) in (person_id, agent_id)
  or (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = representation.person_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy auditor_and_staff on access.audit_mandate for select to linli_app using (
  auditor_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or (select u.territory_path from orgs.unit u where u.id = audit_mandate.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_mandates on access.audit_mandate for insert to linli_app with check (
  granted_by = (select nullif(current_setting('app.person', true), '')::uuid)
  and (select u.territory_path from orgs.unit u where u.id = audit_mandate.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_ends on access.audit_mandate for update to linli_app using (
  (select u.territory_path from orgs.unit u where u.id = audit_mandate.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy own_views on access.audit_view for select to linli_app using (auditor_id = (select nullif(current_setting('app.person', true), '')::uuid));
create policy own_views_recorded on access.audit_view for insert to linli_app with check (auditor_id = (select nullif(current_setting('app.person', true), '')::uuid));

-- An ended representation or mandate ends what it opened within a second.
create function access.tell_mandated() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform core.notify_grants(new.auditor_id);
  return null;
end $$;
create trigger tell_mandated after insert or update on access.audit_mandate for each row execute function access.tell_mandated();
create function access.tell_represented() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  update access.login_session s set revoked_at = core.app_now(), revoked_because = 'signed_out' where s.representation_id = new.id and s.revoked_at is null
    and upper(new.valid) <= core.today();
  perform core.notify_grants(new.person_id);
  perform core.notify_grants(new.agent_id);
  return null;
end $$;
create trigger tell_represented after update of valid on access.representation for each row execute function access.tell_represented();

grant select, insert on people.dwelling, people.ownership, people.household, people.household_member, people.guardianship, people.consent, people.guardian_consent,
  people.near_relative, people.care_mark, people.care_helper, people.reveal, people.minor_access, people.disclosure, people.data_request, people.data_request_event,
  access.representation, access.audit_mandate, access.audit_view to linli_app;
grant select on people.purpose, people.death, people.merge, people.retention_rule, people.retention_run, access.password_reset, access.figure to linli_app;
grant update (area_cm2, use, valid, version) on people.dwelling to linli_app;
grant update (valid, version) on people.ownership, people.guardianship, people.near_relative, people.household to linli_app;
grant update (relation, valid, end_reason, version) on people.household_member to linli_app;
grant update (valid, version) on people.care_mark to linli_app;
grant update (valid) on people.care_helper to linli_app;
grant update (state, answer, kept, decided_by, decided_at, done_at, due_on, version) on people.data_request to linli_app;
grant update (valid, ended_by, version) on access.representation, access.audit_mandate to linli_app;

insert into core.daily_task (routine, ordinal) values ('people.apply_erasures', 70), ('people.apply_retention', 75);
