-- Points: what is given for them. Reloaded whole by every migrate, after points.sql.

-- ── redemptions ────────────────────────────────────────────────────────────────────────────────────────────────
-- Gives back what was not collected in time. Locks: redemptions, rewards, accounts, each in id order.
create or replace function points.lapse_redemptions(wanted_reward uuid, wanted_account uuid) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    due uuid[];
begin
    select array_agg(r.id) into due from (
        select r.id from points.redemption r
        where r.state = 'reserved' and r.reservation_id is not null and r.collect_by < core.today()
          and (wanted_reward is null or r.reward_id = wanted_reward or r.account_id = wanted_account)
        order by r.id for update skip locked) r;
    perform 1 from points.reward w
    where w.id = wanted_reward or w.id in (select r.reward_id from points.redemption r where r.id = any (due)) order by w.id for no key update;
    perform points.lock_accounts(array(select r.account_id from points.redemption r where r.id = any (due)) || wanted_account);
    if due is not null then
        update points.redemption set state = core.next_state('redemption', state, 'lapse'), settled_at = core.app_now() where id = any (due);
        update points.reward w set stock_reserved = w.stock_reserved - d.quantity
        from (select r.reward_id, sum(r.quantity)::bigint as quantity from points.redemption r where r.id = any (due) group by r.reward_id) d
        where w.id = d.reward_id;
        perform points.release(r.reservation_id) from points.redemption r where r.id = any (due) order by r.id;
    end if;
end $$;
revoke execute on function points.lapse_redemptions(uuid, uuid) from public;

-- Stock and points of a redemption that was just written under row-level security; everything comes from its row.
create or replace function points.hold_redemption(wanted uuid) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    r points.redemption;
    w points.reward;
    minimum bigint;
begin
    select * into r from points.redemption where id = wanted and state = 'reserved' and reservation_id is null for update;
    perform core.expect(r.id is not null, 'wrong_state');
    perform points.lapse_redemptions(r.reward_id, r.account_id);
    perform points.lapse_lots(array[r.account_id]);
    select * into w from points.reward where id = r.reward_id;
    perform core.expect(r.points = w.price_points * r.quantity and r.unit_id = w.unit_id and w.valid @> core.today(), 'reward_not_available');
    perform core.expect(w.stock - w.stock_reserved - w.stock_collected >= r.quantity, 'out_of_stock');
    perform core.expect(w.per_person_limit is null or w.per_person_limit >=
        (select sum(o.quantity) from points.redemption o
         where o.reward_id = r.reward_id and o.person_id = r.person_id and o.state in ('reserved', 'collected')), 'reward_limit_reached');
    select p.min_balance_to_redeem into minimum from points.points_policy p where p.currency = 'points' and p.valid @> core.today();
    perform core.expect((select a.balance >= coalesce(minimum, 0) from points.account a where a.id = r.account_id), 'insufficient_points');
    update points.reward set stock_reserved = stock_reserved + r.quantity where id = r.reward_id;
    update points.redemption set reservation_id = points.reserve(r.account_id, r.points) where id = wanted;
end $$;
revoke execute on function points.hold_redemption(uuid) from public;
grant execute on function points.hold_redemption(uuid) to linli_app;

-- Follows the state that the application wrote under row-level security: collected posts the debit, cancelled gives back. Once.
create or replace function points.settle_redemption(wanted uuid) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    r points.redemption;
    w points.reward;
begin
    select * into r from points.redemption where id = wanted and state in ('collected', 'cancelled') for update;
    perform core.expect(r.id is not null, 'wrong_state');
    update points.reward set stock_reserved = stock_reserved - r.quantity,
                             stock_collected = stock_collected + case when r.state = 'collected' then r.quantity else 0 end
    where id = r.reward_id returning * into w;
    perform points.lock_accounts(array[r.account_id]);
    perform core.expect((select v.state = 'held' from points.reservation v where v.id = r.reservation_id), 'wrong_state');
    if r.state = 'cancelled' then
        perform points.release(r.reservation_id);
        return;
    end if;
    perform points.post(array[(core.uuid_v7(), 'redemption', r.account_id, points.system_account('redeemed', 'points', r.unit_id), r.points,
                               core.today(), 'redemption', r.id, w.name_zh, w.name_en, w.venue_zh, null, null, r.reservation_id, null, null)::points.posting]);
end $$;
revoke execute on function points.settle_redemption(uuid) from public;
grant execute on function points.settle_redemption(uuid) to linli_app;

-- Six digits that no open redemption of the counter has.
create or replace function points.free_code(counter uuid) returns text
language plpgsql security definer set search_path = pg_catalog as $$
declare
    code text;
begin
    for attempt in 1..50 loop
        code := lpad((('x' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 8))::bit(32)::bigint % 1000000)::text, 6, '0');
        exit when not exists (select from points.redemption r where r.unit_id = counter and r.state = 'reserved' and r.collection_code = code);
    end loop;
    return code;
end $$;
revoke execute on function points.free_code(uuid) from public;
grant execute on function points.free_code(uuid) to linli_app;

