/** Totals and subtotals: rows that are grouped by only some of the dimensions, or by none. */
import { TIME } from './cells.js'
import type { Cell, ResultTable } from './result.js'

/** Shown for a dimension that a row is not grouped by: not a null, which is a group of its own. */
export const ALL = '(all)'

/** Rows that follow each other in the answer. */
export interface RolledRows {
  readonly rows: readonly (readonly Cell[])[]
  /** Positions of the dimensions that these rows are not grouped by. */
  readonly all: ReadonlySet<number>
}

/** The rows of `data`, one stretch for each set of subtotals. */
export function* rolledRows({ fields, data, subtotals }: ResultTable): Generator<RolledRows, void, void> {
  if (subtotals === undefined) {
    yield { rows: data, all: new Set() }
    return
  }
  let from = 0
  for (const { group_by, rows } of subtotals) {
    const all = fields.flatMap(({ name, type }, position) => type === 'dimension' && name !== TIME && !group_by.includes(name) ? [position] : [])
    yield { rows: data.slice(from, from + rows), all: new Set(all) }
    from += rows
  }
}

/** Positions of the dimensions, time among them: totals are grouped by none. */
export function dimensionsOf({ fields }: ResultTable): ReadonlySet<number> {
  return new Set(fields.flatMap(({ type }, position) => type === 'dimension' ? [position] : []))
}

/** The rows of `data` with ALL in place of what they are not grouped by. */
export function spelledOut(result: ResultTable): readonly (readonly Cell[])[] {
  if (result.subtotals === undefined) return result.data
  return [...rolledRows(result)].flatMap(({ rows, all }) => rows.map(row => row.map((value, position) => all.has(position) ? ALL : value)))
}
