-- Mediation: voluntary at every step, three-two-one, three marks, one notice, and a file whose existence nobody else can tell.
begin;
\ir lib/world.sql
select no_plan();

select people.register(pg_temp.id('a4'), '黄秀兰', pg_temp.id('31'), 1970, '2021-01-01', true), people.register(pg_temp.id('a5'), '陆建明', pg_temp.id('12'), 1972, '2021-01-01', true),
       people.register(pg_temp.id('a6'), '甘志强', pg_temp.id('12'), 1966, '2021-01-01', true);
select access.add_grant(pg_temp.id('a3'), 'mediator', pg_temp.id('11')), access.add_grant(pg_temp.id('a4'), 'mediator', pg_temp.id('d1')),
       access.add_grant(pg_temp.id('a5'), 'mediator', pg_temp.id('c1')), access.add_grant(pg_temp.id('b2'), 'mediator', pg_temp.id('12'));

create function pg_temp.the_case() returns mediation.mediation_case language sql as $$ select c from mediation.mediation_case c order by opened_at desc, id desc limit 1 $$;
create function pg_temp.party(wanted text) returns uuid language sql as $$ select id from mediation.party where case_id = (pg_temp.the_case()).id and side = wanted $$;
create function pg_temp.step(routine text, arguments text default '') returns text language sql as $$
    select pg_temp.attempt(format('select * from mediation.%s(%L%s)', routine, (pg_temp.the_case()).id, case when arguments = '' then '' else ', ' || arguments end))
$$;
create function pg_temp.state() returns text language sql as $$ select (pg_temp.the_case()).state $$;
create function pg_temp.allowed() returns text[] language sql as $$
    select array(select json_array_elements_text(mediation.actions(pg_temp.the_case())) order by 1)
$$;
create function pg_temp.opened(who text, root text, parties text, unit text default null) returns text language plpgsql as $$
begin
    perform pg_temp.sign_in(who, root);
    return pg_temp.attempt(format($f$ select * from mediation.open_case(%L, 'neighbour', '\x01', '\x02', %L, null) $f$, pg_temp.id(unit), parties));
end $$;
-- One attempt from appointment to outcome by the mediator who is signed in.
create function pg_temp.tried(result text) returns text language plpgsql as $$
declare
    first text := pg_temp.step('schedule', format('%L, %L', core.app_now() + interval '1 day', '调解室'));
begin
    if first <> 'ok' then return first; end if;
    return pg_temp.step('record_outcome', format('(select id from mediation.attempt where case_id = %L and outcome is null), %L, %L', (pg_temp.the_case()).id, result, '\x03'));
end $$;
create function pg_temp.second(who text) returns text language sql as $$ select format('[{"side": "second", "person_id": "%s"}]', pg_temp.id(who)) $$;

-- ── opening ──
select is(pg_temp.opened('a1', null, '[]'), 'two_sides_needed', 'mediation needs two sides');
select is(pg_temp.opened('a1', null, '[{"side": "second"}]'), 'party_unnamed', 'a party has a name');
select is(pg_temp.opened('a1', null, pg_temp.second('ff')), 'not_found', 'who is not there is not named');
select is(pg_temp.opened('a1', null, pg_temp.second('a1')), 'party_person_once', 'nobody disputes with themselves');
select is(pg_temp.opened('a1', null, pg_temp.second('a2'), '12'), 'not_found', 'not in another community');
select is(pg_temp.opened('a1', null, pg_temp.second('a2'), '31'), 'unit_has_no_level', 'a building has no committee');
select is(pg_temp.opened('a1', null, pg_temp.second('a2')), 'ok', 'a party applies');
select matches((pg_temp.the_case()).number, '^岑调〔20[0-9]{2}〕孝坊 001 号$', 'with the committee''s number');
select is((pg_temp.the_case()).unit_id, pg_temp.id('11'), 'at the community of the home');
select results_eq($$ select form from mediation.mediation_consent $$, $$ values ('application') $$, 'who applies has consented');
select is(pg_temp.state(), 'awaiting_consent', 'the other one is asked');
select is((select (first_side, second_side) from mediation.case_reply), row('覃**'::text, '李**'::text), 'names are masked');
select is(pg_temp.opened('b1', null, '[{"side": "second", "organization_name": "和顺物业"}]'), 'ok', 'an organization can be the other side');
select matches((pg_temp.the_case()).number, '木棉 001 号$', 'each unit counts for itself');

