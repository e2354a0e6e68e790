-- Bulk import of people, appointments and households. Reloaded whole by every migrate.
-- Checks and inserts are of all lines at once; sealed values and blind indexes arrive made, the plain ones never do.
set local check_function_bodies = off;

-- ── whom a line means ──────────────────────────────────────────────────────────────────────────────────────────
-- By identity number; else by telephone and name. Whoever lives beyond the importer's reach is unknown here. Faults name the column.
drop function if exists people.resolve_lines(smallint, smallint, smallint);
create function people.resolve_lines(name_slot smallint, id_slot smallint, phone_slot smallint) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  -- only the slots differ between the kinds
  execute format($f$
    create temp table import_person on commit drop as
    with given as materialized (select l.line, l.c%1$s as name, l.c%2$s::bytea as id_blind, l.c%3$s::bytea as phone_blind from pg_temp.import_line l)
    select g.line, g.name, g.id_blind is not null as by_id, h.person_id, h.hits, h.known_name
    from given g
    left join lateral (
      select (array_agg(p.id))[1] as person_id, count(*) as hits, min(p.display_name) as known_name
      from people.person_private v join people.person p on p.id = v.person_id join orgs.unit u on u.id = p.unit_id
      where ((g.id_blind is not null and v.id_number_blind = g.id_blind)
          or (g.id_blind is null and g.phone_blind is not null and v.phone_blind = g.phone_blind and p.display_name = g.name))
        and orgs.is_reached(u.territory_path)) h on true
  $f$, name_slot, id_slot, phone_slot);
  create index on import_person (line);
  analyze import_person;
  perform core.blame_lines('id_number', 'missing', array(
    select i.line from pg_temp.import_person i join pg_temp.import_line l on l.line = i.line where not i.by_id and (case phone_slot when 12 then l.c12 else l.c14 end) is null));
  insert into pg_temp.import_fault
  select i.line, case when i.by_id then 'id_number' else 'phone' end, case when i.hits = 0 then 'person_unknown' else 'person_ambiguous' end
  from pg_temp.import_person i where i.hits <> 1 and not exists (select from pg_temp.import_fault f where f.line = i.line and f.code = 'missing' and f.column_name = 'id_number');
  perform core.blame_lines('name', 'name_differs', array(select i.line from pg_temp.import_person i where i.hits = 1 and i.known_name <> i.name));
end $$;
revoke execute on function people.resolve_lines(smallint, smallint, smallint) from public;

-- ── people ─────────────────────────────────────────────────────────────────────────────────────────────────────
create or replace function people.check_person_lines() returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
  create temp table import_home on commit drop as
  select * from orgs.resolve_units(array(select distinct l.c2 from pg_temp.import_line l));
  analyze import_home;
  insert into pg_temp.import_fault select l.line, 'home', h.code from pg_temp.import_line l join import_home h on h.ref = l.c2 where h.code is not null;
  perform core.blame_lines('sex', 'bad_choice', array(select l.line from pg_temp.import_line l where lower(l.c3) not in ('男', '女', 'male', 'female', 'm', 'f')));
  perform core.blame_lines('lives_as', 'bad_choice', array(
    select l.line from pg_temp.import_line l where lower(l.c8) not in ('业主', '家属', '租户', '流动', 'owner', 'family', 'tenant', 'floating')));
  perform core.blame_lines('birth_date', 'date_impossible', array(
    select l.line from pg_temp.import_line l where not coalesce(l.c4::date, l.c12::date, '2000-01-01') between date '1880-01-01' and core.today()));
  perform core.blame_lines('registered_on', 'date_impossible', array(select l.line from pg_temp.import_line l where l.c9::date > core.today()));
  perform core.blame_lines('birth_date', 'id_number_inconsistent', array(select l.line from pg_temp.import_line l where l.c4 <> l.c12));
  perform core.blame_lines('sex', 'id_number_inconsistent', array(select l.line from pg_temp.import_line l where people.sex_of(l.c3) <> l.c13));
  perform core.blame_lines('id_number', 'repeated', array(
    select d.line from (select l.line, row_number() over (partition by l.c11 order by l.line) as n from pg_temp.import_line l where l.c11 is not null) d where d.n > 1));
  perform core.blame_lines('id_number', 'exists', array(
    select l.line from pg_temp.import_line l join people.person_private v on v.id_number_blind = l.c11::bytea));
  -- without a number: the same name and birthday in the same place is the same person
  perform core.blame_lines('name', 'repeated', array(
    select d.line from (
      select l.line, row_number() over (partition by l.c1, l.c4, l.c2 order by l.line) as n from pg_temp.import_line l where l.c11 is null and l.c4 is not null) d where d.n > 1));
  perform core.blame_lines('name', 'exists', array(
    select l.line from pg_temp.import_line l join import_home h on h.ref = l.c2
    join people.person p on p.unit_id = h.unit_id and p.display_name = l.c1 join people.person_private v on v.person_id = p.id and v.birth_date = coalesce(l.c4::date, l.c12::date)
    where not exists (select from pg_temp.import_fault f where f.line = l.line and f.code = 'exists')));
