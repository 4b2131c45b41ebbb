import type { FileHandle } from 'node:fs/promises'
import { LOG_HEADER, LOG_MAGIC, RECORD_HEADER_BYTES, decodeHeader, decodePayload } from './log-format.js'
import { SessionqlError } from '../../dsl/errors.js'
import { storeDamaged } from './store-error.js'
import type { StoredBatch } from './storage.js'

/** One read of the file serves many small records. */
const WINDOW_BYTES = 1 << 20

/** Reads a log from its beginning. `end` is the offset behind the last whole record met so far. */
export class LogReader {
  end = 0
  readonly #handle: FileHandle
  readonly #path: string
  readonly #size: number
  #window: Buffer = Buffer.alloc(0)
  #windowStart = 0

  constructor(handle: FileHandle, path: string, size: number) {
    this.#handle = handle
    this.#path = path
    this.#size = size
  }

  /** Every batch up to the end of the file, or up to a record that was cut short there and so was never acknowledged. */
  async *batches(): AsyncGenerator<StoredBatch, void, void> {
    if (!await this.#readFileHeader()) return
    this.end = LOG_HEADER.length
    while (this.end + RECORD_HEADER_BYTES <= this.#size) {
      const header = decodeHeader(await this.#read(this.end, RECORD_HEADER_BYTES))
      if (header === null) {
        if (await this.#isZeroFrom(this.end)) return
        throw storeDamaged(this.#path, this.end, 'the header of a record does not match its checksum')
      }
      const next = this.end + RECORD_HEADER_BYTES + header.length
      if (next > this.#size) return
      const batch = decodePayload(await this.#read(this.end + RECORD_HEADER_BYTES, header.length), header.checksum)
      if (batch === null) throw storeDamaged(this.#path, this.end, 'a record does not match its checksum')
      this.end = next
      yield batch
    }
  }

  /** False for a file whose very first line was cut short: nothing was ever stored in it. */
  async #readFileHeader(): Promise<boolean> {
    const header = await this.#read(0, Math.min(LOG_HEADER.length, this.#size))
    if (header.equals(LOG_HEADER.subarray(0, header.length))) return header.length === LOG_HEADER.length
    if (await this.#isZeroFrom(0)) return false
    if (header.toString('latin1').startsWith(LOG_MAGIC)) {
      const version = header.toString('latin1', LOG_MAGIC.length).trim()
      throw new SessionqlError('store_failed', `${this.#path} has format version ${JSON.stringify(version)}, this version of sessionql reads 1 only`)
    }
    throw storeDamaged(this.#path, 0, `it does not begin with ${JSON.stringify(LOG_HEADER.toString())}, so it is no log of sessionql`)
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
    for (let filled = 0; filled < wanted;) {
      const { bytesRead } = await this.#handle.read(window, filled, wanted - filled, offset + filled)
      if (bytesRead === 0) throw storeDamaged(this.#path, offset + filled, 'the file became shorter while it was read')
      filled += bytesRead
    }
    this.#window = window
    this.#windowStart = offset
    return window.subarray(0, length)
  }
}
