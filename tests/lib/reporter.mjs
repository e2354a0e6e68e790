// Reporter for `node --test`: a line a file, every failure in full, and the counts as JSON into $LINLI_COUNT_FILE.
import { writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { relative, resolve } from 'node:path';

const quiet = process.env.LINLI_QUIET === '1';
const total = { passed: 0, failed: 0, skipped: 0 };
const files = new Map();

// A file without a test is reported as a test that is named like the file: that is none.
function isFileItself(event) {
    return event.nesting === 0 && event.file && resolve(event.name) === resolve(event.file);
}

function outcome(type, event) {
    if (event.skip !== undefined && event.skip !== false) return 'skipped';
    if (event.todo !== undefined && event.todo !== false) return 'skipped';
    return type === 'test:pass' ? 'passed' : 'failed';
}

function failureText(event) {
    const error = event.details?.error;
    const cause = error?.cause ?? error;
    const text = cause instanceof Error ? (cause.stack ?? String(cause)) : inspect(cause, { depth: 6 });
    return `\n  ✗ ${event.name}\n${text.replace(/^/gm, '      ')}\n\n`;
}

function fileCounts(file) {
    const name = file ? relative(process.cwd(), file) : 'tests';
    if (!files.has(name)) files.set(name, { passed: 0, failed: 0, skipped: 0 });
    return files.get(name);
}

function take(type, event) {
    if (event.details?.type === 'suite') return '';
    if (isFileItself(event) && type === 'test:pass') return '';
    const what = outcome(type, event);
    const counts = fileCounts(event.file);
    total[what] += 1;
    counts[what] += 1;
    // A parent fails because of its children, which have already been shown.
    const inherited = event.details?.error?.failureType === 'subtestsFailed';
    return what === 'failed' && !inherited ? failureText(event) : '';
}

// A file's time is that of its whole process: with what its tests share, the servers and browsers that start and end.
function fileLine({ file, duration_ms: ms }) {
    const name = relative(process.cwd(), file);
    const counts = fileCounts(file);
    const skipped = counts.skipped ? `, ${counts.skipped} skipped` : '';
    const failed = counts.failed ? `, ${counts.failed} failed` : '';
    return `    ${name}: ${counts.passed} passed${failed}${skipped} (${(ms / 1000).toFixed(1)} s)\n`;
}

export default async function* reporter(source) {
    for await (const { type, data } of source) {
        if (type === 'test:pass' || type === 'test:fail') {
            yield take(type, data);
        } else if (type === 'test:summary' && data.file) yield quiet ? '' : fileLine(data);
        else if (type === 'test:diagnostic' && data.file) yield quiet ? '' : `      ${data.message}\n`;
        else if (type === 'test:stdout' && !quiet) yield data.message;
        else if (type === 'test:stderr') yield data.message;
    }
    if (process.env.LINLI_COUNT_FILE) writeFileSync(process.env.LINLI_COUNT_FILE, JSON.stringify(total));
}
