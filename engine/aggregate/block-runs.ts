/** Reads pairs (group, item) out of blocks (pair-blocks.ts), of one thread or of several. */
import { MAX_RANGES, MAX_SORTED_PAIRS } from '../kernels/contract.js'
import { kernels } from '../kernels/kernels.js'
import type { GatheredBlocks, PairBlock, Run, RunReader } from './pair-runs.js'
import { giveBack, takeArray } from './spare-arrays.js'

/** Pairs that are moved between two steps. */
const LOOP_STEP = 2 ** 18

/** All parts have the same groups in a list. */
export class BlockReader implements RunReader {
  private readonly shift: number
  private readonly blocks: readonly PairBlock[]
  private readonly ends: Uint32Array
  private items: Uint32Array = takeArray(0)

  constructor(parts: readonly GatheredBlocks[]) {
    this.shift = parts[0].shift
    this.blocks = parts.flatMap(({ blocks }) => blocks)
    this.ends = new Uint32Array(2 ** this.shift)
  }

  length(list: number): number {
    let n = 0
    for (const { ends } of this.blocks) if (list < ends.length) n += ends[list] - firstOf(ends, list)
    return n
  }

  *read(list: number): Generator<null, Run, void> {
    const n = this.length(list)
    if (this.items.length < n) {
      giveBack(this.items)
      this.items = takeArray(n)
    }
    const parts: Uint32Array[] = []
    for (const { pairs, ends } of this.blocks) {
      if (list < ends.length) parts.push(pairs.subarray(2 * firstOf(ends, list), 2 * ends[list]))
    }
    if (n <= MAX_SORTED_PAIRS && this.ends.length <= MAX_RANGES) kernels().sortPairs(parts, this.shift, this.items, this.ends)
    else yield* this.sort(parts)
    return { first: list * 2 ** this.shift, groups: this.ends.length, items: this.items, ends: this.ends }
  }

  drop(): void {
    giveBack(this.items)
    this.items = takeArray(0)
  }

  /** As the kernel does, of any number of pairs and groups. */
  private *sort(parts: readonly Uint32Array[]): Generator<null, void, void> {
    const { items, ends } = this
    const mask = ends.length - 1
    let worked = 0
    ends.fill(0)
    for (const pairs of parts) {
      for (let i = 0; i < pairs.length; i += 2) ends[pairs[i] & mask]++
      worked += pairs.length
      if (worked % LOOP_STEP < pairs.length) yield null
    }
    for (let i = 0, first = 0; i < ends.length; i++) {
      const n = ends[i]
      ends[i] = first
      first += n
    }
    for (const pairs of parts) {
      for (let i = 0; i < pairs.length; i += 2) items[ends[pairs[i] & mask]++] = pairs[i + 1]
      worked += pairs.length
      if (worked % LOOP_STEP < pairs.length) yield null
    }
  }
}

function firstOf(ends: Uint32Array, list: number): number {
  return list === 0 ? 0 : ends[list - 1]
}

/** All pairs, a block at a time: groups and items. */
export function* pairsOfBlocks({ blocks }: GatheredBlocks): Generator<readonly [groups: Uint32Array, items: Uint32Array], void, void> {
  for (const { pairs } of blocks) {
    const groups = new Uint32Array(pairs.length / 2)
    const items = new Uint32Array(pairs.length / 2)
    for (let i = 0; i < groups.length; i++) {
      groups[i] = pairs[2 * i]
      items[i] = pairs[2 * i + 1]
    }
    yield [groups, items]
  }
}
