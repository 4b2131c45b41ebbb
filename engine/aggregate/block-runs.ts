/** Reads pairs (group, item) out of blocks (pair-blocks.ts), of one thread or of several. */
import { MAX_RANGES, MAX_SORTED_PAIRS } from '../kernels/contract.js'
import { kernels } from '../kernels/kernels.js'
import { copyRange, type GatheredBlocks, type PairBlock, type Run, type RunReader } from './pair-runs.js'
import { giveBack, takeArray } from './spare-arrays.js'

/** Pairs that are moved between two steps. */
const LOOP_STEP = 2 ** 18

/** All parts have the same groups in a list. */
export class BlockReader implements RunReader {
  private readonly shift: number
  private readonly blocks: readonly PairBlock[]
  private readonly ends: Uint32Array
  /** null where items are asked for. */
  private readonly counts: Uint32Array | null
  private items: Uint32Array = takeArray(0)

  constructor(parts: readonly GatheredBlocks[], counts = false) {
    this.shift = parts[0].shift
    this.blocks = parts.flatMap(({ blocks }) => blocks)
    this.ends = new Uint32Array(2 ** this.shift)
    this.counts = counts && this.ends.length <= MAX_RANGES ? new Uint32Array(this.ends.length) : null
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
    const { shift, items, ends } = this
    const counts = n <= MAX_SORTED_PAIRS ? this.counts : null
    if (counts !== null) kernels().countPairs(parts, shift, items, ends, counts)
    else if (ends.length > MAX_RANGES) yield* this.sort(parts)
    else if (n <= MAX_SORTED_PAIRS) kernels().sortPairs(parts, shift, items, ends)
    else yield* this.sortBatches(parts, n)
    return { first: list * 2 ** shift, groups: ends.length, items, ends, counts }
  }

  drop(): void {
    giveBack(this.items)
    this.items = takeArray(0)
  }

  /** Of any number of pairs: as many at a time as the kernel takes, whose groups are then put together. */
  private *sortBatches(parts: readonly Uint32Array[], n: number): Generator<null, void, void> {
    const { items, ends, shift } = this
    const sorted = takeArray(n)
    const batches: Batch[] = []
    let at = 0
    for (let part = 0; part < parts.length;) {
      const first = part
      let length = 0
      while (part < parts.length && length + parts[part].length / 2 <= MAX_SORTED_PAIRS) length += parts[part++].length / 2
      const batch = { items: sorted.subarray(at, at + length), ends: new Uint32Array(ends.length) }
      kernels().sortPairs(parts.slice(first, part), shift, batch.items, batch.ends)
      batches.push(batch)
      at += length
      yield null
    }
    let filled = 0
    let last = 0
    for (let group = 0; group < ends.length; group++) {
      for (const batch of batches) filled = copyRange(batch.items, firstOf(batch.ends, group), batch.ends[group], items, filled)
      ends[group] = filled
      if (filled - last < LOOP_STEP) continue
      last = filled
      yield null
    }
    giveBack(sorted)
  }

  /** As the kernel does, of any number of groups. */
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

/** Pairs that were sorted together. */
interface Batch {
  readonly items: Uint32Array
  readonly ends: Uint32Array
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
