/** The groups that visitors of a funnel are counted in: the bucket and the dimensions of the session that did the first step. */
import type { ResultValue } from '../../dsl/input.js'
import type { FunnelQuery } from '../../dsl/query.js'
import { orderByKeys } from '../answer/order.js'
import type { ColumnInfo } from '../column/derived.js'
import type { ColumnReader } from '../filter/row-test.js'
import { Scratch } from '../filter/scratch.js'
import { BLOCK_ENTRIES, Grouper } from '../group/grouper.js'
import { keysOf } from '../group/keys/registry.js'

const BLOCK_ROWS = 16_384

export class FunnelGroups {
  private readonly buckets: Float64Array
  private readonly grouper: Grouper | null
  private readonly dimensions: number
  private readonly bucketIds = new Scratch(Uint32Array)
  private readonly key: Uint32Array
  /** Of the last block: the group of each entry, and its row; a session with several groups has as many entries, one after the other. */
  ids: Uint32Array = new Uint32Array(0)
  rows: Uint32Array = new Uint32Array(0)

  constructor({ groupBy }: FunnelQuery, buckets: Float64Array, columns: ReadonlyMap<string, ColumnInfo>) {
    this.buckets = buckets
    this.dimensions = groupBy.length
    this.grouper = groupBy.length === 0 ? null : new Grouper({ kind: 'hash' }, keysOf(groupBy, name => columns.get(name)!.dictionary))
    this.key = new Uint32Array(groupBy.length + 1)
  }

  /** Whether there is one group for everyone. */
  get single(): boolean {
    return this.grouper === null && this.buckets.length === 1
  }

  get size(): number {
    return this.grouper === null ? this.buckets.length : this.grouper.groupsFor(this.buckets.length)
  }

  get bytes(): number {
    return this.grouper?.bytes ?? 0
  }

  bind(reader: ColumnReader): void {
    this.grouper?.bind(reader)
  }

  /** Where a block of rows ends that begins at `from`. */
  blockEnd(rows: Uint32Array, from: number): number {
    const most = Math.min(rows.length, from + BLOCK_ROWS)
    if (this.grouper === null) return most
    let entries = 0
    for (let i = from; i < most; i++) {
      entries += this.grouper.entriesOf(rows[i])
      if (entries > BLOCK_ENTRIES) return Math.max(from + 1, i)
    }
    return most
  }

  /** Groups the rows of a block, which ascend; returns the number of entries. */
  assign(starts: Float64Array, block: Uint32Array): number {
    if (this.grouper === null) {
      this.ids = this.bucketIds.of(block.length)
      this.rows = block
      this.writeBuckets(starts, block, this.ids)
      return block.length
    }
    this.grouper.reserve(block.length)
    this.writeBuckets(starts, block, this.grouper.ids)
    const entries = this.grouper.assign(block, 0, block.length)
    this.ids = this.grouper.ids
    this.rows = this.grouper.rows ?? block
    return entries
  }

  bucketOf(group: number): number {
    if (this.grouper === null) return group
    this.grouper.key(group, this.key)
    return this.key[0]
  }

  valuesOf(group: number): ResultValue[] {
    if (this.grouper === null) return []
    this.grouper.key(group, this.key)
    return this.grouper.keys.map(({ values }, d) => values.value(this.key[d + 1]))
  }

  /** Groups by time and then by their values; with dimensions only those that somebody began in. `counts` has `steps` entries for each. */
  *order(counts: Float64Array, steps: number): Generator<void, Uint32Array, void> {
    const { grouper, key, dimensions } = this
    const groups = Uint32Array.from({ length: this.size }, (_, group) => group)
    if (grouper === null) return groups
    const begun = groups.filter(group => counts[group * steps] > 0)
    const buckets = new Float64Array(begun.length)
    const codes = Array.from({ length: dimensions }, () => new Uint32Array(begun.length))
    for (let i = 0; i < begun.length; i++) {
      grouper.key(begun[i], key)
      buckets[i] = key[0]
      for (let d = 0; d < dimensions; d++) codes[d][i] = key[d + 1]
    }
    const keys = [buckets]
    for (const [d, column] of codes.entries()) {
      const rankOf = yield* grouper.keys[d].values.ranks(column, 'natural')
      keys.push(Float64Array.from(column, code => rankOf[code]))
    }
    return (yield* orderByKeys(keys, begun.length)).map(place => begun[place])
  }

  private writeBuckets(starts: Float64Array, rows: Uint32Array, ids: Uint32Array): void {
    const { buckets } = this
    let bucket = 0
    for (let i = 0; i < rows.length; i++) {
      const start = starts[rows[i]]
      while (bucket + 1 < buckets.length && buckets[bucket + 1] <= start) bucket++
      ids[i] = bucket
    }
  }
}
