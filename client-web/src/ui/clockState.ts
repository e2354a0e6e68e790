// How a deadline stands: well, soon (the last fifth of the duty's own time), late, done, or not begun.
import { daysBetween, dayIn, now, today } from '@/api/clock'

export interface Deadline {
  /** Business date or instant at which the time is over; none: not begun. */
  due?: string | null
  /** When the time began; without it, amber starts three days before the end. */
  since?: string | null
  done?: boolean
}
export type ClockState = 'done' | 'waiting' | 'late' | 'soon' | 'well'

const isDay = (value: string) => value.length === 10

/** Whole days until the deadline's day; negative when it is past. */
export function daysLeft(due: string): number {
  return daysBetween(today(), isDay(due) ? due : dayIn(new Date(due)))
}

export function clockState(deadline: Deadline): ClockState {
  if (deadline.done) return 'done'
  const { due, since } = deadline
  if (!due) return 'waiting'
  const left = daysLeft(due)
  if (isDay(due) ? left < 0 : Date.parse(due) < now().getTime()) return 'late'
  const dueDay = isDay(due) ? due : dayIn(new Date(due))
  const amber = since ? Math.max(1, daysBetween(dayIn(new Date(since)), dueDay)) * 0.2 : 3
  return left <= amber ? 'soon' : 'well'
}
