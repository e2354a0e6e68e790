// Questions over posts: vacancies, terms that end, compositions, handovers, substitutions; and the figures of a period.
import { toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { tagOf } from '@/api/etag'
import { usePages } from '@/api/pages'
import { answer } from '@/api/problem'
import { useWrite } from '@/api/write'

export type Vacancy = Schema<'Vacancy'>
export type TermWarning = Schema<'TermWarning'>
export type Composition = Schema<'Composition'>
export type Handover = Schema<'Handover'>
export type Substitution = Schema<'Substitution'>
export type UnitStatistics = Schema<'UnitStatistics'>

interface Below {
  under?: string
  as_of?: string
}

/** Asked only when it is known for where. */
const within = <Filter extends Below>(filter: Filter) => ({ ...filter, under: filter.under! })

export const useVacancies = (filter: MaybeRefOrGetter<Below>) =>
  usePages({
    key: ['appointments', 'vacancies', filter],
    enabled: () => Boolean(toValue(filter).under),
    exported: true,
    page: (cursor, as) =>
      answer(
        api.GET('/vacancies', {
          params: { query: { ...within(toValue(filter)), limit: 100, cursor } },
          ...as,
        }),
      ),
  })

export const useTermWarnings = (filter: MaybeRefOrGetter<Below & { stage?: number }>) =>
  usePages({
    key: ['appointments', 'terms', filter],
    enabled: () => Boolean(toValue(filter).under),
    exported: true,
    page: (cursor, as) =>
      answer(
        api.GET('/term-warnings', {
          params: { query: { ...within(toValue(filter)), limit: 100, cursor } },
          ...as,
        }),
      ),
  })

export const useCompositions = (filter: MaybeRefOrGetter<Below & { faulty?: boolean }>) =>
  usePages({
    key: ['appointments', 'compositions', filter],
    enabled: () => Boolean(toValue(filter).under),
    exported: true,
    page: (cursor, as) =>
      answer(
        api.GET('/compositions', {
          params: { query: { ...within(toValue(filter)), limit: 100, cursor } },
          ...as,
        }),
      ),
  })

export const useHandovers = (
  filter: MaybeRefOrGetter<{ under?: string; state?: Handover['state']; overdue?: boolean }>,
) =>
  usePages({
    key: ['handovers', 'list', filter],
    exported: true,
    page: (cursor, as) =>
      answer(api.GET('/handovers', { params: { query: { ...toValue(filter), limit: 100, cursor } }, ...as })),
  })

export const useSubstitutions = (filter: MaybeRefOrGetter<Below>) =>
  usePages({
    key: ['substitutions', 'list', filter],
    exported: true,
    page: (cursor, as) =>
      answer(
        api.GET('/substitutions', { params: { query: { ...toValue(filter), limit: 100, cursor } }, ...as }),
      ),
  })

/** Refused when somebody has changed the handover since `version` was read. */
export function useUpdateHandover(id: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `handover.${toValue(id)}`,
    send: async ({ version, ...body }: Schema<'HandoverPatch'> & { version: number }, key) => {
      const path = { handover_id: toValue(id) }
      return answer(
        api.PATCH('/handovers/{handover_id}', {
          params: {
            path,
            header: {
              'If-Match': await tagOf(api.GET('/handovers/{handover_id}', { params: { path } }), version),
              'Idempotency-Key': key,
            },
          },
          body,
        }),
      )
    },
    changes: [['handovers']],
  })
}

export function useCompleteHandover(id: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `handover-completion.${toValue(id)}`,
    send: (_body: void, key) =>
      answer(
        api.POST('/handovers/{handover_id}/completion', {
          params: { path: { handover_id: toValue(id) }, header: { 'Idempotency-Key': key } },
        }),
      ),
    changes: [['handovers']],
  })
}

export function useSubstitute() {
  return useWrite({
    draft: 'substitution',
    send: (body: Schema<'SubstitutionRequest'>, key) =>
      answer(api.POST('/substitutions', { params: { header: { 'Idempotency-Key': key } }, body })),
    changes: [['substitutions'], ['people']],
  })
}

export function useEndSubstitution(id: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `substitution-end.${toValue(id)}`,
    send: ({ last_day }: Schema<'SubstitutionEnd'>, key) =>
      answer(
        api.POST('/substitutions/{substitution_id}/end', {
          params: { path: { substitution_id: toValue(id) }, header: { 'Idempotency-Key': key } },
          body: { last_day },
        }),
      ),
    changes: [['substitutions']],
  })
}

export interface Period {
  under: string
  from: string
  to: string
  kind: 'town' | 'community'
  reshape: 'period' | 'today'
}

export const useUnitStatistics = (period: MaybeRefOrGetter<Period | undefined>) =>
  usePages({
    key: ['statistics', 'units', period],
    enabled: () => toValue(period) !== undefined,
    exported: true,
    page: (cursor, as) =>
      answer(
        api.GET('/statistics/units', {
          params: { query: { ...toValue(period)!, limit: 100, cursor } },
          ...as,
        }),
      ),
  })
