/** Runs of coupons of groups that others may come of, left where they lie in their columns, which do not change, until the last one is there. */
export class OpenRuns {
  /** Of groups of more runs something is made of each at once. */
  static readonly MOST = 4

  private readonly runs = new Map<number, Uint32Array[]>()

  /** All runs of the group, once there are `most` of them; null before. */
  add(group: number, run: Uint32Array, most: number): readonly Uint32Array[] | null {
    const runs = this.runs.get(group)
    if (runs === undefined) {
      if (most === 1) return [run]
      this.runs.set(group, [run])
      return null
    }
    runs.push(run)
    if (runs.length < most) return null
    this.runs.delete(group)
    return runs
  }

  /** Takes out what is left. */
  *take(): Generator<readonly [group: number, runs: readonly Uint32Array[]], void, void> {
    for (const entry of this.runs) {
      this.runs.delete(entry[0])
      yield entry
    }
  }
}
