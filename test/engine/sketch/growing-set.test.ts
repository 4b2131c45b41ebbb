/** Sets that grow one by one against those that are filled at once. */
import { describe, expect, it } from 'vitest'
import { GrowingSet, GrowingSketch } from '../../../engine/sketch/growing-set.js'
import { couponOfString } from '../../../engine/sketch/hash.js'
import { HllSketch } from '../../../engine/sketch/hll-sketch.js'
import { HyperLogLog, MAX_COUPONS } from '../../../engine/sketch/hyperloglog.js'
import { Random } from '../../support/random.js'

describe('a growing set', () => {
  it('holds each value once, and never 0', () => {
    const random = new Random(5)
    const set = new GrowingSet()
    const values = new Set<number>()
    for (let i = 0; i < 20_000; i++) {
      const value = random.pick([random.between(0, 50), random.between(0, 2 ** 32 - 1), random.between(0, 5000) * 4096])
      set.add(value)
      if (value !== 0) values.add(value)
    }
    expect(set.size).toBe(values.size)
    expect([...set.values()].sort((a, b) => a - b)).toEqual([...values].sort((a, b) => a - b))
  })
})

describe('a growing sketch', () => {
  it('says at every size what a HyperLogLog of the same coupons says', () => {
    const growing = new GrowingSketch()
    const whole = new HyperLogLog()
    const sizes = new Set([0, 1, 2, 100, MAX_COUPONS - 1, MAX_COUPONS, MAX_COUPONS + 1, MAX_COUPONS + 2, 30_000, 100_000])
    for (let i = 0; i <= 100_000; i++) {
      if (sizes.has(i)) {
        expect(growing.estimate()).toBe(whole.estimate())
        expect(growing.registers === null).toBe(whole.isExact)
        expect(HllSketch.of(growing).encode()).toBe(HllSketch.of(whole).encode())
      }
      const coupon = couponOfString(`v${i}`)
      growing.add(coupon)
      growing.add(couponOfString(`v${i >>> 1}`))
      whole.add(coupon)
    }
    growing.add(0)
    expect(growing.estimate()).toBe(whole.estimate())
  })
})
