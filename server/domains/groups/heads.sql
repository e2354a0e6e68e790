-- name: listHeads
select h.id, h.kind, u.id as "unit.id", orgs.name_on(u.id, :as_of) as "unit.name", u.kind as "unit.kind",
       (select c.short_name from orgs.unit c where c.id = (select orgs.ancestor_of_kind(u.id, 'community'))) as community,
       h.person_id as "person.id", people.name_of(h.person_id) as "person.name", groups.head_phone(h.person_id, :as_of) as phone,
       h.basis, lower(h.valid) as valid_from, upper(h.valid) - 1 as valid_to, h.document_ref, jsonb_build_array(u.label, h.id) as _cursor
from groups.head h
join orgs.unit u on u.id = h.unit_id
where h.valid @> :as_of
  and (u.territory_path <@ any ((select core.paths())::ltree[]) or u.leadership_path <@ any ((select core.lead())::ltree[])
       or u.territory_path @> (select people.home_path()))
  and h.unit_id in (select orgs.area_of(:unit, :as_of))  -- if :unit
  and h.kind = :kind  -- if :kind
  and upper(h.valid) <= :ending_before  -- if :ending_before
  and (u.label, h.id) > ((:cursor->>0)::bigint, (:cursor->>1)::uuid)  -- if :cursor
order by u.label, h.id
limit :limit

-- name: createHead
select * from groups.choose_head(:body)

-- name: endHead
select * from groups.end_head(:head_id, :last_day, :reason)
