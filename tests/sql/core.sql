-- Core: calendar, clock, ids, expectations, idempotency, preview, audit, seal, what never changes.
begin;
\ir lib/world.sql
select plan(59);

-- ids and clock
select is(substr(core.uuid_v7()::text, 15, 1), '7', 'ids are of version 7');
select ok((select bool_and(ordered) from (select a <= b as ordered from (select core.uuid_v7() as a, pg_sleep(0.002), core.uuid_v7() as b) p) q), 'ids sort by time');
set local linli.clock_offset = '3 days';
select is(core.app_now(), now() + interval '3 days', 'the clock can be moved');
set local linli.clock_offset = '';
select is(core.app_now(), now(), 'and set back');
select is(core.day_of('2026-11-24T16:00:00Z'), '2026-11-25'::date, 'a day begins at midnight in Shanghai');

-- working days: cases from the 2026 table
select is(core.is_working_day(d.day::date), d.working, d.day || ' ' || d.why)
from (values
  ('2026-01-01', false, 'new year'), ('2026-01-04', true, 'Sunday made up'), ('2026-02-14', true, 'Saturday made up'), ('2026-02-23', false, 'spring festival'),
  ('2026-02-24', true, 'after it'), ('2026-02-28', true, 'Saturday made up'), ('2026-05-09', true, 'Saturday made up'), ('2026-06-19', false, 'dragon boat'),
  ('2026-09-20', true, 'Sunday made up'), ('2026-10-10', true, 'Saturday made up'), ('2026-11-24', true, 'a Tuesday'), ('2026-11-28', false, 'a Saturday')) d(day, working, why);
select is(core.add_working_days(d.start::date, d.n), d.reached::date, format('%s working days after %s', d.n, d.start))
from (values
  ('2026-02-13', 1, '2026-02-14'), ('2026-02-13', 2, '2026-02-24'), ('2026-04-30', 3, '2026-05-08'), ('2026-04-30', 4, '2026-05-09'),
  ('2026-09-30', 1, '2026-10-08'), ('2026-11-27', 0, '2026-11-27'), ('2026-11-28', 0, '2026-11-30')) d(start, n, reached);
select is(core.working_days_between('2026-02-13', '2026-02-24'), 2, 'make-up day and the day after the festival');
select is(core.working_days_between('2026-02-24', '2026-02-13'), -2, 'backwards is negative');
select is(core.working_days_between('2026-02-24', '2026-02-24'), 0, 'no day between a day and itself');
select is(core.next_working_day('2026-10-01'), '2026-10-08'::date, 'a last day on a holiday moves on');
select throws_ok($$ select core.add_working_days('2026-12-30', 5) $$, 'LI000', 'calendar_missing', 'a clock that runs into a year without a table says so');
select is(core.is_working_day('2027-03-01'), null, 'and never guesses');

-- expectations
select lives_ok($$ select core.expect(true, 'wrong_state') $$, 'what holds passes');
select throws_ok($$ select core.expect(null, 'wrong_state') $$, 'LI000', 'wrong_state', 'unknown is refused');

-- transitions
insert into core.transition (machine, from_state, action, to_state) values ('test', 'open', 'close', 'closed');
select is(core.next_state('test', 'open', 'close'), 'closed', 'a row leads on');
select throws_ok($$ select core.next_state('test', 'closed', 'close') $$, 'LI000', 'wrong_state', 'no row, no way');

-- idempotency
select pg_temp.sign_in('a1');
select is(pg_temp.attempt($$ select core.claim_idempotency('key-1', 'op', '\x01') $$), 'ok', 'a key is claimed');
select is(pg_temp.attempt($$ update core.idempotency set columns = '{id}', reply = '(1)' where key = 'key-1' $$), 'ok', 'its reply is kept');
select throws_ok($$ select core.claim_idempotency('key-1', 'op', '\x01') $$, 'LI200', 'replay', 'the same request replays');
select throws_ok($$ select core.claim_idempotency('key-1', 'op', '\x02') $$, 'LI422', 'key_reused', 'another body is refused');
select throws_ok($$ select core.claim_idempotency('key-1', 'other', '\x01') $$, 'LI422', 'key_reused', 'another operation too');
select is(pg_temp.seen('select from core.idempotency'), 1::bigint, 'one sees one''s own keys');
select pg_temp.sign_in('b1');
select is(pg_temp.seen('select from core.idempotency'), 0::bigint, 'and nobody else''s');
select is(pg_temp.attempt($$ select core.claim_idempotency('key-1', 'op', '\x01') $$), 'ok', 'a key is a person''s own');
select throws_ok('select core.abandon()', 'LI204', 'abandoned', 'a preview takes everything back');

