-- Elections, third part: the roll and objections to it, the election committee, nominations, proxies, the defence. Reloaded whole by every migrate.
set local check_function_bodies = off;

-- ── the roll ───────────────────────────────────────────────────────────────────────────────────────────────────
-- Everyone of age at home in the area; or today's representatives. Households and owners are entered one by one or by a list.
create or replace function groups.compile_roll(e groups.election) returns void language plpgsql as $$
declare
  r groups.election_rule := groups.rule_of(e);
begin
  perform groups.expect_state(e, 'prepared');
  if r.electorate = 'all_voters' then
    insert into groups.election_voter (election_id, person_id, ground)
    select e.id, p.id, 'registered' from people.person p
    where p.unit_id in (select orgs.units_below(e.unit_id, 'territory', core.today())) and p.birth_year <= extract(year from e.voting_on) - 18
      and not exists (select from groups.election_voter v where v.election_id = e.id and v.person_id = p.id);
  elsif r.electorate = 'representatives' then
    insert into groups.election_voter (election_id, person_id, ground)
    select e.id, m.person_id, 'representative' from groups.representative m join groups.group g on g.id = m.group_id
    where m.valid @> e.voting_on and case when e.group_id is not null then g.id = e.group_id else g.unit_id in (select orgs.units_below(e.unit_id, 'territory', core.today())) end
      and not exists (select from groups.election_voter v where v.election_id = e.id and v.person_id = m.person_id);
  else
    perform core.expect(false, 'roll_by_list');
  end if;
end $$;

create or replace function groups.grounds_of(electorate text) returns text[] language sql immutable parallel safe as $$
  select case electorate when 'all_voters' then '{registered,habitual,worker}'::text[] when 'households' then '{household}' when 'representatives' then '{representative}' else '{owner}' end
$$;

create or replace function groups.add_voters(e groups.election, list jsonb) returns void language plpgsql as $$
declare
  r groups.election_rule := groups.rule_of(e);
  v record;
begin
  perform groups.expect_state(e, 'prepared', 'roll_published');
  for v in select x.*, '/voters/' || (x.n - 1) as pointer
    from rows from (jsonb_to_recordset(list) as (person_id uuid, ground text, household text, area_cm2 bigint)) with ordinality as x(person_id, ground, household, area_cm2, n) loop
    perform core.expect(exists (select from people.person p where p.id = v.person_id), 'not_found', v.pointer || '/person_id');
    perform core.expect(v.ground = any (groups.grounds_of(r.electorate)) and (v.ground = 'household') = (v.household is not null)
      and (v.ground = 'owner') = (v.area_cm2 is not null), 'ground_not_allowed', v.pointer || '/ground');
    perform core.expect(exists (select from people.person p where p.id = v.person_id and p.birth_year <= extract(year from e.voting_on) - 18), 'voter_too_young', v.pointer || '/person_id');
    perform core.expect(v.ground <> 'representative' or exists (
      select from groups.representative m where m.person_id = v.person_id and m.valid @> e.voting_on and (e.group_id is null or m.group_id = e.group_id)), 'ground_not_allowed', v.pointer || '/ground');
    insert into groups.election_voter (election_id, person_id, ground, household, area_cm2) values (e.id, v.person_id, v.ground, v.household, v.area_cm2);
  end loop;
end $$;

create or replace function groups.strike_voter(e groups.election, wanted uuid, reason text) returns void language plpgsql as $$
begin
  perform groups.expect_state(e, 'prepared', 'roll_published');
  update groups.election_voter v set struck_on = core.today(), struck_reason = reason, version = v.version + 1
  where v.id = wanted and v.election_id = e.id and v.struck_on is null;
  perform core.expect(found, 'not_found', '/voter_id');
end $$;

-- Within so many days of the publication; decided within so many more (Organic Law 17).
create or replace function groups.object_to_roll(e groups.election, body jsonb) returns void language plpgsql as $$
declare
  r groups.election_rule := groups.rule_of(e);
begin
  perform groups.expect_state(e, 'roll_published');
  perform core.expect(core.today() <= e.roll_published_on + r.objection_days::integer, 'objection_period_over');
  insert into groups.roll_objection (election_id, person_id, about_person_id, wish, reason, due_on)
  values (e.id, core.person(), coalesce((body ->> 'about_person_id')::uuid, core.person()), body ->> 'wish', body ->> 'reason', core.today() + r.decision_days::integer);
end $$;

drop function if exists groups.show_objection(uuid) cascade;
create function groups.show_objection(wanted uuid) returns table (
  id uuid, election_id uuid, "person.id" uuid, "person.name" text, about jsonb, wish text, reason text, filed_on date, due_on date, state text, decided_on date, answer text)
language sql stable as $$
  select o.id, o.election_id, o.person_id, people.name_of(o.person_id), case when o.about_person_id is not null then groups.person_json(o.about_person_id) end,
    o.wish, o.reason, o.filed_on, o.due_on, o.state, o.decided_on, o.answer
  from groups.roll_objection o where o.id = wanted
