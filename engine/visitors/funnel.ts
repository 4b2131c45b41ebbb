/** Answers a funnel: gathers the sessions that do a step, stretch of time by stretch of time, and follows each visitor through them. */
import { LimitError } from '../../dsl/errors.js'
import type { QueryResult, ResultValue } from '../../dsl/input.js'
import { FUNNEL_COLUMNS } from '../../dsl/funnel.js'
import type { FunnelQuery } from '../../dsl/query.js'
import { stampFormatter } from '../../dsl/stamp.js'
import { QueryColumns } from '../column/derived.js'
import { compileFilter } from '../filter/filter.js'
import { RowPicker } from '../filter/row-picker.js'
import type { ColumnReader, RowTest } from '../filter/row-test.js'
import { Scratch } from '../filter/scratch.js'
import { compactRows } from '../kernels/select.js'
import { explainScan, type Explanation } from '../plan/explain.js'
import { planBuckets } from '../plan/buckets.js'
import { columnsOf } from '../plan/columns.js'
import { planScan, type PlannedPart, type Scan } from '../plan/plan.js'
import type { Running } from '../running.js'
import { TimeSlice } from '../time-slice.js'
import { stretchesOf } from './stretches.js'
import { FunnelGroups } from './funnel-groups.js'
import { GroupedFunnels, VisitorFunnels, type Funnels } from './funnels.js'
import { StepEvents } from './step-events.js'
import { VisitorIds } from './visitor-ids.js'

/** Sessions followed between two looks at the clock. */
const EVENTS_PER_STEP = 32_768
const ROWS_PER_STEP = 4096

interface FunnelPlan extends Scan {
  readonly query: FunnelQuery
  readonly buckets: Float64Array
}

export async function funnel(query: FunnelQuery, running: Running): Promise<QueryResult> {
  const slice = new TimeSlice(running.signal)
  const plan = planFunnel(query, running)
  const run = new FunnelRun(plan, running)
  for (const stretch of stretchesOf(plan.parts)) await slice.run(run.take(stretch))
  const data: ResultValue[][] = []
  await slice.run(run.write(data, running.maxGroups))
  return { fields: fieldsOf(query), data }
}

export function explainFunnel(query: FunnelQuery, running: Running): Explanation {
  const plan = planFunnel(query, running)
  return explainScan(query, plan, plan.buckets, { kind: 'visitors', groups: query.groupBy.length === 0 ? plan.buckets.length : null })
}

function planFunnel(query: FunnelQuery, { snapshot, maxBuckets }: Running): FunnelPlan {
  const { interval, granularity, groupBy } = query
  const scan = planScan(snapshot, interval, columnsOf(query))
  const fill = groupBy.length === 0 ? 'zero' : 'none'
  return { ...scan, query, buckets: planBuckets({ interval, granularity, fill }, scan.parts, maxBuckets) }
}

class FunnelRun {
  private readonly plan: FunnelPlan
  private readonly memory: number
  private readonly columns: QueryColumns
  private readonly picker: RowPicker
  /** null: every session does the step. */
  private readonly steps: readonly (RowTest | null)[]
  private readonly ids: VisitorIds
  private readonly groups: FunnelGroups
  private readonly funnels: Funnels
  private readonly events = new StepEvents()
  private readonly masks = new Scratch(Uint8Array)
  private readonly does = new Scratch(Uint32Array)
  private readonly places = new Scratch(Uint32Array)
  private readonly matched = new Scratch(Uint32Array)
  private readonly visitors = new Scratch(Uint32Array)

  constructor(plan: FunnelPlan, { columns, memory }: Running) {
    const { interval, filter, steps, by, within } = plan.query
    this.plan = plan
    this.memory = memory
    this.columns = new QueryColumns(columns)
    this.picker = new RowPicker(filter, columns)
    this.steps = steps.map(step => compileFilter(step.filter, name => columns.get(name)!.dictionary))
    this.ids = new VisitorIds(columns.get(by)!, plan.rows)
    this.groups = new FunnelGroups(plan.query, plan.buckets, columns)
    const type = this.groups.single ? VisitorFunnels : GroupedFunnels
    this.funnels = new type(steps.length, within, interval.start)
  }

  /** Takes sessions that all come after those taken before; yields every so often. */
  *take(stretch: readonly PlannedPart[]): Generator<void, void, void> {
    const { events, funnels } = this
    events.clear()
    for (const part of stretch) yield* this.gather(part)
    const order = yield* events.order()
    this.reserve(this.ids.size, order.length)
    for (let from = 0; from < order.length; from += EVENTS_PER_STEP) {
      const to = Math.min(order.length, from + EVENTS_PER_STEP)
      funnels.take(events, order.subarray(from, to))
      yield
    }
  }

