/**
 * Distinct items per group. Pairs (group, item) are gathered, partitioned by group, and each group's run is made distinct
 * in one scratch set that stays in the cache; what is kept between two rounds is exact-fit.
 * Items are 32-bit: coupons, counted by HyperLogLog rules, or codes, counted exactly.
 */
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

/** Items counted between two steps of `finish`, a few milliseconds' worth … */
const STEP = 200_000
/** … of which a run costs so many more. */
const RUN_COST = 8

/** What a kernel found distinct. */
const found = new Uint32Array(MAX_COUPONS + 1)

interface Run {
  group: number
  readonly run: Uint32Array<ArrayBuffer>
  from: number
  to: number
}

export class GroupedSets {
  private readonly sketch: boolean
  private readonly maxPairs: number
  private groupsOf = new Uint32Array(FIRST_PAIRS)
  private items = new Uint32Array(FIRST_PAIRS)
  private n = 0
  /** Distinct items of the groups folded so far, exact-fit, or what became of too many of them. */
  private readonly kept = new Map<number, Uint32Array | HyperLogLog>()
  private keptBytes = 0
  private results = new Float64Array(0)
  /** 1 where the result is an estimate from registers. */
  private estimated = new Uint8Array(0)
  private readonly scratch = new DistinctScratch()
  private readonly counter = new RunSketch()
  private readonly codes = new CodeCounter()
  groups = 0

  /** @param sketch items are coupons, counted within HyperLogLog's error; otherwise exactly. */
  constructor(sketch: boolean, maxPairs: number) {
    this.sketch = sketch
    this.maxPairs = maxPairs
  }

  get bytes(): number {
    return (this.groupsOf.length + this.items.length) * 4 + this.results.byteLength + this.estimated.byteLength + this.keptBytes + this.scratch.bytes + this.counter.bytes + this.codes.bytes
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

  *finish(): Generator<void, void, void> {
    this.results = new Float64Array(this.groups)
    this.estimated = new Uint8Array(this.groups)
    let counted = 0
    for (const { group, run, from, to } of this.runs()) {
      if (this.kept.has(group)) this.keep(group, run, from, to)
      else this.countRun(group, run, from, to)
      counted += to - from + RUN_COST
      if (counted < STEP) continue
      counted = 0
      yield
    }
    for (const [group, set] of this.kept) {
      if (set instanceof HyperLogLog) this.estimate(group, set)
      else this.results[group] = set.length
    }
    this.n = 0
    giveBack(this.groupsOf)
    giveBack(this.items)
    this.groupsOf = this.items = new Uint32Array(0)
    this.kept.clear()
    this.keptBytes = 0
  }

  value(group: number): number {
    return this.results[group]
  }

  /** Relative standard error of the value. */
  error(group: number): number {
    if (!this.sketch) return 0
    return this.estimated[group] === 1 ? REGISTER_ERROR : couponSetError(this.results[group])
  }

  /** Room for so many more pairs; false where there can never be. */
  private makeRoom(pairs: number): boolean {
    const most = this.sketch && this.groups <= FEW_GROUPS ? Math.min(this.maxPairs, ROUND_PAIRS) : this.maxPairs
    while (this.n + pairs > this.items.length) {
      if (this.items.length < most) {
        const length = Math.min(most, this.items.length * 4)
        this.groupsOf = moved(this.groupsOf, length)
        this.items = moved(this.items, length)
      } else {
        if (this.n === 0) return false
        for (const { group, run, from, to } of this.runs()) this.keep(group, run, from, to)
        this.n = 0
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

  private estimate(group: number, sketch: HyperLogLog): void {
    this.results[group] = sketch.estimate()
    this.estimated[group] = 1
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
    const known = this.kept.get(group)
    if (known instanceof HyperLogLog) {
      known.addRange(run, from, to)
      return
    }
    let items: Uint32Array<ArrayBuffer> = run.subarray(from, to)
    if (known !== undefined) {
      items = takeArray(known.length + to - from)
      items.set(known)
      items.set(run.subarray(from, to), known.length)
    }
    const set = this.sketchOf(items, 0, items.length) ?? this.distinct(items)
    if (known !== undefined) giveBack(items)
    this.kept.set(group, set)
    this.keptBytes += (set instanceof HyperLogLog ? set.bytes : set.byteLength) - (known?.byteLength ?? 0)
  }

  private distinct(items: Uint32Array): Uint32Array {
    if (items.length <= MAX_COUPONS) return found.slice(0, kernels().distinct(items, 0, items.length, MAX_COUPONS, found))
    const count = distinctInto(this.scratch, items, 0, items.length)
    return this.scratch.values.slice(0, count)
  }

  /** A counting sort of the pairs by group: run[from, to) are the items of each group that has any, ascending. The same object each time. */
  private *runs(): Generator<Run, void, void> {
    const { n, groupsOf, items, groups } = this
    const ends = new Uint32Array(groups + 1)
    for (let i = 0; i < n; i++) ends[groupsOf[i] + 1]++
    for (let group = 0; group < groups; group++) ends[group + 1] += ends[group]
    const run = takeArray(n)
    for (let i = 0; i < n; i++) run[ends[groupsOf[i]]++] = items[i]
    const current: Run = { group: 0, run, from: 0, to: 0 }
    for (let group = 0; group < groups; group++) {
      current.group = group
      current.from = current.to
      current.to = ends[group]
      if (current.to > current.from) yield current
    }
    giveBack(run)
  }
}

function moved(array: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const larger = takeArray(length)
  larger.set(array)
  giveBack(array)
  return larger
}
