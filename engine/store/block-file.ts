/**
 * Files of checksummed blocks: segments, dictionaries and deletions. Written once, never changed.
 * A header line with kind and version, the blocks one after another, a footer of JSON that says where they are, and a tail of 16 bytes:
 * length and CRC-32 of the footer (little-endian), then "sqlfoot1". So every byte of the file is checked by the reader that needs it.
 */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { SessionqlError } from '../../dsl/errors.js'
import { crc32 } from './crc32.js'
import type { FileSystem, ReadableFile, WritableFile } from './file-system.js'
import { storeDamaged, storeFailed } from './store-error.js'

export type BlockFileKind = 'segment' | 'dictionary' | 'deletions'

/** Where a block is: offset, bytes in the file, CRC-32 of these, and the bytes that they inflate to, 0 where they are not deflated. */
export type BlockRef = readonly [offset: number, length: number, checksum: number, inflated: number]

const TAIL_BYTES = 16
const TAIL_MAGIC = Buffer.from('sqlfoot1')
/** Small blocks are written together. */
const WRITE_BYTES = 1 << 20
/** Deflating must spare at least an eighth, or it is not worth the time of every reader. */
const WORTH_DEFLATING = 7 / 8
/** The fastest level that looks for repetitions. */
const LEVEL = 1
/** A footer has a few bytes per block; more is no footer of ours. */
const MAX_FOOTER_BYTES = 1 << 28

/** Of what is written; all before are read. Dictionaries of version 2 may pack their texts. */
const VERSIONS: Readonly<Record<BlockFileKind, number>> = { segment: 1, dictionary: 2, deletions: 1 }

function headerOf(kind: BlockFileKind): Buffer {
  return Buffer.from(`sessionql-${kind} ${VERSIONS[kind]}\n`)
}

export class BlockFileWriter {
  readonly #file: WritableFile
  readonly #path: string
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #written = 0

  private constructor(file: WritableFile, path: string) {
    this.#file = file
    this.#path = path
  }

  static async create(files: FileSystem, path: string, kind: BlockFileKind): Promise<BlockFileWriter> {
    try {
      const writer = new BlockFileWriter(await files.open(path, 'create'), path)
      writer.#push(headerOf(kind))
      return writer
    } catch (error) {
      throw storeFailed('write', path, error)
    }
  }

  /** Adds a block as it is. */
  add(bytes: Uint8Array): BlockRef {
    return this.#push(bytes, 0)
  }

  /** Adds a block, deflated where that spares enough. `repetitive`: look for repetitions, not only for frequent bytes. */
  addDeflated(bytes: Uint8Array, repetitive: boolean): BlockRef {
    const strategy = repetitive ? constants.Z_DEFAULT_STRATEGY : constants.Z_HUFFMAN_ONLY
    const deflated = deflateRawSync(bytes, { level: LEVEL, strategy })
    return deflated.length < bytes.length * WORTH_DEFLATING ? this.#push(deflated, bytes.length) : this.#push(bytes, 0)
  }

