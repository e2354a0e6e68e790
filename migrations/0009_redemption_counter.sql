-- A reward may belong to a town for all its counters: who reaches the person's home hands it out too, not only who reaches the reward's unit.
drop policy app_settle on points.redemption;
create policy app_settle on points.redemption for update to linli_app
    using (person_id = (select nullif(current_setting('app.person', true), '')::uuid)
        or (select u.territory_path from orgs.unit u where u.id = redemption.unit_id)
           <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[])
        or (select u.territory_path from points.account a join orgs.unit u on u.id = a.unit_id where a.id = redemption.account_id)
           <@ any ((select nullif(current_setting('app.paths', true), '')::ltree[])::ltree[]));
