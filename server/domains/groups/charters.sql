-- name: listCharters
select c.id, c.group_id, c.ordinal, c.content, c.adopted_on, c.state, c.submitted_on, c.decided_on, c.filing_number, c.reason, jsonb_build_array(c.ordinal) as _cursor
from groups.charter c
join groups.group g on g.id = c.group_id
join orgs.unit u on u.id = g.unit_id
where c.group_id = :group_id
  and (u.territory_path <@ any ((select core.paths())::ltree[]) or u.leadership_path <@ any ((select core.lead())::ltree[])
       or u.territory_path @> (select people.home_path()) or g.id = any ((select groups.my_groups())::uuid[]))
  and c.ordinal < (:cursor->>0)::bigint  -- if :cursor
order by c.ordinal desc
limit :limit

-- name: createCharter
select * from groups.adopt_charter(:group_id, :body)

-- name: submitCharter
select * from groups.submit_charter(:charter_id)

-- name: decideCharter
select * from groups.decide_charter(:charter_id, :body)
