/**
 * Distinct items per group. Pairs (group, item) are gathered in lists by group, and each group's run is made distinct in one
 * scratch set that stays in the cache; what is kept between two folds is exact-fit.
 * Items are 32-bit: coupons, counted by HyperLogLog rules, or codes, counted exactly.
 */
import type { Codes } from '../column/codes.js'
import { doublesIn, ownMemory, wordsIn, type Memory } from '../column/memory.js'
import { kernels } from '../kernels/kernels.js'
import { MAX_SORTED } from '../kernels/contract.js'
import type { Rows } from '../kernels/select.js'
import type { BucketRuns } from '../plan/bucket-runs.js'
import { couponSetError, HyperLogLog, MAX_COUPONS, REGISTER_ERROR } from '../sketch/hyperloglog.js'
import type { GroupCounts, SortedRows } from './aggregator.js'
import { countList, type CountTask, type Helpers } from './helpers.js'
import { addCounts } from './merge.js'
import { KeptSets, type DistinctKind } from './kept-sets.js'
import { LONG_RUN } from './long-distinct.js'
import { OpenRuns } from './open-runs.js'
import { addRows, type GatheredPairs, type Pairs, type Run } from './pair-runs.js'
import { pairsFor, pairsOf, readerOf } from './pairs.js'
import { RunCounter } from './run-counter.js'

/** So many pairs more, and the groups of which there are many become sketches: what they had gives room to others. */
const ROUND_PAIRS = 2 ** 21
/** Half of them may be repeated; what is made a sketch too early is a list again. */
const MANY = MAX_COUPONS * 2

/** Items counted between two steps, a few milliseconds' worth … */
const STEP = 200_000
/** … of which a run costs so many more. */
const RUN_COST = 8
/** Estimating one takes some 60 µs. */
const SETS_PER_STEP = 100
/** Items that are looked up or picked at a time. */
const BLOCK = 16_384

const NOTHING = new Uint32Array(0)
/** Items of a block in the order of their groups. */
const sorted = new Uint32Array(MAX_SORTED)

export interface GatheredSets {
  /** Of groups that are counted, of which no other thread has rows: how many, and 1 where that is an estimate. null where there is none. */
  readonly counted: { readonly results: Float64Array, readonly estimated: Uint8Array } | null
  /** null where there was no pair. */
  readonly lists: GatheredPairs | null
  readonly sets: readonly (readonly [group: number, items: Uint32Array])[]
  /** Registers of the groups that have too many items for a list, which are only read until they are released, and what they estimate, if that is known. */
  readonly sketches: readonly (readonly [group: number, registers: Uint8Array, estimate: number])[]
}

export class GroupedSets {
  private readonly sketch: boolean
  /** Sets stay when they are counted. */
  private readonly keeps: boolean
  private readonly maxPairs: number
  private readonly expected: number
  private readonly memory: Memory
  private lists: Pairs | null = null
  private readonly open = new OpenRuns()
  /** Pairs there were at the last `settle`. */
  private settled = 0
  /** Pairs there are at most before groups of many are folded. */
  private roundEnd = ROUND_PAIRS
  /** Items of a block that are not in the place of their rows, and their groups. */
  private blockItems = NOTHING
  private blockGroups = NOTHING
  private waiting = 0
  /** Of the groups folded so far. */
  private readonly sets: KeptSets
  private counter: RunCounter
  /** null where somebody else counts rows. */
  private rowCounts: GroupCounts | null = null
  groups = 0

  /**
   * @param kind items are coupons, counted within HyperLogLog's error, or with `exact` codes.
   * @param maxPairs may be gathered before they are folded, about.
   * @param expected so many pairs may come.
   * @param memory where pairs are gathered.
   */
  constructor(kind: DistinctKind, maxPairs: number, expected = maxPairs, memory: Memory = ownMemory) {
    this.keeps = kind === 'sketches'
    this.sketch = kind !== 'exact'
    this.maxPairs = maxPairs
    this.expected = expected
    this.memory = memory
    this.sets = new KeptSets(kind, memory)
    this.counter = new RunCounter(this.sketch, new Float64Array(0), new Uint8Array(0))
  }

  get bytes(): number {
    const pairs = (this.lists?.bytes ?? 0) + this.blockItems.byteLength + this.blockGroups.byteLength
    return pairs + this.sets.bytes + this.counter.bytes
  }

  /** Counts the rows of groups from here on, whose items all come by `addRows`. */
  countRows(counts: GroupCounts): void {
    this.rowCounts = counts
  }

