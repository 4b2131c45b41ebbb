/** Druid's timeseries: a row for each bucket of time. */
import type { Interval, Query } from '../query.js'
import type { Request, SessionRange, Sessions } from '../request.js'
import type { Schema } from '../json-schema.js'
import type { DruidContext } from './context.js'
import { intervalOf } from './intervals.js'
import { AGGREGATING_KEYS, queryOf, readParts, type Parts, type RawAggregating } from './parts.js'
import type { TimeseriesEntry } from './result.js'

export interface RawTimeseries extends RawAggregating {
  readonly descending?: boolean
  readonly limit?: number
}

export const TIMESERIES_SCHEMA: Schema = {
  type: 'object',
  properties: {
    ...AGGREGATING_KEYS,
    descending: { type: 'boolean', description: 'Latest bucket first.' },
    limit: { type: 'integer', minimum: 0, description: 'At most this many buckets.' }
  },
  required: ['queryType', 'intervals', 'granularity'],
  additionalProperties: false
}

export function timeseries(raw: RawTimeseries, context: DruidContext): Request<TimeseriesEntry[]> {
  const parts = readParts(raw, [], context)
  const query = queryOf(parts, context)
  const settings = {
    skipsEmpty: raw.context?.skipEmptyBuckets === true || raw.context?.skipEmptyBuckets === 'true',
    hasTotal: raw.context?.grandTotal === true || raw.context?.grandTotal === 'true',
    descending: raw.descending === true,
    limit: raw.limit === undefined || raw.limit === 0 ? Infinity : raw.limit
  }
  return { query, answer: sessions => answer(query, parts, settings, sessions) }
}

interface Settings {
  readonly skipsEmpty: boolean
  readonly hasTotal: boolean
  readonly descending: boolean
  readonly limit: number
}

async function answer(
  query: Query, parts: Parts, { skipsEmpty, hasTotal, descending, limit }: Settings, sessions: Sessions
): Promise<TimeseriesEntry[]> {
  const { columns } = parts
  const fills = !skipsEmpty && query.granularity.type !== 'none'
  const covered = query.granularity.type === 'all' ? query.interval : overlap(query.interval, sessions.range())
  const { data } = await sessions.run({ ...query, interval: covered, fill: fills ? 'zero' : 'none' })
  const ordered = descending ? data.toReversed() : data
  const entries: TimeseriesEntry[] = ordered.slice(0, limit).map(row => ({ timestamp: String(row[0]), result: columns.rowOf(row) }))
  if (!hasTotal || entries.length === 0) return entries
  const total = await sessions.run({ ...query, granularity: { type: 'all' }, fill: 'zero' })
  return [...entries, { timestamp: null, result: columns.rowOf(total.data[0]!) }]
}

/** Buckets are filled from the first to the last session there is, not over all of the interval [druid]. */
function overlap(interval: Interval, range: SessionRange | null): Interval {
  const { start, timeZone } = interval
  const clipped = (interval.spans ?? [interval])
    .map(span => ({ start: Math.max(span.start, range?.start ?? Infinity), end: Math.min(span.end, (range?.end ?? -Infinity) + 1) }))
    .filter(span => span.start < span.end)
  return clipped.length === 0 ? { start, end: start, timeZone } : intervalOf(clipped, timeZone)
}
