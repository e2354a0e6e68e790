-- Elections, second part: the steps of an election, ballots on paper and online, counts, results, annulment. Reloaded whole by every migrate.
set local check_function_bodies = off;

-- ── steps ──────────────────────────────────────────────────────────────────────────────────────────────────────
create or replace function groups.advance(e groups.election, body jsonb) returns void language plpgsql as $$
declare
  action text := body ->> 'action';
  reached text := core.next_state('election', e.state, action);
begin
  case action
    when 'publish_roll' then perform groups.publish_roll(e);
    when 'publish_candidates' then perform groups.publish_candidates(e);
    when 'open_voting' then perform groups.open_voting(e);
    when 'close_voting' then perform groups.close_voting(e);
    when 'publish_result' then perform groups.publish_result(e);
    when 'second_round' then perform groups.second_round(e, (body ->> 'voting_on')::date);
    when 'cancel' then null;
    else perform core.expect(false, 'wrong_state');
  end case;
  update groups.election x set state = reached,
    roll_published_on = case when action = 'publish_roll' then core.today() else x.roll_published_on end,
    candidates_published_on = case when action = 'publish_candidates' then core.today() else x.candidates_published_on end,
    published_on = case when action = 'publish_result' then core.today() else x.published_on end
  where x.id = e.id;
  -- with nothing on paper there is nothing to count by hand
  if action = 'close_voting' and e.ballots = '{online}' then
    perform groups.decide(e.id, '[]', 0, 0, null);
  end if;
end $$;

-- Public for at least so many days before the day of the vote (Organic Law 17).
create or replace function groups.publish_roll(e groups.election) returns void language plpgsql as $$
declare
  r groups.election_rule := groups.rule_of(e);
begin
  perform core.expect(groups.roll_size(e.id) > 0, 'roll_empty');
  perform core.expect(e.voting_on - r.roll_days::integer >= core.today(), 'roll_too_late');
  perform core.expect(r.basis <> 'law' or exists (select from groups.election_official o where o.election_id = e.id and o.left_on is null and o.role = 'chair'), 'committee_missing');
end $$;

create or replace function groups.publish_candidates(e groups.election) returns void language plpgsql as $$
declare
  r groups.election_rule := groups.rule_of(e);
begin
  perform core.expect(core.today() > e.roll_published_on + r.objection_days::integer, 'objection_period_open');
  perform core.expect(groups.open_objections(e.id) = 0, 'objections_open');
  if e.purpose = 'recall' then
    -- asked for by at least that share of those who vote (Organic Law 20)
    perform core.expect((select groups.reaches(groups.supporter_count(n.id), groups.roll_size(e.id), r.recall_num, r.recall_den, false)
      from groups.nomination n where n.election_id = e.id), 'too_few_supporters');
  end if;
  update groups.nomination n set is_candidate = true, in_round = 1, version = n.version + 1
  where n.election_id = e.id and n.answer = 'accepted' and (e.purpose = 'recall' or n.nominated_by = 'organization' or groups.supporter_count(n.id) >= r.nominators);
  perform core.expect((select count(*) from groups.nomination n where n.contest_id = c.id and n.is_candidate)
    >= case when e.purpose = 'recall' then 1 when r.contested then c.seats + 1 else 1 end, 'too_few_candidates')
  from groups.contest c where c.election_id = e.id;
  perform core.expect(not exists (select from groups.election_official o join groups.nomination n on n.election_id = e.id and n.is_candidate and n.person_id = o.person_id
    where o.election_id = e.id and o.left_on is null), 'official_is_candidate');
  perform core.expect(not exists (select from groups.election_official o join groups.nomination n on n.election_id = e.id and n.is_candidate
    where o.election_id = e.id and o.left_on is null and groups.near_relatives(o.person_id, n.person_id)), 'official_is_relative');
  perform core.expect(not exists (select from groups.proxy p join groups.election_voter h on h.id = p.holder_id join groups.nomination n on n.election_id = e.id and n.is_candidate and n.person_id = h.person_id
    where p.election_id = e.id and p.revoked_on is null), 'proxy_to_candidate');
end $$;

