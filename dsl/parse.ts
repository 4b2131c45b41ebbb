/** From the JSON that a user writes to the checked query that the engine plans from. */
import { normaliseAggregation, type RawAggregation } from './aggregations.js'
import { CompiledSchemas } from './compiled-schema.js'
import { Context } from './context.js'
import { normaliseDimension, type RawDimension } from './dimensions.js'
import { QueryError } from './errors.js'
import { normaliseFilters, type RawFilter } from './filters.js'
import { normaliseFunnel, type RawFunnelQuery } from './funnel.js'
import { normaliseInterval, type RawInterval } from './intervals.js'
import type { ContextInput } from './input.js'
import { Issues } from './issues.js'
import { jsonFault } from './json.js'
import { kindOf } from './kind.js'
import { normaliseOutput, type RawOutput } from './output.js'
import type { AnyQuery, Columns, Query } from './query.js'
import { normaliseRetention, type RawRetentionQuery } from './retention.js'
import { KIND_SCHEMAS, QUERY_SCHEMA } from './schema.js'
import { normaliseSelect, type RawSelect } from './select.js'
import { normaliseContext } from './query-context.js'
import { readAll, ShapeReader } from './shape.js'
import { checkSize, checkText } from './size.js'
import { normaliseGranularity, type RawGranularity } from './time.js'

const SCHEMAS = new CompiledSchemas(QUERY_SCHEMA.definitions)

/** A query as the shape check leaves it: of the right types, faulty parts undefined. */
interface RawQuery extends RawOutput {
  readonly interval?: RawInterval
  readonly granularity?: RawGranularity
  readonly group_by?: readonly (RawDimension | undefined)[]
  readonly aggregations?: readonly (RawAggregation | undefined)[]
  readonly filters?: RawFilter | readonly (RawFilter | undefined)[] | null
  readonly fill?: 'none' | 'zero'
}

/**
 * Checks a query and fills in its defaults. Without `columns` names and types of dimensions are not checked.
 * `now` (epoch ms) is where an interval such as `{"last": "P7D"}` ends.
 * @throws QueryError with every fault of the query
 */
export function parseQuery(input: unknown, columns?: Columns, now = Date.now): AnyQuery {
  const issues = new Issues()
  if (!checkSize(input, issues)) issues.throwIfAny()
  const kind = kindOf(input)
  if (typeof kind !== 'string') throw new QueryError([kind])
  const raw = new ShapeReader(SCHEMAS, issues).read(KIND_SCHEMAS[kind], input) ?? {}
  const query = normalise(kind, raw, new Context(issues, columns, now))
  issues.throwIfAny()
  const { context } = raw as { readonly context?: ContextInput }
  return context === undefined ? query : { ...query, context: normaliseContext(context) }
}

/**
 * `parseQuery` of a JSON text.
 * @throws QueryError that for text which is no JSON names line and column
 */
export function parseQueryText(text: string, columns?: Columns): AnyQuery {
  return parseQuery(parseJson(text), columns)
}

/** @throws QueryError that names line and column */
export function parseJson(text: string): unknown {
  const issues = new Issues()
  if (!checkText(text, issues)) issues.throwIfAny()
  try {
    return JSON.parse(text)
  } catch {
    throw new QueryError([jsonFault(text)])
  }
}

/** `raw` is as the schema of the kind leaves it. */
function normalise(kind: AnyQuery['kind'], raw: object, context: Context): AnyQuery {
  switch (kind) {
    case 'aggregate': return normaliseAggregate(raw as RawQuery, context)
    case 'select': return normaliseSelect(raw as RawSelect, context)
    case 'funnel': return normaliseFunnel(raw as RawFunnelQuery, context)
    case 'retention': return normaliseRetention(raw as RawRetentionQuery, context)
  }
}

function normaliseAggregate(raw: RawQuery, context: Context): Query {
  const interval = normaliseInterval(raw.interval ?? {}, context)
  const granularity = normaliseGranularity(raw.granularity ?? 'all', interval.timeZone, context)
  const groupBy = readAll(raw.group_by, (item, index) => normaliseDimension(item, context, `/group_by/${index}`))
  const placed = readAll(raw.aggregations, (item, index) => normaliseAggregation(item, context, `/aggregations/${index}`)).flat()
  const hasAllColumns = raw.aggregations !== undefined && !context.issues.has('/group_by') && !context.issues.has('/aggregations')
  const filter = normaliseFilters(raw.filters, context)
  const output = normaliseOutput(raw, interval, groupBy, placed, hasAllColumns, context)
  const aggregations = placed.map(({ aggregation }) => aggregation)
  const fill = raw.fill ?? (groupBy.length === 0 ? 'zero' : 'none')
  return { kind: 'aggregate', interval, granularity, groupBy, aggregations, filter, fill, ...output }
}
