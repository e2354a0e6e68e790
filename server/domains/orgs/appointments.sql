-- name: listPosts
select p.code, p.kind, p.name_zh, p.name_en, p.seats, p.term_months, p.basis, jsonb_build_array(k.ordinal, p.ordinal, p.code) as _cursor
from orgs.post p join orgs.unit_kind k on k.kind = p.kind
where true
  and p.kind = :kind  -- if :kind
  and (k.ordinal, p.ordinal, p.code) > ((:cursor->>0)::smallint, (:cursor->>1)::smallint, :cursor->>2)  -- if :cursor
order by k.ordinal, p.ordinal, p.code
limit :limit

-- name: listAppointments
select a.id, a.person_id as "person.id", people.name_of(a.person_id) as "person.name",
       u.id as "unit.id", orgs.name_on(u.id, :as_of) as "unit.name", u.kind as "unit.kind",
       p.code as "post.code", p.name_zh as "post.name_zh", p.name_en as "post.name_en",
       a.basis, lower(a.valid) as valid_from, upper(a.valid) - 1 as valid_to, a.document_ref, a.end_reason,
       (select count(*) from orgs.appointment o where o.person_id = a.person_id and o.id <> a.id and o.valid @> :as_of) as other_posts,
       jsonb_build_array(u.label, p.ordinal, a.id) as _cursor
from orgs.appointment a
join orgs.unit u on u.id = a.unit_id
join orgs.post p on p.code = a.post_code
where a.valid @> :as_of
  and a.unit_id = :unit  -- if :unit
  and a.unit_id in (select orgs.area_of(:under, :as_of))  -- if :under
  and a.person_id = :person  -- if :person
  and a.post_code = :post  -- if :post
  and upper(a.valid) <= :ending_before  -- if :ending_before
  and (u.label, p.ordinal, a.id) > ((:cursor->>0)::bigint, (:cursor->>1)::smallint, (:cursor->>2)::uuid)  -- if :cursor
order by u.label, p.ordinal, a.id
limit :limit

-- name: createAppointment
select * from orgs.appoint(:body)

-- name: endAppointment
select * from orgs.end_appointment(:appointment_id, :last_day, :reason, :document_ref)
