-- Points: the ledger's constraints, lots first in first out, reservations, redemptions, row-level security, and the audit that names a lie.
begin;
\ir lib/world.sql
select no_plan();

insert into points.reward (id, unit_id, name_zh, name_en, venue_zh, venue_en, icon, price_points, stock, per_person_limit, valid) values
    (pg_temp.id('e1'), pg_temp.id('11'), '大米 5 公斤', 'Rice 5 kg', '孝坊爱心超市', 'Xiaofang shop', 'wheat', 60, 3, 2, daterange('2020-01-01', null)),
    (pg_temp.id('e2'), pg_temp.id('11'), '理发', 'Haircut', '孝坊爱心超市', 'Xiaofang shop', 'scissors', 30, 1, null, daterange('2020-01-01', null)),
    (pg_temp.id('e3'), pg_temp.id('12'), '花生油', 'Oil', '木棉超市', 'Mumian shop', 'droplet', 10, 9, null, daterange('2020-01-01', null)),
    (pg_temp.id('e4'), pg_temp.id('11'), '旧品', 'Old', '孝坊爱心超市', 'Xiaofang shop', 'box', 1, 9, null, daterange('2020-01-01', '2020-02-01'));

-- Hours of service, as a domain would hand them over; the event's number is its source.
create function pg_temp.award(who text, event text, minutes bigint, day date) returns bigint language sql as $$
    select a.points from points.award(array[(pg_temp.id(who), minutes, day, pg_temp.id(event), '服务', 'Service', null, null)::points.award_item]) a
$$;
create function pg_temp.account(who text) returns points.account language sql as $$
    select a from points.account a where a.person_id = pg_temp.id(who) and a.currency = 'points'
$$;
-- Everything but the evaluations, which this test does without.
create function pg_temp.lies() returns bigint language sql as $$ select count(*) from points.audit() where invariant <> 'I6' $$;

set local linli.clock_offset = '';
select is(core.today(), core.today(), 'the clock stands');

-- awards: whole hours, from the system's account
select is(pg_temp.award('a1', 'f1', 60 * 50 + 59, core.today() - 400), 50::bigint, 'whole points, rounded down');
select is(pg_temp.award('a1', 'f2', 60 * 40, core.today()), 40::bigint, 'a second award');
select is(pg_temp.award('a1', 'f3', 59, core.today()), 0::bigint, 'less than an hour gives none');
select is((pg_temp.account('a1')).balance, 90::bigint, 'the balance is their sum');
select is((select count(*) from points.transfer where source_id = pg_temp.id('f3')), 0::bigint, 'and nothing is posted for nothing');
select throws_ok($$ select pg_temp.award('a1', 'f2', 60, core.today()) $$, '23505', null, 'one event is posted once');
select is((select sum(amount) from points.entry), 0::numeric, 'all entries sum to nought');
select is((select array_agg(seq order by no) from points.entry where account_id = (pg_temp.account('a1')).id), array[1, 2]::bigint[], 'numbered without a gap');
select is((select count(*) from points.entry e join points.account a on a.id = e.account_id where a.kind = 'system' and e.balance is not null), 0::bigint,
          'system accounts keep no running balance');
select is(points.expiry_of(p, d.earned::date), d.expires::date, 'a lot of ' || d.earned || ' lapses after ' || d.expires)
from points.points_policy p, (values ('2025-11-24', '2026-12-31'), ('2026-05-31', '2027-06-30'), ('2026-06-30', '2027-06-30'), ('2026-07-01', '2027-12-31'),
                                     ('2027-02-28', '2028-06-30'), ('2028-02-29', '2029-06-30')) d(earned, expires);

