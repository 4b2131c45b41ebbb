/**
 * The open head: rows in the order in which they came, columns that grow.
 * Sealing (gather.ts) sorts them into a segment.
 */
import { Dictionary } from '../column/dictionary.js'
import { countBits, hasBit, setBit, wordsFor } from '../column/bitset.js'
import { exponentsOf, type Column } from '../column/column.js'
import type { ColumnType } from '../../dsl/query.js'

const FIRST_ROWS = 256
/** Up to here an array's elements are compared one by one; a Set for each short array would cost more. */
const SHORT_ARRAY = 32

export class HeadColumn {
  readonly type: ColumnType
  readonly dictionary: Dictionary | null
  private codes = new Uint32Array(0)
  private values = new Float64Array(0)
  private valid = new Uint32Array(0)
  private ends = new Uint32Array(0)
  private items = new Uint32Array(0)
  private itemCount = 0
  private filled = 0
  /** The last row with a long array, and its elements. */
  private longRow = -1
  private longItems = new Set<number>()

  constructor(type: ColumnType, dictionary: Dictionary | null, capacity: number) {
    this.type = type
    this.dictionary = dictionary
    this.reserve(capacity)
  }

  reserve(capacity: number): void {
    switch (this.type) {
      case 'string': this.codes = resize(this.codes, capacity); break
      case 'number':
        this.values = resizeFloat(this.values, capacity)
        this.valid = resize(this.valid, wordsFor(capacity))
        break
      case 'strings': this.ends = resize(this.ends, capacity)
    }
  }

  setCode(row: number, code: number): void {
    this.codes[row] = code
  }

  /** Codes of `count` rows from `row` on. */
  setCodes(row: number, codes: Uint32Array, count: number): void {
    this.codes.set(codes.subarray(0, count), row)
  }

  codeAt(row: number): number {
    return this.codes[row]
  }

  setNumber(row: number, value: number): void {
    this.values[row] = value
    setBit(this.valid, row)
  }

  /** Numbers of `count` rows from `row` on, where `present` is 1. */
  setNumbers(row: number, numbers: Float64Array, present: Uint32Array, count: number): void {
    const { values, valid } = this
    for (let i = 0; i < count; i++) {
      if (present[i] === 0) continue
      values[row + i] = numbers[i]
      setBit(valid, row + i)
    }
  }

  /** Appends one element of the row's array; an element that the row has already is dropped. */
  addItem(row: number, code: number): void {
    this.fillTo(row)
    const begin = row === 0 ? 0 : this.ends[row - 1]
    if (this.itemCount - begin <= SHORT_ARRAY) {
      for (let i = begin; i < this.itemCount; i++) if (this.items[i] === code) return
    } else {
      if (this.longRow !== row) this.longItems = new Set(this.items.subarray(begin, this.itemCount))
      this.longRow = row
      if (this.longItems.has(code)) return
      this.longItems.add(code)
    }
    if (this.itemCount === this.items.length) this.items = resize(this.items, Math.max(64, this.itemCount * 2))
    this.items[this.itemCount++] = code
    this.ends[row] = this.itemCount
  }

  /** This column over the rows [from, to), without copying more than offsets; `from` begins a word of bits. */
  view(from: number, to: number): Column {
    const rows = to - from
    switch (this.type) {
      case 'string': return { type: 'string', dictionary: this.dictionary!, codes: this.codes.subarray(from, to), coupons: null }
      case 'number': {
        const values = this.values.subarray(from, to)
        const valid = countBits(this.valid, from, to) === rows ? null : this.valid.subarray(from >>> 5)
        return { type: 'number', values, valid, exponents: exponentsOf(values, rows) }
      }
      case 'strings': {
        this.fillTo(to - 1)
        const offsets = new Uint32Array(rows + 1)
        offsets[0] = from === 0 ? 0 : this.ends[from - 1]
        offsets.set(this.ends.subarray(from, to), 1)
        return { type: 'strings', dictionary: this.dictionary!, offsets, codes: this.items.subarray(0, this.itemCount) }
      }
    }
  }

  get bytes(): number {
    return this.codes.byteLength + this.values.byteLength + this.valid.byteLength + this.ends.byteLength + this.items.byteLength
  }

  /** Rows that never got an element end where the row before them ends. */
  private fillTo(row: number): void {
    for (let i = this.filled; i <= row; i++) this.ends[i] = this.itemCount
    if (row >= this.filled) this.filled = row + 1
  }
}

export class Head {
  rows = 0
  capacity = 0
  starts = new Float64Array(0)
  readonly columns = new Map<string, HeadColumn>()
  /** A bit per row that a later row replaced. */
  deleted: Uint32Array | null = null
  readonly limit: number
  private readonly expected: number

  /** @param expected rows that it will have, as far as can be told: room for them comes at once */
  constructor(limit: number, expected = FIRST_ROWS) {
    this.limit = limit
    this.expected = expected
  }

  get full(): boolean { return this.rows === this.limit }

  /** The earliest and the latest start of its live rows. */
  get span(): readonly [first: number, last: number] {
    let first = Infinity
    let last = -Infinity
    for (let row = 0; row < this.rows; row++) {
      if (this.deleted !== null && hasBit(this.deleted, row)) continue
      first = Math.min(first, this.starts[row])
      last = Math.max(last, this.starts[row])
    }
    return [first, last]
  }

  column(name: string, type: ColumnType, dictionary: Dictionary | null): HeadColumn {
    let column = this.columns.get(name)
    if (column === undefined) {
      column = new HeadColumn(type, dictionary, this.capacity)
      this.columns.set(name, column)
    }
    return column
  }

  /** Opens the next row and returns its number. */
  append(start: number): number {
    if (this.rows === this.capacity) this.growTo(Math.min(this.limit, Math.max(this.expected, this.capacity * 2)))
    this.starts[this.rows] = start
    return this.rows++
  }

  /** Opens `count` rows, which fit, and returns the first. */
  extend(count: number): number {
    const first = this.rows
    this.rows += count
    if (this.rows > this.capacity) this.growTo(Math.min(this.limit, Math.max(this.expected, this.capacity * 2, this.rows)))
    return first
  }

  delete(row: number): void {
    this.deleted ??= new Uint32Array(wordsFor(this.limit))
    setBit(this.deleted, row)
  }

  /** Starts and columns (those of `names`, or all) of the rows from `from` on, which begins a word of bits. */
  part(from: number, names: ReadonlySet<string> | null = null): { readonly starts: Float64Array, readonly columns: ReadonlyMap<string, Column> } {
    const columns = new Map<string, Column>()
    for (const [name, column] of this.columns) if (names === null || names.has(name)) columns.set(name, column.view(from, this.rows))
    return { starts: this.starts.subarray(from, this.rows), columns }
  }

  get bytes(): number {
    let bytes = this.starts.byteLength
    for (const column of this.columns.values()) bytes += column.bytes
    return bytes
  }

  private growTo(capacity: number): void {
    this.capacity = capacity
    this.starts = resizeFloat(this.starts, capacity)
    for (const column of this.columns.values()) column.reserve(capacity)
  }
}

function resize(array: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const resized = new Uint32Array(length)
  resized.set(array)
  return resized
}

function resizeFloat(array: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const resized = new Float64Array(length)
  resized.set(array)
  return resized
}
