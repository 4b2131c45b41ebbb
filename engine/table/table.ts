/**
 * All sessions: sealed segments sorted by start, an open head, one dictionary per string column, and the key index.
 * Every change leaves the table consistent; a snapshot taken before it is not disturbed.
 */
import { LimitError, SessionqlError } from '../../dsl/errors.js'
import type { ColumnType } from '../../dsl/query.js'
import { hasBit, setBit, wordsFor } from '../column/bitset.js'
import type { StringColumn } from '../column/column.js'
import { Dictionary } from '../column/dictionary.js'
import { compaction, needsCompaction, type Compactable } from './compact.js'
import { gather, liveRows, type GatherInput } from './gather.js'
import { Head, type HeadColumn } from './head.js'
import { KeyIndex, MAX_SEGMENT_ROWS, MAX_SLOTS, reference, rowOf, slotOf } from './key-index.js'
import { promoteHead, promoteSegment } from './promote.js'
import { BASE_COLUMNS } from './schema.js'
import type { Segment } from './segment.js'

const HEAD_SLOT = 0
/** The key index keeps a source in 16 bits. */
const MAX_SOURCES = 65_535

export interface TableOptions {
  /** Rows at which the head is sealed; at most 131,072. */
  readonly segmentRows?: number
  readonly columns?: Iterable<readonly [string, ColumnType]>
}

export interface TableColumn {
  readonly name: string
  type: ColumnType
  /** Said beforehand (giosg's columns, a connector's description): values must fit, the type never widens. */
  readonly declared: boolean
  dictionary: Dictionary | null
  /** Of the head of now; null until one of its rows has the column. */
  head: HeadColumn | null
}

/** A sealed segment in the table, with what happened to its rows since. */
interface Slot extends Compactable {
  /** The bitmap is in use by a snapshot: copy it before the next change. */
  shared: boolean
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
}

export class Table {
  readonly columns = new Map<string, TableColumn>()
  readonly segmentRows: number
  private readonly slots: (Slot | null)[] = [null]
  private readonly freeSlots: number[] = []
  private readonly keys = new KeyIndex()
  private head: Head
  private readonly sourceColumn: TableColumn
  private readonly idColumn: TableColumn
  private cached: Snapshot | null = null
  private compacting = false
  private sealedBytes = 0
  rows = 0
  /** Changes when a column comes or changes its type. */
  schemaVersion = 0

  constructor(options: TableOptions = {}) {
    this.segmentRows = checkedRows(options.segmentRows ?? MAX_SEGMENT_ROWS)
    this.head = new Head(this.segmentRows)
    for (const [name, type] of [...BASE_COLUMNS, ...(options.columns ?? [])]) {
      if (!this.columns.has(name)) this.addColumn(name, type, true)
    }
    this.sourceColumn = this.columns.get('source')!
    this.idColumn = this.columns.get('session_id')!
  }

  addColumn(name: string, type: ColumnType, declared: boolean): TableColumn {
    const column: TableColumn = { name, type, declared, dictionary: type === 'number' ? null : new Dictionary(), head: null }
    this.columns.set(name, column)
    this.schemaVersion++
    return column
  }

