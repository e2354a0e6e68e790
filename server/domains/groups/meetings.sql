-- name: listGroupMeetings
select m.id, m.group_id, m.held_at, m.place, m.agenda, m.present, m.minutes, m.decisions, jsonb_build_array(m.held_at, m.id) as _cursor
from groups.group_meeting m
join groups.group g on g.id = m.group_id
join orgs.unit u on u.id = g.unit_id
where m.group_id = :group_id
  and (u.territory_path <@ any ((select core.paths())::ltree[]) or g.id = any ((select groups.my_groups())::uuid[]))
  and (m.held_at, m.id) < ((:cursor->>0)::timestamptz, (:cursor->>1)::uuid)  -- if :cursor
order by m.held_at desc, m.id desc
limit :limit

-- name: createGroupMeeting
select * from groups.call_meeting(:group_id, :body)

-- name: recordGroupMinutes
select * from groups.record_minutes(:meeting_id, :body)
