// Reorganizations as documents: lists, one document, and what is done to it.
import { useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { tagOf } from '@/api/etag'
import { usePages } from '@/api/pages'
import { answer } from '@/api/problem'
import { useWrite } from '@/api/write'

export type Reorganization = Schema<'Reorganization'>
export type ReorganizationSummary = Schema<'ReorganizationSummary'>
export type ReorganizationState = Schema<'ReorganizationState'>
export type Step = Schema<'ReorganizationStep'>
export type StepRequest = Schema<'ReorganizationStepRequest'>
export type StepAction = Schema<'ReorganizationAction'>
export type Preview = Schema<'ReorganizationPreview'>
export type Choice = Preview['choices'][number]
export type Effect = Schema<'ReorganizationEffect'>

export const states: readonly ReorganizationState[] = [
  'draft',
  'previewed',
  'decreed',
  'in_force',
  'withdrawn',
]

export function useReorganizationDocuments(
  filter: MaybeRefOrGetter<{ state?: ReorganizationState; unit?: string }>,
) {
  return usePages({
    key: ['reorganizations', 'list', filter],
    exported: true,
    page: (cursor, as) =>
      answer(
        api.GET('/reorganizations', { params: { query: { ...toValue(filter), limit: 100, cursor } }, ...as }),
      ),
  })
}

const readOne = (id: string) =>
  api.GET('/reorganizations/{reorganization_id}', { params: { path: { reorganization_id: id } } })

export function useReorganization(id: MaybeRefOrGetter<string | undefined>) {
  return useQuery({
    queryKey: ['reorganizations', 'one', id],
    enabled: () => Boolean(toValue(id)),
    queryFn: () => answer(readOne(toValue(id)!)),
  })
}

export function useReorganizationEffects(
  id: MaybeRefOrGetter<string>,
  subject: MaybeRefOrGetter<string | undefined>,
) {
  return usePages({
    key: ['reorganizations', 'effects', id, subject],
    exported: true,
    page: (cursor, as) =>
      answer(
        api.GET('/reorganizations/{reorganization_id}/effects', {
          params: {
            path: { reorganization_id: toValue(id) },
            query: { subject: toValue(subject), limit: 100, cursor },
          },
          ...as,
        }),
      ),
  })
}

const changed = [['reorganizations']] as const

export function useDraft() {
  return useWrite({
    draft: 'reorganization',
    send: (body: Schema<'ReorganizationRequest'>, key) =>
      answer(api.POST('/reorganizations', { params: { header: { 'Idempotency-Key': key } }, body })),
    changes: changed,
  })
}

/** Refused when somebody has changed the draft since `version` was read. */
export function useEdit(id: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `reorganization.${toValue(id)}`,
    send: async ({ version, ...body }: Schema<'ReorganizationPatch'> & { version: number }, key) =>
      answer(
        api.PATCH('/reorganizations/{reorganization_id}', {
          params: {
            path: { reorganization_id: toValue(id) },
            header: { 'If-Match': await tagOf(readOne(toValue(id)), version), 'Idempotency-Key': key },
          },
          body,
        }),
      ),
    changes: changed,
  })
}

function useDeed<Body, Reply>(
  deed: string,
  id: MaybeRefOrGetter<string>,
  send: (
    params: { path: { reorganization_id: string }; header: { 'Idempotency-Key': string } },
    body: Body,
  ) => Promise<Reply>,
  changes: readonly (readonly string[])[] = changed,
) {
  return useWrite({
    draft: () => `reorganization-${deed}.${toValue(id)}`,
    send: (body: Body, key) =>
      send({ path: { reorganization_id: toValue(id) }, header: { 'Idempotency-Key': key } }, body),
    changes,
  })
}

export const usePreview = (id: MaybeRefOrGetter<string>) =>
  useDeed<void, Preview>('preview', id, (params) =>
    answer(api.POST('/reorganizations/{reorganization_id}/preview', { params })),
  )

export const useDecide = (id: MaybeRefOrGetter<string>) =>
  useDeed('decisions', id, (params, body: Schema<'ReorganizationDecisionRequest'>) =>
    answer(api.POST('/reorganizations/{reorganization_id}/decisions', { params, body })),
  )

export const useDecree = (id: MaybeRefOrGetter<string>) =>
  useDeed(
    'decree',
    id,
    (params, body: Schema<'ReorganizationDecree'>) =>
      answer(api.POST('/reorganizations/{reorganization_id}/decree', { params, body })),
    // Of today it is in force at once, and everything may hang somewhere else.
    [['reorganizations'], ['units'], ['appointments'], ['heads'], ['groups']],
  )

export const useWithdraw = (id: MaybeRefOrGetter<string>) =>
  useDeed('withdrawal', id, (params, body: Schema<'ReorganizationWithdrawal'>) =>
    answer(api.POST('/reorganizations/{reorganization_id}/withdrawal', { params, body })),
  )
