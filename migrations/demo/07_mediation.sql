-- 112 disputes settled in a year, some that did not come to an agreement, and what is open today. Every step by the domain's own routines.
do $$ begin raise notice 'disputes'; end $$;

-- Each community has its mediator: the director of its committee.
create temp table demo_mediator on commit drop as
select k.ord, case k.ord when 1 then pg_temp.id('login mediator') when 2 then pg_temp.id('login mediator_b') else pg_temp.id('person ' || m.p) end as person
from demo_community_key k join demo_member m on m.community = k.ord and m.k = 9 and m.n = 11;
select count(access.add_grant(person, 'mediator', (select pg_temp.id(k.key) from demo_community_key k where k.ord = m.ord), date '2024-01-01')) from demo_mediator m where ord > 2;

create temp table demo_sealed on commit drop as select kind, ordinal, sealed from seed_sealed where kind in ('title', 'narrative', 'content', 'item', 'note', 'summary', 'visit', 'claimed');
create function pg_temp.sealed(wanted text, n integer) returns bytea language sql stable as $$ select sealed from demo_sealed where kind = wanted and ordinal = n $$;
create function pg_temp.kind_of(n integer) returns text language sql immutable as $$
  select (array['neighbour', 'neighbour', 'injury', 'neighbour', 'neighbour', 'neighbour', 'property_service', 'tenancy', 'support', 'debt', 'neighbour', 'labour'])[n]
$$;

-- From here on this person acts, with a mediator's reach over that unit when one is given.
create function pg_temp.act(who uuid, reach text default null) returns void language plpgsql as $$
declare
  roots text := coalesce((select '{' || u.territory_path::text || '}' from orgs.unit u where u.id = pg_temp.id(reach)), '');
begin
  perform set_config('app.person', coalesce(who::text, ''), true), set_config('app.scope', roots, true), set_config('app.paths', roots, true), set_config('app.files', roots, true);
end $$;

create function pg_temp.consent_all(wanted uuid, at_level text) returns void language plpgsql as $$
declare
  p record;
begin
  for p in select id from mediation.party where case_id = wanted and not exists (select from mediation.mediation_consent s where s.party_id = party.id and s.level = at_level) loop
    perform mediation.consent(wanted, at_level, p.id, 'oral');
  end loop;
end $$;

-- One talk at the level where the case sits, on that day.
create function pg_temp.talk(wanted uuid, day date, result text) returns void language plpgsql as $$
declare
  made uuid;
begin
  perform pg_temp.at(day - 2, 9);
  select a.id into made from mediation.schedule(wanted, (day + time '15:00') at time zone 'Asia/Shanghai', '调解室（二楼）') a;
  perform pg_temp.at(day, 16.5);
  perform mediation.record_outcome(wanted, made, result, pg_temp.sealed('note', case result when 'agreed' then 2 else 1 end));
end $$;

create function pg_temp.agree(wanted uuid, day date, scene integer, written boolean) returns void language plpgsql as $$
declare
  p record;
begin
  perform pg_temp.at(day, 16.6);
  perform mediation.write_agreement(wanted, case when written then 'written' else 'oral' end, pg_temp.sealed('content', scene), day);
  for p in select id from mediation.party where case_id = wanted order by id loop
    if written then
      perform mediation.sign(wanted, 'party', 'signature', p.id);
    end if;
  end loop;
  perform mediation.add_item(wanted, (select id from mediation.party where case_id = wanted and side = 'second' order by id limit 1), pg_temp.sealed('item', scene), day + 10, null);
  if written then
    perform mediation.sign(wanted, 'mediator', 'signature', null);
    perform pg_temp.at(day, 16.9);
    perform mediation.sign(wanted, 'committee', 'seal', null);
  end if;
end $$;

do $$
declare
  i integer;
  scene integer;
  place integer;
  key text;
  level text;
  day date;
  made uuid;
  first_person uuid;
  second_person uuid;
