/** Reads pairs (group, item) out of lists (pair-lists.ts), of one thread or of several. */
import { giveBack, takeArray } from './spare-arrays.js'

/** Pairs that are moved between two steps. */
const LOOP_STEP = 2 ** 18

/** Fewer items are copied one by one faster. */
const SHORT_COPY = 32

/** Pairs of neighbouring groups: items[ends[i - 1], ends[i]) are of group first + i. The arrays are used again for the next ones. */
export interface Run {
  readonly first: number
  readonly groups: number
  readonly items: Uint32Array
  readonly ends: Uint32Array
}

/** Lists of one thread, as plain data: each is of one group, or of 2^shift neighbouring ones. */
export interface GatheredLists {
  readonly shift: number
  /** Pairs of a chunk, base 2 logarithm. */
  readonly bits: number
  /** Chunks: items of one group, or by turns a group and its item. */
  readonly slots: Uint32Array
  /** Of each list the place behind its last pair. */
  readonly places: Int32Array
  /** Of each chunk the one before it in its list, or -1. */
  readonly before: Int32Array
}

/** Pairs of each list, of all parts together; all parts have the same groups in a list. */
export class RunReader {
  private readonly parts: readonly GatheredLists[]
  private readonly shift: number
  private readonly ends: Uint32Array
  private items: Uint32Array = takeArray(0)

  constructor(parts: readonly GatheredLists[]) {
    this.parts = parts
    this.shift = parts[0].shift
    this.ends = new Uint32Array(1 << this.shift)
  }

  length(list: number): number {
    let n = 0
    for (const part of this.parts) n += lengthOf(part, list)
    return n
  }

  /** The same arrays each time; null where other work may go on. */
  *read(list: number): Generator<null, Run, void> {
    const n = this.length(list)
    if (this.items.length < n) {
      giveBack(this.items)
      this.items = takeArray(n)
    }
    yield* this.shift === 0 ? this.copyItems(list) : this.sortPairs(list)
    if (this.shift === 0) this.ends[0] = n
    return { first: list * 2 ** this.shift, groups: this.ends.length, items: this.items, ends: this.ends }
  }

  drop(): void {
    giveBack(this.items)
    this.items = takeArray(0)
  }

  private *copyItems(list: number): Generator<null, void, void> {
    let at = 0
    for (const part of this.parts) {
      const from = at
      at = copyItems(part, list, this.items, from)
      if (at - from >= LOOP_STEP) yield null
    }
  }

  /** A counting sort by group. */
  private *sortPairs(list: number): Generator<null, void, void> {
    const { items, ends } = this
    const mask = (1 << this.shift) - 1
    let worked = 0
    ends.fill(0)
    for (const lists of this.parts) {
      const { slots } = lists
      for (const [from, to] of chunksOf(lists, list)) {
        for (let place = from; place < to; place++) ends[slots[2 * place] & mask]++
        worked += to - from
        if (worked % LOOP_STEP < to - from) yield null
      }
    }
    for (let i = 0, first = 0; i < ends.length; i++) {
      const n = ends[i]
      ends[i] = first
      first += n
    }
    for (const lists of this.parts) {
      const { slots } = lists
      for (const [from, to] of chunksOf(lists, list)) {
        for (let place = from; place < to; place++) items[ends[slots[2 * place] & mask]++] = slots[2 * place + 1]
        worked += to - from
        if (worked % LOOP_STEP < to - from) yield null
      }
    }
  }
}

type Chunks = Pick<GatheredLists, 'bits' | 'places' | 'before'>

function lengthOf({ bits, places, before }: Chunks, list: number): number {
  const place = places[list]
  if (place === 0) return 0
  let n = ((place - 1) & ((1 << bits) - 1)) + 1
  for (let chunk = before[(place - 1) >>> bits]; chunk >= 0; chunk = before[chunk]) n += 1 << bits
  return n
}

/** Copies the items of a list to `at`; returns the place behind them. */
function copyItems({ bits, places, before, slots }: GatheredLists, list: number, items: Uint32Array, at: number): number {
  let to = places[list]
  if (to === 0) return at
  for (let chunk = (to - 1) >>> bits; chunk >= 0; chunk = before[chunk]) {
    const from = chunk << bits
    const n = to - from
    if (n < SHORT_COPY) for (let i = 0; i < n; i++) items[at + i] = slots[from + i]
    else items.set(slots.subarray(from, to), at)
    at += n
    to = (before[chunk] + 1) << bits
  }
  return at
}

/** Places of the pairs of a list: [from, to) of each chunk. */
function* chunksOf({ bits, places, before }: Chunks, list: number): Generator<readonly [number, number], void, void> {
  let to = places[list]
  if (to === 0) return
  for (let chunk = (to - 1) >>> bits; chunk >= 0; chunk = before[chunk]) {
    yield [chunk << bits, to]
    to = (before[chunk] + 1) << bits
  }
}

/** All pairs, a block at a time: groups and items, used again for the next ones. */
export function* pairsOf(lists: GatheredLists): Generator<readonly [groups: Uint32Array, items: Uint32Array], void, void> {
  const { shift, bits, slots, places } = lists
  const groups = new Uint32Array(1 << bits)
  const items = new Uint32Array(1 << bits)
  for (let list = 0; list < places.length; list++) {
    for (const [from, to] of chunksOf(lists, list)) {
      const n = to - from
      if (shift === 0) {
        groups.fill(list, 0, n)
        items.set(slots.subarray(from, to))
      } else {
        for (let i = 0; i < n; i++) {
          groups[i] = slots[2 * (from + i)]
          items[i] = slots[2 * (from + i) + 1]
        }
      }
      yield [groups.subarray(0, n), items.subarray(0, n)]
    }
  }
}
