-- Self-governance, whole: charters, meetings, joining, residents' representatives, heads' cards and substitutes, elections, neighbour help.
-- "Organic Law" is the Organic Law of Urban Residents' Committees in force since 2026-01-01; where it is silent, the rule is the city's policy.

-- ── groups: charter, meetings, joining, representatives ───────────────────────────────────────────────────────
-- A residents' group (居民小组, Organic Law 13) sends one representative for every 20 to 50 of its households.
alter table groups.group drop constraint group_kind_check;
alter table groups.group add constraint group_kind check (kind in ('self_governance', 'neighbour_help', 'residents_group')),
  add column households bigint, add constraint group_households check (households between 1 and 100000);

-- Versions of a group's rules and the state of their filing with the town or the city (Organic Law 31).
create table groups.charter (
  id uuid primary key default core.uuid_v7(),
  group_id uuid not null references groups.group,
  ordinal bigint not null check (ordinal > 0),
  content text not null check (length(content) between 1 and 20000),
  adopted_on date not null,
  state text not null default 'adopted' check (state in ('adopted', 'submitted', 'filed', 'returned')),
  submitted_on date,
  decided_on date,
  filing_number text check (length(filing_number) between 1 and 120),
  reason text check (length(reason) between 1 and 500),
  version bigint not null default 1,
  constraint charter_once unique (group_id, ordinal),
  check (state <> 'filed' or filing_number is not null),
  check (state <> 'returned' or reason is not null)
);

create table groups.group_meeting (
  id uuid primary key default core.uuid_v7(),
  group_id uuid not null references groups.group,
  held_at timestamptz not null,
  place text not null check (length(place) between 1 and 120),
  agenda text not null check (length(agenda) between 1 and 2000),
  present bigint check (present between 1 and 100000),
  minutes text check (length(minutes) between 1 and 20000),
  decisions text check (length(decisions) between 1 and 5000),
  called_by uuid references people.person,
  recorded_by uuid references people.person,
  version bigint not null default 1,
  check ((present is null) = (minutes is null))
);
create index group_meeting_by_group on groups.group_meeting (group_id, held_at desc, id);

create table groups.join_request (
  id uuid primary key default core.uuid_v7(),
  group_id uuid not null references groups.group,
  person_id uuid not null references people.person,
  message text check (length(message) between 1 and 300),
  state text not null default 'requested' check (state in ('requested', 'accepted', 'declined', 'withdrawn')),
  asked_at timestamptz not null default core.app_now(),
  decided_by uuid references people.person,
  decided_at timestamptz,
  reason text check (length(reason) between 1 and 300),
  check ((state = 'requested') = (decided_at is null))
);
create unique index join_request_once on groups.join_request (group_id, person_id) where state = 'requested';
create index join_request_by_group on groups.join_request (group_id, id);
create index join_request_by_person on groups.join_request (person_id);

-- A mandate for a number of households; it ends with the committee's term (Organic Law 13).
create table groups.representative (
  id uuid primary key default core.uuid_v7(),
  group_id uuid not null references groups.group,
  person_id uuid not null references people.person,
  households bigint not null,
  basis text not null default 'elected' check (basis in ('elected', 'by_election')),
  valid daterange not null check (not isempty(valid) and not lower_inf(valid) and not upper_inf(valid)),
  document_ref text check (length(document_ref) between 1 and 120),
  end_reason text check (length(end_reason) between 1 and 300),
  version bigint not null default 1,
  constraint representative_households check (households between 20 and 50),
  constraint representative_once exclude using gist (person_id with =, valid with &&)
);
create index representative_by_group on groups.representative (group_id, id);

insert into core.transition (machine, from_state, action, to_state, who) values
  ('charter', 'adopted', 'submit', 'submitted', '{leader,community}'),
  ('charter', 'submitted', 'file', 'filed', '{town,city}'),
  ('charter', 'submitted', 'return', 'returned', '{town,city}'),
  ('join_request', 'requested', 'accept', 'accepted', '{leader,community}'),
  ('join_request', 'requested', 'decline', 'declined', '{leader,community}'),
  ('join_request', 'requested', 'withdraw', 'withdrawn', '{self}');

-- ── heads: contact card and substitution ───────────────────────────────────────────────────────────────────────
-- How the people of the area reach their head. A telephone stands here only when its owner has agreed that they see it (PIPL 25).
create table groups.head_card (
  head_id uuid primary key references groups.head,
  phone_sealed bytea,
  hours text check (length(hours) between 1 and 120),
  note text check (length(note) between 1 and 200),
  agreed_at timestamptz,
  version bigint not null default 1,
  check ((phone_sealed is null) = (agreed_at is null))
);

