-- name: listRewards
select w.id, w.name_zh, w.name_en, w.icon, w.price_points, w.stock - w.stock_reserved - w.stock_collected as stock_left, w.per_person_limit,
       (select coalesce(sum(r.quantity), 0)::bigint from points.redemption r
        where r.reward_id = w.id and r.person_id = :principal.person_id and r.state in ('reserved', 'collected')) as mine,
       u.id as "unit.id", u.name as "unit.name", u.kind as "unit.kind", w.venue_zh, w.venue_en,
       lower(w.valid) as available_from, upper(w.valid) - 1 as available_until,
       json_build_array(w.price_points, w.id) as _cursor
from points.reward w join orgs.unit u on u.id = w.unit_id
where w.valid @> :today
  and u.territory_path @> (select h.territory_path from orgs.unit h
                           where h.id = coalesce(:unit, (select p.unit_id from people.person p where p.id = :principal.person_id)))
  and (w.price_points, w.id) > ((:cursor->>0)::bigint, (:cursor->>1)::uuid)  -- if :cursor
order by w.price_points, w.id
limit :limit
