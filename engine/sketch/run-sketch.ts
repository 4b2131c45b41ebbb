import { kernels } from '../kernels/kernels.js'
import { estimateSums } from './estimator.js'
import { MAX_COUPONS, REGISTERS } from './hyperloglog.js'

const NOWHERE = new Uint32Array(0)
/** What is known of the ranks of registers. */
const sums = new Uint32Array(64)
/** Of one run. */
const ends = new Uint32Array(1)
const counts = new Uint32Array(1)

/** Counts distinct coupons of one group after another by the rules of HyperLogLog, without keeping anything of them. */
export class RunSketch {
  /** The last count is an estimate from registers. */
  isEstimate = false

  /** Number of distinct coupons of all runs together, 0 left out. */
  count(runs: readonly Uint32Array[]): number {
    let n = 0
    for (const { length } of runs) n += length
    this.isEstimate = false
    if (n <= MAX_COUPONS) return distinctOf(joined(runs, n), n)
    kernels(runs[0]).sumRanksOf(runs, sums)
    // Every filled register is a coupon; only where they are few must the coupons themselves be counted.
    if (REGISTERS - sums[0] <= MAX_COUPONS) {
      const count = kernels().distinct(joined(runs, n), 0, n, MAX_COUPONS, NOWHERE)
      if (count <= MAX_COUPONS) return count
    }
    this.isEstimate = true
    return estimateSums(sums, REGISTERS)
  }
}

function distinctOf(coupons: Uint32Array, n: number): number {
  ends[0] = n
  kernels().distinctRuns(coupons, ends, 1, counts)
  return counts[0]
}

function joined(runs: readonly Uint32Array[], n: number): Uint32Array {
  if (runs.length === 1) return runs[0]
  const all = new Uint32Array(n)
  let at = 0
  for (const run of runs) {
    all.set(run, at)
    at += run.length
  }
  return all
}
