-- name: getSystem/system
select core.app_now() as now, c.name as city, c.contact_phone
  from (values (1)) one (n)
  left join lateral access.city() c on true
