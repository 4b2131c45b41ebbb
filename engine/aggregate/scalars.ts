import { hasBit } from '../column/bitset.js'
import type { NumberColumn, StringColumn } from '../column/column.js'
import type { Dictionary } from '../column/dictionary.js'
import type { ColumnReader } from '../filter/filter.js'

/** One string or number column as doubles, numbers as they are and strings as their codes; NaN is missing. */
export class Scalars {
  private readonly field: string
  private column: NumberColumn | StringColumn | null = null
  private dictionary: Dictionary | null = null

  constructor(field: string) {
    this.field = field
  }

  bind(reader: ColumnReader): void {
    this.column = reader.column(this.field) as NumberColumn | StringColumn
    this.dictionary = this.column.type === 'string' ? this.column.dictionary : null
  }

  at(row: number): number {
    const column = this.column!
    if (column.type === 'number') return column.valid === null || hasBit(column.valid, row) ? column.values[row] : NaN
    const code = column.codes[row]
    return code === 0 ? NaN : code
  }

  /** Numbers by value, strings by code point. */
  compare(a: number, b: number): number {
    if (a === b) return 0
    return this.dictionary === null ? a - b : this.dictionary.compare(a, b)
  }

  valueOf(scalar: number): number | string | null {
    if (Number.isNaN(scalar)) return null
    return this.dictionary === null ? scalar + 0 : this.dictionary.decode(scalar)
  }
}
