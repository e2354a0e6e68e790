-- Cards of units (0010_reads.sql): whatever is written, a card that is read says what the records say, and nobody reads one that has aged.
begin;
\ir lib/world.sql
select plan(39);

create function pg_temp.all_fresh() returns void language plpgsql as $$
begin
  while orgs.refresh_cards(7) loop
  end loop;
end $$;

create temp table before as select o.* from orgs.unit u cross join lateral orgs.unit_on(u.id, core.today()) o with no data;
create function pg_temp.unmarked() returns setof orgs.unit_card language sql as $$
  select k from orgs.unit_card k where k.day = core.today() and not exists (select from orgs.unit_card_stale s where s.unit_id = k.unit_id)
$$;

-- What a statement did to the units of today, and how many cards that are still read are wrong after it.
create function pg_temp.after(statement text) returns text language plpgsql as $$
declare
  changed bigint;
  wrong bigint;
begin
  perform pg_temp.all_fresh();
  delete from before;
  insert into before select k.* from pg_temp.unmarked() k;
  execute statement;
  select count(*) into changed from before b where b is distinct from (select o from orgs.unit_on(b.unit_id, core.today()) o);
  select count(*) into wrong from pg_temp.unmarked() k where k is distinct from (select o from orgs.unit_on(k.unit_id, core.today()) o);
  return format('%s changed, %s wrong', case when changed > 0 then 'some' else 'none' end, wrong);
end $$;

select pg_temp.all_fresh();
select is((select count(*) from pg_temp.unmarked()), (select count(*) from orgs.unit where valid @> core.today()), 'every unit has its card');
select is(pg_temp.after('select'), 'none changed, 0 wrong', 'and it says what the records say');

select is(pg_temp.after(format($$ %s $$, w.statement)), 'some changed, 0 wrong', w.what)
from (values
  (1, 'a person comes', $$select people.register(pg_temp.id('a9'), '梁家明', pg_temp.id('31'), 1990, core.today(), true)$$),
  (2, 'moves', $$select people.move(pg_temp.id('a9'), pg_temp.id('32'), core.today())$$),
  (3, 'and is forgotten', $$delete from people.person where id = pg_temp.id('a9')$$),
  (4, 'a head is chosen', $$select groups.choose_head(jsonb_build_object('id', pg_temp.id('81'), 'kind', 'building_head', 'unit_id', pg_temp.id('31'), 'person_id', pg_temp.id('a2'), 'basis', 'elected', 'valid_from', core.today() - 9))$$),
  (5, 'and ends', $$select groups.end_head(pg_temp.id('81'), core.today() - 1, 'resigned')$$),
  (6, 'a household is named', $$select people.name_central_household(pg_temp.id('31'), pg_temp.id('a1'), 'elected', core.today())$$),
  (7, 'and struck off', $$delete from people.central_household$$),
  (8, 'a group is founded', $$select groups.found_group(jsonb_build_object('id', pg_temp.id('71'), 'kind', 'neighbour_help', 'name', '和顺邻里帮帮团', 'unit_id', pg_temp.id('21'), 'valid_from', core.today()))$$),
  (9, 'and ends', $$update groups.group set valid = daterange(core.today() - 5, core.today()) where id = pg_temp.id('71')$$),
  (10, 'a census is published', $$insert into orgs.population (unit_id, counted_on, residents) values (pg_temp.id('11'), core.today(), 12000)$$),
  (11, 'corrected', $$update orgs.population set residents = 12001$$),
  (12, 'and withdrawn', $$delete from orgs.population$$),
  (13, 'a telephone changes', $$update orgs.unit set contact_phone = '100 0000' where id = pg_temp.id('31')$$),
  (14, 'a community is renamed', $$select orgs.update_unit(pg_temp.id('11'), '{"name": "孝坊新社区"}', null)$$),
  (15, 'a name is corrected', $$update orgs.unit_name set name = '岑城' where unit_id = pg_temp.id('d1')$$),
  (16, 'a building is founded', $$select pg_temp.found('34', 'building', '和顺花园 2 栋', '21', null, core.today() - 9)$$),
  (17, 'a compound moves', $$select orgs.place_unit(pg_temp.id('23'), 'territory', pg_temp.id('11'), core.today())$$),
  (18, 'and back', $$select orgs.place_unit(pg_temp.id('23'), 'territory', pg_temp.id('12'), core.today())$$),
  (19, 'a community is led by others', $$select orgs.place_unit(pg_temp.id('12'), 'leadership', pg_temp.id('13'), core.today())$$),
  (20, 'a building ends', $$select orgs.close_unit(pg_temp.id('34'), core.today() - 1)$$)
) w(n, what, statement) order by w.n;

