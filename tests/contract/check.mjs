// Every recorded exchange of the run against the contract:
//   node check.mjs FOLDER
// Fails for a reply or an accepted request that the contract does not describe, an operation or a documented status of its
// own that was never answered, and a class of engine-wide status that was proved nowhere.
import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { base, bundle, deref, engineStatuses, faultOf, match, operations, parameterValue } from './contract.mjs';

// Our own mistakes cannot be provoked from outside, so 500 is the one class that needs no proof.
const classes = [304, ...engineStatuses.filter((status) => status !== 500)];
const problemSchema = { $ref: '#/components/schemas/Problem' };

const faults = new Map(); // what is wrong → how often, and the first exchange
const hits = new Map(); // operationId → statuses
const problems = new Map(); // operationId → names
const proved = new Set();
let exchanges = 0;

function fault(exchange, text) {
    const line = `${exchange.method} ${exchange.path.slice(0, 200)} → ${exchange.response.status}: ${text}`;
    const key = `${exchange.operation?.id ?? exchange.path.split('?')[0]} ${exchange.response.status} ${text}`;
    const known = faults.get(key);
    if (known) known.count += 1;
    else faults.set(key, { line, count: 1, body: (exchange.response.body ?? '').slice(0, 300) });
}

function bodyOf(exchange) {
    try {
        return JSON.parse(exchange.response.body);
    } catch {
        return undefined;
    }
}

function checkProblem(exchange) {
    const { headers, status } = exchange.response;
    if (exchange.method === 'HEAD') return;
    if (!/^application\/problem\+json\b/.test(headers['content-type'] ?? '')) {
        // What libmicrohttpd itself refuses never reaches our code; the contract says that this is a page of HTML.
        if (!exchange.operation && /^text\/html\b/.test(headers['content-type'] ?? '')) return;
        fault(exchange, `a refusal of type ${headers['content-type']}`);
        return;
    }
    const body = bodyOf(exchange);
    const wrong = faultOf(problemSchema, body);
    if (wrong) fault(exchange, `not a problem: ${wrong}`);
    else if (body.status !== status) fault(exchange, `the problem says status ${body.status}`);
    if ([429, 503].includes(status) && !headers['retry-after']) fault(exchange, 'without Retry-After');
    if (status === 405 && !headers.allow) fault(exchange, 'without Allow');
    const name = body?.type?.split('#')[1];
    // The key that was used for another request is wrong as a whole.
    if (status === 422 && body?.errors === undefined && !documented(exchange, 422) && name !== 'key_reused') fault(exchange, 'names no field');
    if (exchange.operation && name) noteProblem(exchange, name, status);
}

function documented(exchange, status) {
    return exchange.operation?.node.responses[String(status)]?.['x-problems'];
}

// A status that lists problems of its own answers with those, or with what the engine itself refuses under that number.
function noteProblem(exchange, name, status) {
    const { id } = exchange.operation;
    if (!problems.has(id)) problems.set(id, new Set());
    problems.get(id).add(name);
    if (status === 409 && !(documented(exchange, 409) ?? []).includes(name) && !['conflict', 'key_in_use'].includes(name)) {
        fault(exchange, `the problem ${name} is not among the x-problems of ${id}`);
    }
}

function checkHeaders(exchange, response) {
    for (const [name, node] of Object.entries(response.headers ?? {})) {
        const given = exchange.response.headers[name.toLowerCase()];
        // Link is absent on the last page, Set-Cookie when nothing changes.
        if (given === undefined && !['Link', 'Set-Cookie', 'Retry-After'].includes(name)) fault(exchange, `without the header ${name}`);
        const { schema } = deref(node);
        if (given !== undefined && schema.type === 'integer' && !/^\d+$/.test(given)) fault(exchange, `${name}: ${given}`);
    }
}

// An instant is written in one way, wherever it stands in a reply: UTC, with Z and no idle zeros, so that equal instants are equal texts.
const instant = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;
const oneWay = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,5}[1-9])?Z$/;

function checkInstants(exchange, value, place) {
    if (typeof value === 'string') {
        if (instant.test(value) && !oneWay.test(value)) fault(exchange, `${place} writes an instant in its own way: ${value.replace(/\d/g, '0')}`);
    } else if (value !== null && typeof value === 'object') {
        for (const [key, inner] of Object.entries(value)) checkInstants(exchange, inner, Array.isArray(value) ? `${place}[]` : `${place}.${key}`);
    }
}

// Every list also goes as CSV and as JSON lines.
const isWalked = (schema) => Object.keys(deref(schema).properties ?? {}).sort().join() === 'items,next_cursor';

function checkLines(exchange, schema) {
    const { items } = deref(deref(schema).properties.items);
    for (const line of (exchange.response.body ?? '').split('\n').filter(Boolean)) {
        const wrong = faultOf(items, JSON.parse(line));
        if (wrong) fault(exchange, `a line of the reply: ${wrong}`);
    }
}

