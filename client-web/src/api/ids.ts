// Ids of things that do not exist yet, so that later lines of the same document can name them: UUID version 7, as the server's.
import { now } from './clock'

export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  let time = now().getTime()
  for (let at = 5; at >= 0; at -= 1) {
    bytes[at] = time % 256
    time = Math.floor(time / 256)
  }
  bytes[6] = 0x70 | (bytes[6]! & 0x0f)
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
