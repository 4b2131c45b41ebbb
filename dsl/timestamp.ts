/** Reading of ISO-8601 timestamps. */
import { daysInMonth, localDate } from './civil.js'
import { parseCanonical } from './instant.js'
import { DAY, HOUR, MINUTE, SECOND } from './period.js'
import { zoneOf } from './zone.js'

const DATE = String.raw`(\d{4})-(\d{2})-(\d{2})`
const TIME = String.raw`(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?`
const OFFSET = String.raw`(Z|([+-])(\d{2})(?::?(\d{2})(?::?(\d{2}))?)?)`
const TIMESTAMP = new RegExp(`^${DATE}(?:[Tt ]${TIME}(?: ?${OFFSET})?)?$`, 'i')

/** The widest offset that a clock was ever set to is below this. */
const MAX_OFFSET = 24 * HOUR

/**
 * Epoch ms of an ISO-8601 timestamp; without an offset it is local time in `timeZone`, a date alone its first instant.
 * Of a local time that occurs twice it is the first. Digits beyond the millisecond are cut off.
 * Otherwise one clause that says what is wrong, to be put after the quoted text.
 */
export function parseTimestamp(text: string, timeZone: string): number | string {
  const canonical = parseCanonical(text)
  if (canonical === canonical) return canonical
  const match = TIMESTAMP.exec(text)
  if (!match) return 'is not an ISO-8601 timestamp, expected for example "2019-01-01T00:00:00.000+02:00"'
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(part => Number(part ?? 0)) as
    [number, number, number, number, number, number]
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month - 1)) return 'is a date that does not exist'
  const millisecond = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'))
  const timeOfDay = hour * HOUR + minute * MINUTE + second * SECOND + millisecond
  if (minute > 59 || second > 59 || timeOfDay > DAY) return 'is a time of day that does not exist'

  const local = localDate(year, month - 1, day) + timeOfDay
  if (match[8] === undefined) return fromLocal(local, timeZone, match[4] === undefined)
  const offset = offsetOf(match)
  return offset === null ? 'has an offset that does not exist' : local - offset
}

function offsetOf(match: RegExpExecArray): number | null {
  if (match[9] === undefined) return 0
  const minutes = Number(match[11] ?? 0)
  const seconds = Number(match[12] ?? 0)
  const size = Number(match[10]) * HOUR + minutes * MINUTE + seconds * SECOND
  if (minutes > 59 || seconds > 59 || size >= MAX_OFFSET) return null
  return match[9] === '-' ? -size : size
}

function fromLocal(local: number, timeZone: string, isDateOnly: boolean): number | string {
  const zone = zoneOf(timeZone)!
  const instant = zone.firstInstant(local)
  const exists = instant + zone.spanAt(instant).offset === local
  return exists || isDateOnly ? instant : `does not exist in ${timeZone}, where the clocks jump over it; write a later time or an offset`
}
