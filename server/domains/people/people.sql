-- name: listPeople
select p.id, p.display_name as name, u.id as "unit.id", u.name as "unit.name", u.kind as "unit.kind",
       (select c.short_name from orgs.unit c where c.id = (select orgs.ancestor_of_kind(u.id, 'community'))) as community,
       p.birth_year, v.phone_sealed as phone, p.is_fictitious, jsonb_build_array(p.id) as _cursor
from people.person p
join orgs.unit u on u.id = p.unit_id
left join people.person_private v on v.person_id = p.id
where p.unit_id in (select orgs.units_within((select core.scope()), (select core.scope_lead())))
  and p.merged_into is null and p.erased_at is null
  and p.id in (select people.find_by_name(:q))  -- if :q
  and p.unit_id in (select orgs.area_of(:unit, :today))  -- if :unit
  and p.id > (:cursor->>0)::uuid  -- if :cursor
order by p.id
limit :limit

-- name: getPerson
select p.id, p.display_name as name, u.id as "unit.id", u.name as "unit.name", u.kind as "unit.kind",
       (select c.short_name from orgs.unit c where c.id = (select orgs.ancestor_of_kind(u.id, 'community'))) as community,
       p.sex, p.birth_year, v.phone_sealed as phone, v.id_number_sealed as id_number, p.died_on, p.merged_into,
       (select m.household_id from people.household_member m where m.person_id = p.id and m.valid @> :today) as household_id,
       access.has_login(p.id) as has_login, p.is_fictitious,
       exists (select from people.central_household h where h.person_id = p.id and h.valid @> :today) as central_household,
       (select lower(r.valid) from people.residence r where r.person_id = p.id and r.valid @> :today) as lives_here_since,
       (select r.kind from people.residence r where r.person_id = p.id and r.valid @> :today) as lives_as,
       p.version, p.version as _etag
from people.person p
join orgs.unit u on u.id = p.unit_id
left join people.person_private v on v.person_id = p.id
where p.id = :person_id
  and (p.id = :principal.person_id or p.id = any ((select people.my_wards())::uuid[])
       or u.territory_path <@ any ((select core.scope())::ltree[]) or u.leadership_path <@ any ((select core.scope_lead())::ltree[]))

-- name: getPerson/appointments
select a.id, u.id as "unit.id", u.name as "unit.name", u.kind as "unit.kind", p.code as "post.code", p.name_zh as "post.name_zh", p.name_en as "post.name_en",
       lower(a.valid) as valid_from, upper(a.valid) - 1 as valid_to
from orgs.appointment a
join orgs.unit u on u.id = a.unit_id
join orgs.post p on p.code = a.post_code
where a.person_id = :person_id
order by lower(a.valid) desc, a.id
limit 200

-- name: getPerson/residences
select r.id, u.id as "unit.id", u.name as "unit.name", u.kind as "unit.kind",
       (select c.short_name from orgs.unit c where c.id = (select orgs.ancestor_of_kind(u.id, 'community'))) as community,
       d.door, r.kind as lives_as, lower(r.valid) as valid_from, upper(r.valid) - 1 as valid_to, r.end_reason
from people.residence r
join orgs.unit u on u.id = r.unit_id
left join people.dwelling d on d.id = r.dwelling_id
where r.person_id = :person_id
order by lower(r.valid) desc, r.id
limit 200

-- name: getPerson/groups
select g.id, g.name, g.kind, m.role, lower(m.valid) as valid_from, upper(m.valid) - 1 as valid_to
from groups.group_member m
join groups.group g on g.id = m.group_id
where m.person_id = :person_id
order by lower(m.valid) desc, m.id
limit 200

-- name: createPerson
select r.id, r.name, r."unit.id", r."unit.name", r."unit.kind", r.sex, r.birth_year, r.phone_sealed as phone, r.id_number_sealed as id_number, r.died_on, r.merged_into,
       r.is_fictitious, r.version, r._etag, r._location
from people.create_person(:id, :name, :unit_id, :birth_date, :sex, :phone, :phone_blind, :id_number, :id_number_blind, :id_birth_date, :id_sex, :address, :lives_as, :not_duplicates) r

-- name: updatePerson
select * from people.update_person(:person_id, :body, :phone_blind, :id_number_blind, :id_birth_date, :id_sex, :if_match)
