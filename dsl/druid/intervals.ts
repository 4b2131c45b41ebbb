/** Druid's intervals: `start/end`, either of which may be a period from the other; one, a list, or an object that holds a list. */
import { addMonths } from '../civil.js'
import type { Context } from '../context.js'
import { quote } from '../issues.js'
import { parsePeriod } from '../period.js'
import { mergeSpans } from '../intervals.js'
import type { Interval, Span } from '../query.js'
import type { Schema } from '../json-schema.js'
import { parseTimestamp } from '../timestamp.js'

/** Each is a test of every row. */
const MAX_INTERVALS = 1000

/** 0000-01-01 and 10000-01-01: what a timestamp can be written as. Druid's "eternity" reaches further. */
const FIRST = -62_167_219_200_000
const LAST = 253_402_300_800_000

export type RawIntervals = string | readonly (string | undefined)[] | { readonly intervals?: string | readonly (string | undefined)[] }

const INTERVAL: Schema = { type: 'string', description: 'Two ISO-8601 timestamps, "start/end", one of which may be a period.', examples: ['2019-01-01/P1D'] }
const LIST: Schema = { type: 'array', items: INTERVAL, minItems: 1, maxItems: MAX_INTERVALS, description: 'The intervals.' }

export const INTERVALS_SCHEMA: Schema = {
  description: 'Intervals as "2019-01-01/2019-01-02".',
  oneOf: [
    INTERVAL,
    LIST,
    {
      type: 'object',
      properties: { type: { const: 'intervals' }, intervals: { description: 'The intervals.', oneOf: [INTERVAL, LIST] } },
      required: ['type', 'intervals'],
      additionalProperties: false
    }
  ]
}

const EVER: readonly Span[] = [{ start: FIRST, end: LAST }]

/** Spans in ascending order, overlapping ones joined; one where faults or emptiness leave none. */
export function readIntervals(raw: RawIntervals | undefined, context: Context): readonly Span[] {
  if (raw === undefined) return EVER
  const isObject = typeof raw === 'object' && !Array.isArray(raw)
  const list = isObject ? (raw as { intervals?: string | readonly (string | undefined)[] }).intervals ?? [] : raw as string | readonly (string | undefined)[]
  const pointer = isObject ? '/intervals/intervals' : '/intervals'
  const spans = typeof list === 'string' ? [readInterval(list, context, pointer)]
    : list.map((text, index) => text === undefined ? null : readInterval(text, context, `${pointer}/${index}`))
  const sound = spans.filter(span => span !== null)
  const joined = mergeSpans(sound)
  return joined.length > 0 ? joined : sound.length > 0 ? sound.slice(0, 1) : EVER
}

/** The interval of which spans count. */
export function intervalOf(spans: readonly Span[], timeZone: string): Interval {
  const interval = { start: spans[0]!.start, end: spans.at(-1)!.end, timeZone }
  return spans.length === 1 ? interval : { ...interval, spans }
}

function readInterval(text: string, context: Context, pointer: string): Span | null {
  const parts = text.split('/')
  const [first, last] = parts.map(part => part.trim())
  if (parts.length !== 2 || !first || !last) {
    context.issues.add('invalid_interval', pointer, `got ${quote(text)}, expected two timestamps as in "2019-01-01/2019-01-02"`)
    return null
  }
  const [isPeriodFirst, isPeriodLast] = [first.startsWith('P'), last.startsWith('P')]
  const start = isPeriodFirst ? NaN : readTimestamp(first, context, pointer)
  const end = isPeriodLast ? NaN : readTimestamp(last, context, pointer)
  const range = {
    start: isPeriodFirst ? shift(end, first, -1, context, pointer) : start,
    end: isPeriodLast ? shift(start, last, 1, context, pointer) : end
  }
  if (range.end < range.start) {
    context.issues.add('invalid_interval', pointer, `the end ${quote(last)} lies before the start ${quote(first)}, expected it at or after`)
  }
  return range
}

/** `at` plus or minus a period, on the clock of UTC. */
function shift(at: number, text: string, direction: 1 | -1, context: Context, pointer: string): number {
  const period = parsePeriod(text)
  if (period === null) {
    context.issues.add('invalid_period', pointer, `${quote(text)} is not an ISO-8601 period, expected for example "P1D"`)
    return NaN
  }
  if (Number.isNaN(at)) return NaN
  return clamp(addMonths(at, direction * period.months) + direction * period.ms)
}

const YEAR_OR_MONTH = /^\d{4}(-\d{2})?$/
const HOUR_ONLY = /T\d{2}$/
const FAR_YEAR = /^([+-]?)\d{5,}-|^-\d+-/

function readTimestamp(text: string, context: Context, pointer: string): number {
  if (FAR_YEAR.test(text)) return text.startsWith('-') ? FIRST : LAST
  const [, month] = YEAR_OR_MONTH.exec(text) ?? []
  const whole = YEAR_OR_MONTH.test(text) ? `${text}${month === undefined ? '-01-01' : '-01'}` : HOUR_ONLY.test(text) ? `${text}:00` : text
  const instant = parseTimestamp(whole, 'UTC')
  if (typeof instant === 'number') return clamp(instant)
  context.issues.add('invalid_interval', pointer, `${quote(text)} ${instant}`)
  return NaN
}

function clamp(instant: number): number {
  return Math.max(FIRST, Math.min(LAST, instant))
}
