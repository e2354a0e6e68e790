-- Search of units by Chinese words, by pinyin, by initials. Reloaded whole by every migrate.

-- Names of units, whichever day they were borne: one look at an index either way.
create or replace function orgs.names_like(question text) returns setof uuid
language plpgsql stable security definer set search_path = pg_catalog rows 50 as $$
declare
  words text[] := orgs.query_grams(question);
  asked text := orgs.search_form(question);
  spelled text := case when core.asks_reading(question) then core.reading_question(question) end;
begin
  return query
  select n.id
  from (select b.unit_id from orgs.unit_bigram b where b.bigram = any (words) group by b.unit_id having count(*) = cardinality(words)) hit
  join orgs.unit_name n on n.unit_id = hit.unit_id
  where strpos(orgs.search_form(n.name), asked) > 0 or strpos(orgs.search_form(n.short_name), asked) > 0
  union
  select r.name_id from orgs.unit_reading r where r.form >= spelled and r.form < spelled || '~';
end $$;

-- After a fixed reading is added: the forms of every name that holds it.
create or replace function orgs.read_names_again(word text) returns integer
language plpgsql security definer set search_path = pg_catalog as $$
declare
  renewed integer;
begin
  delete from orgs.unit_reading r using orgs.unit_name n where n.id = r.name_id and (strpos(n.name, word) > 0 or strpos(n.short_name, word) > 0);
  insert into orgs.unit_reading (form, name_id)
  select f, n.id from orgs.unit_name n cross join lateral (values (n.name), (n.short_name)) x(name) cross join lateral core.reading_forms(x.name) f
  where strpos(n.name, word) > 0 or strpos(n.short_name, word) > 0
  on conflict do nothing;
  get diagnostics renewed = row_count;
  return renewed;
end $$;
revoke execute on function orgs.read_names_again(text) from public;
