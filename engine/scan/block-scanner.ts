/**
 * Reads blocks of lines into columns. Runs of lines of the form that is usual here go through the kernel (line-kernel.ts) and then column by
 * column, so that one dictionary at a time is in the cache; every other line goes through the line scanner, and teaches the form where it is taken.
 */
import type { Dictionary } from '../column/dictionary.js'
import type { Workers } from '../parallel/workers.js'
import type { Table } from '../table/table.js'
import { formField } from './form.js'
import { lineKernel, MAX_FIELDS, type FieldArrays, type KernelTexts, type LineKernel } from './line-kernel.js'
import { LEFT, LineScanner, type Field, type Outcome } from './line-scanner.js'
import { RunStore } from './run-store.js'
import { OWN, SharedLines } from './shared-lines.js'

const SPACE = 32

export class BlockScanner {
  /** Where the run ended, and how many of its rows replaced others. */
  next = 0
  updated = 0
  private readonly table: Table
  private readonly lines: LineScanner
  private readonly store: RunStore
  private readonly shared: SharedLines | null
  private fields: readonly Field[] = []
  /** One blank stands behind each comma and colon. */
  private spaced = false
  /** Of the table's columns when the kernel was told the form; -1 when it must be told anew. */
  private version = -1
  private bytes: Uint8Array = new Uint8Array(0)
  /** What the kernel's input holds of `bytes`. */
  private inputFrom = 0
  private inputEnd = 0

  /** @param workers help with large blocks; null where there are none */
  constructor(table: Table, source: string, workers: Workers | null) {
    this.table = table
    this.lines = new LineScanner(table, source)
    this.store = new RunStore(table, source)
    this.shared = workers === null ? null : new SharedLines(table, this.store, workers)
  }

  /** The lines that follow are of this block: valid UTF-8. */
  open(bytes: Uint8Array): void {
    this.bytes = bytes
    this.inputFrom = this.inputEnd = 0
    this.shared?.open(bytes)
  }

  /** No more blocks follow. */
  close(): void {
    this.shared?.close()
  }

  /**
   * Takes lines from the one that begins at `from` on, and returns how many. With OWN the line is one for `line`;
   * with BUSY a worker has not yet come to its end: ask again, after others had their turn.
   */
  run(from: number): number {
    const kernel = this.fields.length === 0 ? null : lineKernel()
    if (kernel === null) return OWN
    let limit = this.bytes.length
    if (this.shared !== null) {
      const rows = this.shared.take(from, this.fields, this.spaced)
      this.next = this.shared.next
      this.updated = this.shared.updated
      if (rows !== OWN) return rows
      limit = this.shared.limit
    }
    if (!this.prepare(kernel, from, limit)) return OWN
    const rows = kernel.scan(from - this.inputFrom, Math.min(limit, this.inputEnd) - this.inputFrom, this.table.room)
    if (rows === 0) return OWN
    this.next = from + kernel.taken
    this.updated = this.storeRun(kernel, rows)
    return rows
  }

  /** Takes the line bytes[from, end), or changes nothing and returns LEFT. */
  line(from: number, end: number): Outcome {
    const outcome = this.lines.scan(this.bytes, from, end)
    if (outcome !== LEFT) this.learn(from)
    return outcome
  }

  /** Gives the kernel its form and its input. False where it cannot help. */
  private prepare(kernel: LineKernel, from: number, limit: number): boolean {
    if (this.version !== this.table.schemaVersion || !kernel.isOf(this)) {
      kernel.setForm(this, this.fields.map(field => formField(field, this.spaced)), this.spaced)
      this.version = this.table.schemaVersion
      this.inputEnd = 0
    }
    if (from >= this.inputEnd || from < this.inputFrom) {
      this.inputFrom = from
      this.inputEnd = from + kernel.fill(this.bytes, from, limit)
    }
    return from < this.inputEnd
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
  private storeRun(kernel: LineKernel, rows: number): number {
    const { store, fields } = this
    store.begin(rows)
    for (let i = 0; i < fields.length; i++) this.storeField(fields[i], kernel.fields[i], kernel.input, rows)
    return store.commit()
  }

  private storeField({ column }: Field, arrays: FieldArrays, input: Uint8Array, rows: number): void {
    const { store } = this
    switch (arrays.kind) {
      case 'start': return store.putStarts(arrays.numbers)
      case 'number': return store.putNumbers(column, arrays.numbers, arrays.present)
      case 'string': case 'id': {
        encode(column.dictionary!, arrays.texts, input, rows)
        if (arrays.kind === 'id') store.putIds(arrays.texts.codes)
        else store.putCodes(column, arrays.texts.codes)
        return
      }
      case 'strings': {
        encode(column.dictionary!, arrays.items, input, arrays.ends[rows - 1])
        store.putItems(column, arrays.ends, arrays.items.codes)
      }
    }
  }
}

/** Gives their codes to the first `size` texts of a run. */
function encode(dictionary: Dictionary, texts: KernelTexts, input: Uint8Array, size: number): void {
  const missing = texts.missingOf(size)
  dictionary.encodeMissing(input, texts, missing)
  texts.remember(input, missing)
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
