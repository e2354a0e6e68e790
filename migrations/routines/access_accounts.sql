-- Access: how a record becomes a login, how a password is changed or set anew, one's devices, and acting for another.

-- The one who really sits there, when acting for another.
create or replace function access.agent() returns uuid language sql stable
as $$ select nullif(current_setting('app.agent', true), '')::uuid $$;

-- What stays in one's own hand: passwords, devices, who may act.
create or replace function access.expect_own_hand() returns void language plpgsql stable as $$
begin
  perform core.expect(access.agent() is null, 'own_hand_only');
end $$;

-- ── codes handed over in person ────────────────────────────────────────────────────────────────────────────────
-- A new code makes the one before worthless.
create or replace function access.store_code(person uuid, what_for text, code_selector text, blind bytea, hours integer) returns timestamptz
language plpgsql security definer set search_path = pg_catalog as $$
declare
  ends timestamptz := core.app_now() + make_interval(hours => hours);
begin
  update access.claim_code c set cancelled_at = core.app_now() where c.person_id = person and c.used_at is null and c.cancelled_at is null;
  insert into access.claim_code (person_id, purpose, selector, code_blind, made_by, expires_at) values (person, what_for, code_selector, blind, core.person(), ends);
  return ends;
end $$;
revoke execute on function access.store_code(uuid, text, text, bytea, integer) from public;

drop function if exists access.make_claim_code(uuid, text, bytea);
create function access.make_claim_code(person uuid, code_selector text, blind bytea) returns table (person_id uuid, person_name text, expires_at timestamptz)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare
  record people.person;
begin
  select * into record from people.person p where p.id = person for no key update;
  perform core.expect(found and people.in_reach(record.unit_id), 'not_found');
  perform core.expect(record.merged_into is null and record.erased_at is null and record.died_on is null, 'record_closed');
  perform core.expect(person <> core.person(), 'not_for_oneself');
  perform core.expect(not exists (select from access.login l where l.person_id = person), 'has_login');
  return query select person, record.display_name, access.store_code(person, 'claim', code_selector, blind, 72);
end $$;

-- Five tries for a code; a wrong one is counted, and the answer does not say what was wrong.
drop function if exists access.redeem_code(text, bytea, text, text);
create function access.redeem_code(code_selector text, blind bytea, wanted_name text, hash text) returns uuid
language plpgsql security definer set search_path = pg_catalog as $$
declare
  code access.claim_code;
begin
  select * into code from access.claim_code c
  where c.selector = code_selector and c.used_at is null and c.cancelled_at is null and c.expires_at > core.app_now() and c.tries_left > 0
  order by c.code_blind = blind desc limit 1 for update;
  if not found then
    return null;
  end if;
  if code.code_blind <> blind then
    update access.claim_code c set tries_left = c.tries_left - 1 where c.id = code.id;
    return null;
  end if;
  update access.claim_code c set used_at = core.app_now() where c.id = code.id;
  if code.purpose = 'claim' then
    perform core.expect(wanted_name is not null, 'user_name_missing', '/user_name');
    insert into access.login (person_id, user_name, password_hash) values (code.person_id, lower(wanted_name), hash);
    if not exists (select from access.grant g where g.person_id = code.person_id and g.role = 'resident' and g.valid @> core.today()) then
      insert into access.grant (person_id, role, unit_id, valid, granted_by)
      values (code.person_id, 'resident', people.home_of(code.person_id), daterange(core.today(), null), code.made_by);
    end if;
  else
    perform access.put_password(code.person_id, hash, null);
  end if;
  return code.person_id;
end $$;

-- ── passwords ──────────────────────────────────────────────────────────────────────────────────────────────────
-- Every session ends but the one that is kept.
create or replace function access.put_password(person uuid, hash text, kept_session uuid) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  update access.login l set password_hash = hash, password_changed_at = core.app_now(), version = l.version + 1 where l.person_id = person;
  delete from access.login_failure f using access.login l where l.person_id = person and f.name_digest = access.name_digest(l.user_name);
  update access.login_session s set revoked_at = core.app_now(), revoked_because = 'password_changed'
  where s.person_id = person and s.revoked_at is null and s.id is distinct from kept_session;
end $$;
revoke execute on function access.put_password(uuid, text, uuid) from public;

create or replace function access.my_login() returns table (user_name text, password_hash text, locked boolean)
language sql stable security definer set search_path = pg_catalog as $$
  select l.user_name, l.password_hash, coalesce(f.locked_until > core.app_now(), false)
  from access.login l left join access.login_failure f on f.name_digest = access.name_digest(l.user_name)
  where l.person_id = core.person() and access.agent() is null
