-- Volunteering: services that were given, and their evaluation by the person who was served, which posts the points.

create schema volunteering;
grant usage on schema volunteering to linli_app;

create table volunteering.service_kind (
    kind     text primary key,
    ordinal  bigint not null unique,
    name_zh  text not null,
    name_en  text not null,
    is_fixed boolean not null,
    constraint service_kind_word check (kind ~ '^[a-z_]{1,40}$')
);
insert into volunteering.service_kind (kind, ordinal, name_zh, name_en, is_fixed) values
    ('after_school_class', 1, '四点半课堂', 'After-school class', true),
    ('health_station', 2, '健康加油站', 'Health station', true),
    ('red_property', 3, '红色物业', 'Red property service', true),
    ('neighbour_shop', 4, '邻家小店', 'Neighbour''s shop', true),
    ('grid_steward', 5, '网格管家', 'Grid steward', true),
    ('traffic_guidance', 6, '交通劝导', 'Traffic guidance', false),
    ('home_guard', 7, '家园卫士', 'Home guard', false),
    ('elder_housework', 8, '时间银行·助老家政', 'Time bank: housework for elders', false),
    ('elder_care', 9, '时间银行·陪护老人', 'Time bank: company for elders', false);

-- Dated, the city's policy: how long after the day a service can still be recorded.
create table volunteering.service_policy (
    id                 uuid primary key default core.uuid_v7(),
    valid              daterange not null,
    record_within_days bigint not null,
    constraint service_policy_days check (record_within_days between 0 and 730),
    constraint service_policy_one_a_day exclude using gist (valid with &&)
);
insert into volunteering.service_policy (valid, record_within_days) values (daterange('2020-01-01', null), 90);

create table volunteering.service_record (
    id               uuid primary key default core.uuid_v7(),
    volunteer_id     uuid not null references people.person,
    served_person_id uuid not null references people.person,
    unit_id          uuid not null references orgs.unit, -- community of the served person on the day of recording
    kind             text not null,
    minutes          bigint not null,
    served_on        date not null,
    state            text not null default 'recorded',
    recorded_at      timestamptz not null default core.app_now(),
    recorded_by      uuid,
    constraint service_record_kind_fkey foreign key (kind) references volunteering.service_kind,
    constraint service_record_not_oneself check (volunteer_id <> served_person_id),
    constraint service_record_minutes check (minutes between 1 and 720),
    constraint service_record_state check (state in ('recorded', 'evaluated')),
    constraint service_record_served unique (id, served_person_id)
);
create index service_record_volunteer on volunteering.service_record (volunteer_id, served_on desc, id desc);
create index service_record_served_by_day on volunteering.service_record (served_person_id, served_on desc, id desc);
create index service_record_unit on volunteering.service_record (unit_id, served_on desc, id desc);
create index service_record_newest on volunteering.service_record (served_on desc, id desc);
create index service_record_recorder on volunteering.service_record (recorded_by, served_on desc, id desc);
create index service_record_waiting on volunteering.service_record (served_person_id) where state = 'recorded';

-- Once, by the served person and nobody else: the foreign key says who that is.
create table volunteering.evaluation (
    service_record_id uuid not null,
    person_id         uuid not null,
    rating            bigint not null,
    comment           text,
    evaluated_at      timestamptz not null default core.app_now(),
    points            bigint,
    transfer_id       uuid,
    constraint evaluation_once primary key (service_record_id),
    constraint evaluation_by_served foreign key (service_record_id, person_id) references volunteering.service_record (id, served_person_id),
    constraint evaluation_transfer foreign key (transfer_id) references points.transfer,
    constraint evaluation_transfer_once unique (transfer_id),
    constraint evaluation_rating check (rating between 1 and 5),
    constraint evaluation_comment check (length(comment) <= 500),
    constraint evaluation_points check (points >= 0 and (points > 0) = (transfer_id is not null))
);

insert into core.transition (machine, from_state, action, to_state) values ('service_record', 'recorded', 'evaluate', 'evaluated');

-- What was said about a service is neither edited nor deleted: only the posting is added, once.
create function volunteering.refuse_rewrite() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
    if tg_op = 'DELETE' or old.points is not null
       or (new.service_record_id, new.person_id, new.rating, new.evaluated_at) <> (old.service_record_id, old.person_id, old.rating, old.evaluated_at)
       or new.comment is distinct from old.comment then
        raise exception 'an evaluation is never changed' using errcode = 'restrict_violation', constraint = 'evaluation_immutable';
    end if;
    return new;
end $$;
create trigger immutable before update or delete on volunteering.evaluation for each row execute function volunteering.refuse_rewrite();

-- ── who sees what ──────────────────────────────────────────────────────────────────────────────────────────────
select core.guard_table(t) from unnest(array['volunteering.service_record', 'volunteering.evaluation', 'volunteering.service_policy']::regclass[]) t;
select core.audit_table(t) from unnest(array['volunteering.service_kind', 'volunteering.service_policy', 'volunteering.service_record']::regclass[]) t;
select core.audit_table('volunteering.evaluation', '{comment}');
grant select on all tables in schema volunteering to linli_app;
grant insert (id, volunteer_id, served_person_id, unit_id, kind, minutes, served_on, recorded_by) on volunteering.service_record to linli_app;
grant insert (service_record_id, person_id, rating, comment) on volunteering.evaluation to linli_app;

create policy app_read on volunteering.service_policy for select to linli_app using (true);
create policy app_read on volunteering.service_record for select to linli_app
    using (volunteer_id = (select nullif(current_setting('app.person', true), '')::uuid)
        or served_person_id = (select nullif(current_setting('app.person', true), '')::uuid)
        or recorded_by = (select nullif(current_setting('app.person', true), '')::uuid)
        or (select u.territory_path from orgs.unit u where u.id = service_record.unit_id)
           <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
create policy app_record on volunteering.service_record for insert to linli_app
    with check (state = 'recorded'
        and (volunteer_id = (select nullif(current_setting('app.person', true), '')::uuid)
            or (select u.territory_path from people.person p join orgs.unit u on u.id = p.unit_id where p.id = service_record.served_person_id)
               <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[])));
create policy app_read on volunteering.evaluation for select to linli_app
    using ((select true from volunteering.service_record r where r.id = evaluation.service_record_id));
create policy app_evaluate on volunteering.evaluation for insert to linli_app
    with check (person_id = (select nullif(current_setting('app.person', true), '')::uuid)
        and (select r.served_person_id from volunteering.service_record r where r.id = evaluation.service_record_id) = person_id);