-- ── nobody else can tell that a file exists ──
create function pg_temp.traces() returns bigint language sql as $$
    select pg_temp.seen('select from mediation.mediation_case') + pg_temp.seen('select from mediation.party') + pg_temp.seen('select from mediation.mediation_consent')
         + pg_temp.seen('select from mediation.case_event') + pg_temp.seen('select from mediation.case_view') + pg_temp.seen('select from mediation.case_reply')
$$;
create function pg_temp.reach(who text, files text, paths text, lead text default null) returns void language plpgsql as $$
begin
    perform pg_temp.sign_in(who, paths, lead);
    perform set_config('app.files', coalesce((select '{' || u.territory_path::text || '}' from orgs.unit u where u.id = pg_temp.id(files)), ''), true);
end $$;
select pg_temp.sign_in('a4');
select is(pg_temp.traces(), 0::bigint, 'a neighbour sees nothing');
select pg_temp.reach('a6', null, 'c1', 'c2');
select is(pg_temp.traces(), 0::bigint, 'a leader, an officer, an administrator of the city see nothing');
select pg_temp.reach('b2', '12', '12');
select is(pg_temp.seen('select from mediation.mediation_case'), 1::bigint, 'another community sees its own only');
select is(pg_temp.attempt(format('select * from mediation.open_file((select id from mediation.mediation_case where number like %L))', '%孝坊%')), 'ok', 'a file that is not there opens without a row');
select is((select count(*) from mediation.case_view), 0::bigint, 'and leaves no trace');
create temp table file as select id from mediation.mediation_case where origin_unit_id = pg_temp.id('11');
grant select on file to linli_app;
select is(pg_temp.attempt(format('select * from mediation.%s', s)), 'not_found', s)
from unnest(array[
    'consent((select id from file), ''community'', null, null)', 'refuse((select id from file), null, null)', 'terminate((select id from file), ''unfit'', null)',
    'schedule((select id from file), core.app_now(), ''x'')', 'escalate((select id from file), ''\x01'')', 'assign((select id from file), core.person(), ''committee'')',
    'write_agreement((select id from file), ''oral'', ''\x01'', null)', 'sign((select id from file), ''committee'', ''seal'', null)',
    'follow_up((select id from file), core.today(), ''calm'', null)', 'mark_risk((select id from file), ''low'')', 'add_item((select id from file), null, ''\x01'', core.today(), null)']) s;
select is(pg_temp.attempt(format(s, id)), '42501', s)
from file, unnest(array[
    'insert into mediation.party (case_id, side, organization_name) values (%L, ''first'', ''x'')',
    'insert into mediation.follow_up (case_id, ordinal, visited_on, finding) values (%L, 1, ''2026-01-01'', ''calm'')',
    'insert into mediation.risk (case_id, level) values (%L, ''low'')']) s;
select is(pg_temp.seen(format('select from mediation.mediators_for(%L)', pg_temp.id('11'))), 0::bigint, 'who mediates where is told to the place''s staff only');

