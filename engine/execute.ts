/**
 * Runs a plan: segment by segment, rows that pass the filter go to their groups' aggregations.
 * Between segments and blocks the event loop gets its turn, so that every query can be aborted.
 */
import { LimitError } from '../dsl/errors.js'
import { SortedRows, type Aggregator, type GroupCounts, type Taker } from './aggregate/aggregator.js'
import type { Helpers } from './aggregate/helpers.js'
import { LateCounts } from './aggregate/late-counts.js'
import { addCounts } from './aggregate/merge.js'
import { createAggregators } from './aggregate/registry.js'
import { giveBack, takeZeros } from './aggregate/spare-arrays.js'
import { QueryColumns, type ColumnInfo } from './column/derived.js'
import type { Dictionary } from './column/dictionary.js'
import { ownMemory, sharedMemory } from './column/memory.js'
import { RowPicker } from './filter/row-picker.js'
import { BLOCK_ENTRIES, Grouper, type GatheredGroups } from './group/grouper.js'
import { TouchedGroups } from './group/touched-groups.js'
import type { Keys } from './group/keys/keys.js'
import { keysOf } from './group/keys/registry.js'
import { LEAST_RUN, MAX_SORTED, type GroupRuns } from './kernels/contract.js'
import { kernels } from './kernels/kernels.js'
import type { Rows } from './kernels/select.js'
import { BucketRuns, partsOfBuckets } from './plan/bucket-runs.js'
import type { Plan, PlannedPart } from './plan/plan.js'
import { REGISTERS } from './sketch/hyperloglog.js'
import type { Segment } from './table/segment.js'

/** Rows of a block fit the cache with their groups … */
const BLOCK_ROWS = 32_768
/** … but what is kept of many groups does not, of which more rows at a time meet more in the same line of it. */
const LONG_BLOCK_ROWS = 65_536
const FEWEST_LONG = 2 ** 14
/** Pairs are merged in rounds only where they would take more: one for each row of a table as large as a machine has memory for. */
const MAX_PAIRS = 2 ** 28
/** Bytes of a pair (group, item) and of its sorted copy. */
const PAIR_BYTES = 12

/** Groups of a bucket up to which blocks are sorted by group; of more there would be few rows each. */
const MOST_SORTED_KEYS = 2048
/** The counts of so many groups are more than a core's own cache holds. */
const FEWEST_LATE = 2 ** 19
/** Smaller blocks are not sorted. */
const LEAST_SORTED = 1024
/** Of one block after the other. */
const runs: GroupRuns = {
  stamp: 0, runs: 0, groups: new Uint32Array(MAX_SORTED / LEAST_RUN), ends: new Uint32Array(MAX_SORTED / LEAST_RUN), places: new Uint16Array(MAX_SORTED)
}

export interface Grouped {
  /** One per aggregation of the query, finished. */
  readonly aggregators: readonly Aggregator[]
  readonly counts: GroupCounts
  /** null without group_by: groups are buckets. */
  readonly grouper: Grouper | null
  readonly groups: number
  /** Bytes of state held. */
  readonly bytes: number
  /** Nothing more is asked of it. */
  release(): void
}

/** Another pass over the same plan, in which groups of the first one are merged. */
export interface Merging {
  readonly grouper: Grouper
  /** Of each group of the first pass the one that its rows go to, or -1 where they go nowhere. */
  readonly groupOf: Int32Array
  readonly groups: number
}

const NO_COUNTS = new Uint32Array(0)

/** What one thread made of its share of a plan, as plain data for the one that merges it. */
export interface GatheredShare {
  readonly rows: Uint32Array<ArrayBuffer>
  /** null where every thread numbers groups alike. */
  readonly grouping: GatheredGroups | null
  /** Of each aggregation. */
  readonly gathered: readonly unknown[]
}

/** How rows of a segment are taken: by whom, and how they change the number of rows of their groups. */
export interface Taking {
  readonly takers: readonly Taker[]
  readonly count: 1 | 0 | -1
}

export class Execution {
  private readonly plan: Plan
  private readonly columns: QueryColumns
  private readonly memory: number
  private readonly picker: RowPicker
  private readonly counts: GroupCounts = { rows: NO_COUNTS }
  /** null where rows are counted as they come. */
  private late: LateCounts | null = null
  /** Rows are counted by an aggregation that notes each of them. */
  private readonly countsElsewhere: boolean
  /** null where all rows are taken at once. */
  readonly touched: TouchedGroups | null
  /** Groups that must be gathered anew: what rows were taken from them cannot be told from what is left. */
  readonly spoiled = new Set<number>()
  readonly aggregators: readonly Aggregator[]
  /** Rows are added to every aggregation. */
  private readonly adding: Taking
  private readonly grouper: Grouper | null
  /** Blocks are worth sorting by group, where they have few. */
  private readonly sorts: boolean
  private readonly merging: Merging | null
  private readonly blockRows: number
  /** Nothing is asked of groups but how many rows they have. */
  private readonly onlyCounts: boolean
  private capacity = 0
  /** Bytes of state that other threads hold for the same query. */
  elsewhere: () => number = () => 0
  /** Bucket and keys of a group. */
  private readonly key: Uint32Array
  /** Of the rows that are taken. */
  private readonly cuts = new BucketRuns()
  /** Of each bucket how many parts its rows come in at most, where groups are buckets; null where other rows may come. */
  private readonly partsOf: Uint32Array | null

