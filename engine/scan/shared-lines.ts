/**
 * Blocks of lines that workers help to scan (piece-scanner.ts): the thread of the table takes the runs in the order of their lines,
 * gives texts their codes and stores the rows. What no worker has begun when its turn comes, or is late with, this thread scans itself.
 */
import type { PackedTexts } from '../column/packed-lookup.js'
import { HASH_START } from '../column/text-hash.js'
import { PACKED_WORDS, type TextRun } from '../column/text-run.js'
import type { Done } from '../parallel/serve.js'
import type { Member, Workers } from '../parallel/workers.js'
import type { Table, TableColumn } from '../table/table.js'
import { CodeList } from './code-list.js'
import { formField } from './form.js'
import { ITEMS, RUN_ROWS, type FormField } from './line-kernel.js'
import type { Field } from './line-scanner.js'
import type { LineForm, LinesJob } from './piece-scanner.js'
import { Pieces } from './pieces.js'
import type { RunStore } from './run-store.js'
import { AGREED, RunWords } from './run-words.js'

/** The line is for this thread. */
export const OWN = 0
/** A worker is at the line, and not done. */
export const BUSY = -1

/** Blocks lie in shared memory as they lie in a word of eight bytes, which copies them fast. */
const WORD_BYTES = 8
const EACH = Uint32Array.from({ length: ITEMS }, (_, i) => i)
const NONE = new Uint32Array(0)

/** Blocks that are read one after the other in one form. */
interface Reading {
  readonly id: number
  readonly fields: readonly Field[]
  readonly form: LineForm
  /** Of the table's columns. */
  readonly version: number
  /** Room for a block, and that which was shared last. */
  readonly bytes: SharedArrayBuffer
  block: Uint8Array
  readonly helpers: Map<Member, Helper>
}

/** What this thread keeps of a worker that scans lines. */
class Helper {
  readonly buffer: SharedArrayBuffer
  readonly runs: RunWords
  /** Codes of the table by those of the worker, field by field. */
  readonly codes: readonly CodeList[]
  /** What it was shown of the dictionary of each field. */
  private readonly shown: { chunks: readonly Uint32Array[] | null, pages: number }[]

  constructor(bytes: number, fields: number) {
    this.buffer = new SharedArrayBuffer(bytes)
    this.runs = new RunWords(this.buffer)
    this.codes = Array.from({ length: fields }, () => new CodeList())
    this.shown = Array.from({ length: fields }, () => ({ chunks: null, pages: 0 }))
  }

  /** What it must be shown to look texts of these fields up. */
  show(fields: readonly Field[]): (PackedTexts | null)[] {
    return fields.map(({ column: { type, dictionary } }, i) => {
      const shown = this.shown[i]
      const texts = type === 'string' ? dictionary!.packedTexts(shown.chunks, shown.pages) : null
      if (texts === null) return null
      shown.chunks = texts.chunks ?? shown.chunks
      shown.pages += texts.pages.length
      return texts
    })
  }
}

/** A piece that was scanned by this thread because its worker was late: new texts in its runs are still to be agreed on. */
interface Late {
  readonly member: Member
  readonly pieces: Pieces
  readonly piece: number
}

export class SharedLines {
  /** Where the run ended that was taken, and how many of its rows replaced others. */
  next = 0
  updated = 0
  /** End of the lines that are for this thread. */
  limit = 0
  private readonly table: Table
  private readonly store: RunStore
  private readonly workers: Workers
  private bytes: Uint8Array = new Uint8Array(0)
  private reading: Reading | null = null
  /** Of the block; null where it is not shared. */
  private pieces: Pieces | null = null
  private members: readonly Member[] = []
  private late: Late[] = []
  private isOffered = false
  /** Where the texts of runs are. */
  private texts: Uint8Array = this.bytes
  /** The piece whose turn it is, who scanned it, and where its words end. */
  private piece = -1
  private helper: Helper | null = null
  private lastWord = 0
  /** Of the run that is next: its first byte, that behind it, and its rows; none with 0. */
  private from = 0
  private to = 0
  private rows = 0
  private readonly ids = new Uint32Array(RUN_ROWS)
  private readonly codes = new Uint32Array(ITEMS)
  private readonly fresh = new Uint32Array(ITEMS)