-- ── the committee's side and the parties' ──
update mediation.mediation_case set opened_at = opened_at - interval '1 hour' where id not in (select id from file);
select pg_temp.sign_in('a1');
select is(pg_temp.allowed(), array['refuse', 'terminate'], 'the applicant can end it');
select is(pg_temp.step('consent', $$ 'community', null, null $$), 'already_consented', 'consent is given once');
select is(pg_temp.step('consent', format($$ 'community', %L, null $$, pg_temp.party('second'))), 'forbidden', 'not for the other side');
select is(pg_temp.step('schedule', format('%L, %L', core.app_now(), '这里')), 'forbidden', 'a party does not fix attempts');
select is(pg_temp.step('assign', format('%L, %L', pg_temp.id('a3'), 'committee')), 'forbidden', 'nor appoint');
select pg_temp.sign_in('a3', '11');
select is(pg_temp.seen(format('select from mediation.mediators_for(%L)', pg_temp.id('11'))), 3::bigint, 'mediators of a place: community, town, city');
select is(pg_temp.allowed(), array['assign_mediator', 'consent', 'mark_risk', 'refuse', 'terminate'], 'the files'' side waits for consent');
select is(pg_temp.step('assign', format('%L, %L', pg_temp.id('a2'), 'committee')), 'mediator_is_party', 'no party mediates');
select is(pg_temp.step('assign', format('%L, %L', pg_temp.id('b2'), 'committee')), 'not_a_mediator', 'no stranger mediates');
select is(pg_temp.step('assign', format('%L, %L', pg_temp.id('a3'), 'parties')), 'ok', 'the parties chose');
select is(pg_temp.step('assign', format('%L, %L', pg_temp.id('a3'), 'committee')), 'case_mediator_once', 'once');
select is(pg_temp.step('mark_risk', $$ 'high' $$), 'ok', 'a risk is marked');
select is(pg_temp.tried('failed'), 'consent_missing', 'no attempt without consent');
select is(pg_temp.attempt(format('select * from mediation.open_file(%L)', (pg_temp.the_case()).id)), 'ok', 'the mediator opens the file');
select is(pg_temp.seen('select from mediation.case_view'), 1::bigint, 'which is on record');
select is(pg_temp.seen('select from mediation.risk'), 1::bigint, 'with the risk');
select pg_temp.sign_in('a2');
select is(pg_temp.attempt(format('select * from mediation.open_file(%L)', (pg_temp.the_case()).id)), 'ok', 'the other party opens the file');
select is(pg_temp.seen('select from mediation.case_view'), 0::bigint, 'but not who else did');
select is(pg_temp.seen('select from mediation.risk'), 0::bigint, 'nor the risk');
select is(pg_temp.allowed(), array['consent', 'refuse', 'terminate'], 'consent and refusal side by side');
select is(pg_temp.step('consent', $$ 'town', null, null $$), 'wrong_state', 'not to another level');
select is(pg_temp.step('consent', $$ 'community', null, null $$), 'ok', 'and consents');
select is(pg_temp.state(), 'in_mediation', 'with the last consent it begins');

-- ── three, two, one ──
select pg_temp.sign_in('a3', '11');
select is(pg_temp.tried('adjourned'), 'ok', 'an adjourned attempt');
select is(mediation.used_attempts((pg_temp.the_case()).id, 'community'), 0::bigint, 'does not count');
select is(pg_temp.step('schedule', format('%L, %L', core.app_now(), '这里')), 'ok', 'a first one');
select is(pg_temp.step('schedule', format('%L, %L', core.app_now(), '这里')), 'attempt_open', 'not two at once');
select is(pg_temp.allowed(), array['assign_mediator', 'mark_risk', 'record_outcome', 'refuse', 'terminate'], 'its outcome is next');
select is(pg_temp.step('record_outcome', format('(select id from mediation.attempt where case_id = %L and outcome is null), %L, null', (pg_temp.the_case()).id, 'failed')), 'ok', 'no result');
select is(pg_temp.step('record_outcome', format('(select id from mediation.attempt where case_id = %L and outcome = %L), %L, null', (pg_temp.the_case()).id, 'failed', 'agreed')),
          'outcome_recorded', 'an outcome stands');
select is(pg_temp.step('escalate', $$ '\x01' $$), 'attempts_left', 'attempts are left');
select is(pg_temp.tried('failed'), 'ok', 'a second one');
select is(pg_temp.tried('failed'), 'ok', 'a third one');
select is(pg_temp.state(), 'level_exhausted', 'are all');
select is(pg_temp.tried('failed'), 'attempts_used_up', 'no fourth');
select throws_ok(format($$ insert into mediation.attempt (case_id, level, ordinal, attempts_limit, scheduled_at, place) values (%L, 'community', 4, 3, now(), 'x') $$, (pg_temp.the_case()).id),
                 '23514', null, 'not even past the routine');
