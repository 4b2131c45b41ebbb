/**
 * Look-ups of packed identifiers (packed-text.ts) in a dictionary that another thread goes on writing to. What is found is right: a place in
 * the table may be old, or just being written, but whatever code it gives, its text is compared, and full pages do not change any more.
 * What is not found may be there all the same: its text came after the last page that was shown, or its place was just being moved.
 */
import { LINE_WORDS } from './code-table.js'
import { PAGE_BITS, PAGE_TEXTS, type PackedPage } from './text-pages.js'
import { PACKED, PACKED_WORDS, TOGETHER, type TextRun } from './text-run.js'

/** What came to a dictionary since it was shown last, in memory that threads share. */
export interface PackedTexts {
  /** All chunks of the table of codes (code-table.ts); null where they are the same. */
  readonly chunks: readonly Uint32Array[] | null
  /** The code with which the pages begin. */
  readonly base: number
  /** Full pages that are new; null for one that is not packed as `run`s are. */
  readonly pages: readonly (PackedPage | null)[]
}

/** A table that is being written may look as if it had no end. */
const MOST_PROBES = 256
const HASHES = 2 ** 32

export class PackedLookup {
  private chunks: readonly Uint32Array[] = []
  private readonly pages: (PackedPage | null)[] = []
  private base = 1
  private scale = 0
  private mask = 0
  /** Of no meaning: what is read must be used, or it would not be read. */
  touched = 0

  show({ chunks, base, pages }: PackedTexts): void {
    this.base = base
    this.pages.push(...pages)
    if (chunks === null) return
    this.chunks = chunks
    this.scale = chunks.length / HASHES
    this.mask = chunks[0].length - 1
  }

  /** Writes the codes of those of missing[0, count) that are found; returns how many are not, whose places come into `left` in their order. */
  find(run: TextRun, count: number, left: Uint32Array): number {
    const { codes, lengths, hashes, missing, packed } = run
    if (this.pages.length === 0) {
      left.set(missing.subarray(0, count))
      return count
    }
    let kept = 0
    for (let i = 0; i < count; i++) {
      if (i % TOGETHER === 0) this.touch(hashes, missing, i, Math.min(count, i + TOGETHER))
      const place = missing[i]
      const form = lengths[place] - PACKED
      const code = form < 0 ? 0 : this.codeOf(hashes[place], form, packed, place * PACKED_WORDS)
      if (code === 0) left[kept++] = place
      else codes[place] = code
    }
    return kept
  }

  /** 0 where it is not found. */
  private codeOf(hash: number, form: number, words: Uint32Array, at: number): number {
    const { chunks, mask } = this
    let index = (hash * this.scale) | 0
    let chunk = chunks[index]
    let place = (hash << 1) & mask
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      const code = chunk[place + 1]
      if (code === 0) return 0
      if (chunk[place] === hash && this.is(code, form, words, at)) return code
      place += 2
      if (place > mask) {
        place = 0
        if (++index === chunks.length) index = 0
        chunk = chunks[index]
      }
    }
    return 0
  }

  private is(code: number, form: number, words: Uint32Array, at: number): boolean {
    const index = code - this.base
    const page = index < 0 ? undefined : this.pages[index >>> PAGE_BITS]
    if (page === undefined || page === null || page.form !== form) return false
    const first = (index & (PAGE_TEXTS - 1)) * PACKED_WORDS
    const { words: own } = page
    return own[first] === words[at] && own[first + 1] === words[at + 1] && own[first + 2] === words[at + 2] && own[first + 3] === words[at + 3]
  }

  /** Reads what the look-ups of missing[from, to) will read: misses of the cache that come together take the time of one. */
  private touch(hashes: Uint32Array, missing: Uint32Array, from: number, to: number): void {
    const { chunks, mask, scale, pages, base } = this
    let sum = 0
    for (let i = from; i < to; i++) {
      const hash = hashes[missing[i]]
      const chunk = chunks[(hash * scale) | 0]
      const place = (hash << 1) & mask
      sum ^= chunk[place] ^ chunk[(place + LINE_WORDS) & mask]
    }
    for (let i = from; i < to; i++) {
      const hash = hashes[missing[i]]
      const chunk = chunks[(hash * scale) | 0]
      const place = (hash << 1) & mask
      if (chunk[place] !== hash) continue
      const index = chunk[place + 1] - base
      const page = index < 0 ? undefined : pages[index >>> PAGE_BITS]
      if (page !== undefined && page !== null) sum ^= page.words[(index & (PAGE_TEXTS - 1)) * PACKED_WORDS]
    }
    this.touched = sum
  }
}
