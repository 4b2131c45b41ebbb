/** Results as JSON, in pieces. */
import { UsageError } from './exit.js'
import { isLineFormat, type Format } from './formats.js'
import type { Cell, ResultTable } from './result.js'
import { dimensionsOf, rolledRows } from './rollup.js'

/** The answer to a Druid query: JSON, indented for a person who asked for no format. @throws UsageError for a format that is none of JSON */
export function* formatEntries(entries: readonly unknown[], format: Format | undefined, isTTY: boolean): Generator<string> {
  if (format !== undefined && !isLineFormat(format)) {
    throw new UsageError(`--format ${format}: a Druid query is answered in Druid's JSON, use --format json or ndjson`)
  }
  if (format === 'ndjson') for (const entry of entries) yield `${JSON.stringify(entry)}\n`
  else if (format === undefined && isTTY) yield `${JSON.stringify(entries, null, 2)}\n`
  else {
    yield '['
    let comma = ''
    for (const entry of entries) {
      yield comma + JSON.stringify(entry)
      comma = ','
    }
    yield ']\n'
  }
}

/** Exactly giosg's response on one line; what was asked for beyond it comes after `data`. */
export function* formatJson(result: ResultTable): Generator<string> {
  yield `{"fields":${JSON.stringify(result.fields)},"data":[`
  let comma = ''
  for (const row of result.data) {
    yield comma + JSON.stringify(row)
    comma = ','
  }
  const totals = result.totals === undefined ? '' : `,"totals":${JSON.stringify(result.totals)}`
  const subtotals = result.subtotals === undefined ? '' : `,"subtotals":${JSON.stringify(result.subtotals)}`
  const next = result.next === undefined ? '' : `,"next":${JSON.stringify(result.next)}`
  yield `]${totals}${subtotals}${next}}\n`
}

/**
 * One object per row, keyed by column; of subtotals without the columns that it is not grouped by, and totals last, as {"totals":{…}}.
 * The keys are joined by hand: in an object `__proto__` would be lost and `"1"` come first.
 */
export function* formatNdjson(result: ResultTable): Generator<string> {
  const keys = result.fields.map(({ name }) => `${JSON.stringify(name)}:`)
  const object = (row: readonly Cell[], all: ReadonlySet<number>): string =>
    `{${row.flatMap((value, i) => all.has(i) ? [] : [keys[i] + JSON.stringify(value)]).join(',')}}`
  for (const { rows, all } of rolledRows(result)) for (const row of rows) yield `${object(row, all)}\n`
  if (result.totals !== undefined) yield `{"totals":${object(result.totals, dimensionsOf(result))}}\n`
}
