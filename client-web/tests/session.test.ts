import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const session = (token: string) =>
  new Response(JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 600 }), {
    status: 200,
  })
const problem = (status: number) =>
  new Response(
    JSON.stringify({ type: '/docs/problems#session_ended', title: '登录已结束', status, request_id: 'r1' }),
    {
      status,
      headers: { 'Content-Type': 'application/problem+json' },
    },
  )

beforeEach(() => {
  vi.resetModules()
  localStorage.clear()
  localStorage.setItem('linli.session', '1')
})
afterEach(() => vi.unstubAllGlobals())

describe('the session', () => {
  it('asks for one token when several requests need one', async () => {
    const fetch = vi.fn(async () => session('t1'))
    vi.stubGlobal('fetch', fetch)
    const { accessToken } = await import('@/api/session')
    expect(await Promise.all([accessToken(), accessToken(), accessToken()])).toEqual(['t1', 't1', 't1'])
    expect(fetch).toHaveBeenCalledTimes(1)
  })

  it('replaces a refused token once and sends the request again with it', async () => {
    const seen: string[] = []
    vi.stubGlobal('fetch', async (input: Request | string) => {
      if (typeof input === 'string') return session(seen.length ? 't2' : 't1')
      seen.push(input.headers.get('Authorization') ?? '')
      return seen.length === 1
        ? problem(401)
        : new Response(JSON.stringify({ items: [], next_cursor: null }), { status: 200 })
    })
    const { api } = await import('@/api/client')
    const reply = await api.GET('/rewards')
    expect(reply.data).toEqual({ items: [], next_cursor: null })
    expect(seen).toEqual(['Bearer t1', 'Bearer t2'])
  })

  it('is over when the server says so, and not when nobody answers', async () => {
    const { accessToken, mayHaveSession } = await import('@/api/session')
    vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('Failed to fetch')))
    await expect(accessToken()).rejects.toMatchObject({ name: 'Unreachable' })
    expect(mayHaveSession()).toBe(true)
    vi.stubGlobal('fetch', async () => problem(401))
    expect(await accessToken()).toBe('')
    expect(mayHaveSession()).toBe(false)
  })

  it('sends no token with a log-in', async () => {
    let authorization: string | null = 'none yet'
    vi.stubGlobal('fetch', async (input: Request) => {
      authorization = input.headers.get('Authorization')
      return session('t1')
    })
    const { api } = await import('@/api/client')
    await api.POST('/auth/login', { body: { user_name: 'resident', password: 'x' } })
    expect(authorization).toBeNull()
  })
})
