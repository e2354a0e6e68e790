-- name: recordTurnout
select * from groups.on_election(:election_id, 'turnout', :body)

-- name: createElectionCount
select * from groups.on_election(:election_id, 'count', :body)

-- name: createElectionKey/may
select m.allowed from groups.may_make_key(:election_id) m

-- name: createElectionKey/keep
select k.public_key, k.round from groups.make_key(:election_id, :public_key, :private_sealed::bytea) k

-- name: issueBallot/take
select b.private_key, b.round from groups.take_ballot(:election_id, :digest::bytea) b

-- name: castBallot/key
select k.public_key from groups.open_key(:election_id) k

-- name: castBallot/cast
select b.receipt from groups.cast_ballot(:election_id, :digest::bytea, :choices) b

-- name: listBallotReceipts
select r.round, r.receipt, jsonb_build_array(r.round, r.receipt) as _cursor
from groups.election e
join orgs.unit u on u.id = e.unit_id
cross join lateral groups.receipts(e.id) r
where e.id = :election_id
  and (u.territory_path <@ any ((select core.paths())::ltree[]) or u.leadership_path <@ any ((select core.lead())::ltree[])
       or (e.state <> 'prepared' and (e.unit_id = any ((select people.home_units())::uuid[]) or e.id = any ((select groups.my_elections())::uuid[]))))
  and (r.round, r.receipt) > ((:cursor->>0)::bigint, :cursor->>1)  -- if :cursor
order by r.round, r.receipt
limit :limit
