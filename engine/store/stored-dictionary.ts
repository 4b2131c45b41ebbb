/**
 * The texts of a dictionary in files, chunk by chunk: pages of 4,096 texts, a coupon and a byte more of hash for each.
 * Texts are found by their coupon, so that looking up needs no text but the one that is meant.
 */
import type { StoredTexts } from '../column/stored-texts.js'
import { FREE, formOfLength, pack, unpack, widthOf } from '../column/packed-text.js'
import { couponOfBytes } from '../sketch/hash.js'
import { STEP } from '../steps.js'
import type { BlockFile, BlockFileWriter, BlockRef } from './block-file.js'
import { readIntegersOnce, writeIntegers, type StoredIntegers } from './integers-codec.js'
import { storeDamaged } from './store-error.js'

const PAGE_BITS = 12
const PAGE_CODES = 1 << PAGE_BITS
/** Codes that share a place of the index, on average. */
const INDEX_LOAD = 4
const MAX_INDEX_BITS = 26
/** Looking through 10 million coupons takes some milliseconds, their index a second. */
const MAX_SCANS = 32
/** Of a text: identifiers have no more. */
const EXPECTED_BYTES = 40

interface StoredPage {
  readonly texts: BlockRef
  /** null where the texts are packed. */
  readonly lengths: StoredIntegers | null
  /** The form that all texts of the page have (packed-text.ts): `texts` are packed. */
  readonly form?: number
}

export interface DictionaryFooter {
  /** Codes from … to-1. */
  readonly from: number
  readonly to: number
  readonly pages: readonly StoredPage[]
  readonly coupons: BlockRef
  readonly tags: BlockRef
}

export interface DictionaryChunk {
  readonly from: number
  readonly to: number
  readonly file: BlockFile<DictionaryFooter>
}

interface Page {
  readonly bytes: Uint8Array
  readonly ends: Uint32Array
}

/** Where texts come from when a chunk is written. */
interface Texts {
  /** To be read before the next call. */
  locate(code: number): [Uint8Array, number, number]
  coupons(): Uint32Array
}

/** Writes the codes from … to-1; yields between pages. Returns what the footer says. */
export async function writeDictionary(writer: BlockFileWriter, texts: Texts, from: number, to: number, pause: () => Promise<void>): Promise<DictionaryFooter> {
  const pages: StoredPage[] = []
  const tags = new Uint8Array(to - from)
  for (let first = from; first < to; first += PAGE_CODES) {
    const count = Math.min(PAGE_CODES, to - first)
    const lengths = new Uint32Array(count)
    let joined = new Uint8Array(count * EXPECTED_BYTES)
    let used = 0
    for (let i = 0; i < count; i++) {
      const [bytes, start, end] = texts.locate(first + i)
      lengths[i] = end - start
      tags[first - from + i] = tagOf(bytes, start, end)
      if (used + end - start > joined.length) joined = enlarged(joined, used + end - start)
      joined.set(bytes.subarray(start, end), used)
      used += end - start
    }
    pages.push(writePage(writer, joined.subarray(0, used), lengths))
    await writer.flush()
    await pause()
  }
  const coupons = texts.coupons().slice(from, to)
  return { from, to, pages, coupons: writer.add(new Uint8Array(coupons.buffer)), tags: writer.add(tags) }
}

function enlarged(bytes: Uint8Array<ArrayBuffer>, atLeast: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(atLeast, bytes.length * 2))
  larger.set(bytes)
  return larger
}

function writePage(writer: BlockFileWriter, texts: Uint8Array, lengths: Uint32Array): StoredPage {
  const form = formOfLength(lengths[0])
  const packed = form !== FREE && lengths.every(length => length === form) ? packAll(form, texts, lengths.length) : null
  if (packed !== null) return { texts: writer.add(packed), lengths: null, form }
  return { texts: writer.addDeflated(texts, true), lengths: writeIntegers(writer, lengths) }
}

/** null where a text is not of the form. */
function packAll(form: number, texts: Uint8Array, count: number): Uint8Array | null {
  const width = widthOf(form)
  const packed = new Uint8Array(count * width)
  for (let i = 0; i < count; i++) if (!pack(form, texts, i * form, packed, i * width)) return null
  return packed
}

function unpackAll(form: number, packed: Uint8Array): Page {
  const width = widthOf(form)
  const count = packed.length / width
  const bytes = new Uint8Array(count * form)
  const ends = new Uint32Array(count)
  for (let i = 0; i < count; i++) {
    unpack(form, packed, i * width, bytes, i * form)
    ends[i] = (i + 1) * form
  }
  return { bytes, ends }
}

/** A byte of FNV-1a, independent of the coupon. */
function tagOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193)
  return (hash ^ (hash >>> 15)) & 0xff
}

export class StoredDictionary implements StoredTexts {
  readonly size: number
  readonly #chunks: readonly DictionaryChunk[]
  readonly #pages: (Page | undefined)[][]
  #pageBytes = 0
  #coupons: Uint32Array<ArrayBuffer> | null = null
  #index: CodeIndex | null = null
  #scans = 0

  /** The chunks follow each other from code 1. */
  constructor(chunks: readonly DictionaryChunk[]) {
    this.#chunks = chunks
    this.#pages = chunks.map(() => [])
    this.size = chunks.length === 0 ? 1 : chunks[chunks.length - 1].to
  }

  get bytes(): number {
    return this.#pageBytes + (this.#coupons?.byteLength ?? 0) + (this.#index?.bytes ?? 0)
  }

