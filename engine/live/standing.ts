/** Answers that are kept up to date: the cost of what happened is that of the sessions that came, not of those that are there. */
import { bucketStarts } from '../../dsl/buckets.js'
import { LimitError } from '../../dsl/errors.js'
import type { Aggregation, AnyQuery, Query } from '../../dsl/query.js'
import { Execution } from '../execute.js'
import { filterDimensions } from '../filter/dimensions.js'
import { columnsIn, columnsOf, planQuery, planScan, type Plan, type PlannedPart } from '../plan/plan.js'
import { run } from '../run.js'
import type { Running } from '../running.js'
import type { Segment } from '../table/segment.js'
import { TimeSlice } from '../time-slice.js'
import { LiveRows, type Answer } from './live-rows.js'
import type { News } from './news.js'

export interface Standing {
  /** No two rows of an answer are of one group. */
  readonly isKeyed: boolean
  /** Takes changes in. False where the answer must be worked out anew: then nothing else may be asked of this one. */
  apply(news: News): Promise<boolean>
  answer(): Promise<Answer>
}

/** Names of the columns that it must be told of. */
export function columnsToldTo(query: AnyQuery): Iterable<string> {
  return isIncremental(query) ? columnsOf(query) : []
}

/** Begins with the sessions of `running`. */
export async function stand(query: AnyQuery, running: Running): Promise<Standing> {
  const plan = isIncremental(query) ? livePlan(query, running) : null
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

  async answer(): Promise<Answer> {
    return { result: await run(this.query, this.running) }
  }
}

/** One pass over the sessions answers it, and its groups are the values themselves. */
function isIncremental(query: AnyQuery): query is Query {
  return query.kind === 'aggregate' && query.subtotals === null && !query.totals && query.others === null && query.compare === undefined && query.derived === undefined
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
  private readonly rows: LiveRows
  /** Columns that say whether and where a session counts. */
  private readonly keys: readonly string[]
  /** Columns of each aggregation. */
  private readonly columns: readonly (readonly string[])[]

  private constructor(plan: Plan, running: Running) {
    const { query } = plan
    this.plan = plan
    this.running = running
    this.execution = new Execution(plan, running.columns, running.memory, null, null, true)
    this.rows = new LiveRows(plan, this.execution, running.maxGroups)
    this.keys = ['started_at', ...filterDimensions(query.filter), ...query.groupBy.map(({ dimension }) => dimension)]
    this.columns = query.aggregations.map(columnsIn)
  }

  static async of(plan: Plan, running: Running): Promise<Incremental> {
    const standing = new Incremental(plan, running)
    const slice = new TimeSlice(running.signal)
    for (const part of plan.parts) await slice.run(standing.execution.run(part))
    return standing
  }

  async apply({ changes: { added, removed, unknown }, replaced: pairs }: News): Promise<boolean> {
    if (unknown) return false
    const { execution } = this
    const { aggregators } = execution
    const replaced = pairs?.replacements(this.keys, this.columns) ?? null
    const removals = this.inside(removed, replaced?.whole.removed ?? null).filter(part => execution.selects(part))
    const changed = [...replaced?.parts ?? []]
    if (removals.length > 0 && aggregators.some(({ inverse }) => inverse === undefined)) return false
    if (changed.some(([at, { removed: skipped }]) => aggregators[at].inverse === undefined && this.inside(removed, skipped).some(part => execution.selects(part)))) return false
    const slice = new TimeSlice(this.running.signal)
    for (const part of this.inside(added, replaced?.whole.added ?? null)) await slice.run(execution.run(part))
    const takers = aggregators.map(({ inverse }) => inverse!)
    for (const part of removals) await slice.run(execution.run(part, { takers, count: -1 }))
    for (const [at, part] of changed) {
      const aggregator = aggregators[at]
      if (aggregator.inverse === undefined) continue
      for (const rows of this.inside(removed, part.removed)) await slice.run(execution.run(rows, { takers: [aggregator.inverse], count: 0 }))
      for (const rows of this.inside(added, part.added)) await slice.run(execution.run(rows, { takers: [aggregator], count: 0 }))
    }
    return true
  }

  async answer(): Promise<Answer> {
    const slice = new TimeSlice(this.running.signal)
    await slice.run(this.execution.finish())
    return await slice.run(this.rows.answer())
  }

  /** Rows of the interval that are not skipped. */
  private inside(segment: Segment | null, skipped: Uint32Array | null): readonly PlannedPart[] {
    if (segment === null) return []
    return planScan({ parts: [{ segment, first: 0, deleted: skipped }], rows: segment.rows }, this.plan.query.interval, []).parts
  }
}