$$;

-- Upheld: the roll is put right by the desk in the same moment where that is clear.
drop function if exists groups.decide_objection(uuid, jsonb) cascade;
create function groups.decide_objection(wanted uuid, body jsonb) returns table (
  id uuid, election_id uuid, "person.id" uuid, "person.name" text, about jsonb, wish text, reason text, filed_on date, due_on date, state text, decided_on date, answer text)
language plpgsql as $$
#variable_conflict use_column
declare
  o groups.roll_objection;
  e groups.election;
  r groups.election_rule;
begin
  select * into o from groups.roll_objection x where x.id = wanted;
  perform core.expect(found, 'not_found');
  e := groups.lock_election(o.election_id);
  r := groups.rule_of(e);
  select * into o from groups.roll_objection x where x.id = wanted for update;
  perform groups.expect_state(e, 'roll_published');
  perform core.expect(o.state = 'open', 'already_decided');
  update groups.roll_objection x set state = body ->> 'decision', answer = body ->> 'answer', decided_on = core.today() where x.id = wanted;
  if body ->> 'decision' = 'upheld' and o.wish = 'strike' then
    update groups.election_voter v set struck_on = core.today(), struck_reason = left(body ->> 'answer', 200), version = v.version + 1
    where v.election_id = e.id and v.person_id = o.about_person_id and v.struck_on is null;
  elsif body ->> 'decision' = 'upheld' and o.wish = 'add' and r.electorate = 'all_voters' then
    perform groups.add_voters(e, jsonb_build_array(jsonb_build_object('person_id', o.about_person_id, 'ground', 'registered')));
  end if;
  return query select * from groups.show_objection(wanted);
end $$;

-- ── the election committee (Organic Law 15) ────────────────────────────────────────────────────────────────────
-- Somebody who stands, or a near relative of somebody who stands.
create or replace function groups.stands(e groups.election, person uuid) returns text language sql stable as $$
  select case when bool_or(n.person_id = person) then 'official_is_candidate' when bool_or(groups.near_relatives(n.person_id, person)) then 'official_is_relative' end
  from groups.nomination n where n.election_id = e.id and n.answer = 'accepted'
$$;

create or replace function groups.add_official(e groups.election, body jsonb) returns void language plpgsql as $$
declare
  conflict text := groups.stands(e, (body ->> 'person_id')::uuid);
begin
  perform groups.expect_state(e, 'prepared', 'roll_published', 'candidates_published');
  perform core.expect(exists (select from people.person p where p.id = (body ->> 'person_id')::uuid), 'not_found', '/person_id');
  perform core.expect(conflict is distinct from 'official_is_candidate', 'official_is_candidate', '/person_id');
  perform core.expect(conflict is distinct from 'official_is_relative', 'official_is_relative', '/person_id');
  insert into groups.election_official (election_id, person_id, role) values (e.id, (body ->> 'person_id')::uuid, body ->> 'role');
end $$;

create or replace function groups.release_official(e groups.election, wanted uuid, reason text) returns void language plpgsql as $$
begin
  update groups.election_official o set left_on = core.today(), left_reason = reason where o.id = wanted and o.election_id = e.id and o.left_on is null;
  perform core.expect(found, 'not_found', '/official_id');
end $$;

-- ── nominations (Organic Law 18) ───────────────────────────────────────────────────────────────────────────────
create or replace function groups.nominate(e groups.election, body jsonb) returns void language plpgsql as $$
declare
  made uuid := core.uuid_v7();
  desk boolean := orgs.in_scope(e.unit_id);
  by_organization boolean := body ->> 'nominated_by' = 'organization';
  supporters uuid[] := coalesce((select array_agg(distinct x::uuid) from jsonb_array_elements_text(body -> 'supporter_ids') x), '{}');
begin
  perform groups.expect_state(e, 'roll_published');
  perform core.expect(e.purpose <> 'recall', 'wrong_state');
  perform core.expect(exists (select from groups.contest c where c.id = (body ->> 'contest_id')::uuid and c.election_id = e.id), 'not_found', '/contest_id');
  perform core.expect(groups.is_eligible(e.id, (body ->> 'person_id')::uuid), 'not_eligible', '/person_id');
  perform core.expect(desk or (not by_organization and cardinality(supporters) = 0), 'forbidden');
  perform core.expect(not by_organization or body ->> 'document_ref' is not null, 'document_missing', '/document_ref');
  if not by_organization and cardinality(supporters) = 0 then
    supporters := array[core.person()];
  end if;
  perform core.expect(by_organization or groups.is_eligible(e.id, s), 'not_a_voter', '/supporter_ids') from unnest(supporters) s;
  insert into groups.nomination (id, election_id, contest_id, person_id, nominated_by, document_ref, statement)
  values (made, e.id, (body ->> 'contest_id')::uuid, (body ->> 'person_id')::uuid, body ->> 'nominated_by', body ->> 'document_ref', body ->> 'statement');
  insert into groups.nomination_supporter (nomination_id, person_id, recorded_by) select made, s, core.person() from unnest(supporters) s;
