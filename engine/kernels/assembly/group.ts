/** Group numbers of rows, and rows in the order of their groups. Addresses are bytes of the scratch memory. */

/**
 * Row i of the group ids[i] has items[offsets[i], offsets[i+1]); `first` is the offset of items[0]. Each item gives an entry of group
 * ids[i] · size + item and of row from + i; a row without items gives one with item 0. Returns the number of entries.
 * Two entries are written whatever the row has, because most have at most two and a branch would be guessed wrong; the next row's
 * are written over what is too much. There must be room for two more entries, and two more items.
 */
export function explode8(
  ids: usize, offsets: usize, items: usize, first: u32, from: u32, n: u32, size: u32, outIds: usize, outRows: usize
): u32 {
  return explode<u8>(ids, offsets, items, first, from, n, size, outIds, outRows)
}

export function explode16(
  ids: usize, offsets: usize, items: usize, first: u32, from: u32, n: u32, size: u32, outIds: usize, outRows: usize
): u32 {
  return explode<u16>(ids, offsets, items, first, from, n, size, outIds, outRows)
}

// @ts-ignore: decorator
@inline function explode<T>(
  ids: usize, offsets: usize, items: usize, first: u32, from: u32, n: u32, size: u32, outIds: usize, outRows: usize
): u32 {
  let at: u32 = 0
  let begin = load<u32>(offsets) - first
  for (let i: u32 = 0; i < n; i++) {
    offsets += 4
    const end = load<u32>(offsets) - first
    const base = load<u32>(ids) * size
    ids += 4
    const item = items + <usize>begin * sizeof<T>()
    const id = outIds + (<usize>at << 2)
    const row = outRows + (<usize>at << 2)
    store<u32>(id, base + select(<u32>0, <u32>load<T>(item), begin == end))
    store<u32>(id, base + <u32>load<T>(item + sizeof<T>()), 4)
    store<u32>(row, from + i)
    store<u32>(row, from + i, 4)
    for (let k = begin + 2; k < end; k++) {
      const far = <usize>(at + k - begin) << 2
      store<u32>(outIds + far, base + <u32>load<T>(items + <usize>k * sizeof<T>()))
      store<u32>(outRows + far, from + i)
    }
    at += max(end - begin, 1)
    begin = end
  }
  return at
}

/**
 * A counting sort by group: writes the groups there are, ascending, to `groups`, the end of each one's run to `ends`, and the places of
 * the entries run by run to `places`, 16 bits each. Returns the number of runs; 0, with nothing written but the first two, where groups
 * are `mostSpan` or more apart or there are less than `least` entries for each.
 */
export function sortGroups(
  ids: usize, n: u32, mostSpan: u32, least: u32, counts: usize, groups: usize, ends: usize, places: usize
): u32 {
  let lowest: u32 = 0xffffffff
  let highest: u32 = 0
  const end = ids + (<usize>n << 2)
  for (let id = ids; id < end; id += 4) {
    lowest = min(lowest, load<u32>(id))
    highest = max(highest, load<u32>(id))
  }
  if (highest - lowest >= mostSpan) return 0
  const span = highest - lowest + 1
  // Each half has counts of its own: neighbours are often of one group, and would wait for each other.
  const halfCounts = counts + (<usize>span << 2)
  const base = counts - (<usize>lowest << 2)
  const halfBase = halfCounts - (<usize>lowest << 2)
  const half = n >>> 1
  const middle = ids + (<usize>half << 2)
  memory.fill(counts, 0, <usize>span << 3)
  for (let id = ids, other = middle; other < end; id += 4, other += 4) {
    if (id < middle) add(base, load<u32>(id))
    add(halfBase, load<u32>(other))
  }
  const runs = writeRuns(counts, 2, span, lowest, groups, ends)
  if (runs * least > n) return 0
  for (let i: u32 = 0, other = half; other < n; i++, other++) {
    if (i < half) put(base, load<u32>(ids + (<usize>i << 2)), places, i)
    put(halfBase, load<u32>(ids + (<usize>other << 2)), places, other)
  }
  return runs
}

