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
import { valuesOf } from './metric-column.js'
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
  const columns: ResultValue[][] = []
  const width = columnNames(layout.query).length
  for (let index = 0; index < width; index++) columns.push(yield* columnOf(layout, rows, index, others))
  const data = new Array<Row>(rows.count)
  for (let from = 0; from < rows.count; from += ROWS_PER_STEP) {
    yield
    joinRows(columns, from, Math.min(rows.count, from + ROWS_PER_STEP), data)
  }
  return data
}

/** Rows [from, to) of columns; literals are made faster than arrays that are filled. */
function joinRows(columns: readonly ResultValue[][], from: number, to: number, data: Row[]): void {
  const [a, b, c, d, e, f, g, h] = columns
  switch (columns.length) {
    case 2: for (let i = from; i < to; i++) data[i] = [a[i], b[i]]; break
    case 3: for (let i = from; i < to; i++) data[i] = [a[i], b[i], c[i]]; break
    case 4: for (let i = from; i < to; i++) data[i] = [a[i], b[i], c[i], d[i]]; break
    case 5: for (let i = from; i < to; i++) data[i] = [a[i], b[i], c[i], d[i], e[i]]; break
    case 6: for (let i = from; i < to; i++) data[i] = [a[i], b[i], c[i], d[i], e[i], f[i]]; break
    case 7: for (let i = from; i < to; i++) data[i] = [a[i], b[i], c[i], d[i], e[i], f[i], g[i]]; break
    case 8: for (let i = from; i < to; i++) data[i] = [a[i], b[i], c[i], d[i], e[i], f[i], g[i], h[i]]; break
    default: for (let i = from; i < to; i++) data[i] = columns.map(column => column[i])
  }
}

/** Values of all rows. In steps. */
function* columnOf(layout: Layout, rows: AnswerRows, index: number, others: string | null): Generator<void, ResultValue[], void> {
  const { count, candidates: { buckets, codes } } = rows
  const source = sourceOf(layout, index)
  switch (source.kind) {
    case 'time': return layout.buckets.length === 1 ? new Array<string>(count).fill(layout.stamp(0)) : yield* inSteps(count, row => layout.stamp(buckets[row]))
    case 'absent': return new Array<null>(count).fill(null)
    case 'dimension': {
      if (others !== null) return new Array<string>(count).fill(others)
      const { [source.at]: dimension } = layout.dimensions
      const { [source.at]: keys } = codes
      if (dimension.valuesOf === undefined) return yield* inSteps(count, row => dimension.value(keys[row]))
      const values = new Array<string | number | null>(count)
      for (let from = 0; from < count; from += ROWS_PER_STEP) {
        dimension.valuesOf(keys, from, Math.min(count, from + ROWS_PER_STEP), values)
        yield
      }
      return values
    }
    case 'metric': return yield* valuesOf(yield* rows.metric(source.at))
  }
}

function* inSteps(count: number, value: (row: number) => ResultValue): Generator<void, ResultValue[], void> {
  const values = new Array<ResultValue>(count)
  for (let row = 0; row < count; row++) {
    if (row % ROWS_PER_STEP === 0) yield
    values[row] = value(row)
  }
  return values
}

export function fieldsOf(query: Query): QueryResult['fields'] {
  return columnNames(query).map((name, index) => ({ name, type: index <= query.groupBy.length ? 'dimension' : 'metric' }))
}
