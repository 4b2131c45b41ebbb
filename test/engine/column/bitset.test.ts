import { describe, expect, it } from 'vitest'
import { countBits, hasBit, setBit, wordsFor } from '../../../engine/column/bitset.js'
import { Random } from '../../support/random.js'

describe('a bitset', () => {
  it('takes a word for every 32 bits begun', () => {
    expect([0, 1, 31, 32, 33, 64, 65].map(wordsFor)).toEqual([0, 1, 1, 1, 2, 2, 3])
  })

  it('has the bits that were set, and counts them in any range', () => {
    const random = new Random(11)
    for (const density of [0, 0.02, 0.5, 0.98, 1]) {
      const expected = Array.from({ length: 200 }, () => random.chance(density))
      const words = new Uint32Array(wordsFor(200))
      expected.forEach((bit, i) => { if (bit) setBit(words, i) })
      expect(expected.map((_, i) => hasBit(words, i))).toEqual(expected)
      for (let from = 0; from <= 200; from += 3) {
        for (let to = from; to <= 200; to++) {
          const count = expected.slice(from, to).filter(Boolean).length
          if (countBits(words, from, to) !== count) expect([from, to, countBits(words, from, to)]).toEqual([from, to, count])
        }
      }
    }
  })

  it('counts nothing in a range that ends before it begins', () => {
    expect(countBits(Uint32Array.of(0xffffffff), 9, 3)).toBe(0)
  })
})
