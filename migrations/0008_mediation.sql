-- Mediation under the People's Mediation Law: voluntary, free, confidential. Narratives are sealed by the server before they come here.
-- Three-two-one is the city's policy, as dated rows; it never bars the way to court.

create schema mediation;
grant usage on schema mediation to linli_app;

-- ── data, not constants ────────────────────────────────────────────────────────────────────────────────────────
create table mediation.level_policy (
    id             uuid primary key default core.uuid_v7(),
    level          text not null,
    ordinal        bigint not null,
    valid          daterange not null,
    attempts_limit bigint not null,
    follow_ups     bigint not null,
    constraint level_policy_level check ((level, ordinal) in (('community', 1), ('town', 2), ('city', 3))),
    constraint level_policy_limit check (attempts_limit between 1 and 9),
    constraint level_policy_city_visits check (follow_ups between case level when 'city' then 1 else 0 end and 9),
    constraint level_policy_one_a_day exclude using gist (level with =, valid with &&)
);
insert into mediation.level_policy (level, ordinal, valid, attempts_limit, follow_ups) values
    ('community', 1, daterange('2020-01-01', null), 3, 1),
    ('town', 2, daterange('2020-01-01', null), 2, 1),
    ('city', 3, daterange('2020-01-01', null), 1, 1);

-- A court confirms no agreement on status or title (judicial interpretation to the Civil Procedure Law, art. 205–206).
create table mediation.dispute_kind (
    kind        text primary key,
    ordinal     bigint not null unique,
    name_zh     text not null,
    name_en     text not null,
    confirmable boolean not null,
    constraint dispute_kind_word check (kind ~ '^[a-z_]{1,40}$')
);
insert into mediation.dispute_kind (kind, ordinal, name_zh, name_en, confirmable) values
    ('neighbour', 1, '邻里', 'Neighbours', true),
    ('property_service', 2, '物业', 'Property service', true),
    ('injury', 3, '人身损害', 'Injury', true),
    ('family', 4, '婚姻家庭', 'Family', true),
    ('support', 5, '赡养抚养', 'Support of parents or children', true),
    ('debt', 6, '借贷', 'Debt', true),
    ('labour', 7, '劳动报酬', 'Wages', true),
    ('traffic', 8, '交通事故', 'Traffic', true),
    ('consumer', 9, '消费', 'Consumer', true),
    ('tenancy', 10, '房屋租赁', 'Tenancy', true),
    ('status', 11, '身份关系', 'Status (marriage, adoption)', false),
    ('title', 12, '物权确认', 'Confirmation of title', false),
    ('other', 13, '其他', 'Other', true);

