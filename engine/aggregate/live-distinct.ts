import type { Column } from '../column/column.js'
import type { ColumnReader } from '../filter/filter.js'
import { NumberIds } from '../group/number-ids.js'
import type { Rows } from '../kernels/select.js'
import { couponSetError, REGISTER_ERROR } from '../sketch/hyperloglog.js'
import { HllSketch } from '../sketch/hll-sketch.js'
import { GrowingSet, GrowingSketch } from '../sketch/growing-set.js'
import type { Aggregator, Taker } from './aggregator.js'
import { rowByRow } from './takers.js'

/** What `Distinct` says, for groups that go on to grow: each row costs the same, however many values its group has. */
export class LiveDistinct implements Aggregator {
  readonly inverse: Taker
  private readonly field: string
  private readonly exact: boolean
  private readonly sets: (GrowingSet | GrowingSketch | undefined)[] = []
  private setBytes = 0
  private readonly numbers = new NumberIds()
  private column: Column | null = null
  /** item[code], null where items are the codes. */
  private itemOfCode: Uint32Array | null = null

  /** @param spoil is told the groups of rows that are taken back: others may have the same value */
  constructor(field: string, exact: boolean, spoil: (group: number) => void) {
    this.field = field
    this.exact = exact
    this.inverse = rowByRow(spoil)
  }

  get bytes(): number {
    return this.setBytes + this.numbers.bytes
  }

  grow(): void {}

  bind(reader: ColumnReader): void {
    this.column = reader.column(this.field)
    this.itemOfCode = this.exact || this.column.type === 'number' ? null : this.column.dictionary.coupons()
  }

  addRun(group: number, rows: Rows, from: number, to: number): void {
    this.add(group, rows, from, to - from, rows === null ? 0 : from)
  }

  addPairs(groups: Uint32Array, rows: Rows, from: number, n: number): void {
    this.add(groups, rows, from, n, 0)
  }

  forget(groups: ReadonlySet<number>): void {
    for (const group of groups) {
      this.setBytes -= this.sets[group]?.bytes ?? 0
      this.sets[group] = undefined
    }
  }

  *finish(): Generator<void, void, void> {}

  handOver(): never {
    throw new TypeError('a query that is left standing is not divided among threads')
  }

  takeOver(): never {
    return this.handOver()
  }

  value(group: number): number {
    const set = this.sets[group]
    return set === undefined ? 0 : set instanceof GrowingSet ? set.size : set.estimate()
  }

  /** As that of Distinct. */
  error(group: number): number {
    const set = this.sets[group]
    if (set === undefined || set instanceof GrowingSet) return 0
    return set.registers === null ? couponSetError(set.estimate()) : REGISTER_ERROR
  }

  sketch(group: number): string {
    const set = this.sets[group]
    return HllSketch.of(set === undefined || set instanceof GrowingSet ? new Uint32Array(0) : set).encode()
  }

  /** Row i of n (rows[first + i], or from + i) belongs to groups[i], or to the one group. */
  private add(groups: Uint32Array | number, rows: Rows, from: number, n: number, first: number): void {
    const { itemOfCode, numbers, exact } = this
    const column = this.column!
    for (let i = 0; i < n; i++) {
      const row = rows === null ? from + i : rows[first + i]
      const group = typeof groups === 'number' ? groups : groups[i]
      if (column.type === 'string') this.put(group, itemOfCode === null ? column.codes[row] : itemOfCode[column.codes[row]])
      else if (column.type === 'number') {
        const id = numbers.idOf(column, row)
        this.put(group, exact || id === 0 ? id : numbers.coupon(id))
      } else for (let at = column.offsets[row]; at < column.offsets[row + 1]; at++) this.put(group, itemOfCode === null ? column.codes[at] : itemOfCode[column.codes[at]])
    }
  }

  private put(group: number, item: number): void {
    if (item === 0) return
    let set = this.sets[group]
    if (set === undefined) {
      set = this.sets[group] = this.exact ? new GrowingSet() : new GrowingSketch()
      this.setBytes += set.bytes
    }
    this.setBytes += set.add(item)
  }
}
