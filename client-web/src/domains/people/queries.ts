// People: one's own record, and for staff those of their area.
import { useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { usePages } from '@/api/pages'
import { answer } from '@/api/problem'

export type PersonSummary = Schema<'PersonSummary'>

export interface PersonFilter {
  q?: string
  unit?: string
}

export function usePerson(id: MaybeRefOrGetter<string | undefined>) {
  return useQuery({
    queryKey: ['people', 'one', id],
    enabled: () => Boolean(toValue(id)),
    queryFn: () => answer(api.GET('/people/{person_id}', { params: { path: { person_id: toValue(id)! } } })),
  })
}

export function usePeople(filter: MaybeRefOrGetter<PersonFilter>, enabled?: MaybeRefOrGetter<boolean>) {
  return usePages({
    key: ['people', 'list', filter],
    enabled,
    exported: true,
    page: (cursor, as) =>
      answer(api.GET('/people', { params: { query: { ...toValue(filter), cursor } }, ...as })),
  })
}
