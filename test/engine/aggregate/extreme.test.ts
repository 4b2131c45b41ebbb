/** The least and the largest value of each group. */
import { describe, expect, it } from 'vitest'
import { Extreme } from '../../../engine/aggregate/extreme.js'
import { Random } from '../../support/random.js'
import { never, readerOf } from './values.js'

function extreme(kind: 'min' | 'max', groups: number): Extreme {
  const aggregator = new Extreme('v', kind, never)
  aggregator.grow(groups)
  return aggregator
}

describe.each(['min', 'max'] as const)('%s', kind => {
  const best = kind === 'min' ? Math.min : Math.max

  it('is null over no values, and the value over one', () => {
    const aggregator = extreme(kind, 3)
    aggregator.bind(readerOf([null, -5, null]))
    aggregator.addRun(0, null, 0, 1)
    aggregator.addRun(1, null, 0, 3)
    expect([0, 1, 2].map(group => aggregator.value(group))).toEqual([null, -5, null])
  })

  it('takes no missing value for 0, and has no negative zero', () => {
    const aggregator = extreme(kind, 4)
    aggregator.bind(readerOf([null, -5, 5, 0]))
    aggregator.addPairs(Uint32Array.of(0, 0, 1, 3), null, 0, 4)
    aggregator.addPairs(Uint32Array.of(1), null, 0, 1)
    expect([0, 1, 2, 3].map(group => aggregator.value(group))).toEqual([-5, 5, null, 0])
  })

  it('reaches to the ends of the doubles', () => {
    const aggregator = extreme(kind, 1)
    const cells = [1, Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324]
    aggregator.bind(readerOf(cells))
    aggregator.addRun(0, null, 0, 4)
    expect(aggregator.value(0)).toBe(best(...cells))
  })

  it('is that of all rows of its group, over segments, selections and more groups', () => {
    const random = new Random(12)
    for (let round = 0; round < 30; round++) {
      const aggregator = extreme(kind, 2)
      const expected: number[][] = [[], [], [], [], []]
      for (let part = 0; part < 6; part++) {
        if (part === 3) aggregator.grow(5)
        const cells = Array.from({ length: 30 }, () => (random.chance(0.8) ? random.between(-50, 50) / 4 : null))
        const rows = random.chance(0.5) ? Uint32Array.from({ length: 30 }, () => random.between(0, 29)) : null
        aggregator.bind(readerOf(part % 2 === 0 ? cells : cells.map(cell => cell ?? 1)))
        const groups = Uint32Array.from({ length: 10 }, () => random.between(0, part < 3 ? 1 : 4))
        if (random.chance(0.5)) {
          const group = groups[0]!
          groups.fill(group)
          aggregator.addRun(group, rows, 7, 17)
          groups.forEach((_, i) => expected[group]!.push(valueAt(cells, part, rows === null ? 7 + i : rows[7 + i]!)))
        } else {
          aggregator.addPairs(groups, rows, 7, 10)
          groups.forEach((group, i) => expected[group]!.push(valueAt(cells, part, rows === null ? 7 + i : rows[i]!)))
        }
      }
      expected.forEach((values, group) => {
        const present = values.filter(value => !Number.isNaN(value))
        expect(aggregator.value(group)).toBe(present.length === 0 ? null : best(...present) + 0)
      })
    }
  })
})

/** NaN where missing; every second part has its gaps filled with 1. */
function valueAt(cells: readonly (number | null)[], part: number, row: number): number {
  return cells[row] ?? (part % 2 === 0 ? NaN : 1)
}
