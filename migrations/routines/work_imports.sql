-- What the work domain answers about imports. Reloaded whole by every migrate.

drop view if exists core.import_reply cascade;
create view core.import_reply with (security_invoker = true) as
select i.id, i.kind, i.file_name, case when r.state in ('failed', 'cancelled') then 'failed' else i.state end as state, i.charset, i.lines, i.faults, i.job_id,
  case when r.state in ('failed', 'cancelled') then core.failure_reply(coalesce(r.failure, '{"problem": "job_over"}')) end as failure,
  i.created_at, i.checked_at, i.applied_at, i.version, core.etag(i.version, r.state) as _etag, '/imports/' || i.id as _location, i.requested_by
from core.import i left join core.job_run r on r.job_id = i.job_id;
grant select on core.import_reply to linli_app;

create or replace function core.create_import(wanted_kind text, file uuid, new_id uuid) returns setof core.import_reply language plpgsql as $$
declare
  made uuid := core.ask_import(wanted_kind, file, new_id);
begin
  return query select * from core.import_reply v where v.id = made;
end $$;

create or replace function core.apply_import(wanted uuid, if_match bigint) returns setof core.import_reply language plpgsql as $$
begin
  perform core.expect(exists (select from core.import i where i.id = wanted), 'not_found');
  perform core.ask_application(wanted, core.etag_version(if_match));
  return query select * from core.import_reply v where v.id = wanted;
end $$;
