// A mediation case in the hands of a test: who takes part, and the steps that lead to each of its states.
import { demoId, done, person, signedIn, soon } from '../story.mjs';

export const words = {
    title: '夜里拖椅子声音大',
    narrative: '楼上半夜拖椅子，老人血压升高，找过三次没有结果。独一无二的案情句子甲。',
    note: '双方都在，乙方答应垫软垫，甲方还要求赔药费。独一无二的记录乙。',
    summary: '社区三次没有谈成，争议在药费。独一无二的摘要丙。',
    content: '乙方三日内给椅脚加软垫，赔药费二百元，双方握手言和。独一无二的协议丁。',
    item: '付药费二百元，独一无二的履行戊。',
    visit: '上门看过，软垫已经装好，独一无二的回访己。',
    claimed: '五零二姓张的住户，独一无二的对方庚',
};

export const community = demoId('community 1');

// A case of 甲 (resident) against 乙 (neighbour), opened by 甲 herself.
export class Case {
    static async open(server, { as = signedIn(server), second = 'neighbour', body = {} } = {}) {
        const one = new Case();
        Object.assign(one, { server, as, second });
        const request = { kind: 'neighbour', title: words.title, narrative: words.narrative, parties: [{ side: 'second', person_id: person(second) }], ...body };
        one.opened = done(await (await as('resident')).post('/mediation-cases', request), 201);
        one.path = `/mediation-cases/${one.opened.id}`;
        return one;
    }

    async post(who, step, body) {
        return (await this.as(who)).post(`${this.path}/${step}`, body);
    }

    async file(who = 'mediator') {
        return done(await (await this.as(who)).get(this.path));
    }

    async state() {
        const { state, level } = await this.file();
        return `${state} at ${level}`;
    }

    consent(who, level = 'community', more = {}) {
        return this.post(who, 'consents', { level, ...more });
    }

    schedule(who = 'mediator') {
        return this.post(who, 'attempts', { scheduled_at: soon(), place: '孝坊社区调解室' });
    }

    async talk(outcome, who = 'mediator') {
        const attempt = done(await this.schedule(who), 201);
        return done(await this.post(who, `attempts/${attempt.id}/outcome`, { outcome, note: words.note }));
    }

    async inMediation() {
        done(await this.consent(this.second), 201);
        return this;
    }

    async exhausted() {
        await this.inMediation();
        for (let n = 0; n < 3; n += 1) await this.talk('failed');
        return this;
    }

    async escalate(level, who = 'mediator') {
        for (const party of ['resident', this.second]) done(await this.consent(party, level), 201);
        return done(await this.post(who, 'escalation', { summary: words.summary }), 201);
    }

    async agreed() {
        await this.inMediation();
        await this.talk('agreed');
        return this;
    }

    async written() {
        await this.agreed();
        done(await this.post('mediator', 'agreement', { form: 'written', content: words.content }), 201);
        return this;
    }

    async signed() {
        await this.written();
        for (const party of ['resident', this.second]) done(await this.post(party, 'signatures', { mark: 'party', form: 'signature' }), 201);
        done(await this.post('mediator', 'signatures', { mark: 'mediator', form: 'signature' }), 201);
        done(await this.post('community_secretary', 'signatures', { mark: 'committee', form: 'seal' }), 201);
        return this;
    }
}
