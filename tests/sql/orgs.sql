-- Organization: one parent per ladder and day, no gap, no cycle, kinds; the closure as of any day; names; posts; who may write.
begin;
\ir lib/world.sql
select plan(75);

-- paths of today
select is((select territory_path from orgs.unit where id = pg_temp.id('31')),
  (select string_agg(label::text, '.' order by array_position(array[pg_temp.id('c1'), pg_temp.id('d1'), pg_temp.id('11'), pg_temp.id('21'), pg_temp.id('31')], id))::ltree
   from orgs.unit where id in (pg_temp.id('c1'), pg_temp.id('d1'), pg_temp.id('11'), pg_temp.id('21'), pg_temp.id('31'))), 'a building''s path by territory');
select ok((select b.leadership_path <@ p.leadership_path from orgs.unit b, orgs.unit p where b.id = pg_temp.id('31') and p.id = pg_temp.id('22')),
  'a building is reached through the branch that leads its compound');
select ok((select c.leadership_path <@ w.leadership_path from orgs.unit c, orgs.unit w where c.id = pg_temp.id('12') and w.id = pg_temp.id('c3')),
  'a community through its party organization');
select is(orgs.ancestor_of_kind(pg_temp.id('31'), 'community'), pg_temp.id('11'), 'the community of a building');
select is(orgs.ancestor_of_kind(pg_temp.id('31'), 'building'), pg_temp.id('31'), 'a unit is its own nearest of its kind');
select is(orgs.ancestor_of_kind(pg_temp.id('31'), 'lane'), null, 'none when there is none');

-- the schema refuses wrong ladders, however they are written
select throws_ok($$ insert into orgs.unit_relation (ladder, child_id, child_kind, parent_id, parent_kind, valid)
  values ('territory', pg_temp.id('21'), 'compound', pg_temp.id('12'), 'community', '[2023-01-01,2023-02-01)') $$, '23P01', null, 'one parent per ladder and day');
select throws_ok($$ insert into orgs.unit_relation (ladder, child_id, child_kind, parent_id, parent_kind, valid)
  values ('territory', pg_temp.id('d1'), 'town', pg_temp.id('31'), 'building', '[2019-01-01,2019-02-01)') $$, '23503', null, 'a kind only under its kinds');
select throws_ok($$ insert into orgs.unit_relation (ladder, child_id, child_kind, parent_id, parent_kind, valid)
  values ('territory', pg_temp.id('21'), 'building', pg_temp.id('11'), 'community', '[2019-01-01,2019-02-01)') $$, '23503', null, 'the kind is the unit''s own');
savepoint s;
update orgs.unit_relation set valid = '[2020-02-01,)' where child_id = pg_temp.id('21') and ladder = 'territory';
select throws_ok('set constraints all immediate', '23514', 'a unit has no parent on some day of its life', 'no gap');
rollback to s;
delete from orgs.unit_relation where child_id = pg_temp.id('22') and ladder = 'leadership';
select throws_ok('set constraints all immediate', '23514', 'a unit has no parent on some day of its life', 'a branch is never without leadership');
rollback to s;
delete from orgs.unit_name where unit_id = pg_temp.id('21');
select throws_ok('set constraints all immediate', '23514', 'a unit has no name on some day of its life', 'nor anyone without a name');
rollback to s;
update orgs.unit set valid = '[2020-01-01,2024-01-01)' where id = pg_temp.id('11');
select throws_ok('set constraints all immediate', '23514', null, 'a unit does not end while others stand under it');
rollback to s;
insert into orgs.unit_kind_rule values ('leadership', 'compound', 'compound');
update orgs.unit_relation set parent_id = pg_temp.id('21'), parent_kind = 'compound', valid = '[2020-01-01,2021-01-01)', child_id = pg_temp.id('23'), child_kind = 'compound'
  where child_id = pg_temp.id('21') and ladder = 'leadership';
select throws_ok($$ insert into orgs.unit_relation (ladder, child_id, child_kind, parent_id, parent_kind, valid)
  values ('leadership', pg_temp.id('21'), 'compound', pg_temp.id('23'), 'compound', '[2020-06-01,2020-07-01)') $$, '23514', 'a unit would stand under itself', 'no cycle on any day');
select lives_ok($$ insert into orgs.unit_relation (ladder, child_id, child_kind, parent_id, parent_kind, valid)
  values ('leadership', pg_temp.id('21'), 'compound', pg_temp.id('23'), 'compound', '[2021-01-01,2021-02-01)') $$, 'the other way round on other days is none');
rollback to s;

