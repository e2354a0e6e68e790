-- Mediation: the steps of a case. Each routine locks the case first, so that of several that race one wins; the transition table says what
-- may follow what. They run with the caller's rights: row-level security judges every row they read and write.

create or replace function mediation.masked(name text) returns text language sql immutable parallel safe as $$
    select left(name, 1) || '**'
$$;

-- The community of a person's home, or the home unit when there is none above it; NULL when there is no such person.
create or replace function mediation.place_of(person uuid) returns uuid
language sql stable security definer set search_path = pg_catalog as $$
    select coalesce((select c.id from orgs.unit c where c.kind = 'community' and c.territory_path @> u.territory_path limit 1), u.id)
    from people.person p join orgs.unit u on u.id = p.unit_id where p.id = person
$$;
revoke execute on function mediation.place_of(uuid) from public;
grant execute on function mediation.place_of(uuid) to linli_app;

-- The policy of today for a level.
create or replace function mediation.policy_of(wanted text) returns mediation.level_policy language sql stable as $$
    select p from mediation.level_policy p where p.level = wanted and p.valid @> core.today()
$$;

create or replace function mediation.level_above(wanted text) returns text language sql stable as $$
    select p.level from mediation.level_policy p
    where p.valid @> core.today() and p.ordinal > (select q.ordinal from mediation.level_policy q where q.level = wanted limit 1)
    order by p.ordinal limit 1
$$;

-- 岑调〔2026〕孝坊 001 号: counted for each unit and year, without gaps.
create or replace function mediation.next_number(unit uuid) returns text
language plpgsql security definer set search_path = pg_catalog as $$
declare
    this_year bigint := extract(year from core.today());
    reached bigint;
    place text;
    city text;
begin
    insert into mediation.case_number as n (unit_id, year, last_no) values (unit, this_year, 1)
    on conflict (unit_id, year) do update set last_no = n.last_no + 1 returning n.last_no into reached;
    select regexp_replace(u.short_name, '社区$', ''), t.short_name into place, city
    from orgs.unit u join orgs.unit t on t.label = ltree2text(subpath(u.territory_path, 0, 1))::bigint where u.id = unit;
    return left(city, 1) || '调〔' || this_year || '〕' || place || ' ' || lpad(reached::text, greatest(3, length(reached::text)), '0') || ' 号';
end $$;
revoke execute on function mediation.next_number(uuid) from public;
grant execute on function mediation.next_number(uuid) to linli_app;

-- Who holds a mediator's grant today that reaches this unit; for staff of the unit, as row-level security on grants would say.
drop function if exists mediation.mediators_for(uuid);
create function mediation.mediators_for(unit uuid) returns table (person_id uuid, unit_id uuid)
language sql stable security definer set search_path = pg_catalog as $$
    select distinct on (g.person_id) g.person_id, g.unit_id
    from access.grant g join orgs.unit h on h.id = g.unit_id join orgs.unit u on u.id = unit
    where g.role = 'mediator' and g.valid @> core.today() and u.territory_path <@ h.territory_path
      and (core.trusted() or u.territory_path <@ any (core.paths()))
    order by g.person_id, nlevel(h.territory_path) desc
$$;
revoke execute on function mediation.mediators_for(uuid) from public;
grant execute on function mediation.mediators_for(uuid) to linli_app;

create or replace function mediation.is_mediator(person uuid, unit uuid) returns boolean language sql stable as $$
    select exists (select from mediation.mediators_for(unit) m where m.person_id = person)
$$;

-- The last day to ask a court for confirmation: 30 days, the first not counted, a last day off moves on (Civil Code 201, 203).
-- In a year whose holidays are not announced only weekends are known; mediation.year_is_known says so.
create or replace function mediation.confirm_by(effective date) returns date language plpgsql stable as $$
declare
    last_day date := effective + 30;
begin
    while not coalesce(core.is_working_day(last_day), extract(isodow from last_day) < 6) loop
        last_day := last_day + 1;
    end loop;
    return last_day;
end $$;

create or replace function mediation.year_is_known(day date) returns boolean language sql stable as $$
    select day is null or core.year_has_calendar(extract(year from day)::integer)