create or replace function groups.open_voting(e groups.election) returns void language plpgsql as $$
declare
  r groups.election_rule := groups.rule_of(e);
begin
  perform core.expect(core.today() >= e.voting_on, 'not_voting_day');
  perform core.expect(e.purpose <> 'recall' or e.defence is not null or e.defence_waived, 'defence_missing');
  if 'online' = any (e.ballots) then
    perform core.expect(groups.roll_size(e.id) >= r.online_least, 'too_few_for_secrecy');
    perform core.expect(groups.public_key(e) is not null, 'election_key_missing');
  end if;
end $$;

create or replace function groups.close_voting(e groups.election) returns void language plpgsql as $$
begin
  if 'online' = any (e.ballots) then
    perform groups.seal_box(e.id, e.round);
  end if;
end $$;

-- ── on paper and by hands: who has taken a ballot ──────────────────────────────────────────────────────────────
create or replace function groups.take_paper(e groups.election, wanted uuid, how text) returns void language plpgsql as $$
declare
  v groups.election_voter;
  has_proxy boolean;
begin
  perform groups.expect_state(e, 'voting');
  perform core.expect(case how when 'proxy' then e.ballots && '{paper,hands}' else how = any (e.ballots) end, 'ballot_not_allowed', '/took');
  select * into v from groups.election_voter x where x.id = wanted and x.election_id = e.id and x.struck_on is null for update;
  perform core.expect(v.id is not null, 'not_found', '/voter_id');
  perform core.expect(v.took is null, 'ballot_taken', '/voter_id');
  has_proxy := exists (select from groups.proxy p where p.voter_id = v.id and p.revoked_on is null);
  perform core.expect(has_proxy = (how = 'proxy'), case when has_proxy then 'proxy_given' else 'no_proxy_given' end, '/took');
  update groups.election_voter x set took = how, version = x.version + 1 where x.id = v.id;
end $$;

-- ── the online secret ballot ───────────────────────────────────────────────────────────────────────────────────
create or replace function groups.public_key(e groups.election) returns text language sql stable security definer set search_path = pg_catalog
as $$ select k.public_key from groups.election_key k where k.election_id = e.id and k.round = e.round $$;

-- The pair of keys of a round, made by the server: its private half comes sealed and is forgotten at the close.
create or replace function groups.keep_key(wanted uuid, key_text text, sealed bytea) returns void language plpgsql security definer set search_path = pg_catalog as $$
declare
  e groups.election;
begin
  select * into e from groups.election x where x.id = wanted for update;
  perform core.expect(e.id is not null and orgs.in_scope(e.unit_id), 'not_found');
  perform core.expect(e.state = 'candidates_published', 'wrong_state');
  perform core.expect('online' = any (e.ballots), 'ballot_not_allowed');
  insert into groups.election_key (election_id, round, public_key, private_sealed) values (e.id, e.round, key_text, sealed);
end $$;

drop function if exists groups.make_key(uuid, text, bytea) cascade;
create function groups.make_key(wanted uuid, key_text text, sealed bytea) returns table (public_key text, round bigint) language plpgsql as $$
#variable_conflict use_column
begin
  -- locked under row-level security, which the crossing below does not know
  perform groups.lock_election(wanted);
  perform groups.keep_key(wanted, key_text, sealed);
  return query select k.public_key, e.round from groups.election e, lateral (select groups.public_key(e) as public_key) k where e.id = wanted;
end $$;

-- Marks the voter and hands the key to the server, which signs what it cannot read. The same blinded token again: the same answer, so that a
-- reply that was lost can be asked for again; another one: the ballot has been taken.
drop function if exists groups.take_ballot(uuid, bytea) cascade;
create function groups.take_ballot(wanted uuid, digest bytea) returns table (private_key bytea, round bigint) language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare
  e groups.election;
  v groups.election_voter;
