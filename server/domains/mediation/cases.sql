-- name: listMediationKinds
select k.kind, k.name_zh, k.name_en, k.confirmable, json_build_array(k.ordinal) as _cursor
from mediation.dispute_kind k
where true
  and k.ordinal > (:cursor->>0)::bigint  -- if :cursor
order by k.ordinal
limit :limit

-- name: listMediators
select m.person_id, people.name_of(m.person_id) as name, u.id as "unit.id", u.name as "unit.name", u.kind as "unit.kind",
       (select count(*) from mediation.case_mediator d join mediation.mediation_case c on c.id = d.case_id
        where d.person_id = m.person_id and d.ended_at is null and c.unit_id = :unit) as open_cases,
       json_build_array(m.person_id) as _cursor
from mediation.mediators_for(:unit) m join orgs.unit u on u.id = m.unit_id
where (select w.territory_path from orgs.unit w where w.id = :unit) <@ any ((select core.scope())::ltree[])
  and m.person_id > (:cursor->>0)::uuid  -- if :cursor
order by m.person_id
limit :limit

-- name: listMediationCases
select v.id, v.number, v.state, v.level, v.kind, v.kind_name_zh, v.kind_name_en, v.title, v.origin, v."unit.id", v."unit.name", v."unit.kind",
       v."origin_unit.id", v."origin_unit.name", v."origin_unit.kind", v.first_side, v.second_side, v.next_attempt_at, v.next_attempt_place,
       v.attempts_limit, v.attempts_used, v.confirm_by, v.opened_at, v.closed_at, v.actions, json_build_array(v.opened_at, v.id) as _cursor
from mediation.case_reply v
where (v.id = any ((select mediation.own_cases())::uuid[])
       or v."origin_unit.id" = any (array(select u.id from orgs.unit u where u.kind in ('community', 'town', 'city')
                                          and u.territory_path <@ any ((select core.scope())::ltree[]))))
  and (:mine = 'true' and v.id = any ((select mediation.own_cases())::uuid[]))  -- if :mine
  and v.state = :state  -- if :state
  and v.level = :level  -- if :level
  and v.number = :number  -- if :number
  and v.id in (select mediation.find_cases(:q))  -- if :q
  and (v.opened_at, v.id) < ((:cursor->>0)::timestamptz, (:cursor->>1)::uuid)  -- if :cursor
order by v.opened_at desc, v.id desc
limit :limit

-- name: createMediationCase
select * from mediation.open_case(:unit_id, :kind, :title, :narrative, :parties, :respondent_name)

-- name: getMediationCase
select * from mediation.open_file(:case_id)

-- name: getMediationCase/levels
select p.level, p.attempts_limit, mediation.used_attempts(:case_id, p.level) as attempts_used, p.follow_ups
from mediation.level_policy p where p.valid @> :today order by p.ordinal

-- name: getMediationCase/parties
select p.id, p.side, p.person_id, people.name_of(p.person_id) as person_name, p.organization_name,
       case when p.person_id is null then p.claimed_name_sealed end as claimed_name, p.position,
       coalesce(p.person_id = :principal.person_id, false) as is_me,
       exists (select from mediation.mediation_consent s where s.party_id = p.id and s.level = c.level) as consent,
       exists (select from mediation.mediation_consent s where s.party_id = p.id and s.level = mediation.level_above(c.level)) as consent_next,
       (select r.refused_at from mediation.refusal r where r.party_id = p.id) as refused_at,
       (select m.marked_at from mediation.agreement_mark m where m.party_id = p.id) as marked_at
from mediation.party p join mediation.mediation_case c on c.id = p.case_id
where p.case_id = :case_id order by p.side, p.id

-- name: getMediationCase/mediators
select m.person_id, people.name_of(m.person_id) as name, m.level, m.chosen_by, m.assigned_at, m.ended_at
from mediation.case_mediator m where m.case_id = :case_id order by m.assigned_at, m.id

-- name: getMediationCase/consents
select s.party_id, s.level, s.form, s.consented_at, coalesce(people.name_of(s.recorded_by), '') as recorded_by
from mediation.mediation_consent s where s.case_id = :case_id order by s.consented_at, s.id

-- name: getMediationCase/attempts
select a.id, a.level, a.ordinal, a.scheduled_at, a.place, a.outcome, a.note, a.outcome_at
from mediation.attempt_reply a where a.case_id = :case_id order by a.scheduled_at, a.id

-- name: getMediationCase/escalations
select e.from_level, e.to_level, e.summary_sealed as summary, e.escalated_at, coalesce(people.name_of(e.escalated_by), '') as escalated_by
from mediation.escalation e where e.case_id = :case_id order by e.escalated_at

-- name: getMediationCase/agreements
select a.id, a.form, a.content, a.reached_on, a.effective_at, a.confirm_by, a.confirmable, a.marks, a.missing
from mediation.agreement_reply a where a.case_id = :case_id

-- name: getMediationCase/performance_items
select i.id, i.party_id, i.description, i.due_on, i.amount_fen, i.state, i.recorded_at
from mediation.item_reply i where i.case_id = :case_id order by i.due_on, i.id

-- name: getMediationCase/follow_ups
select f.id, f.ordinal, f.visited_on, f.finding, f.note, f.visitor_name
from mediation.follow_up_reply f where f.case_id = :case_id order by f.ordinal

-- name: getMediationCase/notices
select n.ground, n.issued_at, to_json(n.ways) as ways from mediation.final_notice n where n.case_id = :case_id

-- name: getMediationCase/risks
select r.level, r.marked_at, coalesce(people.name_of(r.marked_by), '') as marked_by
from mediation.risk r where r.case_id = :case_id order by r.marked_at

-- name: getMediationCase/events
select row_number() over (order by e.no) as no, e.action, e.from_state, e.to_state, e.level, coalesce(people.name_of(e.actor_id), '') as actor_name, e.at
from mediation.case_event e where e.case_id = :case_id order by e.no

-- name: getMediationCase/views
select people.name_of(w.person_id) as person_name, w.viewed_as as "as", w.at
from mediation.case_view w where w.case_id = :case_id order by w.no desc limit 200
