-- Saved views of the desk's lists: what a person calls the filters, the search and the order of one list. Everyone sees and keeps
-- their own and no others.
create table access.saved_view (
  person_id uuid not null references people.person,
  id uuid not null,
  list text not null check (list ~ '^[a-z][a-z-]{0,59}$'),
  name text not null check (char_length(name) between 1 and 60 and name = btrim(name)),
  query text not null check (query ~ '^[!-~]*$' and length(query) <= 2000),
  saved_at timestamptz not null default core.app_now(),
  constraint saved_view_key primary key (person_id, id),
  constraint saved_view_name unique (person_id, list, name)
);
select core.guard_table('access.saved_view');
select core.audit_table('access.saved_view');
create policy own on access.saved_view to linli_app
  using (person_id = (select core.person())) with check (person_id = (select core.person()));
grant select, insert, delete, update (list, name, query, saved_at) on access.saved_view to linli_app;
