/**
 * RFC 4180 with line feeds. A null is an empty field, an empty string is `""`: the two stay apart. An array is its JSON.
 * In the rows of totals and subtotals a dimension that they are not grouped by is (all); a text like it is in quotes.
 */
import type { Cell, ResultTable } from './result.js'
import { ALL, dimensionsOf, rolledRows } from './rollup.js'

const NEEDS_QUOTES = /[",\r\n]/

function field(value: Cell): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'string') return field(JSON.stringify(value))
  return value === '' || value === ALL || NEEDS_QUOTES.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}

/** The header, then one record per row; each ends with a line feed. */
export function* formatCsv(result: ResultTable): Generator<string> {
  yield `${result.fields.map(({ name }) => field(name)).join(',')}\n`
  for (const { rows, all } of rolledRows(result)) for (const row of rows) yield record(row, all)
  if (result.totals !== undefined) yield record(result.totals, dimensionsOf(result))
}

function record(row: readonly Cell[], all: ReadonlySet<number>): string {
  return `${row.map((value, i) => all.has(i) ? ALL : field(value)).join(',')}\n`
}
