/** Sketches in the form of Apache DataSketches, against what its Java and C++ libraries wrote (see datasketches/README.md). */
import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { couponOfString, HllSketch, HyperLogLog, SessionqlError } from '../../../index.js'
import { couponOfBytes } from '../../../engine/sketch/hash.js'
import { readHll, writeHll } from '../../../engine/sketch/datasketches.js'
import { engineWith } from '../../support/engine.js'
import { ask, total } from '../ask.js'

const FILES = [
  'hll4_n0_java', 'hll4_n1_java', 'hll4_n10_java', 'hll4_n100_java', 'hll4_n10000_java', 'hll4_n100000_java', 'hll4_n1000000_java', 'hll6_n1000_java',
  'hll6_n1000000_java', 'hll8_n1_java', 'hll8_n10_java', 'hll8_n100_java', 'hll8_n1000_java', 'hll8_n10000_java', 'hll8_n100_cpp', 'hll8_n10000_cpp'
]
const golden = (name: string): Uint8Array => readFileSync(new URL(`datasketches/${name}.sk`, import.meta.url))
const countOf = (name: string): number => Number(/_n(\d+)_/.exec(name)![1])

/** The coupons of the numbers 0 … n-1 as 64-bit integers. */
function couponsBelow(n: number): Uint32Array {
  const bytes = new Uint8Array(8)
  const view = new DataView(bytes.buffer)
  return Uint32Array.from({ length: n }, (_, i) => {
    view.setUint32(0, i, true)
    return couponOfBytes(bytes, 0, 8)
  })
}

function counterOf(coupons: Uint32Array): HyperLogLog {
  const counter = new HyperLogLog()
  counter.addRange(coupons, 0, coupons.length)
  return counter
}

const texts = (from: number, to: number): Uint32Array => Uint32Array.from({ length: to - from }, (_, i) => couponOfString(`v${from + i}`))

describe('a sketch written by Apache DataSketches', () => {
  it.each(FILES)('%s holds what our own hash makes of the same numbers', name => {
    const coupons = couponsBelow(countOf(name))
    const state = readHll(golden(name))
    expect(state.lgK).toBe(12)
    if ('coupons' in state) {
      expect([...state.coupons].sort((a, b) => a - b)).toEqual([...new Set(coupons)].sort((a, b) => a - b))
      return
    }
    const registers = new Uint8Array(4096)
    for (const coupon of coupons) registers[coupon & 4095] = Math.max(registers[coupon & 4095]!, coupon >>> 26)
    expect(state.registers).toEqual(registers)
  })

  it.each(FILES)('%s is estimated within three standard errors, and merges with ours', name => {
    const n = countOf(name)
    const sketch = HllSketch.decode(golden(name))
    expect(Math.abs(sketch.estimate() - n)).toBeLessThanOrEqual(3 * sketch.relativeStandardError * n)
    const merged = sketch.merge(HllSketch.of(counterOf(couponsBelow(2 * n))))
    expect(merged.lgK).toBe(12)
    expect(Math.abs(merged.estimate() - 2 * n)).toBeLessThanOrEqual(3 * 1.04 / 64 * 2 * n)
  })

  it.each(['hll8_n1_java', 'hll8_n10_java', 'hll8_n100_java', 'hll8_n100_cpp'])('%s is written by us as there, its coupons ascending', name => {
    const theirs = golden(name)
    const ours = writeHll(readHll(theirs))
    const start = countOf(name) < 8 ? 8 : 12
    expect(ours.subarray(0, start)).toEqual(Uint8Array.from(theirs.subarray(0, start)))
    const coupons = new Uint32Array(Uint8Array.from(theirs.subarray(start)).buffer).sort()
    expect(new Uint32Array(ours.slice(start).buffer).sort()).toEqual(coupons)
  })

  it.each(['hll8_n1000_java', 'hll8_n10000_java', 'hll8_n10000_cpp'])('%s is written by us as there, but for what only an order of updates can tell', name => {
    const [theirs, ours] = [golden(name), writeHll(readHll(golden(name)))]
    // The flags, and the estimate that follows from the order.
    const other = [...ours].flatMap((byte, at) => byte === theirs[at] ? [] : [at])
    expect(other.every(at => at === 5 || (at >= 8 && at < 16))).toBe(true)
    expect(ours.length).toBe(theirs.length)
  })
})

