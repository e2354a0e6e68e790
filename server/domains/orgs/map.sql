-- name: getUnitArea
select * from orgs.show_area(:unit_id, :as_of)

-- name: putUnitArea
select * from orgs.draw_area(:unit_id, :body, :if_match)

-- name: listUnitAreas
select orgs.unit_json(a.unit_id, :as_of) as unit, a.area, a.is_generated, a.source_ref, lower(a.valid) as valid_from, upper(a.valid) - 1 as valid_to, a.version,
       jsonb_build_array(u.label) as _cursor
from orgs.unit_area a
join orgs.unit u on u.id = a.unit_id
where a.valid @> :as_of
  and a.unit_id in (select orgs.area_of(:under, :as_of))
  and u.kind = :kind  -- if :kind
  and u.label > (:cursor->>0)::bigint  -- if :cursor
order by u.label
limit :limit
