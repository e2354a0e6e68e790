// pgbench with the server's statements, in one implicit transaction and one round trip, as linli_app: the fastest that PostgreSQL
// does this work on this machine.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../lib/process.mjs';

const pgPort = process.env.LINLI_TEST_PGPORT ?? '5432';
const quoted = (text) => `'${text.replaceAll("'", "''")}'`;

// $1, $2 … become these texts: pgbench variables or SQL.
const fill = (text, values) => text.replace(/\$(\d+)/g, (_, n) => values[n - 1]);

// script(statements, head) → pgbench's commands; each statement is {text, values}.
export function script(statements, head = '') {
    return `${head}\\startpipeline\n${statements.map(({ text, values }) => `${fill(text, values)};\n`).join('')}\\endpipeline\n`;
}

// One choice of many at random, so that not one row is asked for all the time.
export const oneOf = (ids) => ({ head: `\\set n random(1, ${ids.length})\n`, value: `(array[${ids.map(quoted).join(', ')}])[:n]` });

function percentile(values, share) {
    const sorted = Float64Array.from(values).sort();
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

// The log's lines: client, number, microseconds, script, and the second and microsecond at which it was done.
function transactions(folder) {
    const names = readdirSync(folder).filter((name) => name.startsWith('log.'));
    return names.flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n')).filter(Boolean).map((line) => {
        const [, , took, , second, micro] = line.split(' ').map(Number);
        return { ms: took / 1000, at: second + micro / 1e6 };
    });
}

// What was done in the last seconds: by then every backend has prepared its statements and compiled its routines, as ours have.
function afterWarming(folder, seconds) {
    const all = transactions(folder);
    const end = all.reduce((latest, { at }) => Math.max(latest, at), 0);
    const kept = all.filter(({ at }) => at > end - seconds);
    return { per_second: kept.length / seconds, requests: kept.length, p99_ms: percentile(kept.map(({ ms }) => ms), 0.99) };
}

// pgbench(server, text, {clients, seconds, warming, define, least}) → {per_second, requests, p99_ms} of the seconds after the warming.
export async function pgbench(server, text, { clients, seconds, warming = 1, define = {}, least = 1 }) {
    const folder = mkdtempSync(join(server.folder, 'pgbench-'));
    writeFileSync(join(folder, 'script.sql'), text);
    const args = ['-n', '-M', 'prepared', '-c', clients, '-j', Math.min(2, clients), '-T', seconds + warming, '-f', 'script.sql', '-l', '--log-prefix=log',
        ...Object.entries({ ...define, clients }).flatMap(([name, value]) => ['-D', `${name}=${value}`]),
        '-h', server.cluster.socket, '-p', pgPort, '-U', 'linli_app', server.database];
    const result = await run('pgbench', args.map(String), { cwd: folder, seconds: seconds + warming + 60 });
    const failed = Number(/number of failed transactions: (\d+)/.exec(result.stdout)?.[1] ?? 0);
    const figures = afterWarming(folder, seconds);
    if (result.code !== 0 || failed > 0 || figures.requests < least) throw new Error(`pgbench: ${result.stderr.slice(0, 2000)}${result.stdout}`);
    rmSync(folder, { recursive: true });
    return figures;
}
