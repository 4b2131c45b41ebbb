/** Answers an aggregate query, in as many passes over the sessions as it takes. */
import { LimitError } from '../../dsl/errors.js'
import type { QueryResult } from '../../dsl/input.js'
import type { Query } from '../../dsl/query.js'
import { withDerived, type ColumnInfo } from '../column/derived.js'
import type { Grouped } from '../execute.js'
import { execute } from '../parallel/execute.js'
import { explainPlan, type Explanation } from '../plan/explain.js'
import { planQuery, type Plan } from '../plan/plan.js'
import type { Running } from '../running.js'
import { TimeSlice } from '../time-slice.js'
import { chosenRows, fieldsOf, layoutOf, rowsOfAll, writeRows, type Row } from './answer.js'
import type { Period } from './compared-rows.js'
import { checkName, cutOff, otherRows, placeOthers } from './others.js'

const TOO_MANY = 'Group by fewer values, filter more, or add a limit.'

/** @throws LimitError, QueryError where a group has the name of the others, the signal's reason */
export async function aggregate(query: Query, running: Running): Promise<QueryResult> {
  const pass = new Pass(query, running)
  if (query.subtotals === null) {
    const data = await pass.groups(wholeSet(query))
    return query.totals ? { fields: fieldsOf(query), data, totals: await pass.totals() } : { fields: fieldsOf(query), data }
  }
  const parts: Row[][] = []
  for (const set of query.subtotals) {
    parts.push(await pass.groups(set))
    const rows = parts.reduce((sum, part) => sum + part.length, 0)
    if (rows > running.maxGroups) throw new LimitError('max_groups', running.maxGroups, rows, TOO_MANY)
  }
  const subtotals = query.subtotals.map((set, index) => ({ group_by: set.map(position => query.groupBy[position].name), rows: parts[index].length }))
  const answer = { fields: fieldsOf(query), data: parts.flat(), subtotals }
  return query.totals ? { ...answer, totals: await pass.totals() } : answer
}

export function explainAggregate(query: Query, running: Running): Explanation {
  const explanation = explainPlan(new Pass(query, running).planOf(query))
  const passes = passesOf(query)
  return passes.length === 1 ? explanation : { ...explanation, passes }
}

/** Those for others are left out where nothing is cut off, which only the groups tell. */
function passesOf(query: Query): NonNullable<Explanation['passes']> {
  const groups = (query.subtotals ?? [wholeSet(query)]).flatMap((set): NonNullable<Explanation['passes']> => {
    const group_by = set.map(position => query.groupBy[position].name)
    return query.others === null || set.length === 0 ? [{ rows: 'groups', group_by }] : [{ rows: 'groups', group_by }, { rows: 'others', group_by }]
  })
  return query.totals ? [...groups, { rows: 'totals', group_by: [] }] : groups
}

/** Passes over one snapshot. */
class Pass {
  private readonly query: Query
  private readonly running: Running
  private readonly columns: ReadonlyMap<string, ColumnInfo>

  constructor(query: Query, running: Running) {
    this.query = query
    this.running = running
    this.columns = withDerived(running.columns, query.derived)
  }

  planOf(query: Query): Plan {
    const { snapshot, maxBuckets } = this.running
    return planQuery(query, snapshot, name => this.columns.get(name)!.dictionary, maxBuckets)
  }

  /** The rows of the answer when it is grouped by these positions of group_by. */
  async groups(set: readonly number[]): Promise<Row[]> {
    const { query, columns } = this
    const { memory, maxGroups, signal } = this.running
    const plan = this.planOf({ ...query, groupBy: set.map(position => query.groupBy[position]) })
    const before = this.planBefore(plan.query)
    const grouped = await execute(plan, columns, this.running)
    const previous = before && await this.compared(before, grouped)
    checkMemory(plan.query, grouped, previous, memory)
    const slice = new TimeSlice(signal)
    const layout = layoutOf(query, set, plan, grouped)
    const { rows, order } = await slice.run(chosenRows(layout, plan, grouped, maxGroups, previous))
    const isCut = query.others !== null && set.length > 0 && order.length < rows.count
    const cut = isCut ? await slice.run(cutOff(rows, order, plan.buckets.length, grouped.groups)) : null
    const count = order.length + (cut?.buckets.length ?? 0)
    if (count > maxGroups) throw new LimitError('max_groups', maxGroups, count, TOO_MANY)
    const chosen = await slice.run(rows.pick(order))
    const data = await slice.run(writeRows(layout, chosen))
    let answer = data
    if (cut !== null) {
      checkName(query.others!, layout, data)
      const others = await slice.run(writeRows(layout, await otherRows(cut, layout, plan, grouped, columns, this.running), query.others!))
      answer = placeOthers(layout, data, chosen.candidates.buckets, others, cut.buckets)
    }
    grouped.release()
    previous?.grouped.release()
    return answer
  }

  /** The same over the interval that is compared with; null where there is none. */
  private planBefore(query: Query): Plan | null {
    return query.compare === undefined ? null : this.planOf({ ...query, interval: query.compare.interval })
  }

  /** `grouped` is what is compared: it stays in memory, and its groups and these have the same keys. */
  private async compared(plan: Plan, grouped: Grouped): Promise<Period> {
    const running = { ...this.running, memory: this.running.memory - grouped.bytes }
    return { plan, grouped: await execute(plan, this.columns, running, { keys: grouped.grouper?.keys }) }
  }

  /** The row of the same query without group_by, of all time. */
  async totals(): Promise<Row> {
    const { query } = this
    const plan = this.planOf({ ...query, groupBy: [], granularity: { type: 'all' }, fill: 'zero' })
    const before = this.planBefore(plan.query)
    const grouped = await execute(plan, this.columns, this.running)
    const previous = before && await this.compared(before, grouped)
    const layout = layoutOf(query, [], plan, grouped)
    const [row] = await new TimeSlice(this.running.signal).run(writeRows(layout, rowsOfAll(query, grouped, previous)))
    return row
  }
}

/** Rows are chosen from all groups: each takes its bucket, its group and keys, and a number for everything it is ordered by. @throws LimitError */
function checkMemory({ groupBy, orderBy }: Query, grouped: Grouped, previous: Period | null, memory: number): void {
  const rowBytes = 8 + 4 * groupBy.length + 8 * (orderBy.length + 1 + groupBy.length)
  const other = previous?.grouped
  const needed = grouped.bytes + (other?.bytes ?? 0) + (grouped.groups + (other?.groups ?? 0)) * rowBytes
  if (needed > memory) throw new LimitError('memory_budget', memory, needed, 'Bytes left for this query: group by fewer values, filter more, or raise the budget.')
}

function wholeSet({ groupBy }: Query): number[] {
  return [...groupBy.keys()]
}
