import type { Column } from '../column/column.js'
import type { ColumnInfo } from '../column/derived.js'
import { NumberIds } from '../group/number-ids.js'
import { PairTable } from '../group/pair-table.js'
import type { Rows } from '../kernels/select.js'

/** A state for every text that the table knows is made up to this many, or this many per row read; else visitors are numbered as they come. */
const DENSE_ALWAYS = 65_536
const DENSE_PER_ROW = 4

/** Dense numbers for visitors; 0 is a session without one. */
export class VisitorIds {
  private readonly codes: number
  private readonly table: PairTable | null
  private readonly numbers: NumberIds | null

  /** `rows`: how many will be read at most. */
  constructor({ dictionary }: ColumnInfo, rows: number) {
    this.codes = dictionary === null ? 0 : dictionary.size
    this.numbers = dictionary === null ? new NumberIds() : null
    this.table = dictionary !== null && this.codes > Math.max(DENSE_ALWAYS, rows * DENSE_PER_ROW) ? new PairTable() : null
  }

  /** Numbers are below this. Grows while rows are read, unless texts are numbered by their codes. */
  get size(): number {
    return this.numbers !== null ? this.numbers.size : this.table !== null ? this.table.size + 1 : this.codes
  }

  get bytes(): number {
    return (this.numbers?.bytes ?? 0) + (this.table?.bytes ?? 0)
  }

  /** Writes the numbers of rows[i], or of from + i where `rows` is null, for i below n. */
  read(column: Column, rows: Rows, from: number, n: number, into: Uint32Array): void {
    const { table, numbers } = this
    if (column.type === 'number') {
      for (let i = 0; i < n; i++) into[i] = numbers!.idOf(column, rows === null ? from + i : rows[i])
      return
    }
    const { codes } = column
    if (rows === null) for (let i = 0; i < n; i++) into[i] = codes[from + i]
    else for (let i = 0; i < n; i++) into[i] = codes[rows[i]]
    if (table !== null) for (let i = 0; i < n; i++) if (into[i] !== 0) into[i] = table.id(into[i], 0) + 1
  }
}