-- May the caller's grants hand this out: at the place that offers it, or at the person's home?
create or replace function points.at_counter(r points.redemption) returns boolean language sql stable as $$
    select core.trusted() or coalesce(
        (select u.territory_path <@ any (core.scope()) from orgs.unit u where u.id = r.unit_id)
        or (select u.territory_path <@ any (core.scope()) from points.account a join orgs.unit u on u.id = a.unit_id where a.id = r.account_id), false)
$$;

drop view if exists points.redemption_reply cascade;
create view points.redemption_reply with (security_invoker = true) as
select r.id, r.state, r.reward_id, w.name_zh as reward_name_zh, w.name_en as reward_name_en, w.icon as reward_icon, r.quantity, r.points,
       r.person_id as "person.id", people.name_of(r.person_id) as "person.name",
       r.unit_id as "unit.id", u.name as "unit.name", u.kind as "unit.kind", w.venue_zh, w.venue_en,
       case when r.state = 'reserved' and r.person_id = core.person() then r.collection_code end as collection_code,
       r.collect_by, r.reserved_at, r.settled_at, r.without_code,
       '/api/v1/redemptions/' || r.id as _location
from points.redemption r
join points.reward w on w.id = r.reward_id
join orgs.unit u on u.id = r.unit_id;
grant select on points.redemption_reply to linli_app;

-- For oneself, or for a person within the caller's scope.
create or replace function points.redeem(wanted_reward uuid, wanted_quantity bigint, wanted_person uuid) returns setof points.redemption_reply
language plpgsql as $$
declare
    who uuid := coalesce(wanted_person, core.person());
    amount bigint := coalesce(wanted_quantity, 1);
    made uuid := core.uuid_v7();
    home ltree;
    held points.account;
    offer points.reward;
    keep_days bigint;
begin
    select u.territory_path into home from people.person p join orgs.unit u on u.id = p.unit_id where p.id = who;
    perform core.expect(home is not null and (who = core.person() or home <@ any (core.scope()) or core.trusted()), 'not_found');
    select * into offer from points.reward w where w.id = wanted_reward;
    perform core.expect(offer.id is not null, 'not_found');
    perform core.expect(offer.valid @> core.today()
        and home <@ (select u.territory_path from orgs.unit u where u.id = offer.unit_id), 'reward_not_available');
    select * into held from points.account a where a.person_id = who and a.currency = 'points';
    perform core.expect(held.id is not null, 'insufficient_points');
    select p.collect_within_days into keep_days from points.points_policy p where p.currency = 'points' and p.valid @> core.today();
    insert into points.redemption (id, reward_id, account_id, person_id, unit_id, quantity, points, collection_code, collect_by, reserved_by)
    values (made, offer.id, held.id, who, offer.unit_id, amount, offer.price_points * amount, points.free_code(offer.unit_id),
            core.today() + coalesce(keep_days, 12)::int, core.person());
    perform points.hold_redemption(made);
    return query select * from points.redemption_reply v where v.id = made;
end $$;

create or replace function points.collect(wanted uuid, shown_code text) returns setof points.redemption_reply
language plpgsql as $$
declare
    r points.redemption;
begin
    select * into r from points.redemption q where q.id = wanted for update;
    perform core.expect(r.id is not null and points.at_counter(r), 'not_found');
    perform core.expect(core.next_state('redemption', r.state, 'collect') is not null, 'wrong_state');
    perform core.expect(r.person_id is distinct from core.person(), 'own_redemption');
    perform core.expect(r.collect_by >= core.today(), 'redemption_lapsed');
    perform core.expect(shown_code is null or shown_code = r.collection_code, 'wrong_collection_code', '/collection_code');
    update points.redemption set state = 'collected', settled_at = core.app_now(), settled_by = core.person(), without_code = shown_code is null
    where id = wanted;
    perform points.settle_redemption(wanted);
    return query select * from points.redemption_reply v where v.id = wanted;
end $$;

create or replace function points.cancel(wanted uuid) returns setof points.redemption_reply
language plpgsql as $$
declare
    r points.redemption;
begin
    select * into r from points.redemption q where q.id = wanted for update;
    perform core.expect(r.id is not null and (r.person_id = core.person() or points.at_counter(r)), 'not_found');
    update points.redemption set state = core.next_state('redemption', r.state, 'cancel'), settled_at = core.app_now(), settled_by = core.person()
    where id = wanted;
    perform points.settle_redemption(wanted);
    return query select * from points.redemption_reply v where v.id = wanted;
end $$;

-- Once a day: reservations nobody collected, then lots that lapsed.
create or replace function points.settle_day() returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    accounts uuid[];
begin
    perform points.lapse_redemptions(null, null);
    accounts := array(select distinct l.account_id from points.lot l where l.remaining > l.held and l.expires_on < core.today());
    perform points.lock_accounts(accounts);
    perform points.lapse_lots(accounts);
end $$;
revoke execute on function points.settle_day() from public;