  /** @param shared all parts of the rows, each of which some thread takes whole; null where this one takes all */
  constructor(
    plan: Plan, columns: ReadonlyMap<string, ColumnInfo>, memory: number, merging: Merging | null = null, keys: readonly Keys[] | null = null, continues = false,
    shared: readonly PlannedPart[] | null = null
  ) {
    const { query, grouping } = plan
    this.plan = plan
    this.key = new Uint32Array(query.groupBy.length + 1)
    this.columns = new QueryColumns(columns)
    this.memory = memory
    const dictionaryOf = (name: string): Dictionary | null => columns.get(name)!.dictionary
    this.picker = new RowPicker(query.filter, columns, continues)
    this.touched = continues ? new TouchedGroups() : null
    const maxPairs = Math.max(2 ** 16, Math.min(MAX_PAIRS, Math.floor(memory / 4 / PAIR_BYTES)))
    const spoil = (group: number): void => void this.spoiled.add(group)
    this.aggregators = createAggregators(query.aggregations, { counts: this.counts, maxPairs, rows: plan.rows, dictionaryOf, memory: shared === null ? ownMemory : sharedMemory, ...continues && { spoil } })
    this.adding = { takers: this.aggregators, count: 1 }
    this.merging = merging
    this.grouper = merging !== null ? merging.grouper : grouping.kind === 'buckets' ? null : new Grouper(grouping, keys ?? keysOf(query.groupBy, dictionaryOf))
    this.sorts = grouping.kind === 'dense' && grouping.sizes.slice(1).reduce((all, size) => all * size, 1) <= MOST_SORTED_KEYS
      && this.aggregators.some(aggregator => aggregator.addSorted !== undefined)
    this.partsOf = this.grouper !== null || continues ? null
      : partsOfBuckets(plan.buckets, (shared ?? plan.parts).map(({ part: { segment }, from, to }) => ({ segment, from, to })))
    const isLong = grouping.kind === 'dense' && this.groups >= FEWEST_LONG && query.groupBy.every(({ dimension }) => columns.get(dimension)!.type !== 'strings')
    this.blockRows = isLong ? LONG_BLOCK_ROWS : BLOCK_ROWS
    this.countsElsewhere = isLong && !this.sorts && !continues && this.aggregators.some(aggregator => aggregator.countRows?.(this.counts, columns))
    if (grouping.kind === 'dense' && !continues && !this.countsElsewhere && this.groups >= FEWEST_LATE && plan.rows >= this.groups) this.late = new LateCounts(this.groups)
    this.onlyCounts = grouping.kind === 'dense' && merging === null && !continues && this.aggregators.every(({ rowless }) => rowless)
    this.reserve(this.grouper === null || merging !== null || grouping.kind === 'dense' ? this.groups : 0)
  }

  get groups(): number {
    if (this.merging !== null) return this.merging.groups
    return this.grouper === null ? this.plan.buckets.length : this.grouper.groupsFor(this.plan.buckets.length)
  }

  /** Takes the rows of one segment; yields between blocks. */
  *run({ part, from, to }: PlannedPart, taking: Taking = this.adding): Generator<void, void, void> {
    const { segment, deleted } = part
    const reader = this.columns.reader(segment)
    const rows = this.picker.pick(reader, deleted, from, to)
    const first = rows === null ? from : 0
    const end = rows === null ? to : rows.length
    if (first === end) return
    for (const aggregator of this.aggregators) aggregator.bind(reader)
    if (this.grouper === null) {
      this.addBuckets(segment.starts, rows, first, end, taking)
      yield* this.settle()
    } else {
      this.grouper.bind(reader)
      yield* this.addGroups(this.grouper, segment.starts, rows, first, end, taking)
    }
    this.checkMemory()
    yield
  }

  /** 1 for each row of a segment that passes the filter; null where all do. */
  passing(segment: Segment): Uint8Array | null {
    return this.picker.test(this.columns.reader(segment), segment.rows)
  }

