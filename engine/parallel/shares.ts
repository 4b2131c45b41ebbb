/**
 * Work of one query that threads share, in memory that all of them see: numbered pieces, and who takes part.
 * Each thread begins with a run of pieces of its own, so that it has the groups of its stretch of time to itself;
 * one that has none left takes the last piece of whoever has most left.
 */

/** Of two bounds in one word. */
const BOUND_BITS = 16
const BOUND_MASK = 2 ** BOUND_BITS - 1
export const MAX_PIECES = BOUND_MASK

const STOPPED = 0
const FIRST_WORD = 1
/** Words of a thread: its run of pieces, and what it does. */
const WORDS = 2

const IDLE = 0
const WORKING = 1
const REFUSED = 2
const DONE = 3
/** The event loop can do without its thread for so long. */
const WAIT_MS = 1

export class Shares {
  readonly buffer: SharedArrayBuffer
  private readonly words: Int32Array
  /** Bytes of state of each thread. */
  private readonly held: Float64Array
  private readonly threads: number

  constructor(buffer: SharedArrayBuffer, threads: number) {
    this.buffer = buffer
    this.threads = threads
    this.held = new Float64Array(buffer, 0, threads)
    this.words = new Int32Array(buffer, threads * 8)
  }

  /** Of so many pieces, whose sizes are about the same. */
  static of(pieces: number, threads: number): Shares {
    const shares = new Shares(new SharedArrayBuffer(threads * 8 + (FIRST_WORD + threads * WORDS) * 4), threads)
    for (let thread = 0; thread < threads; thread++) {
      shares.words[FIRST_WORD + thread * WORDS] = run(Math.floor(thread * pieces / threads), Math.floor((thread + 1) * pieces / threads))
    }
    return shares
  }

  /** A worker takes part from now on; false where it is too late. */
  begin(thread: number): boolean {
    return Atomics.compareExchange(this.words, this.stateOf(thread), IDLE, WORKING) === IDLE
  }

  /** A worker that has not begun must not begin any more. True where it had not: there is nothing to be had from it. */
  refuse(thread: number): boolean {
    const before = Atomics.compareExchange(this.words, this.stateOf(thread), IDLE, REFUSED)
    return before === IDLE || before === REFUSED
  }

  /** A worker does no more. */
  end(thread: number): void {
    Atomics.store(this.words, this.stateOf(thread), DONE)
    Atomics.notify(this.words, this.stateOf(thread))
  }

  /** Waits a moment for a worker that takes part. True when it does no more. */
  awaitEnd(thread: number): boolean {
    return Atomics.wait(this.words, this.stateOf(thread), WORKING, WAIT_MS) !== 'timed-out'
  }

  /** Whether all workers take part. */
  begun(): boolean {
    for (let thread = 1; thread < this.threads; thread++) if (Atomics.load(this.words, this.stateOf(thread)) === IDLE) return false
    return true
  }

  /** The number of a piece that nobody else gets; -1 where none is left. */
  take(thread: number): number {
    if (this.stopped) return -1
    const own = this.takeFirst(thread)
    return own >= 0 ? own : this.takeFromOthers()
  }

  /** Nobody need go on. */
  stop(): void {
    Atomics.store(this.words, STOPPED, 1)
  }

  get stopped(): boolean {
    return Atomics.load(this.words, STOPPED) === 1
  }

  hold(thread: number, bytes: number): void {
    this.held[thread] = bytes
  }

  heldByOthers(thread: number): number {
    let bytes = 0
    for (let other = 0; other < this.threads; other++) if (other !== thread) bytes += this.held[other]
    return bytes
  }

  private takeFirst(thread: number): number {
    const place = FIRST_WORD + thread * WORDS
    for (;;) {
      const word = Atomics.load(this.words, place)
      const from = word >>> BOUND_BITS
      const to = word & BOUND_MASK
      if (from === to) return -1
      if (Atomics.compareExchange(this.words, place, word, run(from + 1, to)) === word) return from
    }
  }

  private takeFromOthers(): number {
    for (;;) {
      let most = 0
      let place = -1
      let word = 0
      for (let thread = 0; thread < this.threads; thread++) {
        const other = Atomics.load(this.words, FIRST_WORD + thread * WORDS)
        const left = (other & BOUND_MASK) - (other >>> BOUND_BITS)
        if (left <= most) continue
        most = left
        place = FIRST_WORD + thread * WORDS
        word = other
      }
      if (place < 0) return -1
      const to = (word & BOUND_MASK) - 1
      if (Atomics.compareExchange(this.words, place, word, run(word >>> BOUND_BITS, to)) === word) return to
    }
  }

  private stateOf(thread: number): number {
    return FIRST_WORD + thread * WORDS + 1
  }
}

function run(from: number, to: number): number {
  return from << BOUND_BITS | to
}
