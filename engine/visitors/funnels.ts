/** The funnels of all visitors, each visitor as one, or one for each group in which they did the first step. */
import { PairTable } from '../group/pair-table.js'
import { Chains } from './chains.js'
import type { StepEvents } from './step-events.js'

/** Sessions that do steps: bit i of steps[event] is step i. */
export type Events = Pick<StepEvents, 'visitors' | 'starts' | 'steps' | 'groups'>

export interface Funnels {
  readonly bytes: number
  /** Bytes once there is room for visitors with numbers below `visitors`, and for as many sessions more. */
  bytesFor(visitors: number, sessions: number): number
  reserve(visitors: number, sessions: number): void
  /** The next sessions in order, which are events by their numbers. The group of one matters where it does the first step. */
  take(events: Events, order: Uint32Array): void
  /** How many visitors of each group did each step: entry group × steps + step. */
  counts(groups: number): Float64Array
}

export class VisitorFunnels implements Funnels {
  private readonly chains: Chains

  constructor(steps: number, within: number, origin: number) {
    this.chains = new Chains(steps, within, origin)
  }

  get bytes(): number {
    return this.chains.bytes
  }

  bytesFor(visitors: number): number {
    return Math.max(this.bytes, visitors * Chains.bytesOf(this.chains.steps))
  }

  reserve(visitors: number): void {
    this.chains.reserve(visitors)
  }

  take({ visitors, starts, steps }: Events, order: Uint32Array): void {
    const { chains } = this
    for (let i = 0; i < order.length; i++) {
      const event = order[i]
      const visitor = visitors[event]
      const start = starts[event]
      const does = steps[event]
      if (does > 1) chains.goOn(visitor, start, does)
      if ((does & 1) !== 0) chains.begin(visitor, start)
    }
  }

  counts(): Float64Array {
    const { steps, reached } = this.chains
    const counts = new Float64Array(steps)
    for (let state = 0; state < reached.length; state++) if (reached[state] > 0) counts[reached[state] - 1]++
    return cumulate(counts, steps)
  }
}

/** Of a state: its group, and its neighbours in the list of its visitor. */
const LINK_BYTES = 12

/**
 * A state for each visitor and group. Those of a visitor that can still go on are linked, the one that began last first,
 * so that a session which goes on looks no further than the window reaches.
 */
export class GroupedFunnels implements Funnels {
  private readonly chains: Chains
  private readonly states = new PairTable()
  /** By visitor: the first state of the list + 1. */
  private heads = new Uint32Array(0)
  /** By state: the next and the one before + 1. */
  private next = new Uint32Array(0)
  private before = new Uint32Array(0)

  constructor(steps: number, within: number, origin: number) {
    this.chains = new Chains(steps, within, origin)
  }

  get bytes(): number {
    return this.chains.bytes + this.states.bytes + this.heads.byteLength + this.next.byteLength * 2
  }

  bytesFor(visitors: number, sessions: number): number {
    return Math.max(this.bytes, this.states.bytes + visitors * 4 + this.statesFor(sessions) * (Chains.bytesOf(this.chains.steps) + LINK_BYTES))
  }

  reserve(visitors: number, sessions: number): void {
    this.heads = longer(this.heads, visitors)
    const states = this.statesFor(sessions)
    this.chains.reserve(states)
    this.next = longer(this.next, states)
    this.before = longer(this.before, states)
  }

  take({ visitors, starts, steps, groups }: Events, order: Uint32Array): void {
    for (let i = 0; i < order.length; i++) {
      const event = order[i]
      const does = steps[event]
      if (does > 1) this.goOn(visitors[event], starts[event], does)
      if ((does & 1) !== 0) this.begin(visitors[event], starts[event], groups[event])
    }
  }

  counts(groups: number): Float64Array {
    const { steps, reached } = this.chains
    const counts = new Float64Array(groups * steps)
    for (let state = 0; state < this.states.size; state++) counts[this.states.keysB[state] * steps + reached[state] - 1]++
    return cumulate(counts, steps)
  }

  private goOn(visitor: number, start: number, does: number): void {
    const { chains, next } = this
    for (let link = this.heads[visitor]; link !== 0 && chains.isAlive(link - 1, start);) {
      const state = link - 1
      link = next[state]
      chains.goOn(state, start, does)
      if (chains.reached[state] === chains.steps) this.unlink(visitor, state)
    }
  }

  private begin(visitor: number, start: number, group: number): void {
    const { chains, states } = this
    const known = states.size
    const state = states.id(visitor, group)
    if (chains.reached[state] === chains.steps) return
    if (state < known) this.unlink(visitor, state)
    chains.begin(state, start)
    if (chains.reached[state] < chains.steps) this.link(visitor, state)
  }

  private link(visitor: number, state: number): void {
    const head = this.heads[visitor]
    this.next[state] = head
    this.before[state] = 0
    if (head !== 0) this.before[head - 1] = state + 1
    this.heads[visitor] = state + 1
  }

  private unlink(visitor: number, state: number): void {
    const next = this.next[state]
    const before = this.before[state]
    if (before === 0) this.heads[visitor] = next
    else this.next[before - 1] = next
    if (next !== 0) this.before[next - 1] = before
  }

  /** Room for states, should each of so many sessions begin one; grows by halves, so that it is seldom copied. */
  private statesFor(sessions: number): number {
    const needed = this.states.size + sessions
    return needed <= this.next.length ? this.next.length : Math.max(needed, Math.floor(this.next.length * 1.5))
  }
}

/** Who did a step did those before it. */
function cumulate(counts: Float64Array, steps: number): Float64Array {
  for (let at = 0; at < counts.length; at += steps) {
    for (let step = steps - 2; step >= 0; step--) counts[at + step] += counts[at + step + 1]
  }
  return counts
}

function longer(array: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  if (length <= array.length) return array
  const copy = new Uint32Array(length)
  copy.set(array)
  return copy
}