$$;

create or replace function access.change_password(hash text, session uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform access.expect_own_hand();
  perform access.put_password(core.person(), hash, session);
  return true;
end $$;

drop function if exists access.show_reset(uuid) cascade;
create function access.show_reset(wanted uuid) returns table (
  id uuid, "person.id" uuid, "person.name" text, reason text, requested_by text, requested_at timestamptz, approved_by text, approved_at timestamptz, expires_at timestamptz)
language sql stable as $$
  select r.id, r.person_id, people.name_of(r.person_id), r.reason, people.name_of(r.requested_by), r.requested_at, people.name_of(r.approved_by), r.approved_at, r.expires_at
  from access.password_reset r where r.id = wanted
$$;

drop function if exists access.request_reset(uuid, text) cascade;
create function access.request_reset(person uuid, why text) returns table (
  id uuid, "person.id" uuid, "person.name" text, reason text, requested_by text, requested_at timestamptz, approved_by text, approved_at timestamptz, expires_at timestamptz)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare
  made uuid := core.uuid_v7();
begin
  perform 1 from people.person p where p.id = person for no key update;
  perform core.expect(found and people.in_reach(people.home_of(person)), 'not_found');
  perform core.expect(person <> core.person(), 'not_for_oneself');
  perform core.expect(exists (select from access.login l where l.person_id = person and not l.disabled), 'no_login');
  -- a request that nobody approved in time gives way
  delete from access.password_reset r where r.person_id = person and r.approved_at is null and r.expires_at <= core.app_now();
  perform core.expect(not exists (select from access.password_reset r where r.person_id = person and r.approved_at is null), 'already_requested');
  insert into access.password_reset (id, person_id, reason, requested_by, expires_at) values (made, person, why, core.person(), core.app_now() + interval '24 hours');
  return query select * from access.show_reset(made);
end $$;

-- The second pair of eyes; only then there is a code.
drop function if exists access.approve_reset(uuid, text, bytea);
create function access.approve_reset(wanted uuid, code_selector text, blind bytea) returns table (person_id uuid, person_name text, expires_at timestamptz)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare
  asked access.password_reset;
begin
  select * into asked from access.password_reset r where r.id = wanted for update;
  perform core.expect(found and people.in_reach(people.home_of(asked.person_id)), 'not_found');
  perform core.expect(asked.approved_at is null and asked.expires_at > core.app_now(), 'wrong_state');
  perform core.expect(asked.requested_by <> core.person(), 'second_person_needed');
  perform core.expect(asked.person_id <> core.person(), 'not_for_oneself');
  update access.password_reset r set approved_by = core.person(), approved_at = core.app_now() where r.id = wanted;
  return query select asked.person_id, people.name_of(asked.person_id), access.store_code(asked.person_id, 'reset', code_selector, blind, 24);
end $$;

-- ── one's devices ──────────────────────────────────────────────────────────────────────────────────────────────
drop function if exists access.my_sessions();
create function access.my_sessions() returns table (
  id uuid, device_name text, own_device boolean, created_at timestamptz, used_at timestamptz, expires_at timestamptz, acting_for text, current boolean)
language sql stable security definer set search_path = pg_catalog as $$
  select s.id, s.device_name, s.own_device, s.created_at, s.used_at, s.expires_at, people.name_of(s.acting_for), false
  from access.login_session s
  where s.person_id = core.person() and access.agent() is null and s.revoked_at is null and s.expires_at > core.app_now()
$$;

drop function if exists access.end_session(uuid) cascade;
create function access.end_session(wanted uuid) returns table (id uuid, ended_at timestamptz)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
  perform access.expect_own_hand();
  return query update access.login_session s set revoked_at = core.app_now(), revoked_because = 'signed_out_remotely'
    where s.id = wanted and s.person_id = core.person() and s.revoked_at is null returning s.id, s.revoked_at;
  perform core.expect(found, 'not_found');
end $$;

drop function if exists access.end_other_sessions(uuid) cascade;
create function access.end_other_sessions(kept uuid) returns table (ended bigint)
language plpgsql security definer set search_path = pg_catalog as $$
declare
  n bigint;
begin
  perform access.expect_own_hand();
  update access.login_session s set revoked_at = core.app_now(), revoked_because = 'signed_out_remotely'
  where s.person_id = core.person() and s.revoked_at is null and s.id <> kept;
  get diagnostics n = row_count;
  return query select n;
end $$;

-- ── acting for another ─────────────────────────────────────────────────────────────────────────────────────────
drop function if exists access.show_representation(uuid) cascade;
create function access.show_representation(wanted uuid) returns table (
  id uuid, "person.id" uuid, "person.name" text, "agent.id" uuid, "agent.name" text, basis text, form text, witness text, reason text, valid_from date, valid_to date,
  recorded_by text, in_force boolean)
language sql stable as $$
  select r.id, r.person_id, people.name_of(r.person_id), r.agent_id, people.name_of(r.agent_id), r.basis, r.form, r.witness, r.reason, lower(r.valid), upper(r.valid) - 1,
    people.name_of(r.recorded_by), r.valid @> core.today()
  from access.representation r where r.id = wanted
$$;

drop function if exists access.record_representation(uuid, uuid, text, text, text, date) cascade;
create function access.record_representation(person uuid, agent uuid, given_form text, seen_by text, why text, last_day date) returns table (
  id uuid, "person.id" uuid, "person.name" text, "agent.id" uuid, "agent.name" text, basis text, form text, witness text, reason text, valid_from date, valid_to date,
  recorded_by text, in_force boolean)
language plpgsql as $$
#variable_conflict use_column
declare
  made uuid := core.uuid_v7();
  by_law uuid;
begin
  perform access.expect_own_hand();
  perform people.expect_in_scope(person);
  perform people.expect_person(agent, '/agent_id');
  perform core.expect(agent <> core.person(), 'not_for_oneself', '/agent_id');
  perform core.expect(agent <> person, 'not_for_oneself', '/agent_id');
  perform core.expect(last_day between core.today() and core.today() + 366, 'too_long', '/valid_to');
  perform core.expect((given_form = 'oral_witnessed') = (seen_by is not null), 'witness_missing', '/witness');
  select g.id into by_law from people.guardianship g where g.ward_id = person and g.guardian_id = agent and g.valid @> core.today();
  insert into access.representation (id, person_id, agent_id, basis, form, witness, guardianship_id, reason, valid, recorded_by)
  values (made, person, agent, case when by_law is null then 'consent' else 'guardianship' end, given_form, seen_by, by_law, why, daterange(core.today(), last_day + 1), core.person());
  perform core.emit('access.representation_recorded', people.home_of(person), jsonb_build_object('person_id', person, 'agent_id', agent));
  return query select * from access.show_representation(made);
end $$;

-- The person, the agent or staff of the place: at once.
drop function if exists access.end_representation(uuid) cascade;
create function access.end_representation(wanted uuid) returns table (
  id uuid, "person.id" uuid, "person.name" text, "agent.id" uuid, "agent.name" text, basis text, form text, witness text, reason text, valid_from date, valid_to date,
  recorded_by text, in_force boolean)
language plpgsql as $$
#variable_conflict use_column
declare
  old access.representation;
begin
  select * into old from access.representation r where r.id = wanted for update;
  perform core.expect(found, 'not_found');
  perform core.expect(core.person() in (old.person_id, old.agent_id) or orgs.in_scope((select p.unit_id from people.person p where p.id = old.person_id)), 'not_found');
  perform core.expect(old.valid @> core.today(), 'wrong_state');
  -- one that began today shrinks to a day that is over
  update access.representation r set valid = case when lower(r.valid) = core.today() then daterange(core.today() - 1, core.today()) else r.valid * daterange(null, core.today()) end,
    ended_by = core.person(), version = r.version + 1 where r.id = wanted;
  return query select * from access.show_representation(wanted);
end $$;

-- A session of the agent's in the person's name: an hour, without a cookie.
drop function if exists access.act_for(uuid);
create function access.act_for(wanted uuid) returns table (session_id uuid, person_id uuid, person_name text, expires_at timestamptz)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare
  held access.representation;
begin
  perform access.expect_own_hand();
  select * into held from access.representation r where r.id = wanted and r.agent_id = core.person();
  perform core.expect(found, 'not_found');
  perform core.expect(held.valid @> core.today() and (select p.died_on is null and p.merged_into is null and p.erased_at is null from people.person p where p.id = held.person_id), 'wrong_state');
  return query insert into access.login_session as s (person_id, expires_at, acting_for, representation_id)
    values (core.person(), core.app_now() + interval '1 hour', held.person_id, wanted)
    returning s.id, s.acting_for, people.name_of(s.acting_for), s.expires_at;
end $$;

-- Whether a record is a login already; for those who may see the record.
create or replace function access.has_login(person uuid) returns boolean language plpgsql stable security definer set search_path = pg_catalog
as $$
begin
  return exists (select from access.login l where l.person_id = person);
end $$;
