// What ./test runs after everything is installed and built:
//   drive.mjs [--minutes N] PART… [-- FILE…]
// Prints each part as it goes and "N passed, N failed, N skipped" at the end.
import { add, suites } from './suites.mjs';

function readArguments(given) {
    const wanted = { minutes: 0, parts: [], files: [] };
    while (given.length > 0) {
        const word = given.shift();
        if (word === '--minutes') wanted.minutes = Number(given.shift());
        else if (word === '--') wanted.files = given.splice(0);
        else wanted.parts.push(word);
    }
    return wanted;
}

const newSeed = () => String(1 + Math.floor(Math.random() * 2 ** 31));

function contextOf(wanted, more = {}) {
    return {
        files: wanted.files, slow: false, quiet: false, rounds: 1, seed: process.env.LINLI_SEED ?? newSeed(),
        secondsLeft: () => 0, ...more,
    };
}

async function runPart(name, context) {
    const counts = await suites[name](context);
    // A part that ran nothing has proved nothing; with files given, other parts may be empty.
    if (counts.passed + counts.failed + counts.skipped === 0 && context.files.length === 0) {
        counts.failed += 1;
        console.log(`\n  ✗ ${name}: no test was run\n`);
    }
    return counts;
}

// ./test contract alone needs the exchanges of the stories as well.
function orderOf(parts, files) {
    const order = parts.includes('contract') && !parts.includes('api') && files.length === 0 ? ['api', ...parts] : [...parts];
    return [...new Set(order)];
}

async function once(wanted) {
    const total = { passed: 0, failed: 0, skipped: 0 };
    for (const name of orderOf(wanted.parts, wanted.files)) {
        const context = contextOf(wanted);
        const since = Date.now();
        console.log(`\n── ${name} (seed ${context.seed}) ──`);
        const counts = await runPart(name, context);
        console.log(`   ${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped in ${Math.round((Date.now() - since) / 1000)} s`);
        add(total, counts);
    }
    return total;
}

// One part's slice: whole rounds with a new seed each, at least one, and no further one that would outlast the slice.
async function slice(name, wanted, until) {
    const sum = { passed: 0, failed: 0, skipped: 0 };
    let rounds = 0;
    let longest = 0;
    const secondsLeft = () => Math.max(0, (until - Date.now()) / 1000);
    do {
        const context = contextOf(wanted, { slow: true, quiet: true, rounds: 2, secondsLeft });
        const since = Date.now();
        const counts = await runPart(name, context);
        rounds += 1;
        longest = Math.max(longest, Date.now() - since);
        console.log(`   ${name}: round ${rounds}, seed ${context.seed}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
        add(sum, counts);
    } while (sum.passed > 0 && Date.now() + longest < until && sum.failed === 0);
    console.log(`   ${name}: ${rounds} rounds`);
    return sum;
}

async function slowly(wanted) {
    const total = { passed: 0, failed: 0, skipped: 0 };
    const end = Date.now() + wanted.minutes * 60_000;
    for (const [index, name] of wanted.parts.entries()) {
        const share = (end - Date.now()) / (wanted.parts.length - index);
        console.log(`\n── ${name}, ${Math.max(0, Math.round(share / 1000))} s ──`);
        add(total, await slice(name, wanted, Date.now() + share));
    }
    return total;
}

const wanted = readArguments(process.argv.slice(2));
const total = wanted.minutes > 0 ? await slowly(wanted) : await once(wanted);
const good = total.failed === 0 && total.passed > 0;
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(good ? 0 : 1);
