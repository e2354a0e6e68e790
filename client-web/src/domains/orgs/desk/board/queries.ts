// What a place must look after: vacancies, terms, bodies, handovers; and how its areas are looked after, on the map.
import { useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { usePages } from '@/api/pages'
import { answer } from '@/api/problem'
import { walk } from '@/api/walk'
import { useWrite } from '@/api/write'

export type Vacancy = Schema<'Vacancy'>
export type TermWarning = Schema<'TermWarning'>
export type Composition = Schema<'Composition'>
export type Handover = Schema<'Handover'>
export type Area = Schema<'UnitArea'>
export type Figures = Schema<'UnitStatistics'>

type Place = MaybeRefOrGetter<string | undefined>
type Day = MaybeRefOrGetter<string | undefined>
const where = (under: Place, day: Day) => ({ under: toValue(under)!, as_of: toValue(day) })
const known = (under: Place) => () => Boolean(toValue(under))

export function useVacancies(under: Place, day: Day) {
  return usePages({
    key: ['appointments', 'vacancies', under, day],
    enabled: known(under),
    page: (cursor) =>
      answer(api.GET('/vacancies', { params: { query: { ...where(under, day), limit: 100, cursor } } })),
  })
}

export function useTermWarnings(under: Place, day: Day) {
  return usePages({
    key: ['appointments', 'terms', under, day],
    enabled: known(under),
    page: (cursor) =>
      answer(api.GET('/term-warnings', { params: { query: { ...where(under, day), limit: 100, cursor } } })),
  })
}

export function useCompositions(under: Place, day: Day) {
  return usePages({
    key: ['appointments', 'bodies', under, day],
    enabled: known(under),
    page: (cursor) =>
      answer(
        api.GET('/compositions', {
          params: { query: { ...where(under, day), faulty: true, limit: 100, cursor } },
        }),
      ),
  })
}

export function useHandovers(under: Place) {
  return usePages({
    key: ['handovers', under],
    enabled: known(under),
    page: (cursor) =>
      answer(
        api.GET('/handovers', {
          params: { query: { under: toValue(under), state: 'open', limit: 100, cursor } },
        }),
      ),
  })
}

export function useEditHandover(handover: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `handover.${toValue(handover)}`,
    send: ({ version, ...body }: Schema<'HandoverPatch'> & { version: number }, key) =>
      answer(
        api.PATCH('/handovers/{handover_id}', {
          params: {
            path: { handover_id: toValue(handover) },
            header: { 'If-Match': `"${version}"`, 'Idempotency-Key': key },
          },
          body,
        }),
      ),
    changes: [['handovers']],
  })
}

export function useCompleteHandover(handover: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `handover-completion.${toValue(handover)}`,
    send: (_: undefined, key) =>
      answer(
        api.POST('/handovers/{handover_id}/completion', {
          params: { path: { handover_id: toValue(handover) }, header: { 'Idempotency-Key': key } },
        }),
      ),
    changes: [['handovers']],
  })
}

export function useAreas(under: Place, kind: MaybeRefOrGetter<Schema<'AreaUnitKind'>>, day: Day) {
  return useQuery({
    queryKey: ['areas', under, kind, day],
    enabled: known(under),
    queryFn: async () =>
      (
        await walk((cursor) =>
          answer(
            api.GET('/unit-areas', {
              params: { query: { ...where(under, day), kind: toValue(kind), limit: 200, cursor } },
            }),
          ),
        )
      ).items,
  })
}

/** The figures of one day, by community. */
export function useFigures(under: Place, day: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['units', 'figures', under, day],
    enabled: known(under),
    queryFn: async () =>
      (
        await walk((cursor) =>
          answer(
            api.GET('/statistics/units', {
              params: {
                query: { under: toValue(under)!, from: toValue(day), to: toValue(day), limit: 200, cursor },
              },
            }),
          ),
        )
      ).items,
  })
}
