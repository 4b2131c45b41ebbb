/** What worker threads are told of a query: plain data, and arrays in shared memory. */
import type { ColumnType, DerivedColumn } from '../../dsl/query.js'
import type { Column, Exponents, NumberColumn, StringColumn, StringsColumn } from '../column/column.js'
import type { ColumnInfo } from '../column/derived.js'
import { isShared } from '../column/memory.js'
import { Dictionary } from '../column/dictionary.js'
import type { Plan, PlannedPart } from '../plan/plan.js'
import { Segment } from '../table/segment.js'
import { Needs } from './needs.js'
import { MAX_PIECES } from './shares.js'
import { MOST_SHARED_TEXTS, pagesOf, SharedTexts, type SharedDictionary } from './texts.js'

/** A column of a segment without its dictionary. */
export type SharedColumn =
  | { readonly type: 'string', readonly codes: StringColumn['codes'], readonly coupons: Uint32Array | null }
  | { readonly type: 'number', readonly values: Float64Array, readonly valid: Uint32Array | null, readonly exponents: Exponents }
  | { readonly type: 'strings', readonly offsets: Uint32Array, readonly codes: StringsColumn['codes'] }

export interface SharedSegment {
  readonly starts: Float64Array
  readonly columns: readonly (readonly [name: string, column: SharedColumn])[]
}

/** Rows [from, to) of a segment; `deleted` has a bit for each row of it that was replaced. */
export interface SharedPart {
  readonly segment: number
  readonly from: number
  readonly to: number
  readonly deleted: Uint32Array | null
}

export interface SharedInfo {
  readonly name: string
  readonly type: ColumnType
  readonly derived: DerivedColumn | undefined
  readonly dictionary: SharedDictionary | null
}

/** The sessions of a plan. */
export interface SharedSessions {
  readonly columns: readonly SharedInfo[]
  readonly segments: readonly SharedSegment[]
  /** Parts of each piece of work. */
  readonly pieces: readonly (readonly SharedPart[])[]
}

/** Pieces that each thread has about, so that none waits long for the others … */
const PIECES_PER_THREAD = 16
/** … of at most so many rows: a segment. */
const LARGEST_PIECE = 131_072

/** The rows of a plan in pieces of about one size. */
export function piecesOf({ parts, rows }: Plan, threads: number, least: number): PlannedPart[][] {
  const size = Math.max(least, Math.ceil(rows / MAX_PIECES), Math.min(LARGEST_PIECE, Math.ceil(rows / threads / PIECES_PER_THREAD)))
  const pieces: PlannedPart[][] = []
  let room = 0
  for (const { part, from, to } of parts) {
    for (let at = from; at < to;) {
      if (room === 0) {
        pieces.push([])
        room = size
      }
      const end = Math.min(to, at + room)
      pieces[pieces.length - 1].push({ part, from: at, to: end })
      room -= end - at
      at = end
    }
  }
  return pieces
}

/** What other threads read of the sessions; null where something of it is not in shared memory, or is too much to be put there. */
export function shareSessions({ query, parts, columns: read }: Plan, pieces: readonly (readonly PlannedPart[])[], columns: ReadonlyMap<string, ColumnInfo>): SharedSessions | null {
  const needs = new Needs(query, columns)
  for (const name of needs.texts) if (columns.get(name)!.dictionary!.size > MOST_SHARED_TEXTS) return null
  const numbers = new Map<Segment, number>()
  const segments: SharedSegment[] = []
  for (const { part: { segment } } of parts) {
    if (numbers.has(segment)) continue
    const shared = shareSegment(segment, read.map(({ name }) => name))
    if (shared === null) return null
    numbers.set(segment, segments.push(shared) - 1)
  }
  const names = new Set([...read.map(({ name }) => name), ...(query.derived ?? []).map(({ name }) => name)])
  return {
    columns: [...names].map(name => shareInfo(name, columns.get(name)!, needs)),
    segments,
    pieces: pieces.map(piece => piece.map(({ part, from, to }) => ({ segment: numbers.get(part.segment)!, from, to, deleted: part.deleted })))
  }
}

function shareInfo(name: string, { type, dictionary, derived }: ColumnInfo, { lookups, texts, coupons }: Needs): SharedInfo {
  if (dictionary === null) return { name, type, derived, dictionary }
  const { size } = dictionary
  const codes = [...lookups.get(name) ?? []].map((text): [string, number] => [text, dictionary.lookup(text)]).filter(([, code]) => code > 0 && code < size)
  return {
    name, type, derived,
    dictionary: { size, codes: new Map(codes), pages: texts.has(name) ? pagesOf(dictionary) : null, coupons: coupons.has(name) ? dictionary.coupons() : null }
  }
}

function shareSegment(segment: Segment, names: readonly string[]): SharedSegment | null {
  const { starts } = segment
  if (!isShared(starts)) return null
  const columns: [string, SharedColumn][] = []
  for (const name of names) {
    const column = segment.columns.get(name)
    if (column === undefined) continue
    if (!arraysOf(column).every(isShared)) return null
    columns.push([name, withoutDictionary(column)])
  }
  return { starts, columns }
}

function arraysOf(column: Column): ArrayBufferView[] {
  switch (column.type) {
    case 'string': return column.coupons === null ? [column.codes] : [column.codes, column.coupons]
    case 'number': return column.valid === null ? [column.values] : [column.values, column.valid]
    case 'strings': return [column.offsets, column.codes]
  }
}

function withoutDictionary(column: Column): SharedColumn {
  switch (column.type) {
    case 'string': return { type: 'string', codes: column.codes, coupons: column.coupons }
    case 'number': return column satisfies NumberColumn
    case 'strings': return { type: 'strings', offsets: column.offsets, codes: column.codes }
  }
}

/** The sessions as a worker reads them. */
export function openSessions({ columns, segments, pieces }: SharedSessions): { readonly columns: ReadonlyMap<string, ColumnInfo>, readonly pieces: readonly (readonly PlannedPart[])[] } {
  const infos = new Map(columns.map(({ name, type, derived, dictionary }): [string, ColumnInfo] => (
    [name, { type, dictionary: dictionary === null ? null : new Dictionary(new SharedTexts(dictionary)), ...derived && { derived } }]
  )))
  const opened = segments.map(segment => Segment.of(segment.starts, new Map(segment.columns.map(([name, column]): [string, Column] => (
    [name, column.type === 'number' ? column : { ...column, dictionary: infos.get(name)!.dictionary! }]
  )))))
  return {
    columns: infos,
    pieces: pieces.map(piece => piece.map(({ segment, from, to, deleted }) => ({ part: { segment: opened[segment], first: 0, deleted }, from, to })))
  }
}