-- a move, now and in the future; the past keeps its answer
select pg_temp.found('24', 'compound', '荔园小区', '11');
select pg_temp.found('33', 'building', '荔园 1 栋', '24');
select orgs.place_unit(pg_temp.id('24'), 'territory', pg_temp.id('12'), '2023-07-01');
select is((select ancestor_id from orgs.unit_closure where descendant_id = pg_temp.id('33') and ladder = 'territory' and depth = 2 and valid @> '2023-06-30'::date), pg_temp.id('11'), 'before the move: the old community');
select is((select ancestor_id from orgs.unit_closure where descendant_id = pg_temp.id('33') and ladder = 'territory' and depth = 2 and valid @> '2023-07-01'::date), pg_temp.id('12'), 'from the day on: the new one');
select ok((select b.territory_path <@ c.territory_path from orgs.unit b, orgs.unit c where b.id = pg_temp.id('33') and c.id = pg_temp.id('12')), 'paths follow');
select orgs.place_unit(pg_temp.id('24'), 'territory', pg_temp.id('11'), core.today() + 10);
select ok((select b.territory_path <@ c.territory_path from orgs.unit b, orgs.unit c where b.id = pg_temp.id('33') and c.id = pg_temp.id('12')), 'a planned move does not move today');
select is((select count(*) from orgs.units_below(pg_temp.id('11'), 'territory', core.today() + 10) b where b = pg_temp.id('33')), 1::bigint, 'but is answered for its day');
update core.daily_task set done_on = core.today() where routine like 'orgs.%';
set local linli.clock_offset = '10 days';
select orgs.settle_day();
select ok((select b.territory_path <@ c.territory_path from orgs.unit b, orgs.unit c where b.id = pg_temp.id('33') and c.id = pg_temp.id('11')), 'the day itself brings it into force');
set local linli.clock_offset = '';
select orgs.settle_day();
-- a stay between two days splits what was there
select orgs.place_unit(pg_temp.id('24'), 'territory', pg_temp.id('12'), '2020-03-01', '2020-04-01');
select results_eq(
  $$ select lower(valid), upper(valid), parent_id from orgs.unit_relation where child_id = pg_temp.id('24') and ladder = 'territory' order by 1 $$,
  $$ values ('2020-01-01'::date, '2020-03-01'::date, pg_temp.id('11')), ('2020-03-01', '2020-04-01', pg_temp.id('12')), ('2020-04-01', '2023-07-01', pg_temp.id('11')),
       ('2023-07-01', core.today() + 10, pg_temp.id('12')), (core.today() + 10, null, pg_temp.id('11')) $$, 'one parent a day, none missing');
set constraints all immediate;
set constraints all deferred;

-- the closure is what a naive walk of the relations says, on many days
select is_empty($$
  with recursive day as (select date '2020-01-01' + 37 * n as day from generate_series(0, 75) n),
  walk as (
    select d.day, u.id as descendant_id, u.id as ancestor_id, 0 as depth from day d join orgs.unit u on u.valid @> d.day
    union all
    select w.day, w.descendant_id, r.parent_id, w.depth + 1 from walk w join orgs.unit_relation r on r.child_id = w.ancestor_id and r.ladder = 'territory' and r.valid @> w.day),
  kept as (select d.day, c.descendant_id, c.ancestor_id, c.depth::integer from day d join orgs.unit_closure c on c.ladder = 'territory' and c.valid @> d.day)
  (select * from walk except all select * from kept) union all (select * from kept except all select * from walk)
$$, 'closure equals the walk on 76 days');

-- counts and sums
insert into orgs.population (unit_id, counted_on, residents) values (pg_temp.id('11'), '2021-01-01', 30460), (pg_temp.id('11'), '2023-01-01', 10820), (pg_temp.id('12'), '2023-01-01', 10310);
select is((select "counts.population" from orgs.show_unit(pg_temp.id('c1'), '2022-01-01')), 30460::bigint, 'the figure that was published then');
select is((select "counts.population" from orgs.show_unit(pg_temp.id('c1'), '2026-01-01')), 21130::bigint, 'the sum of those published since');
select is((select "counts.residents" from orgs.show_unit(pg_temp.id('11'), '2026-01-01')), 3::bigint, 'residents counted from records');
select is((select "counts.residents" from orgs.show_unit(pg_temp.id('11'), '2020-06-01')), 0::bigint, 'nobody before they came');
select is((select "counts.residents" from orgs.show_unit(pg_temp.id('c3'), '2026-01-01')), 5::bigint, 'a committee answers for the communities that it leads');
select is((select count(*) from orgs.show_unit(pg_temp.id('11'), '2019-12-31')), 0::bigint, 'no answer for a day before its life');

