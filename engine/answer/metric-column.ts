/** The values of one output column that is no dimension. */
import type { MetricValue } from '../aggregate/aggregator.js'

/** Numbers with NaN for null, or a list where there are texts. */
export type MetricColumn = Float64Array | readonly MetricValue[]

/** The value of a row. */
export function valueAt(column: MetricColumn, row: number): MetricValue {
  const value = column[row]
  return Number.isNaN(value) ? null : value
}

/** The values of rows [from, to), to the front of `into`. */
export function copyValues(column: MetricColumn, from: number, to: number, into: unknown[]): void {
  if (column instanceof Float64Array) for (let row = from; row < to; row++) into[row - from] = Number.isNaN(column[row]) ? null : column[row]
  else for (let row = from; row < to; row++) into[row - from] = valueAt(column, row)
}

export function pickValues(column: MetricColumn, rows: Uint32Array): MetricColumn {
  if (!(column instanceof Float64Array)) return Array.from(rows, row => column[row])
  const picked = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) picked[i] = column[rows[i]]
  return picked
}
