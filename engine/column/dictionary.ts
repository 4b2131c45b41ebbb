/**
 * Strings as dense codes: code 0 is "missing", the first string seen is 1.
 * Texts live as UTF-8 in pages, found through one open-addressing table, so that tens of millions
 * of identifiers cost bytes and not objects (and no Map, which ends at 16.7 M keys).
 * Append-only: a code never changes its meaning, which lets queries read while sessions come in.
 * Texts that were stored before stay where they are until they are asked for.
 */
import { couponOfBytes } from '../sketch/hash.js'
import { sortInSteps, STEP } from '../steps.js'
import type { StoredTexts } from './stored-texts.js'

const PAGE_BITS = 12
const PAGE_CODES = 1 << PAGE_BITS
/** Up to here a Map in front answers faster than hashing the text ourselves; above it would cost 100 bytes a string. */
const FRONT_LIMIT = 65_536
const FIRST_SLOTS = 64
/** Six bytes are exact in a double. */
const PREFIX_BYTES = 6
/** Longest text that is encoded by hand; longer ones go through TextEncoder. */
const SHORT_TEXT = 128

const encoder = new TextEncoder()
/** A text may begin with U+FEFF; it is part of the text here. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
/** Differs per process, so that nobody can prepare strings that all meet in one slot. */
const SEED = (Math.random() * 0x1_0000_0000) | 0

interface Page {
  bytes: Uint8Array<ArrayBuffer>
  /** Ends of the texts of this page, one per code in it. */
  ends: Uint32Array
}

export class Dictionary {
  private pages: Page[] = []
  private used = 0
  /** Pairs (hash, code), so that a look-up misses the cache once; code 0 is free. */
  private slots = new Uint32Array(FIRST_SLOTS * 2)
  private filled = 0
  private front: Map<string, number> | null = new Map()
  private texts: (string | undefined)[] = []
  private scratch = new Uint8Array(SHORT_TEXT * 3)
  private couponsOfCodes = new Uint32Array(FIRST_SLOTS)
  private couponsReady = 1
  /** Of all codes; of no use once new strings came. */
  private ranks = new Float64Array(0)
  private pageBytes = 0

  private readonly stored: StoredTexts | null
  /** The code with which the first page begins. */
  private readonly base: number

  /** Number of codes in use, the missing one included: codes are 0 … size-1. */
  size: number

  constructor(stored: StoredTexts | null = null) {
    this.stored = stored
    this.base = stored?.size ?? 0
    this.size = stored?.size ?? 1
    if (this.size > FRONT_LIMIT) this.front = null
  }

  get bytes(): number {
    const front = this.front === null ? 0 : this.front.size * 64
    return this.pageBytes + this.slots.byteLength + this.couponsOfCodes.byteLength + front + (this.stored?.bytes ?? 0)
  }

  /** The code of a text, a new one if it was never seen. */
  encode(text: string): number {
    const front = this.front
    if (front !== null) {
      const known = front.get(text)
      if (known !== undefined) return known
    }
    const length = this.toUtf8(text)
    const code = this.encodeBytes(this.scratch, 0, length, hashBytes(this.scratch, length))
    if (front !== null) {
      if (code >= FRONT_LIMIT) this.front = null
      else front.set(text, code)
    }
    return code
  }

  /** `encode` of UTF-8 bytes[start, end) whose hash is known: see `HASH_START`. */
  encodeBytes(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const slot = this.find(bytes, start, end - start, hash)
    const known = this.slots[slot + 1]
    if (known !== 0) return known
    const stored = this.stored === null ? 0 : this.stored.find(bytes, start, end)
    if (stored === 0) return this.append(bytes, start, end - start, hash, slot)
    this.remember(hash, stored, slot)
    return stored
  }

  /** The code of a text, or -1 where no row has it. */
  lookup(text: string): number {
    const length = this.toUtf8(text)
    const code = this.slots[this.find(this.scratch, 0, length, hashBytes(this.scratch, length)) + 1]
    return code !== 0 ? code : this.stored?.find(this.scratch, 0, length) || -1
  }

  /** The text of a code; code 0 has none. */
  decode(code: number): string {
    const cached = this.texts[code]
    if (cached !== undefined) return cached
    const [bytes, start, end] = this.locate(code)
    const text = decodeUtf8(bytes, start, end)
    if (code < FRONT_LIMIT) this.texts[code] = text
    return text
  }

