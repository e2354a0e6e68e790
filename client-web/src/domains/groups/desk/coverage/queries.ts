// Which places have a head on a day, and the areas to draw them in. A building has no area of its own on the map: it counts
// for the compound, or the community, that it stands in.
import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { answer } from '@/api/problem'
import { usePages } from '@/api/pages'
import { walk } from '@/api/walk'

export type HeadCoverage = Schema<'HeadCoverage'>
export type UnitArea = Schema<'UnitArea'>
export type Workload = Schema<'HeadWorkload'>

export interface AreaCoverage {
  id: string
  name: string
  area: UnitArea['area'] | undefined
  places: number
  covered: number
  gap: number
  overlap: number
  state: 'gap' | 'overlap' | 'covered' | 'none'
}

/** As many pages as a city of today has places; beyond that a smaller area has to be chosen. */
const most = 10

export function useCoverage(
  unit: MaybeRefOrGetter<string | undefined>,
  asOf: MaybeRefOrGetter<string | undefined>,
) {
  const places = useQuery({
    queryKey: ['heads', 'coverage', unit, asOf],
    enabled: () => Boolean(toValue(unit)),
    queryFn: () =>
      walk(
        (cursor) =>
          answer(
            api.GET('/head-coverage', {
              params: { query: { unit: toValue(unit)!, as_of: toValue(asOf), limit: 200, cursor } },
            }),
          ),
        most,
      ),
  })
  return {
    ...places,
    data: computed(() => places.data.value?.items),
    cut: computed(() => places.data.value?.cut),
  }
}

function useBelow(unit: MaybeRefOrGetter<string | undefined>, asOf: MaybeRefOrGetter<string | undefined>) {
  return useQuery({
    queryKey: ['units', 'below', unit, asOf],
    enabled: () => Boolean(toValue(unit)),
    queryFn: async () =>
      (
        await walk(
          (cursor) =>
            answer(
              api.GET('/units/{unit_id}/tree', {
                params: {
                  path: { unit_id: toValue(unit)! },
                  query: { ladder: 'territory', depth: 6, as_of: toValue(asOf), limit: 200, cursor },
                },
              }),
            ),
          most,
        )
      ).items,
  })
}

function useAreas(
  unit: MaybeRefOrGetter<string | undefined>,
  kind: MaybeRefOrGetter<'community' | 'compound'>,
  asOf: MaybeRefOrGetter<string | undefined>,
) {
  return useQuery({
    queryKey: ['units', 'areas', unit, kind, asOf],
    enabled: () => Boolean(toValue(unit)),
    queryFn: async () =>
      (
        await walk((cursor) =>
          answer(
            api.GET('/unit-areas', {
              params: {
                query: {
                  under: toValue(unit)!,
                  kind: toValue(kind),
                  as_of: toValue(asOf),
                  limit: 200,
                  cursor,
                },
              },
            }),
          ),
        )
      ).items,
  })
}

/** Places summed by the unit that has an area on the map, worst first. */
export function useAreaCoverage(
  unit: MaybeRefOrGetter<string | undefined>,
  kind: MaybeRefOrGetter<'community' | 'compound'>,
  asOf: MaybeRefOrGetter<string | undefined>,
) {
  const places = useCoverage(unit, asOf)
  const below = useBelow(unit, asOf)
  const areas = useAreas(unit, kind, asOf)
  const parts = [places, below, areas] as const
  const data = computed<AreaCoverage[] | undefined>(() => {
    const [rows, nodes, drawn] = [places.data.value, below.data.value, areas.data.value]
    if (!rows || !nodes || !drawn) return undefined
    const parent = new Map(nodes.map((one) => [one.id, one.parent_id]))
    const sums = new Map<string, AreaCoverage>(
      nodes
        .filter((one) => one.kind === toValue(kind))
        .map((one) => [
          one.id,
          {
            id: one.id,
            name: one.short_name,
            area: undefined,
            places: 0,
            covered: 0,
            gap: 0,
            overlap: 0,
            state: 'none',
          },
        ]),
    )
    for (const one of drawn) {
      const sum = sums.get(one.unit.id)
      if (sum) sum.area = one.area
    }
    for (const row of rows) {
      let at: string | null | undefined = row.unit.id
      while (at && !sums.has(at)) at = parent.get(at)
      const sum = at ? sums.get(at) : undefined
      if (!sum) continue
      sum.places += 1
      sum[row.state] += 1
    }
    const worst = { gap: 0, overlap: 1, covered: 2, none: 3 }
    return [...sums.values()]
      .map((one) => ({
        ...one,
        state: one.gap
          ? ('gap' as const)
          : one.overlap
            ? ('overlap' as const)
            : one.places
              ? ('covered' as const)
              : ('none' as const),
      }))
      .sort((one, other) => worst[one.state] - worst[other.state] || other.gap - one.gap)
  })
  return {
    places,
    generated: computed(() => areas.data.value?.some((one) => one.is_generated) ?? false),
    areas: {
      data,
      error: computed(() => parts.find((one) => one.error.value)?.error.value ?? null),
      isPending: computed(() => data.value === undefined),
      isFetching: computed(() => parts.some((one) => one.isFetching.value)),
      fetchStatus: computed(() =>
        parts.some((one) => one.fetchStatus.value === 'paused') ? 'paused' : 'fetching',
      ),
      refetch: () => Promise.all(parts.map((one) => one.refetch())),
    },
  }
}

export function useWorkload(
  unit: MaybeRefOrGetter<string | undefined>,
  asOf: MaybeRefOrGetter<string | undefined>,
) {
  return usePages({
    key: ['heads', 'workload', unit, asOf],
    enabled: () => Boolean(toValue(unit)),
    exported: true,
    page: (cursor, as) =>
      answer(
        api.GET('/head-workload', {
          params: { query: { unit: toValue(unit)!, as_of: toValue(asOf), limit: 100, cursor } },
          ...as,
        }),
      ),
  })
}
