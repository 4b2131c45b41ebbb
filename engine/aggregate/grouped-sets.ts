/**
 * Distinct items per group. Pairs (group, item) are gathered, partitioned by group, and each group's run is made distinct
 * in one scratch set that stays in the cache; what is kept between two rounds is exact-fit.
 * Items are 32-bit: coupons, counted by HyperLogLog rules, or codes, counted exactly.
 */
import { distinctInto, DistinctScratch } from '../sketch/distinct.js'
import { HyperLogLog, MAX_COUPONS } from '../sketch/hyperloglog.js'
import { giveBack, takeArray } from './spare-arrays.js'

const FIRST_PAIRS = 1024
/** Of few groups the pairs are folded by rounds that fit the cache; sketches take them in place. */
const FEW_GROUPS = 16_384
const ROUND_PAIRS = 2 ** 20

/** Items counted between two steps of `finish`, a few milliseconds' worth … */
const STEP = 200_000
/** … of which a run costs so many more. */
const RUN_COST = 8

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
  private readonly scratch = new DistinctScratch()
  groups = 0

  /** @param sketch items are coupons, counted within HyperLogLog's error; otherwise exactly. */
  constructor(sketch: boolean, maxPairs: number) {
    this.sketch = sketch
    this.maxPairs = maxPairs
  }

  get bytes(): number {
    return (this.groupsOf.length + this.items.length) * 4 + this.results.byteLength + this.keptBytes + this.scratch.bytes
  }

  /** Item 0 is missing and counts nothing. */
  add(group: number, item: number): void {
    if (item === 0) return
    if (this.n === this.items.length) this.makeRoom()
    this.groupsOf[this.n] = group
    this.items[this.n++] = item
  }

  *finish(): Generator<void, void, void> {
    this.results = new Float64Array(this.groups)
    let counted = 0
    for (const { group, run, from, to } of this.runs()) {
      if (this.kept.size > 0) this.keep(group, run, from, to)
      else this.results[group] = this.countRun(run, from, to)
      counted += to - from + RUN_COST
      if (counted < STEP) continue
      counted = 0
      yield
    }
    for (const [group, set] of this.kept) this.results[group] = set instanceof HyperLogLog ? set.estimate() : set.length
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

  private makeRoom(): void {
    const most = this.sketch && this.groups <= FEW_GROUPS ? Math.min(this.maxPairs, ROUND_PAIRS) : this.maxPairs
    if (this.n >= most) {
      for (const { group, run, from, to } of this.runs()) this.keep(group, run, from, to)
      this.n = 0
      return
    }
    const length = Math.min(most, this.n * 4)
    this.groupsOf = moved(this.groupsOf, length)
    this.items = moved(this.items, length)
  }

  private countRun(run: Uint32Array, from: number, to: number): number {
    if (to - from <= 1) return to - from
    const count = distinctInto(this.scratch, run, from, to, this.sketch ? MAX_COUPONS : Infinity)
    if (!this.sketch || count <= MAX_COUPONS) return count
    const sketch = new HyperLogLog()
    sketch.addRange(run, from, to)
    return sketch.estimate()
  }

  /** Merges a run into what is kept of its group. */
  private keep(group: number, run: Uint32Array, from: number, to: number): void {
    const known = this.kept.get(group)
    if (known instanceof HyperLogLog) {
      known.addRange(run, from, to)
      return
    }
    let items = run.subarray(from, to)
    if (known !== undefined) {
      items = takeArray(known.length + to - from)
      items.set(known)
      items.set(run.subarray(from, to), known.length)
    }
    const count = distinctInto(this.scratch, items, 0, items.length, this.sketch ? MAX_COUPONS : Infinity)
    const set = this.sketch && count > MAX_COUPONS ? new HyperLogLog() : this.scratch.values.slice(0, count)
    if (set instanceof HyperLogLog) set.addRange(items, 0, items.length)
    this.kept.set(group, set)
    this.keptBytes += (set instanceof HyperLogLog ? set.bytes : set.byteLength) - (known?.byteLength ?? 0)
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