begin
  select * into e from groups.election x where x.id = wanted for share;
  select * into v from groups.election_voter x where x.election_id = wanted and x.person_id = core.person() and x.struck_on is null for update;
  perform core.expect(e.id is not null and v.id is not null, 'not_found');
  perform core.expect(e.state = 'voting', 'wrong_state');
  perform core.expect('online' = any (e.ballots), 'ballot_not_allowed');
  perform core.expect(v.took is null or v.blinded_digest = digest, 'ballot_taken');
  perform core.expect(not exists (select from groups.proxy p where p.voter_id = v.id and p.revoked_on is null), 'proxy_given');
  if v.took is null then
    update groups.election_voter x set took = 'online', blinded_digest = digest, version = x.version + 1 where x.id = v.id;
  end if;
  return query select k.private_sealed, k.round from groups.election_key k where k.election_id = wanted and k.round = e.round;
end $$;

-- What anybody needs to check a token; nothing of it is secret.
drop function if exists groups.open_key(uuid) cascade;
create function groups.open_key(wanted uuid) returns table (public_key text) language sql stable security definer set search_path = pg_catalog as $$
  select k.public_key from groups.election e join groups.election_key k on k.election_id = e.id and k.round = e.round where e.id = wanted and e.state = 'voting'
$$;

-- Nobody is signed in here: the token is the right to vote. The digest of the token is the receipt; the choices lie elsewhere.
drop function if exists groups.cast_ballot(uuid, bytea, jsonb) cascade;
create function groups.cast_ballot(wanted uuid, token bytea, choices jsonb) returns table (receipt text) language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare
  e groups.election;
  chosen uuid[] := coalesce((select array_agg(x::uuid order by x) from jsonb_array_elements_text(choices) x), '{}');
begin
  select * into e from groups.election x where x.id = wanted for share;
  perform core.expect(e.id is not null and e.state = 'voting' and 'online' = any (e.ballots), 'not_found');
  perform core.expect((select count(*) from groups.nomination n where n.id = any (chosen) and n.election_id = e.id and n.is_candidate and n.in_round = e.round) = cardinality(chosen),
    'not_a_candidate', '/choices');
  perform core.expect(not exists (select from groups.contest c
    where c.election_id = e.id and c.open_seats < (select count(*) from groups.nomination n where n.contest_id = c.id and n.id = any (chosen))), 'too_many_choices', '/choices');
  -- a second time is no error of the database, whose log would name the receipt
  insert into groups.ballot_receipt (digest, election_id, round) values (token, e.id, e.round) on conflict do nothing;
  perform core.expect(found, 'ballot_cast_already');
  insert into groups.ballot (election_id, round, choices) values (e.id, e.round, chosen);
  return query select encode(token, 'hex');
end $$;

-- Both boxes rewritten in the order of random numbers into new files: where a row lies, and which transaction stored it, says nothing any more.
create or replace function groups.shuffle_ballots() returns void language plpgsql security definer set search_path = pg_catalog as $$
declare
  receipts groups.ballot_receipt[];
  boxes groups.ballot[];
begin
  lock table groups.ballot_receipt, groups.ballot in access exclusive mode;
  receipts := array(select r from groups.ballot_receipt r);
  boxes := array(select b from groups.ballot b);
  truncate groups.ballot_receipt, groups.ballot;
  insert into groups.ballot_receipt (digest, election_id, round) select r.digest, r.election_id, r.round from unnest(receipts) r order by r.digest;
  -- new numbers too: what was written to a log during the vote names none of these rows
  insert into groups.ballot (id, election_id, round, choices)
  select x.id, x.election_id, x.round, x.choices from (select gen_random_uuid() as id, b.election_id, b.round, b.choices from unnest(boxes) b) x order by x.id;
end $$;
revoke execute on function groups.shuffle_ballots() from public;

-- At the close: no more signatures, no mark of what was signed, nothing that leads from a voter to a ballot.
create or replace function groups.seal_box(wanted uuid, wanted_round bigint) returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform core.expect(exists (select from groups.election e where e.id = wanted and e.state = 'voting' and orgs.in_scope(e.unit_id)), 'not_found');
  update groups.election_key k set private_sealed = null where k.election_id = wanted and k.round = wanted_round;
  update groups.election_voter v set blinded_digest = null where v.election_id = wanted and v.blinded_digest is not null;
  perform groups.shuffle_ballots();
end $$;

