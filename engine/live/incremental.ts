/** An answer that is kept up to date by adding the sessions that come, and by taking back those that they replace. */
import { bucketStarts } from '../../dsl/buckets.js'
import { LimitError } from '../../dsl/errors.js'
import type { Aggregation, Query, Span } from '../../dsl/query.js'
import { Execution, type Taking } from '../execute.js'
import { columnsIn } from '../plan/columns.js'
import { planQuery, planScan, type Plan, type PlannedPart } from '../plan/plan.js'
import type { Running } from '../running.js'
import type { Segment } from '../table/segment.js'
import { TimeSlice } from '../time-slice.js'
import { LiveRows, type Answer } from './live-rows.js'
import type { News } from './news.js'
import type { Standing } from './standing.js'

export class Incremental implements Standing {
  readonly isKeyed = true
  private readonly plan: Plan
  private readonly running: Running
  private readonly execution: Execution
  private readonly rows: LiveRows
  /** Columns that say where a session counts. */
  private readonly keys: readonly string[]
  /** Columns of each aggregation. */
  private readonly columns: readonly (readonly string[])[]

  private constructor(plan: Plan, running: Running) {
    const { query } = plan
    this.plan = plan
    this.running = running
    this.execution = new Execution(plan, running.columns, running.memory, null, null, true)
    this.rows = new LiveRows(plan, this.execution, running.maxGroups)
    this.keys = ['started_at', ...query.groupBy.map(({ dimension }) => dimension)]
    this.columns = columnsOfEach(query.aggregations)
  }

  /** Null where there are too many buckets to list. */
  static async of(query: Query, running: Running): Promise<Incremental | null> {
    const plan = livePlan(query, running)
    if (plan === null) return null
    const standing = new Incremental(plan, running)
    await standing.run(plan.parts)
    return standing
  }

  get isSpoiled(): boolean {
    return this.execution.spoiled.size > 0
  }

  async apply({ changes: { added, removed, unknown }, replaced: pairs }: News): Promise<boolean> {
    if (unknown) return false
    const { aggregators } = this.execution
    const replaced = pairs?.replacements(this.keys, this.passing(added!, removed!), this.columns) ?? null
    // What is taken back may have come with these changes: first everything is added.
    await this.run(this.inside(added, replaced?.whole.added ?? null))
    await this.run(this.inside(removed, replaced?.whole.removed ?? null), { takers: aggregators.map(({ inverse }) => inverse!), count: -1 })
    for (const [at, part] of replaced?.parts ?? []) {
      await this.run(this.inside(added, part.added), { takers: [aggregators[at]], count: 0 })
      await this.run(this.inside(removed, part.removed), { takers: [aggregators[at].inverse!], count: 0 })
    }
    return true
  }

  async repair({ snapshot }: Running): Promise<void> {
    const { execution, plan: { buckets, query: { interval } } } = this
    const spoiled = new Set(Array.from(execution.spoiled, group => execution.bucketOf(group)))
    execution.spoiled.clear()
    execution.forget(spoiled)
    const spans = [...spoiled].sort((a, b) => a - b).map(bucket => ({ start: buckets[bucket], end: buckets[bucket + 1] ?? interval.end }))
    await this.run(planScan(snapshot, { ...interval, spans: interval.spans === undefined ? spans : within(spans, interval.spans) }, []).parts)
  }

  async answer(): Promise<Answer> {
    const slice = new TimeSlice(this.running.signal)
    await slice.run(this.execution.finish())
    return await slice.run(this.rows.answer())
  }

  private async run(parts: readonly PlannedPart[], taking?: Taking): Promise<void> {
    const slice = new TimeSlice(this.running.signal)
    for (const part of parts) await slice.run(this.execution.run(part, taking))
  }

  /** Which rows pass the filter; null where all do. */
  private passing(added: Segment, removed: Segment): { readonly added: Uint8Array, readonly removed: Uint8Array } | null {
    const passing = this.execution.passing(added)
    return passing && { added: passing, removed: this.execution.passing(removed)! }
  }

  /** Rows of the interval that are not skipped. */
  private inside(segment: Segment | null, skipped: Uint32Array | null): readonly PlannedPart[] {
    if (segment === null) return []
    return planScan({ parts: [{ segment, first: 0, deleted: skipped }], rows: segment.rows }, this.plan.query.interval, []).parts
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

/** What is filtered alike is gathered by the first of them for all. */
function columnsOfEach(aggregations: readonly Aggregation[]): readonly (readonly string[])[] {
  const filtered = new Map<string, string[]>()
  return aggregations.map(aggregation => {
    const columns = columnsIn(aggregation)
    if (aggregation.type !== 'filtered') return columns
    const filter = JSON.stringify(aggregation.filter)
    const known = filtered.get(filter)
    if (known === undefined) filtered.set(filter, [...columns])
    else known.push(...columns)
    return known ?? filtered.get(filter)!
  })
}

/** The parts of some spans that lie in others; both ascend. */
function within(spans: readonly Span[], others: readonly Span[]): Span[] {
  return spans.flatMap(span => others.filter(other => other.start < span.end && other.end > span.start)
    .map(other => ({ start: Math.max(span.start, other.start), end: Math.min(span.end, other.end) })))
}
