/**
 * Gives every row of a block the number of its group. An array dimension turns a row into one entry per element,
 * so a block can come out longer than it went in.
 */
import { LimitError } from '../../dsl/errors.js'
import type { LateCounts } from '../aggregate/late-counts.js'
import type { Codes } from '../column/codes.js'
import type { ColumnReader } from '../filter/filter.js'
import type { GroupRuns } from '../kernels/contract.js'
import { kernels } from '../kernels/kernels.js'
import type { Rows } from '../kernels/select.js'
import type { BucketRuns } from '../plan/bucket-runs.js'
import type { Grouping } from '../plan/plan.js'
import type { Keys } from './keys/keys.js'
import { stretches } from '../steps.js'
import { PairTable, type GatheredPairs } from './pair-table.js'

/** What groups that were numbered as they came stand for. */
export interface GatheredGroups {
  /** Of each dimension: groups before it with a key. */
  readonly tables: readonly GatheredPairs[]
  /** Of each dimension what its keys stand for, undefined where every thread has the same keys. */
  readonly keys: readonly unknown[]
}

const NONE = new Uint32Array(0)

/** What the rows of a block may come to when arrays explode, and so the groups of one row: a step between two looks at the clock. */
export const BLOCK_ENTRIES = 2 ** 18

export class Grouper {
  /** Of each dimension. */
  readonly keys: readonly Keys[]
  private readonly sizes: readonly number[] | null
  private readonly tables: readonly PairTable[]
  private spareIds = NONE
  private spareKeys = NONE
  /** Written in turn: what one array dimension puts out the next one reads. */
  private readonly rowBuffers = [NONE, NONE]
  private turn = 0
  /** Group of each entry of the last block. In: the bucket of each of its rows. */
  ids = NONE
  /** Segment row of each entry; null while entries are the rows themselves. */
  rows: Rows = null

  /** `keys` are those of the dimensions of group_by. */
  constructor(grouping: Grouping, keys: readonly Keys[]) {
    this.keys = keys
    this.sizes = grouping.kind === 'dense' ? grouping.sizes.slice(1) : null
    this.tables = this.sizes === null ? keys.map(() => new PairTable()) : []
  }

  get bytes(): number {
    let bytes = (this.ids.length + this.spareIds.length + this.spareKeys.length + this.rowBuffers[0].length + this.rowBuffers[1].length) * 4
    for (const table of this.tables) bytes += table.bytes
    for (const keys of this.keys) bytes += keys.bytes
    return bytes
  }

  /** Groups seen so far, or all there can be. */
  groupsFor(buckets: number): number {
    if (this.sizes !== null) return this.sizes.reduce((all, size) => all * size, buckets)
    return this.tables[this.tables.length - 1].size
  }

  bind(reader: ColumnReader): void {
    for (const keys of this.keys) keys.bind(reader)
  }

  /** Most entries that a row can come to. */
  entriesOf(row: number): number {
    let entries = 1
    for (const { array } of this.keys) {
      if (array !== null) entries *= Math.max(1, array.offsets[row + 1] - array.offsets[row])
    }
    return entries
  }

  /** A bound of the entries that rows [from, to) can come to, without looking at each; Infinity where that would be a guess. */
  entriesAtMost(from: number, to: number): number {
    let arrays = 0
    let entries = to - from
    for (const { array } of this.keys) {
      if (array === null) continue
      arrays++
      entries += array.offsets[to] - array.offsets[from]
    }
    return arrays <= 1 ? entries : Infinity
  }

  /** Adds the rows of runs to the counts of their groups, where these can be read off one column; false elsewhere. */
  countRuns(cuts: BucketRuns, counts: Uint32Array): boolean {
    const { sizes, keys: [keys] } = this
    if (sizes?.length !== 1 || !keys.plain) return false
    const { array, codes } = keys
    if (array === null && codes === null) return false
    for (let run = 0; run < cuts.count; run++) {
      const from = cuts.start(run)
      const to = cuts.ends[run]
      const first = cuts.buckets[run] * sizes[0]
      if (array === null) kernels(codes!).countCodes(codes!, from, to, sizes[0], counts, first)
      else {
        kernels(array.codes).countCodes(array.codes, array.offsets[from], array.offsets[to], sizes[0], counts, first)
        counts[first] += kernels(array.offsets).countEmpty(array.offsets, from, to)
      }
    }
    return true
  }

