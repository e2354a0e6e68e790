-- name: listUnits
select u.id, u.kind, n.name, n.short_name, u.name_is_generated,
       (select orgs.unit_json(r.parent_id, :as_of) from orgs.unit_relation r
         where r.child_id = u.id and r.ladder = :ladder and r.valid @> :as_of) as parent,
       (select count(*) from orgs.unit_relation r where r.parent_id = u.id and r.ladder = :ladder and r.valid @> :as_of) as child_count,
       lower(u.valid) as valid_from, upper(u.valid) - 1 as valid_to, jsonb_build_array(u.label) as _cursor
from orgs.unit u
join orgs.unit_name n on n.unit_id = u.id and n.valid @> :as_of
where u.valid @> :as_of
  and u.kind = :kind  -- if :kind
  and u.id in (select b from orgs.units_below(:under, :ladder, :as_of) b where b <> :under)  -- if :under
  and n.id in (select orgs.names_like(:q))  -- if :q
  and u.id in (select orgs.units_at(:at, :as_of))  -- if :at
  and u.label > (:cursor->>0)::bigint  -- if :cursor
order by u.label
limit :limit

-- name: createUnit
select * from orgs.create_unit(:body)

-- name: getUnit
select * from orgs.show_unit(:unit_id, :as_of)

-- name: updateUnit
select * from orgs.update_unit(:unit_id, :body, :if_match)

-- name: getUnitTree
select c.descendant_id as id, case when c.depth > 0 then r.parent_id end as parent_id, u.kind, n.name, n.short_name, u.name_is_generated, c.depth,
       (select count(*) from orgs.unit_relation d where d.parent_id = u.id and d.ladder = :ladder and d.valid @> :as_of) as child_count,
       orgs.shown_residents(u.id, :as_of) as residents, jsonb_build_array(c.depth, u.label) as _cursor
from orgs.unit_closure c
join orgs.unit u on u.id = c.descendant_id
join orgs.unit_name n on n.unit_id = u.id and n.valid @> :as_of
left join orgs.unit_relation r on r.child_id = u.id and r.ladder = :ladder and r.valid @> :as_of
where c.ancestor_id = :unit_id and c.ladder = :ladder and c.depth <= :depth and c.valid @> :as_of
  and (c.depth, u.label) > ((:cursor->>0)::smallint, (:cursor->>1)::bigint)  -- if :cursor
order by c.depth, u.label
limit :limit

-- name: getUnitHistory
select h.on_day, h.what, h.ladder, h.name, h.unit, h.person, h.post, h.document_ref, jsonb_build_array(h.on_day, h.ordinal, h.ref) as _cursor
from orgs.history_of(:unit_id) h
where true
  and (h.on_day, h.ordinal, h.ref) < ((:cursor->>0)::date, (:cursor->>1)::integer, (:cursor->>2)::uuid)  -- if :cursor
order by h.on_day desc, h.ordinal desc, h.ref desc
limit :limit
