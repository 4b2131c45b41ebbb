/** Reads items out of lists of single groups (pair-lists.ts), of one thread or of several. */
import { copyRange, type GatheredLists, type Run, type RunReader } from './pair-runs.js'
import { giveBack, takeArray } from './spare-arrays.js'

/** Items that are moved between two steps. */
const LOOP_STEP = 2 ** 18

export class ListReader implements RunReader {
  private readonly parts: readonly GatheredLists[]
  private readonly ends = new Uint32Array(1)
  private items: Uint32Array = takeArray(0)

  constructor(parts: readonly GatheredLists[]) {
    this.parts = parts
  }

  length(list: number): number {
    let n = 0
    for (const part of this.parts) n += lengthOf(part, list)
    return n
  }

  *read(list: number): Generator<null, Run, void> {
    const n = this.length(list)
    if (this.items.length < n) {
      giveBack(this.items)
      this.items = takeArray(n)
    }
    let at = 0
    for (const part of this.parts) {
      const from = at
      at = copyItems(part, list, this.items, from)
      if (at - from >= LOOP_STEP) yield null
    }
    this.ends[0] = n
    return { first: list, groups: 1, items: this.items, ends: this.ends, counts: null }
  }

  drop(): void {
    giveBack(this.items)
    this.items = takeArray(0)
  }
}

function lengthOf({ bits, places, before }: GatheredLists, list: number): number {
  const place = places[list]
  if (place === 0) return 0
  let n = ((place - 1) & ((1 << bits) - 1)) + 1
  for (let chunk = before[(place - 1) >>> bits]; chunk >= 0; chunk = before[chunk]) n += 1 << bits
  return n
}

/** Copies the items of a list to `at`; returns the place behind them. */
function copyItems(lists: GatheredLists, list: number, items: Uint32Array, at: number): number {
  const { slots } = lists
  for (const [from, to] of chunksOf(lists, list)) at = copyRange(slots, from, to, items, at)
  return at
}

/** Places of the items of a list: [from, to) of each chunk. */
function* chunksOf({ bits, places, before }: GatheredLists, list: number): Generator<readonly [number, number], void, void> {
  let to = places[list]
  if (to === 0) return
  for (let chunk = (to - 1) >>> bits; chunk >= 0; chunk = before[chunk]) {
    yield [chunk << bits, to]
    to = (before[chunk] + 1) << bits
  }
}

/** All pairs, a chunk at a time: groups and items, used again for the next ones. */
export function* pairsOfLists(lists: GatheredLists): Generator<readonly [groups: Uint32Array, items: Uint32Array], void, void> {
  const { bits, slots, places } = lists
  const groups = new Uint32Array(1 << bits)
  for (let list = 0; list < places.length; list++) {
    for (const [from, to] of chunksOf(lists, list)) {
      groups.fill(list, 0, to - from)
      yield [groups.subarray(0, to - from), slots.slice(from, to)]
    }
  }
}
