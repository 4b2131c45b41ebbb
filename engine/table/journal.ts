/**
 * What happened to the sessions of a table since it was last asked: for queries that are left standing. A session that came and was
 * replaced before anybody asked never shows; others show as added, and as removed when another one took their place.
 */
import { gatherColumns, liveRows } from './gather.js'
import type { GatherInput } from './gather-columns.js'
import { wordStart } from '../column/bitset.js'
import type { Head } from './head.js'
import { Segment } from './segment.js'

/** Sessions kept for those who are slow to ask; with more of them it is cheaper to look at the table anew. */
const MAX_ROWS = 2 ** 20

export interface Changes {
  /** In the order of their starts, with the columns that are wanted; null where there are none. */
  readonly added: Segment | null
  readonly removed: Segment | null
  /** What happened is not known in detail: look at the table. */
  readonly unknown: boolean
}

export class Journal {
  /** Columns that are wanted: there may come more. */
  private readonly names: ReadonlySet<string>
  private parts: GatherInput[] = []
  private readonly removed = new Map<Segment | Head, number[]>()
  private rows = 0
  private unknown = false
  /** Rows of the head up to here were told, or were there before. */
  private mark: number

  constructor(head: Head, names: ReadonlySet<string>) {
    this.names = names
    this.mark = head.rows
  }

  /** The head is sealed: what is left to tell of it is kept. */
  sealing(head: Head): void {
    this.capture(head)
    this.mark = 0
  }

  /** Another session takes the place of the one in this row of the head. */
  removeOpen(head: Head, row: number): void {
    if (row < this.mark) this.remove(head, row)
  }

  /** Another session takes the place of the one in this row of a segment, which may have come in any time before. */
  removeSealed(segment: Segment, row: number): void {
    this.remove(segment, row)
  }

  /** Sessions go without others in their place. */
  forget(): void {
    this.unknown = true
    this.drop()
  }

  /** What happened since the last call. */
  take(head: Head): Changes {
    this.capture(head)
    const { unknown } = this
    const changes: Changes = unknown ? { added: null, removed: null, unknown } : { added: gatherColumns(this.parts, this.names), removed: gatherColumns(this.removedParts(), this.names), unknown }
    this.unknown = false
    this.drop()
    return changes
  }

  private capture(head: Head): void {
    const { mark } = this
    this.mark = head.rows
    if (this.unknown || head.rows === mark) return
    this.rows += head.rows - mark
    if (this.rows > MAX_ROWS) {
      this.forget()
      return
    }
    const base = wordStart(mark)
    this.parts.push({ ...head.part(base, this.names), rows: liveRows(mark, head.rows, head.deleted).map(row => row - base) })
  }

  private remove(place: Segment | Head, row: number): void {
    if (this.unknown) return
    const rows = this.removed.get(place)
    if (rows === undefined) this.removed.set(place, [row])
    else rows.push(row)
    if (++this.rows > MAX_ROWS) this.forget()
  }

  private removedParts(): GatherInput[] {
    return [...this.removed].map(([place, rows]) => {
      const sorted = Uint32Array.from(rows).sort()
      if (place instanceof Segment) return { starts: place.starts, columns: place.columns, rows: sorted }
      const base = wordStart(sorted[0])
      const { starts, columns } = place.part(base, this.names)
      return { starts, columns, rows: sorted.map(row => row - base) }
    })
  }

  private drop(): void {
    this.parts = []
    this.removed.clear()
    this.rows = 0
  }
}
