-- Reorganizations and what hangs on them, by the database alone: who may write what, what follows, what stays; readings; areas; substitutes.
begin;
\ir lib/world.sql
select plan(61);

create function pg_temp.document(word text, steps jsonb, since date default core.today(), root text default 'd1') returns uuid language plpgsql as $$
begin
  perform orgs.draft_reorganization(jsonb_build_object('id', pg_temp.id(word), 'unit_id', pg_temp.id(root), 'title', word, 'effective_on', since, 'proposal_ref', '请示', 'approval_ref', '批复', 'steps', steps));
  return pg_temp.id(word);
end $$;
create function pg_temp.step(action text, fields jsonb) returns jsonb language sql as $$ select jsonb_build_array(jsonb_build_object('action', action) || fields) $$;

-- ── readings ──
select is(core.pinyin('岑溪市'), 'cenxishi', 'characters are read one by one');
select is(core.pinyin_initials('岑溪市'), 'cxs', 'and by their initials');
select is(core.pinyin('长春重庆'), 'changchunchongqing', 'fixed names have their own reading');
select is(core.pinyin('覃长安', true), 'qinchangan', 'a surname reads as a surname');
select is(core.pinyin('覃'), 'tan', 'only where it is one');
select is(core.pinyin('A3栋·北'), 'a3dongbei', 'letters and digits read themselves, points are silent');
select is(core.pinyin('·'), null, 'points alone have no reading');
select set_eq($$ select core.reading_forms('岑溪') $$, array['cenxi', 'cx', 'xi', 'x'], 'forms begin at each syllable');
select ok(core.asks_reading('Cen Xi') and not core.asks_reading('岑xi') and not core.asks_reading('%') and not core.asks_reading('12'), 'what is a question after readings');
select throws_ok($$ insert into core.fixed_reading values ('重庆路', 'word', '{chong,qing}') $$, '23514', null, 'one syllable a character');
select is((select count(*) from orgs.names_like('xiaofang')), (select count(*) from orgs.unit_name where name like '孝坊%'), 'units are found by them');
select is((select count(*) from orgs.names_like('xiaofan')), (select count(*) from orgs.unit_name where name like '孝坊%'), 'a beginning is enough');

-- ── a document by itself ──
select throws_ok($$ select pg_temp.document('f0', pg_temp.step('rename', jsonb_build_object('unit_id', pg_temp.id('11')))) $$, 'LI000', 'step_incomplete', 'a step says all that it needs');
select lives_ok($$ select pg_temp.document('f1', pg_temp.step('rename', jsonb_build_object('unit_id', pg_temp.id('11'), 'name', '改名')), core.today() + 9) $$, 'drafted');
select is(pg_temp.attempt($$ select orgs.decree_reorganization(pg_temp.id('f1'), '{"decree_number":"1"}') $$), 'not_found', 'nobody signed in decrees nothing');
select throws_ok($$ select orgs.decree_reorganization(pg_temp.id('f1'), '{"decree_number":"1"}') $$, 'LI000', 'wrong_state', 'unseen, it is not decreed');
select is((select state from orgs.preview_reorganization(pg_temp.id('f1'))), 'previewed', 'looked at');
select is(orgs.name_on(pg_temp.id('11'), core.today() + 9), '孝坊社区', 'and nothing stays of the rehearsal');
select is((select count(*) from orgs.reorganization_effect), 0::bigint, 'no history either');
select lives_ok($$ select orgs.decree_reorganization(pg_temp.id('f1'), '{"decree_number":"1"}') $$, 'decreed for a later day');
select is(orgs.put_reorganizations_in_force(), 0, 'which is not today');
select throws_ok($$ update orgs.reorganization set approval_ref = null where id = pg_temp.id('f1') $$, '23514', null, 'a decree keeps its documents');
select throws_ok($$ update orgs.reorganization set state = 'in_force' where id = pg_temp.id('f1') $$, '23514', null, 'in force has its moment');
set local linli.clock_offset = '9 days';
select is(orgs.put_reorganizations_in_force(), 1, 'on its day it comes into force');
select is(orgs.put_reorganizations_in_force(), 0, 'once');
select is((select name from orgs.unit where id = pg_temp.id('11')), '改名', 'and is seen');
set local linli.clock_offset = '';

-- ── what hangs on a unit that closes ──
select orgs.appoint(jsonb_build_object('id', pg_temp.id('e1'), 'person_id', pg_temp.id('b2'), 'unit_id', pg_temp.id('12'), 'post', 'community_worker', 'basis', 'appointed', 'valid_from', '2024-01-01'));
insert into orgs.appointment (id, person_id, unit_id, unit_kind, post_code, basis, valid) values (pg_temp.id('e2'), pg_temp.id('b1'), pg_temp.id('12'), 'community', 'committee_director', 'elected', daterange('2024-01-01', null));
select access.add_grant(pg_temp.id('b2'), 'resident', pg_temp.id('12'), '2022-01-01'), access.add_grant(pg_temp.id('b2'), 'community_worker', pg_temp.id('12'), '2022-01-01');
insert into groups.group (id, kind, name, unit_id, unit_kind, valid) values (pg_temp.id('e5'), 'neighbour_help', '帮帮团', pg_temp.id('12'), 'community', daterange('2022-01-01', null));
insert into volunteering.service_record (id, volunteer_id, served_person_id, unit_id, kind, minutes, served_on) values
  (pg_temp.id('e6'), pg_temp.id('a1'), pg_temp.id('b1'), pg_temp.id('12'), 'elder_care', 60, core.today()), (pg_temp.id('e7'), pg_temp.id('a1'), pg_temp.id('b2'), pg_temp.id('12'), 'elder_care', 60, core.today());