function checkSuccess(exchange, response) {
    checkHeaders(exchange, response);
    if (exchange.method === 'HEAD') return;
    const media = response.content?.['application/json'];
    if (!media && response.content) return; // bytes of a type that only their owner knows
    if (!media) {
        if (exchange.response.body) fault(exchange, 'a body where the contract has none');
        return;
    }
    const type = exchange.response.headers['content-type'] ?? '';
    if (isWalked(media.schema) && /^(text\/csv|application\/vnd\.openxmlformats-officedocument\.spreadsheetml\.sheet)\b/.test(type)) return; // only its stories can tell
    if (isWalked(media.schema) && /^application\/jsonl\b/.test(type)) {
        checkLines(exchange, media.schema);
        return;
    }
    if (!/^application\/json\b/.test(type)) fault(exchange, 'not application/json');
    const body = bodyOf(exchange);
    const wrong = body === undefined ? 'does not parse' : faultOf(media.schema, body);
    if (wrong) fault(exchange, `the reply: ${wrong}`);
    checkInstants(exchange, body, 'the reply');
}

// What was accepted must be something that the contract allows.
function checkRequest(exchange) {
    const { operation, request } = exchange;
    const [path, query] = exchange.path.split('?');
    const values = path.match(operation.pattern).slice(1).map(decodeURIComponent);
    const given = new URLSearchParams(query ?? '');
    for (const parameter of operation.parameters) {
        const header = Object.entries(request.headers).find(([name]) => name.toLowerCase() === parameter.name.toLowerCase())?.[1];
        const text = { path: values[operation.pathNames.indexOf(parameter.name)], query: given.get(parameter.name), header }[parameter.in];
        given.delete(parameter.in === 'query' ? parameter.name : '');
        if (text === undefined || text === null) {
            if (parameter.required) fault(exchange, `accepted without ${parameter.name}`);
            continue;
        }
        const wrong = faultOf(parameter.schema, parameterValue(parameter.schema, text));
        if (wrong) fault(exchange, `accepted with ${parameter.name}=${text}: ${wrong}`);
    }
    for (const name of given.keys()) fault(exchange, `accepted with the unknown parameter ${name}`);
    if (operation.body && request.body) {
        const wrong = faultOf(operation.body, JSON.parse(request.body));
        if (wrong) fault(exchange, `accepted with the body: ${wrong}`);
    } else if (operation.bodyRequired && !operation.bytes) fault(exchange, 'accepted without a body');
}

function note(exchange) {
    const { id } = exchange.operation;
    if (!hits.has(id)) hits.set(id, new Set());
    hits.get(id).add(String(exchange.response.status));
}

function check(exchange) {
    const { status } = exchange.response;
    exchanges += 1;
    if (status >= 300) proved.add(status);
    exchange.operation = match(exchange.method, exchange.path);
    if (!exchange.path.startsWith(`${base}/`) && !exchange.operation) return;
    if (status >= 500 && status !== 503) fault(exchange, 'an answer that must not happen');
    if (!exchange.operation) {
        if (status < 400 && exchange.method !== 'OPTIONS') fault(exchange, 'answered, and no operation of the contract');
        else if (status >= 400) checkProblem(exchange);
        return;
    }
    note(exchange);
    if (status === 304) return;
    const response = deref(exchange.operation.node.responses[String(status)]);
    if (response && status < 300) {
        checkSuccess(exchange, response);
        checkRequest(exchange);
    } else if (response || (exchange.operation.node.responses.default && engineStatuses.includes(status))) checkProblem(exchange);
    else fault(exchange, 'a status that the contract does not document');
}

function ownStatuses(operation) {
    return Object.entries(operation.node.responses)
        .filter(([status, node]) => /^2/.test(status) || node['x-problems'])
        .map(([status]) => status);
}

function checkCoverage() {
    const missing = [];
    for (const operation of operations) {
        const found = hits.get(operation.id);
        if (!found) {
            missing.push(`${operation.id} was never called`);
            continue;
        }
        for (const status of ownStatuses(operation)) if (!found.has(status)) missing.push(`${operation.id} never answered ${status}`);
    }
    for (const status of classes) if (!proved.has(status)) missing.push(`the status ${status} was proved nowhere`);
    return missing;
}

async function readAll(folder) {
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.ndjson'))) {
        const lines = createInterface({ input: createReadStream(join(folder, name)), crlfDelay: Infinity });
        for await (const line of lines) if (line) check(JSON.parse(line));
    }
}

function unprovedProblems() {
    return operations.flatMap((operation) => Object.values(operation.node.responses)
        .flatMap((node) => node['x-problems'] ?? [])
        .filter((name) => !problems.get(operation.id)?.has(name))
        .map((name) => `${operation.id}: ${name}`));
}

const folder = process.argv[2];
if (!folder) {
    console.error('check.mjs needs the folder of the recorded exchanges');
    process.exit(2);
}
await readAll(folder);
const missing = checkCoverage();
for (const { line, count, body } of faults.values()) console.log(`✗ ${line}${count > 1 ? ` (${count} times)` : ''}\n    ${body}`);
for (const line of missing) console.log(`✗ ${line}`);
const unproved = unprovedProblems();
if (unproved.length > 0) console.log(`problems that no test has met yet: ${unproved.join(', ')}`);
console.log(`${exchanges} exchanges, ${hits.size} of ${operations.length} operations, contract ${bundle.info.version}: ${faults.size + missing.length} faults`);
process.exit(faults.size + missing.length === 0 && exchanges > 0 ? 0 : 1);
