/**
 * Rows per group of so many groups that their counts do not fit the cache: the groups of rows wait, sorted by ranges, and are counted a
 * range at a time. A partition step as before a join or a grouping by hashing: Manegold, Boncz and Kersten, "Optimizing Main-Memory Join
 * on Modern Hardware" (2002).
 */
import type { Codes } from '../column/codes.js'
import { MAX_PARTITIONED } from '../kernels/contract.js'
import { kernels } from '../kernels/kernels.js'
import { giveBack, takeArray } from './spare-arrays.js'

/** The counts of 2^15 groups, 128 KiB, are in a core's own cache with what is added to them; … */
const LEAST_SHIFT = 15
/** … so many streams are written side by side at most, … */
const RANGES = 1024
/** … and so many blocks of rows wait at most, or half as many rows as there are groups: each range has then many for each line of its counts. */
const LEAST_BLOCKS = 64
const MOST_BLOCKS = 512

export class LateCounts {
  /** A range is of 2^shift groups. */
  private readonly shift: number
  private readonly ranges: number
  private readonly most: number
  /** Blocks of groups, one behind the other, and of each the ends of its ranges. */
  private blocks: Uint32Array
  private readonly ends: Uint32Array[] = []
  /** Groups of the next block. */
  private readonly next = new Uint32Array(MAX_PARTITIONED)
  private waiting = 0
  /** Counts of one range, which are here while rows are added to them: in their own place each line of theirs would be waited for. */
  private readonly near: Uint32Array

  constructor(groups: number) {
    let shift = LEAST_SHIFT
    while (groups - 1 >>> shift >= RANGES) shift++
    this.shift = shift
    this.ranges = (groups - 1 >>> shift) + 1
    this.most = Math.max(LEAST_BLOCKS, Math.min(MOST_BLOCKS, Math.ceil(groups / 2 / MAX_PARTITIONED)))
    this.blocks = takeArray(this.most * MAX_PARTITIONED)
    this.near = new Uint32Array(2 ** shift)
  }

  get bytes(): number {
    return this.blocks.byteLength + this.next.byteLength + this.near.byteLength + this.most * this.ranges * 4
  }

  /** A row for each of n groups, which are numbered from `base` on; where many wait, all are added to the counts. */
  add(groups: Codes, n: number, counts: Uint32Array, base = 0): void {
    for (let at = 0; at < n;) {
      const length = Math.min(n - at, MAX_PARTITIONED - this.waiting)
      this.next.set(groups.subarray(at, at + length), this.waiting)
      if (base > 0) addTo(this.next, this.waiting, this.waiting + length, base)
      this.waiting += length
      at += length
      if (this.waiting === MAX_PARTITIONED) this.sort()
      if (this.ends.length === this.most) this.settle(counts)
    }
  }

  /** Adds all that wait to the counts. */
  settle(counts: Uint32Array): void {
    if (this.waiting > 0) this.sort()
    const { blocks, ends, near } = this
    for (let range = 0; range < this.ranges; range++) {
      const far = counts.subarray(range * near.length, Math.min(counts.length, (range + 1) * near.length))
      near.set(far)
      for (let block = 0; block < ends.length; block++) {
        const first = block * MAX_PARTITIONED
        countAll(near, blocks, first + (range === 0 ? 0 : ends[block][range - 1]), first + ends[block][range])
      }
      far.set(near.subarray(0, far.length))
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

// Loops that stand alone are compiled whole.

/** Of a range, whose counts are a power of two. */
function countAll(counts: Uint32Array, groups: Uint32Array, from: number, to: number): void {
  const mask = counts.length - 1
  for (let i = from; i < to; i++) counts[groups[i] & mask]++
}

function addTo(numbers: Uint32Array, from: number, to: number, base: number): void {
  for (let i = from; i < to; i++) numbers[i] += base
}
