/** From a checked query to its answer, over one snapshot of the table. */
import type { QueryResult } from '../dsl/input.js'
import type { AnyQuery } from '../dsl/query.js'
import { aggregate, explainAggregate } from './answer/aggregate.js'
import type { Explanation } from './plan/explain.js'
import type { Running } from './running.js'
import { explainSelect, select } from './select/select.js'
import { explainFunnel, funnel } from './visitors/funnel.js'
import { explainRetention, retention } from './visitors/retention.js'

export function run(query: AnyQuery, running: Running): Promise<QueryResult> {
  switch (query.kind) {
    case 'aggregate': return aggregate(query, running)
    case 'select': return select(query, running)
    case 'funnel': return funnel(query, running)
    case 'retention': return retention(query, running)
  }
}

export function explain(query: AnyQuery, running: Running): Explanation {
  switch (query.kind) {
    case 'aggregate': return explainAggregate(query, running)
    case 'select': return explainSelect(query, running)
    case 'funnel': return explainFunnel(query, running)
    case 'retention': return explainRetention(query, running)
  }
}
