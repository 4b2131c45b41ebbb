import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HyperLogLog, MAX_COUPONS } from '../../../engine/sketch/hyperloglog.js'
import { fillCoupons, randomIntegers } from './random.js'

function distinctCoupons(count: number, seed: number): Uint32Array {
  const next = randomIntegers(seed)
  const found = new Set<number>()
  const one = new Uint32Array(1)
  while (found.size < count) {
    fillCoupons(one, next)
    found.add(one[0])
  }
  return Uint32Array.from(found)
}

function sketchOf(coupons: Uint32Array): HyperLogLog {
  const sketch = new HyperLogLog()
  sketch.addRange(coupons, 0, coupons.length)
  return sketch
}

function union(...sketches: HyperLogLog[]): HyperLogLog {
  const result = new HyperLogLog()
  for (const sketch of sketches) result.merge(sketch)
  return result
}

/** Two sketches are the same when they answer the same now and after everything that could still come. */
function expectSame(actual: HyperLogLog, expected: HyperLogLog): void {
  expect([actual.isExact, actual.estimate(), actual.relativeStandardError]).toEqual([expected.isExact, expected.estimate(), expected.relativeStandardError])
  for (const [count, seed] of [[1000, 501], [20_000, 502]]) {
    const more = distinctCoupons(count, seed)
    const [a, b] = [actual, expected].map(sketch => {
      const copy = sketch.clone()
      copy.addRange(more, 0, more.length)
      return copy.estimate()
    })
    expect(a).toBe(b)
  }
}

const pool = distinctCoupons(60_000, 11)
/** Slices of one pool: small, at the edge and far above it, overlapping or not. */
const slice = fc.record({ from: fc.nat(40_000), count: fc.oneof(fc.nat(300), fc.constantFrom(16_383, 16_384, 16_385), fc.nat(20_000)) })
  .map(({ from, count }) => pool.subarray(from, from + count))

describe('a small HyperLogLog', () => {
  it('counts distinct coupons exactly', () => {
    const sketch = new HyperLogLog()
    expect([sketch.estimate(), sketch.isExact, sketch.bytes, sketch.relativeStandardError]).toEqual([0, true, 0, 0])
    const coupons = distinctCoupons(5000, 3)
    for (const [at, coupon] of coupons.entries()) {
      sketch.add(coupon)
      sketch.add(coupons[at >> 1])
      expect(sketch.estimate()).toBe(at + 1)
    }
    expect(sketch.isExact).toBe(true)
    expect(sketch.relativeStandardError).toBeLessThan(0.0003)
  })

  it('counts nothing for the coupon 0', () => {
    const sketch = sketchOf(Uint32Array.of(0, 0, 1 << 26, 0))
    expect(sketch.estimate()).toBe(1)
    const large = sketchOf(pool)
    const before = large.estimate()
    large.addRange(new Uint32Array(10), 0, 10)
    expect(large.estimate()).toBe(before)
  })

  it('takes coupons that share their low bits', () => {
    const coupons = Uint32Array.from({ length: 2000 }, (_, at) => ((1 + at % 40) << 26 | at >> 2 << 16) >>> 0)
    expect(sketchOf(coupons).estimate()).toBe(new Set(coupons).size)
  })

  it('takes little memory', () => {
    expect(sketchOf(pool.subarray(0, 8)).bytes).toBeLessThanOrEqual(64)
    expect(sketchOf(pool.subarray(0, 1000)).bytes).toBeLessThanOrEqual(8192)
    expect(sketchOf(pool).bytes).toBe(65_536)
  })
})

describe('the edge between the set and the registers', () => {
  it.each([[MAX_COUPONS - 1, true], [MAX_COUPONS, true], [MAX_COUPONS + 1, false]])('%i distinct coupons: a set is %s', (count, exact) => {
    const coupons = distinctCoupons(count, 7)
    const sketch = sketchOf(coupons)
    sketch.addRange(coupons, 0, coupons.length)
    expect(sketch.isExact).toBe(exact)
    expect(Math.abs(sketch.estimate() / count - 1)).toBeLessThan(exact ? 1e-12 : 0.01)
  })

  it('does not depend on how the last coupon comes', () => {
    const coupons = distinctCoupons(MAX_COUPONS + 1, 8)
    const whole = sketchOf(coupons)
    const single = new HyperLogLog()
    for (const coupon of coupons) single.add(coupon)
    expectSame(single, whole)
    expectSame(union(sketchOf(coupons.subarray(0, 1)), sketchOf(coupons.subarray(1))), whole)
    expectSame(union(sketchOf(coupons.subarray(1)), sketchOf(coupons.subarray(0, 1))), whole)
    expect(union(sketchOf(coupons.subarray(1)), sketchOf(coupons.subarray(2))).isExact).toBe(true)
  })
})

