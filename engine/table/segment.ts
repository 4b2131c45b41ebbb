/**
 * A sealed segment: rows sorted by start, columns immutable.
 */
import { columnBytes, type Column, type NumberColumn, type StringColumn, type StringsColumn } from '../column/column.js'
import type { ColumnType } from '../../dsl/query.js'
import type { Dictionary } from '../column/dictionary.js'
import { isShared, sharedMemory, type Memory } from '../column/memory.js'
import { sharedColumn, tailOfColumn, tailOfNumbers } from './tail.js'

/** Columns by name; the value of a stored one is read when it is asked for. */
export interface ColumnSet {
  has(name: string): boolean
  get(name: string): Column | undefined
  keys(): Iterable<string>
}

/** Where the rows of a segment are: in memory, or in a file. */
export interface SegmentContents {
  readonly rows: number
  /** Starts of the first and the last row, epoch ms. */
  readonly first: number
  readonly last: number
  readonly starts: Float64Array
  readonly columns: ColumnSet
  /** Bytes held in memory as long as the segment is, whether it is read or not. */
  readonly bytes: number
  /** Bytes of a column when it is in memory, 0 where there is none. */
  bytesOf(name: string): number
  /** Puts starts and these columns into shared memory, as far as they are in memory and not there yet. */
  share(names: readonly string[]): void
  /** The rows from `row` on, which begins a word of bits, in memory of their own; null where the rows are in no memory. */
  tail(row: number, memory: Memory): SegmentContents | null
}

export class Segment {
  readonly rows: number
  readonly first: number
  readonly last: number
  readonly columns: ColumnSet
  private readonly contents: SegmentContents

  constructor(contents: SegmentContents) {
    this.contents = contents
    this.rows = contents.rows
    this.first = contents.first
    this.last = contents.last
    this.columns = contents.columns
  }

  /** A segment in memory, to which the columns belong from now on. */
  static of(starts: Float64Array, columns: Map<string, Column>): Segment {
    return new Segment(new MemoryContents(starts, columns))
  }

  /** Epoch ms, ascending. */
  get starts(): Float64Array { return this.contents.starts }

  get bytes(): number { return this.contents.bytes }

  /** Start of a row; of the first and the last without reading any. */
  startOf(row: number): number {
    return row === 0 ? this.first : row === this.rows - 1 ? this.last : this.starts[row]
  }

  /** The rows from `row` on, which begins a word of bits, in memory of their own; null where that would save none. */
  tail(row: number, memory: Memory): Segment | null {
    const contents = this.contents.tail(row, memory)
    return contents === null ? null : new Segment(contents)
  }

  /** First row in [from, rows) whose start is at or after `time`; read only where `time` lies inside. */
  lowerBound(time: number, from: number): number {
    if (time > this.last) return this.rows
    return time <= this.first ? from : lowerBound(this.starts, time, from, this.rows)
  }

  /** Puts starts and these columns into shared memory, as far as they are in memory and not there yet. */
  share(names: readonly string[]): void {
    this.contents.share(names)
  }

  bytesOf(name: string): number {
    return name === 'started_at' ? this.rows * 8 : this.contents.bytesOf(name)
  }

  /** This segment with one column in the place of another. */
  with(name: string, column: Column): Segment {
    return new Segment(new ReplacedContents(this.contents, name, column))
  }

  /** A column, all missing where no row of this segment has it. */
  column(name: string, type: ColumnType, dictionary: Dictionary | null): Column {
    const column = this.columns.get(name)
    if (column !== undefined) return column
    if (name === 'started_at') return startColumn(this.starts)
    return missingColumn(type, dictionary, this.rows)
  }
}

class MemoryContents implements SegmentContents {
  starts: Float64Array
  readonly columns: Map<string, Column>
  readonly bytes: number

  constructor(starts: Float64Array, columns: Map<string, Column>) {
    this.starts = starts
    this.columns = columns
    let bytes = starts.byteLength
    for (const column of columns.values()) bytes += columnBytes(column)
    this.bytes = bytes
  }

  get rows(): number { return this.starts.length }
  get first(): number { return this.starts[0] }
  get last(): number { return this.starts[this.rows - 1] }

  bytesOf(name: string): number {
    const column = this.columns.get(name)
    return column === undefined ? 0 : columnBytes(column)
  }

  share(names: readonly string[]): void {
    if (!isShared(this.starts)) this.starts = tailOfNumbers(this.starts, 0, sharedMemory)
    for (const name of names) {
      const column = this.columns.get(name)
      if (column !== undefined) this.columns.set(name, sharedColumn(column))
    }
  }

  tail(row: number, memory: Memory): SegmentContents {
    const columns = new Map([...this.columns].map(([name, column]) => [name, tailOfColumn(column, row, memory)]))
    return new MemoryContents(tailOfNumbers(this.starts, row, memory), columns)
  }
}

class ReplacedContents implements SegmentContents {
  readonly columns: ColumnSet
  private readonly below: SegmentContents
  private readonly name: string
  private readonly ownBytes: number
  private column: Column

  constructor(below: SegmentContents, name: string, column: Column) {
    this.below = below
    this.name = name
    this.ownBytes = columnBytes(column)
    this.column = column
    this.columns = {
      has: other => below.columns.has(other),
      get: other => other === name ? this.column : below.columns.get(other),
      keys: () => below.columns.keys()
    }
  }

  get rows(): number { return this.below.rows }
  get first(): number { return this.below.first }
  get last(): number { return this.below.last }
  get starts(): Float64Array { return this.below.starts }
  get bytes(): number { return this.below.bytes + this.ownBytes }

  bytesOf(name: string): number {
    return name === this.name ? this.ownBytes : this.below.bytesOf(name)
  }

  share(names: readonly string[]): void {
    this.below.share(names.filter(name => name !== this.name))
    if (names.includes(this.name)) this.column = sharedColumn(this.column)
  }

  tail(row: number, memory: Memory): SegmentContents | null {
    const below = this.below.tail(row, memory)
    return below === null ? null : new ReplacedContents(below, this.name, tailOfColumn(this.column, row, memory))
  }
}

/** First row in [from, to) whose start is at or after `time`. */
export function lowerBound(starts: Float64Array, time: number, from: number, to: number): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (starts[middle] < time) low = middle + 1
    else high = middle
  }
  return low
}

function startColumn(starts: Float64Array): NumberColumn {
  // Epoch milliseconds are integers below 2^53: two chunks of the exact sum.
  return { type: 'number', values: starts, valid: null, exponents: { top: 52, bottom: 0 } }
}

/** A column in which no row has a value. */
export function missingColumn(type: ColumnType, dictionary: Dictionary | null, rows: number): Column {
  switch (type) {
    case 'number':
      return {
        type, values: new Float64Array(rows), valid: new Uint32Array((rows + 31) >>> 5), exponents: { top: 0, bottom: 0 }
      }
    case 'string':
      return { type, dictionary: dictionary!, codes: new Uint8Array(rows), coupons: null } satisfies StringColumn
    case 'strings':
      return {
        type, dictionary: dictionary!, offsets: new Uint32Array(rows + 1), codes: new Uint8Array(0)
      } satisfies StringsColumn
  }
}
