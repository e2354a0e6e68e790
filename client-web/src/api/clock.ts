// The server's clock, as offset to this device's: phones that are wrong by a day must not show a wrong "tomorrow".
import { ref } from 'vue'

const offset = ref(0)

export function setServerTime(iso: string): void {
  const at = Date.parse(iso)
  if (Number.isFinite(at)) offset.value = at - Date.now()
}

export function now(): Date {
  return new Date(Date.now() + offset.value)
}

const dayOf = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' })

/** Business date (YYYY-MM-DD) of an instant in Asia/Shanghai. */
export function dayIn(at: Date): string {
  return dayOf.format(at)
}

export function today(): string {
  return dayIn(now())
}

/** The business date so many days after (or before) another. */
export function addDays(from: string, count: number): string {
  return new Date(Date.parse(`${from}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10)
}

/** Whole days from one business date to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000)
}
