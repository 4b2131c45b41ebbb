/** Groups that rows came to, or were taken from, since they were last asked for. */
export class TouchedGroups {
  private marks = new Uint8Array(0)
  private groups = new Uint32Array(0)
  private n = 0

  get bytes(): number {
    return this.marks.byteLength + this.groups.byteLength
  }

  /** Makes room for groups 0 … groups-1. */
  grow(groups: number): void {
    const marks = new Uint8Array(groups)
    const touched = new Uint32Array(groups)
    marks.set(this.marks)
    touched.set(this.groups.subarray(0, this.n))
    this.marks = marks
    this.groups = touched
  }

  add(group: number): void {
    if (this.marks[group] === 1) return
    this.marks[group] = 1
    this.groups[this.n++] = group
  }

  addAll(groups: Uint32Array, n: number): void {
    for (let i = 0; i < n; i++) this.add(groups[i])
  }

  /** Each once; from now on none is. */
  take(): Uint32Array {
    const taken = this.groups.slice(0, this.n)
    for (let i = 0; i < taken.length; i++) this.marks[taken[i]] = 0
    this.n = 0
    return taken
  }
}
