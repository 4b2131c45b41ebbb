/**
 * Texts as UTF-8, one behind the other, in pages of 4,096. A page whose texts all have one packed form (packed-text.ts) keeps them packed
 * and needs no ends; with the first text of another form it becomes a page of free texts.
 * Append-only: what was handed out of a page stays as it is.
 */
import { kernels } from '../kernels/kernels.js'
import { formOfLength, FREE, MAX_PACKED, MAX_UNPACKED, pack, unpack, widthOf } from './packed-text.js'

const PAGE_BITS = 12
export const PAGE_TEXTS = 1 << PAGE_BITS
const FIRST_BYTES = 1024
/** A free page begins with what the one before it took, and a little more. */
const SPARE_BYTES = 64
/** Six bytes are exact in a double. */
const PREFIX_BYTES = 6

/** In the place of a form: nobody has looked yet. */
const UNKNOWN = -1
const NO_WORDS = new Uint32Array(0)

interface Page {
  /** FREE, or the form that all its texts have. */
  form: number
  bytes: Uint8Array
  /** `bytes` as words; empty for a free page. */
  words: Uint32Array
  /** Ends of the texts of a free page; empty for a packed one. */
  ends: Uint32Array
}

export class TextPages {
  /** Number of texts. */
  size = 0
  /** Bytes held. */
  bytes = 0
  private readonly pages: Page[] = []
  /** Bytes used of the last page. */
  private used = 0
  /** The text that is looked for, and its form as far as that is known. */
  private input: Uint8Array = new Uint8Array(0)
  private from = 0
  private length = 0
  private form = UNKNOWN
  /** That text as it is packed. */
  private readonly packed = new Uint8Array(MAX_PACKED)
  private readonly packedWords = new Uint32Array(this.packed.buffer)
  private readonly unpacked = new Uint8Array(MAX_UNPACKED)

  /** The text input[from, from + length) is the one that `is` and `append` speak of. */
  aim(input: Uint8Array, from: number, length: number): void {
    this.input = input
    this.from = from
    this.length = length
    this.form = UNKNOWN
  }

  /** The same for a text whose form is `length`, and which is packed in words[at, at + 4). */
  aimPacked(input: Uint8Array, from: number, length: number, words: Uint32Array, at: number): void {
    this.input = input
    this.from = from
    this.length = length
    this.form = length
    const { packedWords } = this
    packedWords[0] = words[at]
    packedWords[1] = words[at + 1]
    packedWords[2] = words[at + 2]
    packedWords[3] = words[at + 3]
  }

  /** The words of the text where it has this form; else null. */
  packedAs(form: number): Uint32Array | null {
    return this.pack() === form ? this.packedWords : null
  }

  /** The form that all texts have; FREE where they have none, or more than one. */
  get soleForm(): number {
    const form = this.pages[0]?.form ?? FREE
    return this.pages.every(page => page.form === form) ? form : FREE
  }

  /** All texts, packed, one behind the other: of pages of a sole form. */
  *packedBytes(): Generator<Uint8Array, void, void> {
    for (const [index, { form, bytes }] of this.pages.entries()) {
      yield bytes.subarray(0, Math.min(PAGE_TEXTS, this.size - index * PAGE_TEXTS) * widthOf(form))
    }
  }

  /** Takes in the text. */
  append(): void {
    const index = this.size & (PAGE_TEXTS - 1)
    if (index === 0) this.open(this.pack())
    const page = this.pages[this.pages.length - 1]
    if (page.form !== FREE && page.form !== this.pack()) this.free(page, index)
    if (page.form === FREE) this.appendFree(page, index)
    else this.appendPacked(page)
    this.size++
  }

  /** Reads where text `index` begins. */
  touch(index: number): number {
    const { form, bytes, words, ends } = this.pages[index >>> PAGE_BITS]
    const place = index & (PAGE_TEXTS - 1)
    return form === FREE ? bytes[place === 0 ? 0 : ends[place - 1]] | 0 : words[place * (widthOf(form) >>> 2)]
  }

  /** Whether text `index` is the one. */
  is(index: number): boolean {
    const page = this.pages[index >>> PAGE_BITS]
    const place = index & (PAGE_TEXTS - 1)
    const { length } = this
    if (page.form !== FREE) {
      if (page.form !== length || this.pack() === FREE) return false
      const { words } = page
      const { packedWords } = this
      const count = widthOf(length) >>> 2
      const first = place * count
      for (let i = 0; i < count; i++) if (words[first + i] !== packedWords[i]) return false
      return true
    }
    return this.isText(page.bytes, place === 0 ? 0 : page.ends[place - 1], page.ends[place])
  }

  /** Whether it is bytes[start, end). */
  isText(bytes: Uint8Array, start: number, end: number): boolean {
    const { input, from, length } = this
    if (end - start !== length) return false
    for (let i = 0; i < length; i++) if (bytes[start + i] !== input[from + i]) return false
    return true
  }

  /** UTF-8 of text `index`, as [bytes, start, end): to be read before the next call. */
  locate(index: number): [Uint8Array, number, number] {
    const page = this.pages[index >>> PAGE_BITS]
    const place = index & (PAGE_TEXTS - 1)
    if (page.form === FREE) return [page.bytes, place === 0 ? 0 : page.ends[place - 1], page.ends[place]]
    unpack(page.form, page.bytes, place * widthOf(page.form), this.unpacked, 0)
    return [this.unpacked, 0, page.form]
  }