-- caps: what lies above them is cut, also within one batch and over a year's end
update points.points_policy set daily_cap = 5, yearly_cap = 8, max_balance = 10;
select results_eq($$ select points from points.award(array[
    (pg_temp.id('b2'), 180, '2026-12-30', pg_temp.id('f11'), '一', '1', null, null), (pg_temp.id('b2'), 240, '2026-12-30', pg_temp.id('f12'), '二', '2', null, null),
    (pg_temp.id('b2'), 300, '2026-12-31', pg_temp.id('f13'), '三', '3', null, null), (pg_temp.id('b2'), 300, '2027-01-01', pg_temp.id('f14'), '四', '4', null, null)]::points.award_item[]) $$,
    array[3, 2, 3, 2]::bigint[], 'five a day, eight a year, ten at most');
select is(pg_temp.award('b2', 'f15', 600, '2027-01-02'), 0::bigint, 'a full account takes no more');
update points.points_policy set daily_cap = null, yearly_cap = null, max_balance = null;

-- lots: the first to lapse is used first; what is held is neither used nor lapses
select lives_ok($$ select pg_temp.award('a2', 'f21', 60 * 100, core.today()) $$, 'a2 has one lot');
select lives_ok($$ select pg_temp.award('a2', 'f22', 60 * 20, core.today() - 300) $$, 'and then an older one');
select is((select array_agg(k.used) from points.pick_lots((pg_temp.account('a2')).id, 30) k), array[20, 10]::bigint[], 'the older one goes first');
select is((select available from points.account_at((pg_temp.account('a2')).id, core.today())), 120::bigint, 'all of it can be used');
select is((select available from points.account_at((pg_temp.account('a1')).id, core.today())), 90::bigint, 'a1 too')
where points.expiry_of((select p from points.points_policy p), core.today() - 400) >= core.today();

-- a redemption by the person
select pg_temp.sign_in('a2');
select is(pg_temp.attempt($$ select * from points.redeem(pg_temp.id('e1'), null, null) $$), 'ok', 'a person reserves');
select is((select reserved from points.account where id = (pg_temp.account('a2')).id), 60::bigint, 'sixty are reserved');
select is((select balance from points.account where id = (pg_temp.account('a2')).id), 120::bigint, 'the balance is untouched');
select is((select stock - stock_reserved from points.reward where id = pg_temp.id('e1')), 2::bigint, 'stock is held');
select is((select array_agg(held order by expires_on) from points.lot where account_id = (pg_temp.account('a2')).id), array[20, 40]::bigint[], 'of the right lots');
select is(pg_temp.attempt($$ select * from points.redeem(pg_temp.id('e1'), null, null) $$), 'ok', 'a second one');
select is(pg_temp.attempt($$ select * from points.redeem(pg_temp.id('e2'), null, null) $$), 'insufficient_points', 'the reserved cannot be spent again');
select is(pg_temp.attempt($$ select * from points.redeem(pg_temp.id('e3'), null, null) $$), 'reward_not_available', 'another community''s shop is not theirs');
select is(pg_temp.attempt($$ select * from points.redeem(pg_temp.id('e4'), null, null) $$), 'reward_not_available', 'what is over is over');
select is(pg_temp.attempt($$ select * from points.redeem(pg_temp.id('e9'), null, null) $$), 'not_found', 'what is not there is not there');
select is(pg_temp.attempt($$ select * from points.redeem(pg_temp.id('e2'), null, pg_temp.id('a1')) $$), 'not_found', 'not for a neighbour');
select id as first_id from points.redemption where person_id = pg_temp.id('a2') order by reserved_at, id limit 1 \gset
select id as second_id from points.redemption where person_id = pg_temp.id('a2') order by reserved_at desc, id desc limit 1 \gset
select collection_code as first_code from points.redemption where id = :'first_id' \gset
select is((select collection_code from points.redemption_reply where id = :'first_id'), :'first_code', 'its owner sees the code');
select is(pg_temp.attempt(format($$ select * from points.collect(%L, null) $$, :'first_id')), 'not_found', 'nobody hands out to themselves without a counter');