  /** The same of so many groups that their counts wait. */
  countLate(cuts: BucketRuns, late: LateCounts, counts: Uint32Array): boolean {
    const { sizes, keys: [keys] } = this
    if (sizes?.length !== 1 || !keys.plain || keys.array !== null || keys.codes === null) return false
    for (let run = 0; run < cuts.count; run++) {
      const from = cuts.start(run)
      late.add(keys.codes.subarray(from, cuts.ends[run]), cuts.ends[run] - from, counts, cuts.buckets[run] * sizes[0])
    }
    return true
  }

  /** Where groups are the bytes of one column: those, and how many a bucket has. */
  get bytesOfRows(): { readonly codes: Uint8Array, readonly size: number } | null {
    const { sizes, keys: [{ codes }] } = this
    return sizes?.length === 1 && codes instanceof Uint8Array ? { codes, size: sizes[0] } : null
  }

  /** Sorts rows [from, from + n) of a bucket by group, where groups are the bytes of one column; false elsewhere, and where they are too many. */
  sortRows(bucket: number, from: number, n: number, into: GroupRuns): boolean {
    const { bytesOfRows } = this
    return bytesOfRows !== null && kernels(bytesOfRows.codes).sortCodes(bytesOfRows.codes, from, n, bucket * bytesOfRows.size, into)
  }

  reserve(entries: number): void {
    this.ids = roomFor(entries, this.ids)
  }

  /** Turns `ids` from buckets into groups; returns the number of entries, whose rows are in `rows`. */
  assign(rows: Rows, from: number, n: number): number {
    this.rows = rows
    let entries = n
    this.keys.forEach((keys, d) => {
      if (keys.array !== null) {
        if (n === 1) checkRow(entries, keys.array.offsets, rows === null ? from : rows[0])
        entries = this.explode(keys, d, from, entries)
      } else if (keys.codes !== null) this.combine(keys.codes, d, this.rows, from, entries)
      else {
        this.spareKeys = roomFor(entries, this.spareKeys)
        keys.read(this.rows, from, entries, this.spareKeys)
        this.combine(this.spareKeys, d, null, 0, entries)
      }
    })
    return entries
  }

  /**
   * Turns the groups of the last block into those of `groupOf`, and drops entries of which it says -1: `rows` are then those of the others.
   * Returns their number.
   */
  regroup(groupOf: Int32Array, from: number, n: number): number {
    const { ids, rows } = this
    this.turn ^= 1
    const kept = this.rowBuffers[this.turn] = roomFor(n, this.rowBuffers[this.turn])
    let at = 0
    for (let i = 0; i < n; i++) {
      const group = groupOf[ids[i]]
      if (group < 0) continue
      ids[at] = group
      kept[at++] = rows === null ? from + i : rows[i]
    }
    this.rows = kept
    return at
  }

  /** Bucket and keys of a group: [bucket, key of dimension 0, …]. */
  key(group: number, into: Uint32Array): void {
    let rest = group
    for (let d = this.keys.length - 1; d >= 0; d--) {
      if (this.sizes !== null) {
        into[d + 1] = rest % this.sizes[d]
        rest = Math.floor(rest / this.sizes[d])
      } else {
        into[d + 1] = this.tables[d].keysB[rest]
        rest = this.tables[d].keysA[rest]
      }
    }
    into[0] = rest
  }

  /** Bucket and keys of groups, of each dimension a list. In steps. */
  *readKeys(groups: Int32Array, buckets: Uint32Array, keys: readonly Uint32Array[]): Generator<void, void, void> {
    const n = groups.length
    buckets.set(groups)
    // What is left of each group's number when the dimensions after this one are taken off.
    const rest = buckets
    for (let d = this.keys.length - 1; d >= 0; d--) {
      yield
      const into = keys[d]
      if (this.sizes !== null) {
        const size = this.sizes[d]
        for (let i = 0; i < n; i++) {
          const quotient = Math.floor(rest[i] / size)
          into[i] = rest[i] - quotient * size
          rest[i] = quotient
        }
      } else {
        const { keysA, keysB } = this.tables[d]
        for (let i = 0; i < n; i++) {
          into[i] = keysB[rest[i]]
          rest[i] = keysA[rest[i]]
        }
      }
    }
  }

