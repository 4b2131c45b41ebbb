/** Order of rows by start. */
import { describe, expect, it } from 'vitest'
import { sortedOrder } from '../../../engine/table/sort.js'
import { Random } from '../../support/random.js'

function expected(starts: readonly number[]): number[] {
  return starts.map((_, i) => i).sort((a, b) => starts[a]! - starts[b]! || a - b)
}

describe('the order of starts', () => {
  it.each([1, 2 ** 11 - 1, 2 ** 11, 2 ** 11 + 1, 2 ** 22 - 1, 2 ** 22, 2 ** 22 + 1, 2 ** 33 - 1, 2 ** 33, 2 ** 33 + 1, 2 ** 44 - 1, 2 ** 44, 2 ** 44 + 1, 1.728e16])('is that of a stable sort over a span of %d ms', span => {
    const random = new Random(span % 1009)
    for (const base of [0, -span, -Math.floor(span / 2), Math.min(1_700_000_000_000, 8.64e15 - span)]) {
      const values = Array.from({ length: 400 }, () => base + Math.min(span, Math.floor(random.fraction() * (span + 1)))).concat(base + span, base)
      const starts = [...values, ...random.sample(values, 100)]
      expect(Array.from(sortedOrder(Float64Array.from(starts)) ?? [])).toEqual(expected(starts))
    }
  })

  it('keeps rows of the same start as they came', () => {
    const starts = [5, 3, 5, 3, 5, 3]
    expect(Array.from(sortedOrder(Float64Array.from(starts))!)).toEqual([1, 3, 5, 0, 2, 4])
  })

  it('is not made where the rows are in order', () => {
    for (const starts of [[], [7], [1, 1, 2, 2, 1e15], [-5, -5, 0]]) expect(sortedOrder(Float64Array.from(starts))).toBeNull()
    expect(sortedOrder(Float64Array.of(1, 2, 1))).not.toBeNull()
  })
})