create table groups.head_substitution (
  id uuid primary key default core.uuid_v7(),
  head_id uuid not null references groups.head,
  person_id uuid not null references people.person,
  valid daterange not null check (not isempty(valid) and not lower_inf(valid) and not upper_inf(valid)),
  reason text check (length(reason) between 1 and 200),
  version bigint not null default 1,
  constraint head_substitution_once exclude using gist (head_id with =, valid with &&)
);
create index head_substitution_by_person on groups.head_substitution (person_id);

-- ── elections: the rules are rows ──────────────────────────────────────────────────────────────────────────────
-- Written once; a new rule has a later first day. Fractions are whole numbers; strict: more than, otherwise at least.
create table groups.election_rule (
  id uuid primary key default core.uuid_v7(),
  code text not null check (code ~ '^[a-z_]{1,40}$'),
  effective_from date not null,
  name_zh text not null,
  name_en text not null,
  basis text not null check (basis in ('law', 'city_policy')),
  articles text not null,
  target text not null check (target in ('residents_committee', 'representative', 'group_leader', 'head', 'owners_committee')),
  head_kind text check (head_kind in ('building_head', 'lane_chief', 'street_chief')),
  electorate text not null check (electorate in ('all_voters', 'households', 'representatives', 'owners')),
  ballots text[] not null check (ballots <@ '{paper,hands,online}' and cardinality(ballots) > 0),
  seats_least bigint not null check (seats_least > 0),
  seats_most bigint not null check (seats_most >= seats_least),
  quorum_num bigint not null, quorum_den bigint not null, quorum_strict boolean not null,
  win_num bigint not null, win_den bigint not null, win_strict boolean not null,
  -- the second round: the most votes and at least this share of the ballots; NULL when there is none
  runoff_num bigint, runoff_den bigint, runoff_strict boolean,
  -- owners: every share is taken of the heads and of the area (Civil Code 278)
  by_area boolean not null default false,
  roll_days bigint not null check (roll_days >= 0),
  objection_days bigint not null check (objection_days > 0),
  decision_days bigint not null check (decision_days > 0),
  nominators bigint not null check (nominators > 0),
  contested boolean not null,
  proxies_most bigint not null check (proxies_most >= 0),
  -- fewer voters than this are no crowd to hide in: no online ballot
  online_least bigint check (online_least > 1),
  relatives_barred boolean not null default false,
  term_months bigint not null check (term_months > 0),
  recall_num bigint, recall_den bigint,
  constraint election_rule_once unique (code, effective_from),
  check ((target = 'head') = (head_kind is not null)),
  check (('online' = any (ballots)) = (online_least is not null)),
  check (quorum_den > 0 and quorum_num between 0 and quorum_den and win_den > 0 and win_num between 0 and win_den),
  check (num_nulls(runoff_num, runoff_den, runoff_strict) in (0, 3)),
  -- the law has this election by secret ballot, counted openly on the spot: never online (Organic Law 19)
  constraint election_rule_committee_on_paper check (target <> 'residents_committee' or ballots = '{paper}'),
  -- an owner's area tells who cast the ballot
  constraint election_rule_area_on_paper check (not by_area or not 'online' = any (ballots))
);
select core.immutable_table('groups.election_rule');

