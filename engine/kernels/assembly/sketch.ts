/** Loops over coupons (engine/sketch/hash.ts): slot = the low 16 bits, rank = the top 6. Addresses are bytes of the scratch memory. */

// @ts-ignore: decorator
@inline const SLOT_MASK: u32 = 0xffff
// @ts-ignore: decorator
@inline const RANK_SHIFT: u32 = 26
/** 2³² over the golden ratio: spreads neighbouring values, its top bits choose the place. */
// @ts-ignore: decorator
@inline const SPREAD: u32 = 0x9e3779b1

/** Registers take the largest rank of their slot. For registers that are mostly full: a branch that is nearly never taken costs nothing. */
export function raiseRegisters(registers: usize, coupons: usize, n: u32): void {
  const end = coupons + (<usize>n << 2)
  for (; coupons < end; coupons += 4) {
    const coupon = load<u32>(coupons)
    const register = registers + <usize>(coupon & SLOT_MASK)
    const rank = coupon >>> RANK_SHIFT
    if (<u32>load<u8>(register) < rank) store<u8>(register, <u8>rank)
  }
}

/** The same for registers that are mostly empty, without a branch; returns how many were empty before and are not now. */
export function fillRegisters(registers: usize, coupons: usize, n: u32): u32 {
  const end = coupons + (<usize>n << 2)
  let filled: u32 = 0
  for (; coupons < end; coupons += 4) {
    const coupon = load<u32>(coupons)
    const register = registers + <usize>(coupon & SLOT_MASK)
    const rank = coupon >>> RANK_SHIFT
    const before = <u32>load<u8>(register)
    filled += u32(before == 0) & u32(rank != 0)
    store<u8>(register, <u8>select(rank, before, rank > before))
  }
  return filled
}

/** Four histograms of 64 ranks: neighbours often hold the same rank, and counting it twice in one place would wait for itself. */
export function countRanks(registers: usize, n: u32, counts: usize): void {
  const end = registers + <usize>n
  for (; registers < end; registers += 4) {
    const word = load<u32>(registers)
    add(counts + (<usize>(word & 0xff) << 2))
    add(counts + 256 + (<usize>(word >>> 8 & 0xff) << 2))
    add(counts + 512 + (<usize>(word >>> 16 & 0xff) << 2))
    add(counts + 768 + (<usize>(word >>> 24) << 2))
  }
}

// @ts-ignore: decorator
@inline function add(count: usize): void {
  store<u32>(count, load<u32>(count) + 1)
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
 * value there come together at the front of the items, and look further in a second pass.
 */
// @ts-ignore: decorator
@inline function distinctOf(items: usize, end: usize, n: u32, table: usize): u32 {
  let size = SMALLEST_TABLE
  while (size < n * 2) size *= 2
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
