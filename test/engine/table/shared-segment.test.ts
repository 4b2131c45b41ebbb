import { expect, it } from 'vitest'
import type { Column } from '../../../engine/column/column.js'
import { Dictionary } from '../../../engine/column/dictionary.js'
import { isShared, sharedMemory } from '../../../engine/column/memory.js'
import { Segment } from '../../../engine/table/segment.js'
import { Table } from '../../../engine/table/table.js'
import { write } from './tables.js'

const dictionary = new Dictionary()
const columns: readonly (readonly [string, Column])[] = [
  ['text', { type: 'string', dictionary, codes: Uint8Array.of(1, 2), coupons: null }],
  ['id', { type: 'string', dictionary, codes: Uint32Array.of(1, 2), coupons: Uint32Array.of(8, 9) }],
  ['number', { type: 'number', values: Float64Array.of(1, 2), valid: null, exponents: { top: 1, bottom: 0 } }],
  ['some', { type: 'number', values: Float64Array.of(0, 2), valid: Uint32Array.of(2), exponents: { top: 1, bottom: 0 } }],
  ['list', { type: 'strings', dictionary, offsets: Uint32Array.of(0, 1, 3), codes: Uint16Array.of(1, 1, 2) }]
]

function arraysOf(column: Column): ArrayBufferView[] {
  return Object.values(column).filter(ArrayBuffer.isView)
}

it('has starts and columns in shared memory when they are asked for there, with the same values', () => {
  const segment = Segment.of(Float64Array.of(5, 6), new Map(columns)).with('number', { type: 'number', values: Float64Array.of(3, 4), valid: null, exponents: { top: 2, bottom: 0 } })
  const { bytes } = segment
  const before = new Map([...segment.columns.keys()].map(name => [name, structuredClone(Object.entries(segment.columns.get(name)!).filter(([, value]) => value !== dictionary))]))
  segment.share(['text', 'number', 'unknown'])
  expect([...segment.columns.keys()].filter(name => arraysOf(segment.columns.get(name)!).some(isShared))).toEqual(['text', 'number'])
  expect([isShared(segment.starts), [...segment.starts]]).toEqual([true, [5, 6]])
  const { starts } = segment
  segment.share([...segment.columns.keys()])
  expect(segment.starts).toBe(starts)
  for (const [name, parts] of before) {
    const column = segment.columns.get(name)!
    expect(arraysOf(column).every(isShared)).toBe(true)
    for (const [key, value] of parts) {
      const now = column[key as keyof Column] as unknown
      expect(ArrayBuffer.isView(now) ? Array.from(now as Uint32Array) : now).toEqual(ArrayBuffer.isView(value) ? Array.from(value as Uint32Array) : value)
    }
  }
  expect(segment.bytes).toBe(bytes)
  expect(segment.tail(0, sharedMemory)!.rows).toBe(2)
})

function sessions(first: number, step: number): object[] {
  return Array.from({ length: 100 }, (_, i) => ({ session_id: `${first}.${i}`, started_at: first + i * step, v: i }))
}

it('is sealed in shared memory where it stays, and in memory of one thread where it is to be merged', () => {
  const table = new Table({ segmentRows: 100, memory: sharedMemory })
  // Rows that were opened in vain have no time.
  write(table, sessions(1000, 1))
  table.rollback(table.begin(0))
  write(table, sessions(2000, 1))
  write(table, sessions(1500, 10))
  table.sealHead()
  expect(table.snapshot().parts.map(({ segment }) => [segment.first, isShared(segment.starts)])).toEqual([[1000, true], [2000, true], [1500, false], [2490, true]])
})