  /** As if no row of some buckets had come. */
  forget(buckets: ReadonlySet<number>): void {
    const forgotten = new Set<number>()
    for (let group = 0; group < this.groups; group++) {
      if (!buckets.has(this.bucketOf(group))) continue
      forgotten.add(group)
      this.counts.rows[group] = 0
      this.touched?.add(group)
    }
    for (const aggregator of this.aggregators) aggregator.forget!(forgotten)
  }

  bucketOf(group: number): number {
    const { grouper, key } = this
    if (grouper === null) return group
    grouper.key(group, key)
    return key[0]
  }

  /** Exchanges with other threads what each knows of the only group; registers of each aggregation follow each other on the board. */
  exchange(board: Uint8Array): void {
    for (const [i, aggregator] of this.aggregators.entries()) aggregator.exchange?.(board.subarray(i * REGISTERS, (i + 1) * REGISTERS))
  }

  /**
   * Does ahead of `finish`, before anything is handed over, what needs nothing of other threads; where groups are buckets, most lie in the rows
   * of one.
   */
  *anticipate(): Generator<void, void, void> {
    this.late?.settle(this.counts.rows)
    if (this.grouper !== null || this.groups === 1) return
    for (const aggregator of this.aggregators) if (aggregator.anticipate) yield* aggregator.anticipate()
  }

  *finish(helpers: Helpers | null = null): Generator<void, void, void> {
    this.countAll()
    for (const aggregator of this.aggregators) yield* aggregator.finish(helpers)
  }

  /** What was handed over is not used any more. */
  release(): void {
    for (const aggregator of this.aggregators) aggregator.release?.()
  }

  /** In the place of `finish`; nothing more may be asked of this one. */
  handOver(): GatheredShare {
    this.countAll()
    const gathered = this.aggregators.map(aggregator => aggregator.handOver())
    return { rows: this.counts.rows, grouping: this.merging === null ? this.grouper?.handOver() ?? null : null, gathered }
  }

  /** Adds what an execution of the same plan made of other rows, before `finish`. */
  *takeOver({ rows, grouping, gathered }: GatheredShare): Generator<void, void, void> {
    const groupOf = grouping === null ? null : yield* this.grouper!.takeOver(grouping)
    if (this.groups > this.capacity) this.reserve(this.groups)
    for (const [i, aggregator] of this.aggregators.entries()) yield* aggregator.takeOver(gathered[i], groupOf)
    yield* addCounts(this.counts.rows, rows, groupOf)
    this.checkMemory()
  }

  grouped(): Grouped {
    const release = (): void => {
      giveBack(this.counts.rows)
      this.counts.rows = NO_COUNTS
    }
    return { aggregators: this.aggregators, counts: this.counts, grouper: this.grouper, groups: this.groups, bytes: this.bytes, release }
  }

  private countAll(): void {
    this.late?.settle(this.counts.rows)
    this.late?.drop()
    this.late = null
  }

  private addBuckets(starts: Float64Array, rows: Rows, first: number, end: number, { takers, count }: Taking): void {
    const { cuts, partsOf } = this
    cuts.cut(this.plan.buckets, starts, rows, first, end)
    for (let run = 0; run < cuts.count; run++) {
      this.counts.rows[cuts.buckets[run]] += (cuts.ends[run] - cuts.start(run)) * count
      this.touched?.add(cuts.buckets[run])
    }
    for (const taker of takers) {
      if (partsOf !== null && taker.addRuns !== undefined) taker.addRuns(cuts, rows, partsOf)
      else for (let run = 0; run < cuts.count; run++) taker.addRun(cuts.buckets[run], rows, cuts.start(run), cuts.ends[run])
    }
  }

  private *addGroups(
    grouper: Grouper, starts: Float64Array, rows: Rows, first: number, end: number, taking: Taking
  ): Generator<void, void, void> {
    const sorts = this.sorts && taking === this.adding && this.touched === null
    const { cuts } = this
    if (this.onlyCounts && rows === null) {
      cuts.cut(this.plan.buckets, starts, rows, first, end)
      if (this.late === null ? grouper.countRuns(cuts, this.counts.rows) : grouper.countLate(cuts, this.late, this.counts.rows)) return
    }
    for (let from = first; from < end;) {
      const to = this.blockEnd(grouper, rows, from, end)
      cuts.cut(this.plan.buckets, starts, rows, from, to)
      if (sorts && rows === null && this.merging === null && cuts.count === 1 && this.addSortedCodes(grouper, cuts.buckets[0], from, to - from)) {
        from = to
        yield* this.settle()
        yield
        continue
      }
      grouper.reserve(to - from)
      for (let run = 0; run < cuts.count; run++) grouper.ids.fill(cuts.buckets[run], cuts.start(run) - from, cuts.ends[run] - from)
      const assigned = grouper.assign(rows === null ? null : rows.subarray(from, to), from, to - from)
      const entries = this.merging === null ? assigned : grouper.regroup(this.merging.groupOf, from, assigned)
      if (this.groups > this.capacity) this.reserve(Math.max(this.groups, this.capacity * 2, 1024))
      for (let at = 0; at < entries; at += BLOCK_ENTRIES) {
        const n = Math.min(BLOCK_ENTRIES, entries - at)
        const groups = grouper.ids.subarray(at, at + n)
        const entryRows = grouper.rows === null ? null : grouper.rows.subarray(at, at + n)
        if (sorts && this.addSorted(groups, entryRows, from + at, n)) continue
        this.addPairs(groups, entryRows, from + at, n, taking)
      }
      from = to
      yield* this.settle()
      yield
    }
  }

