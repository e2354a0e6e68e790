// HTTP by hand, byte by byte, for what no HTTP library would send.
import { connect } from 'node:net';

// open(server) → a connection: write(bytes), reply() → {status, headers, body} of the next reply, closed() → everything left,
// once the server has closed; destroy().
export function open(server) {
    const socket = connect({ host: '127.0.0.1', port: server.port });
    const state = { received: Buffer.alloc(0), over: false, waiting: [] };
    const wake = () => state.waiting.splice(0).forEach((resume) => resume());
    socket.on('data', (chunk) => {
        state.received = Buffer.concat([state.received, chunk]);
        wake();
    });
    const finish = () => {
        state.over = true;
        wake();
    };
    socket.on('close', finish);
    socket.on('error', finish);
    return new Connection(socket, state);
}

class Connection {
    constructor(socket, state) {
        this.socket = socket;
        this.state = state;
    }

    write(bytes) {
        if (!this.state.over) this.socket.write(bytes);
        return this;
    }

    destroy() {
        this.socket.destroy();
    }

    #more(deadline) {
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => reject(new Error(`no answer in time; so far: ${JSON.stringify(this.state.received.toString('latin1').slice(0, 300))}`)), Math.max(1, deadline - Date.now()));
            this.state.waiting.push(() => {
                clearTimeout(timer);
                resolve();
            });
        });
    }

    // The next reply, or null when the server closed without one. method HEAD: no body follows.
    async reply({ seconds = 15, method = 'GET' } = {}) {
        const deadline = Date.now() + seconds * 1000;
        for (;;) {
            const found = takeReply(this.state, method);
            if (found) return found;
            if (this.state.over) return null;
            await this.#more(deadline);
        }
    }

    // Waits until the server has closed; returns the bytes that were not taken as replies.
    async closed(seconds = 15) {
        const deadline = Date.now() + seconds * 1000;
        while (!this.state.over) await this.#more(deadline);
        return this.state.received.toString('latin1');
    }
}

function takeReply(state, method) {
    const end = state.received.indexOf('\r\n\r\n');
    if (end < 0) return null;
    const [first, ...lines] = state.received.subarray(0, end).toString('latin1').split('\r\n');
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1]);
    const headers = Object.fromEntries(lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }));
    const body = takeBody(state, end + 4, status, headers, method);
    if (!body) return null;
    state.received = state.received.subarray(body.end);
    return { status, headers, body: body.text };
}

// Replies have a Content-Length, or are chunked, or last until the server closes.
function takeBody(state, start, status, headers, method) {
    const bytes = state.received;
    if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return { text: '', end: start };
    if (headers['content-length'] !== undefined) {
        const end = start + Number(headers['content-length']);
        return bytes.length >= end ? { text: bytes.subarray(start, end).toString('utf8'), end } : null;
    }
    if (/chunked/i.test(headers['transfer-encoding'] ?? '')) return takeChunks(bytes, start);
    return state.over ? { text: bytes.subarray(start).toString('utf8'), end: bytes.length } : null;
}

function takeChunks(bytes, start) {
    const parts = [];
    for (let at = start; ;) {
        const line = bytes.indexOf('\r\n', at);
        if (line < 0) return null;
        const size = Number.parseInt(bytes.subarray(at, line).toString('latin1'), 16);
        const end = line + 2 + size + 2;
        if (bytes.length < end) return null;
        if (size === 0) return { text: Buffer.concat(parts).toString('utf8'), end };
        parts.push(bytes.subarray(line + 2, line + 2 + size));
        at = end;
    }
}

// send(server, bytes) → {replies, closed}: writes all, collects the replies until the server closes or nothing more comes
// for a moment. A server that keeps the connection open is seen by `closed: false`.
export async function send(server, bytes, { replies: wanted = 1, seconds = 15 } = {}) {
    const connection = open(server);
    connection.write(bytes);
    const replies = [];
    while (replies.length < wanted) {
        const reply = await connection.reply({ seconds });
        if (!reply) break;
        replies.push(reply);
    }
    const closed = connection.state.over;
    connection.destroy();
    return { replies, closed };
}
