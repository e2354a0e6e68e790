-- A small city for the tests of the database, and the application's role on trial. Included inside the test's transaction.
-- Ids are fixed words: …c1 city, …11 and …12 communities, …21 compound, …31 and …32 buildings; people …a1 and on.
set client_min_messages = warning;
create extension if not exists pgtap;
set local search_path = pg_catalog, public;
set local app.person = '';

create function pg_temp.id(word text) returns uuid language sql immutable as $$ select ('00000000-0000-7000-8000-' || lpad(word, 12, '0'))::uuid $$;

create function pg_temp.found(word text, kind text, name text, parent text, leader text default null, since date default '2020-01-01') returns void language sql as $$
  select from orgs.create_unit(jsonb_strip_nulls(jsonb_build_object('id', pg_temp.id(word), 'kind', kind, 'name', name,
    'territory_parent_id', pg_temp.id(parent), 'leadership_parent_id', pg_temp.id(leader), 'valid_from', since)))
$$;

-- Signs a person in with the roots of one grant, as the engine's first statement does; '' for no reach.
create function pg_temp.sign_in(person text, root text default null, lead_root text default null) returns void language plpgsql as $$
begin
  perform set_config('app.person', coalesce(pg_temp.id(person)::text, ''), true);
  perform set_config(s.name, coalesce((select '{' || u.territory_path::text || '}' from orgs.unit u where u.id = pg_temp.id(root)), ''), true)
  from unnest(array['app.scope', 'app.paths', 'app.files']) s(name);
  perform set_config(s.name, coalesce((select '{' || u.leadership_path::text || '}' from orgs.unit u where u.id = pg_temp.id(lead_root)), ''), true)
  from unnest(array['app.scope_lead', 'app.lead']) s(name);
end $$;

create function pg_temp.sign_out() returns void language sql as $$
  select from unnest(array['app.person', 'app.scope', 'app.scope_lead', 'app.paths', 'app.lead', 'app.files']) s(name),
    lateral (select set_config(s.name, '', true)) done
$$;

-- 'ok', or the problem, the constraint or the SQLSTATE by which the application's role was refused.
create function pg_temp.attempt(statement text) returns text language plpgsql as $$
declare
  refused text;
  violated text;
  state text;
begin
  set local role linli_app;
  begin
    execute statement;
    set constraints all immediate;
    set constraints all deferred;
    refused := 'ok';
  exception when others then
    get stacked diagnostics refused = message_text, violated = constraint_name, state = returned_sqlstate;
    refused := case when state = 'LI000' then refused when violated <> '' then violated else state end;
  end;
  reset role;
  return refused;
end $$;

-- Rows that the application's role sees: row-level security alone, no scope predicate.
create function pg_temp.seen(query text) returns bigint language plpgsql as $$
declare
  n bigint;
begin
  set local role linli_app;
  execute format('select count(*) from (%s) q', query) into n;
  reset role;
  return n;
end $$;

do $$
begin
  perform pg_temp.found('c1', 'city', '岑溪市', null);
  perform pg_temp.found('c2', 'city_committee', '岑溪市委', 'c1');
  perform pg_temp.found('c3', 'working_committee', '城市社区党工委', 'c1', 'c2');
  perform pg_temp.found('d1', 'town', '岑城镇', 'c1');
  perform pg_temp.found('11', 'community', '孝坊社区', 'd1');
  perform pg_temp.found('12', 'community', '木棉社区', 'd1');
  perform pg_temp.found('13', 'community_party_organization', '孝坊社区党总支', '11', 'c3');
  perform pg_temp.found('14', 'community_party_organization', '木棉社区党总支', '12', 'c3');
  perform orgs.place_unit(pg_temp.id('11'), 'leadership', pg_temp.id('13'), '2020-01-01');
  perform orgs.place_unit(pg_temp.id('12'), 'leadership', pg_temp.id('14'), '2020-01-01');
  perform pg_temp.found('21', 'compound', '和顺花园', '11');
  perform pg_temp.found('22', 'branch', '和顺花园党支部', '21', '13');
  perform orgs.place_unit(pg_temp.id('21'), 'leadership', pg_temp.id('22'), '2020-01-01');
  perform pg_temp.found('23', 'compound', '木棉小区', '12');
  perform pg_temp.found('31', 'building', '和顺花园 1 栋', '21');
  perform pg_temp.found('32', 'building', '木棉小区 1 栋', '23');
  perform people.register(pg_temp.id('a1'), '覃小红', pg_temp.id('31'), 1950, '2021-01-01', true, '\x01', '\x02');
  perform people.register(pg_temp.id('a2'), '李国安', pg_temp.id('31'), 1961, '2021-01-01', true, '\x03', '\x04');
  perform people.register(pg_temp.id('a3'), '韦丽萍', pg_temp.id('11'), 1975, '2021-01-01', true);
  perform people.register(pg_temp.id('b1'), '谭启明', pg_temp.id('32'), 1968, '2021-01-01', true, '\x05', '\x06');
  perform people.register(pg_temp.id('b2'), '莫丽红', pg_temp.id('12'), 1980, '2021-01-01', true);
end $$;
set constraints all immediate;
set constraints all deferred;
