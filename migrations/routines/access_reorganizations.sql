-- What of rights follows when a unit closes. Reloaded whole by every migrate.

-- Residents stay residents where their home goes on; a right of staff goes where a person decided, or ends with the unit.
create or replace function access.follow_unit(document uuid, closed uuid, heir uuid, first_day date) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  held access.grant;
  decision orgs.reorganization_decision;
  place uuid;
begin
  for held in select g.* from access.grant g where g.unit_id = closed and (upper_inf(g.valid) or upper(g.valid) > first_day) order by g.id for update loop
    select * into decision from orgs.reorganization_decision d where d.reorganization_id = document and d.subject = 'grant' and d.subject_id = held.id;
    place := case when held.role in ('resident', 'volunteer', 'guardian') then heir when decision.choice = 'move' then decision.to_unit_id end;
    if lower(held.valid) < first_day then
      update access.grant g set valid = g.valid * daterange(null, first_day), version = g.version + 1 where g.id = held.id;
    else
      delete from access.grant g where g.id = held.id;
    end if;
    if place is not null and not exists (
      select from access.grant g where g.person_id = held.person_id and g.role = held.role and g.unit_id = place and g.valid && (held.valid * daterange(first_day, null))) then
      insert into access.grant (person_id, role, unit_id, valid, granted_by, substitution_id)
      values (held.person_id, held.role, place, held.valid * daterange(first_day, null), held.granted_by, held.substitution_id);
    end if;
    perform orgs.note_effect(document, 'grant', held.id, closed, place, first_day, decision.choice is not null);
  end loop;
end $$;
revoke execute on function access.follow_unit(uuid, uuid, uuid, date) from public;
