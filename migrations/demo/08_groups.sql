-- Self-governance at work: residents' groups with representatives, a charter, meetings, a head's card, elections in three states, favours.
-- Every election goes the way of the routines, on days of its own.
do $$ begin raise notice 'groups at work'; end $$;

-- Two residents' groups of 孝坊's lanes: the first has its representatives, the second one too few.
select count(*) from (values (1, '一', 120), (2, '二', 150)) g(n, zh, households), groups.found_group(jsonb_build_object('id', pg_temp.id('residents group ' || g.n),
  'kind', 'residents_group', 'name', '孝坊第' || g.zh || '居民小组', 'purpose', '楼巷里的事大家商量', 'unit_id', pg_temp.id('community 1'), 'households', g.households, 'valid_from', date '2022-10-01'));

create temp table demo_representative on commit drop as
select row_number() over (order by d.p) as n, pg_temp.id('person ' || d.p) as person_id
from demo_person d join demo_area a on a.ord = d.area where a.community = 1 and a.is_lane and d.birth_year between 1950 and 1985 order by d.p limit 14;
select count(*) from demo_representative r, demo_document t, groups.seat_representative(pg_temp.id('residents group ' || case when r.n <= 4 then 1 else 2 end), jsonb_build_object(
  'person_id', r.person_id, 'households', 30, 'valid_from', date '2022-10-01', 'valid_to', date '2027-09-30', 'document_ref', t.other)) where r.n <= 6;

-- The first group's charter is filed; one meeting has its minutes, another is called.
select from groups.adopt_charter(pg_temp.id('residents group 1'), jsonb_build_object('content', E'一、小组事大家商量，少数服从多数。\n二、每季度开一次会，会议记录公开。\n三、组长每年向居民报告一次。', 'adopted_on', date '2023-01-10'));
update groups.charter set state = 'filed', submitted_on = '2023-01-12', decided_on = '2023-01-20', filing_number = '岑城备〔2023〕虚构 1 号' where group_id = pg_temp.id('residents group 1');
insert into groups.group_meeting (group_id, held_at, place, agenda, present, minutes, decisions)
select pg_temp.id('group 1'), (pg_temp.today() - 20 + time '19:30') at time zone 'Asia/Shanghai', '小区凉亭', '电动车充电棚放在哪里', 18,
  '三个位置逐一讨论：东门、3 栋后面、车库入口。大家担心消防通道。', '建在东门，留足消防通道；由组长报物业。';
insert into groups.group_meeting (group_id, held_at, place, agenda)
select pg_temp.id('group 1'), (pg_temp.today() + 9 + time '19:30') at time zone 'Asia/Shanghai', '小区凉亭', '入冬前检查楼道照明';
insert into groups.join_request (group_id, person_id, message) values (pg_temp.id('group 1'), pg_temp.id('login neighbour'), '我会修电路，想出一份力。');

-- The head of 3 栋 lets the building see a telephone.
insert into groups.head_card (head_id, phone_sealed, hours, note, agreed_at)
select h.id, v.phone_sealed, '每天晚上七点以后', '急事随时打', core.app_now()
from groups.head h join people.person_private v on v.person_id = h.person_id where h.person_id = pg_temp.id('login head');

-- A step of an election on a day of its own.
create function pg_temp.step(wanted uuid, day date, action text) returns void language plpgsql as $$
begin
  perform pg_temp.at(day);
  perform groups.advance(groups.lock_election(wanted), jsonb_build_object('action', action));
end $$;
create function pg_temp.stand(wanted uuid, person uuid, words text) returns void language sql as $$
  insert into groups.nomination (id, election_id, contest_id, person_id, nominated_by, document_ref, statement, answer)
  select pg_temp.id('nomination ' || wanted || person), wanted, c.id, person, 'organization', '虚构文件', words, 'accepted' from groups.contest c where c.election_id = wanted and c.ordinal = 1
$$;

-- The first group's head: picked by its representatives with a show of hands, two months ago.
do $$
declare
  day date := pg_temp.today() - 60;
  e uuid := pg_temp.id('election of the group');
  people uuid[] := (select array_agg(person_id order by n) from demo_representative where n <= 4);
