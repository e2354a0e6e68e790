// The login session. The access token lives in this module's memory only; the refresh token is an HttpOnly cookie
// that no script can read. Tabs take turns at refreshing (navigator.locks) and tell each other about signing in and out.
import { Unreachable } from './problem'

const margin = 30_000
/** Not a secret: says only that a refresh is worth trying when the page is opened. */
const hint = 'linli.session'

let token = ''
let expires = 0
let running: Promise<boolean> | undefined

interface GivenToken {
  access_token: string
  expires_in: number
}
/** Somebody else's token, held in this page's memory only: a page that is loaded anew is one's own again. */
interface Acting {
  representation: string
  token: string
  expires: number
}
let acting: Acting | undefined

export type SessionEvent = 'signed-in' | 'signed-out' | 'acting-over'
const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('linli-session') : undefined
const listeners = new Set<(event: SessionEvent, fromOtherTab: boolean) => void>()
channel?.addEventListener('message', (message: MessageEvent<SessionEvent>) => {
  if (message.data === 'signed-out') drop()
  listeners.forEach((listener) => listener(message.data, true))
})

export function onSession(listener: (event: SessionEvent, fromOtherTab: boolean) => void): void {
  listeners.add(listener)
}

function tell(event: SessionEvent): void {
  channel?.postMessage(event)
  listeners.forEach((listener) => listener(event, false))
}

function drop(): void {
  token = ''
  expires = 0
  acting = undefined
}

/** Takes over the session that a login or a refresh has answered. */
export function keepSession(session: GivenToken): void {
  token = session.access_token
  expires = Date.now() + session.expires_in * 1000
  localStorage.setItem(hint, '1')
}

export function announceSignIn(): void {
  tell('signed-in')
}

/** Forgets the session here; ending it on the server is the caller's business. */
export function forgetSession(): void {
  drop()
  localStorage.removeItem(hint)
  tell('signed-out')
}

export function mayHaveSession(): boolean {
  return token !== '' || localStorage.getItem(hint) !== null
}

/** From here on every request is made in the other person's name, until it is ended here or there. */
export function beginActing(representation: string, given: GivenToken): void {
  acting = { representation, token: given.access_token, expires: Date.now() + given.expires_in * 1000 }
}

export function endActing(): void {
  acting = undefined
}

/** A fresh token in the same person's name, asked for with one's own. False: the representation is over. */
async function actOn(now: Acting): Promise<boolean> {
  const own = await ownToken()
  let response: Response
  try {
    response = await fetch(`/api/v1/representations/${now.representation}/sessions`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${own}` },
    })
  } catch (error) {
    throw new Unreachable(error)
  }
  if (response.ok) {
    beginActing(now.representation, (await response.json()) as GivenToken)
    return true
  }
  if (response.status >= 500) throw new Unreachable(response.status)
  endActing()
  listeners.forEach((listener) => listener('acting-over', false))
  return false
}

/** A token that is good for the next half minute at least, or '' when nobody is signed in. */
export async function accessToken(): Promise<string> {
  if (!acting) return ownToken()
  if (Date.now() < acting.expires - margin || (await actOn(acting))) return acting.token
  return ''
}

async function ownToken(): Promise<string> {
  if (token && Date.now() < expires - margin) return token
  if (!mayHaveSession()) return ''
  await refreshSession()
  return token
}

/** The server no longer takes `refused`: get another one, unless somebody already has. */
export async function replaceToken(refused: string): Promise<string> {
  if (acting) return acting.token !== refused || (await actOn(acting)) ? acting.token : ''
  if (token !== '' && token !== refused) return token
  drop()
  await refreshSession()
  return token
}

/** Exchanges the cookie for a token. False: the session is over. Throws Unreachable when nobody answers. */
export function refreshSession(): Promise<boolean> {
  running ??= inTurn(exchange).finally(() => {
    running = undefined
  })
  return running
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  // Plain http on a local network has no locks; the server lets a cookie be used twice within ten seconds.
  const locks = navigator.locks as LockManager | undefined
  return locks ? (locks.request('linli-refresh', work) as Promise<T>) : work()
}

async function exchange(): Promise<boolean> {
  let response: Response
  try {
    response = await fetch('/api/v1/auth/refresh', { method: 'POST', credentials: 'same-origin' })
  } catch (error) {
    throw new Unreachable(error)
  }
  if (response.ok) {
    keepSession((await response.json()) as GivenToken)
    return true
  }
  if (response.status !== 401) throw new Unreachable(response.status)
  drop()
  if (localStorage.getItem(hint) !== null) forgetSession()
  return false
}
