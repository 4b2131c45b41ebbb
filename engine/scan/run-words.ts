/**
 * Runs of lines as words in memory that threads share: what a worker has scanned, for the thread of the table.
 * A run is the bytes [from, to) of its lines in the block, their number, and then the values of each field of the form:
 * - a start: numbers; a number: numbers, and 1 for each that is there
 * - a text: texts, by row
 * - a list: the end of each row's items, then texts, by item
 *
 * Texts begin with AGREED or PLAIN, and a number of them; then come starts in the block, lengths and hashes (text-hash.ts) of so many, and
 * four words each for what is packed of them (engine/column/packed-text.ts), but none for items. Where they are AGREED these are new ones,
 * which get the worker's next codes; its codes of all rows or items follow. Where they are PLAIN these are those
 * that the worker did not find in the table's dictionary; their places follow, and the table's codes of all rows or items, of any value for these.
 */
export const AGREED = 0
export const PLAIN = 1

/** Of a text: start, length, hash. */
export const TEXT_WORDS = 3
/** Of a run: bytes and number of lines. */
export const HEAD_WORDS = 3
/** Numbers begin at an even word. */
const FLOAT_WORDS = 2

/** Most words of so many numbers. */
export function mostFloatWords(count: number): number {
  return (count + 1) * FLOAT_WORDS
}

export class RunWords {
  /** The next one. */
  at = 0
  private readonly words: Uint32Array
  private readonly floats: Float64Array

  constructor(buffer: SharedArrayBuffer) {
    this.words = new Uint32Array(buffer)
    this.floats = new Float64Array(buffer)
  }

  hasRoom(count: number): boolean {
    return this.at + count <= this.words.length
  }

  put(word: number): void {
    this.words[this.at++] = word
  }

  putAll(words: Uint32Array, count: number): void {
    this.words.set(words.subarray(0, count), this.at)
    this.at += count
  }

  /** words[places[i]] + more, i in [0, count). */
  putAt(words: Uint32Array, places: Uint32Array, count: number, more = 0): void {
    const { words: all, at } = this
    for (let i = 0; i < count; i++) all[at + i] = words[places[i]] + more
    this.at = at + count
  }

  /** The groups of `size` words at places[0, count). */
  putGroups(words: Uint32Array, places: Uint32Array, count: number, size: number): void {
    const { words: all } = this
    let { at } = this
    for (let i = 0; i < count; i++) for (let k = places[i] * size, end = k + size; k < end; k++) all[at++] = words[k]
    this.at = at
  }

  putNumbers(numbers: Float64Array, count: number): void {
    const first = this.evenPlace()
    this.floats.set(numbers.subarray(0, count), first)
    this.at += count * FLOAT_WORDS
  }

  next(): number {
    return this.words[this.at++]
  }

  nextAll(count: number): Uint32Array {
    const first = this.at
    this.at += count
    return this.words.subarray(first, first + count)
  }

  nextNumbers(count: number): Float64Array {
    const first = this.evenPlace()
    this.at += count * FLOAT_WORDS
    return this.floats.subarray(first, first + count)
  }

  private evenPlace(): number {
    this.at += this.at % FLOAT_WORDS
    return this.at / FLOAT_WORDS
  }
}
