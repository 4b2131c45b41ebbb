/**
 * Millions of identifiers of one packed form of 16 bytes (packed-text.ts) with their codes, in a WebAssembly memory of their own, where
 * engine/kernels/assembly/ids.ts finds them: of 1, 2, 3, … in the order in which they came. Append-only.
 */
import { instantiate, MOST_PAGES } from '../kernels/compiled.js'
import { kernels } from '../kernels/kernels.js'
import { MAX_UNPACKED, unpack } from './packed-text.js'
import { compareBytes } from './text-pages.js'

/** Bytes of an identifier. */
export const ID_BYTES = 16
const ID_WORDS = ID_BYTES / 4

/** What goes in and out, so many at a time; as in the kernel. */
const ROOM = 4096
const HASHES = 1 << 17
const CODES = HASHES + 4 * ROOM
const INPUT = CODES + 4 * ROOM
/** Texts that follow each other in memory. */
const BLOCK_TEXTS = 1 << 14

const PAGE = 65_536
/** The memory grows by such a part at least, since all views of it must be made anew. */
const GROWTH = 1 / 16
/** One block less than can be addressed, so that no address is 0 again. */
export const MOST_BYTES = 2 ** 32 - 2 ** 18

interface Exports {
  openIdentifiers(count: number): void
  identifierAddress(code: number): number
  identifierNeeds(count: number): number
  putIdentifiers(count: number): void
  findIdentifiers(count: number, takes: number): number
}

/** Identifiers in arrays: which of them, and their hashes (text-hash.ts) and words. */
export interface IdentifierRun {
  readonly codes: Uint32Array
  readonly hashes: Uint32Array
  readonly missing: Uint32Array
  /** Four words for each. */
  readonly packed: Uint32Array
}

export class Identifiers {
  /** Length of the texts. */
  readonly form: number
  /** How many there are. */
  size: number
  private readonly memory: WebAssembly.Memory
  private readonly run: Exports
  private words = new Uint32Array(0)
  private view = new Uint8Array(0)
  private readonly unpacked = new Uint8Array(MAX_UNPACKED)
  private readonly mostBytes: number
  /** So many single ones can be taken before the memory must be looked at. */
  private granted = 0

  private constructor(form: number, size: number, mostBytes: number, memory: WebAssembly.Memory, run: Exports) {
    this.form = form
    this.mostBytes = mostBytes
    this.size = size
    this.memory = memory
    this.run = run
  }

