/**
 * Buckets of time, written from the rules of the query language alone: an instant is floored on the wall clock of its zone,
 * and the floored wall time is turned back into an instant. Luxon gives the offsets and nothing else.
 */
import { DateTime, IANAZone } from 'luxon'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export interface BucketRule {
  /** Months and milliseconds of the wall clock, or milliseconds of elapsed time, whatever the clock shows. */
  readonly unit: 'month' | 'wall' | 'elapsed'
  readonly count: number
  readonly timeZone: string
  /** Where the grid is counted from: wall time as if it were UTC; for `elapsed` an instant. */
  readonly origin: number
}

/** In the years of the tests every clock changes at a whole quarter of an hour, so an offset holds for all of one. */
const QUARTER = 15 * MINUTE
const offsets = new Map<string, Map<number, number>>()

/** Wall clock minus UTC, in milliseconds. */
export function offsetAt(instant: number, timeZone: string): number {
  const known = offsets.get(timeZone) ?? new Map<number, number>()
  offsets.set(timeZone, known)
  const quarter = Math.floor(instant / QUARTER)
  const offset = known.get(quarter) ?? (timeZone === 'UTC' ? 0 : IANAZone.create(timeZone).offset(instant) * MINUTE)
  known.set(quarter, offset)
  return offset
}

/** The first instant at which the wall clock shows `wall` or, where that is skipped, the first one after. */
export function instantOf(wall: number, timeZone: string): number {
  const before = wall - DAY
  const valid = [offsetAt(before, timeZone), offsetAt(wall + DAY, timeZone)]
    .map(offset => wall - offset)
    .filter(instant => instant + offsetAt(instant, timeZone) === wall)
  if (valid.length > 0) return Math.min(...valid)
  let low = before - DAY
  let high = wall + 2 * DAY
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (middle + offsetAt(middle, timeZone) >= wall) high = middle
    else low = middle
  }
  return high
}

function addMonths(origin: number, months: number): number {
  const at = new Date(origin)
  const day = at.getUTCDate()
  const last = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months + 1, 0)).getUTCDate()
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months, Math.min(day, last)) + (((origin % DAY) + DAY) % DAY)
}

/** Number of the period since the origin in which the wall clock is. */
function indexOf(wall: number, rule: BucketRule): number {
  if (rule.unit !== 'month') return Math.floor((wall - rule.origin) / rule.count)
  const at = new Date(wall)
  const from = new Date(rule.origin)
  const months = (at.getUTCFullYear() - from.getUTCFullYear()) * 12 + at.getUTCMonth() - from.getUTCMonth()
  let index = Math.floor(months / rule.count) + 1
  while (addMonths(rule.origin, index * rule.count) > wall) index--
  return index
}

/** The first instant of the period with that number. */
function startOf(index: number, rule: BucketRule): number {
  const wall = rule.unit === 'month' ? addMonths(rule.origin, index * rule.count) : rule.origin + index * rule.count
  return instantOf(wall, rule.timeZone)
}

/** Up to an hour: cut on the clock of each offset, so that a repeated hour is two buckets and a change of the clock begins a new one. */
function shortBucketStart(instant: number, rule: BucketRule): number {
  const offset = offsetAt(instant, rule.timeZone)
  const start = rule.origin + indexOf(instant + offset, rule) * rule.count - offset
  if (offsetAt(start, rule.timeZone) === offset) return start
  let low = start
  let high = instant
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(middle, rule.timeZone) === offset) high = middle
    else low = middle
  }
  return high
}

export function bucketStart(instant: number, rule: BucketRule): number {
  if (rule.unit === 'elapsed') return rule.origin + Math.floor((instant - rule.origin) / rule.count) * rule.count
  if (rule.unit === 'wall' && rule.count <= HOUR) return shortBucketStart(instant, rule)
  let index = indexOf(instant + offsetAt(instant, rule.timeZone), rule)
  // a clock that was set back shows an earlier period again: the later one has begun already
  while (startOf(index + 1, rule) <= instant) index++
  return startOf(index, rule)
}

/** The starts of all buckets that have a part inside [start, end), ascending. */
export function bucketStarts(start: number, end: number, rule: BucketRule): number[] {
  if (start >= end) return []
  const nominal = rule.unit === 'month' ? rule.count * 30.5 * DAY : rule.count
  const starts = [bucketStart(start, rule)]
  for (;;) {
    const last = starts[starts.length - 1] as number
    const next = nextStart(last, nominal, rule)
    if (next >= end) return starts
    starts.push(next)
  }
}

function nextStart(last: number, nominal: number, rule: BucketRule): number {
  const guess = bucketStart(Math.floor(last + nominal * 1.5), rule)
  if (guess > last && bucketStart(guess - 1, rule) === last) return guess
  let low = last
  let high = last + 2 * nominal + 2 * DAY
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (bucketStart(middle, rule) > last) high = middle
    else low = middle
  }
  return high
}

/** The stamp of a row: milliseconds always, `Z` for UTC, else the offset of that instant. */
export function stamp(instant: number, timeZone: string): string {
  return DateTime.fromMillis(instant, { zone: timeZone }).toISO() ?? ''
}