  /** Writes what has gathered, where it is enough for a write. */
  async flush(least = WRITE_BYTES): Promise<void> {
    if (this.#pendingBytes < least) return
    const bytes = Buffer.concat(this.#pending)
    this.#pending = []
    this.#pendingBytes = 0
    try {
      await this.#file.write(bytes, this.#written)
    } catch (error) {
      throw storeFailed('write', this.#path, error)
    }
    this.#written += bytes.length
  }

  /** Writes the footer and makes the file durable. Returns its bytes and the checksum of the footer. */
  async finish(footer: object): Promise<{ bytes: number, check: number }> {
    const text = Buffer.from(JSON.stringify(footer))
    const tail = Buffer.alloc(TAIL_BYTES)
    const check = crc32(text)
    tail.writeUInt32LE(text.length, 0)
    tail.writeUInt32LE(check, 4)
    TAIL_MAGIC.copy(tail, 8)
    this.#push(text)
    this.#push(tail)
    await this.flush(0)
    try {
      await this.#file.sync()
      await this.#file.close()
    } catch (error) {
      throw storeFailed('write', this.#path, error)
    }
    return { bytes: this.#written, check }
  }

  /** Lets go of a file that is not finished. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(() => { /* the first error is told */ })
  }

  #push(bytes: Uint8Array, inflated = 0): BlockRef {
    const offset = this.#written + this.#pendingBytes
    this.#pending.push(bytes)
    this.#pendingBytes += bytes.length
    return [offset, bytes.length, crc32(bytes), inflated]
  }
}

/** Reads blocks. Everything is checked; what does not match is `store_damaged` with file and offset. */
export class BlockFile<Footer> {
  readonly path: string
  readonly #file: ReadableFile
  readonly #kind: BlockFileKind
  readonly #check: number
  #footer: Footer | null = null

  /** `bytes` and `check` are what the manifest says of the file. */
  constructor(file: ReadableFile, path: string, kind: BlockFileKind, bytes: number, check: number) {
    this.path = path
    this.#file = file
    this.#kind = kind
    this.#check = check
    if (file.size !== bytes) throw this.#damaged(Math.min(file.size, bytes), `the file has ${file.size} bytes, the manifest says ${bytes}`)
  }

  /** Read when it is first asked for. */
  get footer(): Footer {
    return this.#footer ??= this.#readFooter()
  }

  read([offset, length, checksum, inflated]: BlockRef): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes(offset, length)
    if (crc32(bytes) !== checksum) throw this.#damaged(offset, 'a block does not match its checksum')
    if (inflated === 0) return bytes
    const raw = inflateRawSync(bytes, { maxOutputLength: inflated })
    if (raw.length !== inflated) throw this.#damaged(offset, `a block inflates to ${raw.length} bytes instead of ${inflated}`)
    return new Uint8Array(raw.buffer as ArrayBuffer, raw.byteOffset, raw.length)
  }

  #readFooter(): Footer {
    this.#checkHeader()
    const at = this.#file.size - TAIL_BYTES
    const tail = Buffer.from(this.#bytes(at, TAIL_BYTES).buffer)
    const length = tail.readUInt32LE(0)
    if (!TAIL_MAGIC.equals(tail.subarray(8)) || tail.readUInt32LE(4) !== this.#check) throw this.#damaged(at, 'its end is not the one that the manifest knows')
    if (length > at || length > MAX_FOOTER_BYTES) throw this.#damaged(at, `a footer of ${length} bytes does not fit in`)
    const text = Buffer.from(this.#bytes(at - length, length).buffer)
    if (crc32(text) !== this.#check) throw this.#damaged(at - length, 'the footer does not match its checksum')
    return JSON.parse(text.toString()) as Footer
  }

  #checkHeader(): void {
    const latest = VERSIONS[this.#kind]
    const header = headerOf(this.#kind)
    const text = Buffer.from(this.#bytes(0, header.length).buffer).toString('latin1')
    const version = /^(sessionql-[a-z]+) (\d)\n$/.exec(text)
    if (version === null || version[1] !== `sessionql-${this.#kind}`) throw this.#damaged(0, `it does not begin with ${JSON.stringify(header.toString())}`)
    if (Number(version[2]) >= 1 && Number(version[2]) <= latest) return
    throw new SessionqlError('store_failed', `${this.path} has format version ${version[2]}, this version of sessionql reads up to ${latest}`)
  }

  #bytes(offset: number, length: number): Uint8Array<ArrayBuffer> {
    try {
      return this.#file.read(offset, length)
    } catch (error) {
      if (error instanceof RangeError) throw this.#damaged(offset, error.message)
      throw storeFailed('read', this.path, error)
    }
  }

  #damaged(offset: number, what: string): Error {
    return storeDamaged(this.path, offset, what)
  }
}
