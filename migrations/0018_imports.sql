-- Bulk import: a CSV file is checked line by line in a dry run; only a file without faults can be applied, all or nothing.
-- What a line holds never lies in a table of its own: each job reads the sealed file anew, into temporary tables.

create table core.import_kind (
  kind text primary key check (kind ~ '^[a-z]{1,20}$'),
  name_zh text not null,
  name_en text not null,
  checks text not null check (checks ~ '^[a-z_]+\.[a-z_]+$'),
  applies text not null check (applies ~ '^[a-z_]+\.[a-z_]+$')
);

-- Columns by their place in the temporary table; blind_slot, birth_slot and sex_slot: where what is derived from the value goes.
-- form: text, date, number, phone, id_number (GB 11643). A heading may be the name, the Chinese or the English title.
create table core.import_column (
  kind text not null references core.import_kind,
  slot smallint not null check (slot between 1 and 16),
  name text not null,
  title_zh text not null,
  title_en text not null,
  required boolean not null default false,
  form text not null default 'text' check (form in ('text', 'date', 'number', 'phone', 'id_number')),
  length_most smallint not null default 80 check (length_most between 1 and 300),
  sealed text,
  blind text,
  blind_slot smallint check (blind_slot between 1 and 16),
  birth_slot smallint check (birth_slot between 1 and 16),
  sex_slot smallint check (sex_slot between 1 and 16),
  hint_zh text not null default '',
  hint_en text not null default '',
  primary key (kind, slot),
  constraint import_column_name unique (kind, name),
  check ((blind is null) = (blind_slot is null))
);

-- What can be wrong with a line, in words.
create table core.import_fault_code (
  code text primary key check (code ~ '^[a-z_]{1,40}$'),
  message_zh text not null,
  message_en text not null
);
grant select on core.import_kind, core.import_column, core.import_fault_code to linli_app;

-- operation: by which it was asked for; its roles decide where the lines may reach, in the dry run and when it is applied.
create table core.import (
  id uuid primary key default core.uuid_v7(),
  kind text not null references core.import_kind,
  blob_id uuid not null references core.blob,
  file_name text not null,
  requested_by uuid not null,
  operation text not null,
  unit_id uuid,
  job_id uuid not null,
  state text not null default 'checking' check (state in ('checking', 'checked', 'applying', 'applied')),
  charset text check (charset in ('UTF-8', 'GB18030')),
  lines bigint check (lines >= 0),
  faults bigint check (faults >= 0),
  created_at timestamptz not null default core.app_now(),
  checked_at timestamptz,
  applied_at timestamptz,
  version bigint not null default 1,
  check ((state = 'checking') = (checked_at is null)),
  check ((state = 'applied') = (applied_at is not null))
);
create index import_by_requester on core.import (requested_by, id);

-- Where and what, never the value: the file has it. Of very many only the first are kept; core.import.faults counts them all.
create table core.import_fault (
  import_id uuid not null references core.import on delete cascade,
  ordinal integer not null,
  line bigint not null,
  column_name text,
  code text not null references core.import_fault_code,
  primary key (import_id, ordinal)
);

select core.guard_table(t) from unnest(array['core.import', 'core.import_fault']::regclass[]) t;
select core.audit_table('core.import');

create policy own on core.import for select to linli_app using (requested_by = (select nullif(current_setting('app.person', true), '')::uuid));
create policy of_the_import on core.import_fault for select to linli_app using ((select true from core.import i where i.id = import_fault.import_id));
grant select on core.import, core.import_fault to linli_app;

insert into core.job_kind (kind, name_zh, name_en, with_arguments, lane, attempts_most, seconds_most, running_most) values
  ('import_check', '检查导入文件', 'Checking an import', true, 'bulk', 3, 1800, 2),
  ('import_apply', '执行导入', 'Carrying out an import', true, 'bulk', 3, 3600, 1);

