// The device's part of the online secret ballot: RSA blind signatures (RFC 9474, RSABSSA-SHA384-PSS-Deterministic).
// The token is drawn here and blinded before it leaves; the server signs without seeing it. Nothing here knows a person.

const hashBytes = 48
const saltBytes = 48
const keyBytes = 256
const tokenBytes = 32

// What must be kept from drawing to casting, so that a lost reply can be asked for again.
export interface DrawnToken {
  token: string
  blinded: string
  inverse: string
}

interface PublicKey {
  modulus: bigint
  exponent: bigint
}

const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
const fromHex = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16))
const toNumber = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes) || '0'}`)
const numberHex = (value: bigint): string => value.toString(16).padStart(2 * keyBytes, '0')

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0))
}

async function readKey(publicKey: string): Promise<PublicKey> {
  const key = await crypto.subtle.importKey(
    'spki',
    fromBase64Url(publicKey),
    { name: 'RSA-PSS', hash: 'SHA-384' },
    true,
    ['verify'],
  )
  const { n, e } = await crypto.subtle.exportKey('jwk', key)
  if (!n || !e) throw new Error('the key of the ballot cannot be read')
  return { modulus: toNumber(fromBase64Url(n)), exponent: toNumber(fromBase64Url(e)) }
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  for (
    let square = base % modulus, rest = exponent;
    rest > 0n;
    rest >>= 1n, square = (square * square) % modulus
  ) {
    if (rest & 1n) result = (result * square) % modulus
  }
  return result
}

// The inverse of a modulo m; null when there is none.
function inverseOf(a: bigint, m: bigint): bigint | null {
  let [r, next, t, nextT] = [m, a % m, 0n, 1n]
  while (next > 0n) {
    const quotient = r / next
    ;[r, next] = [next, r - quotient * next]
    ;[t, nextT] = [nextT, t - quotient * nextT]
  }
  return r === 1n ? ((t % m) + m) % m : null
}

function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

const digest = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-384', bytes))

// MGF1 of PKCS #1.
async function mask(seed: Uint8Array, length: number): Promise<Uint8Array> {
  const blocks: Uint8Array[] = []
  for (let counter = 0; blocks.length * hashBytes < length; counter += 1) {
    blocks.push(
      await digest(join(seed, new Uint8Array([counter >>> 24, counter >>> 16, counter >>> 8, counter]))),
    )
  }
  return join(...blocks).slice(0, length)
}

// EMSA-PSS of PKCS #1 for a modulus of 2048 bits.
async function encode(message: Uint8Array<ArrayBuffer>): Promise<bigint> {
  const salt = crypto.getRandomValues(new Uint8Array(saltBytes))
  const hash = await digest(join(new Uint8Array(8), await digest(message), salt))
  const length = keyBytes - hashBytes - 1
  const block = join(new Uint8Array(length - saltBytes - 1), new Uint8Array([1]), salt)
  const masked = (await mask(hash, length)).map((byte, n) => byte ^ (block[n] ?? 0))
  masked[0] = (masked[0] ?? 0) & 0x7f
  return toNumber(join(masked, hash, new Uint8Array([0xbc])))
}

function drawBelow(modulus: bigint): bigint {
  for (;;) {
    const drawn = toNumber(crypto.getRandomValues(new Uint8Array(keyBytes)))
    if (drawn > 1n && drawn < modulus) return drawn
  }
}

export async function drawToken(publicKey: string): Promise<DrawnToken> {
  const { modulus, exponent } = await readKey(publicKey)
  const token = crypto.getRandomValues(new Uint8Array(tokenBytes))
  const message = await encode(token)
  for (;;) {
    const factor = drawBelow(modulus)
    const inverse = inverseOf(factor, modulus)
    if (inverse !== null) {
      return {
        token: toHex(token),
        blinded: numberHex((message * power(factor, exponent, modulus)) % modulus),
        inverse: numberHex(inverse),
      }
    }
  }
}

// Takes the blinding off, and believes the signature only when it verifies.
export async function unblind(publicKey: string, drawn: DrawnToken, blindSignature: string): Promise<string> {
  const { modulus } = await readKey(publicKey)
  const signature = numberHex((BigInt(`0x${blindSignature}`) * BigInt(`0x${drawn.inverse}`)) % modulus)
  const key = await crypto.subtle.importKey(
    'spki',
    fromBase64Url(publicKey),
    { name: 'RSA-PSS', hash: 'SHA-384' },
    false,
    ['verify'],
  )
  const good = await crypto.subtle.verify(
    { name: 'RSA-PSS', saltLength: saltBytes },
    key,
    fromHex(signature),
    fromHex(drawn.token),
  )
  if (!good) throw new Error('the signature of the ballot is not good')
  return signature
}

// What the list of receipts shows of a ballot in the box.
export async function receiptOf(token: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', fromHex(token))))
}