$$;

-- ── who is asking ──────────────────────────────────────────────────────────────────────────────────────────────
-- The files' side is neutral (art. 14): a party never works on the own case, whatever their grants reach.
create or replace function mediation.works_on(c mediation.mediation_case) returns boolean language sql stable as $$
    select core.trusted() or coalesce((select u.territory_path <@ any (core.files()) from orgs.unit u where u.id = c.unit_id)
        and not exists (select from mediation.party p where p.case_id = c.id and p.person_id = core.person()), false)
$$;

create or replace function mediation.my_party(c mediation.mediation_case) returns uuid language sql stable as $$
    select p.id from mediation.party p where p.case_id = c.id and p.person_id = core.person()
$$;

-- Locks the case for a step; nobody else's case is found.
create or replace function mediation.lock_case(wanted uuid) returns mediation.mediation_case language plpgsql as $$
declare
    c mediation.mediation_case;
begin
    select * into c from mediation.mediation_case m where m.id = wanted for update;
    perform core.expect(c.id is not null and (mediation.works_on(c) or mediation.my_party(c) is not null), 'not_found');
    return c;
end $$;

-- The same for steps of the files' side: a party who tries one is told so.
create or replace function mediation.lock_file(wanted uuid) returns mediation.mediation_case language plpgsql as $$
declare
    c mediation.mediation_case := mediation.lock_case(wanted);
begin
    perform core.expect(mediation.works_on(c), 'forbidden');
    return c;
end $$;

-- For whom a step is: oneself, or a party named by the files' side.
create or replace function mediation.acting_party(c mediation.mediation_case, named uuid) returns uuid language plpgsql stable as $$
declare
    mine uuid := mediation.my_party(c);
    found_id uuid;
begin
    select p.id into found_id from mediation.party p where p.case_id = c.id and p.id = coalesce(named, mine);
    perform core.expect(found_id is not null, 'not_found', '/party_id');
    perform core.expect(found_id = mine or mediation.works_on(c), 'forbidden');
    return found_id;
end $$;

-- How a party said it: in the app only by themselves.
create or replace function mediation.said_in(c mediation.mediation_case, party uuid, form text) returns text language sql stable as $$
    select case when party = mediation.my_party(c) then coalesce(form, 'in_app') when form is null or form = 'in_app' then 'oral' else form end
$$;

-- ── moving ─────────────────────────────────────────────────────────────────────────────────────────────────────
-- The one place where the state changes: by the transition table, with its event.
create or replace function mediation.move(c mediation.mediation_case, wanted_action text) returns mediation.mediation_case language plpgsql as $$
declare
    reached text := core.next_state('mediation_case', c.state, wanted_action);
begin
    if reached <> c.state then
        update mediation.mediation_case m
        set state = reached, closed_at = case when reached in ('closed', 'refused', 'failed', 'terminated') then core.app_now() end
        where m.id = c.id;
    end if;
    insert into mediation.case_event (case_id, action, from_state, to_state, level, actor_id)
    values (c.id, wanted_action, c.state, reached, c.level, core.person());
    select * into c from mediation.mediation_case m where m.id = c.id;
    return c;
end $$;

-- What follows from a case that ended, whoever ended it: appointments are called off, mediators leave, the one notice is issued.
create or replace function mediation.finish(wanted uuid, why text) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    c mediation.mediation_case;
begin
    select * into c from mediation.mediation_case m where m.id = wanted;
    perform core.expect(c.closed_at is not null, 'wrong_state');
    update mediation.attempt set outcome = 'called_off', outcome_at = core.app_now() where case_id = wanted and outcome is null;
    update mediation.case_mediator set ended_at = core.app_now() where case_id = wanted and ended_at is null;
    if c.state in ('refused', 'failed', 'terminated') then
        insert into mediation.final_notice (case_id, ground) values (wanted, why) on conflict do nothing;
    end if;
end $$;
revoke execute on function mediation.finish(uuid, text) from public;
grant execute on function mediation.finish(uuid, text) to linli_app;

