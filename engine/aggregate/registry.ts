import type { Aggregation } from '../../dsl/query.js'
import type { Aggregator, GroupCounts } from './aggregator.js'
import { Count } from './count.js'
import { Distinct } from './distinct.js'
import { Extreme } from './extreme.js'
import { AnyValue, FirstLast } from './first-last.js'
import { Quantile } from './quantile.js'
import { Sum } from './sum.js'

/** @param maxPairs how many (group, item) pairs an aggregation may gather before it folds them. */
export function createAggregators(aggregations: readonly Aggregation[], counts: GroupCounts, maxPairs: number): Aggregator[] {
  const quantiles = new Map<string, Quantile>()
  return aggregations.map(aggregation => {
    if (aggregation.type !== 'quantile') return createAggregator(aggregation, counts, maxPairs)
    const { field, quantile } = aggregation
    const aggregator = new Quantile(field, quantile, maxPairs, quantiles.get(field) ?? null)
    if (!quantiles.has(field)) quantiles.set(field, aggregator)
    return aggregator
  })
}

function createAggregator(aggregation: Exclude<Aggregation, { type: 'quantile' }>, counts: GroupCounts, maxPairs: number): Aggregator {
  switch (aggregation.type) {
    case 'count': return new Count(counts)
    case 'sum': return new Sum(aggregation.field, false, counts)
    case 'avg': return new Sum(aggregation.field, true, counts)
    case 'min':
    case 'max': return new Extreme(aggregation.field, aggregation.type)
    case 'first':
    case 'last': return new FirstLast(aggregation.field, aggregation.type)
    case 'any': return new AnyValue(aggregation.field)
    case 'hyperUnique': return new Distinct(aggregation.field, false, maxPairs)
    case 'exactUnique': return new Distinct(aggregation.field, true, maxPairs)
  }
}
