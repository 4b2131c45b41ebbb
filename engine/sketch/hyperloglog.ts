import { ownMemory, type Memory } from '../column/memory.js'
import { kernels } from '../kernels/kernels.js'
import { STANDARD_ERROR_FACTOR, estimateRegisters } from './estimator.js'
import { giveRegisters, takeRegisters } from './spare-registers.js'

/** 65,536 registers: P(error > 2 %) is 8·10⁻⁷, and a sketch takes 64 KiB. */
export const REGISTERS = 1 << 16
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

/** Coupons are gathered up to here before they are made distinct: half of them may be repeated. */
const MAX_GATHERED = MAX_COUPONS * 2
/** From this many coupons on, taking the registers to the kernel and back is worth it. */
const KERNEL_RUN = 4096
/** So many are compared each with each, which is faster than any table. */
const FEW = 32
/** What a kernel found distinct. */
const found = new Uint32Array(MAX_COUPONS + 1)

const NO_REGISTERS = new Uint8Array(0)
const NO_COUPONS = new Uint32Array(0)

/**
 * Counts distinct values from their coupons (`couponOfString`): a set of coupons while there are at most 16,384 of them
 * (error ≤ 0.03 %), HyperLogLog registers of precision 16 above (standard error 0.41 %).
 * The state is a function of the set of coupons alone: order, repetition, batches and merges change nothing.
 * The coupon 0 stands for "no value" and counts nothing.
 */
export class HyperLogLog {
  /** Coupons as they came, the first `#distinct` of them known to be distinct. */
  #coupons: Uint32Array = NO_COUPONS
  #n = 0
  #distinct = 0
  /** Empty while the sketch is a set of coupons. */
  #registers: Uint8Array = NO_REGISTERS
  /** What the registers were found to estimate; NaN where they have changed since. */
  #known = NaN
  /** The registers are only read: they are not of this sketch. */
  #isLent = false
  readonly #memory: Memory

  /** @param memory where registers come to lie */
  constructor(memory: Memory = ownMemory) {
    this.#memory = memory
  }

  /** Over registers that others give, which stay as they are; `estimate` is what they are known to estimate, or NaN. */
  static over(registers: Uint8Array, estimate: number): HyperLogLog {
    const sketch = new HyperLogLog()
    sketch.#registers = registers
    sketch.#known = estimate
    sketch.#isLent = true
    return sketch
  }

  /** True while the sketch is a set of coupons, whose number is the estimate. */
  get isExact(): boolean {
    this.#fold()
    return !this.#isDense
  }

  /** Memory held by the arrays. */
  get bytes(): number {
    return this.#coupons.byteLength + this.#registers.byteLength
  }

