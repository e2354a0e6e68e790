-- Points: one double-entry ledger for points, minutes and fen. Integers only; entries are never changed, a mistake is reversed.
-- Whoever writes here does it through routines/points.sql: the application may not touch ledger rows by itself.

create schema points;
grant usage on schema points to linli_app;

-- ── rules ──────────────────────────────────────────────────────────────────────────────────────────────────────
-- Dated versions. Where the national rules are silent this is the city's policy, and screens call it so.
create table points.points_policy (
    id                    uuid primary key default core.uuid_v7(),
    currency              text not null default 'points',
    valid                 daterange not null,
    points_per_hour       bigint not null,
    rounding              text not null default 'down',
    daily_cap             bigint,
    yearly_cap            bigint,
    max_balance           bigint,
    min_balance_to_redeem bigint not null default 0,
    expiry_months         bigint,
    expiry_align          text not null default 'half_year',
    collect_within_days   bigint not null default 12,
    constraint points_policy_currency check (currency in ('points', 'minutes', 'fen')),
    constraint points_policy_rate check (points_per_hour > 0),
    constraint points_policy_rounding check (rounding in ('down', 'half_up', 'up')),
    constraint points_policy_align check (expiry_align in ('day', 'month', 'half_year', 'year')),
    constraint points_policy_caps check (daily_cap > 0 and yearly_cap > 0 and max_balance > 0),
    constraint points_policy_collect check (collect_within_days between 1 and 90),
    constraint points_policy_one_a_day exclude using gist (currency with =, valid with &&)
);
insert into points.points_policy (valid, points_per_hour, rounding, expiry_months, expiry_align)
values (daterange('2020-01-01', null), 1, 'down', 12, 'half_year');

-- ── the ledger ─────────────────────────────────────────────────────────────────────────────────────────────────
-- A personal account keeps a running balance; a system account keeps none, so that it is never a hot row.
create table points.account (
    id        uuid primary key default core.uuid_v7(),
    kind      text not null,
    person_id uuid references people.person,
    unit_id   uuid not null references orgs.unit, -- home of the person, kept by a trigger; place of a system account
    code      text,
    currency  text not null default 'points',
    balance   bigint not null default 0,
    reserved  bigint not null default 0,
    last_seq  bigint not null default 0,
    last_at   timestamptz not null default '-infinity',
    opened_at timestamptz not null default core.app_now(),
    constraint account_kind check (kind in ('personal', 'system')),
    constraint account_currency check (currency in ('points', 'minutes', 'fen')),
    constraint account_code check (code in ('issue', 'redeemed', 'expired', 'donated')),
    constraint account_owner check ((kind = 'personal') = (person_id is not null) and (kind = 'system') = (code is not null)),
    constraint account_system_keeps_no_balance check (kind = 'personal' or (balance = 0 and reserved = 0 and last_seq = 0)),
    constraint account_balance_not_negative check (balance >= 0),
    constraint account_reserved_not_negative check (reserved >= 0),
    constraint account_reserved_within_balance check (reserved <= balance),
    constraint account_person_once unique (person_id, currency)
);
create unique index account_system_once on points.account (code, currency, unit_id) where kind = 'system';
create index account_unit on points.account (unit_id, id);

create table points.transfer (
    id              uuid primary key default core.uuid_v7(),
    no              bigint generated always as identity unique,
    kind            text not null,
    from_account_id uuid not null references points.account,
    to_account_id   uuid not null references points.account,
    amount          bigint not null,
    source_kind     text not null,
    source_id       uuid not null,
    reverses        uuid references points.transfer,
    subject_zh      text not null,
    subject_en      text not null,
    memo            text,
    policy_id       uuid references points.points_policy,
    effective_on    date not null,
    recorded_at     timestamptz not null,
    actor_id        uuid,
    constraint transfer_kind check (kind in ('award', 'redemption', 'expiry', 'donation', 'correction', 'reversal')),
    constraint transfer_source check (source_kind in ('evaluation', 'redemption', 'lot', 'transfer', 'decision')),
    constraint transfer_amount check (amount > 0),
    constraint transfer_between_two check (from_account_id <> to_account_id),
    constraint transfer_reversal check ((kind = 'reversal') = (reverses is not null)),
    constraint transfer_reversed_once unique (reverses)
);
-- One effect per event; a lot may lapse in two parts when one was held by a reservation.
create unique index transfer_source_once on points.transfer (source_kind, source_id) where source_kind <> 'lot';
create index transfer_from on points.transfer (from_account_id);
create index transfer_to on points.transfer (to_account_id);

