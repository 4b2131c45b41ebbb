/** What the rows of an answer are: the names of their columns, which of them stay, and their order. */
import type { PlacedAggregation } from './aggregations.js'
import { COMPARISON } from './bound-filters.js'
import { comparisonsOf, normaliseCompare, type RawCompare } from './compare.js'
import type { Context } from './context.js'
import { TIMESTAMP } from './dimensions.js'
import { normaliseHaving, OutputContext, type RawHaving } from './having.js'
import { below, orList, quote } from './issues.js'
import { normalisePostAggregations, type Metric, type RawPostAggregation } from './post-aggregations.js'
import type { Aggregation, ColumnType, Comparison, Dimension, Interval, OrderBy, Query } from './query.js'
import type { Schema } from './json-schema.js'
import { normaliseSubtotals, type RawSubtotals } from './subtotals.js'

/** As the shape check leaves them: of the right types, faulty parts undefined. */
export interface RawOutput {
  readonly compare?: RawCompare
  readonly post_aggregations?: readonly (RawPostAggregation | undefined)[]
  readonly having?: RawHaving
  readonly order_by?: readonly (RawOrderBy | undefined)[]
  readonly limit?: number
  readonly offset?: number
  readonly limit_per_bucket?: number
  readonly others?: string
  readonly totals?: boolean
  readonly subtotals?: RawSubtotals
}

type RawOrderBy = string | { readonly column?: string, readonly direction?: string, readonly ordering?: 'natural' | Comparison }

export const ORDER_BY_SCHEMA: Schema = {
  oneOf: [
    { type: 'string', description: 'Name of an output column, ascending.' },
    {
      type: 'object',
      description: 'An output column and its direction.',
      properties: {
        column: { type: 'string', description: 'Name of an output column.' },
        direction: { enum: ['ascending', 'descending', 'asc', 'desc'], default: 'ascending', description: 'Null is lowest.' },
        ordering: {
          ...COMPARISON,
          enum: ['natural', ...COMPARISON.enum!],
          default: 'natural',
          description: 'How values compare: numbers as numbers and strings by code point (natural), or as in a bound filter.'
        }
      },
      required: ['column'],
      additionalProperties: false
    }
  ]
}

export type Output =
  Pick<Query, 'compare' | 'postAggregations' | 'having' | 'orderBy' | 'limit' | 'offset' | 'limitPerBucket' | 'others' | 'totals' | 'subtotals'>

/** All rows of the groups, in their usual order. */
export const ALL_ROWS: Output = {
  postAggregations: [], having: { type: 'true' }, orderBy: [], limit: null, offset: 0, limitPerBucket: null, others: null, totals: false, subtotals: null
}

/** `groupBy` and `placed` are whole only where `isWhole`: else there are faults in what the columns come from. */
export function normaliseOutput(
  raw: RawOutput, interval: Interval, groupBy: readonly Dimension[], placed: readonly PlacedAggregation[], isWhole: boolean, context: Context
): Output {
  if (isUsual(raw)) {
    checkNames(groupBy, placed.map(namedBy), context)
    return { ...ALL_ROWS, limit: raw.limit ?? null, offset: raw.offset ?? 0, limitPerBucket: raw.limit_per_bucket ?? null, totals: raw.totals ?? false }
  }
  const metrics = isWhole ? placed.map(({ aggregation }) => metricOf(aggregation, context)) : null
  const placedPosts = normalisePostAggregations(raw.post_aggregations ?? [], metrics, context)
  const postAggregations = placedPosts.map(({ postAggregation }) => postAggregation)
  const other = raw.compare === undefined ? null : normaliseCompare(raw.compare, interval, context)
  const compared = raw.compare === undefined ? []
    : comparisonsOf([...placed.map(({ aggregation }) => aggregation.name), ...postAggregations.map(({ name }) => name)])
  const comparisons = compared.flatMap(({ previous, change }) => [previous, change])
  checkNames(groupBy, [
    ...placed.map(namedBy),
    ...placedPosts.map(({ postAggregation: { name }, pointer }) => ({ name, pointer })),
    ...comparisons.map(name => ({ name, pointer: '/compare' }))
  ], context)
  const types = metrics === null || context.issues.has('/post_aggregations') ? null : new Map<string, ColumnType | undefined>([
    [TIMESTAMP, 'string'],
    ...groupBy.map((dimension): [string, ColumnType | undefined] => [dimension.name, dimensionType(dimension, context)]),
    ...metrics.map(({ name, type }): [string, ColumnType] => [name, type]),
    ...postAggregations.map(({ name }): [string, ColumnType] => [name, 'number']),
    ...compared.flatMap(({ metric, previous, change }): [string, ColumnType][] => [[previous, metrics[metric]?.type ?? 'number'], [change, 'number']])
  ])
  const groups = groupBy.map(({ name }) => name)
  const columns = types === null ? null : [TIMESTAMP, ...groups, ...placed.map(({ aggregation }) => aggregation.name), ...postAggregations.map(({ name }) => name), ...comparisons]
  const lists = new Set([...types ?? []].flatMap(([name, type]) => type === 'strings' ? [name] : []))
  return {
    ...other !== null && { compare: { interval: other, columns: compared } },
    postAggregations,
    having: normaliseHaving(raw.having, new OutputContext(types, groups, context)),
    orderBy: (raw.order_by ?? []).flatMap((item, index) => item === undefined ? [] : normaliseOrderBy(item, columns, lists, context, `/order_by/${index}`) ?? []),
    limit: raw.limit ?? null,
    offset: raw.offset ?? 0,
    limitPerBucket: raw.limit_per_bucket ?? null,
    others: normaliseOthers(raw, groupBy, isWhole, context),
    totals: raw.totals ?? false,
    subtotals: normaliseSubtotals(raw.subtotals, isWhole ? groups : null, context)
  }
}

