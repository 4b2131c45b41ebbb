/** Sessions that are all new need no index of keys; the first that may be there makes it, wherever the others are. */
import { describe, expect, it } from 'vitest'
import { Table } from '../../../engine/table/table.js'
import { contents, write } from './tables.js'

const session = (i: number, v: number) => ({ session_id: `s${i}`, started_at: i * 1000, v })
const sessions = (count: number, v: number, first = 0) => Array.from({ length: count }, (_, i) => session(first + i, v))

function expectAll(table: Table, count: number, v: number): void {
  const found = contents(table.snapshot())
  expect([found.size, table.rows]).toEqual([count, count])
  expect([...found.values()].every(row => row[1] === v)).toBe(true)
}

describe('the index of keys', () => {
  it('is not there for new sessions', () => {
    const [bare, indexed] = [new Table({ segmentRows: 64 }), new Table({ segmentRows: 64 })]
    write(bare, sessions(3000, 0))
    write(indexed, sessions(3000, 0))
    for (const _ of indexed.prepare());
    expect(indexed.bytes - bare.bytes).toBeGreaterThanOrEqual(3000 * 6)
  })

  it.each([1, 63, 64, 65, 200])('finds %i sessions that are in segments and in the head', count => {
    for (const merged of [false, true]) {
      const table = new Table({ segmentRows: 64 })
      write(table, sessions(count, 0))
      if (merged) for (const _ of table.compact());
      write(table, sessions(count, 1))
      expectAll(table, count, 1)
      write(table, [...sessions(count, 2), ...sessions(count, 3)])
      expectAll(table, count, 3)
    }
  })

  it('finds what came in the same call', () => {
    const table = new Table({ segmentRows: 64 })
    write(table, [...sessions(100, 0), session(99, 1), session(3, 1), session(100, 1), session(99, 2)])
    const found = contents(table.snapshot())
    expect(found.size).toBe(101)
    expect(['s99', 's3', 's100', 's4'].map(id => found.get(`default/${id}`)![1])).toEqual([2, 1, 1, 0])
  })

  it('tells the sessions of two sources apart', () => {
    const table = new Table({ segmentRows: 64 })
    write(table, sessions(100, 0), 'a')
    write(table, sessions(100, 1), 'b')
    expect(table.rows).toBe(200)
    write(table, sessions(100, 2), 'a')
    expect(table.rows).toBe(200)
  })

  it('does not find what was dropped', () => {
    for (const upTo of [50_000, 1_000_000]) {
      const table = new Table({ segmentRows: 64 })
      write(table, sessions(100, 0))
      const left = 100 - table.dropBefore(upTo)
      expect(table.rows).toBe(left)
      write(table, sessions(100, 1))
      expectAll(table, 100, 1)
    }
  })

  it('does not find rows that were rolled back, nor rows that are open', () => {
    const table = new Table({ segmentRows: 64 })
    const ids = table.columns.get('session_id')!.dictionary!
    const [source, a, b] = [table.encodeSource('x'), ids.encode('a'), ids.encode('b')]
    table.rollback(table.begin(1))
    expect(table.commit(table.begin(1), source, b)).toBe(false)
    const first = table.beginRows(3)
    expect(table.commitRows(first, source, Uint32Array.of(a, b, a))).toBe(2)
    expect(table.rows).toBe(2)
  })
})
