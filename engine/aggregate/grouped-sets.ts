/**
 * Distinct items per group. Pairs (group, item) are gathered, partitioned by group, and each group's run is made distinct
 * in one scratch set that stays in the cache; what is kept between two rounds is exact-fit.
 * Items are 32-bit: coupons, counted by HyperLogLog rules, or codes, counted exactly.
 */
import { countBits, setBit, wordsFor } from '../column/bitset.js'
import type { Codes } from '../column/column.js'
import { kernels } from '../kernels/kernels.js'
import type { Rows } from '../kernels/select.js'
import { distinctInto, DistinctScratch } from '../sketch/distinct.js'
import { couponSetError, HyperLogLog, MAX_COUPONS, REGISTER_ERROR } from '../sketch/hyperloglog.js'
import { RunSketch } from '../sketch/run-sketch.js'
import { CodeCounter } from './code-counter.js'
import { giveBack, takeArray } from './spare-arrays.js'

const FIRST_PAIRS = 1024
/** Of few groups the pairs are folded by rounds: what is kept of them is small, and rows come by time, so most groups are in one round. */
const FEW_GROUPS = 16_384
const ROUND_PAIRS = 2 ** 22

/** Items counted between two steps, a few milliseconds' worth … */
const STEP = 200_000
/** … of which a run costs so many more. */
const RUN_COST = 8
/** Items that are moved, or groups that are gone over, between two steps. */
const LOOP_STEP = 2 ** 18
/** From here on a run is folded in several steps. */
const LONG_RUN = 2 ** 19
/** Estimating one takes some 60 µs. */
const SETS_PER_STEP = 100

const NOTHING = new Uint32Array(0)
/** What a kernel found distinct. */
const found = new Uint32Array(MAX_COUPONS + 1)

/** `exact` counts codes, the others coupons; `sketches` can also be handed out. */
export type DistinctKind = 'exact' | 'estimates' | 'sketches'

interface Run {
  group: number
  readonly run: Uint32Array<ArrayBuffer>
  from: number
  to: number
}

export class GroupedSets {
  private readonly sketch: boolean
  /** Sets stay when they are counted. */
  private readonly keeps: boolean
  /** Those that were not counted since they changed; null where all are counted once. */
  private readonly changed: Map<number, Uint32Array | HyperLogLog> | null
  private readonly maxPairs: number
  private groupsOf = new Uint32Array(FIRST_PAIRS)
  private items = new Uint32Array(FIRST_PAIRS)
  private n = 0
  /** Pairs there were at the last `settle`. */
  private settled = 0
  /** Distinct items of the groups folded so far, exact-fit, or what became of too many of them. */
  private readonly sets = new Map<number, Uint32Array | HyperLogLog>()
  private setBytes = 0
  private results = new Float64Array(0)
  /** 1 where the result is an estimate from registers. */
  private estimated = new Uint8Array(0)
  private readonly scratch = new DistinctScratch()
  private readonly counter = new RunSketch()
  private readonly codes = new CodeCounter()
  groups = 0

  /**
   * @param kind items are coupons, counted within HyperLogLog's error, or with `exact` codes.
   * @param continues items come after `finish` too: the sets are kept.
   */
  constructor(kind: DistinctKind, maxPairs: number, continues = false) {
    this.keeps = continues || kind === 'sketches'
    this.changed = continues ? new Map() : null
    this.sketch = kind !== 'exact'
    this.maxPairs = maxPairs
  }

  get bytes(): number {
    const pairs = this.groupsOf.byteLength + this.items.byteLength
    return pairs + this.results.byteLength + this.estimated.byteLength + this.setBytes + this.scratch.bytes + this.counter.bytes + this.codes.bytes
  }

  /** Row i of n (rows[i], or from + i) has items[row], or through `lookup` lookup[items[row]]; 0 is missing. */
  addRows(groups: Uint32Array, items: Codes, lookup: Uint32Array | null, rows: Rows, from: number, n: number): void {
    if (!this.makeRoom(n)) {
      for (let i = 0; i < n; i++) {
        const item = items[rows === null ? from + i : rows[i]]
        this.add(groups[i], lookup === null ? item : lookup[item])
      }
      return
    }
    const { groupsOf, items: kept } = this
    let at = this.n
    if (rows === null && lookup === null) {
      // Missing items come along; where items are counted they are passed over.
      groupsOf.set(groups.length === n ? groups : groups.subarray(0, n), at)
      kept.set(items.subarray(from, from + n), at)
      this.n += n
      return
    }
    for (let i = 0; i < n; i++) {
      const value = items[rows === null ? from + i : rows[i]]
      const item = lookup === null ? value : lookup[value]
      groupsOf[at] = groups[i]
      kept[at] = item
      // The place of a missing item is written again.
      at += item === 0 ? 0 : 1
    }
    this.n = at
  }

