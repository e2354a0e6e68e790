-- Elections, first part: rules, preparation, roll, objections, nominations, proxies. Reloaded whole by every migrate.
-- Whatever is a number of the law stands in groups.election_rule, not here.
set local check_function_bodies = off;

-- ── exact shares ───────────────────────────────────────────────────────────────────────────────────────────────
-- part / whole against num / den, in whole numbers: more than it when strict, otherwise at least.
create or replace function groups.reaches(part bigint, whole bigint, num bigint, den bigint, strict boolean) returns boolean language sql immutable parallel safe as $$
  select whole > 0 and case when strict then part::numeric * den > whole::numeric * num else part::numeric * den >= whole::numeric * num end
$$;

-- Seats go to those who pass, the most votes first; whoever is level at the last seat gets none of it before another round.
create or replace function groups.pick(votes bigint[], passing boolean[], seats bigint) returns boolean[] language sql immutable parallel safe as $$
  select array_agg(p and (cut.votes is null or v > cut.votes) order by n)
  from unnest(votes, passing) with ordinality x(v, p, n),
    (select (select w.v from unnest(votes, passing) w(v, p) where w.p order by w.v desc offset seats limit 1) as votes) cut
$$;

-- Spouses, parents, children, brothers and sisters and the like, as domain people knows them.
create or replace function groups.near_relatives(a uuid, b uuid) returns boolean language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  if to_regprocedure('people.are_near_relatives(uuid, uuid)') is null then
    return false;
  end if;
  return people.are_near_relatives(a, b);
end $$;

-- The rule that a new election of this kind follows on that day.
create or replace function groups.rule_on(wanted text, day date) returns groups.election_rule language sql stable as $$
  select r from groups.election_rule r where r.code = wanted and r.effective_from <= day order by r.effective_from desc limit 1
$$;

create or replace function groups.rule_of(e groups.election) returns groups.election_rule language sql stable as $$
  select r from groups.election_rule r where r.id = e.rule_id
$$;

create or replace function groups.rule_json(wanted uuid) returns jsonb language sql stable as $$
  select jsonb_build_object('code', r.code, 'effective_from', r.effective_from, 'name_zh', r.name_zh, 'name_en', r.name_en, 'basis', r.basis, 'articles', r.articles,
    'target', r.target, 'head_kind', r.head_kind, 'electorate', r.electorate, 'ballots', to_jsonb(r.ballots), 'seats_least', r.seats_least, 'seats_most', r.seats_most,
    'quorum', jsonb_build_object('num', r.quorum_num, 'den', r.quorum_den, 'strict', r.quorum_strict),
    'win', jsonb_build_object('num', r.win_num, 'den', r.win_den, 'strict', r.win_strict),
    'runoff', case when r.runoff_num is not null then jsonb_build_object('num', r.runoff_num, 'den', r.runoff_den, 'strict', r.runoff_strict) end,
    'by_area', r.by_area, 'roll_days', r.roll_days, 'objection_days', r.objection_days, 'decision_days', r.decision_days, 'nominators', r.nominators,
    'contested', r.contested, 'proxies_most', r.proxies_most, 'online_least', r.online_least, 'term_months', r.term_months)
  from groups.election_rule r where r.id = wanted
$$;

-- ── who is asking ──────────────────────────────────────────────────────────────────────────────────────────────
-- An election of where one lives, or on whose roll one stands, from the day its roll is published.
create or replace function groups.is_mine(e groups.election) returns boolean language sql stable as $$
  select coalesce(e.state <> 'prepared' and (e.unit_id = any (people.home_units()) or e.id = any (groups.my_elections())), false)
$$;

-- Locks an election for a step of the desk.
create or replace function groups.lock_election(wanted uuid) returns groups.election language plpgsql as $$
declare
  e groups.election;
