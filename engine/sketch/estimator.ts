/**
 * Ertl's improved estimator for HyperLogLog registers (Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog
 * sketches", arXiv:1702.01284, algorithm 6): unbiased over the whole range, with no tables and no switch between formulas.
 */
import { LOW_RANKS, MID_RANKS } from '../kernels/contract.js'
import { kernels } from '../kernels/kernels.js'

/** 1 / (2 ln 2), the limit of the bias correction for many registers. */
const ALPHA = 0.5 / Math.LN2
/** A rank is kept in six bits and reaches 63 for 62 or more leading zeros: the paper's q + 1. */
const MAX_RANK = 63
/** √(3 ln 2 − 1): the standard error is this over √registers, and less while many registers are empty. */
export const STANDARD_ERROR_FACTOR = Math.sqrt(3 * Math.LN2 - 1)

/** Estimated number of distinct tokens behind registers, a power of two of them from 16 on, that hold the largest rank (0..63; 0 = none) seen in each slot. */
export function estimateRegisters(registers: Uint8Array): number {
  const sums = new Uint32Array(MAX_RANK + 1)
  kernels().sumRanks(registers, sums)
  return estimateSums(sums, registers.length)
}

/** The same from what `sumRanks` says of `total` registers. */
export function estimateSums(sums: ArrayLike<number>, total: number): number {
  let z = total * tau(1 - sums[MAX_RANK] / total)
  for (let rank = MAX_RANK - 1; rank > MID_RANKS; rank--) z = 0.5 * (z + sums[rank])
  z = (z + sums[2] + sums[1] * 2 ** (MID_RANKS - LOW_RANKS)) / 2 ** MID_RANKS
  z += total * sigma(sums[0] / total)
  return ALPHA * total * total / z
}

/** The same from the histogram of ranks: `counts[k]` of the `total` registers hold rank k. */
export function estimateCounts(counts: Uint32Array, total: number): number {
  const sums = Float64Array.from(counts)
  sums[1] = weighted(counts, 1, LOW_RANKS)
  sums[2] = weighted(counts, LOW_RANKS + 1, MID_RANKS)
  return estimateSums(sums, total)
}

function weighted(counts: Uint32Array, from: number, to: number): number {
  let sum = 0
  for (let rank = from; rank <= to; rank++) sum += counts[rank] * 2 ** (to - rank)
  return sum
}

/** Σ over the empty registers: x + Σ x^(2^k) 2^(k−1); grows to Infinity for x = 1, where the estimate is 0. */
function sigma(x: number): number {
  let power = x
  let weight = 1
  let sum = x
  for (let previous = -1; sum !== previous; weight += weight) {
    power *= power
    previous = sum
    sum += power * weight
  }
  return sum
}

/** Σ over the saturated registers: (1 − x − Σ (1 − x^(2^−k))² 2^−k) / 3. */
function tau(x: number): number {
  if (x === 0 || x === 1) return 0
  let root = x
  let weight = 1
  let sum = 1 - x
  for (let previous = -1; sum !== previous;) {
    root = Math.sqrt(root)
    previous = sum
    weight *= 0.5
    sum -= (1 - root) ** 2 * weight
  }
  return sum / 3
}
