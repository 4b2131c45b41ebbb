/**
 * Runs of lines of one form, scanned by WebAssembly (engine/kernels/assembly/scan.ts): values come as arrays, a column at a time.
 * The form is the order of the keys; a line may lack some of them. There is one kernel for all, which belongs to whom gave it its form last.
 */
import { PACKED, type TextRun } from '../column/dictionary.js'
import { HASH_START } from '../column/text-hash.js'
import { kernels } from '../kernels/kernels.js'
import { instantiate, MOST_PAGES } from '../kernels/compiled.js'
import { copyIn } from '../kernels/copy.js'
import { KNOWN_BYTES, KnownRoom, KnownTexts } from './known-texts.js'
import { News } from './news.js'

/** Rows of a run, and items of one column in it; as in the kernel. */
export const RUN_ROWS = 1024
/** Of the first run of a form: texts that come again are known from the next one on. */
const FIRST_RUN_ROWS = 64
const ITEMS = 4096
/** So many texts tell whether they come again. */
const TELLING = 256
/** Longest input at once; a line that is longer is left to others. */
const INPUT_BYTES = 1 << 19
/** A form of more keys would scan more than the cache holds. */
export const MAX_FIELDS = 128

const PAGE = 65_536
const VECTOR = 16
/** Of the cache. */
const LINE = 64
/** Bytes of one field for the kernel, and of one text of it. */
const FIELD_BYTES = 32
const TEXT_BYTES = 20
const PACKED_BYTES = 16
const MISSING_WORD = 4
const POWERS = 0
const FIELDS = 256
/** Where in the memory lines begin. */
export const INPUT = FIELDS + MAX_FIELDS * FIELD_BYTES
/** Behind the input: a line feed, and vectors that may be read. */
const KNOWN = INPUT + INPUT_BYTES + 2 * LINE
const ARRAYS = KNOWN + KNOWN_BYTES + VECTOR
const POWERS_OF_TEN = Float64Array.from({ length: 16 }, (_, i) => 10 ** i)
const LINE_FEED = 10

/** What the values of a field are for; the kernel knows them by their places here. */
const KINDS = ['string', 'number', 'strings', 'id', 'start'] as const
export type Kind = typeof KINDS[number]

/** A key of the form. */
export interface FormField {
  /** As it stands in the lines, with quotes, colon and the blank behind it. */
  readonly key: Uint8Array
  readonly kind: Kind
  /** Texts of others are passed by. */
  readonly isWanted: boolean
}

interface Exports {
  setFields(first: number, last: number, gap: number, seed: number, powers: number): void
  scanLines(at: number, end: number, most: number): number
  nextLine(): number
  findKnown(field: number, texts: number, room: number, table: number, mask: number): number
}

/** Values of one field in a run, by row. */
export type FieldArrays =
  | { readonly kind: 'string' | 'id', readonly texts: RunTexts }
  /** `present` is 1 where there is a number. */
  | { readonly kind: 'number', readonly numbers: Float64Array, readonly present: Uint32Array }
  /** The items of a row end at `ends`, and begin where those of the row before it end. */
  | { readonly kind: 'strings', readonly ends: Uint32Array, readonly items: RunTexts }
  /** Epoch ms. */
  | { readonly kind: 'start', readonly numbers: Float64Array }

/** Texts of one column in a run. */
export interface RunTexts extends TextRun {
  /** How many are missing of the first `size`. */
  missingOf(size: number): number
}

/** Texts as they lie in the memory of the kernel. */
class KernelTexts implements RunTexts {
  /** 0 where the row has no text, and for what is missing. */
  readonly codes: Uint32Array
  readonly starts: Uint32Array
  readonly lengths: Uint32Array
  readonly hashes: Uint32Array
  readonly missing: Uint32Array
  readonly packed: Uint32Array
  private readonly field: Uint32Array
  private readonly find: (known: KnownTexts) => void
  private known: KnownTexts | null

