/** Texts of one column that a worker reads: codes of its own while there are few of them, else the texts as they come. */
import { Dictionary } from '../column/dictionary.js'
import { PackedLookup, type PackedTexts } from '../column/packed-lookup.js'
import { PACKED_WORDS } from '../column/text-run.js'
import { ITEMS, type KernelTexts } from './line-kernel.js'
import { AGREED, PLAIN, TEXT_WORDS, type RunWords } from './run-words.js'

/** A column has many values when it has so many, and most that came were new, … */
const MANY_IF_NEW = 8192
const MANY_SHARE = 1 / 4
/** … or so many: the worker's dictionary would not stay in the cache. */
const MANY = 65_536

export class LocalTexts {
  private dictionary: Dictionary | null
  private readonly known = new PackedLookup()
  private seen = 0
  private readonly places = new Uint32Array(ITEMS)

  constructor(mayAgree: boolean) {
    this.dictionary = mayAgree ? new Dictionary() : null
  }

  /** Most words that `write` needs. */
  mostWords(texts: KernelTexts, count: number): number {
    const missing = texts.missingOf(count)
    return 2 + missing * (TEXT_WORDS + PACKED_WORDS + 1) + count
  }

  /** The table's dictionary has these texts too. */
  show(texts: PackedTexts): void {
    this.known.show(texts)
  }

  /**
   * Adds the first `count` texts of a run to its words.
   * @param input where the texts are; @param shift from there to their places in the block; @param isPacked identifiers are packed beside
   */
  write(texts: KernelTexts, count: number, input: Uint8Array, shift: number, isPacked: boolean, words: RunWords): void {
    const missing = texts.missingOf(count)
    if (this.dictionary === null) {
      const left = this.known.find(texts, missing, this.places)
      writeTexts(PLAIN, texts, this.places, left, shift, isPacked, words)
      words.putAll(this.places, left)
      words.putAll(texts.codes, count)
      return
    }
    writeTexts(AGREED, texts, this.places, this.encode(this.dictionary, texts, missing, input), shift, isPacked, words)
    words.putAll(texts.codes, count)
    this.seen += count
    const { size } = this.dictionary
    if (size < MANY && (size < MANY_IF_NEW || size < this.seen * MANY_SHARE)) return
    this.dictionary = null
    texts.forget()
  }

  /** Returns the number of new texts, whose places are then in `places`. */
  private encode(dictionary: Dictionary, texts: KernelTexts, missing: number, input: Uint8Array): number {
    const known = dictionary.size
    dictionary.encodeMissing(input, texts, missing)
    texts.remember(input, missing)
    if (dictionary.size === known) return 0
    let fresh = 0
    for (let i = 0; i < missing; i++) {
      if (texts.codes[texts.missing[i]] === known + fresh) this.places[fresh++] = texts.missing[i]
    }
    return fresh
  }
}

/** Of the texts at places[0, count). */
function writeTexts(
  mode: typeof AGREED | typeof PLAIN, { starts, lengths, hashes, packed }: KernelTexts, places: Uint32Array, count: number,
  shift: number, isPacked: boolean, words: RunWords
): void {
  words.put(mode)
  words.put(count)
  words.putAt(starts, places, count, shift)
  words.putAt(lengths, places, count)
  words.putAt(hashes, places, count)
  if (isPacked) words.putGroups(packed, places, count, PACKED_WORDS)
}
