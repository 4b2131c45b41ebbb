/** Results as text, in the formats of `--format`. Generators of pieces, so that a long answer is never one string. */
import { formatChart } from './chart.js'
import { formatCsv } from './csv.js'
import type { TextFormat } from './formats.js'
import { formatJson, formatNdjson } from './json-result.js'
import type { Canvas, ResultTable } from './result.js'
import { formatTable } from './table.js'

/** Pieces of text; the last one ends with a line feed. */
export function formatResult(result: ResultTable, format: TextFormat, canvas: Canvas): Iterable<string> {
  switch (format) {
    case 'json': return formatJson(result)
    case 'ndjson': return formatNdjson(result)
    case 'csv': return formatCsv(result)
    case 'table': return formatTable(result, canvas)
    case 'chart': return formatChart(result, canvas)
  }
}