  /** Standard deviation of the estimate over the true number; of a set of coupons, that of their collisions. */
  get relativeStandardError(): number {
    return this.isExact ? couponSetError(this.#distinct) : REGISTER_ERROR
  }

  /** Estimated number of distinct values; an integer while the sketch is a set of coupons. */
  estimate(): number {
    if (this.isExact) return this.#distinct
    if (Number.isNaN(this.#known)) this.#known = estimateRegisters(this.#registers)
    return this.#known
  }

  add(coupon: number): void {
    if (this.#isDense) {
      raiseOne(this.#changing(), coupon)
      return
    }
    if (this.#n === MAX_GATHERED) {
      this.#fold()
      this.add(coupon)
      return
    }
    this.#reserve(1)
    this.#coupons[this.#n++] = coupon
  }

  /** Adds `coupons[from, to)`. */
  addRange(coupons: Uint32Array, from: number, to: number): void {
    let at = from
    while (at < to && !this.#isDense) {
      if (this.#n === 0 && to - at > MAX_COUPONS && this.#startDense(coupons, at, to)) return
      const length = Math.min(to - at, MAX_GATHERED - this.#n)
      this.#reserve(length)
      this.#coupons.set(coupons.subarray(at, at + length), this.#n)
      this.#n += length
      at += length
      if (this.#n === MAX_GATHERED) this.#fold()
    }
    if (at === to) return
    const registers = this.#changing()
    if (to - at >= KERNEL_RUN) kernels(coupons).raiseRegisters(registers, coupons, at, to)
    else for (; at < to; at++) raiseOne(registers, coupons[at])
  }

  /** The coupons, ascending, while the sketch is a set of them; else none. */
  coupons(): Uint32Array<ArrayBuffer> {
    return this.isExact ? Uint32Array.from(this.#coupons.subarray(0, this.#distinct)).sort() : new Uint32Array(0)
  }

  /** What it has estimated of its registers, NaN where it has not, or they have changed since. */
  get known(): number {
    return this.#known
  }

  /** The registers, 65,536 ranks, once there are any; else null. Not to be written to. */
  get registers(): Uint8Array | null {
    return this.isExact ? null : this.#registers
  }

  /** Gives its registers to other sketches; it is not to be used any more. */
  release(): void {
    if (this.#isDense && !this.#isLent) giveRegisters(this.#registers, this.#memory)
    this.#registers = NO_REGISTERS
  }

  /** Becomes the union with the sketch of these registers, which stay as they are. */
  mergeRegisters(registers: Uint8Array): void {
    if (!this.#isDense) this.#goDense()
    kernels().joinRegisters(this.#changing(), registers)
  }

  /** Registers take those of `others` where these are larger, and the other way round; nothing happens to a set of coupons. */
  exchange(others: Uint8Array): void {
    if (!this.#isDense) return
    this.mergeRegisters(others)
    others.set(this.#registers)
  }

  /** Becomes the union with `other`, which stays as it is. */
  merge(other: HyperLogLog): void {
    if (!other.#isDense) {
      this.addRange(other.#coupons, 0, other.#n)
      return
    }
    this.mergeRegisters(other.#registers)
  }

  clone(): HyperLogLog {
    const copy = new HyperLogLog(this.#memory)
    copy.#coupons = this.#coupons.slice(0, this.#n)
    copy.#n = this.#n
    copy.#distinct = this.#distinct
    if (this.#isDense) {
      copy.#registers = takeRegisters(REGISTERS, this.#memory)
      copy.#registers.set(this.#registers)
      copy.#known = this.#known
    }
    return copy
  }

  get #isDense(): boolean {
    return this.#registers.length > 0
  }

  /** The registers, which are to change. */
  #changing(): Uint8Array {
    this.#known = NaN
    if (this.#isLent) {
      const own = takeRegisters(REGISTERS, this.#memory)
      own.set(this.#registers)
      this.#registers = own
      this.#isLent = false
    }
    return this.#registers
  }

  /** Straight into registers where that proves itself right: more of them filled than a set may have coupons. Else nothing happened. */
  #startDense(coupons: Uint32Array, from: number, to: number): boolean {
    const registers = takeRegisters(REGISTERS, this.#memory)
    if (kernels(coupons).startRegisters(registers, coupons, from, to) > MAX_COUPONS) {
      this.#registers = registers
      return true
    }
    giveRegisters(registers, this.#memory)
    return false
  }

  /** Makes the coupons distinct; with too many of them they become registers. */
  #fold(): void {
    if (this.#n === this.#distinct) return
    if (this.#n <= FEW) {
      this.#foldFew()
      return
    }
    if (this.#n > MAX_COUPONS && this.#startDense(this.#coupons, 0, this.#n)) {
      this.#drop()
      return
    }
    const distinct = kernels().distinct(this.#coupons, 0, this.#n, MAX_COUPONS, found)
    if (distinct > MAX_COUPONS) {
      this.#goDense()
      return
    }
    this.#coupons.set(found.subarray(0, distinct))
    this.#n = this.#distinct = distinct
  }

  #foldFew(): void {
    const coupons = this.#coupons
    let distinct = this.#distinct
    for (let i = distinct; i < this.#n; i++) {
      const coupon = coupons[i]
      let known = coupon === 0
      for (let k = 0; k < distinct && !known; k++) known = coupons[k] === coupon
      if (!known) coupons[distinct++] = coupon
    }
    this.#n = this.#distinct = distinct
  }

  #goDense(): void {
    this.#registers = takeRegisters(REGISTERS, this.#memory)
    kernels().startRegisters(this.#registers, this.#coupons, 0, this.#n)
    this.#drop()
  }

  #drop(): void {
    this.#coupons = NO_COUPONS
    this.#n = this.#distinct = 0
  }

  #reserve(more: number): void {
    const needed = this.#n + more
    if (needed <= this.#coupons.length) return
    // The first coupons take no more room than they need: most groups get no others.
    const larger = new Uint32Array(this.#n === 0 ? needed : Math.min(MAX_GATHERED, Math.max(needed, this.#n * 2, FIRST_CAPACITY)))
    larger.set(this.#coupons.subarray(0, this.#n))
    this.#coupons = larger
  }
}

function raiseOne(registers: Uint8Array, coupon: number): void {
  const slot = coupon & SLOT_MASK
  const rank = coupon >>> RANK_SHIFT
  if (registers[slot] < rank) registers[slot] = rank
}
