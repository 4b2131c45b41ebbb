/** How many rows of a group have a value, in segments where all do and in segments where some do not. */
import { describe, expect, it } from 'vitest'
import type { GroupCounts } from '../../../engine/aggregate/aggregator.js'
import { ValidCounts } from '../../../engine/aggregate/valid-counts.js'
import { Random } from '../../support/random.js'
import { numberColumn } from './values.js'

type Cells = readonly (number | null)[]

/** Adds rows to group counts and valid counts in the order in which a query does. */
class Counting {
  readonly counts: GroupCounts = { rows: new Uint32Array(4) }
  readonly valid = new ValidCounts(this.counts)
  readonly expected = [0, 0, 0, 0, 0, 0, 0, 0]

  run(group: number, cells: Cells, rows: readonly number[] | null, from: number, to: number): void {
    this.valid.bind(numberColumn(cells))
    this.counts.rows[group]! += to - from
    this.valid.addRun(group, rows === null ? null : Uint32Array.from(rows), from, to)
    for (let i = from; i < to; i++) if (cells[rows === null ? i : rows[i]!] !== null) this.expected[group]!++
  }

  pairs(groups: readonly number[], cells: Cells, rows: readonly number[] | null, from: number): void {
    this.valid.bind(numberColumn(cells))
    this.valid.addPairs(Uint32Array.from(groups), rows === null ? null : Uint32Array.from(rows), from, groups.length)
    groups.forEach((group, i) => {
      this.counts.rows[group]!++
      if (cells[rows === null ? from + i : rows[i]!] !== null) this.expected[group]!++
    })
  }

  grow(groups: number): void {
    const larger = new Uint32Array(groups)
    larger.set(this.counts.rows)
    this.counts.rows = larger
    this.valid.grow(groups)
  }

  check(): void {
    expect(Array.from(this.counts.rows, (_, group) => this.valid.of(group))).toEqual(this.expected.slice(0, this.counts.rows.length))
  }
}

describe('rows that have a value', () => {
  it('are all rows while none is missing', () => {
    const counting = new Counting()
    counting.run(1, [1, 2, 3], null, 0, 3)
    counting.pairs([0, 2, 2], [4, 5, 6, 7], null, 1)
    counting.check()
    expect(counting.valid.bytes).toBe(0)
  })

  it('count on from there when a segment has missing values, and after it', () => {
    for (const rows of [null, [0, 1, 2, 3]]) {
      const counting = new Counting()
      counting.run(1, [1, 2, 3, 4], rows, 0, 4)
      counting.run(1, [1, null, null, 4], rows, 1, 4)
      counting.check()
      counting.run(2, [1, 2, 3, 4], rows, 0, 3)
      counting.pairs([0, 1, 2], [null, 5, null, 6], rows, 0)
      counting.pairs([0, 3, 3, 1], [1, 2, 3, 4], rows, 0)
      counting.grow(8)
      counting.run(7, [null, 2, null, 4], rows, 0, 4)
      counting.check()
    }
  })

  it('are those of any course of segments', () => {
    const random = new Random(6)
    for (let round = 0; round < 30; round++) {
      const counting = new Counting()
      for (let part = 0; part < 8; part++) {
        const cells = Array.from({ length: 70 }, () => (part % 3 === 0 || random.chance(0.7) ? random.between(0, 9) : null))
        const rows = random.chance(0.5) ? Array.from({ length: 70 }, () => random.between(0, 69)) : null
        if (random.chance(0.5)) counting.run(random.between(0, 3), cells, rows, random.between(0, 35), random.between(36, 70))
        else counting.pairs(Array.from({ length: 40 }, () => random.between(0, 3)), cells, rows, rows === null ? 20 : 0)
        if (part === 5) counting.grow(8)
      }
      counting.check()
    }
  })
})
