/**
 * Pairs (group, item) kept apart by group as they come: each list is of one group, or of a range of groups where there are many, and
 * grows by chunks. So nothing has to be sorted but the pairs of one list, which stay in the cache.
 */
import { giveBack, takeArray } from './spare-arrays.js'

/** Up to so many groups have a list each. */
const MOST_SINGLE = 1024
/** Of more groups there are so many lists to begin with: as many streams can be written side by side … */
const FIRST_LISTS = 256
/** … and with more groups up to so many. */
const MOST_LISTS = 1024
/** Pairs of a chunk, base 2 logarithms: with few pairs the lists would be mostly empty chunks. */
const SMALLEST_CHUNK = 4
const LARGEST_CHUNK = 10
/** Chunks that a list is expected to come to. */
const CHUNKS_EACH = 4
/** By so much there are more chunks when there are too few: pairs are seldom copied. */
const GROWTH = 4
/** Pairs that are appended at a time. */
const BLOCK = 16_384
/** Pairs that are moved between two steps. */
const LOOP_STEP = 2 ** 18

/** Pairs of neighbouring groups: items[ends[i - 1], ends[i]) are of group first + i. The arrays are used again for the next ones. */
export interface Run {
  readonly first: number
  readonly groups: number
  readonly items: Uint32Array<ArrayBuffer>
  readonly ends: Uint32Array
}

export class PairLists {
  /** Chunks in use hold so many pairs, some of them not yet. */
  used = 0
  private readonly shift: number
  private readonly bits: number
  private readonly most: number
  /** Chunks: items of one group, or by turns a group and its item. */
  private slots = new Uint32Array(0)
  /** Of each list the place behind its last pair; at the end of a chunk it needs another one. */
  private places: Int32Array
  /** Of each chunk the one before it in its list, or -1. */
  private before = new Int32Array(0)
  /** Chunks that were given back, a stack, and how many were ever taken. */
  private free = new Int32Array(0)
  private freed = 0
  private taken = 0

  /**
   * @param groups there are so far.
   * @param expected so many pairs may come.
   * @param most so many may be kept, about.
   */
  constructor(groups: number, expected: number, most: number) {
    let shift = 0
    if (groups > MOST_SINGLE) while (groups >>> shift > FIRST_LISTS) shift++
    this.shift = shift
    this.places = new Int32Array(listsFor(groups, shift))
    const each = Math.min(expected, most) / this.places.length / CHUNKS_EACH
    this.bits = Math.max(SMALLEST_CHUNK, Math.min(LARGEST_CHUNK, Math.floor(Math.log2(Math.max(1, each)))))
    this.most = Math.max(most, (this.places.length << this.bits) * CHUNKS_EACH, BLOCK * CHUNKS_EACH)
  }

  get bytes(): number {
    return this.slots.byteLength + this.places.byteLength + this.before.byteLength + this.free.byteLength
  }

  /** There is for so many more pairs, whatever their groups are. */
  hasRoom(pairs: number): boolean {
    return this.used + (this.places.length << this.bits) + pairs <= this.most
  }

  /** Each list is of one group. */
  get single(): boolean {
    return this.shift === 0
  }

  /** Room for groups below `groups`; false where that takes other lists. */
  cover(groups: number): boolean {
    const lists = listsFor(groups, this.shift)
    if (lists <= this.places.length) return true
    if (lists > MOST_LISTS) return false
    const places = new Int32Array(Math.min(MOST_LISTS, Math.max(lists, this.places.length * 2)))
    places.set(this.places)
    this.places = places
    return true
  }

  /** Takes as many pairs as there is room for, from the first on, and returns their number; items 0 are passed over. */
  append(groups: Uint32Array, items: Uint32Array, n: number): number {
    for (let at = 0; at < n; at += BLOCK) {
      const end = Math.min(n, at + BLOCK)
      if (!this.reserve(end - at)) return at
      if (this.shift === 0) this.appendItems(groups, items, at, end)
      else this.appendPairs(groups, items, at, end)
    }
    return n
  }

  private appendItems(groups: Uint32Array, items: Uint32Array, from: number, to: number): void {
    const { slots, places } = this
    const mask = (1 << this.bits) - 1
    for (let i = from; i < to; i++) {
      const item = items[i]
      if (item === 0) continue
      const group = groups[i]
      let place = places[group]
      if ((place & mask) === 0) place = this.nextChunk(place) | 0
      slots[place] = item
      places[group] = place + 1
    }
  }

  private appendPairs(groups: Uint32Array, items: Uint32Array, from: number, to: number): void {
    const { slots, places, shift } = this
    const mask = (1 << this.bits) - 1
    for (let i = from; i < to; i++) {
      const item = items[i]
      if (item === 0) continue
      const group = groups[i]
      const list = group >>> shift
      let place = places[list]
      if ((place & mask) === 0) place = this.nextChunk(place) | 0
      slots[2 * place] = group
      slots[2 * place + 1] = item
      places[list] = place + 1
    }
  }