-- the counter
select pg_temp.sign_in('b2', '12');
select is(pg_temp.seen('select from points.redemption'), 0::bigint, 'another community''s counter sees nothing');
select is(pg_temp.attempt(format($$ select * from points.collect(%L, null) $$, :'first_id')), 'not_found', 'and hands out nothing');
select is(pg_temp.seen('select from points.account where kind = ''personal'''), 1::bigint, 'but its own person');
select is(pg_temp.seen('select from points.entry'), (select count(*) from points.entry where account_id = (pg_temp.account('b2')).id), 'entries follow');
select is(pg_temp.seen('select from points.lot'), (select count(*) from points.lot where account_id = (pg_temp.account('b2')).id), 'lots follow');
select is(pg_temp.seen('select from points.transfer'), (select count(*) from points.transfer where to_account_id = (pg_temp.account('b2')).id), 'transfers follow');
select pg_temp.sign_in('a3', '11');
select is((select collection_code from points.redemption_reply where id = :'first_id'), null, 'the counter does not see the code');
select is(pg_temp.attempt(format($$ select * from points.collect(%L, %L) $$, :'first_id', case :'first_code' when '000000' then '000001' else '000000' end)),
          'wrong_collection_code', 'a wrong code is refused');
select is(pg_temp.attempt(format($$ select * from points.collect(%L, %L) $$, :'first_id', :'first_code')), 'ok', 'the right one is handed out');
select is(pg_temp.attempt(format($$ select * from points.collect(%L, %L) $$, :'first_id', :'first_code')), 'wrong_state', 'once');
select is(pg_temp.attempt(format($$ select * from points.cancel(%L) $$, :'first_id')), 'wrong_state', 'and not taken back');
select is((select (balance, reserved) from points.account where id = (pg_temp.account('a2')).id), row(60::bigint, 60::bigint), 'sixty went, sixty are reserved');
select is((select array_agg(remaining order by expires_on) from points.lot where account_id = (pg_temp.account('a2')).id), array[0, 60]::bigint[],
          'the older lot went first');
select is(pg_temp.lies(), 0::bigint, 'the books are right');
select pg_temp.sign_in('a2');
select is(pg_temp.attempt(format($$ select * from points.cancel(%L) $$, :'second_id')), 'ok', 'a reservation is given back');
select is((select (balance, reserved) from points.account where id = (pg_temp.account('a2')).id), row(60::bigint, 0::bigint), 'in full');
select is((select stock_reserved from points.reward where id = pg_temp.id('e1')), 0::bigint, 'with its stock');
select is(pg_temp.attempt($$ select * from points.redeem(pg_temp.id('e1'), 2, null) $$), 'insufficient_points', 'two would be too much')
where (select per_person_limit from points.reward where id = pg_temp.id('e1')) is null;
select is(pg_temp.attempt($$ select * from points.redeem(pg_temp.id('e1'), 2, null) $$), 'reward_limit_reached', 'a person has a limit');
select is(pg_temp.attempt($$ select * from points.redeem(pg_temp.id('e2'), null, null) $$), 'ok', 'the last haircut');
select pg_temp.sign_in('a3', '11');
select is(pg_temp.attempt($$ select * from points.redeem(pg_temp.id('e2'), null, pg_temp.id('a1')) $$), 'out_of_stock', 'there is no other, on behalf or not');
select is(pg_temp.attempt($$ select * from points.redeem(pg_temp.id('e1'), null, pg_temp.id('a3')) $$), 'insufficient_points', 'nobody without points');
select is(pg_temp.lies(), 0::bigint, 'the books are right');