begin
  perform pg_temp.at(day - 5);
  perform groups.prepare_election(jsonb_build_object('id', e, 'rule', 'group_leader', 'purpose', 'term', 'title', '孝坊第一居民小组组长推选', 'unit_id', pg_temp.id('community 1'),
    'group_id', pg_temp.id('residents group 1'), 'voting_on', day, 'ballots', '["hands"]'::jsonb, 'contests', '[{"title": "组长", "seats": 1}]'::jsonb, 'term_to', '2027-09-30'));
  perform groups.compile_roll(groups.lock_election(e));
  perform pg_temp.step(e, day - 5, 'publish_roll');
  perform pg_temp.stand(e, people[1], '在巷子里住了三十年。');
  perform pg_temp.stand(e, people[2], '愿意跑腿。');
  perform pg_temp.step(e, day - 1, 'publish_candidates');
  perform pg_temp.step(e, day, 'open_voting');
  update groups.election_voter set took = 'hands' where election_id = e;
  perform pg_temp.step(e, day, 'close_voting');
  perform groups.decide(e, jsonb_build_array(jsonb_build_object('nomination_id', pg_temp.id('nomination ' || e || people[1]), 'votes', 3),
    jsonb_build_object('nomination_id', pg_temp.id('nomination ' || e || people[2]), 'votes', 1)), 4, 0, null);
  perform pg_temp.step(e, day, 'publish_result');
end $$;

-- The head of 3 栋: everything is ready for the vote, on paper or online; the desk makes the key and opens it.
do $$
declare
  e uuid := pg_temp.id('election of a head');
begin
  perform pg_temp.at(pg_temp.today() - 8);
  perform groups.prepare_election(jsonb_build_object('id', e, 'rule', 'building_head', 'purpose', 'term', 'title', '和顺花园 3 栋楼栋长推选', 'unit_id', pg_temp.id('building 1.3'),
    'voting_on', pg_temp.today(), 'ballots', '["paper", "online"]'::jsonb, 'contests', '[{"title": "楼栋长", "seats": 1}]'::jsonb));
  perform groups.compile_roll(groups.lock_election(e));
  perform pg_temp.step(e, pg_temp.today() - 8, 'publish_roll');
  perform pg_temp.stand(e, pg_temp.id('login head'), '继续为大家服务，管好楼道和充电。');
  perform pg_temp.stand(e, (select v.person_id from groups.election_voter v join people.person p on p.id = v.person_id
    where v.election_id = e and p.birth_year between 1955 and 1985 and not exists (select from access.login l where l.person_id = p.id) order by v.id limit 1), '多听老人的意见。');
  perform pg_temp.step(e, pg_temp.today() - 2, 'publish_candidates');
end $$;

-- The residents' committee of 孝坊: its roll is public for more than twenty days, objections can be made.
do $$
declare
  e uuid := pg_temp.id('election of the committee');
begin
  perform pg_temp.at(pg_temp.today() - 2);
  perform groups.prepare_election(jsonb_build_object('id', e, 'rule', 'committee_by_voters', 'purpose', 'term', 'title', '孝坊社区居民委员会换届选举', 'unit_id', pg_temp.id('community 1'),
    'voting_on', pg_temp.today() + 20, 'ballots', '["paper"]'::jsonb, 'term_from', '2027-10-01', 'contests',
    '[{"title": "主任", "post": "committee_director", "seats": 1}, {"title": "副主任", "post": "committee_deputy_director", "seats": 1}, {"title": "委员", "post": "committee_member", "seats": 3}]'::jsonb));
  perform groups.compile_roll(groups.lock_election(e));
  insert into groups.election_official (election_id, person_id, role) select e, person_id, case when n = 10 then 'chair' else 'member' end from demo_representative where n between 10 and 12;
  perform pg_temp.step(e, pg_temp.today() - 2, 'publish_roll');
  perform pg_temp.stand(e, (select person_id from demo_representative where n = 7), '把孝坊的老巷子修好。');
end $$;
select pg_temp.at(pg_temp.today());
select set_config('linli.clock_offset', '', true);

-- Favours among neighbours.
insert into groups.help_request (id, person_id, unit_id, community_id, reach, kind, wish, wanted_on, state, helper_id, thanks, asked_at) values
  (pg_temp.id('help 1 of the elder'), pg_temp.id('login elder'), pg_temp.id('compound 1'), pg_temp.id('community 1'), 'compound', 'errand', '这两天腿疼，想请人帮忙把快递拿上楼。', pg_temp.today() + 1, 'open', null, null, core.app_now() - interval '3 hours'),
  (pg_temp.id('help 2 of the guardian'), pg_temp.id('login guardian'), pg_temp.id('compound 1'), pg_temp.id('community 1'), 'community', 'care', '周六上午要加班，想请人照看孩子两个小时。', pg_temp.today() + 3, 'open', null, null, core.app_now() - interval '1 day'),
  (pg_temp.id('help 3 of the neighbour'), pg_temp.id('login neighbour'), pg_temp.id('compound 1'), pg_temp.id('community 1'), 'compound', 'lending', '借一把电钻。', null, 'thanked', pg_temp.id('login volunteer'), '电钻很好用，谢谢家燕！', core.app_now() - interval '9 days');
insert into groups.help_offer (request_id, person_id, message) values (pg_temp.id('help 3 of the neighbour'), pg_temp.id('login volunteer'), '我家有，晚上来拿。');