create table points.entry (
    no               bigint generated always as identity primary key,
    transfer_id      uuid not null references points.transfer,
    account_id       uuid not null references points.account,
    seq              bigint,
    amount           bigint not null,
    previous_balance bigint,
    balance          bigint,
    recorded_at      timestamptz not null,
    constraint entry_amount check (amount <> 0),
    constraint entry_adds_up check (balance = previous_balance + amount),
    constraint entry_balance_not_negative check (balance >= 0),
    constraint entry_numbered_when_balanced check ((seq is null) = (balance is null) and (seq is null) = (previous_balance is null)),
    constraint entry_seq_positive check (seq >= 1),
    constraint entry_seq_once unique (account_id, seq),
    constraint entry_leg_once unique (transfer_id, account_id)
);
create index entry_statement on points.entry (account_id, no desc);
create index entry_as_of on points.entry (account_id, recorded_at desc, no desc);

-- What came in together lapses together; what lapses first is used first.
create table points.lot (
    id         uuid primary key default core.uuid_v7(),
    account_id uuid not null references points.account,
    entry_no   bigint not null references points.entry,
    earned_on  date not null,
    expires_on date,
    amount     bigint not null,
    remaining  bigint not null,
    held       bigint not null default 0,
    constraint lot_amount check (amount > 0),
    constraint lot_remaining check (remaining between 0 and amount),
    constraint lot_held check (held between 0 and remaining),
    constraint lot_entry_once unique (entry_no)
);
create index lot_open on points.lot (account_id, expires_on, entry_no) where remaining > 0;
create index lot_account on points.lot (account_id, entry_no);

create table points.lot_use (
    lot_id      uuid not null references points.lot,
    entry_no    bigint not null references points.entry,
    account_id  uuid not null references points.account,
    amount      bigint not null,
    recorded_at timestamptz not null,
    primary key (lot_id, entry_no),
    constraint lot_use_amount check (amount > 0)
);
create index lot_use_entry on points.lot_use (entry_no);

create table points.reservation (
    id         uuid primary key default core.uuid_v7(),
    account_id uuid not null references points.account,
    amount     bigint not null,
    state      text not null default 'held',
    created_at timestamptz not null default core.app_now(),
    settled_at timestamptz,
    constraint reservation_amount check (amount > 0),
    constraint reservation_state check (state in ('held', 'settled', 'released')),
    constraint reservation_settled check ((state = 'held') = (settled_at is null))
);
create index reservation_account on points.reservation (account_id, created_at);

create table points.reservation_lot (
    reservation_id uuid not null references points.reservation,
    lot_id         uuid not null references points.lot,
    account_id     uuid not null references points.account,
    amount         bigint not null,
    primary key (reservation_id, lot_id),
    constraint reservation_lot_amount check (amount > 0)
);
create index reservation_lot_lot on points.reservation_lot (lot_id);

-- What a caller hands to points.post, and what a domain hands to points.award.
create type points.posting as (
    transfer_id uuid, kind text, from_account_id uuid, to_account_id uuid, amount bigint, effective_on date, source_kind text, source_id uuid,
    subject_zh text, subject_en text, memo text, reverses uuid, expires_on date, reservation_id uuid, policy_id uuid,
    moment timestamptz -- NULL = now; an evaluation brings its own
);
create type points.award_item as (
    person_id uuid, minutes bigint, effective_on date, source_id uuid, subject_zh text, subject_en text, memo text,
    moment timestamptz
);

