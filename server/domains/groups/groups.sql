-- name: listGroups
select g.id, g.kind, g.name, u.id as "unit.id", orgs.name_on(u.id, :as_of) as "unit.name", u.kind as "unit.kind",
       groups.member_count(g.id, :as_of) as member_count, groups.leader_name(g.id, :as_of) as leader,
       g.id = any ((select groups.my_groups())::uuid[]) as mine,
       lower(g.valid) as valid_from, upper(g.valid) - 1 as valid_to, jsonb_build_array(u.label, g.id) as _cursor
from groups.group g
join orgs.unit u on u.id = g.unit_id
where g.valid @> :as_of
  and (u.territory_path <@ any ((select core.paths())::ltree[]) or u.leadership_path <@ any ((select core.lead())::ltree[])
       or u.territory_path @> (select people.home_path()) or g.id = any ((select groups.my_groups())::uuid[]))
  and g.unit_id in (select orgs.area_of(:unit, :as_of))  -- if :unit
  and g.kind = :kind  -- if :kind
  and (u.label, g.id) > ((:cursor->>0)::bigint, (:cursor->>1)::uuid)  -- if :cursor
order by u.label, g.id
limit :limit

-- name: createGroup
select * from groups.found_group(:body)

-- name: getGroup
select g.id, g.kind, g.name, g.purpose, u.id as "unit.id", orgs.name_on(u.id, :as_of) as "unit.name", u.kind as "unit.kind", g.households,
       groups.member_count(g.id, :as_of) as member_count, lower(g.valid) as valid_from, upper(g.valid) - 1 as valid_to, g.version,
       core.etag(g.version, (:as_of)::text || groups.member_count(g.id, :as_of)) as _etag
from groups.group g
join orgs.unit u on u.id = g.unit_id
where g.id = :group_id
  and (u.territory_path <@ any ((select core.paths())::ltree[]) or u.leadership_path <@ any ((select core.lead())::ltree[])
       or u.territory_path @> (select people.home_path()) or g.id = any ((select groups.my_groups())::uuid[]))

-- name: getGroup/members
select m.person_id as "person.id", people.name_of(m.person_id) as "person.name", m.role, lower(m.valid) as valid_from, upper(m.valid) - 1 as valid_to
from groups.group_member m
where m.group_id = :group_id and m.valid @> :as_of
order by array_position(array['leader', 'deputy', 'member'], m.role), m.id
limit 1000

-- name: addGroupMember
select * from groups.add_member(:group_id, :body)

-- name: endGroupMembership
select * from groups.end_membership(:group_id, :person_id, :last_day)