/** Nothing names a column of the answer, so that there is nothing to look up. */
function isUsual({ compare, post_aggregations: posts, having, order_by: order, others, subtotals }: RawOutput): boolean {
  return compare === undefined && posts === undefined && having === undefined && order === undefined && others === undefined && subtotals === undefined
}

function namedBy({ aggregation: { name }, pointer }: PlacedAggregation): { readonly name: string, readonly pointer: string } {
  return { name, pointer }
}

/** Of an output column, whose values are elements where the dimension is an array. Undefined: not known. */
function dimensionType({ dimension, transform }: Dimension, { columns }: Context): ColumnType | undefined {
  if (transform?.type === 'time') return 'number'
  const type = columns?.get(dimension)
  return type === 'strings' ? 'string' : type
}

function metricOf(aggregation: Aggregation, { columns }: Context): Metric {
  const inner = aggregation.type === 'filtered' ? aggregation.aggregator : aggregation
  const { type } = inner
  const isValue = type === 'first' || type === 'last' || type === 'any'
  return {
    name: aggregation.name,
    type: type === 'histogram' ? 'strings' : type === 'hyperUniqueSketch' || (isValue && columns?.get(inner.field) === 'string') ? 'string' : 'number',
    isDistinct: type === 'hyperUnique' || type === 'exactUnique' || type === 'uniqueIntersection'
  }
}

/** Of what would never have a row, or nobody could say of which groups it is, there is none. */
function normaliseOthers(
  { others, compare, limit, limit_per_bucket: perBucket, offset }: RawOutput, groupBy: readonly Dimension[], isWhole: boolean, context: Context
): string | null {
  if (others === undefined) return null
  const add = (message: string): void => context.issues.add('invalid_value', '/others', message)
  if (isWhole && groupBy.length === 0) add('others are groups that a limit cuts off, expected a group_by')
  if (limit === undefined && perBucket === undefined && !context.issues.has('/limit') && !context.issues.has('/limit_per_bucket')) {
    add('others are groups that a limit cuts off, expected a limit or limit_per_bucket')
  }
  if (compare !== undefined) add('others are not compared with another interval, expected no compare')
  if (offset !== undefined && offset > 0) add('others are all groups but the first, expected no offset')
  return others
}

/** Two columns of one name cannot be told apart, but that the same dimension may be grouped by twice. */
function checkNames(groupBy: readonly Dimension[], metrics: readonly { readonly name: string, readonly pointer: string }[], context: Context): void {
  const taken = new Set([TIMESTAMP, ...groupBy.map(({ name }) => name)])
  for (const { name, pointer } of metrics) {
    if (taken.has(name)) {
      context.issues.add('duplicate_name', pointer, `there is another output column ${quote(name)}, expected a "name" of its own`)
    }
    taken.add(name)
  }
}

/** `columns` are the names of the answer's columns in their order, null where faults leave them unknown; those of `lists` are histograms. */
function normaliseOrderBy(
  raw: RawOrderBy, columns: readonly string[] | null, lists: ReadonlySet<string>, context: Context, pointer: string
): OrderBy | null {
  const { column, direction, ordering }: Exclude<RawOrderBy, string> = typeof raw === 'string' ? { column: raw } : raw
  if (column === undefined || columns === null) return null
  const index = columns.indexOf(column)
  const columnPointer = typeof raw === 'string' ? pointer : below(pointer, 'column')
  if (index < 0) context.issues.add('invalid_value', columnPointer, `the answer has no column ${quote(column)}, expected ${orList(columns)}`, column, columns)
  if (lists.has(column)) context.issues.add('invalid_value', columnPointer, `${quote(column)} is a histogram, expected a column of numbers or strings`)
  return { column, index, descending: direction === 'descending' || direction === 'desc', ordering: ordering ?? 'natural' }
}
