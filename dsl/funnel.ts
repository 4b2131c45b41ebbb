/** The funnel: its JSON Schema, and how it becomes a checked one. */
import type { Context } from './context.js'
import { DIMENSION_SCHEMA, normaliseDimension, type RawDimension } from './dimensions.js'
import { FILTER, FILTERS_SCHEMA, normaliseFilter, normaliseFilters, type RawFilter } from './filters.js'
import { INTERVAL_SCHEMA, normaliseInterval, type RawInterval } from './intervals.js'
import { below, quote } from './issues.js'
import { parsePeriod } from './period.js'
import type { Dimension, FunnelQuery, FunnelStep } from './query.js'
import { EDITOR_SCHEMA, type Schema } from './json-schema.js'
import { readAll } from './shape.js'
import { GRANULARITY_SCHEMA, normaliseGranularity, type RawGranularity } from './time.js'
import { BY_SCHEMA, readScalar } from './visitors.js'

/** The steps that a session does are bits of one word. */
const MAX_STEPS = 32
const MAX_DIMENSIONS = 100

/** Names of the columns after the groups. */
export const FUNNEL_COLUMNS = ['step', 'name', 'visitors', 'share', 'share_of_previous'] as const

type RawStep = RawFilter | { readonly type?: undefined, readonly name?: string, readonly filter?: RawFilter }

/** As the shape check leaves it: of the right types, faulty parts undefined. */
export interface RawFunnelQuery {
  readonly interval?: RawInterval
  readonly granularity?: RawGranularity
  readonly group_by?: readonly (RawDimension | undefined)[]
  readonly filters?: RawFilter | readonly (RawFilter | undefined)[] | null
  readonly funnel?: { readonly by?: string, readonly within?: string, readonly steps?: readonly (RawStep | undefined)[] }
}

const STEP_SCHEMA: Schema = {
  oneOf: [
    FILTER,
    {
      type: 'object',
      description: 'A step with a name.',
      properties: {
        name: { type: 'string', minLength: 1, description: 'What the step is called in the answer.' },
        filter: FILTER
      },
      required: ['name', 'filter'],
      additionalProperties: false
    }
  ]
}

export const FUNNEL_SCHEMA: Schema = {
  description: 'Counts the visitors who did one step after the other.',
  type: 'object',
  properties: {
    $schema: EDITOR_SCHEMA,
    interval: INTERVAL_SCHEMA,
    granularity: { ...GRANULARITY_SCHEMA, description: 'How long a bucket of time is. Visitors count in the bucket of their first step. Absent: all.' },
    group_by: {
      type: 'array', items: DIMENSION_SCHEMA, maxItems: MAX_DIMENSIONS, default: [], description: 'Dimensions of the session that did the first step.'
    },
    filters: FILTERS_SCHEMA,
    funnel: {
      type: 'object',
      description: 'The steps, and whose they are.',
      properties: {
        by: BY_SCHEMA,
        within: {
          type: 'string',
          description: 'How long after the first step the last one may start, as an ISO-8601 period of weeks or less; a day is 24 hours. Absent: any time.',
          examples: ['PT30M', 'P7D']
        },
        steps: {
          type: 'array',
          items: STEP_SCHEMA,
          minItems: 1,
          maxItems: MAX_STEPS,
          description: 'The filter of each step. Each step is done by a later session than the one before.'
        }
      },
      required: ['by', 'steps'],
      additionalProperties: false
    }
  },
  required: ['interval', 'funnel'],
  additionalProperties: false
}

export function normaliseFunnel(raw: RawFunnelQuery, context: Context): FunnelQuery {
  const interval = normaliseInterval(raw.interval ?? {}, context)
  const granularity = normaliseGranularity(raw.granularity ?? 'all', interval.timeZone, context)
  const groupBy = readAll(raw.group_by, (item, index) => normaliseGroup(item, context, `/group_by/${index}`))
  const filter = normaliseFilters(raw.filters, context)
  const { by, within, steps } = raw.funnel ?? {}
  return {
    kind: 'funnel', interval, granularity, groupBy, filter,
    by: by === undefined ? '' : readScalar(by, context, '/funnel/by'),
    steps: readAll(steps, (step, index) => normaliseStep(step, context, index)),
    within: within === undefined ? Infinity : readWithin(within, context)
  }
}

function normaliseGroup(raw: RawDimension, context: Context, pointer: string): Dimension | null {
  const dimension = normaliseDimension(raw, context, pointer)
  if (dimension !== null && FUNNEL_COLUMNS.some(name => name === dimension.name)) {
    const message = `the answer of a funnel has a column ${quote(dimension.name)} of its own, expected another name, as in {"dimension": "…", "name": "…"}`
    context.issues.add('duplicate_name', pointer, message)
  }
  return dimension
}

function normaliseStep(raw: RawStep, context: Context, index: number): FunnelStep | null {
  const pointer = `/funnel/steps/${index}`
  if (raw.type !== undefined) return { name: `step ${index + 1}`, filter: normaliseFilter(raw, context, pointer) }
  const { name, filter } = raw as { readonly name?: string, readonly filter?: RawFilter }
  if (name === undefined || filter === undefined) return null
  return { name, filter: normaliseFilter(filter, context, below(pointer, 'filter')) }
}

function readWithin(text: string, context: Context): number {
  const period = parsePeriod(text)
  if (period !== null && period.months === 0) return period.ms
  const message = `got ${quote(text)}, expected an ISO-8601 period above zero without months and years, such as "PT30M" or "P7D"`
  context.issues.add('invalid_period', '/funnel/within', message)
  return Infinity
}
