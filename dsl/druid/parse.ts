/**
 * Apache Druid's native queries (druid.apache.org, "Querying", version 30): the JSON is checked, becomes queries of the engine's,
 * and their results become Druid's answer.
 */
import { FILTER_SCHEMAS } from '../filters.js'
import { HAVING_SCHEMAS } from '../having.js'
import { describe, Issues } from '../issues.js'
import type { Columns } from '../query.js'
import type { Request } from '../request.js'
import { CompiledSchemas } from '../compiled-schema.js'
import type { Schema } from '../json-schema.js'
import { ShapeReader } from '../shape.js'
import { checkSize } from '../size.js'
import { AGGREGATOR_SCHEMAS, tidyAggregator } from './aggregators.js'
import { DruidContext } from './context.js'
import { DRUID_DIMENSION_SCHEMAS, tidyDimension } from './dimensions.js'
import { tidyGranularity } from './granularity.js'
import { groupBy, GROUP_BY_SCHEMA, tidyGroupBy } from './group-by.js'
import { dataSourceMetadata, DATA_SOURCE_METADATA_SCHEMA, segmentMetadata, SEGMENT_METADATA_SCHEMA, timeBoundary, TIME_BOUNDARY_SCHEMA } from './metadata.js'
import { POST_AGGREGATION_SCHEMAS, tidyPostAggregator } from './post-aggregators.js'
import type { DruidResult } from './result.js'
import { scan, SCAN_SCHEMA } from './scan.js'
import { copyOf, isObject, tidyFilter, withoutNulls } from './tidy.js'
import { timeseries, TIMESERIES_SCHEMA } from './timeseries.js'
import { tidyMetric, topN, TOP_N_SCHEMA } from './top-n.js'

interface Kind {
  readonly schema: Schema
  read(raw: object, context: DruidContext): Request<DruidResult>
}

const KINDS = new Map<string, Kind>([
  ['timeseries', { schema: TIMESERIES_SCHEMA, read: timeseries }],
  ['topN', { schema: TOP_N_SCHEMA, read: topN }],
  ['groupBy', { schema: GROUP_BY_SCHEMA, read: groupBy }],
  ['scan', { schema: SCAN_SCHEMA, read: scan }],
  ['timeBoundary', { schema: TIME_BOUNDARY_SCHEMA, read: timeBoundary }],
  ['segmentMetadata', { schema: SEGMENT_METADATA_SCHEMA, read: segmentMetadata }],
  ['dataSourceMetadata', { schema: DATA_SOURCE_METADATA_SCHEMA, read: dataSourceMetadata }]
])

/** What the schemas of all types of query refer to. */
const DEFINITIONS: Readonly<Record<string, Schema>> = {
  ...FILTER_SCHEMAS, ...DRUID_DIMENSION_SCHEMAS, ...AGGREGATOR_SCHEMAS, ...POST_AGGREGATION_SCHEMAS, ...HAVING_SCHEMAS
}

const SCHEMAS = new CompiledSchemas(DEFINITIONS)

/** JSON Schemas by the type of the query, of its tidied form. */
export const DRUID_SCHEMAS: ReadonlyMap<string, Schema> = new Map([...KINDS].map(([type, { schema }]) => [type, { ...schema, definitions: DEFINITIONS }]))

/** Keys of Druid's whose meaning is not built, and what to do instead. An empty list of them means nothing. */
const REFUSED = new Map([
  ['virtualColumns', 'expressions are not evaluated: make the column where the sessions come from']
])

export function isDruidQuery(input: unknown): boolean {
  return isObject(input) && Object.hasOwn(input, 'queryType')
}

/**
 * Checks a Druid native query. Without `columns` every name is accepted.
 * @throws QueryError with every fault of the query
 */
export function parseDruidQuery(input: unknown, columns?: Columns): Request<DruidResult> {
  const issues = new Issues()
  if (!checkSize(input, issues)) issues.throwIfAny()
  const query = tidy(input as Record<string, unknown>, issues)
  const kind = kindOf(query.queryType, issues)
  const settings = isObject(query.context) ? query.context : {}
  // Settings are many, and those that are not known here change no answer.
  if (isObject(query.context)) query.context = {}
  const raw = new ShapeReader(SCHEMAS, issues).read(kind.schema, query) as object | undefined
  const request = kind.read({ ...raw, context: settings }, new DruidContext(issues, columns))
  issues.throwIfAny()
  return request
}

/** @throws QueryError where there is no such type: nothing else of the query can be checked then */
function kindOf(queryType: unknown, issues: Issues): Kind {
  const known = [...KINDS.keys()]
  const kind = typeof queryType === 'string' ? KINDS.get(queryType) : undefined
  if (kind !== undefined) return kind
  const wrong = typeof queryType === 'string' ? queryType : undefined
  issues.add('unknown_type', '/queryType', `got ${describe(queryType)}, expected one of ${known.join(', ')}`, wrong, known)
  issues.throwIfAny()
  throw new Error('unreachable')
}

function tidy(input: Record<string, unknown>, issues: Issues): Record<string, unknown> {
  const query = withoutNulls(input) as Record<string, unknown>
  for (const [key, reason] of REFUSED) {
    const value = query[key]
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) issues.add('unknown_key', `/${key}`, reason)
    delete query[key]
  }
  if (query.queryType === 'groupBy') tidyGroupBy(query)
  if (query.filter !== undefined) query.filter = tidyFilter(query.filter)
  if (query.granularity !== undefined) query.granularity = tidyGranularity(query.granularity)
  if (query.dimension !== undefined) query.dimension = tidyDimension(query.dimension)
  if (Array.isArray(query.dimensions)) query.dimensions = query.dimensions.map(tidyDimension)
  if (query.metric !== undefined) query.metric = tidyMetric(query.metric)
  if (isObject(query.intervals) && query.intervals.type === 'LegacySegmentSpec') query.intervals = copyOf(query.intervals, (key, held) => key === 'type' ? 'intervals' : held)
  if (Array.isArray(query.aggregations)) query.aggregations = query.aggregations.map(tidyAggregator)
  if (Array.isArray(query.postAggregations)) query.postAggregations = query.postAggregations.map(tidyPostAggregator)
  return query
}
