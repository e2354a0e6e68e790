-- name: getHead
select s.* from groups.head h join orgs.unit u on u.id = h.unit_id cross join lateral groups.show_card(h.id, :today) s
where h.id = :head_id
  and (h.person_id = :principal.person_id or u.territory_path <@ any ((select core.paths())::ltree[]) or u.leadership_path <@ any ((select core.lead())::ltree[])
       or u.territory_path @> (select people.home_path()))

-- name: updateHeadCard
select * from groups.write_card(:head_id, :phone, :hours, :note, :consent_given)

-- name: listMyHeads
select s.id, s.kind, s."unit.id", s."unit.name", s."unit.kind", s.community, s."person.id", s."person.name", s.phone, s.hours, s.note, s.basis, s.valid_from, s.valid_to,
       s.office_phone, s.substitutions, jsonb_build_array(m.near, m.head_id) as _cursor
from groups.my_heads() m cross join lateral groups.show_card(m.head_id, :today) s
where true
  and (-m.near, m.head_id) > (-(:cursor->>0)::bigint, (:cursor->>1)::uuid)  -- if :cursor
order by m.near desc, m.head_id
limit :limit

-- name: createHeadSubstitution
select * from groups.substitute_head(:head_id, :body)

-- name: endHeadSubstitution
select * from groups.end_substitution(:substitution_id, :last_day)

-- name: listHeadCoverage
select c.unit_id as "unit.id", c.name as "unit.name", c.kind as "unit.kind", c.residents, c.heads, c.state, jsonb_build_array(c.label) as _cursor
from groups.head_coverage(:unit, :as_of) c
where true
  and c.state = :state  -- if :state
  and c.label > (:cursor->>0)::bigint  -- if :cursor
order by c.label
limit :limit

-- name: listHeadWorkload
select w.person_id as "person.id", people.name_of(w.person_id) as "person.name", w.areas, w.residents, w.central_households, w.ends_next, w.substituted,
       jsonb_build_array(w.residents, w.person_id) as _cursor
from (
  select h.person_id, count(*) as areas, sum(orgs.shown_residents(h.unit_id, :as_of))::bigint as residents,
         sum((select count(*) from people.central_household c where c.unit_id = h.unit_id and c.valid @> :as_of))::bigint as central_households,
         min(upper(h.valid)) - 1 as ends_next,
         bool_or((select true from groups.head_substitution s where s.head_id = h.id and s.valid @> :as_of)) is true as substituted
  from groups.head h
  join orgs.unit u on u.id = h.unit_id
  where h.valid @> :as_of and (u.territory_path <@ any ((select core.paths())::ltree[]) or u.leadership_path <@ any ((select core.lead())::ltree[]))
    and h.unit_id in (select orgs.area_of(:unit, :as_of))
  group by h.person_id
) w
where true
  and (-w.residents, w.person_id) > (-(:cursor->>0)::bigint, (:cursor->>1)::uuid)  -- if :cursor
order by w.residents desc, w.person_id
limit :limit
