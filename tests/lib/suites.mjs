// The parts of ./test: how each is run and counted. Every part returns {passed, failed, skipped}.
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, cpSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createDatabase, dropDatabase, psql } from './cluster.mjs';
import { build, house, testFolder } from './places.mjs';
import { inParallel, run } from './process.mjs';
import { parseTap } from './tap.mjs';

const nothing = () => ({ passed: 0, failed: 0, skipped: 0 });

export function add(sum, more) {
    for (const key of ['passed', 'failed', 'skipped']) sum[key] += more[key];
    return sum;
}

function complain(title, text) {
    console.log(`\n  ✗ ${title}\n${text.trim().split('\n').slice(-60).join('\n').replace(/^/gm, '      ')}\n`);
}

function report(context, name, counts) {
    if (context.quiet) return;
    const failed = counts.failed ? `, ${counts.failed} failed` : '';
    const skipped = counts.skipped ? `, ${counts.skipped} skipped` : '';
    console.log(`    ${name}: ${counts.passed} passed${failed}${skipped}`);
}

// A program or script that speaks TAP. An exit code, a missing test or a sanitizer's word is a failure too.
function countTap(context, name, result) {
    const counts = parseTap(result.stdout);
    const short = counts.planned !== null && counts.planned !== counts.passed + counts.failed + counts.skipped;
    for (const failure of counts.failures) complain(`${name}: ${failure.split('\n')[0]}`, failure);
    if ((result.code !== 0 || short) && counts.failed === 0) {
        counts.failed += 1;
        complain(`${name}: ended with ${result.code}${short ? `, ${counts.planned} tests were planned` : ''}`,
            `${result.stdout.slice(-1500)}\n${result.stderr.slice(-4000)}`);
    } else if (counts.failed > 0 && result.stderr) complain(`${name} said`, result.stderr.slice(-3000));
    report(context, name, counts);
    return counts;
}

// CMake makes one executable a test file; one whose file is gone is left over from an earlier build.
function testPrograms(folder, sources) {
    if (!existsSync(folder)) return [];
    return readdirSync(folder).filter((name) => existsSync(join(sources, `${name}.c`))).sort();
}

async function unitPrograms(context) {
    const folder = join(build, 'debug', 'tests');
    const names = testPrograms(folder, join(house, 'tests/unit')).filter((name) =>
        context.files.length === 0 || context.files.some((file) => basename(file) === `${name}.c`));
    return inParallel(2, names, async (name) => {
        const env = { CMOCKA_MESSAGE_OUTPUT: 'TAP', LINLI_SEED: context.seed };
        return countTap(context, name, await run(join(folder, name), [], { cwd: house, env, seconds: 300 }));
    });
}

// Python's unittest -v writes one line a test to stderr.
async function unitPython(context) {
    const files = globSync('tests/unit/**/test_*.py', { cwd: house });
    if (files.length === 0 || context.files.length > 0 || context.slow) return nothing();
    const result = await run('python3', ['-B', '-m', 'unittest', '-v', ...files], { cwd: house, seconds: 300 });
    const count = (word) => [...result.stderr.matchAll(new RegExp(`\\.\\.\\. ${word}`, 'g'))].length;
    const counts = { passed: count('ok'), failed: count('(FAIL|ERROR)'), skipped: count('skipped') };
    if (result.code !== 0) {
        counts.failed = Math.max(counts.failed, 1);
        complain('python3 -m unittest', result.stderr);
    }
    report(context, 'generator (unittest)', counts);
    return counts;
}

async function unit(context) {
    const counts = await unitPython(context);
    for (const more of await unitPrograms(context)) add(counts, more);
    return counts;
}

async function sqlFile(context, file) {
    const database = await createDatabase('linli_sql');
    try {
        const result = await psql(database, ['-At', '-v', 'ON_ERROR_STOP=1', '-f', file], { seconds: 300 });
        return countTap(context, basename(file), result);
    } finally {
        await dropDatabase(database);
    }
}

async function sql(context) {
    let files = globSync('tests/sql/*.sql', { cwd: house }).sort();
    if (context.files.length > 0) files = files.filter((file) => context.files.includes(join(house, file)));
    await createDatabase('linli_empty', 'linli_sql');
    await psql('linli_sql', ['-c', 'create extension if not exists pgtap']);
    const counts = nothing();
    for (const more of await inParallel(2, files.map((file) => join(house, file)), (file) => sqlFile(context, file))) {
        add(counts, more);
    }
    await dropDatabase('linli_sql');
    return counts;
}

