-- name: searchDuplicates
select * from people.search_duplicates(:name, :birth_date, :phone_blind, :id_number_blind)

-- name: movePerson
select * from people.move_person(:person_id, :unit_id, :dwelling_id, :lives_as, :first_day)

-- name: recordDeath
select * from people.record_death(:person_id, :died_on, :document_ref)

-- name: listMerges
select m.id, m.kept_id as "kept.id", people.name_of(m.kept_id) as "kept.name", m.merged_id as "merged.id", people.name_of(m.merged_id) as "merged.name",
       m.reason, people.name_of(m.merged_by) as merged_by, m.merged_at, m.undo_until, m.undone_at, people.merge_steps(m.id) as steps, jsonb_build_array(m.id) as _cursor
from people.merge m
where m.kept_id = :person_id and (select orgs.in_scope(people.home_of(m.kept_id)))
  and m.id > (:cursor->>0)::uuid  -- if :cursor
order by m.id
limit :limit

-- name: mergePeople
select * from people.merge_people(:person_id, :merged_id, :reason)

-- name: undoMerge
select * from people.undo_merge(:merge_id)

-- name: listReveals
select r.id, r.field, r.reason, people.name_of(r.revealed_by) as revealed_by,
       (select min(p.name_zh) from orgs.appointment a join orgs.post p on p.code = a.post_code where a.person_id = r.revealed_by and a.valid @> r.on_day) as post,
       r.at, jsonb_build_array(r.no) as _cursor
from people.reveal r
where r.person_id = :person_id and (select people.is_own(:person_id) or orgs.in_scope(people.home_of(:person_id)))
  and r.no < (:cursor->>0)::bigint  -- if :cursor
order by r.no desc
limit :limit

-- name: createReveal
select * from people.reveal_field(:person_id, :field, :reason)

-- name: approveMinorAccess
select * from people.approve_minor_access(:person_id, :staff_id, :reason, :last_day)
