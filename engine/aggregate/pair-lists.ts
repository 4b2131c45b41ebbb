/** Items kept apart by group as they come: each of few groups has a list, which grows by chunks. So nothing has to be sorted. */
import { ownMemory, type Memory } from '../column/memory.js'
import { ListReader } from './list-runs.js'
import { copyRange, type GatheredLists, type GatheredPairs, type Pairs, type Run } from './pair-runs.js'
import { giveBack, takeArray } from './spare-arrays.js'

/** As many streams can be written side by side. */
export const MOST_LISTS = 1024
/** Items of a chunk, base 2 logarithms: with few items the lists would be mostly empty chunks. */
const SMALLEST_CHUNK = 4
const LARGEST_CHUNK = 10
/** Chunks that a list is expected to come to. */
const CHUNKS_EACH = 4
/** By so much there are more chunks when there are too few: pairs are seldom copied. */
const GROWTH = 4
/** Pairs that are appended at a time. */
const BLOCK = 16_384

export class PairLists implements Pairs {
  /** Chunks in use hold so many, some of them not yet. */
  used = 0
  readonly shift = 0
  private readonly bits: number
  private readonly most: number
  private readonly memory: Memory
  /** Chunks of items of one group. */
  private slots: Uint32Array = new Uint32Array(0)
  /** Of each list the place behind its last item; at the end of a chunk it needs another one. */
  private places: Int32Array
  /** Of each chunk the one before it in its list, or -1. */
  private before = new Int32Array(0)
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
    this.memory = memory
    this.places = new Int32Array(Math.max(1, groups))
    const each = Math.min(expected, most) / this.places.length / CHUNKS_EACH
    this.bits = Math.max(SMALLEST_CHUNK, Math.min(LARGEST_CHUNK, Math.floor(Math.log2(Math.max(1, each)))))
    this.most = Math.max(most, (this.places.length << this.bits) * CHUNKS_EACH, BLOCK * CHUNKS_EACH)
  }

  get bytes(): number {
    const joined = this.joined.reduce((sum, { slots, places, before }) => sum + slots.byteLength + places.byteLength + before.byteLength, 0)
    return this.slots.byteLength + this.places.byteLength + this.before.byteLength + this.free.byteLength + joined
  }

  get length(): number {
    return this.places.length
  }

  get parts(): readonly GatheredLists[] {
    return [this.handOver(), ...this.joined]
  }

  hasRoom(pairs: number): boolean {
    return this.used + (this.places.length << this.bits) + pairs <= this.most
  }

  cover(groups: number): boolean {
    if (groups <= this.places.length) return true
    if (groups > MOST_LISTS) return false
    const places = new Int32Array(Math.min(MOST_LISTS, Math.max(groups, this.places.length * 2)))
    places.set(this.places)
    this.places = places
    return true
  }

  handOver(): GatheredLists {
    const { bits, slots, places, before } = this
    return { kind: 'lists', bits, slots, places, before }
  }

  join(pairs: GatheredPairs): boolean {
    if (pairs.kind !== 'lists' || pairs.places.length !== this.places.length) return false
    this.joined.push(pairs)
    return true
  }

  /** Items 0 are passed over. */
  append(groups: Uint32Array, items: Uint32Array, n: number): number {
    for (let at = 0; at < n; at += BLOCK) {
      const end = Math.min(n, at + BLOCK)
      if (!this.reserve(end - at)) return at
      this.appendItems(groups, items, at, end)
    }
    return n
  }

  appendAll(group: number, items: Uint32Array, from: number, to: number): boolean {
    if (!this.reserve(to - from)) return false
    this.appendRun(group, items, from, to)
    return true
  }

  private appendRun(group: number, items: Uint32Array, from: number, to: number): void {
    const { slots, places } = this
    const size = 1 << this.bits
    let place = places[group]
    for (let at = from; at < to;) {
      if ((place & (size - 1)) === 0) place = this.nextChunk(place)
      const n = Math.min(to - at, size - (place & (size - 1)))
      place = copyRange(items, at, at + n, slots, place)
      at += n
    }
    places[group] = place
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

  *take(atLeast = 1): Generator<Run | null, void, void> {
    const reader = new ListReader(this.parts)
    for (let list = 0; list < this.places.length; list++) {
      if (reader.length(list) < atLeast) continue
      const run = yield* reader.read(list)
      this.release(list)
      yield run
    }
    reader.drop()
  }

  drop(): void {
    this.joined.length = 0
    giveBack(this.slots)
    this.slots = new Uint32Array(0)
    // The old ones may have been handed over.
    this.places = new Int32Array(this.places.length)
    this.freed = this.taken = this.used = 0
  }

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
    const slots = takeArray(chunks << this.bits, this.memory)
    slots.set(this.slots)
    giveBack(this.slots)
    this.slots = slots
    this.before = longer(this.before, chunks)
    this.free = longer(this.free, chunks)
    return true
  }
}

function longer(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length)
  larger.set(array)
  return larger
}