  /** Row i of n (rows[i], or from + i) has items[row], or through `lookup` lookup[items[row]]; 0 is missing. */
  addRows(groups: Uint32Array, items: Codes, lookup: Uint32Array | null, rows: Rows, from: number, n: number): void {
    if (rows === null && lookup === null && items instanceof Uint32Array) {
      this.append(groups, items.subarray(from, from + n), n)
      return
    }
    const block = this.block(Math.min(n, BLOCK))
    for (let at = 0; at < n; at += BLOCK) {
      const length = Math.min(BLOCK, n - at)
      if (rows === null) block.set(items.subarray(from + at, from + at + length))
      else for (let i = 0; i < length; i++) block[i] = items[rows[at + i]]
      if (lookup !== null) for (let i = 0; i < length; i++) block[i] = lookup[block[i]]
      this.append(groups.subarray(at, at + length), block, length)
    }
  }

  /** The same for a block whose rows have the items, or those of `lookup`. */
  addSorted({ rows, from, runs }: SortedRows, items: Codes, lookup: Uint32Array | null): void {
    const { places, groups, ends } = runs
    const n = ends[runs.runs - 1]
    if (rows === null && items instanceof Uint32Array) kernels(items).pickItems(items, from, runs, sorted)
    else if (rows === null) for (let i = 0; i < n; i++) sorted[i] = items[from + places[i]]
    else for (let i = 0; i < n; i++) sorted[i] = items[rows[places[i]]]
    if (lookup !== null) for (let i = 0; i < n; i++) sorted[i] = lookup[sorted[i]]
    for (let run = 0, first = 0; run < runs.runs; first = ends[run++]) this.gather(groups[run], sorted, first, ends[run])
  }

  /** items[from, to) are of one group. Long runs become sketches at once. */
  addRun(group: number, items: Uint32Array, from: number, to: number): void {
    const known = this.sets.get(group)
    if (known instanceof HyperLogLog || (this.sketch && to - from > MAX_COUPONS)) this.sets.add(group, items, from, to)
    else this.gather(group, items, from, to)
  }

  private gather(group: number, items: Uint32Array, from: number, to: number): void {
    if (this.listsFor().appendAll(group, items, from, to)) return
    for (const _ of this.fold(1)) { /* in one go: the rows of a block cannot wait */ }
    this.sets.add(group, items, from, to)
  }

  /** Whether `countRuns` may be called: what is counted is not kept. */
  get countsRuns(): boolean {
    return !this.keeps
  }

  /** Items of runs of buckets, of the first one from items[0] on, at most MAX_RUN in all: what comes in one part is counted, the others are left. */
  countRuns(runs: BucketRuns, from: number, to: number, items: Uint32Array, partsOf: Uint32Array): void {
    const n = to - from
    const first = runs.start(from)
    const ends = new Uint32Array(n)
    let counted = 0
    for (let i = 0; i < n; i++) {
      ends[i] = runs.ends[from + i] - first
      if (partsOf[runs.buckets[from + i]] === 1) counted++
    }
    if (counted === 0) return
    const counts = new Uint32Array(n)
    kernels().distinctRuns(items, ends, n, counts)
    const { results } = this.counterFor()
    for (let i = 0; i < n; i++) if (partsOf[runs.buckets[from + i]] === 1) results[runs.buckets[from + i]] = counts[i]
  }

  /** Coupons of one group, of which there are at most `most` runs; they stay as they are where that is more than one. */
  addOpen(group: number, run: Uint32Array, most: number): void {
    const runs = this.open.add(group, run, most)
    if (runs !== null) this.counterFor().countRuns(group, runs)
  }

  /** Counts the groups of which no more comes, where nothing else came of any; else their runs go with the rest. */
  private closeOpen(isLast: boolean): void {
    const counts = isLast && this.lists === null && this.sets.size === 0
    for (const [group, runs] of this.open.take()) {
      if (counts) this.counter.countRuns(group, runs)
      else for (const run of runs) this.addRun(group, run, 0, run.length)
    }
  }

  private counterFor(): RunCounter {
    const { counter, groups, memory } = this
    if (counter.results.length < groups) this.counter = new RunCounter(this.sketch, doublesIn(memory, groups), memory(groups))
    return this.counter
  }

  /** Item 0 is missing and counts nothing. */
  add(group: number, item: number): void {
    if (item === 0) return
    const block = this.block(BLOCK)
    if (this.blockGroups.length === 0) this.blockGroups = new Uint32Array(BLOCK)
    this.blockGroups[this.waiting] = group
    block[this.waiting++] = item
    if (this.waiting === BLOCK) this.flush()
  }

  *settle(): Generator<void, void, void> {
    this.flush()
    const { lists } = this
    if (lists === null) return
    // What the last block of rows came to, another one will.
    const isFull = !lists.hasRoom(Math.max(0, lists.used - this.settled) * 2)
    const isRound = this.sketch && lists.shift === 0 && lists.used >= this.roundEnd
    if (isFull || isRound) {
      yield* this.fold(isFull ? 1 : MANY)
      this.roundEnd = lists.used + ROUND_PAIRS
    }
    this.settled = lists.used
  }

