/** A number column made of plain values, null where missing. */
import { setBit, wordsFor } from '../../../engine/column/bitset.js'
import { exponentsOf, type NumberColumn } from '../../../engine/column/column.js'
import type { ColumnReader } from '../../../engine/filter/filter.js'

export function numberColumn(cells: readonly (number | null)[]): NumberColumn {
  const values = Float64Array.from(cells, cell => cell ?? 0)
  const valid = new Uint32Array(wordsFor(cells.length))
  cells.forEach((cell, row) => { if (cell !== null) setBit(valid, row) })
  return { type: 'number', values, valid: cells.includes(null) ? valid : null, exponents: exponentsOf(values, values.length) }
}

export function readerOf(cells: readonly (number | null)[]): ColumnReader {
  const column = numberColumn(cells)
  return { column: () => column }
}

/** For aggregations from which nothing is taken back. */
export const never = (): void => { throw new Error('a group was spoiled') }
