/** Sums of groups as two integers of 64 bits, that of small units first and that of 2^CUT small units behind it (engine/kernels/fixed-sums.ts). */

// @ts-ignore: decorator
@inline const CUT: i64 = 43
/** Integers up to here have room for what is added before they are looked at again. */
// @ts-ignore: decorator
@inline const FAR: i64 = 61

/**
 * Adds each value to the sum of its group. Adding a cut, 1.5 · 2^52 of its units, rounds to whole ones, and leaves as many in the last bits of the double:
 * values are whole small units and fewer than 2^51 large ones.
 */
export function addFixed(groups: usize, values: usize, n: u32, highCut: f64, lowCut: f64, sums: usize): void {
  const high = f64x2.splat(highCut)
  const low = f64x2.splat(lowCut)
  const none = firsts(low, high)
  const whole = groups + (<usize>(n & ~1) << 2)
  for (; groups < whole; groups += 8, values += 16) {
    const value = v128.load(values)
    const large = f64x2.add(value, high)
    const small = f64x2.add(f64x2.sub(value, f64x2.sub(large, high)), low)
    add(sums, load<u32>(groups), i64x2.sub(firsts(small, large), none))
    add(sums, load<u32>(groups, 4), i64x2.sub(i8x16.shuffle(small, large, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31), none))
  }
  if ((n & 1) == 0) return
  const value = v128.load64_zero(values)
  const large = f64x2.add(value, high)
  const small = f64x2.add(f64x2.sub(value, f64x2.sub(large, high)), low)
  add(sums, load<u32>(groups), i64x2.sub(firsts(small, large), none))
}

// @ts-ignore: decorator
@inline function firsts(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
}

// @ts-ignore: decorator
@inline function add(sums: usize, group: u32, integers: v128): void {
  const sum = sums + (<usize>group << 4)
  v128.store(sum, i64x2.add(v128.load(sum), integers))
}

/** Moves what has grown past 2^CUT small units to the large ones, of `n` sums. Returns whether all of these are still below 2^FAR. */
export function carryFixed(sums: usize, n: u32): bool {
  let far: i64 = 0
  const end = sums + (<usize>n << 4)
  for (; sums < end; sums += 16) {
    const small = load<i64>(sums)
    const over = small + (<i64>1 << (CUT - 1)) >> CUT
    const large = load<i64>(sums, 8) + over
    store<i64>(sums, small - (over << CUT))
    store<i64>(sums, large, 8)
    far |= large ^ large >> 63
  }
  return far >> FAR == 0
}

/** Adds `n` other sums to as many. */
export function joinFixed(sums: usize, others: usize, n: u32): void {
  const end = sums + (<usize>n << 4)
  for (; sums < end; sums += 16, others += 16) v128.store(sums, i64x2.add(v128.load(sums), v128.load(others)))
}
