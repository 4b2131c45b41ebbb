import { MAX_RUN } from '../kernels/contract.js'
import { kernels } from '../kernels/kernels.js'

const NOWHERE = new Uint32Array(0)
/** Of one run of the kernel, for which a table of its own is the smaller one. */
const ends = new Uint32Array(1)
const counts = new Uint32Array(1)

/** Counts distinct codes of one run after another, exactly. Codes are dense, so that many of them are marked in a bitmap. */
export class CodeCounter {
  /** All zero between two runs. */
  private bits = NOWHERE

  get bytes(): number {
    return this.bits.byteLength
  }

  /** Number of distinct codes[from, to), 0 left out. */
  count(codes: Uint32Array, from: number, to: number): number {
    if (to - from <= MAX_RUN) return countRun(codes, from, to)
    const words = (largestOf(codes, from, to) >>> 5) + 1
    if (this.bits.length < words) this.bits = new Uint32Array(words)
    const { bits } = this
    // The bit of 0 is counted where it is set.
    const count = mark(bits, codes, from, to) - (bits[0] & 1)
    bits.fill(0, 0, words)
    return count
  }
}

function countRun(codes: Uint32Array, from: number, to: number): number {
  ends[0] = to - from
  kernels().distinctRuns(codes.subarray(from, to), ends, 1, counts)
  return counts[0]
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