  /** Order by code point, which is the order of the UTF-8 bytes; code 0 comes first. */
  compare(a: number, b: number): number {
    if (a === b || a === 0 || b === 0) return a === b ? 0 : a === 0 ? -1 : 1
    const [x, xStart, xEnd] = this.locate(a)
    const [y, yStart, yEnd] = this.locate(b)
    const common = Math.min(xEnd - xStart, yEnd - yStart)
    for (let i = 0; i < common; i++) {
      const difference = x[xStart + i] - y[yStart + i]
      if (difference !== 0) return difference
    }
    return xEnd - xStart - (yEnd - yStart)
  }

  /** For each code that occurs in `codes`, its place in the order of `compare`; other entries mean nothing. In steps. */
  *ranksOf(codes: Uint32Array): Generator<void, Float64Array, void> {
    // Strings that come in meanwhile are none of the query's.
    const { size } = this
    if (this.ranks.length === size) return this.ranks
    const seen = new Uint8Array(size)
    let count = 0
    for (let i = 0; i < codes.length; i++) {
      count += 1 - seen[codes[i]]
      seen[codes[i]] = 1
    }
    const whole = count * 4 >= size
    const distinct = new Uint32Array(whole ? size : count)
    for (let code = 0, at = 0; code < size; code++) if (whole || seen[code] === 1) distinct[at++] = code
    yield
    const sorted = yield* this.sort(distinct)
    const ranks = new Float64Array(size)
    for (let rank = 0; rank < sorted.length; rank++) ranks[sorted[rank]] = rank
    if (whole) this.ranks = ranks
    return ranks
  }

  /** Codes in the order of `compare`. Most pairs differ in their first bytes, which are compared as one number. */
  private *sort(codes: Uint32Array): Generator<void, Uint32Array, void> {
    const prefixes = new Float64Array(codes.length)
    const places = new Uint32Array(codes.length)
    for (let place = 0; place < codes.length; place++) {
      prefixes[place] = codes[place] === 0 ? -1 : this.prefix(codes[place])
      places[place] = place
      if (place % STEP === 0) yield
    }
    const sorted = yield* sortInSteps(places, (a, b) => prefixes[a] - prefixes[b] || this.compare(codes[a], codes[b]))
    return sorted.map(place => codes[place])
  }

  /** The first six bytes as one number. */
  private prefix(code: number): number {
    const [bytes, start, end] = this.locate(code)
    let prefix = 0
    for (let i = 0; i < PREFIX_BYTES; i++) prefix = prefix * 256 + (start + i < end ? bytes[start + i] : 0)
    return prefix
  }

  /** Lets go of texts that can be read again. */
  release(): void {
    this.stored?.release()
  }

  /** coupon[code] for sketches (engine/sketch/hash.ts); 0 for the missing code. At least `size` long. */
  coupons(): Uint32Array {
    if (this.couponsReady < this.base) {
      this.couponsOfCodes = this.stored!.coupons()
      this.couponsReady = this.base
    }
    if (this.couponsReady < this.size) {
      if (this.couponsOfCodes.length < this.size) this.couponsOfCodes = grow(this.couponsOfCodes, this.size)
      for (let code = this.couponsReady; code < this.size; code++) {
        const [bytes, start, end] = this.locate(code)
        this.couponsOfCodes[code] = couponOfBytes(bytes, start, end)
      }
      this.couponsReady = this.size
    }
    return this.couponsOfCodes
  }

  /** UTF-8 of a code above 0, as [bytes, start, end). */
  locate(code: number): [Uint8Array, number, number] {
    if (code < this.base) return this.stored!.locate(code)
    const page = this.pages[(code - this.base) >>> PAGE_BITS]
    const index = (code - this.base) & (PAGE_CODES - 1)
    return [page.bytes, index === 0 ? 0 : page.ends[index - 1], page.ends[index]]
  }

