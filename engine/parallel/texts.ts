/** Texts of a dictionary for worker threads: copies in shared memory of those that rows are tested or compared by. */
import type { Dictionary } from '../column/dictionary.js'
import { inMemory, sharedMemory, wordsIn } from '../column/memory.js'
import type { StoredTexts } from '../column/stored-texts.js'

const PAGE_BITS = 12
const PAGE_TEXTS = 1 << PAGE_BITS
/** Copies of more texts than this would take more than they bring: such queries are left to one thread. */
export const MOST_SHARED_TEXTS = 2 ** 16

/** UTF-8 of the texts of a page, the first one from 0. */
export interface TextPage {
  readonly bytes: Uint8Array
  readonly ends: Uint32Array
}

export interface SharedDictionary {
  /** Codes are 0 … size-1. */
  readonly size: number
  /** Codes of texts that the query looks up. */
  readonly codes: ReadonlyMap<string, number>
  /** Of all codes, from code 0 on; null where no text is read, or only in ties and there are too many. */
  readonly pages: readonly TextPage[] | null
  /** Of all codes; null where none is asked for. */
  readonly coupons: Uint32Array | null
}

/** Copies that were made, full pages for good. */
const copies = new WeakMap<Dictionary, { readonly pages: TextPage[], size: number }>()

export function pagesOf(dictionary: Dictionary): readonly TextPage[] {
  const { size } = dictionary
  let copy = copies.get(dictionary)
  if (copy === undefined) {
    copy = { pages: [], size: 0 }
    copies.set(dictionary, copy)
  }
  for (let page = copy.size >>> PAGE_BITS; page << PAGE_BITS < size && copy.size < size; page++) {
    copy.pages[page] = copyOf(dictionary, page << PAGE_BITS, Math.min(size, (page + 1) << PAGE_BITS))
  }
  copy.size = size
  return copy.pages.slice()
}

const couponCopies = new WeakMap<Dictionary, Uint32Array>()

/** Coupons of all codes that there are. */
export function couponsOf(dictionary: Dictionary): Uint32Array {
  const known = couponCopies.get(dictionary)
  if (known !== undefined && known.length >= dictionary.size) return known
  const copy = inMemory(dictionary.coupons().subarray(0, dictionary.size), sharedMemory)
  couponCopies.set(dictionary, copy)
  return copy
}

function copyOf(dictionary: Dictionary, from: number, to: number): TextPage {
  const ends = wordsIn(sharedMemory, to - from)
  let length = 0
  for (let code = from; code < to; code++) {
    if (code > 0) {
      const [, start, end] = dictionary.locate(code)
      length += end - start
    }
    ends[code - from] = length
  }
  const bytes = sharedMemory(length)
  for (let code = Math.max(from, 1); code < to; code++) {
    const [source, start, end] = dictionary.locate(code)
    bytes.set(source.subarray(start, end), ends[code - from] - (end - start))
  }
  return { bytes, ends }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** What a worker's dictionary reads. */
export class SharedTexts implements StoredTexts {
  readonly bytes = 0
  readonly size: number
  private readonly shared: SharedDictionary
  private all: ReadonlyMap<string, number> | null = null

  constructor(shared: SharedDictionary) {
    this.shared = shared
    this.size = shared.size
  }

  locate(code: number): [Uint8Array, number, number] {
    // Of many texts none are shared for ties, which few tables have: one thread meets them again.
    if (this.shared.pages === null) throw new RangeError('sessions that start in the same millisecond are compared by texts that are not shared')
    const { bytes, ends } = this.shared.pages[code >>> PAGE_BITS]
    const place = code & (PAGE_TEXTS - 1)
    return [bytes, place === 0 ? 0 : ends[place - 1], ends[place]]
  }

  find(bytes: Uint8Array, start: number, end: number): number {
    const text = decoder.decode(bytes.subarray(start, end))
    const { codes, pages } = this.shared
    if (pages === null) return codes.get(text) ?? 0
    this.all ??= this.index()
    return this.all.get(text) ?? 0
  }

  coupons(): Uint32Array<ArrayBuffer> {
    return this.shared.coupons as Uint32Array<ArrayBuffer>
  }

  *prepare(): Generator<void, void, void> {}

  release(): void {}

  private index(): ReadonlyMap<string, number> {
    const codes = new Map<string, number>()
    for (let code = 1; code < this.size; code++) {
      const [bytes, start, end] = this.locate(code)
      codes.set(decoder.decode(bytes.slice(start, end)), code)
    }
    return codes
  }
}