  constructor(table: Table, store: RunStore, workers: Workers) {
    this.table = table
    this.store = store
    this.workers = workers
  }

  /** A block begins; the one before it was read to its end, or never will be. */
  open(bytes: Uint8Array): void {
    if (this.pieces !== null && this.piece < this.pieces.count - 1) this.close()
    this.bytes = this.texts = bytes
    this.pieces = null
    this.isOffered = false
  }

  /** Takes the run of lines that begins at `from`, and returns their number; OWN where it is for this thread, BUSY where it is to be waited for. */
  take(from: number, fields: readonly Field[], spaced: boolean): number {
    if (!this.isOffered) this.offer(from, fields, spaced)
    this.limit = this.bytes.length
    if (this.pieces === null) return OWN
    if (this.reading!.version !== this.table.schemaVersion) {
      this.close()
      return OWN
    }
    if (!this.reach(this.pieces, from)) return BUSY
    this.limit = this.pieces.from(this.piece + 1)
    if (this.helper === null) return OWN
    if (this.rows === 0 && this.helper.runs.at < this.lastWord) this.nextRun(this.helper)
    if (this.rows === 0) return OWN
    this.limit = this.from
    if (from < this.from) return OWN
    return this.takeRun(this.helper)
  }

  /** Workers need not go on, and forget what they know. */
  close(): void {
    const { pieces, reading } = this
    pieces?.keepAll()
    if (reading !== null) for (const member of reading.helpers.keys()) member.post({ kind: 'done', id: reading.id } satisfies Done)
    this.pieces = null
    this.reading = null
    this.late = []
  }

  /** Lets workers scan the block from `from` on, where it is large enough. */
  private offer(from: number, fields: readonly Field[], spaced: boolean): void {
    this.isOffered = true
    const { bytes } = this
    const { lines } = this.workers.sharing
    const members = bytes.length - from < 2 * lines ? [] : this.workers.help(bytes.length)
    if (members.length === 0 || !this.agreeOnAll()) return
    const first = bytes.byteOffset % WORD_BYTES
    const reading = this.readingOf(fields, spaced, first + bytes.length)
    reading.block = new Uint8Array(reading.bytes, first, bytes.length)
    reading.block.set(bytes)
    const pieces = Pieces.of(bytes, from, lines)
    this.pieces = pieces
    this.members = members
    this.piece = -1
    members.forEach((member, i) => {
      let helper = reading.helpers.get(member)
      if (helper === undefined) {
        helper = new Helper(reading.bytes.byteLength, fields.length)
        reading.helpers.set(member, helper)
      }
      const { id, form } = reading
      member.post({
        kind: 'lines', id, thread: i + 1, form, pieces: pieces.buffer, bytes: reading.bytes, first, runs: helper.buffer, known: helper.show(fields)
      } satisfies LinesJob)
    })
  }

  private readingOf(fields: readonly Field[], spaced: boolean, bytes: number): Reading {
    const { reading, table } = this
    if (reading !== null && reading.fields === fields && reading.form.spaced === spaced && reading.version === table.schemaVersion && reading.bytes.byteLength >= bytes) {
      return reading
    }
    this.close()
    const form: LineForm = { fields: fields.map((field): FormField => formField(field, spaced)), spaced, seed: HASH_START }
    const room = new SharedArrayBuffer(Math.ceil(bytes / WORD_BYTES) * WORD_BYTES)
    this.reading = { id: this.workers.nextJob(), fields, form, version: table.schemaVersion, bytes: room, block: new Uint8Array(room), helpers: new Map() }
    return this.reading
  }

  /** Goes on to the piece of byte `from`. False where it is to be waited for. */
  private reach(pieces: Pieces, from: number): boolean {
    const { waits, linesWait } = this.workers.sharing
    while (this.piece < 0 || from >= pieces.from(this.piece + 1)) {
      const piece = this.piece + 1
      if (waits && pieces.isFree(piece) && this.members.some(({ isEnded }) => !isEnded)) return false
      pieces.keep(piece)
      const thread = pieces.awaitEnd(piece, linesWait)
      if (thread > 0 && waits && !this.members[thread - 1].isEnded) return false
      this.piece = piece
      this.rows = 0
      this.helper = null
      if (thread > 0) {
        this.late.push({ member: this.members[thread - 1], pieces, piece })
        this.workers.sharing.note?.('alone', 'a worker is late')
      } else this.begin(pieces, piece)
    }
    return true
  }

