-- name: getPersonData
select p.id, p.display_name as name, p.sex, v.birth_date, v.phone_sealed as phone, v.id_number_sealed as id_number, v.address_sealed as address,
       u.id as "unit.id", u.name as "unit.name", u.kind as "unit.kind", p.registered_on, d.user_name, core.app_now() as made_at,
       d.residences, d.households, d.dwellings, d.guardianships, d.near_relatives, d.consents, d.grants, d.appointments, d.groups, d.accounts, d.services,
       d.mediation_cases, d.reveals, d.disclosures, d.data_requests, d.representations
from people.person p join orgs.unit u on u.id = p.unit_id left join people.person_private v on v.person_id = p.id
cross join lateral people.data_of(p.id) d
where p.id = :person_id and (select people.is_own(:person_id)) and (select access.agent() is null)

-- name: getPersonData/care_marks
select c.id, c.kind, c.note_sealed as note, lower(c.valid) as valid_from, upper(c.valid) - 1 as valid_to
from people.care_mark c where c.person_id = :person_id and (select people.is_own(:person_id)) order by c.id limit 200

-- name: listActs
select a.id, a.at, a.operation, a.agent_name, a.tables, jsonb_build_array(a.id) as _cursor
from people.acts_for(:person_id) a
where true
  and a.id < (:cursor->>0)::bigint  -- if :cursor
order by a.id desc
limit :limit

-- name: listPurposes
select p.code, p.version, p.name_zh, p.name_en, p.text_zh, p.text_en, p.basis, p.minors, jsonb_build_array(p.ordinal) as _cursor
from people.purpose p
where p.valid @> :today
  and p.ordinal > (:cursor->>0)::integer  -- if :cursor
order by p.ordinal
limit :limit

-- name: listConsents
select c.purpose, c.version, c.name_zh, c.name_en, c.text_zh, c.text_en, c.basis, c.decision, c.decided_version, c.form, c.decided_at, c.ask_again_from,
       c.guardian_decision, c.guardian_name, jsonb_build_array(c.ordinal) as _cursor
from people.person p cross join lateral people.consents_of(p.id) c
where p.id = :person_id and (select people.is_own(:person_id) or orgs.in_scope(people.home_of(:person_id)))
  and c.ordinal > (:cursor->>0)::bigint  -- if :cursor
order by c.ordinal
limit :limit

-- name: recordConsent
select * from people.decide(:person_id, :purpose, :decision, :form)

-- name: recordGuardianConsent
select * from people.decide_for_ward(:person_id, :guardian_id, :purpose, :decision, :form)

-- name: listDisclosures
select d.id, d.recipient, d.purpose, to_jsonb(d.fields) as fields, d.basis, d.disclosed_on, people.name_of(d.recorded_by) as recorded_by, jsonb_build_array(d.no) as _cursor
from people.disclosure d
where d.person_id = :person_id and (select people.is_own(:person_id) or orgs.in_scope(people.home_of(:person_id)))
  and d.no < (:cursor->>0)::bigint  -- if :cursor
order by d.no desc
limit :limit

-- name: recordDisclosure
select * from people.record_disclosure(:person_id, :recipient, :purpose, :fields, :basis, :disclosed_on)

-- name: listDataRequests
select r.id, r.kind, r.person_id as "person.id", people.name_of(r.person_id) as "person.name", u.id as "unit.id", u.name as "unit.name", u.kind as "unit.kind", r.state, r.field,
       r.filed_at, r.due_on, r.done_at is null and r.due_on < :today as overdue, jsonb_build_array(r.id) as _cursor
from people.data_request r join orgs.unit u on u.id = r.unit_id
where ((select people.is_own(r.person_id)) or r.unit_id in (select orgs.units_within((select core.scope()), null)))
  and r.state = :state  -- if :state
  and (:mine is not true or (select people.is_own(r.person_id)))  -- if :mine
  and r.id < (:cursor->>0)::uuid  -- if :cursor
order by r.id desc
limit :limit

-- name: fileDataRequest
select r.id, r.kind, r."person.id", r."person.name", r."unit.id", r."unit.name", r."unit.kind", r.state, r.field, r.filed_at, r.due_on, r.overdue, r.wanted_value as wanted,
       r.explanation, r.filed_by, r.answer, r.kept, r.decided_at, r.decided_by, r.done_at, r.events, r.version, r._etag, r._location
from people.file_request(:id, :kind, :person_id, :field, :wanted, :explanation) r

-- name: getDataRequest
select r.id, r.kind, r."person.id", r."person.name", r."unit.id", r."unit.name", r."unit.kind", r.state, r.field, r.filed_at, r.due_on, r.overdue, r.wanted_value as wanted,
       r.explanation, r.filed_by, r.answer, r.kept, r.decided_at, r.decided_by, r.done_at, r.events, r.version, r._etag, r._location
from people.show_request(:data_request_id) r
where (select people.is_own(r."person.id")) or (select orgs.in_scope(r."unit.id"))

-- name: answerDataRequest
select r.id, r.kind, r."person.id", r."person.name", r."unit.id", r."unit.name", r."unit.kind", r.state, r.field, r.filed_at, r.due_on, r.overdue, r.wanted_value as wanted,
       r.explanation, r.filed_by, r.answer, r.kept, r.decided_at, r.decided_by, r.done_at, r.events, r.version, r._etag, r._location
from people.answer_request(:data_request_id, :decision, :answer, :if_match) r

-- name: withdrawDataRequest
select r.id, r.kind, r."person.id", r."person.name", r."unit.id", r."unit.name", r."unit.kind", r.state, r.field, r.filed_at, r.due_on, r.overdue, r.wanted_value as wanted,
       r.explanation, r.filed_by, r.answer, r.kept, r.decided_at, r.decided_by, r.done_at, r.events, r.version, r._etag, r._location
from people.withdraw_request(:data_request_id) r

-- name: listRetentionRules
select r.code, r.name_zh, r.name_en, r.basis_zh, r.basis_en, r.months, l.ran_at as last_run_at, l.cutoff as last_cutoff, l.affected as last_affected,
       (select coalesce(sum(x.affected), 0)::bigint from people.retention_run x where x.rule = r.code) as affected_altogether, jsonb_build_array(r.ordinal) as _cursor
from people.retention_rule r
left join lateral (select x.ran_at, x.cutoff, x.affected from people.retention_run x where x.rule = r.code order by x.ran_at desc limit 1) l on true
where true
  and r.ordinal > (:cursor->>0)::integer  -- if :cursor
order by r.ordinal
limit :limit

-- name: listMinorAudits
select a.id, a."unit.id", a."unit.name", a."unit.kind", a.year, a.under_14, a.from_14_to_18, a.without_guardian, a.consents_given, a.consents_missing, a.reveals,
       a.reveals_approved, a.disclosures, jsonb_build_array(a.id) as _cursor
from people.audit_minors(:year::integer) a
where true
  and a.id > (:cursor->>0)::uuid  -- if :cursor
order by a.id
limit :limit
