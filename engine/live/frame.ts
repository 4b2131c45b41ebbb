/** What a standing query tells: first the answer, then what changed in it. */
import type { QueryResult, ResultValue } from '../../dsl/input.js'

export type Row = ResultValue[]

/** A complete answer: the first frame, and later ones where rows cannot be told apart by their group. */
export interface ResultFrame extends QueryResult {
  readonly type: 'result'
  readonly progress?: Progress
}

/** What is different from the answer before. */
export interface Difference {
  /** Rows that are new or have other values, with their places in the new answer, ascending. */
  readonly changed: readonly { readonly at: number, readonly row: Row }[]
  /** Keys of rows that are gone: the stamp and the group's values. */
  readonly removed: readonly Row[]
}

export interface ChangeFrame extends Difference {
  readonly type: 'change'
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

/**
 * The frame that leads from one answer to the next; null where they are the same.
 * @param isKeyed it is known that no two rows of an answer have the same key
 */
export function frameBetween(before: QueryResult, after: QueryResult, isKeyed = false): Frame | null {
  const { fields, data, totals: sums } = after
  const comparable = before.fields.length === fields.length && after.subtotals === undefined
  if (!comparable || !isKeyed && (rowsByKey(before) === null || rowsByKey(after) === null)) {
    return JSON.stringify(before) === JSON.stringify(after) ? null : { type: 'result', ...after }
  }
  const { changed, removed } = differences(before.data, data, keyWidth(after))
  const totals = sums !== undefined && before.totals !== undefined && !sameValues(before.totals, sums, 0, sums.length) ? sums : undefined
  if (changed.length === 0 && removed.length === 0 && totals === undefined) return null
  return totals === undefined ? { type: 'change', changed, removed } : { type: 'change', changed, removed, totals }
}

/** The frame of a difference; null where there is none. */
export function changeFrame({ changed, removed }: Difference): ChangeFrame | null {
  return changed.length === 0 && removed.length === 0 ? null : { type: 'change', changed, removed }
}

/** Most frames change values alone, and few rows: only those between the first and the last place where keys differ are looked up. */
function differences(before: readonly Row[], after: readonly Row[], width: number): Difference {
  let first = 0
  while (first < before.length && first < after.length && sameValues(before[first], after[first], 0, width)) first++
  let tail = 0
  while (before.length - tail > first && after.length - tail > first
    && sameValues(before[before.length - 1 - tail], after[after.length - 1 - tail], 0, width)) tail++
  const left = before.slice(first, before.length - tail)
  const known = new Map(left.map(row => [keyOf(row, width), row]))
  const changed: { at: number, row: Row }[] = []
  const shift = before.length - after.length
  for (let at = 0; at < after.length; at++) {
    const row = after[at]
    const old = at < first ? before[at] : at >= after.length - tail ? before[at + shift] : taken(known, keyOf(row, width))
    if (old === undefined || !sameValues(old, row, width, row.length)) changed.push({ at, row })
  }
  return { changed, removed: [...known.values()].map(row => row.slice(0, width)) }
}

/** What is left in the end has no row any more. */
function taken(rows: Map<string, Row>, key: string): Row | undefined {
  const row = rows.get(key)
  rows.delete(key)
  return row
}

/** Whether two rows have the same values in the columns [from, to). */
export function sameValues(a: Row, b: Row, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const value = a[i]
    if (value !== b[i] && (typeof value !== 'object' || value === null || JSON.stringify(value) !== JSON.stringify(b[i]))) return false
  }
  return true
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
  if (frame.removed.length === 0 && frame.changed.every(({ at, row }) => at < before.data.length && sameValues(before.data[at], row, 0, width))) {
    const data = [...before.data]
    for (const { at, row } of frame.changed) data[at] = row
    return withTotals(before, data, frame.totals)
  }
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
  return withTotals(before, folded, frame.totals)
}

function withTotals(before: QueryResult, data: Row[], totals: Row | undefined): QueryResult {
  return totals === undefined ? { ...before, data } : { ...before, data, totals }
}