begin
  for i in 1..124 loop
    if i % 31 = 0 then
      raise notice 'disputes: % of 124', i;
    end if;
    scene := 1 + i % 12;
    place := 1 + i % 19;
    key := (select k.key from demo_community_key k where k.ord = place);
    day := pg_temp.today() - 356 + (i * 27) / 10;
    first_person := (select pg_temp.id('person ' || m.p) from demo_member m where m.community = place and m.k = 4 and m.n = 1 + i % 25);
    second_person := (select pg_temp.id('person ' || m.p) from demo_member m where m.community = place and m.k = 3 and m.n = 3 + (i * 7) % 25);
    perform pg_temp.act((select m.person from demo_mediator m where m.ord = place), key);
    perform pg_temp.at(day, 9.5);
    select c.id into made from mediation.open_case(pg_temp.id(key), pg_temp.kind_of(scene), pg_temp.sealed('title', scene), pg_temp.sealed('narrative', scene),
      jsonb_build_array(jsonb_build_object('side', 'first', 'person_id', first_person), jsonb_build_object('side', 'second', 'person_id', second_person)), null) c;
    if i > 112 then
      -- not everyone wants to: a clear refusal, or an end at any time
      if i % 2 = 0 then
        perform mediation.refuse(made, (select id from mediation.party p where p.case_id = made and side = 'second'), 'oral');
      else
        perform pg_temp.consent_all(made, 'community');
        perform pg_temp.talk(made, day + 5, 'failed');
        perform mediation.terminate(made, null, (select id from mediation.party p where p.case_id = made and side = 'first'));
      end if;
      continue;
    end if;
    perform pg_temp.consent_all(made, 'community');
    if i % 7 <> 0 then
      for n in 1..i % 3 loop
        day := day + 4;
        perform pg_temp.talk(made, day, 'failed');
      end loop;
    else
      for n in 1..3 loop
        day := day + 3;
        perform pg_temp.talk(made, day, 'failed');
      end loop;
      perform pg_temp.consent_all(made, 'town');
      perform mediation.escalate(made, pg_temp.sealed('summary', 1));
      perform pg_temp.act(pg_temp.id('login town_mediator'), 'town');
      if i % 21 = 0 then
        for n in 1..2 loop
          day := day + 3;
          perform pg_temp.talk(made, day, 'failed');
        end loop;
        perform pg_temp.consent_all(made, 'city');
        perform mediation.escalate(made, pg_temp.sealed('summary', 1));
        perform pg_temp.act(pg_temp.id('login city_mediator'), 'city');
      end if;
    end if;
    day := day + 4;
    perform pg_temp.talk(made, day, 'agreed');
    perform pg_temp.agree(made, day, scene, i % 4 <> 0);
    day := least(day + 12, pg_temp.today());
    perform pg_temp.at(day, 10);
    perform mediation.perform_item(made, (select id from mediation.performance_item t where t.case_id = made), 'performed');
    perform mediation.follow_up(made, day, 'performed', pg_temp.sealed('visit', 1));
  end loop;
  perform pg_temp.act(null);
end $$;

-- What the people of the demonstration find when they sign in.
do $$
declare
  made uuid;
  today date := pg_temp.today();
  mediator uuid := pg_temp.id('login mediator');
