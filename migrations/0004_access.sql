-- Access: logins, sessions, grants. The tables of logins and sessions are reached by routines of the owner only.

create schema access;
grant usage on schema access to linli_app;

create table access.login (
  person_id uuid primary key references people.person on delete cascade,
  user_name text not null check (user_name ~ '^[a-z0-9][a-z0-9_.@-]{1,63}$'),
  password_hash text not null check (length(password_hash) between 20 and 200),
  disabled boolean not null default false,
  failed_count integer not null default 0 check (failed_count >= 0),
  locked_until timestamptz,
  password_changed_at timestamptz not null default core.app_now(),
  totp_sealed bytea,
  totp_last_step bigint,
  version bigint not null default 1,
  constraint login_user_name unique (user_name)
);

-- A sign-in on one device: the family of its refresh tokens.
create table access.login_session (
  id uuid primary key default core.uuid_v7(),
  person_id uuid not null references access.login on delete cascade,
  created_at timestamptz not null default core.app_now(),
  used_at timestamptz not null default core.app_now(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  revoked_because text check (revoked_because in ('signed_out', 'reused', 'disabled', 'password_changed')),
  check ((revoked_at is null) = (revoked_because is null))
);
create index login_session_by_person on access.login_session (person_id);
create index login_session_by_expiry on access.login_session (expires_at);

-- Opaque 256 bits with the client, their hash here; each is used once.
create table access.refresh_token (
  hash bytea primary key check (octet_length(hash) = 32),
  session_id uuid not null references access.login_session on delete cascade,
  issued_at timestamptz not null default core.app_now(),
  replaced_at timestamptz
);
create index refresh_token_by_session on access.refresh_token (session_id);

create table access.grant (
  id uuid primary key default core.uuid_v7(),
  person_id uuid not null references people.person on delete cascade,
  role text not null check (role in ('resident', 'volunteer', 'head', 'mediator', 'community_worker', 'community_secretary', 'branch_secretary',
    'owners_committee_member', 'guardian', 'town_officer', 'city_officer', 'city_leader', 'auditor', 'administrator')),
  unit_id uuid not null references orgs.unit,
  valid daterange not null check (not isempty(valid)),
  granted_by uuid,
  version bigint not null default 1,
  constraint grant_once exclude using gist (person_id with =, role with =, unit_id with =, valid with &&)
);
create index grant_by_person on access.grant (person_id);
create index grant_by_unit on access.grant (unit_id);

-- Whatever changes rights wakes the servers: grants, closed sessions, disabled logins, units that move.
create function access.tell_grants() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform core.notify_grants(coalesce(new.person_id, old.person_id));
  return null;
end $$;
create trigger tell_grants after insert or update or delete on access.grant for each row execute function access.tell_grants();
create trigger tell_grants after update of disabled on access.login for each row when (old.disabled <> new.disabled) execute function access.tell_grants();
create trigger tell_grants after update of revoked_at on access.login_session for each row when (old.revoked_at is distinct from new.revoked_at) execute function access.tell_grants();

create function access.tell_moved() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform core.notify_grants(g.person_id)
  from stale s join fresh f using (id) join access.grant g on g.unit_id = f.id
  where (s.territory_path, s.leadership_path) is distinct from (f.territory_path, f.leadership_path);
  return null;
end $$;
create trigger tell_moved after update on orgs.unit referencing old table as stale new table as fresh for each statement execute function access.tell_moved();

select core.guard_table(t) from unnest(array['access.login', 'access.login_session', 'access.refresh_token', 'access.grant']::regclass[]) t;
select core.audit_table('access.login', '{password_hash}');
select core.audit_table(t) from unnest(array['access.login_session', 'access.grant']::regclass[]) t;

create policy own_or_staff on access.grant for select to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or (select u.territory_path from orgs.unit u where u.id = "grant".unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

grant select on access.grant to linli_app;

insert into core.daily_task (routine, ordinal) values ('access.forget_sessions', 80);
