-- name: listServiceKinds
select k.kind, k.name_zh, k.name_en, k.is_fixed, json_build_array(k.ordinal) as _cursor
from volunteering.service_kind k
where true
  and k.ordinal > (:cursor->>0)::bigint  -- if :cursor
order by k.ordinal
limit :limit

-- name: listServicePartners
select s.person_id, people.name_of(s.person_id) as name, u.id as "unit.id", u.name as "unit.name", u.kind as "unit.kind",
       k.name_zh as last_kind_zh, k.name_en as last_kind_en, s.served_on as last_served_on, json_build_array(s.served_on, s.person_id) as _cursor
from (select distinct on (r.served_person_id) r.served_person_id as person_id, r.unit_id, r.kind, r.served_on
      from volunteering.service_record r where r.volunteer_id = :principal.person_id
      order by r.served_person_id, r.served_on desc, r.id desc) s
join orgs.unit u on u.id = s.unit_id
join volunteering.service_kind k on k.kind = s.kind
where true
  and (s.served_on, s.person_id) < ((:cursor->>0)::date, (:cursor->>1)::uuid)  -- if :cursor
order by s.served_on desc, s.person_id desc
limit :limit

-- name: listServiceRecords
select v.id, v.state, v."volunteer.id", v."volunteer.name", v."served_person.id", v."served_person.name", v.kind, v.kind_name_zh, v.kind_name_en,
       v.minutes, v.served_on, v."unit.id", v."unit.name", v."unit.kind", v.recorded_at, v.rating, v.comment, v.evaluated_at, v.points,
       v.transfer_id, v.actions, json_build_array(v.served_on, v.id) as _cursor
from volunteering.record_reply v
where (v."volunteer.id" = :principal.person_id or v."served_person.id" = :principal.person_id or v.recorded_by = :principal.person_id
       or v."unit.id" = any (array(select u.id from orgs.unit u where u.territory_path <@ any ((select core.scope())::ltree[]))))
  and ((:as = 'volunteer' and v."volunteer.id" = :principal.person_id) or (:as = 'served' and v."served_person.id" = :principal.person_id))  -- if :as
  and v.state = :state  -- if :state
  and v.kind = :kind  -- if :kind
  and v."unit.id" = any (array(select b.id from orgs.unit a join orgs.unit b on b.territory_path <@ a.territory_path where a.id = :unit))  -- if :unit
  and (v.served_on, v.id) < ((:cursor->>0)::date, (:cursor->>1)::uuid)  -- if :cursor
order by v.served_on desc, v.id desc
limit :limit

-- name: createServiceRecord
select * from volunteering.record(:volunteer_id, :served_person_id, :kind, :minutes, :served_on)

-- name: getServiceRecord
select * from volunteering.record_reply v
where v.id = :service_record_id
  and (v."volunteer.id" = :principal.person_id or v."served_person.id" = :principal.person_id or v.recorded_by = :principal.person_id
       or (select u.territory_path from orgs.unit u where u.id = v."unit.id") <@ any ((select core.scope())::ltree[]))

-- name: evaluateServiceRecord
select * from volunteering.evaluate(:service_record_id, :rating, :comment)