insert into core.transition (machine, from_state, action, to_state, who) values
    ('mediation_case', 'awaiting_consent', 'consent', 'awaiting_consent', '{party,files}'),
    ('mediation_case', 'awaiting_consent', 'complete_consent', 'in_mediation', '{}'),
    ('mediation_case', 'awaiting_consent', 'identify_party', 'awaiting_consent', '{files}'),
    ('mediation_case', 'awaiting_consent', 'assign_mediator', 'awaiting_consent', '{files}'),
    ('mediation_case', 'awaiting_consent', 'refuse', 'refused', '{party,files}'),
    ('mediation_case', 'awaiting_consent', 'terminate', 'terminated', '{party,files}'),
    ('mediation_case', 'in_mediation', 'identify_party', 'in_mediation', '{files}'),
    ('mediation_case', 'in_mediation', 'assign_mediator', 'in_mediation', '{files}'),
    ('mediation_case', 'in_mediation', 'schedule_attempt', 'in_mediation', '{files}'),
    ('mediation_case', 'in_mediation', 'record_outcome', 'in_mediation', '{files}'),
    ('mediation_case', 'in_mediation', 'agree', 'agreed', '{}'),
    ('mediation_case', 'in_mediation', 'fail_last', 'level_exhausted', '{}'),
    ('mediation_case', 'in_mediation', 'fail_final', 'failed', '{}'),
    ('mediation_case', 'in_mediation', 'refuse', 'refused', '{party,files}'),
    ('mediation_case', 'in_mediation', 'terminate', 'terminated', '{party,files}'),
    ('mediation_case', 'level_exhausted', 'consent', 'level_exhausted', '{party,files}'),
    ('mediation_case', 'level_exhausted', 'identify_party', 'level_exhausted', '{files}'),
    ('mediation_case', 'level_exhausted', 'escalate', 'in_mediation', '{files}'),
    ('mediation_case', 'level_exhausted', 'refuse', 'refused', '{party,files}'),
    ('mediation_case', 'level_exhausted', 'terminate', 'terminated', '{party,files}'),
    ('mediation_case', 'agreed', 'write_agreement', 'agreed', '{files}'),
    ('mediation_case', 'agreed', 'sign', 'agreed', '{party,files}'),
    ('mediation_case', 'agreed', 'add_performance_item', 'agreed', '{files}'),
    ('mediation_case', 'agreed', 'take_effect', 'in_force', '{}'),
    ('mediation_case', 'agreed', 'terminate', 'terminated', '{party,files}'),
    ('mediation_case', 'in_force', 'add_performance_item', 'in_force', '{files}'),
    ('mediation_case', 'in_force', 'record_performance', 'in_force', '{files}'),
    ('mediation_case', 'in_force', 'follow_up', 'in_force', '{files}'),
    ('mediation_case', 'in_force', 'close', 'closed', '{}'),
    ('mediation_case', 'failed', 'follow_up', 'failed', '{files}'),
    ('mediation_case', 'terminated', 'follow_up', 'terminated', '{files}'),
    ('mediation_case', 'closed', 'follow_up', 'closed', '{files}'),
    ('mediation_case', 'awaiting_consent', 'mark_risk', 'awaiting_consent', '{files}'),
    ('mediation_case', 'in_mediation', 'mark_risk', 'in_mediation', '{files}'),
    ('mediation_case', 'level_exhausted', 'mark_risk', 'level_exhausted', '{files}'),
    ('mediation_case', 'agreed', 'mark_risk', 'agreed', '{files}'),
    ('mediation_case', 'in_force', 'mark_risk', 'in_force', '{files}');

-- ── the case and its file ──────────────────────────────────────────────────────────────────────────────────────
create table mediation.case_number (
    unit_id uuid not null references orgs.unit,
    year    bigint not null,
    last_no bigint not null,
    primary key (unit_id, year)
);

create table mediation.mediation_case (
    id               uuid primary key default core.uuid_v7(),
    number           text not null,
    origin           text not null,
    origin_unit_id   uuid not null references orgs.unit, -- where it was opened: keeps reading the file
    unit_id          uuid not null references orgs.unit, -- where it sits now: works on it
    level            text not null,
    state            text not null default 'awaiting_consent',
    kind             text not null,
    title_sealed     bytea not null,
    narrative_sealed bytea not null,
    opened_by        uuid,
    opened_at        timestamptz not null default core.app_now(),
    closed_at        timestamptz,
    constraint mediation_case_number_once unique (number),
    constraint mediation_case_origin check (origin in ('party', 'committee')),
    constraint mediation_case_level check (level in ('community', 'town', 'city')),
    constraint mediation_case_kind_fkey foreign key (kind) references mediation.dispute_kind,
    constraint mediation_case_state check (state in ('awaiting_consent', 'in_mediation', 'level_exhausted', 'agreed', 'in_force', 'closed',
                                                     'refused', 'failed', 'terminated')),
    constraint mediation_case_closed check ((closed_at is not null) = (state in ('closed', 'refused', 'failed', 'terminated')))
);
create index mediation_case_origin_unit on mediation.mediation_case (origin_unit_id, opened_at desc, id desc);
create index mediation_case_unit on mediation.mediation_case (unit_id);
create index mediation_case_newest on mediation.mediation_case (opened_at desc, id desc);

