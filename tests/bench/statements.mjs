// The statements that the server sends, out of its generated tables and its engine: the peers send the same ones.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { house } from '../lib/places.mjs';

const binary = () => process.env.LINLI_BINARY ?? join(house, 'build/release/linli');
const generated = (name) => readFileSync(join(dirname(binary()), 'generated', name), 'utf8');
// A token's claims.
export const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

const unescape = (literal) => JSON.parse(`"${literal}"`);

export const openapi = () => JSON.parse(generated('openapi.json'));

// statement('getUnit') → its text without optional lines, or with the one that holds a word; keyed: as it goes out with an Idempotency-Key.
export function statement(name, { keyed = false, holds } = {}) {
    const tables = generated('statements.c');
    const number = new RegExp(`\\.name = "${name}", .*?\\.variants = variants_(\\d+),`).exec(tables)?.[1];
    const [, rows] = new RegExp(`variants_${number}\\[\\] = \\{\\n(.*?)\\n\\};`, 's').exec(tables);
    const lines = (line) => Number(/\.mask = (\d+)u/.exec(line)[1]).toString(2).replaceAll('0', '').length;
    const row = rows.split('\n').find((line) => lines(line) === (holds ? 1 : 0) && line.includes(holds ?? '') && line.includes(`.keyed = ${keyed},`));
    return unescape(/\.text = "((?:[^"\\]|\\.)*)"/.exec(row)[1]);
}

// engine('settings'), engine('claim'): what goes before every statement.
export function engine(name) {
    const source = readFileSync(join(house, 'server/db/engine.c'), 'utf8');
    const [, literals] = new RegExp(`engine_${name} = \\{.*?\\.text =\\s*((?:"(?:[^"\\\\]|\\\\.)*"\\s*)+)`, 's').exec(source);
    return [...literals.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => unescape(match[1])).join('');
}

// What goes before an operation's statements: the settings of a resident, or of staff whose grants reach these paths.
export function settingsFor(operation, token, paths = '') {
    const values = [claimsOf(token).sub, paths, '', paths, '', '', operation, '0197bbbb-0000-7000-8000-000000000000', ''];
    return {
        statement: { text: engine('settings'), values: values.map((value, index) => (value === '' ? "''" : `:s${index}`)) }, // pgbench has no empty variables
        define: Object.fromEntries(values.map((value, index) => [`s${index}`, value]).filter(([, value]) => value !== '')),
    };
}