end $$;
revoke execute on function people.check_person_lines() from public;

create or replace function people.sex_of(word text) returns text language sql immutable
as $$ select case when lower(word) in ('男', 'male', 'm') then 'male' when lower(word) in ('女', 'female', 'f') then 'female' end $$;

create or replace function people.apply_person_lines() returns void language plpgsql security definer set search_path = pg_catalog as $$
declare
  total bigint := (select count(*) from pg_temp.import_line);
begin
  create temp table import_new on commit drop as
  select l.line, core.uuid_v7() as id, h.unit_id, coalesce(l.c9::date, core.today()) as first_day, coalesce(l.c4::date, l.c12::date) as born
  from pg_temp.import_line l join pg_temp.import_home h on h.ref = l.c2;
  create index on import_new (line);
  analyze import_new;
  perform core.progress(0, total, 'people');
  insert into people.person (id, display_name, unit_id, birth_year, registered_on, sex)
  select n.id, l.c1, n.unit_id, extract(year from n.born)::integer, n.first_day, coalesce(people.sex_of(l.c3), l.c13)
  from import_new n join pg_temp.import_line l on l.line = n.line order by n.line;
  perform core.progress(total / 2, total, 'private');
  insert into people.person_private (person_id, phone_sealed, phone_blind, id_number_sealed, id_number_blind, address_sealed, birth_date)
  select n.id, l.c6::bytea, l.c14::bytea, l.c5::bytea, l.c11::bytea, l.c7::bytea, n.born
  from import_new n join pg_temp.import_line l on l.line = n.line order by n.line;
  perform core.progress(total * 9 / 10, total, 'residence');
  update people.residence r set kind = case lower(l.c8) when '业主' then 'owner' when '家属' then 'family' when '租户' then 'tenant' when '流动' then 'floating' else lower(l.c8) end
  from import_new n join pg_temp.import_line l on l.line = n.line where r.person_id = n.id and l.c8 is not null;
end $$;
revoke execute on function people.apply_person_lines() from public;

-- ── appointments ───────────────────────────────────────────────────────────────────────────────────────────────
create or replace function people.check_appointment_lines() returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform people.resolve_lines(1::smallint, 11::smallint, 12::smallint);
  create temp table import_term on commit drop as
  select l.line, i.person_id, u.id as unit_id, u.kind as unit_kind, p.code as post_code, p.seats,
    case lower(l.c6) when '选举' then 'elected' when '任命' then 'appointed' when '兼任' then 'concurrent' else lower(l.c6) end as basis,
    coalesce(l.c7::date, core.today()) as first_day, l.c8::date as last_day, l.c9 as document_ref, r.code, u.valid as life,
    case when l.c8::date < coalesce(l.c7::date, core.today()) then null else daterange(coalesce(l.c7::date, core.today()), l.c8::date + 1) end as term
  from pg_temp.import_line l
  join pg_temp.import_person i on i.line = l.line
  join orgs.resolve_units(array(select distinct l.c4 from pg_temp.import_line l)) r on r.ref = l.c4
  left join orgs.unit u on u.id = r.unit_id
  left join orgs.post p on p.kind = u.kind and l.c5 in (p.code, p.name_zh, p.name_en);
  create index on import_term (unit_id, post_code);
  analyze import_term;
  insert into pg_temp.import_fault select t.line, 'unit', t.code from pg_temp.import_term t where t.code is not null;
  perform core.blame_lines('post', 'post_unknown', array(select t.line from pg_temp.import_term t where t.unit_id is not null and t.post_code is null));
  perform core.blame_lines('basis', 'bad_choice', array(select t.line from pg_temp.import_term t where t.basis not in ('elected', 'appointed', 'concurrent')));
  perform core.blame_lines('valid_to', 'ends_before_it_begins', array(select t.line from pg_temp.import_term t where t.term is null));
  perform core.blame_lines('valid_from', 'unit_not_there', array(select t.line from pg_temp.import_term t where not t.term <@ t.life));
  perform core.blame_lines('post', 'exists', array(
    select t.line from pg_temp.import_term t join orgs.appointment a on a.person_id = t.person_id and a.unit_id = t.unit_id and a.post_code = t.post_code and a.valid && t.term));
  perform core.blame_lines('post', 'repeated', array(
    select distinct t.line from pg_temp.import_term t
    join pg_temp.import_term o on o.person_id = t.person_id and o.unit_id = t.unit_id and o.post_code = t.post_code and o.term && t.term and o.line < t.line));
  -- the fullest day within a term is one on which some term begins
  perform core.blame_lines('post', 'seats_taken', array(
    with limited as materialized (select * from pg_temp.import_term t where t.seats is not null and t.term is not null and t.person_id is not null),
    held as materialized (
      select l.unit_id, l.post_code, l.term, l.line from limited l
      union all
      select a.unit_id, a.post_code, a.valid, null from orgs.appointment a where (a.unit_id, a.post_code) in (select l.unit_id, l.post_code from limited l))
    select distinct l.line from limited l
    join held d on d.unit_id = l.unit_id and d.post_code = l.post_code and lower(d.term) <@ l.term
    where (select count(*) from held h where h.unit_id = l.unit_id and h.post_code = l.post_code and h.term @> lower(d.term) and (h.line is null or h.line <= l.line)) > l.seats));
