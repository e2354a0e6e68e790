-- name: listRepresentatives
select r.id, g.id as "group.id", g.name as "group.name", r.person_id as "person.id", people.name_of(r.person_id) as "person.name", r.households, r.basis,
       lower(r.valid) as valid_from, upper(r.valid) - 1 as valid_to, r.document_ref, jsonb_build_array(g.name, r.id) as _cursor
from groups.representative r
join groups.group g on g.id = r.group_id
join orgs.unit u on u.id = g.unit_id
where r.valid @> :as_of
  and (u.territory_path <@ any ((select core.paths())::ltree[]) or u.leadership_path <@ any ((select core.lead())::ltree[])
       or u.territory_path @> (select people.home_path()) or g.id = any ((select groups.my_groups())::uuid[]))
  and g.unit_id in (select orgs.area_of(:unit, :as_of))  -- if :unit
  and g.id = :group  -- if :group
  and (g.name, r.id) > (:cursor->>0, (:cursor->>1)::uuid)  -- if :cursor
order by g.name, r.id
limit :limit

-- name: createRepresentative
select * from groups.seat_representative(:group_id, :body)

-- name: endRepresentative
select * from groups.end_representative(:representative_id, :last_day, :reason)

-- name: listRepresentativeCoverage
select c.id as "group.id", c.name as "group.name", c.unit_id as "unit.id", c.unit_name as "unit.name", c.unit_kind as "unit.kind", c.households, c.representatives,
       c.represented, c.least, c.most, c.state, c.next_end, jsonb_build_array(c.label, c.id) as _cursor
from (
  select g.id, g.name, u.id as unit_id, orgs.name_on(u.id, :as_of) as unit_name, u.kind as unit_kind, u.label, g.households, s.n as representatives, s.represented,
         groups.representatives_least(g.households) as least, groups.representatives_most(g.households) as most, s.next_end,
         case when g.households is null then 'unknown' when s.n = 0 then 'none' when s.n < groups.representatives_least(g.households) then 'too_few'
              when s.n > groups.representatives_most(g.households) then 'too_many' else 'enough' end as state
  from groups.group g
  join orgs.unit u on u.id = g.unit_id
  cross join lateral (select count(*) as n, coalesce(sum(r.households), 0)::bigint as represented, min(upper(r.valid)) - 1 as next_end
                      from groups.representative r where r.group_id = g.id and r.valid @> :as_of) s
  where g.kind = 'residents_group' and g.valid @> :as_of
    and (u.territory_path <@ any ((select core.paths())::ltree[]) or u.leadership_path <@ any ((select core.lead())::ltree[])
         or u.territory_path @> (select people.home_path()))
    and g.unit_id in (select orgs.area_of(:unit, :as_of))  -- if :unit
) c
where true
  and c.state = :state  -- if :state
  and (c.label, c.id) > ((:cursor->>0)::bigint, (:cursor->>1)::uuid)  -- if :cursor
order by c.label, c.id
limit :limit