  private addPairs(groups: Uint32Array, rows: Rows, from: number, n: number, { takers, count }: Taking): void {
    for (const taker of takers) taker.addPairs(groups, rows, from, n)
    this.touched?.addAll(groups, n)
    if (this.late !== null) this.late.add(groups, n, this.counts.rows)
    else if (count !== 0 && !this.countsElsewhere) countRows(this.counts.rows, groups, n, count)
  }

  /** Adds a block of few groups, sorted by them; false where they are too many. */
  private addSorted(groups: Uint32Array, rows: Rows, from: number, n: number): boolean {
    if (n > MAX_SORTED || n < LEAST_SORTED || !kernels().sortGroups(groups, n, runs)) return false
    this.takeSorted(new SortedRows(groups, rows, from, n, runs))
    return true
  }

  /** The same of rows [from, from + n) of one bucket, whose groups are read off one column. */
  private addSortedCodes(grouper: Grouper, bucket: number, from: number, n: number): boolean {
    if (n < LEAST_SORTED) return false
    const bytes = grouper.bytesOfRows
    if (bytes !== null && this.aggregators.every(aggregator => aggregator.rowless || aggregator.takesCodes?.(bytes.size))) {
      const { codes, size } = bytes
      kernels(codes).countCodes(codes, from, from + n, size, this.counts.rows, bucket * size)
      for (const aggregator of this.aggregators) if (!aggregator.rowless) aggregator.addCodes!(codes, size, bucket * size, from, n)
      return true
    }
    if (!grouper.sortRows(bucket, from, n, runs)) return false
    this.takeSorted(new SortedRows(null, null, from, n, runs))
    return true
  }

  private takeSorted(sorted: SortedRows): void {
    for (const aggregator of this.aggregators) {
      if (aggregator.addSorted) aggregator.addSorted(sorted)
      else aggregator.addPairs(sorted.groups, sorted.rows, sorted.from, sorted.n)
    }
    const counts = this.counts.rows
    for (let run = 0, first = 0; run < runs.runs; first = runs.ends[run++]) counts[runs.groups[run]] += runs.ends[run] - first
  }

  private *settle(): Generator<void, void, void> {
    for (const aggregator of this.aggregators) if (aggregator.settle) yield* aggregator.settle()
  }

  private blockEnd(grouper: Grouper, rows: Rows, from: number, end: number): number {
    const most = Math.min(end, from + this.blockRows)
    if (rows === null ? grouper.entriesAtMost(from, most) <= BLOCK_ENTRIES : grouper.entriesAtMost(rows[from], rows[most - 1] + 1) <= BLOCK_ENTRIES) return most
    let entries = 0
    for (let i = from; i < most; i++) {
      entries += grouper.entriesOf(rows === null ? i : rows[i])
      if (entries > BLOCK_ENTRIES) return Math.max(from + 1, i)
    }
    return most
  }

  private reserve(groups: number): void {
    const larger = takeZeros(groups)
    larger.set(this.counts.rows.subarray(0, Math.min(groups, this.capacity)))
    giveBack(this.counts.rows)
    this.counts.rows = larger
    this.capacity = groups
    this.touched?.grow(groups)
    for (const aggregator of this.aggregators) aggregator.grow(groups)
    this.checkMemory()
  }

  get bytes(): number {
    let bytes = this.counts.rows.byteLength + (this.grouper?.bytes ?? 0) + (this.touched?.bytes ?? 0) + (this.late?.bytes ?? 0)
    for (const aggregator of this.aggregators) bytes += aggregator.bytes
    return bytes
  }

  private checkMemory(): void {
    const bytes = this.bytes + this.elsewhere()
    if (bytes > this.memory) {
      throw new LimitError('memory_budget', this.memory, bytes, 'Bytes left for this query: group by fewer values, filter more, or raise the budget.')
    }
  }
}

function countRows(counts: Uint32Array, groups: Uint32Array, n: number, by: 1 | -1): void {
  for (let i = 0; i < n; i++) counts[groups[i]] += by
}
