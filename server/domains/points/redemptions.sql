-- name: listRedemptions
select v.id, v.state, v.reward_id, v.reward_name_zh, v.reward_name_en, v.reward_icon, v.quantity, v.points, v."person.id", v."person.name",
       v."unit.id", v."unit.name", v."unit.kind", v.venue_zh, v.venue_en, v.collection_code, v.collect_by, v.reserved_at, v.settled_at,
       v.without_code, json_build_array(v.reserved_at, v.id) as _cursor
from points.redemption_reply v join points.redemption r on r.id = v.id
join points.account a on a.id = r.account_id
where (r.person_id = :principal.person_id or points.at_counter(r))
  and r.person_id = coalesce(:person, case when :unit::uuid is null and :collection_code::text is null then :principal.person_id else r.person_id end)
  and (r.unit_id = :unit or a.unit_id = any (array(select b.id from orgs.unit t join orgs.unit b on b.territory_path <@ t.territory_path where t.id = :unit)))  -- if :unit
  and r.state = :state  -- if :state
  and r.collection_code = :collection_code and r.state = 'reserved'  -- if :collection_code
  and (r.reserved_at, r.id) < ((:cursor->>0)::timestamptz, (:cursor->>1)::uuid)  -- if :cursor
order by r.reserved_at desc, r.id desc
limit :limit

-- name: createRedemption
select * from points.redeem(:reward_id, :quantity, :person_id)

-- name: getRedemption
select * from points.redemption_reply v
where v.id = :redemption_id
  and (v."person.id" = :principal.person_id or (select points.at_counter(r) from points.redemption r where r.id = v.id))

-- name: collectRedemption
select * from points.collect(:redemption_id, :collection_code)

-- name: cancelRedemption
select * from points.cancel(:redemption_id)