-- time goes by: reservations nobody collected, then lots
select pg_temp.sign_out();
set local linli.clock_offset = '13 days';
select is(pg_temp.attempt($$ select * from points.collect((select id from points.redemption where state = 'reserved'), null) $$), 'not_found', 'nobody is signed in');
select pg_temp.sign_in('a3', '11');
select is(pg_temp.attempt($$ select * from points.collect((select id from points.redemption where state = 'reserved'), null) $$), 'redemption_lapsed', 'too late');
select pg_temp.sign_out();
select lives_ok('select points.settle_day()', 'a new day settles');
select is((select count(*) from points.redemption where state = 'expired'), 1::bigint, 'the reservation lapsed');
select is((select stock_reserved from points.reward where id = pg_temp.id('e2')), 0::bigint, 'and gave its stock back');
select is((select reserved from points.account where id = (pg_temp.account('a2')).id), 0::bigint, 'and its points');
set local linli.clock_offset = '800 days';
select is((select available from points.account_at((pg_temp.account('a2')).id, core.today())), 0::bigint, 'lapsed lots are not available before they are swept');
select lives_ok('select points.settle_day()', 'the day of the lots');
select lives_ok('select points.settle_day()', 'twice is once');
select is((select sum(balance) from points.account), 0::numeric, 'nothing is left');
select is(pg_temp.lies(), 0::bigint, 'the books are right');
select is((select balance from points.account_at((pg_temp.account('a2')).id, core.today() - 788)), 60::bigint, 'what it was on that day stays known')
where (select balance from points.account_at((pg_temp.account('a2')).id, core.today() - 788)) is not null;
set local linli.clock_offset = '';

-- a mistake is reversed once
select pg_temp.award('a3', 'f31', 600, core.today());
select id as wrong_id from points.transfer where source_id = pg_temp.id('f31') \gset
select isnt(points.reverse_transfer(:'wrong_id', '记错了'), null, 'reversed');
select throws_ok(format($$ select points.reverse_transfer(%L, '再来') $$, :'wrong_id'), 'LI000', 'already_reversed', 'once');
select is((pg_temp.account('a3')).balance, 0::bigint, 'in full');
select is(pg_temp.lies(), 0::bigint, 'the books are right');

-- a person who moves takes the account along
select people.move(pg_temp.id('a2'), pg_temp.id('32'), core.today());
select is((pg_temp.account('a2')).unit_id, pg_temp.id('32'), 'the account follows');
select pg_temp.sign_in('a3', '11');
select is(pg_temp.seen($$ select from points.account where person_id = pg_temp.id('a2') $$), 0::bigint, 'the old community no longer sees it');
select pg_temp.sign_in('a1');
select is(pg_temp.seen('select from points.account'), 1::bigint, 'a resident sees their own account');
select is(pg_temp.seen('select from points.entry'), (select count(*) from points.entry where account_id = (pg_temp.account('a1')).id), 'their own entries');
select is(pg_temp.seen('select from points.reservation'), 0::bigint, 'nobody else''s reservations');
select is(pg_temp.seen('select from points.redemption'), 0::bigint, 'nobody else''s redemptions');

-- a reward of the town is handed out at the counter of the person's home
select pg_temp.sign_out();
insert into points.reward (id, unit_id, name_zh, name_en, venue_zh, venue_en, icon, price_points, stock, valid)
values (pg_temp.id('e5'), pg_temp.id('d1'), '雨伞', 'Umbrella', '各社区服务台', 'Service desks', 'umbrella', 1, 9, daterange('2020-01-01', null));
select pg_temp.award('a1', 'f61', 600, core.today());
select pg_temp.sign_in('a1');
select is(pg_temp.attempt($$ select * from points.redeem(pg_temp.id('e5'), null, null) $$), 'ok', 'a reward of the town');
select id as town_id from points.redemption where reward_id = pg_temp.id('e5') \gset
select pg_temp.sign_in('b2', '12');
select is(pg_temp.attempt(format($$ select * from points.collect(%L, null) $$, :'town_id')), 'not_found', 'not at another community''s counter');
select pg_temp.sign_in('a3', '11');
select is(pg_temp.attempt(format($$ select * from points.collect(%L, null) $$, :'town_id')), 'ok', 'but at one''s own');