  /**
   * @param field address of the field's record
   * @param known null where hardly a text comes again
   */
  constructor(run: Exports, buffer: ArrayBuffer, field: number, at: number, room: number, known: KnownTexts | null) {
    const array = (i: number): Uint32Array => new Uint32Array(buffer, at + 4 * room * i, room)
    this.codes = array(0)
    this.starts = array(1)
    this.lengths = array(2)
    this.hashes = array(3)
    this.missing = array(4)
    this.packed = new Uint32Array(buffer, at + TEXT_BYTES * room)
    this.field = new Uint32Array(buffer, field, FIELD_BYTES >>> 2)
    this.known = known
    this.find = ({ address, mask }) => { run.findKnown(field, at, room, address, mask) }
  }

  /** A line that was not taken may have left some behind the first `size`. */
  missingOf(size: number): number {
    if (this.known?.isLate === true) this.find(this.known)
    let count = this.field[MISSING_WORD]
    while (count > 0 && this.missing[count - 1] >= size) count--
    return count
  }

  /** Whether any are known, or may be. */
  get knows(): boolean {
    return this.known !== null
  }

  /** Whether it is in vain to know more: there are many, and yet most of the `size` texts of a run, `count` of them, were missing. */
  isVain(count: number, size: number): boolean {
    return this.known?.isFull === true && size >= TELLING && count * 2 > size
  }

  /** From now on the text bytes[start, start + length) is known, where there is room. */
  know(hash: number, bytes: Uint8Array, start: number, length: number, code: number): boolean {
    const { known } = this
    return known !== null && !known.isFull && known.add(hash, bytes, start, length, code)
  }

  /** Says all that are known. */
  tell(say: (hash: number, bytes: Uint8Array, start: number, length: number, code: number) => void): void {
    this.known?.tell(say)
  }

  giveUp(): void {
    this.known?.giveUp()
    this.known = null
  }
}

export class LineKernel {
  /** Holds the texts that the arrays speak of. */
  input = new Uint8Array(0)
  fields: readonly FieldArrays[] = []
  /** The texts of each field; null where it has none. */
  private texts: readonly (KernelTexts | null)[] = []
  /** Bytes of the input that the last run took. */
  taken = 0
  private readonly memory: WebAssembly.Memory
  private readonly run: Exports
  private owner: unknown = null
  /** Most rows of the next run. */
  private most = FIRST_RUN_ROWS

  constructor(memory: WebAssembly.Memory, run: Exports) {
    this.memory = memory
    this.run = run
    this.refresh()
  }

  /** Whether `owner` gave the form, and nobody since. */
  isOf(owner: unknown): boolean {
    return this.owner === owner
  }

  /** @param spaced one blank stands behind each comma and colon; @param seed of the hashes, which is another one in each thread */
  setForm(owner: unknown, form: readonly FormField[], spaced: boolean, seed = HASH_START): void {
    this.owner = owner
    this.most = FIRST_RUN_ROWS
    const keys = form.reduce((sum, { key }) => sum + padded(key.length), 0)
    const needed = form.reduce((sum, { kind }) => sum + bytesOf(kind), ARRAYS + keys)
    if (needed > this.memory.buffer.byteLength) {
      this.memory.grow(Math.ceil((needed - this.memory.buffer.byteLength) / PAGE))
      this.refresh()
    }
    const words = new Uint32Array(this.memory.buffer)
    const room = new KnownRoom(this.memory.buffer, KNOWN)
    let at = ARRAYS
    this.fields = form.map(({ key, kind, isWanted }, i) => {
      const arrays = at
      const field = FIELDS + i * FIELD_BYTES
      at += bytesOf(kind)
      this.input.set(key, at)
      words.set([at, key.length, KINDS.indexOf(kind), arrays, 0, 0, 0, isWanted ? 1 : 0], field >>> 2)
      at += padded(key.length)
      return arraysOf(this.run, kind, this.memory.buffer, field, arrays, isWanted ? room : null)
    })
    this.texts = this.fields.map(textsOf)
    this.run.setFields(FIELDS, FIELDS + form.length * FIELD_BYTES, spaced ? 1 : 0, seed, POWERS)
  }

  /** Puts in whole lines of bytes[from, to), behind which one ends; returns how many bytes these are. */
  fill(bytes: Uint8Array, from: number, to: number): number {
    let end = to
    if (end - from > INPUT_BYTES) {
      end = bytes.lastIndexOf(LINE_FEED, from + INPUT_BYTES)
      if (end <= from) return 0
    }
    copyIn(bytes.subarray(from, end), this.input, this.input, INPUT)
    this.input[INPUT + end - from] = LINE_FEED
    return end - from
  }

