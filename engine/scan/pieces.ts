/**
 * A block of lines in pieces that threads share, in memory that all of them see: who scans which, and where what came of it lies.
 * Memory serves one block after the other; a thread that comes late, to a block that is over, gets none of its pieces.
 */

/** Bytes of a piece: a fraction of a millisecond, and what an inner cache holds. */
export const PIECE_BYTES = 1 << 18
/** What may come of a piece; what is more is left to be scanned again. */
export const PARCEL_BYTES = 2 * PIECE_BYTES
const LINE_FEED = 10

const FREE = 0
const TAKEN = 1
const KEPT = 2
const MADE = 3
const STATES = 4
/** Numbers of blocks begin anew behind it, so that each with a state is a word. */
const BLOCKS = 2 ** 28

export class Pieces {
  readonly buffer: SharedArrayBuffer
  private readonly words: Int32Array
  private block: number

  /** @param block which of those that the memory has served */
  constructor(buffer: SharedArrayBuffer, block: number) {
    this.buffer = buffer
    this.words = new Int32Array(buffer)
    this.block = block % BLOCKS
  }

  /** Room for the states of so many pieces. */
  static room(pieces: number): SharedArrayBuffer {
    return new SharedArrayBuffer(pieces * 4)
  }

  /** Begins the next block: nobody has one of its pieces. */
  begin(count: number): number {
    this.block = (this.block + 1) % BLOCKS
    for (let piece = 0; piece < count; piece++) Atomics.store(this.words, piece, this.word(FREE))
    return this.block
  }

  /** The thread scans the piece from now on; false where another one does. */
  take(piece: number): boolean {
    return this.change(piece, FREE, TAKEN)
  }

  /** The thread is done with a piece that it took. */
  made(piece: number): void {
    Atomics.store(this.words, piece, this.word(MADE))
    Atomics.notify(this.words, piece)
  }

  /** Nobody takes the piece any more; false where somebody has. */
  keep(piece: number): boolean {
    return this.change(piece, FREE, KEPT)
  }

  /** Whether a thread is at the piece. */
  isHeld(piece: number): boolean {
    return Atomics.load(this.words, piece) === this.word(TAKEN)
  }

  /** Whether a piece that is not kept is made, or is within so many milliseconds. */
  isMade(piece: number, wait: number): boolean {
    const until = performance.now() + wait
    for (;;) {
      const word = Atomics.load(this.words, piece)
      if (word === this.word(MADE)) return true
      const left = until - performance.now()
      if (left <= 0) return false
      Atomics.wait(this.words, piece, word, left)
    }
  }

  private change(piece: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.words, piece, this.word(from), this.word(to)) === this.word(from)
  }

  private word(state: number): number {
    return this.block * STATES + state
  }
}

/** Ends of pieces of about `size` bytes, each before a line feed or where the lines end: of at most so many pieces, as far as they reach. */
export function endsOf(bytes: Uint8Array, size: number, most: number): Uint32Array {
  const ends: number[] = []
  for (let from = 0; from < bytes.length && ends.length < most; from = ends[ends.length - 1] + 1) {
    const feed = from + size < bytes.length ? bytes.indexOf(LINE_FEED, from + size) : -1
    ends.push(feed < 0 ? bytes.length : feed)
  }
  return Uint32Array.from(ends)
}

/** Where a piece begins, as its end is given by `endsOf`. */
export function firstOf(ends: Uint32Array, piece: number): number {
  return piece === 0 ? 0 : ends[piece - 1] + 1
}
