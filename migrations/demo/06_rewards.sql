-- What points bring, and who has come for it.
do $$ begin raise notice 'rewards and redemptions'; end $$;

insert into points.reward (id, unit_id, name_zh, name_en, venue_zh, venue_en, icon, price_points, stock, per_person_limit, valid)
select pg_temp.id('reward ' || v.n), pg_temp.id('town'), v.zh, v.en, '社区党群服务中心一楼服务台', 'Service desk, ground floor of the community centre', v.icon, v.price, v.stock, v.most,
  daterange(pg_temp.today() - 400, null)
from (values (1, '大米 5 公斤', 'Rice, 5 kg', 'wheat', 20, 260, null), (2, '上门理发 1 次', 'A haircut at home', 'scissors', 10, 180, 4), (3, '花生油 1.8 升', 'Peanut oil, 1.8 l', 'droplet', 30, 120, null),
  (4, '洗衣机清洗', 'Washing machine cleaning', 'washing-machine', 35, 40, 1), (5, '洗衣液 2 公斤', 'Laundry detergent, 2 kg', 'bottle', 12, 200, null),
  (6, '四点半课堂一周', 'A week of after-school class', 'book-open', 15, 150, 8), (7, '血压计借用一月', 'A blood-pressure meter for a month', 'heart-pulse', 5, 60, 2)) v(n, zh, en, icon, price, stock, most);

do $$
declare
  d record;
  n integer := 0;
  made uuid;
begin
  -- Through the routines of everyone, on the days on which it happened: most were collected, some given up, the last still wait.
  for d in
    select a.person_id, a.balance, row_number() over (order by md5(a.person_id::text)) as ord
    from points.account a where a.kind = 'personal' and a.currency = 'points' and a.balance - a.reserved >= 40 order by md5(a.person_id::text) limit 260
  loop
    n := n + 1;
    perform pg_temp.at(pg_temp.today() - (260 - n) / 9, 9 + n % 8);
    select r.id into made from points.redeem(pg_temp.id('reward ' || (array[1, 2, 3, 5, 6, 7])[1 + n % 6]), 1, d.person_id) r;
    if n % 11 = 0 then
      perform points.cancel(made);
    elsif n <= 230 then
      perform points.collect(made, (select x.collection_code from points.redemption x where x.id = made));
    end if;
  end loop;
  -- Whoever signs in has fetched something once; 林玉珍 still has to go for hers.
  for d in select pg_temp.id('login ' || l.user_name) as person_id, l.user_name, l.ord from demo_login l where l.user_name <> 'volunteer' order by l.ord loop
    perform pg_temp.at(pg_temp.today() - case d.user_name when 'elder' then 1 else 9 end, 9 + d.ord % 8);
    select r.id into made from points.redeem(pg_temp.id('reward 7'), 1, d.person_id) r;
    if d.user_name <> 'elder' then
      perform points.collect(made, (select x.collection_code from points.redemption x where x.id = made));
    end if;
  end loop;
  perform set_config('linli.clock_offset', '', true);
  perform points.redeem(pg_temp.id('reward 5'), 1, pg_temp.id('login volunteer'));
end $$;
