import {
  aggregationSchema, fieldsSchema, NAME, readFields, type AggregationKind, type RawAggregation
} from './aggregation-kind.js'
import type { Context } from './context.js'
import { below } from './issues.js'

/** Far above what a chart shows; each is a number in every row. */
const MAX_BINS = 1000

export const HISTOGRAM: AggregationKind = {
  schema: aggregationSchema('histogram', 'How many values lie in each of several ranges: a list of [lower, upper, count].', {
    fields: fieldsSchema('numbers'),
    bins: {
      type: 'integer',
      minimum: 1,
      maximum: MAX_BINS,
      description: 'So many ranges of one width between the smallest and the largest value of the row. Without bins and edges: ranges of 1 % of the value.'
    },
    edges: {
      type: 'array',
      items: { type: 'number', description: 'A number.' },
      minItems: 1,
      maxItems: MAX_BINS,
      description: 'Where one range ends and the next begins, ascending. Counts are exact; what lies below the first and from the last on is counted too.'
    },
    name: NAME
  }, ['fields']),
  normalise(raw, given, context, pointer) {
    checkRanges(raw, context, pointer)
    const edges = raw.edges?.filter(edge => edge !== undefined) ?? null
    return readFields(raw, given, 'numbers', context, pointer).map(({ field, name, pointer: at }) => ({
      aggregation: { type: 'histogram', field, bins: raw.bins ?? null, edges, name: name ?? `${field}_histogram` }, pointer: at
    }))
  }
}

function checkRanges({ bins, edges = [] }: RawAggregation, context: Context, pointer: string): void {
  if (bins !== undefined && edges.length > 0) {
    context.issues.add('invalid_value', below(pointer, 'bins'), 'got bins and edges, expected one of the two')
  }
  for (const [index, edge] of edges.entries()) {
    const before = edges[index - 1]
    if (edge === undefined || before === undefined || before < edge) continue
    context.issues.add('invalid_value', `${below(pointer, 'edges')}/${index}`, `got ${edge} after ${before}, expected ascending numbers`)
    return
  }
}