  /** Bytes held: segments, head, dictionaries and the key index. */
  get bytes(): number {
    let bytes = this.sealedBytes + this.head.bytes + this.keys.bytes
    for (const column of this.columns.values()) bytes += column.dictionary?.bytes ?? 0
    return bytes
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

  headOf(column: TableColumn): HeadColumn {
    return column.head ??= this.head.column(column.name, column.type, column.dictionary)
  }

  /** Code of a source. @throws LimitError when there are too many of them */
  encodeSource(source: string): number {
    const code = this.sourceColumn.dictionary!.encode(source)
    if (code > MAX_SOURCES) throw new LimitError('max_sources', MAX_SOURCES, code, 'Use fewer distinct values of "source".')
    return code
  }

  /** Moves an open row in time, before it is committed. */
  setStart(row: number, start: number): void {
    this.head.starts[row] = start
  }

  /** Makes the row visible in place of the one with the same key (codes of `source` and `session_id`). True where there was one. */
  commit(row: number, sourceCode: number, idCode: number): boolean {
    this.headOf(this.sourceColumn).setCode(row, sourceCode)
    this.headOf(this.idColumn).setCode(row, idCode)
    const before = this.keys.get(sourceCode, idCode)
    if (before >= 0) this.delete(before)
    else this.rows++
    this.keys.set(sourceCode, idCode, reference(HEAD_SLOT, row))
    return before >= 0
  }

  rollback(row: number): void {
    this.head.delete(row)
  }

  /** Turns a column into a wider type, in the head and in every segment. */
  promote(column: TableColumn, type: ColumnType): void {
    const dictionary = column.dictionary ??= new Dictionary()
    column.type = type
    this.schemaVersion++
    for (const slot of this.slots) {
      if (slot !== null) this.replaceSegment(slot, promoteSegment(slot.segment, column.name, type, dictionary))
    }
    if (column.head !== null) {
      column.head = promoteHead(column.head, this.head.rows, this.head.capacity, type, dictionary)
      this.head.columns.set(column.name, column.head)
    }
    this.cached = null
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
    const [open] = gather([this.headInput()], this.segmentRows)
    if (open !== undefined) parts.push({ segment: open, first: 0, deleted: null })
    this.cached = { parts, rows: this.rows }
    return this.cached
  }

  /** True when merging segments pays; `settling` after a bulk load, when no more rows are on their way. */
  needsCompaction(settling: boolean): boolean {
    return !this.compacting && needsCompaction(this.sealed(), this.segmentRows, settling)
  }

  /** Merges overlapping segments into segments that follow each other in time. Between two steps the table is consistent. */
  *compact(): Generator<void, void, void> {
    this.compacting = true
    try {
      for (const { segments, consumed } of compaction(this.sealed(), this.segmentRows)) {
        for (const segment of segments) this.addSegment(segment, 1)
        for (const slot of consumed) this.drop(slot)
        this.cached = null
        yield
      }
    } finally {
      this.compacting = false
    }
  }

  private sealed(): Slot[] {
    return this.slots.filter(slot => slot !== null)
  }

  private headInput(): GatherInput {
    const { head } = this
    const columns = new Map([...head.columns].map(([name, column]) => [name, column.view(head.rows)]))
    return { starts: head.starts, columns, rows: liveRows(0, head.rows, head.deleted) }
  }

  private seal(): void {
    for (const segment of gather([this.headInput()], this.segmentRows)) {
      const disjoint = this.sealed().every(({ segment: other }) => other.last < segment.first || other.first > segment.last)
      this.addSegment(segment, disjoint && !this.compacting ? 1 : 0)
    }
    this.head = new Head(this.segmentRows)
    for (const column of this.columns.values()) column.head = null
  }

  private addSegment(segment: Segment, level: 0 | 1): void {
    const index = this.freeSlots.pop() ?? this.slots.length
    if (index >= MAX_SLOTS) {
      throw new LimitError('max_segments', MAX_SLOTS - 1, index, 'The table is full: drop old sessions or split it by source.')
    }
    this.slots[index] = { segment, first: 0, deleted: null, deletedRows: 0, level, shared: false }
    this.sealedBytes += segment.bytes
    const sources = (segment.columns.get('source') as StringColumn).codes
    const ids = (segment.columns.get('session_id') as StringColumn).codes
    for (let row = 0; row < segment.rows; row++) this.keys.set(sources[row], ids[row], reference(index, row))
  }

  private drop(slot: Compactable): void {
    const index = this.slots.findIndex(other => other === slot)
    this.slots[index] = null
    this.freeSlots.push(index)
    this.sealedBytes -= slot.segment.bytes
  }

  private replaceSegment(slot: Slot, segment: Segment): void {
    this.sealedBytes += segment.bytes - slot.segment.bytes
    slot.segment = segment
  }

  private delete(ref: number): void {
    const row = rowOf(ref)
    if (slotOf(ref) === HEAD_SLOT) {
      this.head.delete(row)
      return
    }
    const slot = this.slots[slotOf(ref)]!
    if (slot.deleted === null) slot.deleted = new Uint32Array(wordsFor(slot.segment.rows))
    else if (slot.shared) slot.deleted = slot.deleted.slice()
    slot.shared = false
    if (hasBit(slot.deleted, row)) return
    setBit(slot.deleted, row)
    slot.deletedRows++
    this.cached = null
  }
}

function checkedRows(rows: number): number {
  if (Number.isInteger(rows) && rows >= 1 && rows <= MAX_SEGMENT_ROWS) return rows
  throw new SessionqlError('invalid_config', `segmentRows is ${rows}; it must be a whole number from 1 to ${MAX_SEGMENT_ROWS}`)
}
