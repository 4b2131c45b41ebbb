/**
 * RFC 4180 with line feeds. A null is an empty field, an empty string is `""`: the two stay apart. An array is its JSON.
 */
import type { Cell, ResultTable } from './result.js'

const NEEDS_QUOTES = /[",\r\n]/

function field(value: Cell): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'string') return field(JSON.stringify(value))
  return value === '' || NEEDS_QUOTES.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}

/** The header, then one record per row; each ends with a line feed. */
export function* formatCsv(result: ResultTable): Generator<string> {
  yield `${result.fields.map(({ name }) => field(name)).join(',')}\n`
  for (const row of result.data) yield `${row.map(field).join(',')}\n`
}
