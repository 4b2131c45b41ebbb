/** Bits in 32-bit words, bit i of row i at words[i >>> 5]. */

export function wordsFor(bits: number): number {
  return (bits + 31) >>> 5
}

export function hasBit(words: Uint32Array, index: number): boolean {
  return (words[index >>> 5] & (1 << (index & 31))) !== 0
}

export function setBit(words: Uint32Array, index: number): void {
  words[index >>> 5] |= 1 << (index & 31)
}

export function clearBit(words: Uint32Array, index: number): void {
  words[index >>> 5] &= ~(1 << (index & 31))
}

function popcount32(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555)
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** Number of set bits in rows [from, to). */
export function countBits(words: Uint32Array, from: number, to: number): number {
  if (from >= to) return 0
  const first = from >>> 5
  const last = (to - 1) >>> 5
  const head = 0xffffffff << (from & 31)
  const tail = 0xffffffff >>> (31 - ((to - 1) & 31))
  if (first === last) return popcount32(words[first] & head & tail)
  let count = popcount32(words[first] & head) + popcount32(words[last] & tail)
  for (let i = first + 1; i < last; i++) count += popcount32(words[i])
  return count
}

/** The first bit of the word that a bit is in. */
export function wordStart(bit: number): number {
  return bit & ~31
}