create table mediation.party (
    id                  uuid primary key default core.uuid_v7(),
    case_id             uuid not null references mediation.mediation_case,
    side                text not null,
    person_id           uuid references people.person,
    organization_name   text,
    claimed_name_sealed bytea, -- the applicant's own words, until and after somebody is identified
    position            text,
    constraint party_side check (side in ('first', 'second')),
    constraint party_named_once check (num_nonnulls(person_id, organization_name) <= 1
                                       and num_nonnulls(person_id, organization_name, claimed_name_sealed) >= 1),
    constraint party_organization check (length(organization_name) between 1 and 100),
    constraint party_position check (length(position) <= 100),
    constraint party_person_once unique (case_id, person_id),
    constraint party_of_case unique (case_id, id)
);
create index party_person on mediation.party (person_id);

create table mediation.mediation_consent (
    id           uuid primary key default core.uuid_v7(),
    case_id      uuid not null,
    party_id     uuid not null,
    level        text not null,
    form         text not null,
    consented_at timestamptz not null default core.app_now(),
    recorded_by  uuid,
    constraint mediation_consent_party foreign key (case_id, party_id) references mediation.party (case_id, id),
    constraint mediation_consent_level check (level in ('community', 'town', 'city')),
    constraint mediation_consent_form check (form in ('application', 'in_app', 'written', 'oral')),
    constraint mediation_consent_once unique (party_id, level)
);
create index mediation_consent_case on mediation.mediation_consent (case_id);

create table mediation.refusal (
    id          uuid primary key default core.uuid_v7(),
    case_id     uuid not null,
    party_id    uuid not null,
    form        text not null,
    refused_at  timestamptz not null default core.app_now(),
    recorded_by uuid,
    constraint refusal_party foreign key (case_id, party_id) references mediation.party (case_id, id),
    constraint refusal_form check (form in ('in_app', 'written', 'oral')),
    constraint refusal_once unique (case_id)
);

create table mediation.case_mediator (
    id          uuid primary key default core.uuid_v7(),
    case_id     uuid not null references mediation.mediation_case,
    person_id   uuid not null references people.person,
    level       text not null,
    chosen_by   text not null,
    assigned_at timestamptz not null default core.app_now(),
    assigned_by uuid,
    ended_at    timestamptz,
    constraint case_mediator_level check (level in ('community', 'town', 'city')),
    constraint case_mediator_chosen check (chosen_by in ('committee', 'parties')),
    constraint case_mediator_once unique (case_id, person_id, level)
);
create index case_mediator_person on mediation.case_mediator (person_id) where ended_at is null;

create table mediation.attempt (
    id             uuid primary key default core.uuid_v7(),
    case_id        uuid not null references mediation.mediation_case,
    level          text not null,
    ordinal        bigint not null,
    attempts_limit bigint not null, -- of the policy of the day
    scheduled_at   timestamptz not null,
    place          text not null,
    created_by     uuid,
    outcome        text,
    note_sealed    bytea,
    outcome_at     timestamptz,
    outcome_by     uuid,
    constraint attempt_level check (level in ('community', 'town', 'city')),
    constraint attempt_within_limit check (ordinal between 1 and attempts_limit),
    constraint attempt_place check (length(place) between 1 and 100),
    constraint attempt_outcome check (outcome in ('agreed', 'failed', 'adjourned', 'called_off')),
    constraint attempt_outcome_dated check ((outcome is null) = (outcome_at is null))
);
create unique index attempt_one_open on mediation.attempt (case_id) where outcome is null;
create unique index attempt_ordinal_once on mediation.attempt (case_id, level, ordinal) where outcome is null or outcome in ('agreed', 'failed');
create index attempt_case on mediation.attempt (case_id, scheduled_at);

create table mediation.escalation (
    id             uuid primary key default core.uuid_v7(),
    case_id        uuid not null references mediation.mediation_case,
    from_level     text not null,
    to_level       text not null,
    from_unit_id   uuid not null references orgs.unit,
    to_unit_id     uuid not null references orgs.unit,
    summary_sealed bytea not null,
    escalated_at   timestamptz not null default core.app_now(),
    escalated_by   uuid,
    constraint escalation_step check ((from_level, to_level) in (('community', 'town'), ('town', 'city'))),
    constraint escalation_once unique (case_id, to_level)
);

