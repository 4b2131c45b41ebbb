import type { HistogramBin } from '../../dsl/input.js'
import { hasBit } from '../column/bitset.js'
import type { NumberColumn } from '../column/column.js'
import { edgesUpTo } from '../edges.js'
import type { ColumnReader } from '../filter/filter.js'
import type { Rows } from '../kernels/select.js'
import { MISSING_BIN, type BinRange } from '../sketch/histogram.js'
import type { Aggregator } from './aggregator.js'
import { GroupedBins, type GatheredBins } from './grouped-bins.js'
import type { PairRoom } from './pair-runs.js'
import { blockByBlock } from './takers.js'

/** Rows whose bins are worked out at a time; they stay in the cache. */
const BLOCK_ROWS = 16_384

/** `histogram` with edges: exact counts of what is below the first, between each two, and from the last on. */
export class EdgeCounts implements Aggregator {
  private readonly field: string
  private readonly edges: Float64Array
  private readonly counts: GroupedBins
  private readonly range: BinRange
  private readonly bins = new Uint32Array(BLOCK_ROWS)
  private column: NumberColumn | null = null

  readonly inverse = blockByBlock(BLOCK_ROWS, (groups, rows, from, n) => {
    this.binRows(rows, from, n)
    if (!this.counts.remove(groups, this.bins, n)) for (let i = 0; i < n; i++) this.spoil(typeof groups === 'number' ? groups : groups[i])
  })

  private readonly spoil: (group: number) => void

  /** @param spoil is told of groups whose rows are not counted one by one */
  constructor(field: string, edges: readonly number[], room: PairRoom, spoil: (group: number) => void) {
    this.spoil = spoil
    this.field = field
    this.edges = Float64Array.from(edges)
    this.counts = new GroupedBins(room, edges.length + 2)
    this.range = { lowest: MISSING_BIN + 1, highest: MISSING_BIN + 1 + edges.length }
  }

  get bytes(): number {
    return this.counts.bytes + this.bins.byteLength
  }

  grow(groups: number): void {
    this.counts.grow(groups)
  }

  bind(reader: ColumnReader): void {
    this.column = reader.column(this.field) as NumberColumn
  }

  addRun(group: number, rows: Rows, from: number, to: number): void {
    for (let at = from; at < to; at += BLOCK_ROWS) {
      const n = Math.min(BLOCK_ROWS, to - at)
      this.binRows(rows === null ? null : rows.subarray(at, at + n), at, n)
      this.counts.add(group, this.bins, n, this.range)
    }
  }

  addPairs(groups: Uint32Array, rows: Rows, from: number, n: number): void {
    for (let at = 0; at < n; at += BLOCK_ROWS) {
      const length = Math.min(BLOCK_ROWS, n - at)
      this.binRows(rows === null ? null : rows.subarray(at, at + length), from + at, length)
      this.counts.add(groups.subarray(at, at + length), this.bins, length, this.range)
    }
  }

  forget(groups: ReadonlySet<number>): void {
    this.counts.forget(groups)
  }

  settle(): Generator<void, void, void> {
    return this.counts.settle()
  }

  finish(): Generator<void, void, void> {
    return this.counts.finish()
  }

  release(): void {
    this.counts.release()
  }

  handOver(): GatheredBins {
    return this.counts.handOver()
  }

  takeOver(gathered: unknown, groupOf: Uint32Array | null): Generator<void, void, void> {
    return this.counts.takeOver(gathered as GatheredBins, groupOf)
  }

  value(group: number): HistogramBin[] {
    const found = new Map<number, number>()
    this.counts.forEach(group, (bin, count) => found.set(bin - this.range.lowest, count))
    return edgeBins(this.edges, i => found.get(i) ?? 0)
  }

  /** The bin of a value is 1 + the number of edges at or below it. */
  private binRows(rows: Rows, from: number, n: number): void {
    const { edges, bins } = this
    const { values, valid } = this.column!
    for (let i = 0; i < n; i++) {
      const row = rows === null ? from + i : rows[i]
      if (valid !== null && !hasBit(valid, row)) {
        bins[i] = MISSING_BIN
        continue
      }
      bins[i] = MISSING_BIN + 1 + edgesUpTo(edges, values[row])
    }
  }
}

/** `count(i)` is of what lies before edge i. */
export function edgeBins(edges: ArrayLike<number>, count: (i: number) => number): HistogramBin[] {
  return Array.from({ length: edges.length + 1 }, (_, i) => [edges[i - 1] ?? null, edges[i] ?? null, count(i)])
}
