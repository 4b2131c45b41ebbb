/** How large and how fine the values of a column are. */
import { describe, expect, it } from 'vitest'
import { exponentsOf } from '../../../engine/column/column.js'
import { Random } from '../../support/random.js'

const scratch = new DataView(new ArrayBuffer(8))

function randomDouble(random: Random): number {
  for (;;) {
    scratch.setUint32(0, random.between(0, 2 ** 32 - 1))
    scratch.setUint32(4, random.chance(0.3) ? 0 : random.between(0, 2 ** 32 - 1))
    const value = scratch.getFloat64(0)
    if (Number.isFinite(value)) return value
  }
}

/** Without bits: by halving and doubling. */
function exponentsByArithmetic(value: number): { top: number; bottom: number } {
  let magnitude = Math.abs(value)
  let top = 0
  while (magnitude >= 2) { magnitude /= 2; top++ }
  while (magnitude < 1) { magnitude *= 2; top-- }
  let bottom = top
  while (magnitude !== Math.floor(magnitude)) { magnitude *= 2; bottom-- }
  return { top, bottom }
}

function of(...values: number[]): { top: number; bottom: number } {
  return exponentsOf(Float64Array.from(values), values.length)
}

describe('exponents of a column', () => {
  it('are those of one value', () => {
    const random = new Random(5)
    const values = [1.5, -0.1, 2 ** 52 + 0.5, 2 ** 53, 1e300, 5e-324, -5e-324, 2 ** -1022, 2 ** -1030 * 3, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 31, 2 ** 32 + 1, 0.75]
    for (const value of [...values, ...Array.from({ length: 500 }, () => randomDouble(random))]) {
      if (value === 0 || (value | 0) === value) continue
      expect(of(value), String(value)).toEqual(exponentsByArithmetic(value))
    }
  })

  it('of many values are those of the largest and of the finest', () => {
    expect(of(0.5, 1024.25, -3)).toEqual({ top: 10, bottom: -2 })
    expect(of(0, 2 ** 40, 0)).toEqual({ top: 40, bottom: 40 })
    expect(of(1, 2 ** -1074, -Number.MAX_VALUE)).toEqual({ top: 1023, bottom: -1074 })
    expect(of(1e9, 0.5)).toEqual({ top: 29, bottom: -1 })
  })

  it('of small integers bound them: multiples of one, below the next power', () => {
    for (const value of [1, 2, 3, 4, 7, 8, 1023, 1024, 2 ** 31 - 1, -1, -(2 ** 31)]) {
      expect(of(value, 0), String(value)).toEqual({ top: Math.floor(Math.log2(Math.abs(value))), bottom: 0 })
    }
    expect(of(0, -0)).toEqual({ top: 0, bottom: 0 })
    expect(of()).toEqual({ top: 0, bottom: 0 })
  })

  it('look at no more than the length asked for', () => {
    expect(exponentsOf(Float64Array.of(4, 1e300), 1)).toEqual({ top: 2, bottom: 0 })
    expect(exponentsOf(Float64Array.of(0.5, 1e300), 1)).toEqual({ top: -1, bottom: -1 })
  })
})