create table mediation.agreement (
    id             uuid primary key default core.uuid_v7(),
    case_id        uuid not null references mediation.mediation_case,
    form           text not null,
    content_sealed bytea not null,
    reached_on     date not null,
    written_at     timestamptz not null default core.app_now(),
    written_by     uuid,
    effective_at   timestamptz,
    confirm_by     date,
    constraint agreement_form check (form in ('written', 'oral')),
    constraint agreement_confirm check (confirm_by is null or effective_at is not null),
    constraint agreement_once unique (case_id)
);

create table mediation.agreement_mark (
    id          uuid primary key default core.uuid_v7(),
    case_id     uuid not null references mediation.agreement (case_id),
    mark        text not null,
    form        text not null,
    party_id    uuid,
    person_id   uuid, -- who set it; of an organization or on paper: who recorded it
    marked_at   timestamptz not null default core.app_now(),
    recorded_by uuid,
    constraint agreement_mark_mark check (mark in ('party', 'mediator', 'committee')),
    constraint agreement_mark_party foreign key (case_id, party_id) references mediation.party (case_id, id),
    constraint agreement_mark_of_party check ((mark = 'party') = (party_id is not null)),
    constraint agreement_mark_form_fits check (
        case mark when 'party' then form in ('signature', 'seal', 'fingerprint') when 'mediator' then form = 'signature' else form = 'seal' end)
);
create unique index agreement_mark_party_once on mediation.agreement_mark (party_id) where mark = 'party';
create unique index agreement_mark_person_once on mediation.agreement_mark (case_id, person_id) where mark = 'mediator';
create unique index agreement_mark_seal_once on mediation.agreement_mark (case_id) where mark = 'committee';
create index agreement_mark_case on mediation.agreement_mark (case_id);

create table mediation.performance_item (
    id                 uuid primary key default core.uuid_v7(),
    case_id            uuid not null references mediation.agreement (case_id),
    party_id           uuid not null,
    description_sealed bytea not null,
    due_on             date not null,
    amount_fen         bigint,
    state              text not null default 'open',
    created_by         uuid,
    recorded_at        timestamptz,
    recorded_by        uuid,
    constraint performance_item_party foreign key (case_id, party_id) references mediation.party (case_id, id),
    constraint performance_item_state check (state in ('open', 'performed', 'partly', 'disputed')),
    constraint performance_item_recorded check ((state = 'open') = (recorded_at is null)),
    constraint performance_item_amount check (amount_fen >= 0)
);
create index performance_item_case on mediation.performance_item (case_id, due_on);

create table mediation.follow_up (
    id          uuid primary key default core.uuid_v7(),
    case_id     uuid not null references mediation.mediation_case,
    ordinal     bigint not null,
    visited_on  date not null,
    finding     text not null,
    note_sealed bytea,
    visitor_id  uuid,
    recorded_at timestamptz not null default core.app_now(),
    constraint follow_up_finding check (finding in ('performed', 'partly', 'disputed', 'calm')),
    constraint follow_up_once unique (case_id, ordinal)
);

-- The one final notice: other legal ways are always open (art. 3, 26).
create table mediation.final_notice (
    case_id   uuid primary key references mediation.mediation_case,
    ground    text not null,
    ways      text[] not null default '{lawsuit,arbitration,administration}',
    issued_at timestamptz not null default core.app_now(),
    constraint final_notice_ground check (ground in ('party_refused', 'party_ended', 'not_agreed', 'suspected_crime', 'unfit')),
    constraint final_notice_ways check (cardinality(ways) > 0 and ways <@ '{lawsuit,arbitration,administration}'::text[])
);

-- Of the files' side alone (art. 25).
create table mediation.risk (
    id        uuid primary key default core.uuid_v7(),
    case_id   uuid not null references mediation.mediation_case,
    level     text not null,
    marked_at timestamptz not null default core.app_now(),
    marked_by uuid,
    constraint risk_level check (level in ('low', 'medium', 'high'))
);
create index risk_case on mediation.risk (case_id, marked_at);

create table mediation.case_event (
    no         bigint generated always as identity primary key,
    case_id    uuid not null references mediation.mediation_case,
    action     text not null,
    from_state text,
    to_state   text not null,
    level      text not null,
    actor_id   uuid,
    at         timestamptz not null default core.app_now()
);
create index case_event_case on mediation.case_event (case_id, no);

