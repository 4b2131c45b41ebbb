/** The first few of very many groups, found before anything is written down of the others. */
import type { Query } from '../../dsl/query.js'
import { Count } from '../aggregate/count.js'
import type { Grouped } from '../execute.js'
import { largest, stretches } from '../steps.js'
import { sourceOf, type Layout } from './layout.js'
import { SmallestFew } from './smallest-few.js'

/** Of fewer groups all may become rows. */
const MANY_GROUPS = 65_536
/** A limit below this share of the groups is few. */
const FEW_OF_MANY = 1 / 64
/** Groups that are read at a time: they stay in the cache. */
const BLOCK = 4096

/**
 * Groups that can be in the answer, ascending, where it is the first few of very many by one number of each; null elsewhere. In steps.
 * Ties with the last of them are included: what comes first of these other keys decide.
 */
export function* leadersOf(layout: Layout, grouped: Grouped): Generator<void, Uint32Array | null, void> {
  const { query } = layout
  const few = query.limit === null ? Infinity : query.offset + query.limit
  if (few === 0 || few > grouped.groups * FEW_OF_MANY || grouped.groups <= MANY_GROUPS || !isCutFirst(query)) return null
  const read = readerOf(layout, grouped)
  if (read === null) return null
  const { counts: { rows } } = grouped
  const leaders = new SmallestFew(few)
  const isByRows = ordersByRows(layout, grouped)
  const groups = new Int32Array(BLOCK)
  const values = new Float64Array(BLOCK)
  for (const [from, to] of stretches(grouped.groups)) {
    for (let group = from; group < to; group += BLOCK) {
      const least = isByRows ? Math.max(1, -leaders.bound) : 1
      const n = listWithRows(rows, group, Math.min(to, group + BLOCK), least, groups)
      read(groups.subarray(0, n), values)
      yield* leaders.offer(groups, values, n)
    }
    yield
  }
  return yield* leaders.all()
}

/** Nothing but the order and the limit says which groups are in the answer. */
function isCutFirst({ others, having, limitPerBucket, fill, groupBy }: Query): boolean {
  return groupBy.length > 0 && others === null && having.type === 'true' && limitPerBucket === null && fill === 'none'
}

/** The groups of most rows are first, so that others need not be read. */
function ordersByRows(layout: Layout, grouped: Grouped): boolean {
  const [by] = layout.query.orderBy
  const source = sourceOf(layout, by.index)
  return by.descending && source.kind === 'metric' && grouped.aggregators[source.at] instanceof Count
}

/** Of groups the numbers by which they are ordered, ascending; null where they are not numbers that are read all at once. */
function readerOf(layout: Layout, grouped: Grouped): ((groups: Int32Array, into: Float64Array) => void) | null {
  const [by] = layout.query.orderBy
  if (by === undefined || (by.ordering !== 'natural' && by.ordering !== 'numeric')) return null
  const source = sourceOf(layout, by.index)
  const aggregator = source.kind === 'metric' ? grouped.aggregators[source.at] : undefined
  if (aggregator?.readAll === undefined) return null
  return (groups, into) => {
    aggregator.readAll!(groups, into)
    makeAscending(into, groups.length, by.descending ? -1 : 1)
  }
}

// Loops that stand alone are compiled whole.

/** Groups [from, to) that have at least so many rows; returns their number. */
function listWithRows(rows: Uint32Array, from: number, to: number, least: number, into: Int32Array): number {
  if (largest(rows.subarray(from, to)) < least) return 0
  let n = 0
  for (let group = from; group < to; group++) {
    into[n] = group
    if (rows[group] >= least) n++
  }
  return n
}

/** A missing number is the lowest. */
function makeAscending(values: Float64Array, n: number, sign: 1 | -1): void {
  for (let i = 0; i < n; i++) {
    const value = values[i]
    values[i] = value === value ? value * sign : -Infinity * sign
  }
}
