-- name: listViews
select v.id, v.list, v.name, v.query, v.saved_at, jsonb_build_array(v.list, v.name) as _cursor
from access.saved_view v
where v.person_id = :principal.person_id
  and v.list = :list  -- if :list
  and (v.list, v.name) > (:cursor->>0, :cursor->>1)  -- if :cursor
order by v.list, v.name
limit :limit

-- name: putView
select * from access.keep_view(:view_id, :list, :name, :query)

-- name: deleteView
select d.id from access.drop_view(:view_id) d
