-- Statistics of a period: with the units of that period, or in today's shape. Reloaded whole by every migrate.
set local check_function_bodies = off;

-- Where a row stood on a day: before it followed a reorganization, where it came from.
create or replace function orgs.placed_on(what text, row_id uuid, place uuid, day date) returns uuid
language sql stable security definer set search_path = pg_catalog as $$
  select coalesce((
    select e.from_unit_id from orgs.reorganization_effect e where e.subject = what and e.subject_id = row_id and e.on_day > day order by e.on_day, e.no limit 1), place)
$$;

-- Groups that stood in an area on a day and have followed a reorganization since: they count where they stood then.
create or replace function orgs.groups_gone_since(area uuid[], day date) returns bigint
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return (
    select count(distinct g.id) from orgs.reorganization_effect e join groups.group g on g.id = e.subject_id
    where e.from_unit_id = any (area) and e.subject = 'group' and e.on_day > day and g.valid @> day and orgs.placed_on('group', g.id, g.unit_id, day) = any (area));
end $$;
revoke execute on function orgs.groups_gone_since(uuid[], date) from public;

-- The units of one kind that lived in the period and stood below root on the last day they had in it.
create or replace function orgs.units_of_period(root uuid, wanted_kind text, from_day date, to_day date) returns table (unit_id uuid, last_day date)
language sql stable security definer set search_path = pg_catalog as $$
  select u.id, d.last_day
  from orgs.unit u cross join lateral (select least(to_day, coalesce(upper(u.valid) - 1, to_day)) as last_day) d
  where u.kind = wanted_kind and u.valid && daterange(from_day, to_day, '[]')
    and exists (
      select from orgs.unit_closure c where c.descendant_id = u.id and c.valid @> d.last_day and (c.ancestor_id = root
        or c.ancestor_id in (select l.descendant_id from orgs.unit_closure l where l.ancestor_id = root and l.ladder = 'leadership' and l.valid @> d.last_day)))
$$;
revoke execute on function orgs.units_of_period(uuid, text, date, date) from public;

-- What happened in the period, each thing with the unit where it stood on its day.
create or replace function orgs.happenings(wanted_kind text, from_day date, to_day date) returns table (unit_id uuid, what text, amount bigint)
language sql stable security definer set search_path = pg_catalog as $$
  with happening as (
    select orgs.placed_on('mediation_case', c.id, c.origin_unit_id, core.day_of(c.opened_at)) as place, core.day_of(c.opened_at) as day, 'cases_opened' as what, 1 as amount
    from mediation.mediation_case c where c.opened_at >= from_day::timestamp at time zone 'Asia/Shanghai' and c.opened_at < (to_day + 1)::timestamp at time zone 'Asia/Shanghai'
    union all
    select orgs.placed_on('mediation_case', c.id, c.origin_unit_id, core.day_of(a.effective_at)), core.day_of(a.effective_at), 'cases_settled', 1
    from mediation.agreement a join mediation.mediation_case c on c.id = a.case_id
    where a.effective_at >= from_day::timestamp at time zone 'Asia/Shanghai' and a.effective_at < (to_day + 1)::timestamp at time zone 'Asia/Shanghai'
    union all
    select coalesce(e.from_unit_id, s.unit_id), s.served_on, f.what, f.amount
    from volunteering.service_record s
    left join lateral (
      select x.from_unit_id from orgs.reorganization_effect x where x.subject = 'service_record' and x.subject_id = s.id and x.on_day > s.served_on order by x.on_day, x.no limit 1) e on true
    cross join lateral (values ('services', 1), ('service_minutes', s.minutes)) f(what, amount)
    where s.state = 'evaluated' and s.served_on between from_day and to_day
  )
  select a.id, h.what, sum(h.amount)::bigint
  from happening h join orgs.unit_closure c on c.descendant_id = h.place and c.ladder = 'territory' and c.valid @> h.day join orgs.unit a on a.id = c.ancestor_id and a.kind = wanted_kind
  group by a.id, h.what
