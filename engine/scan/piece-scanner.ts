/**
 * A worker's part of reading a block: runs of lines of one form, as words (run-words.ts). Lines of any other form are passed over.
 * It knows no table: for columns of few values it has dictionaries of its own, whose codes the thread of the table translates.
 */
import type { PackedTexts } from '../column/packed-lookup.js'
import { lineKernel, RUN_ROWS, type FieldArrays, type FormField, type LineKernel } from './line-kernel.js'
import { LocalTexts } from './local-texts.js'
import { Pieces } from './pieces.js'
import { HEAD_WORDS, mostFloatWords, RunWords } from './run-words.js'

/** What lines look like. */
export interface LineForm {
  readonly fields: readonly FormField[]
  /** One blank stands behind each comma and colon. */
  readonly spaced: boolean
  /** Of hashes: HASH_START of the thread of the table. */
  readonly seed: number
}

/** A block of lines to be scanned. */
export interface LinesJob {
  readonly kind: 'lines'
  /** Of those who read one block after the other in one form; "done" ends it. */
  readonly id: number
  readonly thread: number
  readonly form: LineForm
  readonly pieces: SharedArrayBuffer
  /** The bytes of the block begin at `first`. */
  readonly bytes: SharedArrayBuffer
  readonly first: number
  /** Where the runs come to lie. */
  readonly runs: SharedArrayBuffer
  /** What came to the dictionary of each field; null where the worker cannot look it up. */
  readonly known: readonly (PackedTexts | null)[]
}

/** So many lines of a piece that are of another form are passed over, then the rest of it is left to others. */
const MOST_PASSED = 16
/** Blocks are copied from places that lie alike in words of eight bytes, which else takes far longer. */
const ALIGNED = ~7
const LINE_FEED = 10

export class PieceScanner {
  private readonly form: LineForm
  private readonly texts: readonly LocalTexts[]

  constructor(form: LineForm) {
    this.form = form
    this.texts = form.fields.map(({ kind }) => new LocalTexts(kind !== 'id'))
  }

  /** Takes pieces as long as there are some, and as there is room for their runs. */
  scan({ thread, pieces: shared, bytes: block, first, runs, known }: LinesJob): void {
    for (const [i, texts] of known.entries()) if (texts !== null) this.texts[i].show(texts)
    const kernel = lineKernel()
    const pieces = new Pieces(shared)
    if (kernel === null) return pieces.keepAll()
    if (!kernel.isOf(this)) kernel.setForm(this, this.form.fields, this.form.spaced, this.form.seed)
    const bytes = new Uint8Array(block, 0, first + pieces.from(pieces.count))
    const words = new RunWords(runs)
    for (let piece = pieces.take(thread); piece >= 0; piece = pieces.take(thread)) {
      const begin = words.at
      const isWhole = this.scanPiece(kernel, bytes, first, first + pieces.from(piece), first + pieces.from(piece + 1), words)
      pieces.finish(piece, thread, begin, words.at)
      if (!isWhole) return pieces.keepAll()
    }
  }

  /** Scans bytes[from, to). False where there was no room for all of it. */
  private scanPiece(kernel: LineKernel, bytes: Uint8Array, first: number, from: number, to: number, words: RunWords): boolean {
    let inputFrom = from
    let inputEnd = from
    let passed = 0
    for (let at = from; at < to;) {
      if (at >= inputEnd) {
        inputFrom = at & ALIGNED
        inputEnd = inputFrom + kernel.fill(bytes, inputFrom, to)
        if (at >= inputEnd) return true
      }
      const rows = kernel.scan(at - inputFrom, inputEnd - inputFrom, RUN_ROWS)
      if (rows > 0) {
        if (!words.hasRoom(this.mostWords(kernel.fields, rows))) return false
        words.put(at - first)
        words.put(at - first + kernel.taken)
        words.put(rows)
        kernel.fields.forEach((arrays, i) => this.write(arrays, this.texts[i], rows, kernel, inputFrom - first - kernel.inputStart, words))
        at += kernel.taken
        continue
      }
      if (passed++ === MOST_PASSED) return true
      const feed = bytes.indexOf(LINE_FEED, at)
      at = feed < 0 ? to : feed + 1
    }
    return true
  }

  private mostWords(fields: readonly FieldArrays[], rows: number): number {
    return fields.reduce((sum, arrays, i) => {
      switch (arrays.kind) {
        case 'start': return sum + mostFloatWords(rows)
        case 'number': return sum + mostFloatWords(rows) + rows
        case 'string': case 'id': return sum + this.texts[i].mostWords(arrays.texts, rows)
        case 'strings': return sum + rows + this.texts[i].mostWords(arrays.items, arrays.ends[rows - 1])
      }
    }, HEAD_WORDS)
  }

  /** @param shift from the kernel's places of texts to theirs in the block */
  private write(arrays: FieldArrays, texts: LocalTexts, rows: number, kernel: LineKernel, shift: number, words: RunWords): void {
    switch (arrays.kind) {
      case 'start': return words.putNumbers(arrays.numbers, rows)
      case 'number':
        words.putNumbers(arrays.numbers, rows)
        return words.putAll(arrays.present, rows)
      case 'string': case 'id': return texts.write(arrays.texts, rows, kernel.input, shift, true, words)
      case 'strings':
        words.putAll(arrays.ends, rows)
        return texts.write(arrays.items, arrays.ends[rows - 1], kernel.input, shift, false, words)
    }
  }
}
