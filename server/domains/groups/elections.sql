-- name: listElectionRules
select r.code, r.effective_from, r.name_zh, r.name_en, r.basis, r.articles, r.target, r.head_kind, r.electorate, to_jsonb(r.ballots) as ballots, r.seats_least, r.seats_most,
       groups.rule_json(r.id) -> 'quorum' as quorum, groups.rule_json(r.id) -> 'win' as win, nullif(groups.rule_json(r.id) -> 'runoff', 'null') as runoff, r.by_area, r.roll_days,
       r.objection_days, r.decision_days, r.nominators, r.contested, r.proxies_most, r.online_least, r.term_months, jsonb_build_array(r.code) as _cursor
from groups.election_rule r
where r.id = (select (groups.rule_on(r.code, :as_of)).id)
  and r.code > :cursor->>0  -- if :cursor
order by r.code
limit :limit

-- name: listElections
select e.id, e.title, (select r.code from groups.election_rule r where r.id = e.rule_id) as rule, e.purpose, u.id as "unit.id", u.name as "unit.name", u.kind as "unit.kind",
       e.state, e.round, e.voting_on, groups.roll_size(e.id) as voters, groups.taken_count(e.id) as ballots_taken,
       e.id = any ((select groups.my_elections())::uuid[]) as on_roll, jsonb_build_array(e.voting_on, e.id) as _cursor
from groups.election e
join orgs.unit u on u.id = e.unit_id
where (u.territory_path <@ any ((select core.paths())::ltree[]) or u.leadership_path <@ any ((select core.lead())::ltree[])
       or (e.state <> 'prepared' and (e.unit_id = any ((select people.home_units())::uuid[]) or e.id = any ((select groups.my_elections())::uuid[]))))
  and e.unit_id in (select orgs.area_of(:unit, :today))  -- if :unit
  and e.state = :state  -- if :state
  and (e.voting_on, e.id) < ((:cursor->>0)::date, (:cursor->>1)::uuid)  -- if :cursor
order by e.voting_on desc, e.id desc
limit :limit

-- name: createElection
select * from groups.create_election(:body)

-- name: getElection
select * from groups.show_election(:election_id)

-- name: takeElectionStep
select * from groups.on_election(:election_id, 'step', :body)

-- name: annulElection
select * from groups.on_election(:election_id, 'annul', :body)
