/**
 * Pairs (group, item) kept apart by group as they come: each list is of one group, or of a range of groups where there are many, and
 * grows by chunks. So nothing has to be sorted but the pairs of one list, which stay in the cache.
 */
import { ownMemory, type Memory } from '../column/memory.js'
import { RunReader, type GatheredLists, type Run } from './pair-runs.js'
import { giveBack, takeArray } from './spare-arrays.js'

/** Up to so many groups have a list each. */
const MOST_SINGLE = 1024
/** Of more groups there are so many lists to begin with: as many streams can be written side by side … */
const FIRST_LISTS = 256
/** … and with more groups up to so many. */
const MOST_LISTS = 1024
/** Of so few pairs … */
const FEW_PAIRS = 2 ** 16
/** … and more groups than these a list is of so many groups, base 2 logarithm: they are sorted at once. */
const FEW_GROUPS = 64
const FEW_PAIRS_SHIFT = 12
/** Pairs of a chunk, base 2 logarithms: with few pairs the lists would be mostly empty chunks. */
const SMALLEST_CHUNK = 4
const LARGEST_CHUNK = 10
/** Chunks that a list is expected to come to. */
const CHUNKS_EACH = 4
/** By so much there are more chunks when there are too few: pairs are seldom copied. */
const GROWTH = 4
/** Pairs that are appended at a time. */
const BLOCK = 16_384
/** Fewer items are copied one by one faster. */
const SHORT_COPY = 32

export class PairLists {
  /** Chunks in use hold so many pairs, some of them not yet. */
  used = 0
  readonly shift: number
  readonly bits: number
  private readonly most: number
  private readonly memory: Memory
  /** Chunks: items of one group, or by turns a group and its item. */
  slots: Uint32Array = new Uint32Array(0)
  /** Of each list the place behind its last pair; at the end of a chunk it needs another one. */
  places: Int32Array
  /** Of each chunk the one before it in its list, or -1. */
  before = new Int32Array(0)
  /** Chunks that were given back, a stack, and how many were ever taken. */
  private free = new Int32Array(0)
  private freed = 0
  private taken = 0
  /** Lists of other threads, of the same groups. */
  private readonly joined: GatheredLists[] = []

  /**
   * @param groups there are so far.
   * @param expected so many pairs may come.
   * @param most so many may be kept, about.
   * @param memory where they are.
   */
  constructor(groups: number, expected: number, most: number, memory: Memory = ownMemory) {
    let shift = 0
    if (expected <= FEW_PAIRS && groups > FEW_GROUPS) while (shift < FEW_PAIRS_SHIFT && groups > 1 << shift) shift++
    else if (groups > MOST_SINGLE) while (groups >>> shift > FIRST_LISTS) shift++
    this.memory = memory
    this.shift = shift
    this.places = new Int32Array(listsFor(groups, shift))
    const each = Math.min(expected, most) / this.places.length / CHUNKS_EACH
    this.bits = Math.max(SMALLEST_CHUNK, Math.min(LARGEST_CHUNK, Math.floor(Math.log2(Math.max(1, each)))))
    this.most = Math.max(most, (this.places.length << this.bits) * CHUNKS_EACH, BLOCK * CHUNKS_EACH)
  }

  get bytes(): number {
    const joined = this.joined.reduce((sum, { slots, places, before }) => sum + slots.byteLength + places.byteLength + before.byteLength, 0)
    return this.slots.byteLength + this.places.byteLength + this.before.byteLength + this.free.byteLength + joined
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

  /** They may be read by others until `drop`. */
  handOver(): GatheredLists {
    const { shift, bits, slots, places, before } = this
    return { shift, bits, slots, places, before }
  }

  /** Their pairs come with those here from now on; false where they are kept by other groups. */
  join(lists: GatheredLists): boolean {
    if (lists.shift !== this.shift || lists.places.length !== this.places.length) return false
    this.joined.push(lists)
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

  /** The same for pairs in the order of their groups: items[ends[r - 1], ends[r]) are of groups[r]. Items 0 come along. Returns the number of runs taken. */
  appendRuns(groups: Uint32Array, ends: Uint32Array, runs: number, items: Uint32Array): number {
    for (let run = 0, from = 0; run < runs; from = ends[run++]) {
      if (!this.reserve(ends[run] - from)) return run
      this.appendRun(groups[run], items, from, ends[run])
    }
    return runs
  }

  /** items[from, to) are of one group; false where there is no room for them. */
  appendAll(group: number, items: Uint32Array, from: number, to: number): boolean {
    if (!this.reserve(to - from)) return false
    this.appendRun(group, items, from, to)
    return true
  }

  private appendRun(group: number, items: Uint32Array, from: number, to: number): void {
    const { slots, places, shift } = this
    const size = 1 << this.bits
    const list = group >>> shift
    let place = places[list]
    for (let at = from; at < to;) {
      if ((place & (size - 1)) === 0) place = this.nextChunk(place)
      const n = Math.min(to - at, size - (place & (size - 1)))
      if (shift > 0) {
        for (let i = 0; i < n; i++) {
          slots[2 * (place + i)] = group
          slots[2 * (place + i) + 1] = items[at + i]
        }
      } else if (n < SHORT_COPY) for (let i = 0; i < n; i++) slots[place + i] = items[at + i]
      else slots.set(items.subarray(at, at + n), place)
      place += n
      at += n
    }
    places[list] = place
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
    const reader = new RunReader(this.parts)
    for (let list = 0; list < this.places.length; list++) {
      if (reader.length(list) < atLeast) continue
      const run = yield* reader.read(list)
      this.release(list)
      yield run
    }
    reader.drop()
  }

  /** These lists and those that joined. */
  get parts(): readonly GatheredLists[] {
    return [this, ...this.joined]
  }

  /** All arrays are free for others. */
  drop(): void {
    this.joined.length = 0
    giveBack(this.slots)
    this.slots = new Uint32Array(0)
    this.places.fill(0)
    this.freed = this.taken = this.used = 0
  }

  /** Its pairs are there no more. */
  release(list: number): void {
    const place = this.places[list]
    for (let chunk = place === 0 ? -1 : (place - 1) >>> this.bits; chunk >= 0; chunk = this.before[chunk]) {
      this.free[this.freed++] = chunk
      this.used -= 1 << this.bits
    }
    this.places[list] = 0
    for (const { places } of this.joined) places[list] = 0
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
    const slots = takeArray((chunks << this.bits) * (this.shift === 0 ? 1 : 2), this.memory)
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
