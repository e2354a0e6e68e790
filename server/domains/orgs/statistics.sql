-- name: listUnitStatistics
select s.unit_id as id, s.name, s.kind, s.valid_from, s.valid_to, s.counted_on, s.residents, s.compounds, s.buildings, s.lanes, s.branches, s.heads, s.population, s.cases_opened, s.cases_settled,
       s.services, s.service_minutes, s.apportioned, s.sources, jsonb_build_array(s.label) as _cursor
from orgs.unit_statistics(:under, :kind, :from, :to, :reshape) s
where true
  and s.label > (:cursor->>0)::bigint  -- if :cursor
order by s.label
limit :limit
