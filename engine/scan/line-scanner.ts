/**
 * Reads lines of JSON straight into columns: no strings, no objects. It takes the lines that nearly all sessions are, flat objects
 * of texts, numbers, booleans and lists of texts whose columns are known, and leaves every other line to JSON.parse and the writer.
 */
import { finishHash, HASH_START, mixHash } from '../column/text-hash.js'
import type { Table, TableColumn } from '../table/table.js'
import { canonicalInstant } from './instant.js'
import { MAX_TEXT } from '../table/writer.js'

export const LEFT = 0
export const INSERTED = 1
export const UPDATED = 2
export type Outcome = typeof LEFT | typeof INSERTED | typeof UPDATED

const QUOTE = 34
const COMMA = 44
const MINUS = 45
const DOT = 46
const ZERO = 48
const NINE = 57
const COLON = 58
const OPEN_LIST = 91
const BACKSLASH = 92
const CLOSE_LIST = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125
const SPACE = 32

/** A number of so many digits is exact in a double, and so is its power of ten: one division rounds it right. */
const MAX_DIGITS = 15
const POWERS_OF_TEN = Float64Array.from({ length: MAX_DIGITS + 1 }, (_, i) => 10 ** i)

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const TRUE = encoder.encode('true')
const FALSE = encoder.encode('false')
const NULL = encoder.encode('null')

/** True when one of four bytes is a quote, a backslash or a control character; sometimes also when none is. */
function mayEnd(word: number): boolean {
  const quotes = word ^ 0x22222222
  const slashes = word ^ 0x5c5c5c5c
  return (((quotes - 0x01010101 & ~quotes) | (slashes - 0x01010101 & ~slashes) | (word - 0x20202020 & ~word)) & 0x80808080) !== 0
}

/** A key that lines have, and the column that it is of. */
export interface Field {
  /** Without its quotes. */
  readonly key: Uint8Array
  readonly role: 'id' | 'start' | 'column'
  readonly column: TableColumn
  /** The line that had it last: twice in one line is left to JSON.parse. */
  line: number
}

export class LineScanner {
  private readonly table: Table
  private readonly source: string
  private readonly idColumn: TableColumn
  private readonly fields = new Map<string, Field>()
  /** Fields of the last line in their order: the next line nearly always has the same. */
  private readonly order: Field[] = []
  private count = 0
  private bytes: Uint8Array = new Uint8Array(0)
  private view: DataView = new DataView(new ArrayBuffer(0))
  private end = 0
  private line = 0
  private row = 0
  private start = NaN
  private idCode = 0
  /** Of the text that `text` passed. */
  private hash = 0
  private number = 0

  constructor(table: Table, source: string) {
    this.table = table
    this.source = source
    this.idColumn = table.columns.get('session_id')!
  }

  /** Those of the line that was taken last, in their order. */
  get lastFields(): readonly Field[] {
    return this.order.slice(0, this.count)
  }