-- The tally of the box: candidate → votes. Only once it is closed.
create or replace function groups.tally(wanted uuid, wanted_round bigint) returns table (nomination_id uuid, votes bigint) language sql stable security definer set search_path = pg_catalog as $$
  select x.choice, count(*) from groups.election e join groups.ballot b on b.election_id = e.id and b.round = wanted_round cross join unnest(b.choices) x(choice)
  where e.id = wanted and e.state not in ('candidates_published', 'voting') and (core.trusted() or orgs.in_scope(e.unit_id)) group by x.choice
$$;

create or replace function groups.ballots_cast(wanted uuid, wanted_round bigint) returns bigint language sql stable security definer set search_path = pg_catalog as $$
  select count(*) from groups.election e join groups.ballot b on b.election_id = e.id and b.round = wanted_round
  where e.id = wanted and e.state not in ('candidates_published', 'voting')
$$;

-- The receipts in the box, once it is closed: whoever has one finds it here, and no choice beside it.
create or replace function groups.receipts(wanted uuid) returns table (round bigint, receipt text) language sql stable security definer set search_path = pg_catalog as $$
  select r.round, encode(r.digest, 'hex') from groups.election e join groups.ballot_receipt r on r.election_id = e.id
  where e.id = wanted and (e.state not in ('candidates_published', 'voting') or r.round < e.round)
$$;

-- ── counting ───────────────────────────────────────────────────────────────────────────────────────────────────
-- Each candidate of the round once, no more votes than good ballots, no more in a contest than its seats allow.
create or replace function groups.expect_lines(e groups.election, body jsonb) returns void language plpgsql stable as $$
declare
  r groups.election_rule := groups.rule_of(e);
  good bigint := (body ->> 'cast')::bigint - (body ->> 'spoilt')::bigint;
begin
  perform core.expect(good >= 0, 'count_inconsistent', '/spoilt');
  perform core.expect(not exists (
    (select n.id from groups.nomination n where n.election_id = e.id and n.is_candidate and n.in_round = e.round)
    except all (select (l ->> 'nomination_id')::uuid from jsonb_array_elements(body -> 'lines') l))
    and not exists ((select (l ->> 'nomination_id')::uuid from jsonb_array_elements(body -> 'lines') l)
    except all (select n.id from groups.nomination n where n.election_id = e.id and n.is_candidate and n.in_round = e.round)), 'count_of_whom', '/lines');
  perform core.expect(not exists (select from jsonb_array_elements(body -> 'lines') l where (l ->> 'votes')::bigint > good), 'count_inconsistent', '/lines');
  perform core.expect(not exists (
    select from groups.contest c join groups.nomination n on n.contest_id = c.id join jsonb_array_elements(body -> 'lines') l on (l ->> 'nomination_id')::uuid = n.id
    where c.election_id = e.id group by c.id, c.open_seats having sum((l ->> 'votes')::bigint) > good * c.open_seats), 'count_inconsistent', '/lines');
  perform core.expect(r.by_area = (body ->> 'cast_area_cm2' is not null) and not exists (
    select from jsonb_array_elements(body -> 'lines') l
    where r.by_area is distinct from (l ->> 'votes_area_cm2' is not null) or (l ->> 'votes_area_cm2')::bigint > (body ->> 'cast_area_cm2')::bigint), 'count_area', '/cast_area_cm2');
end $$;

create or replace function groups.count_line_text(body jsonb) returns jsonb language sql immutable as $$
  select coalesce(jsonb_agg(jsonb_build_object('nomination_id', l ->> 'nomination_id', 'votes', (l ->> 'votes')::bigint, 'votes_area_cm2', (l ->> 'votes_area_cm2')::bigint) order by l ->> 'nomination_id'), '[]')
  from jsonb_array_elements(body) l
$$;

-- The first count waits unseen; the second one either agrees, and the round is decided, or both are counted again.
create or replace function groups.record_count(e groups.election, body jsonb) returns void language plpgsql as $$
declare
  lines jsonb := groups.count_line_text(body -> 'lines');
  before bigint;
  first_count groups.election_count;