$$;
revoke execute on function orgs.happenings(text, date, date) from public;

-- What was there on the last day, each with the place that held it.
create or replace function orgs.holdings(wanted uuid, day date) returns table (place uuid, what text, amount bigint)
language sql stable security definer set search_path = pg_catalog as $$
  with area as materialized (select u.id, u.kind from orgs.area_of(wanted, day) a(id) join orgs.unit u using (id))
  select r.unit_id, 'residents', count(*) from people.residence r join area a on a.id = r.unit_id where r.valid @> day group by r.unit_id
  union all
  select h.unit_id, 'heads', count(*) from groups.head h join area a on a.id = h.unit_id where h.valid @> day group by h.unit_id
  union all
  select a.id, case a.kind when 'compound' then 'compounds' when 'building' then 'buildings' when 'lane' then 'lanes' else 'branches' end, 1 from area a where a.kind in ('compound', 'building', 'lane', 'branch')
$$;
revoke execute on function orgs.holdings(uuid, date) from public;

-- Where a unit of the period is today: by where its residents' homes stand, else in equal parts by who went on from it.
create or replace function orgs.shares_today(wanted uuid, wanted_kind text, last_day date) returns table (heir uuid, weight bigint, rule text)
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return query
  select t.unit_id, case when count(*) over () = 1 then 1 else sum(t.n)::bigint end, case when count(*) over () = 1 then 'whole' else 'residents' end
  from (
    select orgs.ancestor_on(h.place, wanted_kind, core.today()) as unit_id, h.amount as n from orgs.holdings(wanted, last_day) h where h.what = 'residents') t
  where t.unit_id is not null group by t.unit_id;
  if not found then
    return query
    with recursive line as (
      select wanted as id union select s.to_unit_id from line l join orgs.succession s on s.from_unit_id = l.id)
    select u.id, 1::bigint, case when count(*) over () = 1 then 'whole' else 'heirs' end from line l join orgs.unit u on u.id = l.id where u.valid @> core.today() and u.kind = wanted_kind;
  end if;
end $$;
revoke execute on function orgs.shares_today(uuid, text, date) from public;

-- One row a unit. What is there is counted on the unit's last day of the period; in today's shape on the period's last day, so that a unit that
-- ended and those that went on from it are not both counted. What happened is counted over the period. Apportioned integers keep their sum: the largest remainders are rounded up.
drop function if exists orgs.unit_statistics(uuid, text, date, date, text) cascade;
create function orgs.unit_statistics(root uuid, wanted_kind text, from_day date, to_day date, shape text) returns table (
  unit_id uuid, label bigint, name text, kind text, valid_from date, valid_to date, counted_on date, residents bigint, compounds bigint, buildings bigint, lanes bigint, branches bigint, heads bigint,
  population bigint, cases_opened bigint, cases_settled bigint, services bigint, service_minutes bigint, apportioned jsonb, sources jsonb)