  /** Item 0 is missing and counts nothing. */
  add(group: number, item: number): void {
    if (item === 0) return
    if (this.n === this.items.length) this.makeRoom(1)
    this.groupsOf[this.n] = group
    this.items[this.n++] = item
  }

  *settle(): Generator<void, void, void> {
    // What the last block of rows came to, another one will.
    if (this.n + Math.max(0, this.n - this.settled) * 2 > this.most) yield* this.fold()
    this.settled = this.n
  }

  *finish(): Generator<void, void, void> {
    this.results = longer(this.results, new Float64Array(this.groups))
    this.estimated = longer(this.estimated, new Uint8Array(this.groups))
    yield* this.fold(true)
    giveBack(this.groupsOf)
    giveBack(this.items)
    this.groupsOf = this.items = new Uint32Array(0)
    yield* this.countSets()
  }

  value(group: number): number {
    return this.results[group]
  }

  /** With `sketches`: what is counted of the group, its distinct coupons or a sketch of them. */
  kept(group: number): Uint32Array | HyperLogLog {
    return this.sets.get(group) ?? NOTHING
  }

  /** Relative standard error of the value. */
  error(group: number): number {
    if (!this.sketch) return 0
    return this.estimated[group] === 1 ? REGISTER_ERROR : couponSetError(this.results[group])
  }

  /** Pairs that are gathered at most. */
  private get most(): number {
    return this.sketch && this.groups <= FEW_GROUPS ? Math.min(this.maxPairs, ROUND_PAIRS) : this.maxPairs
  }

  /** Room for so many more pairs; false where there can never be. */
  private makeRoom(pairs: number): boolean {
    const { most } = this
    while (this.n + pairs > this.items.length) {
      if (this.items.length < most) {
        const length = Math.min(most, Math.max(FIRST_PAIRS, this.items.length * 4))
        this.groupsOf = moved(this.groupsOf, length)
        this.items = moved(this.items, length)
      } else {
        if (this.n === 0) return false
        for (const _ of this.fold()) { /* in one go: the rows of a block cannot wait */ }
      }
    }
    return true
  }

  private countRun(group: number, run: Uint32Array, from: number, to: number): void {
    if (to - from === 1) {
      this.results[group] = run[from] === 0 ? 0 : 1
    } else if (this.sketch) {
      this.results[group] = this.counter.count(run, from, to)
      if (this.counter.isEstimate) this.estimated[group] = 1
    } else {
      this.results[group] = this.codes.count(run, from, to)
    }
  }

  private *countSets(): Generator<void, void, void> {
    let counted = 0
    for (const [group, set] of this.changed ?? this.sets) {
      this.results[group] = set instanceof HyperLogLog ? set.estimate() : set.length
      if (set instanceof HyperLogLog) this.estimated[group] = 1
      if (++counted % SETS_PER_STEP === 0) yield
    }
    this.changed?.clear()
    if (this.keeps) return
    this.sets.clear()
    this.setBytes = 0
  }

  /** Merges the pairs into the sets of their groups. With the last pairs, groups that have no set yet are only counted where none is kept. */
  private *fold(last = false): Generator<void, void, void> {
    let counted = 0
    for (const next of this.runs()) {
      if (next !== null) {
        const { group, run, from, to } = next
        const isLong = to - from >= LONG_RUN
        if (last && !this.keeps && !this.sets.has(group) && (this.sketch || !isLong)) this.countRun(group, run, from, to)
        else if (isLong) yield* this.keepLong(group, run, from, to)
        else this.keep(group, run, from, to)
        counted += to - from + RUN_COST
        if (counted < STEP) continue
      }
      counted = 0
      yield
    }
    this.n = 0
  }

  /** The sketch of a run with more items than a list may have; null where a list will do. */
  private sketchOf(run: Uint32Array, from: number, to: number): HyperLogLog | null {
    if (!this.sketch || to - from <= MAX_COUPONS) return null
    const sketch = new HyperLogLog()
    sketch.addRange(run, from, to)
    return sketch.isExact ? null : sketch
  }

  /** Merges a run into what is kept of its group. */
  private keep(group: number, run: Uint32Array<ArrayBuffer>, from: number, to: number): void {
    const known = this.sets.get(group) ?? NOTHING
    const bytes = bytesOf(known)
    if (known instanceof HyperLogLog) {
      known.addRange(run, from, to)
      this.put(group, known, bytes)
      return
    }
    let items: Uint32Array<ArrayBuffer> = run.subarray(from, to)
    if (known.length > 0) {
      items = takeArray(known.length + to - from)
      items.set(known)
      items.set(run.subarray(from, to), known.length)
    }
    this.put(group, this.sketchOf(items, 0, items.length) ?? this.distinct(items), bytes)
    if (known.length > 0) giveBack(items)
  }

