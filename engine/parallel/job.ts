/** What worker threads are told of a query: plain data, and arrays in shared memory. */
import type { ColumnType, DerivedColumn } from '../../dsl/query.js'
import type { Column, Exponents, StringColumn, StringsColumn } from '../column/column.js'
import type { ColumnInfo } from '../column/derived.js'
import { isShared } from '../column/memory.js'
import { Dictionary } from '../column/dictionary.js'
import { arenaOf, type SharedArena } from '../kernels/arena.js'
import type { Plan, PlannedPart } from '../plan/plan.js'
import { Segment } from '../table/segment.js'
import { Needs } from './needs.js'
import { MAX_PIECES } from './shares.js'
import { couponsOf, MOST_SHARED_TEXTS, pagesOf, SharedTexts, type SharedDictionary } from './texts.js'

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
  /** That columns lie in. */
  readonly arenas: readonly SharedArena[]
  readonly columns: readonly SharedInfo[]
  readonly segments: readonly SharedSegment[]
  /** Parts of each piece of work. */
  readonly pieces: readonly (readonly SharedPart[])[]
}

/** Pieces that each thread has about, so that none waits long for the others … */
const PIECES_PER_THREAD = 16
/** … of at most so many rows: a segment. */
const LARGEST_PIECE = 131_072

/** Parts of so much fewer rows for their time than all have are scattered, as what came last is, where they are such a part of all. */
const SCATTERED = 4

/** The rows of a plan in pieces of about one size, each of a stretch of time as far as rows are sorted. */
export function piecesOf({ parts, rows }: Plan, threads: number, least: number): PlannedPart[][] {
  const size = Math.max(least, Math.ceil(rows * 2 / MAX_PIECES), Math.min(LARGEST_PIECE, Math.ceil(rows / threads / PIECES_PER_THREAD)))
  const [start, end] = [Math.min(...parts.map(firstOf)), Math.max(...parts.map(lastOf))]
  const isScattered = (part: PlannedPart): boolean => (lastOf(part) - firstOf(part)) * rows > SCATTERED * (part.to - part.from) * (end - start)
  const scattered = parts.filter(isScattered)
  if (scattered.length === 0 || rowsOf(scattered) * SCATTERED > rows) return cut(parts, size)
  const pieces = cut(parts.filter(part => !isScattered(part)), size)
  for (const part of scattered) scatter(part, pieces)
  return pieces
}

function rowsOf(parts: readonly PlannedPart[]): number {
  return parts.reduce((sum, { from, to }) => sum + to - from, 0)
}

function firstOf({ part: { segment }, from }: PlannedPart): number {
  return segment.startOf(from)
}

function lastOf({ part: { segment }, to }: PlannedPart): number {
  return segment.startOf(to - 1)
}

/** Adds the rows to the pieces of their times, so that no other thread has rows of the same bucket. */
function scatter({ part, from, to }: PlannedPart, pieces: readonly PlannedPart[][]): void {
  const starts = pieces.map(piece => firstOf(piece[0]))
  for (let at = from, i = 0; at < to; i++) {
    const end = i + 1 < pieces.length ? Math.min(to, Math.max(at, part.segment.lowerBound(starts[i + 1], at))) : to
    if (end > at) pieces[i].push({ part, from: at, to: end })
    at = end
  }
}

/** Parts are cut alike, and small ones share a piece: where a part ends less has to be put together than within one. */
function cut(parts: readonly PlannedPart[], size: number): PlannedPart[][] {
  const pieces: PlannedPart[][] = []
  let room = 0
  for (const { part, from, to } of parts) {
    const rows = to - from
    if (rows > room) {
      const length = Math.ceil(rows / Math.max(1, Math.round(rows / size)))
      for (let at = from; at < to; at += length) pieces.push([{ part, from: at, to: Math.min(to, at + length) }])
      room = size - rows
    } else {
      pieces[pieces.length - 1].push({ part, from, to })
      room -= rows
    }
  }
  return pieces
}

/**
 * What other threads read of the sessions; null where something of it is not in shared memory, or is too much to be put there.
 * Columns are read from files here, all of them, which may take at most half of `memory` bytes. In steps.
 */
