/** Columns that compare two intervals. */
import type { MetricColumn } from './metric-column.js'

/** In place of a group: the interval that is compared with has no such bucket. */
export const NO_BUCKET = -2

/** Null where the other interval has no bucket at that place. */
export function withoutBuckets(column: MetricColumn, groups: Int32Array): MetricColumn {
  if (!groups.includes(NO_BUCKET)) return column
  if (column instanceof Float64Array) return column.map((value, row) => groups[row] === NO_BUCKET ? NaN : value)
  return Array.from(column, (value, row) => groups[row] === NO_BUCKET ? null : value)
}

/** The change relative to the size of what was before; null where that is nothing, zero or a text. */
export function changeSince(before: MetricColumn, now: MetricColumn): Float64Array {
  const change = new Float64Array(now.length).fill(NaN)
  if (!(before instanceof Float64Array) || !(now instanceof Float64Array)) return change
  for (let row = 0; row < now.length; row++) {
    const relative = (now[row] - before[row]) / Math.abs(before[row])
    if (Number.isFinite(relative)) change[row] = relative
  }
  return change
}
