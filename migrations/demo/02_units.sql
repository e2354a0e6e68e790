-- Units of every kind and both ladders, before and after the reorganization.
create temp table demo_unit (
  ord serial, key text primary key, kind text, name text, short_name text, generated boolean default true, phone text, valid daterange
) on commit drop;
create temp table demo_relation (ladder text, child text, parent text, valid daterange) on commit drop;

insert into demo_unit (key, kind, name, short_name, generated, phone, valid)
select v.key, v.kind, v.name, v.short_name, false, v.phone, daterange(v.first_day, null)
from demo_day d cross join lateral (values
  ('city', 'city', '岑溪市', '岑溪市', '1007 000 000', d.founded), ('town', 'town', '岑城镇', '岑城镇', '1007 000 001', d.founded),
  ('city committee', 'city_committee', '中共岑溪市委员会', '市委', null, d.founded),
  ('working committee', 'working_committee', '岑溪市城市社区党工委', '城市社区党工委', null, d.reorganized)
) v(key, kind, name, short_name, phone, first_day);

insert into demo_unit (key, kind, name, short_name, phone, valid)
select 'old ' || o.name, 'community', case o.name when '旧圩' then '新圩' else o.name end || '社区', case o.name when '旧圩' then '新圩' else o.name end,
  '1007 100 0' || lpad(o.ord::text, 2, '0'), daterange(d.founded, null)
from demo_old_community o, demo_day d order by o.ord;
insert into demo_unit (key, kind, name, short_name, generated, phone, valid)
select 'community ' || c.ord, 'community', c.name || '社区', c.name, c.generated, '1007 200 0' || lpad(c.ord::text, 2, '0'), daterange(d.reorganized, null)
from demo_community c, demo_day d where c.name <> c.came_from order by c.ord;
-- Five communities went on: one unit under both keys.
create temp view demo_community_key as
select c.ord, c.name, case when c.name = c.came_from then 'old ' || c.came_from else 'community ' || c.ord end as key, 'old ' || c.came_from as old_key from demo_community c;

insert into demo_unit (key, kind, name, short_name, valid)
select 'party ' || c.ord, 'community_party_organization', c.name || '社区党委', c.name || '党委', daterange(d.reorganized, null) from demo_community c, demo_day d order by c.ord;
insert into demo_unit (key, kind, name, short_name, valid)
select 'compound ' || c.ord, 'compound', c.name, c.name, daterange(date '2015-01-01', null) from demo_compound c order by c.ord;
insert into demo_unit (key, kind, name, short_name, valid)
select a.key, case when a.is_lane then 'lane' else 'building' end, a.name, a.short_name, daterange(date '2015-01-01', null) from demo_area a order by a.ord;
insert into demo_unit (key, kind, name, short_name, valid)
select 'branch ' || c.ord, 'branch', c.name || '党支部', c.name || '支部', daterange(d.reorganized + c.ord, null) from demo_compound c, demo_day d order by c.ord;
insert into demo_unit (key, kind, name, short_name, valid)
select 'owners ' || c.ord, 'owners_committee', c.name || '业主委员会', c.name || '业委会', daterange(date '2018-01-01' + c.ord, null) from demo_compound c order by c.ord;
insert into demo_unit (key, kind, name, short_name, valid)
select 'agency ' || n, 'resident_agency', k.name || '（演示 ' || n || '）', k.name || n, daterange(d.reorganized, null)
from demo_day d, generate_series(1, 97) n cross join lateral (select (array['市直机关', '中直单位', '区直单位', '驻岑企业', '学校', '医院', '银行'])[(n - 1) % 7 + 1] as name) k order by n;
insert into demo_unit (key, kind, name, short_name, valid)
select 'social ' || n, 'social_organization', k.name || '（演示 ' || n || '）', k.name || n, daterange(d.reorganized + n, null)
from demo_day d, generate_series(1, 69) n cross join lateral (select (array['生活服务社', '专业调处中心', '居民互助会'])[(n - 1) % 3 + 1] as name) k order by n;
insert into demo_unit (key, kind, name, short_name, valid)
select 'mediation ' || c.ord, 'mediation_committee', c.name || '社区人民调解委员会', c.name || '调委会', daterange(d.reorganized, null) from demo_community c, demo_day d order by c.ord;
insert into demo_unit (key, kind, name, short_name, valid)
select v.key, 'mediation_committee', v.name, v.short_name, daterange(d.founded, null)
from demo_day d, (values ('mediation town', '岑城镇人民调解委员会', '镇调委会'), ('mediation city', '岑溪市矛盾纠纷调解中心', '市调解中心')) v(key, name, short_name);

