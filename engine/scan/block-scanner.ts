/**
 * Reads blocks of lines into columns. Runs of lines of the form that is usual here go through the kernel (line-kernel.ts) and then column by
 * column, so that one dictionary at a time is in the cache; every other line goes through the line scanner, and teaches the form where it is taken.
 */
import type { Dictionary } from '../column/dictionary.js'
import { HASH_START } from '../column/text-hash.js'
import type { Table } from '../table/table.js'
import type { Ahead, LinesAhead } from './ahead.js'
import { lineKernel, MAX_FIELDS, type FieldArrays, type FormField, type LineKernel, type RunTexts } from './line-kernel.js'
import { LEFT, LineScanner, type Field, type Outcome } from './line-scanner.js'

const SPACE = 32
const QUOTE = 34
const COLON = 58

/** A block of lines that other threads scan too, as they were told. */
interface HandedOver {
  readonly lines: LinesAhead
  readonly fields: readonly Field[]
  /** Of the table's columns. */
  readonly version: number
}

/** That a kernel was told so far. */
let forms = 0

export class BlockScanner {
  /** Where the run ended, and how many of its rows replaced others. */
  next = 0
  updated = 0
  private readonly table: Table
  private readonly source: string
  private readonly lines: LineScanner
  private fields: readonly Field[] = []
  /** The fields as the kernel was told, and the number of that telling. */
  private form: readonly FormField[] = []
  private formKey = 0
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
  private readonly ahead: Ahead | null
  private handedOver: HandedOver | null = null

  /** @param ahead who scans lines in other threads */
  constructor(table: Table, source: string, ahead: Ahead | null = null) {
    this.table = table
    this.source = source
    this.lines = new LineScanner(table, source)
    this.ahead = ahead
  }

  /** The lines that follow are of this block: valid UTF-8. `close` must follow. */
  open(bytes: Uint8Array): void {
    this.bytes = bytes
    this.inputFrom = this.inputEnd = 0
    const kernel = this.kernel()
    if (this.ahead === null || kernel === null) return
    this.giveForm(kernel)
    const { formKey: key, form, spaced, fields, version } = this
    const lines = this.ahead.begin(bytes, { key, fields: form, spaced, seed: HASH_START }, kernel, () => {
      if (this.formKey !== key || !this.isReady(kernel)) return null
      this.inputEnd = 0
      return kernel
    })
    this.handedOver = lines && { lines, fields, version }
  }

  /** No more lines of the block are taken. */
  close(): void {
    if (this.handedOver !== null) this.ahead!.end(this.handedOver.lines)
    this.handedOver = null
  }

  /** Takes lines from the one that begins at `from` on, and returns how many; with 0 the line is one for `line`. */
  run(from: number): number {
    const kernel = this.kernel()
    if (kernel === null) return 0
    return this.runAhead(kernel, from) || this.runHere(kernel, from)
  }

  private runHere(kernel: LineKernel, from: number): number {
    const limit = Math.min(this.bytes.length, this.handedOver?.lines.limitOf(from) ?? Infinity)
    if (!this.prepare(kernel, from, limit)) return 0
    const rows = kernel.scan(from - this.inputFrom, Math.min(this.inputEnd, limit) - this.inputFrom, this.table.room)
    if (rows === 0) return 0
    this.next = from + kernel.taken
    this.updated = this.store(kernel, this.fields, kernel.fields, kernel.input, rows)
    return rows
  }

  /** Takes a run that another thread scanned; 0 where none did. */
  private runAhead(kernel: LineKernel, from: number): number {
    if (this.handedOver === null) return 0
    const { lines, fields, version } = this.handedOver
    // Values may be of other columns now.
    if (version !== this.table.schemaVersion) {
      this.close()
      return 0
    }
    const run = lines.runAt(from)
    if (run === null || run.rows > this.table.room) return 0
    this.next = run.next
    this.updated = this.store(kernel, fields, run.fields, this.bytes, run.rows)
    return run.rows
  }

  private kernel(): LineKernel | null {
    return this.fields.length === 0 ? null : lineKernel()
  }

  /** Takes the line bytes[from, end), or changes nothing and returns LEFT. */
  line(from: number, end: number): Outcome {
    const outcome = this.lines.scan(this.bytes, from, end)
    if (outcome !== LEFT) this.learn(from)
    return outcome
  }

  /** Gives the kernel its form and its input, up to `limit` at most. False where it cannot help. */
  private prepare(kernel: LineKernel, from: number, limit: number): boolean {
    this.giveForm(kernel)
    if (from >= this.inputEnd || from < this.inputFrom) {
      this.inputFrom = from
      this.inputEnd = from + kernel.fill(this.bytes, from, limit)
    }
    return from < this.inputEnd
  }

  private isReady(kernel: LineKernel): boolean {
    return this.version === this.table.schemaVersion && kernel.isOf(this)
  }

  /** The kernel scans lines of the form from now on. */
  private giveForm(kernel: LineKernel): void {
    if (this.isReady(kernel)) return
    this.form = this.fields.map(field => this.formField(field))
    this.formKey = ++forms
    kernel.setForm(this, this.form, this.spaced)
    this.version = this.table.schemaVersion
    this.inputEnd = 0
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
  private store(kernel: LineKernel, fields: readonly Field[], arrays: readonly FieldArrays[], input: Uint8Array, rows: number): number {
    const { table } = this
    const source = table.encodeSource(this.source)
    const first = table.beginRows(rows)
    const known = fields === this.fields && this.isReady(kernel) ? kernel : null
    for (let i = 0; i < fields.length; i++) this.storeField(known, i, fields[i], arrays[i], input, first, rows)
    return table.commitRows(first, source, this.ids)
  }

  /** @param known the kernel, where it knows texts of the field at this place */
  private storeField(known: LineKernel | null, place: number, { column }: Field, arrays: FieldArrays, input: Uint8Array, first: number, rows: number): void {
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
        this.encode(known, place, column.dictionary!, texts, input, rows)
        if (arrays.kind === 'id') this.ids = texts.codes.subarray(0, rows)
        else if (hasCode(texts.codes, rows)) table.headOf(column).setCodes(first, texts.codes, rows)
        return
      }
      case 'strings': {
        const { ends, items } = arrays
        const count = ends[rows - 1]
        if (count === 0) return
        this.encode(known, place, column.dictionary!, items, input, count)
        const head = table.headOf(column)
        for (let row = 0, item = 0; row < rows; row++) for (; item < ends[row]; item++) head.addItem(first + row, items.codes[item])
      }
    }
  }

  /** Gives their codes to the first `size` texts of a run. */
  private encode(known: LineKernel | null, place: number, dictionary: Dictionary, texts: RunTexts, input: Uint8Array, size: number): void {
    const missing = texts.missingOf(size)
    dictionary.encodeMissing(input, texts, missing)
    known?.remember(place, texts, input, missing, size, this.handedOver === null ? null : this.ahead!.news)
  }
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
