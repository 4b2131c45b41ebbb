/**
 * All sessions: sealed segments sorted by start, an open head, one dictionary per string column, and the key index.
 * Every change leaves the table consistent; a snapshot taken before it is not disturbed.
 */
import { LimitError, SessionqlError } from '../../dsl/errors.js'
import type { ColumnType } from '../../dsl/query.js'
import { countBits, hasBit, setBit, wordsFor } from '../column/bitset.js'
import { Dictionary } from '../column/dictionary.js'
import { ownMemory, type Memory } from '../column/memory.js'
import { compaction, needsCompaction, type Compactable } from './compact.js'
import { gather, liveRows } from './gather.js'
import type { GatherInput } from './gather-columns.js'
import { Head, type HeadColumn } from './head.js'
import type { ImageSegment, TableImage } from './image.js'
import { Journal, type Changes } from './journal.js'
import { KeyIndex, MAX_SEGMENT_ROWS, MAX_SLOTS, reference, rowOf, slotOf } from './key-index.js'
import { promoteHead, promoteSegment } from './promote.js'
import { BASE_COLUMNS, KEY_COLUMNS } from './schema.js'
import type { Segment } from './segment.js'
import { cutMerged, deletedAtSeal, keysOf, liveRowsOf, mergedShare, newSlot, untilMerged, type Slot } from './slot.js'

const HEAD_SLOT = 0
/** Share of merged rows from which on the others are copied to let go of them: in all, each row is copied once. */
const WORTH_CUTTING = 1 / 3
const CUT_AT_ONCE = 3
/** Each type holds the values of those before it. */
const WIDENING: readonly ColumnType[] = ['number', 'string', 'strings']
/** The key index keeps a source in 16 bits. */
const MAX_SOURCES = 65_535

export interface TableOptions {
  /** Rows at which the head is sealed; at most 131,072. */
  readonly segmentRows?: number
  readonly columns?: Iterable<readonly [string, ColumnType]>
  /** Columns whose values are kept, beside those that make up a session's key and time; without it all. */
  readonly keep?: Iterable<string>
  /** Where columns of sealed segments and of snapshots come to lie, */
  readonly memory?: Memory
  /** and those of segments that are not to be merged soon. */
  readonly lasting?: Memory
}

export interface TableColumn {
  readonly name: string
  type: ColumnType
  /** Said beforehand (giosg's columns, a connector's description): values must fit, the type never widens. */
  readonly declared: boolean
  /** Of others values are checked, and no more. */
  readonly kept: boolean
  dictionary: Dictionary | null
  /** Of the head of now; null until one of its rows has the column. */
  head: HeadColumn | null
}

/** Rows [first, segment.rows) of a segment without the deleted ones. */
export interface Part {
  readonly segment: Segment
  readonly first: number
  readonly deleted: Uint32Array | null
}

export interface Snapshot {
  readonly parts: readonly Part[]
  readonly rows: number
  /** Columns whose values there are; undefined: all. */
  readonly kept?: ReadonlySet<string>
}

export class Table {
  readonly columns = new Map<string, TableColumn>()
  readonly segmentRows: number
  private readonly memory: Memory
  private readonly lasting: Memory
  private readonly kept: ReadonlySet<string> | undefined
  private readonly slots: (Slot | null)[] = [null]
  private readonly freeSlots: number[] = []
  /** null until a session comes that may be there: neither queries nor new sessions need it. Kept up to date from then on, and whole when `isIndexed`. */
  private keys: KeyIndex | null = null
  private isIndexed = false
  /** Codes of session ids from here on are of no row. */
  private newIds = 0
  private head: Head
  private readonly sourceColumn: TableColumn
  private readonly idColumn: TableColumn
  private cached: Snapshot | null = null
  private compacting = false
  /** Rows that the open head replaced were merged away: an image would miss them. */
  private headNeeded = false
  /** null while nobody watches. */
  private journal: Journal | null = null
  private sealedBytes = 0
  rows = 0
  /** Called when all rows so far are in sealed segments. */
  onSeal: (() => void) | null = null
  /** Epoch ms of the batch that is being read; undefined for what was stored before. */
  readingAt: number | undefined
  /** By the code of a source. */
  private readonly readTimes: (number | undefined)[] = []
  /** Changes when a column comes or changes its type. */
  schemaVersion = 0