  /**
   * Takes the pairs out of all lists, or of those with `atLeast` of them: a run for each list, ascending; null where other work may go on.
   */
  *take(atLeast = 1): Generator<Run | null, void, void> {
    let items = takeArray(0)
    const ends = new Uint32Array(1 << this.shift)
    for (let list = 0; list < this.places.length; list++) {
      const n = this.length(list)
      if (n < atLeast) continue
      if (items.length < n) {
        giveBack(items)
        items = takeArray(n)
      }
      yield* this.shift === 0 ? this.copyItems(list, items) : this.sortPairs(list, items, ends)
      if (this.shift === 0) ends[0] = n
      yield { first: list * 2 ** this.shift, groups: ends.length, items, ends }
    }
    giveBack(items)
  }

  /** All arrays are free for others. */
  drop(): void {
    giveBack(this.slots)
    this.slots = new Uint32Array(0)
    this.places.fill(0)
    this.freed = this.taken = this.used = 0
  }

  private length(list: number): number {
    const place = this.places[list]
    if (place === 0) return 0
    let n = ((place - 1) & ((1 << this.bits) - 1)) + 1
    for (let chunk = this.before[(place - 1) >>> this.bits]; chunk >= 0; chunk = this.before[chunk]) n += 1 << this.bits
    return n
  }

  private *copyItems(list: number, items: Uint32Array): Generator<null, void, void> {
    let at = 0
    for (const [from, to] of this.chunks(list)) {
      items.set(this.slots.subarray(from, to), at)
      at += to - from
      if (at % LOOP_STEP < to - from) yield null
    }
    this.release(list)
  }

  /** A counting sort by group. */
  private *sortPairs(list: number, items: Uint32Array, ends: Uint32Array): Generator<null, void, void> {
    const { slots } = this
    const mask = (1 << this.shift) - 1
    let worked = 0
    ends.fill(0)
    for (const [from, to] of this.chunks(list)) {
      for (let place = from; place < to; place++) ends[slots[2 * place] & mask]++
      worked += to - from
      if (worked % LOOP_STEP < to - from) yield null
    }
    for (let i = 0, first = 0; i < ends.length; i++) {
      const n = ends[i]
      ends[i] = first
      first += n
    }
    for (const [from, to] of this.chunks(list)) {
      for (let place = from; place < to; place++) items[ends[slots[2 * place] & mask]++] = slots[2 * place + 1]
      worked += to - from
      if (worked % LOOP_STEP < to - from) yield null
    }
    this.release(list)
  }

  /** Places of the pairs of a list: [from, to) of each chunk. */
  private *chunks(list: number): Generator<readonly [number, number], void, void> {
    let to = this.places[list]
    if (to === 0) return
    for (let chunk = (to - 1) >>> this.bits; chunk >= 0; chunk = this.before[chunk]) {
      yield [chunk << this.bits, to]
      to = (this.before[chunk] + 1) << this.bits
    }
  }

  private release(list: number): void {
    const place = this.places[list]
    for (let chunk = (place - 1) >>> this.bits; chunk >= 0; chunk = this.before[chunk]) {
      this.free[this.freed++] = chunk
      this.used -= 1 << this.bits
    }
    this.places[list] = 0
  }

  /** The first place of another chunk behind `place`; `reserve` has made sure of it. */
  private nextChunk(place: number): number {
    const chunk = this.freed > 0 ? this.free[--this.freed] : this.taken++
    this.before[chunk] = place === 0 ? -1 : (place - 1) >>> this.bits
    this.used += 1 << this.bits
    return chunk << this.bits
  }

  /** Chunks for so many more pairs, whatever their groups are; false where there can be no more. */
  private reserve(pairs: number): boolean {
    const needed = this.taken - this.freed + Math.min(pairs, this.places.length) + (pairs >>> this.bits)
    if (needed <= this.before.length) return true
    if (needed << this.bits > this.most && this.used > 0) return false
    const chunks = Math.max(needed, Math.min(this.before.length * GROWTH, this.most >>> this.bits))
    const slots = takeArray((chunks << this.bits) * (this.shift === 0 ? 1 : 2))
    slots.set(this.slots)
    giveBack(this.slots)
    this.slots = slots
    this.before = longer(this.before, chunks)
    this.free = longer(this.free, chunks)
    return true
  }
}

function listsFor(groups: number, shift: number): number {
  return Math.max(1, Math.ceil(groups / 2 ** shift))
}

function longer(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length)
  larger.set(array)
  return larger
}
