/** From a checked query to its answer, over one snapshot of the table. */
import type { QueryResult } from '../dsl/input.js'
import type { AnyQuery, Query } from '../dsl/query.js'
import { answer } from './answer/answer.js'
import { withDerived } from './column/derived.js'
import { execute } from './execute.js'
import { explainPlan, type Explanation } from './plan/explain.js'
import { planQuery, type Plan } from './plan/plan.js'
import type { Running } from './running.js'
import { explainSelect, select } from './select/select.js'

export function run(query: AnyQuery, running: Running): Promise<QueryResult> {
  switch (query.kind) {
    case 'aggregate': return aggregate(query, running)
    case 'select': return select(query, running)
  }
}

export function explain(query: AnyQuery, running: Running): Explanation {
  switch (query.kind) {
    case 'aggregate': return explainPlan(planOf(query, running))
    case 'select': return explainSelect(query, running)
  }
}

async function aggregate(query: Query, running: Running): Promise<QueryResult> {
  const { memory, maxGroups, signal } = running
  const columns = withDerived(running.columns, query.derived)
  const plan = planOf(query, running)
  return answer(plan, await execute(plan, columns, memory, signal), maxGroups, signal)
}

function planOf(query: Query, { snapshot, columns: stored, maxBuckets }: Running): Plan {
  const columns = withDerived(stored, query.derived)
  return planQuery(query, snapshot, name => columns.get(name)!.dictionary, maxBuckets)
}
