-- Wrong passwords are counted by name, whether or not anybody has it: what a stranger is told must not say who is here. Of the name
-- only a digest stays, since people type passwords into the wrong field.
create table access.login_failure (
  name_digest bytea primary key check (octet_length(name_digest) = 32),
  failed_count integer not null check (failed_count > 0),
  failed_at timestamptz not null default core.app_now(),
  locked_until timestamptz
);
create index login_failure_by_time on access.login_failure (failed_at);
insert into access.login_failure (name_digest, failed_count, locked_until)
select sha256(convert_to(l.user_name, 'UTF8')), l.failed_count, l.locked_until from access.login l where l.failed_count > 0;
alter table access.login drop column failed_count, drop column locked_until;
select core.guard_table('access.login_failure');