-- ── replies ────────────────────────────────────────────────────────────────────────────────────────────────────
create or replace function mediation.used_attempts(wanted uuid, at_level text) returns bigint language sql stable as $$
    select count(*) from mediation.attempt a where a.case_id = wanted and a.level = at_level and a.outcome in ('agreed', 'failed')
$$;

create or replace function mediation.side_names(wanted uuid, wanted_side text) returns text language sql stable as $$
    select coalesce(string_agg(coalesce(p.organization_name, mediation.masked(people.name_of(p.person_id))), '、' order by p.id), '')
    from mediation.party p where p.case_id = wanted and p.side = wanted_side
$$;

-- Cases by number, kind, organization or a party's name; which of them the caller may see is row-level security's answer.
create or replace function mediation.find_cases(question text) returns setof uuid language sql stable rows 50 as $$
  with asked as materialized (select orgs.search_form(question) as form)
  select c.id from mediation.mediation_case c cross join asked a join mediation.dispute_kind k using (kind)
  where strpos(orgs.search_form(c.number), a.form) > 0 or strpos(orgs.search_form(k.name_zh), a.form) > 0 or strpos(orgs.search_form(k.name_en), a.form) > 0
  union
  select p.case_id from mediation.party p cross join asked a where strpos(orgs.search_form(p.organization_name), a.form) > 0
  union
  select p.case_id from mediation.party p where p.person_id in (select people.find_by_name(question))
$$;

create or replace function mediation.lacks_consent(wanted uuid, at_level text) returns boolean language sql stable as $$
    select exists (select from mediation.party p where p.case_id = wanted
                   and not exists (select from mediation.mediation_consent s where s.party_id = p.id and s.level = at_level))
$$;

-- What the transition table allows to the one who asks, less what is already done.
create or replace function mediation.actions(c mediation.mediation_case) returns json language plpgsql stable as $$
declare
    mine uuid := mediation.my_party(c);
    works boolean := mediation.works_on(c);
    asked text := case c.state when 'level_exhausted' then mediation.level_above(c.level) else c.level end;
    agreed mediation.agreement;
    open_attempt boolean;
    allowed json;
begin
    select * into agreed from mediation.agreement a where a.case_id = c.id;
    open_attempt := exists (select from mediation.attempt a where a.case_id = c.id and a.outcome is null);
    select coalesce(json_agg(t.action order by t.action), '[]') into allowed
    from core.transition t
    where t.machine = 'mediation_case' and t.from_state = c.state
      and ((mine is not null and 'party' = any (t.who)) or (works and 'files' = any (t.who)))
      and case t.action
          when 'consent' then asked is not null and (case when mine is not null
              then not exists (select from mediation.mediation_consent s where s.party_id = mine and s.level = asked)
              else mediation.lacks_consent(c.id, asked) end)
          when 'identify_party' then exists (select from mediation.party p where p.case_id = c.id and p.person_id is null and p.organization_name is null)
          when 'schedule_attempt' then not open_attempt
          when 'record_outcome' then open_attempt
          when 'escalate' then asked is not null and not mediation.lacks_consent(c.id, asked)
          when 'write_agreement' then agreed.id is null
          when 'sign' then agreed.form = 'written' and (case when mine is not null
              then not exists (select from mediation.agreement_mark m where m.party_id = mine) else works end)
          when 'add_performance_item' then agreed.id is not null
          when 'record_performance' then exists (select from mediation.performance_item i where i.case_id = c.id and i.state <> 'performed')
          else true end;
    return allowed;
end $$;

drop view if exists mediation.case_reply cascade;
create view mediation.case_reply with (security_invoker = true) as
select c.id, c.number, c.state, c.level, c.kind, k.name_zh as kind_name_zh, k.name_en as kind_name_en, c.title_sealed as title,
       c.narrative_sealed as narrative, c.origin, c.unit_id as "unit.id", u.name as "unit.name", u.kind as "unit.kind",
       c.origin_unit_id as "origin_unit.id", o.name as "origin_unit.name", o.kind as "origin_unit.kind",
       mediation.side_names(c.id, 'first') as first_side, mediation.side_names(c.id, 'second') as second_side,
       n.scheduled_at as next_attempt_at, n.place as next_attempt_place,
       (mediation.policy_of(c.level)).attempts_limit, mediation.used_attempts(c.id, c.level) as attempts_used,
       a.confirm_by, mediation.year_is_known(a.confirm_by) as confirm_by_is_certain,
       case when c.state in ('in_force', 'failed')
            then greatest((mediation.policy_of(c.level)).follow_ups - (select count(*) from mediation.follow_up f where f.case_id = c.id), 0)
            else 0 end as follow_ups_due,
       u.contact_phone, c.opened_at, c.closed_at, mediation.actions(c) as actions,
       '/api/v1/mediation-cases/' || c.id as _location
