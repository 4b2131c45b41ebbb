/**
 * Sorts rows of the head or of several segments into new sealed segments.
 * Work goes input by input and column by column, so that each loop sees one kind of array.
 */
import { hasBit, setBit, wordsFor } from '../column/bitset.js'
import { codesFor, type Codes, type Column, type Exponents, type NumberColumn, type StringColumn, type StringsColumn } from '../column/column.js'
import { ownMemory, type Memory } from '../column/memory.js'
import { Segment, type ColumnSet } from './segment.js'
import { sortedOrder } from './sort.js'

/** Dictionaries above this size get a coupon per row: looking it up through the code would miss the cache. */
const COUPON_COLUMN_CODES = 65_536

export interface GatherInput {
  readonly starts: Float64Array
  readonly columns: ColumnSet
  /** Row numbers to take, ascending. */
  readonly rows: Uint32Array
}

/** Live rows of [from, to). */
export function liveRows(from: number, to: number, deleted: Uint32Array | null): Uint32Array {
  const rows = new Uint32Array(to - from)
  let n = 0
  for (let row = from; row < to; row++) {
    if (deleted !== null && hasBit(deleted, row)) continue
    rows[n++] = row
  }
  return n === rows.length ? rows : rows.slice(0, n)
}

/** All rows of the inputs as segments of at most `capacity` rows, in time order. Their columns come to lie in `memory`. */
export function gather(inputs: readonly GatherInput[], capacity: number, memory: Memory = ownMemory): Segment[] {
  const filled = inputs.filter(input => input.rows.length > 0)
  const total = rowsOf(filled)
  if (total === 0) return []
  const starts = concatStarts(filled, total)
  const order = sortedOrder(starts)
  if (total <= capacity) return [build(filled, starts, order, memory)]
  return chunks(filled, order, total, capacity).map(chunk => gather(chunk, capacity, memory)[0])
}

/** Some columns of all rows of the inputs in time order, for one look at them; null without rows. */
export function gatherColumns(inputs: readonly GatherInput[], names: ReadonlySet<string>): Segment | null {
  const filled = inputs.filter(input => input.rows.length > 0)
  const total = rowsOf(filled)
  if (total === 0) return null
  const starts = concatStarts(filled, total)
  return build(filled, starts, sortedOrder(starts), ownMemory, names)
}

function rowsOf(inputs: readonly GatherInput[]): number {
  return inputs.reduce((sum, input) => sum + input.rows.length, 0)
}

/** The inputs cut so that each piece has the next `capacity` rows; the sort is stable, so a piece of an input is contiguous. */
function chunks(inputs: readonly GatherInput[], order: Uint32Array | null, total: number, capacity: number): GatherInput[][] {
  const inputOf = new Uint32Array(total)
  let at = 0
  inputs.forEach((input, k) => {
    inputOf.fill(k, at, at + input.rows.length)
    at += input.rows.length
  })
  const taken = new Uint32Array(inputs.length)
  const result: GatherInput[][] = []
  for (let from = 0; from < total; from += capacity) {
    const counts = new Uint32Array(inputs.length)
    for (let i = from; i < Math.min(total, from + capacity); i++) counts[inputOf[order === null ? i : order[i]]]++
    result.push(inputs.map((input, k) => {
      const rows = input.rows.subarray(taken[k], taken[k] + counts[k])
      taken[k] += counts[k]
      return { ...input, rows }
    }))
  }
  return result
}

function concatStarts(inputs: readonly GatherInput[], total: number): Float64Array {
  const starts = new Float64Array(total)
  let at = 0
  for (const { starts: from, rows } of inputs) {
    for (let i = 0; i < rows.length; i++) starts[at++] = from[rows[i]]
  }
  return starts
}

/** @param names columns that are wanted, without coupons; null where all are. */
function build(
  inputs: readonly GatherInput[], starts: Float64Array, order: Uint32Array | null, memory: Memory, names: ReadonlySet<string> | null = null
): Segment {
  const total = starts.length
  const positions = new Uint32Array(total)
  const sorted = new Float64Array(memory(total * 8))
  for (let i = 0; i < total; i++) {
    const from = order === null ? i : order[i]
    positions[from] = i
    sorted[i] = starts[from]
  }
  const columns = new Map<string, Column>()
  for (const name of names ?? new Set(inputs.flatMap(input => [...input.columns.keys()]))) {
    const sample = inputs.find(input => input.columns.has(name))?.columns.get(name)
    if (sample !== undefined) columns.set(name, gatherColumn(inputs, name, sample, positions, memory, names === null))
  }
  return Segment.of(sorted, columns)
}

