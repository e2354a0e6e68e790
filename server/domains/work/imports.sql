-- name: listImports
select v.*, jsonb_build_array(v.id) as _cursor
from core.import_reply v
where v.requested_by = :principal.person_id
  and v.id < (:cursor->>0)::uuid  -- if :cursor
order by v.id desc
limit :limit

-- name: createUnitImport
select * from core.create_import('units', :blob_id, :id)

-- name: createPersonImport
select * from core.create_import('people', :blob_id, :id)

-- name: createAppointmentImport
select * from core.create_import('appointments', :blob_id, :id)

-- name: createHouseholdImport
select * from core.create_import('households', :blob_id, :id)

-- name: getImport
select v.* from core.import_reply v where v.id = :import_id and v.requested_by = :principal.person_id

-- name: listImportFaults
select f.line, f.column_name as column, c.title_zh, c.title_en, f.code, m.message_zh, m.message_en, jsonb_build_array(f.ordinal) as _cursor
from core.import i
join core.import_fault f on f.import_id = i.id
join core.import_fault_code m on m.code = f.code
left join core.import_column c on c.kind = i.kind and c.name = f.column_name
where i.id = :import_id and i.requested_by = :principal.person_id
  and f.ordinal > (:cursor->>0)::integer  -- if :cursor
order by f.ordinal
limit :limit

-- name: applyImport
select * from core.apply_import(:import_id, :if_match)

-- name: listImportColumns
select c.name, c.title_zh, c.title_en, c.required, c.form, c.length_most, c.hint_zh, c.hint_en, jsonb_build_array(c.slot) as _cursor
from core.import_column c
where c.kind = :kind
  and c.slot > (:cursor->>0)::smallint  -- if :cursor
order by c.slot
limit :limit
