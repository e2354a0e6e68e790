// What a person has begun and not yet sent, and the key under which it was sent. Both survive a reload and a lost
// network; both are gone when the person signs out, because phones are lent and shared.
const prefix = 'linli.draft.'

interface SentDraft {
  key: string
  body: string
}

function read<T>(storage: Storage, name: string): T | undefined {
  const text = storage.getItem(prefix + name)
  if (text === null) return undefined
  try {
    return JSON.parse(text) as T
  } catch {
    storage.removeItem(prefix + name)
    return undefined
  }
}

/**
 * The Idempotency-Key of a draft: the same for as long as the same content is sent, so that sending again after a lost
 * answer cannot do the thing twice; another one as soon as the content is another.
 */
export function keyOf(draft: string, content: unknown): string {
  const body = JSON.stringify(content ?? null)
  const sent = read<SentDraft>(sessionStorage, `key.${draft}`)
  if (sent && sent.body === body) return sent.key
  const key = crypto.randomUUID?.() ?? randomKey()
  sessionStorage.setItem(`${prefix}key.${draft}`, JSON.stringify({ key, body }))
  return key
}

/** Old web views and plain http on a local network have no randomUUID. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}

/** The server has answered for good: the next time is a new deed. */
export function settleKey(draft: string): void {
  sessionStorage.removeItem(`${prefix}key.${draft}`)
}

export function loadDraft<T>(name: string): T | undefined {
  return read<T>(localStorage, name)
}

export function saveDraft(name: string, content: unknown): void {
  localStorage.setItem(prefix + name, JSON.stringify(content))
}

export function dropDraft(name: string): void {
  localStorage.removeItem(prefix + name)
}

export function dropAllDrafts(): void {
  for (const storage of [localStorage, sessionStorage]) {
    for (const name of Object.keys(storage)) if (name.startsWith(prefix)) storage.removeItem(name)
  }
}
