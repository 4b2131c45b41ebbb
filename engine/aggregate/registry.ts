import type { Aggregation } from '../../dsl/query.js'
import type { Aggregator, GroupCounts } from './aggregator.js'
import { Count } from './count.js'
import { Distinct } from './distinct.js'
import { Extreme } from './extreme.js'
import { Sum } from './sum.js'

/** @param maxPairs how many (group, item) pairs a distinct count may gather before it folds them. */
export function createAggregator(aggregation: Aggregation, counts: GroupCounts, maxPairs: number): Aggregator {
  switch (aggregation.type) {
    case 'count': return new Count(counts)
    case 'sum': return new Sum(aggregation.field, false, counts)
    case 'avg': return new Sum(aggregation.field, true, counts)
    case 'min':
    case 'max': return new Extreme(aggregation.field, aggregation.type)
    case 'hyperUnique': return new Distinct(aggregation.field, false, maxPairs)
    case 'exactUnique': return new Distinct(aggregation.field, true, maxPairs)
  }
}
