/** Druid's topN: the values of one dimension that lead a bucket by a metric. */
import { below, quote } from '../issues.js'
import type { QueryResult } from '../input.js'
import type { Comparison, Filter, OrderBy, Query } from '../query.js'
import type { Request, Sessions } from '../request.js'
import type { Schema } from '../shape.js'
import { stampFormatter } from '../stamp.js'
import { columnValue } from '../values.js'
import type { DruidContext } from './context.js'
import { DRUID_DIMENSION_SCHEMA, readDimension, type DruidDimension, type RawDruidDimension } from './dimensions.js'
import { AGGREGATING_KEYS, queryOf, readParts, type Parts, type RawAggregating } from './parts.js'
import type { TopNEntry } from './result.js'
import { copyOf, isObject } from './tidy.js'

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
    threshold: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'Values of a bucket.' }
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
  const dimensions = dimension === null ? [] : [dimension]
  const parts = readParts(raw, dimensions, context)
  const order = readMetric(raw.metric ?? '', false, parts, context, '/metric')
  const query = queryOf(parts, context)
  return requestOf({
    ...query,
    filter: afterStop(query.filter, raw.metric, dimension, context),
    orderBy: [{ column: 'timestamp', index: 0, descending: false, ordering: 'natural' }, order, tieOrder(dimension)]
  }, parts, raw.threshold ?? 1)
}

function requestOf(query: Query, parts: Parts, threshold: number): Request<TopNEntry[]> {
  const isWhole = query.granularity.type === 'all'
  const asked = isWhole ? { ...query, limit: threshold } : query
  return {
    query: asked,
    async answer(sessions) {
      const { data } = await sessions.run(asked)
      return isWhole ? [{ timestamp: wholeStamp(query, sessions), result: data.map(row => parts.columns.rowOf(row)) }] : entriesOf(data, parts, threshold)
    }
  }
}

function entriesOf(data: QueryResult['data'], { columns }: Parts, threshold: number): TopNEntry[] {
  const entries: TopNEntry[] = []
  for (const row of data) {
    const timestamp = String(row[0])
    const last = entries.at(-1)
    if (last?.timestamp !== timestamp) entries.push({ timestamp, result: [columns.rowOf(row)] })
    else if (last.result.length < threshold) last.result.push(columns.rowOf(row))
  }
  return entries
}

/** A topN over all time is stamped with the first session there is, where that is later than the interval's start [druid]. */
function wholeStamp({ interval }: Query, sessions: Sessions): string {
  const range = sessions.range()
  const start = range === null || range.start >= interval.end ? interval.start : Math.max(interval.start, range.start)
  return stampFormatter(interval.timeZone)(start)
}

function readMetric(raw: RawMetric, isInverted: boolean, { columns }: Parts, context: DruidContext, pointer: string): OrderBy {
  if (typeof raw === 'string') return byNumber(raw, pointer)
  if (raw.type === 'inverted') return readMetric(raw.metric ?? '', true, { columns } as Parts, context, below(pointer, 'metric'))
  if (raw.type === 'dimension') return { column: 'dimension', index: 1, descending: isInverted, ordering: raw.ordering ?? 'lexicographic' }
  return byNumber(typeof raw.metric === 'string' ? raw.metric : '', below(pointer, 'metric'))

  function byNumber(name: string, place: string): OrderBy {
    const index = context.issues.has(pointer) || context.issues.has('/aggregations') ? 0 : columns.indexOf(name, context, place)
    return { column: name, index, descending: !isInverted, ordering: 'natural' }
  }
}

function tieOrder(dimension: DruidDimension | null): OrderBy {
  return { column: 'dimension', index: 1, descending: false, ordering: dimension?.asText === true ? 'lexicographic' : 'natural' }
}

/** Only values after `previousStop`, in the direction of the order. */
function afterStop(filter: Filter, raw: RawMetric | undefined, spec: DruidDimension | null, context: DruidContext): Filter {
  const isInverted = typeof raw === 'object' && raw.type === 'inverted'
  const metric = isInverted ? raw.metric : raw
  if (typeof metric !== 'object' || metric.previousStop === undefined || spec === null) return filter
  const pointer = isInverted ? '/metric/metric/previousStop' : '/metric/previousStop'
  const { dimension } = spec.dimension
  const type = context.typeOf(dimension)
  if (type === 'strings') context.issues.add('invalid_value', pointer, `${quote(dimension)} is an array of strings, expected no previousStop`)
  const stop = columnValue(metric.previousStop, type, context, pointer)
  const ends = isInverted ? { lower: null, upper: stop } : { lower: stop, upper: null }
  return {
    type: 'and',
    fields: [filter, { type: 'bound', dimension, ...ends, lowerStrict: true, upperStrict: true, ordering: metric.ordering ?? 'lexicographic' }]
  }
}
