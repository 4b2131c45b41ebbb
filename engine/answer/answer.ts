/** From finished groups to rows: having, order, limits, names, stamps. */
import type { QueryResult, ResultValue } from '../../dsl/input.js'
import type { Query } from '../../dsl/query.js'
import { stampFormatter } from '../../dsl/stamp.js'
import type { Grouped } from '../execute.js'
import type { Plan } from '../plan/plan.js'
import { candidatesOf, candidatesOfGroups } from './candidates.js'
import { comparedRows, type Period } from './compared-rows.js'
import { passing } from './having.js'
import { columnNames, sourceOf, type Layout } from './layout.js'
import { leadersOf } from './leaders.js'
import { copyValues } from './metric-column.js'
import { ordered } from './ordering.js'
import { AnswerRows } from './rows.js'

const ROWS_PER_STEP = 4096

export type Row = QueryResult['data'][number]

/** `plan` is of the query, or of a part of its group_by: then `present` are the positions there. */
export function layoutOf(query: Query, present: readonly number[], plan: Plan, grouped: Grouped): Layout {
  const { buckets } = plan
  const dimensions = grouped.grouper?.keys.map(({ values }) => values) ?? []
  const stamps: string[] = []
  const format = stampFormatter(query.interval.timeZone)
  return { query, present, dimensions, buckets, stamp: bucket => stamps[bucket] ??= format(buckets[bucket]) }
}

/** The rows that having keeps, and which of them are the answer, in its order; `previous` is what they are compared with. In steps. @throws LimitError */
export function* chosenRows(
  layout: Layout, plan: Plan, grouped: Grouped, maxGroups: number, previous: Period | null
): Generator<void, { readonly rows: AnswerRows; readonly order: Uint32Array }, void> {
  const leaders = previous === null ? yield* leadersOf(layout, grouped) : null
  const all = leaders !== null ? new AnswerRows(layout.query, grouped, yield* candidatesOfGroups(leaders, grouped, plan.query.groupBy.length))
    : previous === null ? new AnswerRows(layout.query, grouped, yield* candidatesOf(plan.query, grouped, plan.buckets.length, maxGroups))
    : yield* comparedRows(layout.query, { plan, grouped }, previous, maxGroups)
  const kept = yield* passing(layout, all)
  const rows = kept === null ? all : yield* all.pick(kept)
  return { rows, order: yield* ordered(layout, rows) }
}

/** The one row of all sessions; `previous` is what it is compared with. */
export function rowsOfAll(query: Query, grouped: Grouped, previous: Period | null): AnswerRows {
  const one = { count: 1, buckets: Uint32Array.of(0), codes: [], groups: Int32Array.of(0) }
  return new AnswerRows(query, grouped, one, [], previous === null ? null : new AnswerRows(query, previous.grouped, one))
}

/** Rows as they are handed out; with `others` as the value of every dimension that rows are grouped by. In steps. */
export function* writeRows(layout: Layout, rows: AnswerRows, others: string | null = null): Generator<void, Row[], void> {
  const writers: Writer[] = []
  const width = columnNames(layout.query).length
  for (let index = 0; index < width; index++) writers.push(yield* writerOf(layout, rows, index, others))
  // The same short ones over and over, which stay in the cache.
  const columns = writers.map(() => new Array<ResultValue>(Math.min(rows.count, ROWS_PER_STEP)))
  const data = new Array<Row>(rows.count)
  for (let from = 0; from < rows.count; from += ROWS_PER_STEP) {
    yield
    const to = Math.min(rows.count, from + ROWS_PER_STEP)
    for (let index = 0; index < width; index++) {
      writers[index](from, to, columns[index])
      // Values of some columns are computed, at a microsecond each.
      if (to - from === ROWS_PER_STEP) yield
    }
    joinRows(columns, from, to, data)
  }
  return data
}

/** Puts the values of rows [from, to) of one column to the front of a list. */
type Writer = (from: number, to: number, into: ResultValue[]) => void

/** Rows [from, to), whose values are at the front of columns; literals are made faster than arrays that are filled. */
function joinRows(columns: readonly ResultValue[][], from: number, to: number, data: Row[]): void {
  const [a, b, c, d, e, f, g, h] = columns
  const n = to - from
  switch (columns.length) {
    case 2: for (let i = 0; i < n; i++) data[from + i] = [a[i], b[i]]; break
    case 3: for (let i = 0; i < n; i++) data[from + i] = [a[i], b[i], c[i]]; break
    case 4: for (let i = 0; i < n; i++) data[from + i] = [a[i], b[i], c[i], d[i]]; break
    case 5: for (let i = 0; i < n; i++) data[from + i] = [a[i], b[i], c[i], d[i], e[i]]; break
    case 6: for (let i = 0; i < n; i++) data[from + i] = [a[i], b[i], c[i], d[i], e[i], f[i]]; break
    case 7: for (let i = 0; i < n; i++) data[from + i] = [a[i], b[i], c[i], d[i], e[i], f[i], g[i]]; break
    case 8: for (let i = 0; i < n; i++) data[from + i] = [a[i], b[i], c[i], d[i], e[i], f[i], g[i], h[i]]; break
    default: for (let i = 0; i < n; i++) data[from + i] = columns.map(column => column[i])
  }
}

/** What is computed for a column is computed here, of all rows. In steps. */
function* writerOf(layout: Layout, rows: AnswerRows, index: number, others: string | null): Generator<void, Writer, void> {
  const { buckets, codes } = rows.candidates
  const source = sourceOf(layout, index)
  switch (source.kind) {
    case 'time': return layout.buckets.length === 1 ? same(layout.stamp(0)) : each(row => layout.stamp(buckets[row]))
    case 'absent': return same(null)
    case 'dimension': {
      if (others !== null) return same(others)
      const { [source.at]: dimension } = layout.dimensions
      const { [source.at]: keys } = codes
      return dimension.valuesOf === undefined ? each(row => dimension.value(keys[row])) : (from, to, into) => dimension.valuesOf!(keys.subarray(from, to), into)
    }
    case 'metric': {
      const column = yield* rows.metric(source.at)
      return (from, to, into) => copyValues(column, from, to, into)
    }
  }
}

function same(value: ResultValue): Writer {
  return (from, to, into) => { into.fill(value, 0, to - from) }
}

function each(value: (row: number) => ResultValue): Writer {
  return (from, to, into) => {
    for (let row = from; row < to; row++) into[row - from] = value(row)
  }
}

export function fieldsOf(query: Query): QueryResult['fields'] {
  return columnNames(query).map((name, index) => ({ name, type: index <= query.groupBy.length ? 'dimension' : 'metric' }))
}
