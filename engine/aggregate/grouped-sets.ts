/**
 * Distinct items per group. Pairs (group, item) are gathered, partitioned by group, and each group's run is made distinct
 * in one scratch set that stays in the cache; what is kept between two rounds is exact-fit.
 * Items are 32-bit: coupons, counted by HyperLogLog rules, or codes, counted exactly.
 */
import { distinctInto, DistinctScratch } from '../sketch/distinct.js'
import { HyperLogLog, MAX_COUPONS } from '../sketch/hyperloglog.js'
import { giveBack, takeArray } from './spare-arrays.js'

const FIRST_PAIRS = 1024

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
  /** Distinct items of group g: kept[ends[g-1]] … kept[ends[g]-1]. */
  private kept = new Uint32Array(0)
  private ends = new Uint32Array(0)
  private readonly dense = new Map<number, HyperLogLog>()
  private results = new Float64Array(0)
  private readonly scratch = new DistinctScratch()
  groups = 0

  /** @param sketch items are coupons, counted within HyperLogLog's error; otherwise exactly. */
  constructor(sketch: boolean, maxPairs: number) {
    this.sketch = sketch
    this.maxPairs = maxPairs
  }

  get bytes(): number {
    return (this.groupsOf.length + this.items.length + this.kept.length + this.ends.length) * 4 + this.results.byteLength
      + this.dense.size * 65_536 + this.scratch.bytes
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
    if (this.kept.length === 0 && this.dense.size === 0) {
      let counted = 0
      for (const { group, run, from, to } of this.runs()) {
        this.results[group] = this.countRun(run, from, to)
        counted += to - from + RUN_COST
        if (counted < STEP) continue
        counted = 0
        yield
      }
    } else {
      this.fold()
      for (let group = 0; group < this.groups; group++) this.results[group] = this.ends[group] - (group === 0 ? 0 : this.ends[group - 1])
      for (const [group, sketch] of this.dense) this.results[group] = sketch.estimate()
    }
    this.n = 0
    giveBack(this.groupsOf)
    giveBack(this.items)
    this.groupsOf = this.items = this.kept = this.ends = new Uint32Array(0)
    this.dense.clear()
  }

  value(group: number): number {
    return this.results[group]
  }

  private makeRoom(): void {
    if (this.n >= this.maxPairs) {
      this.fold()
      return
    }
    const length = Math.min(this.maxPairs, this.n * 4)
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

  /** Merges the gathered pairs into what is kept. */
  private fold(): void {
    const before = this.kept
    const beforeEnds = this.ends
    const kept = new Uint32Array(before.length + this.n)
    const ends = new Uint32Array(this.groups)
    let used = 0
    let next = 0
    let joined = new Uint32Array(0)
    const carryOver = (until: number): void => {
      for (; next < until; next++) {
        const from = next === 0 ? 0 : beforeEnds[next - 1]
        if (next < beforeEnds.length) {
          kept.set(before.subarray(from, beforeEnds[next]), used)
          used += beforeEnds[next] - from
        }
        ends[next] = used
      }
    }
    for (const { group, run, from, to } of this.runs()) {
      carryOver(group)
      next = group + 1
      const start = group === 0 ? 0 : beforeEnds[group - 1]
      const old = group < beforeEnds.length ? before.subarray(start, beforeEnds[group]) : before.subarray(0, 0)
      const dense = this.dense.get(group)
      if (dense !== undefined) dense.addRange(run, from, to)
      else {
        if (joined.length < old.length + to - from) joined = new Uint32Array((old.length + to - from) * 2)
        joined.set(old)
        joined.set(run.subarray(from, to), old.length)
        used += this.keep(group, joined, old.length + to - from, kept, used)
      }
      ends[group] = used
    }
    carryOver(this.groups)
    this.kept = kept.slice(0, used)
    this.ends = ends
    this.n = 0
  }

  /** Writes the distinct items of a group to `kept` and returns their number; too many of them become a sketch. */
  private keep(group: number, items: Uint32Array, n: number, kept: Uint32Array, at: number): number {
    const count = distinctInto(this.scratch, items, 0, n, this.sketch ? MAX_COUPONS : Infinity)
    if (this.sketch && count > MAX_COUPONS) {
      const sketch = new HyperLogLog()
      sketch.addRange(items, 0, n)
      this.dense.set(group, sketch)
      return 0
    }
    kept.set(this.scratch.values.subarray(0, count), at)
    return count
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
