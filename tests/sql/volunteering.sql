-- Volunteering: recording, the served person's evaluation and the points in one step, who may not, and what nobody sees.
begin;
\ir lib/world.sql
select no_plan();

select is((select count(*) from volunteering.service_kind where is_fixed), 5::bigint, 'five fixed projects');
create function pg_temp.newest() returns uuid language sql as $$ select id from volunteering.service_record order by id desc limit 1 $$;

-- recording
select pg_temp.sign_in('a2');
select is(pg_temp.attempt(format($$ select * from volunteering.record(null, %L, 'elder_care', 150, core.today()) $$, pg_temp.id('a1'))), 'ok', 'a volunteer records');
select is((select unit_id from volunteering.service_record), pg_temp.id('11'), 'in the community of the served person');
select is(pg_temp.attempt(format($$ select * from volunteering.record(null, %L, 'elder_care', 60, core.today()) $$, pg_temp.id('a2'))), 'served_oneself', 'nobody serves themselves');
select is(pg_temp.attempt(format($$ select * from volunteering.record(null, %L, 'elder_care', 60, core.today() + 1) $$, pg_temp.id('a1'))), 'service_in_future', 'not tomorrow');
select is(pg_temp.attempt(format($$ select * from volunteering.record(null, %L, 'elder_care', 60, core.today() - 91) $$, pg_temp.id('a1'))), 'service_too_old', 'not long ago');
select is(pg_temp.attempt(format($$ select * from volunteering.record(null, %L, 'chess', 60, core.today()) $$, pg_temp.id('a1'))), 'service_record_kind_fkey', 'no unknown project');
select is(pg_temp.attempt(format($$ select * from volunteering.record(null, %L, 'elder_care', 60, core.today()) $$, pg_temp.id('ff'))), 'not_found', 'nobody who is not there');
select is(pg_temp.attempt(format($$ select * from volunteering.record(%L, %L, 'elder_care', 60, core.today()) $$, pg_temp.id('a1'), pg_temp.id('b1'))), 'not_found', 'not in another''s name');
select is(pg_temp.attempt(format($$ select * from volunteering.record(null, %L, 'elder_care', 720, core.today()) $$, pg_temp.id('b1'))), 'ok', 'elsewhere too');
select is(pg_temp.attempt(format($$ select * from volunteering.record(null, %L, 'elder_care', 720, core.today()) $$, pg_temp.id('b1'))), 'service_day_full', 'a day has 24 hours');
select is((select "served_person.name" from volunteering.record_reply where "served_person.id" = pg_temp.id('a1')), '覃**', 'the volunteer sees a masked name');

-- as staff of the served person's place, from a building's head to the community
select pg_temp.sign_in('a3', '11');
select is(pg_temp.attempt(format($$ select * from volunteering.record(%L, %L, 'health_station', 59, core.today() - 1) $$, pg_temp.id('a2'), pg_temp.id('a1'))), 'ok', 'staff records');
select is(pg_temp.attempt(format($$ select * from volunteering.record(%L, %L, 'health_station', 59, core.today() - 1) $$, pg_temp.id('a2'), pg_temp.id('b1'))), 'not_found', 'not in another community');
select pg_temp.sign_in('a3', '31');
select is(pg_temp.attempt(format($$ select * from volunteering.record(%L, %L, 'red_property', 60, core.today() - 2) $$, pg_temp.id('a2'), pg_temp.id('a1'))), 'ok', 'a head records for the building');
select is(pg_temp.seen('select from volunteering.service_record'), 2::bigint, 'and sees what they recorded');

-- evaluation
select id as record_id from volunteering.service_record where minutes = 150 \gset
select pg_temp.sign_in('a2');
select is(pg_temp.attempt(format('select * from volunteering.evaluate(%L, 5, null)', :'record_id')), 'evaluator_not_served', 'nobody evaluates their own service');
select is(pg_temp.attempt(format($$ insert into volunteering.evaluation (service_record_id, person_id, rating) values (%L, %L, 5) $$, :'record_id', pg_temp.id('a2'))), '42501',
          'nor past the routine');