  /** The same in several steps. */
  private *keepLong(group: number, run: Uint32Array, from: number, to: number): Generator<void, void, void> {
    const known = this.sets.get(group) ?? NOTHING
    const bytes = bytesOf(known)
    if (!this.sketch) {
      this.put(group, yield* longDistinct(known as Uint32Array, run, from, to), bytes)
      return
    }
    const sketch = known instanceof HyperLogLog ? known : new HyperLogLog()
    if (known instanceof Uint32Array) sketch.addRange(known, 0, known.length)
    for (let at = from; at < to; at += LONG_RUN) {
      sketch.addRange(run, at, Math.min(at + LONG_RUN, to))
      yield
    }
    this.put(group, sketch.isExact ? sketch.coupons() : sketch, bytes)
  }

  private put(group: number, set: Uint32Array | HyperLogLog, bytesBefore: number): void {
    this.sets.set(group, set)
    this.changed?.set(group, set)
    this.setBytes += bytesOf(set) - bytesBefore
  }

  private distinct(items: Uint32Array): Uint32Array {
    if (items.length <= MAX_COUPONS) return found.slice(0, kernels().distinct(items, 0, items.length, MAX_COUPONS, found))
    const count = distinctInto(this.scratch, items, 0, items.length)
    const values = this.scratch.values.slice(0, count)
    // Missing items may have come along.
    return values.includes(0) ? values.filter(item => item !== 0) : values
  }

  /**
   * A counting sort of the pairs by group: run[from, to) are the items of each group that has any, ascending. The same object each time;
   * null where other work may go on.
   */
  private *runs(): Generator<Run | null, void, void> {
    const { n, groupsOf, items, groups } = this
    const ends = new Uint32Array(groups + 1)
    for (let from = 0; from < n; from += LOOP_STEP) {
      const to = Math.min(from + LOOP_STEP, n)
      for (let i = from; i < to; i++) ends[groupsOf[i] + 1]++
      yield null
    }
    for (let from = 0; from < groups; from += LOOP_STEP) {
      const to = Math.min(from + LOOP_STEP, groups)
      for (let group = from; group < to; group++) ends[group + 1] += ends[group]
      yield null
    }
    const run = takeArray(n)
    for (let from = 0; from < n; from += LOOP_STEP) {
      const to = Math.min(from + LOOP_STEP, n)
      for (let i = from; i < to; i++) run[ends[groupsOf[i]]++] = items[i]
      yield null
    }
    const current: Run = { group: 0, run, from: 0, to: 0 }
    for (let group = 0; group < groups; group++) {
      current.group = group
      current.from = current.to
      current.to = ends[group]
      if (current.to > current.from) yield current
      else if (group % LOOP_STEP === 0) yield null
    }
    giveBack(run)
  }
}

/** The distinct codes of both, ascending, by a bit for each: codes are dense. */
function* longDistinct(known: Uint32Array, run: Uint32Array, from: number, to: number): Generator<void, Uint32Array, void> {
  let largest = 0
  for (const code of known) if (code > largest) largest = code
  for (let at = from; at < to; at++) if (run[at] > largest) largest = run[at]
  yield
  const bits = new Uint32Array(wordsFor(largest + 1))
  for (const code of known) setBit(bits, code)
  for (let at = from; at < to; at += LONG_RUN) {
    const end = Math.min(at + LONG_RUN, to)
    for (let i = at; i < end; i++) setBit(bits, run[i])
    yield
  }
  // Missing items may come along.
  bits[0] &= ~1
  const codes = new Uint32Array(countBits(bits, 0, largest + 1))
  let n = 0
  for (let word = 0; word < bits.length; word++) {
    for (let rest = bits[word]; rest !== 0; rest &= rest - 1) codes[n++] = word * 32 + 31 - Math.clz32(rest & -rest)
    if (word % LOOP_STEP === 0) yield
  }
  return codes
}

function longer<A extends Float64Array | Uint8Array>(array: A, larger: A): A {
  larger.set(array)
  return larger
}

function bytesOf(set: Uint32Array | HyperLogLog): number {
  return set instanceof HyperLogLog ? set.bytes : set.byteLength
}

function moved(array: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const larger = takeArray(length)
  larger.set(array)
  giveBack(array)
  return larger
}