begin
  perform core.expect(orgs.in_scope((select x.unit_id from groups.election x where x.id = wanted)), 'not_found');
  select * into e from groups.election x where x.id = wanted for update;
  perform core.expect(e.id is not null, 'not_found');
  return e;
end $$;

-- For a voter's own step.
create or replace function groups.voters_election(wanted uuid) returns groups.election language plpgsql stable as $$
declare
  e groups.election;
begin
  select * into e from groups.election x where x.id = wanted;
  perform core.expect(e.id is not null and (groups.is_mine(e) or orgs.in_scope(e.unit_id)), 'not_found');
  return e;
end $$;

create or replace function groups.expect_state(e groups.election, variadic allowed text[]) returns void language plpgsql stable as $$
begin
  perform core.expect(e.state = any (allowed), 'wrong_state');
end $$;

-- Of age on the day of the vote, and on the roll or at home in the area (a year of birth is all that the pseudonymous record has).
create or replace function groups.is_eligible(wanted uuid, person uuid) returns boolean language sql stable security definer set search_path = pg_catalog as $$
  select exists (select from groups.election_voter v where v.election_id = wanted and v.person_id = person and v.struck_on is null)
    or exists (
      select from groups.election e join orgs.unit u on u.id = e.unit_id, people.person p join orgs.unit h on h.id = p.unit_id
      where e.id = wanted and p.id = person and h.territory_path <@ u.territory_path and p.birth_year <= extract(year from e.voting_on) - 18)
$$;

create or replace function groups.supporter_count(wanted uuid) returns bigint language sql stable security definer set search_path = pg_catalog
as $$ select count(*) from groups.nomination_supporter s where s.nomination_id = wanted $$;

create or replace function groups.roll_size(wanted uuid) returns bigint language sql stable security definer set search_path = pg_catalog
as $$ select count(*) from groups.election_voter v where v.election_id = wanted and v.struck_on is null $$;

create or replace function groups.taken_count(wanted uuid) returns bigint language sql stable security definer set search_path = pg_catalog
as $$ select count(*) from groups.election_voter v where v.election_id = wanted and v.took is not null $$;

create or replace function groups.open_objections(wanted uuid) returns bigint language sql stable security definer set search_path = pg_catalog
as $$ select count(*) from groups.roll_objection o where o.election_id = wanted and o.state = 'open' $$;

create or replace function groups.count_state(e groups.election) returns text language sql stable security definer set search_path = pg_catalog as $$
  select case when e.state <> 'counting' then null when count(*) % 2 = 1 then 'one_count' when count(*) = 0 then 'none' else 'differ' end
  from groups.election_count c where c.election_id = e.id and c.round = e.round
$$;

-- ── the election, whole ────────────────────────────────────────────────────────────────────────────────────────
create or replace function groups.person_json(wanted uuid) returns jsonb language sql stable as $$
  select jsonb_build_object('id', wanted, 'name', people.name_of(wanted))
$$;

create or replace function groups.contests_json(wanted uuid) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'title', c.title, 'post', c.post_code, 'seats', c.seats, 'open_seats', c.open_seats,
    'nominations', coalesce((
      select jsonb_agg(jsonb_build_object('id', n.id, 'person', groups.person_json(n.person_id), 'nominated_by', n.nominated_by, 'statement', n.statement,
        'supporters', groups.supporter_count(n.id), 'answer', n.answer, 'is_candidate', n.is_candidate, 'in_round', n.in_round) order by n.id)
      from groups.nomination n where n.contest_id = c.id), '[]')) order by c.ordinal), '[]')
  from groups.contest c where c.election_id = wanted
$$;

