// The contract as the tests read it: the bundle that the server serves, its operations, its schemas compiled once.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import addFormats from 'ajv-formats';
import Ajv from 'ajv/dist/2020.js';
import { build } from '../lib/places.mjs';

const methods = ['get', 'post', 'put', 'patch', 'delete'];

function bundlePath() {
    const beside = process.env.LINLI_BINARY && join(dirname(process.env.LINLI_BINARY), 'generated/openapi.json');
    return beside && existsSync(beside) ? beside : join(build, 'debug/generated/openapi.json');
}

export const bundle = JSON.parse(readFileSync(bundlePath(), 'utf8'));
export const base = bundle.servers[0].url;

// What the engine may answer to any operation; the response `default` stands for them.
export const engineStatuses = [400, 401, 403, 404, 405, 406, 409, 412, 413, 414, 415, 422, 428, 429, 431, 500, 503];

export function deref(node) {
    while (node && typeof node.$ref === 'string') {
        const { $ref, ...siblings } = node;
        let found = bundle;
        for (const segment of $ref.slice(2).split('/')) found = found[segment.replaceAll('~1', '/').replaceAll('~0', '~')];
        node = { ...found, ...siblings };
    }
    return node;
}

function operationOf(path, method, item) {
    const node = item[method];
    const pattern = path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '([^/]+)');
    const parameters = [...(item.parameters ?? []), ...(node.parameters ?? [])].map(deref);
    const media = deref(node.requestBody)?.content;
    const bodyType = media && Object.keys(media)[0];
    return {
        id: node.operationId, method: method.toUpperCase(), path, node, parameters, bodyType,
        pattern: new RegExp(`^${base}${pattern}$`),
        literals: path.split('/').filter((segment) => segment && !segment.startsWith('{')).length,
        pathNames: [...path.matchAll(/\{([^}]+)\}/g)].map((found) => found[1]),
        body: media && media[bodyType].schema,
        bytes: node['x-body-stream'] === true, // raw bytes: no schema
        bodyRequired: deref(node.requestBody)?.required === true,
        permission: node['x-permission'],
        success: Number(Object.keys(node.responses).filter((status) => /^2/.test(status)).sort()[0]),
    };
}

export const operations = Object.entries(bundle.paths).flatMap(([path, item]) =>
    methods.filter((method) => item[method]).map((method) => operationOf(path, method, item)));

export const byId = Object.fromEntries(operations.map((operation) => [operation.id, operation]));

// The operation that a request line means; literal segments go before parameters.
export function match(method, target) {
    const path = target.split('?')[0];
    const wanted = method === 'HEAD' ? 'GET' : method;
    const found = operations.filter((operation) => operation.method === wanted && operation.pattern.test(path));
    return found.sort((a, b) => b.literals - a.literals)[0];
}

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
addFormats(ajv);
// As people write it: in groups, with a small x.
ajv.addFormat('cn-id-number', /^(?:[ -]*\d){17}[ -]*[\dXx][ -]*$/);
const compiled = new Map();

// Null when the value fits the schema, else what is wrong with it.
export function faultOf(schema, value) {
    const text = JSON.stringify(schema);
    if (!compiled.has(text)) compiled.set(text, ajv.compile({ ...schema, components: bundle.components }));
    const validate = compiled.get(text);
    return validate(value) ? null : ajv.errorsText(validate.errors, { dataVar: 'value' });
}

// A parameter's text as the value its schema speaks of.
export function parameterValue(schema, text) {
    const { type } = deref(schema);
    if (type === 'integer') return /^-?(0|[1-9]\d*)$/.test(text) ? Number(text) : text;
    if (type === 'boolean') return { true: true, false: false }[text] ?? text;
    return text;
}
