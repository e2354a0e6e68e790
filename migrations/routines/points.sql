-- Points: the one routine that posts, reservations, awards by policy, redemptions, and the invariants that an auditor checks.
-- Everything that writes the ledger is of the owner and derives what it does from rows that row-level security has judged before.

-- The day on which a lot earned on `earned` can last be used; NULL = for ever.
create or replace function points.expiry_of(p points.points_policy, earned date) returns date
language sql immutable parallel safe as $$
    select case p.expiry_align
        when 'day' then d
        when 'month' then (date_trunc('month', d) + interval '1 month - 1 day')::date
        when 'half_year' then make_date(extract(year from d)::int, case when extract(month from d) <= 6 then 6 else 12 end,
                                        case when extract(month from d) <= 6 then 30 else 31 end)
        else make_date(extract(year from d)::int, 12, 31) end
    from (select (earned + make_interval(months => p.expiry_months::int))::date as d) x
$$;

create or replace function points.round_minutes(p points.points_policy, minutes bigint) returns bigint
language sql immutable parallel safe as $$
    select case p.rounding
        when 'down' then minutes * p.points_per_hour / 60
        when 'half_up' then (minutes * p.points_per_hour + 30) / 60
        else (minutes * p.points_per_hour + 59) / 60 end
$$;

-- ── accounts ───────────────────────────────────────────────────────────────────────────────────────────────────
create or replace function points.system_account(wanted_code text, wanted_currency text, wanted_unit uuid) returns uuid
language plpgsql security definer set search_path = pg_catalog as $$
declare
    found_id uuid;
begin
    select a.id into found_id from points.account a
    where a.kind = 'system' and a.code = wanted_code and a.currency = wanted_currency and a.unit_id = wanted_unit;
    if found_id is null then
        insert into points.account (kind, code, currency, unit_id) values ('system', wanted_code, wanted_currency, wanted_unit)
        on conflict do nothing;
        select a.id into found_id from points.account a
        where a.kind = 'system' and a.code = wanted_code and a.currency = wanted_currency and a.unit_id = wanted_unit;
    end if;
    return found_id;
end $$;
revoke execute on function points.system_account(text, text, uuid) from public;

-- The city (or whatever stands at the top) over a unit: its system accounts issue and take back.
create or replace function points.top_of(unit uuid) returns uuid
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return (select t.id from orgs.unit u join orgs.unit t on t.label = ltree2text(subpath(u.territory_path, 0, 1))::bigint where u.id = top_of.unit);
end $$;
revoke execute on function points.top_of(uuid) from public;

-- Accounts of these people, opened where they are missing.
create or replace function points.open_accounts(people_ids uuid[], wanted_currency text) returns void
language sql security definer set search_path = pg_catalog as $$
    insert into points.account (kind, person_id, unit_id, currency)
    select 'personal', p.id, p.unit_id, wanted_currency from people.person p
    where p.id = any (people_ids)
      and not exists (select from points.account a where a.person_id = p.id and a.currency = wanted_currency)
    on conflict do nothing
$$;
revoke execute on function points.open_accounts(uuid[], text) from public;

-- Personal accounts are locked in id order, before anything is written: this order alone has no deadlock.
create or replace function points.lock_accounts(ids uuid[]) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform 1 from points.account a where a.id = any (ids) and a.kind <> 'system' order by a.id for no key update;
end $$;
revoke execute on function points.lock_accounts(uuid[]) from public;

-- ── lots ───────────────────────────────────────────────────────────────────────────────────────────────────────
-- First to lapse, first used. Neither held nor lapsed parts are touched.
create or replace function points.pick_lots(account uuid, wanted bigint) returns table (lot_id uuid, used bigint)
language sql stable security definer set search_path = pg_catalog as $$
    select f.id, least(f.free, wanted - f.before)
    from (select l.id, l.remaining - l.held as free,
                 (sum(l.remaining - l.held) over (order by l.expires_on nulls last, l.entry_no) - (l.remaining - l.held))::bigint as before
          from points.lot l
          where l.account_id = account and l.remaining > l.held and (l.expires_on is null or l.expires_on >= core.today())) f
    where f.before < wanted