insert into groups.election_rule (code, effective_from, name_zh, name_en, basis, articles, target, head_kind, electorate, ballots, seats_least, seats_most,
  quorum_num, quorum_den, quorum_strict, win_num, win_den, win_strict, runoff_num, runoff_den, runoff_strict, by_area,
  roll_days, objection_days, decision_days, nominators, contested, proxies_most, online_least, relatives_barred, term_months, recall_num, recall_den) values
  ('committee_by_voters', '2026-01-01', '居民委员会选举（全体选民）', 'Residents'' committee, by all voters', 'law', '居委会组织法 8, 14–20', 'residents_committee', null, 'all_voters', '{paper}', 5, 9,
    1, 2, true, 1, 2, true, 1, 3, false, false, 20, 5, 3, 10, true, 3, null, true, 60, 1, 10),
  ('committee_by_households', '2026-01-01', '居民委员会选举（每户代表）', 'Residents'' committee, by one voter a household', 'law', '居委会组织法 8, 14–20', 'residents_committee', null, 'households', '{paper}', 5, 9,
    1, 2, true, 1, 2, true, 1, 3, false, false, 20, 5, 3, 10, true, 3, null, true, 60, 1, 10),
  ('committee_by_representatives', '2026-01-01', '居民委员会选举（居民代表）', 'Residents'' committee, by the representatives', 'law', '居委会组织法 8, 14–20', 'residents_committee', null, 'representatives', '{paper}', 5, 9,
    2, 3, true, 1, 2, true, 1, 3, false, false, 20, 5, 3, 10, true, 0, null, true, 60, 1, 3),
  ('representatives', '2026-01-01', '居民代表推选', 'Residents'' representatives', 'city_policy', '居委会组织法 13；程序为本市规定', 'representative', null, 'households', '{hands,paper,online}', 1, 20,
    1, 2, true, 1, 2, true, 1, 3, false, false, 7, 3, 2, 3, false, 3, 5, false, 60, 1, 10),
  ('group_leader', '2026-01-01', '居民小组组长推选', 'Head of a residents'' group', 'city_policy', '居委会组织法 13；程序为本市规定', 'group_leader', null, 'representatives', '{hands,paper}', 1, 1,
    1, 2, true, 1, 2, true, 1, 3, false, false, 3, 1, 1, 1, false, 0, null, false, 60, 1, 3),
  ('building_head', '2026-01-01', '楼栋长推选', 'Building head', 'city_policy', '本市规定（法律无规定）', 'head', 'building_head', 'all_voters', '{hands,paper,online}', 1, 1,
    1, 2, true, 1, 2, true, 1, 3, false, false, 7, 3, 2, 3, false, 3, 5, false, 60, 1, 10),
  ('lane_chief', '2026-01-01', '巷长推选', 'Lane chief', 'city_policy', '本市规定（法律无规定）', 'head', 'lane_chief', 'all_voters', '{hands,paper,online}', 1, 1,
    1, 2, true, 1, 2, true, 1, 3, false, false, 7, 3, 2, 3, false, 3, 5, false, 60, 1, 10),
  ('street_chief', '2026-01-01', '街长推选', 'Street chief', 'city_policy', '本市规定（法律无规定）', 'head', 'street_chief', 'all_voters', '{hands,paper,online}', 1, 1,
    1, 2, true, 1, 2, true, 1, 3, false, false, 7, 3, 2, 3, false, 3, 5, false, 60, 1, 10),
  ('owners_committee', '2026-01-01', '业主委员会委员选举', 'Owners'' committee', 'law', '民法典 278', 'owners_committee', null, 'owners', '{paper}', 3, 11,
    2, 3, false, 1, 2, true, null, null, null, true, 15, 5, 3, 10, false, 3, null, false, 60, 1, 5);

