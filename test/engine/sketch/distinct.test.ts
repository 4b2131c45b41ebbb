import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DistinctScratch, distinctInto } from '../../../engine/sketch/distinct.js'
import { randomIntegers } from './random.js'

function distinct(scratch: DistinctScratch, input: Uint32Array, from = 0, to = input.length): number[] {
  const count = distinctInto(scratch, input, from, to)
  return [...scratch.values.subarray(0, count)]
}

describe('distinctInto', () => {
  it('leaves the distinct values in the order of first appearance, call after call', () => {
    const scratch = new DistinctScratch()
    const value = fc.oneof(fc.nat(20), fc.constantFrom(0, 0xffffffff, 0x80000000), fc.integer({ min: 0, max: 0xffffffff }))
    fc.assert(fc.property(fc.array(value, { maxLength: 300 }), fc.nat(300), fc.nat(300), (values, a, b) => {
      const input = Uint32Array.from(values)
      const [from, to] = [Math.min(a, b, input.length), Math.min(Math.max(a, b), input.length)]
      expect(distinct(scratch, input, from, to)).toEqual([...new Set(input.subarray(from, to))].filter(one => one !== 0))
    }), { seed: 5, numRuns: 500 })
  })

  it('grows within a call and serves small calls after large ones', () => {
    const scratch = new DistinctScratch()
    const next = randomIntegers(9)
    for (const [length, range] of [[200_000, 2 ** 32], [50, 10], [200_000, 60_000], [0, 1], [300_000, 300_000], [5, 2]]) {
      const input = Uint32Array.from({ length }, () => next() % range)
      expect(Buffer.from(Uint32Array.from(distinct(scratch, input)).buffer).equals(Buffer.from(Uint32Array.from(new Set(input.filter(one => one !== 0))).buffer))).toBe(true)
    }
    expect(scratch.table.every(held => held === 0)).toBe(true)
  })

  it('takes neighbouring and equally spaced values in linear time', () => {
    const scratch = new DistinctScratch()
    for (const step of [1, 2 ** 12]) {
      const input = Uint32Array.from({ length: 500_000 }, (_, at) => (at + 1) * step)
      expect(distinctInto(scratch, input, 0, input.length)).toBe(new Set(input).size)
    }
  })
})