begin
  perform groups.expect_state(e, 'counting');
  perform groups.expect_lines(e, body);
  perform core.expect(groups.stands(e, core.person()) is null, 'counter_stands');
  before := groups.counts_so_far(e.id, e.round);
  first_count := groups.waiting_count(e.id, e.round);
  perform core.expect(first_count.id is null or first_count.recorded_by <> core.person(), 'counted_already');
  insert into groups.election_count (election_id, round, attempt, recorded_by, counted_by, cast_ballots, spoilt_ballots, cast_area_cm2, lines)
  values (e.id, e.round, before / 2 + 1, core.person(), body ->> 'counted_by', (body ->> 'cast')::bigint, (body ->> 'spoilt')::bigint, (body ->> 'cast_area_cm2')::bigint, lines);
  if first_count.id is not null and (first_count.cast_ballots, first_count.spoilt_ballots, first_count.lines) = ((body ->> 'cast')::bigint, (body ->> 'spoilt')::bigint, lines)
    and first_count.cast_area_cm2 is not distinct from (body ->> 'cast_area_cm2')::bigint then
    perform groups.decide(e.id, lines, first_count.cast_ballots, first_count.spoilt_ballots, first_count.cast_area_cm2);
  end if;
end $$;

create or replace function groups.counts_so_far(wanted uuid, wanted_round bigint) returns bigint language sql stable security definer set search_path = pg_catalog
as $$ select count(*) from groups.election_count c where c.election_id = wanted and c.round = wanted_round $$;

-- The one count that has no partner yet: compared with, never shown.
create or replace function groups.waiting_count(wanted uuid, wanted_round bigint) returns groups.election_count language sql stable security definer set search_path = pg_catalog as $$
  select c from groups.election_count c
  where c.election_id = wanted and c.round = wanted_round and c.attempt * 2 - 1 = (select count(*) from groups.election_count o where o.election_id = wanted and o.round = wanted_round)
$$;
revoke execute on function groups.waiting_count(uuid, bigint) from public;
grant execute on function groups.waiting_count(uuid, bigint) to linli_app;

-- ── deciding: whole numbers only ───────────────────────────────────────────────────────────────────────────────
create or replace function groups.decide(wanted uuid, lines jsonb, paper_cast bigint, spoilt bigint, cast_area bigint) returns void language plpgsql as $$
declare
  e groups.election;
  r groups.election_rule;
  x groups.election_round;
  c groups.contest;
begin
  select * into e from groups.election o where o.id = wanted;
  r := groups.rule_of(e);
  x.election_id := e.id;
  x.round := e.round;
  x.roll := groups.roll_size(e.id);
  x.issued := groups.taken_count(e.id);
  x.online_ballots := groups.ballots_cast(e.id, e.round);
  x.cast_ballots := paper_cast + x.online_ballots;
  x.spoilt_ballots := spoilt;
  x.cast_area_cm2 := cast_area;
  x.roll_area_cm2 := case when r.by_area then (select sum(v.area_cm2) from groups.election_voter v where v.election_id = e.id and v.struck_on is null) end;
  x.failure := case when x.cast_ballots > x.issued then 'more_ballots_than_issued'
    when not (groups.reaches(x.cast_ballots, x.roll, r.quorum_num, r.quorum_den, r.quorum_strict)
      and (not r.by_area or groups.reaches(x.cast_area_cm2, x.roll_area_cm2, r.quorum_num, r.quorum_den, r.quorum_strict))) then 'quorum' end;
  insert into groups.election_round (election_id, round, roll, issued, cast_ballots, spoilt_ballots, online_ballots, roll_area_cm2, cast_area_cm2, valid, failure)
  values (x.election_id, x.round, x.roll, x.issued, x.cast_ballots, x.spoilt_ballots, x.online_ballots, x.roll_area_cm2, x.cast_area_cm2, x.failure is null, x.failure);
  for c in select * from groups.contest o where o.election_id = e.id and o.open_seats > 0 order by o.ordinal loop
    perform groups.decide_contest(e, r, c, lines, x.cast_ballots, x.cast_area_cm2, x.failure is null);
  end loop;
  update groups.election o set state = core.next_state('election', o.state, 'decide') where o.id = e.id;
end $$;

