-- Blobs (M10). Reloaded whole by every migrate.

-- How much of it is here. A piece is whole or absent, so this is where the next byte belongs.
create or replace function core.blob_received(wanted uuid) returns bigint language sql stable
as $$ select coalesce(sum(p.length), 0)::bigint from core.blob_piece p where p.blob_id = wanted $$;

-- Before the first byte of a PUT. `first`: where the sent part begins; null: the whole file is sent, from its beginning.
-- received = size means that all is here already, and the body is not needed.
drop function if exists core.open_blob(uuid, text, text, text, bigint, bigint);
create function core.open_blob(wanted uuid, for_purpose text, named text, type text, first bigint, total bigint) returns table (received bigint, size bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  held core.blob;
  allowed core.blob_purpose;
begin
  select * into allowed from core.blob_purpose p where p.purpose = for_purpose and p.uploaded;
  perform core.expect(allowed.purpose is not null, 'invalid_value', '/purpose');
  perform core.expect(type = any (allowed.media_types), 'blob_type_refused');
  perform core.expect(total <= allowed.size_most, 'blob_too_large');
  select * into held from core.blob b where b.id = wanted for update;
  if held.id is null then
    perform core.expect(coalesce(first, 0) = 0, 'upload_elsewhere');
    perform core.expect((select coalesce(sum(b.size), 0) from core.blob b where b.owner_id = core.person() and b.used_by is null) + total <= 536870912, 'blob_quota');
    insert into core.blob (id, owner_id, purpose, file_name, media_type, size, expires_at)
    values (wanted, core.person(), for_purpose, named, type, total, core.app_now() + allowed.kept_unused);
    return query values (0::bigint, total);
    return;
  end if;
  perform core.expect(held.owner_id = core.person(), 'not_found');
  perform core.expect((held.purpose, held.media_type, held.size) = (for_purpose, type, total), 'blob_differs');
  if held.state = 'complete' then
    return query values (held.size, held.size);
    return;
  end if;
  if first is null then
    delete from core.blob_piece p where p.blob_id = wanted;
  end if;
  perform core.expect(coalesce(first, 0) = core.blob_received(wanted), 'upload_elsewhere');
  update core.blob b set expires_at = core.app_now() + allowed.kept_unused where b.id = wanted;
  return query values (coalesce(first, 0), held.size);
end $$;

-- One piece, behind those that are here; two senders at once meet in the key.
create or replace function core.add_piece(wanted uuid, piece integer, bytes bytea, hash bytea, plain integer) returns void language plpgsql as $$
begin
  insert into core.blob_piece (blob_id, number, length, digest, sealed) values (wanted, piece, plain, hash, bytes);
end $$;

-- Whole once the last piece is here.
create or replace function core.close_blob(wanted uuid) returns void language plpgsql as $$
begin
  update core.blob b set state = 'complete', completed_at = core.app_now(),
    digest = (select sha256(string_agg(p.digest, ''::bytea order by p.number)) from core.blob_piece p where p.blob_id = wanted)
  where b.id = wanted and b.state = 'uploading' and b.size = core.blob_received(wanted);
end $$;

-- A record takes the file into use: it stays as long as the record does, and the record's readers read it.
-- For routines of the domains; `user_of_it` names the record, e.g. 'mediation.agreement 0190…'.
create or replace function core.use_blob(wanted uuid, for_purpose text, user_of_it text, of_unit uuid, is_confidential boolean default false) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  held core.blob;
begin
  select * into held from core.blob b where b.id = wanted for update;
  perform core.expect(held.owner_id = core.person() and held.purpose = for_purpose, 'not_found');
  perform core.expect(held.state = 'complete', 'blob_incomplete');
  perform core.expect(held.used_by is null or held.used_by = user_of_it, 'blob_in_use');
  update core.blob b set used_by = user_of_it, unit_id = of_unit, confidential = is_confidential, expires_at = null where b.id = wanted;
end $$;

-- The record is gone, or needs the file no longer: it goes with the next round of core.forget_blobs.
create or replace function core.release_blob(wanted uuid) returns void
language sql security definer set search_path = pg_catalog
as $$ update core.blob b set used_by = null, unit_id = null, confidential = false, expires_at = core.app_now() where b.id = wanted $$;
revoke execute on function core.release_blob(uuid) from public;

create or replace function core.forget_blobs() returns bigint
language sql security definer set search_path = pg_catalog as $$
  with gone as (delete from core.blob b where b.expires_at <= core.app_now() returning 1) select count(*) from gone
$$;
revoke execute on function core.forget_blobs() from public;