from mediation.mediation_case c
join mediation.dispute_kind k on k.kind = c.kind
join orgs.unit u on u.id = c.unit_id
join orgs.unit o on o.id = c.origin_unit_id
left join mediation.agreement a on a.case_id = c.id
left join mediation.attempt n on n.case_id = c.id and n.outcome is null;

drop view if exists mediation.attempt_reply cascade;
create view mediation.attempt_reply with (security_invoker = true) as
select a.id, a.case_id, a.level, a.ordinal, a.scheduled_at, a.place, a.outcome, a.note_sealed as note, a.outcome_at,
       '/api/v1/mediation-cases/' || a.case_id as _location
from mediation.attempt a;

drop view if exists mediation.agreement_reply cascade;
create view mediation.agreement_reply with (security_invoker = true) as
select a.id, a.case_id, a.form, a.content_sealed as content, a.reached_on, a.effective_at, a.confirm_by, k.confirmable,
       (select coalesce(json_agg(json_build_object('mark', m.mark, 'form', m.form, 'party_id', m.party_id, 'name',
                    case when p.id is null then people.name_of(m.person_id) else coalesce(p.organization_name, mediation.masked(people.name_of(p.person_id))) end,
                    'marked_at', core.json_time(m.marked_at)) order by m.marked_at, m.id), '[]')
        from mediation.agreement_mark m left join mediation.party p on p.id = m.party_id where m.case_id = a.case_id) as marks,
       case when a.form = 'oral' then '[]'::json else (select coalesce(json_agg(x.mark order by x.n), '[]') from (values
            (1, 'party', exists (select from mediation.party p where p.case_id = a.case_id
                                 and not exists (select from mediation.agreement_mark m where m.party_id = p.id))),
            (2, 'mediator', not exists (select from mediation.agreement_mark m where m.case_id = a.case_id and m.mark = 'mediator')),
            (3, 'committee', not exists (select from mediation.agreement_mark m where m.case_id = a.case_id and m.mark = 'committee'))) x(n, mark, lacks)
            where x.lacks) end as missing,
       '/api/v1/mediation-cases/' || a.case_id as _location
from mediation.agreement a
join mediation.mediation_case c on c.id = a.case_id
join mediation.dispute_kind k on k.kind = c.kind;

drop view if exists mediation.item_reply cascade;
create view mediation.item_reply with (security_invoker = true) as
select i.id, i.case_id, i.party_id, i.description_sealed as description, i.due_on, i.amount_fen, i.state, i.recorded_at,
       '/api/v1/mediation-cases/' || i.case_id as _location
from mediation.performance_item i;

drop view if exists mediation.follow_up_reply cascade;
create view mediation.follow_up_reply with (security_invoker = true) as
select f.id, f.case_id, f.ordinal, f.visited_on, f.finding, f.note_sealed as note, coalesce(people.name_of(f.visitor_id), '') as visitor_name,
       '/api/v1/mediation-cases/' || f.case_id as _location
from mediation.follow_up f;
grant select on mediation.case_reply, mediation.attempt_reply, mediation.agreement_reply, mediation.item_reply, mediation.follow_up_reply to linli_app;

-- ── opening and reading ────────────────────────────────────────────────────────────────────────────────────────
-- By the committee when the caller's files reach the unit, else by a party, who stands on the first side and has thereby consented.
create or replace function mediation.open_case(wanted_unit uuid, wanted_kind text, title bytea, narrative bytea, parties jsonb, respondent bytea)
returns setof mediation.case_reply language plpgsql as $$
declare
    place orgs.unit;
    made uuid := core.uuid_v7();
    committee boolean;
    applicant uuid := core.uuid_v7();
