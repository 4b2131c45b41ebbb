/** A query as plain data: which rows of which segments, which buckets, how groups are numbered, which bytes are read. */
import { SessionqlError } from '../../dsl/errors.js'
import type { Interval, Query, Span } from '../../dsl/query.js'
import type { Dictionary } from '../column/dictionary.js'
import type { Part, Snapshot } from '../table/table.js'
import { keyCount } from '../group/keys/registry.js'
import { planBuckets } from './buckets.js'
import { columnsOf } from './columns.js'

/** Numbering groups by position costs memory for every combination: worth it up to this many per row read … */
const DENSE_PER_ROW = 4
/** … or in any case up to this many. */
const DENSE_ALWAYS = 65_536
const DENSE_MAX = 2 ** 28

export interface PlannedPart {
  readonly part: Part
  /** Rows [from, to) lie in the interval. A part may come several times. */
  readonly from: number
  readonly to: number
}

/** `dense`: group = position in the cross product of `sizes` (buckets first). `hash`: groups are numbered as they come. */
export type Grouping =
  | { readonly kind: 'buckets' }
  | { readonly kind: 'dense'; readonly sizes: readonly number[] }
  | { readonly kind: 'hash' }

/** What is read: rows of segments, and columns. */
export interface Scan {
  readonly parts: readonly PlannedPart[]
  readonly segmentsSkipped: number
  readonly rows: number
  /** Columns read, with the bytes of the planned rows. */
  readonly columns: readonly { readonly name: string; readonly bytes: number }[]
}

export interface Plan extends Scan {
  readonly query: Query
  readonly buckets: Float64Array
  readonly grouping: Grouping
}

export function planQuery(
  query: Query, snapshot: Snapshot, dictionaryOf: (name: string) => Dictionary | null, maxBuckets: number
): Plan {
  const scan = planScan(snapshot, query.interval, columnsOf(query))
  const buckets = planBuckets(query, scan.parts, maxBuckets)
  return { ...scan, query, buckets, grouping: planGrouping(query, scan.rows, buckets.length, dictionaryOf) }
}

/**
 * All rows in the interval; `columns` are the names of those that are read.
 * @throws SessionqlError `column_not_kept`
 */
export function planScan(snapshot: Snapshot, interval: Interval, columns: Iterable<string>): Scan {
  assertKept(snapshot, columns)
  const parts: PlannedPart[] = []
  let segmentsSkipped = 0
  let rows = 0
  for (const part of snapshot.parts) {
    const runs = rowsInside(part, interval)
    if (runs.length === 0) segmentsSkipped++
    for (const run of runs) {
      parts.push(run)
      rows += run.to - run.from
    }
  }
  return { parts, segmentsSkipped, rows, columns: [...new Set(columns)].map(name => ({ name, bytes: bytesRead(parts, name) })) }
}

/** Values that were not kept would read as missing ones. */
function assertKept({ kept }: Snapshot, columns: Iterable<string>): void {
  if (kept === undefined) return
  const missing = [...new Set(columns)].filter(name => !kept.has(name))
  if (missing.length === 0) return
  const names = missing.map(name => JSON.stringify(name)).join(', ')
  throw new SessionqlError('column_not_kept', `The query reads ${names}, whose values are not kept: name ${missing.length === 1 ? 'it' : 'them'} in "keep" when the engine is opened.`)
}

/** A run of rows for each span, those that follow each other as one. */
function rowsInside(part: Part, { start, end, spans }: Interval): PlannedPart[] {
  const { segment } = part
  const runs: { part: Part, from: number, to: number }[] = []
  if (segment.last < start || segment.first >= end) return runs
  for (let i = spans === undefined ? 0 : firstAfter(spans, segment.startOf(part.first)); i < (spans?.length ?? 1); i++) {
    const span = spans?.[i] ?? { start, end }
    if (span.start > segment.last) break
    const before = runs.at(-1)
    const from = segment.lowerBound(Math.max(start, span.start), before?.to ?? part.first)
    const to = segment.lowerBound(Math.min(end, span.end), from)
    if (before !== undefined && before.to === from) before.to = to
    else if (to > from) runs.push({ part, from, to })
  }
  return runs
}

/** The first span that ends after an instant. */
function firstAfter(spans: readonly Span[], instant: number): number {
  let low = 0
  let high = spans.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (spans[middle].end > instant) high = middle
    else low = middle + 1
  }
  return low
}

function planGrouping(
  query: Query, rows: number, buckets: number, dictionaryOf: (name: string) => Dictionary | null
): Grouping {
  if (query.groupBy.length === 0) return { kind: 'buckets' }
  const sizes = [buckets]
  for (const dimension of query.groupBy) {
    const keys = keyCount(dimension, dictionaryOf(dimension.dimension))
    if (keys === null) return { kind: 'hash' }
    sizes.push(keys)
  }
  const product = sizes.reduce((all, size) => all * size, 1)
  const dense = product <= Math.max(DENSE_ALWAYS, Math.min(rows * DENSE_PER_ROW, DENSE_MAX))
  return dense ? { kind: 'dense', sizes } : { kind: 'hash' }
}

function bytesRead(parts: readonly PlannedPart[], name: string): number {
  let bytes = 0
  for (const { part: { segment }, from, to } of parts) {
    bytes += segment.bytesOf(name) * (to - from) / segment.rows
  }
  return Math.round(bytes)
}