export function* shareSessions(
  { query, parts, columns: read }: Plan, pieces: readonly (readonly PlannedPart[])[], columns: ReadonlyMap<string, ColumnInfo>, memory: number
): Generator<void, SharedSessions | null, void> {
  const needs = new Needs(query, columns)
  for (const name of needs.texts) if (columns.get(name)!.dictionary!.size > MOST_SHARED_TEXTS) return null
  const numbers = new Map<Segment, number>()
  for (const { part: { segment } } of parts) if (!numbers.has(segment)) numbers.set(segment, numbers.size)
  const stored = read.map(({ name }) => name)
  if (unreadBytes(numbers.keys(), stored) * 2 > memory) return null
  const segments: SharedSegment[] = []
  for (const segment of numbers.keys()) {
    const shared = shareSegment(segment, stored, needs.coupons)
    if (shared === null) return null
    segments.push(shared)
    yield
  }
  const names = new Set([...stored, ...(query.derived ?? []).map(({ name }) => name)])
  return {
    arenas: arenasOf(segments),
    columns: [...names].map(name => shareInfo(name, columns.get(name)!, needs, needs.coupons.has(name) && segments.some(segment => lacksCoupons(segment, name)))),
    segments,
    pieces: pieces.map(piece => piece.map(({ part, from, to }) => ({ segment: numbers.get(part.segment)!, from, to, deleted: part.deleted })))
  }
}

function arenasOf(segments: readonly SharedSegment[]): SharedArena[] {
  const arenas = new Map<number, SharedArena>()
  for (const { starts, columns } of segments) {
    for (const array of [starts, ...columns.flatMap(([, column]) => arraysOf(column))]) {
      const arena = arenaOf(array)
      if (arena !== undefined && !arenas.has(arena.id)) arenas.set(arena.id, { id: arena.id, memory: arena.memory })
    }
  }
  return [...arenas.values()]
}

function shareInfo(name: string, { type, dictionary, derived }: ColumnInfo, { lookups, texts, ties }: Needs, isLookedUp: boolean): SharedInfo {
  if (dictionary === null) return { name, type, derived, dictionary }
  const { size } = dictionary
  const isRead = texts.has(name) || (ties.has(name) && size <= MOST_SHARED_TEXTS)
  const codes = [...lookups.get(name) ?? []].map((text): [string, number] => [text, dictionary.lookup(text)]).filter(([, code]) => code > 0 && code < size)
  return {
    name, type, derived,
    dictionary: { size, codes: new Map(codes), pages: isRead ? pagesOf(dictionary) : null, coupons: isLookedUp ? couponsOf(dictionary) : null }
  }
}

/** Coupons of its rows are those of their codes. */
function lacksCoupons({ columns }: SharedSegment, name: string): boolean {
  const column = columns.find(([other]) => other === name)?.[1]
  return column === undefined || column.type !== 'string' || column.coupons === null
}

/** Bytes of columns that are not held in memory with their segment. */
function unreadBytes(segments: Iterable<Segment>, names: readonly string[]): number {
  let bytes = 0
  for (const segment of segments) {
    const planned = names.reduce((sum, name) => sum + segment.bytesOf(name), segment.bytesOf('started_at'))
    bytes += Math.max(0, planned - segment.bytes)
  }
  return bytes
}

function shareSegment(segment: Segment, names: readonly string[], withCoupons: ReadonlySet<string>): SharedSegment | null {
  segment.share(names)
  const { starts } = segment
  if (!isShared(starts)) return null
  const columns: [string, SharedColumn][] = []
  for (const name of names) {
    const column = segment.columns.get(name)
    if (column === undefined) continue
    const shared = withoutDictionary(column, withCoupons.has(name))
    if (!arraysOf(shared).every(isShared)) return null
    columns.push([name, shared])
  }
  return { starts, columns }
}

function arraysOf(column: SharedColumn): ArrayBufferView[] {
  switch (column.type) {
    case 'string': return column.coupons === null ? [column.codes] : [column.codes, column.coupons]
    case 'number': return column.valid === null ? [column.values] : [column.values, column.valid]
    case 'strings': return [column.offsets, column.codes]
  }
}

/** Coupons that nobody asks for are not looked up. */
function withoutDictionary(column: Column, withCoupons: boolean): SharedColumn {
  switch (column.type) {
    case 'string': return { type: 'string', codes: column.codes, coupons: withCoupons ? column.coupons : null }
    case 'number': return { type: 'number', values: column.values, valid: column.valid, exponents: column.exponents }
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