  constructor(options: TableOptions = {}) {
    this.segmentRows = checkedRows(options.segmentRows ?? MAX_SEGMENT_ROWS)
    this.memory = options.memory ?? ownMemory
    this.lasting = options.lasting ?? this.memory
    this.kept = options.keep && new Set([...KEY_COLUMNS, ...options.keep])
    this.head = new Head(this.segmentRows)
    for (const [name, type] of [...BASE_COLUMNS, ...(options.columns ?? [])]) {
      if (!this.columns.has(name)) this.addColumn(name, type, true)
    }
    this.sourceColumn = this.columns.get('source')!
    this.idColumn = this.columns.get('session_id')!
  }

  addColumn(name: string, type: ColumnType, declared: boolean): TableColumn {
    const column: TableColumn = {
      name, type, declared, kept: this.kept?.has(name) ?? true, dictionary: type === 'number' ? null : new Dictionary(), head: null
    }
    this.columns.set(name, column)
    this.schemaVersion++
    return column
  }

  /** Bytes held: segments in memory, head, dictionaries and the key index. Not the columns that are read from files. */
  get bytes(): number {
    let bytes = this.sealedBytes + this.head.bytes + (this.keys?.bytes ?? 0)
    for (const column of this.columns.values()) bytes += column.dictionary?.bytes ?? 0
    return bytes
  }

  /** Lets go of texts that can be read again. */
  release(): void {
    for (const { dictionary } of this.columns.values()) dictionary?.release()
  }

  get segmentCount(): number {
    return this.slots.length - 1 - this.freeSlots.length
  }

  /** Opens a row of the head for the columns that `headOf` gives; `commit` or `rollback` must follow. */
  begin(start: number): number {
    if (this.head.full) this.seal()
    this.cached = null
    return this.head.append(start)
  }

  /** Rows that can be opened at once; at least one. */
  get room(): number {
    if (this.head.full) this.seal()
    return this.segmentRows - this.head.rows
  }

  /** Opens so many rows, for which there is room, as `begin` does one; `commitRows` must follow. Returns the first. */
  beginRows(count: number): number {
    this.cached = null
    return this.head.extend(count)
  }

  headOf(column: TableColumn): HeadColumn {
    return column.head ??= this.head.column(column.name, column.type, column.dictionary)
  }

  /** Code of a source. @throws LimitError when there are too many of them */
  encodeSource(source: string): number {
    const code = this.sourceColumn.dictionary!.encode(source)
    if (code > MAX_SOURCES) throw new LimitError('max_sources', MAX_SOURCES, code, 'Use fewer distinct values of "source".')
    return code
  }

  /** `readingAt` is when a source was read, whether sessions came or not. */
  markRead(source: string): void {
    const code = this.sourceColumn.dictionary!.lookup(source)
    if (code >= 0) this.readTimes[code] = this.readingAt
  }

  /** When a source was last read, epoch ms; null where that was before the table was opened. */
  lastRead(source: string): number | null {
    return this.readTimes[this.sourceColumn.dictionary!.lookup(source)] ?? null
  }

  /** Moves an open row in time, before it is committed. */
  setStart(row: number, start: number): void {
    this.head.starts[row] = start
  }

  setStarts(first: number, starts: Float64Array): void {
    this.head.starts.set(starts, first)
  }

  /** Makes the row visible in place of the one with the same key (codes of `source` and `session_id`). True where there was one. */
  commit(row: number, sourceCode: number, idCode: number): boolean {
    this.readTimes[sourceCode] = this.readingAt
    const isNew = idCode >= this.newIds
    if (isNew) this.newIds = idCode + 1
    else if (!this.isIndexed) this.indexKeys()
    this.headOf(this.sourceColumn).setCode(row, sourceCode)
    this.headOf(this.idColumn).setCode(row, idCode)
    const before = isNew ? -1 : this.keys!.get(sourceCode, idCode)
    if (before >= 0) this.delete(before)
    else this.rows++
    this.keys?.set(sourceCode, idCode, reference(HEAD_SLOT, row))
    return before >= 0
  }

