import type { ColumnType } from '../../dsl/query.js'
import type { ColumnReader } from '../filter/filter.js'
import type { Rows } from '../kernels/select.js'
import type { BucketRuns } from '../plan/bucket-runs.js'
import type { Helpers } from './helpers.js'
import type { Aggregator, Gatherer, GroupCounts, MetricValue, SortedRows, Taker } from './aggregator.js'

/** What another column feeds, that one also takes back. */
const NOTHING: Taker = { addRun() {}, addPairs() {} }

/** A column that is read off what is gathered for several columns at once. */
export class SharedColumn implements Aggregator {
  private readonly gatherer: Gatherer | null
  readonly value: (group: number) => MetricValue
  readonly readAll: Aggregator['readAll']

  /** @param gatherer fed by this column; null where another one feeds it. */
  constructor(gatherer: Gatherer | null, value: (group: number) => MetricValue, readAll?: Aggregator['readAll']) {
    this.gatherer = gatherer
    this.value = value
    this.readAll = readAll
  }

  get rowless(): boolean {
    return this.gatherer === null
  }

  get bytes(): number {
    return this.gatherer?.bytes ?? 0
  }

  grow(groups: number): void {
    this.gatherer?.grow(groups)
  }

  countRows(counts: GroupCounts, columns: ReadonlyMap<string, { readonly type: ColumnType }>): boolean {
    return this.gatherer?.countRows?.(counts, columns) ?? false
  }

  bind(reader: ColumnReader): void {
    this.gatherer?.bind(reader)
  }

  addRun(group: number, rows: Rows, from: number, to: number): void {
    this.gatherer?.addRun(group, rows, from, to)
  }

  addRuns(runs: BucketRuns, rows: Rows, partsOf: Uint32Array): void {
    if (this.gatherer === null) return
    if (this.gatherer.addRuns) this.gatherer.addRuns(runs, rows, partsOf)
    else for (let run = 0; run < runs.count; run++) this.gatherer.addRun(runs.buckets[run], rows, runs.start(run), runs.ends[run])
  }

  addPairs(groups: Uint32Array, rows: Rows, from: number, n: number): void {
    this.gatherer?.addPairs(groups, rows, from, n)
  }

  takesCodes(groups: number): boolean {
    return this.gatherer === null || this.gatherer.takesCodes?.(groups) === true
  }

  addCodes(codes: Uint8Array, groups: number, first: number, from: number, n: number): void {
    this.gatherer?.addCodes!(codes, groups, first, from, n)
  }

  addSorted(sorted: SortedRows): void {
    if (this.gatherer === null) return
    if (this.gatherer.addSorted) this.gatherer.addSorted(sorted)
    else this.gatherer.addPairs(sorted.groups, sorted.rows, sorted.from, sorted.n)
  }

  get inverse(): Taker | undefined {
    return this.gatherer === null ? NOTHING : this.gatherer.inverse
  }

  forget(groups: ReadonlySet<number>): void {
    this.gatherer?.forget!(groups)
  }

  *settle(): Generator<void, void, void> {
    if (this.gatherer?.settle) yield* this.gatherer.settle()
  }

  exchange(registers: Uint8Array): void {
    this.gatherer?.exchange?.(registers)
  }

  *anticipate(): Generator<void, void, void> {
    if (this.gatherer?.anticipate) yield* this.gatherer.anticipate()
  }

  *finish(helpers: Helpers | null = null): Generator<void, void, void> {
    if (this.gatherer !== null) yield* this.gatherer.finish(helpers)
  }

  release(): void {
    this.gatherer?.release?.()
  }

  handOver(): unknown {
    return this.gatherer === null ? null : this.gatherer.handOver()
  }

  *takeOver(gathered: unknown, groupOf: Uint32Array | null): Generator<void, void, void> {
    if (this.gatherer !== null) yield* this.gatherer.takeOver(gathered, groupOf)
  }
}
