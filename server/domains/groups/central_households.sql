-- name: listCentralHouseholds
select h.id, u.id as "unit.id", orgs.name_on(u.id, :as_of) as "unit.name", u.kind as "unit.kind", h.person_id as "person.id", people.name_of(h.person_id) as "person.name",
       h.basis, lower(h.valid) as valid_from, upper(h.valid) - 1 as valid_to, h.document_ref, jsonb_build_array(u.label, h.id) as _cursor
from people.central_household h
join orgs.unit u on u.id = h.unit_id
where h.valid @> :as_of
  and (h.person_id = :principal.person_id or u.territory_path <@ any ((select core.paths())::ltree[]) or u.leadership_path <@ any ((select core.lead())::ltree[]))
  and h.unit_id in (select orgs.area_of(:unit, :as_of))  -- if :unit
  and (u.label, h.id) > ((:cursor->>0)::bigint, (:cursor->>1)::uuid)  -- if :cursor
order by u.label, h.id
limit :limit

-- name: createCentralHousehold
select * from groups.name_central_household(:body)

-- name: endCentralHousehold
select * from groups.end_central_household(:central_household_id, :last_day)
