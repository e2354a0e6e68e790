-- Elections in the database: the rules' own checks, exact shares, seats and ties, who sees what, and the box.
begin;
\ir lib/world.sql
select plan(57);

-- shares in whole numbers: "more than" leaves the number out, "at least" takes it in
select ok(not groups.reaches(50, 100, 1, 2, true), 'half is not more than half');
select ok(groups.reaches(51, 100, 1, 2, true), 'one more is');
select ok(groups.reaches(2, 3, 2, 3, false), 'two thirds are at least two thirds');
select ok(not groups.reaches(2, 3, 2, 3, true), 'and not more');
select ok(not groups.reaches(33, 100, 1, 3, false), 'a third of a hundred is not reached by 33');
select ok(not groups.reaches(0, 0, 0, 1, false), 'nobody is no quorum');
select ok(groups.reaches(9000000000000, 9000000000001, 8999999999999, 9000000000000, false), 'large areas do not overflow');

-- seats: those who pass, the most votes first; who is level at the last seat waits for another round
select is(groups.pick('{7,5,3}', '{t,t,t}', 2), '{t,t,f}', 'the two with the most votes');
select is(groups.pick('{7,5,5}', '{t,t,t}', 2), '{t,f,f}', 'a tie at the last seat gives it to nobody');
select is(groups.pick('{5,5,3}', '{t,t,t}', 2), '{t,t,f}', 'a tie that fits is no tie');
select is(groups.pick('{9,5,3}', '{f,t,t}', 3), '{f,t,t}', 'whoever does not pass has no seat');
select is(groups.representatives_least(101), 3::bigint, '101 households need three representatives');
select is(groups.representatives_most(101), 5::bigint, 'and may have five');
select is(groups.representatives_most(12), 1::bigint, 'a small group has one');

-- the rules are rows that nobody changes, and the law's ones cannot be bent
select throws_ok($$ update groups.election_rule set win_strict = false $$, '23001', null, 'a rule is never changed');
select throws_ok($$ delete from groups.election_rule $$, '23001', null, 'nor taken away');
create function pg_temp.rule(code text, change jsonb) returns void language sql as $$
  insert into groups.election_rule select (jsonb_populate_record(r, change || jsonb_build_object('id', core.uuid_v7(), 'code', 'other'))).* from groups.election_rule r where r.code = rule.code
$$;
select throws_ok($$ select pg_temp.rule('committee_by_voters', '{"ballots": ["online"], "online_least": 5}') $$, '23514', null, 'the committee is never elected online');
select throws_ok($$ select pg_temp.rule('owners_committee', '{"ballots": ["online"], "online_least": 5}') $$, '23514', null, 'nor where an area would name the voter');
select throws_ok($$ select pg_temp.rule('building_head', '{"online_least": null}') $$, '23514', null, 'an online ballot needs a crowd to hide in');
select lives_ok($$ select pg_temp.rule('building_head', '{"effective_from": "2027-01-01", "term_months": 36}') $$, 'a new rule begins on its day');
select is((groups.rule_on('building_head', '2026-12-31')).term_months, 60::bigint, 'until then the old one holds');
select is((groups.rule_on('committee_by_voters', '2025-12-31')).id, null::uuid, 'before the law there is none');
select is((select array_agg(distinct roll_days) from groups.election_rule where target = 'residents_committee'), array[20::bigint], 'twenty days for every way of electing the committee');
select results_eq($$ select quorum_num, quorum_den, quorum_strict, proxies_most from groups.election_rule where code = 'committee_by_representatives' $$,
  $$ values (2::bigint, 3::bigint, true, 0::bigint) $$, 'representatives: more than two thirds, no proxies');

-- an election of the building head of 31, prepared by the owner's session
create function pg_temp.made(word text, more jsonb default '{}') returns uuid language sql as $$
  select x from groups.prepare_election(jsonb_build_object('id', pg_temp.id(word), 'rule', 'building_head', 'purpose', 'term', 'title', '楼栋长', 'unit_id', pg_temp.id('31'),
    'voting_on', core.today() + 7, 'ballots', '["paper","online"]'::jsonb, 'contests', '[{"title": "楼栋长", "seats": 1}]'::jsonb) || more) x
$$;
select lives_ok($$ select pg_temp.made('e1') $$, 'an election is prepared');
select lives_ok($$ select pg_temp.made('e2', jsonb_build_object('unit_id', pg_temp.id('32'))) $$, 'and one in the other community');
select throws_ok($$ select pg_temp.made('e3', '{"ballots": ["hands", "paper"]}') $$, 'LI000', 'ballot_not_allowed', 'hands stand alone');
select throws_ok($$ insert into groups.election select (jsonb_populate_record(e, jsonb_build_object('id', core.uuid_v7(), 'ballots', '["hands", "paper"]'::jsonb))).* from groups.election e where id = pg_temp.id('e1') $$,
  '23514', null, 'by the schema too');
insert into groups.election_voter (id, election_id, person_id, ground) values (pg_temp.id('f1'), pg_temp.id('e1'), pg_temp.id('a1'), 'registered'), (pg_temp.id('f2'), pg_temp.id('e1'), pg_temp.id('a2'), 'registered');
select throws_ok($$ insert into groups.election_voter (election_id, person_id, ground) values (pg_temp.id('e1'), pg_temp.id('a1'), 'habitual') $$, '23505', null, 'one line of the roll a person');
select throws_ok($$ insert into groups.proxy (election_id, voter_id, holder_id, document_ref) values (pg_temp.id('e1'), pg_temp.id('f1'), pg_temp.id('f1'), 'x') $$, '23514', null, 'nobody is their own proxy');

