-- Mediation: the agreement, its performance and the visits after it. Reloaded whole by every migrate, after mediation.sql.

-- ── the agreement and after ────────────────────────────────────────────────────────────────────────────────────
-- Derived from the rows alone: oral from the day it was reached, written when no mark is missing.
create or replace function mediation.take_effect(wanted uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog as $$
declare
    a mediation.agreement;
    moment timestamptz;
    offered boolean;
begin
    select * into a from mediation.agreement g where g.case_id = wanted and g.effective_at is null;
    if a.id is null or (a.form = 'written' and mediation.missing_marks(wanted) <> '{}') then
        return false;
    end if;
    moment := case when a.form = 'written' then (select max(m.marked_at) from mediation.agreement_mark m where m.case_id = wanted)
                   when a.reached_on = core.today() then core.app_now()
                   else a.reached_on::timestamp at time zone 'Asia/Shanghai' end;
    select k.confirmable into offered from mediation.mediation_case c join mediation.dispute_kind k on k.kind = c.kind where c.id = wanted;
    update mediation.agreement set effective_at = moment, confirm_by = case when offered then mediation.confirm_by(core.day_of(moment)) end
    where id = a.id;
    return true;
end $$;
revoke execute on function mediation.take_effect(uuid) from public;
grant execute on function mediation.take_effect(uuid) to linli_app;

create or replace function mediation.write_agreement(wanted uuid, wanted_form text, content bytea, reached date) returns setof mediation.agreement_reply
language plpgsql as $$
declare
    c mediation.mediation_case := mediation.lock_file(wanted);
begin
    perform core.expect(not exists (select from mediation.agreement a where a.case_id = c.id), 'agreement_written');
    perform core.expect(coalesce(reached, core.today()) <= core.today(), 'agreement_in_future', '/reached_on');
    c := mediation.move(c, 'write_agreement');
    insert into mediation.agreement (case_id, form, content_sealed, reached_on, written_by)
    values (c.id, wanted_form, content, coalesce(reached, core.today()), core.person());
    if wanted_form = 'oral' and mediation.take_effect(c.id) then
        perform mediation.move(c, 'take_effect');
    end if;
    return query select * from mediation.agreement_reply v where v.case_id = wanted;
end $$;

create or replace function mediation.sign(wanted uuid, wanted_mark text, wanted_form text, named uuid) returns setof mediation.agreement_reply
language plpgsql as $$
declare
    c mediation.mediation_case := mediation.lock_case(wanted);
    who uuid := case when wanted_mark = 'party' then mediation.acting_party(c, named) end;
    signer uuid := core.person();
begin
    perform core.expect(wanted_mark = 'party' or mediation.works_on(c), 'forbidden');
    perform core.expect(not exists (select from mediation.agreement_mark m where m.case_id = c.id and m.mark = wanted_mark
        and case wanted_mark when 'party' then m.party_id = who when 'mediator' then m.person_id = signer else true end), 'already_signed');
    perform core.expect(core.next_state('mediation_case', c.state, 'sign') is not null, 'wrong_state');
    perform core.expect(exists (select from mediation.agreement a where a.case_id = c.id and a.form = 'written'), 'agreement_missing');
    perform core.expect(case wanted_mark when 'party' then true when 'mediator' then wanted_form = 'signature' else wanted_form = 'seal' end, 'mark_form_wrong', '/form');
    if wanted_mark = 'mediator' then
        signer := (select m.person_id from mediation.case_mediator m where m.case_id = c.id and m.level = c.level and m.ended_at is null
                   and (m.person_id = core.person() or core.trusted()) order by m.assigned_at limit 1);
        perform core.expect(signer is not null, 'not_the_mediator');
    end if;
    insert into mediation.agreement_mark (case_id, mark, form, party_id, person_id, recorded_by)
    values (c.id, wanted_mark, wanted_form, who, case when who is null then signer else (select p.person_id from mediation.party p where p.id = who) end, core.person());
    c := mediation.move(c, 'sign');
    if mediation.take_effect(c.id) then
        perform mediation.move(c, 'take_effect');
    end if;
    return query select * from mediation.agreement_reply v where v.case_id = wanted;
end $$;

create or replace function mediation.add_item(wanted uuid, who uuid, description bytea, due date, amount bigint) returns setof mediation.item_reply
language plpgsql as $$
declare
    c mediation.mediation_case := mediation.lock_file(wanted);
    made uuid := core.uuid_v7();
begin
    perform core.expect(core.next_state('mediation_case', c.state, 'add_performance_item') is not null, 'wrong_state');
    perform core.expect(exists (select from mediation.agreement a where a.case_id = c.id), 'agreement_missing');
    perform core.expect(exists (select from mediation.party p where p.case_id = c.id and p.id = who), 'not_found', '/party_id');
    insert into mediation.performance_item (id, case_id, party_id, description_sealed, due_on, amount_fen, created_by)
    values (made, c.id, who, description, due, amount, core.person());
    perform mediation.move(c, 'add_performance_item');
    return query select * from mediation.item_reply v where v.id = made;
end $$;

-- Everything performed and every owed visit made: the file closes.
create or replace function mediation.close_when_done(c mediation.mediation_case) returns void language plpgsql as $$
begin
    if c.state = 'in_force' and not exists (select from mediation.performance_item i where i.case_id = c.id and i.state <> 'performed')
       and (select count(*) from mediation.follow_up f where f.case_id = c.id) >= (mediation.policy_of(c.level)).follow_ups then
        perform mediation.move(c, 'close');
        perform mediation.finish(c.id, null);
    end if;
end $$;

create or replace function mediation.perform_item(wanted uuid, wanted_item uuid, reached text) returns setof mediation.item_reply language plpgsql as $$
declare
    c mediation.mediation_case := mediation.lock_file(wanted);
    i mediation.performance_item;
begin
    select * into i from mediation.performance_item t where t.case_id = c.id and t.id = wanted_item;
    perform core.expect(i.id is not null, 'not_found');
    perform core.expect(i.state <> 'performed', 'already_performed');
    c := mediation.move(c, 'record_performance');
    update mediation.performance_item set state = reached, recorded_at = core.app_now(), recorded_by = core.person() where id = wanted_item;
    if exists (select from mediation.follow_up f where f.case_id = c.id) then
        perform mediation.close_when_done(c);
    end if;
    return query select * from mediation.item_reply v where v.id = wanted_item;
end $$;

create or replace function mediation.follow_up(wanted uuid, day date, seen text, note bytea) returns setof mediation.follow_up_reply language plpgsql as $$
declare
    c mediation.mediation_case := mediation.lock_file(wanted);
    made uuid := core.uuid_v7();
begin
    perform core.expect(day <= core.today(), 'visit_in_future', '/visited_on');
    perform core.expect(core.next_state('mediation_case', c.state, 'follow_up') is not null, 'wrong_state');
    insert into mediation.follow_up (id, case_id, ordinal, visited_on, finding, note_sealed, visitor_id)
    values (made, c.id, (select count(*) + 1 from mediation.follow_up f where f.case_id = c.id), day, seen, note, core.person());
    c := mediation.move(c, 'follow_up');
    perform mediation.close_when_done(c);
    return query select * from mediation.follow_up_reply v where v.id = made;
end $$;
