/** From finished groups to the rows of a result: having, order, limits, names, stamps. */
import { LimitError } from '../../dsl/errors.js'
import type { QueryResult, ResultValue } from '../../dsl/input.js'
import type { Query } from '../../dsl/query.js'
import { stampFormatter } from '../../dsl/stamp.js'
import type { Grouped } from '../execute.js'
import type { Plan } from '../plan/plan.js'
import { candidatesOf } from './candidates.js'
import { passing } from './having.js'
import { columnNames, sourceOf, type Layout } from './layout.js'
import { valueAt } from './metric-column.js'
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

/** The rows of the answer in their order. In steps. @throws LimitError above `maxGroups` */
export function* answerRows(layout: Layout, plan: Plan, grouped: Grouped, maxGroups: number): Generator<void, AnswerRows, void> {
  const all = new AnswerRows(layout.query, grouped, yield* candidatesOf(plan.query, grouped, plan.buckets.length, maxGroups))
  const kept = yield* passing(layout, all)
  const rows = kept === null ? all : yield* all.pick(kept)
  const order = yield* ordered(layout, rows)
  if (order.length > maxGroups) {
    throw new LimitError('max_groups', maxGroups, order.length, 'Group by fewer values, filter more, or add a limit.')
  }
  return yield* rows.pick(order)
}

/** Rows as they are handed out, added to `data`. In steps. */
export function* writeRows(layout: Layout, rows: AnswerRows, data: Row[]): Generator<void, void, void> {
  const readers: ((row: number) => ResultValue)[] = []
  for (let index = 0; index < columnNames(layout.query).length; index++) readers.push(yield* readerOf(layout, rows, index))
  for (let row = 0; row < rows.count; row++) {
    const cells = new Array<ResultValue>(readers.length)
    for (let index = 0; index < readers.length; index++) cells[index] = readers[index](row)
    data.push(cells)
    if (row % ROWS_PER_STEP === 0) yield
  }
}

function* readerOf(layout: Layout, rows: AnswerRows, index: number): Generator<void, (row: number) => ResultValue, void> {
  const { buckets, codes } = rows.candidates
  const source = sourceOf(layout, index)
  switch (source.kind) {
    case 'time': return row => layout.stamp(buckets[row])
    case 'absent': return () => null
    case 'dimension': return row => layout.dimensions[source.at].value(codes[source.at][row])
    case 'metric': {
      const column = yield* rows.metric(source.at)
      return row => valueAt(column, row)
    }
  }
}

export function fieldsOf(query: Query): QueryResult['fields'] {
  return columnNames(query).map((name, index) => ({ name, type: index <= query.groupBy.length ? 'dimension' : 'metric' }))
}