  /** `commit` for the rows from `first` on, one for each of the ids. Returns how many took the place of others. */
  commitRows(first: number, sourceCode: number, ids: Uint32Array): number {
    const before = this.rows
    for (let i = 0; i < ids.length; i++) this.commit(first + i, sourceCode, ids[i])
    return before + ids.length - this.rows
  }

  rollback(row: number): void {
    this.head.delete(row)
  }

  /** Turns a column into a wider type, in the head and in every segment. */
  promote(column: TableColumn, type: ColumnType): void {
    this.journal?.forget()
    column.type = type
    const dictionary = this.rewrite(column)
    if (column.head !== null) {
      column.head = promoteHead(column.head, this.head.rows, this.head.capacity, type, dictionary)
      this.head.columns.set(column.name, column.head)
    }
    this.cached = null
  }

  /** Gives the column of every segment the type that the column has. */
  private rewrite(column: TableColumn): Dictionary {
    const dictionary = column.dictionary ??= new Dictionary()
    this.schemaVersion++
    for (const slot of this.slots) {
      if (slot !== null) this.replaceSegment(slot, promoteSegment(slot.segment, column.name, column.type, dictionary, this.memory))
    }
    this.cached = null
    return dictionary
  }

  /** What a query reads: later changes do not reach it. */
  snapshot(): Snapshot {
    if (this.cached !== null) return this.cached
    const parts: Part[] = []
    for (const slot of this.slots) {
      if (slot === null) continue
      slot.shared = true
      parts.push({ segment: slot.segment, first: slot.first, deleted: slot.deleted })
    }
    const [open] = gather([this.headInput()], this.segmentRows, this.memory)
    if (open !== undefined) parts.push({ segment: open, first: 0, deleted: null })
    this.cached = { parts, rows: this.rows, ...this.kept && { kept: this.kept } }
    return this.cached
  }

  /** From now on changes of these columns, of which there may come more, are kept for `changes`; with null no more. */
  watched(names: ReadonlySet<string> | null): void {
    this.journal = names === null ? null : new Journal(this.head, names)
  }

  /** What happened since the last call; the table must be watched. */
  changes(): Changes {
    return this.journal!.take(this.head)
  }

  /** True when merging segments pays; `settling` after a bulk load, when no more rows are on their way. */
  needsCompaction(settling: boolean): boolean {
    return !this.compacting && needsCompaction(this.sealed(), this.segmentRows, settling)
  }

  /** Merges overlapping segments into segments that follow each other in time. Between two steps the table is consistent. */
  *compact(): Generator<void, void, void> {
    this.compacting = true
    try {
      for (const { segments, consumed } of compaction(this.sealed(), this.segmentRows, this.lasting)) {
        this.headNeeded ||= this.sealed().some(({ replacedByHead }) => replacedByHead.length > 0)
        for (const segment of segments) this.addSegment(segment, 1)
        for (const slot of consumed) this.drop(slot)
        this.cached = null
        yield
        yield* this.trim()
      }
    } finally {
      this.compacting = false
    }
  }

  /**
   * Lets go of merged rows of segments that are merged in part: merging all would else take all their memory once more. A few at a time, because what
   * they leave is not free at once. Of those of level 1 there is one at a time.
   */
  private *trim(): Generator<void, void, void> {
    const worth = this.sealed().filter(slot => slot.level === 0 && mergedShare(slot) >= WORTH_CUTTING)
      .sort((a, b) => mergedShare(b) - mergedShare(a))
    for (const slot of worth.slice(0, CUT_AT_ONCE)) {
      if (!this.slots.includes(slot)) continue
      const { segment } = slot
      if (!cutMerged(slot, untilMerged(segment.rows))) continue
      this.sealedBytes += slot.segment.bytes - segment.bytes
      this.cached = null
      yield
    }
  }

