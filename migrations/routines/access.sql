-- Access routines. Reloaded whole by every migrate. Logins and sessions are reached through these alone.

create or replace function access.city() returns table (name text, contact_phone text)
language sql stable security definer set search_path = pg_catalog
as $$ select u.name, u.contact_phone from orgs.unit u where u.kind = 'city' and u.valid @> core.today() order by u.label limit 1 $$;

create or replace function access.my_user_name() returns text
language sql stable security definer set search_path = pg_catalog
as $$ select l.user_name from access.login l where l.person_id = core.person() $$;

create or replace function access.name_digest(wanted text) returns bytea
language sql immutable as $$ select sha256(convert_to(lower(wanted), 'UTF8')) $$;

-- One row, also for a name that nobody has: it can be locked as well.
create or replace function access.find_login(wanted text) returns table (person_id uuid, password_hash text, disabled boolean, locked_until timestamptz)
language sql stable security definer set search_path = pg_catalog
as $$
  select l.person_id, l.password_hash, l.disabled, case when f.locked_until > core.app_now() then f.locked_until end
  from (values (lower(wanted))) n(name)
  left join access.login l on l.user_name = n.name
  left join access.login_failure f on f.name_digest = access.name_digest(wanted)
$$;

-- Five wrong passwords lock for a minute, each further one twice as long, at most an hour. True when the name is locked now.
create or replace function access.record_failure(wanted text) returns boolean
language sql security definer set search_path = pg_catalog as $$
  insert into access.login_failure as f (name_digest, failed_count) values (access.name_digest(wanted), 1)
  on conflict (name_digest) do update set failed_count = f.failed_count + 1, failed_at = core.app_now(),
    locked_until = case when f.failed_count >= 4
      then core.app_now() + least(interval '1 hour', interval '1 minute' * (2 ^ least(f.failed_count - 4, 6))) else f.locked_until end
  returning f.locked_until is not null and f.locked_until > core.app_now()
$$;

create or replace function access.open_session(person uuid, refresh_hash bytea, lifetime interval) returns table (session_id uuid, family_id uuid)
language plpgsql security definer set search_path = pg_catalog as $$
begin
  delete from access.login_failure f using access.login l where l.person_id = person and f.name_digest = access.name_digest(l.user_name);
  insert into access.login_session as s (person_id, expires_at) values (person, core.app_now() + lifetime) returning s.id, s.id into session_id, family_id;
  insert into access.refresh_token (hash, session_id) values (refresh_hash, session_id);
  return next;
end $$;

-- A token is used once. Within ten seconds of its replacement (two tabs, a lost reply) it still serves; later it was stolen, and the whole family ends.
create or replace function access.rotate(refresh_hash bytea, new_hash bytea) returns table (session_id uuid, person_id uuid, outcome text)
language plpgsql security definer set search_path = pg_catalog as $$
declare
  token access.refresh_token;
  family access.login_session;
begin
  outcome := 'unknown';
  select s.* into family from access.refresh_token t join access.login_session s on s.id = t.session_id where t.hash = refresh_hash for update of s;
  select * into token from access.refresh_token t where t.hash = refresh_hash;
  if family.id is null or family.revoked_at is not null or family.expires_at <= core.app_now()
     or not exists (select from access.login l where l.person_id = family.person_id and not l.disabled) then
    return next;
    return;
  end if;
  session_id := family.id;
  person_id := family.person_id;
  if token.replaced_at is not null and token.replaced_at < core.app_now() - interval '10 seconds' then
    outcome := 'reused';
    update access.login_session s set revoked_at = core.app_now(), revoked_because = 'reused' where s.id = family.id;
    return next;
    return;
  end if;
  outcome := case when token.replaced_at is null then 'rotated' else 'grace' end;
  update access.refresh_token t set replaced_at = core.app_now() where t.hash = refresh_hash and t.replaced_at is null;
  insert into access.refresh_token (hash, session_id) values (new_hash, family.id);
  update access.login_session s set used_at = core.app_now() where s.id = family.id;
  return next;
end $$;

