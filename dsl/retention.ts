/** Retention: its JSON Schema, and how it becomes a checked query. */
import type { Context } from './context.js'
import { EVERYTHING, FILTER, FILTERS_SCHEMA, normaliseFilter, normaliseFilters, type RawFilter } from './filters.js'
import { INTERVAL_SCHEMA, normaliseInterval, type RawInterval } from './intervals.js'
import type { RetentionQuery } from './query.js'
import { EDITOR_SCHEMA, type Schema } from './json-schema.js'
import { GRANULARITY_SCHEMA, normaliseGranularity, type RawGranularity } from './time.js'
import { BY_SCHEMA, readScalar } from './visitors.js'

const DEFAULT_PERIODS = 12
/** A bit of memory for each visitor and period; days of nearly three years. */
const MAX_PERIODS = 1000

/** As the shape check leaves it: of the right types, faulty parts undefined. */
export interface RawRetentionQuery {
  readonly interval?: RawInterval
  readonly filters?: RawFilter | readonly (RawFilter | undefined)[] | null
  readonly retention?: {
    readonly by?: string
    readonly granularity?: RawGranularity
    readonly first?: RawFilter
    readonly returning?: RawFilter
    readonly periods?: number
  }
}

export const RETENTION_SCHEMA: Schema = {
  description: 'Counts the visitors who came back, by the time of their first session.',
  type: 'object',
  properties: {
    $schema: EDITOR_SCHEMA,
    interval: INTERVAL_SCHEMA,
    filters: FILTERS_SCHEMA,
    retention: {
      type: 'object',
      description: 'Who belongs to a cohort, and who came back.',
      properties: {
        by: BY_SCHEMA,
        granularity: { ...GRANULARITY_SCHEMA, description: 'How long a cohort and a period are.' },
        first: { oneOf: [FILTER], description: 'The first of these sessions says to which cohort a visitor belongs. Absent: any session.' },
        returning: { oneOf: [FILTER], description: 'Who has one of these sessions in a period came back in it. Absent: any session.' },
        periods: {
          type: 'integer', minimum: 0, maximum: MAX_PERIODS, default: DEFAULT_PERIODS, description: 'How many periods after the cohort\'s own are counted.'
        }
      },
      required: ['by', 'granularity'],
      additionalProperties: false
    }
  },
  required: ['interval', 'retention'],
  additionalProperties: false
}

export function normaliseRetention(raw: RawRetentionQuery, context: Context): RetentionQuery {
  const interval = normaliseInterval(raw.interval ?? {}, context)
  const filter = normaliseFilters(raw.filters, context)
  const { by, granularity, first, returning, periods } = raw.retention ?? {}
  return {
    kind: 'retention', interval, filter,
    by: by === undefined ? '' : readScalar(by, context, '/retention/by'),
    granularity: normaliseGranularity(granularity ?? 'all', interval.timeZone, context, '/retention/granularity'),
    first: first === undefined ? EVERYTHING : normaliseFilter(first, context, '/retention/first'),
    returning: returning === undefined ? EVERYTHING : normaliseFilter(returning, context, '/retention/returning'),
    periods: periods ?? DEFAULT_PERIODS
  }
}
