// Dates and numbers as people here write them: 11 月 25 日 星期三 15:00; tables 11-25 15:00. Business time is Shanghai's.
import { daysBetween, dayIn, today } from '@/api/clock'
import { t } from '.'
import { language } from './language'

const zone = 'Asia/Shanghai'
const made = new Map<string, Intl.DateTimeFormat>()

function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const locale = language.value === 'zh' ? 'zh-CN' : 'en-GB'
  const name = locale + JSON.stringify(options)
  let one = made.get(name)
  if (!one) {
    one = new Intl.DateTimeFormat(locale, { timeZone: zone, ...options })
    made.set(name, one)
  }
  return one
}

/** Accepts a business date or an instant. */
function instant(value: string): Date {
  return new Date(/^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T00:00:00+08:00` : value)
}

function part(at: Date, options: Intl.DateTimeFormatOptions, type: Intl.DateTimeFormatPartTypes): string {
  return (
    formatter(options)
      .formatToParts(at)
      .find((one) => one.type === type)?.value ?? ''
  )
}

/** 11 月 25 日 · 25 November; with the year when it is not this one. */
export function day(value: string): string {
  const at = instant(value)
  const year = dayIn(at).slice(0, 4)
  const otherYear = year !== today().slice(0, 4)
  if (language.value === 'en') {
    return formatter({ day: 'numeric', month: 'long', ...(otherYear ? { year: 'numeric' } : {}) }).format(at)
  }
  const [, month, date] = dayIn(at).split('-')
  return `${otherYear ? `${year} 年 ` : ''}${Number(month)} 月 ${Number(date)} 日`
}

/** 11/25, for narrow columns. */
export function dayShort(value: string): string {
  // 7/12 is July to some and December to others: English spells the month.
  if (language.value === 'en') return formatter({ day: 'numeric', month: 'short' }).format(instant(value))
  const [, month, date] = dayIn(instant(value)).split('-')
  return `${Number(month)}/${Number(date)}`
}

export function weekday(value: string): string {
  return part(instant(value), { weekday: 'long' }, 'weekday')
}

/** 15:00 */
export function time(value: string): string {
  return formatter({ hour: '2-digit', minute: '2-digit', hour12: false }).format(instant(value))
}

export function dayLong(value: string): string {
  return language.value === 'zh' ? `${day(value)} ${weekday(value)}` : `${weekday(value)}, ${day(value)}`
}

export function moment(value: string): string {
  return `${dayLong(value)} ${time(value)}`
}

/** For tables: 11-25 15:00, with the year when it is another. */
export function tableMoment(value: string): string {
  return `${tableDay(value)} ${time(value)}`
}

export function tableDay(value: string): string {
  const text = dayIn(instant(value))
  return text.startsWith(today().slice(0, 4)) ? text.slice(5) : text
}

/** 今天, 明天, 昨天, or nothing: only ever shown beside the date itself. */
export function nearDay(value: string): string {
  const away = daysBetween(today(), dayIn(instant(value)))
  if (away === 0) return t('time.today')
  if (away === 1) return t('time.tomorrow')
  if (away === -1) return t('time.yesterday')
  return ''
}

/** As a neighbour would say it: 明天下午 3 点, tomorrow at 3:00 pm. */
export function spoken(value: string): string {
  const at = instant(value)
  const near = nearDay(value) || dayLong(value)
  if (language.value === 'en') {
    return `${near}, ${formatter({ hour: 'numeric', minute: '2-digit', hour12: true }).format(at)}`
  }
  const [hour = 0, minute = 0] = time(value).split(':').map(Number)
  const half =
    hour < 6
      ? '凌晨'
      : hour < 9
        ? '早上'
        : hour < 12
          ? '上午'
          : hour < 14
            ? '中午'
            : hour < 18
              ? '下午'
              : '晚上'
  const rest = minute === 0 ? '' : minute === 30 ? '半' : ` ${minute} 分`
  return `${near}${half} ${hour > 12 ? hour - 12 : hour} 点${rest}`
}

export function number(value: number): string {
  return new Intl.NumberFormat(language.value === 'zh' ? 'zh-CN' : 'en-GB').format(value)
}

/** 90 → 1 小时 30 分钟 */
export function minutes(value: number): string {
  const hours = Math.floor(value / 60)
  const rest = value % 60
  const said: string[] = []
  if (hours) said.push(t('time.hours', { n: hours }, hours))
  if (rest || !hours) said.push(t('time.minutes', { n: rest }, rest))
  return said.join(' ')
}

/** 1 334 650 cm² → 133.47, always with two decimals so that a column lines up. */
export function squareMetres(cm2: number): string {
  const locale = language.value === 'zh' ? 'zh-CN' : 'en-GB'
  return new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(
    cm2 / 10_000,
  )
}
