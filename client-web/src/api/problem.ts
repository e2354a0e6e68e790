// What can go wrong between the client and the server, in three kinds: the server refused (Problem), nobody
// answered (Unreachable), or the answer was not one of ours (a proxy's page: also Unreachable).
import type { components } from './schema'

export type ProblemBody = components['schemas']['Problem']
export interface FieldMistake {
  pointer?: string | null
  parameter?: string | null
  code?: string
  message?: string
}

export class Problem extends Error {
  readonly status: number
  /** The last part of the type URI: `not_enough_points`. */
  readonly code: string
  readonly help: string
  readonly requestId: string
  readonly mistakes: readonly FieldMistake[]
  /** Seconds after which another attempt makes sense. */
  readonly retryAfter: number | undefined

  constructor(status: number, body: Record<string, unknown>, headers: Headers) {
    super(text(body.title) || `HTTP ${status}`)
    this.name = 'Problem'
    this.status = status
    this.code = text(body.type).split('#').pop() ?? ''
    this.help = text(body.detail)
    this.requestId = text(body.request_id) || (headers.get('X-Request-Id') ?? '')
    this.mistakes = Array.isArray(body.errors) ? (body.errors as FieldMistake[]) : []
    const wait = Number(headers.get('Retry-After'))
    this.retryAfter = Number.isFinite(wait) && wait > 0 ? wait : undefined
  }

  /** The message about one field of the request, given as a JSON Pointer. */
  mistakeAt(pointer: string): string | undefined {
    return this.mistakes.find((mistake) => mistake.pointer === pointer)?.message
  }
}

/** Nobody answered: no network, no server, or something in between. What was sent may or may not have arrived. */
export class Unreachable extends Error {
  constructor(cause?: unknown) {
    super('unreachable', { cause })
    this.name = 'Unreachable'
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The body of a good answer; everything else is thrown as Problem or Unreachable. */
export async function answer<T>(call: Promise<Answer<T>>): Promise<T> {
  let reply: Answer<T>
  try {
    reply = await call
  } catch (error) {
    if (error instanceof Problem || error instanceof Unreachable) throw error
    throw new Unreachable(error)
  }
  if (reply.response.ok) return reply.data as T
  const body = typeof reply.error === 'object' && reply.error !== null ? reply.error : {}
  const ours = (reply.response.headers.get('Content-Type') ?? '').includes('json')
  if (!ours && reply.response.status >= 500) throw new Unreachable(reply.error)
  throw new Problem(reply.response.status, body as Record<string, unknown>, reply.response.headers)
}

/** May the same request simply be sent again? */
export function isPassing(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Problem && error.status === 503)
}
