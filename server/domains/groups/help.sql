-- name: listHelpRequests
select s.id, s."person.id", s."person.name", s."unit.id", s."unit.name", s."unit.kind", s.reach, s.kind, s.wish, s.wanted_on, s.state, s.helper, s.thanks, s.asked_at,
       s.mine, s.near, s.offers, jsonb_build_array(f.far, r.id) as _cursor
from groups.help_request r
cross join lateral (select (case when r.unit_id = any ((select people.home_units())::uuid[]) then 0 else 1 end)::bigint as far) f
cross join lateral groups.show_help(r.id) s
where (r.person_id = :principal.person_id or r.helper_id = :principal.person_id
       or (r.state = 'open' and (r.unit_id = any ((select people.home_units())::uuid[])
           or (r.reach = 'community' and r.community_id = any ((select people.home_units())::uuid[])))))
  and (:mine = 'true' and (r.person_id = :principal.person_id or r.helper_id = :principal.person_id))  -- if :mine
  and (f.far > (:cursor->>0)::bigint or (f.far = (:cursor->>0)::bigint and r.id < (:cursor->>1)::uuid))  -- if :cursor
order by f.far, r.id desc
limit :limit

-- name: createHelpRequest
select * from groups.ask_help(:body)

-- name: getHelpRequest
select s.* from groups.help_request r cross join lateral groups.show_help(r.id) s
where r.id = :help_request_id
  and (r.person_id = :principal.person_id or r.helper_id = :principal.person_id
       or (r.state = 'open' and (r.unit_id = any ((select people.home_units())::uuid[])
           or (r.reach = 'community' and r.community_id = any ((select people.home_units())::uuid[])))))

-- name: createHelpOffer
select * from groups.offer_help(:help_request_id, :body)

-- name: acceptHelpOffer
select * from groups.accept_help(:offer_id)

-- name: completeHelpRequest
select * from groups.move_help(:help_request_id, 'complete', null)

-- name: thankForHelp
select * from groups.move_help(:help_request_id, 'thank', :thanks)

-- name: withdrawHelpRequest
select * from groups.move_help(:help_request_id, 'withdraw', null)
