-- People's rights over their data (PIPL 44–50): consents, who looked and who was told, requests with an answer and a deadline, erasure,
-- retention, the yearly look at minors' data.

-- A day n working days on; in a year whose holidays are not announced only weekends are known.
create or replace function people.deadline(n integer) returns date language plpgsql stable as $$
declare
  reached date := core.today();
  remaining integer := n;
begin
  while remaining > 0 loop
    reached := reached + 1;
    if coalesce(core.is_working_day(reached), extract(isodow from reached) < 6) then
      remaining := remaining - 1;
    end if;
  end loop;
  return reached;
end $$;

-- ── consents ───────────────────────────────────────────────────────────────────────────────────────────────────
-- For every purpose of today the newest decision. After a refusal nobody asks again for half a year.
drop function if exists people.consents_of(uuid) cascade;
create function people.consents_of(wanted uuid) returns table (
  purpose text, version bigint, name_zh text, name_en text, text_zh text, text_en text, basis text, decision text, decided_version bigint, form text, decided_at timestamptz,
  ask_again_from date, guardian_decision text, guardian_name text, ordinal bigint)
language sql stable as $$
  select p.code, p.version::bigint, p.name_zh, p.name_en, p.text_zh, p.text_en, p.basis, c.decision, c.purpose_version::bigint, c.form, c.at,
    case when c.decision in ('refused', 'withdrawn') then (core.day_of(c.at) + interval '6 months')::date end, g.decision, people.name_of(g.guardian_id), p.ordinal::bigint
  from people.purpose p
  left join lateral (select * from people.consent c where c.person_id = wanted and c.purpose = p.code order by c.no desc limit 1) c on true
  left join lateral (select * from people.guardian_consent g where g.ward_id = wanted and g.purpose = p.code order by g.no desc limit 1) g on true
  where p.valid @> core.today()
$$;

drop function if exists people.show_consent(uuid, text) cascade;
create function people.show_consent(person uuid, wanted text) returns table (
  purpose text, version bigint, name_zh text, name_en text, text_zh text, text_en text, basis text, decision text, decided_version bigint, form text, decided_at timestamptz,
  ask_again_from date, guardian_decision text, guardian_name text)
language sql stable as $$
  select c.purpose, c.version, c.name_zh, c.name_en, c.text_zh, c.text_en, c.basis, c.decision, c.decided_version, c.form, c.decided_at, c.ask_again_from,
    c.guardian_decision, c.guardian_name
  from people.consents_of(person) c where c.purpose = wanted
$$;

drop function if exists people.decide(uuid, text, text, text) cascade;
create function people.decide(person uuid, wanted text, new_decision text, new_form text) returns table (
  purpose text, version bigint, name_zh text, name_en text, text_zh text, text_en text, basis text, decision text, decided_version bigint, form text, decided_at timestamptz,
  ask_again_from date, guardian_decision text, guardian_name text)
language plpgsql as $$
#variable_conflict use_column
declare
  current_version integer := (select p.version from people.purpose p where p.code = wanted and p.valid @> core.today());
  last text := (select c.decision from people.consent c where c.person_id = person and c.purpose = wanted order by c.no desc limit 1);
  own boolean := person = core.person();
begin
  if not own then
    perform people.expect_in_scope(person);
  end if;
  perform core.expect(current_version is not null, 'not_found', '/purpose');
  perform core.expect(people.age_band(person) <> 'under_14', 'guardian_decides');
  perform core.expect(own or coalesce(new_form, 'online') <> 'online', 'paper_or_oral', '/form');
  perform core.expect(new_decision <> 'withdrawn' or last = 'given', 'nothing_to_withdraw', '/decision');
  insert into people.consent (person_id, purpose, purpose_version, decision, form, recorded_by)
  values (person, wanted, current_version, new_decision, coalesce(new_form, 'online'), core.person());
  return query select * from people.show_consent(person, wanted);
end $$;

drop function if exists people.decide_for_ward(uuid, uuid, text, text, text) cascade;
create function people.decide_for_ward(ward uuid, guardian uuid, wanted text, new_decision text, new_form text) returns table (
  purpose text, version bigint, name_zh text, name_en text, text_zh text, text_en text, basis text, decision text, decided_version bigint, form text, decided_at timestamptz,
  ask_again_from date, guardian_decision text, guardian_name text)