-- names and search
select pg_temp.sign_in('b2', 'd1');
select lives_ok($$ select orgs.update_unit(pg_temp.id('11'), '{"name":"孝坊新社区","effective_on":"2024-01-01"}', (select _etag from orgs.show_unit(pg_temp.id('11'), core.today()))) $$, 'renamed from a day on');
select is(orgs.name_on(pg_temp.id('11'), '2023-12-31'), '孝坊社区', 'days before keep the name');
select is(orgs.name_on(pg_temp.id('11'), '2024-01-01'), '孝坊新社区', 'days after have the new one');
select throws_ok($$ select orgs.update_unit(pg_temp.id('11'), '{"name":"x"}', core.etag(1, '')) $$, 'LI000', 'version_mismatch', 'not over a change one has not seen');
select lives_ok($$ select orgs.update_unit(pg_temp.id('11'), '{"contact_phone":null}', core.etag(2, '')) $$, 'a telephone is taken away');
select is((select array_agg(g order by g) from unnest(orgs.query_grams('孝坊社区')) g), array['坊社', '孝坊', '社区'], 'a question is cut into words of two characters');
select is(orgs.query_grams('孝'), array['孝'], 'a single character asks for itself');
select is(orgs.query_grams('1 栋'), array['1栋'], 'spaces do not count');
select ok(exists (select from orgs.unit_bigram where bigram = '木棉' and unit_id = pg_temp.id('12')), 'names are found by their words');
select pg_temp.sign_out();

-- lineage
select orgs.record_succession(pg_temp.id('11'), pg_temp.id('12'), '2022-07-01', '岑政发〔2022〕1 号');
select ok(exists (select from orgs.history_of(pg_temp.id('11')) h where h.what = 'succeeded_by' and h.unit ->> 'id' = pg_temp.id('12')::text), 'history names the successor');
select ok(exists (select from orgs.history_of(pg_temp.id('12')) h where h.what = 'succeeded_from'), 'and the predecessor');
select pg_temp.found('25', 'compound', '旧小区', '11');
select lives_ok($$ select orgs.close_unit(pg_temp.id('25'), '2022-06-30') $$, 'a unit is closed');
set constraints all immediate;
set constraints all deferred;
select is((select count(*) from orgs.units_below(pg_temp.id('11'), 'territory', '2022-06-30') b where b = pg_temp.id('25')), 1::bigint, 'still there on its last day');
select is((select count(*) from orgs.units_below(pg_temp.id('11'), 'territory', '2022-07-01') b where b = pg_temp.id('25')), 0::bigint, 'gone on the next');

-- posts: seats, kinds, terms
select lives_ok($$ select orgs.appoint(jsonb_build_object('person_id', pg_temp.id('a1'), 'unit_id', pg_temp.id('22'), 'post', 'branch_secretary', 'basis', 'elected', 'valid_from', '2024-01-01', 'id', pg_temp.id('e1'))) $$, 'appointed');
select is(pg_temp.attempt($$ select orgs.appoint(jsonb_build_object('person_id', pg_temp.id('a2'), 'unit_id', pg_temp.id('22'), 'post', 'branch_secretary', 'basis', 'elected', 'valid_from', '2025-01-01')) $$), 'not_found', 'not by an application without a grant');
select throws_ok($$ insert into orgs.appointment (person_id, unit_id, unit_kind, post_code, basis, valid)
  values (pg_temp.id('a2'), pg_temp.id('22'), 'branch', 'branch_secretary', 'elected', '[2023-01-01,2024-01-02)') $$, '23P01', null, 'one seat, one holder on a day');
select lives_ok($$ insert into orgs.appointment (person_id, unit_id, unit_kind, post_code, basis, valid)
  values (pg_temp.id('a2'), pg_temp.id('22'), 'branch', 'branch_secretary', 'elected', '[2023-01-01,2024-01-01)') $$, 'the day before is free');
select throws_ok($$ insert into orgs.appointment (person_id, unit_id, unit_kind, post_code, basis, valid)
  values (pg_temp.id('a2'), pg_temp.id('21'), 'compound', 'branch_secretary', 'elected', '[2023-01-01,)') $$, '23503', null, 'a post belongs to a kind of unit');