select pg_temp.sign_in('a3', '11');
select is(pg_temp.attempt(format('select * from volunteering.evaluate(%L, 5, null)', :'record_id')), 'evaluator_not_served', 'nor does staff');
select pg_temp.sign_in('b1');
select is(pg_temp.attempt(format('select * from volunteering.evaluate(%L, 5, null)', :'record_id')), 'not_found', 'a stranger finds nothing');
select pg_temp.sign_in('a1');
select is((select actions::text from volunteering.record_reply where id = :'record_id'), '["evaluate"]', 'the served person is asked');
select is(pg_temp.attempt(format('select * from volunteering.evaluate(%L, 6, null)', :'record_id')), 'evaluation_rating', 'from one to five');
select is(pg_temp.attempt(format('select * from volunteering.evaluate(%L, 1, %L)', :'record_id', '迟到')), 'ok', 'and evaluates');
select results_eq(format($$ select state, rating, points from volunteering.record_reply where id = %L $$, :'record_id'), $$ values ('evaluated', 1::bigint, 2::bigint) $$,
                  'points are posted at once, whatever the rating');
select is((select balance from points.account where person_id = pg_temp.id('a2')), 2::bigint, 'to the volunteer');
select is((select count(*) from points.account where person_id = pg_temp.id('a1')), 0::bigint, 'the served person pays nothing');
select is(pg_temp.attempt(format('select * from volunteering.evaluate(%L, 5, null)', :'record_id')), 'already_evaluated', 'once');
select is((select actions::text from volunteering.record_reply where id = :'record_id'), '[]', 'and is not asked again');
select throws_ok(format('update volunteering.evaluation set rating = 5 where service_record_id = %L', :'record_id'), '23001', null, 'an evaluation is never changed');
select throws_ok(format('delete from volunteering.evaluation where service_record_id = %L', :'record_id'), '23001', null, 'nor deleted');
select id as short_id from volunteering.service_record where minutes = 59 \gset
select is(pg_temp.attempt(format('select * from volunteering.evaluate(%L, 3, null)', :'short_id')), 'ok', 'less than an hour');
select is((select (points, transfer_id) from volunteering.record_reply where id = :'short_id'), row(0::bigint, null::uuid), 'is thanked without points');
select is((select count(*) from points.audit()), 0::bigint, 'the books are right');
select is((select count(*) from core.outbox where topic = 'volunteering.evaluated'), 2::bigint, 'and told');

-- many at once, as the seed and a batch do
select pg_temp.sign_out();
insert into volunteering.service_record (volunteer_id, served_person_id, unit_id, kind, minutes, served_on)
select pg_temp.id('a3'), pg_temp.id('a1'), pg_temp.id('11'), 'grid_steward', 60 + n, core.today() - n from generate_series(1, 50) n;
insert into volunteering.evaluation (service_record_id, person_id, rating) select id, served_person_id, 5 from volunteering.service_record where kind = 'grid_steward';
select lives_ok($$ select volunteering.settle(array(select id from volunteering.service_record where kind = 'grid_steward')) $$, 'fifty in one step');
select lives_ok($$ select volunteering.settle(array(select id from volunteering.service_record where kind = 'grid_steward')) $$, 'twice is once');
select is((select balance from points.account where person_id = pg_temp.id('a3')), 50::bigint, 'fifty points');
select is((select count(*) from points.audit()), 0::bigint, 'the books are right');

-- row-level security alone
select pg_temp.sign_in('b1');
select is(pg_temp.seen('select from volunteering.service_record'), 1::bigint, 'a person sees what they received');
select is(pg_temp.seen('select from volunteering.evaluation'), 0::bigint, 'and no one else''s evaluation');
select pg_temp.sign_in('b2', '12');
select is(pg_temp.seen('select from volunteering.service_record'), 1::bigint, 'the other community its own');
select pg_temp.sign_in('a3', '11');
select is(pg_temp.seen('select from volunteering.service_record'), 53::bigint, 'the community its own');
select is(pg_temp.attempt(s), '42501', s)
from unnest(array['update volunteering.service_record set minutes = 1', 'delete from volunteering.service_record', 'update volunteering.evaluation set points = 100',
                  'select volunteering.audit_awards()']) s;
select is(pg_temp.attempt(format($$ insert into volunteering.service_record (volunteer_id, served_person_id, unit_id, kind, minutes, served_on)
    values (%L, %L, %L, 'elder_care', 60, core.today()) $$, pg_temp.id('b1'), pg_temp.id('b2'), pg_temp.id('12'))), '42501', 'no record of another community');
select * from finish();
rollback;
