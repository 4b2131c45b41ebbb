/** What a standing query tells: first the answer, then what changed in it. */
import type { QueryResult, ResultValue } from '../../dsl/input.js'

export type Row = ResultValue[]

/** A complete answer: the first frame, and later ones where rows cannot be told apart by their group. */
export interface ResultFrame extends QueryResult {
  readonly type: 'result'
  readonly progress?: Progress
}

/** What is different from the frame before. */
export interface ChangeFrame {
  readonly type: 'change'
  /** Rows that are new or have other values, with their places in the new answer, ascending. */
  readonly changed: readonly { readonly at: number, readonly row: Row }[]
  /** Keys of rows that are gone: the stamp and the group's values. */
  readonly removed: readonly Row[]
  /** Where `totals` were asked for and are different. */
  readonly totals?: Row
  readonly progress?: Progress
}

export type Frame = ResultFrame | ChangeFrame

/** How far the sources have come; told where a lateness is given. */
export interface Progress {
  /** Newest start of the sessions of each source less the allowed lateness, ISO-8601. */
  readonly watermarks: Readonly<Record<string, string>>
  /** Buckets that end here or before change no more; null while none is sure. */
  readonly final_until: string | null
  /** Sessions that came too late to be in the rows of their bucket. */
  readonly late: number
}

/** Number of columns that tell a row from others: the stamp and the dimensions. */
export function keyWidth({ fields }: QueryResult): number {
  const first = fields.findIndex(({ type }) => type === 'metric')
  return first < 0 ? fields.length : first
}

/** Rows by their key; null where two rows have the same. */
export function rowsByKey(result: QueryResult): Map<string, Row> | null {
  const width = keyWidth(result)
  const rows = new Map<string, Row>()
  for (const row of result.data) rows.set(keyOf(row, width), row)
  return rows.size === result.data.length ? rows : null
}

export function keyOf(row: Row, width: number): string {
  return JSON.stringify(row.slice(0, width))
}

/** The frame that leads from one answer to the next; null where they are the same. */
export function frameBetween(before: QueryResult, after: QueryResult): Frame | null {
  const known = rowsByKey(before)
  const next = rowsByKey(after)
  if (known === null || next === null || before.fields.length !== after.fields.length || after.subtotals !== undefined) {
    return JSON.stringify(before) === JSON.stringify(after) ? null : { type: 'result', ...after }
  }
  const width = keyWidth(after)
  const changed: { at: number, row: Row }[] = []
  after.data.forEach((row, at) => {
    const old = known.get(keyOf(row, width))
    if (old === undefined || !sameRow(old, row)) changed.push({ at, row })
  })
  const removed = before.data.filter(row => !next.has(keyOf(row, width))).map(row => row.slice(0, width))
  const totals = after.totals !== undefined && before.totals !== undefined && !sameRow(before.totals, after.totals) ? after.totals : undefined
  if (changed.length === 0 && removed.length === 0 && totals === undefined) return null
  return totals === undefined ? { type: 'change', changed, removed } : { type: 'change', changed, removed, totals }
}

function sameRow(a: Row, b: Row): boolean {
  return a.every((value, i) => value === b[i] || (typeof value === 'object' && value !== null && JSON.stringify(value) === JSON.stringify(b[i])))
}

/**
 * The answer after a frame: what a one-off query would have answered then. `before` is the answer after the frame before it,
 * null for the first frame.
 */
export function foldFrame(before: QueryResult | null, frame: Frame): QueryResult {
  if (frame.type === 'result') {
    const { type: _type, progress: _progress, ...result } = frame
    return result
  }
  if (before === null) throw new RangeError('a watch begins with a frame of type "result"')
  const width = keyWidth(before)
  const gone = new Set([...frame.removed, ...frame.changed.map(({ row }) => row)].map(row => keyOf(row, width)))
  const data = before.data.filter(row => !gone.has(keyOf(row, width)))
  const kept = data[Symbol.iterator]()
  const folded: Row[] = []
  // Rows that stay keep their order; changed ones go to their places between them.
  for (const { at, row } of frame.changed) {
    while (folded.length < at) folded.push(kept.next().value!)
    folded.push(row)
  }
  folded.push(...kept)
  return frame.totals === undefined ? { ...before, data: folded } : { ...before, data: folded, totals: frame.totals }
}
