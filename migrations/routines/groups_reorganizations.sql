-- What of groups and heads follows when a unit closes. Reloaded whole by every migrate.

-- A group goes on in the heir as the same group. A head goes on where the heir is of the same kind and has nobody; else the office ends.
create or replace function groups.follow_unit(document uuid, closed uuid, heir uuid, first_day date) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  heir_kind text := (select u.kind from orgs.unit u where u.id = heir);
  held record;
  goes_on boolean;
begin
  for held in select g.* from groups.group g where g.unit_id = closed and (upper_inf(g.valid) or upper(g.valid) > first_day) order by g.id for update loop
    if heir is null then
      update groups.group g set valid = daterange(lower(g.valid), greatest(first_day, lower(g.valid) + 1)), version = g.version + 1 where g.id = held.id;
    else
      update groups.group g set unit_id = heir, unit_kind = heir_kind, version = g.version + 1 where g.id = held.id;
    end if;
    perform orgs.note_effect(document, 'group', held.id, closed, heir, first_day);
  end loop;
  for held in select h.* from groups.head h where h.unit_id = closed and (upper_inf(h.valid) or upper(h.valid) > first_day) order by h.id for update loop
    goes_on := heir is not null and heir_kind = held.unit_kind and not exists (
      select from groups.head o where o.unit_id = heir and o.kind = held.kind and o.valid && (held.valid * daterange(first_day, null)));
    if lower(held.valid) < first_day then
      update groups.head h set valid = h.valid * daterange(null, first_day), end_reason = '区划调整', version = h.version + 1 where h.id = held.id;
    else
      delete from groups.head h where h.id = held.id;
    end if;
    if goes_on then
      insert into groups.head select (jsonb_populate_record(null::groups.head,
        to_jsonb(held) || jsonb_build_object('id', core.uuid_v7(), 'unit_id', heir, 'valid', held.valid * daterange(first_day, null), 'end_reason', null, 'version', 1))).*;
    end if;
    perform orgs.note_effect(document, 'head', held.id, closed, case when goes_on then heir end, first_day);
  end loop;
end $$;
revoke execute on function groups.follow_unit(uuid, uuid, uuid, date) from public;
