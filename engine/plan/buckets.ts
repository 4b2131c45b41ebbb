/** Which buckets a query has, as one ascending list of starts: rows between two starts are one bucket. */
import { bucketer, bucketStarts } from '../../dsl/buckets.js'
import { LimitError } from '../../dsl/errors.js'
import type { Query } from '../../dsl/query.js'
import { lowerBound, type Segment } from '../table/segment.js'

/** What of a query says which buckets it has. */
export type Bucketed = Pick<Query, 'granularity' | 'interval' | 'fill' | 'compare'>

/** Up to here all buckets of the range are listed; above, only those that rows fall into are looked for. */
const LISTED_BUCKETS = 16_384

export interface RowRange {
  readonly part: { readonly segment: Segment }
  readonly from: number
  readonly to: number
}

/**
 * Starts of the buckets, in epoch ms. With `fill: zero` all of the interval, otherwise at least those with sessions.
 * @throws LimitError above `maxBuckets`
 */
export function planBuckets(query: Bucketed, ranges: readonly RowRange[], maxBuckets: number): Float64Array {
  const { granularity, interval } = query
  if (granularity.type === 'all') return Float64Array.of(interval.start)
  // Buckets are compared by their place in the interval.
  if (query.fill === 'zero' || query.compare !== undefined) return bucketStarts(granularity, interval, maxBuckets)
  if (ranges.length === 0) return new Float64Array(0)
  const start = ranges.reduce((least, { part: { segment }, from }) => Math.min(least, segment.startOf(from)), Infinity)
  const end = ranges.reduce((most, { part: { segment }, to }) => Math.max(most, segment.startOf(to - 1)), -Infinity) + 1
  try {
    return bucketStarts(granularity, { timeZone: interval.timeZone, start, end }, Math.min(LISTED_BUCKETS, maxBuckets))
  } catch (error) {
    if (!(error instanceof LimitError)) throw error
  }
  return occupiedBuckets(query, ranges, maxBuckets)
}

function occupiedBuckets({ granularity, interval }: Bucketed, ranges: readonly RowRange[], maxBuckets: number): Float64Array {
  const buckets = bucketer(granularity, interval)
  const found = new Set<number>()
  for (const { part: { segment }, from, to } of ranges) {
    for (let row = from; row < to;) {
      const start = buckets.floor(segment.starts[row])
      found.add(start)
      if (found.size > maxBuckets) {
        throw new LimitError('max_buckets', maxBuckets, found.size, 'Ask for a coarser granularity or a shorter interval.')
      }
      row = gallop(segment.starts, buckets.next(start), row + 1, to)
    }
  }
  return Float64Array.from(found).sort()
}

/** lowerBound for a place that is probably near `from`. */
export function gallop(starts: Float64Array, time: number, from: number, to: number): number {
  let step = 1
  let low = from
  while (low < to && starts[low] < time) {
    from = low + 1
    low += step
    step *= 2
  }
  return lowerBound(starts, time, from, Math.min(low, to))
}

/** The bucket of a time that lies in one. */
export function bucketAt(starts: Float64Array, time: number): number {
  let low = 0
  let high = starts.length
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (starts[middle] <= time) low = middle
    else high = middle
  }
  return low
}