select pg_temp.document('f2', pg_temp.step('split', jsonb_build_object('unit_id', pg_temp.id('12'), 'into', jsonb_build_array(
  jsonb_build_object('id', pg_temp.id('51'), 'name', '木棉东', 'unit_ids', jsonb_build_array(pg_temp.id('23'))), jsonb_build_object('id', pg_temp.id('52'), 'name', '木棉西')), 'heir_id', pg_temp.id('52'))));
select is((select undecided from orgs.preview_reorganization(pg_temp.id('f2'))), 3::bigint, 'two appointments and a right wait for a word; being a resident does not');
select throws_ok($$ select orgs.decree_reorganization(pg_temp.id('f2'), '{"decree_number":"2"}') $$, 'LI000', 'decisions_open', 'until then no decree');
select throws_ok($$ select orgs.decide_reorganization(pg_temp.id('f2'), jsonb_build_array(jsonb_build_object('subject', 'appointment', 'subject_id', pg_temp.id('e1'), 'choice', 'move', 'to_unit_id', pg_temp.id('23')))) $$,
  'LI000', 'post_of_other_kind', 'a post goes on only where it exists');
select orgs.decide_reorganization(pg_temp.id('f2'), (select jsonb_agg(jsonb_build_object('subject', c.subject, 'subject_id', c.subject_id, 'choice', case when c.subject_id = pg_temp.id('e2') then 'end' else 'move' end,
  'to_unit_id', case when c.subject_id <> pg_temp.id('e2') then pg_temp.id('51') end)) from orgs.choices_of(pg_temp.id('f2')) c));
select is((select undecided from orgs.preview_reorganization(pg_temp.id('f2'))), 0::bigint, 'all decided');
select is((select state from orgs.decree_reorganization(pg_temp.id('f2'), '{"decree_number":"2"}')), 'in_force', 'decreed for today, in force today');
select results_eq($$ select person_id, unit_id, upper(valid) from orgs.appointment where id in (pg_temp.id('e1'), pg_temp.id('e2')) or unit_id = pg_temp.id('51') order by lower(valid), person_id $$,
  $$ values (pg_temp.id('b1'), pg_temp.id('12'), core.today()), (pg_temp.id('b2'), pg_temp.id('12'), core.today()), (pg_temp.id('b2'), pg_temp.id('51'), null::date) $$, 'one appointment goes on, the other ended with the unit');
select results_eq($$ select role, unit_id from access.grant where person_id = pg_temp.id('b2') and upper_inf(valid) order by role $$,
  $$ values ('community_worker', pg_temp.id('51')), ('resident', pg_temp.id('52')) $$, 'rights: by decision, and with the home');
select is((select unit_id from people.person where id = pg_temp.id('b2')), pg_temp.id('52'), 'who lived in the community itself lives in its heir');
select is((select unit_id from people.residence where person_id = pg_temp.id('b2') and valid @> core.today() - 1), pg_temp.id('12'), 'and did not the day before');
select is((select unit_id from groups.group where id = pg_temp.id('e5')), pg_temp.id('52'), 'the group goes on in the heir');
select results_eq($$ select id, unit_id from volunteering.service_record where id in (pg_temp.id('e6'), pg_temp.id('e7')) order by id $$, $$ values (pg_temp.id('e6'), pg_temp.id('51')), (pg_temp.id('e7'), pg_temp.id('52')) $$, 'a service follows the served person''s home');
select is(orgs.placed_on('group', pg_temp.id('e5'), pg_temp.id('52'), core.today() - 1), pg_temp.id('12'), 'what moved is asked for where it stood');
select results_eq($$ select (orgs.unit_counts(pg_temp.id('12'), core.today() - 1)).groups, (orgs.unit_counts(pg_temp.id('52'), core.today())).groups, (orgs.unit_counts(pg_temp.id('d1'), core.today() - 1)).groups $$,
  $$ values (1::bigint, 1::bigint, 1::bigint) $$, 'and counted there');
