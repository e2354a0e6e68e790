-- What of points follows when a unit closes. Personal accounts go with their person. Reloaded whole by every migrate.

-- Rewards and what is reserved at the counter are handed out by the heir; what a system account has posted stays where it was posted.
create or replace function points.follow_unit(document uuid, closed uuid, heir uuid, first_day date) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    held record;
begin
    for held in select r.id from points.reward r where r.unit_id = closed and (upper_inf(r.valid) or upper(r.valid) > first_day) order by r.id for update loop
        if heir is null then
            update points.reward r set valid = daterange(lower(r.valid), greatest(first_day, lower(r.valid) + 1)) where r.id = held.id;
        else
            update points.reward r set unit_id = heir where r.id = held.id;
        end if;
        perform orgs.note_effect(document, 'reward', held.id, closed, heir, first_day);
    end loop;
    -- a code that the heir's counter has given out as well stays with the closed one, where the town's staff reaches it
    for held in
        select d.id from points.redemption d
        where d.unit_id = closed and d.state = 'reserved' and heir is not null
          and not exists (select from points.redemption o where o.unit_id = heir and o.state = 'reserved' and o.collection_code = d.collection_code)
        order by d.id for update
    loop
        update points.redemption d set unit_id = heir where d.id = held.id;
        perform orgs.note_effect(document, 'redemption', held.id, closed, heir, first_day);
    end loop;
end $$;
revoke execute on function points.follow_unit(uuid, uuid, uuid, date) from public;
