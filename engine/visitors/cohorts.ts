/** For each visitor the bucket of their first session, and the periods in which they came back. */
import type { Rows } from '../kernels/select.js'

export class Cohorts {
  private readonly periods: number
  private readonly origin: number
  /** Words of a state: the bucket of the first session + 1 (0 is none), then a bit for each period. Side by side, because they are read together. */
  private readonly stride: number
  private states = new Uint32Array(0)
  /** By visitor: the start of the first session, milliseconds after the origin. */
  private firsts = new Float64Array(0)
  /** Visitors of each bucket. */
  readonly sizes: Float64Array
  /** Entry bucket × (periods + 1) + period. */
  readonly returned: Float64Array

  constructor(buckets: number, periods: number, origin: number) {
    this.periods = periods
    this.origin = origin
    this.stride = 1 + ((periods + 32) >>> 5)
    this.sizes = new Float64Array(buckets)
    this.returned = new Float64Array(buckets * (periods + 1))
  }

  /** Bytes once there is room for visitors with numbers below `visitors`. */
  bytesFor(visitors: number): number {
    return Math.max(visitors, this.firsts.length) * (8 + this.stride * 4) + this.sizes.byteLength + this.returned.byteLength
  }

  reserve(visitors: number): void {
    if (visitors <= this.firsts.length) return
    const states = new Uint32Array(visitors * this.stride)
    states.set(this.states)
    this.states = states
    const firsts = new Float64Array(visitors)
    firsts.set(this.firsts)
    this.firsts = firsts
  }

  /** Sessions that may be the first ones of their visitors; row i of n is rows[i], or from + i. */
  begin(visitors: Uint32Array, buckets: Uint32Array, starts: Float64Array, rows: Rows, from: number, n: number): void {
    const { states, stride, firsts, sizes, origin } = this
    for (let i = 0; i < n; i++) {
      const visitor = visitors[i]
      if (visitor === 0) continue
      const known = states[visitor * stride]
      // Buckets follow the time, so only within the bucket is the start to be compared.
      if (known !== 0 && known <= buckets[i]) continue
      const start = starts[rows === null ? from + i : rows[i]] - origin
      if (known !== 0 && firsts[visitor] <= start) continue
      if (known !== 0) sizes[known - 1]--
      sizes[buckets[i]]++
      states[visitor * stride] = buckets[i] + 1
      firsts[visitor] = start
    }
  }

  /** Sessions that may be a return. All that could be the first of their visitors must have been taken before. */
  comeBack(visitors: Uint32Array, buckets: Uint32Array, starts: Float64Array, rows: Rows, from: number, n: number): void {
    const { states, stride, firsts, returned, periods, origin } = this
    for (let i = 0; i < n; i++) {
      const visitor = visitors[i]
      const state = visitor * stride
      const cohort = states[state] - 1
      const period = buckets[i] - cohort
      if (visitor === 0 || cohort < 0 || period < 0 || period > periods) continue
      const word = state + 1 + (period >>> 5)
      const bit = 1 << (period & 31)
      if ((states[word] & bit) !== 0) continue
      if (period === 0 && starts[rows === null ? from + i : rows[i]] - origin < firsts[visitor]) continue
      states[word] |= bit
      returned[cohort * (periods + 1) + period]++
    }
  }
}
