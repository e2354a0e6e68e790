-- Reorganizations: the document, its preview, its decree, and the one transaction that puts it in force. Reloaded whole by every migrate.
set local check_function_bodies = off;

-- ── one step, carried out ──────────────────────────────────────────────────────────────────────────────────────
-- A new unit under its parents from that day on; the ladders are settled by whoever calls.
create or replace function orgs.raise_unit(wanted jsonb, unit_kind text, territory_parent uuid, leadership_parent uuid, first_day date, document text) returns uuid
language plpgsql security definer set search_path = pg_catalog as $$
declare
  made uuid := (wanted ->> 'id')::uuid;
  own_short_name text := coalesce(wanted ->> 'short_name', left(wanted ->> 'name', 40));
begin
  perform core.expect(not exists (select from orgs.unit u where u.id = made), 'id_taken');
  perform orgs.expect_place(territory_parent, 'territory', unit_kind, daterange(first_day, null), null);
  perform orgs.expect_place(leadership_parent, 'leadership', unit_kind, daterange(first_day, null), null);
  insert into orgs.unit (id, kind, name, short_name, contact_phone, valid, document_ref, territory_path)
  select made, unit_kind, wanted ->> 'name', own_short_name, wanted ->> 'contact_phone', daterange(first_day, null), document,
    (select t.territory_path from orgs.unit t where t.id = territory_parent);
  insert into orgs.unit_name (unit_id, name, short_name, valid, document_ref) values (made, wanted ->> 'name', own_short_name, daterange(first_day, null), document);
  if territory_parent is not null then
    perform orgs.relate_unit(made, 'territory', territory_parent, first_day, null, document);
  end if;
  if leadership_parent is not null then
    perform orgs.relate_unit(made, 'leadership', leadership_parent, first_day, null, document);
  end if;
  return made;
end $$;
revoke execute on function orgs.raise_unit(jsonb, text, uuid, uuid, date, text) from public;

create or replace function orgs.parent_on(child uuid, wanted_ladder text, day date) returns uuid
language sql stable security definer set search_path = pg_catalog
as $$ select r.parent_id from orgs.unit_relation r where r.child_id = child and r.ladder = wanted_ladder and r.valid @> day $$;

create or replace function orgs.ancestor_on(wanted uuid, wanted_kind text, day date) returns uuid
language sql stable security definer set search_path = pg_catalog as $$
  select c.ancestor_id from orgs.unit_closure c join orgs.unit u on u.id = c.ancestor_id
  where c.descendant_id = wanted and c.ladder = 'territory' and c.valid @> day and u.kind = wanted_kind order by c.depth limit 1
$$;

-- Whatever still stands under a unit from that day on, also what was only planned, stands under the heir for the same days.
create or replace function orgs.hand_on_children(closed uuid, heir uuid, first_day date, document text) returns uuid[]
language plpgsql security definer set search_path = pg_catalog as $$
declare
  held record;
  moved uuid[] := '{}';
begin
  for held in
    select r.child_id, r.ladder, r.valid * daterange(first_day, null) as span from orgs.unit_relation r
    where r.parent_id = closed and r.valid && daterange(first_day, null) order by r.ladder desc, r.child_id
  loop
    perform core.expect(heir is not null, 'children_left');
    continue when held.child_id = heir;
    perform orgs.relate_unit(held.child_id, held.ladder, heir, lower(held.span), upper(held.span), document);
    moved := moved || held.child_id;
  end loop;
  return moved;
end $$;
revoke execute on function orgs.hand_on_children(uuid, uuid, date, text) from public;

-- The unit ends on the eve, its heir goes on.
create or replace function orgs.end_for_heir(closed uuid, heir uuid, first_day date, document text) returns uuid[]
language plpgsql security definer set search_path = pg_catalog as $$
declare
  moved uuid[];
begin
  perform core.expect((select lower(u.valid) from orgs.unit u where u.id = closed) < first_day, 'unit_closed');
  moved := orgs.hand_on_children(closed, heir, first_day, document);
  perform orgs.end_unit(closed, first_day - 1, document);
  if heir is not null then
    insert into orgs.succession (from_unit_id, to_unit_id, on_day, document_ref) values (closed, heir, first_day, document) on conflict do nothing;
  end if;
  return moved || closed;
end $$;
revoke execute on function orgs.end_for_heir(uuid, uuid, date, text) from public;

