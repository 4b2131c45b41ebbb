/** Where the columns of an answer come from, when its rows are grouped by all or some of the dimensions of group_by. */
import type { Query } from '../../dsl/query.js'
import type { DimensionValues } from '../group/dimension-values.js'

export interface Layout {
  /** As it was asked: its columns are those of the answer. */
  readonly query: Query
  /** Positions in group_by of the dimensions that rows are grouped by; of the others every row is null. */
  readonly present: readonly number[]
  /** One for each of `present`. */
  readonly dimensions: readonly DimensionValues[]
  /** Starts of the buckets, epoch ms. */
  readonly buckets: Float64Array
  /** Printed start of a bucket. */
  stamp(bucket: number): string
}

export type ColumnSource =
  | { readonly kind: 'time' }
  /** Of the dimensions that rows are grouped by. */
  | { readonly kind: 'dimension'; readonly at: number }
  | { readonly kind: 'absent' }
  /** Of the aggregations, then the post-aggregations, then the comparisons. */
  | { readonly kind: 'metric'; readonly at: number }

/** `index` is the position of a column in an output row. */
export function sourceOf({ query, present }: Layout, index: number): ColumnSource {
  if (index === 0) return { kind: 'time' }
  const dimension = index - 1
  if (dimension >= query.groupBy.length) return { kind: 'metric', at: dimension - query.groupBy.length }
  const at = present.indexOf(dimension)
  return at < 0 ? { kind: 'absent' } : { kind: 'dimension', at }
}

/** Names of the columns in their order. */
export function columnNames({ groupBy, aggregations, postAggregations, compare }: Query): string[] {
  const comparisons = compare?.columns.flatMap(({ previous, change }) => [previous, change]) ?? []
  return ['timestamp', ...groupBy.map(({ name }) => name), ...aggregations.map(({ name }) => name), ...postAggregations.map(({ name }) => name), ...comparisons]
}