  /** Writes the text into the scratch buffer and returns its length in bytes. */
  private toUtf8(text: string): number {
    const length = text.length
    if (length * 3 > this.scratch.length) this.scratch = new Uint8Array(length * 3)
    const scratch = this.scratch
    if (length > SHORT_TEXT) return encoder.encodeInto(text, scratch).written
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i)
      if (unit > 127) return encoder.encodeInto(text, scratch).written
      scratch[i] = unit
    }
    return length
  }

  /** Place of the pair that holds the text input[from, from + length), or of the free one where it belongs. */
  private find(input: Uint8Array, from: number, length: number, hash: number): number {
    const { slots } = this
    const mask = slots.length - 1
    for (let slot = (hash << 1) & mask; ; slot = (slot + 2) & mask) {
      const code = slots[slot + 1]
      if (code === 0) return slot
      if (slots[slot] !== hash) continue
      if (code < this.base) {
        if (this.isStored(code, input, from, length)) return slot
        continue
      }
      const page = this.pages[(code - this.base) >>> PAGE_BITS]
      const index = (code - this.base) & (PAGE_CODES - 1)
      const start = index === 0 ? 0 : page.ends[index - 1]
      if (page.ends[index] - start !== length) continue
      const bytes = page.bytes
      let i = 0
      while (i < length && bytes[start + i] === input[from + i]) i++
      if (i === length) return slot
    }
  }

  private append(input: Uint8Array, from: number, length: number, hash: number, slot: number): number {
    const code = this.size++
    const index = (code - this.base) & (PAGE_CODES - 1)
    if (index === 0 || this.pages.length === 0) this.openPage()
    const page = this.pages[this.pages.length - 1]
    if (this.used + length > page.bytes.length) {
      this.pageBytes -= page.bytes.length
      page.bytes = growBytes(page.bytes, this.used + length)
      this.pageBytes += page.bytes.length
    }
    const { bytes } = page
    for (let i = 0; i < length; i++) bytes[this.used + i] = input[from + i]
    this.used += length
    page.ends[index] = this.used
    this.remember(hash, code, slot)
    return code
  }

  private remember(hash: number, code: number, slot: number): void {
    this.slots[slot] = hash
    this.slots[slot + 1] = code
    if (++this.filled * 20 > this.slots.length * 7) this.rehash()
  }

  private isStored(code: number, input: Uint8Array, from: number, length: number): boolean {
    const [bytes, start, end] = this.stored!.locate(code)
    if (end - start !== length) return false
    for (let i = 0; i < length; i++) if (bytes[start + i] !== input[from + i]) return false
    return true
  }

  private openPage(): void {
    const last = this.pages[this.pages.length - 1]
    let expected = 1024
    if (last !== undefined) {
      this.pageBytes -= last.bytes.length
      last.bytes = last.bytes.slice(0, this.used)
      this.pageBytes += last.bytes.length
      expected = this.used + 64
    }
    this.pages.push({ bytes: new Uint8Array(expected), ends: new Uint32Array(PAGE_CODES) })
    this.pageBytes += expected + PAGE_CODES * 4
    this.used = 0
  }

  private rehash(): void {
    const { slots: old } = this
    const slots = new Uint32Array(old.length * 2)
    const mask = slots.length - 1
    for (let from = 0; from < old.length; from += 2) {
      if (old[from + 1] === 0) continue
      let slot = (old[from] << 1) & mask
      while (slots[slot + 1] !== 0) slot = (slot + 2) & mask
      slots[slot] = old[from]
      slots[slot + 1] = old[from + 1]
    }
    this.slots = slots
  }
}

/** The hash of a text: `mixHash` of each four bytes as a little-endian word from HASH_START, of the bytes that are left, then `finishHash`. */
export const HASH_START = SEED ^ 0x811c9dc5

export function mixHash(h: number, word: number): number {
  return Math.imul((h << 7 | h >>> 25) ^ word, 0x9e3779b1)
}

/** A last mixing, because the table takes the low bits. */
export function finishHash(h: number, length: number): number {
  const mixed = Math.imul(h ^ (h >>> 15) ^ length, 0x85ebca6b)
  return (mixed ^ (mixed >>> 13)) >>> 0
}

function hashBytes(bytes: Uint8Array, length: number): number {
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

function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > 64) return decoder.decode(bytes.subarray(start, end))
  let text = ''
  for (let i = start; i < end; i++) {
    if (bytes[i] > 127) return decoder.decode(bytes.subarray(start, end))
    text += String.fromCharCode(bytes[i])
  }
  return text
}

function grow(array: Uint32Array<ArrayBuffer>, atLeast: number): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(Math.max(atLeast, array.length + (array.length >>> 1)))
  grown.set(array)
  return grown
}

function growBytes(array: Uint8Array<ArrayBuffer>, atLeast: number): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(Math.max(atLeast, array.length * 2))
  grown.set(array)
  return grown
}