  /** Takes the line bytes[from, end), valid UTF-8, or changes nothing and returns LEFT. */
  scan(bytes: Uint8Array, from: number, end: number): Outcome {
    if (this.bytes !== bytes) {
      this.bytes = bytes
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    this.end = end
    this.line++
    this.start = NaN
    this.idCode = 0
    const sourceCode = this.table.encodeSource(this.source)
    this.row = this.table.begin(0)
    if (!this.object(this.skip(from)) || this.start !== this.start || this.idCode === 0) {
      this.table.rollback(this.row)
      return LEFT
    }
    this.table.setStart(this.row, this.start)
    return this.table.commit(this.row, sourceCode, this.idCode) ? UPDATED : INSERTED
  }

  private object(at: number): boolean {
    const { bytes } = this
    if (at >= this.end || bytes[at] !== OPEN_OBJECT) return false
    at = this.skip(at + 1)
    for (let i = 0; ; i++) {
      const field = this.field(at, i)
      if (field === null || field.line === this.line) return false
      field.line = this.line
      at = this.skip(at + field.key.length + 2)
      if (at >= this.end || bytes[at] !== COLON) return false
      at = this.value(field, this.skip(at + 1))
      if (at < 0) return false
      at = this.skip(at)
      if (at >= this.end) return false
      if (bytes[at] === CLOSE_OBJECT) {
        this.count = i + 1
        return this.skip(at + 1) === this.end
      }
      if (bytes[at] !== COMMA) return false
      at = this.skip(at + 1)
    }
  }

  /** The field whose key is at `at`; null where it is none that is known. */
  private field(at: number, i: number): Field | null {
    if (i < this.order.length && this.hasKey(at, this.order[i].key)) return this.order[i]
    const close = at < this.end && this.bytes[at] === QUOTE ? this.text(at + 1) : -1
    if (close < 0) return null
    const name = decoder.decode(this.bytes.subarray(at + 1, close))
    const field = this.fields.get(name) ?? this.newField(name)
    if (field !== null) this.order[i] = field
    return field
  }

  private newField(name: string): Field | null {
    const column = this.table.columns.get(name)
    // A record's own "source" is renamed by whoever reads it.
    if (column === undefined || name === 'source') return null
    const role = name === 'session_id' ? 'id' : name === 'started_at' ? 'start' : 'column'
    const field: Field = { key: encoder.encode(name), role, column, line: 0 }
    this.fields.set(name, field)
    return field
  }

  private hasKey(at: number, key: Uint8Array): boolean {
    const { bytes } = this
    const { length } = key
    if (bytes[at] !== QUOTE || bytes[at + length + 1] !== QUOTE) return false
    for (let i = 0; i < length; i++) if (bytes[at + 1 + i] !== key[i]) return false
    return true
  }

  /** Stores the value at `at`; returns where it ends, -1 where the line must be left. */
  private value(field: Field, at: number): number {
    if (at >= this.end) return -1
    const first = this.bytes[at]
    if (first === QUOTE) return this.storeText(field, at + 1)
    if (field.role !== 'column') return -1
    if (first === MINUS || (first >= ZERO && first <= NINE)) return this.storeNumber(field, at)
    if (first === OPEN_LIST) return this.storeList(field, at + 1)
    if (this.isWord(at, NULL)) return at + NULL.length
    const word = this.isWord(at, TRUE) ? TRUE : this.isWord(at, FALSE) ? FALSE : null
    if (word === null || field.column.type !== 'string') return -1
    const text = word === TRUE ? 'true' : 'false'
    if (field.column.kept) this.table.headOf(field.column).setCode(this.row, field.column.dictionary!.encode(text))
    return at + word.length
  }

  private storeText(field: Field, at: number): number {
    const close = this.text(at)
    if (close < 0) return -1
    if (field.role === 'start') {
      this.start = canonicalInstant(this.bytes, at, close)
      return close + 1
    }
    const { column } = field
    if (field.role === 'id') {
      // An empty id is made up by whoever reads the record.
      if (close > at) this.idCode = this.idColumn.dictionary!.encodeBytes(this.bytes, at, close, this.hash)
      return close + 1
    }
    if (column.type === 'number') return -1
    if (!column.kept) return close + 1
    const code = column.dictionary!.encodeBytes(this.bytes, at, close, this.hash)
    if (column.type === 'string') this.table.headOf(column).setCode(this.row, code)
    else this.table.headOf(column).addItem(this.row, code)
    return close + 1
  }

  private storeNumber(field: Field, at: number): number {
    if (field.column.type !== 'number') return -1
    const end = this.decimal(at)
    if (end >= 0 && field.column.kept) this.table.headOf(field.column).setNumber(this.row, this.number)
    return end
  }

  /** A list of texts. */
  private storeList({ column }: Field, at: number): number {
    const { bytes } = this
    at = this.skip(at)
    if (bytes[at] === CLOSE_LIST && at < this.end) return at + 1
    if (column.type !== 'strings') return -1
    const head = column.kept ? this.table.headOf(column) : null
    const dictionary = column.dictionary!
    for (;;) {
      if (at >= this.end || bytes[at] !== QUOTE) return -1
      const close = this.text(at + 1)
      if (close < 0) return -1
      head?.addItem(this.row, dictionary.encodeBytes(bytes, at + 1, close, this.hash))
      at = this.skip(close + 1)
      if (at >= this.end) return -1
      if (bytes[at] === CLOSE_LIST) return at + 1
      if (bytes[at] !== COMMA) return -1
      at = this.skip(at + 1)
    }
  }

  /** Passes a text without escapes and hashes it, four bytes at a time; returns the place of its closing quote, or -1. */
  private text(at: number): number {
    const { bytes, view } = this
    const limit = Math.min(this.end, at + MAX_TEXT)
    let h = HASH_START
    let i = at
    for (; i + 4 <= limit; i += 4) {
      const word = view.getInt32(i, true)
      if (mayEnd(word)) break
      h = mixHash(h, word)
    }
    let word = 0
    let shift = 0
    for (; i < limit; i++) {
      const byte = bytes[i]
      if (byte === QUOTE) {
        this.hash = finishHash(shift === 0 ? h : mixHash(h, word), i - at)
        return i
      }
      if (byte === BACKSLASH || byte < SPACE) return -1
      word |= byte << shift
      shift += 8
      if (shift === 32) {
        h = mixHash(h, word)
        word = shift = 0
      }
    }
    return -1
  }

  /** Reads a number without exponent and of few digits; returns where it ends, or -1. */
  private decimal(at: number): number {
    const { bytes, end } = this
    const negative = bytes[at] === MINUS
    const first = negative ? at + 1 : at
    let mantissa = 0
    let i = first
    for (; i < end && bytes[i] >= ZERO && bytes[i] <= NINE; i++) mantissa = mantissa * 10 + bytes[i] - ZERO
    const integer = i - first
    if (integer === 0 || (integer > 1 && bytes[first] === ZERO)) return -1
    let fraction = 0
    if (i < end && bytes[i] === DOT) {
      const point = i++
      for (; i < end && bytes[i] >= ZERO && bytes[i] <= NINE; i++) mantissa = mantissa * 10 + bytes[i] - ZERO
      fraction = i - point - 1
      if (fraction === 0) return -1
    }
    if (integer + fraction > MAX_DIGITS || (i < end && (bytes[i] | 32) === 101)) return -1
    const value = fraction === 0 ? mantissa : mantissa / POWERS_OF_TEN[fraction]
    // Not -0: one number, one group.
    this.number = negative && value !== 0 ? -value : value
    return i
  }

  private isWord(at: number, word: Uint8Array): boolean {
    if (at + word.length > this.end) return false
    for (let i = 0; i < word.length; i++) if (this.bytes[at + i] !== word[i]) return false
    return true
  }

  /** Past blanks. */
  private skip(at: number): number {
    const { bytes, end } = this
    while (at < end && (bytes[at] === SPACE || bytes[at] === 9 || bytes[at] === 13)) at++
    return at
  }
}
