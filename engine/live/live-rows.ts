/** The rows of an answer that is kept up to date: those of groups that sessions came to, or went from, are written anew, others stay. */
import type { QueryResult } from '../../dsl/input.js'
import { LimitError } from '../../dsl/errors.js'
import type { Query } from '../../dsl/query.js'
import { chosenRows, fieldsOf, layoutOf, writeRows } from '../answer/answer.js'
import { scalarOf } from '../aggregate/aggregator.js'
import { candidatesOfGroups } from '../answer/candidates.js'
import { passing } from '../answer/having.js'
import { sourceOf, type Layout } from '../answer/layout.js'
import { AnswerRows } from '../answer/rows.js'
import { compareValues } from '../compare.js'
import type { Execution, Grouped } from '../execute.js'
import type { Plan } from '../plan/plan.js'
import { sameValues, type Difference, type Row } from './frame.js'

/** In the place of a row's place: the group has no row. */
const NO_ROW = -1

export interface Answer {
  readonly result: QueryResult
  /** What is different from the answer before; undefined where that is not known. */
  readonly difference?: Difference
}

interface Written {
  readonly group: number
  readonly row: Row
}

export class LiveRows {
  private readonly plan: Plan
  private readonly execution: Execution
  private readonly maxGroups: number
  private readonly fields: QueryResult['fields']
  private readonly layout: Layout
  /** Rows of the last answer, and of each its group; null before the first one, and where every answer is written as a whole. */
  private rows: Row[] | null = null
  private groups: Int32Array = new Int32Array(0)
  /** Place of the row of each group. */
  private places = new Int32Array(0)
  /** Columns that tell rows apart: the stamp and the dimensions. */
  private readonly width: number

  constructor(plan: Plan, execution: Execution, maxGroups: number) {
    const { query } = plan
    this.plan = plan
    this.execution = execution
    this.maxGroups = maxGroups
    this.fields = fieldsOf(query)
    this.layout = layoutOf(query, [...query.groupBy.keys()], plan, execution.grouped())
    this.width = query.groupBy.length + 1
  }

  /** The answer of now, all aggregations being finished. In steps. @throws LimitError */
  *answer(): Generator<void, Answer, void> {
    const grouped = this.execution.grouped()
    const touched = this.execution.touched!.take()
    const difference = this.rows === null ? null : yield* this.patch(grouped, this.rows, touched)
    if (difference !== null) return { result: { fields: this.fields, data: this.rows! }, difference }
    return { result: { fields: this.fields, data: yield* this.write(grouped) } }
  }

  private *write(grouped: Grouped): Generator<void, Row[], void> {
    const { layout, plan } = this
    const { rows, order } = yield* chosenRows(layout, plan, grouped, this.maxGroups, null)
    this.checkRows(order.length)
    const chosen = yield* rows.pick(order)
    const data = yield* writeRows(layout, chosen)
    if (!canPatch(plan.query)) return data
    this.rows = data
    this.setGroups(chosen.candidates.groups, grouped.groups)
    return data
  }

  /** What the touched groups change; null where other rows might come or go. */
  private *patch(grouped: Grouped, before: Row[], touched: Uint32Array): Generator<void, Difference | null, void> {
    const { width, plan: { query } } = this
    const written = yield* this.present(grouped, touched, before)
    const present = new Set(written.map(({ group }) => group))
    const gone = [...touched].filter(group => this.placeOf(group) !== NO_ROW && !present.has(group))
    const changed = written.filter(({ group, row }) => {
      const place = this.placeOf(group)
      return place === NO_ROW || !sameValues(before[place], row, width, row.length)
    })
    // A value that rows are ordered by may have changed as well.
    const coming = query.orderBy.length > 0 ? changed : changed.filter(({ group }) => this.placeOf(group) === NO_ROW)
    const isMoved = coming.length + gone.length > 0
    // There are rows for the buckets in which a group has no sessions, too: they come and go with its others.
    const isFilled = query.fill === 'zero' && query.groupBy.length > 0
    if (isFilled && (isMoved || touched.some(group => this.placeOf(group) === NO_ROW))) return null
    const { groups } = this
    const rows = isMoved ? this.move(before, coming, new Set([...gone, ...coming.map(({ group }) => group)]), grouped.groups) : before.slice()
    if (rows === null) return null
    const placed = changed.map(({ group, row }) => ({ at: this.placeOf(group), row })).filter(({ at }) => at !== NO_ROW).sort((a, b) => a.at - b.at)
    for (const { at, row } of placed) rows[at] = row
    this.rows = rows
    return { changed: placed, removed: isMoved ? before.filter((_, place) => this.placeOf(groups[place]) === NO_ROW).map(row => row.slice(0, width)) : [] }
  }

