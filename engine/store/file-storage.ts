import { constants } from 'node:fs'
import { mkdir, open, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { SessionqlError } from '../../dsl/errors.js'
import { FolderLock } from './folder-lock.js'
import { LOG_HEADER, encodeBatch } from './log-format.js'
import { LogReader } from './log-reader.js'
import { storeFailed } from './store-error.js'
import type { Storage, StoredBatch } from './storage.js'

const LOG_FILE = 'sessions.log'
const BROKEN = 'an earlier write failed; close it and open the folder again'

/**
 * Keeps batches in an append-only log in a folder of the local file system. The folder is made if the one above it exists.
 * A record that was cut short by a crash was never acknowledged and is cut off on open; any other damage is refused
 * with `store_damaged`. Dates come back as ISO strings, NaN and infinities as null.
 */
export class FileStorage implements Storage {
  readonly #folder: string
  readonly #path: string
  readonly #states = new Map<string, unknown>()
  #phase: 'new' | 'replaying' | 'ready' | 'closed' = 'new'
  #broken = false
  #lock: FolderLock | undefined
  #handle: FileHandle | undefined
  #length = 0
  #writing: Promise<void> = Promise.resolve()

  constructor(folder: string) {
    this.#folder = resolve(folder)
    this.#path = join(this.#folder, LOG_FILE)
  }

  async *open(): AsyncGenerator<StoredBatch, void, void> {
    if (this.#phase !== 'new') throw new SessionqlError('store_failed', `${this.#path} was opened before; make a new FileStorage to read it again`)
    this.#phase = 'replaying'
    try {
      await makeFolder(this.#folder)
      this.#lock = await FolderLock.take(this.#folder)
      yield* this.#replay()
      this.#phase = 'ready'
    } catch (error) {
      throw storeFailed('open', this.#path, error)
    } finally {
      if (this.#phase === 'replaying') await this.close()
    }
  }

  /** Appends are written one after another, in the order of the calls. */
  async append(batch: StoredBatch): Promise<void> {
    this.#checkWritable()
    const records = encodeBatch(batch)
    const state: unknown = batch.state === undefined ? undefined : JSON.parse(JSON.stringify(batch.state))
    const written = this.#writing.then(() => this.#write(records))
    this.#writing = written.catch(() => {})
    await written
    if (state !== undefined) this.#states.set(batch.source, state)
  }

  states(): ReadonlyMap<string, unknown> {
    return this.#states
  }

  async close(): Promise<void> {
    if (this.#phase === 'closed') return
    this.#phase = 'closed'
    await this.#writing
    try {
      await this.#handle?.close()
    } catch (error) {
      throw storeFailed('close', this.#path, error)
    } finally {
      await this.#lock?.release()
    }
  }

  async *#replay(): AsyncGenerator<StoredBatch, void, void> {
    const handle = await open(this.#path, constants.O_RDWR | constants.O_CREAT, 0o666)
    this.#handle = handle
    const { size } = await handle.stat()
    const reader = new LogReader(handle, this.#path, size)
    for await (const batch of reader.batches()) {
      if (batch.state !== undefined) this.#states.set(batch.source, batch.state)
      yield batch
    }
    this.#length = reader.end
    if (size > reader.end) await handle.truncate(reader.end)
    if (reader.end === 0) {
      await this.#writeFully(handle, LOG_HEADER)
      await syncFolder(this.#folder)
    }
    // Also what a killed process left in the cache of the machine: it was replayed, so it must stay.
    await handle.datasync()
  }

  #checkWritable(): void {
    if (this.#phase === 'ready' && !this.#broken) return
    if (this.#phase === 'closed') throw new SessionqlError('closed', `the data folder ${this.#folder} was closed; open it again to store sessions`)
    const why = this.#broken ? BROKEN : 'it was not read to its end first'
    throw new SessionqlError('store_failed', `cannot write ${this.#path}: ${why}`)
  }

  async #write(records: readonly Buffer[]): Promise<void> {
    if (this.#broken) throw new SessionqlError('store_failed', `cannot write ${this.#path}: ${BROKEN}`)
    const handle = this.#handle!
    try {
      for (const record of records) await this.#writeFully(handle, record)
      await handle.datasync()
    } catch (error) {
      // After a failed write or sync nobody knows what the disk holds; reading the log again finds out.
      this.#broken = true
      throw storeFailed('write', this.#path, error)
    }
  }

  async #writeFully(handle: FileHandle, bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, this.#length)
      at += bytesWritten
      this.#length += bytesWritten
    }
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    if ((await stat(folder)).isDirectory()) return
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  try {
    await mkdir(folder)
    await syncFolder(dirname(folder))
  } catch (error) {
    throw storeFailed('make the data folder', folder, error)
  }
}

/** A new file is durable once the folder that names it is. Windows does this by itself and cannot open folders. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
