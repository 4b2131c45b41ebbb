/** The values of one output column that is no dimension. */
import type { MetricValue } from '../aggregate/aggregator.js'
import { STEP } from '../steps.js'

/** Numbers with NaN for null, or a list where there are texts. */
export type MetricColumn = Float64Array | readonly MetricValue[]

/** The value of a row. */
export function valueAt(column: MetricColumn, row: number): MetricValue {
  const value = column[row]
  return Number.isNaN(value) ? null : value
}

/** The values of all rows. In steps. */
export function* valuesOf(column: MetricColumn): Generator<void, MetricValue[], void> {
  const values = new Array<MetricValue>(column.length)
  for (let from = 0; from < values.length; from += STEP) {
    const to = Math.min(values.length, from + STEP)
    if (column instanceof Float64Array) for (let row = from; row < to; row++) values[row] = Number.isNaN(column[row]) ? null : column[row]
    else for (let row = from; row < to; row++) values[row] = valueAt(column, row)
    yield
  }
  return values
}

export function pickValues(column: MetricColumn, rows: Uint32Array): MetricColumn {
  if (!(column instanceof Float64Array)) return Array.from(rows, row => column[row])
  const picked = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) picked[i] = column[rows[i]]
  return picked
}