  /** Those of the touched groups that have a row now, as far as it may be in the answer. */
  private *present(grouped: Grouped, touched: Uint32Array, before: readonly Row[]): Generator<void, readonly Written[], void> {
    const { layout, plan: { query } } = this
    const hasAll = query.fill === 'zero' && query.groupBy.length === 0
    const groups = hasAll ? touched : touched.filter(group => grouped.counts.rows[group] > 0)
    const all = new AnswerRows(query, grouped, yield* candidatesOfGroups(groups, grouped, query.groupBy.length))
    const kept = yield* passing(layout, all)
    const rows = yield* this.near(kept === null ? all : yield* all.pick(kept), before)
    const written = yield* writeRows(layout, rows)
    return written.map((row, i) => ({ group: rows.candidates.groups[i], row }))
  }

  /** Without those that a limit cuts off as it did before, where the first number that rows are ordered by says so: of many groups nearly all. */
  private *near(rows: AnswerRows, before: readonly Row[]): Generator<void, AnswerRows, void> {
    const { layout, plan: { query: { orderBy: [lead], limit } } } = this
    if (limit !== before.length || lead === undefined || lead.ordering !== 'natural') return rows
    const source = sourceOf(layout, lead.index)
    const column = source.kind === 'metric' ? yield* rows.metric(source.at) : null
    const last = before[limit - 1][lead.index]
    if (!(column instanceof Float64Array) || typeof last !== 'number') return rows
    const { groups } = rows.candidates
    const isNear = (value: number): boolean => lead.descending ? value >= last : !(value > last)
    return yield* rows.pick(Uint32Array.from(groups.keys()).filter(row => this.placeOf(groups[row]) !== NO_ROW || isNear(column[row])))
  }

  /** The rows without those of some groups and with others in their places; null where rows that are not known might be among them. */
  private move(before: readonly Row[], coming: readonly Written[], leaving: ReadonlySet<number>, groupCount: number): Row[] | null {
    const sorted = [...coming].sort((a, b) => this.compare(a, b))
    const placesBefore = sorted.map(one => this.lowerBound(before, one))
    const rows: Row[] = []
    const groups = new Int32Array(before.length + coming.length)
    let next = 0
    for (let place = 0; place <= before.length; place++) {
      for (; next < sorted.length && placesBefore[next] === place; next++) {
        groups[rows.length] = sorted[next].group
        rows.push(sorted[next].row)
      }
      if (place === before.length || leaving.has(this.groups[place])) continue
      groups[rows.length] = this.groups[place]
      rows.push(before[place])
    }
    const limit = this.plan.query.limit ?? Infinity
    if (before.length === limit) {
      // All that the limit cut off come after the last row that there was.
      const last = limit - 1
      if (rows.length < limit || this.compare({ group: groups[last], row: rows[last] }, { group: this.groups[last], row: before[last] }) > 0) return null
    }
    rows.length = Math.min(rows.length, limit)
    this.checkRows(rows.length)
    this.setGroups(groups.subarray(0, rows.length), groupCount)
    return rows
  }

  /** The first row that does not come before another one. */
  private lowerBound(rows: readonly Row[], other: Written): number {
    let low = 0
    let high = rows.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.compare({ group: this.groups[middle], row: rows[middle] }, other) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /** As the rows of an answer come: by order_by, then by time and by the values of the dimensions. */
  private compare(a: Written, b: Written): number {
    const time = this.execution.bucketOf(a.group) - this.execution.bucketOf(b.group)
    for (const { index, descending, ordering } of this.plan.query.orderBy) {
      const order = index === 0 ? time : compareValues(scalarOf(a.row[index]), scalarOf(b.row[index]), ordering)
      if (order !== 0) return descending ? -order : order
    }
    if (time !== 0) return time
    for (let column = 1; column < this.width; column++) {
      const order = compareValues(scalarOf(a.row[column]), scalarOf(b.row[column]), 'natural')
      if (order !== 0) return order
    }
    return 0
  }

  private placeOf(group: number): number {
    return group < this.places.length ? this.places[group] : NO_ROW
  }

  private setGroups(groups: Int32Array, groupCount: number): void {
    if (groupCount > this.places.length) {
      const places = new Int32Array(Math.max(groupCount, this.places.length * 2)).fill(NO_ROW)
      places.set(this.places)
      this.places = places
    }
    const { places } = this
    for (const group of this.groups) if (group >= 0) places[group] = NO_ROW
    for (let place = 0; place < groups.length; place++) if (groups[place] >= 0) places[groups[place]] = place
    this.groups = groups
  }

  private checkRows(rows: number): void {
    const { maxGroups } = this
    if (rows > maxGroups) throw new LimitError('max_groups', maxGroups, rows, 'Group by fewer values, filter more, or add a limit.')
  }
}

/** Rows that are cut off are not known, of some queries more than those after the last one. */
function canPatch({ offset, limitPerBucket }: Query): boolean {
  return offset === 0 && limitPerBucket === null
}
