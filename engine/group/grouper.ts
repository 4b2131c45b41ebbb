/**
 * Gives every row of a block the number of its group. An array dimension turns a row into one entry per element,
 * so a block can come out longer than it went in.
 */
import type { Column } from '../column/column.js'
import type { ColumnReader } from '../filter/filter.js'
import type { Rows } from '../kernels/select.js'
import type { Grouping } from '../plan/plan.js'
import { NumberIds } from './number-ids.js'
import { PairTable } from './pair-table.js'

const FIRST_ENTRIES = 8192

export class Grouper {
  private readonly dimensions: readonly string[]
  private readonly sizes: readonly number[] | null
  private readonly tables: readonly PairTable[]
  readonly numbers: readonly NumberIds[]
  private columns: readonly Column[] = []
  private spareIds = new Uint32Array(FIRST_ENTRIES)
  /** Written in turn: what one array dimension puts out the next one reads. */
  private readonly rowBuffers = [new Uint32Array(FIRST_ENTRIES), new Uint32Array(FIRST_ENTRIES)]
  private turn = 0
  /** Group of each entry of the last block. In: the bucket of each of its rows. */
  ids = new Uint32Array(FIRST_ENTRIES)
  /** Segment row of each entry; null while entries are the rows themselves. */
  rows: Rows = null

  constructor(dimensions: readonly string[], grouping: Grouping) {
    this.dimensions = dimensions
    this.sizes = grouping.kind === 'dense' ? grouping.sizes.slice(1) : null
    this.tables = this.sizes === null ? dimensions.map(() => new PairTable()) : []
    this.numbers = dimensions.map(() => new NumberIds())
  }

  get bytes(): number {
    let bytes = (this.ids.length + this.spareIds.length + this.rowBuffers[0].length + this.rowBuffers[1].length) * 4
    for (const table of this.tables) bytes += table.bytes
    for (const numbers of this.numbers) bytes += numbers.bytes
    return bytes
  }

  /** Groups seen so far, or all there can be. */
  groupsFor(buckets: number): number {
    if (this.sizes !== null) return this.sizes.reduce((all, size) => all * size, buckets)
    return this.tables[this.tables.length - 1].size
  }

  bind(reader: ColumnReader): void {
    this.columns = this.dimensions.map(name => reader.column(name))
  }

  /** Most entries that a row can come to. */
  entriesOf(row: number): number {
    let entries = 1
    for (const column of this.columns) {
      if (column.type === 'strings') entries *= Math.max(1, column.offsets[row + 1] - column.offsets[row])
    }
    return entries
  }

  /** A bound of the entries that rows [from, to) can come to, without looking at each; Infinity where that would be a guess. */
  entriesAtMost(from: number, to: number): number {
    let arrays = 0
    let entries = to - from
    for (const column of this.columns) {
      if (column.type !== 'strings') continue
      arrays++
      entries += column.offsets[to] - column.offsets[from]
    }
    return arrays <= 1 ? entries : Infinity
  }

  reserve(entries: number): void {
    if (this.ids.length < entries) this.ids = new Uint32Array(entries * 2)
  }

  /** Turns `ids` from buckets into groups; returns the number of entries, whose rows are in `rows`. */
  assign(rows: Rows, from: number, n: number): number {
    this.rows = rows
    let entries = n
    this.columns.forEach((column, d) => {
      if (column.type === 'strings') entries = this.explode(column, d, from, entries)
      else if (column.type === 'string') this.combineCodes(column.codes, d, from, entries)
      else {
        const { ids, rows: current } = this
        for (let i = 0; i < entries; i++) {
          ids[i] = this.tables[d].id(ids[i], this.numbers[d].idOf(column, current === null ? from + i : current[i]))
        }
      }
    })
    return entries
  }

  /** Bucket and codes of a group: [bucket, code of dimension 0, …]. */
  key(group: number, into: Uint32Array): void {
    let rest = group
    for (let d = this.dimensions.length - 1; d >= 0; d--) {
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

  private combineCodes(codes: Uint8Array | Uint16Array | Uint32Array, d: number, from: number, n: number): void {
    const { ids, rows } = this
    if (this.sizes === null) {
      const table = this.tables[d]
      for (let i = 0; i < n; i++) ids[i] = table.id(ids[i], codes[rows === null ? from + i : rows[i]])
      return
    }
    const size = this.sizes[d]
    if (rows === null) for (let i = 0; i < n; i++) ids[i] = ids[i] * size + codes[from + i]
    else for (let i = 0; i < n; i++) ids[i] = ids[i] * size + codes[rows[i]]
  }

  private explode(column: Column & { type: 'strings' }, d: number, from: number, n: number): number {
    const { offsets, codes } = column
    const { ids, rows } = this
    let entries = 0
    for (let i = 0; i < n; i++) {
      const row = rows === null ? from + i : rows[i]
      entries += Math.max(1, offsets[row + 1] - offsets[row])
    }
    if (this.spareIds.length < entries) this.spareIds = new Uint32Array(entries * 2)
    this.turn ^= 1
    if (this.rowBuffers[this.turn].length < entries) this.rowBuffers[this.turn] = new Uint32Array(entries * 2)
    const outIds = this.spareIds
    const outRows = this.rowBuffers[this.turn]
    const size = this.sizes === null ? 0 : this.sizes[d]
    const table = this.tables[d]
    let at = 0
    for (let i = 0; i < n; i++) {
      const row = rows === null ? from + i : rows[i]
      const end = offsets[row + 1]
      let item = offsets[row]
      do {
        const code = item < end ? codes[item] : 0
        outIds[at] = size === 0 ? table.id(ids[i], code) : ids[i] * size + code
        outRows[at++] = row
      } while (++item < end)
    }
    this.spareIds = ids
    this.ids = outIds
    this.rows = outRows
    return entries
  }
}
