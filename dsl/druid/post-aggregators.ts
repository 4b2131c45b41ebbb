/** Druid's post-aggregators are ours, but for the names of those that read sketches. */
import { normalisePostAggregations, POST_AGGREGATION_SCHEMAS, type RawPostAggregation } from '../post-aggregations.js'
import type { PostAggregation } from '../query.js'
import type { Schema } from '../json-schema.js'
import type { DruidAggregator } from './aggregators.js'
import type { DruidContext } from './context.js'
import { copyOf, isObject } from './tidy.js'

export interface DruidPostAggregator {
  /** Under a name of its own. */
  readonly postAggregation: PostAggregation
  readonly name: string
}

const MAX_POST_AGGREGATORS = 1000

/** Estimates of the sketches that an aggregator makes: what it answers with anyway. */
const ESTIMATES = new Set(['thetaSketchEstimate', 'HLLSketchEstimate', 'HLLSketchEstimateWithRounding'])

export const POST_AGGREGATORS_SCHEMA: Schema = {
  type: 'array',
  items: { $ref: '#/definitions/postAggregation' },
  maxItems: MAX_POST_AGGREGATORS,
  description: 'Columns computed from the others.'
}

export { POST_AGGREGATION_SCHEMAS }

export function tidyPostAggregator(raw: unknown): unknown {
  if (!isObject(raw)) return raw
  if (typeof raw.type === 'string' && ESTIMATES.has(raw.type) && isObject(raw.field)) {
    return { type: 'hyperUniqueCardinality', name: raw.name, fieldName: raw.field.fieldName }
  }
  return copyOf(raw, (key, held) => key === 'fields' && Array.isArray(held) ? held.map(tidyPostAggregator) : held)
}

export function readPostAggregators(
  raw: readonly (RawPostAggregation | undefined)[], aggregators: readonly DruidAggregator[], context: DruidContext
): DruidPostAggregator[] {
  const metrics = aggregators.map(({ name, valueType, isDistinct }) => ({ name, type: valueType, isDistinct }))
  const known = context.issues.has('/aggregations') ? null : metrics
  return normalisePostAggregations(raw, known, context, '/postAggregations')
    .map(({ postAggregation }, at) => ({ postAggregation: { ...postAggregation, name: `computed ${at}` }, name: postAggregation.name }))
}
