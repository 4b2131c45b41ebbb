import { distinctInto, DistinctScratch } from './distinct.js'
import { STANDARD_ERROR_FACTOR, estimateRegisters } from './estimator.js'

/** 65,536 registers: P(error > 2 %) is 8·10⁻⁷, and a sketch takes 64 KiB. */
const REGISTERS = 1 << 16
const SLOT_MASK = REGISTERS - 1
const RANK_SHIFT = 26
/** Where a table of coupons (at most half full) would outgrow the registers. The answer changes here: part of the contract. */
export const MAX_COUPONS = 16_384
const FIRST_CAPACITY = 16
/** Two texts share a coupon with probability 2⁻²⁶ Σ 4⁻ʳ: the same address and the same rank. */
const COLLISION = 2 ** -26 / 3

/** Relative standard error of an estimate from registers: 0.41 %. */
export const REGISTER_ERROR = STANDARD_ERROR_FACTOR / Math.sqrt(REGISTERS)

/** That of a set of n coupons, from values that share one: 0 up to one coupon, at most 0.01 %. */
export function couponSetError(n: number): number {
  const collisions = n * (n - 1) / 2 * COLLISION
  return n === 0 ? 0 : Math.sqrt(collisions + collisions * collisions) / n
}

/** From this many coupons on an empty sketch takes them in one go. */
const BULK = 64
const scratch = new DistinctScratch()

const NO_REGISTERS = new Uint8Array(0)
const NO_COUPONS = new Uint32Array(0)

/**
 * Counts distinct values from their coupons (`couponOfString`): a set of coupons while there are at most 16,384 of them
 * (error ≤ 0.03 %), HyperLogLog registers of precision 16 above (standard error 0.41 %).
 * The state is a function of the set of coupons alone: order, repetition, batches and merges change nothing.
 * The coupon 0 stands for "no value" and counts nothing.
 */
export class HyperLogLog {
  /** Open addressing by the coupon's low bits, which are hash bits already; 0 is a free place. */
  #table: Uint32Array = NO_COUPONS
  #count = 0
  /** Empty while the sketch is a set of coupons. */
  #registers: Uint8Array = NO_REGISTERS

  /** True while the sketch is a set of coupons, whose number is the estimate. */
  get isExact(): boolean {
    return this.#registers.length === 0
  }

  /** Memory held by the arrays. */
  get bytes(): number {
    return this.#table.byteLength + this.#registers.byteLength
  }

  /** Standard deviation of the estimate over the true number; of a set of coupons, that of their collisions. */
  get relativeStandardError(): number {
    return this.isExact ? couponSetError(this.#count) : REGISTER_ERROR
  }

  /** Estimated number of distinct values; an integer while the sketch is a set of coupons. */
  estimate(): number {
    return this.isExact ? this.#count : estimateRegisters(this.#registers)
  }

  add(coupon: number): void {
    if (this.isExact) {
      this.#insert(coupon)
      return
    }
    const slot = coupon & SLOT_MASK
    const rank = coupon >>> RANK_SHIFT
    if (this.#registers[slot] < rank) this.#registers[slot] = rank
  }

  /** Adds `coupons[from, to)`. */
  addRange(coupons: Uint32Array, from: number, to: number): void {
    if (this.#count === 0 && this.isExact && to - from >= BULK) {
      this.#start(coupons, from, to)
      return
    }
    let at = from
    while (at < to && this.isExact) this.#insert(coupons[at++])
    const registers = this.#registers
    for (; at < to; at++) {
      const coupon = coupons[at]
      const slot = coupon & SLOT_MASK
      const rank = coupon >>> RANK_SHIFT
      if (registers[slot] < rank) registers[slot] = rank
    }
  }

  /** Adds `coupons[row]` for the rows in `rows[from, to)`. */
  addSelected(coupons: Uint32Array, rows: Uint32Array, from: number, to: number): void {
    let at = from
    while (at < to && this.isExact) this.#insert(coupons[rows[at++]])
    const registers = this.#registers
    for (; at < to; at++) {
      const coupon = coupons[rows[at]]
      const slot = coupon & SLOT_MASK
      const rank = coupon >>> RANK_SHIFT
      if (registers[slot] < rank) registers[slot] = rank
    }
  }

  /** Becomes the union with `other`, which stays as it is. */
  merge(other: HyperLogLog): void {
    if (other.isExact) {
      this.addRange(other.#table, 0, other.#table.length)
      return
    }
    if (this.isExact) this.#goDense()
    const registers = this.#registers
    const others = other.#registers
    for (let slot = 0; slot < REGISTERS; slot++) {
      if (registers[slot] < others[slot]) registers[slot] = others[slot]
    }
  }

  clone(): HyperLogLog {
    const copy = new HyperLogLog()
    copy.#table = this.#table.slice()
    copy.#count = this.#count
    copy.#registers = this.#registers.slice()
    return copy
  }

  /** The first coupons, many at once: made distinct in a scratch set, into a table of the right size or straight into registers. */
  #start(coupons: Uint32Array, from: number, to: number): void {
    if (to - from > MAX_COUPONS && this.#startDense(coupons, from, to)) return
    // One more than the limit, because "no value" counts as distinct there.
    const distinct = distinctInto(scratch, coupons, from, to, MAX_COUPONS + 1)
    if (distinct > MAX_COUPONS + 1) {
      this.#goDense()
      this.addRange(coupons, from, to)
      return
    }
    const { values } = scratch
    let capacity = FIRST_CAPACITY
    while (capacity < distinct * 2 && capacity < MAX_COUPONS * 2) capacity *= 2
    this.#table = new Uint32Array(capacity)
    for (let i = 0; i < distinct; i++) this.add(values[i])
  }

  /** Straight into registers where that proves itself right: more of them filled than a set may have coupons. Else nothing happened. */
  #startDense(coupons: Uint32Array, from: number, to: number): boolean {
    const registers = new Uint8Array(REGISTERS)
    let filled = 0
    for (let at = from; at < to; at++) {
      const coupon = coupons[at]
      const slot = coupon & SLOT_MASK
      const rank = coupon >>> RANK_SHIFT
      const before = registers[slot]
      if (before >= rank) continue
      if (before === 0) filled++
      registers[slot] = rank
    }
    if (filled <= MAX_COUPONS) return false
    this.#registers = registers
    return true
  }

  #insert(coupon: number): void {
    if (coupon === 0) return
    if (this.#count * 2 >= this.#table.length) this.#grow()
    const table = this.#table
    const mask = table.length - 1
    let place = coupon & mask
    for (let held = table[place]; held !== 0; held = table[place]) {
      if (held === coupon) return
      place = place + 1 & mask
    }
    if (this.#count === MAX_COUPONS) {
      this.#goDense()
      this.add(coupon)
      return
    }
    table[place] = coupon
    this.#count++
  }

  #grow(): void {
    const old = this.#table
    // At the limit the table stays: what comes next is either known or turns the sketch dense.
    if (old.length === MAX_COUPONS * 2) return
    const table = new Uint32Array(Math.max(FIRST_CAPACITY, old.length * 2))
    const mask = table.length - 1
    for (const coupon of old) {
      if (coupon === 0) continue
      let place = coupon & mask
      while (table[place] !== 0) place = place + 1 & mask
      table[place] = coupon
    }
    this.#table = table
  }

  #goDense(): void {
    const coupons = this.#table
    this.#registers = new Uint8Array(REGISTERS)
    this.#table = NO_COUPONS
    this.#count = 0
    this.addRange(coupons, 0, coupons.length)
  }
}
