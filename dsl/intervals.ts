/** The interval of a query in all its forms: their JSON Schema, and how they become one checked `Interval`. */
import { bucketer } from './buckets.js'
import { addMonths } from './civil.js'
import type { Context } from './context.js'
import { below, quote } from './issues.js'
import { NAMED_PERIODS, parsePeriod } from './period.js'
import type { Interval, Span } from './query.js'
import type { Schema } from './json-schema.js'
import { checkZone, readTimestamp } from './time.js'
import { zoneOf } from './zone.js'

/** Start and end as the shape check leaves them. */
export interface RawRange {
  readonly start?: string
  readonly end?: string
}

export interface RawSpan extends RawRange {
  readonly time_zone?: string
}

interface RawLast {
  readonly last: string
  readonly align?: string
  readonly time_zone?: string
}

/** As the shape check leaves it: of the right types, faulty parts undefined. */
export type RawInterval = string | RawSpan | RawLast | readonly (string | RawSpan | undefined)[]

/** A list of them is merged and looked through once; it is far more than anybody writes. */
const MAX_INTERVALS = 10_000

const TIME_ZONE: Schema = { type: 'string', description: 'A name of the tz database.', default: 'UTC', examples: ['UTC', 'Europe/Helsinki'] }

export const SPAN_SCHEMA: Schema = {
  type: 'object',
  description: 'Which sessions: those that started at or after `start` and before `end`.',
  properties: {
    start: {
      type: 'string',
      description: 'An ISO-8601 timestamp; without an offset it is local time in time_zone.',
      examples: ['2019-01-01T00:00:00.000+02:00']
    },
    end: { type: 'string', description: 'An ISO-8601 timestamp; a session that starts then is out.', examples: ['2019-01-02T00:00:00.000+02:00'] },
    time_zone: TIME_ZONE
  },
  required: ['start', 'end'],
  additionalProperties: false
}

const ISO: Schema = {
  type: 'string',
  description: 'Start and end in one text, in UTC where they have no offset; one of them may be a period.',
  examples: ['2019-01-01/2019-02-01', '2019-01-01/P1M']
}

export const INTERVAL_SCHEMA: Schema = {
  description: 'Which sessions: those that started within it.',
  oneOf: [
    SPAN_SCHEMA,
    {
      type: 'object',
      description: 'The time until now.',
      properties: {
        last: { type: 'string', description: 'An ISO-8601 period.', examples: ['P7D', 'PT24H', 'P1M'] },
        align: { enum: [...NAMED_PERIODS.keys()], description: 'It ends where the present day, hour and so on began, not now: only whole ones are in.' },
        time_zone: TIME_ZONE
      },
      required: ['last'],
      additionalProperties: false
    },
    ISO,
    { type: 'array', items: { oneOf: [SPAN_SCHEMA, ISO] }, minItems: 1, maxItems: MAX_INTERVALS, description: 'Several intervals; where they overlap each session counts once.' }
  ]
}

/** `pointer` is where the interval is. It gives the query its time zone. */
export function normaliseInterval(raw: RawInterval, context: Context, pointer = '/interval'): Interval {
  if (typeof raw === 'string') return { ...readText(raw, context, pointer), timeZone: context.timeZone }
  if (isList(raw)) return readList(raw, context, pointer)
  context.timeZone = checkZone(raw.time_zone ?? context.timeZone, context, below(pointer, 'time_zone'))
  const { timeZone } = context
  if ('last' in raw) return { ...readLast(raw, context, pointer), timeZone }
  return { ...readRange(raw, context, pointer, below(pointer, 'start'), below(pointer, 'end')), timeZone }
}

/** Start and end in epoch ms, NaN where faulty. A timestamp without an offset is local time of the query. */
export function readRange({ start, end }: RawRange, context: Context, pointer: string, startPointer: string, endPointer: string): Span {
  const from = start === undefined ? NaN : readTimestamp(start, context.timeZone, context, startPointer)
  const to = end === undefined ? NaN : readTimestamp(end, context.timeZone, context, endPointer)
  if (to < from) context.issues.add('invalid_interval', pointer, `the end ${quote(end!)} lies before the start ${quote(start!)}, expected it at or after`)
  return { start: from, end: to }
}

