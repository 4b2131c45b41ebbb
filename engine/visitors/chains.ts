/**
 * How far visitors came in a funnel, as their sessions pass by in order. For each visitor and step the latest start of a chain of
 * sessions that does all steps up to it is kept, as ClickHouse's windowFunnel does: if any chain can go on within the window, that one can.
 * Starts are kept as milliseconds after the origin plus one; 0 is none, so that memory of visitors who never come is never touched.
 */

export class Chains {
  readonly steps: number
  private readonly within: number
  private readonly origin: number
  private latest = new Float64Array(0)
  /** The number of steps done. */
  reached = new Uint8Array(0)

  constructor(steps: number, within: number, origin: number) {
    this.steps = steps
    this.within = within
    this.origin = origin
  }

  get bytes(): number {
    return this.latest.byteLength + this.reached.byteLength
  }

  /** Bytes of one state. */
  static bytesOf(steps: number): number {
    return (steps - 1) * 8 + 1
  }

  reserve(states: number): void {
    if (states <= this.reached.length) return
    const latest = new Float64Array(states * (this.steps - 1))
    latest.set(this.latest)
    this.latest = latest
    const reached = new Uint8Array(states)
    reached.set(this.reached)
    this.reached = reached
  }

  /** A session that may begin a chain. */
  begin(state: number, start: number): void {
    if (this.steps > 1) this.latest[state * (this.steps - 1)] = start - this.origin + 1
    if (this.reached[state] === 0) this.reached[state] = 1
  }

  /** A session that may go on; `does` has its steps as bits. The last step comes first: one session does one step of a chain. */
  goOn(state: number, start: number, does: number): void {
    const { latest, reached, within } = this
    const time = start - this.origin + 1
    const base = state * (this.steps - 1)
    for (let step = 31 - Math.clz32(does); step > 0; step--) {
      if ((does >>> step & 1) === 0) continue
      const began = latest[base + step - 1]
      if (began === 0 || time - began > within) continue
      if (step < this.steps - 1) latest[base + step] = began
      if (reached[state] <= step) reached[state] = step + 1
    }
  }

  /** Whether a chain that began could still go on then. */
  isAlive(state: number, start: number): boolean {
    return start - this.origin + 1 - this.latest[state * (this.steps - 1)] <= this.within
  }
}
