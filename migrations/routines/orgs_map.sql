-- The map: areas as GeoJSON (RFC 7946, WGS 84), and which unit a place lies in. Reloaded whole by every migrate.

-- The corners of every ring of a MultiPolygon, in order; the last repeats the first.
create or replace function orgs.corners(area jsonb) returns table (polygon bigint, ring bigint, n bigint, lon double precision, lat double precision)
language sql immutable parallel safe as $$
  select p.n, r.n, c.n, (c.corner ->> 0)::double precision, (c.corner ->> 1)::double precision
  from jsonb_array_elements(area -> 'coordinates') with ordinality p(rings, n)
  cross join jsonb_array_elements(p.rings) with ordinality r(corners, n)
  cross join jsonb_array_elements(r.corners) with ordinality c(corner, n)
$$;

create or replace function orgs.bounds_of(area jsonb) returns box language sql immutable parallel safe
as $$ select box(point(max(c.lon), max(c.lat)), point(min(c.lon), min(c.lat))) from orgs.corners(area) c $$;

-- Closed rings with an extent, on the globe, no side crossing another one of its ring.
create or replace function orgs.check_area(area jsonb, pointer text) returns void language plpgsql immutable as $$
begin
  perform core.expect(not exists (select from orgs.corners(area) c where c.lon not between -180 and 180 or c.lat not between -90 and 90), 'not_on_the_globe', pointer);
  perform core.expect(not exists (
    select from orgs.corners(area) c group by c.polygon, c.ring
    having (array_agg(array[c.lon, c.lat] order by c.n))[1:1] <> (array_agg(array[c.lon, c.lat] order by c.n))[count(*) : count(*)]), 'ring_not_closed', pointer);
  perform core.expect(not exists (
    with side as (
      select c.polygon, c.ring, c.lon as x, c.lat as y, lead(c.lon) over w as next_x, lead(c.lat) over w as next_y from orgs.corners(area) c window w as (partition by c.polygon, c.ring order by c.n))
    select from side s where s.next_x is not null group by s.polygon, s.ring having abs(sum(s.x * s.next_y - s.next_x * s.y)) < 1e-12), 'ring_without_extent', pointer);
  perform core.expect(not exists (
    with side as (
      select c.polygon, c.ring, c.n, lseg(point(c.lon, c.lat), point(lead(c.lon) over w, lead(c.lat) over w)) as line, count(*) over (partition by c.polygon, c.ring) as corners
      from orgs.corners(area) c window w as (partition by c.polygon, c.ring order by c.n))
    select from side a join side b on b.polygon = a.polygon and b.ring = a.ring and b.n > a.n + 1 and not (a.n = 1 and b.n = a.corners - 1)
    where a.n < a.corners and b.n < b.corners and a.line ?# b.line), 'ring_crosses_itself', pointer);
end $$;

-- Ray casting: a place is inside when a ray to the east crosses the sides an odd number of times; holes count like any ring.
create or replace function orgs.holds_place(area jsonb, lon double precision, lat double precision) returns boolean language sql immutable parallel safe as $$
  with side as (
    select c.lon as x, c.lat as y, lead(c.lon) over w as next_x, lead(c.lat) over w as next_y from orgs.corners(area) c window w as (partition by c.polygon, c.ring order by c.n))
  select count(*) % 2 = 1 from side s
  where s.next_x is not null and (s.y > lat) <> (s.next_y > lat) and lon < (s.next_x - s.x) * (lat - s.y) / (s.next_y - s.y) + s.x
$$;

-- Units whose area of that day holds a place written as lon,lat; found by their bounds first.
create or replace function orgs.units_at(place text, day date) returns setof uuid
language plpgsql stable security definer set search_path = pg_catalog rows 5 as $$
declare
  lon double precision := split_part(place, ',', 1)::double precision;
  lat double precision := split_part(place, ',', 2)::double precision;
begin
  return query
  select a.unit_id from orgs.unit_area a
  where a.bounds @> point(lon, lat) and a.valid @> day and orgs.holds_place(a.area, lon, lat);
end $$;

drop function if exists orgs.show_area(uuid, date) cascade;
create function orgs.show_area(wanted uuid, day date) returns table (
  unit jsonb, area jsonb, is_generated boolean, source_ref text, valid_from date, valid_to date, version bigint, _etag bigint)
language sql stable as $$
  select orgs.unit_json(a.unit_id, day), a.area, a.is_generated, a.source_ref, lower(a.valid), upper(a.valid) - 1, a.version, a.version
  from orgs.unit_area a where a.unit_id = wanted and a.valid @> day
$$;

-- From that day on; the days before keep what was drawn for them.
drop function if exists orgs.draw_area(uuid, jsonb, bigint) cascade;
create function orgs.draw_area(wanted uuid, body jsonb, if_match bigint) returns table (
  unit jsonb, area jsonb, is_generated boolean, source_ref text, valid_from date, valid_to date, version bigint, _etag bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  place orgs.unit;
  held orgs.unit_area;
  first_day date := coalesce((body ->> 'effective_on')::date, core.today());
begin
  perform core.expect(orgs.in_scope(wanted), 'not_found');
  select * into place from orgs.unit u where u.id = wanted for update;
  perform core.expect(place.valid @> first_day, 'unit_closed', '/effective_on');
  perform orgs.check_area(body -> 'area', '/area');
  select * into held from orgs.unit_area a where a.unit_id = wanted and a.valid @> first_day;
  perform core.expect(if_match is null or held.id is null or held.version = if_match, 'version_mismatch');
  delete from orgs.unit_area a where a.unit_id = wanted and lower(a.valid) >= first_day;
  update orgs.unit_area a set valid = a.valid * daterange(null, first_day), version = a.version + 1 where a.unit_id = wanted and a.valid @> first_day;
  insert into orgs.unit_area (unit_id, valid, area, bounds, source_ref, version)
  values (wanted, daterange(first_day, upper(place.valid)), body -> 'area', orgs.bounds_of(body -> 'area'), body ->> 'source_ref', coalesce(held.version, 0) + 1);
  return query select * from orgs.show_area(wanted, first_day);
end $$;
