/**
 * The 32-bit hash token ("coupon") of Apache DataSketches' HLL sketch: MurmurHash3_x64_128 (Austin Appleby, public domain)
 * with seed 9001 over UTF-8. The coupon is `(min(nlz(h2), 62) + 1) << 26 | (h1 & 0x3ffffff)`, so it is never 0 and serves every
 * precision: slot = its low bits, rank = its top six. Sketches of it can be exchanged with Druid, Spark and BigQuery.
 * 64-bit values are pairs of 32-bit limbs: BigInt allocates and is some fifty times slower.
 */

const SEED = 9001
const BLOCK_BYTES = 16
const ADDRESS_MASK = 0x3ffffff
const ADDRESS_BITS = 26
/** Six bits hold a rank of at most 63. */
const MAX_LEADING_ZEROS = 62

const C1_HIGH = 0x87c37b91 | 0
const C1_LOW = 0x114253d5
const C2_HIGH = 0x4cf5ad43
const C2_LOW = 0x2745937f
const ADD_1 = 0x52dce729
const ADD_2 = 0x38495ab5
const FINAL_1_HIGH = 0xff51afd7 | 0
const FINAL_1_LOW = 0xed558ccd | 0
const FINAL_2_HIGH = 0xc4ceb9fe | 0
const FINAL_2_LOW = 0x1a85ec53

/** Identifiers up to this many UTF-16 units are encoded without allocating; each needs at most 3 bytes. */
const SCRATCH_UNITS = 4096
/** Below this length a loop over character codes beats the call into TextEncoder. */
const SHORT_UNITS = 64

const scratch = new Uint8Array(SCRATCH_UNITS * 3)
const tail = new Uint8Array(BLOCK_BYTES)
const encoder = new TextEncoder()

/** The coupon of a text's UTF-8 bytes: an unsigned 32-bit integer, never 0. A lone surrogate counts as U+FFFD. */
export function couponOfString(text: string): number {
  const length = text.length
  if (length <= SHORT_UNITS) {
    let at = 0
    while (at < length) {
      const code = text.charCodeAt(at)
      if (code > 0x7f) break
      scratch[at++] = code
    }
    if (at === length) return couponOfBytes(scratch, 0, length)
  }
  if (length <= SCRATCH_UNITS) return couponOfBytes(scratch, 0, encoder.encodeInto(text, scratch).written)
  const bytes = encoder.encode(text)
  return couponOfBytes(bytes, 0, bytes.length)
}

/** The coupon of `bytes[start, end)`: an unsigned 32-bit integer, never 0. */
export function couponOfBytes(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start
  let aHigh = 0
  let aLow = SEED
  let bHigh = 0
  let bLow = SEED
  let source = bytes
  let at = start
  let left = length
  while (left > 0) {
    if (left < BLOCK_BYTES) {
      copyTail(bytes, at, left)
      source = tail
      at = 0
    }
    let kLow = source[at] | source[at + 1] << 8 | source[at + 2] << 16 | source[at + 3] << 24
    let kHigh = source[at + 4] | source[at + 5] << 8 | source[at + 6] << 16 | source[at + 7] << 24
    let high = multiplyHigh(kLow, C1_LOW) + Math.imul(kHigh, C1_LOW) + Math.imul(kLow, C1_HIGH) | 0
    let low = Math.imul(kLow, C1_LOW)
    kHigh = high << 31 | low >>> 1
    kLow = low << 31 | high >>> 1
    aHigh ^= multiplyHigh(kLow, C2_LOW) + Math.imul(kHigh, C2_LOW) + Math.imul(kLow, C2_HIGH)
    aLow ^= Math.imul(kLow, C2_LOW)

    if (left >= BLOCK_BYTES) {
      high = aHigh << 27 | aLow >>> 5
      low = aLow << 27 | aHigh >>> 5
      aLow = low + bLow | 0
      aHigh = high + bHigh + carry(aLow, low) | 0
      aHigh = Math.imul(aHigh, 5) + multiplyHigh(aLow, 5) | 0
      low = Math.imul(aLow, 5)
      aLow = low + ADD_1 | 0
      aHigh = aHigh + carry(aLow, low) | 0
    }

    kLow = source[at + 8] | source[at + 9] << 8 | source[at + 10] << 16 | source[at + 11] << 24
    kHigh = source[at + 12] | source[at + 13] << 8 | source[at + 14] << 16 | source[at + 15] << 24
    high = multiplyHigh(kLow, C2_LOW) + Math.imul(kHigh, C2_LOW) + Math.imul(kLow, C2_HIGH) | 0
    low = Math.imul(kLow, C2_LOW)
    kHigh = low << 1 | high >>> 31
    kLow = high << 1 | low >>> 31
    bHigh ^= multiplyHigh(kLow, C1_LOW) + Math.imul(kHigh, C1_LOW) + Math.imul(kLow, C1_HIGH)
    bLow ^= Math.imul(kLow, C1_LOW)
    if (left < BLOCK_BYTES) break

    high = bHigh << 31 | bLow >>> 1
    low = bLow << 31 | bHigh >>> 1
    bLow = low + aLow | 0
    bHigh = high + aHigh + carry(bLow, low) | 0
    bHigh = Math.imul(bHigh, 5) + multiplyHigh(bLow, 5) | 0
    low = Math.imul(bLow, 5)
    bLow = low + ADD_2 | 0
    bHigh = bHigh + carry(bLow, low) | 0
    at += BLOCK_BYTES
    left -= BLOCK_BYTES
  }
  return finish(aHigh, aLow ^ length, bHigh, bLow ^ length)
}