  /**
   * Takes over the first identifiers: `texts` are packed one behind the other, `pairs` hash and code by turns, code 0 of a free place.
   * null where that cannot be: without kernels, or without memory.
   */
  static of(form: number, size: number, texts: Iterable<Uint8Array>, pairs: Iterable<Uint32Array>, mostBytes = MOST_BYTES): Identifiers | null {
    if (kernels().name === 'plain') return null
    const bytes = openBytes(size)
    try {
      const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE), maximum: MOST_PAGES })
      const run = instantiate(memory) as unknown as Exports
      const ids = new Identifiers(form, size, mostBytes, memory, run)
      ids.refresh()
      run.openIdentifiers(size)
      ids.copy(texts)
      ids.put(pairs)
      return ids
    } catch (error) {
      if (error instanceof RangeError) return null
      throw error
    }
  }

  get bytes(): number {
    return this.memory.buffer.byteLength
  }

  /**
   * Puts the codes of missing[from, to) into `codes`; 0 for one that is not known, or where `takes` a new one.
   * Returns how far it came: there may be no more memory for new ones.
   */
  find({ codes, hashes, missing, packed }: IdentifierRun, from: number, to: number, takes: boolean): number {
    for (let at = from; at < to; at += ROOM) {
      const count = Math.min(ROOM, to - at)
      if (takes && !this.hasRoom(count)) return at
      this.granted = 0
      this.stage(hashes, packed, missing, at, count)
      this.size = this.run.findIdentifiers(count, takes ? 1 : 0)
      const { words } = this
      for (let i = 0; i < count; i++) codes[missing[at + i]] = words[CODES / 4 + i]
    }
    return to
  }

  /** The code of one; 0 where it is not known, and where there is no memory for a new one. */
  codeOf(hash: number, packed: Uint32Array, takes: boolean): number {
    if (takes && this.granted === 0 && this.hasRoom(ROOM)) this.granted = ROOM
    const willTake = takes && this.granted > 0
    if (willTake) this.granted--
    const { words } = this
    words[HASHES / 4] = hash
    for (let i = 0; i < ID_WORDS; i++) words[INPUT / 4 + i] = packed[i]
    this.size = this.run.findIdentifiers(1, willTake ? 1 : 0)
    return words[CODES / 4]
  }

  /** Its text in UTF-8, as [bytes, start, end): to be read before the next call. */
  locate(code: number): [Uint8Array, number, number] {
    unpack(this.form, this.view, this.addressOf(code), this.unpacked, 0)
    return [this.unpacked, 0, this.form]
  }

  /** Order of two by their texts. */
  compare(a: number, b: number): number {
    const x = this.addressOf(a)
    const y = this.addressOf(b)
    return compareBytes(this.view, x, x + ID_BYTES, this.view, y, y + ID_BYTES)
  }

  /** Writes the coupons (engine/sketch/hash.ts) of all codes from `code` on to out[code, …). */
  coupons(code: number, out: Uint32Array): void {
    const run = kernels()
    while (code <= this.size) {
      const count = Math.min(BLOCK_TEXTS - (code - 1) % BLOCK_TEXTS, ROOM, this.size + 1 - code)
      run.couponsOfPacked(this.view.subarray(this.addressOf(code)), this.form, count, out, code)
      code += count
    }
  }

  private addressOf(code: number): number {
    return this.run.identifierAddress(code) >>> 0
  }

  private copy(texts: Iterable<Uint8Array>): void {
    let code = 1
    for (const bytes of texts) {
      for (let at = 0; at < bytes.length;) {
        const count = Math.min(BLOCK_TEXTS - (code - 1) % BLOCK_TEXTS, (bytes.length - at) / ID_BYTES)
        this.view.set(bytes.subarray(at, at + count * ID_BYTES), this.addressOf(code))
        at += count * ID_BYTES
        code += count
      }
    }
  }

  private put(pairs: Iterable<Uint32Array>): void {
    const { words } = this
    let count = 0
    for (const chunk of pairs) {
      for (let at = 0; at < chunk.length; at += 2) {
        if (chunk[at + 1] === 0) continue
        words[HASHES / 4 + count] = chunk[at]
        words[CODES / 4 + count] = chunk[at + 1]
        if (++count < ROOM) continue
        this.run.putIdentifiers(count)
        count = 0
      }
    }
    this.run.putIdentifiers(count)
  }

  private stage(hashes: Uint32Array, packed: Uint32Array, missing: Uint32Array, from: number, count: number): void {
    const { words } = this
    const first = missing[from]
    // Places ascend.
    if (missing[from + count - 1] === first + count - 1) {
      words.set(hashes.subarray(first, first + count), HASHES / 4)
      words.set(packed.subarray(first * ID_WORDS, (first + count) * ID_WORDS), INPUT / 4)
      return
    }
    for (let i = 0; i < count; i++) {
      const place = missing[from + i]
      words[HASHES / 4 + i] = hashes[place]
      for (let k = 0; k < ID_WORDS; k++) words[INPUT / 4 + i * ID_WORDS + k] = packed[place * ID_WORDS + k]
    }
  }

  /** Makes the memory as large as `count` new ones may need. */
  private hasRoom(count: number): boolean {
    const have = this.memory.buffer.byteLength
    const missing = this.run.identifierNeeds(count) - have
    if (missing <= 0) return true
    if (have + missing > this.mostBytes) return false
    try {
      this.memory.grow(Math.ceil(Math.min(Math.max(missing, have * GROWTH), this.mostBytes - have) / PAGE))
    } catch (error) {
      if (error instanceof RangeError) return false
      throw error
    }
    this.refresh()
    return true
  }

  private refresh(): void {
    this.words = new Uint32Array(this.memory.buffer)
    this.view = new Uint8Array(this.memory.buffer)
  }
}

/** Of the memory to begin with: what the kernel lays out, blocks of texts, and chunks of a table that is half full. */
function openBytes(size: number): number {
  const blocks = Math.ceil(size / BLOCK_TEXTS) + Math.floor(size / BLOCK_TEXTS) + 1
  return (1 + blocks) * BLOCK_TEXTS * ID_BYTES
}
