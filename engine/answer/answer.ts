/** From finished groups to the rows of a result: order, limit, names, stamps. */
import { LimitError } from '../../dsl/errors.js'
import type { QueryResult } from '../../dsl/input.js'
import type { OrderBy, Query } from '../../dsl/query.js'
import { stampFormatter } from '../../dsl/stamp.js'
import type { MetricValue } from '../aggregate/aggregator.js'
import { valueOfNothing } from '../aggregate/nothing.js'
import type { Grouped } from '../execute.js'
import type { Plan } from '../plan/plan.js'
import { candidatesOf, NO_GROUP, type Candidates } from './candidates.js'
import type { DimensionValues } from '../group/dimension-values.js'
import { compareValues } from '../compare.js'
import { orderByKeys, smallest } from './order.js'
import { TimeSlice } from '../time-slice.js'

const ROWS_PER_STEP = 4096

export async function answer(
  plan: Plan, grouped: Grouped, maxGroups: number, signal?: AbortSignal
): Promise<QueryResult> {
  const slice = new TimeSlice(signal)
  const { query, buckets } = plan
  const dimensions = grouped.grouper?.keys.map(({ values }) => values) ?? []
  const all = candidatesOf(query, grouped, buckets.length, maxGroups)
  const sorter = new Sorter(query, grouped, dimensions)
  const order = sorter.order(all)
  if (order.length > maxGroups) {
    throw new LimitError('max_groups', maxGroups, order.length, 'Group by fewer values, filter more, or add a limit.')
  }
  const data: QueryResult['data'] = []
  for (const row of rowsOf(plan, grouped, dimensions, all, order)) {
    data.push(row)
    if (data.length % ROWS_PER_STEP === 0 && slice.over) await slice.yield()
  }
  return { fields: fieldsOf(query), data }
}

function* rowsOf(
  { query, buckets }: Plan, grouped: Grouped, dimensions: readonly DimensionValues[], all: Candidates, order: Uint32Array
): Generator<QueryResult['data'][number], void, void> {
  const stamps: string[] = []
  const format = stampFormatter(query.interval.timeZone)
  const firstMetric = 1 + dimensions.length
  const width = firstMetric + query.aggregations.length
  for (let i = 0; i < order.length; i++) {
    const row = order[i]
    const bucket = all.buckets[row]
    const cells = new Array<string | number | null>(width)
    cells[0] = stamps[bucket] ??= format(buckets[bucket])
    for (let d = 0; d < dimensions.length; d++) cells[d + 1] = dimensions[d].value(all.codes[d][row])
    for (let a = 0; a < query.aggregations.length; a++) cells[firstMetric + a] = metric(query, grouped, a, all.groups[row])
    yield cells
  }
}

function fieldsOf(query: Query): QueryResult['fields'] {
  return [
    { name: 'timestamp', type: 'dimension' },
    ...query.groupBy.map(({ name }) => ({ name, type: 'dimension' as const })),
    ...query.aggregations.map(({ name }) => ({ name, type: 'metric' as const }))
  ]
}

function metric(query: Query, grouped: Grouped, a: number, group: number): MetricValue {
  return group === NO_GROUP ? valueOfNothing(query.aggregations[a]) : grouped.aggregators[a].value(group)
}

class Sorter {
  private readonly query: Query
  private readonly grouped: Grouped
  private readonly dimensions: readonly DimensionValues[]

  constructor(query: Query, grouped: Grouped, dimensions: readonly DimensionValues[]) {
    this.query = query
    this.grouped = grouped
    this.dimensions = dimensions
  }

  /** Rows of the answer in order: by order_by, then time, then group values; no more than the limit. */
  order(all: Candidates): Uint32Array {
    const { orderBy, limit } = this.query
    let rows: Candidates = all
    let numbers: Uint32Array | null = null
    let keys = orderBy.map(by => this.key(by, rows))
    if (limit !== null && limit < all.count && orderBy.length > 0) {
      // Only what can be in the answer is ordered further: ranks of millions of texts are costly.
      numbers = smallest(keys[0], all.count, limit)
      rows = pick(all, numbers)
      keys = orderBy.map(by => this.key(by, rows))
    }
    keys.push(new Float64Array(rows.buckets))
    this.dimensions.forEach((dimension, d) => keys.push(ranked(dimension, rows.codes[d], 'natural')))
    const order = orderByKeys(keys, rows.count)
    const ordered = numbers === null ? order : order.map(i => numbers[i])
    return limit === null ? ordered : ordered.slice(0, limit)
  }

  /** A number per row that sorts as the column does; null lowest. */
  private key({ index, descending, ordering }: OrderBy, rows: Candidates): Float64Array {
    const dimensions = this.query.groupBy.length
    let key: Float64Array
    if (index === 0) key = new Float64Array(rows.buckets)
    else if (index <= dimensions) key = ranked(this.dimensions[index - 1], rows.codes[index - 1], ordering)
    else key = this.metricKey(index - 1 - dimensions, rows, ordering)
    return descending ? key.map(value => -value) : key
  }

  private metricKey(a: number, rows: Candidates, ordering: OrderBy['ordering']): Float64Array {
    const numbers = ordering === 'natural' || ordering === 'numeric' ? this.numericKey(a, rows) : null
    if (numbers !== null) return numbers
    const values = Array.from(rows.groups, group => metric(this.query, this.grouped, a, group))
    const sorted = [...new Set(values)].sort((x, y) => compareValues(x, y, ordering))
    const ranks = new Map<string | number | null, number>()
    sorted.forEach((value, i) => {
      const tie = i > 0 && compareValues(sorted[i - 1], value, ordering) === 0
      ranks.set(value, i === 0 ? 0 : ranks.get(sorted[i - 1])! + (tie ? 0 : 1))
    })
    return Float64Array.from(values, value => ranks.get(value)!)
  }

  /** The numbers themselves, made without a list of them: there may be millions. null where a value is a text. */
  private numericKey(a: number, rows: Candidates): Float64Array | null {
    const key = new Float64Array(rows.count)
    for (let i = 0; i < rows.count; i++) {
      const value = metric(this.query, this.grouped, a, rows.groups[i])
      if (typeof value === 'string') return null
      key[i] = value ?? -Infinity
    }
    return key
  }
}

function ranked(dimension: DimensionValues, codes: Uint32Array, ordering: OrderBy['ordering']): Float64Array {
  const ranks = dimension.ranks(codes, ordering)
  const key = new Float64Array(codes.length)
  for (let i = 0; i < codes.length; i++) key[i] = ranks[codes[i]]
  return key
}

function pick(all: Candidates, rows: Uint32Array): Candidates {
  return {
    count: rows.length,
    buckets: rows.map(row => all.buckets[row]),
    codes: all.codes.map(codes => rows.map(row => codes[row])),
    groups: Int32Array.from(rows, row => all.groups[row])
  }
}
