/** ISO-8601 periods, and the granularities that have a name. */

/** `months` of varying length plus `ms` of local time. One of them is above zero. */
export interface Period {
  readonly months: number
  readonly ms: number
  /** One week and nothing else: counted from a Monday, not from the day 1970-01-01. */
  readonly isOneWeek: boolean
}

export const SECOND = 1000
export const MINUTE = 60_000
export const HOUR = 3_600_000
export const DAY = 86_400_000
export const WEEK = 7 * DAY

/** Above this a period is longer than any time that a timestamp can name. */
const MAX_YEARS = 10_000
const MAX_MONTHS = MAX_YEARS * 12
const MAX_MS = MAX_YEARS * 366 * DAY

/** Names of granularities and the periods they stand for; `all` and `none` have none. */
export const NAMED_PERIODS: ReadonlyMap<string, string> = new Map([
  ['second', 'PT1S'],
  ['minute', 'PT1M'],
  ['five_minute', 'PT5M'],
  ['ten_minute', 'PT10M'],
  ['fifteen_minute', 'PT15M'],
  ['thirty_minute', 'PT30M'],
  ['hour', 'PT1H'],
  ['six_hour', 'PT6H'],
  ['eight_hour', 'PT8H'],
  ['day', 'P1D'],
  ['week', 'P1W'],
  ['month', 'P1M'],
  ['quarter', 'P3M'],
  ['year', 'P1Y']
])

const PERIOD = /^P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d{1,3}))?S)?)?$/

/** Reads a period such as `P1D`, `P2W`, `PT15M`, `P1Y6M`; null where it is none, is zero or above 10,000 years. */
export function parsePeriod(text: string): Period | null {
  const match = PERIOD.exec(text)
  if (!match) return null
  const [years, months, weeks, days, hours, minutes, seconds] = match.slice(1, 8).map(part => Number(part ?? 0)) as
    [number, number, number, number, number, number, number]
  const fraction = Number((match[8] ?? '').padEnd(3, '0'))
  const period = {
    months: years * 12 + months,
    ms: weeks * WEEK + days * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND + fraction,
    isOneWeek: text === 'P1W'
  }
  const isZero = period.months === 0 && period.ms === 0
  return isZero || period.months > MAX_MONTHS || period.ms > MAX_MS ? null : period
}