end $$;

-- A nomination, and the request for a recall, is public; who supports it is told to the desk only.
create or replace function groups.support(e groups.election, wanted uuid) returns void language plpgsql as $$
begin
  perform groups.expect_state(e, 'roll_published');
  perform core.expect(exists (select from groups.nomination n where n.id = wanted and n.election_id = e.id and n.nominated_by = 'voters'), 'not_found');
  perform core.expect(groups.is_eligible(e.id, core.person()), 'not_a_voter');
  insert into groups.nomination_supporter (nomination_id, person_id, recorded_by) values (wanted, core.person(), core.person());
end $$;

create or replace function groups.answer_nomination(e groups.election, wanted uuid, answer text) returns void language plpgsql as $$
declare
  n groups.nomination;
begin
  select * into n from groups.nomination x where x.id = wanted and x.election_id = e.id;
  perform core.expect(found and (n.person_id = core.person() or orgs.in_scope(e.unit_id)), 'not_found');
  perform groups.expect_state(e, 'roll_published');
  perform core.expect(e.purpose <> 'recall', 'wrong_state');
  perform core.expect(n.answer = 'open', 'already_decided');
  perform core.expect(answer = 'declined' or not exists (select from groups.election_official o where o.election_id = e.id and o.person_id = n.person_id and o.left_on is null), 'official_is_candidate');
  update groups.nomination x set answer = answer_nomination.answer, version = x.version + 1 where x.id = wanted;
  perform core.expect(found, 'not_found');
end $$;

-- ── proxies (Organic Law 19): in writing, recorded by the desk ─────────────────────────────────────────────────
create or replace function groups.give_proxy(e groups.election, body jsonb) returns void language plpgsql as $$
declare
  r groups.election_rule := groups.rule_of(e);
  v groups.election_voter;
  h groups.election_voter;
begin
  perform groups.expect_state(e, 'roll_published', 'candidates_published', 'voting');
  perform core.expect(r.proxies_most > 0, 'proxies_not_allowed');
  select * into v from groups.election_voter x where x.id = (body ->> 'voter_id')::uuid and x.election_id = e.id and x.struck_on is null;
  perform core.expect(found, 'not_found', '/voter_id');
  select * into h from groups.election_voter x where x.id = (body ->> 'holder_id')::uuid and x.election_id = e.id and x.struck_on is null;
  perform core.expect(found and h.id <> v.id, 'not_found', '/holder_id');
  perform core.expect(v.took is null, 'ballot_taken', '/voter_id');
  perform core.expect(not exists (select from groups.nomination n where n.election_id = e.id and n.person_id = h.person_id and n.answer <> 'declined'), 'proxy_to_candidate', '/holder_id');
  perform core.expect(not exists (select from groups.proxy p where p.voter_id = h.id and p.revoked_on is null)
    and not exists (select from groups.proxy p where p.holder_id = v.id and p.revoked_on is null), 'proxy_of_proxy', '/holder_id');
  perform core.expect((select count(*) from groups.proxy p where p.holder_id = h.id and p.revoked_on is null) < r.proxies_most, 'proxies_full', '/holder_id');
  insert into groups.proxy (election_id, voter_id, holder_id, document_ref) values (e.id, v.id, h.id, body ->> 'document_ref');
end $$;

create or replace function groups.revoke_proxy(e groups.election, wanted uuid) returns void language plpgsql as $$
declare
  p groups.proxy;
begin
  select * into p from groups.proxy x where x.id = wanted and x.election_id = e.id and x.revoked_on is null;
  perform core.expect(found, 'not_found');
  perform core.expect((select v.took from groups.election_voter v where v.id = p.voter_id) is null, 'ballot_taken');
  update groups.proxy x set revoked_on = core.today() where x.id = wanted;
end $$;

-- The right to be heard before a recall is voted on (Organic Law 20): in the person's own words, or the word that none is wanted.
create or replace function groups.record_defence(e groups.election, body jsonb) returns void language plpgsql as $$
begin
  perform core.expect(e.purpose = 'recall' and (e.recalled_person_id = core.person() or orgs.in_scope(e.unit_id)), 'not_found');
  perform groups.expect_state(e, 'roll_published', 'candidates_published');
  perform groups.write_defence(e.id, body ->> 'defence', coalesce((body ->> 'waived')::boolean, false));
end $$;

create or replace function groups.write_defence(wanted uuid, words text, waived boolean) returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform core.expect(exists (select from groups.election e where e.id = wanted and (e.recalled_person_id = core.person()
    or core.trusted() or orgs.territory_path(e.unit_id) <@ any (core.paths()))), 'not_found');
  perform core.expect(words is not null or waived, 'defence_missing', '/defence');
  update groups.election e set defence = words, defence_waived = waived and words is null where e.id = wanted;
end $$;
