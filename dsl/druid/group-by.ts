/** Druid's groupBy: a row for each bucket and each combination of dimension values. */
import type { Comparison, OrderBy, Query } from '../query.js'
import type { Request } from '../request.js'
import type { Schema } from '../json-schema.js'
import { normaliseSubtotals, SUBTOTALS_SCHEMA, type RawSubtotals } from '../subtotals.js'
import type { RawHaving } from '../having.js'
import { below } from '../issues.js'
import type { DruidContext } from './context.js'
import type { OutputColumns } from './columns.js'
import { DRUID_DIMENSION_SCHEMA, readDimension, type DruidDimension, type RawDruidDimension } from './dimensions.js'
import { AGGREGATING_KEYS, queryOf, readParts, type RawAggregating } from './parts.js'
import type { GroupByEntry } from './result.js'
import { copyOf, isObject, tidyFilter } from './tidy.js'

const MAX_DIMENSIONS = 100

const TIMESTAMP_ASCENDING: OrderBy = { column: 'timestamp', index: 0, descending: false, ordering: 'natural' }

interface RawOrder {
  readonly dimension?: string
  readonly direction?: 'ascending' | 'descending'
  readonly dimensionOrder?: Comparison
}

export interface RawGroupBy extends RawAggregating {
  readonly dimensions?: readonly (RawDruidDimension | undefined)[]
  readonly subtotalsSpec?: RawSubtotals
  readonly having?: RawHaving
  readonly limitSpec?: { readonly type: 'default' | 'NoopLimitSpec', readonly columns?: readonly (RawOrder | undefined)[], readonly limit?: number, readonly offset?: number }
}

const LIMIT: Schema = { type: 'integer', minimum: 1, description: 'At most this many rows.' }

const ORDER: Schema = {
  type: 'object',
  description: 'A column and its direction.',
  properties: {
    dimension: { type: 'string', description: 'Name of an output column.' },
    direction: { enum: ['ascending', 'descending'], description: 'The direction.' },
    dimensionOrder: { enum: ['lexicographic', 'numeric', 'alphanumeric', 'strlen'], description: 'How values compare.' }
  },
  required: ['dimension'],
  additionalProperties: false
}

export const GROUP_BY_SCHEMA: Schema = {
  type: 'object',
  properties: {
    ...AGGREGATING_KEYS,
    dimensions: { type: 'array', items: DRUID_DIMENSION_SCHEMA, maxItems: MAX_DIMENSIONS, description: 'The dimensions of a row.' },
    subtotalsSpec: SUBTOTALS_SCHEMA,
    having: { $ref: '#/definitions/having' },
    limitSpec: {
      description: 'Order and number of the rows.',
      oneOf: [
        {
          type: 'object',
          properties: {
            type: { const: 'default' },
            columns: { type: 'array', items: ORDER, maxItems: MAX_DIMENSIONS, description: 'The order.' },
            limit: LIMIT,
            offset: { type: 'integer', minimum: 0, description: 'Rows left out at the beginning.' }
          },
          required: ['type'],
          additionalProperties: false
        },
        { type: 'object', properties: { type: { const: 'NoopLimitSpec' } }, required: ['type'], additionalProperties: false }
      ]
    }
  },
  required: ['queryType', 'intervals', 'granularity'],
  additionalProperties: false
}

/** `limit` and `orderBy` beside each other, as Druid's builder of queries has them, become a limitSpec. */
export function tidyGroupBy(query: Record<string, unknown>): void {
  const { limit, orderBy } = query
  if (query.having !== undefined) query.having = tidyHaving(query.having)
  if (Array.isArray(query.subtotalsSpec) && query.subtotalsSpec.length === 0) delete query.subtotalsSpec
  if (query.limitSpec === undefined && (limit !== undefined || orderBy !== undefined)) {
    query.limitSpec = { type: 'default', ...(orderBy !== undefined && { columns: orderBy }), ...(limit !== undefined && { limit }) }
    delete query.limit
    delete query.orderBy
  }
  if (isObject(query.limitSpec)) {
    query.limitSpec = copyOf(query.limitSpec, (key, held) => key === 'columns' && Array.isArray(held) ? held.map(tidyOrder) : held)
  }
}

