-- Exports (M8): who took which list out, with which filters, how many rows, and whether to its end. Only auditors' routines read it.
create table core.export (
  id uuid primary key default core.uuid_v7(),
  person_id uuid not null,
  operation text not null,
  media_type text not null,
  filters text not null,
  rows bigint check (rows >= 0),
  whole boolean,
  begun_at timestamptz not null default core.app_now(),
  ended_at timestamptz
);
create index export_by_person on core.export (person_id, id);
select core.guard_table('core.export');
select core.audit_table('core.export');
