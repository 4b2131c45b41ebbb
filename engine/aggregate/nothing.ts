import type { Aggregation } from '../../dsl/query.js'
import type { MetricValue } from './aggregator.js'

/** The value of an aggregation over no sessions. */
export function valueOfNothing(aggregation: Aggregation): MetricValue {
  switch (aggregation.type) {
    case 'count':
    case 'hyperUnique':
    case 'hyperUniqueError':
    case 'exactUnique': return 0
    case 'filtered': return valueOfNothing(aggregation.aggregator)
    default: return null
  }
}
