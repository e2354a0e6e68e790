-- A year of services, week by week on the moved clock: recorded, evaluated by whom they served, posted by the routine that posts everyone's.
-- 3 120 of them are 孝坊's time bank: its young people serve its elders.
do $$ begin raise notice 'a year of services'; end $$;

create temp table demo_service (id uuid, volunteer uuid, served uuid, kind text, minutes bigint, day date, rating bigint, week integer) on commit drop;
insert into demo_service
with slot as (
  select n, 364 - pg_temp.draw('day ' || n, 361) as days_ago from generate_series(1, 3120) n
), young as (
  select d.p, row_number() over (order by d.k desc, d.p)::integer as n, count(*) over ()::integer as all_of from demo_person d join demo_area a on a.ord = d.area where a.community = 1 and d.k in (8, 10)
), old as (
  select d.p, row_number() over (order by d.p)::integer as n, count(*) over ()::integer as all_of from demo_person d join demo_area a on a.ord = d.area where a.community = 1 and d.k in (1, 2)
)
select pg_temp.id('elder service ' || s.n), pg_temp.id('person ' || y.p), pg_temp.id('person ' || o.p), case when s.n % 2 = 0 then 'elder_housework' else 'elder_care' end,
  (array[60, 60, 90, 120, 120, 180])[1 + pg_temp.draw('minutes ' || s.n, 6)], pg_temp.today() - s.days_ago,
  case when pg_temp.draw('rated ' || s.n, 40) > 0 then (array[5, 5, 5, 4, 4, 3])[1 + pg_temp.draw('rating ' || s.n, 6)] end, s.days_ago / 7
from slot s join young y on y.n = 1 + pg_temp.draw('young ' || s.n, y.all_of) join old o on o.n = 1 + pg_temp.draw('old ' || s.n, o.all_of)
union all
select pg_temp.id('service ' || g.n), pg_temp.id('person ' || v.p), pg_temp.id('person ' || s.p),
  (array['after_school_class', 'health_station', 'red_property', 'neighbour_shop', 'grid_steward', 'traffic_guidance', 'home_guard'])[1 + pg_temp.draw('kind ' || g.n, 7)],
  (array[60, 60, 90, 120, 150])[1 + pg_temp.draw('minutes o ' || g.n, 5)], pg_temp.today() - x.days_ago,
  case when pg_temp.draw('rated o ' || g.n, 30) > 0 then (array[5, 5, 4, 4, 4, 3, 2])[1 + pg_temp.draw('rating o ' || g.n, 7)] end, x.days_ago / 7
from generate_series(1, 4320) g(n)
cross join lateral (select 364 - pg_temp.draw('day o ' || g.n, 361) as days_ago, 2 + g.n % 18 as community) x
join demo_member v on v.community = x.community and v.k = 8 and v.n = 1 + pg_temp.draw('volunteer ' || g.n, 30)
join demo_member s on s.community = x.community and s.k = 4 and s.n = 1 + pg_temp.draw('served ' || g.n, 30);
-- The demonstration's own: what 李家燕 did for her neighbours; two are still to be rated.
insert into demo_service
select pg_temp.id('own service ' || n), pg_temp.id('login volunteer'), pg_temp.id('login ' || case when n % 2 = 0 then 'resident' else 'elder' end),
  (array['elder_care', 'health_station', 'after_school_class'])[1 + n % 3], 120 + 60 * (n % 3), pg_temp.today() - 12 * n, case when n > 2 then 5 - n % 2 end, 12 * n / 7
from generate_series(1, 24) n where n * 12 < 360;
-- Whoever signs in has helped a neighbour now and then too, and been thanked for it: four times in a year.
insert into demo_service
select pg_temp.id('login service ' || l.user_name || ' ' || turn), pg_temp.id('login ' || l.user_name), pg_temp.id('person ' || s.p),
  case when l.birth_year < 1960 then 'neighbour_shop' else (array['elder_care', 'health_station', 'grid_steward', 'after_school_class'])[1 + (l.ord + turn) % 4] end,
  120 + 60 * (turn % 2), pg_temp.today() - x.days_ago, 5 - (l.ord + turn) % 2, x.days_ago / 7
from demo_login l
join demo_area a on a.key = l.home
cross join generate_series(1, 4) turn
cross join lateral (select (30 + 70 * (turn - 1) + l.ord % 20)::integer as days_ago) x
join demo_member s on s.community = a.community and s.k = 4 and s.n = 1 + pg_temp.draw('served by ' || l.user_name || turn, 30)
where l.user_name <> 'volunteer';

do $$
declare
  w integer;
  done uuid[];
begin
  for w in reverse 52..0 loop
    if w % 13 = 0 then
      raise notice 'services: % weeks to go', w;
    end if;
    perform pg_temp.at(pg_temp.today() - w * 7, 18);
    -- no record lies after the hour at which it is made; weeks count back from today
    insert into volunteering.service_record (id, volunteer_id, served_person_id, unit_id, kind, minutes, served_on, recorded_by)
    select s.id, s.volunteer, s.served, volunteering.place_of(s.served), s.kind, s.minutes, s.day, s.volunteer from demo_service s where s.week = w;
    with rated as (
      insert into volunteering.evaluation (service_record_id, person_id, rating)
      select s.id, s.served, s.rating from demo_service s where s.week = w and s.rating is not null returning service_record_id)
    select array_agg(service_record_id order by service_record_id) into done from rated;
    if done is not null then
      perform volunteering.settle(done);
    end if;
  end loop;
  perform set_config('linli.clock_offset', '', true);
end $$;