language plpgsql stable security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
  -- within the scope of the operation's roles, and independently within some grant of staff
  perform core.expect(orgs.in_scope(root) and orgs.in_reach(root), 'not_found');
  perform core.expect(to_day >= from_day, 'ends_before_it_begins');
  return query
  with old as materialized (
    select p.unit_id, p.last_day from orgs.units_of_period(root, wanted_kind, from_day, to_day) p
  ), share as materialized (
    select o.unit_id, o.last_day, s.heir, s.weight, s.rule from old o cross join lateral orgs.shares_today(o.unit_id, wanted_kind, o.last_day) s where shape = 'today'
    union all
    select o.unit_id, o.last_day, o.unit_id, 1, 'whole' from old o where shape = 'period'
  ), whole as materialized (
    select h.unit_id, h.what, h.amount from orgs.happenings(wanted_kind, from_day, to_day) h join old o using (unit_id)
    union all
    select o.unit_id, 'population', p.residents from old o cross join lateral (
      select x.residents from orgs.population x where x.unit_id = o.unit_id and x.counted_on <= o.last_day order by x.counted_on desc limit 1) p
    where shape = 'period' or o.last_day = to_day
  ), cut as (
    select s.heir, w.what, s.rule, s.weight, w.amount * s.weight / t.weights as base, w.amount * s.weight % t.weights as rest, w.unit_id, w.amount
    from whole w join share s using (unit_id) cross join lateral (select sum(x.weight)::bigint as weights from share x where x.unit_id = w.unit_id) t
  ), dealt as (
    select c.heir, c.what, c.rule,
      c.base + case when row_number() over (partition by c.unit_id, c.what order by c.rest desc, c.heir) <= c.amount - sum(c.base) over (partition by c.unit_id, c.what) then 1 else 0 end as amount
    from cut c
  ), located as (
    select coalesce(case when shape = 'today' then orgs.ancestor_on(h.place, wanted_kind, core.today()) end, case when shape = 'period' then o.unit_id else s.heir end) as heir, h.what, sum(h.amount)::bigint as amount
    from old o cross join lateral orgs.holdings(o.unit_id, o.last_day) h
    left join lateral (select x.heir from share x where x.unit_id = o.unit_id order by x.weight desc, x.heir limit 1) s on true
    where shape = 'period' or o.last_day = to_day
    group by 1, h.what
  ), figure as (
    select d.heir, d.what, sum(d.amount)::bigint as amount, coalesce(sum(d.amount) filter (where d.rule <> 'whole'), 0)::bigint as cut from dealt d group by d.heir, d.what
    union all
    select l.heir, l.what, sum(l.amount)::bigint, 0 from located l group by l.heir, l.what
  ), shown as (
    select s.heir,
      jsonb_agg(distinct jsonb_build_object('unit', orgs.unit_json(s.unit_id, s.last_day), 'share_numerator', s.weight,
        'share_denominator', (select sum(x.weight) from share x where x.unit_id = s.unit_id), 'rule', s.rule)) as sources
    from share s group by s.heir
  )
  select u.id, u.label, orgs.name_on(u.id, case when shape = 'today' then core.today() else least(to_day, coalesce(upper(u.valid) - 1, to_day)) end), u.kind, lower(u.valid), upper(u.valid) - 1,
    case when shape = 'today' then to_day else least(to_day, coalesce(upper(u.valid) - 1, to_day)) end,
    coalesce(sum(f.amount) filter (where f.what = 'residents'), 0)::bigint, coalesce(sum(f.amount) filter (where f.what = 'compounds'), 0)::bigint,
    coalesce(sum(f.amount) filter (where f.what = 'buildings'), 0)::bigint, coalesce(sum(f.amount) filter (where f.what = 'lanes'), 0)::bigint, coalesce(sum(f.amount) filter (where f.what = 'branches'), 0)::bigint,
    coalesce(sum(f.amount) filter (where f.what = 'heads'), 0)::bigint, (sum(f.amount) filter (where f.what = 'population'))::bigint,
    coalesce(sum(f.amount) filter (where f.what = 'cases_opened'), 0)::bigint, coalesce(sum(f.amount) filter (where f.what = 'cases_settled'), 0)::bigint,
    coalesce(sum(f.amount) filter (where f.what = 'services'), 0)::bigint, coalesce(sum(f.amount) filter (where f.what = 'service_minutes'), 0)::bigint,
    jsonb_build_object('population', coalesce(sum(f.cut) filter (where f.what = 'population'), 0), 'cases_opened', coalesce(sum(f.cut) filter (where f.what = 'cases_opened'), 0),
      'cases_settled', coalesce(sum(f.cut) filter (where f.what = 'cases_settled'), 0), 'services', coalesce(sum(f.cut) filter (where f.what = 'services'), 0),
      'service_minutes', coalesce(sum(f.cut) filter (where f.what = 'service_minutes'), 0)),
    s.sources
  from shown s join orgs.unit u on u.id = s.heir left join figure f on f.heir = s.heir
  group by u.id, s.sources;
end $$;