-- ── rewards and redemptions ────────────────────────────────────────────────────────────────────────────────────
create table points.reward (
    id               uuid primary key default core.uuid_v7(),
    unit_id          uuid not null references orgs.unit,
    name_zh          text not null,
    name_en          text not null,
    venue_zh         text not null,
    venue_en         text not null,
    icon             text not null,
    price_points     bigint not null,
    stock            bigint not null,             -- all that ever came in
    stock_reserved   bigint not null default 0,
    stock_collected  bigint not null default 0,
    per_person_limit bigint,
    valid            daterange not null,
    constraint reward_price check (price_points > 0),
    constraint reward_stock_not_exceeded check (stock_reserved + stock_collected <= stock),
    constraint reward_stock_not_negative check (stock >= 0 and stock_reserved >= 0 and stock_collected >= 0),
    constraint reward_limit check (per_person_limit > 0)
);
create index reward_list on points.reward (price_points, id);
create index reward_unit on points.reward (unit_id, price_points, id);

create table points.redemption (
    id              uuid primary key default core.uuid_v7(),
    reward_id       uuid not null references points.reward,
    account_id      uuid not null references points.account,
    person_id       uuid not null references people.person,
    unit_id         uuid not null references orgs.unit, -- the counter
    quantity        bigint not null default 1,
    points          bigint not null,
    state           text not null default 'reserved',
    collection_code text not null,
    collect_by      date not null,
    reserved_at     timestamptz not null default core.app_now(),
    reserved_by     uuid,
    reservation_id  uuid unique references points.reservation,
    settled_at      timestamptz,
    settled_by      uuid,
    without_code    boolean not null default false,
    constraint redemption_state check (state in ('reserved', 'collected', 'cancelled', 'expired')),
    constraint redemption_settled check ((state = 'reserved') = (settled_at is null)),
    constraint redemption_quantity check (quantity between 1 and 20),
    constraint redemption_points check (points > 0),
    constraint redemption_code check (collection_code ~ '^[0-9]{6}$'),
    constraint redemption_not_by_oneself check (state <> 'collected' or settled_by is distinct from person_id)
);
create unique index redemption_code_once on points.redemption (unit_id, collection_code) where state = 'reserved';
create index redemption_person on points.redemption (person_id, reserved_at desc, id desc);
create index redemption_unit on points.redemption (unit_id, reserved_at desc, id desc);
create index redemption_reward on points.redemption (reward_id, person_id);
create index redemption_due on points.redemption (collect_by) where state = 'reserved';
create index redemption_account on points.redemption (account_id) where state = 'reserved';

insert into core.transition (machine, from_state, action, to_state) values
    ('redemption', 'reserved', 'collect', 'collected'),
    ('redemption', 'reserved', 'cancel', 'cancelled'),
    ('redemption', 'reserved', 'lapse', 'expired');

-- ── what must hold whoever writes ──────────────────────────────────────────────────────────────────────────────
select core.immutable_table(t) from unnest(array['points.transfer', 'points.entry', 'points.lot_use', 'points.reservation_lot']::regclass[]) t;

-- I1: both legs are there when the transaction ends, equal and opposite.
create function points.check_legs() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
    if (select count(*) <> 2 or sum(e.amount) <> 0 or max(e.amount) <> new.amount
               or bool_or(e.account_id <> case when e.amount > 0 then new.to_account_id else new.from_account_id end)
        from points.entry e where e.transfer_id = new.id) then
        raise exception 'transfer % does not balance', new.no using errcode = 'check_violation', constraint = 'transfer_balances';
    end if;
    return null;
end $$;
create constraint trigger transfer_balances after insert on points.transfer deferrable initially deferred
    for each row execute function points.check_legs();