begin
    select * into place from orgs.unit u where u.id = coalesce(wanted_unit, mediation.place_of(core.person()));
    perform core.expect(place.id is not null, 'not_found', '/unit_id');
    perform core.expect((mediation.policy_of(place.kind)).level is not null, 'unit_has_no_level', '/unit_id');
    committee := core.trusted() or coalesce(place.territory_path <@ any (core.files()), false);
    perform core.expect(committee or place.territory_path @> (select u.territory_path from orgs.unit u where u.id = mediation.place_of(core.person())),
                        'not_found', '/unit_id');
    perform core.expect((select count(*) = 0 from jsonb_array_elements(parties) p where p->>'person_id' is not null
                         and mediation.place_of((p->>'person_id')::uuid) is null), 'not_found', '/parties');
    perform core.expect((select count(*) = 0 from jsonb_array_elements(parties) p
                         where num_nonnulls(p->>'person_id', p->>'organization_name') <> 1), 'party_unnamed', '/parties');
    perform core.expect((select count(distinct s.side) = 2 from (
        select p->>'side' as side from jsonb_array_elements(parties) p
        union all select 'first' where not committee union all select 'second' where respondent is not null) s), 'two_sides_needed', '/parties');
    insert into mediation.mediation_case (id, number, origin, origin_unit_id, unit_id, level, kind, title_sealed, narrative_sealed, opened_by)
    values (made, mediation.next_number(place.id), case when committee then 'committee' else 'party' end, place.id, place.id, place.kind, wanted_kind,
            title, narrative, core.person());
    if not committee then
        insert into mediation.party (id, case_id, side, person_id) values (applicant, made, 'first', core.person());
        insert into mediation.mediation_consent (case_id, party_id, level, form, recorded_by) values (made, applicant, place.kind, 'application', core.person());
    end if;
    insert into mediation.party (case_id, side, person_id, organization_name, position)
    select made, p->>'side', (p->>'person_id')::uuid, p->>'organization_name', p->>'position' from jsonb_array_elements(parties) p;
    if respondent is not null then
        insert into mediation.party (case_id, side, claimed_name_sealed) values (made, 'second', respondent);
    end if;
    insert into mediation.case_event (case_id, action, from_state, to_state, level, actor_id) values (made, 'open', null, 'awaiting_consent', place.kind, core.person());
    return query select * from mediation.case_reply v where v.id = made;
end $$;

-- The file, and that it was opened.
create or replace function mediation.open_file(wanted uuid) returns setof mediation.case_reply language plpgsql as $$
declare
    c mediation.mediation_case;
begin
    select * into c from mediation.mediation_case m where m.id = wanted;
    if c.id is null then
        return;
    end if;
    insert into mediation.case_view (case_id, person_id, viewed_as, request_id)
    values (wanted, core.person(), case when mediation.my_party(c) is null then 'staff' else 'party' end, nullif(current_setting('app.rid', true), ''));
    return query select * from mediation.case_reply v where v.id = wanted;
end $$;

create or replace function mediation.identify(wanted uuid, wanted_party uuid, who uuid) returns setof mediation.case_reply language plpgsql as $$
declare
    c mediation.mediation_case := mediation.lock_file(wanted);
    p mediation.party;
begin
    select * into p from mediation.party q where q.case_id = c.id and q.id = wanted_party;
    perform core.expect(p.id is not null and mediation.place_of(who) is not null, 'not_found');
    perform core.expect(p.person_id is null and p.organization_name is null, 'party_identified');
    perform mediation.move(c, 'identify_party');
    update mediation.party set person_id = who where id = wanted_party;
    return query select * from mediation.case_reply v where v.id = wanted;
end $$;

create or replace function mediation.assign(wanted uuid, who uuid, chosen text) returns setof mediation.case_reply language plpgsql as $$
declare
    c mediation.mediation_case := mediation.lock_file(wanted);
