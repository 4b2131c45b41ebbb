/**
 * Strings as dense codes: code 0 is "missing", the first string seen is 1.
 * Texts live in pages of bytes (text-pages.ts), found through one table of hashes (code-table.ts), so that tens of millions
 * of identifiers cost bytes and not objects (and no Map, which ends at 16.7 M keys).
 * Identifiers of one form, once they are many, are in a memory of their own (identifiers.ts), until a text of another form comes.
 * Append-only: a code never changes its meaning, which lets queries read while sessions come in.
 * Texts that were stored before stay where they are until they are asked for.
 */
import { CodeTable } from './code-table.js'
import { ID_BYTES, Identifiers, MOST_BYTES, type IdentifierRun } from './identifiers.js'
import { FREE, widthOf } from './packed-text.js'
import { Ranks } from './ranks.js'
import type { StoredTexts } from './stored-texts.js'
import { hashBytes } from './text-hash.js'
import { compareBytes, prefixOf, TextPages } from './text-pages.js'

/** Up to here a Map in front answers faster than hashing the text ourselves; above it would cost 100 bytes a string. */
const FRONT_LIMIT = 65_536
const FIRST_COUPONS = 64
/** So many codes, all of them of identifiers, are worth a memory of their own. */
const MANY_IDENTIFIERS = 65_536
/** Look-ups whose misses of the cache come together: no more than an inner cache, of bytes and of addresses, can hold. */
const TOGETHER = 32
/** Longest text that is encoded by hand; longer ones go through TextEncoder. */
const SHORT_TEXT = 128

const encoder = new TextEncoder()
/** A text may begin with U+FEFF; it is part of the text here. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Added to the length of a text that is packed beside. */
export const PACKED = 0x40000000

/** Texts in an array of bytes, some of which have their codes. */
export interface TextRun extends IdentifierRun {
  readonly starts: Uint32Array
  readonly lengths: Uint32Array
}

export class Dictionary {
  private pages = new TextPages()
  private table = new CodeTable(this)
  private readonly ranks = new Ranks(this)
  private front: Map<string, number> | null = new Map()
  private texts: (string | undefined)[] = []
  private scratch = new Uint8Array(SHORT_TEXT * 3)
  private couponsOfCodes = new Uint32Array(FIRST_COUPONS)
  private couponsReady = 1

  private readonly stored: StoredTexts | null
  /** The first code that is not stored. */
  private readonly base: number
  private identifiers: Identifiers | null = null
  /** They are looked at when there are so many codes. */
  private identifiersFrom = MANY_IDENTIFIERS
  /** The code with which the pages begin; infinite as long as new texts go to the identifiers. */
  private pagesFrom: number
  private readonly identifierBytes: number

  /** Number of codes in use, the missing one included: codes are 0 … size-1. */
  size: number

  /** @param identifierBytes most that identifiers may have for themselves */
  constructor(stored: StoredTexts | null = null, identifierBytes = MOST_BYTES) {
    this.stored = stored
    this.base = stored?.size ?? 1
    this.size = this.base
    this.pagesFrom = this.base
    this.identifierBytes = identifierBytes
    if (this.size > FRONT_LIMIT) this.front = null
  }

  get bytes(): number {
    const front = this.front === null ? 0 : this.front.size * 64
    return this.pages.bytes + this.table.bytes + (this.identifiers?.bytes ?? 0) + this.couponsOfCodes.byteLength + front + (this.stored?.bytes ?? 0)
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

  /** `encode` of UTF-8 bytes[start, end) whose hash (text-hash.ts) is known. */
  encodeBytes(bytes: Uint8Array, start: number, end: number, hash: number): number {
    if (this.size >= this.identifiersFrom) this.openIdentifiers()
    this.pages.aim(bytes, start, end - start)
    return this.identifierOf(hash, true) || this.table.find(hash) || this.take(bytes, start, end, hash)
  }

  /** `encodeBytes` of the texts of `bytes` at missing[0, count) into `codes`. */
  encodeMissing(bytes: Uint8Array, run: TextRun, count: number): void {
    if (this.size >= this.identifiersFrom) this.openIdentifiers()
    if (this.identifiers === null) this.encodeTexts(bytes, run, 0, count)
    else this.encodeIdentifiers(this.identifiers, bytes, run, count)
  }

  private encodeTexts(bytes: Uint8Array, { codes, starts, lengths, hashes, missing, packed }: TextRun, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      if ((i - from) % TOGETHER === 0) this.table.touch(hashes, missing, i, Math.min(to, i + TOGETHER))
      const place = missing[i]
      const start = starts[place]
      const length = lengths[place] & ~PACKED
      if (length !== lengths[place]) this.pages.aimPacked(bytes, start, length, packed, place * 4)
      else this.pages.aim(bytes, start, length)
      codes[place] = this.table.find(hashes[place]) || this.take(bytes, start, start + length, hashes[place])
    }
  }