-- ── an election ────────────────────────────────────────────────────────────────────────────────────────────────
-- unit_id is where its voters belong; body_unit_id is the unit that its winners serve (the owners' committee of a compound).
create table groups.election (
  id uuid primary key default core.uuid_v7(),
  rule_id uuid not null references groups.election_rule,
  purpose text not null check (purpose in ('term', 'by_election', 'recall')),
  title text not null check (length(title) between 1 and 80),
  unit_id uuid not null references orgs.unit,
  body_unit_id uuid not null references orgs.unit,
  group_id uuid references groups.group,
  state text not null default 'prepared'
    check (state in ('prepared', 'roll_published', 'candidates_published', 'voting', 'counting', 'decided', 'published', 'cancelled', 'annulled')),
  round bigint not null default 1 check (round in (1, 2)),
  ballots text[] not null check (ballots <@ '{paper,hands,online}' and cardinality(ballots) > 0),
  voting_on date not null,
  term_from date not null,
  term_to date not null,
  roll_published_on date,
  candidates_published_on date,
  published_on date,
  document_ref text check (length(document_ref) between 1 and 120),
  rerun_of uuid references groups.election,
  recalled_person_id uuid references people.person,
  recalled_term_id uuid,
  recall_reason text check (length(recall_reason) between 1 and 2000),
  defence text check (length(defence) between 1 and 5000),
  defence_waived boolean not null default false,
  annulled_on date,
  annulled_by text check (length(annulled_by) between 1 and 200),
  annulment_reason text check (length(annulment_reason) between 1 and 1000),
  created_on date not null default core.today(),
  version bigint not null default 1,
  constraint election_term check (term_to > term_from),
  check (num_nulls(recalled_person_id, recalled_term_id, recall_reason) = case purpose when 'recall' then 0 else 3 end),
  check ((state = 'annulled') = (annulment_reason is not null)),
  -- a show of hands is no secret ballot: it stands alone
  constraint election_hands_alone check (not 'hands' = any (ballots) or cardinality(ballots) = 1)
);
create index election_by_unit on groups.election (unit_id, id);

insert into core.transition (machine, from_state, action, to_state, who) values
  ('election', 'prepared', 'publish_roll', 'roll_published', '{community}'),
  ('election', 'roll_published', 'publish_candidates', 'candidates_published', '{community}'),
  ('election', 'candidates_published', 'open_voting', 'voting', '{community}'),
  ('election', 'voting', 'close_voting', 'counting', '{community}'),
  ('election', 'counting', 'decide', 'decided', '{}'),
  ('election', 'decided', 'publish_result', 'published', '{community}'),
  ('election', 'published', 'second_round', 'candidates_published', '{community}'),
  ('election', 'prepared', 'cancel', 'cancelled', '{community}'),
  ('election', 'roll_published', 'cancel', 'cancelled', '{community}'),
  ('election', 'candidates_published', 'cancel', 'cancelled', '{community}'),
  ('election', 'voting', 'annul', 'annulled', '{town,city}'),
  ('election', 'counting', 'annul', 'annulled', '{town,city}'),
  ('election', 'decided', 'annul', 'annulled', '{town,city}'),
  ('election', 'published', 'annul', 'annulled', '{town,city}');

-- What is filled: a post's seats. post_code is NULL for heads, representatives and leaders; each voter has as many votes as seats are open.
create table groups.contest (
  id uuid primary key default core.uuid_v7(),
  election_id uuid not null references groups.election,
  ordinal bigint not null check (ordinal > 0),
  title text not null check (length(title) between 1 and 60),
  post_code text references orgs.post,
  seats bigint not null check (seats > 0),
  open_seats bigint not null check (open_seats between 0 and seats),
  constraint contest_once unique (election_id, ordinal)
);

-- The election committee. Whoever becomes a candidate, or is a near relative of one, leaves it (Organic Law 15).
create table groups.election_official (
  id uuid primary key default core.uuid_v7(),
  election_id uuid not null references groups.election,
  person_id uuid not null references people.person,
  role text not null check (role in ('chair', 'member')),
  left_on date,
  left_reason text check (length(left_reason) between 1 and 200),
  check ((left_on is null) = (left_reason is null))
);
create unique index election_official_once on groups.election_official (election_id, person_id) where left_on is null;
create unique index election_official_one_chair on groups.election_official (election_id) where left_on is null and role = 'chair';

-- The roll, and the ground of each voter (Organic Law 16). took: how the ballot of this round was taken; nothing here says what is on it.
create table groups.election_voter (
  id uuid primary key default core.uuid_v7(),
  election_id uuid not null references groups.election,
  person_id uuid not null references people.person,
  ground text not null check (ground in ('registered', 'habitual', 'worker', 'household', 'representative', 'owner')),
  household text check (length(household) between 1 and 80),
  area_cm2 bigint check (area_cm2 between 1 and 100000000000),
  struck_on date,
  struck_reason text check (length(struck_reason) between 1 and 200),
  took text check (took in ('paper', 'hands', 'proxy', 'online')),
  blinded_digest bytea check (octet_length(blinded_digest) = 32),
  version bigint not null default 1,
  check ((struck_on is null) = (struck_reason is null)),
  check (struck_on is null or took is null),
  check (blinded_digest is null or took = 'online')
);
create unique index election_voter_once on groups.election_voter (election_id, person_id) where struck_on is null;
create unique index election_voter_one_a_household on groups.election_voter (election_id, household) where struck_on is null and ground = 'household';
create index election_voter_by_election on groups.election_voter (election_id, id);
create index election_voter_by_person on groups.election_voter (person_id);

-- Within five days of publication; decided within three (Organic Law 17).
create table groups.roll_objection (
  id uuid primary key default core.uuid_v7(),
  election_id uuid not null references groups.election,
  person_id uuid not null references people.person,
  about_person_id uuid references people.person,
  wish text not null check (wish in ('add', 'strike', 'correct')),
  reason text not null check (length(reason) between 1 and 500),
  filed_on date not null default core.today(),
  due_on date not null,
  state text not null default 'open' check (state in ('open', 'upheld', 'rejected')),
  decided_on date,
  answer text check (length(answer) between 1 and 500),
  check ((state = 'open') = (decided_on is null) and (state = 'open') = (answer is null))
);
create index roll_objection_by_election on groups.roll_objection (election_id, id);
create index roll_objection_by_person on groups.roll_objection (person_id);

-- From the party organization or from enough voters (Organic Law 18); a candidate only when the person agrees.
create table groups.nomination (
  id uuid primary key default core.uuid_v7(),
  election_id uuid not null references groups.election,
  contest_id uuid not null references groups.contest,
  person_id uuid not null references people.person,
  nominated_by text not null check (nominated_by in ('organization', 'voters')),
  document_ref text check (length(document_ref) between 1 and 120),
  statement text check (length(statement) between 1 and 1000),
  answer text not null default 'open' check (answer in ('open', 'accepted', 'declined')),
  is_candidate boolean not null default false,
  in_round bigint check (in_round in (1, 2)),
  version bigint not null default 1,
  constraint nomination_once unique (election_id, person_id),
  check (is_candidate = (in_round is not null))
);
create index nomination_by_contest on groups.nomination (contest_id);
create index nomination_by_person on groups.nomination (person_id);

create table groups.nomination_supporter (
  nomination_id uuid not null references groups.nomination,
  person_id uuid not null references people.person,
  recorded_by uuid references people.person,
  primary key (nomination_id, person_id)
);

-- In writing, three at most for one holder, never to a candidate, none in the representatives' mode (Organic Law 19). The list is published.
create table groups.proxy (
  id uuid primary key default core.uuid_v7(),
  election_id uuid not null references groups.election,
  voter_id uuid not null references groups.election_voter,
  holder_id uuid not null references groups.election_voter,
  document_ref text not null check (length(document_ref) between 1 and 120),
  given_on date not null default core.today(),
  revoked_on date,
  constraint proxy_not_oneself check (voter_id <> holder_id)
);
create unique index proxy_once on groups.proxy (voter_id) where revoked_on is null;
create index proxy_by_election on groups.proxy (election_id);
create index proxy_by_holder on groups.proxy (holder_id);

-- Two counts, each by somebody who does not see the other one's. A pair that differs is counted again as the next attempt.
create table groups.election_count (
  id uuid primary key default core.uuid_v7(),
  election_id uuid not null references groups.election,
  round bigint not null,
  attempt bigint not null check (attempt > 0),
  recorded_by uuid not null references people.person,
  counted_by text not null check (length(counted_by) between 1 and 120),
  cast_ballots bigint not null check (cast_ballots between 0 and 1000000),
  spoilt_ballots bigint not null check (spoilt_ballots between 0 and cast_ballots),
  cast_area_cm2 bigint check (cast_area_cm2 >= 0),
  lines jsonb not null check (jsonb_typeof(lines) = 'array'),
  constraint election_count_by_two unique (election_id, round, attempt, recorded_by)
);

-- What a round came to. valid: enough voters took part, and no more ballots were in the box than had been given out.
create table groups.election_round (
  election_id uuid not null references groups.election,
  round bigint not null,
  roll bigint not null,
  issued bigint not null,
  cast_ballots bigint not null,
  spoilt_ballots bigint not null,
  online_ballots bigint not null,
  roll_area_cm2 bigint,
  cast_area_cm2 bigint,
  valid boolean not null,
  failure text check (failure in ('quorum', 'more_ballots_than_issued')),
  decided_on date not null default core.today(),
  primary key (election_id, round),
  check (valid = (failure is null))
);

create table groups.round_line (
  election_id uuid not null,
  round bigint not null,
  nomination_id uuid not null references groups.nomination,
  votes bigint not null check (votes >= 0),
  votes_area_cm2 bigint check (votes_area_cm2 >= 0),
  elected boolean not null,
  barred boolean not null default false,
  primary key (election_id, round, nomination_id),
  foreign key (election_id, round) references groups.election_round,
  check (not (elected and barred))
);

-- The terms that a published result has created or, after a recall, ended.
create table groups.election_term (
  election_id uuid not null references groups.election,
  nomination_id uuid not null references groups.nomination,
  kind text not null check (kind in ('appointment', 'head', 'representative', 'group_member')),
  term_id uuid not null,
  effect text not null check (effect in ('created', 'ended')),
  primary key (election_id, kind, term_id)
);

-- ── the online secret ballot ───────────────────────────────────────────────────────────────────────────────────
-- A voter's device draws a random token, has it signed blindly (the server marks the voter and never sees the token), and casts token and
-- choices later without saying who it is. The key of a round; its private half is forgotten when the voting closes.
create table groups.election_key (
  election_id uuid not null references groups.election,
  round bigint not null,
  public_key text not null check (length(public_key) between 200 and 2000),
  private_sealed bytea,
  primary key (election_id, round)
);

-- Ballots and receipts lie apart. Neither has a time, an order, a person or a number that the other one has; they are never audited row by
-- row; groups.shuffle_ballots rewrites both at the close, so that not even the transaction that stored a row can be read from it.
create table groups.ballot_receipt (
  digest bytea not null check (octet_length(digest) = 32),
  election_id uuid not null,
  round bigint not null,
  primary key (digest)
);
create table groups.ballot (
  id uuid not null default gen_random_uuid(),
  election_id uuid not null,
  round bigint not null,
  choices uuid[] not null,
  primary key (id)
);

-- ── neighbour help ─────────────────────────────────────────────────────────────────────────────────────────────
-- A favour among neighbours: no points. reach: the own compound first; the whole community when the person asks for it.
create table groups.help_request (
  id uuid primary key default core.uuid_v7(),
  person_id uuid not null references people.person,
  unit_id uuid not null references orgs.unit,
  community_id uuid references orgs.unit,
  reach text not null check (reach in ('compound', 'community')),
  kind text not null check (kind in ('errand', 'company', 'repair', 'care', 'lending', 'other')),
  wish text not null check (length(wish) between 1 and 300),
  wanted_on date,
  state text not null default 'open' check (state in ('open', 'agreed', 'done', 'thanked', 'withdrawn')),
  helper_id uuid references people.person,
  thanks text check (length(thanks) between 1 and 200),
  asked_at timestamptz not null default core.app_now(),
  version bigint not null default 1,
  constraint help_by_another check (helper_id is distinct from person_id),
  check ((state in ('agreed', 'done', 'thanked')) = (helper_id is not null)),
  check ((state = 'thanked') = (thanks is not null))
);
create index help_request_by_unit on groups.help_request (unit_id, id);
create index help_request_by_person on groups.help_request (person_id);

create table groups.help_offer (
  id uuid primary key default core.uuid_v7(),
  request_id uuid not null references groups.help_request,
  person_id uuid not null references people.person,
  message text check (length(message) between 1 and 200),
  offered_at timestamptz not null default core.app_now(),
  constraint help_offer_once unique (request_id, person_id)
);
create index help_offer_by_person on groups.help_offer (person_id);

insert into core.transition (machine, from_state, action, to_state, who) values
  ('help_request', 'open', 'offer', 'open', '{neighbour}'),
  ('help_request', 'open', 'accept', 'agreed', '{self}'),
  ('help_request', 'open', 'withdraw', 'withdrawn', '{self}'),
  ('help_request', 'agreed', 'withdraw', 'withdrawn', '{self}'),
  ('help_request', 'agreed', 'complete', 'done', '{self,helper}'),
  ('help_request', 'done', 'thank', 'thanked', '{self}');

-- ── rights ─────────────────────────────────────────────────────────────────────────────────────────────────────
select core.guard_table(t) from unnest(array['groups.charter', 'groups.group_meeting', 'groups.join_request', 'groups.representative', 'groups.head_card',
  'groups.head_substitution', 'groups.election_rule', 'groups.election', 'groups.contest', 'groups.election_official', 'groups.election_voter', 'groups.roll_objection',
  'groups.nomination', 'groups.nomination_supporter', 'groups.proxy', 'groups.election_count', 'groups.election_round', 'groups.round_line', 'groups.election_term',
  'groups.election_key', 'groups.ballot_receipt', 'groups.ballot', 'groups.help_request', 'groups.help_offer']::regclass[]) t;
-- groups.ballot and groups.ballot_receipt are left out on purpose: an audit row has a time and an order.
select core.audit_table(t) from unnest(array['groups.charter', 'groups.group_meeting', 'groups.join_request', 'groups.representative', 'groups.head_card',
  'groups.head_substitution', 'groups.election_rule', 'groups.election', 'groups.contest', 'groups.election_official', 'groups.election_voter', 'groups.roll_objection',
  'groups.nomination', 'groups.nomination_supporter', 'groups.proxy', 'groups.election_count', 'groups.election_round', 'groups.round_line', 'groups.election_term',
  'groups.election_key', 'groups.help_request', 'groups.help_offer']::regclass[]) t;

-- Groups that the person asking leads; elections on whose roll the person stands. Once a statement.
create function groups.my_led_groups() returns uuid[] language sql stable security definer set search_path = pg_catalog as $$
  select coalesce(array_agg(m.group_id), '{}') from groups.group_member m where m.person_id = core.person() and m.role in ('leader', 'deputy') and m.valid @> core.today()
$$;
create function groups.my_elections() returns uuid[] language sql stable security definer set search_path = pg_catalog as $$
  select coalesce(array_agg(v.election_id), '{}') from groups.election_voter v where v.person_id = core.person() and v.struck_on is null
$$;
-- The units of one's own home: building, compound, community and so on.
create function people.home_units() returns uuid[] language sql stable security definer set search_path = pg_catalog as $$
  select coalesce(array_agg(a.id), '{}')
  from orgs.unit a where a.label = any (string_to_array((select people.home_path())::text, '.')::bigint[])
$$;

-- Whoever sees a group sees its charter; meetings and requests are its members' and the staff's.
create policy with_group on groups.charter for select to linli_app using ((select true from groups.group g where g.id = charter.group_id));
create policy leader_or_staff_writes on groups.charter for insert to linli_app with check (
  group_id = any ((select groups.my_led_groups())::uuid[])
  or (select u.territory_path from groups.group g join orgs.unit u on u.id = g.unit_id where g.id = charter.group_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy leader_or_staff_moves on groups.charter for update to linli_app using (
  group_id = any ((select groups.my_led_groups())::uuid[])
  or (select u.territory_path from groups.group g join orgs.unit u on u.id = g.unit_id where g.id = charter.group_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

create policy members_and_staff on groups.group_meeting for select to linli_app using (
  group_id = any ((select groups.my_groups())::uuid[])
  or (select u.territory_path from groups.group g join orgs.unit u on u.id = g.unit_id where g.id = group_meeting.group_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy leader_or_staff_calls on groups.group_meeting for insert to linli_app with check (
  group_id = any ((select groups.my_led_groups())::uuid[])
  or (select u.territory_path from groups.group g join orgs.unit u on u.id = g.unit_id where g.id = group_meeting.group_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy leader_or_staff_records on groups.group_meeting for update to linli_app using (
  group_id = any ((select groups.my_led_groups())::uuid[])
  or (select u.territory_path from groups.group g join orgs.unit u on u.id = g.unit_id where g.id = group_meeting.group_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

create policy own_leader_or_staff on groups.join_request to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or group_id = any ((select groups.my_led_groups())::uuid[])
  or (select u.territory_path from groups.group g join orgs.unit u on u.id = g.unit_id where g.id = join_request.group_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy leader_adds on groups.group_member for insert to linli_app with check (role = 'member' and group_id = any ((select groups.my_led_groups())::uuid[]));

-- Representatives hold a public mandate: everyone who sees the group sees them.
create policy with_group on groups.representative for select to linli_app using ((select true from groups.group g where g.id = representative.group_id));
create policy staff_writes on groups.representative for insert to linli_app with check (
  (select u.territory_path from groups.group g join orgs.unit u on u.id = g.unit_id where g.id = representative.group_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_ends on groups.representative for update to linli_app using (
  (select u.territory_path from groups.group g join orgs.unit u on u.id = g.unit_id where g.id = representative.group_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

-- A card is for those who live in the head's area, for the head and for the staff there.
create policy with_head on groups.head_card for select to linli_app using ((select true from groups.head h where h.id = head_card.head_id));
create policy own_or_staff_writes on groups.head_card to linli_app using (
  (select h.person_id from groups.head h where h.id = head_card.head_id) = (select nullif(current_setting('app.person', true), '')::uuid)
  or (select u.territory_path from groups.head h join orgs.unit u on u.id = h.unit_id where h.id = head_card.head_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy with_head on groups.head_substitution for select to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid) or (select true from groups.head h where h.id = head_substitution.head_id));
create policy staff_writes on groups.head_substitution for insert to linli_app with check (
  (select u.territory_path from groups.head h join orgs.unit u on u.id = h.unit_id where h.id = head_substitution.head_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_ends on groups.head_substitution for update to linli_app using (
  (select u.territory_path from groups.head h join orgs.unit u on u.id = h.unit_id where h.id = head_substitution.head_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_names on people.central_household for insert to linli_app with check (
  (select u.territory_path from orgs.unit u where u.id = central_household.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_ends on people.central_household for update to linli_app using (
  (select u.territory_path from orgs.unit u where u.id = central_household.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

create policy signed_in_reads on groups.election_rule for select to linli_app using ((select nullif(current_setting('app.person', true), '')) is not null);

-- An election is its area's affair from the day its roll is published; before, the staff's. Whoever is on the roll sees it wherever they live.
create policy area_reads on groups.election for select to linli_app using (
  (select u.territory_path from orgs.unit u where u.id = election.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[])
  or (select u.leadership_path from orgs.unit u where u.id = election.unit_id) <@ any ((select nullif(current_setting('app.lead', true), '')::ltree[])::ltree[])
  or (state <> 'prepared' and (unit_id = any ((select people.home_units())::uuid[]) or id = any ((select groups.my_elections())::uuid[]))));
create policy staff_prepares on groups.election for insert to linli_app with check (
  (select u.territory_path from orgs.unit u where u.id = election.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy staff_moves on groups.election for update to linli_app using (
  (select u.territory_path from orgs.unit u where u.id = election.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

-- What is public with the election: contests, committee, roll, candidates, proxies, results.
do $$
declare
  t text;
begin
  foreach t in array array['contest', 'election_official', 'election_voter', 'nomination', 'proxy', 'election_round', 'round_line', 'election_term'] loop
    execute format('create policy with_election on groups.%I for select to linli_app using ((select true from groups.election e where e.id = %1$I.election_id))', t);
    execute format($p$create policy staff_writes on groups.%I for insert to linli_app with check (
      (select u.territory_path from groups.election e join orgs.unit u on u.id = e.unit_id where e.id = %1$I.election_id)
        <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]))$p$, t);
    execute format($p$create policy staff_changes on groups.%I for update to linli_app using (
      (select u.territory_path from groups.election e join orgs.unit u on u.id = e.unit_id where e.id = %1$I.election_id)
        <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]))$p$, t);
  end loop;
end $$;
create policy voters_nominate on groups.nomination for insert to linli_app with check (
  nominated_by = 'voters' and answer = 'open' and not is_candidate and (select e.state from groups.election e where e.id = nomination.election_id) = 'roll_published');
create policy own_answer on groups.nomination for update to linli_app using (person_id = (select nullif(current_setting('app.person', true), '')::uuid));
create policy own_or_staff on groups.nomination_supporter to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or (select u.territory_path from groups.nomination n join groups.election e on e.id = n.election_id join orgs.unit u on u.id = e.unit_id where n.id = nomination_supporter.nomination_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy own_or_staff on groups.roll_objection to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or (select u.territory_path from groups.election e join orgs.unit u on u.id = e.unit_id where e.id = roll_objection.election_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
-- Whoever counts does not see the other count before both are in.
create policy own_or_later on groups.election_count for select to linli_app using (
  recorded_by = (select nullif(current_setting('app.person', true), '')::uuid)
  or ((select e.state from groups.election e where e.id = election_count.election_id) in ('decided', 'published', 'annulled')
    and (select u.territory_path from groups.election e join orgs.unit u on u.id = e.unit_id where e.id = election_count.election_id)
      <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[])));
create policy staff_counts on groups.election_count for insert to linli_app with check (
  recorded_by = (select nullif(current_setting('app.person', true), '')::uuid)
  and (select u.territory_path from groups.election e join orgs.unit u on u.id = e.unit_id where e.id = election_count.election_id)
    <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));

-- Asking neighbours: the own compound, or the community when the request reaches it; the staff of the place is no party to it.
create policy neighbours_read on groups.help_request for select to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid) or helper_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or (state = 'open' and (unit_id = any ((select people.home_units())::uuid[])
    or (reach = 'community' and community_id = any ((select people.home_units())::uuid[])))));
create policy own_request on groups.help_request for insert to linli_app with check (person_id = (select nullif(current_setting('app.person', true), '')::uuid));
create policy own_or_helper on groups.help_request for update to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid) or helper_id = (select nullif(current_setting('app.person', true), '')::uuid));
create policy own_or_asker on groups.help_offer for select to linli_app using (
  person_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or (select r.person_id from groups.help_request r where r.id = help_offer.request_id) = (select nullif(current_setting('app.person', true), '')::uuid));
create policy own_offer on groups.help_offer for insert to linli_app with check (person_id = (select nullif(current_setting('app.person', true), '')::uuid));

grant select, insert on groups.charter, groups.group_meeting, groups.join_request, groups.representative, groups.head_card, groups.head_substitution,
  groups.election, groups.contest, groups.election_official, groups.election_voter, groups.roll_objection, groups.nomination, groups.nomination_supporter,
  groups.proxy, groups.election_count, groups.election_round, groups.round_line, groups.election_term, groups.help_request, groups.help_offer to linli_app;
grant select on groups.election_rule to linli_app;
grant insert on people.central_household to linli_app;
grant update (households) on groups.group to linli_app;
grant update (state, submitted_on, decided_on, filing_number, reason, version) on groups.charter to linli_app;
grant update (present, minutes, decisions, recorded_by, version) on groups.group_meeting to linli_app;
grant update (state, decided_by, decided_at, reason) on groups.join_request to linli_app;
grant update (valid, end_reason, version) on groups.representative to linli_app;
grant update (phone_sealed, hours, note, agreed_at, version) on groups.head_card to linli_app;
grant update (valid, version) on groups.head_substitution to linli_app;
grant update (valid, version) on people.central_household to linli_app;
grant update (state, round, voting_on, roll_published_on, candidates_published_on, published_on, document_ref, defence, defence_waived, annulled_on, annulled_by,
  annulment_reason, version) on groups.election to linli_app;
grant update (open_seats) on groups.contest to linli_app;
grant update (left_on, left_reason) on groups.election_official to linli_app;
grant update (struck_on, struck_reason, took, version) on groups.election_voter to linli_app;
grant update (state, decided_on, answer) on groups.roll_objection to linli_app;
grant update (answer, is_candidate, in_round, version) on groups.nomination to linli_app;
grant update (revoked_on) on groups.proxy to linli_app;
grant update (state, helper_id, thanks, reach, version) on groups.help_request to linli_app;
