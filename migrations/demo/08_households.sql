-- Homes and who owns them, households, guardians, a few marks of care, consents, and the auditor's mandate.
do $$ begin raise notice 'dwellings and households'; end $$;

-- Four dwellings an area: the couple, two singles, a pair, a family.
create temp table demo_dwelling on commit drop as
select a.ord as area, h.n, 'dwelling ' || a.ord || '.' || h.n as key, a.key as unit, (h.n + 1) || '0' || (1 + a.ord % 4) || '室' as door,
  (600000 + pg_temp.draw('area ' || a.ord || '.' || h.n, 900000))::bigint as area_cm2
from demo_area a cross join generate_series(1, 4) h(n);

insert into people.dwelling (id, unit_id, door, use, area_cm2, valid)
select pg_temp.id(d.key), pg_temp.id(d.unit), d.door, 'home', d.area_cm2, daterange(date '2015-01-01', null) from demo_dwelling d order by d.area, d.n;

-- k of a person in the area → the household and the place in it.
create temp table demo_household_member on commit drop as
select d.p, d.area, pg_temp.id('person ' || d.p) as person, x.n, x.relation, greatest(d.registered_on, pg_temp.born(d.birth_year, d.p)) as since
from demo_person d
join (values (1, 1, 'head'), (2, 1, 'spouse'), (3, 2, 'head'), (4, 2, 'other'), (5, 3, 'head'), (6, 3, 'spouse'), (7, 4, 'head'), (8, 4, 'spouse'), (9, 4, 'child'), (10, 4, 'grandchild')) x(k, n, relation)
  on x.k = d.k;
insert into people.household (id, unit_id, dwelling_id, kind, valid)
select pg_temp.id('household ' || d.area || '.' || d.n), pg_temp.id(d.unit), pg_temp.id(d.key), 'family', daterange(date '2016-01-01', null) from demo_dwelling d order by d.area, d.n;
insert into people.household_member (household_id, person_id, relation, valid)
select pg_temp.id('household ' || m.area || '.' || m.n), m.person, m.relation, daterange(m.since, null) from demo_household_member m order by m.p;
update people.residence r set dwelling_id = pg_temp.id('dwelling ' || m.area || '.' || m.n),
  kind = case when m.relation = 'head' then case when m.area % 7 = 0 and m.n = 2 then 'tenant' else 'owner' end when m.area % 7 = 0 and m.n = 2 then 'tenant' else 'family' end
from demo_household_member m where r.person_id = m.person;

-- Couples own jointly, others alone; every seventh second flat is let by the head of the first.
insert into people.ownership (dwelling_id, person_id, share_numerator, share_denominator, valid, document_ref)
select pg_temp.id('dwelling ' || m.area || '.' || m.n), m.person, case when m.n = 2 then 1 end, case when m.n = 2 then 1 end, daterange(date '2016-01-01', null), '虚构不动产证'
from demo_household_member m where m.relation in ('head', 'spouse') and not (m.n = 2 and m.area % 7 = 0) order by m.p;
insert into people.ownership (dwelling_id, person_id, share_numerator, share_denominator, valid, document_ref)
select pg_temp.id('dwelling ' || m.area || '.2'), m.person, 1, 2, daterange(date '2018-01-01', null), '虚构不动产证'
from demo_household_member m where m.n = 1 and m.relation in ('head', 'spouse') and m.area % 7 = 0 order by m.p;

-- The people behind the demonstration logins: the resident and the elder next door, each at home.
insert into people.dwelling (id, unit_id, door, use, area_cm2, valid)
select pg_temp.id('dwelling login ' || l.user_name), pg_temp.id(l.home), (l.ord + 5) || '01室', 'home', 850000 + 10000 * l.ord, daterange(date '2015-01-01', null) from demo_login l;
insert into people.household (id, unit_id, dwelling_id, kind, valid)
select pg_temp.id('household login ' || l.user_name), pg_temp.id(l.home), pg_temp.id('dwelling login ' || l.user_name), 'family', daterange(date '2018-05-01', null) from demo_login l;
insert into people.household_member (household_id, person_id, relation, valid)
select pg_temp.id('household login ' || l.user_name), pg_temp.id('login ' || l.user_name), 'head', daterange(date '2018-05-01', null) from demo_login l;
insert into people.ownership (dwelling_id, person_id, share_numerator, share_denominator, valid, document_ref)
select pg_temp.id('dwelling login ' || l.user_name), pg_temp.id('login ' || l.user_name), 1, 1, daterange(date '2018-05-01', null), '虚构不动产证' from demo_login l;
update people.residence r set dwelling_id = pg_temp.id('dwelling login ' || l.user_name), kind = 'owner' from demo_login l where r.person_id = pg_temp.id('login ' || l.user_name);

