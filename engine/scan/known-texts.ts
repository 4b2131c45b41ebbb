/**
 * Texts of a column whose codes the kernel of lines knows, in its memory: a table of groups of entries, found by the hash of a text, that
 * grows with them. Columns of identifiers, of which hardly one comes again, have none: looking would be in vain.
 */

/** Words of an entry: hash, length, code (0 in a free one), address of the text. Groups fill from their beginning; as in the kernel. */
const ENTRY = 4
const GROUP_ENTRIES = 4
const GROUP = GROUP_ENTRIES * ENTRY
const FIRST_ENTRIES = 2048
const GROWTH = 4
/** Up to here the inner caches hold the table, and texts are looked for as they come. */
const AT_ONCE_ENTRIES = 4096
/** Room enough for so many texts that hardly a group is full: texts that push each other out are missing again and again. */
const MOST_ENTRIES = 131_072
/** With more, tables and texts would be larger than what caches hold. */
const MOST_TEXTS = 57_344
/** Where texts come to stand, so many bytes at a time; longer ones are not kept. */
const BLOCK_BYTES = 4096
const MOST_BYTES = 1024
/** Of all columns together. Memory that nobody writes to costs nothing. */
export const KNOWN_BYTES = 1 << 24

/** Words of a field's record: address of the table, and the bits of a hash that are the place of a group. */
const TABLE_WORD = 5
const MASK_WORD = 6

/** Gives out the memory for known texts. */
export class KnownRoom {
  readonly words: Uint32Array
  readonly bytes: Uint8Array
  private next: number
  private readonly end: number

  /** @param at a multiple of 64; a vector may be read behind its KNOWN_BYTES */
  constructor(buffer: ArrayBuffer, at: number) {
    this.words = new Uint32Array(buffer)
    this.bytes = new Uint8Array(buffer)
    this.next = at
    this.end = at + KNOWN_BYTES
  }

  /** The address of so many bytes, a multiple of 64, all of them 0; 0 where there are no more. */
  take(bytes: number): number {
    const at = this.next
    if (at + bytes > this.end) return 0
    this.next += bytes
    this.bytes.fill(0, at, at + bytes)
    return at
  }
}

export class KnownTexts {
  private readonly room: KnownRoom
  /** Of the field's record, in words. */
  private readonly field: number
  private entries = FIRST_ENTRIES
  /** In words. */
  private table: number
  private count = 0
  private text = 0
  private textEnd = 0

  /** @param field address of the field's record */
  constructor(room: KnownRoom, field: number) {
    this.room = room
    this.field = field >>> 2
    this.table = this.newTable(FIRST_ENTRIES)
    this.publish()
  }

  /** The text input[from, from + length) has this code. True where it is known from now on, and was not. */
  add(hash: number, input: Uint8Array, from: number, length: number, code: number): boolean {
    if (this.table === 0 || length > MOST_BYTES) return false
    let at = this.place(hash, code)
    if (at < 0 && this.grow()) at = this.place(hash, code)
    // In a full group the new one takes the place of any.
    if (at < 0) at = this.group(hash) + code % GROUP_ENTRIES * ENTRY
    const { words } = this.room
    if (words[at + 2] === code) return false
    const text = this.store(input, from, length)
    if (text === 0) return false
    if (words[at + 2] === 0) this.count++
    words[at] = hash
    words[at + 1] = length
    words[at + 2] = code
    words[at + 3] = text
    return true
  }

  /** Says all of them. */
  tell(say: (hash: number, bytes: Uint8Array, start: number, length: number, code: number) => void): void {
    if (this.table === 0) return
    const { words, bytes } = this.room
    for (let at = this.table; at < this.table + this.entries * ENTRY; at += ENTRY) {
      if (words[at + 2] !== 0) say(words[at], bytes, words[at + 3], words[at + 1], words[at + 2])
    }
  }

  /** Whether texts are to be looked for many at a time, after their lines were scanned. */
  get isLate(): boolean {
    return this.entries > AT_ONCE_ENTRIES
  }

  /** No more are to be known. */
  get isFull(): boolean {
    return this.count >= MOST_TEXTS
  }

  /** Of the table, in bytes. */
  get address(): number {
    return this.table * 4
  }

  /** Nearly no text comes again: none is looked for any more. */
  giveUp(): void {
    this.table = 0
    this.publish()
  }

  /** Of the entry with this hash and code, or else of the first free one of its group; -1 where that is full. */
  private place(hash: number, code: number): number {
    const { words } = this.room
    const group = this.group(hash)
    for (let at = group; at < group + GROUP; at += ENTRY) {
      if (words[at + 2] === 0 || (words[at + 2] === code && words[at] === hash)) return at
    }
    return -1
  }

  private group(hash: number): number {
    return this.table + (hash & this.mask) * ENTRY
  }

  /** The bits of a hash that are the place of its group, in entries. */
  get mask(): number {
    return this.entries - GROUP_ENTRIES
  }

  /** False where the table stays as it is: it has enough places, or there are no more. */
  private grow(): boolean {
    if (this.entries === MOST_ENTRIES || this.count * 4 < this.entries) return false
    const entries = this.entries * GROWTH
    const table = this.newTable(entries)
    if (table === 0) return false
    const { words } = this.room
    const from = this.table
    const to = from + this.entries * ENTRY
    this.entries = entries
    this.table = table
    this.count = 0
    for (let at = from; at < to; at += ENTRY) {
      if (words[at + 2] === 0) continue
      const place = this.place(words[at], words[at + 2])
      if (place < 0) continue
      words.copyWithin(place, at, at + ENTRY)
      this.count++
    }
    this.publish()
    return true
  }

  private newTable(entries: number): number {
    return this.room.take(entries * ENTRY * 4) >>> 2
  }

  /** The address of a copy; 0 where there is no room. */
  private store(input: Uint8Array, from: number, length: number): number {
    if (this.text + length > this.textEnd) {
      const block = this.room.take(BLOCK_BYTES)
      if (block === 0) return 0
      this.text = block
      this.textEnd = block + BLOCK_BYTES
    }
    const { bytes } = this.room
    const at = this.text
    for (let i = 0; i < length; i++) bytes[at + i] = input[from + i]
    this.text += length
    return at
  }

  private publish(): void {
    const { words } = this.room
    words[this.field + TABLE_WORD] = this.isLate ? 0 : this.address
    words[this.field + MASK_WORD] = this.mask
  }
}
