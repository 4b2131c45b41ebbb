/**
 * A log-linear histogram of doubles: 128 bins per octave on either side of zero, over the whole range, subnormals too.
 * A bin is read off the bits of a double (exponent and the first 7 bits of the mantissa), as HdrHistogram and DDSketch's
 * interpolated mapping do. Whatever value a bin answers is within 1/256 (0.39 %) of every value in it; zero is a bin of its own.
 */
import { hasBit } from '../column/bitset.js'

const SUB_BITS = 7
const SUB_BINS = 1 << SUB_BITS
/** Bits of the high word of a double below the bin's. */
const SHIFT = 20 - SUB_BITS
const SMALLEST_NORMAL = 0x00100000
/** Octaves of the subnormals, which come below the first exponent. */
const SUBNORMAL_BINS = 52 * SUB_BINS
/** Makes every subnormal normal. */
const SCALE_EXPONENT = 54
const SCALE = 2 ** SCALE_EXPONENT
const EXPONENT_BIAS = 1023
const SMALLEST_UNIT = 2 ** -1074

/** Bin of zero. Bins are positive and ascend with the value; the largest is below 2^20. */
export const ZERO_BIN = 2 ** 18 + 2 ** 13
/** In place of a bin, where a row has no value. */
export const MISSING_BIN = 0

/** Bins of rows, and the lowest and highest among them; lowest > highest where no row has a value. */
export interface BinRange {
  lowest: number
  highest: number
}

const one = new Float64Array(1)
const oneWords = new Int32Array(one.buffer)

/** Distance from ZERO_BIN of a value below the smallest normal double. */
function subnormalDistance(value: number): number {
  if (value === 0) return 0
  one[0] = value * SCALE
  return ((oneWords[1] & 0x7fffffff) >>> SHIFT) + SUBNORMAL_BINS - SCALE_EXPONENT * SUB_BINS
}

/** The bin of a finite value. */
export function binOf(value: number): number {
  one[0] = value
  const high = oneWords[1]
  const magnitude = high & 0x7fffffff
  const distance = magnitude < SMALLEST_NORMAL ? subnormalDistance(value) : (magnitude >>> SHIFT) + SUBNORMAL_BINS
  return high < 0 ? ZERO_BIN - distance : ZERO_BIN + distance
}

/** Writes the bin of row i of n (rows[i], or from + i) to bins[i]. */
export function binRows(values: Float64Array, valid: Uint32Array | null, rows: Uint32Array | null, from: number, n: number, bins: Uint32Array, range: BinRange): void {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
  let lowest = 2 ** 20
  let highest = 0
  for (let i = 0; i < n; i++) {
    const row = rows === null ? from + i : rows[i]
    if (valid !== null && !hasBit(valid, row)) {
      bins[i] = MISSING_BIN
      continue
    }
    const high = words[2 * row + 1]
    const magnitude = high & 0x7fffffff
    const distance = magnitude < SMALLEST_NORMAL ? subnormalDistance(values[row]) : (magnitude >>> SHIFT) + SUBNORMAL_BINS
    const bin = high < 0 ? ZERO_BIN - distance : ZERO_BIN + distance
    bins[i] = bin
    if (bin < lowest) lowest = bin
    if (bin > highest) highest = bin
  }
  range.lowest = lowest
  range.highest = highest
}

/**
 * The value that stands for all of a bin.
 * @param integers all values are whole: then those up to 255 are exact, and what stands for larger ones is whole too
 */
export function valueOfBin(bin: number, integers: boolean): number {
  const distance = Math.abs(bin - ZERO_BIN)
  if (distance === 0) return 0
  const octave = octaveOf(distance)
  const sub = distance & (SUB_BINS - 1)
  const value = octave * (1 + (hasOneValue(octave, integers) ? sub : sub + 0.5) / SUB_BINS)
  return bin < ZERO_BIN ? -value : value
}

/**
 * From `lower` to below `upper`, of negative numbers above `lower` to `upper`; zero is [0, 0].
 * @param integers all values are whole: then the bounds are whole too
 */
export function boundsOfBin(bin: number, integers: boolean): readonly [lower: number, upper: number] {
  const distance = Math.abs(bin - ZERO_BIN)
  if (distance === 0) return [0, 0]
  const octave = octaveOf(distance)
  const sub = distance & (SUB_BINS - 1)
  let near = octave * (1 + sub / SUB_BINS)
  // 2^1024 is no double.
  let far = Math.min(octave * (1 + (sub + 1) / SUB_BINS), Number.MAX_VALUE)
  if (integers) {
    near = Math.ceil(near)
    far = Math.ceil(far)
  }
  return bin < ZERO_BIN ? [-far, -near] : [near, far]
}

/** Relative standard error of `valueOfBin` where values are spread evenly over the bin: its width over √12. 0 where it has one value. */
export function errorOfBin(bin: number, integers: boolean): number {
  const distance = Math.abs(bin - ZERO_BIN)
  if (distance === 0 || hasOneValue(octaveOf(distance), integers)) return 0
  return 1 / (SUB_BINS + (distance & (SUB_BINS - 1)) + 0.5) / Math.sqrt(12)
}

/** The most that `errorOfBin` gives. */
export const WIDEST_ERROR = errorOfBin(ZERO_BIN + SUBNORMAL_BINS + EXPONENT_BIAS * SUB_BINS, false)

/** The lowest value of the bins of an octave. */
function octaveOf(distance: number): number {
  return 2 ** ((distance >>> SUB_BITS) - SUBNORMAL_BINS / SUB_BINS - EXPONENT_BIAS)
}

/** A bin no wider than the distance of neighbouring values has one value. */
function hasOneValue(octave: number, integers: boolean): boolean {
  return octave <= (integers ? 1 : SMALLEST_UNIT) * SUB_BINS
}

/** Nearest rank: ceil(q·n), from 1 to n. A hair less, because 0.07 · 100 in doubles is above 7. */
export function nearestRank(quantile: number, n: number): number {
  return Math.max(1, Math.ceil(quantile * n * (1 - 2 ** -51)))
}