begin
    perform core.expect(core.next_state('mediation_case', c.state, 'assign_mediator') is not null, 'wrong_state');
    perform core.expect(not exists (select from mediation.party p where p.case_id = c.id and p.person_id = who), 'mediator_is_party', '/person_id');
    perform core.expect(mediation.is_mediator(who, c.unit_id), 'not_a_mediator', '/person_id');
    insert into mediation.case_mediator (case_id, person_id, level, chosen_by, assigned_by) values (c.id, who, c.level, chosen, core.person());
    perform mediation.move(c, 'assign_mediator');
    return query select * from mediation.case_reply v where v.id = wanted;
end $$;

-- Of the files' side alone.
create or replace function mediation.mark_risk(wanted uuid, wanted_level text) returns setof mediation.case_reply language plpgsql as $$
declare
    c mediation.mediation_case := mediation.lock_file(wanted);
begin
    perform core.expect(core.next_state('mediation_case', c.state, 'mark_risk') is not null, 'wrong_state');
    insert into mediation.risk (case_id, level, marked_by) values (c.id, wanted_level, core.person());
    return query select * from mediation.case_reply v where v.id = wanted;
end $$;

-- ── what parties decide ────────────────────────────────────────────────────────────────────────────────────────
create or replace function mediation.consent(wanted uuid, wanted_level text, named uuid, said text) returns setof mediation.case_reply language plpgsql as $$
declare
    c mediation.mediation_case := mediation.lock_case(wanted);
    who uuid := mediation.acting_party(c, named);
    asked text := c.level;
begin
    perform core.expect(not exists (select from mediation.mediation_consent s where s.party_id = who and s.level = wanted_level), 'already_consented');
    perform core.expect(core.next_state('mediation_case', c.state, 'consent') is not null, 'wrong_state');
    if c.state = 'level_exhausted' then
        asked := mediation.level_above(c.level);
        perform core.expect(asked is not null, 'no_level_above');
    end if;
    perform core.expect(wanted_level = asked, 'wrong_state', '/level');
    insert into mediation.mediation_consent (case_id, party_id, level, form, recorded_by)
    values (c.id, who, asked, mediation.said_in(c, who, said), core.person());
    c := mediation.move(c, 'consent');
    if c.state = 'awaiting_consent' and not mediation.lacks_consent(c.id, c.level) then
        perform mediation.move(c, 'complete_consent');
    end if;
    return query select * from mediation.case_reply v where v.id = wanted;
end $$;

create or replace function mediation.refuse(wanted uuid, named uuid, said text) returns setof mediation.case_reply language plpgsql as $$
declare
    c mediation.mediation_case := mediation.lock_case(wanted);
    who uuid := mediation.acting_party(c, named);
begin
    perform core.expect(core.next_state('mediation_case', c.state, 'refuse') is not null, 'wrong_state');
    insert into mediation.refusal (case_id, party_id, form, recorded_by) values (c.id, who, mediation.said_in(c, who, said), core.person());
    perform mediation.move(c, 'refuse');
    perform mediation.finish(c.id, 'party_refused');
    return query select * from mediation.case_reply v where v.id = wanted;
end $$;

-- A party needs no reason, in every open state (art. 23); the committee ends what failed, with its ground (art. 26).
create or replace function mediation.terminate(wanted uuid, wanted_ground text, named uuid) returns setof mediation.case_reply language plpgsql as $$
declare
    c mediation.mediation_case := mediation.lock_case(wanted);
    by_party boolean := named is not null or mediation.my_party(c) is not null;
begin
    if by_party then
        perform mediation.acting_party(c, named);
    else
        perform core.expect(core.next_state('mediation_case', c.state, 'terminate') is not null, 'wrong_state');
        perform core.expect(wanted_ground is not null, 'ground_missing', '/ground');
    end if;
    perform mediation.move(c, 'terminate');
    perform mediation.finish(c.id, case when by_party then 'party_ended' else wanted_ground end);
    return query select * from mediation.case_reply v where v.id = wanted;
end $$;

