// From a day to another, or to today: 2018 年 5 月 1 日 – 至今.
import { day } from '@/i18n/format'

type Words = (key: string) => string

export function term(one: { valid_from: string | null; valid_to: string | null }, t: Words): string {
  const from = one.valid_from ? day(one.valid_from) : ''
  return `${from} – ${one.valid_to ? day(one.valid_to) : t('people.open')}`
}