  /** Writes the coupons (engine/sketch/hash.ts) of the texts from `index` on to out[at, …). */
  coupons(index: number, out: Uint32Array, at: number): void {
    const run = kernels()
    while (index < this.size) {
      const { form, bytes, ends } = this.pages[index >>> PAGE_BITS]
      const place = index & (PAGE_TEXTS - 1)
      const count = Math.min(PAGE_TEXTS - place, this.size - index)
      if (form === FREE) run.couponsOfTexts(bytes, place === 0 ? 0 : ends[place - 1], ends.subarray(place), count, out, at)
      else run.couponsOfPacked(bytes.subarray(place * widthOf(form)), form, count, out, at)
      index += count
      at += count
    }
  }

  /** Order of two texts by their UTF-8 bytes. */
  compare(a: number, b: number): number {
    const x = this.pages[a >>> PAGE_BITS]
    const y = this.pages[b >>> PAGE_BITS]
    if (x.form !== FREE && x.form === y.form) {
      const width = widthOf(x.form)
      const xStart = (a & (PAGE_TEXTS - 1)) * width
      const yStart = (b & (PAGE_TEXTS - 1)) * width
      return compareBytes(x.bytes, xStart, xStart + width, y.bytes, yStart, yStart + width)
    }
    const [bytes, start, end] = this.locate(a)
    // Both would be unpacked to the same place.
    const own = x.form !== FREE && y.form !== FREE ? bytes.slice() : bytes
    const [other, from, to] = this.locate(b)
    return compareBytes(own, start, end, other, from, to)
  }

  /** Packs the text where it has a form, and returns that. */
  private pack(): number {
    if (this.form !== UNKNOWN) return this.form
    const form = formOfLength(this.length)
    return this.form = form !== FREE && pack(form, this.input, this.from, this.packed, 0) ? form : FREE
  }

  private open(form: number): void {
    const last = this.pages[this.pages.length - 1]
    if (last !== undefined && last.form === FREE) this.resize(last, this.used, this.used)
    const before = last === undefined ? FIRST_BYTES : this.used + SPARE_BYTES
    const page: Page = { form, bytes: new Uint8Array(0), words: NO_WORDS, ends: form === FREE ? new Uint32Array(PAGE_TEXTS) : NO_WORDS }
    this.bytes += page.ends.byteLength
    this.used = 0
    this.resize(page, form === FREE ? before : Math.min(before, PAGE_TEXTS * widthOf(form)), 0)
    this.pages.push(page)
  }

  private appendPacked(page: Page): void {
    const width = widthOf(page.form)
    if (this.used + width > page.bytes.length) this.resize(page, Math.min(page.bytes.length * 2, PAGE_TEXTS * width), this.used)
    const { words } = page
    const { packedWords } = this
    const first = this.used >>> 2
    for (let i = 0; i < width >>> 2; i++) words[first + i] = packedWords[i]
    this.used += width
  }

  private appendFree(page: Page, place: number): void {
    const { input, from, length, used } = this
    if (used + length > page.bytes.length) this.resize(page, Math.max(used + length, page.bytes.length * 2), used)
    const { bytes } = page
    for (let i = 0; i < length; i++) bytes[used + i] = input[from + i]
    this.used += length
    page.ends[place] = this.used
  }

  /** Unpacks the first `count` texts of the page, which are all that it has. */
  private free(page: Page, count: number): void {
    const { form, bytes: packed } = page
    const width = widthOf(form)
    const bytes = new Uint8Array(form * (count + 1))
    const ends = new Uint32Array(PAGE_TEXTS)
    for (let i = 0; i < count; i++) {
      unpack(form, packed, i * width, bytes, i * form)
      ends[i] = (i + 1) * form
    }
    this.bytes += bytes.length - packed.length + ends.byteLength
    page.form = FREE
    page.bytes = bytes
    page.words = NO_WORDS
    page.ends = ends
    this.used = count * form
  }

  /** Gives the page room for `length` bytes, the first `used` of them as they are. */
  private resize(page: Page, length: number, used: number): void {
    const bytes = new Uint8Array(length)
    bytes.set(page.bytes.subarray(0, used))
    this.bytes += length - page.bytes.length
    page.bytes = bytes
    if (page.form !== FREE) page.words = new Uint32Array(bytes.buffer, bytes.byteOffset, length >>> 2)
  }
}

/** Order of two texts by their UTF-8 bytes, which is that of their code points. */
export function compareBytes(x: Uint8Array, xStart: number, xEnd: number, y: Uint8Array, yStart: number, yEnd: number): number {
  const common = Math.min(xEnd - xStart, yEnd - yStart)
  for (let i = 0; i < common; i++) {
    const difference = x[xStart + i] - y[yStart + i]
    if (difference !== 0) return difference
  }
  return xEnd - xStart - (yEnd - yStart)
}

/** The first six bytes of a text as one number. */
export function prefixOf(bytes: Uint8Array, start: number, end: number): number {
  let prefix = 0
  for (let i = 0; i < PREFIX_BYTES; i++) prefix = prefix * 256 + (start + i < end ? bytes[start + i] : 0)
  return prefix
}
