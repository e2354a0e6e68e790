// Tokens that must not be believed, made from one that is.
import { createHmac, createSign, generateKeyPairSync, randomUUID } from 'node:crypto';

const code = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);

// forgeries(good, key) → [name, token]: each wrong in one way, most of them signed with the true key.
export function forgeries(good, key) {
    const [header, payload, signature] = good.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url'));
    const mac = (text, secret = key, hash = 'sha256') => createHmac(hash, secret).update(text).digest('base64url');
    const signed = (head, body, secret, hash) => `${head}.${body}.${mac(`${head}.${body}`, secret, hash)}`;
    const claiming = (changes) => signed(header, code({ ...claims, ...changes }));
    const without = (name) => signed(header, code(Object.fromEntries(Object.entries(claims).filter(([one]) => one !== name))));
    const raw = (text) => signed(header, code(text));
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
    const rs256 = `${code({ alg: 'RS256', typ: 'JWT' })}.${payload}`;
    const list = [
        ['alg none', `${code({ alg: 'none', typ: 'JWT' })}.${payload}.`], ['alg None, signed', signed(code({ alg: 'None', typ: 'JWT' }), payload)],
        ['alg none with our signature', `${code({ alg: 'none', typ: 'JWT' })}.${payload}.${signature}`], ['no alg', signed(code({ typ: 'JWT' }), payload)],
        ['HS384', signed(code({ alg: 'HS384', typ: 'JWT' }), payload, key, 'sha384')], ['HS512', signed(code({ alg: 'HS512', typ: 'JWT' }), payload, key, 'sha512')],
        ['RS256', `${rs256}.${createSign('sha256').update(rs256).sign(rsa.privateKey).toString('base64url')}`],
        ['RS256 confused: signed with the public key as secret', signed(code({ alg: 'HS256', typ: 'JWT' }), payload, rsa.publicKey)],
        ['ES256 header, our signature', signed(code({ alg: 'ES256', typ: 'JWT' }), payload)],
        ['the header in another order', signed(code({ typ: 'JWT', alg: 'HS256' }) === header ? code({ alg: 'HS256', typ: 'JWT' }) : code({ typ: 'JWT', alg: 'HS256' }), payload)],
        ['a header with kid', signed(code({ alg: 'HS256', typ: 'JWT', kid: '../../dev/null' }), payload)], ['a header with jwk', signed(code({ alg: 'HS256', typ: 'JWT', jwk: { kty: 'oct', k: 'AA' } }), payload)],
        ['a header with jku', signed(code({ alg: 'HS256', typ: 'JWT', jku: 'http://evil/' }), payload)], ['a header with crit', signed(code({ alg: 'HS256', typ: 'JWT', crit: ['exp'] }), payload)],
        ['a header with a blank', signed(code('{"alg": "HS256","typ":"JWT"}'), payload)], ['an empty header', signed('', payload)],
        ['the empty key', signed(header, payload, '')], ['a key of zeros', signed(header, payload, Buffer.alloc(32))], ['another key', signed(header, payload, Buffer.alloc(32, 7))],
        ['no signature', `${header}.${payload}.`], ['two segments', `${header}.${payload}`], ['four segments', `${good}.x`], ['half a signature', good.slice(0, -20)],
        ['one bit of the signature', `${header}.${payload}.${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`], ['padding', `${good}=`],
        ['one letter of the payload', `${header}.${payload.slice(0, -1)}${payload.endsWith('A') ? 'B' : 'A'}.${signature}`],
        ['wrong iss', claiming({ iss: 'evil' })], ['iss as a list', claiming({ iss: ['linli'] })], ['wrong aud', claiming({ aud: 'other' })], ['aud as a list', claiming({ aud: ['linli-api'] })],
        ['use refresh', claiming({ use: 'refresh' })], ['use null', claiming({ use: null })], ['exp as text', claiming({ exp: String(claims.exp) })], ['exp as a real', raw(JSON.stringify(claims).replace(`"exp":${claims.exp}`, `"exp":${claims.exp}.5`))],
        ['exp true', claiming({ exp: true })], ['exp negative', claiming({ exp: -1 })], ['exp beyond 64 bits', raw(JSON.stringify(claims).replace(`"exp":${claims.exp}`, '"exp":99999999999999999999'))],
        ['expired', claiming({ iat: now() - 700, nbf: now() - 700, exp: now() - 100 })], ['living for a year', claiming({ exp: now() + 31_536_000 })], ['nbf to come', claiming({ nbf: now() + 300 })],
        ['iat to come', claiming({ iat: now() + 300 })], ['nbf as text', claiming({ nbf: '0' })], ['sub as a number', claiming({ sub: 1 })], ['sub no id', claiming({ sub: "' or 1=1 --" })], ['sub of nobody', claiming({ sub: randomUUID() })],
        ['sid of nobody', claiming({ sid: randomUUID() })], ['sid null', claiming({ sid: null })], ['jti as an object', claiming({ jti: {} })], ['one claim more', claiming({ role: 'administrator' })],
        ...['iss', 'aud', 'sub', 'sid', 'use', 'iat', 'nbf', 'exp', 'jti'].map((name) => [`no ${name}`, without(name)]),
        ['a claim twice', raw(JSON.stringify(claims).replace('{', `{"sub":"${randomUUID()}",`))], ['the payload as an array', raw(JSON.stringify([claims]))], ['the payload as text', raw('"x"')],
        ['the payload empty', signed(header, '')], ['the payload no JSON', raw('{')], ['the payload with a NUL', raw(JSON.stringify({ ...claims, sub: `${claims.sub}\0x` }))], ['the payload deep', raw('['.repeat(200) + ']'.repeat(200))],
        ['2 KiB', claiming({ jti: 'x'.repeat(2048) })], ['1 byte beyond the limit', `${good}${'A'.repeat(1025 - good.length)}`], ['no token', ''], ['dots', '..'], ['a NUL letter', good.replace('.', '%00')], ['blanks', good.replace('.', ' . ')],
    ];
    return { list, claims, claiming };
}