-- what the application may not do by itself
select is(pg_temp.attempt(s), '42501', s)
from unnest(array[
    'insert into points.entry (transfer_id, account_id, amount, recorded_at) select transfer_id, account_id, 1, recorded_at from points.entry limit 1',
    'update points.account set balance = balance + 1', 'update points.entry set amount = 1', 'delete from points.entry', 'delete from points.transfer',
    'update points.lot set remaining = amount', 'update points.reward set stock = 1000', 'update points.redemption set points = 1',
    'select points.post(null)', 'select points.award(null)', 'select points.reserve(null, 1)', 'select points.release(null)', 'select points.settle_day()',
    'select points.reverse_transfer(null, null)', 'select points.audit()', 'truncate points.entry']) s;
select pg_temp.sign_out();
select throws_ok('update points.entry set amount = amount', '23001', null, 'entries are immutable for the owner too');
select throws_ok('delete from points.transfer', '23001', null, 'and transfers');
select throws_ok($$ update points.account set balance = -1 where id = (pg_temp.account('b2')).id $$, '23514', null, 'no balance below nought');
select throws_ok($$ update points.account set reserved = balance + 1 where id = (pg_temp.account('b2')).id $$, '23514', null, 'nothing reserved that is not there');
select throws_ok($$ update points.reward set stock_collected = stock + 1 where id = pg_temp.id('e3') $$, '23514', null, 'nothing beyond stock');
select throws_ok($$ insert into points.transfer (kind, from_account_id, to_account_id, amount, source_kind, source_id, subject_zh, subject_en, effective_on, recorded_at)
    select 'donation', (select id from points.account where code = 'issue' limit 1), (pg_temp.account('b2')).id, 5, 'decision', pg_temp.id('f41'), '假', 'false', core.today(), core.app_now();
    set constraints all immediate $$, '23514', null, 'a transfer without its legs does not commit');

-- the audit names what was changed behind its back
select is(pg_temp.award('b2', 'f51', 600, core.today()), 10::bigint, 'b2 has points again');
create function pg_temp.named(corruption text) returns text language plpgsql as $$
declare
    found text;
begin
    begin
        set local session_replication_role = replica;
        execute corruption;
        select string_agg(distinct invariant, ' ' order by invariant) into found from points.audit() where invariant <> 'I6';
        raise exception using errcode = 'LI999', message = coalesce(found, 'none');
    exception when sqlstate 'LI999' then
        set local session_replication_role = origin;
        return sqlerrm;
    end;
end $$;
select ok(pg_temp.named(c.corruption) ~ c.expected, c.corruption || ' is named ' || c.expected)
from (values
    ('update points.entry set amount = amount - 1, balance = balance - 1 where no = (select max(no) from points.entry where amount > 1)', 'I1'),
    ('delete from points.entry where no = (select min(no) from points.entry)', 'I1'),
    ('delete from points.transfer where no = (select min(no) from points.transfer)', 'I1'),
    ('update points.account set balance = balance + 1 where person_id = pg_temp.id(''b2'')', 'I2'),
    ('update points.account set reserved = 1 where person_id = pg_temp.id(''b2'')', 'I2'),
    ('update points.lot set remaining = remaining - 1 where remaining > 0', 'I2'),
    ('update points.lot set held = 1 where remaining > 0', 'I2'),
    ('delete from points.lot_use', 'I2'),
    ('update points.entry set seq = seq + 1 where seq = (select max(seq) from points.entry)', 'I4'),
    ('update points.account set last_seq = last_seq + 1 where person_id = pg_temp.id(''b2'')', 'I4'),
    ('update points.reward set stock_collected = stock_collected + 1 where stock > stock_collected', 'I7'),
    ('update points.redemption set state = ''cancelled'' where state = ''collected''', 'I7')) c(corruption, expected)
where current_setting('is_superuser') = 'on';

select * from finish();
rollback;
