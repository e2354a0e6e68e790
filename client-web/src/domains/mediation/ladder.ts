// A case file as the three rows of squares: what was held at each level, where it stands, and what comes next in words.
import type { LadderLevel } from '@/ui/Ladder321.vue'
import type { useI18n } from 'vue-i18n'
import { dayLong, nearDay, time } from '@/i18n/format'
import type { Attempt, CaseFile } from './queries'

type Words = ReturnType<typeof useI18n>['t']
const order = ['community', 'town', 'city'] as const
const over: CaseFile['state'][] = ['closed', 'refused', 'failed', 'terminated', 'agreed', 'in_force']

/** The attempts that use up a square; one that was adjourned or called off gives its number on to the next. */
export function counted(attempts: Attempt[]): Attempt[] {
  return attempts.filter(
    (one) => one.outcome === null || one.outcome === 'agreed' || one.outcome === 'failed',
  )
}

function square(one: Attempt): LadderLevel['attempts'][number] {
  return one.outcome === 'agreed' ? 'agreed' : one.outcome === 'failed' ? 'failed' : 'current'
}

function words(t: Words, file: CaseFile, level: CaseFile['levels'][number], attempts: Attempt[]): string {
  const next = attempts.find((one) => one.outcome === null)
  if (next) {
    return t('mediation.next_at', {
      n: next.ordinal,
      when: `${nearDay(next.scheduled_at) || dayLong(next.scheduled_at)} ${time(next.scheduled_at)}`,
    })
  }
  if (attempts.some((one) => one.outcome === 'agreed')) return t('mediation.agreed_here')
  const here = level.level === file.level
  if (over.includes(file.state))
    return here
      ? t('mediation.stopped_here')
      : attempts.length
        ? t('mediation.not_agreed_here')
        : t('mediation.unused')
  if (here && file.state === 'awaiting_consent') return t('mediation.waiting_consent')
  if (here && level.attempts_used >= level.attempts_limit) return t('mediation.used_up')
  if (here) return t('mediation.to_be_fixed')
  if (attempts.length) return t('mediation.not_agreed_here')
  return level.follow_ups > 0 && level.level === 'city'
    ? t('mediation.visit_after')
    : t('mediation.fresh_consent')
}

export function ladderOf(t: Words, file: CaseFile): LadderLevel[] {
  const sorted = [...file.levels].sort((one, other) => order.indexOf(one.level) - order.indexOf(other.level))
  return sorted.map((level) => {
    const attempts = counted(file.attempts.filter((one) => one.level === level.level)).sort(
      (one, other) => one.ordinal - other.ordinal,
    )
    return {
      level: level.level,
      limit: level.attempts_limit,
      attempts: attempts.map(square),
      words: words(t, file, level, attempts),
      here: level.level === file.level && !over.includes(file.state),
    }
  })
}

/** The level to which a consent would be given: this one, or the next when the attempts here are used up. */
export function consentLevel(file: Pick<CaseFile, 'state' | 'level'>): CaseFile['level'] {
  if (file.state !== 'level_exhausted') return file.level
  return order[Math.min(order.length - 1, order.indexOf(file.level) + 1)] ?? file.level
}

/** What a party is called on a screen. */
export function partyName(
  party: Pick<CaseFile['parties'][number], 'person_name' | 'organization_name' | 'claimed_name'>,
): string {
  return party.person_name ?? party.organization_name ?? party.claimed_name ?? ''
}
