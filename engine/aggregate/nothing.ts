import type { Aggregation } from '../../dsl/query.js'
import { HllSketch } from '../sketch/hll-sketch.js'
import type { MetricValue } from './aggregator.js'
import { edgeBins } from './edge-counts.js'

/** The value of an aggregation over no sessions. */
export function valueOfNothing(aggregation: Aggregation): MetricValue {
  switch (aggregation.type) {
    case 'count':
    case 'hyperUnique':
    case 'hyperUniqueError':
    case 'uniqueIntersection':
    case 'exactUnique': return 0
    case 'hyperUniqueSketch': return HllSketch.of(new Uint32Array(0)).encode()
    case 'histogram': return aggregation.edges === null ? [] : edgeBins(aggregation.edges, () => 0)
    case 'filtered': return valueOfNothing(aggregation.aggregator)
    default: return null
  }
}