create or replace function orgs.expect_alive(wanted uuid, day date) returns void language plpgsql stable as $$
begin
  perform core.expect(exists (select from orgs.unit u where u.id = wanted and u.valid @> day), 'unit_closed');
end $$;

create or replace function orgs.carry_split(details jsonb, first_day date, document text) returns uuid[]
language plpgsql security definer set search_path = pg_catalog as $$
declare
  source uuid := (details ->> 'unit_id')::uuid;
  source_kind text := (select u.kind from orgs.unit u where u.id = source);
  part jsonb;
  child uuid;
  moved uuid[] := array[source];
begin
  perform orgs.expect_alive(source, first_day);
  for part in select p from jsonb_array_elements(details -> 'into') p loop
    moved := moved || orgs.raise_unit(part, source_kind, orgs.parent_on(source, 'territory', first_day), orgs.parent_on(source, 'leadership', first_day), first_day, document);
    for child in select c::uuid from jsonb_array_elements_text(coalesce(part -> 'unit_ids', '[]')) c loop
      perform core.expect(orgs.parent_on(child, 'territory', first_day) = source, 'not_its_child');
      perform orgs.relate_unit(child, 'territory', (part ->> 'id')::uuid, first_day, null, document);
      moved := moved || child;
    end loop;
    insert into orgs.succession (from_unit_id, to_unit_id, on_day, document_ref) values (source, (part ->> 'id')::uuid, first_day, document);
  end loop;
  if not coalesce((details ->> 'continues')::boolean, false) then
    moved := moved || orgs.end_for_heir(source, (details ->> 'heir_id')::uuid, first_day, document);
  end if;
  return moved;
end $$;
revoke execute on function orgs.carry_split(jsonb, date, text) from public;

create or replace function orgs.carry_merge(details jsonb, first_day date, document text) returns uuid[]
language plpgsql security definer set search_path = pg_catalog as $$
declare
  sources uuid[] := array(select s::uuid from jsonb_array_elements_text(details -> 'unit_ids') s);
  heir uuid := (details ->> 'heir_id')::uuid;
  source uuid;
  moved uuid[];
begin
  if jsonb_typeof(details -> 'into') = 'array' then
    heir := orgs.raise_unit(details -> 'into' -> 0, (select u.kind from orgs.unit u where u.id = sources[1]),
      orgs.parent_on(sources[1], 'territory', first_day), orgs.parent_on(sources[1], 'leadership', first_day), first_day, document);
  else
    perform orgs.expect_alive(heir, first_day);
  end if;
  moved := array[heir];
  foreach source in array sources loop
    perform orgs.expect_alive(source, first_day);
    perform core.expect((select u.kind from orgs.unit u where u.id = source) = (select u.kind from orgs.unit u where u.id = heir), 'kinds_differ');
    moved := moved || orgs.end_for_heir(source, heir, first_day, document);
  end loop;
  return moved;
end $$;
revoke execute on function orgs.carry_merge(jsonb, date, text) from public;

-- → the units whose place or life has changed.
create or replace function orgs.carry_step(action text, details jsonb, first_day date, document text) returns uuid[]
language plpgsql security definer set search_path = pg_catalog as $$
declare
  subject uuid := (details ->> 'unit_id')::uuid;
  moved uuid[] := '{}';
  child uuid;
begin
  case action
  when 'create' then
    return array[orgs.raise_unit(details || jsonb_build_object('id', subject), details ->> 'kind', (details ->> 'parent_id')::uuid,
      (details ->> 'leadership_parent_id')::uuid, first_day, document)];
  when 'split' then
    return orgs.carry_split(details, first_day, document);
  when 'merge' then
    return orgs.carry_merge(details, first_day, document);
  when 'close' then
    perform orgs.expect_alive(subject, first_day);
    return orgs.end_for_heir(subject, (details ->> 'heir_id')::uuid, first_day, document);
  when 'rename' then
    perform orgs.expect_alive(subject, first_day);
    perform orgs.rename_unit(subject, details ->> 'name', details ->> 'short_name', first_day, document);
    return array[subject];
  when 'reparent' then
    perform orgs.expect_alive(subject, first_day);
    perform orgs.relate_unit(subject, coalesce(details ->> 'ladder', 'territory'), (details ->> 'parent_id')::uuid, first_day, null, document);
    return array[subject];
  when 'transfer' then
    for child in select c::uuid from jsonb_array_elements_text(details -> 'unit_ids') c loop
      perform orgs.expect_alive(child, first_day);
      perform orgs.relate_unit(child, 'territory', (details ->> 'parent_id')::uuid, first_day, null, document);
      moved := moved || child;
    end loop;
    return moved;
  end case;