language plpgsql as $$
#variable_conflict use_column
declare
  by_whom uuid := coalesce(guardian, core.person());
  current_version integer := (select p.version from people.purpose p where p.code = wanted and p.valid @> core.today());
  last text := (select c.decision from people.guardian_consent c where c.ward_id = ward and c.purpose = wanted order by c.no desc limit 1);
begin
  if by_whom is distinct from core.person() then
    perform people.expect_in_scope(ward);
    perform core.expect(coalesce(new_form, 'online') <> 'online', 'paper_or_oral', '/form');
  end if;
  perform core.expect(exists (select from people.person p where p.id = ward), 'not_found');
  perform core.expect(exists (select from people.guardianship g where g.ward_id = ward and g.guardian_id = by_whom and g.valid @> core.today()), 'not_the_guardian', '/guardian_id');
  perform core.expect(current_version is not null, 'not_found', '/purpose');
  perform core.expect(new_decision <> 'withdrawn' or last = 'given', 'nothing_to_withdraw', '/decision');
  insert into people.guardian_consent (ward_id, guardian_id, purpose, purpose_version, ward_age, decision, form, recorded_by)
  values (ward, by_whom, wanted, current_version, people.age_band(ward), new_decision, coalesce(new_form, 'online'), core.person());
  return query select * from people.show_consent(ward, wanted);
end $$;

-- ── plain values, with a reason ────────────────────────────────────────────────────────────────────────────────
-- One at a time for each of the staff, so that the twentieth is the last of the day however many are asked at once.
create or replace function people.reveals_left() returns bigint language sql stable as $$
  select greatest(0, 20 - (select count(*) from people.reveal r where r.revealed_by = core.person() and r.on_day = core.today()))
$$;

