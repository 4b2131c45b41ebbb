/** For each visitor the bucket of their first session, and the periods in which they came back. */
import type { Rows } from '../kernels/select.js'

export class Cohorts {
  private readonly words: number
  private readonly origin: number
  /** By visitor: bucket + 1; 0 is none. */
  private cohorts = new Uint32Array(0)
  /** By visitor: milliseconds after the origin. */
  private firsts = new Float64Array(0)
  /** By visitor: a bit for each period. */
  private seen = new Uint32Array(0)
  private readonly periods: number
  /** Visitors of each bucket. */
  readonly sizes: Float64Array
  /** Entry bucket × (periods + 1) + period. */
  readonly returned: Float64Array

  constructor(buckets: number, periods: number, origin: number) {
    this.periods = periods
    this.origin = origin
    this.words = (periods + 32) >>> 5
    this.sizes = new Float64Array(buckets)
    this.returned = new Float64Array(buckets * (periods + 1))
  }

  /** Bytes once there is room for visitors with numbers below `visitors`. */
  bytesFor(visitors: number): number {
    return Math.max(visitors, this.cohorts.length) * (12 + this.words * 4) + this.sizes.byteLength + this.returned.byteLength
  }

  reserve(visitors: number): void {
    if (visitors <= this.cohorts.length) return
    const cohorts = new Uint32Array(visitors)
    cohorts.set(this.cohorts)
    this.cohorts = cohorts
    const firsts = new Float64Array(visitors)
    firsts.set(this.firsts)
    this.firsts = firsts
    const seen = new Uint32Array(visitors * this.words)
    seen.set(this.seen)
    this.seen = seen
  }

  /** Sessions that may be the first ones of their visitors; row i of n is rows[i], or from + i. */
  begin(visitors: Uint32Array, buckets: Uint32Array, starts: Float64Array, rows: Rows, from: number, n: number): void {
    const { cohorts, firsts, sizes, origin } = this
    for (let i = 0; i < n; i++) {
      const visitor = visitors[i]
      if (visitor === 0) continue
      const known = cohorts[visitor]
      // Buckets follow the time, so only within the bucket is the start to be compared.
      if (known !== 0 && known <= buckets[i]) continue
      const start = starts[rows === null ? from + i : rows[i]] - origin
      if (known !== 0 && firsts[visitor] <= start) continue
      if (known !== 0) sizes[known - 1]--
      sizes[buckets[i]]++
      cohorts[visitor] = buckets[i] + 1
      firsts[visitor] = start
    }
  }

  /** Sessions that may be a return. All that could be the first of their visitors must have been taken before. */
  comeBack(visitors: Uint32Array, buckets: Uint32Array, starts: Float64Array, rows: Rows, from: number, n: number): void {
    const { cohorts, firsts, seen, words, returned, periods, origin } = this
    for (let i = 0; i < n; i++) {
      const visitor = visitors[i]
      const cohort = cohorts[visitor] - 1
      const period = buckets[i] - cohort
      if (visitor === 0 || cohort < 0 || period < 0 || period > periods) continue
      if (period === 0 && starts[rows === null ? from + i : rows[i]] - origin < firsts[visitor]) continue
      const word = visitor * words + (period >>> 5)
      const bit = 1 << (period & 31)
      if ((seen[word] & bit) !== 0) continue
      seen[word] |= bit
      returned[cohort * (periods + 1) + period]++
    }
  }
}
