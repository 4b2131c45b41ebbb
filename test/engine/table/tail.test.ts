import { describe, expect, it } from 'vitest'
import { hasBit } from '../../../engine/column/bitset.js'
import { ownMemory, sharedMemory } from '../../../engine/column/memory.js'
import type { Segment } from '../../../engine/table/segment.js'
import { Table } from '../../../engine/table/table.js'
import { write } from './tables.js'

/** More than a dictionary may hold for a column to go without coupons. */
const ROWS = 70_000
const table = new Table({ segmentRows: ROWS })
write(table, Array.from({ length: ROWS }, (_, i) => ({
  session_id: `s${i}`, started_at: i * 7919 % ROWS, city: `c${i % 300}`, n: i, some: i % 3 === 0 ? i / 8 : null, tags: Array.from({ length: i % 4 }, (_tag, k) => `t${(i + k) % 700}`)
})))
table.sealHead()

/** Some rows from `from` on as plain values. */
function someRows(segment: Segment, from: number): unknown {
  const columns = [...table.columns.values()].map(({ name, type, dictionary }) => segment.column(name, type, dictionary))
  return Array.from({ length: 400 }, (_, k) => from + Math.floor(k * (segment.rows - from) / 400)).concat(segment.rows - 1).map(row => columns.map(column => {
    switch (column.type) {
      case 'string': return [column.codes[row], column.coupons?.[row]]
      case 'number': return column.valid === null || hasBit(column.valid, row) ? column.values[row] : null
      case 'strings': return Array.from(column.codes.subarray(column.offsets[row], column.offsets[row + 1]))
    }
  }))
}

describe('the tail of a segment', () => {
  it.each([0, 32, 35_008, 69_984])('holds its rows from %i on', from => {
    const { segment } = table.snapshot().parts[0]!
    for (const memory of [ownMemory, sharedMemory]) {
      const tail = segment.tail(from, memory)!
      expect([tail.rows, tail.first, tail.last]).toEqual([ROWS - from, segment.starts[from], segment.last])
      expect(someRows(tail, 0)).toEqual(someRows(segment, from))
    }
  })

  it('takes memory for those alone', () => {
    const { segment } = table.snapshot().parts[0]!
    expect(segment.tail(ROWS / 2 - 24, ownMemory)!.bytes).toBeLessThan(segment.bytes * 0.51)
  })

  it('holds those of a column that has taken another type', () => {
    table.promote(table.columns.get('n')!, 'string')
    const { segment } = table.snapshot().parts[0]!
    expect(someRows(segment.tail(6400, ownMemory)!, 0)).toEqual(someRows(segment, 6400))
  })
})
