import { describe, expect, it } from 'vitest'
import { consentLevel, counted, ladderOf } from '@/domains/mediation/ladder'
import type { Attempt, CaseFile } from '@/domains/mediation/queries'

const attempt = (level: Attempt['level'], ordinal: number, outcome: Attempt['outcome']): Attempt => ({
  id: `${level}${ordinal}`,
  level,
  ordinal,
  scheduled_at: '2026-11-25T07:00:00Z',
  place: '调解室',
  outcome,
  note: null,
  outcome_at: null,
})
const file = (more: Partial<CaseFile>): CaseFile =>
  ({
    state: 'in_mediation',
    level: 'community',
    levels: [
      { level: 'city', attempts_limit: 1, attempts_used: 0, follow_ups: 1 },
      { level: 'community', attempts_limit: 3, attempts_used: 0, follow_ups: 0 },
      { level: 'town', attempts_limit: 2, attempts_used: 0, follow_ups: 0 },
    ],
    attempts: [],
    ...more,
  }) as CaseFile
const words = ((key: string) => key) as never

describe('three-two-one', () => {
  it('shows the levels in order, however they come, with as many squares as the policy says', () => {
    expect(ladderOf(words, file({})).map((one) => [one.level, one.limit])).toEqual([
      ['community', 3],
      ['town', 2],
      ['city', 1],
    ])
  })

  it('does not count an attempt that was adjourned or called off', () => {
    const attempts = [
      attempt('community', 1, 'adjourned'),
      attempt('community', 1, 'failed'),
      attempt('community', 2, 'called_off'),
      attempt('community', 2, null),
    ]
    expect(counted(attempts).map((one) => one.outcome)).toEqual(['failed', null])
    expect(ladderOf(words, file({ attempts }))[0]).toMatchObject({
      attempts: ['failed', 'current'],
      here: true,
      words: 'mediation.next_at',
    })
  })

  it('stands nowhere when it is over', () => {
    expect(ladderOf(words, file({ state: 'terminated' })).some((one) => one.here)).toBe(false)
  })

  it('asks for consent to the next level when this one is used up', () => {
    expect(consentLevel(file({}))).toBe('community')
    expect(consentLevel(file({ state: 'level_exhausted' }))).toBe('town')
    expect(consentLevel(file({ state: 'level_exhausted', level: 'city' }))).toBe('city')
  })
})
