-- Who holds which post, before and after; heads of 535 buildings and 148 lanes; groups.
do $$ begin raise notice 'posts, heads and groups'; end $$;

-- The ninth person of the n-th area of a community (8 and 7 when it needs more) holds its posts.
create temp table demo_member on commit drop as
select a.community, d.p, d.k, row_number() over (partition by a.community, d.k order by a.ord)::integer as n
from demo_person d join demo_area a on a.ord = d.area where d.k in (3, 4, 7, 8, 9);
create index on demo_member (community, k, n);
analyze demo_member;

create temp table demo_appointment (person uuid, unit text, post text, basis text, first_day date, last_day date) on commit drop;
insert into demo_appointment
-- today: secretary and director, two deputies, four committee members, workers, adviser
select pg_temp.id('person ' || m.p), case when x.post like '%party%' then 'party ' || k.ord else k.key end, x.post, x.basis, x.first_day, null::date
from demo_community_key k
join (values (1, 'community_party_secretary', 'elected', date '2022-07-01'), (1, 'committee_director', 'concurrent', date '2022-07-15'),
  (2, 'committee_deputy_director', 'elected', date '2022-07-15'), (2, 'community_party_member', 'elected', date '2022-07-01'), (3, 'committee_member', 'elected', date '2022-07-15'),
  (4, 'committee_member', 'elected', date '2022-07-15'), (5, 'committee_member', 'elected', date '2022-07-15'), (6, 'community_deputy_party_secretary', 'elected', date '2022-07-01'),
  (7, 'community_worker', 'appointed', date '2023-03-01'), (8, 'community_worker', 'appointed', date '2023-03-01'), (9, 'legal_adviser', 'appointed', date '2022-09-01')) x(n, post, basis, first_day)
  on true
join demo_member m on m.community = k.ord and m.k = 9 and m.n = x.n
where not (k.ord = 1 and x.n in (1, 7)) and not (k.ord > 8 and x.n = 8 and k.ord <> 19)
union all select pg_temp.id('login community_secretary'), v.unit, v.post, v.basis, v.first_day, null
from (values ('party 1', 'community_party_secretary', 'elected', date '2022-07-01'), ('community 1', 'committee_director', 'concurrent', date '2022-07-15')) v(unit, post, basis, first_day)
union all select pg_temp.id('login community_worker'), 'community 1', 'community_worker', 'appointed', date '2023-03-01', null
union all select pg_temp.id('login town_officer'), 'town', 'town_mayor', 'elected', date '2021-09-01', date '2026-08-31'
union all select pg_temp.id('login city_leader'), v.unit, v.post, v.basis, v.first_day, null
from (values ('city committee', 'city_deputy_secretary', 'elected', date '2021-08-01'), ('working committee', 'working_committee_secretary', 'concurrent', date '2022-07-01')) v(unit, post, basis, first_day)
-- mediation committees: chosen for three years, women among them
union all select pg_temp.id('person ' || m.p), 'mediation ' || k.ord, case m.n when 11 then 'mediation_committee_director' else 'mediation_committee_member' end, 'elected', date '2024-01-01', date '2026-12-31'
from demo_community_key k join demo_member m on m.community = k.ord and m.k = 9 and m.n in (11, 12, 13, 14) where not (k.ord in (1, 2) and m.n = 11)
union all select pg_temp.id('login mediator'), 'mediation 1', 'mediation_committee_director', 'elected', date '2024-01-01', date '2026-12-31'
union all select pg_temp.id('login mediator_b'), 'mediation 2', 'mediation_committee_director', 'elected', date '2024-01-01', date '2026-12-31'
union all select pg_temp.id('login town_mediator'), 'mediation town', 'mediation_committee_director', 'elected', date '2024-01-01', date '2026-12-31'
union all select pg_temp.id('login city_mediator'), 'mediation city', 'mediation_committee_director', 'appointed', date '2024-01-01', date '2026-12-31'
-- before the reorganization: the communities that ended had their own
union all select pg_temp.id('person ' || m.p), k.old_key, x.post, 'elected', date '2018-01-10', date '2022-06-30'
from demo_community_key k join (values (20, 'committee_director'), (21, 'committee_deputy_director'), (22, 'committee_member')) x(n, post) on true
join demo_member m on m.community = k.ord and m.k = 9 and m.n = x.n
where k.key <> k.old_key and k.ord = (select min(o.ord) from demo_community_key o where o.old_key = k.old_key)
-- 107 branch secretaries; 163 branch members who sit in an owners' committee too (双向进入、交叉任职)
union all select case when c.ord = 1 then pg_temp.id('login branch_secretary') else pg_temp.id('person ' || m.p) end, 'branch ' || c.ord, 'branch_secretary', 'elected', date '2025-01-10', date '2028-01-09'
from demo_compound c join demo_member m on m.community = c.community and m.k = 8 and m.n = 1 + (c.ord - 1) / 19;
insert into demo_appointment
select pg_temp.id('person ' || m.p), v.unit, v.post, v.basis, date '2025-02-01' + c.ord, null
from demo_compound c join generate_series(1, 2) s on s = 1 or c.ord <= 56
join demo_member m on m.community = c.community and m.k = 7 and m.n = 2 * ((c.ord - 1) / 19) + s
cross join lateral (values ('branch ' || c.ord, 'branch_member', 'elected'), ('owners ' || c.ord, 'owners_committee_member', 'concurrent')) v(unit, post, basis);

