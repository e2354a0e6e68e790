-- What of services follows when a community closes. Reloaded whole by every migrate.

-- A service that still waits for its evaluation belongs to the community where the served person lives now; evaluated ones are history.
create or replace function volunteering.follow_unit(document uuid, closed uuid, heir uuid, first_day date) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    held record;
begin
    for held in
        select s.id, coalesce((
            select orgs.ancestor_on(r.unit_id, 'community', first_day) from people.residence r where r.person_id = s.served_person_id and r.valid @> first_day), heir) as place
        from volunteering.service_record s where s.unit_id = closed and s.state = 'recorded' order by s.id for update
    loop
        continue when held.place is null;
        update volunteering.service_record s set unit_id = held.place where s.id = held.id;
        perform orgs.note_effect(document, 'service_record', held.id, closed, held.place, first_day);
    end loop;
end $$;
revoke execute on function volunteering.follow_unit(uuid, uuid, uuid, date) from public;
