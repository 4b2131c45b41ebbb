/** The granularity of a query: its JSON Schema, and how it becomes a checked one; time zones and timestamps. */
import type { Context } from './context.js'
import { below, quote } from './issues.js'
import { NAMED_PERIODS, parsePeriod } from './period.js'
import type { Granularity } from './query.js'
import type { Schema } from './json-schema.js'
import { parseTimestamp } from './timestamp.js'
import { zoneNames, zoneOf } from './zone.js'

/** As the shape check leaves it: of the right types, faulty parts undefined. */
export type RawGranularity = string | {
  readonly type: 'period' | 'duration'
  readonly period?: string
  readonly time_zone?: string
  readonly duration?: number
  readonly origin?: string
}

const ORIGIN: Schema = { type: 'string', description: 'An ISO-8601 timestamp at which a bucket starts, before or after the data.' }

export const GRANULARITY_SCHEMA: Schema = {
  description: 'How long a bucket of time is.',
  oneOf: [
    { enum: ['all', 'none', ...NAMED_PERIODS.keys()], description: 'A named length. Weeks start on Monday; days and longer follow the time zone.' },
    {
      type: 'object',
      description: 'A calendar period in a time zone.',
      properties: {
        type: { const: 'period' },
        period: { type: 'string', description: 'An ISO-8601 period.', examples: ['PT15M', 'P1D', 'P2W', 'P1M'] },
        time_zone: { type: 'string', description: 'A name of the tz database; the interval\'s where absent.' },
        origin: ORIGIN
      },
      required: ['type', 'period'],
      additionalProperties: false
    },
    {
      type: 'object',
      description: 'A fixed length of time, whatever the time zone.',
      properties: {
        type: { const: 'duration' },
        duration: { type: 'integer', exclusiveMinimum: 0, description: 'Milliseconds.', examples: [3600000] },
        origin: ORIGIN
      },
      required: ['type', 'duration'],
      additionalProperties: false
    }
  ]
}

/** `timeZone` is the interval's; `pointer` is where the granularity is. */
export function normaliseGranularity(raw: RawGranularity, timeZone: string, context: Context, pointer = '/granularity'): Granularity {
  if (typeof raw === 'string') {
    if (raw === 'all' || raw === 'none') return { type: raw }
    return { type: 'period', period: NAMED_PERIODS.get(raw)!, timeZone, origin: null }
  }
  const zone = raw.time_zone === undefined ? timeZone : checkZone(raw.time_zone, context, below(pointer, 'time_zone'))
  const origin = raw.origin === undefined ? null : readTimestamp(raw.origin, zone, context, below(pointer, 'origin'))
  if (raw.type === 'duration') return { type: 'duration', duration: raw.duration ?? 1, origin: origin ?? 0 }
  const period = raw.period ?? 'P1D'
  if (!parsePeriod(period)) {
    context.issues.add('invalid_period', below(pointer, 'period'), `got ${quote(period)}, expected an ISO-8601 period above zero such as "PT15M", "P1D" or "P2W"`)
  }
  return { type: 'period', period, timeZone: zone, origin }
}

const OFFSET_OR_ABBREVIATION = /^(?:(?:UTC|GMT)?[+-]\d[\d:]*|[A-Z]{2,5})$/

/** The name itself, or UTC where there is no such zone. */
export function checkZone(name: string, context: Context, pointer: string): string {
  if (zoneOf(name)) return name
  const isShort = OFFSET_OR_ABBREVIATION.test(name)
  const reason = isShort ? ': an offset or abbreviation does not say when clocks change' : ''
  const message = `the tz database has no time zone ${quote(name)}, expected for example "Europe/Helsinki"${reason}`
  context.issues.add('unknown_time_zone', pointer, message, isShort ? undefined : name, zoneNames())
  return 'UTC'
}

/** NaN where the timestamp is faulty. */
export function readTimestamp(text: string, timeZone: string, context: Context, pointer: string): number {
  const instant = parseTimestamp(text, timeZone)
  if (typeof instant === 'number') return instant
  context.issues.add('invalid_interval', pointer, `${quote(text)} ${instant}`)
  return NaN
}
