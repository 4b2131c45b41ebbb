/**
 * Columns of a sealed segment. Immutable, one entry per row.
 * Strings are codes of a dictionary that the whole table shares, in the narrowest width that holds it.
 */
import type { Codes } from './codes.js'
import type { Dictionary } from './dictionary.js'

export interface StringColumn {
  readonly type: 'string'
  readonly dictionary: Dictionary
  /** Code of each row; 0 is missing. */
  readonly codes: Codes
  /** Coupon of each row (0 is missing), where the dictionary is too large to look coupons up through codes. */
  readonly coupons: Uint32Array | null
}

export interface NumberColumn {
  readonly type: 'number'
  /** 0 where missing, so that a sum need not ask. */
  readonly values: Float64Array
  /** A bit per row; null where every row has a value. */
  readonly valid: Uint32Array | null
  /** Exponent of the largest value and of the lowest bit set in any: they tell how a sum stays exact. */
  readonly exponents: Exponents
}

/** All values are multiples of 2^bottom and smaller than 2^(top+1). Of zeros alone: top = bottom = 0. */
export interface Exponents {
  readonly top: number
  readonly bottom: number
}

export interface StringsColumn {
  readonly type: 'strings'
  readonly dictionary: Dictionary
  /** Row i has codes[offsets[i]] … codes[offsets[i+1]-1], each code once. */
  readonly offsets: Uint32Array
  readonly codes: Codes
}

export type Column = StringColumn | NumberColumn | StringsColumn

export function columnBytes(column: Column): number {
  switch (column.type) {
    case 'string': return column.codes.byteLength + (column.coupons?.byteLength ?? 0)
    case 'number': return column.values.byteLength + (column.valid?.byteLength ?? 0)
    case 'strings': return column.offsets.byteLength + column.codes.byteLength
  }
}

const float = new Float64Array(1)
const halves = new Uint32Array(float.buffer)

/** Exponents over all rows; missing rows are 0 and do not count. */
export function exponentsOf(values: Float64Array, length: number): Exponents {
  let top = -Infinity
  let bottom = Infinity
  let allSmallIntegers = true
  let largest = 0
  for (let i = 0; i < length; i++) {
    const value = values[i]
    if ((value | 0) !== value) { allSmallIntegers = false; break }
    const magnitude = value < 0 ? -value : value
    if (magnitude > largest) largest = magnitude
  }
  if (allSmallIntegers) return { top: largest === 0 ? 0 : Math.floor(Math.log2(largest)), bottom: 0 }
  for (let i = 0; i < length; i++) {
    if (values[i] === 0) continue
    float[0] = values[i]
    const low = halves[0]
    const high = halves[1]
    const biased = (high >>> 20) & 0x7ff
    const exponent = biased === 0 ? -1074 : biased - 1075
    const mantissaHigh = (high & 0xfffff) | (biased === 0 ? 0 : 0x100000)
    const zeros = low !== 0 ? trailingZeros(low) : 32 + trailingZeros(mantissaHigh)
    const highest = mantissaHigh !== 0 ? 63 - Math.clz32(mantissaHigh) : 31 - Math.clz32(low)
    if (exponent + highest > top) top = exponent + highest
    if (exponent + zeros < bottom) bottom = exponent + zeros
  }
  return { top, bottom }
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word)
}