-- Where each stood: by territory …
insert into demo_relation
select 'territory', v.child, v.parent, u.valid from (values ('town', 'city'), ('city committee', 'city'), ('working committee', 'city'), ('mediation town', 'town'), ('mediation city', 'city')) v(child, parent)
join demo_unit u on u.key = v.child
union all select 'territory', u.key, 'town', u.valid from demo_unit u where u.kind = 'community'
union all select 'territory', 'party ' || k.ord, k.key, u.valid from demo_community_key k join demo_unit u on u.key = 'party ' || k.ord
union all select 'territory', 'mediation ' || k.ord, k.key, u.valid from demo_community_key k join demo_unit u on u.key = 'mediation ' || k.ord
union all select 'territory', a.key, 'compound ' || a.compound, u.valid from demo_area a join demo_unit u on u.key = a.key where not a.is_lane
union all select 'territory', 'branch ' || c.ord, 'compound ' || c.ord, u.valid from demo_compound c join demo_unit u on u.key = 'branch ' || c.ord
union all select 'territory', 'owners ' || c.ord, 'compound ' || c.ord, u.valid from demo_compound c join demo_unit u on u.key = 'owners ' || c.ord
union all select 'territory', 'agency ' || n, k.key, u.valid from generate_series(1, 97) n join demo_community_key k on k.ord = (n - 1) % 19 + 1 join demo_unit u on u.key = 'agency ' || n
union all select 'territory', 'social ' || n, k.key, u.valid from generate_series(1, 69) n join demo_community_key k on k.ord = (n - 1) % 19 + 1 join demo_unit u on u.key = 'social ' || n;
-- … compounds and lanes under the eleven; what changed when 11 became 19 is told by the document below …
insert into demo_relation
select 'territory', m.child, k.old_key, daterange(date '2015-01-01', null)
from (select 'compound ' || ord as child, community from demo_compound union all select key, community from demo_area where is_lane) m
join demo_community_key k on k.ord = m.community;
-- … and by leadership.
insert into demo_relation
select 'leadership', v.child, v.parent, u.valid from (values ('city', 'city committee'), ('working committee', 'city committee')) v(child, parent) join demo_unit u on u.key = v.child
union all select 'leadership', 'party ' || k.ord, 'working committee', u.valid from demo_community_key k join demo_unit u on u.key = 'party ' || k.ord
union all select 'leadership', k.key, 'party ' || k.ord, daterange(d.reorganized, null) from demo_community_key k, demo_day d
union all select 'leadership', 'branch ' || c.ord, 'party ' || c.community, u.valid from demo_compound c join demo_unit u on u.key = 'branch ' || c.ord
union all select 'leadership', 'compound ' || c.ord, 'branch ' || c.ord, u.valid from demo_compound c join demo_unit u on u.key = 'branch ' || c.ord
union all select 'leadership', 'owners ' || c.ord, 'branch ' || c.ord, u.valid from demo_compound c join demo_unit u on u.key = 'branch ' || c.ord;

-- Two times: what stood before the reorganization, then what came with it and since. The fourteen new communities come by the document.
create function pg_temp.found_units(since daterange) returns void language plpgsql as $$
begin
  insert into orgs.unit (id, kind, name, short_name, name_is_generated, contact_phone, valid, document_ref)
  select pg_temp.id(u.key), u.kind, u.name, u.short_name, u.generated, u.phone, u.valid, case when lower(u.valid) = d.reorganized then t.reorganization else t.other end
  from demo_unit u, demo_day d, demo_document t where lower(u.valid) <@ since and u.key not like 'community %' order by u.ord;
  analyze orgs.unit;
  insert into orgs.unit_name (unit_id, name, short_name, valid, document_ref)
  select pg_temp.id(u.key), u.name, u.short_name, u.valid, t.other from demo_unit u, demo_document t where lower(u.valid) <@ since and u.key not like 'community %' order by u.ord;
  insert into orgs.unit_relation (ladder, child_id, child_kind, parent_id, parent_kind, valid, document_ref)
  select r.ladder, pg_temp.id(r.child), c.kind, pg_temp.id(r.parent), p.kind, r.valid, case when lower(r.valid) = d.reorganized then t.reorganization else t.other end
  from demo_relation r join demo_unit c on c.key = r.child join demo_unit p on p.key = r.parent, demo_day d, demo_document t
  where lower(r.valid) <@ since and not (r.ladder = 'territory' and r.child like 'community %');
  perform orgs.rebuild_closure(array(select u.id from orgs.unit u), l) from unnest(array['territory', 'leadership']) l;
  analyze orgs.unit_closure, orgs.unit_relation;
  perform orgs.refresh_places(array(select u.id from orgs.unit u));
  analyze orgs.unit;
end $$;
select pg_temp.found_units(daterange(null, d.reorganized)) from demo_day d;