-- Near relatives do not sit together (Organic Law 8): whoever is already elected, or has more votes, takes the seat; this order is the city's policy.
create or replace function groups.decide_contest(e groups.election, r groups.election_rule, c groups.contest, lines jsonb, cast_ballots bigint, cast_area bigint, is_valid boolean)
returns void language plpgsql as $$
declare
  num bigint := case when e.round = 2 then r.runoff_num else r.win_num end;
  den bigint := case when e.round = 2 then r.runoff_den else r.win_den end;
  is_strict boolean := case when e.round = 2 then r.runoff_strict else r.win_strict end;
  ids uuid[];
  people uuid[];
  votes bigint[];
  areas bigint[];
  passing boolean[];
  barred boolean[];
  elected boolean[];
begin
  select array_agg(n.id order by n.id), array_agg(n.person_id order by n.id),
    array_agg(coalesce((l.line ->> 'votes')::bigint, 0) + coalesce(t.votes, 0) order by n.id), array_agg((l.line ->> 'votes_area_cm2')::bigint order by n.id)
  into ids, people, votes, areas
  from groups.nomination n
  left join lateral (select y.line from jsonb_array_elements(lines) y(line) where (y.line ->> 'nomination_id')::uuid = n.id) l on true
  left join groups.tally(e.id, e.round) t on t.nomination_id = n.id
  where n.contest_id = c.id and n.is_candidate and n.in_round = e.round;
  if ids is null then
    return;
  end if;
  select array_agg(is_valid and v > 0 and groups.reaches(v, cast_ballots, num, den, is_strict) and (not r.by_area or groups.reaches(a, cast_area, num, den, is_strict)) order by n)
  into passing from unnest(votes, areas) with ordinality w(v, a, n);
  barred := groups.barred_by_relatives(e, r, people, votes, passing);
  elected := groups.pick(votes, (select array_agg(p and not b order by n) from unnest(passing, barred) with ordinality w(p, b, n)), c.open_seats);
  insert into groups.round_line (election_id, round, nomination_id, votes, votes_area_cm2, elected, barred)
  select e.id, e.round, i, v, a, w, b from unnest(ids, votes, areas, elected, barred) u(i, v, a, w, b);
  update groups.contest o set open_seats = o.open_seats - (select count(*) from unnest(elected) w where w) where o.id = c.id;
end $$;

create or replace function groups.barred_by_relatives(e groups.election, r groups.election_rule, people uuid[], votes bigint[], passing boolean[]) returns boolean[] language plpgsql stable as $$
declare
  seated boolean[];
begin
  if not r.relatives_barred then
    return array_fill(false, array[cardinality(people)]);
  end if;
  -- related to somebody whom an earlier contest or round has elected
  select array_agg(exists (
    select from groups.round_line l join groups.nomination n on n.id = l.nomination_id where l.election_id = e.id and l.elected and groups.near_relatives(n.person_id, x.person)) order by x.n)
  into seated from unnest(people) with ordinality x(person, n);
  -- or, in this contest, to somebody who passes with as many votes or more
  return (select array_agg(x.passes and (x.out or exists (
      select from unnest(people, votes, passing, seated) with ordinality y(person, v, passes, out, n)
      where y.n <> x.n and y.passes and not y.out and y.v >= x.v and groups.near_relatives(x.person, y.person))) order by x.n)
    from unnest(people, votes, passing, seated) with ordinality x(person, v, passes, out, n));
end $$;

-- Those with the most votes among who is left, one more than the open seats, and whoever is level with the last of them.
create or replace function groups.second_round(e groups.election, day date) returns void language plpgsql as $$
declare
  r groups.election_rule := groups.rule_of(e);
