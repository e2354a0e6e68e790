// HTTP as a program does it: what a test does not say is not sent, except Host and Connection, the bearer token and cookies
// of a session, and `Content-Type: application/json` for a body given as an object. Every exchange is recorded.
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { join } from 'node:path';

export const base = '/api/v1';
export const demoPassword = 'linli-demo-2026';
export const newKey = () => randomUUID();

// One line an exchange: {method, path, request: {headers, body}, response: {status, headers, body}}; bodies are text or null.
function record(exchange) {
    const folder = process.env.LINLI_RECORD_DIR;
    if (folder) appendFileSync(join(folder, `${process.pid}.ndjson`), `${JSON.stringify(exchange)}\n`);
}

function bytesOf(body) {
    if (body === undefined || body === null) return undefined;
    return typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
}

// Of files the record keeps the beginning only.
function recordable(headers, bytes) {
    const isText = /json|^text\/(?!csv)/.test(headers['content-type'] ?? headers['Content-Type'] ?? 'json');
    return isText ? bytes.toString('utf8') : bytes.subarray(0, 200).toString('latin1');
}

function parsed(headers, text) {
    if (!/^application\/([a-z.+-]*\+)?json\b/.test(headers['content-type'] ?? '') || text === '') return null;
    return JSON.parse(text);
}

// exchange(server, {method, path, headers, body, agent, signal}) → {status, headers, body, text, bytes}
export function exchange(server, { method, path, headers = {}, body, agent, signal }) {
    return new Promise((resolve, reject) => {
        const options = { host: '127.0.0.1', port: server.port, method, path, headers, agent, signal };
        const request = httpRequest(options, (reply) => {
            const chunks = [];
            reply.on('data', (chunk) => chunks.push(chunk));
            reply.on('error', reject);
            reply.on('end', () => {
                const bytes = Buffer.concat(chunks);
                const text = bytes.toString('utf8');
                record({
                    method, path, request: { headers, body: body === undefined ? null : recordable(headers, Buffer.from(body)) },
                    response: { status: reply.statusCode, headers: reply.headers, body: recordable(reply.headers, bytes) },
                });
                try {
                    resolve({ status: reply.statusCode, headers: reply.headers, text, bytes, body: parsed(reply.headers, text) });
                } catch (error) {
                    reject(new Error(`${method} ${path}: ${reply.statusCode} with JSON that does not parse: ${text.slice(0, 500)}`, { cause: error }));
                }
            });
        });
        request.on('error', reject);
        request.end(body);
    });
}

class Cookies {
    #kept = new Map();

    take(headers) {
        for (const line of headers['set-cookie'] ?? []) {
            const [pair, ...attributes] = line.split(';').map((part) => part.trim());
            const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
            const attribute = (wanted) => attributes.find((text) => text.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
            if (Number(attribute('max-age') ?? 1) <= 0 || value === '') this.#kept.delete(name);
            else this.#kept.set(name, { value, path: attribute('path') ?? '/' });
        }
    }

    header(target) {
        const path = target.split('?')[0];
        const fits = ([, cookie]) => cookie.path === '/' || path === cookie.path || path.startsWith(cookie.path.replace(/\/?$/, '/'));
        return [...this.#kept].filter(fits).map(([name, cookie]) => `${name}=${cookie.value}`).join('; ');
    }

    get(name) {
        return this.#kept.get(name)?.value;
    }
}

// A session: one person's token and cookies over kept connections. Its get, post, patch, put and delete take the path below
// /api/v1; request() takes the whole target as it goes over the wire.
class Session {
    constructor(server, more = {}) {
        this.server = server;
        this.cookies = new Cookies();
        this.agent = new Agent({ keepAlive: true, maxSockets: 64 });
        Object.assign(this, more);
    }

    async request(method, path, { body, headers = {}, signal } = {}) {
        const sent = {};
        if (this.token) sent.Authorization = `Bearer ${this.token}`;
        const cookies = this.cookies.header(path);
        if (cookies) sent.Cookie = cookies;
        if (body !== undefined && body !== null && typeof body === 'object' && !Buffer.isBuffer(body)) sent['Content-Type'] = 'application/json';
        Object.assign(sent, headers);
        // A header given as null is not sent, also when the session would have sent one.
        for (const [name, value] of Object.entries(sent)) if (value === null || value === undefined) delete sent[name];
        const reply = await exchange(this.server, { method, path, headers: sent, body: bytesOf(body), agent: this.agent, signal });
        this.cookies.take(reply.headers);
        return reply;
    }

    get(path, options) {
        return this.request('GET', base + path, options);
    }

    post(path, body, options) {
        return this.request('POST', base + path, { ...options, body });
    }

    patch(path, body, options) {
        return this.request('PATCH', base + path, { ...options, body });
    }

    put(path, body, options) {
        return this.request('PUT', base + path, { ...options, body });
    }

    delete(path, options) {
        return this.request('DELETE', base + path, options);
    }

    // All items of a list, page by page.
    async all(path, limit = 200) {
        const items = [];
        let cursor = null;
        do {
            const query = `${path.includes('?') ? '&' : '?'}limit=${limit}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
            const reply = await this.get(path + query);
            if (reply.status !== 200) throw new Error(`GET ${path}${query}: ${reply.status} ${reply.text}`);
            items.push(...reply.body.items);
            cursor = reply.body.next_cursor;
        } while (cursor);
        return items;
    }

    close() {
        this.agent.destroy();
    }
}

// client(server): .anyone is a session without a token; .login(user) makes a session of that demo login.
export function client(server) {
    const anonymous = new Session(server);
    return {
        server,
        anyone: anonymous,
        session: (token) => new Session(server, { token }),
        async login(user, password = demoPassword) {
            const session = new Session(server, { user });
            const reply = await session.post('/auth/login', { user_name: user, password });
            if (reply.status !== 200) throw new Error(`login of ${user}: ${reply.status} ${reply.text}`);
            session.token = reply.body.access_token;
            session.loginReply = reply;
            return session;
        },
    };
}
