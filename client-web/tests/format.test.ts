import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { setLanguage } from '@/i18n'
import { day, dayLong, minutes, moment, nearDay, spoken, tableMoment } from '@/i18n/format'
import { daysBetween } from '@/api/clock'

beforeEach(() => {
  vi.useFakeTimers()
  vi.setSystemTime(new Date('2026-11-24T02:00:00Z'))
})
afterEach(async () => {
  vi.useRealTimers()
  await setLanguage('zh')
})

describe('dates', () => {
  it('are written as people write them here, in Shanghai time', () => {
    expect(day('2026-11-25')).toBe('11 月 25 日')
    expect(day('2027-01-02')).toBe('2027 年 1 月 2 日')
    expect(moment('2026-11-25T07:00:00Z')).toBe('11 月 25 日 星期三 15:00')
    expect(tableMoment('2026-11-24T16:30:00Z')).toBe('11-25 00:30')
    expect(nearDay('2026-11-24T16:30:00Z')).toBe('明天')
    expect(spoken('2026-11-25T07:00:00Z')).toBe('明天下午 3 点')
    expect(spoken('2026-11-25T01:30:00Z')).toBe('明天上午 9 点半')
  })

  it('have an English form', async () => {
    await setLanguage('en')
    expect(dayLong('2026-11-25')).toBe('Wednesday, 25 November')
    expect(nearDay('2026-11-25')).toBe('Tomorrow')
  })

  it('count whole days', () => {
    expect(daysBetween('2026-11-24', '2026-12-01')).toBe(7)
    expect(daysBetween('2026-11-24', '2026-11-23')).toBe(-1)
  })
})

describe('minutes', () => {
  it('become hours', () => {
    expect(minutes(90)).toBe('1 小时 30 分钟')
    expect(minutes(45)).toBe('45 分钟')
    expect(minutes(120)).toBe('2 小时')
  })
})
