// What a resident has to do, from everything the server has for them: dated things first, nearest first.
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { RouteLocationRaw } from 'vue-router'
import { dayIn, now, today } from '@/api/clock'
import { useCases, type MediationCase } from '@/domains/mediation/queries'
import { useRedemptions, type Redemption } from '@/domains/points/queries'
import { useServiceRecords, type ServiceRecord } from '@/domains/volunteering/queries'
import { inLanguage } from '@/i18n/pick'
import { useLogin } from '@/stores/login'

export interface Task {
  key: string
  kind: 'meeting' | 'consent' | 'agreement' | 'service' | 'redemption'
  /** When it is, or by when; none: whenever the person likes. */
  at: string | undefined
  title: string
  about: string
  verb: string
  to: RouteLocationRaw
}

type Words = ReturnType<typeof useI18n>['t']

function meeting(t: Words, one: MediationCase): Task | undefined {
  if (!one.next_attempt_at || dayIn(new Date(one.next_attempt_at)) < today()) return undefined
  return {
    key: `meeting.${one.id}`,
    kind: 'meeting',
    at: one.next_attempt_at,
    title: t('tasks.meeting'),
    about: [one.next_attempt_place, one.title].filter(Boolean).join(' · '),
    verb: t('tasks.meeting_verb'),
    to: { name: 'case', params: { case: one.id } },
  }
}

function consent(t: Words, one: MediationCase): Task | undefined {
  if (!one.actions.includes('consent')) return undefined
  return {
    key: `consent.${one.id}`,
    kind: 'consent',
    at: undefined,
    title: t('tasks.consent'),
    about: one.title,
    verb: t('tasks.consent_verb'),
    to: { name: 'consent', params: { case: one.id } },
  }
}

function agreement(t: Words, one: MediationCase): Task | undefined {
  if (!one.actions.includes('sign')) return undefined
  return {
    key: `agreement.${one.id}`,
    kind: 'agreement',
    at: undefined,
    title: t('tasks.agreement'),
    about: one.title,
    verb: t('tasks.agreement_verb'),
    to: { name: 'agreement', params: { case: one.id } },
  }
}

function service(t: Words, one: ServiceRecord): Task {
  return {
    key: `service.${one.id}`,
    kind: 'service',
    at: undefined,
    title: t('tasks.service', { name: one.volunteer.name }),
    about: inLanguage({ kind_name_zh: one.kind_name_zh, kind_name_en: one.kind_name_en }, 'kind_name'),
    verb: t('tasks.service_verb'),
    to: { name: 'rate', params: { record: one.id } },
  }
}

function redemption(t: Words, one: Redemption): Task {
  const name = inLanguage({ name_zh: one.reward_name_zh, name_en: one.reward_name_en }, 'name')
  return {
    key: `redemption.${one.id}`,
    kind: 'redemption',
    at: one.collect_by,
    title: t('tasks.redemption', { name }),
    about: inLanguage({ venue_zh: one.venue_zh, venue_en: one.venue_en }, 'venue'),
    verb: t('tasks.redemption_verb'),
    to: { name: 'redemption', params: { redemption: one.id } },
  }
}

function byTime(one: Task, other: Task): number {
  if (!one.at || !other.at) return one.at ? -1 : other.at ? 1 : 0
  return Date.parse(one.at) - Date.parse(other.at)
}

function present<T>(value: T | undefined): value is T {
  return value !== undefined
}

export function useTasks() {
  const { t } = useI18n()
  const login = useLogin()
  const cases = useCases({ mine: 'true' }, () => login.may('listMediationCases'))
  const services = useServiceRecords({ as: 'served', state: 'recorded' }, () =>
    login.may('listServiceRecords'),
  )
  const redemptions = useRedemptions({ state: 'reserved' }, () => login.may('listRedemptions'))
  const all = [cases, services, redemptions] as const

  const items = computed<Task[]>(() => {
    const mine = cases.data.value ?? []
    return [
      ...mine.map((one) => meeting(t, one)),
      ...mine.map((one) => agreement(t, one)),
      ...mine.map((one) => consent(t, one)),
      ...(redemptions.data.value ?? [])
        .filter((one) => one.collect_by >= dayIn(now()))
        .map((one) => redemption(t, one)),
      ...(services.data.value ?? [])
        .filter((one) => one.actions.includes('evaluate'))
        .map((one) => service(t, one)),
    ]
      .filter(present)
      .sort(byTime)
  })

  return {
    items,
    count: computed(() => items.value.length),
    // As one question: shown as soon as every part has come, or what has come when a part failed.
    data: computed(() =>
      all.every((one) => one.data.value || one.error.value || isOff(one)) && !allFailed()
        ? items.value
        : undefined,
    ),
    error: computed(() => all.map((one) => one.error.value).find((error) => error) ?? null),
    isPending: computed(() => all.some((one) => one.isPending.value)),
    isFetching: computed(() => all.some((one) => one.isFetching.value)),
    fetchStatus: computed(() =>
      all.some((one) => one.fetchStatus.value === 'paused') ? 'paused' : 'fetching',
    ),
    refetch: () => Promise.all(all.filter((one) => one.error.value).map((one) => one.refetch())),
  }

  function isOff(one: (typeof all)[number]): boolean {
    return one.fetchStatus.value === 'idle' && one.isPending.value
  }
  function allFailed(): boolean {
    const on = all.filter((one) => !isOff(one))
    return on.length > 0 && on.every((one) => one.error.value && one.data.value === undefined)
  }
}
