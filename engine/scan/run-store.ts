/** Puts the rows of a run into the table, a field at a time. */
import type { Table, TableColumn } from '../table/table.js'

export class RunStore {
  private readonly table: Table
  private readonly source: string
  private sourceCode = 0
  private first = 0
  private rows = 0
  private ids: Uint32Array = new Uint32Array(0)

  constructor(table: Table, source: string) {
    this.table = table
    this.source = source
  }

  /** So many rows follow, for which there is room. */
  begin(rows: number): void {
    this.sourceCode = this.table.encodeSource(this.source)
    this.first = this.table.beginRows(rows)
    this.rows = rows
  }

  putStarts(starts: Float64Array): void {
    this.table.setStarts(this.first, starts.subarray(0, this.rows))
  }

  /** @param present 1 where there is a number */
  putNumbers(column: TableColumn, numbers: Float64Array, present: Uint32Array): void {
    if (present.lastIndexOf(1, this.rows - 1) >= 0) this.table.headOf(column).setNumbers(this.first, numbers, present, this.rows)
  }

  putIds(codes: Uint32Array): void {
    this.ids = codes
  }

  /** @param codes of the rows, 0 where there is none */
  putCodes(column: TableColumn, codes: Uint32Array): void {
    if (hasCode(codes, this.rows)) this.table.headOf(column).setCodes(this.first, codes, this.rows)
  }

  /** @param ends of the items of each row */
  putItems(column: TableColumn, ends: Uint32Array, codes: Uint32Array): void {
    const { first, rows } = this
    if (ends[rows - 1] === 0) return
    const head = this.table.headOf(column)
    for (let row = 0, item = 0; row < rows; row++) for (; item < ends[row]; item++) head.addItem(first + row, codes[item])
  }

  /** Returns how many of the rows replaced others. */
  commit(): number {
    return this.table.commitRows(this.first, this.sourceCode, this.ids.subarray(0, this.rows))
  }
}

function hasCode(codes: Uint32Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (codes[i] !== 0) return true
  return false
}
