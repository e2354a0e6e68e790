-- Things, for the unit tests: every kind of line that a domain may write.

-- name: listThings
select t.id, t.name as "name", t.made_at, jsonb_build_array(t.made_at, t.id) as _cursor
  from sample.thing t
 where t.valid @> :as_of
   and t.name <> ':not_a_bind' -- a comment with :no_bind
   and t.name = :q                                     -- if :q
   and t.kind = :kind                                  -- if :kind
   and t.owner_id = :owner and t.open = :open          -- if :owner :open
   and t.made_at >= :since                             -- if :since
   and (t.made_at, t.id) < ((:cursor->>0)::timestamptz, (:cursor->>1)::uuid)  -- if :cursor
 order by t.made_at desc, t.id desc
 limit :limit

-- name: createThing
select * from sample.create_thing(:body, :name, :phone, :phone_blind, :principal.person_id)

-- name: getThing
select t.*, t.version::text as _etag from sample.thing_view t where t.id = :thing_id

-- name: getThing/parts
select p.name, p.size from sample.part p where p.thing_id = :thing_id order by p.name

-- name: updateThing
select * from sample.update_thing(:thing_id, :if_match, :name)

-- name: deletePart
select * from sample.delete_part(:thing_id, :name)

-- name: getNewestThing
with newest as (select name from sample.thing order by made_at desc limit 1)
select distinct n.name from newest n

-- name: getStatus
select 'good' as name
