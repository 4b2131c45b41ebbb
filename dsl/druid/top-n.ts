/** Druid's topN: the values of one dimension that lead a bucket by a metric. */
import { below } from '../issues.js'
import type { QueryResult } from '../input.js'
import type { Comparison, Filter, OrderBy, Query } from '../query.js'
import type { Request, Sessions } from '../request.js'
import type { Schema } from '../json-schema.js'
import { stampFormatter } from '../stamp.js'
import { columnValue } from '../values.js'
import { ownName, type OutputColumns } from './columns.js'
import type { DruidContext } from './context.js'
import { DRUID_DIMENSION_SCHEMA, readDimension, type DruidDimension, type RawDruidDimension } from './dimensions.js'
import { AGGREGATING_KEYS, queryOf, readParts, type Parts, type RawAggregating } from './parts.js'
import type { TopNEntry } from './result.js'
import { copyOf, isObject } from './tidy.js'

const EVERY_ROW: Filter = { type: 'true' }

const METRIC_NAME: Schema = { type: 'string', description: 'Name of an output column.' }

type RawMetric = string | {
  readonly type: 'numeric' | 'dimension' | 'inverted'
  readonly metric?: RawMetric
  readonly ordering?: Comparison
  readonly previousStop?: string
}

export interface RawTopN extends RawAggregating {
  readonly dimension?: RawDruidDimension
  readonly metric?: RawMetric
  readonly threshold?: number
}

const BY_DIMENSION: Schema = {
  type: 'object',
  properties: {
    type: { const: 'dimension' },
    ordering: { enum: ['lexicographic', 'numeric', 'alphanumeric', 'strlen'], description: 'How values compare.' },
    previousStop: { type: 'string', description: 'The answer begins after this value.' }
  },
  required: ['type'],
  additionalProperties: false
}

const BY_NUMBER: Schema = {
  type: 'object', properties: { type: { const: 'numeric' }, metric: METRIC_NAME }, required: ['type', 'metric'], additionalProperties: false
}

const INVERTED: Schema = {
  type: 'object',
  properties: { type: { const: 'inverted' }, metric: { description: 'The order to invert.', oneOf: [METRIC_NAME, BY_NUMBER, BY_DIMENSION] } },
  required: ['type', 'metric'],
  additionalProperties: false
}

export const TOP_N_SCHEMA: Schema = {
  type: 'object',
  properties: {
    ...AGGREGATING_KEYS,
    dimension: DRUID_DIMENSION_SCHEMA,
    metric: { description: 'What leads.', oneOf: [METRIC_NAME, BY_NUMBER, BY_DIMENSION, INVERTED] },
    threshold: { type: 'integer', minimum: 1, description: 'Values of a bucket.' }
  },
  required: ['queryType', 'intervals', 'granularity', 'dimension', 'metric', 'threshold'],
  additionalProperties: false
}

/** Older names of the orders of a dimension in the newer form. */
export function tidyMetric(raw: unknown): unknown {
  if (!isObject(raw)) return raw
  if (raw.type === 'lexicographic') return Object.assign(copyOf(raw, (_key, held) => held), { type: 'dimension', ordering: 'lexicographic' })
  if (raw.type === 'alphaNumeric') return Object.assign(copyOf(raw, (_key, held) => held), { type: 'dimension', ordering: 'alphanumeric' })
  return copyOf(raw, (key, held) => {
    if (key === 'metric') return tidyMetric(held)
    return key === 'ordering' && isObject(held) ? held.type : held
  })
}

export function topN(raw: RawTopN, context: DruidContext): Request<TopNEntry[]> {
  const dimension = raw.dimension === undefined ? null : readDimension(raw.dimension, context, '/dimension')
  const parts = readParts(raw, dimension === null ? [] : [dimension], context)
  const order = readMetric(raw.metric ?? '', false, parts.columns, context, '/metric')
  const query: Query = {
    ...queryOf(parts, context),
    having: dimension === null ? EVERY_ROW : afterStop(raw.metric, dimension, context),
    orderBy: [{ column: 'timestamp', index: 0, descending: false, ordering: 'natural' }, order, tieOrder(dimension)],
    limitPerBucket: raw.threshold ?? 1
  }
  return {
    query,
    async answer(sessions) {
      const { data } = await sessions.run(query)
      if (query.granularity.type !== 'all') return entriesOf(data, parts)
      return [{ timestamp: wholeStamp(query, sessions), result: data.map(row => parts.columns.rowOf(row)) }]
    }
  }
}

function entriesOf(data: QueryResult['data'], { columns }: Parts): TopNEntry[] {
  const entries: TopNEntry[] = []
  for (const row of data) {
    const timestamp = String(row[0])
    const last = entries.at(-1)
    if (last?.timestamp === timestamp) last.result.push(columns.rowOf(row))
    else entries.push({ timestamp, result: [columns.rowOf(row)] })
  }
  return entries
}

/** A topN over all time is stamped with the first session there is, where that is later than the interval's start [druid]. */
function wholeStamp({ interval }: Query, sessions: Sessions): string {
  const range = sessions.range()
  const start = range === null || range.start >= interval.end ? interval.start : Math.max(interval.start, range.start)
  return stampFormatter(interval.timeZone)(start)
}

function readMetric(raw: RawMetric, isInverted: boolean, columns: OutputColumns, context: DruidContext, pointer: string): OrderBy {
  if (typeof raw === 'object' && raw.type === 'inverted') return readMetric(raw.metric ?? '', true, columns, context, below(pointer, 'metric'))
  if (typeof raw === 'object' && raw.type === 'dimension') {
    return { column: ownName(0), index: 1, descending: isInverted, ordering: raw.ordering ?? 'lexicographic' }
  }
  const [name, place] = typeof raw === 'string' ? [raw, pointer] : [typeof raw.metric === 'string' ? raw.metric : '', below(pointer, 'metric')]
  const isKnown = ['/metric', '/aggregations', '/postAggregations'].every(part => !context.issues.has(part))
  return { column: name, index: isKnown ? columns.indexOf(name, context, place) : 0, descending: !isInverted, ordering: 'natural' }
}

function tieOrder(dimension: DruidDimension | null): OrderBy {
  return { column: ownName(0), index: 1, descending: false, ordering: dimension?.asText === true ? 'lexicographic' : 'natural' }
}

/** Only values after `previousStop`, in the direction of the order. */
function afterStop(raw: RawMetric | undefined, { type }: DruidDimension, context: DruidContext): Filter {
  const isInverted = typeof raw === 'object' && raw.type === 'inverted'
  const metric = isInverted ? raw.metric : raw
  if (typeof metric !== 'object' || metric.previousStop === undefined) return EVERY_ROW
  const stop = columnValue(metric.previousStop, type, context, isInverted ? '/metric/metric/previousStop' : '/metric/previousStop')
  const ends = isInverted ? { lower: null, upper: stop } : { lower: stop, upper: null }
  return { type: 'bound', dimension: ownName(0), ...ends, lowerStrict: true, upperStrict: true, ordering: metric.ordering ?? 'lexicographic' }
}
