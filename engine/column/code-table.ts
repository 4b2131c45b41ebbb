/**
 * Codes by the hash of their text: pairs (hash, code), open addressing with linear probing, so that a look-up misses the cache once.
 * The table is cut into chunks: the high bits of a hash choose the chunk, the low ones the place in it. It grows by half, chunk by
 * chunk in the order of the hashes, and takes each chunk again that it has read: so it is never much larger than it must be.
 */

/** Pairs of a table of one chunk, which doubles, and of each of several: 256 KiB. */
const FIRST_PAIRS = 64
const CHUNK_PAIRS = 1 << 15
/** So much of a table is taken when it grows: above, free places become far between. */
const FULL = 0.75
const GROWTH = 1.5
/** Of a line of the cache: every other search in a table that is nearly full goes on into the next one. */
const LINE_WORDS = 16
const HASHES = 2 ** 32

/** Who knows the texts of the codes. */
export interface TextTest {
  /** Whether the text of the code is the one that is looked for. */
  is(code: number): boolean
  /** Reads something of the text of the code. */
  touch(code: number): number
}

export class CodeTable {
  private readonly texts: TextTest
  /** All of one length: hash and code by turns, code 0 is free. */
  private chunks: Uint32Array[] = [new Uint32Array(FIRST_PAIRS * 2)]
  /** The chunk of a hash is the whole part of hash · scale, its place there (hash << 1) & mask. */
  private scale = 1 / HASHES
  private mask = FIRST_PAIRS * 2 - 1
  private filled = 0
  private most = FIRST_PAIRS * FULL
  /** Where the last search ended. */
  private chunk = 0
  private place = 0
  /** Of no meaning: what is read must be used, or it would not be read. */
  touched = 0

  constructor(texts: TextTest) {
    this.texts = texts
  }

  get bytes(): number {
    return this.chunks.length * this.chunks[0].byteLength
  }

  /** Arrays of hash and code by turns; code 0 is that of a free place. */
  get pairs(): readonly Uint32Array[] {
    return this.chunks
  }

  /** The code of the text that is looked for, which has this hash; 0 where there is none. */
  find(hash: number): number {
    const { chunks, mask } = this
    let index = (hash * this.scale) | 0
    let chunk = chunks[index]
    let place = (hash << 1) & mask
    for (;;) {
      const code = chunk[place + 1]
      if (code === 0 || (chunk[place] === hash && this.texts.is(code))) {
        this.chunk = index
        this.place = place
        return code
      }
      place += 2
      if (place > mask) {
        place = 0
        if (++index === chunks.length) index = 0
        chunk = chunks[index]
      }
    }
  }

  /** Reads where the texts with the hashes hashes[places[i]] would be, i in [from, to), and are: misses of the cache that come together take the time of one. */
  touch(hashes: Uint32Array, places: Uint32Array, from: number, to: number): void {
    const { chunks, mask, scale } = this
    let sum = 0
    for (let i = from; i < to; i++) {
      const hash = hashes[places[i]]
      const chunk = chunks[(hash * scale) | 0]
      const place = (hash << 1) & mask
      sum ^= chunk[place] ^ chunk[(place + LINE_WORDS) & mask]
    }
    for (let i = from; i < to; i++) {
      const hash = hashes[places[i]]
      const chunk = chunks[(hash * scale) | 0]
      const place = (hash << 1) & mask
      if (chunk[place] === hash && chunk[place + 1] !== 0) sum ^= this.texts.touch(chunk[place + 1])
    }
    this.touched = sum
  }

  /** Puts in the code of the text that the last call of `find` did not find. */
  add(hash: number, code: number): void {
    const chunk = this.chunks[this.chunk]
    chunk[this.place] = hash
    chunk[this.place + 1] = code
    if (++this.filled >= this.most) this.grow()
  }

  private grow(): void {
    const { chunks: old } = this
    const isWhole = old[0].length === CHUNK_PAIRS * 2
    const count = isWhole ? Math.ceil(old.length * GROWTH) : 1
    const pairs = isWhole ? CHUNK_PAIRS : old[0].length
    const grown = new GrownTable(count, pairs * 2)
    for (const chunk of old) grown.take(chunk)
    this.chunks = grown.chunks()
    this.mask = pairs * 2 - 1
    this.scale = count / HASHES
    this.most = count * pairs * FULL
  }
}

/** A table in the making; its chunks come when they are needed. */
class GrownTable {
  private readonly made: (Uint32Array | undefined)[]
  private readonly spare: Uint32Array[] = []
  private readonly length: number

  constructor(count: number, length: number) {
    this.made = new Array<undefined>(count).fill(undefined)
    this.length = length
  }

  /** Puts in all pairs of a chunk, which can then be used again. */
  take(old: Uint32Array): void {
    const { made, length } = this
    const scale = made.length / HASHES
    for (let from = 0; from < old.length; from += 2) {
      if (old[from + 1] === 0) continue
      const hash = old[from]
      let index = (hash * scale) | 0
      let chunk = made[index] ?? this.make(index)
      let place = (hash << 1) & (length - 1)
      while (chunk[place + 1] !== 0) {
        place += 2
        if (place < length) continue
        place = 0
        if (++index === made.length) index = 0
        chunk = made[index] ?? this.make(index)
      }
      chunk[place] = hash
      chunk[place + 1] = old[from + 1]
    }
    if (old.length === length) this.spare.push(old.fill(0))
  }

  chunks(): Uint32Array[] {
    return Array.from(this.made, (chunk, index) => chunk ?? this.make(index))
  }

  private make(index: number): Uint32Array {
    return this.made[index] = this.spare.pop() ?? new Uint32Array(this.length)
  }
}