end $$;
revoke execute on function orgs.carry_step(text, jsonb, date, text) from public;

-- A branch whose community changed follows to that community's party organization, where there is exactly one and no step says otherwise.
create or replace function orgs.branches_follow(moved uuid[], placed uuid[], first_day date, document text) returns uuid[]
language plpgsql security definer set search_path = pg_catalog as $$
declare
  branch record;
  followed uuid[] := '{}';
begin
  for branch in
    with place as materialized (
      select distinct u.id, orgs.ancestor_on(u.id, 'community', first_day) as community
      from orgs.unit_closure c join orgs.unit u on u.id = c.descendant_id
      where c.ancestor_id = any (moved) and c.ladder = 'territory' and c.valid @> first_day and u.kind = 'branch' and not u.id = any (placed)
    )
    select p.id, (array_agg(o.child_id))[1] as organization
    from place p
    join orgs.unit_relation led on led.child_id = p.id and led.ladder = 'leadership' and led.valid @> first_day
    join orgs.unit_relation o on o.parent_id = p.community and o.ladder = 'territory' and o.child_kind = 'community_party_organization' and o.valid @> first_day
    where orgs.parent_on(led.parent_id, 'territory', first_day) is distinct from p.community
    group by p.id having count(*) = 1
  loop
    perform orgs.relate_unit(branch.id, 'leadership', branch.organization, first_day, null, document);
    followed := followed || branch.id;
  end loop;
  return followed;
end $$;
revoke execute on function orgs.branches_follow(uuid[], uuid[], date, text) from public;

-- ── the whole document, carried out ────────────────────────────────────────────────────────────────────────────
-- Which units a document closes, and who goes on for what hangs on each.
create or replace function orgs.closings(document uuid) returns table (closed uuid, heir uuid)
language sql stable security definer set search_path = pg_catalog as $$
  select c.closed, c.heir
  from orgs.reorganization_step s cross join lateral (
    select (s.details ->> 'unit_id')::uuid, (s.details ->> 'heir_id')::uuid where s.action = 'close' or s.action = 'split' and not coalesce((s.details ->> 'continues')::boolean, false)
    union all
    select m::uuid, coalesce((s.details ->> 'heir_id')::uuid, (s.details -> 'into' -> 0 ->> 'id')::uuid)
    from jsonb_array_elements_text(case when s.action = 'merge' then s.details -> 'unit_ids' else '[]' end) m
  ) c(closed, heir)
  where s.reorganization_id = document order by s.ordinal, c.closed
$$;
revoke execute on function orgs.closings(uuid) from public;

create or replace function orgs.note_effect(document uuid, what text, row_id uuid, from_unit uuid, to_unit uuid, first_day date, decided boolean default false) returns void
language sql security definer set search_path = pg_catalog as $$
  insert into orgs.reorganization_effect (reorganization_id, subject, subject_id, from_unit_id, to_unit_id, by, on_day)
  values (document, what, row_id, from_unit, to_unit, case when decided then 'decision' else 'rule' end, first_day)
$$;
revoke execute on function orgs.note_effect(uuid, text, uuid, uuid, uuid, date, boolean) from public;

-- Everything of one document, in the caller's transaction: the units that close are locked before anything is read, so that what is being
-- written to them right now is waited for and followed, and what comes later finds them ended.
create or replace function orgs.carry_out(document uuid) returns uuid[]
language plpgsql security definer set search_path = pg_catalog as $$
declare
  r orgs.reorganization;
  step record;
  closing record;
  follower record;
  touched uuid[] := '{}';
