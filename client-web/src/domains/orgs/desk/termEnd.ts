/** The last day of a term of so many months: 2026-03-01 and 36 months end on 2029-02-28. */
export function lastDayOf(from: string, months: number): string {
  const [year = 0, month = 1, day = 1] = from.split('-').map(Number)
  const first = new Date(Date.UTC(year, month - 1 + months, 1))
  const length = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate()
  first.setUTCDate(Math.min(day, length))
  return new Date(first.getTime() - 86_400_000).toISOString().slice(0, 10)
}
