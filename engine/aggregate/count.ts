import type { Aggregator, GroupCounts, Taker } from './aggregator.js'

/** Sessions per group (of an exploded array: elements), which the execution counts anyway. */
export class Count implements Aggregator {
  readonly bytes = 0
  readonly rowless = true
  readonly inverse: Taker = { addRun() {}, addPairs() {} }
  private readonly counts: GroupCounts

  constructor(counts: GroupCounts) {
    this.counts = counts
  }

  grow(): void {}
  bind(): void {}
  addRun(): void {}
  addPairs(): void {}
  forget(): void {}
  *finish(): Generator<void, void, void> {}
  handOver(): null { return null }
  *takeOver(): Generator<void, void, void> {}

  readAll(groups: Int32Array, into: Float64Array): void {
    const { rows } = this.counts
    for (let i = 0; i < groups.length; i++) into[i] = groups[i] < 0 ? 0 : rows[groups[i]]
  }

  value(group: number): number {
    return this.counts.rows[group]
  }
}
