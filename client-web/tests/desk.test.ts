// What the desk works out for itself: ends of terms, the next step of a file, who is named how.
import { describe, expect, it } from 'vitest'
import { emptyParty, isNamed, partiesOf } from '@/domains/mediation/desk/parties'
import { nextStep } from '@/domains/mediation/desk/steps'
import { dayBefore, successionDay } from '@/domains/orgs/desk/lineage'
import { lastDayOf } from '@/domains/orgs/desk/termEnd'
import { isOpen } from '@/shells/desk/menu'
import { clockState } from '@/ui/clockState'

describe('the last day of a term', () => {
  it.each([
    ['2026-03-01', 36, '2029-02-28'],
    ['2026-11-25', 60, '2031-11-24'],
    ['2026-01-31', 1, '2026-02-27'],
    ['2028-02-29', 12, '2029-02-27'],
    ['2026-01-01', 12, '2026-12-31'],
  ])('of %s and %i months is %s', (from, months, last) => {
    expect(lastDayOf(from, months)).toBe(last)
  })
})

describe('the next step of a file', () => {
  it('is the first one that the server allows', () => {
    expect(nextStep({ state: 'in_mediation', actions: ['schedule_attempt', 'terminate'] })).toBe(
      'schedule_attempt',
    )
    expect(nextStep({ state: 'agreed', actions: ['sign', 'write_agreement'] })).toBe('write_agreement')
    expect(nextStep({ state: 'level_exhausted', actions: ['consent', 'terminate'] })).toBe('consent')
  })

  it('is never the end of mediation, and none where nothing may be done', () => {
    expect(nextStep({ state: 'in_mediation', actions: ['terminate', 'refuse'] })).toBeUndefined()
    expect(nextStep({ state: 'closed', actions: ['follow_up'] })).toBeUndefined()
  })
})

describe('the parties of an intake', () => {
  it('are a person, an organization, or one in words', () => {
    const person = { ...emptyParty('first'), person: 'a', position: ' 3 栋 ' }
    const shop = { ...emptyParty('second'), how: 'organization' as const, name: '和顺物业' }
    const words = { ...emptyParty('second'), how: 'words' as const, name: '楼上住户' }
    expect(partiesOf([person, shop, words])).toEqual({
      parties: [
        { side: 'first', person_id: 'a', position: '3 栋' },
        { side: 'second', organization_name: '和顺物业' },
      ],
      respondent_name: '楼上住户',
    })
    expect(isNamed(emptyParty('first'))).toBe(false)
    expect(isNamed(words)).toBe(true)
  })
})

it('finds the day on which a unit came out of another', () => {
  const event = { ladder: null, name: null, unit: null, person: null, post: null, document_ref: null }
  expect(
    successionDay([
      { ...event, on_day: '2023-01-01', what: 'named' },
      { ...event, on_day: '2022-07-01', what: 'succeeded_from' },
    ]),
  ).toBe('2022-07-01')
  expect(successionDay([])).toBeUndefined()
  expect(dayBefore('2022-07-01')).toBe('2022-06-30')
})

it('shows an entry of the menu only when both of its conditions hold', () => {
  const entry = { route: 'x', words: 'x', icon: {}, needs: ['a', 'b'], also: 'c' }
  const may =
    (...allowed: string[]) =>
    (...wanted: readonly string[]) =>
      wanted.some((one) => allowed.includes(one))
  expect(isOpen(entry, may('a', 'c'))).toBe(true)
  expect(isOpen(entry, may('a'))).toBe(false)
  expect(isOpen(entry, may('c'))).toBe(false)
})

it('tells a deadline without a day from one that is over', () => {
  expect(clockState({ due: null })).toBe('waiting')
  expect(clockState({ due: '2000-01-01' })).toBe('late')
  expect(clockState({ due: '2000-01-01', done: true })).toBe('done')
  expect(clockState({ due: '2999-01-01' })).toBe('well')
})
