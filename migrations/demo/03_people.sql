-- Residents: nine or ten for each area, and the people behind the demonstration logins. All fictitious.
do $$ begin raise notice 'people'; end $$;

create temp table demo_person (p serial primary key, area integer, k integer, name text, birth_year integer, registered_on date) on commit drop;
insert into demo_person (p, area, k, name, birth_year, registered_on)
select n, (n - 1) % 683 + 1, (n - 1) / 683 + 1,
  pg_temp.pick('surname ' || n, array['覃', '梁', '陈', '李', '黄', '莫', '韦', '罗', '谢', '甘', '钟', '陆', '卢', '林', '杨', '欧', '苏', '严', '封', '邓', '冯', '潘', '蒙', '岑'])
    || pg_temp.pick('given ' || n, array['秀', '国', '丽', '志', '桂', '建', '美', '文', '玉', '永', '小', '海', '春', '金', '燕', '伟', '雪', '明', '惠', '家'])
    || pg_temp.pick('name ' || n, array['英', '安', '萍', '强', '兰', '华', '芳', '生', '珍', '平', '燕', '林', '梅', '东', '玲', '辉', '凤', '荣', '琴', '杰', '']),
  case (n - 1) / 683 + 1 when 1 then 1938 + pg_temp.draw('born ' || n, 15) when 2 then 1945 + pg_temp.draw('born ' || n, 13) when 7 then 1960 + pg_temp.draw('born ' || n, 20)
    when 8 then 1970 + pg_temp.draw('born ' || n, 30) when 9 then 1985 + pg_temp.draw('born ' || n, 17) when 10 then 2005 + pg_temp.draw('born ' || n, 16)
    else 1955 + pg_temp.draw('born ' || n, 30) end,
  date '2016-01-01' + pg_temp.draw('registered ' || n, 2300)
from generate_series(1, 6240) n;

-- What the generated names suggest, and a day in the year of birth.
create function pg_temp.sex_of(name text) returns text language sql immutable as $$
  select case when substr(name, 2) ~ '[英萍兰芳珍燕梅玲凤琴秀丽桂美雪惠]' then 'female' else 'male' end
$$;
create function pg_temp.born(year integer, n integer) returns date language sql immutable as $$ select make_date(year, 1 + n % 12, 1 + n % 28) $$;

-- As people.register does, for all at once.
insert into people.person (id, display_name, unit_id, birth_year, sex, registered_on, is_fictitious)
select pg_temp.id('person ' || d.p), d.name, pg_temp.id(a.key), d.birth_year, pg_temp.sex_of(d.name), greatest(d.registered_on, pg_temp.born(d.birth_year, d.p)), true from demo_person d join demo_area a on a.ord = d.area order by d.p;
insert into people.person_private (person_id, birth_date, phone_sealed, phone_blind, id_number_sealed, id_number_blind, address_sealed)
select pg_temp.id('person ' || d.p), pg_temp.born(d.birth_year, d.p), ph.sealed, ph.blind, i.sealed, i.blind, ad.sealed
from demo_person d
join seed_sealed ph on ph.kind = 'phone' and ph.ordinal = d.p
join seed_sealed i on i.kind = 'id_number' and i.ordinal = d.p
join seed_sealed ad on ad.kind = 'address' and ad.ordinal = d.p order by d.p;
analyze demo_person, demo_area, demo_compound, demo_community, people.person;

-- One login a role; the first four are neighbours in 孝坊, `_b` belongs to 木棉. unit: where the grant reaches.
create temp table demo_login (ord serial, user_name text primary key, name text, home text, birth_year integer, role text, unit text) on commit drop;
insert into demo_login (user_name, name, home, birth_year, role, unit) values
  ('resident', '莫小兰', 'building 1.3', 1978, 'resident', null), ('elder', '林玉珍', 'building 1.3', 1954, 'resident', null),
  ('neighbour', '覃国强', 'building 1.4', 1970, 'resident', null), ('volunteer', '李家燕', 'building 1.2', 1996, 'volunteer', null),
  ('head', '李国安', 'building 1.3', 1963, 'head', 'building 1.3'),
  ('mediator', '黄秀兰', 'lane 1', 1968, 'mediator', 'community 1'), ('town_mediator', '陆文华', 'lane 20', 1965, 'mediator', 'town'),
  ('city_mediator', '卢志平', 'lane 39', 1961, 'mediator', 'city'),
  ('community_worker', '邓美玲', 'building 1.5', 1992, 'community_worker', 'community 1'),
  ('community_secretary', '韦丽萍', 'lane 58', 1979, 'community_secretary', 'community 1'),
  ('branch_secretary', '谢建华', 'building 1.1', 1971, 'branch_secretary', 'branch 1'),
  ('owners_committee_member', '甘海燕', 'building 1.5', 1983, 'owners_committee_member', 'compound 1'),
  ('guardian', '钟桂芳', 'building 1.2', 1981, 'guardian', null),
  ('town_officer', '苏永平', 'building 2.1', 1980, 'town_officer', 'town'), ('city_officer', '潘明辉', 'building 3.1', 1977, 'city_officer', 'city'),
  ('city_leader', '封志强', 'building 4.1', 1969, 'city_leader', 'city committee'), ('auditor', '冯文琴', 'building 5.1', 1985, 'auditor', 'city'),
  ('administrator', '严伟东', 'building 6.1', 1988, 'administrator', 'city'),
  ('resident_b', '蒙春梅', 'building 2.2', 1975, 'resident', null), ('community_worker_b', '罗雪玲', 'building 2.3', 1990, 'community_worker', 'community 2'),
  ('mediator_b', '杨金荣', 'building 2.4', 1966, 'mediator', 'community 2');

select count(people.register(pg_temp.id('login ' || l.user_name), l.name, pg_temp.id(l.home), l.birth_year, date '2018-05-01', true,
  ph.sealed, ph.blind, i.sealed, i.blind, ad.sealed))
from demo_login l
join seed_sealed ph on ph.kind = 'phone' and ph.ordinal = 7000 + l.ord
join seed_sealed i on i.kind = 'id_number' and i.ordinal = 7000 + l.ord
join seed_sealed ad on ad.kind = 'address' and ad.ordinal = 7000 + l.ord;
update people.person p set sex = pg_temp.sex_of(l.name) from demo_login l where p.id = pg_temp.id('login ' || l.user_name);
update people.person_private v set birth_date = pg_temp.born(l.birth_year, l.ord) from demo_login l where v.person_id = pg_temp.id('login ' || l.user_name);
select access.create_login(pg_temp.id('login ' || l.user_name), l.user_name, s.password_hash) from demo_login l, seed_secret s;
-- Everyone lives somewhere and is a resident there; staff hold their role where they serve.
select access.add_grant(pg_temp.id('login ' || l.user_name), 'resident', pg_temp.id(l.home), date '2022-07-01') from demo_login l;
select access.add_grant(pg_temp.id('login ' || l.user_name), l.role, pg_temp.id(coalesce(l.unit, l.home)), date '2022-07-01') from demo_login l where l.role <> 'resident';

-- 3 912 central households: five or six an area.
insert into people.central_household (unit_id, person_id, basis, valid)
select pg_temp.id(a.key), pg_temp.id('person ' || d.p), case when d.p % 3 = 0 then 'appointed' else 'elected' end, daterange(date '2022-10-01', date '2027-10-01')
from demo_person d join demo_area a on a.ord = d.area where d.k <= 5 or (d.k = 6 and d.area <= 497);
