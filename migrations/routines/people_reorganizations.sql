-- What of people follows when their unit closes. Reloaded whole by every migrate.

-- Whoever lived in the unit itself lives in its heir from that day on; accounts and files go with the person.
create or replace function people.follow_unit(document uuid, closed uuid, heir uuid, first_day date) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  held record;
begin
  for held in select r.* from people.residence r where r.unit_id = closed and (upper_inf(r.valid) or upper(r.valid) > first_day) order by r.id for update loop
    perform core.expect(heir is not null, 'people_left');
    if lower(held.valid) >= first_day then
      update people.residence r set unit_id = heir where r.id = held.id;
    else
      update people.residence r set valid = r.valid * daterange(null, first_day) where r.id = held.id;
      -- the same row in every other column, whichever there are
      insert into people.residence select (jsonb_populate_record(null::people.residence,
        to_jsonb(held) || jsonb_build_object('id', core.uuid_v7(), 'unit_id', heir, 'valid', held.valid * daterange(first_day, null)))).*;
    end if;
    perform orgs.note_effect(document, 'residence', held.person_id, closed, heir, first_day);
  end loop;
  for held in select p.id from people.person p where p.unit_id = closed and first_day <= core.today() order by p.id for no key update loop
    perform people.settle_home(held.id);
  end loop;
  for held in select c.* from people.central_household c where c.unit_id = closed and (upper_inf(c.valid) or upper(c.valid) > first_day) order by c.id for update loop
    if lower(held.valid) >= first_day and heir is not null then
      update people.central_household c set unit_id = heir, version = c.version + 1 where c.id = held.id;
    elsif lower(held.valid) < first_day then
      update people.central_household c set valid = c.valid * daterange(null, first_day), version = c.version + 1 where c.id = held.id;
      insert into people.central_household select (jsonb_populate_record(null::people.central_household,
        to_jsonb(held) || jsonb_build_object('id', core.uuid_v7(), 'unit_id', heir, 'valid', held.valid * daterange(first_day, null), 'version', 1))).* where heir is not null;
    else
      delete from people.central_household c where c.id = held.id;
    end if;
    perform orgs.note_effect(document, 'central_household', held.id, closed, heir, first_day);
  end loop;
end $$;
revoke execute on function people.follow_unit(uuid, uuid, uuid, date) from public;
