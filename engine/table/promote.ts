/**
 * A column whose rows disagree about its type takes the type that holds them all: number < string < strings.
 * So the type, and every answer, is the same whichever row came first.
 */
import { hasBit } from '../column/bitset.js'
import { codesFor } from '../column/codes.js'
import type { Column } from '../column/column.js'
import { wordsIn, type Memory } from '../column/memory.js'
import type { ColumnType } from '../../dsl/query.js'
import { Dictionary } from '../column/dictionary.js'
import { HeadColumn } from './head.js'
import type { Segment } from './segment.js'

/** The segment with one column turned into `type`, a wider one than it has. */
export function promoteSegment(segment: Segment, name: string, type: ColumnType, dictionary: Dictionary, memory: Memory): Segment {
  const column = segment.columns.get(name)
  if (column === undefined) return segment
  return segment.with(name, promoteColumn(column, segment.rows, type, dictionary, memory))
}

/** The head's column, filled up to `rows`, as a head column of the wider type. */
export function promoteHead(column: HeadColumn, rows: number, capacity: number, type: ColumnType, dictionary: Dictionary): HeadColumn {
  const promoted = new HeadColumn(type, dictionary, capacity)
  const codes = scalarCodes(column.view(0, rows), rows, dictionary)
  for (let row = 0; row < rows; row++) {
    if (codes[row] === 0) continue
    if (type === 'strings') promoted.addItem(row, codes[row])
    else promoted.setCode(row, codes[row])
  }
  return promoted
}

function promoteColumn(column: Column, rows: number, type: ColumnType, dictionary: Dictionary, memory: Memory): Column {
  const codes = scalarCodes(column, rows, dictionary)
  if (type === 'string') {
    const narrow = codesFor(dictionary.size, rows, memory)
    narrow.set(codes)
    return { type, dictionary, codes: narrow, coupons: null }
  }
  const offsets = wordsIn(memory, rows + 1)
  for (let row = 0; row < rows; row++) offsets[row + 1] = offsets[row] + (codes[row] === 0 ? 0 : 1)
  const items = codesFor(dictionary.size, offsets[rows], memory)
  for (let row = 0; row < rows; row++) if (codes[row] !== 0) items[offsets[row]] = codes[row]
  return { type: 'strings', dictionary, offsets, codes: items }
}

/** Codes of the rows of a number or string column in `dictionary`. */
function scalarCodes(column: Column, rows: number, dictionary: Dictionary): Uint32Array {
  const codes = new Uint32Array(rows)
  if (column.type === 'string') {
    codes.set(column.codes.subarray(0, rows))
    return codes
  }
  if (column.type === 'strings') throw new TypeError('an array column has no wider type')
  for (let row = 0; row < rows; row++) {
    if (column.valid === null || hasBit(column.valid, row)) codes[row] = dictionary.encode(String(column.values[row]))
  }
  return codes
}
