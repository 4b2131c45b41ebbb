/**
 * Offsets of a tz database zone as spans of constant offset, found once through Intl and kept:
 * bucketing and printing are then arithmetic instead of a calendar lookup per instant.
 */

/** A stretch of time with one offset. Neighbours may have the same offset. All in ms; `end` is exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
  /** Local time minus UTC, in ms. */
  readonly offset: number
}

export interface Zone {
  readonly name: string
  readonly isUtc: boolean
  /** The span that holds the instant `t` (epoch ms). */
  spanAt(t: number): Span
  /** The first instant at which the clock of the zone shows `local` (ms, as if UTC) or, where it jumps over it, more. */
  firstInstant(local: number): number
}

const SECOND = 1000
const DAY = 86_400_000

/** Local time differs from UTC by less than this (Manila was at -15:56 until 1844). */
const MAX_OFFSET = 16 * 3_600_000

/** Spans are found for this much time at once: a common query's year is one or two lookups. */
const CHUNK = 384 * DAY

/**
 * Distance of probes; a shorter excursion of the clock would be missed. The shortest in the tz database
 * is 3.99 days (Freetown, September 1939), and since 1950 6.96 days (Boa Vista, October 2000).
 */
const PROBE_BEFORE_1950 = 3 * DAY
const PROBE = 6 * DAY
const YEAR_1950 = Date.UTC(1950, 0, 1)

/** Zones have one offset, their local mean time, until long after this; the first railway time is of 1847. */
const FIRST_CHUNK = Math.floor(Date.UTC(1800, 0, 1) / CHUNK)

/**
 * From here on the rules of every zone repeat with the calendar: 400 years are a whole number of weeks.
 * The last dates that the tz database lists one by one are Morocco's, to 2087. It bounds what is looked up and kept.
 */
const YEAR_2100 = Date.UTC(2100, 0, 1)
const CALENDAR_CYCLE = 146_097 * DAY

/** Zone names differ in case at most, so the cache is bounded by the tz database (about 600 names). */
const zones = new Map<string, Zone>()

/** The zone of a tz database name (in any case), or null where there is none. */
export function zoneOf(name: string): Zone | null {
  const key = name.toLowerCase()
  const known = zones.get(key)
  if (known) return known
  // Intl takes 10 ms to begin with, for which most have no need.
  const zone = key === 'utc' ? utcZone(name) : /^[a-z]/.test(key) ? intlZone(name) : null
  if (zone !== null) zones.set(key, zone)
  return zone
}

/** Names near which an unknown one may lie. */
export function zoneNames(): readonly string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone')]
}

function intlZone(name: string): Zone | null {
  const clock = clockOf(name)
  if (clock === null) return null
  return clock.resolvedOptions().timeZone === 'UTC' ? utcZone(name) : tzZone(name, clock)
}

/** Null where there is no such zone. */
function clockOf(name: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric'
    })
  } catch {
    return null
  }
}

/** Local time minus UTC at a whole second, in ms; not before the year 100. */
function offsetOf(clock: Intl.DateTimeFormat, t: number): number {
  let year = 0
  let month = 0
  let day = 0
  let hour = 0
  let minute = 0
  let second = 0
  for (const { type, value } of clock.formatToParts(t)) {
    if (type === 'year') year = Number(value)
    else if (type === 'month') month = Number(value)
    else if (type === 'day') day = Number(value)
    else if (type === 'hour') hour = Number(value)
    else if (type === 'minute') minute = Number(value)
    else if (type === 'second') second = Number(value)
  }
  return Date.UTC(year, month - 1, day, hour, minute, second) - t
}

function utcZone(name: string): Zone {
  const span = { start: -Infinity, end: Infinity, offset: 0 }
  return { name, isUtc: true, spanAt: () => span, firstInstant: local => local }
}

function tzZone(name: string, clock: Intl.DateTimeFormat): Zone {
  const offsetAt = (t: number) => offsetOf(clock, t)
  const foreverUntil = FIRST_CHUNK * CHUNK
  const beforeAll = { start: -Infinity, end: foreverUntil, offset: offsetAt(foreverUntil) }
  const chunks = new Map<number, readonly Span[]>()
  let last: Span = beforeAll

  const lookUp = (t: number): Span => {
    const index = Math.floor(t / CHUNK)
    let spans = chunks.get(index)
    if (!spans) {
      spans = findSpans(offsetAt, index * CHUNK, (index + 1) * CHUNK)
      chunks.set(index, spans)
    }
    return spans.find(span => t < span.end)!
  }
  const spanAt = (t: number): Span => {
    if (t >= last.start && t < last.end) return last
    if (t < foreverUntil) last = beforeAll
    else if (t < YEAR_2100) last = lookUp(t)
    else {
      const shift = Math.floor((t - YEAR_2100) / CALENDAR_CYCLE) * CALENDAR_CYCLE
      const { start, end, offset } = lookUp(t - shift)
      last = { start: start + shift, end: end + shift, offset }
    }
    return last
  }
  return { name, isUtc: false, spanAt, firstInstant: local => firstReading(spanAt, local) }
}

function firstReading(spanAt: (t: number) => Span, local: number): number {
  let span = spanAt(local - MAX_OFFSET)
  while (local - span.offset >= span.end) span = spanAt(span.end)
  return Math.max(local - span.offset, span.start)
}

function findSpans(offsetAt: (t: number) => number, start: number, end: number): Span[] {
  const step = start < YEAR_1950 ? PROBE_BEFORE_1950 : PROBE
  const spans: Span[] = []
  let spanStart = start
  let offset = offsetAt(start)
  for (let probe = start + step; probe <= end; probe += step) {
    const next = offsetAt(probe)
    if (next === offset) continue
    const change = findChange(offsetAt, probe - step, probe, next)
    spans.push({ start: spanStart, end: change, offset })
    spanStart = change
    offset = next
  }
  spans.push({ start: spanStart, end, offset })
  return spans
}

/** The first whole second in (`from`, `to`] with the offset `next`. Zones change at whole seconds. */
function findChange(offsetAt: (t: number) => number, from: number, to: number, next: number): number {
  let low = from / SECOND
  let high = to / SECOND
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(middle * SECOND) === next) high = middle
    else low = middle
  }
  return high * SECOND
}