/** An instant moved by an ISO-8601 period, `sign` 1 or -1 times: days and longer by the calendar, hours and shorter by the elapsed time. NaN of NaN. */
export function shift(instant: number, period: string, sign: 1 | -1, timeZone: string): number {
  if (Number.isNaN(instant)) return NaN
  const [date, time] = period.split('T')
  const calendar = parsePeriod(date!)
  const elapsed = time === undefined ? null : parsePeriod(`PT${time}`)
  let moved = instant
  if (calendar !== null) {
    const zone = zoneOf(timeZone)!
    moved = zone.firstInstant(addMonths(instant + zone.spanAt(instant).offset, sign * calendar.months) + sign * calendar.ms)
  }
  return moved + sign * (elapsed?.ms ?? 0)
}

/** "start/end", of which one may be a period. */
function readText(text: string, context: Context, pointer: string): Span {
  const [start, end, ...more] = text.split('/')
  if (end === undefined || more.length > 0) {
    context.issues.add('invalid_interval', pointer, `got ${quote(text)}, expected two timestamps as in "2019-01-01/2019-02-01"`)
    return { start: NaN, end: NaN }
  }
  if (end.startsWith('P') && readPeriod(end, context, pointer)) {
    const from = readTimestamp(start!, context.timeZone, context, pointer)
    return { start: from, end: shift(from, end, 1, context.timeZone) }
  }
  if (start!.startsWith('P') && readPeriod(start!, context, pointer)) {
    const to = readTimestamp(end, context.timeZone, context, pointer)
    return { start: shift(to, start!, -1, context.timeZone), end: to }
  }
  if (end.startsWith('P') || start!.startsWith('P')) return { start: NaN, end: NaN }
  return readRange({ start, end }, context, pointer, pointer, pointer)
}

function readLast({ last, align }: RawLast, context: Context, pointer: string): Span {
  const now = context.now()
  if (last === undefined || !readPeriod(last, context, below(pointer, 'last'))) return { start: NaN, end: NaN }
  const { timeZone } = context
  const end = align === undefined ? now
    : bucketer({ type: 'period', period: NAMED_PERIODS.get(align)!, timeZone, origin: null }, { start: now, end: now, timeZone }).floor(now)
  return { start: shift(end, last, -1, timeZone), end }
}

function readPeriod(text: string, context: Context, pointer: string): boolean {
  if (parsePeriod(text) !== null) return true
  context.issues.add('invalid_period', pointer, `got ${quote(text)}, expected an ISO-8601 period above zero such as "PT24H", "P7D" or "P1M"`)
  return false
}

/** All of a list in one time zone: that which the first of them names. */
function readList(items: readonly (string | RawSpan | undefined)[], context: Context, pointer: string): Interval {
  let named: string | undefined
  for (const [index, item] of items.entries()) {
    const zone = typeof item === 'object' ? item.time_zone : undefined
    if (zone === undefined) continue
    if (named === undefined) {
      named = zone
      context.timeZone = checkZone(zone, context, `${pointer}/${index}/time_zone`)
    } else if (zone !== named) {
      context.issues.add('invalid_value', `${pointer}/${index}/time_zone`, `got ${quote(zone)} after ${quote(named)}, expected one time zone for all intervals`)
    }
  }
  const spans = items.map((item, index): Span => {
    const at = `${pointer}/${index}`
    if (item === undefined) return { start: NaN, end: NaN }
    return typeof item === 'string' ? readText(item, context, at) : readRange(item, context, at, below(at, 'start'), below(at, 'end'))
  })
  const { timeZone } = context
  const merged = mergeSpans(spans)
  const start = merged[0]?.start ?? Math.min(...spans.map(span => span.start))
  const end = merged.at(-1)?.end ?? start
  return merged.length > 1 ? { start, end, timeZone, spans: merged } : { start, end, timeZone }
}

/** Ascending and apart from each other; without empty ones. */
export function mergeSpans(spans: readonly Span[]): Span[] {
  const merged: { start: number, end: number }[] = []
  for (const { start, end } of spans.filter(span => span.end > span.start).sort((a, b) => a.start - b.start)) {
    const before = merged.at(-1)
    if (before !== undefined && start <= before.end) before.end = Math.max(before.end, end)
    else merged.push({ start, end })
  }
  return merged
}

function isList(raw: RawInterval): raw is readonly (string | RawSpan | undefined)[] {
  return Array.isArray(raw)
}
