// One's own account: devices and password; who acts for whom.
import { useMutation } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { usePages } from '@/api/pages'
import { answer } from '@/api/problem'
import { useWrite } from '@/api/write'

export type Representation = Schema<'Representation'>

export function useSessions() {
  return usePages({
    key: ['sessions'],
    page: (cursor) => answer(api.GET('/me/sessions', { params: { query: { cursor } } })),
  })
}

export function useEndSession() {
  return useWrite({
    draft: 'session-end',
    send: (id: string, key) =>
      answer(
        api.POST('/me/sessions/{session_id}/end', {
          params: { path: { session_id: id }, header: { 'Idempotency-Key': key } },
        }),
      ),
    changes: [['sessions']],
  })
}

export function useEndOtherSessions() {
  return useWrite({
    draft: 'sessions-end',
    send: (_: void, key) =>
      answer(api.POST('/me/sessions/end', { params: { header: { 'Idempotency-Key': key } } })),
    changes: [['sessions']],
  })
}

/** No key is kept of it: a password is never remembered for a second sending. */
export function useChangePassword() {
  return useMutation<unknown, Error, Schema<'PasswordChange'>>({
    mutationFn: (body) => answer(api.POST('/me/password', { body })),
  })
}

/** Of a person: for whom they act, and who acts for them. */
export function useRepresentations(person: MaybeRefOrGetter<string | undefined>) {
  return usePages({
    key: ['representations', person],
    page: (cursor) =>
      answer(api.GET('/representations', { params: { query: { person: toValue(person), cursor } } })),
  })
}

export function useRecordRepresentation(person: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `representation.${toValue(person)}`,
    send: (body: Schema<'RepresentationRequest'>, key) =>
      answer(
        api.POST('/people/{person_id}/representations', {
          params: { path: { person_id: toValue(person) }, header: { 'Idempotency-Key': key } },
          body,
        }),
      ),
    changes: [['representations']],
  })
}

export function useEndRepresentation() {
  return useWrite({
    draft: 'representation-end',
    send: (id: string, key) =>
      answer(
        api.POST('/representations/{representation_id}/end', {
          params: { path: { representation_id: id }, header: { 'Idempotency-Key': key } },
        }),
      ),
    changes: [['representations']],
  })
}
