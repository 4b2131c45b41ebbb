import { ownMemory, type Memory } from '../column/memory.js'
import { kernels } from '../kernels/kernels.js'
import { distinctInto, DistinctScratch } from '../sketch/distinct.js'
import { HyperLogLog, MAX_COUPONS } from '../sketch/hyperloglog.js'
import { LONG_RUN, longDistinct } from './long-distinct.js'
import { giveBack, takeArray } from './spare-arrays.js'

/** `exact` counts codes, the others coupons; `sketches` can also be handed out. */
export type DistinctKind = 'exact' | 'estimates' | 'sketches'

/** Distinct items of a group, exact-fit, or what became of too many coupons. */
export type KeptSet = Uint32Array | HyperLogLog

const NOTHING = new Uint32Array(0)
/** What a kernel found distinct. */
const found = new Uint32Array(MAX_COUPONS + 1)

/** Distinct items of groups, as they are kept between two folds. */
export class KeptSets {
  private readonly sets = new Map<number, KeptSet>()
  private readonly kind: DistinctKind
  private readonly memory: Memory
  private scratch: DistinctScratch | null = null
  private setBytes = 0

  /** @param memory where registers come to lie */
  constructor(kind: DistinctKind, memory: Memory = ownMemory) {
    this.kind = kind
    this.memory = memory
  }

  get bytes(): number {
    return this.setBytes + (this.scratch?.bytes ?? 0)
  }

  get size(): number {
    return this.sets.size
  }

  has(group: number): boolean {
    return this.sets.has(group)
  }

  get(group: number): KeptSet | undefined {
    return this.sets.get(group)
  }

  [Symbol.iterator](): IterableIterator<[group: number, set: KeptSet]> {
    return this.sets.entries()
  }

  clear(): void {
    this.sets.clear()
    this.setBytes = 0
  }

  /** Merges items [from, to) into what is kept of the group. */
  add(group: number, items: Uint32Array, from: number, to: number): void {
    const known = this.sets.get(group) ?? NOTHING
    const bytes = bytesOf(known)
    if (known instanceof HyperLogLog) {
      known.addRange(items, from, to)
      this.put(group, known, bytes)
    } else if (known.length === 0) this.put(group, this.setOf(items.subarray(from, to)), bytes)
    else {
      const all = takeArray(known.length + to - from)
      all.set(known)
      all.set(items.subarray(from, to), known.length)
      this.put(group, this.setOf(all), bytes)
      giveBack(all)
    }
  }

  /** The same in several steps. */
  *addLong(group: number, items: Uint32Array, from: number, to: number): Generator<void, void, void> {
    const known = this.sets.get(group) ?? NOTHING
    const bytes = bytesOf(known)
    if (this.kind === 'exact') {
      this.put(group, yield* longDistinct(known as Uint32Array, items, from, to), bytes)
      return
    }
    const sketch = this.asSketch(known)
    for (let at = from; at < to; at += LONG_RUN) {
      sketch.addRange(items, at, Math.min(at + LONG_RUN, to))
      yield
    }
    this.put(group, sketch.isExact ? sketch.coupons() : sketch, bytes)
  }

  /** Merges registers that others keep, which are only read; `estimate` is what they are known to estimate, or NaN. */
  addRegisters(group: number, registers: Uint8Array, estimate: number): void {
    const known = this.sets.get(group) ?? NOTHING
    if (known === NOTHING && this.kind !== 'sketches') {
      this.put(group, HyperLogLog.over(registers, estimate), 0)
      return
    }
    const bytes = bytesOf(known)
    const sketch = this.asSketch(known)
    sketch.mergeRegisters(registers)
    this.put(group, sketch, bytes)
  }

  private asSketch(known: KeptSet): HyperLogLog {
    if (known instanceof HyperLogLog) return known
    const sketch = new HyperLogLog(this.memory)
    sketch.addRange(known, 0, known.length)
    return sketch
  }

  private put(group: number, set: KeptSet, bytesBefore: number): void {
    this.sets.set(group, set)
    this.setBytes += bytesOf(set) - bytesBefore
  }

  private setOf(items: Uint32Array): KeptSet {
    if (this.kind !== 'exact' && items.length > MAX_COUPONS) {
      const sketch = new HyperLogLog(this.memory)
      sketch.addRange(items, 0, items.length)
      if (!sketch.isExact) return sketch
    }
    return this.distinct(items)
  }

  private distinct(items: Uint32Array): Uint32Array {
    if (items.length <= MAX_COUPONS) return found.slice(0, kernels().distinct(items, 0, items.length, MAX_COUPONS, found))
    this.scratch ??= new DistinctScratch()
    const count = distinctInto(this.scratch, items, 0, items.length)
    const values = this.scratch.values.slice(0, count)
    // Missing items may have come along.
    return values.includes(0) ? values.filter(item => item !== 0) : values
  }
}

function bytesOf(set: KeptSet): number {
  return set instanceof HyperLogLog ? set.bytes : set.byteLength
}
