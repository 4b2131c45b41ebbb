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

/** What was removed with what came in its place. Columns are compared once for all queries that are left standing. */
export class Replaced {
  private readonly added: Segment
  private readonly removed: Segment
  private readonly columnOf: (name: string) => ColumnInfo
  /** Rows of `added` and of `removed` that are of one session. */
  private readonly pairs: readonly (readonly [added: number, removed: number])[]
  /** By column: 1 for each pair that has the same value in both rows. */
  private readonly compared = new Map<string, Uint8Array>()

  constructor(added: Segment, removed: Segment, columnOf: (name: string) => ColumnInfo) {
    this.added = added
    this.removed = removed
    this.columnOf = columnOf
    this.pairs = this.pairUp()
  }

  /**
   * @param keys columns that say where a session counts
   * @param passing whether the rows count at all: 1 for each that does, null where all do
   * @param sets columns that are read for each of several purposes
   */
  replacements(keys: readonly string[], passing: { readonly added: Uint8Array, readonly removed: Uint8Array } | null, sets: readonly (readonly string[])[]): Replacements {
    const { added, removed, pairs } = this
    const whole: Skipped = { added: bitsOf(added, false), removed: bitsOf(removed, false) }
    const parts = new Map<number, Skipped>()
    const inPlace = this.sameIn(keys)
    pairs.forEach(([by, row], pair) => {
      if (passing !== null && passing.added[by] !== passing.removed[row]) inPlace[pair] = 0
      if (inPlace[pair] === 0) return
      setBit(whole.added, by)
      setBit(whole.removed, row)
    })
    sets.forEach((names, set) => {
      const same = this.sameIn(names)
      let part: Skipped | undefined
      pairs.forEach(([by, row], pair) => {
        if (inPlace[pair] === 0 || same[pair] === 1) return
        part ??= { added: bitsOf(added, true), removed: bitsOf(removed, true) }
        clearBit(part.added, by)
        clearBit(part.removed, row)
      })
      if (part !== undefined) parts.set(set, part)
    })
    return { whole, parts }
  }

  /** 1 for each pair that has the same values in all of the columns. */
  private sameIn(names: readonly string[]): Uint8Array {
    const same = new Uint8Array(this.pairs.length).fill(1)
    for (const name of names) {
      const inColumn = this.compareColumn(name)
      for (let pair = 0; pair < same.length; pair++) same[pair] &= inColumn[pair]
    }
    return same
  }

  private compareColumn(name: string): Uint8Array {
    const known = this.compared.get(name)
    if (known !== undefined) return known
    const { type, dictionary } = this.columnOf(name)
    const a = this.added.column(name, type, dictionary)
    const b = this.removed.column(name, type, dictionary)
    const same = Uint8Array.from(this.pairs, ([by, row]) => sameValue(a, by, b, row) ? 1 : 0)
    this.compared.set(name, same)
    return same
  }

  private pairUp(): [added: number, removed: number][] {
    const pairs: [number, number][] = []
    const candidates = rowsOfKeys(this.added)
    const { sources, ids } = keysOf(this.removed)
    for (let row = 0; row < this.removed.rows; row++) {
      const ofSession = candidates.get(sessionKey(sources[row], ids[row]))
      if (ofSession === undefined || ofSession.length === 0) continue
      // Of several that came for it the one like it, which may be itself: it came and was replaced since.
      const by = ofSession.length === 1 ? ofSession[0] : ofSession.find(other => this.isAlike(other, row)) ?? ofSession[0]
      ofSession.splice(ofSession.indexOf(by), 1)
      pairs.push([by, row])
    }
    return pairs
  }

  private isAlike(addedRow: number, removedRow: number): boolean {
    const { added, removed } = this
    if (added.starts[addedRow] !== removed.starts[removedRow]) return false
    return [...added.columns.keys()].every(name => {
      const { type, dictionary } = this.columnOf(name)
      return sameValue(added.column(name, type, dictionary), addedRow, removed.column(name, type, dictionary), removedRow)
    })
  }
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
