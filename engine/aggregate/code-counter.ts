/** Counts distinct codes of one long run after another, exactly. Codes are dense: they are marked in a bitmap. */
export class CodeCounter {
  /** All zero between two runs. */
  private bits = new Uint32Array(0)

  get bytes(): number {
    return this.bits.byteLength
  }

  /** Number of distinct codes[from, to), 0 left out. */
  count(codes: Uint32Array, from: number, to: number): number {
    const words = (largestOf(codes, from, to) >>> 5) + 1
    if (this.bits.length < words) this.bits = new Uint32Array(words)
    const { bits } = this
    // The bit of 0 is counted where it is set.
    const count = mark(bits, codes, from, to) - (bits[0] & 1)
    bits.fill(0, 0, words)
    return count
  }
}

// Loops that stand alone are compiled whole, though they are called a few times a query.

function largestOf(codes: Uint32Array, from: number, to: number): number {
  let largest = 0
  for (let i = from; i < to; i++) if (codes[i] > largest) largest = codes[i]
  return largest
}

/** Sets the bits of codes[from, to), and returns how many were not set. */
function mark(bits: Uint32Array, codes: Uint32Array, from: number, to: number): number {
  let count = 0
  for (let i = from; i < to; i++) {
    const code = codes[i]
    const word = bits[code >>> 5]
    count += 1 - (word >>> (code & 31) & 1)
    bits[code >>> 5] = word | 1 << (code & 31)
  }
  return count
}