create or replace function groups.rounds_json(e groups.election) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object('round', r.round, 'roll', r.roll, 'issued', r.issued, 'cast', r.cast_ballots, 'spoilt', r.spoilt_ballots,
    'online', r.online_ballots, 'roll_area_cm2', r.roll_area_cm2, 'cast_area_cm2', r.cast_area_cm2, 'valid', r.valid, 'failure', r.failure, 'decided_on', r.decided_on,
    'lines', (select coalesce(jsonb_agg(jsonb_build_object('nomination_id', l.nomination_id, 'person', groups.person_json(n.person_id), 'votes', l.votes,
        'votes_area_cm2', l.votes_area_cm2, 'elected', l.elected, 'barred', l.barred) order by l.votes desc, l.nomination_id), '[]')
      from groups.round_line l join groups.nomination n on n.id = l.nomination_id where l.election_id = r.election_id and l.round = r.round)) order by r.round), '[]')
  from groups.election_round r where r.election_id = e.id and (e.state in ('published', 'annulled') or r.round < e.round or orgs.in_scope(e.unit_id))
$$;

create or replace function groups.officials_json(wanted uuid) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'person', groups.person_json(o.person_id), 'role', o.role, 'left_on', o.left_on, 'left_reason', o.left_reason) order by o.role, o.id), '[]')
  from groups.election_official o where o.election_id = wanted
$$;

create or replace function groups.proxies_json(wanted uuid) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'voter', groups.person_json(v.person_id), 'holder', groups.person_json(h.person_id), 'given_on', p.given_on) order by p.id), '[]')
  from groups.proxy p join groups.election_voter v on v.id = p.voter_id join groups.election_voter h on h.id = p.holder_id
  where p.election_id = wanted and p.revoked_on is null
$$;

-- What the person asking may do here as a voter; NULL when not on the roll.
create or replace function groups.my_vote_json(e groups.election) returns jsonb language sql stable as $$
  select jsonb_build_object('voter_id', v.id, 'ground', v.ground, 'took', v.took,
    'online_open', e.state = 'voting' and 'online' = any (e.ballots) and v.took is null)
  from groups.election_voter v where v.election_id = e.id and v.person_id = core.person() and v.struck_on is null
$$;

drop function if exists groups.show_election(uuid) cascade;
create function groups.show_election(wanted uuid) returns table (
  id uuid, title text, rule jsonb, purpose text, "unit.id" uuid, "unit.name" text, "unit.kind" text, body_unit_id uuid, group_id uuid, state text, round bigint,
  ballots jsonb, voting_on date, term_from date, term_to date, roll_published_on date, objections_until date, candidates_published_on date, published_on date,
  document_ref text, rerun_of uuid, recall jsonb, annulment jsonb, voters bigint, ballots_taken bigint, objections_open bigint, count_state text, public_key text,
  contests jsonb, officials jsonb, proxies jsonb, rounds jsonb, actions jsonb, my_vote jsonb, _etag bigint, _location text)
language sql stable as $$
  select e.id, e.title, groups.rule_json(e.rule_id), e.purpose, u.id, u.name, u.kind, e.body_unit_id, e.group_id, e.state, e.round,
    to_jsonb(e.ballots), e.voting_on, e.term_from, e.term_to, e.roll_published_on, e.roll_published_on + r.objection_days::integer, e.candidates_published_on, e.published_on,
    e.document_ref, e.rerun_of,
    case when e.purpose = 'recall' then jsonb_build_object('person', groups.person_json(e.recalled_person_id), 'reason', e.recall_reason, 'defence', e.defence, 'defence_waived', e.defence_waived) end,
    case when e.state = 'annulled' then jsonb_build_object('on', e.annulled_on, 'by', e.annulled_by, 'reason', e.annulment_reason) end,
    groups.roll_size(e.id), groups.taken_count(e.id), groups.open_objections(e.id), groups.count_state(e), groups.public_key(e),
    groups.contests_json(e.id), groups.officials_json(e.id), groups.proxies_json(e.id), groups.rounds_json(e),
    coalesce((select jsonb_agg(t.action order by t.action) from core.transition t where t.machine = 'election' and t.from_state = e.state and t.action <> 'decide'), '[]'),
    groups.my_vote_json(e), core.etag(e.version, groups.taken_count(e.id)::text), '/elections/' || e.id
  from groups.election e join orgs.unit u on u.id = e.unit_id join groups.election_rule r on r.id = e.rule_id
  where e.id = wanted and (groups.is_mine(e) or core.trusted() or u.territory_path <@ any (core.paths()) or u.leadership_path <@ any (core.lead()))