  /** Writes the rows of the answer; yields every so often. */
  *write(data: ResultValue[][], maxGroups: number): Generator<void, void, void> {
    const { query: { steps, interval }, buckets } = this.plan
    const counts = this.funnels.counts(this.groups.size)
    const order = yield* this.groups.order(counts, steps.length)
    const rows = order.length * steps.length
    if (rows > maxGroups) throw new LimitError('max_groups', maxGroups, rows, 'Group by fewer values, or filter more.')
    const format = stampFormatter(interval.timeZone)
    for (const group of order) {
      const key = [format(buckets[this.groups.bucketOf(group)]), ...this.groups.valuesOf(group)]
      const first = counts[group * steps.length]
      let previous = first
      for (const [index, { name }] of steps.entries()) {
        const visitors = counts[group * steps.length + index]
        data.push([...key, index + 1, name, visitors, shareOf(visitors, first), shareOf(visitors, previous)])
        previous = visitors
      }
      if (data.length % ROWS_PER_STEP < steps.length) yield
    }
  }

  /** The sessions of a part that do a step, as events. */
  private *gather({ part: { segment, deleted }, from, to }: PlannedPart): Generator<void, void, void> {
    const { query } = this.plan
    const reader = this.columns.reader(segment)
    const picked = this.picker.pick(reader, deleted, from, to)
    const n = picked === null ? to - from : picked.length
    const does = this.does.of(n)
    const mask = this.masks.of(n)
    does.fill(0, 0, n)
    for (const [step, test] of this.steps.entries()) {
      if (test === null) mask.fill(1, 0, n)
      else test(reader, picked, from, n, mask)
      for (let i = 0; i < n; i++) does[i] |= mask[i] << step
      yield
    }
    for (let i = 0; i < n; i++) mask[i] = does[i] === 0 ? 0 : 1
    const places = this.places.of(n)
    const count = compactRows(mask, null, 0, n, places)
    const rows = this.matched.of(count)
    for (let i = 0; i < count; i++) rows[i] = picked === null ? from + places[i] : picked[places[i]]
    const visitors = this.visitors.of(count)
    this.ids.read(reader.column(query.by), rows, 0, count, visitors)
    for (let i = 0; i < count; i++) places[i] = does[places[i]]
    yield* this.pushEvents(reader, segment.starts, rows.subarray(0, count), visitors, places)
    this.events.endPart(reader)
  }

  /** `visitors` and `does` are those of the rows. */
  private *pushEvents(
    reader: ColumnReader, starts: Float64Array, rows: Uint32Array, visitors: Uint32Array, does: Uint32Array
  ): Generator<void, void, void> {
    const { groups, events } = this
    if (groups.single) {
      events.reserve(rows.length, this.memory - this.bytes + events.bytes)
      events.pushAll(rows, starts, visitors, does)
      yield
      return
    }
    groups.bind(reader)
    for (let from = 0; from < rows.length;) {
      const to = groups.blockEnd(rows, from)
      const entries = groups.assign(starts, rows.subarray(from, to))
      events.reserve(entries, this.memory - this.bytes + events.bytes)
      for (let entry = 0, i = from, before = -1; entry < entries; entry++) {
        const row = groups.rows[entry]
        while (rows[i] !== row) i++
        // In every group but one the session does nothing more than begin.
        const steps = row === before ? does[i] & 1 : does[i]
        if (visitors[i] !== 0 && steps !== 0) events.push(row, starts[row], visitors[i], steps, groups.ids[entry])
        before = row
      }
      from = to
      yield
    }
  }

  private get bytes(): number {
    return this.events.bytes + this.funnels.bytes + this.ids.bytes + this.groups.bytes
  }

  private reserve(visitors: number, sessions: number): void {
    const needed = this.bytes - this.funnels.bytes + this.funnels.bytesFor(visitors, sessions)
    if (needed > this.memory) {
      throw new LimitError('memory_budget', this.memory, needed, 'Bytes left for this query: take a shorter interval, filter more, or raise the budget.')
    }
    this.funnels.reserve(visitors, sessions)
  }
}

function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}

function fieldsOf({ groupBy }: FunnelQuery): QueryResult['fields'] {
  const [step, name, ...metrics] = FUNNEL_COLUMNS
  return [
    ...['timestamp', ...groupBy.map(group => group.name), step, name].map(column => ({ name: column, type: 'dimension' as const })),
    ...metrics.map(column => ({ name: column, type: 'metric' as const }))
  ]
}