select is((select count(*) from orgs.handover where appointment_id = pg_temp.id('e2') and due_on = core.today() + 9), 1::bigint, 'who left hands over within ten days');
select throws_ok('update orgs.reorganization_effect set by = ''decision''', '23001', null, 'history is not rewritten');
select throws_ok('delete from orgs.reorganization_effect', '23001', null, 'nor taken away');
select throws_ok($$ insert into groups.head (kind, unit_id, unit_kind, person_id, basis, valid) select 'lane_chief', id, kind, pg_temp.id('a1'), 'elected', '[2020-01-01,)' from orgs.unit where id = pg_temp.id('12') $$, '23514', null, 'nothing new hangs on what has ended');
select lives_ok($$ insert into orgs.appointment (person_id, unit_id, unit_kind, post_code, basis, valid) values (pg_temp.id('a1'), pg_temp.id('12'), 'community', 'legal_adviser', 'appointed', daterange('2023-01-01', core.today())) $$, 'what was, may still be written down');
set constraints all immediate;
set constraints all deferred;

-- ── rights by rows alone ──
select pg_temp.document('f3', pg_temp.step('rename', jsonb_build_object('unit_id', pg_temp.id('11'), 'name', '草稿')));
select pg_temp.sign_in('a1');
select is(pg_temp.seen('select from orgs.reorganization'), 2::bigint, 'a resident sees what is decreed, not the draft');
select is(pg_temp.seen('select from orgs.reorganization_decision') + pg_temp.seen('select from orgs.reorganization_effect') + pg_temp.seen('select from orgs.handover'), 0::bigint, 'nor decisions, histories or handovers');
select is(pg_temp.attempt($$ insert into orgs.reorganization (unit_id, title, effective_on) values (pg_temp.id('d1'), 'x', core.today()) $$), '42501', 'nor drafts one');
select pg_temp.sign_in('b1', '11');
select is(pg_temp.attempt($$ select orgs.preview_reorganization(pg_temp.id('f3')) $$), 'not_found', 'a community''s staff does not touch the town''s draft');
select is(pg_temp.seen('select from orgs.reorganization_effect'), 0::bigint, 'nor reads the history of the neighbours');
select pg_temp.sign_in('b1', '51');
select cmp_ok(pg_temp.seen('select from orgs.reorganization_effect'), '>', 0::bigint, 'its own it does');
select pg_temp.sign_in('b1', 'd1');
select is(pg_temp.seen('select from orgs.reorganization'), 3::bigint, 'the town sees its drafts');
select is(pg_temp.attempt($$ update orgs.reorganization set in_force_at = now() $$), '42501', 'but puts nothing in force by hand');
select is(pg_temp.attempt($$ select orgs.carry_out(pg_temp.id('f3')) $$), '42501', 'nor carries out past the decree');

-- ── substitutes ──
select is(pg_temp.attempt($$ select orgs.substitute(jsonb_build_object('id', pg_temp.id('d5'), 'person_id', pg_temp.id('b2'), 'substitute_id', pg_temp.id('b1'), 'valid_from', core.today(), 'valid_to', core.today() + 2, 'reason', '休假')) $$), 'not_for_oneself', 'nobody lends to themselves');
select is(pg_temp.attempt($$ insert into orgs.substitution (person_id, substitute_id, unit_id, valid, reason) values (pg_temp.id('b2'), pg_temp.id('b1'), pg_temp.id('51'), daterange(core.today(), core.today() + 2), 'x') $$), '42501', 'not past the routine either');
select is(pg_temp.attempt($$ select orgs.substitute(jsonb_build_object('id', pg_temp.id('d5'), 'person_id', pg_temp.id('b2'), 'substitute_id', pg_temp.id('a2'), 'valid_from', core.today(), 'valid_to', core.today() + 2, 'reason', '休假')) $$), 'ok', 'a desk is lent');
select results_eq($$ select role, unit_id, upper(valid) from access.grant where substitution_id = pg_temp.id('d5') $$, $$ values ('community_worker', pg_temp.id('51'), core.today() + 3) $$, 'with exactly the rights of those days');
select is(pg_temp.attempt($$ select access.lend_desk(pg_temp.id('d5')) $$), 'not_found', 'once');
select pg_temp.sign_out();

-- ── areas ──
select throws_ok($$ select orgs.check_area('{"type":"MultiPolygon","coordinates":[[[[0,0],[4,0],[4,4],[0,5]]]]}', '/area') $$, 'LI000', 'ring_not_closed', 'a ring is closed');
select throws_ok($$ select orgs.check_area('{"type":"MultiPolygon","coordinates":[[[[0,0],[4,4],[4,0],[0,5],[0,0]]]]}', '/area') $$, 'LI000', 'ring_crosses_itself', 'and does not cross itself');
select ok(orgs.holds_place('{"type":"MultiPolygon","coordinates":[[[[0,0],[4,0],[4,4],[0,4],[0,0]],[[1,1],[2,1],[2,2],[1,2],[1,1]]]]}', 3, 3)
  and not orgs.holds_place('{"type":"MultiPolygon","coordinates":[[[[0,0],[4,0],[4,4],[0,4],[0,0]],[[1,1],[2,1],[2,2],[1,2],[1,1]]]]}', 1.5, 1.5), 'a hole is outside');

select * from finish();
rollback;