$$;
revoke execute on function points.pick_lots(uuid, bigint) from public;

-- What a debit takes: the lots of its reservation, the lot that lapsed, or first in first out.
create or replace function points.use_lots(p points.posting, debit_no bigint, moment timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    taken bigint;
begin
    if p.reservation_id is not null then
        update points.lot l set remaining = l.remaining - r.amount, held = l.held - r.amount
        from points.reservation_lot r where r.reservation_id = p.reservation_id and l.id = r.lot_id;
        insert into points.lot_use (lot_id, entry_no, account_id, amount, recorded_at)
        select r.lot_id, debit_no, p.from_account_id, r.amount, moment from points.reservation_lot r where r.reservation_id = p.reservation_id;
        update points.reservation set state = 'settled', settled_at = moment where id = p.reservation_id and state = 'held';
        return;
    end if;
    with pick as materialized (
        select k.lot_id, k.used from points.pick_lots(p.from_account_id, p.amount) k where p.source_kind <> 'lot'
        union all
        select p.source_id, p.amount where p.source_kind = 'lot'
    ), less as (
        update points.lot l set remaining = l.remaining - k.used from pick k where l.id = k.lot_id
    ), kept as (
        insert into points.lot_use (lot_id, entry_no, account_id, amount, recorded_at)
        select k.lot_id, debit_no, p.from_account_id, k.used, moment from pick k
    )
    select sum(k.used) into taken from pick k;
    perform core.expect(taken = p.amount, 'insufficient_points');
end $$;
revoke execute on function points.use_lots(points.posting, bigint, timestamptz) from public;

-- ── posting ────────────────────────────────────────────────────────────────────────────────────────────────────
-- The only writer of transfers and entries. Any number of postings at once: locks in id order, transfers, balances, entries, lots.
create or replace function points.post(postings points.posting[]) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    now_is timestamptz := core.app_now();
    debit record;
begin
    perform points.lock_accounts(array(select p.from_account_id from unnest(postings) p union select p.to_account_id from unnest(postings) p));
    insert into points.transfer (id, kind, from_account_id, to_account_id, amount, source_kind, source_id, reverses, subject_zh, subject_en,
                                 memo, policy_id, effective_on, recorded_at, actor_id)
    select p.transfer_id, p.kind, p.from_account_id, p.to_account_id, p.amount, p.source_kind, p.source_id, p.reverses, p.subject_zh,
           p.subject_en, p.memo, p.policy_id, p.effective_on, coalesce(p.moment, now_is), core.person()
    from unnest(postings) with ordinality p order by p.ordinality;
    -- An account's statement never runs backwards, also when a transaction that began earlier waited for the lock.
    with leg as materialized (
        select p.ordinality as ord, p.transfer_id, l.account_id, l.amount, l.released, coalesce(p.moment, now_is) as moment
        from unnest(postings) with ordinality p
        cross join lateral (values (p.from_account_id, -p.amount, case when p.reservation_id is not null then p.amount else 0 end),
                                   (p.to_account_id, p.amount, 0)) l(account_id, amount, released)
    ), line as materialized (
        select g.ord, g.transfer_id, g.account_id, g.amount,
               case when a.kind = 'personal' then a.last_seq + row_number() over w end as seq,
               case when a.kind = 'personal' then (a.balance + sum(g.amount) over w)::bigint end as balance,
               greatest(a.last_at, max(g.moment) over w) as moment
        from leg g join points.account a on a.id = g.account_id window w as (partition by g.account_id order by g.ord)
    ), moved as (
        update points.account a
        set balance = a.balance + d.amount, reserved = a.reserved - d.released, last_seq = a.last_seq + d.n, last_at = greatest(a.last_at, d.moment)
        from (select g.account_id, sum(g.amount)::bigint as amount, sum(g.released)::bigint as released, count(*) as n, max(g.moment) as moment
              from leg g group by g.account_id) d
        where a.id = d.account_id and a.kind = 'personal'
    )
    insert into points.entry (transfer_id, account_id, seq, amount, previous_balance, balance, recorded_at)
    select n.transfer_id, n.account_id, n.seq, n.amount, n.balance - n.amount, n.balance, n.moment from line n order by n.ord, n.amount;
    insert into points.lot (account_id, entry_no, earned_on, expires_on, amount, remaining)
    select e.account_id, e.no, p.effective_on, p.expires_on, p.amount, p.amount
    from unnest(postings) p
    join points.account a on a.id = p.to_account_id and a.kind = 'personal'
    join points.entry e on e.transfer_id = p.transfer_id and e.account_id = p.to_account_id
    order by e.no;
    for debit in
        select p::points.posting as posting, e.no, e.recorded_at
        from unnest(postings) p
        join points.account a on a.id = p.from_account_id and a.kind = 'personal'
        join points.entry e on e.transfer_id = p.transfer_id and e.account_id = p.from_account_id
        order by e.no
    loop
        perform points.use_lots(debit.posting, debit.no, debit.recorded_at);
    end loop;
end $$;
revoke execute on function points.post(points.posting[]) from public;

-- Lots that lapsed and are not held go to the city's `expired` account. The caller holds the accounts' locks.
create or replace function points.lapse_lots(accounts uuid[]) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    due points.posting[];
begin
    select array_agg((core.uuid_v7(), 'expiry', a.id, points.system_account('expired', a.currency, points.top_of(a.unit_id)),
                      l.remaining - l.held, l.expires_on + 1, 'lot', l.id, '到期', 'Lapsed', null, null, null, null, null, null)::points.posting
                     order by a.id, l.expires_on, l.entry_no)
    into due
    from points.lot l join points.account a on a.id = l.account_id
    where l.account_id = any (accounts) and l.remaining > l.held and l.expires_on < core.today();
    if due is not null then
        perform points.post(due);
    end if;
end $$;
revoke execute on function points.lapse_lots(uuid[]) from public;

-- ── reservations ───────────────────────────────────────────────────────────────────────────────────────────────
create or replace function points.reserve(holder uuid, wanted bigint) returns uuid
language plpgsql security definer set search_path = pg_catalog as $$
declare
    made uuid := core.uuid_v7();
    held bigint;
begin
    insert into points.reservation (id, account_id, amount) values (made, holder, wanted);
    with pick as materialized (
        select k.lot_id, k.used from points.pick_lots(holder, wanted) k
    ), hold as (
        update points.lot l set held = l.held + k.used from pick k where l.id = k.lot_id
    ), kept as (
        insert into points.reservation_lot (reservation_id, lot_id, account_id, amount) select made, k.lot_id, holder, k.used from pick k
    )
    select sum(k.used) into held from pick k;
    perform core.expect(held = wanted, 'insufficient_points');
    update points.account set reserved = reserved + wanted where id = holder;
    return made;
end $$;
revoke execute on function points.reserve(uuid, bigint) from public;

-- Everything goes back to the very lots it came from, at most once.
create or replace function points.release(held_id uuid) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    freed points.reservation;
begin
    update points.reservation set state = 'released', settled_at = core.app_now() where id = held_id and state = 'held' returning * into freed;
    perform core.expect(freed.id is not null, 'wrong_state');
    update points.lot l set held = l.held - r.amount from points.reservation_lot r where r.reservation_id = held_id and l.id = r.lot_id;
    update points.account set reserved = reserved - freed.amount where id = freed.account_id;
end $$;
revoke execute on function points.release(uuid) from public;

-- ── awards ─────────────────────────────────────────────────────────────────────────────────────────────────────
-- Points for minutes, by the policy of the day on which they were given; caps cut what lies above them. Returns what was posted;
-- 0 and no transfer when nothing was due. Only domains call this, with events that row-level security has judged.
-- Few rows are announced, so that a caller joins them by index and never by a scan of what it has settled before.
create or replace function points.award(items points.award_item[]) returns table (source_id uuid, transfer_id uuid, points bigint)
language plpgsql security definer rows 4 set search_path = pg_catalog as $$
declare
    due points.posting[];
begin
    perform points.open_accounts(array(select distinct i.person_id from unnest(items) i), 'points');
    perform points.lock_accounts(array(select a.id from points.account a join unnest(items) i on i.person_id = a.person_id and a.currency = 'points'));
    with item as materialized (
        select i.ordinality as ord, i.source_id, i.effective_on, i.subject_zh, i.subject_en, i.memo, i.moment, a.id as account_id, a.unit_id, a.balance,
               p.id as policy_id, points.round_minutes(p, i.minutes) as raw, points.expiry_of(p, i.effective_on) as expires_on,
               p.daily_cap, p.yearly_cap, p.max_balance
        from unnest(items) with ordinality i
        join points.account a on a.person_id = i.person_id and a.currency = 'points'
        join points.points_policy p on p.currency = 'points' and p.valid @> i.effective_on
    ), issuer as materialized (
        select x.unit_id, points.system_account('issue', 'points', points.top_of(x.unit_id)) as account_id from (select distinct t.unit_id from item t) x
    ), daily as (
        select t.*, points.under_cap(t.daily_cap, case when t.daily_cap is not null then points.awarded(t.account_id, t.effective_on, t.effective_on) end, t.raw,
                        sum(t.raw) over (partition by t.account_id, t.effective_on order by t.ord)) as by_day
        from item t
    ), yearly as (
        select t.*, points.under_cap(t.yearly_cap, case when t.yearly_cap is not null then points.awarded(t.account_id, date_trunc('year', t.effective_on)::date,
                        (date_trunc('year', t.effective_on) + interval '1 year - 1 day')::date) end, t.by_day,
                        sum(t.by_day) over (partition by t.account_id, extract(year from t.effective_on) order by t.ord)) as by_year
        from daily t
    ), capped as (
        select t.*, points.under_cap(t.max_balance, t.balance, t.by_year, sum(t.by_year) over (partition by t.account_id order by t.ord)) as granted
        from yearly t
    )
    select array_agg((core.uuid_v7(), 'award', s.account_id, c.account_id, c.granted, c.effective_on, 'evaluation', c.source_id, c.subject_zh,
                      c.subject_en, c.memo, null, c.expires_on, null, c.policy_id, c.moment)::points.posting order by c.ord)
    into due from capped c join issuer s on s.unit_id = c.unit_id where c.granted > 0;
    if due is not null then
        perform points.post(due);
    end if;
    return query select i.source_id, d.transfer_id, coalesce(d.amount, 0)
                 from unnest(items) i left join unnest(due) d on d.source_id = i.source_id;
end $$;
revoke execute on function points.award(points.award_item[]) from public;

-- What of `raw` lies under the cap when `already` was given before and the batch has come to `running` with this one.
create or replace function points.under_cap(cap bigint, already bigint, raw bigint, running numeric) returns bigint
language sql immutable parallel safe as $$
    select case when cap is null then raw
        else (least(greatest(cap - already, 0), running) - least(greatest(cap - already, 0), running - raw))::bigint end
$$;

create or replace function points.awarded(holder uuid, first_day date, last_day date) returns bigint
language sql stable security definer set search_path = pg_catalog as $$
    select coalesce(sum(t.amount), 0)::bigint from points.transfer t
    where t.to_account_id = holder and t.kind = 'award' and t.effective_on between first_day and last_day
      and not exists (select from points.transfer r where r.reverses = t.id)
$$;
revoke execute on function points.awarded(uuid, date, date) from public;

-- ── reversal ───────────────────────────────────────────────────────────────────────────────────────────────────
-- A mistake is taken back once, in full, with a reason; nothing is edited. Fails when the person no longer has what is taken.
create or replace function points.reverse_transfer(wanted uuid, reason text) returns uuid
language plpgsql security definer set search_path = pg_catalog as $$
declare
    old points.transfer;
    made uuid := core.uuid_v7();
begin
    select * into old from points.transfer where id = wanted;
    perform core.expect(old.id is not null, 'not_found');
    perform points.lock_accounts(array[old.from_account_id, old.to_account_id]);
    perform core.expect(old.kind <> 'reversal' and not exists (select from points.transfer t where t.reverses = wanted), 'already_reversed');
    perform points.post(array[(made, 'reversal', old.to_account_id, old.from_account_id, old.amount, core.today(), 'transfer', old.id,
                               '冲正：' || old.subject_zh, 'Reversal: ' || old.subject_en, reason, old.id,
                               (select min(l.expires_on) from points.lot_use u join points.lot l on l.id = u.lot_id
                                join points.entry e on e.no = u.entry_no where e.transfer_id = old.id), null, old.policy_id, null)::points.posting]);
    return made;
end $$;
revoke execute on function points.reverse_transfer(uuid, text) from public;

-- ── reading ────────────────────────────────────────────────────────────────────────────────────────────────────
-- The moment at which a day ends in Asia/Shanghai; the end of today is now.
create or replace function points.end_of(day date) returns timestamptz language sql stable parallel safe as $$
    select case when day < core.today() then (day + 1)::timestamp at time zone 'Asia/Shanghai' else 'infinity'::timestamptz end
$$;

-- The scope of reading an account: its holder, and grants of the operation's roles that reach the home.
create or replace function points.may_see(a points.account) returns boolean language plpgsql stable as $$
begin
    return a.person_id is not distinct from core.person()
        or coalesce((select u.territory_path <@ any (core.scope()) from orgs.unit u where u.id = a.unit_id), false);
end $$;

drop function if exists points.lots_at(uuid, date);
create function points.lots_at(account uuid, day date)
returns table (id uuid, earned_on date, expires_on date, amount bigint, remaining bigint)
language sql stable as $$
    select x.id, x.earned_on, x.expires_on, x.amount, x.remaining
    from (select l.id, l.earned_on, l.expires_on, l.amount, l.entry_no,
                 (l.amount - coalesce((select sum(u.amount) from points.lot_use u
                                       where u.lot_id = l.id and u.recorded_at < points.end_of(day)), 0))::bigint as remaining
          from points.lot l join points.entry e on e.no = l.entry_no
          where l.account_id = account and e.recorded_at < points.end_of(day)) x
    where x.remaining > 0 and (x.expires_on is null or x.expires_on >= least(day, core.today()))
    order by x.expires_on nulls last, x.entry_no
$$;

drop function if exists points.account_at(uuid, date);
create function points.account_at(wanted uuid, day date)
returns table (id uuid, kind text, person_id uuid, person_name text, currency text, as_of date, balance bigint, reserved bigint, available bigint,
               expiring bigint, expires_next date)
language sql stable as $$
    select a.id, a.kind, a.person_id, people.name_of(a.person_id), a.currency, least(day, core.today()), b.balance, h.reserved,
           case when a.kind = 'personal' then o.usable - k.kept else b.balance end, coalesce(n.remaining, 0), n.expires_on
    from points.account a
    cross join lateral (select case
        when a.kind = 'personal' and day >= core.today() then a.balance
        when a.kind = 'personal' then coalesce((select e.balance from points.entry e where e.account_id = a.id and e.recorded_at < points.end_of(day)
                                                order by e.recorded_at desc, e.no desc limit 1), 0)
        else coalesce((select sum(e.amount)::bigint from points.entry e where e.account_id = a.id and e.recorded_at < points.end_of(day)), 0) end as balance) b
    cross join lateral (select coalesce(sum(r.amount), 0)::bigint as reserved from points.reservation r
                        where r.account_id = a.id and r.created_at < points.end_of(day) and coalesce(r.settled_at, 'infinity') >= points.end_of(day)) h
    cross join lateral (select coalesce(sum(l.remaining), 0)::bigint as usable from points.lots_at(a.id, day) l) o
    cross join lateral (select coalesce(sum(v.amount), 0)::bigint as kept
                        from points.reservation r join points.reservation_lot v on v.reservation_id = r.id join points.lot l on l.id = v.lot_id
                        where r.account_id = a.id and r.created_at < points.end_of(day) and coalesce(r.settled_at, 'infinity') >= points.end_of(day)
                          and (l.expires_on is null or l.expires_on >= least(day, core.today()))) k
    left join lateral (select l.expires_on, sum(l.remaining)::bigint as remaining from points.lots_at(a.id, day) l
                       where l.expires_on is not null group by l.expires_on order by l.expires_on limit 1) n on true
    where a.id = wanted
$$;

-- ── the books proved ───────────────────────────────────────────────────────────────────────────────────────────
-- I1 each transfer sums to 0 · I2 balance = entries = open lots, reserved = held · I3 nothing below 0 · I4 seq 1..n ·
-- I5 one effect per event · I6 what was done is posted exactly once · I7 redemptions within stock, one debit each.
drop function if exists points.audit();
create function points.audit() returns table (invariant text, subject text, message text)
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return query
    select 'I1', 'transfer ' || t.no, 'its legs are not ' || t.amount || ' out of one account and into the other'
    from points.transfer t left join points.entry e on e.transfer_id = t.id
    group by t.id having count(e.no) <> 2 or sum(e.amount) <> 0
        or max(e.amount) filter (where e.account_id = t.to_account_id) is distinct from t.amount
        or min(e.amount) filter (where e.account_id = t.from_account_id) is distinct from -t.amount;
    return query
    select 'I1', 'entry ' || e.no, 'it belongs to no transfer' from points.entry e
    where not exists (select from points.transfer t where t.id = e.transfer_id);
    return query
    select 'I2', 'account ' || a.id, 'balance ' || a.balance || ', entries ' || coalesce(e.total, 0) || ', open lots ' || coalesce(l.open, 0)
    from points.account a
    left join (select x.account_id, sum(x.amount) as total from points.entry x group by 1) e on e.account_id = a.id
    left join (select x.account_id, sum(x.remaining) as open from points.lot x group by 1) l on l.account_id = a.id
    where a.kind = 'personal' and (a.balance <> coalesce(e.total, 0) or a.balance <> coalesce(l.open, 0));
    return query
    select 'I2', 'account ' || a.id, 'reserved ' || a.reserved || ', reservations ' || coalesce(r.held, 0) || ', held in lots ' || coalesce(l.held, 0)
    from points.account a
    left join (select x.account_id, sum(x.amount) as held from points.reservation x where x.state = 'held' group by 1) r on r.account_id = a.id
    left join (select x.account_id, sum(x.held) as held from points.lot x group by 1) l on l.account_id = a.id
    where a.kind = 'personal' and (a.reserved <> coalesce(r.held, 0) or a.reserved <> coalesce(l.held, 0));
    return query
    select 'I2', 'lot ' || l.id, 'amount ' || l.amount || ' is not used ' || coalesce(u.used, 0) || ' plus remaining ' || l.remaining
    from points.lot l left join (select x.lot_id, sum(x.amount) as used from points.lot_use x group by 1) u on u.lot_id = l.id
    where l.amount <> l.remaining + coalesce(u.used, 0);
    return query
    select 'I2', 'lot ' || l.id, 'held ' || l.held || ', reservations of it ' || coalesce(r.held, 0)
    from points.lot l
    left join (select x.lot_id, sum(x.amount) as held from points.reservation_lot x join points.reservation v on v.id = x.reservation_id
               where v.state = 'held' group by 1) r on r.lot_id = l.id
    where l.held <> coalesce(r.held, 0);
    return query
    select 'I2', 'lot ' || l.id, 'it is not the credit of entry ' || l.entry_no
    from points.lot l left join points.entry e on e.no = l.entry_no
    where e.no is null or e.account_id <> l.account_id or e.amount <> l.amount;
    return query
    select 'I2', 'entry ' || e.no, 'the lots used for it come to ' || coalesce(u.used, 0) || ', not to ' || -e.amount
    from points.entry e left join (select x.entry_no, sum(x.amount) as used from points.lot_use x group by 1) u on u.entry_no = e.no
    where e.seq is not null and e.amount < 0 and -e.amount <> coalesce(u.used, 0);
    return query
    select 'I3', 'account ' || a.id, 'balance ' || a.balance || ', reserved ' || a.reserved
    from points.account a where a.balance < 0 or a.reserved < 0 or a.reserved > a.balance;
    return query
    select 'I3', 'entry ' || e.no, 'balance ' || e.balance from points.entry e where e.balance < 0;
    return query
    select 'I4', 'entry ' || x.no, 'seq ' || x.seq || ' where ' || x.expected || ' was due, previous balance ' || x.previous_balance || ' where ' || x.carried || ' was carried'
    from (select e.no, e.seq, e.previous_balance, e.balance, e.amount, row_number() over w as expected, coalesce(lag(e.balance) over w, 0) as carried
          from points.entry e where e.seq is not null window w as (partition by e.account_id order by e.seq)) x
    where x.seq <> x.expected or x.previous_balance <> x.carried or x.balance <> x.previous_balance + x.amount;
    return query
    select 'I4', 'account ' || a.id, 'last seq ' || a.last_seq || ', last entry ' || coalesce(e.seq, 0)
    from points.account a left join (select x.account_id, max(x.seq) as seq from points.entry x group by 1) e on e.account_id = a.id
    where a.kind = 'personal' and a.last_seq <> coalesce(e.seq, 0);
    return query
    select 'I5', x.source_kind || ' ' || x.source_id, x.n || ' transfers of one event'
    from (select t.source_kind, t.source_id, count(*) as n from points.transfer t where t.source_kind <> 'lot' group by 1, 2) x where x.n > 1;
    return query select * from volunteering.audit_awards();
    return query
    select 'I7', 'reward ' || w.id, 'stock ' || w.stock || ', reserved ' || w.stock_reserved || ' (' || coalesce(r.reserved, 0) || ' by its redemptions), collected '
           || w.stock_collected || ' (' || coalesce(r.collected, 0) || ')'
    from points.reward w
    left join (select x.reward_id, sum(x.quantity) filter (where x.state = 'reserved') as reserved,
                      sum(x.quantity) filter (where x.state = 'collected') as collected from points.redemption x group by 1) r on r.reward_id = w.id
    where w.stock_reserved <> coalesce(r.reserved, 0) or w.stock_collected <> coalesce(r.collected, 0) or w.stock_reserved + w.stock_collected > w.stock;
    return query
    select 'I7', 'redemption ' || r.id, 'state ' || r.state || ', reservation ' || coalesce(v.state, 'none') || ', ' || coalesce(t.n, 0) || ' debits of ' || coalesce(t.total, 0)
    from points.redemption r
    left join points.reservation v on v.id = r.reservation_id
    left join (select x.source_id, count(*) as n, sum(x.amount) as total from points.transfer x where x.source_kind = 'redemption' group by 1) t on t.source_id = r.id
    where v.state is distinct from case r.state when 'reserved' then 'held' when 'collected' then 'settled' else 'released' end
       or v.amount <> r.points or coalesce(t.n, 0) <> case r.state when 'collected' then 1 else 0 end
       or (r.state = 'collected' and t.total <> r.points);
end $$;
revoke execute on function points.audit() from public;