$$;

create or replace function groups.touch_election(wanted uuid) returns void language sql security definer set search_path = pg_catalog
as $$ update groups.election e set version = e.version + 1 where e.id = wanted $$;

-- ── preparing ──────────────────────────────────────────────────────────────────────────────────────────────────
-- The unit that the winners serve, of the kind that the rule's target needs.
create or replace function groups.body_of(r groups.election_rule, area orgs.unit, named uuid) returns uuid language plpgsql stable as $$
declare
  found_id uuid := area.id;
begin
  if r.target = 'residents_committee' then
    perform core.expect(area.kind = 'community', 'election_area', '/unit_id');
  elsif r.target = 'owners_committee' then
    select u.id into found_id from orgs.unit u where u.kind = 'owners_committee' and u.id = named and u.territory_path <@ area.territory_path;
    perform core.expect(found_id is not null, 'election_area', '/body_unit_id');
  elsif r.target = 'head' then
    perform core.expect((r.head_kind, area.kind) in (('building_head', 'building'), ('building_head', 'compound'), ('lane_chief', 'lane'), ('street_chief', 'street')), 'election_area', '/unit_id');
  end if;
  return found_id;
end $$;

create or replace function groups.add_contests(e groups.election, r groups.election_rule, wanted jsonb, body_kind text) returns void language plpgsql as $$
declare
  c record;
  total bigint := 0;
begin
  for c in select x.* from rows from (jsonb_to_recordset(wanted) as (title text, post text, seats bigint)) with ordinality as x(title, post, seats, n) loop
    perform core.expect(case when r.target in ('residents_committee', 'owners_committee')
      then exists (select from orgs.post p where p.code = c.post and p.kind = body_kind) else c.post is null end, 'contest_post', '/contests');
    insert into groups.contest (election_id, ordinal, title, post_code, seats, open_seats) values (e.id, c.n, c.title, c.post, c.seats, c.seats);
    total := total + c.seats;
  end loop;
  -- a by-election fills what has become vacant; a whole term has the seats of the rule (Organic Law 8)
  perform core.expect(total <= r.seats_most and (e.purpose <> 'term' or total >= r.seats_least), 'seats_outside_rule', '/contests');
end $$;

-- Whom a recall is about must hold the office today; the person is its one candidate, the voters who ask for it its supporters (Organic Law 20).
create or replace function groups.recalled_term(r groups.election_rule, body uuid, in_group uuid, person uuid) returns uuid language sql stable as $$
  select case r.target
    when 'head' then (select h.id from groups.head h where h.unit_id = body and h.kind = r.head_kind and h.person_id = person and h.valid @> core.today())
    when 'representative' then (select m.id from groups.representative m where m.group_id = in_group and m.person_id = person and m.valid @> core.today())
    when 'group_leader' then (select m.id from groups.group_member m where m.group_id = in_group and m.person_id = person and m.role = 'leader' and m.valid @> core.today())
    else (select a.id from orgs.appointment a where a.unit_id = body and a.person_id = person and a.basis = 'elected' and a.valid @> core.today() limit 1) end
$$;

drop function if exists groups.prepare_election(jsonb) cascade;
create function groups.prepare_election(body jsonb) returns setof uuid language plpgsql as $$
declare
  e groups.election;
  r groups.election_rule;
  area orgs.unit;
  g groups.group;
  recalled uuid := (body ->> 'recalled_person_id')::uuid;