/** A condition in our form: a filter tidied, no settings that change no answer. */
function tidyHaving(raw: unknown): unknown {
  if (!isObject(raw)) return raw
  const copy = copyOf(raw, (key, held) => {
    if (key === 'finalize') return undefined
    if (key === 'filter') return tidyFilter(held)
    if (key === 'havingSpecs' && Array.isArray(held)) return held.map(tidyHaving)
    return key === 'havingSpec' ? tidyHaving(held) : held
  })
  if (raw.type === 'dimSelector' && copy.value === undefined) copy.value = null
  return copy
}

/** A name, a pair of name and direction, or an object. */
function tidyOrder(raw: unknown): unknown {
  if (typeof raw === 'string') return { dimension: raw }
  if (Array.isArray(raw)) return raw.length === 1 ? tidyOrder(raw[0]) : raw.length === 2 ? { dimension: raw[0] as unknown, direction: lower(raw[1]) } : raw
  if (!isObject(raw)) return raw
  return copyOf(raw, (key, held) => {
    if (key === 'direction') return lower(held)
    return key === 'dimensionOrder' ? lower(isObject(held) ? held.type : held) : held
  })
}

function lower(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value
}

export function groupBy(raw: RawGroupBy, context: DruidContext): Request<GroupByEntry[]> {
  const dimensions = (raw.dimensions ?? [])
    .map((one, at) => one === undefined ? null : readDimension(one, context, `/dimensions/${at}`))
    .filter(one => one !== null)
  const parts = readParts(raw, dimensions, context)
  const { columns } = parts
  const { limit = null, offset = 0, columns: order = [] } = raw.limitSpec ?? {}
  const ordered = order
    .map((one, at) => one === undefined ? null : readOrder(one, columns, dimensions, context, `/limitSpec/columns/${at}`))
    .filter(one => one !== null)
  // One row over nothing where there is no group to be without.
  const fill = dimensions.length === 0 && parts.granularity.type === 'all' ? 'zero' : 'none'
  const query: Query = {
    ...queryOf(parts, context),
    fill,
    having: columns.havingOf(raw.having, context),
    orderBy: [TIMESTAMP_ASCENDING, ...ordered, ...textOrder(dimensions)],
    limit,
    offset,
    subtotals: normaliseSubtotals(raw.subtotalsSpec, dimensions.map(({ dimension }) => dimension.name), context, '/subtotalsSpec')
  }
  return {
    query,
    async answer(sessions) {
      const { data } = await sessions.run(query)
      return data.map(row => ({ version: 'v1', timestamp: String(row[0]), event: columns.rowOf(row) }))
    }
  }
}

function readOrder(
  { dimension, direction, dimensionOrder }: RawOrder, columns: OutputColumns, dimensions: readonly DruidDimension[], context: DruidContext, pointer: string
): OrderBy | null {
  if (dimension === undefined) return null
  const index = columns.indexOf(dimension, context, below(pointer, 'dimension'))
  const isText = dimensions[index - 1]?.asText ?? false
  const ordering = index > dimensions.length ? 'natural' : dimensionOrder ?? (isText ? 'lexicographic' : 'natural')
  return { column: dimension, index, descending: direction === 'descending', ordering }
}

/** Numbers that are printed as texts sort as texts, and so do the dimensions after them, which are ordered in turn. */
function textOrder(dimensions: readonly DruidDimension[]): OrderBy[] {
  if (!dimensions.some(({ asText }) => asText)) return []
  return dimensions.map(({ dimension: { name }, asText }, at) => ({ column: name, index: 1 + at, descending: false, ordering: asText ? 'lexicographic' : 'natural' }))
}