begin
  -- 莫小兰 and 覃国强: the second talk is tomorrow.
  perform pg_temp.at(today - 20, 9);
  perform pg_temp.act(pg_temp.id('login resident'));
  select c.id into made from mediation.open_case(pg_temp.id('community 1'), 'neighbour', pg_temp.sealed('title', 1), pg_temp.sealed('narrative', 1),
    jsonb_build_array(jsonb_build_object('side', 'second', 'person_id', pg_temp.id('login neighbour'))), null) c;
  perform pg_temp.act(pg_temp.id('login neighbour'));
  perform mediation.consent(made, 'community', null, null);
  perform pg_temp.act(mediator, 'community 1');
  perform pg_temp.talk(made, today - 16, 'failed');
  perform pg_temp.at(today, 8);
  perform mediation.schedule(made, (today + 1 + time '15:00') at time zone 'Asia/Shanghai', '孝坊社区调解室（二楼）');
  -- 林玉珍 applied; 莫小兰 has not answered yet.
  perform pg_temp.at(today - 2, 10);
  perform pg_temp.act(pg_temp.id('login elder'));
  perform mediation.open_case(pg_temp.id('community 1'), 'neighbour', pg_temp.sealed('title', 4), pg_temp.sealed('narrative', 4),
    jsonb_build_array(jsonb_build_object('side', 'second', 'person_id', pg_temp.id('login resident'))), null);
  -- 林玉珍 and the property company: in force for 18 days, being performed, the court's clock runs.
  perform pg_temp.act(mediator, 'community 1');
  perform pg_temp.at(today - 40, 10);
  select c.id into made from mediation.open_case(pg_temp.id('community 1'), 'injury', pg_temp.sealed('title', 3), pg_temp.sealed('narrative', 3),
    jsonb_build_array(jsonb_build_object('side', 'first', 'person_id', pg_temp.id('login elder')), jsonb_build_object('side', 'second', 'organization_name', '和顺物业（演示）', 'position', '委托人邓先生')), null) c;
  perform pg_temp.consent_all(made, 'community');
  perform pg_temp.talk(made, today - 33, 'failed');
  perform pg_temp.talk(made, today - 26, 'failed');
  perform pg_temp.talk(made, today - 18, 'agreed');
  perform pg_temp.agree(made, today - 18, 3, true);
  -- 覃国强 and 莫小兰 agreed on the bicycles; the marks are still missing.
  perform pg_temp.at(today - 9, 10);
  select c.id into made from mediation.open_case(pg_temp.id('community 1'), 'property_service', pg_temp.sealed('title', 7), pg_temp.sealed('narrative', 7),
    jsonb_build_array(jsonb_build_object('side', 'first', 'person_id', pg_temp.id('login neighbour')), jsonb_build_object('side', 'second', 'person_id', pg_temp.id('login resident'))), null) c;
  perform pg_temp.consent_all(made, 'community');
  perform pg_temp.talk(made, today - 4, 'agreed');
  perform pg_temp.at(today - 4, 17);
  perform mediation.write_agreement(made, 'written', pg_temp.sealed('content', 7), today - 4);
  -- Three talks at 孝坊 came to nothing; whether the town may try is theirs to say.
  perform pg_temp.at(today - 30, 10);
  select c.id into made from mediation.open_case(pg_temp.id('community 1'), 'tenancy', pg_temp.sealed('title', 8), pg_temp.sealed('narrative', 8),
    (select jsonb_build_array(jsonb_build_object('side', 'first', 'person_id', pg_temp.id('person ' || a.p)), jsonb_build_object('side', 'second', 'person_id', pg_temp.id('person ' || b.p)))
     from demo_member a, demo_member b where a.community = 1 and a.k = 4 and a.n = 5 and b.community = 1 and b.k = 3 and b.n = 9), null) c;
  perform pg_temp.consent_all(made, 'community');
  perform pg_temp.talk(made, today - 26, 'failed');
  perform pg_temp.talk(made, today - 20, 'failed');
  perform pg_temp.talk(made, today - 12, 'failed');
  -- One in 木棉, which 孝坊 must not see.
  perform pg_temp.at(today - 5, 10);
  perform pg_temp.act(pg_temp.id('login resident_b'));
  perform mediation.open_case(pg_temp.id('community 2'), 'neighbour', pg_temp.sealed('title', 6), pg_temp.sealed('narrative', 6), '[]', pg_temp.sealed('claimed', 1));
  perform pg_temp.act(null);
  perform set_config('linli.clock_offset', '', true);
end $$;

-- The year just loaded holds what the articles of the house promise; otherwise nothing is kept.
do $$
declare
  wrong text;
begin
  select string_agg(a.invariant || ' ' || a.subject || ': ' || a.message, '; ') into wrong from points.audit() a;
  if wrong is not null then
    raise exception 'the books do not add up: %', left(wrong, 500);
  end if;
  raise notice 'units %, residents %, heads %, central households %, services %, disputes settled %',
    (select count(*) from orgs.unit), (select count(*) from people.person), (select count(*) from groups.head), (select count(*) from people.central_household),
    (select count(*) from volunteering.service_record), (select count(*) from mediation.mediation_case where state = 'closed');
end $$;
