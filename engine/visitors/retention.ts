/** Answers how many visitors came back, by the bucket of their first session. */
import { LimitError } from '../../dsl/errors.js'
import type { QueryResult, ResultValue } from '../../dsl/input.js'
import type { Filter, RetentionQuery } from '../../dsl/query.js'
import { stampFormatter } from '../../dsl/stamp.js'
import { QueryColumns } from '../column/derived.js'
import { RowPicker } from '../filter/row-picker.js'
import type { ColumnReader } from '../filter/row-test.js'
import { Scratch } from '../filter/scratch.js'
import { bucketAt, planBuckets } from '../plan/buckets.js'
import { explainScan, type Explanation } from '../plan/explain.js'
import { columnsOf } from '../plan/columns.js'
import { planScan, type PlannedPart, type Scan } from '../plan/plan.js'
import type { Running } from '../running.js'
import { TimeSlice } from '../time-slice.js'
import { stretchesOf } from './stretches.js'
import { Cohorts } from './cohorts.js'
import { VisitorIds } from './visitor-ids.js'

interface RetentionPlan extends Scan {
  readonly query: RetentionQuery
  readonly buckets: Float64Array
}

export async function retention(query: RetentionQuery, running: Running): Promise<QueryResult> {
  const slice = new TimeSlice(running.signal)
  const plan = planRetention(query, running)
  const run = new RetentionRun(plan, running)
  for (const stretch of stretchesOf(plan.parts)) await slice.run(run.take(stretch))
  const data: ResultValue[][] = []
  await slice.run(run.write(data))
  return {
    fields: [
      { name: 'timestamp', type: 'dimension' }, { name: 'period', type: 'dimension' },
      { name: 'cohort_size', type: 'metric' }, { name: 'visitors', type: 'metric' }, { name: 'share', type: 'metric' }
    ],
    data
  }
}

export function explainRetention(query: RetentionQuery, running: Running): Explanation {
  const plan = planRetention(query, running)
  return explainScan(query, plan, plan.buckets, { kind: 'visitors', groups: plan.buckets.length })
}

/** @throws LimitError where the answer has too many rows */
function planRetention(query: RetentionQuery, { snapshot, maxBuckets, maxGroups }: Running): RetentionPlan {
  const { interval, granularity } = query
  const scan = planScan(snapshot, interval, columnsOf(query))
  // Periods are counted through what lies between the parts of an interval, too.
  const { start, end, timeZone } = interval
  const buckets = planBuckets({ interval: { start, end, timeZone }, granularity, fill: 'zero' }, scan.parts, maxBuckets)
  const rows = buckets.length * (query.periods + 1)
  if (rows > maxGroups) throw new LimitError('max_groups', maxGroups, rows, 'Ask for fewer periods, a coarser granularity or a shorter interval.')
  return { ...scan, query, buckets }
}

class RetentionRun {
  private readonly plan: RetentionPlan
  private readonly memory: number
  private readonly columns: QueryColumns
  private readonly first: RowPicker
  private readonly returning: RowPicker
  private readonly ids: VisitorIds
  private readonly cohorts: Cohorts
  private readonly visitors = new Scratch(Uint32Array)
  private readonly bucketsOfRows = new Scratch(Uint32Array)

  constructor(plan: RetentionPlan, { columns, memory }: Running) {
    const { query, buckets } = plan
    const both = (filter: Filter): RowPicker => new RowPicker({ type: 'and', fields: [query.filter, filter] }, columns)
    this.plan = plan
    this.memory = memory
    this.columns = new QueryColumns(columns)
    this.first = both(query.first)
    this.returning = both(query.returning)
    this.ids = new VisitorIds(columns.get(query.by)!, plan.rows)
    this.cohorts = new Cohorts(buckets.length, query.periods, query.interval.start)
  }

  /** Takes sessions that all start after those taken before; yields every so often. */
  *take(stretch: readonly PlannedPart[]): Generator<void, void, void> {
    const readers = stretch.map(({ part }) => this.columns.reader(part.segment))
    for (const [index, part] of stretch.entries()) {
      this.pass(this.first, part, readers[index], 'begin')
      yield
    }
    for (const [index, part] of stretch.entries()) {
      this.pass(this.returning, part, readers[index], 'comeBack')
      yield
    }
  }

  /** Periods that begin after the interval are left out: nobody can know them. */
  *write(data: ResultValue[][]): Generator<void, void, void> {
    const { query: { periods, interval }, buckets } = this.plan
    const { sizes, returned } = this.cohorts
    const format = stampFormatter(interval.timeZone)
    for (let cohort = 0; cohort < buckets.length; cohort++) {
      const stamp = format(buckets[cohort])
      for (let period = 0; period <= periods && cohort + period < buckets.length; period++) {
        const visitors = returned[cohort * (periods + 1) + period]
        data.push([stamp, period, sizes[cohort], visitors, sizes[cohort] === 0 ? null : visitors / sizes[cohort]])
      }
      yield
    }
  }

  private pass(picker: RowPicker, { part: { segment, deleted }, from, to }: PlannedPart, reader: ColumnReader, what: 'begin' | 'comeBack'): void {
    const { starts } = segment
    const { buckets } = this.plan
    const rows = picker.pick(reader, deleted, from, to)
    const n = rows === null ? to - from : rows.length
    if (n === 0) return
    const visitors = this.visitors.of(n)
    this.ids.read(reader.column(this.plan.query.by), rows, from, n, visitors)
    this.reserve(this.ids.size)
    const bucketsOfRows = this.bucketsOfRows.of(n)
    let bucket = bucketAt(buckets, starts[rows === null ? from : rows[0]])
    for (let i = 0; i < n; i++) {
      const start = starts[rows === null ? from + i : rows[i]]
      while (bucket + 1 < buckets.length && buckets[bucket + 1] <= start) bucket++
      bucketsOfRows[i] = bucket
    }
    this.cohorts[what](visitors, bucketsOfRows, starts, rows, from, n)
  }

  private reserve(visitors: number): void {
    const needed = this.ids.bytes + this.cohorts.bytesFor(visitors)
    if (needed > this.memory) {
      throw new LimitError('memory_budget', this.memory, needed, 'Bytes left for this query: ask for fewer periods, take a shorter interval, or raise the budget.')
    }
    this.cohorts.reserve(visitors)
  }
}
