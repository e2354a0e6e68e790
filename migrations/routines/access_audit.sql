-- Access: an auditor's mandate, and what an auditor asks within it: figures down to their rows, samples by seed, the chain.

drop function if exists access.show_mandate(uuid) cascade;
create function access.show_mandate(wanted uuid) returns table (
  id uuid, "auditor.id" uuid, "auditor.name" text, "unit.id" uuid, "unit.name" text, "unit.kind" text, purpose text, document_ref text, valid_from date, valid_to date,
  granted_by text, granted_at timestamptz, in_force boolean)
language sql stable as $$
  select m.id, m.auditor_id, people.name_of(m.auditor_id), u.id, u.name, u.kind, m.purpose, m.document_ref, lower(m.valid), upper(m.valid) - 1, people.name_of(m.granted_by),
    m.granted_at, m.valid @> core.today()
  from access.audit_mandate m join orgs.unit u on u.id = m.unit_id where m.id = wanted
$$;

-- Only who holds an auditor's grant can be mandated, for what the giver reaches, a year at most.
drop function if exists access.give_mandate(uuid, uuid, text, text, date, date) cascade;
create function access.give_mandate(auditor uuid, unit uuid, what_for text, document text, first_day date, last_day date) returns table (
  id uuid, "auditor.id" uuid, "auditor.name" text, "unit.id" uuid, "unit.name" text, "unit.kind" text, purpose text, document_ref text, valid_from date, valid_to date,
  granted_by text, granted_at timestamptz, in_force boolean)
language plpgsql as $$
#variable_conflict use_column
declare
  made uuid := core.uuid_v7();
  begins date := coalesce(first_day, core.today());
begin
  perform core.expect(orgs.in_scope(unit), 'not_found', '/unit_id');
  perform core.expect(auditor <> core.person(), 'not_for_oneself', '/auditor_id');
  perform core.expect(exists (select from access.grant g where g.person_id = auditor and g.role = 'auditor' and g.valid @> core.today()), 'not_an_auditor', '/auditor_id');
  perform core.expect(last_day >= begins and last_day >= core.today(), 'day_in_past', '/valid_to');
  perform core.expect(last_day < begins + 366, 'too_long', '/valid_to');
  insert into access.audit_mandate (id, auditor_id, unit_id, purpose, document_ref, valid, granted_by)
  values (made, auditor, unit, what_for, document, daterange(begins, last_day + 1), core.person());
  return query select * from access.show_mandate(made);
end $$;

drop function if exists access.end_mandate(uuid) cascade;
create function access.end_mandate(wanted uuid) returns table (
  id uuid, "auditor.id" uuid, "auditor.name" text, "unit.id" uuid, "unit.name" text, "unit.kind" text, purpose text, document_ref text, valid_from date, valid_to date,
  granted_by text, granted_at timestamptz, in_force boolean)
language plpgsql as $$
#variable_conflict use_column
declare
  old access.audit_mandate;
begin
  select * into old from access.audit_mandate m where m.id = wanted for update;
  perform core.expect(found and orgs.in_scope(old.unit_id), 'not_found');
  perform core.expect(upper(old.valid) > core.today(), 'wrong_state');
  update access.audit_mandate m set ended_by = core.person(), version = m.version + 1,
    valid = case when lower(m.valid) >= core.today() then daterange(least(lower(m.valid), core.today()) - 1, least(lower(m.valid), core.today())) else m.valid * daterange(null, core.today()) end
  where m.id = wanted;
  return query select * from access.show_mandate(wanted);
end $$;

-- Every question of an auditor is itself on record, with its words, under the mandate that allowed it.
create or replace function access.note_question(what jsonb) returns void language sql as $$
  insert into access.audit_view (auditor_id, mandate_id, operation, question, request_id)
  select core.person(), (select m.id from access.audit_mandate m where m.auditor_id = core.person() and m.valid @> core.today() order by m.id limit 1),
    coalesce(nullif(current_setting('app.op', true), ''), 'sql'), what, nullif(current_setting('app.rid', true), '')
$$;

-- The unit asked about, or the auditor's own reach at its top; within scope in any case.
create or replace function access.audited_unit(asked uuid) returns uuid language plpgsql stable security definer set search_path = pg_catalog as $$
declare
  unit uuid := coalesce(asked, (select u.id from orgs.unit u where u.territory_path = any (core.scope()) order by nlevel(u.territory_path), u.label limit 1));
begin
  perform core.expect(unit is not null and people.in_reach(unit), 'not_found');
  return unit;
end $$;