-- ── three-two-one ──────────────────────────────────────────────────────────────────────────────────────────────
create or replace function mediation.schedule(wanted uuid, moment timestamptz, wanted_place text) returns setof mediation.attempt_reply language plpgsql as $$
declare
    c mediation.mediation_case := mediation.lock_file(wanted);
    used bigint := mediation.used_attempts(c.id, c.level);
    allowed bigint := (mediation.policy_of(c.level)).attempts_limit;
    made uuid := core.uuid_v7();
begin
    perform core.expect(not exists (select from mediation.refusal r where r.case_id = c.id), 'mediation_refused');
    perform core.expect(c.state <> 'awaiting_consent', 'consent_missing');
    perform core.expect(c.state <> 'level_exhausted', 'attempts_used_up');
    perform mediation.move(c, 'schedule_attempt');
    perform core.expect(not exists (select from mediation.attempt a where a.case_id = c.id and a.outcome is null), 'attempt_open');
    perform core.expect(used < allowed, 'attempts_used_up');
    if not exists (select from mediation.case_mediator m where m.case_id = c.id and m.level = c.level and m.ended_at is null) then
        perform core.expect(mediation.is_mediator(core.person(), c.unit_id), 'mediator_missing');
        insert into mediation.case_mediator (case_id, person_id, level, chosen_by, assigned_by) values (c.id, core.person(), c.level, 'committee', core.person());
    end if;
    insert into mediation.attempt (id, case_id, level, ordinal, attempts_limit, scheduled_at, place, created_by)
    values (made, c.id, c.level, used + 1, allowed, moment, wanted_place, core.person());
    return query select * from mediation.attempt_reply v where v.id = made;
end $$;

create or replace function mediation.record_outcome(wanted uuid, wanted_attempt uuid, result text, note bytea) returns setof mediation.attempt_reply
language plpgsql as $$
declare
    c mediation.mediation_case := mediation.lock_file(wanted);
    a mediation.attempt;
begin
    select * into a from mediation.attempt t where t.case_id = c.id and t.id = wanted_attempt;
    perform core.expect(a.id is not null, 'not_found');
    perform core.expect(a.outcome is null, 'outcome_recorded');
    perform core.expect(core.next_state('mediation_case', c.state, 'record_outcome') is not null, 'wrong_state');
    update mediation.attempt set outcome = result, note_sealed = note, outcome_at = core.app_now(), outcome_by = core.person() where id = wanted_attempt;
    c := mediation.move(c, 'record_outcome');
    if result = 'agreed' then
        perform mediation.move(c, 'agree');
    elsif result = 'failed' and mediation.used_attempts(c.id, c.level) >= a.attempts_limit then
        if mediation.level_above(c.level) is not null then
            perform mediation.move(c, 'fail_last');
        else
            perform mediation.move(c, 'fail_final');
            perform mediation.finish(c.id, 'not_agreed');
        end if;
    end if;
    return query select * from mediation.attempt_reply v where v.id = wanted_attempt;
end $$;

-- Up the territorial ladder as it stands today; the unit that hands up keeps reading.
create or replace function mediation.escalate(wanted uuid, summary bytea) returns setof mediation.case_reply language plpgsql as $$
declare
    c mediation.mediation_case := mediation.lock_file(wanted);
    above text := mediation.level_above(c.level);
    target uuid;
begin
    perform core.expect(c.state <> 'in_mediation', 'attempts_left');
    perform core.expect(core.next_state('mediation_case', c.state, 'escalate') is not null, 'wrong_state');
    target := (select o.id from orgs.unit u join orgs.unit o on o.kind = above and o.territory_path @> u.territory_path where u.id = c.unit_id);
    perform core.expect(above is not null and target is not null, 'no_level_above');
    perform core.expect(not mediation.lacks_consent(c.id, above), 'consent_missing');
    insert into mediation.escalation (case_id, from_level, to_level, from_unit_id, to_unit_id, summary_sealed, escalated_by)
    values (c.id, c.level, above, c.unit_id, target, summary, core.person());
    update mediation.case_mediator set ended_at = core.app_now() where case_id = c.id and ended_at is null;
    perform mediation.move(c, 'escalate');
    update mediation.mediation_case set level = above, unit_id = target where id = c.id;
    return query select * from mediation.case_reply v where v.id = wanted;
end $$;
