/** The JSON Schema of a query; query.schema.json is this as a file. */
import { AGGREGATION_SCHEMAS } from './aggregations.js'
import { COMPARE_SCHEMA } from './compare.js'
import { DIMENSION_SCHEMA, DIMENSION_SCHEMAS } from './dimensions.js'
import { FILTER_SCHEMAS, FILTERS_SCHEMA } from './filters.js'
import { FUNNEL_SCHEMA } from './funnel.js'
import { HAVING_SCHEMAS } from './having.js'
import { INTERVAL_SCHEMA } from './intervals.js'
import { ORDER_BY_SCHEMA } from './output.js'
import { POST_AGGREGATION_SCHEMAS } from './post-aggregations.js'
import type { AnyQuery } from './query.js'
import { CONTEXT_SCHEMA } from './query-context.js'
import { RETENTION_SCHEMA } from './retention.js'
import { SELECT_SCHEMA } from './select.js'
import { EDITOR_SCHEMA, type Schema } from './json-schema.js'
import { SUBTOTALS_SCHEMA } from './subtotals.js'
import { GRANULARITY_SCHEMA } from './time.js'

/** Far above what a table or chart can show; each is a column of every row. */
const MAX_DIMENSIONS = 100
const MAX_AGGREGATIONS = 1000

const AGGREGATE_SCHEMA: Schema = {
  description: 'Computes rows from groups of sessions.',
  type: 'object',
  properties: {
    $schema: EDITOR_SCHEMA,
    interval: INTERVAL_SCHEMA,
    granularity: GRANULARITY_SCHEMA,
    group_by: {
      type: 'array',
      items: DIMENSION_SCHEMA,
      maxItems: MAX_DIMENSIONS,
      default: [],
      description: 'The dimensions of a row, in their order. An array gives a row for each element.'
    },
    aggregations: {
      type: 'array',
      items: { $ref: '#/definitions/aggregation' },
      maxItems: MAX_AGGREGATIONS,
      description: 'The columns to compute, in their order.'
    },
    post_aggregations: {
      type: 'array',
      items: { $ref: '#/definitions/postAggregation' },
      maxItems: MAX_AGGREGATIONS,
      default: [],
      description: 'Columns computed from the aggregations of a row, after them in the answer.'
    },
    filters: FILTERS_SCHEMA,
    having: { $ref: '#/definitions/having' },
    order_by: {
      type: 'array',
      items: ORDER_BY_SCHEMA,
      maxItems: MAX_DIMENSIONS,
      description: 'Order of the rows, before the usual one: by time, then by group.'
    },
    limit: { type: 'integer', exclusiveMinimum: 0, description: 'At most this many rows, after ordering.' },
    offset: { type: 'integer', minimum: 0, default: 0, description: 'So many of the first rows are left out, before the limit.' },
    limit_per_bucket: { type: 'integer', exclusiveMinimum: 0, description: 'At most this many rows of every bucket of time, after ordering and before offset and limit.' },
    others: { type: 'string', minLength: 1, description: 'Name of one row, of each bucket, for all groups that the limits cut off.' },
    totals: { type: 'boolean', default: false, description: 'Whether there is a row of all sessions, beside the others.' },
    subtotals: SUBTOTALS_SCHEMA,
    fill: { enum: ['none', 'zero'], description: 'Whether buckets without sessions are in the answer. Default: zero without group_by, none with it.' },
    compare: COMPARE_SCHEMA
  },
  required: ['interval', 'granularity', 'aggregations'],
  additionalProperties: false
}

/** The schemas of the kinds of query. No two of them take the same object. */
export const KIND_SCHEMAS: Readonly<Record<AnyQuery['kind'], Schema>> = {
  aggregate: withContext(AGGREGATE_SCHEMA),
  select: withContext(SELECT_SCHEMA),
  funnel: withContext(FUNNEL_SCHEMA),
  retention: withContext(RETENTION_SCHEMA)
}

function withContext(schema: Schema): Schema {
  return { ...schema, properties: { ...schema.properties, context: CONTEXT_SCHEMA } }
}

export const QUERY_SCHEMA: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'sessionql query',
  description: 'A query over visitor sessions.',
  oneOf: Object.keys(KIND_SCHEMAS).map(kind => ({ $ref: `#/definitions/${kind}Query` })),
  definitions: {
    ...Object.fromEntries(Object.entries(KIND_SCHEMAS).map(([kind, schema]) => [`${kind}Query`, schema])),
    ...DIMENSION_SCHEMAS,
    ...FILTER_SCHEMAS,
    ...AGGREGATION_SCHEMAS,
    ...POST_AGGREGATION_SCHEMAS,
    ...HAVING_SCHEMAS
  }
}