  /** Begins with the runs of a piece that is done. */
  private begin(pieces: Pieces, piece: number): void {
    const maker = pieces.makerOf(piece)
    if (maker === 0) return
    const member = this.members[maker - 1]
    for (const late of this.late) if (late.member === member) this.agreeOn(late)
    this.late = this.late.filter(late => late.member !== member)
    this.helper = this.reading!.helpers.get(member)!
    ;[this.helper.runs.at, this.lastWord] = pieces.madeOf(piece)
  }

  /** Agrees on the texts of late pieces, as long as the columns are what they were. False where a worker is still at one. */
  private agreeOnAll(): boolean {
    if (this.reading !== null && this.reading.version !== this.table.schemaVersion) this.close()
    while (this.late.length > 0) {
      const [late] = this.late
      if (late.pieces.makerOf(late.piece) > 0) this.agreeOn(late)
      else if (late.member.isEnded) this.reading!.helpers.delete(late.member)
      else return false
      this.late.shift()
    }
    return true
  }

  /** Takes the new texts of a late piece, and no rows. */
  private agreeOn({ member, pieces, piece }: Late): void {
    const helper = this.reading!.helpers.get(member)!
    const [first, last] = pieces.madeOf(piece)
    helper.runs.at = first
    this.texts = this.reading!.block
    while (helper.runs.at < last) {
      this.nextRun(helper)
      this.takeFields(helper, false)
    }
    this.texts = this.bytes
    this.rows = 0
  }

  private nextRun({ runs }: Helper): void {
    this.from = runs.next()
    this.to = runs.next()
    this.rows = runs.next()
  }

  /** Stores the run that is next; where there is no room for it, this thread scans it again. */
  private takeRun(helper: Helper): number {
    const { rows, store } = this
    const isStored = rows <= this.table.room
    if (isStored) store.begin(rows)
    this.takeFields(helper, isStored)
    this.rows = 0
    this.limit = this.to
    if (!isStored) return OWN
    this.updated = store.commit()
    this.next = this.to
    return rows
  }

  private takeFields({ runs, codes }: Helper, isStored: boolean): void {
    const { fields } = this.reading!
    for (let i = 0; i < fields.length; i++) this.takeField(fields[i], runs, codes[i], this.rows, isStored)
  }

  private takeField({ role, column }: Field, runs: RunWords, codes: CodeList, rows: number, isStored: boolean): void {
    const { store } = this
    if (role === 'start') {
      const starts = runs.nextNumbers(rows)
      if (isStored) store.putStarts(starts)
    } else if (column.type === 'number') {
      const numbers = runs.nextNumbers(rows)
      const present = runs.nextAll(rows)
      if (isStored) store.putNumbers(column, numbers, present)
    } else if (role === 'id') {
      this.takeTexts(column, runs, codes, this.ids, rows, true)
      if (isStored) store.putIds(this.ids)
    } else if (column.type === 'string') {
      this.takeTexts(column, runs, codes, this.codes, rows, true)
      if (isStored) store.putCodes(column, this.codes)
    } else {
      const ends = runs.nextAll(rows)
      this.takeTexts(column, runs, codes, this.codes, ends[rows - 1], false)
      if (isStored) store.putItems(column, ends, this.codes)
    }
  }

  /** Writes the codes of the texts of `count` rows or items. */
  private takeTexts({ dictionary }: TableColumn, runs: RunWords, known: CodeList, codes: Uint32Array, count: number, isPacked: boolean): void {
    const isAgreed = runs.next() === AGREED
    const texts = runs.next()
    const run: TextRun = {
      codes: this.fresh, missing: EACH, starts: runs.nextAll(texts), lengths: runs.nextAll(texts), hashes: runs.nextAll(texts),
      packed: isPacked ? runs.nextAll(texts * PACKED_WORDS) : NONE
    }
    dictionary!.encodeMissing(this.texts, run, texts)
    if (isAgreed) {
      known.add(run.codes, texts)
      known.translate(runs.nextAll(count), codes, count)
    } else {
      const places = runs.nextAll(texts)
      codes.set(runs.nextAll(count))
      for (let i = 0; i < texts; i++) codes[places[i]] = run.codes[i]
    }
  }
}
