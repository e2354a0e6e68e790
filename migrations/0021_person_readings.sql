-- People are found by pinyin and initials too: 覃国强 by qinguoqiang, qgq, guoqiang.
-- Read by people.find_by_name only, like the words of names: forms and ids together give names away.
create table people.person_reading (
  form text collate "C" not null,
  person_id uuid not null references people.person on delete cascade,
  primary key (form, person_id)
);
create index person_reading_by_person on people.person_reading (person_id);
select core.guard_table('people.person_reading');

-- A file of 200 000 people passes here: one loop over the syllables instead of a query for each suffix.
create or replace function core.reading_forms(name text, of_person boolean default false) returns setof text
language plpgsql stable parallel safe set search_path = pg_catalog as $$
declare
  read text[] := core.syllables(name, of_person);
  whole text := '';
  initials text := '';
begin
  for i in reverse cardinality(read) .. 1 loop
    whole := left(read[i] || whole, 60);
    initials := left(left(read[i], 1) || initials, 60);
    return next whole;
    if initials <> whole then return next initials; end if;
  end loop;
end $$;

create function people.index_readings() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  if tg_op = 'UPDATE' then
    delete from people.person_reading r using stale s join fresh f using (id) where r.person_id = f.id and s.display_name <> f.display_name;
    insert into people.person_reading (form, person_id)
    select r, f.id from stale s join fresh f using (id) cross join lateral core.reading_forms(f.display_name, true) r
    where s.display_name <> f.display_name on conflict do nothing;
  else
    insert into people.person_reading (form, person_id)
    select r, f.id from fresh f cross join lateral core.reading_forms(f.display_name, true) r on conflict do nothing;
  end if;
  return null;
end $$;
create trigger index_readings_insert after insert on people.person referencing new table as fresh for each statement execute function people.index_readings();
create trigger index_readings_update after update on people.person referencing old table as stale new table as fresh for each statement execute function people.index_readings();

insert into people.person_reading (form, person_id)
select r, p.id from people.person p cross join lateral core.reading_forms(p.display_name, true) r
on conflict do nothing;