-- A person who moves takes the account along, so that the new community's staff reaches it and the old one's does not.
create function points.follow_person() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
    update points.account a set unit_id = new.unit_id where a.person_id = new.id;
    return null;
end $$;
create trigger account_follows_person after update of unit_id on people.person
    for each row when (old.unit_id is distinct from new.unit_id) execute function points.follow_person();

-- ── who sees what ──────────────────────────────────────────────────────────────────────────────────────────────
-- The accounts of the person who asks: evaluated once a statement, inside (select …).
create function points.own_accounts() returns uuid[] language sql stable security definer set search_path = pg_catalog as $$
    select coalesce(array_agg(a.id), '{}') from points.account a
    where a.person_id = nullif(current_setting('app.person', true), '')::uuid
$$;
revoke execute on function points.own_accounts() from public;
grant execute on function points.own_accounts() to linli_app;

select core.guard_table(t) from unnest(array[
    'points.points_policy', 'points.account', 'points.transfer', 'points.entry', 'points.lot', 'points.lot_use', 'points.reservation',
    'points.reservation_lot', 'points.reward', 'points.redemption'
]::regclass[]) t;
-- Lots and balances follow from the entries, which are audited and which points.audit() checks them against: their every change is not
-- recorded a second time; that an account was opened is.
select core.audit_table(t) from unnest(array[
    'points.points_policy', 'points.account', 'points.transfer', 'points.entry', 'points.reservation', 'points.reward'
]::regclass[]) t;
drop trigger audit_update on points.account;
select core.audit_table('points.redemption', '{collection_code}');
grant select on all tables in schema points to linli_app;

-- Parts of an account are seen by whoever sees the account.
do $$
declare
    name text;
begin
    foreach name in array array['entry', 'lot', 'lot_use', 'reservation', 'reservation_lot'] loop
        execute format($policy$create policy app_read on points.%1$I for select to linli_app
            using (account_id = any ((select points.own_accounts())::uuid[])
                or (select true from points.account a where a.id = %1$I.account_id))$policy$, name);
    end loop;
end $$;

create policy app_read on points.points_policy for select to linli_app using (true);
create policy app_read on points.reward for select to linli_app
    using ((select nullif(current_setting('app.person', true), '')) is not null);
create policy app_read on points.account for select to linli_app
    using (person_id = (select nullif(current_setting('app.person', true), '')::uuid)
        or (select u.territory_path from orgs.unit u where u.id = account.unit_id)
           <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy app_read on points.transfer for select to linli_app
    using (from_account_id = any ((select points.own_accounts())::uuid[])
        or to_account_id = any ((select points.own_accounts())::uuid[])
        or (select true from points.account a where a.id = transfer.from_account_id)
        or (select true from points.account a where a.id = transfer.to_account_id));

-- A redemption belongs to its person; the counter that hands it out and the staff of the person's home see it too.
create policy app_read on points.redemption for select to linli_app
    using (person_id = (select nullif(current_setting('app.person', true), '')::uuid)
        or (select u.territory_path from orgs.unit u where u.id = redemption.unit_id)
           <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[])
        or (select true from points.account a where a.id = redemption.account_id));
create policy app_reserve on points.redemption for insert to linli_app
    with check (state = 'reserved' and reservation_id is null
        and (select a.person_id from points.account a where a.id = redemption.account_id) = person_id);
create policy app_settle on points.redemption for update to linli_app
    using (person_id = (select nullif(current_setting('app.person', true), '')::uuid)
        or (select u.territory_path from orgs.unit u where u.id = redemption.unit_id)
           <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
grant insert (id, reward_id, account_id, person_id, unit_id, quantity, points, collection_code, collect_by, reserved_by)
    on points.redemption to linli_app;
grant update (state, settled_at, settled_by, without_code) on points.redemption to linli_app;

-- What lapses at midnight: reservations nobody collected, then lots.
insert into core.daily_task (routine, ordinal) values ('points.settle_day', 40);