select throws_ok($$ select orgs.appoint(jsonb_build_object('person_id', pg_temp.id('a1'), 'unit_id', pg_temp.id('21'), 'post', 'branch_member', 'basis', 'elected')) $$, 'LI000', 'post_of_other_kind', 'and the problem says so');
select throws_ok($$ select orgs.appoint(jsonb_build_object('person_id', pg_temp.id('a1'), 'unit_id', pg_temp.id('22'), 'post', 'branch_member', 'basis', 'elected', 'valid_from', '2019-01-01')) $$, 'LI000', 'unit_not_there', 'not before the unit exists');
select throws_ok($$ select orgs.appoint(jsonb_build_object('person_id', pg_temp.id('a1'), 'unit_id', pg_temp.id('22'), 'post', 'branch_member', 'basis', 'elected', 'valid_from', '2025-01-02', 'valid_to', '2025-01-01')) $$, 'LI000', 'ends_before_it_begins', 'not backwards');
select throws_ok($$ select orgs.end_appointment(pg_temp.id('e1'), '2023-12-31', null, null) $$, 'LI000', 'ends_before_it_begins', 'nor ended before it began');
select lives_ok($$ select orgs.end_appointment(pg_temp.id('e1'), '2025-12-31', '换届', null) $$, 'ended');
select throws_ok($$ select orgs.end_appointment(pg_temp.id('e1'), '2026-01-31', null, null) $$, 'LI000', 'already_ended', 'once');
select is((select count(*) from orgs.appointment where unit_id = pg_temp.id('22') and post_code = 'branch_secretary' and valid @> '2026-01-01'::date), 0::bigint, 'and the post is vacant');

-- rights: everyone signed in reads the organization, nobody else; writing needs a grant that reaches the place
select is(pg_temp.seen('select from orgs.unit'), 0::bigint, 'nobody signed in, nothing seen');
select pg_temp.sign_in('a1');
select cmp_ok(pg_temp.seen('select from orgs.unit'), '>', 10::bigint, 'the organization is public to residents');
select is(pg_temp.seen($$ select from orgs.show_unit(pg_temp.id('11'), core.today()) $$), 1::bigint, 'with its sums');
select is(pg_temp.attempt($$ select pg_temp.found('41', 'building', '2 栋', '21') $$), 'not_found', 'a resident founds nothing');
select is(pg_temp.attempt($$ insert into orgs.unit (kind, name, short_name, valid, territory_path) select 'building', 'x', 'x', '[2020-01-01,)', territory_path from orgs.unit where id = pg_temp.id('21') $$), '42501', 'not past the routine either');
select pg_temp.sign_in('a3', '11');
select is(pg_temp.attempt($$ select pg_temp.found('41', 'building', '2 栋', '21') $$), 'ok', 'the community''s own staff does');
select is(pg_temp.attempt($$ select pg_temp.found('42', 'building', '2 栋', '23') $$), 'not_found', 'not in the next community');
select is(pg_temp.attempt($$ select pg_temp.found('43', 'community', '新社区', 'd1') $$), 'not_found', 'nor a community beside its own');
select is(pg_temp.attempt($$ select pg_temp.found('44', 'town', '新镇', '11') $$), 'placement_not_allowed', 'nor a town inside it');
select is(pg_temp.attempt($$ select orgs.update_unit(pg_temp.id('12'), '{"name":"x"}', null) $$), 'not_found', 'another community is not renamed');
select is(pg_temp.attempt($$ update orgs.unit_name set name = 'x' where unit_id = pg_temp.id('12') $$), 'ok', 'past the routine it is not even seen');
select is(orgs.name_on(pg_temp.id('12'), core.today()), '木棉社区', 'and keeps its name');
select is(pg_temp.attempt($$ select orgs.place_unit(pg_temp.id('21'), 'territory', pg_temp.id('12'), core.today()) $$), 'not_found', 'no compound is given away');
select is(pg_temp.attempt($$ select orgs.close_unit(pg_temp.id('23'), core.today()) $$), 'not_found', 'no other one closed');
select is(pg_temp.attempt($$ insert into orgs.appointment (person_id, unit_id, unit_kind, post_code, basis, valid)
  values (pg_temp.id('a3'), pg_temp.id('12'), 'community', 'committee_member', 'elected', '[2024-01-01,)') $$), '42501', 'no post in another community, past the routine');
select is(pg_temp.attempt($$ select orgs.appoint(jsonb_build_object('person_id', pg_temp.id('b1'), 'unit_id', pg_temp.id('11'), 'post', 'committee_member', 'basis', 'elected')) $$), 'not_found', 'no person whom one cannot see');
select is(pg_temp.attempt($$ select orgs.appoint(jsonb_build_object('person_id', pg_temp.id('a2'), 'unit_id', pg_temp.id('11'), 'post', 'committee_member', 'basis', 'elected')) $$), 'ok', 'one''s own, yes');
select is(pg_temp.attempt('delete from orgs.unit'), '42501', 'units are never deleted');
select is(pg_temp.attempt('select orgs.refresh_places(''{}'')'), '42501', 'paths are not for the application to write');
select pg_temp.sign_out();
select ok(exists (select from core.audit_record where table_name = 'orgs.unit_relation' and action = 'update'), 'moves are audited');
select * from finish();
rollback;