-- 11 → 19: six communities are split by one document, proposed by the town, approved and decreed by the city, in force on its day.
do $$
declare
  document uuid := pg_temp.id('reorganization');
  day date := (select d.reorganized from demo_day d);
  number text := (select t.reorganization from demo_document t);
  parts jsonb := (
    select jsonb_agg(jsonb_build_object('action', 'split', 'unit_id', pg_temp.id(s.old_key), 'into', s.parts) order by s.ord)
    from (
      select k.old_key, min(k.ord) as ord, jsonb_agg(jsonb_build_object('id', pg_temp.id(k.key), 'name', u.name, 'short_name', u.short_name, 'contact_phone', u.phone, 'unit_ids', (
          select jsonb_agg(pg_temp.id(m.key) order by m.key)
          from (select 'compound ' || c.ord as key from demo_compound c where c.community = k.ord union all select a.key from demo_area a where a.is_lane and a.community = k.ord) m)) order by k.ord) as parts
      from demo_community_key k join demo_unit u on u.key = k.key where k.key <> k.old_key group by k.old_key) s);
begin
  perform pg_temp.at(day - 60);
  perform orgs.draft_reorganization(jsonb_build_object('id', document, 'unit_id', pg_temp.id('town'), 'title', '城市社区优化调整：十一个社区调整为十九个', 'effective_on', day,
    'reason', '社区人口过多，服务半径过大，按每个社区一万人左右重新划分。', 'proposal_ref', '岑城镇请示〔2022〕虚构 3 号', 'steps', parts));
  perform pg_temp.at(day - 20);
  perform orgs.preview_reorganization(document);
  perform orgs.decree_reorganization(document, jsonb_build_object('decree_number', number, 'approval_ref', '岑政复〔2022〕虚构 5 号'));
  perform pg_temp.at(day, 0.1);
  perform orgs.put_reorganizations_in_force();
  perform set_config('linli.clock_offset', '', true);
  if (select r.state from orgs.reorganization r where r.id = document) <> 'in_force' then
    raise exception 'the reorganization did not come into force: %', (select r.obstacle from orgs.reorganization r where r.id = document);
  end if;
  update orgs.unit u set name_is_generated = d.generated from demo_unit d where u.id = pg_temp.id(d.key) and d.key like 'community %' and d.generated;
end $$;
select pg_temp.found_units(daterange(d.reorganized, null)) from demo_day d;

-- 120 200 residents five years before, 205 600 on the eve and on the first day.
insert into orgs.population (unit_id, counted_on, residents, source_ref)
select pg_temp.id('old ' || o.name), date '2017-07-01', case when o.name = '长春' then 120200 - sum(o.residents * 1202 / 2056) over () + o.residents * 1202 / 2056 else o.residents * 1202 / 2056 end, '虚构分摊；合计为文章数字'
from demo_old_community o
union all select pg_temp.id('old ' || o.name), d.last_old_day, o.residents, '虚构分摊；合计为文章数字' from demo_old_community o, demo_day d
union all select pg_temp.id(k.key), d.reorganized, c.residents, '虚构分摊；合计为文章数字' from demo_community c join demo_community_key k using (ord), demo_day d;

-- Areas on the map: a grid around the town, generated and marked so. A community's compounds stand in rows within it.
create function pg_temp.cell(west numeric, south numeric, width numeric, height numeric) returns jsonb language sql immutable as $$
  select jsonb_build_object('type', 'MultiPolygon', 'coordinates', jsonb_build_array(jsonb_build_array(jsonb_build_array(
    jsonb_build_array(west, south), jsonb_build_array(west + width, south), jsonb_build_array(west + width, south + height), jsonb_build_array(west, south + height), jsonb_build_array(west, south)))))
$$;
create temp table demo_cell on commit drop as
select k.key as unit, pg_temp.cell(110.95 + (k.ord - 1) % 5 * 0.02, 22.88 + (k.ord - 1) / 5 * 0.02, 0.02, 0.02) as area, d.reorganized as since from demo_community_key k, demo_day d
union all
select 'compound ' || c.ord, pg_temp.cell(110.951 + (c.community - 1) % 5 * 0.02 + (c.ord - 1) / 19 % 3 * 0.006, 22.881 + (c.community - 1) / 5 * 0.02 + (c.ord - 1) / 57 * 0.009, 0.005, 0.008), d.reorganized
from demo_compound c, demo_day d
union all
select v.key, pg_temp.cell(110.94, 22.87, 0.12, 0.1), d.founded from demo_day d, (values ('town'), ('city')) v(key);
insert into orgs.unit_area (unit_id, valid, area, bounds, is_generated, source_ref)
select pg_temp.id(c.unit), daterange(c.since, null), c.area, orgs.bounds_of(c.area), true, '演示生成，不是真实边界' from demo_cell c;
