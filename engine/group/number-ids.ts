import { hasBit } from '../column/bitset.js'
import type { NumberColumn } from '../column/column.js'
import { couponOfString } from '../sketch/hash.js'
import { stretches } from '../steps.js'
import { PairTable, type GatheredPairs } from './pair-table.js'

const float = new Float64Array(1)
const halves = new Uint32Array(float.buffer)

/** Halves of the values, by their number minus 1. */
export type GatheredNumbers = GatheredPairs

/** Dense numbers for the values of a number column during one query: 0 is missing, the first value seen is 1. */
export class NumberIds {
  private readonly table = new PairTable()
  private coupons = new Uint32Array(1)
  private couponsReady = 1

  get bytes(): number {
    return this.table.bytes + this.coupons.byteLength
  }

  /** Ids in use, the missing one included. */
  get size(): number {
    return this.table.size + 1
  }

  idOf(column: NumberColumn, row: number): number {
    if (column.valid !== null && !hasBit(column.valid, row)) return 0
    return this.idOfNumber(column.values[row])
  }

  idOfNumber(value: number): number {
    float[0] = value
    return this.table.id(halves[0], halves[1]) + 1
  }

  value(id: number): number | null {
    if (id === 0) return null
    halves[0] = this.table.keysA[id - 1]
    halves[1] = this.table.keysB[id - 1]
    return float[0]
  }

  handOver(): GatheredNumbers {
    return this.table.handOver()
  }

  /** The number here of each number of another thread. In steps. */
  *takeOver({ a: low, b: high }: GatheredNumbers): Generator<void, Uint32Array, void> {
    const idOf = new Uint32Array(low.length + 1)
    for (const [from, to] of stretches(low.length)) {
      for (let i = from; i < to; i++) idOf[i + 1] = this.table.id(low[i], high[i]) + 1
      yield
    }
    return idOf
  }

  /** Coupon of a value: that of its decimal text, so that it does not matter whether a column is a number or a text. */
  coupon(id: number): number {
    if (id >= this.coupons.length) {
      const larger = new Uint32Array(Math.max(64, this.size, this.coupons.length * 2))
      larger.set(this.coupons)
      this.coupons = larger
    }
    for (; this.couponsReady <= id; this.couponsReady++) {
      this.coupons[this.couponsReady] = couponOfString(String(this.value(this.couponsReady)))
    }
    return this.coupons[id]
  }
}
