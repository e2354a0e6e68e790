-- name: listGuardianships
select g.id, g.ward_id as "ward.id", people.name_of(g.ward_id) as "ward.name", g.guardian_id as "guardian.id", people.name_of(g.guardian_id) as "guardian.name",
       g.kind, g.ground, lower(g.valid) as valid_from, upper(g.valid) - 1 as valid_to, g.document_ref, jsonb_build_array(g.id) as _cursor
from people.guardianship g
where :person_id in (g.ward_id, g.guardian_id) and (select people.is_own(:person_id) or orgs.in_scope(people.home_of(:person_id)))
  and g.id > (:cursor->>0)::uuid  -- if :cursor
order by g.id
limit :limit

-- name: createGuardianship
select * from people.add_guardianship(:person_id, :guardian_id, :kind, :ground, :valid_from, :document_ref)

-- name: endGuardianship
select * from people.end_guardianship(:guardianship_id, :last_day)

-- name: listNearRelatives
select n.id, s."relative.id", s."relative.name", s.kind, s.valid_from, s.valid_to, jsonb_build_array(n.id) as _cursor
from people.near_relative n cross join lateral people.show_relative(n.id, :person_id) s
where :person_id in (n.person_id, n.relative_id) and (select people.is_own(:person_id) or orgs.in_scope(people.home_of(:person_id)))
  and n.id > (:cursor->>0)::uuid  -- if :cursor
order by n.id
limit :limit

-- name: createNearRelative
select * from people.add_relative(:person_id, :relative_id, :kind, :valid_from)

-- name: endNearRelative
select * from people.end_relative(:near_relative_id, :last_day)

-- name: listCareMarks
select c.id, s."person.id", s."person.name", s.kind, s.note, s.valid_from, s.valid_to, s.recorded_by, s.helpers, jsonb_build_array(c.id) as _cursor
from people.care_mark c cross join lateral people.show_care_mark(c.id) s
where c.person_id = :person_id
  and (select people.is_own(:person_id) or c.id = any ((select people.my_care())::uuid[])
              or (select u.territory_path from orgs.unit u where u.id = people.home_of(:person_id)) <@ any ((select people.care_paths())::ltree[]))
  and c.id > (:cursor->>0)::uuid  -- if :cursor
order by c.id
limit :limit

-- name: createCareMark
select * from people.add_care_mark(:person_id, :kind, :note, :valid_from, :valid_to)

-- name: endCareMark
select * from people.end_care_mark(:care_mark_id, :last_day)

-- name: nameCareHelper
select * from people.name_helper(:care_mark_id, :person_id, :task, :last_day)