-- ── figures and their rows ─────────────────────────────────────────────────────────────────────────────────────
-- Written down a second time, from the definition alone: what screens show must come to the same.
create or replace function access.rows_of(figure text, unit uuid, day date) returns table (id uuid, unit_id uuid, person_id uuid, since timestamptz)
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return query
  with area as materialized (select a.id from orgs.area_of(unit, day) a(id)),
  dated as (
    select r.id, r.unit_id, r.person_id, r.valid from people.residence r where figure = 'residents'
    union all select h.id, h.unit_id, null, h.valid from people.household h where figure = 'households'
    union all select c.id, c.unit_id, c.person_id, c.valid from people.central_household c where figure = 'central_households'
    union all select h.id, h.unit_id, h.person_id, h.valid from groups.head h where figure = 'heads'
    union all select g.id, g.unit_id, null, g.valid from groups.group g where figure = 'groups'
    union all select u.id, u.id, null, u.valid from orgs.unit u
      where u.kind = case figure when 'communities' then 'community' when 'compounds' then 'compound' when 'branches' then 'branch' end)
  select d.id, d.unit_id, d.person_id, lower(d.valid)::timestamp at time zone 'Asia/Shanghai' from dated d join area a on a.id = d.unit_id where d.valid @> day
  union all
  select e.id, s.unit_id, s.volunteer_id, e.at from (
    select s.id, e.evaluated_at as at from volunteering.service_record s join volunteering.evaluation e on e.service_record_id = s.id where figure = 'services') e
  join volunteering.service_record s on s.id = e.id join area a on a.id = s.unit_id where e.at < points.end_of(day)
  union all
  select t.id, a.unit_id, a.person_id, t.recorded_at
  from points.transfer t join points.account a on a.id = t.to_account_id join area x on x.id = a.unit_id
  where figure = 'points_awarded' and t.kind = 'award' and t.recorded_at < points.end_of(day) and not exists (select from points.transfer r where r.reverses = t.id);
end $$;
revoke execute on function access.rows_of(text, uuid, date) from public;

drop function if exists access.audit_figures(uuid, date) cascade;
create function access.audit_figures(asked uuid, day date) returns table (
  code text, name_zh text, name_en text, definition_zh text, definition_en text, source text, "unit.id" uuid, "unit.name" text, "unit.kind" text, as_of date,
  counted bigint, shown bigint, agrees boolean, ordinal bigint)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare
  wanted uuid := access.audited_unit(asked);
  shown jsonb := (select to_jsonb(c) from orgs.unit_counts(wanted, day) c);
begin
  perform access.note_question(jsonb_build_object('unit', wanted, 'as_of', day));
  return query
  select f.code, f.name_zh, f.name_en, f.definition_zh, f.definition_en, f.source, u.id, u.name, u.kind, day, n.counted, (shown ->> f.code)::bigint,
    coalesce((shown ->> f.code)::bigint = n.counted, true), f.ordinal::bigint
  from access.figure f join orgs.unit u on u.id = wanted cross join lateral (select count(*) as counted from access.rows_of(f.code, wanted, day)) n
  order by f.ordinal;
end $$;

drop function if exists access.audit_rows(text, uuid, date, uuid, bigint) cascade;
create function access.audit_rows(figure text, asked uuid, day date, after_id uuid, most bigint) returns table (
  id uuid, "unit.id" uuid, "unit.name" text, "unit.kind" text, person_id uuid, since timestamptz)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare
  wanted uuid := access.audited_unit(asked);
begin
  perform core.expect(exists (select from access.figure f where f.code = figure), 'not_found');
  perform access.note_question(jsonb_build_object('figure', figure, 'unit', wanted, 'as_of', day, 'after', after_id));
  return query
  select r.id, u.id, u.name, u.kind, r.person_id, r.since from access.rows_of(figure, wanted, day) r join orgs.unit u on u.id = r.unit_id
  where after_id is null or r.id > after_id order by r.id limit most;
end $$;