begin
  perform core.expect(e.round = 1 and r.runoff_num is not null and e.purpose <> 'recall'
    and exists (select from groups.election_round x where x.election_id = e.id and x.round = 1 and x.valid), 'no_second_round');
  perform core.expect(day is not null and day >= core.today() and day < e.term_to, 'voting_day_missing', '/voting_on');
  update groups.nomination n set in_round = 2, version = n.version + 1
  from groups.round_line l, groups.contest c
  where l.election_id = e.id and l.round = 1 and n.id = l.nomination_id and c.id = n.contest_id and c.open_seats > 0 and not l.elected and not l.barred
    and l.votes >= coalesce((select o.votes from groups.round_line o join groups.nomination m on m.id = o.nomination_id
      where m.contest_id = c.id and o.round = 1 and not o.elected and not o.barred order by o.votes desc offset c.open_seats limit 1), 0);
  perform core.expect(found, 'no_second_round');
  update groups.election_voter v set took = null, version = v.version + 1 where v.election_id = e.id and v.took is not null;
  update groups.election x set round = 2, voting_on = day where x.id = e.id;
end $$;

-- ── the result makes the terms ─────────────────────────────────────────────────────────────────────────────────
create or replace function groups.publish_result(e groups.election) returns void language plpgsql as $$
declare
  r groups.election_rule := groups.rule_of(e);
  w record;
begin
  if e.purpose = 'recall' then
    if exists (select from groups.round_line l where l.election_id = e.id and l.elected) then
      perform groups.end_term(e.id, groups.term_kind(r.target), e.recalled_term_id, 'recalled');
    end if;
  else
    if e.purpose = 'term' and e.round = 1 and exists (select from groups.round_line l where l.election_id = e.id and l.elected) then
      perform groups.end_predecessors(e, r);
    end if;
    for w in select n.id, n.person_id, c.post_code from groups.round_line l join groups.nomination n on n.id = l.nomination_id join groups.contest c on c.id = n.contest_id
      where l.election_id = e.id and l.round = e.round and l.elected order by c.ordinal, n.id loop
      perform groups.begin_term(e, r, w.id, w.person_id, w.post_code);
    end loop;
  end if;
  perform core.emit('election.published', e.unit_id, jsonb_build_object('election_id', e.id, 'round', e.round));
end $$;

create or replace function groups.term_kind(target text) returns text language sql immutable as $$
  select case target when 'head' then 'head' when 'representative' then 'representative' when 'group_leader' then 'group_member' else 'appointment' end
$$;

-- A new term of the whole body: whoever held the seats holds them until the day before.
create or replace function groups.end_predecessors(e groups.election, r groups.election_rule) returns void language plpgsql as $$
begin
  if r.target = 'head' then
    update groups.head h set valid = daterange(lower(h.valid), e.term_from), end_reason = e.title, version = h.version + 1
    where h.unit_id = e.body_unit_id and h.kind = r.head_kind and lower(h.valid) < e.term_from and (upper_inf(h.valid) or upper(h.valid) > e.term_from);
  elsif r.target = 'representative' then
    update groups.representative m set valid = daterange(lower(m.valid), e.term_from), end_reason = e.title, version = m.version + 1
    where m.group_id = e.group_id and lower(m.valid) < e.term_from and upper(m.valid) > e.term_from;
  elsif r.target = 'group_leader' then
    perform groups.end_leader(e.group_id, e.term_from);
  else
    update orgs.appointment a set valid = daterange(lower(a.valid), e.term_from), end_reason = e.title, version = a.version + 1
    where a.unit_id = e.body_unit_id and a.post_code in (select c.post_code from groups.contest c where c.election_id = e.id)
      and lower(a.valid) < e.term_from and (upper_inf(a.valid) or upper(a.valid) > e.term_from);
  end if;
end $$;

-- Whoever led the group goes on as a member.
create or replace function groups.end_leader(wanted uuid, first_day date) returns void language plpgsql as $$
declare
  old groups.group_member;
begin
  select * into old from groups.group_member m where m.group_id = wanted and m.role = 'leader' and m.valid @> first_day;
  if not found then
    return;
  end if;
  if lower(old.valid) < first_day then
    update groups.group_member m set valid = daterange(lower(m.valid), first_day), version = m.version + 1 where m.id = old.id;
    insert into groups.group_member (group_id, person_id, role, valid) values (wanted, old.person_id, 'member', daterange(first_day, upper(old.valid)));
  else
    update groups.group_member m set role = 'member', version = m.version + 1 where m.id = old.id;
  end if;
end $$;

