// Whoever bends the books behind the server's back is found, and what was bent is named: each invariant on its own.
import assert from 'node:assert/strict';
import test from 'node:test';
import { createDatabase, dropDatabase } from '../../lib/cluster.mjs';
import { linli } from '../../lib/command.mjs';
import { asOwner } from '../../lib/sql.mjs';
import { asIntruder } from '../story.mjs';

test('the books of the demonstration city balance, and seven ways to bend them are named one by one', async (t) => {
    const server = { database: await createDatabase() };
    t.after(() => dropDatabase(server.database));
    const audit = () => linli(server, ['audit', 'ledger', '--json']);
    const clean = await audit();
    assert.equal(clean.code, 0, clean.stdout + clean.stderr);
    const one = async (text) => Object.values((await asOwner(server, text))[0])[0];
    const account = await one("select a.id from points.account a where a.kind = 'personal' and a.balance > 20 and a.reserved = 0 order by a.id limit 1");
    const award = await one("select t.id from points.transfer t where t.kind = 'award' order by t.no limit 1");
    const awardNo = await one(`select no from points.transfer where id = '${award}'`);
    const twin = await one("select t.id from points.transfer t where t.kind = 'award' order by t.no offset 1 limit 1");
    const service = await one(`select source_id from points.transfer where id = '${award}'`);
    const lastEntry = await one(`select max(no) from points.entry where account_id = '${account}'`);
    const lot = await one(`select l.id from points.lot l where l.account_id = '${account}' and l.remaining > 0 order by l.entry_no limit 1`);
    const reward = await one('select id from points.reward order by id limit 1');
    const handed = await one("select id from points.redemption where state = 'collected' order by id limit 1");
    const system = `transfer_id = '${award}' and seq is null`;

    // what is found, what was done, how it is undone
    const bends = [
        [['I1', `transfer ${awardNo}`], `update points.entry set amount = amount - 1 where ${system}`, `update points.entry set amount = amount + 1 where ${system}`],
        [['I2', `account ${account}`], `update points.account set balance = balance + 1 where id = '${account}'`, `update points.account set balance = balance - 1 where id = '${account}'`],
        [['I2', `lot ${lot}`], `update points.lot set held = 1 where id = '${lot}'`, `update points.lot set held = 0 where id = '${lot}'`],
        [['I4', `entry ${lastEntry}`], `update points.entry set seq = seq + 1000 where no = ${lastEntry}`, `update points.entry set seq = seq - 1000 where no = ${lastEntry}`],
        [['I6', `service_record ${service}`], `update volunteering.evaluation set points = points + 1 where service_record_id = '${service}'`,
            `update volunteering.evaluation set points = points - 1 where service_record_id = '${service}'`],
        [['I7', `reward ${reward}`], `update points.reward set stock_collected = stock_collected + 1 where id = '${reward}'`, `update points.reward set stock_collected = stock_collected - 1 where id = '${reward}'`],
        [['I7', `redemption ${handed}`], `update points.redemption set state = 'cancelled' where id = '${handed}'`, `update points.redemption set state = 'collected' where id = '${handed}'`],
        // and what not even a superuser's statement can do while the constraints stand
        [['I5', `evaluation ${service}`], `drop index points.transfer_source_once; update points.transfer set source_id = '${service}' where id = '${twin}'`,
            `update points.transfer t set source_id = e.service_record_id from volunteering.evaluation e where t.id = '${twin}' and e.transfer_id = t.id`],
        [['I3', `account ${account}`], `alter table points.account drop constraint account_reserved_within_balance; update points.account set reserved = balance + 1 where id = '${account}'`,
            `update points.account set reserved = 0 where id = '${account}'`],
    ];
    for (const [[invariant, subject], bend, straighten] of bends) {
        await asIntruder(server, bend);
        const { code, json, stderr } = await audit();
        assert.equal(code, 1, `${bend}: ${stderr}`);
        assert.ok(json.findings.some((finding) => JSON.stringify(finding).includes(invariant) && JSON.stringify(finding).includes(subject)),
            `${invariant} ${subject} after ${bend}: ${JSON.stringify(json.findings)}`);
        await asIntruder(server, straighten);
    }
    assert.equal((await audit()).code, 0);
});
