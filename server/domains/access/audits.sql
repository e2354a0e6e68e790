-- name: listAuditMandates
select m.id, m.auditor_id as "auditor.id", people.name_of(m.auditor_id) as "auditor.name", u.id as "unit.id", u.name as "unit.name", u.kind as "unit.kind", m.purpose,
       m.document_ref, lower(m.valid) as valid_from, upper(m.valid) - 1 as valid_to, people.name_of(m.granted_by) as granted_by, m.granted_at, m.valid @> :today as in_force,
       jsonb_build_array(m.id) as _cursor
from access.audit_mandate m join orgs.unit u on u.id = m.unit_id
where (m.auditor_id = :principal.person_id or u.territory_path <@ any ((select core.scope())::ltree[]))
  and m.id < (:cursor->>0)::uuid  -- if :cursor
order by m.id desc
limit :limit

-- name: createAuditMandate
select * from access.give_mandate(:auditor_id, :unit_id, :purpose, :document_ref, :valid_from, :valid_to)

-- name: endAuditMandate
select * from access.end_mandate(:audit_mandate_id)

-- name: listAuditFigures
select f.code, f.name_zh, f.name_en, f.definition_zh, f.definition_en, f.source, f."unit.id", f."unit.name", f."unit.kind", f.as_of, f.counted, f.shown, f.agrees,
       jsonb_build_array(f.ordinal) as _cursor
from access.audit_figures(:unit, :as_of) f
where true
  and f.ordinal > (:cursor->>0)::bigint  -- if :cursor
order by f.ordinal
limit :limit

-- name: listAuditFigureRows
select r.id, r."unit.id", r."unit.name", r."unit.kind", r.person_id, r.since, jsonb_build_array(r.id) as _cursor
from access.audit_rows(:figure, :unit, :as_of, (:cursor->>0)::uuid, :limit) r
order by r.id

-- name: drawAuditSample
select * from access.draw_sample(:kind, :seed, :n, :unit)

-- name: verifyAuditChain
select * from access.verify_chain(:after, :most)