insert into core.import_fault_code (code, message_zh, message_en) values
  ('empty_file', '文件里没有数据', 'The file has no lines'),
  ('too_many_lines', '行数超过上限，请拆分', 'More lines than a file may have; split it'),
  ('column_missing', '缺少这一列', 'This column is missing'),
  ('column_unknown', '没有这一列，请核对表头', 'There is no such column; check the heading'),
  ('column_repeated', '这一列出现了两次', 'This column stands twice'),
  ('bad_encoding', '有无法识别的文字，请另存为 UTF-8 或 GB18030', 'Characters that cannot be read; save as UTF-8 or GB18030'),
  ('stray_quote', '引号位置不对', 'A quotation mark where none may be'),
  ('open_quote', '引号没有结束', 'Quotes that are never closed'),
  ('too_long', '内容太长', 'Too long'),
  ('too_many_cells', '这一行的列数多于表头', 'More cells than the heading has'),
  ('missing', '必填', 'Must be filled in'),
  ('bad_date', '日期不对，应如 2026-03-05', 'No date; write 2026-03-05'),
  ('bad_number', '应为整数', 'Must be a whole number'),
  ('bad_phone', '电话号码不对', 'No telephone number'),
  ('bad_id_number', '身份证号码不对', 'No valid identity number'),
  ('bad_choice', '不是可选的内容', 'None of the choices'),
  ('unit_unknown', '没有这个单位，或不在您的范围内', 'No such unit, or none of yours'),
  ('unit_ambiguous', '有多个同名单位，请写全路径', 'Several units of that name; write the whole path'),
  ('person_unknown', '没有这个人，或不在您的范围内', 'No such person, or none of yours'),
  ('person_ambiguous', '有多个相符的人，请填身份证号码', 'Several people fit; give the identity number'),
  ('name_differs', '姓名与登记的不一致', 'The name is not the recorded one'),
  ('repeated', '与文件中另一行重复', 'Another line of the file says the same'),
  ('exists', '已经登记过', 'Recorded already'),
  ('id_number_inconsistent', '与身份证号码不一致', 'Does not agree with the identity number'),
  ('date_impossible', '日期不可能', 'An impossible date'),
  ('ends_before_it_begins', '结束早于开始', 'Ends before it begins'),
  ('placement_not_allowed', '这类单位不能放在那里', 'A unit of this kind may not stand there'),
  ('unit_not_there', '那段日子里单位不存在', 'The unit does not exist on some of those days'),
  ('post_unknown', '这类单位没有这个职务', 'Units of this kind have no such post'),
  ('seats_taken', '职数已满', 'Every seat is taken'),
  ('parent_below', '上级单位在文件中自相循环', 'The parents in the file go round in a circle'),
  ('lives_elsewhere', '这个人已在另一户', 'The person belongs to another household'),
  ('head_missing', '这一户没有户主', 'The household has no head'),
  ('head_repeated', '这一户有多个户主', 'The household has several heads'),
  ('household_differs', '同一户的地址不一致', 'Lines of one household give different places');

insert into core.daily_task (routine, ordinal) values ('core.forget_imports', 92);

-- ── the kinds ──────────────────────────────────────────────────────────────────────────────────────────────────
insert into core.import_kind (kind, name_zh, name_en, checks, applies) values
  ('units', '单位', 'Units', 'orgs.check_unit_lines', 'orgs.apply_unit_lines'),
  ('people', '居民', 'People', 'people.check_person_lines', 'people.apply_person_lines'),
  ('appointments', '任职', 'Appointments', 'people.check_appointment_lines', 'people.apply_appointment_lines'),
  ('households', '家庭户', 'Households', 'people.check_household_lines', 'people.apply_household_lines');

