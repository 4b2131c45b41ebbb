/** Tests of rows: mask[i] becomes 1 or 0. Addresses are bytes of the scratch memory; n may be rounded up to whole vectors of 16 rows. */

export function equal8(codes: usize, code: u32, n: u32, mask: usize): void {
  const wanted = i8x16.splat(<i8>code)
  const one = i8x16.splat(1)
  const end = mask + <usize>n
  for (; mask < end; mask += 16) {
    v128.store(mask, v128.and(i8x16.eq(v128.load(codes), wanted), one))
    codes += 16
  }
}

export function equal16(codes: usize, code: u32, n: u32, mask: usize): void {
  const wanted = i16x8.splat(<i16>code)
  const one = i8x16.splat(1)
  const end = mask + <usize>n
  for (; mask < end; mask += 16) {
    const low = i16x8.eq(v128.load(codes), wanted)
    const high = i16x8.eq(v128.load(codes, 16), wanted)
    v128.store(mask, v128.and(i8x16.narrow_i16x8_s(low, high), one))
    codes += 32
  }
}

export function equal32(codes: usize, code: u32, n: u32, mask: usize): void {
  const wanted = i32x4.splat(<i32>code)
  const one = i8x16.splat(1)
  const end = mask + <usize>n
  for (; mask < end; mask += 16) {
    const a = i16x8.narrow_i32x4_s(i32x4.eq(v128.load(codes), wanted), i32x4.eq(v128.load(codes, 16), wanted))
    const b = i16x8.narrow_i32x4_s(i32x4.eq(v128.load(codes, 32), wanted), i32x4.eq(v128.load(codes, 48), wanted))
    v128.store(mask, v128.and(i8x16.narrow_i16x8_s(a, b), one))
    codes += 64
  }
}

/** table[code] is 1 or 0, for codes of a table of at most 16 entries. */
export function lookUpFew(codes: usize, table: usize, n: u32, mask: usize): void {
  const entries = v128.load(table)
  const end = mask + <usize>n
  for (; mask < end; mask += 16) {
    v128.store(mask, i8x16.swizzle(entries, v128.load(codes)))
    codes += 16
  }
}

export function lookUp8(codes: usize, table: usize, n: u32, mask: usize): void {
  const end = mask + <usize>n
  for (; mask < end; mask += 8) {
    const word = load<u64>(codes)
    let result: u64 = load<u8>(table + <usize>(word & 0xff))
    result |= load<u8>(table + <usize>(word >>> 8 & 0xff)) as u64 << 8
    result |= load<u8>(table + <usize>(word >>> 16 & 0xff)) as u64 << 16
    result |= load<u8>(table + <usize>(word >>> 24 & 0xff)) as u64 << 24
    result |= load<u8>(table + <usize>(word >>> 32 & 0xff)) as u64 << 32
    result |= load<u8>(table + <usize>(word >>> 40 & 0xff)) as u64 << 40
    result |= load<u8>(table + <usize>(word >>> 48 & 0xff)) as u64 << 48
    result |= load<u8>(table + <usize>(word >>> 56)) as u64 << 56
    store<u64>(mask, result)
    codes += 8
  }
}

export function lookUp16(codes: usize, table: usize, n: u32, mask: usize): void {
  const end = mask + <usize>n
  for (; mask < end; mask += 4) {
    const word = load<u64>(codes)
    let result: u32 = load<u8>(table + <usize>(word & 0xffff))
    result |= <u32>load<u8>(table + <usize>(word >>> 16 & 0xffff)) << 8
    result |= <u32>load<u8>(table + <usize>(word >>> 32 & 0xffff)) << 16
    result |= <u32>load<u8>(table + <usize>(word >>> 48)) << 24
    store<u32>(mask, result)
    codes += 8
  }
}

/** low ≤ value ≤ high. */
export function inRange(values: usize, low: f64, high: f64, n: u32, mask: usize): void {
  const lows = f64x2.splat(low)
  const highs = f64x2.splat(high)
  const end = mask + <usize>n
  for (; mask < end; mask += 16) {
    const a = i16x8.narrow_i32x4_s(four(values, lows, highs), four(values + 32, lows, highs))
    const b = i16x8.narrow_i32x4_s(four(values + 64, lows, highs), four(values + 96, lows, highs))
    v128.store(mask, v128.and(i8x16.narrow_i16x8_s(a, b), i8x16.splat(1)))
    values += 128
  }
}

