// Residents' groups, and the heads of buildings, lanes and streets.
import { toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { usePages } from '@/api/pages'
import { answer } from '@/api/problem'

export type Head = Schema<'Head'>

export interface HeadFilter {
  unit?: string
  kind?: Head['kind']
  as_of?: string
  /** Rows a page. */
  limit?: number
}

export function useHeads(filter: MaybeRefOrGetter<HeadFilter>, enabled?: MaybeRefOrGetter<boolean>) {
  return usePages({
    key: ['heads', filter],
    enabled,
    page: (cursor) => answer(api.GET('/heads', { params: { query: { ...toValue(filter), cursor } } })),
  })
}