-- audit: who, what, digests; sealed values never in the clear
select pg_temp.sign_out();
do $$
begin
  perform set_config('app.person', pg_temp.id('a3')::text, true), set_config('app.op', 'updateUnit', true), set_config('app.rid', 'r-1', true);
end $$;
update people.person set display_name = '覃红' where id = pg_temp.id('a1');
select results_eq(
  $$ select person_id, operation, request_id, row_key, action from core.audit_record where table_name = 'people.person' order by id desc limit 1 $$,
  $$ values (pg_temp.id('a3'), 'updateUnit', 'r-1', pg_temp.id('a1')::text, 'update') $$, 'who, operation, request, row');
select is((select p.before ->> 'display_name' from core.audit_payload p order by p.audit_id desc limit 1), '覃小红', 'the payload holds what was');
select is_empty('select * from core.false_payloads()', 'digests match payloads');
update people.person set display_name = '覃红' where id = pg_temp.id('a1');
select is((select count(*) from core.audit_record where table_name = 'people.person' and action = 'update'), 1::bigint, 'no change, no record');
select is((select count(*) from core.audit_payload where after::text like '%\\x01%'), 0::bigint, 'sealed values are not in payloads');
select pg_temp.sign_out();
delete from core.audit_payload;
select is_empty('select * from core.false_payloads()', 'an erased payload is absent, not wrong');
select throws_ok('delete from core.audit_record', '23001', null, 'records are never deleted, not by the owner');
select throws_ok('update core.audit_record set at = at', '23001', null, 'nor changed');
select throws_ok('truncate core.audit_record cascade', '23001', null, 'nor truncated');
select is(pg_temp.attempt('select from core.audit_record'), '42501', 'the application reads no audit');
select is(pg_temp.attempt('insert into core.outbox (topic, payload) values (''x'', ''{}'')'), '42501', 'and writes no event by hand');
select is(pg_temp.attempt($$ select core.emit('test.done', null, '{}') $$), 'ok', 'but emits');

-- seal: numbers follow each other and every hash follows from the one before
do $$ begin perform core.seal_batch(100000); end $$; -- what the migrations wrote
select is((select sealed from core.seal_batch(10)), 0, 'what is not committed is not sealed');
select is(encode(core.seal_hash(decode(repeat('00', 32), 'hex'), 1, 'audit [1]'), 'hex'),
  encode(sha256(decode(repeat('00', 32), 'hex') || '1 audit [1]'::bytea), 'hex'), 'the chain is plain SHA-256');

-- every table of every domain that holds rows of people or communities is guarded even against its owner
select is_empty($$
  select c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ('core', 'orgs', 'people', 'access', 'groups') and c.relkind = 'r' and not (c.relrowsecurity and c.relforcerowsecurity)
    and c.oid::regclass::text not in ('core.migration', 'core.schema_version', 'core.transition', 'core.holiday', 'orgs.unit_kind', 'orgs.unit_kind_rule', 'orgs.post',
      'core.reading', 'core.fixed_reading', 'core.import_kind', 'core.import_column', 'core.import_fault_code', 'core.job_kind', 'core.blob_purpose', 'orgs.composition_rule', 'orgs.handover_default')
$$, 'row-level security is forced');
select is_empty($$
  select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname in ('core', 'orgs', 'people', 'access', 'groups', 'points', 'volunteering', 'mediation') and p.prosecdef
    and not exists (select from unnest(p.proconfig) c where c like 'search_path=%')
$$, 'every routine that crosses security has a fixed search path');
select * from finish();
rollback;
