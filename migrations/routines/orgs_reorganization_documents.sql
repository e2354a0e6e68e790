-- The document of a reorganization before it is in force: drafted, looked at, decided, decreed, withdrawn. Reloaded whole by every migrate.
set local check_function_bodies = off;

-- ── the steps of a draft ───────────────────────────────────────────────────────────────────────────────────────
-- Ids for new units, so that later steps and decisions can name them; the first part of a split goes on for what hangs on the whole.
create or replace function orgs.complete_step(step jsonb) returns jsonb language plpgsql volatile as $$
declare
  parts jsonb := (
    select jsonb_agg(p.part || jsonb_build_object('id', coalesce(p.part ->> 'id', core.uuid_v7()::text)) order by p.n)
    from jsonb_array_elements(case when jsonb_typeof(step -> 'into') = 'array' then step -> 'into' else '[]' end) with ordinality p(part, n));
begin
  return jsonb_strip_nulls(step || jsonb_build_object('into', parts,
    'unit_id', coalesce(step ->> 'unit_id', case when step ->> 'action' = 'create' then core.uuid_v7()::text end),
    'heir_id', coalesce(step ->> 'heir_id', case when step ->> 'action' = 'split' and not coalesce((step ->> 'continues')::boolean, false) then parts -> 0 ->> 'id' end)));
end $$;

create or replace function orgs.expect_complete(step jsonb, pointer text) returns void language plpgsql as $$
declare
  needed text[] := case step ->> 'action'
    when 'create' then '{kind,name,parent_id}' when 'close' then '{unit_id}' when 'split' then '{unit_id,into}' when 'merge' then '{unit_ids}'
    when 'transfer' then '{unit_ids,parent_id}' when 'rename' then '{unit_id,name}' when 'reparent' then '{unit_id,parent_id}' end;
  field text;
begin
  foreach field in array needed loop
    perform core.expect(step ? field, 'step_incomplete', pointer || '/' || field);
  end loop;
  perform core.expect(step ->> 'action' <> 'merge' or (step ? 'heir_id') <> (step ? 'into') and (step ? 'heir_id' or jsonb_array_length(step -> 'into') = 1),
    'step_incomplete', pointer || '/heir_id');
  perform core.expect(step ->> 'action' <> 'split' or not step ? 'heir_id'
      or exists (select from jsonb_array_elements(step -> 'into') p where p ->> 'id' = step ->> 'heir_id'), 'step_incomplete', pointer || '/heir_id');
end $$;

-- Units that a step names must exist below the document's unit, within the caller's reach, or be made by an earlier step.
create or replace function orgs.expect_reachable(step jsonb, root uuid, made uuid[], pointer text) returns void language plpgsql as $$
declare
  named record;
begin
  for named in
    select u.field, u.id::uuid as id from (
      select 'unit_id' as field, step ->> 'unit_id' as id where step ->> 'action' <> 'create'
      union all select 'parent_id', step ->> 'parent_id' union all select 'leadership_parent_id', step ->> 'leadership_parent_id'
      union all select 'heir_id', step ->> 'heir_id' where not coalesce(exists (select from jsonb_array_elements(step -> 'into') p where p ->> 'id' = step ->> 'heir_id'), false)
      union all select 'unit_ids', i from jsonb_array_elements_text(coalesce(step -> 'unit_ids', '[]')) i
      union all select 'into', i from jsonb_array_elements(coalesce(step -> 'into', '[]')) p, jsonb_array_elements_text(coalesce(p -> 'unit_ids', '[]')) i) u
    where u.id is not null
  loop
    perform core.expect(named.id = any (made) or exists (
      select from orgs.unit u join orgs.unit r on r.id = root
      where u.id = named.id and (u.territory_path <@ r.territory_path or named.field = 'leadership_parent_id' or step ->> 'ladder' = 'leadership')
        and orgs.in_scope(u.id)), 'not_found', pointer || '/' || named.field);
  end loop;
end $$;

create or replace function orgs.write_steps(wanted uuid, root uuid, steps jsonb) returns void language plpgsql as $$
declare
  step jsonb;
  ordinal smallint := 0;
  made uuid[] := '{}';