insert into orgs.appointment (person_id, unit_id, unit_kind, post_code, basis, valid, document_ref)
select a.person, pg_temp.id(a.unit), u.kind, a.post, a.basis, daterange(a.first_day, a.last_day + 1), t.other
from demo_appointment a join orgs.unit u on u.id = pg_temp.id(a.unit), demo_document t;

-- 683 heads; the one of the demonstration is head of 和顺花园 3 栋.
insert into groups.head (kind, unit_id, unit_kind, person_id, basis, valid, document_ref)
select case when a.is_lane then 'lane_chief' else 'building_head' end, pg_temp.id(a.key), case when a.is_lane then 'lane' else 'building' end,
  case when a.key = 'building 1.3' then pg_temp.id('login head') else pg_temp.id('person ' || d.p) end,
  case when a.ord % 4 = 0 then 'appointed' else 'elected' end, daterange(date '2022-10-01', date '2027-10-01'), t.other
from demo_area a join demo_person d on d.area = a.ord and d.k = 3, demo_document t;

-- A self-governance group for each compound, a neighbour help team for each community.
insert into groups.group (id, kind, name, purpose, unit_id, unit_kind, valid)
select pg_temp.id('group ' || c.ord), 'self_governance', c.name || '居民自治小组', '小区事小区议', pg_temp.id('compound ' || c.ord), 'compound', daterange(date '2022-10-01', null) from demo_compound c
union all
select pg_temp.id('help ' || k.ord), 'neighbour_help', k.name || '邻里帮帮团', '远亲不如近邻', pg_temp.id(k.key), 'community', daterange(date '2022-11-01', null) from demo_community_key k;
insert into groups.group_member (group_id, person_id, role, valid)
select pg_temp.id('group ' || c.ord), pg_temp.id('person ' || d.p), case when a.n = 1 then 'leader' when a.n = 2 then 'deputy' else 'member' end, daterange(date '2022-10-01', null)
from demo_compound c join demo_area a on a.compound = c.ord join demo_person d on d.area = a.ord and d.k = 4
union all
select pg_temp.id('help ' || m.community), pg_temp.id('person ' || m.p), case m.n when 1 then 'leader' when 2 then 'deputy' else 'member' end, daterange(date '2022-11-01', null)
from demo_member m where m.k = 8 and m.n <= 12
union all
select pg_temp.id('group 1'), pg_temp.id('login resident'), 'member', daterange(date '2023-01-01', null)
union all
select pg_temp.id('help 1'), pg_temp.id('login volunteer'), 'member', daterange(date '2023-01-01', null);
