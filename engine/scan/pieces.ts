/** A block of lines in pieces, in memory that all threads see: each piece is scanned by one of them, that of the table or a worker. */

/** Words of a piece: who has it, where it begins in the block, and which words of that thread's runs were made of it. */
const STATE = 0
const FROM = 1
const FIRST_WORD = 2
const LAST_WORD = 3
const WORDS = 4

/** States: the number of a worker, above 0, that is at it; the same below KEPT when it is done. */
const FREE = 0
const KEPT = -1

const LINE_FEED = 10

export class Pieces {
  readonly buffer: SharedArrayBuffer
  private readonly words: Int32Array

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer
    this.words = new Int32Array(buffer)
  }

  /** Cuts the lines from byte `from` on into pieces of at least `size` bytes, each of whole lines. */
  static of(bytes: Uint8Array, from: number, size: number): Pieces {
    const bounds = [from]
    for (let at = from; at < bytes.length;) {
      const feed = at + size < bytes.length ? bytes.indexOf(LINE_FEED, at + size) : -1
      at = feed < 0 ? bytes.length : feed + 1
      bounds.push(at)
    }
    const pieces = new Pieces(new SharedArrayBuffer(bounds.length * WORDS * 4))
    for (const [piece, bound] of bounds.entries()) pieces.words[piece * WORDS + FROM] = bound
    return pieces
  }

  get count(): number {
    return this.words.length / WORDS - 1
  }

  /** First byte of a piece; of `count`, the end of the last one. */
  from(piece: number): number {
    return this.words[piece * WORDS + FROM]
  }

  /** The first piece that nobody has; -1 where there is none left. */
  take(thread: number): number {
    const { words, count } = this
    for (let piece = 0; piece < count; piece++) {
      if (Atomics.compareExchange(words, piece * WORDS + STATE, FREE, thread) === FREE) return piece
    }
    return -1
  }

  /** Of a piece that `thread` took: words [first, last) were made of it. */
  finish(piece: number, thread: number, first: number, last: number): void {
    const { words } = this
    words[piece * WORDS + FIRST_WORD] = first
    words[piece * WORDS + LAST_WORD] = last
    Atomics.store(words, piece * WORDS + STATE, KEPT - thread)
    Atomics.notify(words, piece * WORDS + STATE)
  }

  /** The thread of the table scans the piece itself, where nobody has it. */
  keep(piece: number): void {
    Atomics.compareExchange(this.words, piece * WORDS + STATE, FREE, KEPT)
  }

  keepAll(): void {
    for (let piece = 0; piece < this.count; piece++) this.keep(piece)
  }

  isFree(piece: number): boolean {
    return this.state(piece) === FREE
  }

  /** The worker that made its runs; 0 where none did. */
  makerOf(piece: number): number {
    return Math.max(0, KEPT - this.state(piece))
  }

  /** The worker that is at it, after so many ms in which it may come to its end; 0 where none is. */
  awaitEnd(piece: number, ms: number): number {
    const thread = this.state(piece)
    if (thread <= 0) return 0
    return Atomics.wait(this.words, piece * WORDS + STATE, thread, ms) === 'timed-out' ? thread : 0
  }

  /** Words that were made of it: the first, and that behind the last. */
  madeOf(piece: number): readonly [first: number, last: number] {
    return [this.words[piece * WORDS + FIRST_WORD], this.words[piece * WORDS + LAST_WORD]]
  }

  private state(piece: number): number {
    return Atomics.load(this.words, piece * WORDS + STATE)
  }
}