-- who sees it: before the roll is published the staff; then the area and whoever is on the roll
select pg_temp.sign_in('a1');
select is(pg_temp.seen('select from groups.election'), 0::bigint, 'prepared: a resident sees nothing');
select is(pg_temp.seen('select from groups.election_voter'), 0::bigint, 'nor the roll');
select pg_temp.sign_in('b2', '12');
select is(pg_temp.seen($$ select from groups.election where id = pg_temp.id('e1') $$), 0::bigint, 'nor the staff of another community');
select is(pg_temp.seen('select from groups.election'), 1::bigint, 'who see their own');
select pg_temp.sign_in('a3', '11');
select is(pg_temp.seen('select from groups.election_voter'), 2::bigint, 'the staff of the place see the roll');
select pg_temp.sign_out();
update groups.election set state = 'roll_published', roll_published_on = core.today() where id = pg_temp.id('e1');
select pg_temp.sign_in('a2');
select is(pg_temp.seen('select from groups.election_voter'), 2::bigint, 'published: the area sees the roll');
select is(pg_temp.attempt($$ update groups.election_voter set took = 'paper' $$), 'ok', 'a voter who tries to mark');
select is((select count(*) from groups.election_voter where took is not null), 0::bigint, 'marks nobody');
select is(pg_temp.attempt($$ insert into groups.election_voter (election_id, person_id, ground) values (pg_temp.id('e1'), pg_temp.id('a3'), 'registered') $$), '42501', 'enters nobody');
select is(pg_temp.attempt($$ insert into groups.nomination (election_id, contest_id, person_id, nominated_by, answer) select pg_temp.id('e1'), c.id, pg_temp.id('a2'), 'organization', 'accepted' from groups.contest c where c.election_id = pg_temp.id('e1') $$), '42501', 'is not the organization');
select is(pg_temp.attempt($$ insert into groups.nomination (id, election_id, contest_id, person_id, nominated_by) select pg_temp.id('71'), pg_temp.id('e1'), c.id, pg_temp.id('a1'), 'voters' from groups.contest c where c.election_id = pg_temp.id('e1') $$), 'ok', 'but nominates');
select pg_temp.sign_in('b1');
select is(pg_temp.seen($$ select from groups.election where id = pg_temp.id('e1') $$), 0::bigint, 'the other community sees nothing of it');
select pg_temp.sign_out();

-- a count that waits is its counter's alone
update groups.election set state = 'counting' where id = pg_temp.id('e1');
insert into groups.election_count (election_id, round, attempt, recorded_by, counted_by, cast_ballots, spoilt_ballots, lines) values (pg_temp.id('e1'), 1, 1, pg_temp.id('a3'), 'x', 1, 0, '[]');
select pg_temp.sign_in('a3', '11');
select is(pg_temp.seen('select from groups.election_count'), 1::bigint, 'who counted sees the own count');
select pg_temp.sign_in('b2', '11');
select is(pg_temp.seen('select from groups.election_count'), 0::bigint, 'the other counter does not');
select is(pg_temp.attempt($$ insert into groups.election_count (election_id, round, attempt, recorded_by, counted_by, cast_ballots, spoilt_ballots, lines) values (pg_temp.id('e1'), 1, 1, pg_temp.id('a3'), 'x', 1, 0, '[]') $$), '42501', 'nor counts in their name');
select pg_temp.sign_out();
update groups.election set state = 'decided' where id = pg_temp.id('e1');
select pg_temp.sign_in('b2', '11');
select is(pg_temp.seen('select from groups.election_count'), 1::bigint, 'decided: the staff see it');
select pg_temp.sign_out();

-- the box: nobody but the owner's routines looks into it, and its rows are rewritten at the close
select is(pg_temp.attempt('select from groups.ballot'), '42501', 'the application does not read ballots');
select is(pg_temp.attempt('select from groups.ballot_receipt'), '42501', 'nor receipts');
select is(pg_temp.attempt('select from groups.election_key'), '42501', 'nor keys');
select is(pg_temp.attempt('select groups.shuffle_ballots()'), '42501', 'nor shakes the box');
insert into groups.ballot (election_id, round, choices) select pg_temp.id('e1'), 1, array[pg_temp.id('71')] from generate_series(1, 40);
insert into groups.ballot_receipt (digest, election_id, round) select sha256(n::text::bytea), pg_temp.id('e1'), 1 from generate_series(1, 40) n;
create temp table before_close as select id from groups.ballot;
select lives_ok('select groups.shuffle_ballots()', 'the box is shaken');
select is((select count(*) from groups.ballot), 40::bigint, 'no ballot is lost');
select is((select count(*) from groups.ballot b join before_close using (id)), 0::bigint, 'and none keeps its number');
select ok((select bool_and(b.id >= b.before) from (select id, lag(id, 1, id) over (order by ctid) as before from groups.ballot) b), 'they lie in the order of random numbers');
select ok(not exists (select from core.audit_record where table_name in ('groups.ballot', 'groups.ballot_receipt')), 'nothing of the box is audited');
select ok(exists (select from core.audit_record where table_name = 'groups.election_voter'), 'the roll is');
select is(groups.count_state(e), null, 'an election that is decided waits for no count') from groups.election e where e.id = pg_temp.id('e1');
select * from finish();
rollback;
