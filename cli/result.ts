/** What is shown, and on what. */
import type { ResultValue } from '../dsl/input.js'

export type Cell = ResultValue

/** A query's answer: giosg's response form. */
export interface ResultTable {
  readonly fields: readonly { readonly name: string; readonly type: 'dimension' | 'metric' }[]
  readonly data: readonly (readonly Cell[])[]
  /** Of a list of sessions: where the next page begins, null where there is none. */
  readonly next?: string | null
  /** Of all sessions. */
  readonly totals?: readonly Cell[]
  /** How many rows of `data`, one stretch after the other, are grouped by which columns. */
  readonly subtotals?: readonly { readonly group_by: readonly string[]; readonly rows: number }[]
}

/** What the output can show. `columns` is the width of the terminal in characters. */
export interface Canvas {
  readonly columns: number
  readonly color: boolean
}
