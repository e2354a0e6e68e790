// The statements that the server sends, out of its generated tables and its engine: the peers send the same ones.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { house } from '../lib/places.mjs';

const binary = () => process.env.LINLI_BINARY ?? join(house, 'build/release/linli');
const generated = (name) => readFileSync(join(dirname(binary()), 'generated', name), 'utf8');
const unescape = (literal) => JSON.parse(`"${literal}"`);

export const openapi = () => JSON.parse(generated('openapi.json'));

// statement('getUnit') → its text without optional lines; keyed: as it goes out with an Idempotency-Key.
export function statement(name, { keyed = false } = {}) {
    const tables = generated('statements.c');
    const number = new RegExp(`\\.name = "${name}", .*?\\.variants = variants_(\\d+),`).exec(tables)?.[1];
    const [, rows] = new RegExp(`variants_${number}\\[\\] = \\{\\n(.*?)\\n\\};`, 's').exec(tables);
    const row = rows.split('\n').find((line) => line.includes('.mask = 0u') && line.includes(`.keyed = ${keyed},`));
    return unescape(/\.text = "((?:[^"\\]|\\.)*)"/.exec(row)[1]);
}

// engine('settings'), engine('claim'): what goes before every statement.
export function engine(name) {
    const source = readFileSync(join(house, 'server/db/engine.c'), 'utf8');
    const [, literals] = new RegExp(`engine_${name} = \\{.*?\\.text =\\s*((?:"(?:[^"\\\\]|\\\\.)*"\\s*)+)`, 's').exec(source);
    return [...literals.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => unescape(match[1])).join('');
}