describe('the state is a function of the set of coupons', () => {
  it('whatever the order, the batches and the repetitions', () => {
    const next = randomIntegers(21)
    for (const count of [10, 1000, MAX_COUPONS, MAX_COUPONS + 1, 50_000]) {
      const coupons = pool.slice(0, count)
      const expected = sketchOf(coupons)
      for (let round = 0; round < 3; round++) {
        for (let at = count - 1; at > 0; at--) {
          const other = next() % (at + 1)
          const held = coupons[at]
          coupons[at] = coupons[other]
          coupons[other] = held
        }
        const sketch = new HyperLogLog()
        for (let from = 0; from < count;) {
          const to = Math.min(count, from + next() % 3000)
          sketch.addRange(coupons, from, to)
          sketch.addRange(coupons, Math.max(0, from - 50), from)
          from = to
        }
        expectSame(sketch, expected)
      }
    }
  })

  it('merging is commutative, associative and idempotent, and equals adding everything to one', () => {
    fc.assert(fc.property(slice, slice, slice, (a, b, c) => {
      const [x, y, z] = [sketchOf(a), sketchOf(b), sketchOf(c)]
      const whole = new HyperLogLog()
      for (const part of [c, a, b]) whole.addRange(part, 0, part.length)
      expectSame(union(x, y, z), whole)
      expectSame(union(z, y, x), whole)
      expectSame(union(x, union(y, z)), whole)
      expectSame(union(union(x, y), z, y, x), whole)
      const twice = whole.clone()
      twice.merge(twice)
      expectSame(twice, whole)
      expectSame(x, sketchOf(a))
    }), { seed: 42, numRuns: 40 })
  })

  it('registers of others are only read, and what they are known to estimate holds until they would change', () => {
    const own = sketchOf(pool.subarray(0, 30_000))
    const registers = own.registers!.slice()
    const lent = HyperLogLog.over(registers, 12_345)
    expect(lent.estimate()).toBe(12_345)
    lent.addRange(pool, 30_000, 30_010)
    lent.addRange(pool, 30_010, 40_000)
    lent.add(pool[40_000]!)
    expectSame(lent, sketchOf(pool.subarray(0, 40_001)))
    expect(registers).toEqual(own.registers)
    const merged = HyperLogLog.over(registers, Number.NaN)
    expect(merged.estimate()).toBe(own.estimate())
    expect(merged.known).toBe(own.estimate())
    merged.merge(sketchOf(pool.subarray(20_000, 50_000)))
    expect(merged.known).toBeNaN()
    expectSame(merged, sketchOf(pool.subarray(0, 50_000)))
    expect(registers).toEqual(own.registers)
  })

  it('what several exchange on their way changes nothing in the end', () => {
    const board = new Uint8Array(new SharedArrayBuffer(65_536))
    const sketches = [0, 1, 2].map(() => new HyperLogLog())
    for (let at = 0; at < pool.length; at += 3000) {
      for (const [i, sketch] of sketches.entries()) {
        sketch.addRange(pool, at + i * 1000, Math.min(pool.length, at + (i + 1) * 1000))
        sketch.exchange(board)
      }
    }
    const whole = sketchOf(pool)
    for (const sketch of sketches) expect(sketch.registers!.every((rank, slot) => rank <= whole.registers![slot]!)).toBe(true)
    expectSame(union(...sketches), whole)
    const few = sketchOf(pool.subarray(0, 10))
    few.exchange(board)
    expect([few.isExact, few.estimate()]).toEqual([true, 10])
  })

  it('a clone lives its own life', () => {
    for (const count of [10, 20_000]) {
      const sketch = sketchOf(pool.subarray(0, count))
      const before = sketch.estimate()
      const copy = sketch.clone()
      copy.addRange(pool, 0, pool.length)
      expect(sketch.estimate()).toBe(before)
      expectSame(copy, sketchOf(pool))
    }
  })
})