create table mediation.case_view (
    no         bigint generated always as identity primary key,
    case_id    uuid not null references mediation.mediation_case,
    person_id  uuid not null,
    viewed_as  text not null,
    request_id text,
    at         timestamptz not null default core.app_now(),
    constraint case_view_as check (viewed_as in ('party', 'staff'))
);
create index case_view_case on mediation.case_view (case_id, no desc);

-- ── what must hold whoever writes ──────────────────────────────────────────────────────────────────────────────
select core.immutable_table(t) from unnest(array[
    'mediation.mediation_consent', 'mediation.refusal', 'mediation.escalation', 'mediation.agreement_mark', 'mediation.follow_up',
    'mediation.final_notice', 'mediation.risk', 'mediation.case_event', 'mediation.case_view'
]::regclass[]) t;

-- A clear refusal is a hard stop (art. 17); an attempt needs every party's consent at its level (art. 3).
create function mediation.check_attempt() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
    if exists (select from mediation.refusal r where r.case_id = new.case_id) then
        raise exception 'a party has refused' using errcode = 'check_violation', constraint = 'attempt_after_refusal';
    end if;
    if exists (select from mediation.party p where p.case_id = new.case_id
               and not exists (select from mediation.mediation_consent c where c.party_id = p.id and c.level = new.level)) then
        raise exception 'a party has not consented' using errcode = 'check_violation', constraint = 'attempt_needs_consent';
    end if;
    return new;
end $$;
create trigger needs_consent before insert on mediation.attempt for each row execute function mediation.check_attempt();

-- An outcome is written once.
create function mediation.check_outcome() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
    if old.outcome is not null then
        raise exception 'the outcome stands' using errcode = 'check_violation', constraint = 'attempt_outcome_once';
    end if;
    return new;
end $$;
create trigger outcome_once before update on mediation.attempt for each row execute function mediation.check_outcome();

-- Fresh consent of every party, attempts used up: else the case does not move up.
create function mediation.check_escalation() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
    if exists (select from mediation.party p where p.case_id = new.case_id
               and not exists (select from mediation.mediation_consent c where c.party_id = p.id and c.level = new.to_level
                               and c.consented_at >= (select max(a.outcome_at) from mediation.attempt a where a.case_id = new.case_id and a.level = new.from_level))) then
        raise exception 'a party has not freshly consented' using errcode = 'check_violation', constraint = 'escalation_needs_consent';
    end if;
    return new;
end $$;
create trigger needs_consent before insert on mediation.escalation for each row execute function mediation.check_escalation();

-- Which of the three marks (all parties, a mediator, the committee) are still missing.
create function mediation.missing_marks(wanted uuid) returns text[]
language sql stable security definer set search_path = pg_catalog as $$
    select array_remove(array[
        case when exists (select from mediation.party p where p.case_id = wanted
                          and not exists (select from mediation.agreement_mark m where m.party_id = p.id and m.mark = 'party')) then 'party' end,
        case when not exists (select from mediation.agreement_mark m where m.case_id = wanted and m.mark = 'mediator') then 'mediator' end,
        case when not exists (select from mediation.agreement_mark m where m.case_id = wanted and m.mark = 'committee') then 'committee' end], null)
$$;

-- A written agreement is in effect with the last mark and not before; then nothing of it changes (art. 29).
create function mediation.check_agreement() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
    if tg_op = 'UPDATE' and (old.effective_at is not null
        or (new.case_id, new.form, new.content_sealed, new.reached_on) <> (old.case_id, old.form, old.content_sealed, old.reached_on)) then
        raise exception 'what was agreed stands' using errcode = 'check_violation', constraint = 'agreement_stands';
    end if;
    if new.effective_at is not null and new.form = 'written' and mediation.missing_marks(new.case_id) <> '{}' then
        raise exception 'a mark is missing' using errcode = 'check_violation', constraint = 'agreement_needs_marks';
    end if;
    return new;
end $$;
create trigger needs_marks before insert or update on mediation.agreement for each row execute function mediation.check_agreement();

