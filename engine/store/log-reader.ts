import { FIRST_LOG_HEADER, LOG_HEADER, LOG_MAGIC, RECORD_HEADER_BYTES, decodeHeader, decodeLogStart, decodePayload } from './log-format.js'
import { SessionqlError } from '../../dsl/errors.js'
import { crc32 } from './crc32.js'
import type { WritableFile } from './file-system.js'
import { storeDamaged } from './store-error.js'
import type { StoredBatch } from './storage.js'

/** One read of the file serves many small records. */
const WINDOW_BYTES = 1 << 20

/** How a log begins. `after`: where the log before it ends; null where there is none. */
export interface LogStart {
  readonly after: number | null
  /** Where its first batch begins. */
  readonly length: number
}

/** Reads a log from its beginning. `end` is the offset behind the last whole record met so far. */
export class LogReader {
  end = 0
  readonly #file: WritableFile
  readonly #path: string
  #size: number
  #window: Buffer = Buffer.alloc(0)
  #windowStart = 0

  constructor(file: WritableFile, path: string, size: number) {
    this.#file = file
    this.#path = path
    this.#size = size
  }

  /** Null for a log whose very beginning was cut short: nothing was ever acknowledged in it. */
  async start(version: 1 | 2): Promise<LogStart | null> {
    if (!await this.#readFileHeader(version === 1 ? FIRST_LOG_HEADER : LOG_HEADER)) return null
    this.end = LOG_HEADER.length
    if (version === 1) return { after: null, length: this.end }
    const payload = await this.#record(false)
    return payload === null ? null : { after: decodeLogStart(payload), length: this.end }
  }

  /**
   * Every batch behind the start. `acknowledged`: where the next log says that this one ends, all of it whole. Without it up to
   * the end of the file, or to a record that was cut short there and so was never acknowledged.
   */
  async *batches(acknowledged: number | null): AsyncGenerator<StoredBatch, void, void> {
    if (acknowledged !== null) {
      if (acknowledged > this.#size) throw storeDamaged(this.#path, this.#size, `the file ends here, and the log after it says that it has ${acknowledged} bytes`)
      this.#size = acknowledged
    }
    for (;;) {
      const payload = await this.#record(acknowledged !== null)
      if (payload === null) return
      yield decodePayload(payload)
    }
  }

  /** The payload of the next record, valid until the one after it; null at the end, or where it was cut short. */
  async #record(whole: boolean): Promise<Buffer | null> {
    if (this.end === this.#size) return null
    if (this.end + RECORD_HEADER_BYTES > this.#size) return this.#cutShort(whole)
    const header = decodeHeader(await this.#read(this.end, RECORD_HEADER_BYTES))
    if (header === null) {
      if (!whole && await this.#isZeroFrom(this.end)) return null
      throw storeDamaged(this.#path, this.end, 'the header of a record does not match its checksum')
    }
    const next = this.end + RECORD_HEADER_BYTES + header.length
    if (next > this.#size) return this.#cutShort(whole)
    const payload = await this.#read(this.end + RECORD_HEADER_BYTES, header.length)
    if (crc32(payload) !== header.checksum) throw storeDamaged(this.#path, this.end, 'a record does not match its checksum')
    this.end = next
    return payload
  }

  #cutShort(whole: boolean): null {
    if (whole) throw storeDamaged(this.#path, this.end, 'a record is cut short')
    return null
  }

  /** False for a file whose first line was cut short. */
  async #readFileHeader(expected: Buffer): Promise<boolean> {
    const header = Buffer.from(await this.#read(0, Math.min(expected.length, this.#size)))
    if (header.equals(expected.subarray(0, header.length))) return header.length === expected.length
    if (await this.#isZeroFrom(0)) return false
    if (header.toString('latin1').startsWith(LOG_MAGIC)) {
      const version = header.toString('latin1', LOG_MAGIC.length).trim()
      const known = expected.toString('latin1', LOG_MAGIC.length).trim()
      throw new SessionqlError('store_failed', `${this.#path} has format version ${JSON.stringify(version)}, this version of sessionql reads ${known} only`)
    }
    throw storeDamaged(this.#path, 0, `it does not begin with ${JSON.stringify(expected.toString())}, so it is no log of sessionql`)
  }

  /** Space that the file system had set aside and never filled when the machine stopped. */
  async #isZeroFrom(offset: number): Promise<boolean> {
    for (let at = offset; at < this.#size; at += WINDOW_BYTES) {
      const bytes = await this.#read(at, Math.min(WINDOW_BYTES, this.#size - at))
      if (bytes.some(byte => byte !== 0)) return false
    }
    return true
  }

  /** The bytes are valid until the next read. */
  async #read(offset: number, length: number): Promise<Buffer> {
    const from = offset - this.#windowStart
    if (from >= 0 && from + length <= this.#window.length) return this.#window.subarray(from, from + length)
    const wanted = Math.min(Math.max(length, WINDOW_BYTES), this.#size - offset)
    const window = Buffer.allocUnsafe(wanted)
    const filled = await this.#file.read(window, offset)
    if (filled < wanted) throw storeDamaged(this.#path, offset + filled, 'the file became shorter while it was read')
    this.#window = window
    this.#windowStart = offset
    return window.subarray(0, length)
  }
}
