-- name: listDwellings
select d.id, u.id as "unit.id", u.name as "unit.name", u.kind as "unit.kind", d.door, d.use, d.area_cm2, lower(d.valid) as valid_from, upper(d.valid) - 1 as valid_to,
       people.owners_on(d.id, :today) as owners, d.version, jsonb_build_array(u.id, d.door, d.id) as _cursor
from people.dwelling d join orgs.unit u on u.id = d.unit_id
where (d.id = any ((select people.my_dwellings())::uuid[]) or d.unit_id in (select orgs.units_within((select core.scope()), null)))
  and d.unit_id in (select orgs.area_of(:unit, :today))  -- if :unit
  and starts_with(d.door, :door)  -- if :door
  and (d.unit_id, d.door, d.id) > ((:cursor->>0)::uuid, :cursor->>1, (:cursor->>2)::uuid)  -- if :cursor
order by d.unit_id, d.door, d.id
limit :limit

-- name: createDwelling
select * from people.create_dwelling(:id, :unit_id, :door, :use, :area_cm2, :valid_from)

-- name: getDwelling
select d.id, u.id as "unit.id", u.name as "unit.name", u.kind as "unit.kind", d.door, d.use, d.area_cm2, lower(d.valid) as valid_from, upper(d.valid) - 1 as valid_to,
       people.owners_on(d.id, :today) as owners, people.former_owners(d.id, :today) as former_owners, d.version, d.version as _etag
from people.dwelling d join orgs.unit u on u.id = d.unit_id
where d.id = :dwelling_id
  and (d.id = any ((select people.my_dwellings())::uuid[]) or u.territory_path <@ any ((select core.scope())::ltree[]))

-- name: getDwelling/households
select h.id, h.kind, (select people.name_of(m.person_id) from people.household_member m where m.household_id = h.id and m.relation = 'head' and m.valid @> :today) as head,
       (select count(*) from people.household_member m where m.household_id = h.id and m.valid @> :today) as members
from people.household h where h.dwelling_id = :dwelling_id and h.valid @> :today order by h.id

-- name: getDwelling/residents
select r.id, r.person_id as "person.id", people.name_of(r.person_id) as "person.name", r.kind, lower(r.valid) as valid_from, upper(r.valid) - 1 as valid_to
from people.residence r where r.dwelling_id = :dwelling_id and r.valid @> :today order by r.id limit 200

-- name: updateDwelling
select * from people.update_dwelling(:dwelling_id, :body, :if_match)

-- name: setOwners
select o.id, o."unit.id", o."unit.name", o."unit.kind", o.door, o.use, o.area_cm2, o.valid_from, o.valid_to, o.owners_now as owners, o.version, o._etag, o._location
from people.set_owners(:dwelling_id, :first_day, :document_ref, :owners) o

-- name: listHouseholds
select h.id, u.id as "unit.id", u.name as "unit.name", u.kind as "unit.kind",
       (select jsonb_build_object('id', d.id, 'door', d.door, 'area_cm2', d.area_cm2) from people.dwelling d where d.id = h.dwelling_id) as dwelling,
       h.kind, lower(h.valid) as valid_from, upper(h.valid) - 1 as valid_to, people.members_on(h.id, :as_of) as members, h.version, jsonb_build_array(h.unit_id, h.id) as _cursor
from people.household h join orgs.unit u on u.id = h.unit_id
where (h.id = any ((select people.my_households())::uuid[]) or h.unit_id in (select orgs.units_within((select core.scope()), null)))
  and h.valid @> :as_of
  and h.unit_id in (select orgs.area_of(:unit, :as_of))  -- if :unit
  and h.id in (select m.household_id from people.household_member m where m.person_id = :person and m.valid @> :as_of)  -- if :person
  and (h.unit_id, h.id) > ((:cursor->>0)::uuid, (:cursor->>1)::uuid)  -- if :cursor
order by h.unit_id, h.id
limit :limit

-- name: createHousehold
select * from people.create_household(:id, :unit_id, :dwelling_id, :kind, :valid_from, :members)

-- name: getHousehold
select h.id, u.id as "unit.id", u.name as "unit.name", u.kind as "unit.kind",
       (select jsonb_build_object('id', d.id, 'door', d.door, 'area_cm2', d.area_cm2) from people.dwelling d where d.id = h.dwelling_id) as dwelling,
       h.kind, lower(h.valid) as valid_from, upper(h.valid) - 1 as valid_to, people.members_on(h.id, :as_of) as members, h.version, h.version as _etag, '/households/' || h.id as _location
from people.household h join orgs.unit u on u.id = h.unit_id
where h.id = :household_id
  and (h.id = any ((select people.my_households())::uuid[]) or u.territory_path <@ any ((select core.scope())::ltree[]))

-- name: addHouseholdMember
select * from people.add_household_member(:household_id, :person_id, :relation, :valid_from)

-- name: endHouseholdMember
select * from people.end_household_member(:household_id, :person_id, :last_day)

-- name: setHouseholdHead
select * from people.set_household_head(:household_id, :person_id, :first_day, :former_becomes)
