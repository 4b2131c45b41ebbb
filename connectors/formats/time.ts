/** Below this an epoch number counts seconds (until the year 5138), above it milliseconds (from March 1973). */
const SECONDS_BELOW = 1e11
/** 9999-12-31T23:59:59.999Z: what is later counts micro- or nanoseconds, or is no time. */
const LATEST_MS = 253_402_300_799_999
const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|z|[+-]\d{2}(?::?\d{2})?)?)?$/
const NUMBER = /^-?\d+(?:\.\d+)?$/
/** 400 Gregorian years. */
const CALENDAR_CYCLE_MS = 146_097 * 86_400_000
const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/**
 * Epoch milliseconds of ISO-8601 (without an offset: UTC), or of epoch seconds or milliseconds as number or text; null for anything else,
 * also for a day that the calendar does not have. Digits after the third of a second are cut.
 */
export function parseTime(value: unknown): number | null {
  if (typeof value === 'number') return fromEpoch(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.getTime()
  if (typeof value !== 'string') return null
  const usual = usualIso(value)
  if (usual !== null) return usual
  const match = ISO.exec(value)
  if (match) return fromIso(match)
  return NUMBER.test(value) ? fromEpoch(Number(value)) : null
}

/** `2025-06-01T12:34:56.789Z`, with or without milliseconds, without a regular expression: nearly every time there is. Null for all else. */
function usualIso(text: string): number | null {
  const length = text.length
  if ((length !== 24 && length !== 20) || text.charCodeAt(length - 1) !== 90 || text.charCodeAt(10) !== 84) return null
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45 || text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return null
  if (length === 24 && text.charCodeAt(19) !== 46) return null
  const year = digits(text, 0, 4)
  const [month, day] = [digits(text, 5, 2), digits(text, 8, 2)]
  const [hour, minute, second] = [digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2)]
  const ms = length === 24 ? digits(text, 20, 3) : 0
  // the days after the 28th depend on the month: the long way knows
  const isPlain = ms >= 0 && year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour <= 23 && minute <= 59 && second <= 59
  return isPlain ? Date.UTC(year, month - 1, day, hour, minute, second, ms) : null
}

/** NaN, which no comparison holds for, where one of them is no digit. */
function digits(text: string, at: number, count: number): number {
  let number = 0
  for (let i = at; i < at + count; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return Number.NaN
    number = number * 10 + digit
  }
  return number
}

function fromEpoch(value: number): number | null {
  const ms = Math.floor(Math.abs(value) < SECONDS_BELOW ? value * 1000 : value)
  return Math.abs(ms) <= LATEST_MS ? ms : null
}

function fromIso(match: RegExpExecArray): number | null {
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (month < 1 || day < 1 || day > (MONTH_DAYS[month - 1] ?? 0)) return null
  if (month === 2 && day === 29 && !isLeap(year)) return null
  const [hour, minute, second] = [Number(match[4] ?? 0), Number(match[5] ?? 0), Number(match[6] ?? 0)]
  const ms = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3))
  const endOfDay = hour === 24 && minute === 0 && second === 0 && ms === 0
  if ((hour > 23 && !endOfDay) || minute > 59 || second > 59) return null
  const offset = offsetMinutes(match[8])
  if (offset === null) return null
  // Date.UTC takes the years 0..99 for 1900..1999; the calendar repeats after 400 years
  return Date.UTC(year + 400, month - 1, day, hour, minute, second, ms) - CALENDAR_CYCLE_MS - offset * 60_000
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

function offsetMinutes(text: string | undefined): number | null {
  if (text === undefined || text === 'Z' || text === 'z') return 0
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(3).replace(':', '') || 0)]
  if (hours > 23 || minutes > 59) return null
  return (hours * 60 + minutes) * (text.startsWith('-') ? -1 : 1)
}
