/** What the aggregating queries of Druid have in common. */
import { normaliseFilter, type RawFilter } from '../filters.js'
import { ALL_ROWS } from '../output.js'
import type { Filter, Granularity, Interval, Query } from '../query.js'
import { AGGREGATOR_SCHEMA, readAggregator, type DruidAggregator, type RawAggregator } from './aggregators.js'
import { checkOutputNames, OutputColumns, ownName } from './columns.js'
import type { DruidContext } from './context.js'
import type { DruidDimension } from './dimensions.js'
import { DRUID_GRANULARITY_SCHEMA, readGranularity, type RawDruidGranularity } from './granularity.js'
import { intervalOf, INTERVALS_SCHEMA, readIntervals, type RawIntervals } from './intervals.js'
import type { RawPostAggregation } from '../post-aggregations.js'
import type { Schema } from '../json-schema.js'
import { POST_AGGREGATORS_SCHEMA, readPostAggregators, type DruidPostAggregator } from './post-aggregators.js'

/** Each is a column of every row. */
const MAX_AGGREGATORS = 1000

/** As the shape check leaves it: of the right types, faulty parts undefined. */
export interface RawAggregating {
  readonly intervals?: RawIntervals
  readonly granularity?: RawDruidGranularity
  readonly filter?: RawFilter
  readonly aggregations?: readonly (RawAggregator | undefined)[]
  readonly postAggregations?: readonly (RawPostAggregation | undefined)[]
  readonly context?: Readonly<Record<string, unknown>>
}

/** Keys of every query, and which of them change nothing here. */
export const COMMON_KEYS: Readonly<Record<string, Schema>> = {
  queryType: { type: 'string', description: 'The type of the query.' },
  dataSource: {
    description: 'The name of a table: any, since an engine has one.',
    oneOf: [
      { type: 'string' },
      { type: 'object', properties: { type: { const: 'table' }, name: { type: 'string', description: 'The name.' } }, required: ['type', 'name'], additionalProperties: false },
      {
        type: 'object',
        properties: { type: { const: 'union' }, dataSources: { type: 'array', items: { type: 'string' }, description: 'The names.' } },
        required: ['type', 'dataSources'],
        additionalProperties: false
      }
    ]
  },
  context: { type: 'object', description: 'Settings.' }
}

export const AGGREGATING_KEYS: Readonly<Record<string, Schema>> = {
  ...COMMON_KEYS,
  intervals: INTERVALS_SCHEMA,
  granularity: DRUID_GRANULARITY_SCHEMA,
  filter: { $ref: '#/definitions/filter' },
  aggregations: { type: 'array', items: AGGREGATOR_SCHEMA, maxItems: MAX_AGGREGATORS, description: 'The columns to compute.' },
  postAggregations: POST_AGGREGATORS_SCHEMA
}

export interface Parts {
  readonly interval: Interval
  readonly granularity: Granularity
  readonly filter: Filter
  readonly dimensions: readonly DruidDimension[]
  readonly aggregators: readonly DruidAggregator[]
  readonly postAggregators: readonly DruidPostAggregator[]
  readonly columns: OutputColumns
}

export function readParts(raw: RawAggregating, dimensions: readonly DruidDimension[], context: DruidContext): Parts {
  const spans = readIntervals(raw.intervals, context)
  const { granularity, timeZone } = readGranularity(raw.granularity ?? 'all', context)
  const filter: Filter = raw.filter === undefined ? { type: 'true' } : normaliseFilter(raw.filter, context, '/filter')
  const aggregators = (raw.aggregations ?? [])
    .map((one, at) => one === undefined ? null : readAggregator(one, `metric ${at}`, context, `/aggregations/${at}`))
    .filter(one => one !== null)
  checkOutputNames(aggregators.map(({ name }, at) => ({ name, pointer: `/aggregations/${at}` })), context)
  const postAggregators = readPostAggregators(raw.postAggregations ?? [], aggregators, context)
  const columns = new OutputColumns(dimensions, aggregators, postAggregators)
  return { interval: intervalOf(spans, timeZone), granularity, filter, dimensions, aggregators, postAggregators, columns }
}

/** The engine's query over all of the intervals, without order and limit. */
export function queryOf({ interval, granularity, filter, dimensions, aggregators, postAggregators }: Parts, context: DruidContext): Query {
  return {
    kind: 'aggregate',
    derived: context.derived,
    interval,
    granularity,
    groupBy: dimensions.map(({ dimension }, at) => ({ ...dimension, name: ownName(at) })),
    aggregations: aggregators.map(({ aggregation }) => aggregation),
    filter,
    fill: 'none',
    ...ALL_ROWS,
    postAggregations: postAggregators.map(({ postAggregation }) => postAggregation)
  }
}
