-- name: getMe/me
select jsonb_build_object(
         'person', jsonb_build_object('id', p.id, 'name', p.display_name),
         'user_name', access.my_user_name(),
         'unit', (select jsonb_build_object('id', u.id, 'name', u.name, 'kind', u.kind)
                    from orgs.unit u where u.id = p.unit_id),
         'account_id', (select a.id from points.account a
                         where a.person_id = p.id and a.currency = 'points' and a.kind = 'personal'),
         'grants', coalesce((select jsonb_agg(jsonb_build_object(
                       'id', g.id, 'role', g.role, 'valid_from', lower(g.valid), 'valid_to', upper(g.valid) - 1,
                       'unit', (select jsonb_build_object('id', u.id, 'name', u.name, 'kind', u.kind)
                                  from orgs.unit u where u.id = g.unit_id),
                       'operations', coalesce(:by_role::jsonb -> g.role, '[]'::jsonb)) order by g.role, g.id)
                     from access.grant g
                    where g.person_id = p.id and g.valid @> core.today()), '[]'::jsonb),
         'operations', :operations::jsonb)::text as body
  from people.person p
 where p.id = :principal.person_id
