-- Elections, first part: exact shares, rules, the whole election, preparation; the steps of the desk. Reloaded whole by every migrate.
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
  if to_regproc('people.are_near_relatives') is null then
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

-- For what only whoever it concerns may do, whatever they may see as staff.
create or replace function groups.own_election(wanted uuid) returns groups.election language plpgsql stable as $$
declare
  e groups.election;
begin
  select * into e from groups.election x where x.id = wanted;
  perform core.expect(e.id is not null and groups.is_mine(e), 'not_found');
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
    when 'object' then perform groups.object_to_roll(groups.own_election(wanted), body);
    when 'nominate' then perform groups.nominate(groups.voters_election(wanted), body);
    when 'support' then perform groups.support(groups.own_election(wanted), (body ->> 'nomination_id')::uuid);
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
