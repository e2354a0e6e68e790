// Questions about the organization: units, trees, history, posts and appointments, as of a day.
import { useQueries, useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { usePages } from '@/api/pages'
import { answer } from '@/api/problem'
import { useLogin } from '@/stores/login'

export type Unit = Schema<'Unit'>
export type UnitKind = Schema<'UnitKind'>
export type Ladder = 'territory' | 'leadership'

/** One unit as it stood on a day; for several at once. */
export function unitQuery(id: string, asOf: string | undefined) {
  return {
    queryKey: ['units', 'one', id, asOf] as const,
    queryFn: () =>
      answer(api.GET('/units/{unit_id}', { params: { path: { unit_id: id }, query: { as_of: asOf } } })),
  }
}

export function useUnit(
  id: MaybeRefOrGetter<string | undefined>,
  asOf?: MaybeRefOrGetter<string | undefined>,
) {
  return useQuery({
    queryKey: ['units', 'one', id, asOf],
    enabled: () => Boolean(toValue(id)),
    queryFn: () => unitQuery(toValue(id)!, toValue(asOf)).queryFn(),
  })
}

/** Names of units by their ids, as of a day; `made` are those that a document will make. */
export function useUnitNames(
  ids: MaybeRefOrGetter<readonly string[]>,
  asOf: MaybeRefOrGetter<string | undefined>,
  made?: MaybeRefOrGetter<ReadonlyMap<string, string>>,
) {
  const known = computed(() => toValue(made) ?? new Map<string, string>())
  const wanted = computed(() => [...new Set(toValue(ids))].filter((id) => !known.value.has(id)))
  const units = useQueries({
    queries: computed(() =>
      wanted.value.map((id) => ({ ...unitQuery(id, toValue(asOf)), staleTime: 300_000 })),
    ),
  })
  return computed(
    () =>
      new Map([
        ...known.value,
        ...wanted.value.map((id, index) => [id, units.value[index]?.data?.name ?? '…'] as const),
      ]),
  )
}

export interface UnitFilter {
  kind?: UnitKind
  under?: string
  ladder?: Ladder
  q?: string
  as_of?: string
}

export function useUnits(filter: MaybeRefOrGetter<UnitFilter>, enabled?: MaybeRefOrGetter<boolean>) {
  return usePages({
    key: ['units', 'list', filter],
    enabled,
    page: (cursor) => answer(api.GET('/units', { params: { query: { ...toValue(filter), cursor } } })),
  })
}

/** The community in which the person lives: by its own record, found on the way up from the home. */
export function useMyCommunity() {
  const login = useLogin()
  const home = useUnit(() => login.me?.unit?.id)
  const communityId = computed(() => {
    const unit = home.data.value
    if (!unit) return undefined
    return unit.kind === 'community' ? unit.id : unit.territory.find((one) => one.kind === 'community')?.id
  })
  const community = useUnit(communityId)
  return { home, community }
}

/** The human whom a resident can call: the community's telephone, else the city's. */
export function useContact() {
  const login = useLogin()
  const { community } = useMyCommunity()
  return computed(() => {
    const unit = community.data.value
    if (unit?.contact_phone) return { phone: unit.contact_phone, name: unit.short_name }
    return { phone: login.system?.contact_phone ?? '', name: login.system?.city ?? '' }
  })
}