begin
  delete from orgs.reorganization_step s where s.reorganization_id = wanted;
  for step in select orgs.complete_step(s) from jsonb_array_elements(steps) s loop
    perform orgs.expect_complete(step, '/steps/' || ordinal);
    perform orgs.expect_reachable(step, root, made, '/steps/' || ordinal);
    made := made || array(select (p ->> 'id')::uuid from jsonb_array_elements(coalesce(step -> 'into', '[]')) p)
      || case when step ->> 'action' = 'create' then array[(step ->> 'unit_id')::uuid] else '{}' end;
    insert into orgs.reorganization_step (reorganization_id, ordinal, action, details) values (wanted, ordinal, step ->> 'action', step - 'action');
    ordinal := ordinal + 1;
  end loop;
end $$;

create or replace function orgs.step_json(action text, details jsonb) returns jsonb language sql stable as $$
  select jsonb_build_object('action', action, 'unit_id', details ->> 'unit_id', 'unit_ids', coalesce(details -> 'unit_ids', '[]'), 'kind', details ->> 'kind',
    'name', details ->> 'name', 'short_name', details ->> 'short_name', 'contact_phone', details ->> 'contact_phone', 'ladder', details ->> 'ladder',
    'parent_id', details ->> 'parent_id', 'leadership_parent_id', details ->> 'leadership_parent_id', 'heir_id', details ->> 'heir_id',
    'continues', coalesce((details ->> 'continues')::boolean, false),
    'into', coalesce((select jsonb_agg(jsonb_build_object('id', p ->> 'id', 'name', p ->> 'name', 'short_name', p ->> 'short_name', 'contact_phone', p ->> 'contact_phone',
      'unit_ids', coalesce(p -> 'unit_ids', '[]')) order by n) from jsonb_array_elements(coalesce(details -> 'into', '[]')) with ordinality x(p, n)), '[]'))
$$;

-- ── the document ───────────────────────────────────────────────────────────────────────────────────────────────
drop function if exists orgs.show_reorganization(uuid) cascade;
create function orgs.show_reorganization(wanted uuid) returns table (
  id uuid, title text, unit jsonb, state text, effective_on date, reason text, proposal_ref text, approval_ref text, decree_number text, obstacle text, steps jsonb,
  decisions jsonb, created_at timestamptz, previewed_at timestamptz, decreed_at timestamptz, in_force_at timestamptz, withdrawn_at timestamptz, withdrawal_reason text,
  version bigint, _etag bigint, _location text)
language sql stable as $$
  select r.id, r.title, orgs.unit_json(r.unit_id, core.today()), r.state, r.effective_on, r.reason, r.proposal_ref, r.approval_ref, r.decree_number, r.obstacle,
    coalesce((select jsonb_agg(orgs.step_json(s.action, s.details) order by s.ordinal) from orgs.reorganization_step s where s.reorganization_id = r.id), '[]'),
    coalesce((select jsonb_agg(jsonb_build_object('subject', d.subject, 'subject_id', d.subject_id, 'choice', d.choice, 'to_unit_id', d.to_unit_id) order by d.subject, d.subject_id)
      from orgs.reorganization_decision d where d.reorganization_id = r.id), '[]'),
    r.created_at, r.previewed_at, r.decreed_at, r.in_force_at, r.withdrawn_at, r.withdrawal_reason, r.version, r.version, '/reorganizations/' || r.id
  from orgs.reorganization r where r.id = wanted
$$;

-- Locked, within reach, and in a state from which the action leads on.
create or replace function orgs.take_reorganization(wanted uuid, action text) returns orgs.reorganization language plpgsql as $$
declare
  held orgs.reorganization;
begin
  select * into held from orgs.reorganization r where r.id = wanted for update;
  perform core.expect(found and orgs.in_scope(held.unit_id), 'not_found');
  perform core.next_state('reorganization', held.state, action);
  return held;
end $$;

