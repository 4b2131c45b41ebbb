import { kernels } from '../kernels/kernels.js'
import { MAX_RUN } from '../kernels/contract.js'
import { RunSketch } from '../sketch/run-sketch.js'
import { CodeCounter } from './code-counter.js'
import type { Run } from './pair-runs.js'

const NOTHING = new Uint32Array(0)

/** Counts the distinct items of runs of groups: coupons by the rules of HyperLogLog, or codes exactly. */
export class RunCounter {
  /** Of each group. */
  readonly results: Float64Array
  /** 1 where the result is an estimate from registers. */
  readonly estimated: Uint8Array
  private readonly sketch: boolean
  private readonly counter = new RunSketch()
  private readonly codes = new CodeCounter()
  /** Counts of short runs. */
  private short = NOTHING

  constructor(sketch: boolean, results: Float64Array, estimated: Uint8Array) {
    this.sketch = sketch
    this.results = results
    this.estimated = estimated
  }

  get bytes(): number {
    return this.results.byteLength + this.estimated.byteLength + this.codes.bytes
  }

  /** Groups that have few items. */
  countShort({ first, groups, items, ends, counts }: Run): void {
    if (counts === null) {
      if (this.short.length < groups) this.short = new Uint32Array(groups)
      kernels().distinctRuns(items, ends, groups, this.short)
    }
    const short = counts ?? this.short
    const last = Math.min(groups, this.results.length - first)
    // A group that has none here may have been counted before.
    for (let i = 0, from = 0; i < last; from = ends[i++]) if (ends[i] > from) this.results[first + i] = short[i]
  }

  /** Items [from, to) of one group, where they are many. */
  countLong(group: number, items: Uint32Array, from: number, to: number): void {
    if (to - from <= MAX_RUN) return
    if (this.sketch) this.countRuns(group, [items.subarray(from, to)])
    else this.results[group] = this.codes.count(items, from, to)
  }

  /** Coupons of one group, however many. */
  countRuns(group: number, runs: readonly Uint32Array[]): void {
    this.results[group] = this.counter.count(runs)
    if (this.counter.isEstimate) this.estimated[group] = 1
  }

  /** What another one counted of groups that were not counted here. */
  takeOver(results: Float64Array, estimated: Uint8Array): void {
    for (let group = 0; group < results.length; group++) {
      if (results[group] === 0) continue
      this.results[group] = results[group]
      this.estimated[group] = estimated[group]
    }
  }

  /** All groups of a run. */
  count(run: Run): void {
    this.countShort(run)
    let from = 0
    for (let i = 0; i < run.groups; i++) {
      const to = run.ends[i]
      if (to > from) this.countLong(run.first + i, run.items, from, to)
      from = to
    }
  }
}