-- Minors: parents in the same household; the guardian behind the demonstration login has a ward of seven.
insert into people.near_relative (person_id, relative_id, kind)
select m.person, h.person, 'parent' from demo_household_member m join demo_household_member h on h.area = m.area and h.n = 4 and h.relation in ('head', 'spouse') where m.n = 4 and m.relation = 'child'
union all
select h.person, s.person, 'spouse' from demo_household_member h join demo_household_member s on s.area = h.area and s.n = h.n and s.relation = 'spouse' where h.relation = 'head';
insert into people.guardianship (ward_id, guardian_id, kind, ground, valid, document_ref)
select m.person, h.person, 'parent', 'minor', daterange(m.since, (pg_temp.born(d.birth_year, d.p) + interval '18 years')::date), '虚构文件'
from demo_household_member m join demo_person d on d.p = m.p join demo_household_member h on h.area = m.area and h.n = 4 and h.relation = 'head'
where m.relation = 'grandchild' and pg_temp.born(d.birth_year, d.p) + interval '18 years' > core.today();
select people.register(pg_temp.id('ward'), '钟小禾', pg_temp.id('building 1.2'), extract(year from core.today())::integer - 7, core.today() - 2000, true);
update people.person set sex = 'female' where id = pg_temp.id('ward');
insert into people.household_member (household_id, person_id, relation, valid) values (pg_temp.id('household login guardian'), pg_temp.id('ward'), 'child', daterange(core.today() - 2000, null));
insert into people.near_relative (person_id, relative_id, kind) values (pg_temp.id('ward'), pg_temp.id('login guardian'), 'parent');
insert into people.guardianship (id, ward_id, guardian_id, kind, ground, valid, document_ref)
values (pg_temp.id('guardianship'), pg_temp.id('ward'), pg_temp.id('login guardian'), 'parent', 'minor', daterange(core.today() - 2000, (make_date(extract(year from core.today())::integer - 7, 12, 31) + interval '18 years')::date), '虚构文件');

-- Consents as the newest decisions; two communities keep marks of care.
insert into people.consent (person_id, purpose, purpose_version, decision, form, recorded_by)
select pg_temp.id('login ' || l.user_name), 'neighbourhood_service', 1, 'given', 'online', pg_temp.id('login ' || l.user_name) from demo_login l;
insert into people.guardian_consent (ward_id, guardian_id, purpose, purpose_version, ward_age, decision, form, recorded_by)
values (pg_temp.id('ward'), pg_temp.id('login guardian'), 'neighbourhood_service', 1, 'under_14', 'given', 'online', pg_temp.id('login guardian'));
insert into people.care_mark (id, person_id, kind, valid, recorded_by)
select pg_temp.id('care ' || m.p), m.person, case m.p % 3 when 0 then 'lives_alone' when 1 then 'disability' else 'hardship' end, daterange(core.today() - 100, null), pg_temp.id('login community_worker')
from demo_household_member m join demo_area a on a.ord = m.area where m.n = 1 and m.relation = 'head' and a.community in (1, 2) and m.p % 5 = 0
union all select pg_temp.id('care elder'), pg_temp.id('login elder'), 'lives_alone', daterange(core.today() - 100, null), pg_temp.id('login community_worker');
insert into people.care_helper (care_mark_id, person_id, task, named_by, valid)
values (pg_temp.id('care elder'), pg_temp.id('login volunteer'), '每周二上门看望', pg_temp.id('login community_worker'), daterange(core.today() - 90, null));
insert into people.reveal (id, person_id, field, reason, revealed_by, at, on_day)
values (pg_temp.id('reveal elder'), pg_temp.id('login elder'), 'phone', '电话约定上门时间', pg_temp.id('login community_worker'), core.app_now() - interval '3 days', core.today() - 3);

-- An auditor opens nothing without a mandate; this one runs for half a year.
insert into access.audit_mandate (id, auditor_id, unit_id, purpose, document_ref, valid, granted_by)
values (pg_temp.id('mandate'), pg_temp.id('login auditor'), pg_temp.id('city'), '年度积分与服务记录审计', '虚构文件', daterange(core.today() - 30, core.today() + 150), pg_temp.id('login city_officer'));
