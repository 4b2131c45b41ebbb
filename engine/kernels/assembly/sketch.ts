/** Loops over coupons (engine/sketch/hash.ts): slot = the low 16 bits, rank = the top 6. Addresses are bytes of the scratch memory. */

// @ts-ignore: decorator
@inline const RANK_SHIFT: u32 = 26
/** Of ranks above 15. */
// @ts-ignore: decorator
@inline const HIGH_BITS: i8 = 0x70
/** 2³² over the golden ratio: spreads neighbouring values, its top bits choose the place. */
// @ts-ignore: decorator
@inline const SPREAD: u32 = 0x9e3779b1

// @ts-ignore: decorator
@inline const REGISTERS: usize = 65536

export function clear(place: usize, bytes: u32): void {
  memory.fill(place, 0, <usize>bytes)
}

/** Registers take the largest rank of their slot, without a branch, which would be guessed wrong while registers fill. */
export function raiseRegisters(registers: usize, coupons: usize, n: u32): void {
  const end = coupons + (<usize>n << 2)
  const whole = coupons + (<usize>(n & ~3) << 2)
  for (; coupons < whole; coupons += 16) {
    raise(registers, coupons)
    raise(registers, coupons + 4)
    raise(registers, coupons + 8)
    raise(registers, coupons + 12)
  }
  for (; coupons < end; coupons += 4) raise(registers, coupons)
}

/** By the two ends of a coupon, which are loaded apart: fewer steps than to take it to pieces. */
// @ts-ignore: decorator
@inline function raise(registers: usize, coupon: usize): void {
  const register = registers + <usize>load<u16>(coupon)
  const rank = <u32>load<u8>(coupon, 3) >>> (RANK_SHIFT - 24)
  const before = <u32>load<u8>(register)
  store<u8>(register, <u8>select(rank, before, rank > before))
}