select is(pg_temp.step('escalate', $$ '\x01' $$), 'consent_missing', 'moving up needs fresh consent');
select throws_ok(format($$ insert into mediation.escalation (case_id, from_level, to_level, from_unit_id, to_unit_id, summary_sealed) values (%L, 'community', 'town', %L, %L, '\x01') $$,
                 (pg_temp.the_case()).id, pg_temp.id('11'), pg_temp.id('d1')), '23514', null, 'also past the routine');
select pg_temp.sign_in('a1');
select is(pg_temp.step('consent', $$ 'town', null, null $$), 'ok', 'one consents freshly');
select pg_temp.sign_in('a3', '11');
select is(pg_temp.step('escalate', $$ '\x01' $$), 'consent_missing', 'one is not all');
select is(pg_temp.step('consent', format($$ 'town', %L, null $$, pg_temp.party('second'))), 'ok', 'the other says so at the desk');
select is((select form from mediation.mediation_consent where party_id = pg_temp.party('second') and level = 'town'), 'oral', 'which is on record as such');
select is(pg_temp.step('escalate', $$ '\x01' $$), 'ok', 'and it moves up');
select is((select (level, state, unit_id) from mediation.mediation_case where id = (pg_temp.the_case()).id), row('town'::text, 'in_mediation'::text, pg_temp.id('d1')), 'to the town');
select is(pg_temp.seen('select from mediation.case_reply'), 1::bigint, 'the community keeps reading');
select is(pg_temp.tried('failed'), 'not_found', 'and works on it no more');
select is((select count(*) from mediation.case_mediator where ended_at is null), 0::bigint, 'its mediators leave');
select pg_temp.sign_in('b2', '12');
select is(pg_temp.seen(format('select from mediation.mediation_case where id = %L', (pg_temp.the_case()).id)), 0::bigint, 'the sibling community still sees nothing');
select pg_temp.sign_in('a4', 'd1');
select is(pg_temp.tried('failed'), 'ok', 'the town tries');
select is((select person_id from mediation.case_mediator where ended_at is null), pg_temp.id('a4'), 'whoever fixes the first attempt takes it on');
select is(pg_temp.tried('failed'), 'ok', 'twice');
select is(pg_temp.tried('failed'), 'attempts_used_up', 'not three times');
select is(pg_temp.step('consent', format($$ 'city', %L, 'written' $$, p.id)), 'ok', 'both consent again') from mediation.party p where case_id = (pg_temp.the_case()).id;
select is(pg_temp.step('escalate', $$ '\x01' $$), 'ok', 'to the city');
select pg_temp.sign_in('a5', 'c1');
select is(pg_temp.step('escalate', $$ '\x01' $$), 'attempts_left', 'the city has one');
savepoint at_the_city;
select is(pg_temp.tried('failed'), 'ok', 'and it fails');
select is(pg_temp.state(), 'failed', 'then mediation ends');
select results_eq($$ select ground, ways from mediation.final_notice $$, $$ values ('not_agreed', '{lawsuit,arbitration,administration}'::text[]) $$, 'with one notice of the other ways');
select is((select follow_ups_due from mediation.case_reply where id = (pg_temp.the_case()).id), 1::bigint, 'the city owes a visit');
select is(pg_temp.step('follow_up', $$ core.today() + 1, 'calm', null $$), 'visit_in_future', 'not in advance');
select is(pg_temp.step('follow_up', $$ core.today(), 'calm', null $$), 'ok', 'and makes it');
select is((select follow_ups_due from mediation.case_reply where id = (pg_temp.the_case()).id), 0::bigint, 'nothing is owed');
select is(pg_temp.step('escalate', $$ '\x01' $$), 'wrong_state', 'there is no way up');
rollback to at_the_city;

