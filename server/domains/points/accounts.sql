-- name: listAccounts
select a.id, s.kind, s.person_id, s.person_name, s.currency, s.balance, s.reserved, s.available,
       json_build_array(a.currency, a.id) as _cursor
from points.account a cross join lateral points.account_at(a.id, :today) s
where a.person_id = coalesce(:person, :principal.person_id)
  and points.may_see(a)
  and (a.currency, a.id) > (:cursor->>0, (:cursor->>1)::uuid)  -- if :cursor
order by a.currency, a.id
limit :limit

-- name: listUnitAccounts
select s.id, s.kind, s.person_id, s.person_name, s.currency, s.balance, s.reserved, s.available, json_build_array(s.id) as _cursor
from (select a.id from orgs.unit_closure c join points.account a on a.unit_id = c.descendant_id
      where c.ancestor_id = :unit_id and c.ladder = 'territory' and c.valid @> :today
        and (select u.territory_path <@ any (core.scope()) from orgs.unit u where u.id = :unit_id)
        and a.kind = :kind  -- if :kind
        and a.id > (:cursor->>0)::uuid  -- if :cursor
      order by a.id limit :limit) p
cross join lateral points.account_at(p.id, :today) s
order by s.id
limit :limit

-- name: getAccount
select s.* from points.account a cross join lateral points.account_at(a.id, :as_of) s
where a.id = :account_id and points.may_see(a)

-- name: getAccount/lots
select l.id, l.earned_on, l.expires_on, l.amount, l.remaining from points.lots_at(:account_id, :as_of) l

-- name: listEntries
select e.no, e.transfer_id, e.seq, t.kind, e.amount, e.previous_balance, e.balance, t.subject_zh, t.subject_en, t.memo, t.source_kind, t.source_id,
       t.effective_on, e.recorded_at, json_build_array(e.no) as _cursor
from points.entry e join points.transfer t on t.id = e.transfer_id
where e.account_id = (select a.id from points.account a where a.id = :account_id and points.may_see(a))
  and t.kind = :kind  -- if :kind
  and e.no < (:cursor->>0)::bigint  -- if :cursor
order by e.no desc
limit :limit
