-- name: listReorganizations
select r.id, r.title, orgs.unit_json(r.unit_id, :today) as unit, r.state, r.effective_on, r.decree_number,
       (select count(*) from orgs.reorganization_step s where s.reorganization_id = r.id) as step_count, r.obstacle,
       jsonb_build_array(r.effective_on, r.id) as _cursor
from orgs.reorganization r
join orgs.unit u on u.id = r.unit_id
where (r.state in ('decreed', 'in_force') or u.territory_path <@ any (core.paths()) or u.leadership_path <@ any (core.lead()))
  and r.state = :state  -- if :state
  and r.unit_id in (select orgs.area_of(:unit, :today))  -- if :unit
  and (r.effective_on, r.id) < ((:cursor->>0)::date, (:cursor->>1)::uuid)  -- if :cursor
order by r.effective_on desc, r.id desc
limit :limit

-- name: createReorganization
select * from orgs.draft_reorganization(:body)

-- name: getReorganization
select s.* from orgs.reorganization r join orgs.unit u on u.id = r.unit_id cross join lateral orgs.show_reorganization(r.id) s
where r.id = :reorganization_id
  and (r.state in ('decreed', 'in_force') or u.territory_path <@ any (core.paths()) or u.leadership_path <@ any (core.lead()))

-- name: updateReorganization
select * from orgs.edit_reorganization(:reorganization_id, :body, :if_match)

-- name: previewReorganization
select * from orgs.preview_reorganization(:reorganization_id)

-- name: decideReorganization
select * from orgs.decide_reorganization(:reorganization_id, :decisions)

-- name: decreeReorganization
select * from orgs.decree_reorganization(:reorganization_id, :body)

-- name: withdrawReorganization
select * from orgs.withdraw_reorganization(:reorganization_id, :reason)

-- name: listReorganizationEffects
select e.no, e.subject, e.subject_id, orgs.unit_json(e.from_unit_id, e.on_day - 1) as from_unit,
       case when e.to_unit_id is not null then orgs.unit_json(e.to_unit_id, e.on_day) end as to_unit, e.by, e.on_day, jsonb_build_array(e.no) as _cursor
from orgs.reorganization_effect e
join orgs.unit f on f.id = e.from_unit_id
left join orgs.unit t on t.id = e.to_unit_id
where e.reorganization_id = :reorganization_id
  and (f.territory_path <@ any (core.scope()) or t.territory_path <@ any (core.scope()))
  and e.subject = :subject  -- if :subject
  and e.no > (:cursor->>0)::bigint  -- if :cursor
order by e.no
limit :limit