  private sealed(): Slot[] {
    return this.slots.filter(slot => slot !== null)
  }

  private headInput(): GatherInput {
    const { head } = this
    return { ...head.part(0), rows: liveRows(0, head.rows, head.deleted) }
  }

  /** Seals the head before it is full. */
  sealHead(): void {
    if (this.head.rows > 0) this.seal()
  }

  /** Begins with what was stored. The table must be new. */
  restore({ columns, segments }: TableImage): void {
    for (const { name, type, declared, dictionary } of columns) {
      const known = this.columns.get(name)
      if (known === undefined) this.columns.set(name, { name, type, declared, kept: true, dictionary, head: null })
      else Object.assign(known, { type: widest(known.type, type), dictionary: dictionary ?? known.dictionary })
    }
    this.schemaVersion++
    this.newIds = this.idColumn.dictionary!.size
    for (const { segment, first, deleted, level } of segments) {
      const slot = newSlot(segment, level, first, deleted)
      this.slots.push(slot)
      this.sealedBytes += segment.bytes
      this.rows += liveRowsOf(slot)
    }
    for (const { name, type } of columns) {
      const column = this.columns.get(name)!
      if (column.type !== type) this.rewrite(column)
    }
    this.cached = null
  }

  /** All that was sealed, as it was at the last seal: what the head replaced since is as if it had not been. */
  image(): TableImage {
    if (this.headNeeded) this.sealHead()
    const segments: ImageSegment[] = []
    for (const slot of this.sealed()) {
      if (slot.first < slot.segment.rows) segments.push({ segment: slot.segment, first: slot.first, deleted: deletedAtSeal(slot), level: slot.level })
    }
    const columns = [...this.columns.values()].map(({ name, type, declared, dictionary }) => ({ name, type, declared, dictionary, size: dictionary?.size ?? 0 }))
    return { columns, segments }
  }

  /** Takes stored segments in the place of those in memory. */
  swap(stored: ReadonlyMap<Segment, Segment>): void {
    for (const slot of this.sealed()) {
      const segment = stored.get(slot.segment)
      if (segment !== undefined) this.replaceSegment(slot, segment)
    }
    this.cached = null
  }

  /** Drops the sessions that started before `time`. Returns how many. */
  dropBefore(time: number): number {
    const before = this.rows
    for (const slot of this.sealed()) {
      const end = slot.segment.lowerBound(time, slot.first)
      if (end > slot.first) this.dropRows(slot, end)
    }
    const { head, keys } = this
    for (let row = 0; row < head.rows; row++) {
      if (head.starts[row] >= time || (head.deleted !== null && hasBit(head.deleted, row))) continue
      head.delete(row)
      keys?.remove(this.sourceColumn.head!.codeAt(row), this.idColumn.head!.codeAt(row), reference(HEAD_SLOT, row))
      this.rows--
    }
    if (this.rows !== before) {
      this.cached = null
      this.journal?.forget()
    }
    return before - this.rows
  }

  private dropRows(slot: Slot, end: number): void {
    const index = this.slots.indexOf(slot)
    const { segment, deleted, first, offset } = slot
    if (this.keys !== null) {
      const { sources, ids } = keysOf(segment)
      for (let row = first; row < end; row++) this.keys.remove(sources[row], ids[row], reference(index, row + offset))
    }
    this.rows -= end - first - (deleted === null ? 0 : countBits(deleted, first, end))
    slot.first = end
    if (end === segment.rows) this.drop(slot)
  }

  /** Makes ready for sessions that are there already, so that none need wait for it. In steps. */
  *prepare(): Generator<void, void, void> {
    if (this.isIndexed) return
    for (const { dictionary } of this.columns.values()) if (dictionary !== null) yield* dictionary.prepare()
    const keys = this.keys ??= this.keysOfHead()
    // What comes meanwhile, or goes to another place, is put in by whoever does that.
    const { length } = this.slots
    for (let index = 0; index < length && !this.isIndexed; index++) {
      this.addKeys(keys, index)
      yield
    }
    this.isIndexed = true
  }

