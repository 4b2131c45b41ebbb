/** The hash by which a dictionary finds a text: of its UTF-8 bytes, four at a time. */

/** Differs per process, so that nobody can prepare strings that all meet in one slot. */
const SEED = (Math.random() * 0x1_0000_0000) | 0

/** The hash of a text: `mixHash` of each four bytes as a little-endian word from HASH_START, of the bytes that are left, then `finishHash`. */
export const HASH_START = SEED ^ 0x811c9dc5

export function mixHash(h: number, word: number): number {
  return Math.imul((h << 7 | h >>> 25) ^ word, 0x9e3779b1)
}

/** A last mixing, because a table takes the low bits as well as the high ones. */
export function finishHash(h: number, length: number): number {
  const mixed = Math.imul(h ^ (h >>> 15) ^ length, 0x85ebca6b)
  return (mixed ^ (mixed >>> 13)) >>> 0
}

/** The hash of the text bytes[0, length). */
export function hashBytes(bytes: Uint8Array, length: number): number {
  let h = HASH_START
  let i = 0
  for (; i + 4 <= length; i += 4) h = mixHash(h, bytes[i] | bytes[i + 1] << 8 | bytes[i + 2] << 16 | bytes[i + 3] << 24)
  if (i < length) {
    let rest = 0
    for (let shift = 0; i < length; i++, shift += 8) rest |= bytes[i] << shift
    h = mixHash(h, rest)
  }
  return finishHash(h, length)
}