create or replace function access.close_session(wanted uuid) returns boolean
language sql security definer set search_path = pg_catalog as $$
  with closed as (
    update access.login_session s set revoked_at = core.app_now(), revoked_because = 'signed_out'
    where s.id = wanted and s.revoked_at is null and (s.person_id = core.person() or core.trusted()) returning 1)
  select exists (select from closed)
$$;

-- Rights are today's. One row a grant; a session without grants gives one row without a role; a closed session none.
create or replace function access.principal(wanted uuid) returns table (person_id uuid, role text, territory_path ltree, leadership_path ltree)
language sql stable security definer set search_path = pg_catalog as $$
  select s.person_id, g.role, u.territory_path, u.leadership_path
  from access.login_session s
  join access.login l on l.person_id = s.person_id and not l.disabled
  left join access.grant g on g.person_id = s.person_id and g.valid @> core.today()
  left join orgs.unit u on u.id = g.unit_id
  where s.id = wanted and s.revoked_at is null and s.expires_at > core.app_now()
  order by g.role, g.id
$$;

-- ── administration (the command line, the seed) ────────────────────────────────────────────────────────────────
create or replace function access.create_login(person uuid, wanted text, hash text) returns void
language sql security definer set search_path = pg_catalog
as $$ insert into access.login (person_id, user_name, password_hash) values (person, lower(wanted), hash) $$;
revoke execute on function access.create_login(uuid, text, text) from public;

-- Every session ends: whoever knew the old password is out.
create or replace function access.set_password(wanted text, hash text) returns boolean
language plpgsql security definer set search_path = pg_catalog as $$
declare
  person uuid;
begin
  update access.login l set password_hash = hash, password_changed_at = core.app_now(), version = l.version + 1
  where l.user_name = lower(wanted) returning l.person_id into person;
  delete from access.login_failure f where person is not null and f.name_digest = access.name_digest(wanted);
  update access.login_session s set revoked_at = core.app_now(), revoked_because = 'password_changed' where s.person_id = person and s.revoked_at is null;
  return person is not null;
end $$;
revoke execute on function access.set_password(text, text) from public;

create or replace function access.set_disabled(wanted text, off boolean) returns boolean
language plpgsql security definer set search_path = pg_catalog as $$
declare
  person uuid;
begin
  update access.login l set disabled = off, version = l.version + 1 where l.user_name = lower(wanted) returning l.person_id into person;
  if off then
    update access.login_session s set revoked_at = core.app_now(), revoked_because = 'disabled' where s.person_id = person and s.revoked_at is null;
  end if;
  return person is not null;
end $$;
revoke execute on function access.set_disabled(text, boolean) from public;

create or replace function access.add_grant(person uuid, granted_role text, reach uuid, first_day date default null, last_day date default null) returns uuid
language plpgsql security definer set search_path = pg_catalog as $$
declare
  made uuid;
begin
  perform core.expect(orgs.in_scope(reach), 'not_found');
  insert into access.grant (person_id, role, unit_id, valid, granted_by)
  values (person, granted_role, reach, daterange(coalesce(first_day, core.today()), last_day + 1), core.person()) returning id into made;
  return made;
end $$;
revoke execute on function access.add_grant(uuid, text, uuid, date, date) from public;

-- At once: the right is gone with the commit. A grant that never began is taken back whole.
create or replace function access.end_grant(wanted uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog as $$
declare
  held access.grant;
begin
  select * into held from access.grant g where g.id = wanted for update;
  perform core.expect(found and orgs.in_scope(held.unit_id), 'not_found');
  if lower(held.valid) >= core.today() then
    delete from access.grant g where g.id = wanted;
  else
    update access.grant g set valid = g.valid * daterange(null, core.today()), version = g.version + 1 where g.id = wanted and g.valid @> core.today();
  end if;
  return found;
end $$;
revoke execute on function access.end_grant(uuid) from public;

-- Once a day: sessions that ended long ago.
create or replace function access.forget_sessions() returns void
language sql security definer set search_path = pg_catalog as $$
  delete from access.login_session s where s.expires_at < core.app_now() - interval '180 days';
  delete from access.login_failure f where f.failed_at < core.app_now() - interval '1 day';
$$;
revoke execute on function access.forget_sessions() from public;