function gatherColumn(
  inputs: readonly GatherInput[], name: string, sample: Column, positions: Uint32Array, memory: Memory, isKept: boolean
): Column {
  const total = positions.length
  switch (sample.type) {
    case 'string': return gatherString(inputs, name, sample, positions, memory, isKept)
    case 'number': return gatherNumber(inputs, name, positions, total, memory)
    case 'strings': return gatherStrings(inputs, name, sample, positions, total, memory)
  }
}

/** Calls back with each input that has the column, and the positions of its rows in the output. */
function eachInput<C extends Column>(
  inputs: readonly GatherInput[], name: string, positions: Uint32Array,
  visit: (column: C, rows: Uint32Array, to: Uint32Array) => void
): void {
  let at = 0
  for (const { columns, rows } of inputs) {
    const column = columns.get(name) as C | undefined
    if (column !== undefined) visit(column, rows, positions.subarray(at, at + rows.length))
    at += rows.length
  }
}

function gatherString(
  inputs: readonly GatherInput[], name: string, sample: StringColumn, positions: Uint32Array, memory: Memory, isKept: boolean
): StringColumn {
  const { dictionary } = sample
  const total = positions.length
  const codes = codesFor(dictionary.size, total, memory)
  eachInput<StringColumn>(inputs, name, positions, (column, rows, to) => {
    const from: Codes = column.codes
    for (let i = 0; i < rows.length; i++) codes[to[i]] = from[rows[i]]
  })
  if (!isKept || dictionary.size <= COUPON_COLUMN_CODES) return { type: 'string', dictionary, codes, coupons: null }
  const ofCodes = dictionary.coupons()
  const coupons = new Uint32Array(memory(total * 4))
  for (let i = 0; i < total; i++) coupons[i] = ofCodes[codes[i]]
  return { type: 'string', dictionary, codes, coupons }
}

function gatherNumber(inputs: readonly GatherInput[], name: string, positions: Uint32Array, total: number, memory: Memory): NumberColumn {
  const values = new Float64Array(memory(total * 8))
  const valid = new Uint32Array(memory(wordsFor(total) * 4))
  let count = 0
  let exponents: Exponents | null = null
  eachInput<NumberColumn>(inputs, name, positions, (column, rows, to) => {
    for (let i = 0; i < rows.length; i++) {
      if (column.valid !== null && !hasBit(column.valid, rows[i])) continue
      values[to[i]] = column.values[rows[i]]
      setBit(valid, to[i])
      count++
    }
    exponents = exponents === null ? column.exponents : widen(exponents, column.exponents)
  })
  return { type: 'number', values, valid: count === total ? null : valid, exponents: exponents ?? { top: 0, bottom: 0 } }
}

function widen(a: Exponents, b: Exponents): Exponents {
  return { top: Math.max(a.top, b.top), bottom: Math.min(a.bottom, b.bottom) }
}

function gatherStrings(
  inputs: readonly GatherInput[], name: string, sample: StringsColumn, positions: Uint32Array, total: number, memory: Memory
): StringsColumn {
  const { dictionary } = sample
  const offsets = new Uint32Array(memory((total + 1) * 4))
  eachInput<StringsColumn>(inputs, name, positions, (column, rows, to) => {
    for (let i = 0; i < rows.length; i++) offsets[to[i] + 1] = column.offsets[rows[i] + 1] - column.offsets[rows[i]]
  })
  for (let i = 0; i < total; i++) offsets[i + 1] += offsets[i]
  const codes = codesFor(dictionary.size, offsets[total], memory)
  eachInput<StringsColumn>(inputs, name, positions, (column, rows, to) => {
    const from = column.codes
    for (let i = 0; i < rows.length; i++) {
      let target = offsets[to[i]]
      for (let item = column.offsets[rows[i]]; item < column.offsets[rows[i] + 1]; item++) codes[target++] = from[item]
    }
  })
  return { type: 'strings', dictionary, offsets, codes }
}
