// What a person at the desk has to do, from what the server has for them: what is late first, then what ends next.
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { RouteLocationRaw } from 'vue-router'
import { inLanguage } from '@/i18n/pick'
import { clockState, type Deadline } from '@/ui/clockState'
import type { MediationCase } from '@/domains/mediation/queries'
import { nextStep } from '@/domains/mediation/desk/steps'
import type { Redemption } from '@/domains/points/queries'
import { useDutySources, type EndingTerm } from './sources'

export type DutyKind = 'mediation' | 'redemption' | 'service' | 'term'

export interface Duty extends Deadline {
  key: string
  kind: DutyKind
  title: string
  about: string
  from: string
  next: string
  verb: string
  to: RouteLocationRaw
}
type Words = ReturnType<typeof useI18n>['t']

function ofCase(t: Words, one: MediationCase): Duty | undefined {
  const step = nextStep(one)
  const due = one.next_attempt_at ?? (one.state === 'in_force' ? one.confirm_by : null)
  // An agreement whose thirty days are over waits for nothing that has a day.
  const over = one.state === 'in_force' && one.confirm_by !== null && clockState({ due }) === 'late'
  if (!step) return undefined
  return {
    key: one.id,
    kind: 'mediation',
    title: one.title,
    about: [one.number, [one.first_side, one.second_side].filter(Boolean).join(t('case.and'))]
      .filter(Boolean)
      .join(' · '),
    from: inLanguage({ kind_name_zh: one.kind_name_zh, kind_name_en: one.kind_name_en }, 'kind_name'),
    due: over ? null : due,
    since: one.opened_at,
    next: one.next_attempt_at ? t('bench.meeting') : t(`mediation.state_${one.state}`),
    verb: one.next_attempt_at && clockState({ due }) !== 'late' ? t('bench.see_file') : t(`case.do_${step}`),
    to: { name: 'desk-case', params: { case: one.id } },
  }
}

function ofRedemption(t: Words, one: Redemption): Duty {
  return {
    key: one.id,
    kind: 'redemption',
    title: t('bench.redemption', {
      what: inLanguage({ name_zh: one.reward_name_zh, name_en: one.reward_name_en }, 'name'),
      n: one.quantity,
    }),
    about: inLanguage({ venue_zh: one.venue_zh, venue_en: one.venue_en }, 'venue'),
    from: one.person.name,
    due: one.collect_by,
    since: one.reserved_at,
    next: t('bench.hand_out'),
    verb: t('bench.to_counter'),
    to: { name: 'desk-counter', query: { by: 'person', person: one.person.id } },
  }
}

/** Terms of one unit that end on one day are one thing to see to: the election of a committee. */
function ofTerms(t: Words, terms: readonly EndingTerm[]): Duty[] {
  const together = new Map<string, EndingTerm[]>()
  for (const one of terms) {
    const key = `${one.unit}.${one.until}`
    together.set(key, [...(together.get(key) ?? []), one])
  }
  return [...together].map(([key, group]) => {
    const [first] = group as [EndingTerm]
    return {
      key,
      kind: 'term',
      title:
        group.length === 1
          ? t('bench.term', { who: first.who })
          : t('bench.terms', { n: group.length }, group.length),
      about: group.map((one) => `${one.post} ${one.who}`).join(t('app.comma')),
      from: first.unit,
      due: first.until,
      next: t('bench.successor'),
      verb: t('bench.see'),
      to: group.length === 1 ? first.to : { ...first.to, query: { q: first.unit } },
    }
  })
}

const order = { late: 0, soon: 1, well: 2, waiting: 3, done: 4 }

export function useDuties() {
  const { t } = useI18n()
  const sources = useDutySources()
  const items = computed<Duty[]>(() => {
    const waiting = sources.services.value
    const list = [
      ...sources.cases.value.map((one) => ofCase(t, one)),
      ...sources.redemptions.value.map((one) => ofRedemption(t, one)),
      ...ofTerms(t, sources.terms.value),
      ...(waiting.count
        ? [
            {
              key: 'services',
              kind: 'service' as const,
              title: t(
                'bench.services',
                { n: waiting.more ? `${waiting.count}+` : waiting.count },
                waiting.count,
              ),
              about: t('bench.services_about', { day: waiting.oldest ?? '' }),
              from: waiting.unit,
              due: null,
              next: t('bench.remind'),
              verb: t('bench.see'),
              to: { name: 'desk-services', query: { state: 'recorded' } },
            },
          ]
        : []),
    ]
    return list
      .filter((one): one is Duty => one !== undefined)
      .sort((one, other) => {
        const rank = order[clockState(one)] - order[clockState(other)]
        return rank || Date.parse(one.due ?? '9999-01-01') - Date.parse(other.due ?? '9999-01-01')
      })
  })
  return {
    meetings: computed(() =>
      sources.cases.value
        .filter((one) => one.next_attempt_at)
        .sort((one, other) => Date.parse(one.next_attempt_at!) - Date.parse(other.next_attempt_at!)),
    ),
    query: {
      data: computed(() => (sources.ready.value ? items.value : undefined)),
      error: sources.error,
      isPending: computed(() => !sources.ready.value),
      isFetching: sources.isFetching,
      fetchStatus: sources.fetchStatus,
      refetch: sources.refetch,
    },
  }
}