  /** Texts up to the first that is no identifier of the form are found or taken at once, as long as none was before; of the rest those that are known. */
  private encodeIdentifiers(ids: Identifiers, bytes: Uint8Array, run: TextRun, count: number): void {
    const { codes, lengths, missing } = run
    const packedLength = ids.form | PACKED
    let done = 0
    if (this.takesIdentifiers) {
      let end = 0
      while (end < count && lengths[missing[end]] === packedLength) end++
      done = ids.find(run, 0, end, true)
      this.size = ids.size + 1
      if (done === count) return
      this.closeIdentifiers()
    }
    ids.find(run, done, count, false)
    for (let i = done; i < count; i++) {
      const place = missing[i]
      if (lengths[place] === packedLength && codes[place] !== 0) continue
      let last = i + 1
      while (last < count && (lengths[missing[last]] !== packedLength || codes[missing[last]] === 0)) last++
      this.encodeTexts(bytes, run, i, last)
      i = last
    }
  }

  /** The code of the text that the pages were aimed at, where it is an identifier; 0 where it is not known as one and not taken for a new one. */
  private identifierOf(hash: number, takes: boolean): number {
    const ids = this.identifiers
    if (ids === null) return 0
    const packed = this.pages.packedAs(ids.form)
    const takesNew = takes && this.takesIdentifiers
    const code = packed === null ? 0 : ids.codeOf(hash, packed, takesNew)
    if (takesNew) this.size = ids.size + 1
    if (code === 0 && takesNew) this.closeIdentifiers()
    return code
  }

  private get takesIdentifiers(): boolean {
    return this.pagesFrom === Infinity
  }

  /** Puts all texts into a memory of identifiers, where that is what they are. */
  private openIdentifiers(): void {
    this.identifiersFrom = Infinity
    const form = this.pages.soleForm
    if (this.stored !== null || form === FREE || widthOf(form) !== ID_BYTES) return
    this.identifiers = Identifiers.of(form, this.pages.size, this.pages.packedBytes(), this.table.pairs, this.identifierBytes)
    if (this.identifiers === null) return
    this.pages = new TextPages()
    this.table = new CodeTable(this)
    this.pagesFrom = Infinity
  }

  /** From now on new texts are kept in pages. */
  private closeIdentifiers(): void {
    this.pagesFrom = this.size
  }

  /** The code of a text that was not found. */
  private take(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const code = this.stored?.find(bytes, start, end) || this.size
    if (code === this.size) {
      this.pages.append()
      this.size++
    }
    this.table.add(hash, code)
    return code
  }

  /** The code of a text, or -1 where no row has it. */
  lookup(text: string): number {
    const length = this.toUtf8(text)
    this.pages.aim(this.scratch, 0, length)
    const hash = hashBytes(this.scratch, length)
    const code = this.identifierOf(hash, false) || this.table.find(hash)
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
    const { identifiers, pagesFrom } = this
    if (a >= pagesFrom && b >= pagesFrom) return this.pages.compare(a - pagesFrom, b - pagesFrom)
    if (identifiers !== null && a < pagesFrom && b < pagesFrom) return identifiers.compare(a, b)
    const [x, xStart, xEnd] = this.locate(a)
    const [y, yStart, yEnd] = this.locate(b)
    return compareBytes(x, xStart, xEnd, y, yStart, yEnd)
  }

  /** For each code that occurs in `codes`, its place in the order of `compare`; other entries mean nothing. In steps. */
  ranksOf(codes: Uint32Array): Generator<void, Float64Array, void> {
    return this.ranks.of(codes)
  }

  /** The first bytes of a text as one number. */
  prefix(code: number): number {
    const [bytes, start, end] = this.locate(code)
    return prefixOf(bytes, start, end)
  }

  /** Makes look-ups ready, so that none waits for what they need of stored texts. In steps. */
  *prepare(): Generator<void, void, void> {
    if (this.stored !== null) yield* this.stored.prepare()
  }

  /** Lets go of texts that can be read again. */
  release(): void {
    this.stored?.release()
  }

  /** coupon[code] for sketches (engine/sketch/hash.ts); 0 for the missing code. At least `size` long. */
  coupons(): Uint32Array {
    if (this.couponsReady < this.base && this.stored !== null) {
      this.couponsOfCodes = this.stored.coupons()
      this.couponsReady = this.base
    }
    if (this.couponsReady < this.size) {
      if (this.couponsOfCodes.length < this.size) this.couponsOfCodes = grow(this.couponsOfCodes, this.size)
      if (this.couponsReady < this.pagesFrom) this.identifiers?.coupons(this.couponsReady, this.couponsOfCodes)
      const first = Math.max(this.couponsReady, this.pagesFrom)
      if (first < this.size) this.pages.coupons(first - this.pagesFrom, this.couponsOfCodes, first)
      this.couponsReady = this.size
    }
    return this.couponsOfCodes
  }

  /** UTF-8 of a code above 0, as [bytes, start, end): to be read before the next call. */
  locate(code: number): [Uint8Array, number, number] {
    if (code >= this.pagesFrom) return this.pages.locate(code - this.pagesFrom)
    return this.identifiers?.locate(code) ?? this.stored!.locate(code)
  }

  touch(code: number): number {
    return code >= this.pagesFrom ? this.pages.touch(code - this.pagesFrom) : 0
  }

  /** Whether the text of a code above 0 is the one that is looked for. */
  is(code: number): boolean {
    return code >= this.pagesFrom ? this.pages.is(code - this.pagesFrom) : this.pages.isText(...this.stored!.locate(code))
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