describe('a sketch of ours', () => {
  it.each([0, 1, 7, 8, 100, 6144, 6145, 16_384, 16_385, 60_000])('of %i values reads back to the same estimate', n => {
    const counter = counterOf(texts(0, n))
    const sketch = HllSketch.of(counter)
    const again = HllSketch.decode(sketch.encode())
    expect(sketch.estimate()).toBe(counter.estimate())
    expect(again.lgK).toBe(16)
    // Above 6,144 the form has no sets.
    if (n <= 6144 || n > 16_384) expect(again.estimate()).toBe(counter.estimate())
    expect(Math.abs(again.estimate() - n)).toBeLessThanOrEqual(0.02 * n)
    expect(again.encode()).toBe(sketch.encode())
    expect(HllSketch.decode(sketch.bytes()).encode()).toBe(sketch.encode())
  })

  it('is the same whatever the order, and merges to the sketch of the whole', () => {
    for (const [a, b] of [[3, 9], [100, 5000], [5000, 9000], [100, 30_000], [30_000, 70_000]] as const) {
      const first = HllSketch.of(counterOf(texts(0, a).reverse()))
      const second = HllSketch.of(counterOf(texts(a >> 1, b)))
      const whole = HllSketch.of(counterOf(texts(0, b)))
      expect(first.merge(second).encode()).toBe(whole.encode())
      expect(second.merge(first).encode()).toBe(whole.encode())
      expect(whole.merge(whole).encode()).toBe(whole.encode())
    }
  })

  it.each<[string, number, number, string]>([
    ['family', 2, 3, 'has 3 as its family, expected 7, that of HLL sketches.'],
    ['version', 1, 9, 'has 9 as its serial version, expected 1.'],
    ['lgK', 3, 22, 'has 22 as its lgK, expected 4 to 21.'],
    ['mode', 7, 3, 'has 3 as its mode, expected LIST, SET or HLL of 4, 6 or 8 bits.'],
    ['preamble', 0, 2, 'has 2 as its preamble ints, expected 10.']
  ])('with a faulty %s is refused', (_name, at, value, message) => {
    const bytes = HllSketch.of(counterOf(texts(0, 30_000))).bytes()
    bytes[at] = value
    expect(() => HllSketch.decode(bytes)).toThrow(new SessionqlError('invalid_sketch', `The HLL sketch ${message}`))
  })

  it('that is cut short, or no base64, is refused', () => {
    for (const n of [0, 3, 100, 30_000]) {
      const bytes = HllSketch.of(counterOf(texts(0, n))).bytes()
      expect(() => HllSketch.decode(bytes.subarray(0, bytes.length - 1))).toThrow(/bytes, expected at least/)
    }
    expect(() => HllSketch.decode('…')).toThrow('The text of the HLL sketch is not base64.')
  })

  it('of any bytes is a sketch or a typed error', () => {
    const base = FILES.map(golden)
    fc.assert(fc.property(fc.nat(), fc.array(fc.tuple(fc.nat(50), fc.nat(255)), { maxLength: 4 }), fc.nat(5000), (which, changes, length) => {
      const bytes = Uint8Array.from(base[which % base.length]!).subarray(0, length)
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
      try {
        expect(Number.isFinite(HllSketch.decode(bytes).estimate())).toBe(true)
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid_sketch' })
      }
    }), { seed: 6, numRuns: 3000 })
  })
})

describe('hyperUniqueSketch', () => {
  it('is the sketch that hyperUnique counts by, in runs, groups and over nothing', async () => {
    const engine = await engineWith(Array.from({ length: 60_000 }, (_, i) => ({
      session_id: `s${i}`, started_at: i * 1000, kind: i < 40_000 ? 'many' : 'few', visitor: i < 40_000 ? `v${i % 30_000}` : `w${i % 5}`
    })))
    const aggregations = [{ type: 'hyperUniqueSketch', fields: ['visitor'] }, { type: 'hyperUnique', fields: ['visitor'], with_error: true }] as const
    const all = await total(engine, [...aggregations])
    const sketch = HllSketch.decode(all[0] as string)
    expect([sketch.estimate(), sketch.relativeStandardError]).toEqual(all.slice(1))
    const groups = await ask(engine, { group_by: ['kind'], aggregations })
    const parts = groups.map(([, encoded]) => HllSketch.decode(encoded as string))
    expect(parts.map(part => part.estimate())).toEqual(groups.map(([, , count]) => count))
    expect(parts[0]!.merge(parts[1]!).encode()).toBe(all[0])
    expect(await total(engine, [{ type: 'hyperUniqueSketch', fields: ['visitor'] }], { type: 'false' })).toEqual([HllSketch.of(new Uint32Array(0)).encode()])
    const days = await ask(engine, { interval: { start: '1970-01-01', end: '1970-01-03' }, granularity: 'day', group_by: ['kind'], fill: 'zero', aggregations })
    for (const [, encoded, count] of days) expect(HllSketch.decode(encoded as string).estimate()).toBe(count)
    await engine.close()
  })
})
