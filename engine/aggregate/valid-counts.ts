import { countBits, hasBit } from '../column/bitset.js'
import type { NumberColumn } from '../column/column.js'
import type { Rows } from '../kernels/select.js'
import type { GroupCounts, SortedRows } from './aggregator.js'
import { addCounts } from './merge.js'

/** Of each group; null where no row lacked a value. */
export type GatheredCounts = Uint32Array | null

/** Rows per group that have a value of one column: the groups' row counts, less those of the rows that lack one. Nothing is counted while none does. */
export class ValidCounts {
  private readonly counts: GroupCounts
  private missing: Uint32Array | null = null
  private valid: Uint32Array | null = null

  constructor(counts: GroupCounts) {
    this.counts = counts
  }

  get bytes(): number {
    return this.missing?.byteLength ?? 0
  }

  grow(groups: number): void {
    if (this.missing === null) return
    const larger = new Uint32Array(groups)
    larger.set(this.missing)
    this.missing = larger
  }

  bind({ valid }: NumberColumn): void {
    this.valid = valid
    if (valid !== null) this.missingOf()
  }

  addRun(group: number, rows: Rows, from: number, to: number): void {
    if (this.valid !== null) this.missingOf()[group] += missingIn(this.valid, rows, from, to)
  }

  addPairs(groups: Uint32Array, rows: Rows, from: number, n: number): void {
    if (this.valid !== null) countMissing(this.missingOf(), this.valid, groups, rows, from, n, 1)
  }

  addSorted(sorted: SortedRows): void {
    if (this.valid !== null) this.addPairs(sorted.groups, sorted.rows, sorted.from, sorted.n)
  }

  removeRun(group: number, rows: Rows, from: number, to: number): void {
    if (this.valid !== null) this.missingOf()[group] -= missingIn(this.valid, rows, from, to)
  }

  removePairs(groups: Uint32Array, rows: Rows, from: number, n: number): void {
    if (this.valid !== null) countMissing(this.missingOf(), this.valid, groups, rows, from, n, -1)
  }

  handOver(): GatheredCounts {
    return this.missing
  }

  *takeOver(missing: GatheredCounts, groupOf: Uint32Array | null): Generator<void, void, void> {
    if (missing !== null) yield* addCounts(this.missingOf(), missing, groupOf)
  }

  forget(groups: ReadonlySet<number>): void {
    if (this.missing !== null) for (const group of groups) this.missing[group] = 0
  }

  of(group: number): number {
    return this.counts.rows[group] - (this.missing === null ? 0 : this.missing[group])
  }

  private missingOf(): Uint32Array {
    return this.missing ??= new Uint32Array(this.counts.rows.length)
  }
}

function missingIn(valid: Uint32Array, rows: Rows, from: number, to: number): number {
  if (rows === null) return to - from - countBits(valid, from, to)
  let missing = 0
  for (let i = from; i < to; i++) if (!hasBit(valid, rows[i])) missing++
  return missing
}

function countMissing(counts: Uint32Array, valid: Uint32Array, groups: Uint32Array, rows: Rows, from: number, n: number, by: 1 | -1): void {
  for (let i = 0; i < n; i++) if (!hasBit(valid, rows === null ? from + i : rows[i])) counts[groups[i]] += by
}
