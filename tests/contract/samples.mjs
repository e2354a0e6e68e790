// Values made from schemas: one plain example of each, and fast-check arbitraries for many.
import fc from 'fast-check';
import { idNumber } from '../lib/id_number.mjs';
import { deref } from './contract.mjs';

const typeOf = (schema) => [schema.type].flat().find((type) => type !== 'null');
const isNullable = (schema) => [schema.type].flat().includes('null');

const letters = [...'abcXYZ019 -,.\'"<>&%=', ...'岑溪孝坊邻里调解员张覃楼栋', 'é', '𠮷', '🙂'];

// A day around the demo city's present, written for the contract.
const day = fc.integer({ min: 0, max: 700 }).map((days) => new Date(Date.UTC(2025, 3, 1) + days * 86_400_000).toISOString().slice(0, 10));
const instant = fc.integer({ min: 0, max: 600 * 86_400 }).map((seconds) => new Date(Date.UTC(2025, 5, 1) + seconds * 1000).toISOString());

function text(schema) {
    const minLength = schema.minLength ?? 0;
    const maxLength = Math.max(minLength, Math.min(schema.maxLength ?? 60, 200));
    const one = /^\^(\[[^\]]+\])\+\$$/.exec(schema.pattern ?? ''); // letters of one kind: as many as the length asks for
    if (one) {
        return fc.array(fc.stringMatching(new RegExp(`^${one[1]}$`)), { minLength: Math.max(1, minLength), maxLength, size: 'max' }).map((all) => all.join(''));
    }
    if (schema.pattern) {
        const fits = (value) => [...value].length >= minLength && [...value].length <= maxLength;
        return fc.stringMatching(new RegExp(schema.pattern)).filter(fits);
    }
    return fc.array(fc.constantFrom(...letters), { minLength, maxLength: Math.max(minLength, Math.min(maxLength, 24)) })
        .map((parts) => parts.join(''))
        .filter((value) => value.trim().length >= Math.min(minLength, 1));
}

function scalar(schema, name, pools) {
    const choices = schema.const !== undefined ? [schema.const] : schema.enum?.filter((one) => one !== null);
    if (choices) return fc.constantFrom(...choices);
    switch (typeOf(schema)) {
    case 'boolean': return fc.boolean();
    case 'number': return fc.double({ min: schema.minimum, max: schema.maximum, noNaN: true });
    case 'integer': return fc.integer({ min: schema.minimum ?? -1000, max: Math.min(schema.maximum ?? 1000, (schema.minimum ?? 0) + 10_000) });
    default:
    }
    if (schema.format === 'uuid') return pools.of(name);
    if (schema.format === 'date') return day;
    if (schema.format === 'date-time') return instant;
    if (schema.format === 'email') return fc.constantFrom('someone@example.cn', 'a.b+c@example.org');
    if (schema.format === 'cn-id-number') return fc.nat(400).map((order) => idNumber('1970-02-03', order % 2 ? 'male' : 'female', order));
    return pools.texts?.[name] ? fc.constantFrom(...pools.texts[name]) : text(schema);
}

function object(schema, pools) {
    const shape = {};
    for (const [name, child] of Object.entries(schema.properties ?? {})) shape[name] = arbitrary(child, name, pools);
    return fc.record(shape, { requiredKeys: schema.required ?? [] });
}

// arbitrary(schema, name, pools): values that the schema allows. pools.of(name) → an arbitrary of ids for that name;
// pools.texts[name]: the codes that exist for it.
export function arbitrary(node, name, pools) {
    const schema = deref(node);
    let values;
    if (typeOf(schema) === 'object') values = object(schema, pools);
    else if (typeOf(schema) === 'array') {
        const options = { minLength: schema.minItems ?? 0, maxLength: Math.min(schema.maxItems ?? 5, 5) };
        const items = arbitrary(schema.items, name.replace(/s$/, '_id'), pools);
        const selector = { selector: (value) => JSON.stringify(value) };
        values = schema.uniqueItems ? fc.uniqueArray(items, { ...options, ...selector }) : fc.array(items, options);
    } else values = scalar(schema, name, pools);
    return isNullable(schema) ? fc.option(values, { freq: 4 }) : values;
}

const someId = '01941f29-7c00-7000-8000-00000000abcd';

// example(schema): one value that the schema allows, with every property, so that each of them can be spoiled.
export function example(node) {
    const schema = deref(node);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return schema.enum.find((one) => one !== null);
    switch (typeOf(schema)) {
    case 'boolean': return true;
    case 'number':
    case 'integer': return Math.max(schema.minimum ?? 1, Math.min(schema.maximum ?? 1, 1));
    case 'object': return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, child]) => [name, example(child)]));
    case 'array': return Array.from({ length: Math.max(1, schema.minItems ?? 0) }, () => example(schema.items));
    default:
    }
    if (schema.format === 'uuid') return someId;
    if (schema.format === 'date') return '2026-03-02';
    if (schema.format === 'date-time') return '2026-03-02T01:00:00Z';
    if (schema.format === 'email') return 'someone@example.cn';
    if (schema.format === 'cn-id-number') return idNumber('1970-02-03', 'female');
    if (schema.pattern) return fc.sample(arbitrary({ ...schema, type: 'string' }, '', { of: () => fc.constant(someId) }), { numRuns: 1, seed: 1 })[0];
    return 'x'.repeat(Math.max(1, schema.minLength ?? 0));
}

const escape = (name) => name.replaceAll('~', '~0').replaceAll('/', '~1');

// Every place of a value: its pointer, its schema and how to replace what stands there.
export function places(node, value, pointer = '') {
    const schema = deref(node);
    const found = [];
    const step = (child, key, name) => {
        const here = `${pointer}/${name}`;
        found.push({ pointer: here, schema: deref(child), replace: (other) => replaced(value, key, other) });
        for (const inner of places(child, value[key], here)) {
            found.push({ ...inner, replace: (other) => replaced(value, key, inner.replace(other)) });
        }
    };
    if (typeOf(schema) === 'object') for (const [name, child] of Object.entries(schema.properties ?? {})) step(child, name, escape(name));
    if (typeOf(schema) === 'array') step(schema.items, 0, '0');
    return found;
}

function replaced(value, key, other) {
    const copy = Array.isArray(value) ? [...value] : { ...value };
    copy[key] = other;
    return copy;
}

// A value of a type that the schema does not allow.
export function wrongFor(schema) {
    return { string: 7, integer: '7', number: '7', boolean: 'true', object: [], array: {} }[typeOf(schema)];
}