  /** Scans lines of the input from byte `from` on; returns how many have the form. The run ends before the first that has not. */
  scan(from: number, end: number, most = RUN_ROWS): number {
    const rows = this.run.scanLines(INPUT + from, INPUT + end, Math.min(most, this.most))
    this.most = Math.min(RUN_ROWS, this.most * 2)
    this.taken = this.run.nextLine() - INPUT - from
    return rows
  }

  /** Texts of a run of the field at missing[0, count), which have their codes now, are known from now on, as far as there is room; `news` hears of them. */
  remember(field: number, run: TextRun, bytes: Uint8Array, count: number, size: number, news: News | null): void {
    const texts = this.texts[field]
    if (texts === null || !texts.knows) return
    if (texts.isVain(count, size)) {
      texts.giveUp()
      news?.giveUp(field)
      return
    }
    const { missing, lengths, hashes, starts, codes } = run
    for (let i = 0; i < count; i++) {
      const place = missing[i]
      const length = lengths[place] & ~PACKED
      if (texts.know(hashes[place], bytes, starts[place], length, codes[place])) news?.add(field, hashes[place], bytes, starts[place], length, codes[place])
    }
  }

  /** From now on the text bytes[start, start + length) of a field is known, where there is room. */
  know(field: number, hash: number, bytes: Uint8Array, start: number, length: number, code: number): void {
    this.texts[field]?.know(hash, bytes, start, length, code)
  }

  /** No text of a field is known any more. */
  giveUp(field: number): void {
    this.texts[field]?.giveUp()
  }

  /** All texts that are known. */
  known(): News {
    const news = new News()
    for (const [field, texts] of this.texts.entries()) {
      if (texts?.knows === false) news.giveUp(field)
      else texts?.tell((...text) => news.add(field, ...text))
    }
    return news
  }

  private refresh(): void {
    this.input = new Uint8Array(this.memory.buffer)
    new Float64Array(this.memory.buffer, POWERS).set(POWERS_OF_TEN)
  }
}

function bytesOf(kind: Kind): number {
  switch (kind) {
    case 'string': case 'id': return (TEXT_BYTES + PACKED_BYTES) * RUN_ROWS
    case 'strings': return 4 * RUN_ROWS + TEXT_BYTES * ITEMS
    case 'number': return 12 * RUN_ROWS
    case 'start': return 8 * RUN_ROWS
  }
}

/** @param room for known texts; null where there are to be none */
function arraysOf(run: Exports, kind: Kind, buffer: ArrayBuffer, field: number, at: number, room: KnownRoom | null): FieldArrays {
  const known = room !== null && (kind === 'string' || kind === 'strings') ? new KnownTexts(room, field) : null
  switch (kind) {
    case 'string': case 'id': return { kind, texts: new KernelTexts(run, buffer, field, at, RUN_ROWS, known) }
    case 'strings': return { kind, ends: new Uint32Array(buffer, at, RUN_ROWS), items: new KernelTexts(run, buffer, field, at + 4 * RUN_ROWS, ITEMS, known) }
    case 'number': return { kind, numbers: new Float64Array(buffer, at, RUN_ROWS), present: new Uint32Array(buffer, at + 8 * RUN_ROWS, RUN_ROWS) }
    case 'start': return { kind, numbers: new Float64Array(buffer, at, RUN_ROWS) }
  }
}

function textsOf(field: FieldArrays): KernelTexts | null {
  switch (field.kind) {
    case 'string': case 'id': return field.texts as KernelTexts
    case 'strings': return field.items as KernelTexts
    default: return null
  }
}

function padded(length: number): number {
  return Math.ceil(length / VECTOR) * VECTOR
}

let shared: LineKernel | undefined

/** null where kernels are plain: lines are then read one by one (line-scanner.ts), which is what the kernel must agree with. */
export function lineKernel(): LineKernel | null {
  if (kernels().name === 'plain') return null
  if (shared === undefined) {
    const memory = new WebAssembly.Memory({ initial: Math.ceil(ARRAYS / PAGE), maximum: MOST_PAGES })
    shared = new LineKernel(memory, instantiate(memory) as unknown as Exports)
  }
  return shared
}
