/**
 * Loops of exact summation. A double is cut at fixed powers of two, 2^(32k), into pieces that are multiples of their cut:
 * (v + 1.5·2^(52+32k)) − 1.5·2^(52+32k) rounds v to the nearest multiple of 2^(32k), and what is left is exact.
 * Sums of up to 2^21 pieces of one cut are exact in a double, so the order of rows changes nothing.
 * After Demmel and Hida, "Accurate and Efficient Floating Point Summation" (2003), with fixed cuts.
 */
import { kernels } from './kernels.js'
import type { Rows } from './select.js'

/** Most cuts that the kernels know. */
export const KERNEL_CUTS = 2

/** Selected values are gathered so many at a time, which stay in the cache. */
const BLOCK = 16_384
/** Fewer rows are added up sooner than they are handed over. */
const KERNEL_ROWS = 32
const gathered = new Float64Array(BLOCK)

/** One cut that leaves two pieces, where few values are added before their sums are cut into smaller pieces: that takes half the work a value. */
export interface Halving {
  /** One number, of the cut. */
  readonly magics: Float64Array
  /** Sums of so many pieces are exact. */
  readonly rows: number
}

/** Fewer values between two cuts of their sums are not worth it. */
const LEAST_HALVED = 1024
const halves = new Float64Array(2)

/** For values below 2^(top + 1) that are multiples of 2^bottom; null where they are too many bits for two pieces. */
export function halvingOf(top: number, bottom: number): Halving | null {
  const bits = Math.ceil((top + 1 - bottom) / 2)
  const rows = 2 ** (53 - bits)
  return rows < LEAST_HALVED ? null : { magics: Float64Array.of(1.5 * 2 ** (52 + top + 1 - bits)), rows: Math.min(BLOCK, rows) }
}

/** out[p] += the pieces at magics[p], highest first; what is left goes into out[magics.length]. `halving` is of all values. */
export function sumPieces(
  values: Float64Array, rows: Rows, from: number, to: number, magics: Float64Array, halving: Halving | null, out: Float64Array
): void {
  if (magics.length > KERNEL_CUTS || to - from < KERNEL_ROWS) {
    sumAnyPieces(values, rows, from, to, magics, out)
    return
  }
  const halved = magics.length === 2 && to - from >= LEAST_HALVED ? halving : null
  if (rows === null && halved === null) {
    kernels(values).sumPieces(values, from, to, magics, out)
    return
  }
  const block = halved?.rows ?? BLOCK
  for (let at = from; at < to; at += block) {
    const n = Math.min(block, to - at)
    if (rows !== null) for (let i = 0; i < n; i++) gathered[i] = values[rows[at + i]]
    const [source, first] = rows === null ? [values, at] : [gathered, 0]
    if (halved === null) kernels(source).sumPieces(source, first, first + n, magics, out)
    else {
      halves.fill(0)
      kernels(source).sumPieces(source, first, first + n, halved.magics, halves)
      sumAnyPieces(halves, null, 0, 2, magics, out)
    }
  }
}

function sumAnyPieces(values: Float64Array, rows: Rows, from: number, to: number, magics: Float64Array, out: Float64Array): void {
  for (let i = from; i < to; i++) {
    let rest = values[rows === null ? i : rows[i]]
    for (let p = 0; p < magics.length; p++) {
      const piece = rest + magics[p] - magics[p]
      out[p] += piece
      rest -= piece
    }
    out[magics.length] += rest
  }
}

/** Sums of groups: `stride` of them for each, those of the highest piece at `top`, lower pieces before it. */
export interface GroupSums {
  readonly sums: Float64Array
  readonly stride: number
  readonly top: number
}

/** The pieces at magics[p], highest first, and what is left of the value of row i of n (rows[i], or from + i) are added to groups[i]. */
export function addPieces(
  groups: Uint32Array, values: Float64Array, rows: Rows, from: number, n: number, magics: Float64Array, into: GroupSums
): void {
  if (rows === null) {
    addNext(groups, 0, values, from, n, magics, into)
    return
  }
  for (let at = 0; at < n; at += BLOCK) {
    const length = Math.min(BLOCK, n - at)
    for (let i = 0; i < length; i++) gathered[i] = values[rows[at + i]]
    addNext(groups, at, gathered, 0, length, magics, into)
  }
}

/**
 * values[from + i] is of groups[at + i], i below n. Places are 32 bits wide in these loops, for there are fewer than 2^31 sums: a product
 * or a choice of two numbers that V8 cannot tell to be so small is a double, which makes a row take three times as long.
 */
function addNext(groups: Uint32Array, at: number, values: Float64Array, from: number, n: number, magics: Float64Array, into: GroupSums): void {
  if (magics.length === 0) addPlain(groups, at, values, from, n, into)
  else if (magics.length === 1) addTwoPieces(groups, at, values, from, n, magics[0], into)
  else if (magics.length === 2) addThreePieces(groups, at, values, from, n, magics[0], magics[1], into)
  else addAnyPieces(groups, at, values, from, n, magics, into)
}

function addPlain(groups: Uint32Array, at: number, values: Float64Array, from: number, n: number, { sums, stride, top }: GroupSums): void {
  for (let i = 0; i < n; i++) sums[Math.imul(groups[at + i], stride) + top | 0] += values[from + i]
}

function addTwoPieces(
  groups: Uint32Array, at: number, values: Float64Array, from: number, n: number, magic: number, { sums, stride, top }: GroupSums
): void {
  for (let i = 0; i < n; i++) {
    const high = Math.imul(groups[at + i], stride) + top | 0
    const value = values[from + i]
    const piece = value + magic - magic
    sums[high] += piece
    sums[high - 1] += value - piece
  }
}

function addThreePieces(
  groups: Uint32Array, at: number, values: Float64Array, from: number, n: number,
  magicHigh: number, magicMiddle: number, { sums, stride, top }: GroupSums
): void {
  for (let i = 0; i < n; i++) {
    const high = Math.imul(groups[at + i], stride) + top | 0
    const value = values[from + i]
    const piece = value + magicHigh - magicHigh
    const rest = value - piece
    const next = rest + magicMiddle - magicMiddle
    sums[high] += piece
    sums[high - 1] += next
    sums[high - 2] += rest - next
  }
}

function addAnyPieces(
  groups: Uint32Array, at: number, values: Float64Array, from: number, n: number, magics: Float64Array, { sums, stride, top }: GroupSums
): void {
  for (let i = 0; i < n; i++) {
    const high = Math.imul(groups[at + i], stride) + top | 0
    let rest = values[from + i]
    for (let p = 0; p < magics.length; p++) {
      const piece = rest + magics[p] - magics[p]
      sums[high - p] += piece
      rest -= piece
    }
    sums[high - magics.length] += rest
  }
}