begin
  perform core.expect(orgs.in_scope((body ->> 'unit_id')::uuid), 'not_found', '/unit_id');
  select * into area from orgs.unit u where u.id = (body ->> 'unit_id')::uuid;
  e.id := coalesce((body ->> 'id')::uuid, core.uuid_v7());
  e.voting_on := (body ->> 'voting_on')::date;
  r := groups.rule_on(body ->> 'rule', e.voting_on);
  perform core.expect(r.id is not null, 'election_rule_unknown', '/rule');
  perform core.expect(area.valid @> e.voting_on, 'unit_not_there', '/voting_on');
  e.purpose := body ->> 'purpose';
  e.ballots := coalesce((select array_agg(x) from jsonb_array_elements_text(body -> 'ballots') x), '{}');
  perform core.expect(e.ballots <@ r.ballots and cardinality(e.ballots) > 0, 'ballot_not_allowed', '/ballots');
  perform core.expect(not 'hands' = any (e.ballots) or cardinality(e.ballots) = 1, 'ballot_not_allowed', '/ballots');
  e.body_unit_id := groups.body_of(r, area, (body ->> 'body_unit_id')::uuid);
  if r.target in ('representative', 'group_leader') then
    select * into g from groups.group x where x.id = (body ->> 'group_id')::uuid and x.unit_id = area.id and x.kind = 'residents_group' and x.valid @> e.voting_on;
    perform core.expect(found, 'not_a_residents_group', '/group_id');
  end if;
  e.term_from := coalesce((body ->> 'term_from')::date, e.voting_on + 1);
  e.term_to := coalesce((body ->> 'term_to')::date, (e.term_from + make_interval(months => r.term_months::integer))::date - 1);
  perform core.expect(e.term_from > e.voting_on and e.term_to > e.term_from, 'ends_before_it_begins', '/term_from');
  perform core.expect(body ->> 'rerun_of' is null or exists (
    select from groups.election o where o.id = (body ->> 'rerun_of')::uuid and o.unit_id = area.id and (o.state = 'annulled'
      or exists (select from groups.election_round x where x.election_id = o.id and not x.valid and o.state = 'published'))), 'rerun_of_what', '/rerun_of');
  if e.purpose = 'recall' then
    perform core.expect(r.recall_num is not null and recalled is not null and body ->> 'recall_reason' is not null, 'recall_of_whom', '/recalled_person_id');
    e.recalled_term_id := groups.recalled_term(r, e.body_unit_id, g.id, recalled);
    perform core.expect(e.recalled_term_id is not null, 'recall_of_whom', '/recalled_person_id');
  end if;
  insert into groups.election (id, rule_id, purpose, title, unit_id, body_unit_id, group_id, ballots, voting_on, term_from, term_to, document_ref, rerun_of,
    recalled_person_id, recalled_term_id, recall_reason)
  values (e.id, r.id, e.purpose, body ->> 'title', area.id, e.body_unit_id, g.id, e.ballots, e.voting_on, e.term_from, e.term_to, body ->> 'document_ref',
    (body ->> 'rerun_of')::uuid, case when e.purpose = 'recall' then recalled end, e.recalled_term_id, case when e.purpose = 'recall' then body ->> 'recall_reason' end);
  perform groups.add_contests(e, r, case when e.purpose = 'recall' then jsonb_build_array(jsonb_build_object('title', body ->> 'title', 'seats', 1)) else body -> 'contests' end,
    case when e.purpose <> 'recall' then (select u.kind from orgs.unit u where u.id = e.body_unit_id) end);
  if e.purpose = 'recall' then
    insert into groups.nomination (election_id, contest_id, person_id, nominated_by, answer)
    select e.id, c.id, recalled, 'voters', 'accepted' from groups.contest c where c.election_id = e.id;
  end if;
  return next e.id;
end $$;