-- Nobody mediates their own dispute.
create function mediation.check_neutral() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
    if exists (select from mediation.party p join mediation.case_mediator m on m.case_id = p.case_id and m.person_id = p.person_id and m.ended_at is null
               where p.case_id = new.case_id) then
        raise exception 'a party would be the mediator' using errcode = 'check_violation', constraint = 'mediator_not_party';
    end if;
    return null;
end $$;
create trigger neutral after insert or update on mediation.case_mediator for each row execute function mediation.check_neutral();
create trigger neutral after insert or update on mediation.party for each row execute function mediation.check_neutral();

-- ── who sees what: a party of the case, or a files' grant over the unit where it was opened or sits ────────────
create function mediation.own_cases() returns uuid[] language sql stable security definer set search_path = pg_catalog as $$
    select coalesce(array_agg(p.case_id), '{}') from mediation.party p
    where p.person_id = nullif(current_setting('app.person', true), '')::uuid
$$;
revoke execute on function mediation.own_cases(), mediation.missing_marks(uuid) from public;
grant execute on function mediation.own_cases() to linli_app;

select core.guard_table(t) from unnest(array[
    'mediation.level_policy', 'mediation.case_number', 'mediation.mediation_case', 'mediation.party', 'mediation.mediation_consent', 'mediation.refusal',
    'mediation.case_mediator', 'mediation.attempt', 'mediation.escalation', 'mediation.agreement', 'mediation.agreement_mark',
    'mediation.performance_item', 'mediation.follow_up', 'mediation.final_notice', 'mediation.risk', 'mediation.case_event', 'mediation.case_view'
]::regclass[]) t;
select core.audit_table(t) from unnest(array[
    'mediation.level_policy', 'mediation.dispute_kind', 'mediation.mediation_case', 'mediation.mediation_consent', 'mediation.refusal',
    'mediation.case_mediator', 'mediation.attempt', 'mediation.escalation', 'mediation.agreement', 'mediation.agreement_mark',
    'mediation.performance_item', 'mediation.follow_up', 'mediation.final_notice', 'mediation.risk', 'mediation.case_event', 'mediation.case_view'
]::regclass[]) t;
select core.audit_table('mediation.party', '{organization_name,position}');
grant select on all tables in schema mediation to linli_app;
revoke select on mediation.case_number from linli_app;

create policy app_read on mediation.level_policy for select to linli_app using (true);
create policy app_read on mediation.mediation_case for select to linli_app
    using (id = any ((select mediation.own_cases())::uuid[])
        or (origin = 'party' and opened_by = (select nullif(current_setting('app.person', true), '')::uuid))
        or (select u.territory_path from orgs.unit u where u.id = mediation_case.origin_unit_id)
           <@ any ((select nullif(current_setting('app.files', true), '')::ltree[])::ltree[]));
create policy app_open on mediation.mediation_case for insert to linli_app
    with check (state = 'awaiting_consent' and unit_id = origin_unit_id
        and ((origin = 'party' and opened_by = (select nullif(current_setting('app.person', true), '')::uuid))
            or (select u.territory_path from orgs.unit u where u.id = mediation_case.unit_id)
               <@ any ((select nullif(current_setting('app.files', true), '')::ltree[])::ltree[])));
create policy app_move on mediation.mediation_case for update to linli_app
    using (id = any ((select mediation.own_cases())::uuid[])
        or (select u.territory_path from orgs.unit u where u.id = mediation_case.unit_id)
           <@ any ((select nullif(current_setting('app.files', true), '')::ltree[])::ltree[]))
    with check (id = any ((select mediation.own_cases())::uuid[])
        or (select u.territory_path from orgs.unit u where u.id = mediation_case.origin_unit_id)
           <@ any ((select nullif(current_setting('app.files', true), '')::ltree[])::ltree[]));

do $$
declare
    name text;
    -- the files' side of the unit where the case sits now
    sits text := $policy$(select (select u.territory_path from orgs.unit u where u.id = c.unit_id)
                            <@ any ((select nullif(current_setting('app.files', true), '')::ltree[])::ltree[])
                     from mediation.mediation_case c where c.id = %1$I.case_id)$policy$;
    seen text := $policy$(select true from mediation.mediation_case c where c.id = %1$I.case_id)$policy$;
    mine text := $policy$(select p.person_id from mediation.party p where p.id = %1$I.party_id)
                     = (select nullif(current_setting('app.person', true), '')::uuid)$policy$;
