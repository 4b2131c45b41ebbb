/** Calendar arithmetic on local milliseconds: what a clock on the wall shows, counted as if it were UTC. */

const DAY = 86_400_000

/** Local ms of a date (proleptic Gregorian); `month` 0..11. A day beyond the month runs into the next. */
export function localDate(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day)
}

export function daysInMonth(year: number, month: number): number {
  return new Date(localDate(year, month + 1, 0)).getUTCDate()
}

/** The same day and time of another month; the last day of that month where it has no such day. */
export function addMonths(local: number, months: number): number {
  const date = new Date(local)
  const total = date.getUTCFullYear() * 12 + date.getUTCMonth() + months
  const year = Math.floor(total / 12)
  const month = total - year * 12
  const day = Math.min(date.getUTCDate(), daysInMonth(year, month))
  return localDate(year, month, day) + timeOfDay(local)
}

/** Milliseconds since local midnight. */
export function timeOfDay(local: number): number {
  return local - Math.floor(local / DAY) * DAY
}
