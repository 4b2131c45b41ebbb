/** Answers that are kept up to date: the cost of what happened is that of the sessions that came, not of those that are there. */
import { bucketStarts } from '../../dsl/buckets.js'
import { LimitError } from '../../dsl/errors.js'
import type { QueryResult } from '../../dsl/input.js'
import type { Aggregation, AnyQuery, Query } from '../../dsl/query.js'
import { chosenRows, fieldsOf, layoutOf, writeRows } from '../answer/answer.js'
import { Execution } from '../execute.js'
import { filterDimensions } from '../filter/dimensions.js'
import { columnsIn, planQuery, planScan, type Plan, type PlannedPart } from '../plan/plan.js'
import { run } from '../run.js'
import type { Running } from '../running.js'
import type { Changes } from '../table/journal.js'
import type { Segment } from '../table/segment.js'
import { TimeSlice } from '../time-slice.js'
import { compareReplaced } from './replaced.js'

export interface Standing {
  /** No two rows of an answer are of one group. */
  readonly isKeyed: boolean
  /** Takes changes in. False where the answer must be worked out anew: then nothing else may be asked of this one. */
  apply(changes: Changes): Promise<boolean>
  answer(): Promise<QueryResult>
}

/** Begins with the sessions of `running`. */
export async function stand(query: AnyQuery, running: Running): Promise<Standing> {
  const plan = query.kind === 'aggregate' && isIncremental(query) ? livePlan(query, running) : null
  return plan === null ? new Rerun(query, running) : Incremental.of(plan, running)
}

/** Asked again as a whole: for what cannot be told from the sessions that came alone. */
class Rerun implements Standing {
  readonly isKeyed = false
  private readonly query: AnyQuery
  private readonly running: Running

  constructor(query: AnyQuery, running: Running) {
    this.query = query
    this.running = running
  }

  async apply(): Promise<boolean> {
    return false
  }

  answer(): Promise<QueryResult> {
    return run(this.query, this.running)
  }
}

/** One pass over the sessions answers it, and its groups are the values themselves. */
function isIncremental(query: Query): boolean {
  return query.subtotals === null && !query.totals && query.others === null && query.compare === undefined && query.derived === undefined
    && query.groupBy.every(({ transform }) => transform === undefined) && query.aggregations.every(continues)
}

function continues(aggregation: Aggregation): boolean {
  switch (aggregation.type) {
    case 'histogram':
    case 'hyperUniqueSketch':
    case 'uniqueIntersection': return false
    case 'filtered': return continues(aggregation.aggregator)
    default: return true
  }
}

/** With all buckets of the interval, and groups numbered as they come; null where there are too many buckets to list. */
function livePlan(query: Query, { snapshot, columns, maxBuckets }: Running): Plan | null {
  try {
    const buckets = bucketStarts(query.granularity, query.interval, maxBuckets)
    const plan = planQuery(query, snapshot, name => columns.get(name)!.dictionary, maxBuckets)
    return { ...plan, buckets, grouping: query.groupBy.length === 0 ? { kind: 'buckets' } : { kind: 'hash' } }
  } catch (error) {
    if (error instanceof LimitError) return null
    throw error
  }
}

class Incremental implements Standing {
  readonly isKeyed = true
  private readonly plan: Plan
  private readonly running: Running
  private readonly execution: Execution
  /** Columns that say whether and where a session counts. */
  private readonly keys: readonly string[]
  /** Columns of each aggregation. */
  private readonly columns: readonly (readonly string[])[]

  private constructor(plan: Plan, running: Running) {
    const { query } = plan
    this.plan = plan
    this.running = running
    this.execution = new Execution(plan, running.columns, running.memory, null, null, true)
    this.keys = ['started_at', ...filterDimensions(query.filter), ...query.groupBy.map(({ dimension }) => dimension)]
    this.columns = query.aggregations.map(columnsIn)
  }

  static async of(plan: Plan, running: Running): Promise<Incremental> {
    const standing = new Incremental(plan, running)
    const slice = new TimeSlice(running.signal)
    for (const part of plan.parts) await slice.run(standing.execution.run(part))
    return standing
  }

  async apply({ added, removed, unknown }: Changes): Promise<boolean> {
    if (unknown) return false
    const { execution } = this
    const { aggregators } = execution
    const replaced = added === null || removed === null ? null : compareReplaced(added, removed, this.running.columns, this.keys, this.columns)
    const removals = this.rows(removed, replaced?.whole.removed ?? null).filter(part => execution.selects(part))
    const changed = [...replaced?.parts ?? []]
    if (removals.length > 0 && aggregators.some(({ inverse }) => inverse === undefined)) return false
    if (changed.some(([at, { removed: skipped }]) => aggregators[at].inverse === undefined && this.rows(removed, skipped).some(part => execution.selects(part)))) return false
    const slice = new TimeSlice(this.running.signal)
    for (const part of this.rows(added, replaced?.whole.added ?? null)) await slice.run(execution.run(part))
    const takers = aggregators.map(({ inverse }) => inverse!)
    for (const part of removals) await slice.run(execution.run(part, { takers, count: -1 }))
    for (const [at, part] of changed) {
      const aggregator = aggregators[at]
      if (aggregator.inverse === undefined) continue
      for (const rows of this.rows(removed, part.removed)) await slice.run(execution.run(rows, { takers: [aggregator.inverse], count: 0 }))
      for (const rows of this.rows(added, part.added)) await slice.run(execution.run(rows, { takers: [aggregator], count: 0 }))
    }
    return true
  }

  async answer(): Promise<QueryResult> {
    const { plan, execution, running } = this
    const { query } = plan
    const slice = new TimeSlice(running.signal)
    await slice.run(execution.finish())
    const grouped = execution.grouped()
    const layout = layoutOf(query, [...query.groupBy.keys()], plan, grouped)
    const { rows, order } = await slice.run(chosenRows(layout, plan, grouped, running.maxGroups, null))
    if (order.length > running.maxGroups) throw new LimitError('max_groups', running.maxGroups, order.length, 'Group by fewer values, filter more, or add a limit.')
    return { fields: fieldsOf(query), data: await slice.run(writeRows(layout, await slice.run(rows.pick(order)))) }
  }

  /** Rows of the interval that are not skipped. */
  private rows(segment: Segment | null, skipped: Uint32Array | null): readonly PlannedPart[] {
    if (segment === null) return []
    return planScan({ parts: [{ segment, first: 0, deleted: skipped }], rows: segment.rows }, this.plan.query.interval, []).parts
  }
}
