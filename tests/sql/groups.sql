-- Groups and heads: one leader, one head of a kind for an area and day, who sees whom.
begin;
\ir lib/world.sql
select plan(42);

select lives_ok($$ select groups.found_group(jsonb_build_object('id', pg_temp.id('71'), 'kind', 'neighbour_help', 'name', '和顺邻里帮帮团', 'unit_id', pg_temp.id('21'), 'valid_from', '2024-01-01')) $$, 'a group is founded');
select lives_ok($$ select groups.found_group(jsonb_build_object('id', pg_temp.id('72'), 'kind', 'self_governance', 'name', '木棉自治小组', 'unit_id', pg_temp.id('23'), 'valid_from', '2024-01-01')) $$, 'and another elsewhere');
select throws_ok($$ select groups.found_group(jsonb_build_object('kind', 'self_governance', 'name', 'x', 'unit_id', pg_temp.id('d1'))) $$, '23514', null, 'not for a town');
select throws_ok($$ select groups.found_group(jsonb_build_object('kind', 'self_governance', 'name', 'x', 'unit_id', pg_temp.id('21'), 'valid_from', '2019-01-01')) $$, 'LI000', 'unit_not_there', 'not before the place exists');
select lives_ok($$ select groups.add_member(pg_temp.id('71'), jsonb_build_object('person_id', pg_temp.id('a1'), 'role', 'leader', 'valid_from', '2024-01-01')) $$, 'a leader joins');
select throws_ok($$ select groups.add_member(pg_temp.id('71'), jsonb_build_object('person_id', pg_temp.id('a1'))) $$, '23P01', null, 'nobody joins twice');
select throws_ok($$ select groups.add_member(pg_temp.id('71'), jsonb_build_object('person_id', pg_temp.id('a3'), 'role', 'leader')) $$, '23P01', null, 'one leader on a day');
select lives_ok($$ select groups.add_member(pg_temp.id('71'), jsonb_build_object('person_id', pg_temp.id('a3'), 'valid_from', '2024-06-01')) $$, 'a member joins');
select throws_ok($$ select groups.add_member(pg_temp.id('71'), jsonb_build_object('person_id', pg_temp.id('a2'), 'valid_from', '2023-01-01')) $$, 'LI000', 'group_not_there', 'not before the group exists');
select is(groups.member_count(pg_temp.id('71'), '2024-05-31'), 1::bigint, 'as of a day');
select is(groups.member_count(pg_temp.id('71'), '2024-06-01'), 2::bigint, 'and the next');
select is((select version from groups.group where id = pg_temp.id('71')), 3::bigint, 'each change is a new version');

-- heads
select lives_ok($$ select groups.choose_head(jsonb_build_object('id', pg_temp.id('81'), 'kind', 'building_head', 'unit_id', pg_temp.id('31'), 'person_id', pg_temp.id('a2'), 'basis', 'elected', 'valid_from', '2024-01-01', 'valid_to', '2026-12-31')) $$, 'a building head');
select throws_ok($$ select groups.choose_head(jsonb_build_object('kind', 'building_head', 'unit_id', pg_temp.id('31'), 'person_id', pg_temp.id('a1'), 'basis', 'elected', 'valid_from', '2026-12-31')) $$, '23P01', null, 'no two of one kind on one day');
select lives_ok($$ select groups.choose_head(jsonb_build_object('kind', 'building_head', 'unit_id', pg_temp.id('31'), 'person_id', pg_temp.id('a1'), 'basis', 'elected', 'valid_from', '2027-01-01')) $$, 'the next one begins on the next day');
select throws_ok($$ select groups.choose_head(jsonb_build_object('kind', 'lane_chief', 'unit_id', pg_temp.id('31'), 'person_id', pg_temp.id('a1'), 'basis', 'elected')) $$, '23514', null, 'a lane chief belongs to a lane');
select lives_ok($$ select groups.choose_head(jsonb_build_object('id', pg_temp.id('82'), 'kind', 'building_head', 'unit_id', pg_temp.id('32'), 'person_id', pg_temp.id('b1'), 'basis', 'appointed', 'valid_from', '2024-01-01')) $$, 'a head elsewhere');