-- ── the agreement: three marks, in whatever order ──
select is(pg_temp.tried('agreed'), 'ok', 'it was agreed');
select is(pg_temp.allowed(), array['mark_risk', 'terminate', 'write_agreement'], 'the agreement is next');
select is(pg_temp.step('sign', $$ 'committee', 'seal', null $$), 'agreement_missing', 'nothing to sign yet');
select is(pg_temp.step('write_agreement', $$ 'written', '\x04', core.today() + 1 $$), 'agreement_in_future', 'not in advance');
select is(pg_temp.step('write_agreement', $$ 'written', '\x04', null $$), 'ok', 'written');
select is(pg_temp.step('write_agreement', $$ 'written', '\x04', null $$), 'agreement_written', 'once');
select is((select missing::text from mediation.agreement_reply), '["party", "mediator", "committee"]', 'three marks are missing');
select is(pg_temp.step('add_item', format($$ %L, '\x05', core.today() + 10, 600000 $$, pg_temp.party('second'))), 'ok', 'what is to be done');
select is(pg_temp.step('sign', $$ 'committee', 'signature', null $$), 'mark_form_wrong', 'the committee seals');
select is(pg_temp.step('sign', $$ 'committee', 'seal', null $$), 'ok', 'first the seal');
select is(pg_temp.step('sign', $$ 'committee', 'seal', null $$), 'already_signed', 'once');
select is(pg_temp.step('sign', $$ 'mediator', 'signature', null $$), 'ok', 'the mediator signs');
select is((select missing::text from mediation.agreement_reply), '["party"]', 'the parties are missing');
select throws_ok('update mediation.agreement set effective_at = now()', '23514', null, 'no effect while a mark is missing, for nobody');
select pg_temp.sign_in('a1');
select is(pg_temp.step('sign', $$ 'mediator', 'signature', null $$), 'forbidden', 'a party signs as a party');
select is(pg_temp.step('sign', $$ 'party', 'fingerprint', null $$), 'ok', 'a fingerprint');
select is(pg_temp.step('sign', $$ 'party', 'fingerprint', null $$), 'already_signed', 'once');
select is(pg_temp.state(), 'agreed', 'one party is not all');
select is((select effective_at from mediation.agreement), null, 'no effect yet');
savepoint before_effect;
select is(pg_temp.step('terminate', 'null, null'), 'ok', 'a party can still end it');
select is((select ground from mediation.final_notice where case_id = (pg_temp.the_case()).id), 'party_ended', 'without a reason');
rollback to before_effect;
select pg_temp.sign_in('a2');
select is(pg_temp.step('sign', $$ 'party', 'signature', null $$), 'ok', 'the last mark');
select is(pg_temp.state(), 'in_force', 'takes effect');
select is((select missing::text from mediation.agreement_reply), '[]', 'no mark is missing');
select is((select effective_at from mediation.agreement), (select max(marked_at) from mediation.agreement_mark), 'at its moment');
select is((select confirm_by from mediation.agreement), mediation.confirm_by(core.today()), 'the court''s clock begins');
select is(pg_temp.step('terminate', 'null, null'), 'wrong_state', 'what is in force is not ended');
select is(pg_temp.step('refuse', 'null, null'), 'wrong_state', 'nor refused');
select throws_ok($$ update mediation.agreement set content_sealed = '\x09' $$, '23514', null, 'what was agreed stands');
select throws_ok('delete from mediation.agreement_mark', '23001', null, 'marks are kept');
select is(mediation.confirm_by(d.effective::date), d.last_day::date, 'in force ' || d.effective || ', to the court until ' || d.last_day)
from (values ('2026-11-05', '2026-12-07'), ('2026-01-02', '2026-02-02'), ('2026-01-16', '2026-02-24'), ('2026-09-05', '2026-10-08'), ('2026-01-29', '2026-02-28'),
             ('2026-09-10', '2026-10-10'), ('2026-04-01', '2026-05-06'), ('2026-08-21', '2026-09-20'), ('2026-11-24', '2026-12-24'), ('2026-05-20', '2026-06-22')) d(effective, last_day);