drop function if exists orgs.draft_reorganization(jsonb) cascade;
create function orgs.draft_reorganization(body jsonb) returns table (
  id uuid, title text, unit jsonb, state text, effective_on date, reason text, proposal_ref text, approval_ref text, decree_number text, obstacle text, steps jsonb,
  decisions jsonb, created_at timestamptz, previewed_at timestamptz, decreed_at timestamptz, in_force_at timestamptz, withdrawn_at timestamptz, withdrawal_reason text,
  version bigint, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  made uuid := coalesce((body ->> 'id')::uuid, core.uuid_v7());
  root uuid := (body ->> 'unit_id')::uuid;
begin
  perform core.expect(orgs.in_scope(root), 'not_found', '/unit_id');
  insert into orgs.reorganization (id, unit_id, title, effective_on, reason, proposal_ref, approval_ref, created_by)
  values (made, root, body ->> 'title', (body ->> 'effective_on')::date, body ->> 'reason', body ->> 'proposal_ref', body ->> 'approval_ref', core.person());
  perform orgs.write_steps(made, root, body -> 'steps');
  return query select * from orgs.show_reorganization(made);
end $$;

drop function if exists orgs.edit_reorganization(uuid, jsonb, bigint) cascade;
create function orgs.edit_reorganization(wanted uuid, body jsonb, if_match bigint) returns table (
  id uuid, title text, unit jsonb, state text, effective_on date, reason text, proposal_ref text, approval_ref text, decree_number text, obstacle text, steps jsonb,
  decisions jsonb, created_at timestamptz, previewed_at timestamptz, decreed_at timestamptz, in_force_at timestamptz, withdrawn_at timestamptz, withdrawal_reason text,
  version bigint, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  held orgs.reorganization := orgs.take_reorganization(wanted, 'edit');
begin
  perform core.expect(if_match is null or held.version = if_match, 'version_mismatch');
  update orgs.reorganization r set title = coalesce(body ->> 'title', r.title), effective_on = coalesce((body ->> 'effective_on')::date, r.effective_on),
    reason = case when body ? 'reason' then body ->> 'reason' else r.reason end,
    proposal_ref = case when body ? 'proposal_ref' then body ->> 'proposal_ref' else r.proposal_ref end,
    approval_ref = case when body ? 'approval_ref' then body ->> 'approval_ref' else r.approval_ref end,
    state = core.next_state('reorganization', r.state, 'edit'), version = r.version + 1
  where r.id = wanted;
  if body ? 'steps' then
    perform orgs.write_steps(wanted, held.unit_id, body -> 'steps');
  end if;
  return query select * from orgs.show_reorganization(wanted);
end $$;

-- ── what it would do ───────────────────────────────────────────────────────────────────────────────────────────
-- What hangs on the units that close and needs a person's word: running appointments, and rights of staff.
create or replace function orgs.choices_of(document uuid) returns table (subject text, subject_id uuid, person_id uuid, what text, unit_id uuid)
language sql stable security definer set search_path = pg_catalog as $$
  with closing as (select c.closed, r.effective_on from orgs.reorganization r cross join lateral orgs.closings(r.id) c where r.id = document)
  select 'appointment', a.id, a.person_id, a.post_code, a.unit_id
  from closing c join orgs.appointment a on a.unit_id = c.closed where upper_inf(a.valid) or upper(a.valid) > c.effective_on
  union all
  select 'grant', g.id, g.person_id, g.role, g.unit_id
  from closing c join access.grant g on g.unit_id = c.closed
  where (upper_inf(g.valid) or upper(g.valid) > c.effective_on) and g.role not in ('resident', 'volunteer', 'guardian')
$$;
revoke execute on function orgs.choices_of(uuid) from public;

create or replace function orgs.choices_json(document uuid) returns jsonb
language sql stable security definer set search_path = pg_catalog as $$
  select coalesce(jsonb_agg(jsonb_build_object('subject', c.subject, 'subject_id', c.subject_id, 'what', c.what, 'person', jsonb_build_object('id', c.person_id, 'name', people.name_of(c.person_id)),
    'unit', orgs.unit_json(c.unit_id, core.today()), 'choice', d.choice, 'to_unit_id', d.to_unit_id) order by c.subject, c.unit_id, c.what, c.subject_id), '[]')
  from orgs.choices_of(document) c left join orgs.reorganization_decision d on d.reorganization_id = document and d.subject = c.subject and d.subject_id = c.subject_id
$$;
revoke execute on function orgs.choices_json(uuid) from public;

-- The named units and all above them as they stand on a day, parents first: one side of the comparison.
create or replace function orgs.outline(units uuid[], day date) returns jsonb
language sql stable security definer set search_path = pg_catalog as $$
  with shown as (
    select distinct c.ancestor_id as id from orgs.unit_closure c where c.descendant_id = any (units) and c.ladder = 'territory' and c.valid @> day
  ), node as (
    select u.id, u.label, u.kind, orgs.name_on(u.id, day) as name, orgs.parent_on(u.id, 'territory', day) as parent_id, orgs.residents_of(u.id, day) as residents,
      (select max(c.depth) from orgs.unit_closure c where c.descendant_id = u.id and c.ladder = 'territory' and c.valid @> day) as depth,
      (select count(*) from orgs.unit_relation r where r.parent_id = u.id and r.ladder = 'territory' and r.valid @> day) as child_count
    from shown s join orgs.unit u using (id))
  select coalesce(jsonb_agg(jsonb_build_object('id', n.id, 'parent_id', n.parent_id, 'kind', n.kind, 'name', n.name, 'depth', n.depth, 'residents', n.residents,
    'child_count', n.child_count, 'touched', n.id = any (units)) order by n.depth, n.label), '[]')
  from node n
$$;
revoke execute on function orgs.outline(uuid[], date) from public;

-- Households that live in an area, as the people domain keeps them; NULL where it does not.
create or replace function orgs.households_in(area uuid[], day date) returns bigint
language plpgsql stable security definer set search_path = pg_catalog as $$
declare
  counted bigint;
begin
  if to_regclass('people.household') is null then
    return null;
  end if;
  execute 'select count(*) from people.household h where h.unit_id = any ($1) and h.valid @> $2' into counted using area, day;
  return counted;
end $$;
revoke execute on function orgs.households_in(uuid[], date) from public;

-- How many of what change their community, counted on the eve.
create or replace function orgs.affected_by(units uuid[], day date) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog as $$
declare
  area uuid[] := array(select distinct c.descendant_id from orgs.unit_closure c where c.ancestor_id = any (units) and c.ladder = 'territory' and c.valid @> day);
begin
  return jsonb_build_object(
    'residents', (select count(*) from people.residence r where r.unit_id = any (area) and r.valid @> day),
    'households', orgs.households_in(area, day),
    'central_households', (select count(*) from people.central_household c where c.unit_id = any (area) and c.valid @> day),
    'branches', (select count(*) from orgs.unit u where u.id = any (area) and u.kind = 'branch'),
    'heads', (select count(*) from groups.head h where h.unit_id = any (area) and h.valid @> day),
    'groups', (select count(*) from groups.group g where g.unit_id = any (area) and g.valid @> day),
    'appointments', (select count(*) from orgs.appointment a where a.unit_id = any (area) and a.valid @> day),
    'open_cases', (select count(*) from mediation.mediation_case c where c.unit_id = any (area) and c.closed_at is null),
    'accounts', (select count(*) from points.account a where a.unit_id = any (area) and a.kind = 'personal'),
    'open_services', (select count(*) from volunteering.service_record s where s.unit_id = any (area) and s.state = 'recorded'));
end $$;
revoke execute on function orgs.affected_by(uuid[], date) from public;

-- Carried out as on its day and taken back: what is returned is what the real run does, and nothing stays.
create or replace function orgs.rehearse(document uuid) returns jsonb
language plpgsql security definer set search_path = pg_catalog as $$
declare
  r orgs.reorganization;
  touched uuid[];
  result jsonb;
  violated text;
  problem text;
  pointer text;
begin
  select * into r from orgs.reorganization x where x.id = document;
  perform core.expect(found and orgs.in_scope(r.unit_id), 'not_found');
  result := jsonb_build_object('choices', orgs.choices_json(document));
  begin
    if r.effective_on > core.today() then
      perform set_config('linli.clock_offset', (coalesce(nullif(current_setting('linli.clock_offset', true), '')::interval, interval '0')
        + (r.effective_on - core.today()) * interval '1 day')::text, true);
    end if;
    touched := orgs.carry_out(document);
    set constraints all immediate;
    result := result || jsonb_build_object('obstacle', null, 'before', orgs.outline(touched, r.effective_on - 1), 'after', orgs.outline(touched, r.effective_on),
      'follows', (select coalesce(jsonb_object_agg(e.subject, e.n), '{}') from (
        select x.subject, count(*) as n from orgs.reorganization_effect x where x.reorganization_id = document group by x.subject) e));
    raise exception using errcode = 'LI204', message = 'rehearsed';
  exception
    when sqlstate 'LI204' then
      -- counted where things still hang today
      return result || jsonb_build_object('affected', orgs.affected_by(touched, r.effective_on - 1));
    when sqlstate 'LI000' or integrity_constraint_violation then
      get stacked diagnostics violated = constraint_name, problem = message_text, pointer = pg_exception_detail;
      problem := case when sqlstate = 'LI000' then problem else orgs.problem_of(violated) end;
  end;
  return result || jsonb_build_object('obstacle', jsonb_build_object('problem', problem, 'pointer', case when pointer like '/%' then pointer end),
    'before', '[]'::jsonb, 'after', '[]'::jsonb, 'affected', null, 'follows', '{}'::jsonb);
end $$;
revoke execute on function orgs.rehearse(uuid) from public;
grant execute on function orgs.rehearse(uuid) to linli_app;

drop function if exists orgs.preview_reorganization(uuid) cascade;
create function orgs.preview_reorganization(wanted uuid) returns table (
  id uuid, state text, effective_on date, obstacle jsonb, before jsonb, after jsonb, affected jsonb, follows jsonb, choices jsonb, undecided bigint, version bigint, _etag bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  held orgs.reorganization := orgs.take_reorganization(wanted, 'preview');
  seen jsonb := orgs.rehearse(wanted);
begin
  if jsonb_typeof(seen -> 'obstacle') = 'null' then
    update orgs.reorganization r set state = core.next_state('reorganization', r.state, 'preview'), previewed_at = core.app_now(), version = r.version + 1 where r.id = wanted;
  end if;
  return query
  select r.id, r.state, r.effective_on, nullif(seen -> 'obstacle', 'null'), seen -> 'before', seen -> 'after', nullif(seen -> 'affected', 'null'),
    (select coalesce(jsonb_agg(jsonb_build_object('subject', f.key, 'count', f.value::bigint) order by f.key), '[]') from jsonb_each_text(seen -> 'follows') f), seen -> 'choices',
    (select count(*) from jsonb_array_elements(seen -> 'choices') c where c ->> 'choice' is null), r.version, r.version
  from orgs.reorganization r where r.id = wanted;
end $$;

-- ── decided, decreed, withdrawn ────────────────────────────────────────────────────────────────────────────────
-- An appointment may go on only where such posts exist; a right only within the caller's own reach.
create or replace function orgs.expect_choice(document uuid, decision jsonb, pointer text) returns void
language plpgsql stable security definer set search_path = pg_catalog as $$
declare
  row_id uuid := (decision ->> 'subject_id')::uuid;
  place uuid := (decision ->> 'to_unit_id')::uuid;
  made jsonb := (
    select jsonb_build_object('kind', case s.action when 'create' then s.details ->> 'kind' else
        (select u.kind from orgs.unit u where u.id = coalesce((s.details ->> 'unit_id')::uuid, (s.details -> 'unit_ids' ->> 0)::uuid)) end)
    from orgs.reorganization_step s
    where s.reorganization_id = document and (s.action = 'create' and s.details ->> 'unit_id' = place::text
      or exists (select from jsonb_array_elements(coalesce(s.details -> 'into', '[]')) p where p ->> 'id' = place::text)));
begin
  perform core.expect(exists (select from orgs.choices_of(document) c where c.subject = decision ->> 'subject' and c.subject_id = row_id), 'not_found', pointer || '/subject_id');
  perform core.expect((decision ->> 'choice' = 'move') = (place is not null), 'step_incomplete', pointer || '/to_unit_id');
  if place is null then
    return;
  end if;
  perform core.expect(made is not null or orgs.in_scope(place), 'not_found', pointer || '/to_unit_id');
  perform core.expect(decision ->> 'subject' <> 'appointment' or coalesce(made ->> 'kind', (select u.kind from orgs.unit u where u.id = place))
    = (select p.kind from orgs.appointment a join orgs.post p on p.code = a.post_code where a.id = row_id), 'post_of_other_kind', pointer || '/to_unit_id');
end $$;

drop function if exists orgs.decide_reorganization(uuid, jsonb) cascade;
create function orgs.decide_reorganization(wanted uuid, said jsonb) returns table (
  id uuid, title text, unit jsonb, state text, effective_on date, reason text, proposal_ref text, approval_ref text, decree_number text, obstacle text, steps jsonb,
  decisions jsonb, created_at timestamptz, previewed_at timestamptz, decreed_at timestamptz, in_force_at timestamptz, withdrawn_at timestamptz, withdrawal_reason text,
  version bigint, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  held orgs.reorganization := orgs.take_reorganization(wanted, 'edit');
  decision record;
begin
  for decision in select d.value as word, d.n - 1 as at from jsonb_array_elements(said) with ordinality d(value, n) loop
    perform orgs.expect_choice(wanted, decision.word, '/decisions/' || decision.at);
    insert into orgs.reorganization_decision (reorganization_id, subject, subject_id, choice, to_unit_id, decided_by)
    values (wanted, decision.word ->> 'subject', (decision.word ->> 'subject_id')::uuid, decision.word ->> 'choice', (decision.word ->> 'to_unit_id')::uuid, core.person())
    on conflict (reorganization_id, subject, subject_id) do update set choice = excluded.choice, to_unit_id = excluded.to_unit_id, decided_by = excluded.decided_by, decided_at = core.app_now();
  end loop;
  update orgs.reorganization r set state = core.next_state('reorganization', r.state, 'edit'), version = r.version + 1 where r.id = wanted;
  return query select * from orgs.show_reorganization(wanted);
end $$;

create or replace function orgs.undecided(document uuid) returns bigint language sql stable security definer set search_path = pg_catalog as $$
  select count(*) from orgs.choices_of(document) c
  where not exists (select from orgs.reorganization_decision d where d.reorganization_id = document and d.subject = c.subject and d.subject_id = c.subject_id)
$$;

-- A decree of today is carried out with it, in the same transaction; one for a later day waits for its day.
create or replace function orgs.enforce_decreed(wanted uuid) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  problem text;
begin
  perform core.expect(exists (select from orgs.reorganization r where r.id = wanted and r.state = 'decreed' and orgs.in_scope(r.unit_id)), 'not_found');
  problem := orgs.enforce(wanted);
  perform core.expect(problem is null, problem);
end $$;

drop function if exists orgs.decree_reorganization(uuid, jsonb) cascade;
create function orgs.decree_reorganization(wanted uuid, body jsonb) returns table (
  id uuid, title text, unit jsonb, state text, effective_on date, reason text, proposal_ref text, approval_ref text, decree_number text, obstacle text, steps jsonb,
  decisions jsonb, created_at timestamptz, previewed_at timestamptz, decreed_at timestamptz, in_force_at timestamptz, withdrawn_at timestamptz, withdrawal_reason text,
  version bigint, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  held orgs.reorganization := orgs.take_reorganization(wanted, 'decree');
begin
  perform core.expect(held.proposal_ref is not null and coalesce(body ->> 'approval_ref', held.approval_ref) is not null, 'documents_missing');
  perform core.expect(held.effective_on >= core.today(), 'effective_day_past');
  perform core.expect(orgs.undecided(wanted) = 0, 'decisions_open');
  update orgs.reorganization r set state = core.next_state('reorganization', r.state, 'decree'), decree_number = body ->> 'decree_number',
    approval_ref = coalesce(body ->> 'approval_ref', r.approval_ref), decreed_by = core.person(), decreed_at = core.app_now(), version = r.version + 1
  where r.id = wanted;
  if held.effective_on <= core.today() then
    perform orgs.enforce_decreed(wanted);
  end if;
  return query select * from orgs.show_reorganization(wanted);
end $$;

drop function if exists orgs.withdraw_reorganization(uuid, text) cascade;
create function orgs.withdraw_reorganization(wanted uuid, why text) returns table (
  id uuid, title text, unit jsonb, state text, effective_on date, reason text, proposal_ref text, approval_ref text, decree_number text, obstacle text, steps jsonb,
  decisions jsonb, created_at timestamptz, previewed_at timestamptz, decreed_at timestamptz, in_force_at timestamptz, withdrawn_at timestamptz, withdrawal_reason text,
  version bigint, _etag bigint, _location text)
language plpgsql as $$
#variable_conflict use_column
declare
  held orgs.reorganization := orgs.take_reorganization(wanted, 'withdraw');
begin
  perform core.expect(held.state <> 'decreed' or core.trusted() or exists (
    select from access.grant g where g.person_id = core.person() and g.role in ('city_officer', 'administrator') and g.valid @> core.today()), 'decree_is_the_citys');
  update orgs.reorganization r set state = core.next_state('reorganization', r.state, 'withdraw'), withdrawn_by = core.person(), withdrawn_at = core.app_now(),
    withdrawal_reason = why, version = r.version + 1
  where r.id = wanted;
  return query select * from orgs.show_reorganization(wanted);
end $$;
