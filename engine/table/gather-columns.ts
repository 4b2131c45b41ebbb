/**
 * Columns of a new segment out of those of its inputs. The loops stand in functions of their own, so that they are compiled once:
 * in a closure each would be compiled anew for every column.
 */
import { hasBit, setBit, wordsFor } from '../column/bitset.js'
import { codesFor, type Codes } from '../column/codes.js'
import type { Column, Exponents, NumberColumn, StringColumn, StringsColumn } from '../column/column.js'
import { doublesIn, wordsIn, type Memory } from '../column/memory.js'
import type { ColumnSet } from './segment.js'

export interface GatherInput {
  readonly starts: Float64Array
  readonly columns: ColumnSet
  /** Row numbers to take, ascending. */
  readonly rows: Uint32Array
}

/** Dictionaries above this size get a coupon per row: looking it up through the code would miss the cache. */
const COUPON_COLUMN_CODES = 65_536

/** @param positions in the new column of the inputs' rows, input by input; @param isKept the column is for more than one look */
export function gatherColumn(
  inputs: readonly GatherInput[], name: string, sample: Column, positions: Uint32Array, memory: Memory, isKept: boolean
): Column {
  const total = positions.length
  switch (sample.type) {
    case 'string': return gatherString(piecesOf<StringColumn>(inputs, name, positions), sample, total, memory, isKept)
    case 'number': return gatherNumber(piecesOf<NumberColumn>(inputs, name, positions), total, memory)
    case 'strings': return gatherStrings(piecesOf<StringsColumn>(inputs, name, positions), sample, total, memory)
  }
}

/** Rows of an input that has the column, and their positions in the new one. */
interface Piece<C extends Column> {
  readonly column: C
  readonly rows: Uint32Array
  readonly to: Uint32Array
}

function piecesOf<C extends Column>(inputs: readonly GatherInput[], name: string, positions: Uint32Array): Piece<C>[] {
  const pieces: Piece<C>[] = []
  let at = 0
  for (const { columns, rows } of inputs) {
    const column = columns.get(name) as C | undefined
    if (column !== undefined) pieces.push({ column, rows, to: positions.subarray(at, at + rows.length) })
    at += rows.length
  }
  return pieces
}

function gatherString(
  pieces: readonly Piece<StringColumn>[], { dictionary }: StringColumn, total: number, memory: Memory, isKept: boolean
): StringColumn {
  const codes = codesFor(dictionary.size, total, memory)
  for (const { column, rows, to } of pieces) move(column.codes, rows, codes, to)
  if (!isKept || dictionary.size <= COUPON_COLUMN_CODES) return { type: 'string', dictionary, codes, coupons: null }
  const coupons = wordsIn(memory, total)
  for (const { column, rows, to } of pieces) {
    if (column.coupons === null) moveTranslated(column.codes, dictionary.coupons(), rows, coupons, to)
    else move(column.coupons, rows, coupons, to)
  }
  return { type: 'string', dictionary, codes, coupons }
}

function gatherNumber(pieces: readonly Piece<NumberColumn>[], total: number, memory: Memory): NumberColumn {
  const values = doublesIn(memory, total)
  const exponents = pieces.map(({ column }) => column.exponents).reduce(widen)
  if (pieces.every(({ column }) => column.valid === null) && rowsOf(pieces) === total) {
    for (const { column, rows, to } of pieces) moveNumbers(column.values, rows, values, to)
    return { type: 'number', values, valid: null, exponents }
  }
  const valid = wordsIn(memory, wordsFor(total))
  let count = 0
  for (const { column, rows, to } of pieces) count += moveValid(column, rows, values, valid, to)
  return { type: 'number', values, valid: count === total ? null : valid, exponents }
}

function rowsOf(pieces: readonly Piece<Column>[]): number {
  return pieces.reduce((sum, { rows }) => sum + rows.length, 0)
}

function widen(a: Exponents, b: Exponents): Exponents {
  return { top: Math.max(a.top, b.top), bottom: Math.min(a.bottom, b.bottom) }
}

function gatherStrings(pieces: readonly Piece<StringsColumn>[], { dictionary }: StringsColumn, total: number, memory: Memory): StringsColumn {
  const offsets = wordsIn(memory, total + 1)
  for (const { column, rows, to } of pieces) moveCounts(column.offsets, rows, offsets, to)
  for (let i = 0; i < total; i++) offsets[i + 1] += offsets[i]
  const codes = codesFor(dictionary.size, offsets[total], memory)
  for (const { column, rows, to } of pieces) moveItems(column, rows, codes, offsets, to)
  return { type: 'strings', dictionary, offsets, codes }
}

function move(from: Codes, rows: Uint32Array, into: Codes, to: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) into[to[i]] = from[rows[i]]
}

function moveTranslated(from: Codes, table: Uint32Array, rows: Uint32Array, into: Uint32Array, to: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) into[to[i]] = table[from[rows[i]]]
}

function moveNumbers(from: Float64Array, rows: Uint32Array, into: Float64Array, to: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) into[to[i]] = from[rows[i]]
}

/** Returns how many there are. */
function moveValid({ values, valid }: NumberColumn, rows: Uint32Array, into: Float64Array, intoValid: Uint32Array, to: Uint32Array): number {
  let count = 0
  for (let i = 0; i < rows.length; i++) {
    if (valid !== null && !hasBit(valid, rows[i])) continue
    into[to[i]] = values[rows[i]]
    setBit(intoValid, to[i])
    count++
  }
  return count
}

/** The number of items of each row, behind the place where they will begin. */
function moveCounts(from: Uint32Array, rows: Uint32Array, into: Uint32Array, to: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) into[to[i] + 1] = from[rows[i] + 1] - from[rows[i]]
}

function moveItems({ offsets, codes }: StringsColumn, rows: Uint32Array, into: Codes, begins: Uint32Array, to: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) {
    let target = begins[to[i]]
    for (let item = offsets[rows[i]]; item < offsets[rows[i] + 1]; item++) into[target++] = codes[item]
  }
}