  locate(code: number): [Uint8Array, number, number] {
    const chunk = this.#chunkOf(code)
    const place = code - this.#chunks[chunk].from
    const { bytes, ends } = this.#pages[chunk][place >>> PAGE_BITS] ?? this.#load(chunk, place >>> PAGE_BITS)
    const index = place & (PAGE_CODES - 1)
    return [bytes, index === 0 ? 0 : ends[index - 1], ends[index]]
  }

  *prepare(): Generator<void, void, void> {
    if (this.size === 1 || this.#index !== null) return
    const coupons = this.coupons()
    yield
    const index = yield* CodeIndex.of(coupons, this.#readTags())
    this.#index ??= index
  }

  find(bytes: Uint8Array, start: number, end: number): number {
    if (this.size === 1) return 0
    const coupon = couponOfBytes(bytes, start, end)
    if (this.#index === null && this.#scans < MAX_SCANS) return this.#scan(coupon, bytes, start, end)
    if (this.#index === null) for (const _ of this.prepare()) { /* nobody waits who could be let in */ }
    return this.#index!.find(coupon, tagOf(bytes, start, end), code => this.#is(code, bytes, start, end))
  }

  /** Looks through all coupons: for a few values of a query that is quicker than the index. */
  #scan(coupon: number, bytes: Uint8Array, start: number, end: number): number {
    this.#scans++
    const coupons = this.coupons()
    for (let code = coupons.indexOf(coupon, 1); code > 0; code = coupons.indexOf(coupon, code + 1)) if (this.#is(code, bytes, start, end)) return code
    return 0
  }

  #is(code: number, bytes: Uint8Array, start: number, end: number): boolean {
    const [own, from, to] = this.locate(code)
    if (to - from !== end - start) return false
    for (let i = 0; i < to - from; i++) if (own[from + i] !== bytes[start + i]) return false
    return true
  }

  coupons(): Uint32Array<ArrayBuffer> {
    if (this.#coupons === null) {
      const coupons = new Uint32Array(this.size)
      for (const { file, from, to } of this.#chunks) coupons.set(new Uint32Array(file.read(file.footer.coupons).buffer, 0, to - from), from)
      this.#coupons = coupons
    }
    return this.#coupons
  }

  release(): void {
    for (const pages of this.#pages) pages.length = 0
    this.#pageBytes = 0
  }

  #readTags(): Uint8Array {
    const tags = new Uint8Array(this.size)
    for (const { file, from } of this.#chunks) tags.set(file.read(file.footer.tags), from)
    return tags
  }

  /** The last chunk that begins at or before the code. */
  #chunkOf(code: number): number {
    let low = 0
    let high = this.#chunks.length
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if (this.#chunks[middle].from <= code) low = middle
      else high = middle
    }
    return low
  }

  #load(chunk: number, index: number): Page {
    const { file } = this.#chunks[chunk]
    const page = this.#read(file, file.footer.pages[index])
    this.#pages[chunk][index] = page
    this.#pageBytes += page.bytes.length + page.ends.byteLength
    return page
  }

  #read(file: BlockFile<DictionaryFooter>, { texts, lengths, form }: StoredPage): Page {
    const bytes = file.read(texts)
    if (lengths === null) return unpackAll(form!, bytes)
    const counts = readIntegersOnce(file, lengths, 0)
    const ends = new Uint32Array(counts.length)
    let end = 0
    for (let i = 0; i < counts.length; i++) ends[i] = end += counts[i]
    if (end !== bytes.length) throw storeDamaged(file.path, texts[0], `texts of ${end} bytes are ${bytes.length} bytes`)
    return { bytes, ends }
  }
}

/** Codes by the low bits of their coupons: a counting sort, and no text is read for it. */
class CodeIndex {
  readonly #coupons: Uint32Array
  readonly #tags: Uint8Array
  readonly #mask: number
  readonly #ends: Uint32Array
  readonly #codes: Uint32Array

  private constructor(coupons: Uint32Array, tags: Uint8Array, mask: number, ends: Uint32Array, codes: Uint32Array) {
    this.#coupons = coupons
    this.#tags = tags
    this.#mask = mask
    this.#ends = ends
    this.#codes = codes
  }

  static *of(coupons: Uint32Array, tags: Uint8Array): Generator<void, CodeIndex, void> {
    const bits = Math.min(MAX_INDEX_BITS, Math.max(4, Math.ceil(Math.log2(coupons.length / INDEX_LOAD))))
    const mask = 2 ** bits - 1
    const ends = new Uint32Array(mask + 2)
    for (let from = 1; from < coupons.length; from += STEP) {
      const to = Math.min(from + STEP, coupons.length)
      for (let code = from; code < to; code++) ends[(coupons[code] & mask) + 1]++
      yield
    }
    for (let from = 0; from <= mask; from += STEP) {
      const to = Math.min(from + STEP, mask + 1)
      for (let i = from; i < to; i++) ends[i + 1] += ends[i]
      yield
    }
    const codes = new Uint32Array(coupons.length)
    for (let from = 1; from < coupons.length; from += STEP) {
      const to = Math.min(from + STEP, coupons.length)
      for (let code = from; code < to; code++) codes[ends[coupons[code] & mask]++] = code
      yield
    }
    return new CodeIndex(coupons, tags, mask, ends, codes)
  }

  get bytes(): number {
    return this.#tags.byteLength + this.#ends.byteLength + this.#codes.byteLength
  }

  /** The code of that coupon and tag which `is` says yes to, or 0. After the sort `ends[i]` is the end of place i. */
  find(coupon: number, tag: number, is: (code: number) => boolean): number {
    const place = coupon & this.#mask
    for (let i = place === 0 ? 0 : this.#ends[place - 1]; i < this.#ends[place]; i++) {
      const code = this.#codes[i]
      if (this.#coupons[code] === coupon && this.#tags[code] === tag && is(code)) return code
    }
    return 0
  }
}
