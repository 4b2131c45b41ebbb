import { kernels } from '../kernels/kernels.js'

/** Up to so many items their own table is the smaller one. */
const FEW_ITEMS = 16_384
const NOWHERE = new Uint32Array(0)

/** Counts distinct codes of one run after another, exactly. Codes are dense, so that many of them are marked in a bitmap. */
export class CodeCounter {
  /** All zero between two runs. */
  private bits = new Uint32Array(0)

  get bytes(): number {
    return this.bits.byteLength
  }

  /** Number of distinct codes[from, to), 0 left out. */
  count(codes: Uint32Array, from: number, to: number): number {
    if (to - from <= FEW_ITEMS) return kernels().distinct(codes, from, to, FEW_ITEMS, NOWHERE)
    let largest = 0
    for (let i = from; i < to; i++) if (codes[i] > largest) largest = codes[i]
    const words = (largest >>> 5) + 1
    if (this.bits.length < words) this.bits = new Uint32Array(words)
    const { bits } = this
    let count = 0
    for (let i = from; i < to; i++) {
      const code = codes[i]
      const word = bits[code >>> 5]
      count += 1 - (word >>> (code & 31) & 1)
      bits[code >>> 5] = word | 1 << (code & 31)
    }
    // The bit of 0 was counted where it was set.
    count -= bits[0] & 1
    bits.fill(0, 0, words)
    return count
  }
}
