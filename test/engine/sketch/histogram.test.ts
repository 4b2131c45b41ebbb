/** Bins of doubles: in order, and narrow. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binRows, MISSING_BIN, nearestRank, valueOfBin, ZERO_BIN, type BinRange } from '../../../engine/sketch/histogram.js'
import { numberColumn } from '../aggregate/values.js'

function binsOf(cells: readonly (number | null)[]): { bins: number[]; range: BinRange } {
  const { values, valid } = numberColumn(cells)
  const bins = new Uint32Array(cells.length)
  const range = { lowest: 0, highest: 0 }
  binRows(values, valid, null, 0, cells.length, bins, range)
  return { bins: [...bins], range }
}

const binOf = (value: number): number => binsOf([value]).bins[0]!
const doubles = fc.double({ noNaN: true, noDefaultInfinity: true })

describe('a bin', () => {
  it('answers a value within 1/256 of each of its values', () => {
    fc.assert(fc.property(doubles, value => {
      expect(Math.abs(valueOfBin(binOf(value), false) - value)).toBeLessThanOrEqual(Math.abs(value) / 256)
    }), { seed: 1, numRuns: 5000 })
    for (let exponent = -1074; exponent <= 1023; exponent++) {
      for (const mantissa of [1, 1 + 2 ** -52, 1.0078124, 1.5, 2 - 2 ** -7, 2 - 2 ** -52]) {
        const value = mantissa * 2 ** exponent
        if (!Number.isFinite(value)) continue
        expect(Math.abs(valueOfBin(binOf(value), false) - value) * 256).toBeLessThanOrEqual(value)
        expect(valueOfBin(binOf(-value), false)).toBe(-valueOfBin(binOf(value), false))
      }
    }
  })

  it('comes after the bins of smaller values', () => {
    fc.assert(fc.property(doubles, doubles, (a, b) => {
      if (a < b) expect(binOf(a)).toBeLessThanOrEqual(binOf(b))
    }), { seed: 2, numRuns: 5000 })
    const ascending = [-Number.MAX_VALUE, -1, -(2 ** -1022), -5e-324, 0, 5e-324, 2 ** -1022, 1, Number.MAX_VALUE].map(binOf)
    expect(ascending).toEqual([...new Set(ascending)].sort((a, b) => a - b))
    expect(ascending[0]).toBeGreaterThan(MISSING_BIN)
    expect(ascending.at(-1)).toBeLessThan(2 ** 20)
  })

  it('of zero is zero alone, of either sign', () => {
    expect(binOf(0)).toBe(ZERO_BIN)
    expect(binOf(-0)).toBe(ZERO_BIN)
    expect(valueOfBin(ZERO_BIN, false)).toBe(0)
  })

  it('of whole numbers answers one, exactly up to 255', () => {
    for (let value = -255; value <= 255; value++) expect(valueOfBin(binOf(value), true)).toBe(value)
    for (const value of [256, 1000, 123_457, -99_999, 2 ** 53 - 1]) {
      const answer = valueOfBin(binOf(value), true)
      expect(Number.isInteger(answer)).toBe(true)
      expect(Math.abs(answer - value)).toBeLessThanOrEqual(Math.abs(value) / 256)
    }
  })

  it('is not that of a missing value, which widens no range', () => {
    const { bins, range } = binsOf([null, 3, null, -1])
    expect(bins).toEqual([MISSING_BIN, binOf(3), MISSING_BIN, binOf(-1)])
    expect(range).toEqual({ lowest: binOf(-1), highest: binOf(3) })
    const none = binsOf([null]).range
    expect(none.lowest).toBeGreaterThan(none.highest)
  })
})

describe('the nearest rank', () => {
  it('is ceil(q·n), from 1 to n, of the quantile as it is written', () => {
    expect([0, 0.1, 0.25, 0.26, 1].map(quantile => nearestRank(quantile, 4))).toEqual([1, 1, 1, 2, 4])
    for (let percent = 1; percent <= 100; percent++) expect(nearestRank(percent / 100, 100)).toBe(percent)
    for (let mille = 1; mille <= 1000; mille++) expect(nearestRank(mille / 1000, 123_000)).toBe(mille * 123)
    expect(nearestRank(1, 2 ** 40 + 1)).toBe(2 ** 40 + 1)
    expect(nearestRank(0.5, 1_000_000_001)).toBe(500_000_001)
  })
})
