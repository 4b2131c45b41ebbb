/**
 * Loops of exact summation. A double is cut at fixed powers of two, 2^(32k), into pieces that are multiples of their cut:
 * (v + 1.5·2^(52+32k)) − 1.5·2^(52+32k) rounds v to the nearest multiple of 2^(32k), and what is left is exact.
 * Sums of up to 2^21 pieces of one cut are exact in a double, so the order of rows changes nothing.
 * After Demmel and Hida, "Accurate and Efficient Floating Point Summation" (2003), with fixed cuts.
 */
import { kernels } from './kernels.js'
import type { Rows } from './select.js'

/** Most cuts that the kernels know. */
const KERNEL_CUTS = 2

/** out[p] += the pieces at magics[p], highest first; what is left goes into out[magics.length]. */
export function sumPieces(values: Float64Array, rows: Rows, from: number, to: number, magics: Float64Array, out: Float64Array): void {
  if (rows === null && magics.length <= KERNEL_CUTS) {
    kernels().sumPieces(values, from, to, magics, out)
    return
  }
  if (magics.length === 0) sumPlain(values, rows, from, to, out)
  else if (magics.length === 1) sumTwoPieces(values, rows, from, to, magics[0], out)
  else if (magics.length === 2) sumThreePieces(values, rows, from, to, magics[0], magics[1], out)
  else {
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
}

function sumPlain(values: Float64Array, rows: Rows, from: number, to: number, out: Float64Array): void {
  let sum = 0
  for (let i = from; i < to; i++) sum += values[rows === null ? i : rows[i]]
  out[0] += sum
}

function sumTwoPieces(values: Float64Array, rows: Rows, from: number, to: number, magic: number, out: Float64Array): void {
  let high = 0
  let low = 0
  for (let i = from; i < to; i++) {
    const value = values[rows === null ? i : rows[i]]
    const piece = value + magic - magic
    high += piece
    low += value - piece
  }
  out[0] += high
  out[1] += low
}

function sumThreePieces(
  values: Float64Array, rows: Rows, from: number, to: number, magicHigh: number, magicMiddle: number, out: Float64Array
): void {
  let high = 0
  let middle = 0
  let low = 0
  for (let i = from; i < to; i++) {
    const value = values[rows === null ? i : rows[i]]
    const top = value + magicHigh - magicHigh
    const rest = value - top
    const next = rest + magicMiddle - magicMiddle
    high += top
    middle += next
    low += rest - next
  }
  out[0] += high
  out[1] += middle
  out[2] += low
}

/** sums[groups[i]] += the value of row i of n (rows[i], or from + i). */
export function addPlain(groups: Uint32Array, values: Float64Array, rows: Rows, from: number, n: number, sums: Float64Array): void {
  if (rows === null) for (let i = 0; i < n; i++) sums[groups[i]] += values[from + i]
  else for (let i = 0; i < n; i++) sums[groups[i]] += values[rows[i]]
}

export function addTwoPieces(
  groups: Uint32Array, values: Float64Array, rows: Rows, from: number, n: number, magic: number, high: Float64Array, low: Float64Array
): void {
  for (let i = 0; i < n; i++) {
    const group = groups[i]
    const value = values[rows === null ? from + i : rows[i]]
    const piece = value + magic - magic
    high[group] += piece
    low[group] += value - piece
  }
}

export function addThreePieces(
  groups: Uint32Array, values: Float64Array, rows: Rows, from: number, n: number,
  [magicHigh, magicMiddle]: Float64Array, [high, middle]: readonly Float64Array[], low: Float64Array
): void {
  for (let i = 0; i < n; i++) {
    const group = groups[i]
    const value = values[rows === null ? from + i : rows[i]]
    const top = value + magicHigh - magicHigh
    const rest = value - top
    const next = rest + magicMiddle - magicMiddle
    high[group] += top
    middle[group] += next
    low[group] += rest - next
  }
}

/** Any number of pieces: sums[p] takes those at magics[p], `last` what is left. */
export function addPieces(
  groups: Uint32Array, values: Float64Array, rows: Rows, from: number, n: number,
  magics: Float64Array, sums: readonly Float64Array[], last: Float64Array
): void {
  for (let i = 0; i < n; i++) {
    const group = groups[i]
    let rest = values[rows === null ? from + i : rows[i]]
    for (let p = 0; p < magics.length; p++) {
      const piece = rest + magics[p] - magics[p]
      sums[p][group] += piece
      rest -= piece
    }
    last[group] += rest
  }
}
