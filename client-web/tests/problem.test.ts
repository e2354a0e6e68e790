import { describe, expect, it } from 'vitest'
import { answer, isPassing, Problem, Unreachable } from '@/api/problem'

const body = {
  type: '/docs/problems#insufficient_points',
  title: '能用的积分不够',
  status: 409,
  detail: '可以先取消一笔预留。',
  request_id: 'abc',
  errors: [{ code: 'minimum', message: '太小', pointer: '/quantity' }],
}
const response = (status: number, type = 'application/problem+json') =>
  new Response('', { status, headers: { 'Content-Type': type, 'Retry-After': '3' } })

describe('answers', () => {
  it('hands on the body of a good one', async () => {
    expect(await answer(Promise.resolve({ data: 7, response: response(200) }))).toBe(7)
  })

  it('throws a problem with everything a person needs', async () => {
    const error = await answer(Promise.resolve({ error: body, response: response(409) })).catch(
      (one: unknown) => one,
    )
    expect(error).toBeInstanceOf(Problem)
    expect(error).toMatchObject({
      code: 'insufficient_points',
      message: '能用的积分不够',
      help: '可以先取消一笔预留。',
      requestId: 'abc',
      retryAfter: 3,
    })
    expect((error as Problem).mistakeAt('/quantity')).toBe('太小')
  })

  it('takes a lost connection and a proxy’s error page for nobody answering', async () => {
    await expect(answer(Promise.reject(new TypeError('Failed to fetch')))).rejects.toBeInstanceOf(Unreachable)
    await expect(
      answer(Promise.resolve({ error: '<html>', response: response(502, 'text/html') })),
    ).rejects.toBeInstanceOf(Unreachable)
  })

  it('knows what may simply be sent again', () => {
    expect(isPassing(new Unreachable())).toBe(true)
    expect(isPassing(new Problem(503, {}, new Headers()))).toBe(true)
    expect(isPassing(new Problem(409, {}, new Headers()))).toBe(false)
  })
})
