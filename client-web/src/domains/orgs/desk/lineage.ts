// 11 → 19: which community came from which, told by the histories of those that were there on the day before.
import { useQueries, useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { api } from '@/api/client'
import { answer } from '@/api/problem'
import { walk } from '@/api/walk'
import { unitQuery } from '../queries'
import { historyQuery, type UnitEvent } from './queries'

export interface Place {
  id: string
  name: string
  residents: number | null
}
export interface Flow {
  from: string
  to: string
}
export interface Lineage {
  day: string
  before: Place[]
  after: Place[]
  flows: Flow[]
}

export function dayBefore(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)
}

/** The day on which the unit came out of another one, or went on in others; the latest there is. */
export function successionDay(history: readonly UnitEvent[] | undefined): string | undefined {
  return history?.find((one) => one.what === 'succeeded_from' || one.what === 'succeeded_by')?.on_day
}

/** The communities of a day, for counting and for drawing. */
export function useCommunities(
  day: MaybeRefOrGetter<string | undefined>,
  enabled?: MaybeRefOrGetter<boolean>,
) {
  return useQuery({
    queryKey: ['units', 'communities', day],
    enabled: () => toValue(enabled) ?? true,
    queryFn: async () =>
      (
        await walk((cursor) =>
          answer(
            api.GET('/units', {
              params: { query: { kind: 'community', as_of: toValue(day), limit: 200, cursor } },
            }),
          ),
        )
      ).items,
  })
}

/** Days on which communities changed, from those that stand on the day looked at. */
export function useReorganizations(asOf: MaybeRefOrGetter<string | undefined>) {
  const communities = useCommunities(asOf)
  return computed(() => {
    const days = new Map<string, number>()
    for (const one of communities.data.value ?? []) {
      for (const day of [one.valid_from, one.valid_to && dayAfter(one.valid_to)]) {
        if (day) days.set(day, (days.get(day) ?? 0) + 1)
      }
    }
    return [...days.keys()].sort()
  })
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
}

export function useLineage(day: MaybeRefOrGetter<string | undefined>) {
  const on = () => Boolean(toValue(day))
  const before = useCommunities(() => (toValue(day) ? dayBefore(toValue(day)!) : undefined), on)
  const after = useCommunities(day, on)
  const histories = useQueries({
    queries: computed(() =>
      toValue(day) ? (before.data.value ?? []).map((one) => historyQuery(one.id)) : [],
    ),
  })
  const size = usePopulations(before, after)
  const data = computed<Lineage | undefined>(() => {
    const at = toValue(day)
    const [old, now] = [before.data.value, after.data.value]
    if (!at || !old || !now || histories.value.some((one) => one.data === undefined)) return undefined
    const flows = old.flatMap((one, index) => {
      const heirs = (histories.value[index]?.data ?? []).filter(
        (event) => event.what === 'succeeded_by' && event.on_day === at && event.unit,
      )
      if (heirs.length) return heirs.map((event) => ({ from: one.id, to: event.unit!.id }))
      return now.some((other) => other.id === one.id) ? [{ from: one.id, to: one.id }] : []
    })
    // The new ones in the order of those they came from: lines then cross as little as they can.
    const order = new Map(flows.map((flow, index) => [flow.to, index]))
    const place = (one: { id: string; short_name: string }): Place => ({
      id: one.id,
      name: one.short_name,
      residents: size.value.get(one.id) ?? null,
    })
    return {
      day: at,
      before: old.map(place),
      after: [...now].sort((a, b) => (order.get(a.id) ?? 99) - (order.get(b.id) ?? 99)).map(place),
      flows,
    }
  })
  return {
    data,
    error: computed(
      () =>
        before.error.value ?? after.error.value ?? histories.value.find((one) => one.error)?.error ?? null,
    ),
    isPending: computed(() => data.value === undefined),
    isFetching: computed(() => before.isFetching.value || histories.value.some((one) => one.isFetching)),
    fetchStatus: before.fetchStatus,
    refetch: () =>
      Promise.all([before.refetch(), after.refetch(), ...histories.value.map((one) => one.refetch())]),
  }
}

/** Published counts come later than the drawing: it does not wait for them. */
function usePopulations(before: ReturnType<typeof useCommunities>, after: ReturnType<typeof useCommunities>) {
  const wanted = computed(() => [
    ...(before.data.value ?? []).map((one) => ({ id: one.id, day: one.valid_to ?? undefined })),
    ...(after.data.value ?? []).map((one) => ({ id: one.id, day: one.valid_to ?? undefined })),
  ])
  const units = useQueries({
    queries: computed(() =>
      wanted.value.map(({ id, day }) => ({ ...unitQuery(id, day), staleTime: 300_000 })),
    ),
  })
  return computed(
    () =>
      new Map(
        wanted.value.map(({ id }, index) => [
          id,
          units.value[index]?.data?.counts.population ?? units.value[index]?.data?.counts.residents,
        ]),
      ),
  )
}
