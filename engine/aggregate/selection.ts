import type { CompiledFilter } from '../filter/compiled-filter.js'
import { Scratch } from '../filter/scratch.js'
import type { ColumnReader, RowTest } from '../filter/filter.js'
import { compactRows, type Rows } from '../kernels/select.js'
import type { Aggregator, Gatherer, GroupCounts, Taker } from './aggregator.js'
import type { Helpers } from './helpers.js'
import { addCounts } from './merge.js'

/** Used anew by every call, which none is within: there may be a thousand selections. */
const masks = new Scratch(Uint8Array)
const rowScratch = new Scratch(Uint32Array)
const groupScratch = new Scratch(Uint32Array)

interface SelectedGroups {
  readonly rows: Uint32Array
  readonly columns: readonly unknown[]
}

/** `filtered`: hands the rows that pass a filter of their own on to all aggregations that have this filter. */
export class Selection implements Gatherer {
  /** Of the rows that pass: what they are counted by. */
  readonly counts: GroupCounts = { rows: new Uint32Array(0) }
  columns: readonly Aggregator[] = []
  private readonly filter: CompiledFilter
  private test: RowTest | null = null
  private reader: ColumnReader | null = null

  readonly inverse: Taker = {
    addRun: (group, rows, from, to) => { this.run(group, rows, from, to, this.inverses(), -1) },
    addPairs: (groups, rows, from, n) => { this.pairs(groups, rows, from, n, this.inverses(), -1) }
  }

  constructor(filter: CompiledFilter) {
    this.filter = filter
  }

  get bytes(): number {
    return this.columns.reduce((sum, column) => sum + column.bytes, this.counts.rows.byteLength)
  }

  grow(groups: number): void {
    const larger = new Uint32Array(groups)
    larger.set(this.counts.rows)
    this.counts.rows = larger
    for (const column of this.columns) column.grow(groups)
  }

  bind(reader: ColumnReader): void {
    this.reader = reader
    this.test = this.filter.test
    for (const column of this.columns) column.bind(reader)
  }

  addRun(group: number, rows: Rows, from: number, to: number): void {
    this.run(group, rows, from, to, this.columns, 1)
  }

  addPairs(groups: Uint32Array, rows: Rows, from: number, n: number): void {
    this.pairs(groups, rows, from, n, this.columns, 1)
  }

  forget(groups: ReadonlySet<number>): void {
    for (const group of groups) this.counts.rows[group] = 0
    for (const column of this.columns) column.forget!(groups)
  }

  /** Hands the rows that pass on, of which each changes the count of its group by `step`. */
  private run(group: number, rows: Rows, from: number, to: number, takers: readonly Taker[], step: 1 | -1): void {
    const n = to - from
    const mask = masks.of(n)
    this.tryRows(rows === null ? null : rows.subarray(from, to), from, n, mask)
    const passed = rowScratch.of(n)
    const count = compactRows(mask, rows === null ? null : rows.subarray(from, to), from, n, passed)
    if (count === 0) return
    this.counts.rows[group] += count * step
    for (const taker of takers) {
      if (count === n) taker.addRun(group, rows, from, to)
      else taker.addRun(group, passed, 0, count)
    }
  }

  private pairs(groups: Uint32Array, rows: Rows, from: number, n: number, takers: readonly Taker[], step: 1 | -1): void {
    const mask = masks.of(n)
    this.tryRows(rows, from, n, mask)
    const passed = rowScratch.of(n)
    const passedGroups = groupScratch.of(n)
    const count = compactRows(mask, rows, from, n, passed)
    if (count === 0) return
    compactRows(mask, groups, 0, n, passedGroups)
    for (const taker of takers) {
      if (count === n) taker.addPairs(groups, rows, from, n)
      else taker.addPairs(passedGroups, passed, 0, count)
    }
    const counts = this.counts.rows
    for (let i = 0; i < count; i++) counts[passedGroups[i]] += step
  }

  *settle(): Generator<void, void, void> {
    for (const column of this.columns) if (column.settle) yield* column.settle()
  }

  *anticipate(): Generator<void, void, void> {
    for (const column of this.columns) if (column.anticipate) yield* column.anticipate()
  }

  *finish(helpers: Helpers | null = null): Generator<void, void, void> {
    for (const column of this.columns) yield* column.finish(helpers)
  }

  release(): void {
    for (const column of this.columns) column.release?.()
  }

  handOver(): SelectedGroups {
    return { rows: this.counts.rows, columns: this.columns.map(column => column.handOver()) }
  }

  *takeOver(gathered: unknown, groupOf: Uint32Array | null): Generator<void, void, void> {
    const { rows, columns } = gathered as SelectedGroups
    for (const [i, column] of this.columns.entries()) yield* column.takeOver(columns[i], groupOf)
    yield* addCounts(this.counts.rows, rows, groupOf)
  }

  private inverses(): Taker[] {
    return this.columns.map(({ inverse }) => inverse!)
  }

  private tryRows(rows: Rows, from: number, n: number, mask: Uint8Array): void {
    if (this.test === null) mask.fill(1, 0, n)
    else this.test(this.reader!, rows, from, n, mask)
  }
}
