// Messages by raw bytes that could be read in two ways, and what the server says to them.
import { open } from '../lib/raw.mjs';

export const host = 'Host: linli\r\n';
// If anybody ever answers this one, a request was hidden in another.
export const hidden = `GET /openapi.json HTTP/1.1\r\n${host}\r\n`;
export const post = (headers, body = '') => `POST /api/v1/auth/login HTTP/1.1\r\n${host}Content-Type: application/json\r\n${headers}\r\n${body}`;
export const get = (target, headers = '') => `GET ${target} HTTP/1.1\r\n${host}${headers}\r\n`;
const many = (count, line) => Array.from({ length: count }, (_, number) => line(number)).join('');

// Everything the server says to these bytes; closed tells whether it hung up by itself.
export async function attack(server, bytes) {
    const connection = open(server);
    connection.write(bytes);
    const replies = [];
    try {
        for (;;) {
            const reply = await connection.reply({ seconds: replies.length > 0 ? 0.5 : 8 });
            if (!reply) break;
            replies.push(reply);
        }
    } catch {
        // nothing more comes, and the connection is kept
    }
    const closed = connection.state.over;
    connection.destroy();
    return { replies, closed };
}

// Read in two ways: exactly one answer, and the connection is closed. [name, bytes, status]
export const ambiguous = [
    ['Content-Length and Transfer-Encoding', post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${hidden}`), 400],
    ['Transfer-Encoding and Content-Length', post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', `0\r\n\r\n${hidden}`), 400],
    ['two Content-Lengths', post('Content-Length: 0\r\nContent-Length: 44\r\n', hidden), 400],
    ['two equal Content-Lengths', post('Content-Length: 2\r\nContent-Length: 2\r\n', `{}${hidden}`), 400],
    ['a blank before the colon of Content-Length', post('Content-Length : 44\r\n', hidden), 400],
    ['a blank before the colon of Transfer-Encoding', post('Transfer-Encoding : chunked\r\n', `0\r\n\r\n${hidden}`), 400],
    ['Content-Length with a sign', post('Content-Length: +2\r\n', `{}${hidden}`), 400],
    ['a negative Content-Length', post('Content-Length: -1\r\n', hidden), 400],
    ['a list as Content-Length', post('Content-Length: 2, 2\r\n', `{}${hidden}`), 400],
    ['a hexadecimal Content-Length', post('Content-Length: 0x2\r\n', `{}${hidden}`), 400],
    ['an empty Content-Length', post('Content-Length: \r\n', hidden), 400],
    ['a Content-Length beyond 64 bits', post('Content-Length: 99999999999999999999999999\r\n', hidden), 413],
    ['a Content-Length of 10^18', post('Content-Length: 1000000000000000000\r\n', hidden), 400],
    ['Transfer-Encoding: gzip', post('Transfer-Encoding: gzip\r\n', hidden), 400],
    ['Transfer-Encoding: identity', post('Transfer-Encoding: identity\r\n', hidden), 400],
    ['Transfer-Encoding: chunked, chunked', post('Transfer-Encoding: chunked, chunked\r\n', `0\r\n\r\n${hidden}`), 400],
    ['Transfer-Encoding: xchunked', post('Transfer-Encoding: xchunked\r\n', `0\r\n\r\n${hidden}`), 400],
    ['two Transfer-Encodings', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${hidden}`), 400],
    ['chunks in HTTP/1.0', `POST /api/v1/auth/login HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`, 400],
    ['a Content-Length behind a folded header', post(`X-A: a\r\n Content-Length: 44\r\n`, hidden), 400],
    ['a header that begins with a fold', `GET /healthz HTTP/1.1\r\n Host: linli\r\n\r\n${hidden}`, 400],
    ['a blank in a header name', get('/healthz', 'X A: x\r\n') + hidden, 400],
    ['a header without a colon', get('/healthz', 'nonsense\r\n') + hidden, 400],
    ['a bare CR in a header', get('/healthz', 'X-A: a\rX-B: b\r\n') + hidden, 400],
    ['no Host', `GET /healthz HTTP/1.1\r\n\r\n${hidden}`, 400],
    ['two Hosts', get('/healthz', 'Host: evil\r\n') + hidden, 400],
    ['two Authorizations', get('/api/v1/me', 'Authorization: Bearer a\r\nAuthorization: Bearer b\r\n') + hidden, 400],
    ['two Idempotency-Keys', post('Idempotency-Key: aaaaaaaa\r\nIdempotency-Key: bbbbbbbb\r\nContent-Length: 2\r\n', `{}${hidden}`), 400],
    ['an absolute target', get('http://evil/healthz') + hidden, 400],
    ['CONNECT', `CONNECT evil:443 HTTP/1.1\r\n${host}\r\n${hidden}`, 400],
    ['OPTIONS *', `OPTIONS * HTTP/1.1\r\n${host}\r\n${hidden}`, 400],
    ['%00 in the path', get('/api/v1/system%00') + hidden, 400],
    ['%00 behind a file', get('/healthz%00.png') + hidden, 400],
    ['an escape that is none', get('/healthz%zz') + hidden, 400],
    ['half an escape', get('/healthz%4') + hidden, 400],
    ['a blank in the target', get('/heal thz') + hidden, 400],
    ['raw UTF-8 in the target', get('/系统') + hidden, 400],
    ['a fragment in the target', get('/healthz#x') + hidden, 400],
    ['a backslash in the target', get('/..\\healthz') + hidden, 400],
    ['HTTP/0.9', `GET /healthz\r\n\r\n${hidden}`, 400],
    ['HTTP/2 preface', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${hidden}`, 505],
    ['HTTP/3.0', `GET /healthz HTTP/3.0\r\n${host}\r\n${hidden}`, 505],
    ['a chunk of negative size', post('Transfer-Encoding: chunked\r\n', `-1\r\nx\r\n0\r\n\r\n${hidden}`), 400],
    ['a chunk size beyond 64 bits', post('Transfer-Encoding: chunked\r\n', `ffffffffffffffff1\r\nx\r\n0\r\n\r\n${hidden}`), 413],
    ['a chunk size with 0x', post('Transfer-Encoding: chunked\r\n', `0x2\r\n{}\r\n0\r\n\r\n${hidden}`), 400],
    ['a chunk longer than it says', post('Transfer-Encoding: chunked\r\n', `2\r\n{}XX0\r\n\r\n${hidden}`), 400],
    ['a hundred headers', get('/healthz', many(100, (number) => `X-${number}: a\r\n`)) + hidden, 431],
    ['5 000 headers', get('/healthz', many(5000, (number) => `X-${number}: a\r\n`)) + hidden, 431],
    ['a header of 9 KB', get('/healthz', `X-A: ${'a'.repeat(9000)}\r\n`) + hidden, 431],
    ['a header of 100 KB', get('/healthz', `X-A: ${'a'.repeat(100_000)}\r\n`) + hidden, 431],
    ['a target of 5 KB', get(`/${'a'.repeat(5000)}`) + hidden, 414],
    ['a target of 100 KB', get(`/${'a'.repeat(100_000)}`) + hidden, 414],
];
