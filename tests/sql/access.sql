-- Access: locking, refresh tokens used once, rights of today, tables that only routines reach.
begin;
\ir lib/world.sql
select plan(46);
select access.create_login(pg_temp.id('a1'), 'Xiaohong', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA');

select is((select person_id from access.find_login('XIAOHONG')), pg_temp.id('a1'), 'found whatever the case');
select is((select count(*) from access.find_login('nobody') f where f.person_id is null and f.password_hash is null), 1::bigint, 'unknown gives a row of nothing');
select throws_ok($$ select access.create_login(pg_temp.id('a2'), 'xiaohong', repeat('x', 30)) $$, '23505', null, 'a user name is one person''s');
select is(access.record_failure('xiaohong'), false, 'a first wrong password only counts') from generate_series(1, 4);
select is(access.record_failure('xiaohong'), true, 'the fifth locks');
select is((select locked_until from access.find_login('xiaohong')), core.app_now() + interval '1 minute', 'for a minute');
select is(access.record_failure('xiaohong'), true, 'the next');
select is((select locked_until from access.find_login('xiaohong')), core.app_now() + interval '2 minutes', 'for twice as long');
select access.record_failure('nobody') from generate_series(1, 5);
select is((select locked_until from access.find_login('NOBODY')), core.app_now() + interval '1 minute', 'a name that nobody has is locked like any other');
set local linli.clock_offset = '1 hour';
select is((select locked_until from access.find_login('xiaohong')), null, 'and it ends by itself');
set local linli.clock_offset = '';

set local linli.clock_offset = '2 days';
select access.forget_sessions();
select is((select count(*) from access.login_failure), 0::bigint, 'after a day a failure is forgotten');
set local linli.clock_offset = '';
select access.record_failure('xiaohong');
select is((select count(*) from access.open_session(pg_temp.id('a1'), decode(repeat('01', 32), 'hex'), '30 days')), 1::bigint, 'a session opens');
select is((select count(*) from access.login_failure), 0::bigint, 'and forgets the failures');
select id as session_id from access.login_session \gset
select is((select outcome from access.rotate(decode(repeat('01', 32), 'hex'), decode(repeat('02', 32), 'hex'))), 'rotated', 'a token is exchanged');
select is((select outcome from access.rotate(decode(repeat('01', 32), 'hex'), decode(repeat('03', 32), 'hex'))), 'grace', 'within ten seconds again');
select is((select outcome from access.rotate(decode(repeat('09', 32), 'hex'), decode(repeat('04', 32), 'hex'))), 'unknown', 'a forged one is unknown');
set local linli.clock_offset = '11 seconds';
select is((select outcome from access.rotate(decode(repeat('02', 32), 'hex'), decode(repeat('05', 32), 'hex'))), 'rotated', 'its heir lives on');
select is((select count(*) from access.principal(:'session_id')), 1::bigint, 'a session without grants is one row');
select is((select role from access.principal(:'session_id')), null, 'without a role');
select is((select outcome from access.rotate(decode(repeat('01', 32), 'hex'), decode(repeat('06', 32), 'hex'))), 'reused', 'later use means theft');
select is((select count(*) from access.principal(:'session_id')), 0::bigint, 'and ends the family');
select is((select outcome from access.rotate(decode(repeat('05', 32), 'hex'), decode(repeat('07', 32), 'hex'))), 'unknown', 'with every token of it');
set local linli.clock_offset = '';

select session_id as second_id from access.open_session(pg_temp.id('a1'), decode(repeat('11', 32), 'hex'), '30 days') \gset
select access.add_grant(pg_temp.id('a1'), 'resident', pg_temp.id('31')) as grant_id \gset
do $$ begin perform access.add_grant(pg_temp.id('a1'), 'branch_secretary', pg_temp.id('22'), core.today() + 3); end $$;
select throws_ok($$ select access.add_grant(pg_temp.id('a1'), 'resident', pg_temp.id('31')) $$, '23P01', null, 'no grant twice');
select throws_ok($$ select access.add_grant(pg_temp.id('a1'), 'king', pg_temp.id('31')) $$, '23514', null, 'no role that does not exist');
select results_eq(format($$ select person_id, role, territory_path from access.principal(%L) $$, :'second_id'),
  $$ select pg_temp.id('a1'), 'resident', territory_path from orgs.unit where id = pg_temp.id('31') $$, 'rights are those of today');
set local linli.clock_offset = '3 days';
select is((select count(*) from access.principal(:'second_id')), 2::bigint, 'a grant begins on its day');
set local linli.clock_offset = '';
select access.end_grant(:'grant_id');
select is((select role from access.principal(:'second_id')), null, 'an ended one is gone at once');
set local linli.clock_offset = '31 days';
select is((select count(*) from access.principal(:'second_id')), 0::bigint, 'a session ends with its time');
set local linli.clock_offset = '';
select pg_temp.sign_in('b1');
select is(access.close_session(:'second_id'), false, 'nobody closes another''s session');
select pg_temp.sign_in('a1');
select is(access.close_session(:'second_id'), true, 'one''s own, yes');
select is((select count(*) from access.principal(:'second_id')), 0::bigint, 'closed is closed');
select pg_temp.sign_out();
select session_id as third_id from access.open_session(pg_temp.id('a1'), decode(repeat('21', 32), 'hex'), '30 days') \gset
select is(access.set_disabled('xiaohong', true), true, 'a login is disabled');
select is((select count(*) from access.principal(:'third_id')), 0::bigint, 'with its sessions');
select access.set_disabled('xiaohong', false);
select session_id as fourth_id from access.open_session(pg_temp.id('a1'), decode(repeat('31', 32), 'hex'), '30 days') \gset
select access.set_password('xiaohong', repeat('y', 40));
select is((select count(*) from access.principal(:'fourth_id')), 0::bigint, 'a new password ends the old sessions');

-- the application reaches logins through routines only, and grants no rights
select pg_temp.sign_in('a1', '11');
select is(pg_temp.attempt('select from access.login'), '42501', 'no reading of logins');
select is(pg_temp.attempt('select from access.login_session'), '42501', 'nor of sessions');
select is(pg_temp.attempt('select from access.login_failure'), '42501', 'nor of failures');
select is(pg_temp.attempt('select from access.refresh_token'), '42501', 'nor of tokens');
select is(pg_temp.attempt($$ select access.add_grant(pg_temp.id('a1'), 'administrator', pg_temp.id('11')) $$), '42501', 'nobody raises themselves');
select is(pg_temp.attempt($$ insert into access.grant (person_id, role, unit_id, valid) values (pg_temp.id('a1'), 'administrator', pg_temp.id('11'), '[2026-01-01,)') $$), '42501', 'not past the routine');
select is(pg_temp.attempt($$ select access.set_password('xiaohong', repeat('z', 40)) $$), '42501', 'nobody sets a password');
select is(pg_temp.attempt($$ select access.find_login('xiaohong') $$), 'ok', 'logging in asks its routine');
select pg_temp.sign_out();
select is((select count(*) from core.audit_payload p join core.audit_record r on r.id = p.audit_id where r.table_name = 'access.login' and p.after::text like '%argon2id%'), 0::bigint, 'no password hash in the audit');
select * from finish();
rollback;