// nodeTests(part, options): `node --test` over tests/<part>/**/*.test.mjs; what is only run when it is named takes minutes by itself.
function nodeTests(part, { preset = 'debug', atOnce = 2, seconds = 300, onlyNamed = [] } = {}) {
    return async (context) => {
        let files = globSync(`tests/${part}/**/*.test.mjs`, { cwd: house }).sort();
        files = files.filter((file) => (context.files.length > 0 ? context.files.includes(join(house, file)) : !onlyNamed.includes(basename(file))));
        // More rounds of what has no choice in it prove nothing more.
        if (context.slow) files = files.filter((file) => /lib\/random\.mjs'/.test(readFileSync(join(house, file), 'utf8')));
        if (files.length === 0) return nothing();
        const countFile = join(testFolder, `count-${part}.json`);
        rmSync(countFile, { force: true });
        const args = ['--test', `--test-concurrency=${atOnce}`, `--test-timeout=${seconds * 1000}`,
            `--test-reporter=${join(house, 'tests/lib/reporter.mjs')}`, '--test-reporter-destination=stdout', ...files];
        const env = {
            LINLI_COUNT_FILE: countFile, LINLI_BINARY: process.env.LINLI_BINARY ?? join(build, preset, 'linli'),
            LINLI_SEED: context.seed, LINLI_ROUNDS: String(context.rounds), LINLI_QUIET: context.quiet ? '1' : '0',
        };
        const result = await run(process.execPath, args, { cwd: house, env, echo: true });
        const counts = existsSync(countFile) ? JSON.parse(readFileSync(countFile, 'utf8')) : nothing();
        if (result.code !== 0 && counts.failed === 0) counts.failed = 1;
        return counts;
    };
}

// After the calls of the contract part itself, every exchange of the whole run is held against the contract.
async function contract(context) {
    const counts = await nodeTests('contract', { seconds: 300 })(context);
    const check = join(house, 'tests/contract/check.mjs');
    if (context.slow || context.files.length > 0 || !existsSync(check)) return counts;
    const result = await run(process.execPath, [check, process.env.LINLI_RECORD_DIR], { cwd: house, seconds: 300 });
    if (result.code === 0) counts.passed += 1;
    else {
        counts.failed += 1;
        complain('the recorded exchanges and the contract', `${result.stdout}\n${result.stderr}`);
    }
    report(context, 'every exchange of this run against the contract', result.code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 });
    if (!context.quiet && result.code === 0) console.log(result.stdout.trim().replace(/^/gm, '      '));
    return counts;
}

async function client(context) {
    const folder = join(house, 'client-web');
    const output = join(testFolder, 'vitest.json');
    const tests = await run('npx', ['vitest', 'run', '--reporter=json', `--outputFile=${output}`], { cwd: folder, seconds: 300 });
    const counts = nothing();
    if (existsSync(output)) {
        const found = JSON.parse(readFileSync(output, 'utf8'));
        add(counts, { passed: found.numPassedTests, failed: found.numFailedTests, skipped: found.numPendingTests + found.numTodoTests });
    }
    if (tests.code !== 0) {
        counts.failed = Math.max(counts.failed, 1);
        complain('vitest', `${tests.stdout}\n${tests.stderr}`);
    }
    report(context, 'vitest', counts);
    const lint = await run('npm', ['run', '--silent', 'lint'], { cwd: folder, seconds: 300 });
    if (lint.code !== 0) complain('npm run lint', `${lint.stdout}\n${lint.stderr}`);
    const linted = { passed: lint.code === 0 ? 1 : 0, failed: lint.code === 0 ? 0 : 1, skipped: 0 };
    report(context, 'lint', linted);
    return add(counts, linted);
}

const corpusOf = (name) => join(house, 'tests/fuzz/corpus', name.replace(/^fuzz_/, ''));

// Every run replays the corpus through the targets; ./test slow lets libFuzzer look for more.
async function fuzz(context) {
    if (context.slow) return fuzzMore(context);
    const folder = join(build, 'debug', 'fuzz');
    const counts = nothing();
    for (const name of testPrograms(folder, join(house, 'tests/fuzz'))) {
        const inputs = existsSync(corpusOf(name)) ? readdirSync(corpusOf(name)).length : 0;
        const result = await run(join(folder, name), [corpusOf(name)], { cwd: house, seconds: 120, env: { LINLI_SEED: context.seed } });
        const good = result.code === 0 && inputs > 0;
        if (!good) complain(`${name}: ${inputs} inputs, ended with ${result.code}`, result.stderr);
        report(context, `${name} (${inputs} inputs)`, { passed: good ? 1 : 0, failed: good ? 0 : 1, skipped: 0 });
        add(counts, { passed: good ? 1 : 0, failed: good ? 0 : 1, skipped: 0 });
    }
    return counts;
}

async function fuzzMore(context) {
    const folder = join(build, 'fuzz', 'fuzz');
    const names = testPrograms(folder, join(house, 'tests/fuzz'));
    const each = Math.max(5, Math.floor(context.secondsLeft() / Math.max(names.length, 1)));
    const counts = nothing();
    for (const name of names) {
        const corpus = join(testFolder, 'corpus', name);
        mkdirSync(corpus, { recursive: true });
        if (existsSync(corpusOf(name))) cpSync(corpusOf(name), corpus, { recursive: true });
        const args = [`-max_total_time=${each}`, `-seed=${context.seed}`, '-print_final_stats=1', '-max_len=4096',
            `-artifact_prefix=${join(testFolder, 'logs')}/${name}-`, corpus];
        const result = await run(join(folder, name), args, { cwd: house, seconds: each + 120 });
        const runs = Number(/number_of_executed_units:\s*(\d+)/.exec(result.stderr)?.[1] ?? 0);
        const good = result.code === 0 && runs > 0;
        console.log(`    ${name}: ${runs} rounds, seed ${context.seed}`);
        if (!good) complain(`${name} ended with ${result.code}`, result.stderr);
        add(counts, { passed: good ? 1 : 0, failed: good ? 0 : 1, skipped: 0 });
    }
    return counts;
}

export const suites = {
    unit, sql, client, fuzz, contract,
    api: nodeTests('api'),
    matrix: nodeTests('matrix', { seconds: 600 }),
    security: nodeTests('security'),
    crash: nodeTests('crash', { seconds: 600 }),
    controls: nodeTests('controls', { preset: 'controls', seconds: 300 }),
    browser: nodeTests('browser', { preset: 'release', atOnce: 2, seconds: 600 }),
    bench: nodeTests('bench', { preset: 'release', atOnce: 1, seconds: 900, onlyNamed: ['city.test.mjs'] }),
};
