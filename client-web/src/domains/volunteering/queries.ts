// Services given and received, and what the served person says about them.
import { useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { usePages } from '@/api/pages'
import { answer } from '@/api/problem'
import { useWrite } from '@/api/write'

export type ServiceRecord = Schema<'ServiceRecord'>

export interface ServiceFilter {
  as?: 'volunteer' | 'served'
  state?: ServiceRecord['state']
  unit?: string
  kind?: string
  /** Rows a page. */
  limit?: number
}

export function useServiceRecords(
  filter: MaybeRefOrGetter<ServiceFilter>,
  enabled?: MaybeRefOrGetter<boolean>,
) {
  return usePages({
    key: ['service-records', 'list', filter],
    enabled,
    exported: true,
    page: (cursor, as) =>
      answer(
        api.GET('/service-records', { params: { query: { limit: 30, ...toValue(filter), cursor } }, ...as }),
      ),
  })
}

export function useServiceRecord(id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['service-records', 'one', id],
    queryFn: () =>
      answer(
        api.GET('/service-records/{service_record_id}', {
          params: { path: { service_record_id: toValue(id) } },
        }),
      ),
  })
}

export function useServiceKinds() {
  return usePages({
    key: ['service-kinds'],
    page: (cursor) => answer(api.GET('/service-kinds', { params: { query: { cursor, limit: 200 } } })),
  })
}

/** People whom the volunteer has served before: a volunteer sees no register of residents. */
export function useServicePartners(enabled?: MaybeRefOrGetter<boolean>) {
  return usePages({
    key: ['service-partners'],
    enabled,
    page: (cursor) => answer(api.GET('/service-partners', { params: { query: { cursor } } })),
  })
}

export function useRecordService() {
  return useWrite({
    draft: 'service-record',
    send: (body: Schema<'ServiceRecordRequest'>, key) =>
      answer(api.POST('/service-records', { params: { header: { 'Idempotency-Key': key } }, body })),
    changes: [['service-records'], ['service-partners']],
  })
}

export function useEvaluate(record: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `evaluation.${toValue(record)}`,
    send: (body: Schema<'EvaluationRequest'>, key) =>
      answer(
        api.POST('/service-records/{service_record_id}/evaluation', {
          params: { path: { service_record_id: toValue(record) }, header: { 'Idempotency-Key': key } },
          body,
        }),
      ),
    changes: [['service-records'], ['accounts']],
  })
}

/** Services of a place of which the served person has not said a word yet: the first page, and whether there is more. */
export const unratedQuery = (unit: string) => ({
  queryKey: ['service-records', 'unrated', unit] as const,
  queryFn: () =>
    answer(api.GET('/service-records', { params: { query: { unit, state: 'recorded', limit: 200 } } })),
})
