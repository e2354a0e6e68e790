-- name: putBlob/open
select * from core.open_blob(:blob_id, :purpose, :file_name, :media_type, :first::bigint, :total::bigint)

-- name: putBlob/piece
select core.add_piece(:blob_id, :number::integer, :bytes::bytea, :hash::bytea, :length::integer)

-- name: putBlob/close
select core.close_blob(:blob_id)

-- name: putBlob/show
select jsonb_build_object('id', b.id, 'purpose', b.purpose, 'file_name', b.file_name, 'media_type', b.media_type, 'size', b.size,
         'received', core.blob_received(b.id), 'state', b.state, 'digest', encode(b.digest, 'hex'), 'expires_at', core.json_time(b.expires_at))::text as body
from core.blob b
where b.id = :blob_id

-- name: getBlob
select b.id, b.purpose, b.file_name, b.media_type, b.size, (select core.blob_received(b.id)) as received, b.state, encode(b.digest, 'hex') as digest, b.expires_at
from core.blob b
where b.id = :blob_id
  and (b.owner_id = :principal.person_id
       or (select u.territory_path from orgs.unit u where u.id = b.unit_id) <@ any ((select core.scope())::ltree[]))

-- name: getBlobContent/open
select b.media_type, b.size, b.file_name, b.state, encode(b.digest, 'hex') as digest
from core.blob b
where b.id = :blob_id
  and (b.owner_id = :principal.person_id
       or (select u.territory_path from orgs.unit u where u.id = b.unit_id) <@ any ((select core.scope())::ltree[]))

-- name: getBlobContent/piece
select p.sealed from core.blob_piece p where p.blob_id = :blob_id and p.number = :number::integer
