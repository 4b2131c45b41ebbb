import { describe, expect, it } from 'vitest'
import { exponentsOf, type NumberColumn, type StringColumn } from '../../../engine/column/column.js'
import { QueryColumns, withDerived, type ColumnInfo } from '../../../engine/column/derived.js'
import { Dictionary } from '../../../engine/column/dictionary.js'
import { Segment } from '../../../engine/table/segment.js'
import type { DerivedColumn } from '../../../dsl/query.js'

function numbers(list: readonly (number | null)[]): NumberColumn {
  const values = Float64Array.from(list, value => value ?? 0)
  const valid = Uint32Array.of(list.reduce<number>((bits, value, row) => value === null ? bits : bits | (1 << row), 0))
  return { type: 'number', values, valid, exponents: exponentsOf(values, values.length) }
}

function texts(list: readonly (string | null)[], dictionary: Dictionary): StringColumn {
  return { type: 'string', dictionary, codes: Uint8Array.from(list, text => text === null ? 0 : dictionary.encode(text)), coupons: null }
}

function read(column: NumberColumn | StringColumn, derived: DerivedColumn): (number | null)[] {
  const rows = column.type === 'number' ? column.values.length : column.codes.length
  const stored: ReadonlyMap<string, ColumnInfo> =
    new Map([['a', { type: column.type, dictionary: column.type === 'number' ? null : column.dictionary }]])
  const reader = new QueryColumns(withDerived(stored, [derived])).reader(Segment.of(new Float64Array(rows), new Map([['a', column]])))
  const { values, valid } = reader.column(derived.name) as NumberColumn
  return Array.from(values, (value, row) => valid !== null && (valid[0]! & (1 << row)) === 0 ? null : value)
}

describe('derived columns', () => {
  it('cut numbers off towards zero', () => {
    const derived = { type: 'number', name: 'b', column: 'a', whole: true } as const
    expect(read(numbers([1.9, -1.9, null, -0.5, 3]), derived)).toEqual([1, -1, null, 0, 3])
    expect(Object.is(read(numbers([-0.5]), derived)[0], 0)).toBe(true)
  })

  it('read texts as numbers', () => {
    const column = texts(['1200', null, '12.75', 'x', '1200', ''], new Dictionary())
    expect(read(column, { type: 'number', name: 'b', column: 'a', whole: false })).toEqual([1200, null, 12.75, null, 1200, null])
    expect(read(column, { type: 'number', name: 'b', column: 'a', whole: true })).toEqual([1200, null, 12, null, 1200, null])
  })

  it('tell how their sums stay exact', () => {
    const reader = new QueryColumns(withDerived(new Map([['a', { type: 'number', dictionary: null }]]), [{ type: 'number', name: 'b', column: 'a', whole: true }]))
      .reader(Segment.of(new Float64Array(2), new Map([['a', numbers([5.5, 2.25])]])))
    expect((reader.column('b') as NumberColumn).exponents).toEqual({ top: 2, bottom: 0 })
  })

  it('are missing in every row where nothing is stored', () => {
    expect(read(numbers([1, 2]), { type: 'missing', name: 'b', of: 'number' })).toEqual([null, null])
    const reader = new QueryColumns(withDerived(new Map(), [{ type: 'missing', name: 'b', of: 'string' }])).reader(Segment.of(new Float64Array(2), new Map()))
    expect(reader.column('b')).toMatchObject({ type: 'string', codes: Uint8Array.of(0, 0) })
  })

  it('are read once for a segment', () => {
    const reader = new QueryColumns(withDerived(new Map([['a', { type: 'number', dictionary: null }]]), [{ type: 'number', name: 'b', column: 'a', whole: true }]))
      .reader(Segment.of(new Float64Array(1), new Map([['a', numbers([5.5])]])))
    expect(reader.column('b')).toBe(reader.column('b'))
  })
})
