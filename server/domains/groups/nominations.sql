-- name: createNomination
select * from groups.on_election(:election_id, 'nominate', :body)

-- name: supportNomination
select * from groups.on_election(:election_id, 'support', jsonb_build_object('nomination_id', :nomination_id))

-- name: answerNomination
select * from groups.on_election(:election_id, 'answer', jsonb_build_object('nomination_id', :nomination_id, 'answer', :answer))

-- name: createProxy
select * from groups.on_election(:election_id, 'give_proxy', :body)

-- name: revokeProxy
select * from groups.on_election(:election_id, 'revoke_proxy', jsonb_build_object('proxy_id', :proxy_id))

-- name: recordDefence
select * from groups.on_election(:election_id, 'defend', :body)
