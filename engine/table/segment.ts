/**
 * A sealed segment: rows sorted by start, columns immutable.
 */
import { columnBytes, type Column, type NumberColumn, type StringColumn, type StringsColumn } from '../column/column.js'
import type { ColumnType } from '../../dsl/query.js'
import type { Dictionary } from '../column/dictionary.js'

export class Segment {
  readonly rows: number
  /** Epoch ms, ascending. */
  readonly starts: Float64Array
  readonly columns: ReadonlyMap<string, Column>
  readonly bytes: number

  constructor(starts: Float64Array, columns: ReadonlyMap<string, Column>) {
    this.rows = starts.length
    this.starts = starts
    this.columns = columns
    let bytes = starts.byteLength
    for (const column of columns.values()) bytes += columnBytes(column)
    this.bytes = bytes
  }

  get first(): number { return this.starts[0] }
  get last(): number { return this.starts[this.rows - 1] }

  /** A column, all missing where no row of this segment has it. */
  column(name: string, type: ColumnType, dictionary: Dictionary | null): Column {
    const column = this.columns.get(name)
    if (column !== undefined) return column
    if (name === 'started_at') return startColumn(this.starts)
    return missingColumn(type, dictionary, this.rows)
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
