-- What the work domain answers with: its tables are core's, the names it shows are everyone's. Reloaded whole by every migrate.

drop view if exists core.job_reply cascade;
create view core.job_reply with (security_invoker = true) as
select j.id, j.kind as "kind.code", k.name_zh as "kind.name_zh", k.name_en as "kind.name_en", r.state,
  (select jsonb_build_object('id', u.id, 'name', u.name, 'kind', u.kind) from orgs.unit u where u.id = j.unit_id) as unit,
  case when j.requested_by is not null then jsonb_build_object('id', j.requested_by, 'name', people.name_of(j.requested_by)) end as requested_by,
  r.progress_done as "progress.done", r.progress_total as "progress.total", r.phase as "progress.phase", r.attempts::bigint as attempts, r.cancel_requested,
  (r.result ->> 'blob_id')::uuid as blob_id,
  core.failure_reply(r.failure) as failure, j.created_at, j.due_at, r.started_at, r.finished_at, r.version as _etag,
  j.requested_by as requester_id, j.unit_id
from core.job j join core.job_run r on r.job_id = j.id join core.job_kind k on k.kind = j.kind;
grant select on core.job_reply to linli_app;

-- One that waits ends at once; one that runs is told at its next sign of life, and what it did is rolled back.
create or replace function core.cancel_job(wanted uuid) returns setof core.job_reply language plpgsql as $$
begin
  perform core.expect((select j.requested_by = core.person() or orgs.in_scope(j.unit_id) from core.job j where j.id = wanted), 'not_found');
  perform core.mark_cancelled(wanted);
  return query select * from core.job_reply j where j.id = wanted;
end $$;
