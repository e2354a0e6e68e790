// Questions about the organization: units, trees, history, posts and appointments, as of a day.
import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { usePages } from '@/api/pages'
import { answer } from '@/api/problem'
import { useLogin } from '@/stores/login'

export type Unit = Schema<'Unit'>
export type UnitKind = Schema<'UnitKind'>
export type Ladder = 'territory' | 'leadership'

export function useUnit(
  id: MaybeRefOrGetter<string | undefined>,
  asOf?: MaybeRefOrGetter<string | undefined>,
) {
  return useQuery({
    queryKey: ['units', 'one', id, asOf],
    enabled: () => Boolean(toValue(id)),
    queryFn: () =>
      answer(
        api.GET('/units/{unit_id}', {
          params: { path: { unit_id: toValue(id)! }, query: { as_of: toValue(asOf) } },
        }),
      ),
  })
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