drop function if exists groups.create_election(jsonb) cascade;
create function groups.create_election(body jsonb) returns table (
  id uuid, title text, rule jsonb, purpose text, "unit.id" uuid, "unit.name" text, "unit.kind" text, body_unit_id uuid, group_id uuid, state text, round bigint,
  ballots jsonb, voting_on date, term_from date, term_to date, roll_published_on date, objections_until date, candidates_published_on date, published_on date,
  document_ref text, rerun_of uuid, recall jsonb, annulment jsonb, voters bigint, ballots_taken bigint, objections_open bigint, count_state text, public_key text,
  contests jsonb, officials jsonb, proxies jsonb, rounds jsonb, actions jsonb, my_vote jsonb, _etag bigint, _location text)
language plpgsql as $$
declare
  made uuid := (select x from groups.prepare_election(body) x);
begin
  return query select * from groups.show_election(made);
end $$;

-- A step of the desk on an election: `what` names it, so that each does one thing and all answer with the election as it stands then.
drop function if exists groups.on_election(uuid, text, jsonb) cascade;
create function groups.on_election(wanted uuid, what text, body jsonb) returns table (
  id uuid, title text, rule jsonb, purpose text, "unit.id" uuid, "unit.name" text, "unit.kind" text, body_unit_id uuid, group_id uuid, state text, round bigint,
  ballots jsonb, voting_on date, term_from date, term_to date, roll_published_on date, objections_until date, candidates_published_on date, published_on date,
  document_ref text, rerun_of uuid, recall jsonb, annulment jsonb, voters bigint, ballots_taken bigint, objections_open bigint, count_state text, public_key text,
  contests jsonb, officials jsonb, proxies jsonb, rounds jsonb, actions jsonb, my_vote jsonb, _etag bigint, _location text)
language plpgsql as $$
begin
  case what
    when 'compile_roll' then perform groups.compile_roll(groups.lock_election(wanted));
    when 'add_voters' then perform groups.add_voters(groups.lock_election(wanted), body -> 'voters');
    when 'strike' then perform groups.strike_voter(groups.lock_election(wanted), (body ->> 'voter_id')::uuid, body ->> 'reason');
    when 'add_official' then perform groups.add_official(groups.lock_election(wanted), body);
    when 'release_official' then perform groups.release_official(groups.lock_election(wanted), (body ->> 'official_id')::uuid, body ->> 'reason');
    when 'object' then perform groups.object_to_roll(groups.voters_election(wanted), body);
    when 'nominate' then perform groups.nominate(groups.voters_election(wanted), body);
    when 'support' then perform groups.support(groups.voters_election(wanted), (body ->> 'nomination_id')::uuid);
    when 'answer' then perform groups.answer_nomination(groups.voters_election(wanted), (body ->> 'nomination_id')::uuid, body ->> 'answer');
    when 'give_proxy' then perform groups.give_proxy(groups.lock_election(wanted), body);
    when 'revoke_proxy' then perform groups.revoke_proxy(groups.lock_election(wanted), (body ->> 'proxy_id')::uuid);
    when 'defend' then perform groups.record_defence(groups.voters_election(wanted), body);
    when 'step' then perform groups.advance(groups.lock_election(wanted), body);
    when 'turnout' then perform groups.take_paper(groups.lock_election(wanted), (body ->> 'voter_id')::uuid, body ->> 'took');
    when 'count' then perform groups.record_count(groups.lock_election(wanted), body);
    when 'annul' then perform groups.annul(groups.lock_election(wanted), body);
  end case;
  perform groups.touch_election(wanted);
  return query select * from groups.show_election(wanted);
end $$;

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
  perform core.expect(exists (select from groups.election e where e.id = wanted and (e.recalled_person_id = core.person() or orgs.in_scope(e.unit_id))), 'not_found');
  perform core.expect(words is not null or waived, 'defence_missing', '/defence');
  update groups.election e set defence = words, defence_waived = waived and words is null where e.id = wanted;
end $$;