insert into core.import_column (kind, slot, name, title_zh, title_en, required, form, length_most, sealed, blind, blind_slot, birth_slot, sex_slot, hint_zh, hint_en) values
  ('units', 1, 'code', '编号', 'Code', false, 'text', 40, null, null, null, null, null, '仅在本文件中使用，供下级引用', 'Of this file only, for the units below it'),
  ('units', 2, 'kind', '类别', 'Kind', true, 'text', 40, null, null, null, null, null, '小区、楼栋、巷……', 'Compound, building, lane …'),
  ('units', 3, 'name', '名称', 'Name', true, 'text', 80, null, null, null, null, null, '', ''),
  ('units', 4, 'short_name', '简称', 'Short name', false, 'text', 40, null, null, null, null, null, '', ''),
  ('units', 5, 'parent', '上级单位', 'Parent', true, 'text', 300, null, null, null, null, null, '本文件中的编号，或“孝坊社区/和顺花园”这样的路径', 'A code of this file, or a path such as community/compound'),
  ('units', 6, 'leadership_parent', '上级党组织', 'Leadership parent', false, 'text', 300, null, null, null, null, null, '', ''),
  ('units', 7, 'contact_phone', '联系电话', 'Telephone', false, 'phone', 30, null, null, null, null, null, '', ''),
  ('units', 8, 'valid_from', '成立日期', 'From', false, 'date', 20, null, null, null, null, null, '不填为今天', 'Today when empty'),
  ('units', 9, 'document_ref', '文号', 'Document', false, 'text', 120, null, null, null, null, null, '', ''),
  ('people', 1, 'name', '姓名', 'Name', true, 'text', 60, null, null, null, null, null, '', ''),
  ('people', 2, 'home', '住处', 'Home', true, 'text', 300, null, null, null, null, null, '如“和顺花园/1 栋”', 'Such as compound/building'),
  ('people', 3, 'sex', '性别', 'Sex', false, 'text', 10, null, null, null, null, null, '男、女', 'male, female'),
  ('people', 4, 'birth_date', '出生日期', 'Birth date', false, 'date', 20, null, null, null, null, null, '', ''),
  ('people', 5, 'id_number', '身份证号码', 'Identity number', false, 'id_number', 24, 'person.id_number', 'id_number_blind', 11, 12, 13, '', ''),
  ('people', 6, 'phone', '电话', 'Telephone', false, 'phone', 30, 'person.phone', 'phone_blind', 14, null, null, '', ''),
  ('people', 7, 'address', '门牌地址', 'Address', false, 'text', 200, 'person.address', null, null, null, null, '', ''),
  ('people', 8, 'lives_as', '居住性质', 'Lives there as', false, 'text', 20, null, null, null, null, null, '业主、家属、租户、流动', 'owner, family, tenant, floating'),
  ('people', 9, 'registered_on', '登记日期', 'Registered on', false, 'date', 20, null, null, null, null, null, '不填为今天', 'Today when empty'),
  ('appointments', 1, 'name', '姓名', 'Name', true, 'text', 60, null, null, null, null, null, '', ''),
  ('appointments', 2, 'id_number', '身份证号码', 'Identity number', false, 'id_number', 24, null, 'id_number_blind', 11, null, null, '身份证号码或电话至少填一项', 'One of identity number and telephone'),
  ('appointments', 3, 'phone', '电话', 'Telephone', false, 'phone', 30, null, 'phone_blind', 12, null, null, '', ''),
  ('appointments', 4, 'unit', '单位', 'Unit', true, 'text', 300, null, null, null, null, null, '', ''),
  ('appointments', 5, 'post', '职务', 'Post', true, 'text', 60, null, null, null, null, null, '', ''),
  ('appointments', 6, 'basis', '任职方式', 'Basis', true, 'text', 20, null, null, null, null, null, '选举、任命、兼任', 'elected, appointed, concurrent'),
  ('appointments', 7, 'valid_from', '任职日期', 'From', false, 'date', 20, null, null, null, null, null, '不填为今天', 'Today when empty'),
  ('appointments', 8, 'valid_to', '最后一天', 'To', false, 'date', 20, null, null, null, null, null, '', ''),
  ('appointments', 9, 'document_ref', '文号', 'Document', false, 'text', 120, null, null, null, null, null, '', ''),
  ('households', 1, 'household', '户编号', 'Household', true, 'text', 40, null, null, null, null, null, '同一户的各行填同一编号', 'The same for all lines of a household'),
  ('households', 2, 'home', '住处', 'Home', true, 'text', 300, null, null, null, null, null, '', ''),
  ('households', 3, 'door', '门牌', 'Door', false, 'text', 40, null, null, null, null, null, '', ''),
  ('households', 4, 'kind', '户类别', 'Kind', false, 'text', 20, null, null, null, null, null, '家庭户、集体户', 'family, collective'),
  ('households', 5, 'name', '姓名', 'Name', true, 'text', 60, null, null, null, null, null, '', ''),
  ('households', 6, 'id_number', '身份证号码', 'Identity number', false, 'id_number', 24, null, 'id_number_blind', 11, null, null, '身份证号码或电话至少填一项', 'One of identity number and telephone'),
  ('households', 7, 'phone', '电话', 'Telephone', false, 'phone', 30, null, 'phone_blind', 12, null, null, '', ''),
  ('households', 8, 'relation', '与户主关系', 'Relation', true, 'text', 20, null, null, null, null, null, '户主、配偶、子女……', 'head, spouse, child …'),
  ('households', 9, 'valid_from', '起始日期', 'From', false, 'date', 20, null, null, null, null, null, '不填为今天', 'Today when empty');
