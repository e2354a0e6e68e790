-- name: login/find
select f.person_id, f.password_hash, f.disabled, f.locked_until > core.app_now() as locked,
       greatest(1, ceil(extract(epoch from f.locked_until - core.app_now())))::bigint as locked_seconds
  from access.find_login(:user_name) f

-- name: login/failure
select access.record_failure(:user_name) as recorded

-- name: login/open
select s.session_id
  from access.open_session(:person_id::uuid, :refresh_hash::bytea, :lifetime::interval, :own_device, :device_name) s

-- name: refreshSession/rotate
select r.session_id, r.person_id, r.outcome, r.lasts
  from access.rotate(:refresh_hash::bytea, :new_hash::bytea) r

-- name: logout/close
select access.close_session(:principal.session_id) as closed
