-- name: listJobs
select v.*, jsonb_build_array(v.id) as _cursor
from core.job_reply v
where (v.requester_id = :principal.person_id or v.unit_id in (select orgs.units_within((select core.scope()), (select core.scope_lead()))))
  and v.state = :state  -- if :state
  and v."kind.code" = :kind  -- if :kind
  and v.id < (:cursor->>0)::uuid  -- if :cursor
order by v.id desc
limit :limit

-- name: getJob
select v.*
from core.job_reply v
where v.id = :job_id
  and (v.requester_id = :principal.person_id or v.unit_id in (select orgs.units_within((select core.scope()), (select core.scope_lead()))))

-- name: cancelJob
select * from core.cancel_job(:job_id)