select is(mediation.year_is_known('2027-01-04'), false, 'a year without a table is called uncertain');
select pg_temp.sign_in('a5', 'c1');
select is(pg_temp.allowed(), array['add_performance_item', 'follow_up', 'mark_risk', 'record_performance'], 'performance is watched');
select is(pg_temp.step('follow_up', $$ core.today(), 'partly', null $$), 'ok', 'a visit');
select is(pg_temp.state(), 'in_force', 'an open item keeps the file open');
select is(pg_temp.step('perform_item', $$ (select id from mediation.performance_item), 'partly' $$), 'ok', 'a part');
select is(pg_temp.step('perform_item', $$ (select id from mediation.performance_item), 'performed' $$), 'ok', 'and all');
select is(pg_temp.state(), 'closed', 'performed and visited: closed');
select is(pg_temp.step('perform_item', $$ (select id from mediation.performance_item), 'performed' $$), 'already_performed', 'once');
select is((select count(*) from mediation.final_notice), 0::bigint, 'what succeeded needs no notice');
select is((select array_agg(from_level || '>' || to_level order by escalated_at, to_level desc) from mediation.escalation), array['community>town', 'town>city'], 'the way it went');

-- ── a refusal is a hard stop ──
set local linli.clock_offset = '1 minute';
select is(pg_temp.opened('a3', '11', format('[{"side": "first", "person_id": "%s"}, {"side": "second", "person_id": "%s", "position": "1 栋"}]', pg_temp.id('a1'), pg_temp.id('a2'))), 'ok', 'the committee opens');
select is((pg_temp.the_case()).origin, 'committee', 'by itself');
select is(pg_temp.step('consent', format($$ 'community', %L, 'written' $$, p.id)), 'ok', 'both consent') from mediation.party p where case_id = (pg_temp.the_case()).id;
select is(pg_temp.step('schedule', format('%L, %L', core.app_now(), '这里')), 'ok', 'an attempt is fixed');
select pg_temp.sign_in('a2');
select is(pg_temp.step('refuse', 'null, null'), 'ok', 'one refuses');
select is(pg_temp.state(), 'refused', 'and it is over');
select is((select outcome from mediation.attempt where case_id = (pg_temp.the_case()).id), 'called_off', 'the appointment is called off');
select is((select ground from mediation.final_notice where case_id = (pg_temp.the_case()).id), 'party_refused', 'with the notice');
select is(pg_temp.allowed(), '{}'::text[], 'nothing more to do');
select pg_temp.sign_in('a3', '11');
select is(pg_temp.step('schedule', format('%L, %L', core.app_now(), '这里')), 'mediation_refused', 'no new attempt');
select throws_ok(format($$ insert into mediation.attempt (case_id, level, ordinal, attempts_limit, scheduled_at, place) values (%L, 'community', 1, 3, now(), 'x') $$, (pg_temp.the_case()).id),
                 '23514', 'a party has refused', 'not even past the routine');
select is(pg_temp.step('terminate', $$ 'not_agreed', null $$), 'wrong_state', 'nothing to end');

-- ── ended by a party in every open state ──
select is(array_agg(t.from_state order by t.from_state), array['agreed', 'awaiting_consent', 'in_mediation', 'level_exhausted'], 'every open state has an end for a party')
from core.transition t where t.machine = 'mediation_case' and t.action = 'terminate' and 'party' = any (t.who);
create function pg_temp.ended_in(wanted text) returns text language plpgsql as $$
declare
    result text;
begin
    begin
        perform pg_temp.sign_out();
        update mediation.mediation_case set state = wanted, closed_at = null where id = (pg_temp.the_case()).id;
        perform pg_temp.sign_in('a1');
        result := pg_temp.step('terminate', 'null, null') || ' ' || pg_temp.state();
        raise exception using errcode = 'LI999', message = result;
    exception when sqlstate 'LI999' then
        return sqlerrm;
    end;
