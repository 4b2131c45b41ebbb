/** Answers an aggregate query. */
import type { QueryResult } from '../../dsl/input.js'
import type { Query } from '../../dsl/query.js'
import { withDerived } from '../column/derived.js'
import { execute } from '../execute.js'
import { explainPlan, type Explanation } from '../plan/explain.js'
import { planQuery, type Plan } from '../plan/plan.js'
import type { Running } from '../running.js'
import { TimeSlice } from '../time-slice.js'
import { answerRows, fieldsOf, layoutOf, writeRows, type Row } from './answer.js'

/** @throws LimitError, the signal's reason */
export async function aggregate(query: Query, running: Running): Promise<QueryResult> {
  const { memory, maxGroups, signal } = running
  const columns = withDerived(running.columns, query.derived)
  const plan = planOf(query, running)
  const grouped = await execute(plan, columns, memory, signal)
  const slice = new TimeSlice(signal)
  const layout = layoutOf(query, [...query.groupBy.keys()], plan, grouped)
  const data: Row[] = []
  await slice.run(writeRows(layout, await slice.run(answerRows(layout, plan, grouped, maxGroups)), data))
  return { fields: fieldsOf(query), data }
}

export function explainAggregate(query: Query, running: Running): Explanation {
  return explainPlan(planOf(query, running))
}

function planOf(query: Query, { snapshot, columns: stored, maxBuckets }: Running): Plan {
  const columns = withDerived(stored, query.derived)
  return planQuery(query, snapshot, name => columns.get(name)!.dictionary, maxBuckets)
}