create or replace function groups.begin_term(e groups.election, r groups.election_rule, wanted uuid, person uuid, post text) returns void language plpgsql as $$
declare
  made uuid := core.uuid_v7();
  term daterange := daterange(e.term_from, e.term_to + 1);
  document text := coalesce(e.document_ref, e.title);
  g groups.group;
begin
  if r.target = 'head' then
    insert into groups.head (id, kind, unit_id, unit_kind, person_id, basis, valid, document_ref)
    select made, r.head_kind, u.id, u.kind, person, 'elected', term * u.valid, document from orgs.unit u where u.id = e.body_unit_id;
  elsif r.target = 'representative' then
    select * into g from groups.group x where x.id = e.group_id;
    insert into groups.representative (id, group_id, person_id, households, basis, valid, document_ref)
    select made, g.id, person, least(50, greatest(20, (coalesce(g.households, 20) + c.seats - 1) / c.seats)), case e.purpose when 'term' then 'elected' else 'by_election' end, term, document
    from groups.nomination n join groups.contest c on c.id = n.contest_id where n.id = wanted;
  elsif r.target = 'group_leader' then
    perform groups.end_leader(e.group_id, e.term_from);
    update groups.group_member m set valid = daterange(lower(m.valid), e.term_from), version = m.version + 1
    where m.group_id = e.group_id and m.person_id = person and lower(m.valid) < e.term_from and m.valid @> e.term_from;
    select coalesce((select m.id from groups.group_member m where m.group_id = e.group_id and m.person_id = person and m.valid @> e.term_from), made) into made;
    insert into groups.group_member (id, group_id, person_id, role, valid) values (made, e.group_id, person, 'leader', term)
    on conflict (id) do update set role = 'leader', version = group_member.version + 1;
  else
    insert into orgs.appointment (id, person_id, unit_id, unit_kind, post_code, basis, valid, document_ref)
    select made, person, u.id, u.kind, post, 'elected', term, document from orgs.unit u where u.id = e.body_unit_id;
  end if;
  insert into groups.election_term (election_id, nomination_id, kind, term_id, effect) values (e.id, wanted, groups.term_kind(r.target), made, 'created');
end $$;

-- Ends a term with today, or takes it back when it has not begun. Of an election that the caller reaches only.
create or replace function groups.end_term(wanted uuid, kind text, term uuid, why text) returns void language plpgsql security definer set search_path = pg_catalog as $$
declare
  target text := case kind when 'head' then 'groups.head' when 'representative' then 'groups.representative' when 'group_member' then 'groups.group_member' else 'orgs.appointment' end;
  first_day date;
begin
  perform core.expect(exists (select from groups.election e where e.id = wanted and orgs.in_scope(e.unit_id)
    and (e.recalled_term_id = term or exists (select from groups.election_term t where t.election_id = wanted and t.term_id = term))), 'not_found');
  execute format('select lower(valid) from %s where id = $1', target) into first_day using term;
  if first_day > core.today() then
    execute format('delete from %s where id = $1', target) using term;
  else
    execute format('update %s set valid = daterange(lower(valid), least(upper(valid), core.today() + 1)), version = version + 1 %s where id = $1', target,
      case when kind = 'group_member' then '' else ', end_reason = $2' end) using term, why;
  end if;
  insert into groups.election_term (election_id, nomination_id, kind, term_id, effect)
  select wanted, n.id, end_term.kind, term, 'ended' from groups.nomination n where n.election_id = wanted and why = 'recalled'
  on conflict do nothing;
end $$;

-- By who stands above the desk, or by a court's judgement recorded by them (Organic Law 40). The terms end; a re-run names this election.
create or replace function groups.annul(e groups.election, body jsonb) returns void language plpgsql as $$
declare
  reached text := core.next_state('election', e.state, 'annul');
begin
  if e.state = 'voting' and 'online' = any (e.ballots) then
    perform groups.seal_box(e.id, e.round);
  end if;
  perform groups.end_term(e.id, t.kind, t.term_id, 'annulled') from groups.election_term t where t.election_id = e.id and t.effect = 'created';
  update groups.election x set state = reached, annulled_on = core.today(), annulled_by = body ->> 'decided_by', annulment_reason = body ->> 'reason' where x.id = e.id;
end $$;
