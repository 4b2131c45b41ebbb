import { describe, expect, it } from 'vitest'
import { STANDARD_ERROR_FACTOR, estimateCounts, estimateRegisters } from '../../../engine/sketch/estimator.js'
import { HyperLogLog, MAX_COUPONS } from '../../../engine/sketch/hyperloglog.js'
import { fillCoupons, randomIntegers } from './random.js'

const REGISTERS = 65_536
const THEORY = STANDARD_ERROR_FACTOR / Math.sqrt(REGISTERS)
const PROMISE = 0.02

describe('the error by simulation', () => {
  it('is within 1.1 of the theory, unbiased and never above 2 %, from 10 to 3 million values', () => {
    const runs = 300
    // 163,840 is 2.5 registers' worth, where the estimator of 2007 is biased by one per cent.
    const sizes = [10, 100, 1000, 10_000, MAX_COUPONS, 17_000, 20_000, 30_000, 65_536, 100_000, 163_840, 250_000, 500_000, 1_000_000, 2_000_000, 3_000_000]
    const next = randomIntegers(77)
    const sums = sizes.map(() => ({ error: 0, square: 0, worst: 0 }))
    const coupons = new Uint32Array(sizes.at(-1)!)
    for (let run = 0; run < runs; run++) {
      fillCoupons(coupons, next)
      const sketch = new HyperLogLog()
      let added = 0
      for (const [at, size] of sizes.entries()) {
        sketch.addRange(coupons, added, size)
        added = size
        const error = sketch.estimate() / size - 1
        sums[at].error += error
        sums[at].square += error * error
        sums[at].worst = Math.max(sums[at].worst, Math.abs(error))
      }
    }
    for (const [at, size] of sizes.entries()) {
      const theory = size <= MAX_COUPONS ? 0.0003 : THEORY
      expect(Math.sqrt(sums[at].square / runs), `rmse at ${size}`).toBeLessThan(1.1 * theory)
      expect(Math.abs(sums[at].error / runs), `bias at ${size}`).toBeLessThan(4 * theory / Math.sqrt(runs))
      expect(sums[at].worst, `worst at ${size}`).toBeLessThan(PROMISE)
    }
  })
})

describe('the estimator', () => {
  it('is 0 for empty registers and finite for almost full ones', () => {
    expect(estimateRegisters(new Uint8Array(REGISTERS))).toBe(0)
    expect(estimateRegisters(new Uint8Array(REGISTERS).fill(62))).toBeGreaterThan(1e20)
    expect(estimateRegisters(new Uint8Array(REGISTERS).fill(63))).toBe(Infinity)
    const one = new Uint8Array(REGISTERS).fill(63)
    one[0] = 62
    expect(Number.isFinite(estimateRegisters(one))).toBe(true)
  })

  it('finds the number of values from the expected histogram of ranks, at every scale', () => {
    const total = 1 << 26
    for (const n of [1e3, 1e5, 1e7, 1e9, 1e12, 1e15, 1e18, 1e21, 1e24, 1e26, 5e26]) {
      // P(rank ≤ k) = (1 − 2^−k)^(n / registers) for a Poisson number of values in each register.
      const below = (rank: number): number => rank === 63 ? 1 : Math.exp(-n / total * 2 ** -rank)
      const counts = Uint32Array.from({ length: 64 }, (_, rank) => Math.round(total * (below(rank) - (rank === 0 ? 0 : below(rank - 1)))))
      expect(Math.abs(estimateCounts(counts, total) / n - 1), `n = ${n}`).toBeLessThan(0.001)
    }
  })
})
