-- name: listUnitKinds
select k.kind, k.name_zh, k.name_en, k.territory_required, k.leadership_required,
       (select coalesce(jsonb_agg(r.parent_kind order by r.parent_kind), '[]') from orgs.unit_kind_rule r where r.child_kind = k.kind and r.ladder = 'territory') as territory_under,
       (select coalesce(jsonb_agg(r.parent_kind order by r.parent_kind), '[]') from orgs.unit_kind_rule r where r.child_kind = k.kind and r.ladder = 'leadership') as leadership_under,
       jsonb_build_array(k.ordinal) as _cursor
from orgs.unit_kind k
where true
  and k.ordinal > (:cursor->>0)::smallint  -- if :cursor
order by k.ordinal
limit :limit

-- name: listVacancies
select orgs.unit_json(v.unit_id, :as_of) as unit, orgs.post_json(v.post_code) as post, v.needed, v.held, v.since, jsonb_build_array(v.label, v.ordinal) as _cursor
from orgs.vacancies(:under, :as_of) v
join orgs.unit u on u.id = v.unit_id
where (u.territory_path <@ any (core.scope()) or u.leadership_path <@ any (core.scope_lead()))
  and v.kind = :kind  -- if :kind
  and (v.label, v.ordinal) > ((:cursor->>0)::bigint, (:cursor->>1)::smallint)  -- if :cursor
order by v.label, v.ordinal
limit :limit

-- name: listTermWarnings
select t.appointment_id, jsonb_build_object('id', t.person_id, 'name', people.name_of(t.person_id)) as person, orgs.unit_json(t.unit_id, :as_of) as unit,
       orgs.post_json(t.post_code) as post, t.ends_on, t.ends_on - :as_of as days_left, t.stage, t.announced, t.successor_known,
       jsonb_build_array(t.ends_on, t.appointment_id) as _cursor
from orgs.terms_ending(:under, :as_of) t
join orgs.unit u on u.id = t.unit_id
where (u.territory_path <@ any (core.scope()) or u.leadership_path <@ any (core.scope_lead()))
  and t.stage <= :stage  -- if :stage
  and (t.ends_on, t.appointment_id) > ((:cursor->>0)::date, (:cursor->>1)::uuid)  -- if :cursor
order by t.ends_on, t.appointment_id
limit :limit

-- name: listCompositions
select orgs.unit_json(c.unit_id, :as_of) as unit, r.body, r.name_zh, r.name_en, c.members, r.members_least, r.members_most, c.women, r.women_least, c.sex_unknown, c.relatives, c.findings,
       r.source_zh, r.source_en, jsonb_build_array(c.label, r.body) as _cursor
from orgs.compositions(:under, :as_of) c
join orgs.composition_rule r on r.body = c.body
join orgs.unit u on u.id = c.unit_id
where (u.territory_path <@ any (core.scope()) or u.leadership_path <@ any (core.scope_lead()))
  and c.body = :body  -- if :body
  and (c.findings <> '[]') = :faulty  -- if :faulty
  and (c.label, r.body) > ((:cursor->>0)::bigint, :cursor->>1)  -- if :cursor
order by c.label, r.body
limit :limit

-- name: listCrossAppointments
select jsonb_build_object('id', x.person_id, 'name', people.name_of(x.person_id)) as person, x.posts, jsonb_build_array(x.person_id) as _cursor
from (
  select a.person_id,
         jsonb_agg(jsonb_build_object('unit_id', a.unit_id, 'unit_name', orgs.name_on(a.unit_id, :as_of), 'unit_kind', a.unit_kind, 'code', p.code, 'name_zh', p.name_zh, 'name_en', p.name_en, 'basis', a.basis)
           order by a.unit_kind <> :kind, p.ordinal, a.id) as posts
  from orgs.appointment a join orgs.post p on p.code = a.post_code
  where a.valid @> :as_of and a.unit_kind in (:kind, :other_kind)
    and a.unit_id in (select orgs.area_of(:under, :as_of))
    and a.person_id > (:cursor->>0)::uuid  -- if :cursor
  group by a.person_id having bool_or(a.unit_kind = :kind) and bool_or(a.unit_kind = :other_kind)
) x
order by x.person_id
limit :limit

-- name: listPersonRecord
select r.ref as id, r.what, r.name_zh, r.name_en, r.unit, r.basis, r.valid_from, r.valid_to, r.document_ref, r.end_reason, jsonb_build_array(r.valid_from, r.ref) as _cursor
from people.person p
join orgs.unit u on u.id = p.unit_id
cross join lateral orgs.record_of(p.id) r
where p.id = :person_id
  and (p.id = :principal.person_id or u.territory_path <@ any (core.paths()) or u.leadership_path <@ any (core.lead()))
  and (r.valid_from, r.ref) < ((:cursor->>0)::date, (:cursor->>1)::uuid)  -- if :cursor
order by r.valid_from desc, r.ref desc
limit :limit

-- name: listHandovers
select s.id, s.appointment, s.unit, s.from_person, s.to_person, s.last_day, s.due_on, s.overdue, s.state, s.completed_at, s.note, s.items, s.version, jsonb_build_array(h.due_on, h.id) as _cursor
from orgs.handover h
join orgs.unit u on u.id = h.unit_id
join orgs.appointment a on a.id = h.appointment_id
cross join lateral orgs.show_handover(h.id) s
where (:principal.person_id in (h.to_person_id, a.person_id) or u.territory_path <@ any (core.paths()))
  and h.unit_id in (select orgs.area_of(:under, :today))  -- if :under
  and h.state = :state  -- if :state
  and s.overdue = :overdue  -- if :overdue
  and (h.due_on, h.id) > ((:cursor->>0)::date, (:cursor->>1)::uuid)  -- if :cursor
order by h.due_on, h.id
limit :limit

-- name: createHandover
select * from orgs.begin_handover(:appointment_id, :body)

-- name: getHandover
select s.* from orgs.handover h join orgs.unit u on u.id = h.unit_id join orgs.appointment a on a.id = h.appointment_id cross join lateral orgs.show_handover(h.id) s
where h.id = :handover_id and (:principal.person_id in (h.to_person_id, a.person_id) or u.territory_path <@ any (core.paths()))

-- name: updateHandover
select * from orgs.edit_handover(:handover_id, :body, :if_match)

-- name: completeHandover
select * from orgs.complete_handover(:handover_id)

-- name: listSubstitutions
select s.id, s.person, s.substitute, s.unit, s.valid_from, s.valid_to, s.reason, s.document_ref, s.rights, s.version, jsonb_build_array(s.valid_from, s.id) as _cursor
from orgs.substitution x
join orgs.unit u on u.id = x.unit_id
cross join lateral orgs.show_substitution(x.id) s
where upper(x.valid) > :as_of
  and (:principal.person_id in (x.person_id, x.substitute_id) or u.territory_path <@ any (core.paths()))
  and x.unit_id in (select orgs.area_of(:under, :as_of))  -- if :under
  and :person in (x.person_id, x.substitute_id)  -- if :person
  and (s.valid_from, s.id) > ((:cursor->>0)::date, (:cursor->>1)::uuid)  -- if :cursor
order by s.valid_from, s.id
limit :limit

-- name: createSubstitution
select * from orgs.substitute(:body)

-- name: endSubstitution
select * from orgs.end_substitution(:substitution_id, :last_day)
