-- name: createClaimCode/make
select m.person_id, m.person_name, core.json_time(m.expires_at) as expires_at from access.make_claim_code(:person_id, :selector, :blind::bytea) m

-- name: redeemCode/redeem
select r.person_id from (select access.redeem_code(:selector, :blind::bytea, :user_name, :hash) as person_id) r where r.person_id is not null

-- name: redeemCode/open
select s.session_id from access.open_session(:claimed::uuid, :refresh_hash::bytea, :lifetime::interval, :own_device, :device_name) s

-- name: changePassword/find
select l.user_name, l.password_hash, l.locked from access.my_login() l

-- name: changePassword/failure
select access.record_failure(:own_name) as recorded

-- name: changePassword/change
select access.change_password(:hash, :principal.session_id) as changed

-- name: requestPasswordReset
select * from access.request_reset(:person_id, :reason)

-- name: listPasswordResets
select r.id, r.person_id as "person.id", people.name_of(r.person_id) as "person.name", r.reason, people.name_of(r.requested_by) as requested_by, r.requested_at,
       people.name_of(r.approved_by) as approved_by, r.approved_at, r.expires_at, jsonb_build_array(r.id) as _cursor
from access.password_reset r
where r.approved_at is null and r.expires_at > core.app_now()
  and (select p.unit_id from people.person p where p.id = r.person_id) in (select orgs.units_within((select core.scope()), null))
  and r.id > (:cursor->>0)::uuid  -- if :cursor
order by r.id
limit :limit

-- name: approvePasswordReset/approve
select a.person_id, a.person_name, core.json_time(a.expires_at) as expires_at from access.approve_reset(:password_reset_id, :selector, :blind::bytea) a

-- name: listSessions
select s.id, s.device_name, s.own_device, s.created_at, s.used_at, s.expires_at, s.acting_for, s.id = :principal.session_id as current, jsonb_build_array(s.id) as _cursor
from access.my_sessions() s
where true
  and s.id > (:cursor->>0)::uuid  -- if :cursor
order by s.id
limit :limit

-- name: endSession
select * from access.end_session(:session_id)

-- name: endOtherSessions
select * from access.end_other_sessions(:principal.session_id)

-- name: listRepresentations
select r.id, r.person_id as "person.id", people.name_of(r.person_id) as "person.name", r.agent_id as "agent.id", people.name_of(r.agent_id) as "agent.name", r.basis, r.form,
       r.witness, r.reason, lower(r.valid) as valid_from, upper(r.valid) - 1 as valid_to, people.name_of(r.recorded_by) as recorded_by, r.valid @> :today as in_force,
       jsonb_build_array(r.id) as _cursor
from access.representation r
where (:principal.person_id in (r.person_id, r.agent_id)
       or (select p.unit_id from people.person p where p.id = r.person_id) in (select orgs.units_within((select core.scope()), null)))
  and :person in (r.person_id, r.agent_id)  -- if :person
  and r.id < (:cursor->>0)::uuid  -- if :cursor
order by r.id desc
limit :limit

-- name: recordRepresentation
select * from access.record_representation(:person_id, :agent_id, :form, :witness, :reason, :valid_to)

-- name: endRepresentation
select * from access.end_representation(:representation_id)

-- name: actFor/open
select a.session_id, a.person_id, a.person_name, core.json_time(a.expires_at) as until from access.act_for(:representation_id) a
