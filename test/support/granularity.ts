/** What a granularity of the query language means, as a rule of the wall clock. */
import { DateTime } from 'luxon'
import type { GranularityJson, NamedGranularity, QueryJson } from './query-json.js'
import { offsetAt, type BucketRule } from './wall-clock.js'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const WEEK = 7 * DAY

/** Monday, 5 January 1970: ISO weeks begin on Mondays. */
const MONDAY = 4 * DAY

type Regular = Exclude<NamedGranularity, 'all' | 'none'>

const NAMED: Record<Regular, readonly ['month' | 'wall', number]> = {
  second: ['wall', SECOND],
  minute: ['wall', MINUTE],
  five_minute: ['wall', 5 * MINUTE],
  ten_minute: ['wall', 10 * MINUTE],
  fifteen_minute: ['wall', 15 * MINUTE],
  thirty_minute: ['wall', 30 * MINUTE],
  hour: ['wall', HOUR],
  six_hour: ['wall', 6 * HOUR],
  eight_hour: ['wall', 8 * HOUR],
  day: ['wall', DAY],
  week: ['wall', WEEK],
  month: ['month', 1],
  quarter: ['month', 3],
  year: ['month', 12]
}

const LETTERS: Record<string, readonly ['month' | 'wall', number]> = {
  'PT#S': ['wall', SECOND], 'PT#M': ['wall', MINUTE], 'PT#H': ['wall', HOUR],
  'P#D': ['wall', DAY], 'P#W': ['wall', WEEK], 'P#M': ['month', 1], 'P#Y': ['month', 12]
}

/** Usual length of a bucket in ms, to keep the number of buckets of a random query small. */
export function nominalLength(granularity: GranularityJson): number {
  if (granularity === 'all' || granularity === 'none') return Infinity
  const rule = ruleOf({ interval: { start: '', end: '' }, granularity, group_by: [], aggregations: [] })
  return rule.unit === 'month' ? rule.count * 30 * DAY : rule.count
}

/** The rule of a granularity that has one: all but `all` and `none`. */
export function ruleOf(query: QueryJson): BucketRule {
  const { granularity } = query
  const zone = query.interval.time_zone ?? 'UTC'
  if (typeof granularity === 'string') {
    const [unit, count] = NAMED[granularity as Regular]
    return { unit, count, timeZone: zone, origin: granularity === 'week' ? MONDAY : 0 }
  }
  if (granularity.type === 'duration') {
    return { unit: 'elapsed', count: granularity.duration, timeZone: zone, origin: granularity.origin ? instantOfText(granularity.origin, zone) : 0 }
  }
  const timeZone = granularity.time_zone ?? zone
  const [unit, one] = LETTERS[granularity.period.replace(/\d+/, '#')] as readonly ['month' | 'wall', number]
  const count = one * Number(/\d+/.exec(granularity.period)?.[0])
  if (granularity.origin === undefined) return { unit, count, timeZone, origin: count === WEEK ? MONDAY : 0 }
  const origin = instantOfText(granularity.origin, timeZone)
  return { unit, count, timeZone, origin: origin + offsetAt(origin, timeZone) }
}

/** A timestamp without an offset is local time in `timeZone`. */
export function instantOfText(text: string, timeZone: string): number {
  return DateTime.fromISO(text, { zone: timeZone }).toMillis()
}
