-- The demo city: Cenxi as its article gives it. Totals are the article's; every person is generated and fictitious, every name of a
-- community but 孝坊 is generated and marked so. Everything is computed from ordinals by md5: the same city every time.
-- Files run in order, in one transaction, by `linli seed`, as the owner, through the tables' own triggers and the domains' routines.

-- A stable id and a stable draw from a key.
create function pg_temp.id(key text) returns uuid language sql immutable as $$
  select ('0182a000' || '-0000-7' || substr(m, 1, 3) || '-a' || substr(m, 4, 3) || '-' || substr(m, 7, 12))::uuid from (select md5('linli demo ' || key) as m) x
$$;
create function pg_temp.draw(key text, n integer) returns integer language sql immutable as $$
  select ((('x' || substr(md5('draw ' || key), 1, 8))::bit(32)::bigint) % n)::integer
$$;
create function pg_temp.pick(key text, choices text[]) returns text language sql immutable as $$
  select choices[1 + pg_temp.draw(key, cardinality(choices))]
$$;
-- Business happens on that day at that hour: the clock of this transaction is moved, nobody else's.
create function pg_temp.at(day date, hour numeric default 10) returns void language plpgsql as $$
begin
  perform set_config('linli.clock_offset', ((day + hour * interval '1 hour') at time zone 'Asia/Shanghai' - now())::text, true);
end $$;
create function pg_temp.today() returns date language sql stable as $$ select (now() at time zone 'Asia/Shanghai')::date $$;

-- 11 → 19: what each community came from, and the counts of the census days.
create temp table demo_community on commit drop as
select * from (values
  (1, '孝坊', false, '城东', 10820), (2, '木棉', true, '城东', 10310), (3, '榕荫', true, '城东', 10110),
  (4, '石桥', true, '城南', 10480), (5, '樟园', true, '城南', 10120), (6, '古榄', true, '城南', 9860),
  (7, '兰亭', true, '城西', 11400), (8, '甘泉', true, '城西', 10900), (9, '北岭', true, '河滨', 11050), (10, '荔园', true, '河滨', 10750),
  (11, '和顺', true, '北门', 10900), (12, '东桥', true, '北门', 10340), (13, '城中', true, '旧圩', 10640), (14, '新圩', true, '旧圩', 10320),
  (15, '竹溪', true, '竹溪', 12200), (16, '松岭', true, '松岭', 11900), (17, '文塔', true, '文塔', 11600), (18, '桂圃', true, '桂圃', 11300),
  (19, '长春', true, '长春', 10600)
) c(ord, name, generated, came_from, residents);

create temp table demo_old_community on commit drop as
select came_from as name, min(ord) as ord, sum(residents) as residents, bool_or(name = came_from) as goes_on from demo_community group by came_from;

create temp table demo_day on commit drop as select date '2010-01-01' as founded, date '2022-07-01' as reorganized, date '2022-06-30' as last_old_day;
create temp table demo_document on commit drop as select '岑政发〔2022〕虚构 7 号'::text as reorganization, '虚构文件'::text as other;

-- Five buildings for each of 107 compounds, 148 lanes: 683 areas, one head each.
create temp table demo_compound on commit drop as
select n as ord, (n - 1) % 19 + 1 as community,
  (array['和顺', '荔苑', '江畔', '木棉', '文昌', '锦绣', '翠竹', '金桂', '玉兰', '义洲', '龙湾', '康宁', '福泽', '望江', '南湖', '青云', '凤鸣', '百合',
    '怡景', '东方', '幸福', '祥和', '安泰', '紫荆', '丽水', '春晖', '明珠'])[(n - 1) % 27 + 1] || (array['花园', '小区', '雅苑', '新居'])[(n - 1) / 27 + 1] as name
from generate_series(1, 107) n;

