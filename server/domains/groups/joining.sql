-- name: listJoinRequests
select r.id, g.id as "group.id", g.name as "group.name", r.person_id as "person.id", people.name_of(r.person_id) as "person.name", r.message, r.state, r.asked_at,
       r.decided_at, r.reason, jsonb_build_array(r.id) as _cursor
from groups.join_request r
join groups.group g on g.id = r.group_id
join orgs.unit u on u.id = g.unit_id
where r.group_id = :group_id
  and (r.person_id = :principal.person_id or g.id = any ((select groups.my_led_groups())::uuid[]) or u.territory_path <@ any ((select core.paths())::ltree[]))
  and r.state = :state  -- if :state
  and r.id < (:cursor->>0)::uuid  -- if :cursor
order by r.id desc
limit :limit

-- name: createJoinRequest
select * from groups.ask_to_join(:group_id, :body)

-- name: decideJoinRequest
select * from groups.decide_join(:join_request_id, :body)
