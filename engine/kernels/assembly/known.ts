/** Texts whose codes are known, in tables that engine/scan/known-texts.ts fills. */

/** Entries of known texts, each of hash, length, code and the address of the text, in groups that fill from their beginning; as in known-texts.ts. */
// @ts-ignore: decorator
@inline const ENTRY: usize = 16
// @ts-ignore: decorator
@inline const GROUP: usize = 4 * ENTRY
/** Texts that are looked for together, in bytes of their places. */
// @ts-ignore: decorator
@inline const TOGETHER: usize = 128

/**
 * Looks for the missing texts of a field among many: `out` are arrays of `room` each, `groups` the bits of a hash that are the place of a group.
 * What is found gets its code, and is missing no more. Misses of the cache come together, so many texts at a time. The result means nothing.
 */
export function findKnown(field: usize, out: usize, room: u32, table: usize, groups: u32): u32 {
  const step = <usize>room << 2
  const hashes = out + 3 * step
  const missing = out + 4 * step
  const end = missing + (<usize>load<u32>(field, 16) << 2)
  let left = missing
  let touched: u32 = 0
  for (let first = missing; first < end; first += TOGETHER) {
    const last = min(first + TOGETHER, end)
    for (let at = first; at < last; at += 4) {
      touched ^= load<u32>(table + <usize>(load<u32>(hashes + cellOf(at)) & groups) * ENTRY)
    }
    for (let at = first; at < last; at += 4) {
      const hash = load<u32>(hashes + cellOf(at))
      const entry = entryOf(table + <usize>(hash & groups) * ENTRY, hash)
      store<u32>(out + cellOf(at), <u32>entry)
      if (entry != 0) touched ^= <u32>load<u8>(<usize>load<u32>(entry, 12))
    }
    for (let at = first; at < last; at += 4) {
      const place = load<u32>(at)
      const cell = out + (<usize>place << 2)
      const entry = <usize>load<u32>(cell)
      const length = load<u32>(cell + 2 * step)
      if (entry != 0 && load<u32>(entry, 4) == length && isSame(<usize>load<u32>(cell + step), <usize>load<u32>(entry, 12), length)) {
        store<u32>(cell, load<u32>(entry, 8))
      } else {
        store<u32>(left, place)
        left += 4
      }
    }
  }
  store<u32>(field, <u32>((left - missing) >>> 2), 16)
  return touched
}

/** Offset in an array of the place that stands at `at`. */
// @ts-ignore: decorator
@inline function cellOf(at: usize): usize {
  return <usize>load<u32>(at) << 2
}

/** The entry of a group whose text has this hash, or 0. */
// @ts-ignore: decorator
@inline function entryOf(entry: usize, hash: u32): usize {
  for (const last = entry + GROUP; entry < last; entry += ENTRY) {
    if (load<u32>(entry) == hash && load<u32>(entry, 8) != 0) return entry
  }
  return 0
}

/** The code of a text that is known in the group at place `group` of a table, or 0. */
// @ts-ignore: decorator
@inline export function knownCode(table: usize, group: u32, hash: u32, from: usize, length: u32): u32 {
  let entry = table + <usize>group * ENTRY
  for (const last = entry + GROUP; entry < last; entry += ENTRY) {
    const code = load<u32>(entry, 8)
    if (code == 0) return 0
    if (load<u32>(entry) == hash && load<u32>(entry, 4) == length && isSame(from, <usize>load<u32>(entry, 12), length)) return code
  }
  return 0
}

/** Whether two texts are the same; a vector may be read behind both. */
// @ts-ignore: decorator
@inline export function isSame(a: usize, b: usize, length: u32): bool {
  for (; length > 16; length -= 16) {
    if (i8x16.bitmask(i8x16.ne(v128.load(a), v128.load(b))) != 0) return false
    a += 16
    b += 16
  }
  return (i8x16.bitmask(i8x16.ne(v128.load(a), v128.load(b))) & ((1 << length) - 1)) == 0
}