  /** null where every thread numbers groups alike. */
  handOver(): GatheredGroups | null {
    if (this.sizes !== null) return null
    return { tables: this.tables.map(table => table.handOver()), keys: this.keys.map(keys => keys.handOver?.()) }
  }

  /** The group here of each group of another thread. In steps. */
  *takeOver({ tables, keys }: GatheredGroups): Generator<void, Uint32Array, void> {
    let before: Uint32Array | null = null
    for (const [d, { a, b }] of tables.entries()) {
      const own: Keys = this.keys[d]
      const keyOf: Uint32Array | null = keys[d] === undefined ? null : yield* own.takeOver!(keys[d])
      const groupOf: Uint32Array = new Uint32Array(a.length)
      for (const [from, to] of stretches(a.length)) {
        for (let i = from; i < to; i++) groupOf[i] = this.tables[d].id(before === null ? a[i] : before[a[i]], keyOf === null ? b[i] : keyOf[b[i]])
        yield
      }
      before = groupOf
    }
    return before!
  }

  /** Entry i has the key codes[rows[i]], or codes[from + i]. */
  private combine(codes: Codes, d: number, rows: Rows, from: number, n: number): void {
    const { ids } = this
    if (this.sizes === null) {
      const table = this.tables[d]
      for (let i = 0; i < n; i++) ids[i] = table.id(ids[i], codes[rows === null ? from + i : rows[i]])
      return
    }
    const size = this.sizes[d]
    if (rows === null) kernels(codes).combine(ids, codes, from, n, size)
    else for (let i = 0; i < n; i++) ids[i] = Math.imul(ids[i], size) + codes[rows[i]]
  }

  private explode(keys: Keys, d: number, from: number, n: number): number {
    const { offsets } = keys.array!
    const { rows } = this
    let most = n
    if (rows === null) most += offsets[from + n] - offsets[from]
    else for (let i = 0; i < n; i++) most += offsets[rows[i] + 1] - offsets[rows[i]]
    this.spareIds = roomFor(most, this.spareIds)
    this.turn ^= 1
    const { ids, spareIds } = this
    const outRows = this.rowBuffers[this.turn] = roomFor(most, this.rowBuffers[this.turn])
    const entries = rows === null && keys.plain && this.sizes !== null
      ? kernels(offsets).explode(ids, offsets, keys.array!.codes, from, n, this.sizes[d], spareIds, outRows)
      : this.explodeRows(keys, d, from, n, outRows)
    this.spareIds = ids
    this.ids = spareIds
    this.rows = outRows
    return entries
  }

  private explodeRows(keys: Keys, d: number, from: number, n: number, outRows: Uint32Array): number {
    const { offsets, codes } = keys.array!
    const { ids, rows, spareIds: outIds } = this
    const size = this.sizes === null ? 0 : this.sizes[d]
    const table = this.tables[d]
    let at = 0
    for (let i = 0; i < n; i++) {
      const row = rows === null ? from + i : rows[i]
      const first = at
      for (let item = offsets[row]; item < offsets[row + 1]; item++) {
        const key = keys.plain ? codes[item] : keys.keyOf(codes[item])
        if (key === 0) continue
        outIds[at] = size === 0 ? table.id(ids[i], key) : ids[i] * size + key
        outRows[at++] = row
      }
      if (at > first) continue
      outIds[at] = size === 0 ? table.id(ids[i], 0) : ids[i] * size
      outRows[at++] = row
    }
    return at
  }
}

/** A block of several rows is cut off below this; one row cannot be cut. All of its entries get the elements of one more array. */
function checkRow(entries: number, offsets: ArrayLike<number>, row: number): void {
  const needed = entries * (offsets[row + 1] - offsets[row])
  if (needed <= BLOCK_ENTRIES) return
  throw new LimitError('max_row_groups', BLOCK_ENTRIES, needed, 'Groups of one session: group by fewer arrays, or by some of their values.')
}

/** The array, or a larger one whose contents are of no use yet: the first is as large as the first block, for which there may be no other. */
function roomFor(entries: number, array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  return array.length >= entries ? array : new Uint32Array(array.length === 0 ? entries : entries * 2)
}
