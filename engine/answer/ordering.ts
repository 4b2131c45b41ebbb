/** The order of the rows, and which of them a limit leaves. */
import type { OrderBy } from '../../dsl/query.js'
import { scalarOf, type ScalarValue } from '../aggregate/aggregator.js'
import type { DimensionValues } from '../group/dimension-values.js'
import { ranksOfValues } from '../group/ranks.js'
import { sourceOf, type Layout } from './layout.js'
import { orderByKeys, smallest, smallestPerBucket } from './order.js'
import type { AnswerRows } from './rows.js'

/** Numbers of the rows of the answer, in its order: by order_by, then time, then group values. In steps. */
export function* ordered(layout: Layout, rows: AnswerRows): Generator<void, Uint32Array, void> {
  const { orderBy, limit, offset, limitPerBucket } = layout.query
  if (rows.count === 1) return new Uint32Array(offset === 0 ? 1 : 0)
  const best = yield* bestRows(layout, rows)
  const candidates = best === null ? rows : yield* rows.pick(best.rows)
  const keys: Float64Array[] = []
  for (const by of orderBy) keys.push(by === best?.lead ? pickKeys(best.key, best.rows) : yield* keyOf(by, layout, candidates))
  keys.push(new Float64Array(candidates.candidates.buckets))
  for (const [d, dimension] of layout.dimensions.entries()) keys.push(yield* ranked(dimension, candidates.candidates.codes[d], 'natural'))
  const most = limitPerBucket !== null || limit === null ? candidates.count : Math.min(candidates.count, offset + limit)
  let order = yield* orderByKeys(keys, candidates.count, most)
  if (limitPerBucket !== null) order = firstOfBuckets(order, candidates.candidates.buckets, layout.buckets.length, limitPerBucket)
  const cut = order.subarray(offset, limit === null ? order.length : offset + limit)
  return best === null ? cut : cut.map(row => best.rows[row])
}

/** Some rows, and by which key of all rows they were found. */
interface Best {
  readonly rows: Uint32Array
  readonly lead: OrderBy
  readonly key: Float64Array
}

/** Rows that can be in the answer; null where that is all. Only they are ordered further: ranks of millions of texts are costly. */
function* bestRows(layout: Layout, rows: AnswerRows): Generator<void, Best | null, void> {
  const { orderBy, limit, offset, limitPerBucket } = layout.query
  if (limitPerBucket !== null) {
    const lead = orderBy.find(({ index }) => index > 0)
    if (lead === undefined || limitPerBucket >= rows.count) return null
    const key = yield* keyOf(lead, layout, rows)
    return { rows: yield* smallestPerBucket(key, rows.candidates.buckets, layout.buckets.length, limitPerBucket), lead, key }
  }
  if (limit === null || offset + limit >= rows.count || orderBy.length === 0) return null
  const key = yield* keyOf(orderBy[0], layout, rows)
  return { rows: yield* smallest(key, rows.count, offset + limit), lead: orderBy[0], key }
}

function pickKeys(key: Float64Array, rows: Uint32Array): Float64Array {
  const picked = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) picked[i] = key[rows[i]]
  return picked
}

function firstOfBuckets(order: Uint32Array, buckets: Uint32Array, bucketCount: number, limit: number): Uint32Array {
  const taken = new Uint32Array(bucketCount)
  return order.filter(row => taken[buckets[row]]++ < limit)
}

/** A number per row that sorts as the column does; null lowest. */
function* keyOf({ index, descending, ordering }: OrderBy, layout: Layout, rows: AnswerRows): Generator<void, Float64Array, void> {
  const source = sourceOf(layout, index)
  let key: Float64Array
  if (source.kind === 'time') key = new Float64Array(rows.candidates.buckets)
  else if (source.kind === 'absent') key = new Float64Array(rows.count)
  else if (source.kind === 'dimension') key = yield* ranked(layout.dimensions[source.at], rows.candidates.codes[source.at], ordering)
  else key = yield* metricKey(source.at, rows, ordering)
  if (descending) for (let i = 0; i < key.length; i++) key[i] = -key[i]
  return key
}

function* metricKey(at: number, rows: AnswerRows, ordering: OrderBy['ordering']): Generator<void, Float64Array, void> {
  const column = yield* rows.metric(at)
  if (!(column instanceof Float64Array)) return yield* ranksOf(column.map(scalarOf), ordering)
  if (ordering !== 'natural' && ordering !== 'numeric') return yield* ranksOf(Array.from(column, value => Number.isNaN(value) ? null : value), ordering)
  const key = new Float64Array(column.length)
  for (let i = 0; i < key.length; i++) key[i] = Number.isNaN(column[i]) ? -Infinity : column[i]
  return key
}

/** Each distinct value is compared only once with others. */
function* ranksOf(values: readonly ScalarValue[], ordering: OrderBy['ordering']): Generator<void, Float64Array, void> {
  const distinct = [...new Set(values)]
  const rankOf = yield* ranksOfValues(distinct, ordering)
  const places = new Map(distinct.map((value, place) => [value, place]))
  return Float64Array.from(values, value => rankOf[places.get(value)!])
}

function* ranked(dimension: DimensionValues, codes: Uint32Array, ordering: OrderBy['ordering']): Generator<void, Float64Array, void> {
  const ranks = yield* dimension.ranks(codes, ordering)
  const key = new Float64Array(codes.length)
  for (let i = 0; i < codes.length; i++) key[i] = ranks[codes[i]]
  return key
}