  private keysOfHead(): KeyIndex {
    const keys = new KeyIndex(this.idColumn.dictionary!.size)
    const { rows, deleted } = this.head
    for (let row = 0; row < rows; row++) {
      // Rows that are open have no id.
      const id = this.idColumn.head?.codeAt(row) ?? 0
      if (id > 0 && (deleted === null || !hasBit(deleted, row))) keys.set(this.sourceColumn.head!.codeAt(row), id, reference(HEAD_SLOT, row))
    }
    return keys
  }

  private indexKeys(): void {
    for (const _ of this.prepare()) { /* a session waits for it */ }
  }

  private addKeys(keys: KeyIndex, index: number): void {
    const slot = this.slots[index]
    if (slot === null) return
    const { segment, first, deleted, offset } = slot
    const { sources, ids } = keysOf(segment)
    for (let row = first; row < segment.rows; row++) {
      if (deleted === null || !hasBit(deleted, row)) keys.set(sources[row], ids[row], reference(index, row + offset))
    }
  }

  private seal(): void {
    this.journal?.sealing(this.head)
    const [first, last] = this.head.span
    const stays = !this.compacting && this.sealed().every(({ segment }) => segment.last < first || segment.first > last)
    for (const segment of gather([this.headInput()], this.segmentRows, stays ? this.lasting : untilMerged(this.head.rows))) this.addSegment(segment, stays ? 1 : 0)
    this.head = new Head(this.segmentRows, this.head.rows)
    for (const column of this.columns.values()) column.head = null
    for (const slot of this.sealed()) slot.replacedByHead = []
    this.headNeeded = false
    this.onSeal?.()
  }

  private addSegment(segment: Segment, level: 0 | 1): void {
    const index = this.freeSlots.pop() ?? this.slots.length
    if (index >= MAX_SLOTS) {
      throw new LimitError('max_segments', MAX_SLOTS - 1, index, 'The table is full: drop old sessions or split it by source.')
    }
    this.slots[index] = newSlot(segment, level)
    this.sealedBytes += segment.bytes
    if (this.keys !== null) this.addKeys(this.keys, index)
  }

  private drop(slot: Compactable): void {
    const index = this.slots.findIndex(other => other === slot)
    // It may have been dropped for its age while it was merged.
    if (index < 0) return
    this.slots[index] = null
    this.freeSlots.push(index)
    this.sealedBytes -= slot.segment.bytes
  }

  private replaceSegment(slot: Slot, segment: Segment): void {
    this.sealedBytes += segment.bytes - slot.segment.bytes
    slot.segment = segment
  }

  private delete(ref: number): void {
    if (slotOf(ref) === HEAD_SLOT) {
      this.journal?.removeOpen(this.head, rowOf(ref))
      this.head.delete(rowOf(ref))
      return
    }
    const slot = this.slots[slotOf(ref)]!
    const row = rowOf(ref) - slot.offset
    if (slot.deleted === null) slot.deleted = new Uint32Array(wordsFor(slot.segment.rows))
    else if (slot.shared) slot.deleted = slot.deleted.slice()
    slot.shared = false
    if (hasBit(slot.deleted, row)) return
    this.journal?.removeSealed(slot.segment, row)
    setBit(slot.deleted, row)
    slot.deletedRows++
    slot.replacedByHead.push(row)
    this.cached = null
  }
}

function widest(a: ColumnType, b: ColumnType): ColumnType {
  return WIDENING.indexOf(a) > WIDENING.indexOf(b) ? a : b
}

function checkedRows(rows: number): number {
  if (Number.isInteger(rows) && rows >= 1 && rows <= MAX_SEGMENT_ROWS) return rows
  throw new SessionqlError('invalid_config', `segmentRows is ${rows}; it must be a whole number from 1 to ${MAX_SEGMENT_ROWS}`)
}
