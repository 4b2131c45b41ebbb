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
