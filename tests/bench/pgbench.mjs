// pgbench with the server's statements, in one implicit transaction and one round trip, as linli_app: the fastest that PostgreSQL
// does this work on this machine.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../lib/process.mjs';

const pgPort = process.env.LINLI_TEST_PGPORT ?? '5432';
const quoted = (text) => `'${text.replaceAll("'", "''")}'`;

// $1, $2 … become these texts: pgbench variables or SQL.
const fill = (text, values) => text.replace(/\$(\d+)/g, (_, n) => values[n - 1]);

// script(settings, statements, head) → pgbench's commands; each statement is {text, values}.
export function script(statements, head = '') {
    return `${head}\\startpipeline\n${statements.map(({ text, values }) => `${fill(text, values)};\n`).join('')}\\endpipeline\n`;
}

// One choice of many at random, so that not one row is asked for all the time.
export const oneOf = (ids) => ({ head: `\\set n random(1, ${ids.length})\n`, value: `(array[${ids.map(quoted).join(', ')}])[:n]` });

function percentile(values, share) {
    const sorted = Float64Array.from(values).sort();
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function latencies(folder) {
    const names = readdirSync(folder).filter((name) => name.startsWith('log.'));
    return names.flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n').map((line) => Number(line.split(' ')[2]) / 1000));
}

// pgbench(server, text, {clients, seconds, define, log}) → {per_second, requests, p99_ms}
export async function pgbench(server, text, { clients, seconds, define = {}, log = false }) {
    const folder = mkdtempSync(join(server.folder, 'pgbench-'));
    writeFileSync(join(folder, 'script.sql'), text);
    const args = ['-n', '-M', 'prepared', '-c', clients, '-j', Math.min(2, clients), '-T', seconds, '-f', 'script.sql', ...(log ? ['-l', '--log-prefix=log'] : []),
        ...Object.entries({ ...define, clients }).flatMap(([name, value]) => ['-D', `${name}=${value}`]),
        '-h', server.cluster.socket, '-p', pgPort, '-U', 'linli_app', server.database];
    const result = await run('pgbench', args.map(String), { cwd: folder, seconds: seconds + 60 });
    const rate = Number(/tps = ([\d.]+) \(without/.exec(result.stdout)?.[1]);
    const failed = Number(/number of failed transactions: (\d+)/.exec(result.stdout)?.[1] ?? 0);
    if (result.code !== 0 || !(rate > 0) || failed > 0) throw new Error(`pgbench: ${result.stderr.slice(0, 2000)}${result.stdout}`);
    const figures = { per_second: rate, requests: Number(/actually processed: (\d+)/.exec(result.stdout)[1]) };
    if (log) figures.p99_ms = percentile(latencies(folder), 0.99);
    rmSync(folder, { recursive: true });
    return figures;
}
