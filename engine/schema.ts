/** What the table holds, column by column. */
import { hasBit } from './column/bitset.js'
import type { ColumnSummary, SessionRange, SessionsDescription } from '../dsl/request.js'
import type { ColumnInfo } from './column/derived.js'
import type { Snapshot } from './table/table.js'

export interface Schema extends SessionsDescription {
  readonly segments: number
  /** Starts of the first and the last session, epoch ms. */
  readonly range: SessionRange | null
}

/** Starts of the first and the last session, epoch ms; null where there is none. */
export function rangeOf({ parts }: Snapshot): SessionRange | null {
  let start = Infinity
  let end = -Infinity
  for (const { segment, first, deleted } of parts) {
    const { rows } = segment
    const isLive = (row: number): boolean => deleted === null || !hasBit(deleted, row)
    let [low, high] = [first, rows - 1]
    while (low < rows && !isLive(low)) low++
    while (high > low && !isLive(high)) high--
    if (low === rows) continue
    start = Math.min(start, segment.startOf(low))
    end = Math.max(end, segment.startOf(high))
  }
  return start > end ? null : { start, end }
}

/** Of the columns whose values are kept. */
export function summarise(snapshot: Snapshot, columns: ReadonlyMap<string, ColumnInfo>, bytes: number): Schema {
  const { kept } = snapshot
  const summaries = [...columns].filter(([name]) => kept?.has(name) ?? true).map(([name, info]) => summariseColumn(snapshot, name, info))
  const time = summaries.find(({ name }) => name === 'started_at')!
  return {
    sessions: snapshot.rows,
    segments: snapshot.parts.length,
    bytes,
    range: time.min === null ? null : { start: time.min, end: time.max! },
    columns: summaries
  }
}

function summariseColumn({ parts }: Snapshot, name: string, { type, dictionary }: ColumnInfo): ColumnSummary {
  const seen = new Uint8Array(dictionary?.size ?? 0)
  let present = 0
  let min = Infinity
  let max = -Infinity
  for (const { segment, first, deleted } of parts) {
    if (!segment.columns.has(name) && name !== 'started_at') continue
    const column = segment.column(name, type, dictionary)
    for (let row = first; row < segment.rows; row++) {
      if (deleted !== null && hasBit(deleted, row)) continue
      if (column.type === 'number') {
        if (column.valid !== null && !hasBit(column.valid, row)) continue
        present++
        if (column.values[row] < min) min = column.values[row]
        if (column.values[row] > max) max = column.values[row]
        continue
      }
      const from = column.type === 'string' ? row : column.offsets[row]
      const to = column.type === 'string' ? row + 1 : column.offsets[row + 1]
      if (to > from && column.codes[from] !== 0) present++
      for (let item = from; item < to; item++) seen[column.codes[item]] = 1
    }
  }
  seen.fill(0, 0, 1)
  return {
    name, type, present,
    distinct: dictionary === null ? null : seen.reduce((sum, bit) => sum + bit, 0),
    min: min === Infinity ? null : min,
    max: max === -Infinity ? null : max
  }
}