// @ts-ignore: decorator
@inline function four(values: usize, lows: v128, highs: v128): v128 {
  const a = v128.load(values)
  const b = v128.load(values, 16)
  const first = v128.and(f64x2.ge(a, lows), f64x2.le(a, highs))
  const second = v128.and(f64x2.ge(b, lows), f64x2.le(b, highs))
  return i8x16.shuffle(first, second, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
}

/**
 * Any of a row's items[offsets[i], offsets[i+1]) has a 1 in the table; `missing` where it has none. `first` is the offset of items[0].
 * Two items are looked up whatever the row has, because most have at most two and a branch would be guessed wrong.
 */
export function anyItem8(offsets: usize, items: usize, first: u32, table: usize, missing: u32, n: u32, mask: usize): void {
  let from = load<u32>(offsets) - first
  for (let i: u32 = 0; i < n; i++) {
    offsets += 4
    const end = load<u32>(offsets) - first
    const item = items + <usize>from
    let match = select(missing, 0, from == end)
    match |= <u32>load<u8>(table + <usize>load<u8>(item)) & u32(from < end)
    match |= <u32>load<u8>(table + <usize>load<u8>(item, 1)) & u32(from + 1 < end)
    for (from += 2; from < end; from++) match |= load<u8>(table + <usize>load<u8>(items + <usize>from))
    from = end
    store<u8>(mask + <usize>i, <u8>match)
  }
}

/** The same of one code, and of rows that have none never: items are compared sixteen at a time, and only those that match are looked for among the rows. */
export function itemEqual8(offsets: usize, items: usize, first: u32, code: u32, n: u32, mask: usize): void {
  memory.fill(mask, 0, <usize>n)
  const codes = i8x16.splat(<i8>code)
  const count = load<u32>(offsets + (<usize>n << 2)) - first
  // Where the row of `row` ends.
  let end = offsets + 4
  let row = mask
  for (let at: u32 = 0; at < count; at += 16) {
    let found = <u32>i8x16.bitmask(i8x16.eq(v128.load(items + <usize>at), codes))
    if (count - at < 16) found &= (1 << (count - at)) - 1
    for (; found != 0; found &= found - 1) {
      const item = first + at + ctz(found)
      while (load<u32>(end) <= item) {
        end += 4
        row++
      }
      store<u8>(row, 1)
    }
  }
}

/** mask[i] &= other[i]; returns how many are 1 then. n is rounded up to whole vectors, behind n both are 0. */
export function andMasks(mask: usize, other: usize, n: u32): u32 {
  const end = mask + <usize>n
  let ones: u32 = 0
  for (; mask < end; mask += 16) {
    const both = v128.and(v128.load(mask), v128.load(other))
    v128.store(mask, both)
    ones += popcnt(i8x16.bitmask(i8x16.neg(both)))
    other += 16
  }
  return ones
}

/** mask[i] |= other[i]; n is rounded up to whole vectors. */
export function orMasks(mask: usize, other: usize, n: u32): void {
  const end = mask + <usize>n
  for (; mask < end; mask += 16) {
    v128.store(mask, v128.or(v128.load(mask), v128.load(other)))
    other += 16
  }
}

/** Gathers the lowest bits of eight bytes into one. */
// @ts-ignore: decorator
@inline const BITS: u64 = 0x0102040810204080

/**
 * Writes from + i for every i whose mask is 1; returns their number. `places` has for each byte the places of its bits, eight numbers of
 * 16 bits: so eight rows take no branch but one, whatever they are, and what is too much is written over.
 */
export function compact(mask: usize, from: u32, n: u32, rows: usize, places: usize): u32 {
  const start = rows
  const end = mask + <usize>n
  for (; mask < end; mask += 8) {
    const word = load<u64>(mask)
    // Most filters keep few rows: eight at once that fail are passed in one step.
    if (word != 0) {
      const bits = <usize>(word * BITS >>> 56)
      const found = v128.load(places + (bits << 4))
      const base = i32x4.splat(from)
      v128.store(rows, i32x4.add(i32x4.extend_low_i16x8_u(found), base))
      v128.store(rows, i32x4.add(i32x4.extend_high_i16x8_u(found), base), 16)
      rows += <usize>popcnt(word) << 2
    }
    from += 8
  }
  return <u32>(rows - start) >>> 2
}
