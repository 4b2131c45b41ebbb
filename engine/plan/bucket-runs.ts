/** Rows of a segment cut where one bucket ends and another begins. */
import type { Rows } from '../kernels/select.js'
import type { Segment } from '../table/segment.js'
import { bucketAt, gallop } from './buckets.js'

/** Runs of rows, or of places in picked rows, that share a bucket: run i is [ends[i - 1], ends[i]), the first begins at `from`. Used again for the next ones. */
export class BucketRuns {
  from = 0
  count = 0
  buckets = new Uint32Array(16)
  ends = new Uint32Array(16)

  /** Where run i begins. */
  start(i: number): number {
    return i === 0 ? this.from : this.ends[i - 1]
  }

  /** Cuts [first, end); `starts` are those of the rows, `bucketStarts` of the buckets, of which each row lies in one. */
  cut(bucketStarts: Float64Array, starts: Float64Array, rows: Rows, first: number, end: number): void {
    this.from = first
    let count = 0
    let bucket = -1
    for (let from = first; from < end;) {
      bucket = bucketFrom(bucketStarts, bucket + 1, starts[rows === null ? from : rows[from]])
      let to = end
      if (bucket + 1 < bucketStarts.length) {
        to = rows === null ? gallop(starts, bucketStarts[bucket + 1], from + 1, end) : gallopRows(starts, rows, bucketStarts[bucket + 1], from + 1, end)
      }
      if (count === this.ends.length) this.grow()
      this.buckets[count] = bucket
      this.ends[count++] = to
      from = to
    }
    this.count = count
  }

  private grow(): void {
    this.buckets = longer(this.buckets)
    this.ends = longer(this.ends)
  }
}

/** The bucket of a time, where the last one was before `next`: mostly that one. */
function bucketFrom(bucketStarts: Float64Array, next: number, time: number): number {
  const isNext = next > 0 && next < bucketStarts.length && bucketStarts[next] <= time && (next + 1 === bucketStarts.length || time < bucketStarts[next + 1])
  return isNext ? next : bucketAt(bucketStarts, time)
}

function longer(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 4)
  larger.set(array)
  return larger
}

/** gallop over places in `rows`. */
function gallopRows(starts: Float64Array, rows: Uint32Array, time: number, from: number, end: number): number {
  let step = 1
  let low = from
  let at = from
  while (at < end && starts[rows[at]] < time) {
    low = at + 1
    at += step
    step *= 2
  }
  let high = Math.min(at, end)
  while (low < high) {
    const middle = (low + high) >>> 1
    if (starts[rows[middle]] < time) low = middle + 1
    else high = middle
  }
  return low
}

/** Rows [from, to) of a segment. */
interface Stretch {
  readonly segment: Pick<Segment, 'starts' | 'startOf'>
  readonly from: number
  readonly to: number
}

/** Of each bucket the number of parts that rows of it lie in, or some more where that is not found out quickly; at least 1. */
export function partsOfBuckets(bucketStarts: Float64Array, parts: readonly Stretch[]): Uint32Array {
  if (parts.length < 2) return new Uint32Array(bucketStarts.length).fill(1)
  const counts = new Uint32Array(bucketStarts.length)
  const runs = new BucketRuns()
  for (const { segment, from, to } of parts) {
    const first = bucketAt(bucketStarts, segment.startOf(from))
    const last = bucketAt(bucketStarts, segment.startOf(to - 1))
    // Of few rows among many buckets, such as those that came last, most buckets have none.
    if (to - from <= last - first) {
      runs.cut(bucketStarts, segment.starts, null, from, to)
      for (let run = 0; run < runs.count; run++) counts[runs.buckets[run]]++
    } else for (let bucket = first; bucket <= last; bucket++) counts[bucket]++
  }
  for (let bucket = 0; bucket < counts.length; bucket++) if (counts[bucket] === 0) counts[bucket] = 1
  return counts
}
