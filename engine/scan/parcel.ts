/**
 * What one thread scanned of a piece of lines, for another thread: run after run, as arrays one behind the other.
 * The reader asks for the same arrays as the writer, in the same order.
 */
import { PACKED, type TextRun } from '../column/dictionary.js'
import type { FieldArrays, FormField, RunTexts } from './line-kernel.js'
import { PARCEL_BYTES } from './pieces.js'

/** Arrays begin at multiples of it. */
const ALIGNED = 8
const PACKED_WORDS = 4
/** Of a run: rows, and the byte behind its last line; of texts: how many are missing, and whether some of these are packed. */
const HEAD = 2

/** Rows of lines that follow each other. */
export interface ScannedRun {
  readonly rows: number
  /** Bytes of the block: [from, next). */
  readonly from: number
  readonly next: number
  /** Of each field of the form. */
  readonly fields: readonly FieldArrays[]
}

/** Hands out the arrays of a piece one behind the other. */
class Cursor {
  protected readonly buffer: ArrayBufferLike
  protected at: number

  constructor(buffer: ArrayBufferLike, piece: number) {
    this.buffer = buffer
    this.at = piece * PARCEL_BYTES
  }

  protected words(length: number): Uint32Array {
    const array = new Uint32Array(this.buffer, this.at, length)
    this.at += aligned(length * 4)
    return array
  }

  protected numbers(length: number): Float64Array {
    const array = new Float64Array(this.buffer, this.at, length)
    this.at += length * 8
    return array
  }
}

export class ParcelWriter extends Cursor {
  private readonly end: number
  private readonly count: Uint32Array
  private readonly form: readonly FormField[]

  constructor(buffer: ArrayBufferLike, piece: number, form: readonly FormField[]) {
    super(buffer, piece)
    this.end = this.at + PARCEL_BYTES
    this.form = form
    this.count = this.words(HEAD)
    this.count.fill(0)
  }

  /** Adds a run whose texts begin at `starts` - shift. False where there is no room for it. */
  add(rows: number, next: number, fields: readonly FieldArrays[], shift: number): boolean {
    const needed = fields.reduce((sum, field, i) => sum + (this.form[i].isWanted ? bytesOf(field, rows) : 0), HEAD * 4)
    if (this.at + needed > this.end) return false
    this.words(HEAD).set([rows, next])
    for (const [i, field] of fields.entries()) if (this.form[i].isWanted) this.addField(field, rows, shift)
    this.count[0]++
    return true
  }

  private addField(field: FieldArrays, rows: number, shift: number): void {
    switch (field.kind) {
      case 'start': return this.numbers(rows).set(field.numbers.subarray(0, rows))
      case 'number':
        this.numbers(rows).set(field.numbers.subarray(0, rows))
        return this.words(rows).set(field.present.subarray(0, rows))
      case 'string': case 'id': return this.addTexts(field.texts, rows, shift)
      case 'strings':
        this.words(rows).set(field.ends.subarray(0, rows))
        return this.addTexts(field.items, field.ends[rows - 1], shift)
    }
  }

  private addTexts(texts: RunTexts, size: number, shift: number): void {
    const count = texts.missingOf(size)
    const isPacked = hasPacked(texts, count)
    this.words(HEAD).set([count, isPacked ? 1 : 0])
    this.words(size).set(texts.codes.subarray(0, size))
    if (count === 0) return
    const starts = this.words(size)
    for (let i = 0; i < count; i++) starts[texts.missing[i]] = texts.starts[texts.missing[i]] - shift
    this.words(size).set(texts.lengths.subarray(0, size))
    this.words(size).set(texts.hashes.subarray(0, size))
    this.words(count).set(texts.missing.subarray(0, count))
    if (isPacked) this.words(PACKED_WORDS * size).set(texts.packed.subarray(0, PACKED_WORDS * size))
  }
}

export class ParcelReader extends Cursor {
  private left: number
  private from: number
  private readonly form: readonly FormField[]

  /** @param from where the piece begins in its block */
  constructor(buffer: ArrayBufferLike, piece: number, from: number, form: readonly FormField[]) {
    super(buffer, piece)
    this.from = from
    this.form = form
    this.left = this.words(HEAD)[0]
  }

  /** The next run; null behind the last. */
  next(): ScannedRun | null {
    if (this.left === 0) return null
    this.left--
    const { from } = this
    const [rows, next] = this.words(HEAD)
    this.from = next
    return { rows, from, next, fields: this.form.map(({ kind, isWanted }) => isWanted ? this.field(kind, rows) : UNWANTED) }
  }

  private field(kind: FormField['kind'], rows: number): FieldArrays {
    switch (kind) {
      case 'start': return { kind, numbers: this.numbers(rows) }
      case 'number': return { kind, numbers: this.numbers(rows), present: this.words(rows) }
      case 'string': case 'id': return { kind, texts: this.texts(rows) }
      case 'strings': {
        const ends = this.words(rows)
        return { kind, ends, items: this.texts(ends[rows - 1]) }
      }
    }
  }

  private texts(size: number): RunTexts {
    const [count, isPacked] = this.words(HEAD)
    const codes = this.words(size)
    if (count === 0) return { ...NO_TEXTS, codes }
    const [starts, lengths, hashes] = [this.words(size), this.words(size), this.words(size)]
    return { codes, starts, lengths, hashes, missing: this.words(count), packed: isPacked === 1 ? this.words(PACKED_WORDS * size) : NONE, missingOf: () => count }
  }
}

const NONE = new Uint32Array(0)
const NO_TEXTS: RunTexts = { codes: NONE, starts: NONE, lengths: NONE, hashes: NONE, missing: NONE, packed: NONE, missingOf: () => 0 }
/** Nobody reads what is not wanted. */
const UNWANTED: FieldArrays = { kind: 'start', numbers: new Float64Array(0) }

function hasPacked({ lengths, missing }: TextRun, count: number): boolean {
  for (let i = 0; i < count; i++) if ((lengths[missing[i]] & PACKED) !== 0) return true
  return false
}

/** At most, of a field of so many rows. */
function bytesOf(field: FieldArrays, rows: number): number {
  switch (field.kind) {
    case 'start': return rows * 8
    case 'number': return rows * 8 + aligned(rows * 4)
    case 'string': case 'id': return bytesOfTexts(rows)
    case 'strings': return aligned(rows * 4) + bytesOfTexts(field.ends[rows - 1])
  }
}

function bytesOfTexts(size: number): number {
  return HEAD * 4 + 5 * aligned(size * 4) + size * PACKED_WORDS * 4
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNED) * ALIGNED
}
