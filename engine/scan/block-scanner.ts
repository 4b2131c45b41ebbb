/**
 * Reads blocks of lines into columns. Runs of lines of the form that is usual here go through the kernel (line-kernel.ts) and then column by
 * column, so that one dictionary at a time is in the cache; every other line goes through the line scanner, and teaches the form where it is taken.
 */
import type { Dictionary } from '../column/dictionary.js'
import type { Table } from '../table/table.js'
import { lineKernel, MAX_FIELDS, type FieldArrays, type FormField, type KernelTexts, type LineKernel } from './line-kernel.js'
import { LEFT, LineScanner, type Field, type Outcome } from './line-scanner.js'

const SPACE = 32
const QUOTE = 34
const COLON = 58

export class BlockScanner {
  /** Where the run ended, and how many of its rows replaced others. */
  next = 0
  updated = 0
  private readonly table: Table
  private readonly source: string
  private readonly lines: LineScanner
  private fields: readonly Field[] = []
  /** One blank stands behind each comma and colon. */
  private spaced = false
  /** Of the table's columns when the kernel was told the form; -1 when it must be told anew. */
  private version = -1
  private bytes: Uint8Array = new Uint8Array(0)
  /** What the kernel's input holds of `bytes`. */
  private inputFrom = 0
  private inputEnd = 0
  /** Codes of the ids of the run. */
  private ids: Uint32Array = new Uint32Array(0)

  constructor(table: Table, source: string) {
    this.table = table
    this.source = source
    this.lines = new LineScanner(table, source)
  }

  /** The lines that follow are of this block: valid UTF-8. */
  open(bytes: Uint8Array): void {
    this.bytes = bytes
    this.inputFrom = this.inputEnd = 0
  }

  /** Takes lines from the one that begins at `from` on, and returns how many; with 0 the line is one for `line`. */
  run(from: number): number {
    const kernel = this.fields.length === 0 ? null : lineKernel()
    if (kernel === null || !this.prepare(kernel, from)) return 0
    const rows = kernel.scan(from - this.inputFrom, this.inputEnd - this.inputFrom, this.table.room)
    if (rows === 0) return 0
    this.next = from + kernel.taken
    this.updated = this.store(kernel, rows)
    return rows
  }

  /** Takes the line bytes[from, end), or changes nothing and returns LEFT. */
  line(from: number, end: number): Outcome {
    const outcome = this.lines.scan(this.bytes, from, end)
    if (outcome !== LEFT) this.learn(from)
    return outcome
  }

  /** Gives the kernel its form and its input. False where it cannot help. */
  private prepare(kernel: LineKernel, from: number): boolean {
    if (this.version !== this.table.schemaVersion || !kernel.isOf(this)) {
      kernel.setForm(this, this.fields.map(field => this.formField(field)), this.spaced)
      this.version = this.table.schemaVersion
      this.inputEnd = 0
    }
    if (from >= this.inputEnd || from < this.inputFrom) {
      this.inputFrom = from
      this.inputEnd = from + kernel.fill(this.bytes, from)
    }
    return from < this.inputEnd
  }

  private formField({ key, role, column }: Field): FormField {
    return { key: Uint8Array.of(QUOTE, ...key, QUOTE, COLON, ...this.spaced ? [SPACE] : []), kind: role === 'column' ? column.type : role, isWanted: column.kept }
  }

  /** Takes over the order of the keys of the line that was taken last. */
  private learn(from: number): void {
    const fields = this.lines.lastFields
    const form = withFields(this.fields, fields)
    // Behind the bracket, the two quotes and the colon.
    const spaced = this.bytes[from + fields[0].key.length + 4] === SPACE
    if (form === this.fields && spaced === this.spaced) return
    this.fields = form.length > MAX_FIELDS ? [] : form
    this.spaced = spaced
    this.version = -1
  }

  /** Puts the rows of the run into the table; returns how many replaced others. */
  private store(kernel: LineKernel, rows: number): number {
    const { table, fields } = this
    const source = table.encodeSource(this.source)
    const first = table.beginRows(rows)
    for (let i = 0; i < fields.length; i++) this.storeField(fields[i], kernel.fields[i], kernel.input, first, rows)
    return table.commitRows(first, source, this.ids)
  }

  private storeField({ column }: Field, arrays: FieldArrays, input: Uint8Array, first: number, rows: number): void {
    const { table } = this
    if (!column.kept) return
    switch (arrays.kind) {
      case 'start': return table.setStarts(first, arrays.numbers.subarray(0, rows))
      case 'number': {
        if (arrays.present.lastIndexOf(1, rows - 1) >= 0) table.headOf(column).setNumbers(first, arrays.numbers, arrays.present, rows)
        return
      }
      case 'string': case 'id': {
        const { texts } = arrays
        encode(column.dictionary!, texts, input, rows)
        if (arrays.kind === 'id') this.ids = texts.codes.subarray(0, rows)
        else if (hasCode(texts.codes, rows)) table.headOf(column).setCodes(first, texts.codes, rows)
        return
      }
      case 'strings': {
        const { ends, items } = arrays
        const count = ends[rows - 1]
        if (count === 0) return
        encode(column.dictionary!, items, input, count)
        const head = table.headOf(column)
        for (let row = 0, item = 0; row < rows; row++) for (; item < ends[row]; item++) head.addItem(first + row, items.codes[item])
      }
    }
  }
}

/** Gives their codes to the first `size` texts of a run. */
function encode(dictionary: Dictionary, texts: KernelTexts, input: Uint8Array, size: number): void {
  const missing = texts.missingOf(size)
  dictionary.encodeMissing(input, texts, missing)
  texts.remember(input, missing, size)
}

function hasCode(codes: Uint32Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (codes[i] !== 0) return true
  return false
}

/** The form with the fields of a line at their places; that of the line where both have fields in different order. */
function withFields(form: readonly Field[], line: readonly Field[]): readonly Field[] {
  const merged = [...form]
  let at = 0
  for (const field of line) {
    const place = merged.indexOf(field)
    if (place >= 0 && place < at) return line.slice()
    if (place < 0) merged.splice(at, 0, field)
    else at = place
    at++
  }
  return merged.length === form.length ? form : merged
}