-- residents see the groups and heads of where they live
select pg_temp.sign_in('a2');
select is(pg_temp.seen('select from groups.group'), 1::bigint, 'a resident sees the groups of the own compound');
select is(pg_temp.seen('select from groups.group_member'), 1::bigint, 'and who leads them, not the members');
select is(pg_temp.seen('select from groups.head where valid @> core.today()'), 1::bigint, 'and the head of the own building');
select is(pg_temp.attempt($$ select groups.choose_head(jsonb_build_object('kind', 'building_head', 'unit_id', pg_temp.id('21'), 'person_id', pg_temp.id('a2'), 'basis', 'elected')) $$), 'not_found', 'but makes none');
select is(pg_temp.attempt($$ insert into groups.group_member (group_id, person_id, role, valid) values (pg_temp.id('71'), pg_temp.id('a2'), 'leader', '[2020-01-01,2020-02-01)') $$), '42501', 'nor joins past the routine');
select is(pg_temp.attempt($$ select groups.end_membership(pg_temp.id('71'), pg_temp.id('a1'), null) $$), 'not_found', 'nor throws anyone out');
select pg_temp.sign_in('a3');
select is(pg_temp.seen('select from groups.group_member'), 2::bigint, 'a member sees the others');
select is(pg_temp.attempt($$ select groups.end_membership(pg_temp.id('71'), pg_temp.id('a1'), null) $$), 'not_found', 'but lets none of them go');
select is(pg_temp.attempt($$ select groups.end_membership(pg_temp.id('71'), pg_temp.id('a3'), '2024-05-01') $$), 'ends_before_it_begins', 'not before one came');
select is(pg_temp.attempt($$ select groups.end_membership(pg_temp.id('71'), pg_temp.id('a3'), null) $$), 'ok', 'one leaves at any time');
select is(groups.member_count(pg_temp.id('71'), core.today() + 1), 1::bigint, 'and is gone');
select pg_temp.sign_in('b1');
select is(pg_temp.seen($$ select from groups.group where id = pg_temp.id('71') $$), 0::bigint, 'another community is not seen');
select is(pg_temp.seen($$ select from groups.head where id = pg_temp.id('81') $$), 0::bigint, 'nor its heads');

-- staff
select pg_temp.sign_in('a3', '11');
select is(pg_temp.seen('select from groups.group'), 1::bigint, 'staff sees the groups of the community');
select is(pg_temp.seen($$ select from groups.head where id = pg_temp.id('82') $$), 0::bigint, 'no head of the next one');
select is(pg_temp.attempt($$ select groups.add_member(pg_temp.id('72'), jsonb_build_object('person_id', pg_temp.id('a1'))) $$), 'not_found', 'adds to no group there');
select is(pg_temp.attempt($$ select groups.add_member(pg_temp.id('71'), jsonb_build_object('person_id', pg_temp.id('b1'))) $$), 'not_found', 'takes nobody from there');
select is(pg_temp.attempt($$ insert into groups.head (kind, unit_id, unit_kind, person_id, basis, valid) values ('building_head', pg_temp.id('23'), 'compound', pg_temp.id('a1'), 'elected', '[2024-01-01,)') $$), '42501', 'chooses no head there, past the routine');
select is(pg_temp.attempt($$ select groups.end_head(pg_temp.id('82'), core.today(), null) $$), 'not_found', 'ends none there');
select is(pg_temp.attempt($$ select groups.end_head(pg_temp.id('81'), core.today(), '搬家') $$), 'ok', 'but here');
select is(pg_temp.attempt($$ select groups.end_head(pg_temp.id('81'), core.today() + 1, null) $$), 'already_ended', 'once');
select is(pg_temp.attempt('delete from groups.head'), '42501', 'heads are never deleted');
select pg_temp.sign_out();

-- the telephone of a head is a contact card; of nobody else
select is(groups.head_phone(pg_temp.id('a2'), '2025-01-01'), '\x03'::bytea, 'of a head');
select is(groups.head_phone(pg_temp.id('a1'), '2025-01-01'), null, 'not of others');
select ok(exists (select from core.audit_record where table_name = 'groups.head'), 'heads are audited');
select * from finish();
rollback;
