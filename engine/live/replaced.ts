/** Sessions that were replaced, next to what replaced them: most replacements change little, and a query need not hear of what it does not read. */
import { clearBit, hasBit, setBit, wordsFor } from '../column/bitset.js'
import type { Column, StringColumn } from '../column/column.js'
import type { ColumnInfo } from '../column/derived.js'
import type { Segment } from '../table/segment.js'

/** Rows of the added and of the removed sessions that are left out of a pass, a bit each. */
export interface Skipped {
  readonly added: Uint32Array
  readonly removed: Uint32Array
}

export interface Replacements {
  /** Rows that nobody need look at, or that only `parts` are about. */
  readonly whole: Skipped
  /** By number of a set of columns: the rows of which only these columns changed; absent where there are none. */
  readonly parts: ReadonlyMap<number, Skipped>
}

/**
 * @param keys columns that say whether and where a session counts at all
 * @param sets columns that are read for each of several purposes
 */
export function compareReplaced(
  added: Segment, removed: Segment, columns: ReadonlyMap<string, ColumnInfo>, keys: readonly string[], sets: readonly (readonly string[])[]
): Replacements {
  const whole: Skipped = { added: bitsOf(added, false), removed: bitsOf(removed, false) }
  const parts = new Map<number, Skipped>()
  const same = new Comparison(added, removed, columns)
  const candidates = rowsOfKeys(added)
  const { sources, ids } = keysOf(removed)
  for (let row = 0; row < removed.rows; row++) {
    // Of several that came for it the one most like it, which may be itself: it came and was replaced since.
    const ofSession = candidates.get(sessionKey(sources[row], ids[row])) ?? []
    const alike = ofSession.filter(other => same.in(keys, other, row))
    const by = alike.find(other => sets.every(names => same.in(names, other, row))) ?? alike[0]
    if (by === undefined) continue
    ofSession.splice(ofSession.indexOf(by), 1)
    setBit(whole.added, by)
    setBit(whole.removed, row)
    sets.forEach((names, set) => {
      if (same.in(names, by, row)) return
      const part = parts.get(set) ?? { added: bitsOf(added, true), removed: bitsOf(removed, true) }
      parts.set(set, part)
      clearBit(part.added, by)
      clearBit(part.removed, row)
    })
  }
  return { whole, parts }
}

/** Numbers of the rows of each session. */
function rowsOfKeys(segment: Segment): Map<number, number[]> {
  const { sources, ids } = keysOf(segment)
  const rows = new Map<number, number[]>()
  for (let row = 0; row < segment.rows; row++) {
    const key = sessionKey(sources[row], ids[row])
    const known = rows.get(key)
    if (known === undefined) rows.set(key, [row])
    else known.push(row)
  }
  return rows
}

function keysOf({ columns }: Segment): { sources: StringColumn['codes'], ids: StringColumn['codes'] } {
  return { sources: (columns.get('source') as StringColumn).codes, ids: (columns.get('session_id') as StringColumn).codes }
}

/** Codes of ids take 32 bits, those of sources 16. */
function sessionKey(source: number, id: number): number {
  return source * 2 ** 32 + id
}

function bitsOf({ rows }: Segment, set: boolean): Uint32Array {
  return new Uint32Array(wordsFor(rows)).fill(set ? 0xffffffff : 0)
}

/** Compares a row of the one segment with a row of the other. */
class Comparison {
  private readonly added: Segment
  private readonly removed: Segment
  private readonly infos: ReadonlyMap<string, ColumnInfo>
  private readonly columns = new Map<string, readonly [Column, Column]>()

  constructor(added: Segment, removed: Segment, infos: ReadonlyMap<string, ColumnInfo>) {
    this.added = added
    this.removed = removed
    this.infos = infos
  }

  in(names: readonly string[], addedRow: number, removedRow: number): boolean {
    return names.every(name => {
      const [a, b] = this.pair(name)
      return sameValue(a, addedRow, b, removedRow)
    })
  }

  private pair(name: string): readonly [Column, Column] {
    let pair = this.columns.get(name)
    if (pair === undefined) {
      const { type, dictionary } = this.infos.get(name)!
      pair = [this.added.column(name, type, dictionary), this.removed.column(name, type, dictionary)]
      this.columns.set(name, pair)
    }
    return pair
  }
}

function sameValue(a: Column, rowA: number, b: Column, rowB: number): boolean {
  if (a.type === 'number' && b.type === 'number') {
    const present = a.valid === null || hasBit(a.valid, rowA)
    if (present !== (b.valid === null || hasBit(b.valid, rowB))) return false
    return !present || a.values[rowA] === b.values[rowB]
  }
  if (a.type === 'string' && b.type === 'string') return a.codes[rowA] === b.codes[rowB]
  if (a.type !== 'strings' || b.type !== 'strings') return false
  const from = a.offsets[rowA]
  const length = a.offsets[rowA + 1] - from
  if (b.offsets[rowB + 1] - b.offsets[rowB] !== length) return false
  for (let i = 0; i < length; i++) if (a.codes[from + i] !== b.codes[b.offsets[rowB] + i]) return false
  return true
}
