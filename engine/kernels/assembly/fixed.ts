/** Sums of groups as integers of 128 bits, two's complement, the low half first (engine/kernels/fixed-sums.ts). */

// @ts-ignore: decorator
@inline const FRACTION_BITS: i64 = 52
// @ts-ignore: decorator
@inline const FRACTION: i64 = 0xfffffffffffff
// @ts-ignore: decorator
@inline const EXPONENT: i64 = 0x7ff

/**
 * Adds each value to the sum of its group. `unit` is the exponent, as a double with a fraction of whole units holds it: a value of 2^52 units has it.
 * Values are 0 or normal, whole units, and fewer than 2^96 of them.
 */
export function addFixed(groups: usize, values: usize, n: u32, unit: i64, sums: usize): void {
  const end = groups + (<usize>n << 2)
  for (; groups < end; groups += 4, values += 8) {
    const bits = load<i64>(values)
    const exponent = bits >>> FRACTION_BITS & EXPONENT
    if (exponent == 0) continue
    const fraction = bits & FRACTION | 1 << FRACTION_BITS
    const shift = exponent - unit
    let low = fraction >>> -shift
    let high: i64 = 0
    if (shift >= 0) {
      low = fraction << shift
      // A shift by 64 would be one by 0.
      high = fraction >>> 1 >>> (63 - shift)
    }
    if (bits < 0) {
      low = -low
      high = ~high + i64(low == 0)
    }
    const sum = sums + (<usize>load<u32>(groups) << 4)
    const before = load<i64>(sum)
    const after = before + low
    store<i64>(sum, after)
    store<i64>(sum, load<i64>(sum, 8) + high + i64(<u64>after < <u64>low), 8)
  }
}

/** Adds `n` other sums to as many. */
export function joinFixed(sums: usize, others: usize, n: u32): void {
  const end = sums + (<usize>n << 4)
  for (; sums < end; sums += 16, others += 16) {
    const low = load<i64>(others)
    const after = load<i64>(sums) + low
    store<i64>(sums, after)
    store<i64>(sums, load<i64>(sums, 8) + load<i64>(others, 8) + i64(<u64>after < <u64>low), 8)
  }
}