  *finish(helpers: Helpers | null = null): Generator<void, void, void> {
    this.flush()
    this.counterFor()
    this.closeOpen(true)
    if (helpers !== null && !this.keeps && this.lists !== null) yield* this.countTogether(this.lists, helpers)
    yield* this.fold(1, true)
    this.lists?.drop()
    this.blockItems = this.blockGroups = NOTHING
    yield* this.countSets()
  }

  /** Counts the lists of groups that have no set yet; where that fails they are there as before. */
  private *countTogether(lists: Pairs, helpers: Helpers): Generator<void, void, void> {
    const { parts } = lists
    const reader = readerOf(parts, this.sketch)
    const skipped = new Uint8Array(lists.length)
    let pairs = 0
    for (let list = 0; list < skipped.length; list++) {
      const n = reader.length(list)
      // In one go a long list of codes would take too long.
      if (n === 0 || (!this.sketch && n >= LONG_RUN)) skipped[list] = 1
      else pairs += n
    }
    if (pairs < helpers.leastPairs) return
    for (const [group] of this.sets) skipped[group >>> lists.shift] = 1
    const { counter, sketch } = this
    const { results, estimated } = counter
    const rows = this.rowCounts === null ? null : wordsIn(this.memory, this.groups)
    const task: CountTask = { parts, sketch, results, estimated, skipped, rows }
    const isDone = yield* helpers.share(task, skipped.length, list => countList(task, list, reader, counter))
    reader.drop()
    if (!isDone) return
    if (rows !== null) yield* addCounts(this.rowCounts!.rows, rows, null)
    for (let list = 0; list < skipped.length; list++) if (skipped[list] === 0) lists.release(list)
  }

  /** What was handed over is read by others no more. */
  release(): void {
    this.lists?.drop()
    for (const [, set] of this.sets) if (set instanceof HyperLogLog) set.release()
  }

  /** Raises what is known of a group to `registers`, and those to what is known, where it is a sketch. */
  exchange(group: number, registers: Uint8Array): void {
    const set = this.sets.get(group)
    if (set instanceof HyperLogLog) set.exchange(registers)
  }

  /** Completes and estimates sketches as `finish` will, where no other thread has rows of their groups. In steps. */
  *anticipate(): Generator<void, void, void> {
    this.flush()
    this.closeOpen(false)
    const { lists } = this
    const reader = lists === null || lists.shift > 0 ? null : readerOf(lists.parts)
    let counted = 0
    for (const [group, set] of this.sets) {
      if (!(set instanceof HyperLogLog)) continue
      if (reader !== null && reader.length(group) > 0) {
        const reading = reader.read(group)
        let step = reading.next()
        for (; step.done !== true; step = reading.next()) yield
        this.sets.add(group, step.value.items, 0, step.value.ends[0])
        lists!.release(group)
      }
      set.estimate()
      if (++counted % SETS_PER_STEP === 0) yield
    }
    reader?.drop()
  }

  handOver(): GatheredSets {
    this.flush()
    this.closeOpen(false)
    const sets: [number, Uint32Array][] = []
    const sketches: [number, Uint8Array, number][] = []
    for (const [group, set] of this.sets) {
      if (set instanceof HyperLogLog) sketches.push([group, set.registers!, set.known])
      else sets.push([group, set])
    }
    const { results, estimated } = this.counter
    return { counted: results.length === 0 ? null : { results, estimated }, lists: this.lists?.handOver() ?? null, sets, sketches }
  }

  /** itemOf[i] is the item here of their item i, null where they agree. In steps. */
  *takeOver({ counted, lists, sets, sketches }: GatheredSets, groupOf: Uint32Array | null, itemOf: Uint32Array | null): Generator<void, void, void> {
    this.flush()
    if (counted !== null) this.counterFor().takeOver(counted.results, counted.estimated)
    if (lists !== null && (groupOf !== null || itemOf !== null || !this.listsFor().join(lists))) yield* this.takePairs(lists, groupOf, itemOf)
    for (const [group, items] of sets) {
      if (itemOf !== null) for (let i = 0; i < items.length; i++) items[i] = itemOf[items[i]]
      this.sets.add(groupOf === null ? group : groupOf[group], items, 0, items.length)
      yield
    }
    for (const [group, registers, estimate] of sketches) {
      this.sets.addRegisters(groupOf === null ? group : groupOf[group], registers, estimate)
      yield
    }
  }