/** The lowest rank of all registers. */
export function leastRegister(registers: usize): u32 {
  let a = i8x16.splat(127)
  let b = a
  const end = registers + REGISTERS
  for (; registers < end; registers += 32) {
    a = i8x16.min_u(a, v128.load(registers))
    b = i8x16.min_u(b, v128.load(registers, 16))
  }
  a = i8x16.min_u(a, b)
  a = i8x16.min_u(a, i8x16.shuffle(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
  const word = i64x2.extract_lane(a, 0)
  let least: u32 = 127
  for (let shift: i64 = 0; shift < 64; shift += 8) least = min(least, <u32>(word >>> shift & 0xff))
  return least
}

/**
 * Writes the coupons of a rank above `least`, four at a time; returns how many. `moves` says for each choice of four which bytes come first.
 * `kept` may be where the coupons are.
 */
export function keepAbove(coupons: usize, n: u32, least: u32, moves: usize, kept: usize): u32 {
  const leasts = i32x4.splat(least)
  const start = kept
  const end = coupons + (<usize>n << 2)
  const whole = coupons + (<usize>(n & ~3) << 2)
  for (; coupons < whole; coupons += 16) {
    const four = v128.load(coupons)
    const chosen = i32x4.bitmask(i32x4.gt_s(i32x4.shr_u(four, RANK_SHIFT), leasts))
    v128.store(kept, i8x16.swizzle(four, v128.load(moves + (<usize>chosen << 4))))
    kept += <usize>popcnt(chosen) << 2
  }
  for (; coupons < end; coupons += 4) {
    store<u32>(kept, load<u32>(coupons))
    kept += 4
  }
  return <u32>(kept - start) >>> 2
}

/** Registers take those of `others` where these are larger. */
export function joinRegisters(registers: usize, others: usize): void {
  const end = registers + REGISTERS
  for (; registers < end; registers += 16, others += 16) v128.store(registers, i8x16.max_u(v128.load(registers), v128.load(others)))
}

/** How many of them are not 0. */
export function countFilled(registers: usize): u32 {
  const zero = i8x16.splat(0)
  const end = registers + REGISTERS
  let filled: u32 = REGISTERS as u32
  while (registers < end) {
    // A byte counts up to 255.
    const stop = min(end, registers + 16 * 128)
    let empty = zero
    for (; registers < stop; registers += 16) empty = i8x16.sub(empty, i8x16.eq(v128.load(registers), zero))
    filled -= sumOf(empty)
  }
  return filled
}

// @ts-ignore: decorator
@inline function sumOf(bytes: v128): u32 {
  return sumOfHalves(i16x8.extadd_pairwise_i8x16_u(bytes))
}

// @ts-ignore: decorator
@inline function sumOfHalves(halves: v128): u32 {
  const words = i32x4.extadd_pairwise_i16x8_u(halves)
  return i32x4.extract_lane(words, 0) + i32x4.extract_lane(words, 1) + i32x4.extract_lane(words, 2) + i32x4.extract_lane(words, 3)
}

/**
 * sums[0]: registers of rank 0, sums[1]: 2^(7 − rank) of each of the ranks from 1 to 7, sums[2]: 2^(15 − rank) of each of those from 8 to 15, sums[rank]: registers
 * of each rank above. Ranks up to 15, nearly all, are added up sixteen registers at a time; the others are counted one by one. n is a multiple of 32.
 */
export function sumRanks(registers: usize, n: u32, sums: usize): void {
  const end = registers + <usize>n
  const lowWeights = i8x16(0, 64, 32, 16, 8, 4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0)
  const midWeights = i8x16(0, 0, 0, 0, 0, 0, 0, 0, -128, 64, 32, 16, 8, 4, 2, 1)
  const zero = i8x16.splat(0)
  while (registers < end) {
    // So that bytes count no further than 128, and half words no further than 32,768.
    const start = registers
    const stop = min(end, registers + 16 * 128)
    let empty = zero
    let low = zero
    let mid = zero
    let all = zero
    for (; registers < stop; registers += 32) {
      const a = v128.load(registers)
      const b = v128.load(registers, 16)
      all = v128.or(all, v128.or(a, b))
      empty = i8x16.sub(i8x16.sub(empty, i8x16.eq(a, zero)), i8x16.eq(b, zero))
      low = i16x8.add(low, i16x8.extadd_pairwise_i8x16_u(i8x16.add(i8x16.swizzle(lowWeights, a), i8x16.swizzle(lowWeights, b))))
      mid = i16x8.add(mid, i16x8.extadd_pairwise_i8x16_u(i8x16.swizzle(midWeights, a)))
      mid = i16x8.add(mid, i16x8.extadd_pairwise_i8x16_u(i8x16.swizzle(midWeights, b)))
    }
    add(sums, sumOf(empty))
    add(sums + 4, sumOfHalves(low))
    add(sums + 8, sumOfHalves(mid))
    if (v128.any_true(v128.and(all, i8x16.splat(HIGH_BITS)))) countHigh(start, stop, sums)
  }
}

/** sums[rank] of those above 15. */
function countHigh(registers: usize, end: usize, sums: usize): void {
  for (; registers < end; registers += 16) {
    const high = v128.and(v128.load(registers), i8x16.splat(HIGH_BITS))
    if (!v128.any_true(high)) continue
    for (let chosen = i8x16.bitmask(i8x16.ne(high, i8x16.splat(0))); chosen != 0; chosen &= chosen - 1) add(sums + (<usize>load<u8>(registers + <usize>ctz(chosen)) << 2), 1)
  }
}

// @ts-ignore: decorator
@inline function add(count: usize, n: u32): void {
  store<u32>(count, load<u32>(count) + n)
}

/**
 * Puts the values that `table` (open addressing, 2^(32 − shift) places, 0 = free) does not have yet into it, and each with its place
 * behind the `count` before it. Returns the new count; stops above `limit`. Zeros are passed over.
 */
export function collectDistinct(values: usize, n: u32, table: usize, shift: u32, found: usize, places: usize, count: u32, limit: u32): u32 {
  const end = values + (<usize>n << 2)
  const mask = <u32>0xffffffff >>> shift
  for (; values < end; values += 4) {
    const value = load<u32>(values)
    if (value == 0) continue
    let place = value * SPREAD >>> shift
    let held = load<u32>(table + (<usize>place << 2))
    while (held != 0 && held != value) {
      place = place + 1 & mask
      held = load<u32>(table + (<usize>place << 2))
    }
    if (held == value) continue
    store<u32>(table + (<usize>place << 2), value)
    store<u32>(found + (<usize>count << 2), value)
    store<u32>(places + (<usize>count << 2), place)
    if (++count > limit) break
  }
  return count
}

/** Frees the places. */
export function clearPlaces(table: usize, places: usize, count: u32): void {
  const end = places + (<usize>count << 2)
  for (; places < end; places += 4) store<u32>(table + (<usize>load<u32>(places) << 2), 0)
}

/** Up to so many items are compared each with each. */
// @ts-ignore: decorator
@inline const FEW: u32 = 8
// @ts-ignore: decorator
@inline const SMALLEST_TABLE: u32 = 32
/** Tables of so many items are a quarter full at most: clearing more of what is in the nearest cache costs less than values that meet another one. */
// @ts-ignore: decorator
@inline const SPARSE_FROM: u32 = 64
// @ts-ignore: decorator
@inline const SPARSE_TO: u32 = 1024

/** counts[g] = distinct values but 0 of the items up to ends[g]; the first run begins at `from`. What was counted is written over. */
export function distinctRuns(items: usize, ends: usize, runs: u32, from: u32, table: usize, counts: usize): void {
  for (let run: u32 = 0; run < runs; run++) {
    const to = load<u32>(ends)
    const n = to - from
    const end = items + (<usize>n << 2)
    store<u32>(counts, n <= FEW ? distinctFew(items, end) : distinctOf(items, end, n, table))
    items = end
    from = to
    ends += 4
    counts += 4
  }
}

// @ts-ignore: decorator
@inline function distinctFew(items: usize, end: usize): u32 {
  let count: u32 = 0
  for (let item = items; item < end; item += 4) {
    const value = load<u32>(item)
    let isNew = u32(value != 0)
    for (let other = items; other < item; other += 4) isNew &= u32(load<u32>(other) != value)
    count += isNew
  }
  return count
}

/**
 * By a table of at least twice as many places, which are all free before and after. Most values find theirs free: that is written without a branch. Those that find another
 * value there come together at the front of the items, and look further in a second pass, as `collectDistinct` does: a function of both took that twice as long.
 */
// @ts-ignore: decorator
@inline function distinctOf(items: usize, end: usize, n: u32, table: usize): u32 {
  let size = SMALLEST_TABLE
  const least = n >= SPARSE_FROM && n < SPARSE_TO ? n * 4 : n * 2
  while (size < least) size *= 2
  const shift = clz(size) + 1
  const mask = size - 1
  let count: u32 = 0
  let others = items
  for (let item = items; item < end; item += 4) {
    const value = load<u32>(item)
    const place = table + (<usize>(value * SPREAD >>> shift) << 2)
    const held = load<u32>(place)
    store<u32>(place, held == 0 ? value : held)
    count += u32(held == 0) & u32(value != 0)
    store<u32>(others, value)
    others += <usize>(u32(held != 0) & u32(held != value) & u32(value != 0)) << 2
  }
  for (let item = items; item < others; item += 4) {
    const value = load<u32>(item)
    let place = value * SPREAD >>> shift
    let held = load<u32>(table + (<usize>place << 2))
    while (held != 0 && held != value) {
      place = place + 1 & mask
      held = load<u32>(table + (<usize>place << 2))
    }
    if (held == value) continue
    store<u32>(table + (<usize>place << 2), value)
    count++
  }
  memory.fill(table, 0, <usize>size << 2)
  return count
}
