-- name: compileElectionRoll
select * from groups.on_election(:election_id, 'compile_roll', null)

-- name: listElectionVoters
select v.id, v.person_id as "person.id", people.name_of(v.person_id) as "person.name", v.ground, v.household,
       case when v.person_id = :principal.person_id or u.territory_path <@ any ((select core.paths())::ltree[]) then v.area_cm2 end as area_cm2, v.struck_on, v.struck_reason,
       case when v.person_id = :principal.person_id or u.territory_path <@ any ((select core.paths())::ltree[]) then v.took end as took, jsonb_build_array(v.id) as _cursor
from groups.election_voter v
join groups.election e on e.id = v.election_id
join orgs.unit u on u.id = e.unit_id
where v.election_id = :election_id
  and (u.territory_path <@ any ((select core.paths())::ltree[]) or u.leadership_path <@ any ((select core.lead())::ltree[])
       or (e.state <> 'prepared' and (e.unit_id = any ((select people.home_units())::uuid[]) or e.id = any ((select groups.my_elections())::uuid[]))))
  and v.id > (:cursor->>0)::uuid  -- if :cursor
order by v.id
limit :limit

-- name: addElectionVoters
select * from groups.on_election(:election_id, 'add_voters', :body)

-- name: strikeElectionVoter
select * from groups.on_election(:election_id, 'strike', jsonb_build_object('voter_id', :voter_id, 'reason', :reason))

-- name: listRollObjections
select s.id, s.election_id, s."person.id", s."person.name", s.about, s.wish, s.reason, s.filed_on, s.due_on, s.state, s.decided_on, s.answer, jsonb_build_array(o.id) as _cursor
from groups.roll_objection o
join groups.election e on e.id = o.election_id
join orgs.unit u on u.id = e.unit_id
cross join lateral groups.show_objection(o.id) s
where o.election_id = :election_id and (o.person_id = :principal.person_id or u.territory_path <@ any ((select core.paths())::ltree[]))
  and o.id > (:cursor->>0)::uuid  -- if :cursor
order by o.id
limit :limit

-- name: createRollObjection
select * from groups.on_election(:election_id, 'object', :body)

-- name: decideRollObjection
select * from groups.decide_objection(:objection_id, :body)

-- name: createElectionOfficial
select * from groups.on_election(:election_id, 'add_official', :body)

-- name: endElectionOfficial
select * from groups.on_election(:election_id, 'release_official', jsonb_build_object('official_id', :official_id, 'reason', :reason))
