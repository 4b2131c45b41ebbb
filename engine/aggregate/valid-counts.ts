import { countBits, hasBit } from '../column/bitset.js'
import type { NumberColumn } from '../column/column.js'
import type { Rows } from '../kernels/select.js'
import type { GroupCounts, SortedRows } from './aggregator.js'
import { addCounts } from './merge.js'

export interface GatheredCounts {
  readonly own: Uint32Array | null
  readonly rows: Uint32Array
}

/**
 * Rows per group that have a value of one column. While every row has one these are the groups' row counts,
 * and nothing is counted; the first segment with missing values ends that.
 */
export class ValidCounts {
  private readonly counts: GroupCounts
  private own: Uint32Array | null = null
  private valid: Uint32Array | null = null

  constructor(counts: GroupCounts) {
    this.counts = counts
  }

  get bytes(): number {
    return this.own?.byteLength ?? 0
  }

  grow(groups: number): void {
    if (this.own === null) return
    const larger = new Uint32Array(groups)
    larger.set(this.own)
    this.own = larger
  }

  bind(column: NumberColumn): void {
    this.valid = column.valid
    if (column.valid === null || this.own !== null) return
    this.counts.settle?.()
    this.own = this.counts.rows.slice()
  }

  addRun(group: number, rows: Rows, from: number, to: number): void {
    const { own, valid } = this
    if (own === null) return
    if (valid === null) own[group] += to - from
    else if (rows === null) own[group] += countBits(valid, from, to)
    else for (let i = from; i < to; i++) if (hasBit(valid, rows[i])) own[group]++
  }

  addPairs(groups: Uint32Array, rows: Rows, from: number, n: number): void {
    const { own, valid } = this
    if (own === null) return
    if (valid === null) for (let i = 0; i < n; i++) own[groups[i]]++
    else for (let i = 0; i < n; i++) if (hasBit(valid, rows === null ? from + i : rows[i])) own[groups[i]]++
  }

  addSorted(sorted: SortedRows): void {
    if (this.own !== null) this.addPairs(sorted.groups, sorted.rows, sorted.from, sorted.n)
  }

  removeRun(group: number, rows: Rows, from: number, to: number): void {
    const { own, valid } = this
    if (own === null) return
    for (let i = from; i < to; i++) if (valid === null || hasBit(valid, rows === null ? i : rows[i])) own[group]--
  }

  removePairs(groups: Uint32Array, rows: Rows, from: number, n: number): void {
    const { own, valid } = this
    if (own === null) return
    for (let i = 0; i < n; i++) if (valid === null || hasBit(valid, rows === null ? from + i : rows[i])) own[groups[i]]--
  }

  handOver(): GatheredCounts {
    return { own: this.own, rows: this.counts.rows }
  }

  /** Before the groups' row counts are added. */
  *takeOver({ own, rows }: GatheredCounts, groupOf: Uint32Array | null): Generator<void, void, void> {
    if (own === null && this.own === null) return
    this.own ??= this.counts.rows.slice()
    yield* addCounts(this.own, own ?? rows, groupOf)
  }

  forget(groups: ReadonlySet<number>): void {
    if (this.own !== null) for (const group of groups) this.own[group] = 0
  }

  of(group: number): number {
    return (this.own ?? this.counts.rows)[group]
  }
}