end $$;
revoke execute on function people.check_appointment_lines() from public;

create or replace function people.apply_appointment_lines() returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into orgs.appointment (person_id, unit_id, unit_kind, post_code, basis, valid, document_ref)
  select t.person_id, t.unit_id, t.unit_kind, t.post_code, t.basis, t.term, t.document_ref from pg_temp.import_term t order by t.unit_id, t.post_code, t.line;
end $$;
revoke execute on function people.apply_appointment_lines() from public;

-- ── households: one line a member ──────────────────────────────────────────────────────────────────────────────
create or replace function people.check_household_lines() returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform people.resolve_lines(5::smallint, 11::smallint, 12::smallint);
  create temp table import_member on commit drop as
  select l.line, l.c1 as household, r.unit_id, r.code, u.kind as unit_kind, l.c3 as door, i.person_id, coalesce(l.c9::date, core.today()) as first_day,
    case lower(coalesce(l.c4, 'family')) when '家庭户' then 'family' when '集体户' then 'collective' else lower(coalesce(l.c4, 'family')) end as kind,
    case lower(l.c8) when '户主' then 'head' when '配偶' then 'spouse' when '子女' then 'child' when '父母' then 'parent' when '兄弟姐妹' then 'sibling'
      when '祖父母' then 'grandparent' when '孙子女' then 'grandchild' when '其他' then 'other' else lower(l.c8) end as relation
  from pg_temp.import_line l
  join pg_temp.import_person i on i.line = l.line
  join orgs.resolve_units(array(select distinct l.c2 from pg_temp.import_line l)) r on r.ref = l.c2
  left join orgs.unit u on u.id = r.unit_id;
  create index on import_member (household);
  create index on import_member (person_id);
  analyze import_member;
  insert into pg_temp.import_fault select m.line, 'home', m.code from pg_temp.import_member m where m.code is not null;
  perform core.blame_lines('door', 'placement_not_allowed', array(
    select m.line from pg_temp.import_member m where m.door is not null and m.unit_kind not in ('building', 'lane', 'street', 'compound')));
  perform core.blame_lines('kind', 'bad_choice', array(select m.line from pg_temp.import_member m where m.kind not in ('family', 'collective')));
  perform core.blame_lines('relation', 'bad_choice', array(
    select m.line from pg_temp.import_member m where m.relation not in ('head', 'spouse', 'child', 'parent', 'sibling', 'grandparent', 'grandchild', 'other')));
  perform core.blame_lines('household', 'household_differs', array(
    select distinct m.line from pg_temp.import_member m join pg_temp.import_member o on o.household = m.household and o.line < m.line
    where (o.unit_id, o.door, o.kind) is distinct from (m.unit_id, m.door, m.kind)));
  perform core.blame_lines('relation', 'head_missing', array(
    select min(m.line) from pg_temp.import_member m group by m.household having count(*) filter (where m.relation = 'head') = 0));
  perform core.blame_lines('relation', 'head_repeated', array(
    select d.line from (select m.line, row_number() over (partition by m.household order by m.line) as n from pg_temp.import_member m where m.relation = 'head') d where d.n > 1));
  perform core.blame_lines('name', 'repeated', array(
    select d.line from (select m.line, row_number() over (partition by m.person_id order by m.line) as n from pg_temp.import_member m where m.person_id is not null) d where d.n > 1));
  perform core.blame_lines('name', 'lives_elsewhere', array(
    select m.line from pg_temp.import_member m join people.household_member h on h.person_id = m.person_id and h.valid && daterange(m.first_day, null)));
end $$;
revoke execute on function people.check_household_lines() from public;

create or replace function people.apply_household_lines() returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into people.dwelling (unit_id, door, valid)
  select m.unit_id, m.door, daterange(min(m.first_day), null) from pg_temp.import_member m
  where m.door is not null and not exists (
    select from people.dwelling d where d.unit_id = m.unit_id and d.door = m.door and upper_inf(d.valid))
  group by m.unit_id, m.door;
  create temp table import_household on commit drop as
  select m.household, core.uuid_v7() as id, min(m.unit_id::text)::uuid as unit_id, min(m.door) as door, min(m.kind) as kind, min(m.first_day) as first_day
  from pg_temp.import_member m group by m.household;
  insert into people.household (id, unit_id, dwelling_id, kind, valid)
  select h.id, h.unit_id, (select d.id from people.dwelling d where d.unit_id = h.unit_id and d.door = h.door and upper_inf(d.valid)), h.kind, daterange(h.first_day, null)
  from import_household h;
  insert into people.household_member (household_id, person_id, relation, valid)
  select h.id, m.person_id, m.relation, daterange(m.first_day, null) from pg_temp.import_member m join import_household h on h.household = m.household order by m.line;
end $$;
revoke execute on function people.apply_household_lines() from public;