function finish(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  let low = aLow + bLow | 0
  let high = aHigh + bHigh + carry(low, aLow) | 0
  let otherLow = bLow + low | 0
  let otherHigh = bHigh + high + carry(otherLow, bLow) | 0

  low ^= high >>> 1
  high = multiplyHigh(low, FINAL_1_LOW) + Math.imul(high, FINAL_1_LOW) + Math.imul(low, FINAL_1_HIGH) | 0
  low = Math.imul(low, FINAL_1_LOW) ^ high >>> 1
  high = multiplyHigh(low, FINAL_2_LOW) + Math.imul(high, FINAL_2_LOW) + Math.imul(low, FINAL_2_HIGH) | 0
  low = Math.imul(low, FINAL_2_LOW) ^ high >>> 1

  otherLow ^= otherHigh >>> 1
  otherHigh = multiplyHigh(otherLow, FINAL_1_LOW) + Math.imul(otherHigh, FINAL_1_LOW) + Math.imul(otherLow, FINAL_1_HIGH) | 0
  otherLow = Math.imul(otherLow, FINAL_1_LOW) ^ otherHigh >>> 1
  otherHigh = multiplyHigh(otherLow, FINAL_2_LOW) + Math.imul(otherHigh, FINAL_2_LOW) + Math.imul(otherLow, FINAL_2_HIGH) | 0
  otherLow = Math.imul(otherLow, FINAL_2_LOW) ^ otherHigh >>> 1

  const h1Low = low + otherLow | 0
  const h1High = high + otherHigh + carry(h1Low, low) | 0
  const h2Low = otherLow + h1Low | 0
  const h2High = otherHigh + h1High + carry(h2Low, otherLow) | 0
  const zeros = h2High === 0 ? 32 + Math.clz32(h2Low) : Math.clz32(h2High)
  const rank = Math.min(zeros, MAX_LEADING_ZEROS) + 1
  return (rank << ADDRESS_BITS | h1Low & ADDRESS_MASK) >>> 0
}

/** The last, incomplete block, padded with zeros: mixing a zero half changes nothing, as the format asks. */
function copyTail(bytes: Uint8Array, from: number, count: number): void {
  for (let at = 0; at < BLOCK_BYTES; at++) tail[at] = at < count ? bytes[from + at] : 0
}

/** Carry of an addition whose low limb is `sum` and one of whose addends is `addend`. */
function carry(sum: number, addend: number): number {
  return sum >>> 0 < addend >>> 0 ? 1 : 0
}

/** The high 32 bits of the 64-bit product of two unsigned 32-bit integers, by 16-bit halves. */
function multiplyHigh(x: number, y: number): number {
  const x0 = x & 0xffff
  const x1 = x >>> 16
  const y0 = y & 0xffff
  const y1 = y >>> 16
  const t = Math.imul(x1, y0) + (Math.imul(x0, y0) >>> 16) | 0
  const u = Math.imul(x0, y1) + (t & 0xffff) | 0
  return Math.imul(x1, y1) + (t >>> 16) + (u >>> 16) | 0
}
