/** What came of reading sources, one row each. */
import { SessionqlError } from '../dsl/errors.js'
import { messageOf } from './exit.js'
import type { Canvas, ResultTable } from './result.js'
import type { Reading } from './reading.js'
import { formatTable } from './table.js'

const COUNTS = ['rows', 'new', 'replaced', 'unreadable', 'gaps', 'retries', 'seconds'] as const

function countsOf({ report, inserted, updated, rejected, seconds }: Reading): Record<(typeof COUNTS)[number], number> {
  return {
    rows: report.rows,
    new: inserted,
    replaced: updated,
    unreadable: report.deadLetters + rejected,
    gaps: report.suspectedGaps.length,
    retries: report.retries,
    seconds: Math.round(seconds * 10) / 10
  }
}

export function summaryTable(readings: readonly Reading[], canvas: Canvas): Iterable<string> {
  const fields = [
    { name: 'source', type: 'dimension' as const },
    ...COUNTS.map(name => ({ name, type: 'metric' as const })),
    { name: 'state', type: 'dimension' as const }
  ]
  const table: ResultTable = { fields, data: readings.map(reading => [reading.source.name, ...Object.values(countsOf(reading)), reading.ending]) }
  return formatTable(table, canvas)
}

/** One object per source and line, with the sentences in full. */
export function summaryJson(readings: readonly Reading[]): string[] {
  return readings.map(reading => {
    const { source, report, examples, error } = reading
    const failure = error === null || reading.ending === 'stopped' ? null : { code: error instanceof SessionqlError ? error.code : 'unexpected', message: messageOf(error) }
    const { requests, warnings, suspectedGaps } = report
    const summary = {
      source: source.name, state: reading.ending, ...countsOf(reading), requests, examples, suspected_gaps: suspectedGaps, warnings, error: failure
    }
    return `${JSON.stringify(summary)}\n`
  })
}
