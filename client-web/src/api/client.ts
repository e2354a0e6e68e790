// The one way to the server: typed by the contract, language and token added, an ended token replaced once.
import createClient from 'openapi-fetch'
import type { components, paths } from './schema'
import { language } from '@/i18n/language'
import { accessToken, replaceToken } from './session'

export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name]

// A ballot is cast by its signed token alone: nothing in the request may say whose it is.
const withoutToken = /\/api\/v1\/(auth\/(login|refresh|claim)|system|elections\/[^/]+\/ballots)$/

async function send(request: Request): Promise<Response> {
  request.headers.set('Accept-Language', language.value === 'zh' ? 'zh-CN' : 'en')
  if (withoutToken.test(request.url)) return fetch(request)
  const token = await accessToken()
  if (token) request.headers.set('Authorization', `Bearer ${token}`)
  const again = request.clone()
  const response = await fetch(request)
  if (response.status !== 401 || !token) return response
  const fresh = await replaceToken(token)
  if (!fresh) return response
  again.headers.set('Authorization', `Bearer ${fresh}`)
  return fetch(again)
}

export const api = createClient<paths>({
  baseUrl: `${location.origin}/api/v1`,
  credentials: 'same-origin',
  fetch: send,
})
