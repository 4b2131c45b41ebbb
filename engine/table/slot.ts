/** A sealed segment in the table, with what happened to its rows since. */
import { clearBit, countBits, wordStart } from '../column/bitset.js'
import type { Codes } from '../column/codes.js'
import type { StringColumn } from '../column/column.js'
import { ownMemory, passingMemory, type Memory } from '../column/memory.js'
import type { Compactable } from './compact.js'
import type { Segment } from './segment.js'

/** Columns of so many rows have memory that goes back to the system with them. */
const MANY_ROWS = 2 ** 16

export interface Slot extends Compactable {
  /** The bitmap is in use by a snapshot: copy it before the next change. */
  shared: boolean
  /** Rows of the segment that are no more: references count them. */
  offset: number
  /** Rows that rows of the open head replaced: for an image, which has no head, they are still there. */
  replacedByHead: number[]
}

export function newSlot(segment: Segment, level: 0 | 1, first = 0, deleted: Uint32Array | null = null): Slot {
  const deletedRows = deleted === null ? 0 : countBits(deleted, 0, segment.rows)
  return { segment, first, deleted, deletedRows, level, shared: deleted !== null, offset: 0, replacedByHead: [] }
}

/** Of its rows, from 0 to 1. */
export function mergedShare({ first, segment }: Slot): number {
  return first / segment.rows
}

/** Lets go of the rows before `first`, as far as bitmaps can be cut. False where that frees nothing. */
export function cutMerged(slot: Slot, memory: Memory): boolean {
  const cut = wordStart(slot.first)
  const tail = cut === 0 ? null : slot.segment.tail(cut, memory)
  if (tail === null) return false
  slot.segment = tail
  slot.offset += cut
  slot.first -= cut
  slot.deleted = slot.deleted === null ? null : slot.deleted.slice(cut >>> 5)
  slot.deletedRows = slot.deleted === null ? 0 : countBits(slot.deleted, 0, tail.rows)
  slot.shared = false
  slot.replacedByHead = slot.replacedByHead.filter(row => row >= cut).map(row => row - cut)
  return true
}

/** Codes of the keys of a segment's rows. */
export function keysOf({ columns }: Segment): { sources: Codes, ids: Codes } {
  return { sources: (columns.get('source') as StringColumn).codes, ids: (columns.get('session_id') as StringColumn).codes }
}

/** A bitmap that does not change any more. */
export function deletedAtSeal(slot: Slot): Uint32Array | null {
  if (slot.deleted === null || slot.replacedByHead.length === 0) {
    slot.shared = true
    return slot.deleted
  }
  const deleted = slot.deleted.slice()
  for (const row of slot.replacedByHead) clearBit(deleted, row)
  return deleted
}

export function liveRowsOf({ segment, first, deleted }: Slot): number {
  return segment.rows - first - (deleted === null ? 0 : countBits(deleted, first, segment.rows))
}

/** For so many rows that are to be merged: memory of this thread, whose bytes V8 counts, and so lets go of sooner. */
export function untilMerged(rows: number): Memory {
  return rows >= MANY_ROWS ? passingMemory() : ownMemory
}
