// Files for the stories: bytes that are what they say, and what the server says of them.
import { createHash, randomBytes, randomUUID } from 'node:crypto';

const piece = 65_536;
export const newId = () => randomUUID();

export function png(size) {
    return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), randomBytes(size - 8)]);
}

// SHA-256 over the SHA-256 of each piece of 64 KiB.
export function digestOf(bytes) {
    const whole = createHash('sha256');
    for (let at = 0; at < bytes.length; at += piece) whole.update(createHash('sha256').update(bytes.subarray(at, at + piece)).digest());
    return whole.digest('hex');
}

export const target = (id, purpose = 'photo', name = '照片.png') => `/blobs/${id}?purpose=${purpose}&file_name=${encodeURIComponent(name)}`;

// put(session, id, bytes, {type, purpose, name, range}) → reply
export function put(session, id, bytes, { type = 'image/png', purpose, name, range } = {}) {
    return session.put(target(id, purpose, name), bytes, { headers: { 'Content-Type': type, 'Content-Length': String(bytes.length), ...(range ? { 'Content-Range': range } : {}) } });
}
