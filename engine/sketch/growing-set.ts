/** Sets of unsigned 32-bit integers above 0 that grow one by one, each at the same cost however many there are. */
import { estimateCounts } from './estimator.js'
import { MAX_COUPONS, REGISTERS } from './hyperloglog.js'

const FIRST_SLOTS = 16
/** 2³² over the golden ratio: spreads neighbouring values, its top bits choose the place. */
const SPREAD = 0x9e3779b1
const RANK_SHIFT = 26
const MAX_RANK = 63

/** Open addressing, at most half full. */
export class GrowingSet {
  size = 0
  /** 0 is free. */
  private slots = new Uint32Array(FIRST_SLOTS)

  get bytes(): number {
    return this.slots.byteLength
  }

  /** 0 stands for "no value" and is not added. Returns the bytes that it takes more. */
  add(value: number): number {
    if (value === 0 || !this.put(value) || ++this.size * 2 <= this.slots.length) return 0
    const { bytes } = this
    this.enlarge()
    return this.bytes - bytes
  }

  values(): Uint32Array<ArrayBuffer> {
    const values = new Uint32Array(this.size)
    let n = 0
    for (const value of this.slots) if (value !== 0) values[n++] = value
    return values
  }

  private put(value: number): boolean {
    const { slots } = this
    const mask = slots.length - 1
    for (let at = Math.imul(value, SPREAD) >>> Math.clz32(mask); ; at = (at + 1) & mask) {
      if (slots[at] === value) return false
      if (slots[at] !== 0) continue
      slots[at] = value
      return true
    }
  }

  private enlarge(): void {
    const { slots } = this
    this.slots = new Uint32Array(slots.length * 4)
    for (const value of slots) if (value !== 0) this.put(value)
  }
}

/** What `HyperLogLog` says of the same coupons, to the bit; its estimate costs the same after every coupon. */
export class GrowingSketch {
  private set: GrowingSet | null = new GrowingSet()
  /** Null while the sketch is a set of coupons. */
  registers: Uint8Array | null = null
  /** How many registers hold each rank. */
  private ranks = new Uint32Array(0)

  get bytes(): number {
    return (this.set?.bytes ?? 0) + (this.registers?.byteLength ?? 0) + this.ranks.byteLength
  }

  /** Returns the bytes that it takes more. */
  add(coupon: number): number {
    const { set } = this
    if (set === null) {
      this.raise(coupon)
      return 0
    }
    const more = set.add(coupon)
    if (set.size <= MAX_COUPONS) return more
    const bytes = this.bytes - more
    this.becomeRegisters(set)
    return this.bytes - bytes
  }

  estimate(): number {
    return this.set?.size ?? estimateCounts(this.ranks, REGISTERS)
  }

  /** While the sketch is a set of them; else none. */
  coupons(): Uint32Array<ArrayBuffer> {
    return this.set?.values().sort() ?? new Uint32Array(0)
  }

  private becomeRegisters(set: GrowingSet): void {
    this.set = null
    this.registers = new Uint8Array(REGISTERS)
    this.ranks = new Uint32Array(MAX_RANK + 1)
    this.ranks[0] = REGISTERS
    for (const coupon of set.values()) this.raise(coupon)
  }

  private raise(coupon: number): void {
    const registers = this.registers!
    const slot = coupon & (REGISTERS - 1)
    const rank = coupon >>> RANK_SHIFT
    const before = registers[slot]
    if (before >= rank) return
    registers[slot] = rank
    this.ranks[before]--
    this.ranks[rank]++
  }
}
