// The questions behind the workbench, each asked only when the person may: open cases, reservations, services without a
// word, terms that end.
import { useQueries } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { addDays, today } from '@/api/clock'
import { headsEndingQuery } from '@/domains/groups/desk/queries'
import { openCaseQueries } from '@/domains/mediation/queries'
import { appointmentsEndingQuery } from '@/domains/orgs/desk/queries'
import { endsSoonDays } from '@/domains/orgs/desk/terms'
import { reservedQuery } from '@/domains/points/queries'
import { unratedQuery } from '@/domains/volunteering/queries'
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
export function useDutySources() {
  const { t } = useI18n()
  const login = useLogin()
  const places = (operation: string) => [...new Set(login.workplacesFor(operation).map((one) => one.id))]
  // The first day that is too far away to be a matter of this desk.
  const after = addDays(today(), endsSoonDays + 1)
  const files = login.mayAtWork('listMediators')
  const cases = useQueries({ queries: files ? openCaseQueries : [] })
  const redemptions = useQueries({ queries: places('collectRedemption').map(reservedQuery) })
  const services = useQueries({ queries: places('createServiceRecord').map(unratedQuery) })
  const heads = useQueries({ queries: places('endHead').map((one) => headsEndingQuery(one, after)) })
  const appointments = useQueries({
    queries: places('endAppointment').map((one) => appointmentsEndingQuery(one, after)),
  })
  const all = computed(() => [
    ...cases.value,
    ...redemptions.value,
    ...services.value,
    ...heads.value,
    ...appointments.value,
  ])
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