/**
 * The groups that have entries, of `span` from `lowest` on, and where their runs end; counts of the parts that rows come in become the places where
 * theirs begin. Returns the number of runs.
 */
// @ts-ignore: decorator
@inline function writeRuns(counts: usize, parts: u32, span: u32, lowest: u32, groups: usize, ends: usize): u32 {
  let runs: u32 = 0
  let first: u32 = 0
  for (let group: u32 = 0; group < span; group++) {
    const before = first
    for (let part: u32 = 0; part < parts; part++) {
      const place = counts + (<usize>(part * span + group) << 2)
      const count = load<u32>(place)
      store<u32>(place, first)
      first += count
    }
    if (first == before) continue
    store<u32>(groups, lowest + group)
    store<u32>(ends, first)
    groups += 4
    ends += 4
    runs++
  }
  return runs
}

/** `sortGroups` of bytes, where the group of each is `base` and the byte; by quarters. */
export function sortBytes(codes: usize, n: u32, base: u32, least: u32, counts: usize, groups: usize, ends: usize, places: usize): u32 {
  const quarter = n >>> 2
  memory.fill(counts, 0, 4096)
  for (let i: u32 = 0; i < quarter; i++) {
    add(counts, load<u8>(codes + <usize>i))
    add(counts + 1024, load<u8>(codes + <usize>(quarter + i)))
    add(counts + 2048, load<u8>(codes + <usize>(2 * quarter + i)))
    add(counts + 3072, load<u8>(codes + <usize>(3 * quarter + i)))
  }
  for (let i: u32 = 4 * quarter; i < n; i++) add(counts + 3072, load<u8>(codes + <usize>i))
  const runs = writeRuns(counts, 4, 256, base, groups, ends)
  if (runs * least > n) return 0
  for (let i: u32 = 0; i < quarter; i++) {
    put(counts, load<u8>(codes + <usize>i), places, i)
    put(counts + 1024, load<u8>(codes + <usize>(quarter + i)), places, quarter + i)
    put(counts + 2048, load<u8>(codes + <usize>(2 * quarter + i)), places, 2 * quarter + i)
    put(counts + 3072, load<u8>(codes + <usize>(3 * quarter + i)), places, 3 * quarter + i)
  }
  for (let i: u32 = 4 * quarter; i < n; i++) put(counts + 3072, load<u8>(codes + <usize>i), places, i)
  return runs
}

// @ts-ignore: decorator
@inline const LINE: usize = 64

/** Reads a word of each line of the cache, one line after the other, for what reads them in another order. Returns what nobody needs. */
export function touch(place: usize, bytes: u32): u32 {
  let sum: u32 = 0
  for (const end = place + <usize>bytes; place < end; place += LINE) sum += load<u8>(place)
  return sum
}

/** out[i] = items[places[i]]; up to three more are written. */
export function pickItems(items: usize, places: usize, n: u32, out: usize): void {
  const end = places + (<usize>n << 1)
  for (; places < end; places += 8) {
    store<u32>(out, load<u32>(items + (<usize>load<u16>(places) << 2)))
    store<u32>(out, load<u32>(items + (<usize>load<u16>(places, 2) << 2)), 4)
    store<u32>(out, load<u32>(items + (<usize>load<u16>(places, 4) << 2)), 8)
    store<u32>(out, load<u32>(items + (<usize>load<u16>(places, 6) << 2)), 12)
    out += 16
  }
}

// @ts-ignore: decorator
@inline function add(base: usize, id: u32): void {
  const count = base + (<usize>id << 2)
  store<u32>(count, load<u32>(count) + 1)
}

// @ts-ignore: decorator
@inline function put(base: usize, id: u32, places: usize, i: u32): void {
  const place = base + (<usize>id << 2)
  const at = load<u32>(place)
  store<u16>(places + (<usize>at << 1), <u16>i)
  store<u32>(place, at + 1)
}

/** ids[i] becomes ids[i] · size + codes[i]; n may be rounded up to whole vectors of four. */
export function combine8(ids: usize, codes: usize, n: u32, size: u32): void {
  const sizes = i32x4.splat(size)
  const end = ids + (<usize>n << 2)
  for (; ids < end; ids += 16) {
    const four = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(codes)))
    v128.store(ids, i32x4.add(i32x4.mul(v128.load(ids), sizes), four))
    codes += 4
  }
}