  /** Pairs of groups, or of items, that have other numbers here. */
  private *takePairs(lists: GatheredPairs, groupOf: Uint32Array | null, itemOf: Uint32Array | null): Generator<void, void, void> {
    let taken = 0
    for (const [groups, items] of pairsOf(lists)) {
      if (groupOf !== null) for (let i = 0; i < groups.length; i++) groups[i] = groupOf[groups[i]]
      if (itemOf !== null) for (let i = 0; i < items.length; i++) items[i] = itemOf[items[i]]
      this.append(groups, items, items.length)
      taken += items.length
      if (taken < STEP) continue
      taken = 0
      yield* this.settle()
      yield
    }
  }

  value(group: number): number {
    return this.counter.results[group]
  }

  /** Of groups below 0 there are none. */
  readAll(groups: Int32Array, into: Float64Array): void {
    const { results } = this.counter
    for (let i = 0; i < groups.length; i++) into[i] = groups[i] < 0 ? 0 : results[groups[i]]
  }

  /** With `sketches`: what is counted of the group, its distinct coupons or a sketch of them. */
  kept(group: number): Uint32Array | HyperLogLog {
    return this.sets.get(group) ?? NOTHING
  }

  /** Relative standard error of the value. */
  error(group: number): number {
    if (!this.sketch) return 0
    return this.counter.estimated[group] === 1 ? REGISTER_ERROR : couponSetError(this.counter.results[group])
  }

  /** For n items. */
  private block(n: number): Uint32Array {
    if (this.blockItems.length < n) this.blockItems = new Uint32Array(n)
    return this.blockItems
  }

  /** Items that came one by one. */
  private flush(): void {
    const n = this.waiting
    this.waiting = 0
    if (n > 0) this.append(this.blockGroups, this.blockItems, n)
  }

  private append(groups: Uint32Array, items: Uint32Array, n: number): void {
    const lists = this.listsFor()
    for (let at = lists.append(groups, items, n); at < n;) {
      for (const _ of this.fold(1)) { /* in one go: the rows of a block cannot wait */ }
      at += lists.append(groups.subarray(at, n), items.subarray(at, n), n - at)
    }
  }

  /** Lists that have room for all groups there are; pairs move into other ones where those they are in have not. */
  private listsFor(): Pairs {
    const { lists } = this
    if (lists?.cover(this.groups)) return lists
    const larger = pairsFor(this.groups, this.expected, this.maxPairs, this.memory)
    this.lists = larger
    if (lists === null) return larger
    for (const run of lists.take()) {
      if (run === null) continue
      let from = 0
      for (let i = 0; i < run.groups; i++) {
        const to = run.ends[i]
        if (to > from) this.append(new Uint32Array(to - from).fill(run.first + i), run.items.subarray(from, to), to - from)
        from = to
      }
    }
    lists.drop()
    return larger
  }

  private *countSets(): Generator<void, void, void> {
    const { results, estimated } = this.counter
    let counted = 0
    for (const [group, set] of this.sets) {
      results[group] = set instanceof HyperLogLog ? set.estimate() : set.length
      if (set instanceof HyperLogLog) {
        estimated[group] = 1
        if (!this.keeps) set.release()
      }
      if (++counted % SETS_PER_STEP === 0) yield
    }
    if (this.keeps) return
    this.sets.clear()
  }

  /**
   * Merges the pairs of lists with `atLeast` of them into the sets of their groups. With the last pairs, groups that have no set yet
   * are only counted where none is kept.
   */
  private *fold(atLeast: number, last = false): Generator<void, void, void> {
    if (this.lists === null) return
    const counts = last && !this.keeps
    let counted = 0
    for (const run of this.lists.take(atLeast, counts && this.sketch && this.sets.size === 0)) {
      if (run !== null) {
        const n = run.ends[run.groups - 1]
        if (this.rowCounts !== null) addRows(this.rowCounts.rows, run)
        if (counts && this.sets.size === 0 && n < LONG_RUN) this.counter.count(run)
        else yield* this.foldRun(run, counts)
        counted += n + run.groups * RUN_COST
        if (counted < STEP) continue
      }
      counted = 0
      yield
    }
  }

  private *foldRun(run: Run, counts: boolean): Generator<void, void, void> {
    if (counts) this.counter.countShort(run)
    let from = 0
    for (let i = 0; i < run.groups; i++) {
      const to = run.ends[i]
      if (to > from) {
        const group = run.first + i
        const isLong = to - from >= LONG_RUN
        if (counts && !this.sets.has(group) && (this.sketch || !isLong)) this.counter.countLong(group, run.items, from, to)
        else if (isLong) yield* this.sets.addLong(group, run.items, from, to)
        else this.sets.add(group, run.items, from, to)
      }
      from = to
    }
  }
}
