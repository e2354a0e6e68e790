// The questions behind the workbench, each asked only when the person may: open cases, reservations, services without a
// word, terms that end.
import { useQueries } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { api } from '@/api/client'
import { daysBetween, today } from '@/api/clock'
import { answer } from '@/api/problem'
import { walk } from '@/api/walk'
import { endsSoonDays } from '@/domains/orgs/desk/terms'
import { inLanguage } from '@/i18n/pick'
import { useLogin } from '@/stores/login'

export interface EndingTerm {
  id: string
  who: string
  post: string
  unit: string
  until: string
  to: { name: string; query: Record<string, string> }
}
const open = ['awaiting_consent', 'in_mediation', 'level_exhausted', 'agreed', 'in_force'] as const

const casesOf = (state: (typeof open)[number]) => ({
  queryKey: ['mediation-cases', 'open', state] as const,
  queryFn: async () =>
    (
      await walk((cursor) =>
        answer(api.GET('/mediation-cases', { params: { query: { state, limit: 200, cursor } } })),
      )
    ).items,
})

const reservedAt = (unit: string) => ({
  queryKey: ['redemptions', 'reserved', unit] as const,
  queryFn: async () =>
    (
      await walk((cursor) =>
        answer(
          api.GET('/redemptions', { params: { query: { unit, state: 'reserved', limit: 200, cursor } } }),
        ),
      )
    ).items,
})

const unratedAt = (unit: string) => ({
  queryKey: ['service-records', 'unrated', unit] as const,
  queryFn: () =>
    answer(api.GET('/service-records', { params: { query: { unit, state: 'recorded', limit: 200 } } })),
})

const headsOf = (unit: string) => ({
  queryKey: ['heads', 'all', unit] as const,
  staleTime: 300_000,
  queryFn: async () =>
    (await walk((cursor) => answer(api.GET('/heads', { params: { query: { unit, limit: 200, cursor } } }))))
      .items,
})

const appointmentsOf = (under: string) => ({
  queryKey: ['appointments', 'all', under] as const,
  staleTime: 300_000,
  queryFn: async () =>
    (
      await walk((cursor) =>
        answer(api.GET('/appointments', { params: { query: { under, limit: 200, cursor } } })),
      )
    ).items,
})

export function useDutySources() {
  const { t } = useI18n()
  const login = useLogin()
  const places = (operation: string) => [...new Set(login.workplacesFor(operation).map((one) => one.id))]
  const files = login.mayAtWork('listMediators')
  const cases = useQueries({ queries: files ? open.map(casesOf) : [] })
  const redemptions = useQueries({ queries: places('collectRedemption').map(reservedAt) })
  const services = useQueries({ queries: places('createServiceRecord').map(unratedAt) })
  const heads = useQueries({ queries: places('endHead').map(headsOf) })
  const appointments = useQueries({ queries: places('endAppointment').map(appointmentsOf) })
  const all = computed(() => [
    ...cases.value,
    ...redemptions.value,
    ...services.value,
    ...heads.value,
    ...appointments.value,
  ])
  const endsSoon = (day: string | null): day is string =>
    day !== null && daysBetween(today(), day) >= 0 && daysBetween(today(), day) <= endsSoonDays

  return {
    cases: computed(() => cases.value.flatMap((one) => one.data ?? [])),
    redemptions: computed(() => redemptions.value.flatMap((one) => one.data ?? [])),
    services: computed(() => {
      const found = services.value.flatMap((one) => one.data?.items ?? [])
      return {
        count: found.length,
        more: services.value.some((one) => one.data?.next_cursor),
        oldest: found.map((one) => one.served_on).sort()[0],
        unit: login.workplacesFor('createServiceRecord')[0]?.name ?? '',
      }
    }),
    terms: computed<EndingTerm[]>(() => [
      ...heads.value
        .flatMap((one) => one.data ?? [])
        .filter((one) => endsSoon(one.valid_to))
        .map((one) => ({
          id: one.id,
          who: one.person.name,
          post: t(`head.kind_${one.kind}`),
          unit: one.unit.name,
          until: one.valid_to!,
          to: { name: 'desk-heads', query: { q: one.person.name } },
        })),
      ...appointments.value
        .flatMap((one) => one.data ?? [])
        .filter((one) => endsSoon(one.valid_to))
        .map((one) => ({
          id: one.id,
          who: one.person.name,
          post: inLanguage(one.post, 'name'),
          unit: one.unit.name,
          until: one.valid_to!,
          to: { name: 'desk-appointments', query: { q: one.person.name } },
        })),
    ]),
    // What has come is shown as soon as every part has either come or failed.
    ready: computed(
      () =>
        all.value.every((one) => one.data !== undefined || one.error !== null) &&
        !(all.value.length > 0 && all.value.every((one) => one.data === undefined)),
    ),
    error: computed(() => all.value.find((one) => one.error)?.error ?? null),
    isFetching: computed(() => all.value.some((one) => one.isFetching)),
    fetchStatus: computed(() =>
      all.value.some((one) => one.fetchStatus === 'paused') ? 'paused' : 'fetching',
    ),
    refetch: () => Promise.all(all.value.filter((one) => one.error).map((one) => one.refetch())),
  }
}
