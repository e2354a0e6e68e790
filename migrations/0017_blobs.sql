-- Blobs (M10): files under an id of the client's, sealed in pieces of 64 KiB, so that an upload can go on where it stopped.

create table core.blob_purpose (
  purpose text primary key check (purpose ~ '^[a-z_]{1,40}$'),
  media_types text[] not null check (cardinality(media_types) > 0),
  size_most bigint not null check (size_most > 0),
  kept_unused interval not null,
  uploaded boolean not null
);
grant select on core.blob_purpose to linli_app;

insert into core.blob_purpose (purpose, media_types, size_most, kept_unused, uploaded) values
  ('import', '{text/csv}', 67108864, '2 days', true),
  ('photo', '{image/jpeg,image/png,image/webp}', 10485760, '2 days', true),
  ('document', '{application/pdf,image/jpeg,image/png}', 20971520, '2 days', true),
  ('export', '{application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,text/csv}', 268435456, '1 day', false);

-- A record that uses a blob says whose it is: staff of unit_id read it, where confidential only those who keep files.
-- digest: SHA-256 over the SHA-256 of its pieces.
create table core.blob (
  id uuid primary key,
  owner_id uuid not null,
  purpose text not null references core.blob_purpose,
  file_name text not null check (length(file_name) between 1 and 200),
  media_type text not null,
  size bigint not null check (size > 0),
  state text not null default 'uploading' check (state in ('uploading', 'complete')),
  digest bytea,
  created_at timestamptz not null default core.app_now(),
  completed_at timestamptz,
  expires_at timestamptz,
  used_by text,
  unit_id uuid,
  confidential boolean not null default false,
  check ((state = 'complete') = (digest is not null)),
  check ((state = 'complete') = (completed_at is not null)),
  check ((used_by is null) = (expires_at is not null)),
  check (used_by is not null or unit_id is null)
);
create index blob_by_owner on core.blob (owner_id, id);
create index blob_by_expiry on core.blob (expires_at) where expires_at is not null;

create table core.blob_piece (
  blob_id uuid not null references core.blob on delete cascade,
  number integer not null check (number >= 0),
  length integer not null check (length between 1 and 65536),
  digest bytea not null check (octet_length(digest) = 32),
  sealed bytea not null,
  primary key (blob_id, number)
);
alter table core.blob_piece alter column sealed set storage external; -- what is sealed cannot be compressed

select core.guard_table(t) from unnest(array['core.blob', 'core.blob_piece']::regclass[]) t;
select core.audit_table('core.blob');

create policy own_or_using on core.blob for select to linli_app using (
  owner_id = (select nullif(current_setting('app.person', true), '')::uuid)
  or (not confidential and (select u.territory_path from orgs.unit u where u.id = blob.unit_id) <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]))
  or (confidential and (select u.territory_path from orgs.unit u where u.id = blob.unit_id) <@ any ((select nullif(current_setting('app.files', true), '')::ltree[])::ltree[])));
create policy own_begin on core.blob for insert to linli_app with check (
  owner_id = (select nullif(current_setting('app.person', true), '')::uuid) and state = 'uploading' and used_by is null);
create policy own_finish on core.blob for update to linli_app using (
  owner_id = (select nullif(current_setting('app.person', true), '')::uuid) and used_by is null);
create policy of_the_blob on core.blob_piece for select to linli_app using ((select true from core.blob b where b.id = blob_piece.blob_id));
create policy own_growing on core.blob_piece for insert to linli_app with check (
  (select b.owner_id from core.blob b where b.id = blob_piece.blob_id and b.state = 'uploading') = (select nullif(current_setting('app.person', true), '')::uuid));
create policy own_again on core.blob_piece for delete to linli_app using (
  (select b.owner_id from core.blob b where b.id = blob_piece.blob_id and b.state = 'uploading') = (select nullif(current_setting('app.person', true), '')::uuid));

grant select, insert on core.blob to linli_app;
grant update (state, digest, completed_at, expires_at) on core.blob to linli_app;
grant select, insert, delete on core.blob_piece to linli_app;

select core.schedule_routine('forget_blobs', '清理未使用的文件', 'Files that nobody used', 'core.forget_blobs', minutes => 60);
