/** Bins of doubles (engine/sketch/histogram.ts says which). Addresses are bytes of the scratch memory. */

// @ts-ignore: decorator
@inline const SHIFT: u32 = 13
// @ts-ignore: decorator
@inline const SMALLEST_NORMAL: u32 = 0x00100000
// @ts-ignore: decorator
@inline const SUBNORMAL_BINS: u32 = 52 << 7
// @ts-ignore: decorator
@inline const SCALE_EXPONENT: u32 = 54
// @ts-ignore: decorator
@inline const ZERO_BIN: u32 = (1 << 18) + (1 << 13)

/**
 * The values at the places of each run (engine/kernels/assembly/group.ts) as bins, run by run; of each run the least value, the largest
 * one and whether any is not whole; the lowest and the highest bin go to `range`.
 */
export function binRuns(
  values: usize, places: usize, ends: usize, runs: u32, bins: usize, least: usize, largest: usize, fractional: usize, range: usize
): void {
  let lowest: f64 = Infinity
  let highest: f64 = -Infinity
  let at: u32 = 0
  for (let run: u32 = 0; run < runs; run++) {
    const to = load<u32>(ends + (<usize>run << 2))
    let low: f64 = Infinity
    let high: f64 = -Infinity
    let isFractional: u32 = 0
    for (; at < to; at++) {
      const value = load<f64>(values + (<usize>load<u16>(places + (<usize>at << 1)) << 3))
      store<u32>(bins + (<usize>at << 2), binOf(value))
      if (value < low) low = value
      if (value > high) high = value
      if (isFractional == 0) isFractional = u32(value != floor(value))
    }
    store<f64>(least + (<usize>run << 3), low)
    store<f64>(largest + (<usize>run << 3), high)
    store<u8>(fractional + run, <u8>isFractional)
    if (low < lowest) lowest = low
    if (high > highest) highest = high
  }
  store<u32>(range, binOf(lowest))
  store<u32>(range, binOf(highest), 4)
}

/**
 * Adds 1 to counts[code · bins + bin − lowest] of each row, up to one of another bin; returns how many rows that are. Of each code, 24 bytes of
 * `ranges` hold the least value, the largest one, and 1 where any is not whole.
 */
export function countBins(codes: usize, values: usize, n: u32, lowest: u32, bins: u32, ranges: usize, counts: usize): u32 {
  for (let i: u32 = 0; i < n; i++) {
    const value = load<f64>(values + (<usize>i << 3))
    const bin = binOf(value) - lowest
    if (bin >= bins) return i
    const code = <u32>load<u8>(codes + <usize>i)
    const count = counts + (<usize>(code * bins + bin) << 2)
    store<u32>(count, load<u32>(count) + 1)
    const range = ranges + <usize>(code * 24)
    if (value < load<f64>(range)) store<f64>(range, value)
    if (value > load<f64>(range, 8)) store<f64>(range, value, 8)
    if (load<u32>(range, 16) == 0) store<u32>(range, u32(value != floor(value)), 16)
  }
  return n
}

// @ts-ignore: decorator
@inline function binOf(value: f64): u32 {
  const word = <u32>(reinterpret<u64>(value) >>> 32)
  const magnitude = word & 0x7fffffff
  const distance = magnitude < SMALLEST_NORMAL ? subnormalDistance(value) : (magnitude >>> SHIFT) + SUBNORMAL_BINS
  return <i32>word < 0 ? ZERO_BIN - distance : ZERO_BIN + distance
}

function subnormalDistance(value: f64): u32 {
  if (value == 0) return 0
  const word = <u32>(reinterpret<u64>(value * 18014398509481984) >>> 32)
  return ((word & 0x7fffffff) >>> SHIFT) + SUBNORMAL_BINS - (SCALE_EXPONENT << 7)
}