begin
  perform pg_advisory_xact_lock(hashtext('orgs.ladder'), hashtext(l)) from unnest(array['territory', 'leadership']) l;
  select * into r from orgs.reorganization where id = document;
  perform 1 from orgs.unit u where u.id in (select c.closed from orgs.closings(document) c) order by u.id for update;
  for step in select s.* from orgs.reorganization_step s where s.reorganization_id = document order by s.ordinal loop
    begin
      touched := touched || orgs.carry_step(step.action, step.details, r.effective_on, r.decree_number);
    exception when sqlstate 'LI000' then
      perform core.expect(false, sqlerrm, '/steps/' || step.ordinal);
    end;
  end loop;
  perform orgs.settle_units(touched, 'territory');
  touched := touched || orgs.branches_follow(touched, array(
    select (s.details ->> 'unit_id')::uuid from orgs.reorganization_step s where s.reorganization_id = document and s.action = 'reparent' and s.details ->> 'ladder' = 'leadership'),
    r.effective_on, r.decree_number);
  perform orgs.settle_units(touched, 'leadership');
  update orgs.unit u set name = n.name, short_name = n.short_name, version = u.version + 1
  from orgs.unit_name n
  where u.id = any (touched) and n.unit_id = u.id and n.valid @> orgs.shown_day(u.valid) and (u.name, u.short_name) is distinct from (n.name, n.short_name);
  for closing in select c.* from orgs.closings(document) c loop
    for follower in select f.routine from orgs.follower f order by f.ordinal loop
      execute format('select %s($1, $2, $3, $4)', follower.routine) using document, closing.closed, closing.heir, r.effective_on;
    end loop;
  end loop;
  return array(select distinct t from unnest(touched) t);
end $$;
revoke execute on function orgs.carry_out(uuid) from public;

-- The problem that a constraint stands for, where a document's own reply has to name it.
create or replace function orgs.problem_of(violated text) returns text language sql immutable as $$
  select coalesce((select p.problem from (values
    ('unit_relation_no_gap', 'ladder_gap'), ('unit_name_no_gap', 'ladder_gap'), ('unit_relation_within_life', 'parent_not_there'), ('unit_relation_no_cycle', 'ladder_cycle'),
    ('unit_relation_one_parent', 'one_parent_a_day'), ('unit_relation_kinds', 'placement_not_allowed'), ('unit_pkey', 'id_taken'), ('appointment_seats', 'seats_taken'),
    ('appointment_once', 'already_in_post'), ('unit_has_ended', 'unit_not_there')) p(name, problem) where p.name = violated), 'conflict')
$$;

-- One document: all of it or nothing. NULL when it came into force, else the problem that keeps it; a lock that was not to be had or a
-- deadlock is nobody's mistake and goes up, so that the whole is tried again.
create or replace function orgs.enforce(document uuid) returns text
language plpgsql security definer set search_path = pg_catalog as $$
declare
  r orgs.reorganization;
  violated text;
  problem text;
begin
  select * into r from orgs.reorganization x where x.id = document for update;
  if r.state <> 'decreed' or r.effective_on > core.today() then
    return null;
  end if;
  begin
    perform orgs.carry_out(document);
    set constraints all immediate;
    set constraints all deferred;
    update orgs.reorganization x set state = core.next_state('reorganization', x.state, 'put_in_force'), in_force_at = core.app_now(), obstacle = null, obstacle_at = null,
      version = x.version + 1
    where x.id = document;
    perform core.emit('orgs.reorganized', r.unit_id, jsonb_build_object('reorganization_id', document, 'decree_number', r.decree_number, 'effective_on', r.effective_on));
    return null;
  exception when sqlstate 'LI000' or integrity_constraint_violation then
    get stacked diagnostics violated = constraint_name, problem = message_text;
    problem := case when sqlstate = 'LI000' then problem else orgs.problem_of(violated) end;
  end;
  update orgs.reorganization x set obstacle = problem, obstacle_at = core.app_now(), version = x.version + 1
  where x.id = document and x.obstacle is distinct from problem;
  if found then
    perform core.emit('orgs.reorganization_obstructed', r.unit_id, jsonb_build_object('reorganization_id', document, 'problem', problem));
  end if;
  return problem;
end $$;
revoke execute on function orgs.enforce(uuid) from public;

-- What has been decreed for today or a day that has passed. Any number of servers may ask as often as they like.
create or replace function orgs.put_reorganizations_in_force() returns integer
language plpgsql security definer set search_path = pg_catalog as $$
declare
  due record;
  done integer := 0;
begin
  if not exists (select from orgs.reorganization r where r.state = 'decreed' and r.effective_on <= core.today()) then
    return 0;
  end if;
  perform pg_advisory_xact_lock(hashtext('orgs.reorganization'), 0);
  for due in select r.id from orgs.reorganization r where r.state = 'decreed' and r.effective_on <= core.today() order by r.effective_on, r.decreed_at, r.id loop
    done := done + (orgs.enforce(due.id) is null)::integer;
  end loop;
  return done;
end $$;
revoke execute on function orgs.put_reorganizations_in_force() from public;
grant execute on function orgs.put_reorganizations_in_force() to linli_app;
