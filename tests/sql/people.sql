-- People: private apart, sealed columns out of reach of others, one home a day, search within reach.
begin;
\ir lib/world.sql
select plan(31);

select is((select count(*) from people.residence where person_id = pg_temp.id('a1') and valid @> '2021-01-01'::date), 1::bigint, 'a new person lives where the record says');
select throws_ok($$ insert into people.residence (person_id, unit_id, valid) values (pg_temp.id('a1'), pg_temp.id('32'), '[2022-01-01,2022-02-01)') $$, '23P01', null, 'one home a day');
select lives_ok($$ select people.move(pg_temp.id('a2'), pg_temp.id('32'), core.today() + 5) $$, 'a move is planned');
select is((select unit_id from people.person where id = pg_temp.id('a2')), pg_temp.id('31'), 'and does not move today');
set local linli.clock_offset = '5 days';
select people.settle_day();
select is((select unit_id from people.person where id = pg_temp.id('a2')), pg_temp.id('32'), 'but on its day');
set local linli.clock_offset = '';
select lives_ok($$ select people.move(pg_temp.id('a2'), pg_temp.id('31'), core.today()) $$, 'and back');
select is((select unit_id from people.person where id = pg_temp.id('a2')), pg_temp.id('31'), 'at once');
select lives_ok($$ select people.name_central_household(pg_temp.id('31'), pg_temp.id('a1'), 'elected', '2024-01-01') $$, 'a central household is named');
select throws_ok($$ select people.name_central_household(pg_temp.id('21'), pg_temp.id('a1'), 'elected', '2025-01-01') $$, '23P01', null, 'one of a person at a time');
update people.person set display_name = '覃大红' where id = pg_temp.id('a1');
select ok(exists (select from people.person_bigram where person_id = pg_temp.id('a1') and bigram = '大红'), 'a new name is found');
select ok(not exists (select from people.person_bigram where person_id = pg_temp.id('a1') and bigram = '小红'), 'the old one is not');

-- nobody, oneself, staff of the area, staff of the next one, a branch secretary
select is(pg_temp.seen('select from people.person'), 0::bigint, 'nobody signed in sees nobody');
select pg_temp.sign_in('a1');
select is(pg_temp.seen('select from people.person'), 1::bigint, 'a resident sees the own record');
select is(pg_temp.seen('select from people.person_private'), 1::bigint, 'and the own private part');
select is(pg_temp.seen('select from people.residence'), 1::bigint, 'and the own home');
select is(pg_temp.seen($$ select people.find_by_name('国安') $$), 0::bigint, 'and finds nobody by name');
select is(pg_temp.attempt('select from people.person_bigram'), '42501', 'words of names are closed');
select pg_temp.sign_in('a3', '11');
select is(pg_temp.seen('select from people.person'), 3::bigint, 'staff sees the community');
select is(pg_temp.seen($$ select from people.person where id = pg_temp.id('b1') $$), 0::bigint, 'not the next one');
select is(pg_temp.seen($$ select from people.person_private where person_id = pg_temp.id('b1') $$), 0::bigint, 'nor its private parts');
select is(pg_temp.seen($$ select people.find_by_name('大红') $$), 1::bigint, 'finds by two characters');
select is(pg_temp.seen($$ select people.find_by_name('覃') $$), 1::bigint, 'and by one');
select is(pg_temp.seen($$ select people.find_by_name('启明') $$), 0::bigint, 'but nobody beyond its reach');
select is(pg_temp.seen('select from people.central_household'), 1::bigint, 'sees the central households');
select is(pg_temp.attempt($$ select people.move(pg_temp.id('a1'), pg_temp.id('32'), core.today()) $$), 'not_found', 'sends nobody to the next community');
select is(pg_temp.attempt($$ select people.register(null, '某某', pg_temp.id('32'), 1990) $$), 'not_found', 'registers nobody there');
select is(pg_temp.attempt($$ select people.register(null, '某某', pg_temp.id('31'), 1990) $$), 'ok', 'but here');
select pg_temp.sign_in('b2', null, '22');
select is(pg_temp.seen('select from people.person p where p.unit_id in (pg_temp.id(''31''), pg_temp.id(''21''))'), 3::bigint, 'a branch secretary reaches the compound by leadership');
select is(pg_temp.seen('select from people.person_private where person_id <> pg_temp.id(''b2'')'), 0::bigint, 'but not the private parts');
select pg_temp.sign_out();
select is((select count(*) from core.audit_payload p join core.audit_record r on r.id = p.audit_id where r.table_name = 'people.person_private' and p.after ->> 'phone_sealed' = '\x01'), 0::bigint, 'no sealed value in the audit');
select is(people.name_of(pg_temp.id('b1')), '谭启明', 'a name for those who may see the row that joins it');
select * from finish();
rollback;
