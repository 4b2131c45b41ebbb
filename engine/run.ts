/** From a checked query to its answer, over one snapshot of the table. */
import type { QueryResult } from '../dsl/input.js'
import type { AnyQuery, Query } from '../dsl/query.js'
import { answer } from './answer/answer.js'
import { withDerived, type ColumnInfo } from './column/derived.js'
import { execute } from './execute.js'
import { explainPlan, type Explanation } from './plan/explain.js'
import { planQuery, type Plan } from './plan/plan.js'
import { explainSelect, select } from './select/select.js'
import type { Snapshot } from './table/table.js'

/** What a query runs over, and within which bounds. A query may be run in several passes over the same. */
export interface Running {
  readonly snapshot: Snapshot
  readonly columns: ReadonlyMap<string, ColumnInfo>
  /** Bytes that it may take. */
  readonly memory: number
  readonly maxGroups: number
  readonly maxBuckets: number
  readonly signal: AbortSignal | undefined
}

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
  return answer(plan, await execute(plan, columns, memory, signal), columns, maxGroups, signal)
}

function planOf(query: Query, { snapshot, columns: stored, maxBuckets }: Running): Plan {
  const columns = withDerived(stored, query.derived)
  return planQuery(query, snapshot, name => columns.get(name)!.dictionary, maxBuckets)
}
