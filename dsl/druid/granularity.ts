/** Druid's granularities: a name in any case, a period in a zone, or a duration. */
import type { Context } from '../context.js'
import { NAMED_PERIODS } from '../period.js'
import { describe } from '../issues.js'
import type { Granularity } from '../query.js'
import type { Schema } from '../json-schema.js'
import { checkZone, normaliseGranularity } from '../time.js'
import { copyOf, isObject } from './tidy.js'

/** What a Date can hold. */
const MAX_INSTANT = 8.64e15

/** As the shape check leaves it: of the right types, faulty parts undefined. */
export type RawDruidGranularity = string | {
  readonly type: 'all' | 'none' | 'period' | 'duration'
  readonly period?: string
  readonly timeZone?: string
  readonly duration?: number
  readonly origin?: string | number
}

const ORIGIN: Schema = { type: ['string', 'number'], description: 'A timestamp or epoch milliseconds at which a bucket starts.' }

export const DRUID_GRANULARITY_SCHEMA: Schema = {
  description: 'How long a bucket of time is.',
  oneOf: [
    { enum: ['all', 'none', ...NAMED_PERIODS.keys()] },
    { type: 'object', properties: { type: { const: 'all' } }, required: ['type'], additionalProperties: false },
    { type: 'object', properties: { type: { const: 'none' } }, required: ['type'], additionalProperties: false },
    {
      type: 'object',
      properties: {
        type: { const: 'period' },
        period: { type: 'string', description: 'An ISO-8601 period.' },
        timeZone: { type: 'string', description: 'A name of the tz database.' },
        origin: ORIGIN
      },
      required: ['type', 'period'],
      additionalProperties: false
    },
    {
      type: 'object',
      properties: { type: { const: 'duration' }, duration: { type: 'integer', exclusiveMinimum: 0, description: 'Milliseconds.' }, origin: ORIGIN },
      required: ['type', 'duration'],
      additionalProperties: false
    }
  ]
}

/** Names in lower case; a duration that is written as a text as a number. */
export function tidyGranularity(raw: unknown): unknown {
  if (typeof raw === 'string') return raw.toLowerCase()
  if (!isObject(raw)) return raw
  return copyOf(raw, (key, held) => key === 'duration' && typeof held === 'string' && /^\d+$/.test(held) ? Number(held) : held)
}

export function readGranularity(raw: RawDruidGranularity, context: Context): { readonly granularity: Granularity, readonly timeZone: string } {
  if (typeof raw === 'string') return { granularity: normaliseGranularity(raw, 'UTC', context), timeZone: 'UTC' }
  const { type, period, duration, origin } = raw
  if (type === 'all' || type === 'none') return { granularity: { type }, timeZone: 'UTC' }
  const timeZone = raw.timeZone === undefined ? 'UTC' : checkZone(raw.timeZone, context, '/granularity/timeZone')
  if (typeof origin !== 'number') return { granularity: normaliseGranularity({ type, period, duration, origin }, timeZone, context), timeZone }
  if (Math.abs(origin) > MAX_INSTANT) context.issues.add('invalid_interval', '/granularity/origin', `got ${describe(origin)}, expected epoch milliseconds`)
  return { granularity: { ...normaliseGranularity({ type, period, duration }, timeZone, context), origin } as Granularity, timeZone }
}
