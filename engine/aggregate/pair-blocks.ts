/**
 * Pairs (group, item) of many groups, in blocks that are each sorted by ranges of groups as they come: a list is the parts of one range
 * in all blocks, and is sorted by group when it is read, within the cache. Manegold, Boncz and Kersten, "Optimizing Main-Memory Join on
 * Modern Hardware" (2002).
 */
import { ownMemory, type Memory } from '../column/memory.js'
import { MAX_PARTITIONED } from '../kernels/contract.js'
import { kernels } from '../kernels/kernels.js'
import { BlockReader } from './block-runs.js'
import type { GatheredBlocks, GatheredPairs, PairBlock, Pairs, Run } from './pair-runs.js'
import { giveBack, takeArray } from './spare-arrays.js'

/** There are so many lists to begin with … */
const FIRST_LISTS = 256
/** … or as many as make a list so long, which is sorted within the cache; */
const LIST_PAIRS = 32_768
/** as many streams can be written side by side … */
const MOST_FIRST_LISTS = 1024
/** … and with more groups up to so many. */
const MOST_LISTS = 2048
/** Of so few pairs a list is of so many groups, base 2 logarithm: they are sorted at once. */
export const FEW_PAIRS = 2 ** 16
const FEW_PAIRS_SHIFT = 12
const SMALLEST_BLOCK = 256

export class PairBlocks implements Pairs {
  readonly shift: number
  length: number
  private readonly expected: number
  private readonly most: number
  private readonly memory: Memory
  private blocks: PairBlock[] = []
  /** Pairs of the blocks. */
  private held = 0
  /** Arrays that blocks are parts of; the last one has `free` words left. */
  private slabs: Uint32Array[] = []
  private free = 0
  /** Pairs of the next block. */
  private readonly groups: Uint32Array
  private readonly items: Uint32Array
  private waiting = 0
  private readonly released = new Set<number>()
  /** Blocks of other threads, of the same groups. */
  private readonly joined: GatheredBlocks[] = []

  /**
   * @param groups there are so far.
   * @param expected so many pairs may come.
   * @param most so many may be kept, about.
   * @param memory where they are.
   */
  constructor(groups: number, expected: number, most: number, memory: Memory = ownMemory) {
    this.shift = shiftFor(groups, expected)
    this.length = listsFor(groups, this.shift)
    this.expected = expected
    this.memory = memory
    const block = Math.max(SMALLEST_BLOCK, Math.min(MAX_PARTITIONED, expected))
    this.most = Math.max(most, block)
    this.groups = new Uint32Array(block)
    this.items = new Uint32Array(block)
  }

  get used(): number {
    return this.held + this.waiting
  }

  get bytes(): number {
    const parts = this.blocks.reduce((sum, { ends }) => sum + ends.byteLength, 0) + this.slabs.reduce((sum, slab) => sum + slab.byteLength, 0)
    const joined = this.joined.flatMap(({ blocks }) => blocks).reduce((sum, { pairs, ends }) => sum + pairs.byteLength + ends.byteLength, 0)
    return parts + this.groups.byteLength + this.items.byteLength + joined
  }

  get parts(): readonly GatheredBlocks[] {
    return [this.handOver(), ...this.joined]
  }

  hasRoom(pairs: number): boolean {
    return this.used + pairs <= this.most
  }

  cover(groups: number): boolean {
    const lists = listsFor(groups, this.shift)
    if (lists > MOST_LISTS) return false
    this.length = Math.max(this.length, lists)
    return true
  }

  append(groups: Uint32Array, items: Uint32Array, n: number): number {
    for (let at = 0; at < n;) {
      const length = Math.min(n - at, this.room())
      if (length === 0) return at
      this.groups.set(groups.subarray(at, at + length), this.waiting)
      this.items.set(items.subarray(at, at + length), this.waiting)
      this.waiting += length
      at += length
    }
    return n
  }

  appendAll(group: number, items: Uint32Array, from: number, to: number): boolean {
    if (this.used > 0 && !this.hasRoom(to - from)) return false
    for (let at = from; at < to;) {
      const length = Math.min(to - at, this.room(true))
      this.groups.fill(group, this.waiting, this.waiting + length)
      this.items.set(items.subarray(at, at + length), this.waiting)
      this.waiting += length
      at += length
    }
    return true
  }

  /** A list is of several groups, so that all are taken whatever `atLeast` is. */
  *take(_atLeast?: number, counts = false): Generator<Run | null, void, void> {
    const reader = new BlockReader(this.parts, counts)
    for (let list = 0; list < this.length; list++) {
      if (!this.released.has(list) && reader.length(list) > 0) yield yield* reader.read(list)
    }
    reader.drop()
    this.drop()
  }

  release(list: number): void {
    this.released.add(list)
  }

  handOver(): GatheredBlocks {
    this.flush()
    return { kind: 'blocks', shift: this.shift, blocks: this.blocks }
  }

  join(pairs: GatheredPairs): boolean {
    if (pairs.kind !== 'blocks' || pairs.shift !== this.shift) return false
    this.joined.push(pairs)
    return true
  }

  drop(): void {
    for (const slab of this.slabs) giveBack(slab)
    this.slabs = []
    this.blocks = []
    this.joined.length = this.held = this.free = this.waiting = 0
    this.released.clear()
  }

  /** For so many more pairs of the next block; of those that must be taken there is room in any case. */
  private room(must = false): number {
    if (this.waiting === this.groups.length) this.flush()
    const block = this.groups.length - this.waiting
    return must || this.used === 0 ? block : Math.min(block, Math.max(0, this.most - this.used))
  }

  private flush(): void {
    const n = this.waiting
    if (n === 0) return
    const block: PairBlock = { pairs: this.words(2 * n), ends: new Uint32Array(this.length) }
    kernels().partitionPairs(this.groups, this.items, n, this.shift, block.pairs, block.ends)
    this.blocks.push(block)
    this.held += n
    this.waiting = 0
  }

  /** Slabs double, up to what is expected: so none is copied, and few are asked for. */
  private words(n: number): Uint32Array {
    if (this.free < n) {
      const last = this.slabs.at(-1)?.length ?? 0
      const slab = takeArray(Math.max(n, Math.min(2 * last, 2 * (this.expected - this.held))), this.memory)
      this.slabs.push(slab)
      this.free = slab.length
    }
    const slab = this.slabs[this.slabs.length - 1]
    const from = slab.length - this.free
    this.free -= n
    return slab.subarray(from, from + n)
  }
}

function shiftFor(groups: number, expected: number): number {
  const lists = Math.max(FIRST_LISTS, Math.min(MOST_FIRST_LISTS, expected / LIST_PAIRS))
  let shift = 0
  if (expected <= FEW_PAIRS) while (shift < FEW_PAIRS_SHIFT && groups > 2 ** shift) shift++
  else while (groups - 1 >>> shift >= lists) shift++
  return shift
}

function listsFor(groups: number, shift: number): number {
  return (Math.max(1, groups) - 1 >>> shift) + 1
}
