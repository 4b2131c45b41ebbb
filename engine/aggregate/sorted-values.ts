import type { SortedRows } from './aggregator.js'

/** Values of a column for the rows of a block, one after the other: runs of groups say where they are from `at` on. */
let picked = new Float64Array(0)

export function blockValues(values: Float64Array, { rows, from, n }: SortedRows): { readonly values: Float64Array, readonly at: number } {
  if (rows === null) return { values, at: from }
  if (picked.length < n) picked = new Float64Array(n * 2)
  for (let i = 0; i < n; i++) picked[i] = values[rows[i]]
  return { values: picked, at: 0 }
}
