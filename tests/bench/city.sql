-- The demo city enlarged to 20 000 units and 205 600 residents, past the triggers that audit and settle: what those do for each row is
-- done here for all rows at once. New units and people are named and marked like the demo's, and are fictitious.
set session_replication_role = replica;
select setseed(0.4);

create temp table more_compound as
select core.uuid_v7() as id, '虚构' || n || '小区' as name, c.id as community, n
from generate_series(1, 400) n
join (select u.id, row_number() over (order by u.label) as ord from orgs.unit u where u.kind = 'community' and upper_inf(u.valid)) c on c.ord = 1 + (n - 1) % 19;
create temp table more_building as
select core.uuid_v7() as id, c.name || b || '栋' as name, b || '栋' as short_name, c.id as compound, c.community, row_number() over (order by c.n, b) as n
from more_compound c cross join generate_series(1, 60) b
limit (select 20000 - 400 - count(*) from orgs.unit where upper_inf(valid));

insert into orgs.unit (id, kind, name, short_name, name_is_generated, valid)
select id, 'compound', name, name, true, daterange('2018-01-01', null) from more_compound order by n;
insert into orgs.unit (id, kind, name, short_name, name_is_generated, valid)
select id, 'building', name, short_name, true, daterange('2018-01-01', null) from more_building order by n;
create temp table more_unit as select u.* from orgs.unit u where u.id in (select id from more_compound union all select id from more_building);
insert into orgs.unit_name (unit_id, name, short_name, valid) select id, name, short_name, valid from more_unit;
insert into orgs.unit_bigram (bigram, unit_id)
select distinct g, u.id from more_unit u cross join unnest(orgs.grams(u.name) || orgs.grams(u.short_name)) g;
insert into orgs.unit_reading (form, name_id)
select distinct f, n.id from orgs.unit_name n join more_unit u on u.id = n.unit_id cross join lateral (values (n.name), (n.short_name)) x(name) cross join lateral core.reading_forms(x.name) f;
insert into orgs.unit_relation (ladder, child_id, child_kind, parent_id, parent_kind, valid)
select 'territory', id, 'compound', community, 'community', daterange('2023-01-01', null) from more_compound
union all select 'territory', id, 'building', compound, 'compound', daterange('2023-01-01', null) from more_building;
analyze orgs.unit, orgs.unit_relation;
select orgs.rebuild_closure(array(select id from more_unit), 'territory');
analyze orgs.unit_closure;
select orgs.refresh_places(array(select id from more_unit));

create temp table more_person as
select core.uuid_v7() as id, b.id as unit_id, 1940 + (random() * 70)::int as born,
  substr('覃梁陈李黄莫韦罗谢甘钟陆卢林杨欧苏严封邓冯潘蒙岑', 1 + (random() * 23)::int, 1)
    || substr('秀国丽志桂建美文玉永小海春金燕伟雪明惠家', 1 + (random() * 19)::int, 1) || substr('英安萍强兰华芳生珍平燕林梅东玲辉凤荣琴杰', 1 + (random() * 19)::int, 1) as name
from generate_series(1, 205600 - (select count(*)::int from people.person)) g
join more_building b on b.n = 1 + g % (select count(*) from more_building);
insert into people.person (id, display_name, unit_id, birth_year, registered_on, is_fictitious) select id, name, unit_id, born, '2023-01-01', true from more_person;
insert into people.person_private (person_id) select id from more_person;
insert into people.residence (person_id, unit_id, valid) select id, unit_id, daterange('2023-01-01', null) from more_person;
create temp table more_name as select distinct name from more_person;
create temp table name_gram as select name, g as gram from more_name cross join unnest(orgs.grams(name)) g;
create temp table name_form as select name, f as form from more_name cross join lateral core.reading_forms(name, true) f group by 1, 2;
insert into people.person_bigram (bigram, person_id) select g.gram, p.id from more_person p join name_gram g using (name);
insert into people.person_reading (form, person_id) select f.form, p.id from more_person p join name_form f using (name);

insert into orgs.unit_card_stale (unit_id) select id from orgs.unit on conflict do nothing;
reset session_replication_role;