-- ── samples ────────────────────────────────────────────────────────────────────────────────────────────────────
-- The order is a digest of the seed and the row's id: the same seed draws the same rows, nobody can choose them beforehand.
create or replace function access.population_of(sort text, unit uuid) returns table (id uuid, unit_id uuid, at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return query
  with area as materialized (select b.id from orgs.units_below(unit, 'territory', core.today()) b(id))
  select r.id, r.unit_id, r.at from (
    select t.id, a.unit_id, t.recorded_at as at from points.transfer t join points.account a on a.id = t.to_account_id where sort = 'transfer'
    union all select s.id, s.unit_id, s.served_on::timestamp at time zone 'Asia/Shanghai' from volunteering.service_record s where sort = 'service_record'
    union all select d.id, d.unit_id, d.reserved_at from points.redemption d where sort = 'redemption'
    union all select g.id, g.unit_id, lower(g.valid)::timestamp at time zone 'Asia/Shanghai' from access.grant g where sort = 'grant'
    union all select p.id, p.unit_id, lower(p.valid)::timestamp at time zone 'Asia/Shanghai' from orgs.appointment p where sort = 'appointment'
    union all select h.id, h.unit_id, lower(h.valid)::timestamp at time zone 'Asia/Shanghai' from groups.head h where sort = 'head'
    union all select r.id, people.home_of(r.person_id), r.at from people.reveal r where sort = 'reveal'
    union all select q.id, q.unit_id, q.filed_at from people.data_request q where sort = 'data_request') r
  join area a on a.id = r.unit_id;
end $$;
revoke execute on function access.population_of(text, uuid) from public;

drop function if exists access.draw_sample(text, text, bigint, uuid) cascade;
create function access.draw_sample(sort text, wanted_seed text, n bigint, asked uuid) returns table (
  kind text, seed text, "unit.id" uuid, "unit.name" text, "unit.kind" text, population bigint, drawn_at timestamptz, items jsonb)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare
  wanted uuid := access.audited_unit(asked);
begin
  perform access.note_question(jsonb_build_object('kind', sort, 'seed', wanted_seed, 'n', n, 'unit', wanted));
  return query
  with all_of as materialized (select r.*, encode(sha256(convert_to(wanted_seed || ' ' || r.id, 'UTF8')), 'hex') as draw from access.population_of(sort, wanted) r),
  drawn as (select a.*, row_number() over (order by a.draw) as rank from all_of a order by a.draw limit n)
  select sort, wanted_seed, u.id, u.name, u.kind, (select count(*) from all_of), core.app_now(),
    coalesce((select jsonb_agg(jsonb_build_object('rank', d.rank, 'id', d.id, 'unit', orgs.unit_json(d.unit_id, core.today()), 'at', core.json_time(d.at), 'draw', d.draw) order by d.rank)
      from drawn d), '[]')
  from orgs.unit u where u.id = wanted;
end $$;

-- ── the chain ──────────────────────────────────────────────────────────────────────────────────────────────────
-- Every hash recomputed from the row it seals and the hash before it, as `linli audit verify` does outside.
drop function if exists access.verify_chain(bigint, bigint) cascade;
create function access.verify_chain(after_no bigint, most bigint) returns table (
  from_no bigint, to_no bigint, checked bigint, wrong jsonb, wrong_count bigint, head_no bigint, head_hash text, complete boolean, checkpoints_checked bigint, checkpoints_wrong bigint,
  verified_at timestamptz)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
  perform access.audited_unit(null); -- the chain is the city's: who reaches nothing is refused here as well
  perform access.note_question(jsonb_build_object('after', after_no, 'limit', most));
  return query
  with line as materialized (select * from core.seal_lines(after_no, most::integer)),
  start as (select coalesce((select s.hash from core.seal s where s.seal_no = after_no), decode(repeat('00', 32), 'hex')) as hash),
  judged as materialized (
    select l.seal_no, l.hash,
      case when l.seal_no <> coalesce(lag(l.seal_no) over w, after_no) + 1 then 'missing_before'
        when l.canonical is null then 'row_gone'
        when core.seal_hash(coalesce(decode(lag(l.hash) over w, 'hex'), s.hash), l.seal_no, l.canonical) <> decode(l.hash, 'hex') then 'row_changed' end as finding
    from line l cross join start s window w as (order by l.seal_no)),
  point as (
    select c.seal_no, encode(c.hash, 'hex') = coalesce(j.hash, '') as fits from core.checkpoint c left join judged j on j.seal_no = c.seal_no
    where c.seal_no > after_no and c.seal_no <= (select max(l.seal_no) from line l))
  select min(j.seal_no), max(j.seal_no), count(*), coalesce(jsonb_agg(jsonb_build_object('seal_no', j.seal_no, 'what', j.finding) order by j.seal_no)
      filter (where j.finding is not null), '[]'), count(*) filter (where j.finding is not null),
    (select s.seal_no from core.sealer s), (select encode(s.hash, 'hex') from core.sealer s),
    coalesce(max(j.seal_no), after_no) >= (select s.seal_no from core.sealer s) and (max(j.seal_no) is null or (select s.hash from core.sealer s) = decode((array_agg(j.hash order by j.seal_no desc))[1], 'hex')),
    (select count(*) from point), (select count(*) from point p where not p.fits), core.app_now()
  from judged j;
end $$;