begin
    foreach name in array array['party', 'mediation_consent', 'refusal', 'case_mediator', 'attempt', 'escalation', 'agreement', 'agreement_mark',
                                'performance_item', 'follow_up', 'final_notice', 'case_event'] loop
        execute format('create policy app_read on mediation.%1$I for select to linli_app using (' || seen || ')', name);
    end loop;
    foreach name in array array['case_mediator', 'attempt', 'escalation', 'agreement', 'performance_item', 'follow_up', 'risk'] loop
        execute format('create policy app_write on mediation.%1$I for insert to linli_app with check (' || sits || ')', name);
    end loop;
    foreach name in array array['party', 'case_mediator', 'attempt', 'performance_item'] loop
        execute format('create policy app_change on mediation.%1$I for update to linli_app using (' || sits || ')', name);
    end loop;
    foreach name in array array['mediation_consent', 'refusal', 'agreement_mark'] loop
        execute format('create policy app_write on mediation.%1$I for insert to linli_app with check ((' || mine || ') or ' || sits || ')', name);
    end loop;
    execute format('create policy app_write on mediation.%1$I for insert to linli_app with check ((select c.opened_by from mediation.mediation_case c where c.id = %1$I.case_id)'
                   || ' = (select nullif(current_setting(''app.person'', true), '''')::uuid) or ' || sits || ')', 'party');
end $$;

create policy app_write on mediation.case_event for insert to linli_app
    with check (actor_id = (select nullif(current_setting('app.person', true), '')::uuid)
        and (select true from mediation.mediation_case c where c.id = case_event.case_id));
create policy app_write on mediation.case_view for insert to linli_app
    with check (person_id = (select nullif(current_setting('app.person', true), '')::uuid)
        and (select true from mediation.mediation_case c where c.id = case_view.case_id));
-- Parties see neither who opened the file nor the risk mark.
create policy app_read on mediation.case_view for select to linli_app
    using ((select (select u.territory_path from orgs.unit u where u.id = c.origin_unit_id)
                   <@ any ((select nullif(current_setting('app.files', true), '')::ltree[])::ltree[])
            from mediation.mediation_case c where c.id = case_view.case_id)
        and not case_view.case_id = any ((select mediation.own_cases())::uuid[]));
create policy app_read on mediation.risk for select to linli_app
    using ((select (select u.territory_path from orgs.unit u where u.id = c.origin_unit_id)
                   <@ any ((select nullif(current_setting('app.files', true), '')::ltree[])::ltree[])
            from mediation.mediation_case c where c.id = risk.case_id)
        and not risk.case_id = any ((select mediation.own_cases())::uuid[]));

grant insert (id, number, origin, origin_unit_id, unit_id, level, kind, title_sealed, narrative_sealed, opened_by) on mediation.mediation_case to linli_app;
grant update (state, level, unit_id, closed_at) on mediation.mediation_case to linli_app;
grant insert on mediation.party, mediation.mediation_consent, mediation.refusal, mediation.case_mediator, mediation.escalation, mediation.agreement_mark,
    mediation.follow_up, mediation.risk, mediation.case_event, mediation.case_view to linli_app;
grant insert (id, case_id, level, ordinal, attempts_limit, scheduled_at, place, created_by) on mediation.attempt to linli_app;
grant insert (id, case_id, form, content_sealed, reached_on, written_by) on mediation.agreement to linli_app;
grant insert (id, case_id, party_id, description_sealed, due_on, amount_fen, created_by) on mediation.performance_item to linli_app;
grant update (person_id) on mediation.party to linli_app;
grant update (ended_at) on mediation.case_mediator to linli_app;
grant update (outcome, note_sealed, outcome_at, outcome_by) on mediation.attempt to linli_app;
grant update (state, recorded_at, recorded_by) on mediation.performance_item to linli_app;
