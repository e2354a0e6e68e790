// Child processes of the test frame.
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

// run(command, arguments, options) → {code, stdout, stderr}; never rejects because of an exit code.
// options: env (added to ours), cwd, seconds (then it is killed), echo (both outputs also go to ours), input.
export function run(command, args = [], options = {}) {
    return new Promise((resolve, reject) => {
        const child = spawn(command, args, {
            cwd: options.cwd,
            env: { ...process.env, ...options.env },
            stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
        });
        const timer = options.seconds && setTimeout(() => child.kill('SIGKILL'), options.seconds * 1000);
        const collected = { stdout: '', stderr: '' };
        for (const name of ['stdout', 'stderr']) {
            child[name].setEncoding('utf8').on('data', (text) => {
                collected[name] += text;
                if (options.echo) process[name].write(text);
            });
        }
        child.on('error', reject);
        child.on('close', (code, signal) => {
            clearTimeout(timer);
            resolve({ code: code ?? `signal ${signal}`, ...collected });
        });
        if (options.input !== undefined) child.stdin.end(options.input);
    });
}

// inParallel(count, items, work): at most count at a time, results in the order of the items.
export async function inParallel(count, items, work) {
    const results = [];
    const queue = items.entries();
    const worker = async () => {
        for (const [index, item] of queue) results[index] = await work(item);
    };
    await Promise.all(Array.from({ length: count }, worker));
    return results;
}

// until(condition, seconds, what): polls until it is true; the deadline is an error that says what was waited for.
export async function until(condition, seconds, what) {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
        const found = await condition();
        if (found) return found;
        if (Date.now() > deadline) throw new Error(`waited ${seconds} s in vain for ${what}`);
        await pause(20);
    }
}