-- the reply: from the card or from the records, the same to the last character
select pg_temp.all_fresh();
create temp table shown as select s.* from orgs.unit u cross join lateral orgs.show_unit(u.id, core.today()) s;
select is((select count(*) from shown), (select count(*) from orgs.unit where valid @> core.today()), 'every unit is shown');
insert into orgs.unit_card_stale (unit_id) select id from orgs.unit on conflict do nothing;
select is((select count(*) from shown w where w is distinct from (select s from orgs.show_unit(w.id, core.today()) s)), 0::bigint, 'a marked card is not missed');
select pg_temp.all_fresh();
update orgs.unit_card set heads = heads + 1 where unit_id = pg_temp.id('31');
select is((select "counts.heads" from orgs.show_unit(pg_temp.id('31'), core.today())), (select "counts.heads" + 1 from shown where id = pg_temp.id('31')), 'cards are read, so this test means something');
insert into orgs.unit_card_stale (unit_id) values (pg_temp.id('31'));
select is((select "counts.heads" from orgs.show_unit(pg_temp.id('31'), core.today())), (select "counts.heads" from shown where id = pg_temp.id('31')), 'and are not once they bear a mark');
select pg_temp.all_fresh();

-- the tag follows what is shown
select is((select _etag from orgs.show_unit(pg_temp.id('31'), core.today())), (select _etag from shown where id = pg_temp.id('31')), 'a card made anew alike has the same tag');
select people.register(pg_temp.id('a8'), '梁家乐', pg_temp.id('31'), 1992, core.today(), true);
select isnt((select _etag from orgs.show_unit(pg_temp.id('31'), core.today())), (select _etag from shown where id = pg_temp.id('31')), 'one resident more: another tag');
select isnt((select _etag from orgs.show_unit(pg_temp.id('c3'), core.today())), (select _etag from shown where id = pg_temp.id('c3')), 'for those who lead the community, too');
select is((select _etag from orgs.show_unit(pg_temp.id('32'), core.today())), (select _etag from shown where id = pg_temp.id('32')), 'not for the building elsewhere');

-- other days are worked out; a new day has new cards
select pg_temp.all_fresh();
update orgs.unit_card set heads = heads + 1;
select is((select count(*) from orgs.unit u cross join lateral orgs.show_unit(u.id, core.today() - 1) s where s."counts.heads" > (select count(*) from groups.head h where h.valid @> core.today() - 1)), 0::bigint, 'yesterday is not read from the card');
set local linli.clock_offset = '1 day';
select is((select count(*) from orgs.unit u cross join lateral orgs.show_unit(u.id, core.today()) s where s."counts.heads" > (select count(*) from groups.head h where h.valid @> core.today())), 0::bigint, 'nor is tomorrow');
select pg_temp.all_fresh();
select is((select count(*) from orgs.unit_card where day <> core.today()), 0::bigint, 'a new day makes them anew');
select is((select count(*) from orgs.unit_card k where k is distinct from (select o from orgs.unit_on(k.unit_id, core.today()) o)), 0::bigint, 'all of them');
select is(orgs.refresh_cards(1), false, 'and then nothing is left to do');

-- who reads them
select pg_temp.sign_in('a1');
select is(pg_temp.seen('select from orgs.unit_card'), (select count(*) from orgs.unit_card), 'the organization is public to whoever is signed in');
select is(pg_temp.attempt($$ update orgs.unit_card set heads = 0 $$), '42501', 'nobody writes a card');
select is(pg_temp.attempt($$ delete from orgs.unit_card_stale $$), '42501', 'or takes a mark off');
select pg_temp.sign_out();
select is(pg_temp.seen($$ select from orgs.show_unit(pg_temp.id('31'), core.today()) $$) + pg_temp.seen($$ select from orgs.show_unit(pg_temp.id('31'), core.today() - 1) $$), 0::bigint, 'nothing for nobody, from a card or from the records');

select finish();
rollback;