create temp table demo_area on commit drop as
select row_number() over (order by community, is_lane, compound, n)::integer as ord, a.*
from (
  select c.community, false as is_lane, c.ord as compound, b as n, 'building ' || c.ord || '.' || b as key, b || ' 栋' as name, c.name || b || '栋' as short_name
  from demo_compound c, generate_series(1, 5) b
  union all
  select (l - 1) % 19 + 1, true, null, (l - 1) / 19 + 1, 'lane ' || l,
    d.name || (array['一', '二', '三', '四', '五', '六', '七', '八'])[(l - 1) / 19 + 1] || '号巷',
    (array['一', '二', '三', '四', '五', '六', '七', '八'])[(l - 1) / 19 + 1] || '号巷'
  from generate_series(1, 148) l join demo_community d on d.ord = (l - 1) % 19 + 1
) a;

-- What quarrels are about: sealed between this script and the next.
insert into seed_plain (kind, ordinal, aad, blind, plain)
select t.kind, s.n, t.aad, null, t.plain
from (values
  (1, '楼上漏水，厨房吊顶赔偿', '楼上卫生间漏水，厨房吊顶泡坏，双方对赔多少说法不一。', '乙方十日内修好防水，赔付吊顶维修费，甲方配合施工。', '修好卫生间防水并赔付吊顶维修费'),
  (2, '半夜跳舞声音大', '楼上晚上十点后常有跳舞和挪桌椅的声音，老人睡不好。', '乙方晚上九点后不再跳舞，桌椅脚加装软垫；甲方先打电话沟通。', '桌椅脚加装软垫'),
  (3, '台阶摔伤赔偿', '雨天台阶灯不亮，下楼摔伤手腕，医药费和误工费由谁负担有分歧。', '乙方分两笔赔付医药费和误工费，并修好栏杆和台阶灯。', '付第一笔赔偿并修好台阶灯'),
  (4, '共用过道堆放杂物', '过道长期堆放纸箱和旧家具，推轮椅过不去。', '三日内清走杂物，今后过道不放东西，双方共同监督。', '清走过道杂物'),
  (5, '占用车位', '画线车位多次被占，双方发生口角。', '各停各位，访客车停临时车位，互留电话。', '登记访客车辆'),
  (6, '养狗扰邻', '狗早晚吠叫，电梯里没有牵绳，小孩害怕。', '进出牵绳、戴嘴套，早晚错峰遛狗，狗叫时及时安抚。', '给狗办证并打疫苗'),
  (7, '电动车充电拉线', '从楼上拉线给电动车充电，邻居担心起火。', '停止拉线，到小区充电棚充电，拆除现有线路。', '拆除拉线'),
  (8, '租金押金纠纷', '退租时对墙面损坏的修补费用有分歧，押金没有退。', '扣除修补费后七日内退还押金余额。', '退还押金余额'),
  (9, '兄弟分担照顾母亲', '三兄弟对轮流照顾母亲和医药费分担谈不拢。', '三家按月轮流照顾，医药费平均分担，每季度结一次账。', '垫付医药费结清'),
  (10, '借款没有按时还', '口头借款到期没有还，双方对已还数额说法不一。', '双方核对后分六个月还清，每月一笔，付清为止。', '还第一笔'),
  (11, '装修垃圾和噪音', '装修午休时间施工，垃圾堆在楼道。', '午间和晚上不施工，垃圾当天清运。', '清运装修垃圾'),
  (12, '拖欠小店工资', '在店里帮工两个月，工资没有结清。', '十日内结清工资，双方再无其他争议。', '结清工资')
) s(n, title, narrative, content, item)
cross join lateral (values ('title', 'mediation_case.title', s.title), ('narrative', 'mediation_case.narrative', s.narrative), ('content', 'agreement.content', s.content),
  ('item', 'performance_item.description', s.item)) t(kind, aad, plain)
union all
select v.kind, v.n, v.aad, null, v.plain
from (values ('note', 1, 'attempt.note', '双方都来了，数额还有分歧，约定下次再谈。'), ('note', 2, 'attempt.note', '双方都让了一步，当场谈成。'), ('summary', 1, 'escalation.summary', '社区三次没谈成，争议在数额和责任比例，双方愿意到上一级再谈。'),
  ('visit', 1, 'follow_up.note', '上门看过，已经做到，双方都满意。'), ('claimed', 1, 'party.claimed_name', '三栋四零二的住户')) v(kind, n, aad, plain);
