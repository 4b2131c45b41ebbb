import { hasBit } from '../column/bitset.js'
import type { NumberColumn, StringColumn } from '../column/column.js'
import type { Dictionary } from '../column/dictionary.js'
import type { ColumnReader } from '../filter/filter.js'

/** Texts of a dictionary up to this size are put in order once, in some 20 ms; of a larger one two at a time are compared. */
const RANKED_TEXTS = 16_384

/** One string or number column as doubles, numbers as they are and strings as their codes; NaN is missing. */
export class Scalars {
  private readonly field: string
  private column: NumberColumn | StringColumn | null = null
  private readonly dictionary: Dictionary | null
  /** Places of the codes there were in the order of their texts; null where they are too many. */
  private ranks: Float64Array | null = null

  /** @param dictionary that of the column, null of numbers */
  constructor(field: string, dictionary: Dictionary | null) {
    this.field = field
    this.dictionary = dictionary
  }

  bind(reader: ColumnReader): void {
    this.column = reader.column(this.field) as NumberColumn | StringColumn
    if (this.dictionary !== null && this.dictionary.size <= RANKED_TEXTS) this.ranks ??= ranksOf(this.dictionary)
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
    if (this.dictionary === null) return a - b
    const { ranks } = this
    // A text that came since has no rank.
    return ranks !== null && a < ranks.length && b < ranks.length ? ranks[a] - ranks[b] : this.dictionary.compare(a, b)
  }

  valueOf(scalar: number): number | string | null {
    if (Number.isNaN(scalar)) return null
    return this.dictionary === null ? scalar + 0 : this.dictionary.decode(scalar)
  }
}

function ranksOf(dictionary: Dictionary): Float64Array {
  const ranking = dictionary.ranksOf(Uint32Array.from({ length: dictionary.size }, (_, code) => code))
  for (;;) {
    const { done, value } = ranking.next()
    if (done === true) return value
  }
}
