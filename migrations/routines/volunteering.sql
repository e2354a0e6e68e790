-- Volunteering: recording a service, evaluating it, posting what the policy gives for it.

create or replace function volunteering.masked(name text) returns text language sql immutable parallel safe as $$
    select left(name, 1) || '**'
$$;

-- Where a person's services are counted: the community of their home, or the home unit when there is none above it.
create or replace function volunteering.place_of(person uuid) returns uuid
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return (select coalesce((select c.id from orgs.unit c where c.kind = 'community' and c.territory_path @> u.territory_path limit 1), u.id)
            from people.person p join orgs.unit u on u.id = p.unit_id where p.id = place_of.person);
end $$;
revoke execute on function volunteering.place_of(uuid) from public;
grant execute on function volunteering.place_of(uuid) to linli_app;

-- Posts the points of these records' evaluations, as many at once as are given, and marks the records. Everything comes from rows
-- that row-level security has judged; a record that was settled before is left alone.
create or replace function volunteering.settle(records uuid[]) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    items points.award_item[];
begin
    perform 1 from volunteering.evaluation e where e.service_record_id = any (records) and e.points is null order by e.service_record_id for update;
    select array_agg((r.volunteer_id, r.minutes, r.served_on, r.id, k.name_zh, k.name_en, null, e.evaluated_at)::points.award_item
                     order by e.evaluated_at, r.served_on, r.id)
    into items
    from volunteering.service_record r
    join volunteering.evaluation e on e.service_record_id = r.id and e.points is null
    join volunteering.service_kind k on k.kind = r.kind
    where r.id = any (records) and r.state = 'recorded';
    if items is null then
        return;
    end if;
    update volunteering.service_record r set state = core.next_state('service_record', r.state, 'evaluate')
    where r.id in (select i.source_id from unnest(items) i);
    update volunteering.evaluation e set points = a.points, transfer_id = a.transfer_id
    from points.award(items) a where e.service_record_id = a.source_id;
end $$;
revoke execute on function volunteering.settle(uuid[]) from public;
grant execute on function volunteering.settle(uuid[]) to linli_app;

-- The served person is masked to whoever is neither that person nor staff of the place.
drop view if exists volunteering.record_reply cascade;
create view volunteering.record_reply with (security_invoker = true) as
select r.id, r.state, r.volunteer_id as "volunteer.id", people.name_of(r.volunteer_id) as "volunteer.name",
       r.served_person_id as "served_person.id",
       case when r.served_person_id = core.person() or u.territory_path <@ any ((select core.paths())::ltree[]) then people.name_of(r.served_person_id)
            else volunteering.masked(people.name_of(r.served_person_id)) end as "served_person.name",
       r.kind, k.name_zh as kind_name_zh, k.name_en as kind_name_en, r.minutes, r.served_on,
       r.unit_id as "unit.id", u.name as "unit.name", u.kind as "unit.kind", r.recorded_at, r.recorded_by,
       e.rating, e.comment, e.evaluated_at, e.points, e.transfer_id,
       case when r.state = 'recorded' and r.served_person_id = core.person() then '["evaluate"]' else '[]' end::json as actions,
       '/api/v1/service-records/' || r.id as _location
from volunteering.service_record r
join volunteering.service_kind k on k.kind = r.kind
join orgs.unit u on u.id = r.unit_id
left join volunteering.evaluation e on e.service_record_id = r.id;
grant select on volunteering.record_reply to linli_app;

-- One's own service, or as staff one of the served person's place.
create or replace function volunteering.record(wanted_volunteer uuid, served uuid, wanted_kind text, wanted_minutes bigint, day date)
returns setof volunteering.record_reply language plpgsql as $$
declare
    who uuid := coalesce(wanted_volunteer, core.person());
    made uuid := core.uuid_v7();
    place uuid := volunteering.place_of(served);
    within bigint;
begin
    perform core.expect(place is not null and volunteering.place_of(who) is not null, 'not_found');
    perform core.expect(who = core.person() or core.trusted()
        or (select u.territory_path <@ any (core.scope()) from people.person p join orgs.unit u on u.id = p.unit_id where p.id = served), 'not_found');
    perform core.expect(who <> served, 'served_oneself', '/served_person_id');
    perform core.expect(day <= core.today(), 'service_in_future', '/served_on');
    select p.record_within_days into within from volunteering.service_policy p where p.valid @> core.today();
    perform core.expect(within is null or day >= core.today() - within::int, 'service_too_old', '/served_on');
    -- one writer for a volunteer, so that two records cannot fill the same day twice
    perform pg_advisory_xact_lock(hashtext('volunteering.day'), hashtext(who::text));
    perform core.expect(wanted_minutes + coalesce((select sum(r.minutes) from volunteering.service_record r
        where r.volunteer_id = who and r.served_on = day), 0) <= 1440, 'service_day_full', '/minutes');
    insert into volunteering.service_record (id, volunteer_id, served_person_id, unit_id, kind, minutes, served_on, recorded_by)
    values (made, who, served, place, wanted_kind, wanted_minutes, day, core.person());
    return query select * from volunteering.record_reply v where v.id = made;
end $$;

-- By the served person only; the points are posted in the same transaction, whatever the rating.
create or replace function volunteering.evaluate(wanted uuid, wanted_rating bigint, wanted_comment text)
returns setof volunteering.record_reply language plpgsql as $$
declare
    r volunteering.service_record;
begin
    select * into r from volunteering.service_record s where s.id = wanted;
    perform core.expect(r.id is not null and (core.trusted() or core.person() in (r.volunteer_id, r.served_person_id, r.recorded_by)
        or (select u.territory_path <@ any (core.scope()) from orgs.unit u where u.id = r.unit_id)), 'not_found');
    perform core.expect(r.served_person_id = core.person() or core.trusted(), 'evaluator_not_served');
    perform core.expect(r.state = 'recorded', 'already_evaluated');
    insert into volunteering.evaluation (service_record_id, person_id, rating, comment) values (wanted, r.served_person_id, wanted_rating, wanted_comment);
    perform volunteering.settle(array[wanted]);
    perform core.emit('volunteering.evaluated', r.unit_id, jsonb_build_object('service_record_id', wanted));
    return query select * from volunteering.record_reply v where v.id = wanted;
end $$;

-- I6: every evaluation is posted exactly once, and every award has its evaluation.
drop function if exists volunteering.audit_awards();
create function volunteering.audit_awards() returns table (invariant text, subject text, message text)
language sql stable security definer set search_path = pg_catalog as $$
    select 'I6', 'service_record ' || r.id, 'state ' || r.state || ', evaluation points ' || coalesce(e.points::text, 'none') || ', posted ' || coalesce(t.amount::text, 'none')
    from volunteering.service_record r
    left join volunteering.evaluation e on e.service_record_id = r.id
    left join points.transfer t on t.source_kind = 'evaluation' and t.source_id = r.id
    where (r.state = 'evaluated') <> (e.points is not null) or e.transfer_id is distinct from t.id or coalesce(e.points, 0) <> coalesce(t.amount, 0)
    union all
    select 'I6', 'transfer ' || t.no, 'an award without its evaluation'
    from points.transfer t where t.source_kind = 'evaluation' and not exists (select from volunteering.evaluation e where e.transfer_id = t.id)
$$;
revoke execute on function volunteering.audit_awards() from public;
