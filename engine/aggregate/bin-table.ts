import { MISSING_BIN } from '../sketch/histogram.js'

/** Bins are below it. */
const BINS = 2 ** 20
const WORD_BITS = 5
const TOP_BITS = 10

/** Rows of the bins of one group after another. What occurs is marked bit by bit, and words of marks again, so that it comes out in order without being sorted. */
export class BinTable {
  private readonly counts = new Uint32Array(BINS)
  private readonly marks = new Uint32Array(BINS >>> WORD_BITS)
  private readonly tops = new Uint32Array(BINS >>> TOP_BITS)
  /** Of tops that may have marks. */
  private lowest = BINS
  private highest = 0
  /** Bins that have rows. */
  size = 0

  /** Counts each of bins[from, to) but MISSING_BIN. */
  addAll(bins: Uint32Array, from: number, to: number): void {
    const { counts } = this
    for (let i = from; i < to; i++) {
      const bin = bins[i]
      if (counts[bin]++ === 0) this.mark(bin)
    }
    if (counts[MISSING_BIN] > 0) this.unmark(MISSING_BIN)
  }

  add(bin: number, rows: number): void {
    if (this.counts[bin] === 0) this.mark(bin)
    this.counts[bin] += rows
  }

  /** Writes the bins, ascending, and their rows from `at` on, for which there is room, and is empty then. Returns the place behind them. */
  drain(bins: Uint32Array, rows: Uint32Array, at: number): number {
    const { counts, marks, tops } = this
    for (let top = this.lowest; top <= this.highest; top++) {
      for (let words = tops[top]; words !== 0; words &= words - 1) {
        const word = top << WORD_BITS | 31 - Math.clz32(words & -words)
        for (let left = marks[word]; left !== 0; left &= left - 1) {
          const bin = word << WORD_BITS | 31 - Math.clz32(left & -left)
          bins[at] = bin
          rows[at++] = counts[bin]
          counts[bin] = 0
        }
        marks[word] = 0
      }
      tops[top] = 0
    }
    this.lowest = BINS
    this.highest = this.size = 0
    return at
  }

  private mark(bin: number): void {
    const top = bin >>> TOP_BITS
    this.marks[bin >>> WORD_BITS] |= 1 << (bin & 31)
    this.tops[top] |= 1 << (bin >>> WORD_BITS & 31)
    if (top < this.lowest) this.lowest = top
    if (top > this.highest) this.highest = top
    this.size++
  }

  private unmark(bin: number): void {
    this.counts[bin] = 0
    this.marks[bin >>> WORD_BITS] &= ~(1 << (bin & 31))
    this.size--
  }
}
