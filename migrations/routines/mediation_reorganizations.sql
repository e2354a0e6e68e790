-- What of mediation follows when a unit closes. Reloaded whole by every migrate.

-- An open case goes on where its first party lives, if that is one of the heirs, else in the heir: same state, same attempts, same
-- deadlines, one more line in its history. Files that are closed stay with the unit that kept them.
create or replace function mediation.follow_unit(document uuid, closed uuid, heir uuid, first_day date) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
    held record;
    place uuid;
begin
    for held in
        select c.id, c.state, c.level, c.unit_id, c.origin_unit_id from mediation.mediation_case c
        where closed in (c.unit_id, c.origin_unit_id) and c.closed_at is null order by c.id for update
    loop
        place := coalesce((
            select h.community
            from mediation.party p join people.residence r on r.person_id = p.person_id and r.valid @> first_day
            cross join lateral (select orgs.ancestor_on(r.unit_id, (select u.kind from orgs.unit u where u.id = closed), first_day) as community) h
            join orgs.succession s on s.from_unit_id = closed and s.to_unit_id = h.community
            where p.case_id = held.id and p.side = 'first' order by p.id limit 1), heir);
        perform core.expect(place is not null, 'cases_left');
        update mediation.mediation_case c set
            unit_id = case when c.unit_id = closed then place else c.unit_id end,
            origin_unit_id = case when c.origin_unit_id = closed then place else c.origin_unit_id end
        where c.id = held.id;
        insert into mediation.case_event (case_id, action, from_state, to_state, level, actor_id) values (held.id, 'reorganized', held.state, held.state, held.level, null);
        perform orgs.note_effect(document, 'mediation_case', held.id, closed, place, first_day);
    end loop;
end $$;
revoke execute on function mediation.follow_unit(uuid, uuid, uuid, date) from public;
