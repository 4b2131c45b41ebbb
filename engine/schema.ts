/** What the table holds, column by column. */
import { hasBit } from './column/bitset.js'
import type { ColumnSummary, SessionRange, SessionsDescription } from '../dsl/request.js'
import type { Codes } from './column/codes.js'
import type { NumberColumn, StringsColumn } from './column/column.js'
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
  const texts = new Texts(dictionary?.size ?? 0)
  const numbers = new Numbers()
  for (const { segment, first, deleted } of parts) {
    if (!segment.columns.has(name) && name !== 'started_at') continue
    const column = segment.column(name, type, dictionary)
    switch (column.type) {
      case 'string': texts.take(column.codes, first, segment.rows, deleted); break
      case 'strings': texts.takeItems(column, first, segment.rows, deleted); break
      case 'number': numbers.take(column, first, segment.rows, deleted)
    }
  }
  const { min, max } = numbers
  return {
    name, type, present: texts.present + numbers.present,
    distinct: dictionary === null ? null : texts.distinct,
    min: min === Infinity ? null : min,
    max: max === -Infinity ? null : max
  }
}

type Deleted = Uint32Array | null

/** Rows that have texts, and which. */
class Texts {
  present = 0
  private readonly seen: Uint8Array

  constructor(codes: number) {
    this.seen = new Uint8Array(codes)
  }

  get distinct(): number {
    let count = 0
    for (let code = 1; code < this.seen.length; code++) count += this.seen[code]
    return count
  }

  take(codes: Codes, from: number, to: number, deleted: Deleted): void {
    const { seen } = this
    let present = 0
    for (let row = from; row < to; row++) {
      if (deleted !== null && hasBit(deleted, row)) continue
      const code = codes[row]
      seen[code] = 1
      if (code !== 0) present++
    }
    this.present += present
  }

  takeItems({ offsets, codes }: StringsColumn, from: number, to: number, deleted: Deleted): void {
    const { seen } = this
    for (let row = from; row < to; row++) {
      if (offsets[row] === offsets[row + 1] || (deleted !== null && hasBit(deleted, row))) continue
      for (let item = offsets[row]; item < offsets[row + 1]; item++) seen[codes[item]] = 1
      this.present++
    }
  }
}

/** Rows that have numbers, and between which these are. */
class Numbers {
  present = 0
  min = Infinity
  max = -Infinity

  take({ values, valid }: NumberColumn, from: number, to: number, deleted: Deleted): void {
    let { present, min, max } = this
    for (let row = from; row < to; row++) {
      if ((deleted !== null && hasBit(deleted, row)) || (valid !== null && !hasBit(valid, row))) continue
      const value = values[row]
      present++
      if (value < min) min = value
      if (value > max) max = value
    }
    this.present = present
    this.min = min
    this.max = max
  }
}
