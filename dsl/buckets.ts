/**
 * Time buckets: where each begins, in a time zone.
 *
 * Buckets up to an hour are cut on the local clock of each offset, so a repeated hour is two buckets.
 * Longer ones begin at the first instant at which the local clock reaches their start,
 * so a day has 23 or 25 hours and a missing midnight is the first instant after it.
 */
import { addMonths } from './civil.js'
import { LimitError } from './errors.js'
import { DAY, HOUR, parsePeriod, type Period } from './period.js'
import type { Granularity, Interval } from './query.js'
import { zoneOf, type Zone } from './zone.js'

export interface Bucketer {
  /** Start of the bucket that holds the instant `t` (epoch ms). */
  floor(t: number): number
  /** Start of the bucket after the one that starts at `start`. */
  next(start: number): number
}

interface Grid extends Bucketer {
  /** Usual length of a bucket in ms, to estimate a number of buckets without making them. */
  readonly size: number
  /** Until this instant all buckets from the one starting at `start` on are `size` ms long; `start` where that is not known. */
  evenUntil(start: number): number
}

/** 4 days after 1970-01-01: a Monday. */
const FIRST_MONDAY = 4 * DAY

/** Mean length of a Gregorian month. */
const MONTH = 30.436875 * DAY

/** Extra room over the estimate: clock changes add a few buckets, at most some a year. */
const ESTIMATE_SLACK = 1000

/** `interval` gives the single bucket of `all` its bounds; the zone of a period is its own. */
export function bucketer(granularity: Granularity, interval: Interval): Bucketer {
  return gridOf(granularity, interval)
}

/**
 * Starts of all buckets that cover the half-open interval, or its spans, ascending; the first may lie before `interval.start`.
 * An empty interval has none, but for `all`, which always has one at `interval.start`.
 * @throws LimitError before more than about `limit` buckets are made
 */
export function bucketStarts(granularity: Granularity, interval: Interval, limit: number): Float64Array {
  const { start, end } = interval
  if (granularity.type === 'all') return Float64Array.of(start)
  if (end <= start) return new Float64Array(0)
  const grid = gridOf(granularity, interval)
  const spans = interval.spans ?? [interval]
  // Each span begins in a bucket of which the one before may have a part.
  const estimate = spans.reduce((sum, span) => sum + Math.floor((span.end - span.start) / grid.size), 0)
  if (estimate - ESTIMATE_SLACK > limit) throw tooMany(limit, estimate)

  let starts = new Float64Array(estimate + 2 * spans.length + ESTIMATE_SLACK)
  let count = 0
  for (const { start: from, end: until } of spans) {
    let at = grid.floor(from)
    if (count > 0 && at === starts[count - 1]) at = grid.next(at)
    for (; at < until; at = grid.next(at)) {
      const last = Math.min(until, grid.evenUntil(at)) - grid.size
      const runs = Math.max(0, Math.floor((last - at) / grid.size))
      if (count + runs >= starts.length) starts = grow(starts, count + runs)
      for (let i = 0; i < runs; i++, at += grid.size) starts[count++] = at
      starts[count++] = at
    }
  }
  if (count > limit) throw tooMany(limit, count)
  return starts.slice(0, count)
}

function grow(starts: Float64Array<ArrayBuffer>, needed: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(needed * 2 + 1)
  grown.set(starts)
  return grown
}

function tooMany(limit: number, needed: number): LimitError {
  return new LimitError('max_buckets', limit, needed, 'Use a coarser granularity or a shorter interval.')
}

function gridOf(granularity: Granularity, interval: Interval): Grid {
  switch (granularity.type) {
    case 'all': return allGrid(interval)
    case 'none': return fixedGrid(requireZone('UTC'), 1, 0)
    case 'duration': return fixedGrid(requireZone('UTC'), granularity.duration, granularity.origin)
    case 'period': return periodGrid(granularity)
  }
}

function periodGrid({ period: text, timeZone, origin }: Extract<Granularity, { type: 'period' }>): Grid {
  const zone = requireZone(timeZone)
  const period = parsePeriod(text)
  if (!period) throw new RangeError(`not a period: ${JSON.stringify(text)}`)
  const localOrigin = origin === null ? period.isOneWeek ? FIRST_MONDAY : 0 : origin + zone.spanAt(origin).offset
  if (period.months === 0 && period.ms <= HOUR) return fixedGrid(zone, period.ms, localOrigin)
  return calendarGrid(zone, period, localOrigin)
}

function requireZone(name: string): Zone {
  const zone = zoneOf(name)
  if (!zone) throw new RangeError(`unknown time zone: ${JSON.stringify(name)}`)
  return zone
}

function allGrid({ start, end }: Interval): Grid {
  const after = Math.max(end, start + 1)
  return { size: after - start, floor: () => start, next: () => after, evenUntil: at => at }
}

/** Buckets of `size` ms of local time, cut anew where the offset changes. */
function fixedGrid(zone: Zone, size: number, localOrigin: number): Grid {
  const floor = (t: number): number => {
    let { start, offset } = zone.spanAt(t)
    const shift = offset - localOrigin
    const at = Math.floor((t + shift) / size) * size - shift
    while (at < start) {
      const before = zone.spanAt(start - 1)
      if (before.offset !== offset) return start
      start = before.start
    }
    return at
  }
  const next = (at: number): number => {
    let { end, offset } = zone.spanAt(at)
    const shift = offset - localOrigin
    const after = (Math.floor((at + shift) / size) + 1) * size - shift
    while (after > end) {
      const following = zone.spanAt(end)
      if (following.offset !== offset) return end
      end = following.end
    }
    return after
  }
  const evenUntil = (start: number): number => {
    const { end, offset } = zone.spanAt(start)
    return (start + offset - localOrigin) % size === 0 ? end : start
  }
  return { size, floor, next, evenUntil }
}

/** Buckets that begin when the local clock first reaches origin + n periods. */
function calendarGrid(zone: Zone, period: Period, localOrigin: number): Grid {
  const size = period.months * MONTH + period.ms
  const startOf = (n: number): number => {
    const local = period.months === 0 ? localOrigin : addMonths(localOrigin, n * period.months)
    return zone.firstInstant(local + n * period.ms)
  }
  const indexOf = (t: number): number => {
    let n = Math.floor((t + zone.spanAt(t).offset - localOrigin) / size)
    while (startOf(n) > t) n--
    while (startOf(n + 1) <= t) n++
    return n
  }
  const evenUntil = (start: number): number => {
    if (period.months > 0) return start
    const { end, offset } = zone.spanAt(start)
    return (start + offset - localOrigin) % size === 0 ? end : start
  }
  // Buckets are mostly asked for one after the other.
  let last = NaN
  let lastIndex = 0
  const next = (start: number): number => {
    let n = start === last ? lastIndex : indexOf(start)
    // Of a day that the zone never had the start is that of the next one.
    do last = startOf(++n)
    while (last <= start)
    lastIndex = n
    return last
  }
  return { size, floor: t => startOf(indexOf(t)), next, evenUntil }
}
