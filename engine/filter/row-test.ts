import type { Column } from '../column/column.js'
import type { Rows } from '../kernels/select.js'

export interface ColumnReader {
  column(name: string): Column
}

/** Tests rows of the segment behind `reader`; see kernels/select.ts for the meaning of the rows. */
export type RowTest = (reader: ColumnReader, rows: Rows, from: number, n: number, mask: Uint8Array) => void