drop function if exists people.reveal_field(uuid, text, text) cascade;
create function people.reveal_field(person uuid, wanted text, why text) returns table (
  id uuid, person_id uuid, field text, reason text, at timestamptz, phone bytea, id_number bytea, address bytea, birth_date date, reveals_left bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  made people.reveal;
  private people.person_private;
begin
  perform people.expect_in_scope(person);
  perform pg_advisory_xact_lock(hashtext('people.reveal'), hashtext(core.person()::text));
  perform core.expect(people.reveals_left() > 0, 'reveal_limit');
  perform core.expect(people.age_band(person) <> 'under_14' or exists (
    select from people.minor_access m where m.ward_id = person and m.staff_id = core.person() and m.valid @> core.today()), 'approval_missing');
  insert into people.reveal (person_id, field, reason, revealed_by, request_id)
  values (person, wanted, why, core.person(), nullif(current_setting('app.rid', true), '')) returning * into made;
  select * into private from people.person_private v where v.person_id = person;
  return query select made.id, made.person_id, made.field, made.reason, made.at, case wanted when 'phone' then private.phone_sealed end,
    case wanted when 'id_number' then private.id_number_sealed end, case wanted when 'address' then private.address_sealed end,
    case wanted when 'birth_date' then private.birth_date end, people.reveals_left();
end $$;

drop function if exists people.approve_minor_access(uuid, uuid, text, date) cascade;
create function people.approve_minor_access(ward uuid, staff uuid, why text, last_day date) returns table (
  id uuid, "ward.id" uuid, "ward.name" text, "staff.id" uuid, "staff.name" text, reason text, approved_by text, valid_from date, valid_to date)
language plpgsql as $$
#variable_conflict use_column
declare
  made people.minor_access;
begin
  perform people.expect_in_scope(ward);
  perform people.expect_person(staff, '/staff_id');
  perform core.expect(staff <> core.person(), 'not_for_oneself', '/staff_id');
  perform core.expect(last_day between core.today() and core.today() + 31, 'too_long', '/last_day');
  perform core.expect(people.age_band(ward) = 'under_14', 'ward_grown_up');
  insert into people.minor_access (ward_id, staff_id, reason, approved_by, valid)
  values (ward, staff, why, core.person(), daterange(core.today(), last_day + 1)) returning * into made;
  return query select made.id, ward, people.name_of(ward), staff, people.name_of(staff), why, people.name_of(core.person()), lower(made.valid), upper(made.valid) - 1;
end $$;

drop function if exists people.record_disclosure(uuid, text, text, jsonb, text, date) cascade;
create function people.record_disclosure(person uuid, to_whom text, what_for text, which jsonb, on_basis text, on_day date) returns table (
  id uuid, recipient text, purpose text, fields jsonb, basis text, disclosed_on date, recorded_by text)
language plpgsql as $$
#variable_conflict use_column
declare
  made people.disclosure;
  consent uuid;
begin
  perform people.expect_in_scope(person);
  perform core.expect(coalesce(on_day, core.today()) <= core.today(), 'day_in_future', '/disclosed_on');
  if on_basis = 'consent' then
    select c.id into consent from people.consent c
    where c.person_id = person and c.decision = 'given'
      and not exists (select from people.consent n where n.person_id = person and n.purpose = c.purpose and n.no > c.no)
    order by c.no desc limit 1;
    perform core.expect(consent is not null, 'consent_lacking', '/basis');
  end if;
  insert into people.disclosure (person_id, recipient, purpose, fields, basis, consent_id, disclosed_on, recorded_by)
  values (person, to_whom, what_for, array(select jsonb_array_elements_text(which)), on_basis, consent, coalesce(on_day, core.today()), core.person()) returning * into made;
  return query select made.id, made.recipient, made.purpose, to_jsonb(made.fields), made.basis, made.disclosed_on, people.name_of(made.recorded_by);
end $$;

-- ── requests ───────────────────────────────────────────────────────────────────────────────────────────────────
drop function if exists people.show_request(uuid) cascade;
create function people.show_request(wanted uuid) returns table (
  id uuid, kind text, "person.id" uuid, "person.name" text, "unit.id" uuid, "unit.name" text, "unit.kind" text, state text, field text, wanted_value bytea, explanation bytea,
  answer text, kept jsonb, filed_at timestamptz, filed_by text, due_on date, overdue boolean, decided_at timestamptz, decided_by text, done_at timestamptz, events jsonb,
  version bigint, _etag bigint, _location text)
language sql stable as $$
  select r.id, r.kind, r.person_id, people.name_of(r.person_id), u.id, u.name, u.kind, r.state, r.field, r.wanted_sealed, r.explanation_sealed, r.answer, r.kept, r.filed_at,
    people.name_of(r.filed_by), r.due_on, r.done_at is null and r.due_on < core.today(), r.decided_at, people.name_of(r.decided_by), r.done_at,
    coalesce((select jsonb_agg(jsonb_build_object('action', e.action, 'from_state', e.from_state, 'to_state', e.to_state, 'actor', people.name_of(e.actor_id),
      'at', core.json_time(e.at)) order by e.no) from people.data_request_event e where e.request_id = r.id), '[]'),
    r.version, r.version, '/data-requests/' || r.id
  from people.data_request r join orgs.unit u on u.id = r.unit_id where r.id = wanted
$$;

create or replace function people.step_request(request uuid, from_state text, wanted text) returns text language plpgsql as $$
declare
  reached text := core.next_state('data_request', from_state, wanted);
begin
  insert into people.data_request_event (request_id, action, from_state, to_state, actor_id) values (request, wanted, nullif(from_state, 'new'), reached, core.person());
  return reached;
end $$;

create or replace function people.days_for(from_state text, wanted text) returns integer language sql stable
as $$ select t.working_days from core.transition t where t.machine = 'data_request' and t.from_state = days_for.from_state and t.action = wanted $$;

drop function if exists people.file_request(uuid, text, uuid, text, bytea, bytea) cascade;
create function people.file_request(new_id uuid, as_kind text, about uuid, which text, should_be bytea, why bytea) returns table (
  id uuid, kind text, "person.id" uuid, "person.name" text, "unit.id" uuid, "unit.name" text, "unit.kind" text, state text, field text, wanted_value bytea, explanation bytea,
  answer text, kept jsonb, filed_at timestamptz, filed_by text, due_on date, overdue boolean, decided_at timestamptz, decided_by text, done_at timestamptz, events jsonb,
  version bigint, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  made uuid := coalesce(new_id, core.uuid_v7());
  whose uuid := coalesce(about, core.person());
  home uuid := (select p.unit_id from people.person p where p.id = whose);
begin
  perform core.expect(home is not null and (people.is_own(whose) or orgs.in_scope(home)), 'not_found', '/person_id');
  perform core.expect((as_kind = 'correction') = (which is not null), 'field_missing', '/field');
  perform core.expect(as_kind <> 'correction' or should_be is not null, 'field_missing', '/wanted');
  perform pg_advisory_xact_lock(hashtext('people.file_request'), hashtext(whose::text));
  perform core.expect(as_kind <> 'erasure' or not exists (
    select from people.data_request r where r.person_id = whose and r.kind = 'erasure' and r.state in ('filed', 'scheduled')), 'already_requested');
  insert into people.data_request (id, kind, person_id, unit_id, state, field, wanted_sealed, explanation_sealed, filed_by, due_on)
  values (made, as_kind, whose, home, 'filed', which, should_be, why, core.person(), people.deadline(people.days_for('new', 'file')));
  perform people.step_request(made, 'new', 'file');
  perform core.emit('people.data_request_filed', home, jsonb_build_object('id', made, 'kind', as_kind));
  return query select * from people.show_request(made);
end $$;

-- What stands in the way of an erasure: the law's own grounds to keep (PIPL 47), told to the person one by one.
create or replace function people.erasure_obstacles(wanted uuid) returns jsonb language sql stable security definer set search_path = pg_catalog as $$
  select coalesce(jsonb_agg(o.reason order by o.reason), '[]') from (
    select 'open_mediation' as reason where exists (select from mediation.mediation_case c join mediation.party y on y.case_id = c.id where y.person_id = wanted and c.closed_at is null)
    union all select 'points_reserved' where exists (select from points.account a where a.person_id = wanted and a.reserved > 0)
    union all select 'holds_office' where exists (select from orgs.appointment a where a.person_id = wanted and a.valid @> core.today())
      or exists (select from groups.head h where h.person_id = wanted and h.valid @> core.today())
    union all select 'guardian_of_ward' where exists (select from people.guardianship g where g.guardian_id = wanted and g.valid @> core.today())) o
$$;

drop function if exists people.answer_request(uuid, text, text, bigint) cascade;
create function people.answer_request(wanted uuid, decision text, words text, if_match bigint) returns table (
  id uuid, kind text, "person.id" uuid, "person.name" text, "unit.id" uuid, "unit.name" text, "unit.kind" text, state text, field text, wanted_value bytea, explanation bytea,
  answer text, kept jsonb, filed_at timestamptz, filed_by text, due_on date, overdue boolean, decided_at timestamptz, decided_by text, done_at timestamptz, events jsonb,
  version bigint, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  old people.data_request;
  action text;
begin
  select * into old from people.data_request r where r.id = wanted for update;
  perform core.expect(found and orgs.in_scope(old.unit_id), 'not_found');
  perform core.expect(if_match is null or old.version = if_match, 'version_mismatch');
  perform core.expect(old.person_id <> core.person(), 'own_request');
  action := case when decision = 'fulfil' and old.kind = 'erasure' then 'schedule' else decision end;
  perform core.expect(decision <> 'refuse' or words is not null, 'reason_missing', '/answer');
  perform core.expect(action <> 'schedule' or people.erasure_obstacles(old.person_id) = '[]', 'erasure_obstacles');
  update people.data_request r set state = people.step_request(wanted, old.state, action), answer = words, decided_by = core.person(), decided_at = core.app_now(),
    done_at = case when action <> 'schedule' then core.app_now() end,
    due_on = case when action = 'schedule' then people.deadline(people.days_for('filed', 'schedule')) else r.due_on end,
    kept = case when old.kind = 'erasure' then case action when 'schedule' then '["ledger", "files", "audit_digests"]'::jsonb else people.erasure_obstacles(old.person_id) end end,
    version = r.version + 1
  where r.id = wanted;
  perform core.emit('people.data_request_answered', old.unit_id, jsonb_build_object('id', wanted, 'decision', decision));
  return query select * from people.show_request(wanted);
end $$;

drop function if exists people.withdraw_request(uuid) cascade;
create function people.withdraw_request(wanted uuid) returns table (
  id uuid, kind text, "person.id" uuid, "person.name" text, "unit.id" uuid, "unit.name" text, "unit.kind" text, state text, field text, wanted_value bytea, explanation bytea,
  answer text, kept jsonb, filed_at timestamptz, filed_by text, due_on date, overdue boolean, decided_at timestamptz, decided_by text, done_at timestamptz, events jsonb,
  version bigint, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  old people.data_request;
begin
  select * into old from people.data_request r where r.id = wanted for update;
  perform core.expect(found and people.is_own(old.person_id), 'not_found');
  update people.data_request r set state = people.step_request(wanted, old.state, 'withdraw'), done_at = core.app_now(), version = r.version + 1 where r.id = wanted;
  return query select * from people.show_request(wanted);
end $$;

-- ── erasure ────────────────────────────────────────────────────────────────────────────────────────────────────
-- The pseudonym stays in ledger, files and chain; everything that says who it was goes, also out of the audit's payloads.
create or replace function people.erase_person(wanted uuid) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform 1 from people.person p where p.id = wanted for update;
  perform people.end_roles(wanted, core.today(), 'erased');
  -- the payloads of what goes with it; digests stay in the chain
  delete from core.audit_payload a using core.audit_record r
  where r.id = a.audit_id and r.row_key = wanted::text and r.table_name in ('people.person', 'people.person_private', 'access.login');
  delete from core.audit_payload a using core.audit_record r
  where r.id = a.audit_id and r.table_name in ('people.care_mark', 'people.data_request', 'people.near_relative')
    and r.row_key in (select c.id::text from people.care_mark c where c.person_id = wanted
                      union all select d.id::text from people.data_request d where d.person_id = wanted
                      union all select n.id::text from people.near_relative n where wanted in (n.person_id, n.relative_id));
  delete from people.care_mark c where c.person_id = wanted;
  delete from people.near_relative n where wanted in (n.person_id, n.relative_id);
  delete from access.password_reset r where r.person_id = wanted;
  delete from access.login l where l.person_id = wanted;
  delete from people.person_private v where v.person_id = wanted;
  update people.data_request d set wanted_sealed = null, explanation_sealed = null where d.person_id = wanted;
  update people.person p set display_name = '已注销', sex = null, birth_year = null, erased_at = core.app_now(), version = p.version + 1 where p.id = wanted;
  -- what these last writes themselves said
  delete from core.audit_payload a using core.audit_record r
  where r.id = a.audit_id and r.row_key = wanted::text and r.table_name in ('people.person', 'people.person_private', 'access.login');
  perform core.emit('people.erased', people.home_of(wanted), jsonb_build_object('person_id', wanted));
end $$;
revoke execute on function people.erase_person(uuid) from public;

-- Once a day: erasures whose time for second thoughts is over. What has come in between stops them, and says so.
create or replace function people.apply_erasures() returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  due people.data_request;
begin
  for due in select * from people.data_request r where r.kind = 'erasure' and r.state = 'scheduled' and r.due_on <= core.today() order by r.id for update skip locked loop
    if people.erasure_obstacles(due.person_id) = '[]' then
      perform people.erase_person(due.person_id);
      update people.data_request r set state = people.step_request(due.id, 'scheduled', 'erase'), done_at = core.app_now(), version = r.version + 1 where r.id = due.id;
    else
      update people.data_request r set kept = people.erasure_obstacles(due.person_id), version = r.version + 1
      where r.id = due.id and r.kept is distinct from people.erasure_obstacles(due.person_id);
    end if;
  end loop;
end $$;
revoke execute on function people.apply_erasures() from public;

-- ── retention ──────────────────────────────────────────────────────────────────────────────────────────────────
create or replace function people.retain_sessions(cutoff timestamptz) returns bigint language sql security definer set search_path = pg_catalog as $$
  with gone as (delete from access.login_session s where s.expires_at < cutoff or s.revoked_at < cutoff returning 1) select count(*) from gone
$$;
create or replace function people.retain_claim_codes(cutoff timestamptz) returns bigint language sql security definer set search_path = pg_catalog as $$
  with gone as (delete from access.claim_code c where c.expires_at < cutoff returning 1), old as (delete from access.password_reset r where r.expires_at < cutoff returning 1)
  select (select count(*) from gone) + (select count(*) from old)
$$;
create or replace function people.retain_reveals(cutoff timestamptz) returns bigint language sql security definer set search_path = pg_catalog as $$
  with gone as (delete from people.reveal r where r.at < cutoff returning 1) select count(*) from gone
$$;
create or replace function people.retain_disclosures(cutoff timestamptz) returns bigint language sql security definer set search_path = pg_catalog as $$
  with gone as (delete from people.disclosure d where d.disclosed_on < core.day_of(cutoff) returning 1) select count(*) from gone
$$;
create or replace function people.retain_care_marks(cutoff timestamptz) returns bigint language sql security definer set search_path = pg_catalog as $$
  with gone as (delete from people.care_mark c where upper(c.valid) <= core.day_of(cutoff) returning 1) select count(*) from gone
$$;
create or replace function people.retain_merges(cutoff timestamptz) returns bigint language plpgsql security definer set search_path = pg_catalog as $$
declare
  n bigint;
begin
  with over as (select m.id, m.merged_id from people.merge m where m.undone_at is null and m.merged_at < cutoff),
  gone as (delete from people.merge_step s using over where s.merge_id = over.id returning 1),
  private as (delete from people.person_private v using over where v.person_id = over.merged_id returning 1)
  select (select count(*) from gone) + (select count(*) from private) into n;
  return n;
end $$;
create or replace function people.retain_deceased(cutoff timestamptz) returns bigint language sql security definer set search_path = pg_catalog as $$
  with gone as (delete from people.person_private v using people.person p where p.id = v.person_id and p.died_on < core.day_of(cutoff) returning 1) select count(*) from gone
$$;
-- Nobody's home since then, no account in use, no office: they have left the city.
create or replace function people.retain_former(cutoff timestamptz) returns bigint language sql security definer set search_path = pg_catalog as $$
  with gone as (
    delete from people.person_private v using people.person p
    where p.id = v.person_id and p.died_on is null
      and not exists (select from people.residence r where r.person_id = p.id and (upper_inf(r.valid) or upper(r.valid) > core.day_of(cutoff)))
      and not exists (select from access.login l where l.person_id = p.id and not l.disabled)
      and not exists (select from orgs.appointment a where a.person_id = p.id and a.valid @> core.today())
    returning 1) select count(*) from gone
$$;
create or replace function people.retain_audit_payloads(cutoff timestamptz) returns bigint language sql security definer set search_path = pg_catalog as $$
  with gone as (delete from core.audit_payload a using core.audit_record r where r.id = a.audit_id and r.at < cutoff returning 1) select count(*) from gone
$$;
revoke execute on function people.retain_sessions(timestamptz), people.retain_claim_codes(timestamptz), people.retain_reveals(timestamptz), people.retain_disclosures(timestamptz),
  people.retain_care_marks(timestamptz), people.retain_merges(timestamptz), people.retain_deceased(timestamptz), people.retain_former(timestamptz),
  people.retain_audit_payloads(timestamptz) from public;

-- Once a day: every rule, and what each of them did.
create or replace function people.apply_retention() returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  rule people.retention_rule;
  until timestamptz;
  n bigint;
begin
  for rule in select * from people.retention_rule r order by r.ordinal loop
    until := core.app_now() - make_interval(months => rule.months);
    execute format('select %s($1)', rule.routine) into n using until;
    insert into people.retention_run (rule, cutoff, affected) values (rule.code, until, n);
  end loop;
end $$;
revoke execute on function people.apply_retention() from public;

-- ── minors: the yearly look (Minors' Network Protection Regulations 37) ────────────────────────────────────────
-- Sums of the communities within reach; nobody's data.
drop function if exists people.audit_minors(integer) cascade;
create function people.audit_minors(wanted integer) returns table (
  id uuid, "unit.id" uuid, "unit.name" text, "unit.kind" text, year bigint, under_14 bigint, from_14_to_18 bigint, without_guardian bigint, consents_given bigint,
  consents_missing bigint, reveals bigint, reveals_approved bigint, disclosures bigint)
language sql stable security definer set search_path = pg_catalog as $$
  with day as (select least(core.today(), make_date(wanted, 12, 31)) as day),
  place as (
    select u.id, u.name, u.kind from orgs.unit u
    where u.kind = 'community' and u.valid @> core.today() and (core.trusted() or (u.territory_path <@ any (core.scope()) and u.territory_path <@ any (core.paths())))),
  minor as materialized (
    select l.id as place, p.id, coalesce(v.birth_date, make_date(p.birth_year, 12, 31)) as born
    from place l cross join lateral orgs.units_below(l.id, 'territory', core.today()) b(unit_id)
    join people.person p on p.unit_id = b.unit_id left join people.person_private v on v.person_id = p.id
    cross join day d
    where p.merged_into is null and p.erased_at is null and coalesce(v.birth_date, make_date(p.birth_year, 12, 31)) + interval '18 years' > d.day),
  judged as (
    select m.*, m.born + interval '14 years' > d.day as child,
      exists (select from people.guardianship g where g.ward_id = m.id and g.valid @> core.today()) as guarded,
      (select g.decision from people.guardian_consent g where g.ward_id = m.id and g.purpose = 'neighbourhood_service' order by g.no desc limit 1) as decision,
      (select count(*) from people.reveal r where r.person_id = m.id and extract(year from r.on_day) = wanted) as reveals,
      (select count(*) from people.reveal r where r.person_id = m.id and extract(year from r.on_day) = wanted
         and exists (select from people.minor_access a where a.ward_id = m.id and a.staff_id = r.revealed_by and a.valid @> r.on_day)) as approved,
      (select count(*) from people.disclosure x where x.person_id = m.id and extract(year from x.disclosed_on) = wanted) as disclosures
    from minor m cross join day d)
  select l.id, l.id, l.name, l.kind, wanted::bigint, count(*) filter (where j.child), count(*) filter (where not j.child), count(j.id) filter (where not j.guarded),
    count(*) filter (where j.decision = 'given'), count(j.id) filter (where j.child and j.decision is distinct from 'given'),
    coalesce(sum(j.reveals), 0)::bigint, coalesce(sum(j.approved), 0)::bigint, coalesce(sum(j.disclosures), 0)::bigint
  from place l left join judged j on j.place = l.id group by l.id, l.name, l.kind
$$;

-- ── what others did in a person's name ─────────────────────────────────────────────────────────────────────────
drop function if exists people.acts_for(uuid) cascade;
create function people.acts_for(wanted uuid) returns table (id bigint, at timestamptz, operation text, agent_name text, tables jsonb)
language sql stable security definer set search_path = pg_catalog as $$
  select min(r.id), min(r.at), r.operation, people.name_of(r.agent_id), to_jsonb(array_agg(distinct r.table_name order by r.table_name))
  from core.audit_record r
  where r.person_id = wanted and r.agent_id is not null and people.is_own(wanted)
  group by r.request_id, r.operation, r.agent_id
$$;

-- ── a copy of everything (PIPL 45) ─────────────────────────────────────────────────────────────────────────────
-- Callers ask first whose it is; here every part is asked by the person's id alone.
drop function if exists people.data_of(uuid) cascade;
create function people.data_of(wanted uuid) returns table (
  user_name text, residences jsonb, households jsonb, dwellings jsonb, guardianships jsonb, near_relatives jsonb, consents jsonb, grants jsonb, appointments jsonb, groups jsonb,
  accounts jsonb, services jsonb, mediation_cases jsonb, reveals jsonb, disclosures jsonb, data_requests jsonb, representations jsonb)
language sql stable security definer set search_path = pg_catalog as $$
  select (select l.user_name from access.login l where l.person_id = wanted),
    (select coalesce(jsonb_agg(jsonb_build_object('unit', orgs.unit_json(r.unit_id, core.today()), 'kind', r.kind, 'valid_from', lower(r.valid), 'valid_to', upper(r.valid) - 1)
       order by lower(r.valid)), '[]') from people.residence r where r.person_id = wanted),
    (select coalesce(jsonb_agg(jsonb_build_object('id', m.household_id, 'relation', m.relation, 'valid_from', lower(m.valid), 'valid_to', upper(m.valid) - 1) order by lower(m.valid)), '[]')
       from people.household_member m where m.person_id = wanted),
    (select coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'door', d.door, 'share_numerator', o.share_numerator, 'share_denominator', o.share_denominator,
       'valid_from', lower(o.valid), 'valid_to', upper(o.valid) - 1) order by lower(o.valid), o.id), '[]')
       from people.ownership o join people.dwelling d on d.id = o.dwelling_id where o.person_id = wanted),
    (select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'ward', jsonb_build_object('id', g.ward_id, 'name', people.name_of(g.ward_id)),
       'guardian', jsonb_build_object('id', g.guardian_id, 'name', people.name_of(g.guardian_id)), 'kind', g.kind, 'ground', g.ground, 'valid_from', lower(g.valid),
       'valid_to', upper(g.valid) - 1, 'document_ref', g.document_ref) order by g.id), '[]') from people.guardianship g where wanted in (g.ward_id, g.guardian_id)),
    (select coalesce(jsonb_agg(jsonb_build_object('id', n.id, 'name', s."relative.name", 'kind', s.kind) order by n.id), '[]')
       from people.near_relative n cross join lateral people.show_relative(n.id, wanted) s where wanted in (n.person_id, n.relative_id)),
    (select coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'purpose', c.purpose, 'version', c.purpose_version, 'decision', c.decision, 'form', c.form, 'at', core.json_time(c.at))
       order by c.no), '[]') from people.consent c where c.person_id = wanted),
    (select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'role', g.role, 'unit', orgs.unit_json(g.unit_id, core.today()), 'valid_from', lower(g.valid), 'valid_to', upper(g.valid) - 1)
       order by g.id), '[]') from access.grant g where g.person_id = wanted),
    (select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'unit', orgs.unit_json(a.unit_id, core.today()), 'post', p.name_zh, 'valid_from', lower(a.valid), 'valid_to', upper(a.valid) - 1)
       order by lower(a.valid), a.id), '[]') from orgs.appointment a join orgs.post p on p.code = a.post_code where a.person_id = wanted),
    (select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name, 'role', m.role, 'valid_from', lower(m.valid), 'valid_to', upper(m.valid) - 1) order by m.id), '[]')
       from groups.group_member m join groups.group g on g.id = m.group_id where m.person_id = wanted),
    (select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'currency', a.currency, 'balance', a.balance, 'reserved', a.reserved) order by a.id), '[]')
       from points.account a where a.person_id = wanted),
    (select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'kind', s.kind, 'minutes', s.minutes, 'served_on', s.served_on, 'as_volunteer', s.volunteer_id = wanted, 'state', s.state)
       order by s.served_on, s.id), '[]') from volunteering.service_record s where wanted in (s.volunteer_id, s.served_person_id)),
    (select coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'number', c.number, 'state', c.state, 'opened_at', core.json_time(c.opened_at)) order by c.opened_at), '[]')
       from mediation.mediation_case c where exists (select from mediation.party y where y.case_id = c.id and y.person_id = wanted)),
    (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'field', r.field, 'reason', r.reason, 'revealed_by', people.name_of(r.revealed_by), 'at', core.json_time(r.at)) order by r.no), '[]')
       from people.reveal r where r.person_id = wanted),
    (select coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'recipient', d.recipient, 'purpose', d.purpose, 'fields', to_jsonb(d.fields), 'basis', d.basis, 'disclosed_on', d.disclosed_on)
       order by d.no), '[]') from people.disclosure d where d.person_id = wanted),
    (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'kind', r.kind, 'state', r.state, 'filed_at', core.json_time(r.filed_at), 'answer', r.answer) order by r.id), '[]')
       from people.data_request r where r.person_id = wanted),
    (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'person', people.name_of(r.person_id), 'agent', people.name_of(r.agent_id), 'basis', r.basis, 'valid_from', lower(r.valid),
       'valid_to', upper(r.valid) - 1) order by r.id), '[]') from access.representation r where wanted in (r.person_id, r.agent_id))
  where people.is_own(wanted) or core.trusted()
$$;
