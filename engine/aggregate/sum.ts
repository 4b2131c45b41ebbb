import type { NumberColumn } from '../column/column.js'
import type { ColumnReader } from '../filter/filter.js'
import type { Rows } from '../kernels/select.js'
import type { Aggregator, GroupCounts, SortedRows, Taker } from './aggregator.js'
import { ExactSums, type GatheredSums } from './exact-sum.js'
import { ValidCounts, type GatheredCounts } from './valid-counts.js'

interface Gathered {
  readonly sums: GatheredSums
  readonly seen: GatheredCounts
}

/** `sum`, and `avg` = the exact sum over the number of rows that have a value. null over none, and where no double can hold it. */
export class Sum implements Aggregator {
  private readonly field: string
  private readonly average: boolean
  private readonly sums = new ExactSums(0)
  private readonly seen: ValidCounts
  private values = new Float64Array(0)
  private minus: Float64Array | null = null

  readonly inverse: Taker = {
    addRun: (group, rows, from, to) => {
      this.sums.addRun(group, this.negated(), rows, from, to)
      this.seen.removeRun(group, rows, from, to)
    },
    addPairs: (groups, rows, from, n) => {
      this.sums.addPairs(groups, this.negated(), rows, from, n)
      this.seen.removePairs(groups, rows, from, n)
    }
  }

  constructor(field: string, average: boolean, counts: GroupCounts) {
    this.field = field
    this.average = average
    this.seen = new ValidCounts(counts)
  }

  get bytes(): number {
    return this.sums.bytes + this.seen.bytes
  }

  grow(groups: number): void {
    this.sums.grow(groups)
    this.seen.grow(groups)
  }

  bind(reader: ColumnReader): void {
    const column = reader.column(this.field) as NumberColumn
    this.values = column.values as Float64Array<ArrayBuffer>
    this.minus = null
    this.sums.expect(column.exponents)
    this.seen.bind(column)
  }

  addRun(group: number, rows: Rows, from: number, to: number): void {
    this.sums.addRun(group, this.values, rows, from, to)
    this.seen.addRun(group, rows, from, to)
  }

  addPairs(groups: Uint32Array, rows: Rows, from: number, n: number): void {
    this.sums.addPairs(groups, this.values, rows, from, n)
    this.seen.addPairs(groups, rows, from, n)
  }

  addSorted(sorted: SortedRows): void {
    this.sums.addSorted(this.values, sorted)
    this.seen.addSorted(sorted)
  }

  forget(groups: ReadonlySet<number>): void {
    this.sums.forget(groups)
    this.seen.forget(groups)
  }

  *finish(): Generator<void, void, void> {}

  handOver(): Gathered {
    return { sums: this.sums.handOver(), seen: this.seen.handOver() }
  }

  *takeOver(gathered: unknown, groupOf: Uint32Array | null): Generator<void, void, void> {
    const { sums, seen } = gathered as Gathered
    yield* this.sums.takeOver(sums, groupOf)
    yield* this.seen.takeOver(seen, groupOf)
  }

  value(group: number): number | null {
    const n = this.seen.of(group)
    if (n === 0) return null
    const value = this.average ? this.sums.mean(group, n) : this.sums.value(group)
    return Number.isFinite(value) ? value : null
  }

  readAll(groups: Int32Array, into: Float64Array): void {
    for (let i = 0; i < groups.length; i++) into[i] = groups[i] < 0 ? NaN : this.value(groups[i]) ?? NaN
  }

  private negated(): Float64Array {
    return this.minus ??= this.values.map(value => -value)
  }
}
