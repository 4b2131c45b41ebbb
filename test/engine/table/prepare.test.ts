/** A stored table gets its index of keys in steps, between which it may change. */
import { describe, expect, it } from 'vitest'
import { Table } from '../../../engine/table/table.js'
import { Random } from '../../support/random.js'
import { contents, write } from './tables.js'

const SESSIONS = 3000

function sessions(seed: number): { session_id: string; started_at: number; v: number }[] {
  const random = new Random(seed)
  return Array.from({ length: SESSIONS }, (_, i) => ({ session_id: `s${i}`, started_at: random.between(0, 1_000_000), v: i }))
}

/** As a table is after opening: sealed segments that overlap in time, no index of keys. */
function storedTable(rows: readonly object[]): Table {
  const written = new Table({ segmentRows: 64 })
  write(written, rows)
  written.sealHead()
  const table = new Table({ segmentRows: 64 })
  table.restore(written.image())
  return table
}

describe('the keys of a stored table', () => {
  it('are found again, whatever happens while they are indexed', () => {
    const rows = sessions(1)
    for (const steps of [0, 1, 20, 10_000]) {
      for (const change of [() => { /* none */ }, (table: Table) => { for (const _ of table.compact()); }, (table: Table) => table.dropBefore(300_000)]) {
        const table = storedTable(rows)
        const preparing = table.prepare()
        for (let i = 0; i < steps; i++) preparing.next()
        change(table)
        for (const _ of preparing);
        write(table, rows.map(({ session_id, started_at, v }) => ({ session_id, started_at, v: v + SESSIONS })))
        const found = contents(table.snapshot())
        expect(found.size).toBe(SESSIONS)
        expect(table.rows).toBe(SESSIONS)
        expect([...found.values()].every(([, v]) => v >= SESSIONS)).toBe(true)
      }
    }
  })

  it('may be asked for before that', () => {
    const rows = sessions(2)
    const table = storedTable(rows)
    const preparing = table.prepare()
    for (let i = 0; i < 10; i++) preparing.next()
    write(table, rows.slice(0, 500).map(({ session_id, started_at }) => ({ session_id, started_at, v: -1 })))
    for (const _ of preparing);
    write(table, rows.slice(400, 600).map(({ session_id, started_at }) => ({ session_id, started_at, v: -2 })))
    const found = contents(table.snapshot())
    expect(found.size).toBe(SESSIONS)
    expect([...found.values()].filter(([, v]) => v < 0).length).toBe(600)
  })
})

describe('the keys of a table that a load fills meanwhile', () => {
  it('are indexed before it ends, and found', () => {
    const table = storedTable(sessions(3))
    let steps = 0
    let next = SESSIONS
    // Each step lets a segment come.
    for (const preparing = table.prepare(); preparing.next().done !== true; steps++) {
      write(table, Array.from({ length: 64 }, () => ({ session_id: `s${next}`, started_at: next, v: next++ })))
      expect(steps).toBeLessThan(SESSIONS / 64 + 2)
      if (steps > 0 && steps % 10 === 0) for (const _ of table.compact());
    }
    write(table, Array.from({ length: next }, (_, i) => ({ session_id: `s${i}`, started_at: i, v: -1 })))
    const found = contents(table.snapshot())
    expect([found.size, table.rows]).toEqual([next, next])
    expect([...found.values()].every(([, v]) => v === -1)).toBe(true)
  })
})