end $$;
select is(pg_temp.ended_in(s), 'ok terminated', 'ended in ' || s) from unnest(array['awaiting_consent', 'in_mediation', 'level_exhausted', 'agreed']) s;
select is(pg_temp.ended_in('in_force'), 'wrong_state in_force', 'not what is in force');

-- ── the committee ends with a ground; a described party is identified ──
set local linli.clock_offset = '2 minutes';
select pg_temp.sign_in('a1');
select is(pg_temp.attempt($$ select * from mediation.open_case(null, 'title', '\x01', '\x02', '[]', '\x07') $$), 'ok', 'the other side in the applicant''s words');
select pg_temp.sign_in('a2');
select is(pg_temp.seen(format('select from mediation.mediation_case where id = %L', (pg_temp.the_case()).id)), 0::bigint, 'not yet identified');
select pg_temp.sign_in('a3', '11');
select is(pg_temp.step('terminate', 'null, null'), 'ground_missing', 'the committee gives a ground');
select is(pg_temp.step('identify', format('%L, %L', pg_temp.party('second'), pg_temp.id('a1'))), 'party_person_once', 'not the applicant');
select is(pg_temp.step('identify', format('%L, %L', pg_temp.party('second'), pg_temp.id('a2'))), 'ok', 'identified');
select is(pg_temp.step('identify', format('%L, %L', pg_temp.party('second'), pg_temp.id('a2'))), 'party_identified', 'once');
select pg_temp.sign_in('a2');
select is(pg_temp.seen(format('select from mediation.mediation_case where id = %L', (pg_temp.the_case()).id)), 1::bigint, 'now a party');
select is(pg_temp.step('consent', $$ 'community', null, null $$), 'ok', 'who consents');
select pg_temp.sign_in('a3', '11');
select is(pg_temp.tried('agreed'), 'ok', 'agreed at once');
select is(pg_temp.step('write_agreement', $$ 'oral', '\x08', null $$), 'ok', 'orally');
select is((select (a.form, core.day_of(a.effective_at), a.confirm_by) from mediation.agreement a where a.case_id = (pg_temp.the_case()).id), row('oral'::text, core.today(), null::date),
          'in effect on the day; on title no court confirms');
select is(pg_temp.state(), 'in_force', 'in force');
select is(pg_temp.step('follow_up', $$ core.today(), 'performed', null $$), 'ok', 'a visit');
select is(pg_temp.state(), 'closed', 'closes it');

-- ── nothing of a file is rewritten, and numbers have no gap ──
select throws_ok(s, '23001', null, s)
from unnest(array['update mediation.case_event set action = action', 'delete from mediation.case_view', 'update mediation.refusal set form = form',
                  'delete from mediation.mediation_consent', 'delete from mediation.final_notice', 'update mediation.follow_up set ordinal = 9', 'delete from mediation.risk']) s;
select is(pg_temp.attempt(s), '42501', s)
from unnest(array['update mediation.mediation_case set number = ''x''', 'delete from mediation.mediation_case', 'update mediation.agreement set effective_at = now()',
                  'select * from mediation.case_number', 'update mediation.level_policy set attempts_limit = 9', 'insert into mediation.final_notice (case_id, ground) values (null, ''unfit'')',
                  'select mediation.missing_marks(null)']) s;
select is((select array_agg(substr(number, length(number) - 4, 3) order by number) from mediation.mediation_case where origin_unit_id = pg_temp.id('11')), array['001', '002', '003'],
          'numbered without a gap');
select is((select count(*) from core.audit_payload p where concat(p.after->>'title_sealed', p.after->>'narrative_sealed', p.after->>'content_sealed') !~ '^[0-9a-f]*$'),
          0::bigint, 'sealed text enters the audit as digests only');
select throws_ok($$ update mediation.level_policy set follow_ups = 0 where level = 'city' $$, '23514', null, 'the city always visits');
select * from finish();
rollback;