export function combine16(ids: usize, codes: usize, n: u32, size: u32): void {
  const sizes = i32x4.splat(size)
  const end = ids + (<usize>n << 2)
  for (; ids < end; ids += 16) {
    const four = i32x4.extend_low_i16x8_u(v128.load64_zero(codes))
    v128.store(ids, i32x4.add(i32x4.mul(v128.load(ids), sizes), four))
    codes += 8
  }
}

/** Adds how often each byte comes to four tables of 256 numbers: neighbours are often alike, and would wait for each other in one. */
export function countBytes(codes: usize, n: u32, tables: usize): void {
  const end = codes + <usize>n
  for (; codes + 8 <= end; codes += 8) {
    const eight = load<u64>(codes)
    tally(tables, eight)
    tally(tables + 1024, eight >>> 8)
    tally(tables + 2048, eight >>> 16)
    tally(tables + 3072, eight >>> 24)
    tally(tables, eight >>> 32)
    tally(tables + 1024, eight >>> 40)
    tally(tables + 2048, eight >>> 48)
    tally(tables + 3072, eight >>> 56)
  }
  for (; codes < end; codes++) tally(tables, load<u8>(codes))
}

// @ts-ignore: decorator
@inline function tally(table: usize, code: u64): void {
  const count = table + (<usize>(code & 0xff) << 2)
  store<u32>(count, load<u32>(count) + 1)
}

/**
 * Adds how often each two neighbours come to two tables of 4096 numbers, place second · 64 + first, where bytes are below 64: half the steps of single ones.
 * n is a multiple of eight.
 */
export function countPairsOfBytes(codes: usize, n: u32, tables: usize): void {
  const end = codes + <usize>n
  for (; codes < end; codes += 8) {
    const eight = load<u64>(codes)
    const pairs = eight & 0x003f003f003f003f | eight >>> 2 & 0x0fc00fc00fc00fc0
    tallyPair(tables, pairs)
    tallyPair(tables + 16384, pairs >>> 16)
    tallyPair(tables, pairs >>> 32)
    tallyPair(tables + 16384, pairs >>> 48)
  }
}

/** What was counted by pairs, of each byte. */
export function addPairs(tables: usize, counts: usize): void {
  for (let byte: usize = 0; byte < 64; byte++) {
    let sums = i32x4.splat(0)
    for (let at = tables + (byte << 8), end = at + 256; at < end; at += 16) sums = i32x4.add(sums, i32x4.add(v128.load(at), v128.load(at, 16384)))
    const sum = i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3)
    store<u32>(counts + (byte << 2), load<u32>(counts + (byte << 2)) + sum)
  }
  for (let four: usize = 0; four < 256; four += 16) {
    let sums = v128.load(counts + four)
    for (let at = tables + four, end = at + 16384; at < end; at += 256) sums = i32x4.add(sums, i32x4.add(v128.load(at), v128.load(at, 16384)))
    v128.store(counts + four, sums)
  }
}

// @ts-ignore: decorator
@inline function tallyPair(table: usize, pair: u64): void {
  const count = table + (<usize>(pair & 0xffff) << 2)
  store<u32>(count, load<u32>(count) + 1)
}

/** How many of n + 1 neighbouring numbers are as large as the next one. */
export function countRepeats(numbers: usize, n: u32): u32 {
  const end = numbers + (<usize>n << 2)
  let lanes = i32x4.splat(0)
  for (; numbers + 16 <= end; numbers += 16) lanes = i32x4.sub(lanes, i32x4.eq(v128.load(numbers), v128.load(numbers, 4)))
  let repeats: u32 = i32x4.extract_lane(lanes, 0) + i32x4.extract_lane(lanes, 1) + i32x4.extract_lane(lanes, 2) + i32x4.extract_lane(lanes, 3)
  for (; numbers < end; numbers += 4) repeats += u32(load<u32>(numbers) == load<u32>(numbers, 4))
  return repeats
}
