// What the desk asks about reorganizations, and what it changes.
import { useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { usePages } from '@/api/pages'
import { answer } from '@/api/problem'
import { useWrite } from '@/api/write'

export type Reorganization = Schema<'Reorganization'>
export type Preview = Schema<'ReorganizationPreview'>
export type Summary = Schema<'ReorganizationSummary'>
export type Step = Schema<'ReorganizationStepRequest'>
export type State = Schema<'ReorganizationState'>
export type Decision = Schema<'ReorganizationDecisionRequest'>['decisions'][number]

export function useReorganizations(filter: MaybeRefOrGetter<{ unit?: string; state?: State }>) {
  return usePages({
    key: ['reorganizations', 'list', filter],
    page: (cursor) =>
      answer(api.GET('/reorganizations', { params: { query: { ...toValue(filter), limit: 100, cursor } } })),
  })
}

export function useReorganization(id: MaybeRefOrGetter<string | undefined>) {
  return useQuery({
    queryKey: ['reorganizations', 'one', id],
    enabled: () => Boolean(toValue(id)),
    queryFn: () =>
      answer(
        api.GET('/reorganizations/{reorganization_id}', {
          params: { path: { reorganization_id: toValue(id)! } },
        }),
      ),
  })
}

export function useEffects(id: MaybeRefOrGetter<string>, enabled: MaybeRefOrGetter<boolean>) {
  return usePages({
    key: ['reorganizations', 'effects', id],
    enabled,
    page: (cursor) =>
      answer(
        api.GET('/reorganizations/{reorganization_id}/effects', {
          params: { path: { reorganization_id: toValue(id) }, query: { limit: 200, cursor } },
        }),
      ),
  })
}

const changes = [['reorganizations']] as const
const everything = [['reorganizations'], ['units'], ['appointments'], ['areas']] as const

export function useDraft() {
  return useWrite({
    draft: 'reorganization',
    send: (body: Schema<'ReorganizationRequest'>, key) =>
      answer(api.POST('/reorganizations', { params: { header: { 'Idempotency-Key': key } }, body })),
    changes,
  })
}

/** Refused when somebody has changed the draft since `version` was read. */
export function useEdit(id: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `reorganization.${toValue(id)}`,
    send: ({ version, ...body }: Schema<'ReorganizationPatch'> & { version: number }, key) =>
      answer(
        api.PATCH('/reorganizations/{reorganization_id}', {
          params: {
            path: { reorganization_id: toValue(id) },
            header: { 'If-Match': `"${version}"`, 'Idempotency-Key': key },
          },
          body,
        }),
      ),
    changes,
  })
}

export function usePreview(id: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `reorganization-preview.${toValue(id)}.${Date.now()}`,
    send: (_: undefined, key) =>
      answer(
        api.POST('/reorganizations/{reorganization_id}/preview', {
          params: { path: { reorganization_id: toValue(id) }, header: { 'Idempotency-Key': key } },
        }),
      ),
    changes,
  })
}

export function useDecide(id: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `reorganization-decisions.${toValue(id)}`,
    send: (decisions: Decision[], key) =>
      answer(
        api.POST('/reorganizations/{reorganization_id}/decisions', {
          params: { path: { reorganization_id: toValue(id) }, header: { 'Idempotency-Key': key } },
          body: { decisions },
        }),
      ),
    changes,
  })
}

export function useDecree(id: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `reorganization-decree.${toValue(id)}`,
    send: (body: Schema<'ReorganizationDecree'>, key) =>
      answer(
        api.POST('/reorganizations/{reorganization_id}/decree', {
          params: { path: { reorganization_id: toValue(id) }, header: { 'Idempotency-Key': key } },
          body,
        }),
      ),
    changes: everything,
  })
}

export function useWithdraw(id: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `reorganization-withdrawal.${toValue(id)}`,
    send: (reason: string, key) =>
      answer(
        api.POST('/reorganizations/{reorganization_id}/withdrawal', {
          params: { path: { reorganization_id: toValue(id) }, header: { 'Idempotency-Key': key } },
          body: { reason },
        }),
      ),
    changes,
  })
}
