/**
 * Rows per group of so many groups that their counts do not fit the cache: the groups of rows wait, sorted by ranges, and are counted a
 * range at a time. A partition step as before a join or a grouping by hashing: Manegold, Boncz and Kersten, "Optimizing Main-Memory Join
 * on Modern Hardware" (2002).
 */
import { MAX_PARTITIONED } from '../kernels/contract.js'
import { kernels } from '../kernels/kernels.js'
import { giveBack, takeArray } from './spare-arrays.js'

/** So many streams are written side by side, … */
const RANGES = 512
/** … and so many rows wait at most: each range has then many for each line of its counts. */
const MOST_BLOCKS = 64

export class LateCounts {
  /** A range is of 2^shift groups. */
  private readonly shift: number
  private readonly ranges: number
  /** Blocks of groups, one behind the other, and of each the ends of its ranges. */
  private blocks: Uint32Array
  private readonly ends: Uint32Array[] = []
  /** Groups of the next block. */
  private readonly next = new Uint32Array(MAX_PARTITIONED)
  private waiting = 0

  constructor(groups: number) {
    let shift = 0
    while (groups - 1 >>> shift >= RANGES) shift++
    this.shift = shift
    this.ranges = (groups - 1 >>> shift) + 1
    this.blocks = takeArray(MOST_BLOCKS * MAX_PARTITIONED)
  }

  get bytes(): number {
    return this.blocks.byteLength + this.next.byteLength + MOST_BLOCKS * this.ranges * 4
  }

  /** A row for each of n groups; where many wait, all are added to the counts. */
  add(groups: Uint32Array, n: number, counts: Uint32Array): void {
    for (let at = 0; at < n;) {
      const length = Math.min(n - at, MAX_PARTITIONED - this.waiting)
      this.next.set(groups.subarray(at, at + length), this.waiting)
      this.waiting += length
      at += length
      if (this.waiting === MAX_PARTITIONED) this.sort()
      if (this.ends.length === MOST_BLOCKS) this.settle(counts)
    }
  }

  /** Adds all that wait to the counts. */
  settle(counts: Uint32Array): void {
    if (this.waiting > 0) this.sort()
    const { blocks, ends } = this
    for (let range = 0; range < this.ranges; range++) {
      for (let block = 0; block < ends.length; block++) {
        const first = block * MAX_PARTITIONED
        const to = first + ends[block][range]
        for (let i = first + (range === 0 ? 0 : ends[block][range - 1]); i < to; i++) counts[blocks[i]]++
      }
    }
    ends.length = 0
  }

  /** The memory is free for others. */
  drop(): void {
    giveBack(this.blocks)
    this.blocks = new Uint32Array(0)
  }

  private sort(): void {
    const first = this.ends.length * MAX_PARTITIONED
    const ends = new Uint32Array(this.ranges)
    kernels().partitionGroups(this.next, this.waiting, this.shift, this.blocks.subarray(first, first + this.waiting), ends)
    this.ends.push(ends)
    this.waiting = 0
  }
}
