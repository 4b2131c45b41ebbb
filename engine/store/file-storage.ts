import { dirname, resolve } from 'node:path'
import { SessionqlError } from '../../dsl/errors.js'
import { ownMemory, type Memory } from '../column/memory.js'
import { ColumnCache } from '../table/column-cache.js'
import type { TableImage } from '../table/image.js'
import type { Segment } from '../table/segment.js'
import { CheckpointFiles } from './checkpoint-files.js'
import { nodeFileSystem, type FileSystem } from './file-system.js'
import { FolderLock } from './folder-lock.js'
import { encodeBatch } from './log-format.js'
import { LogWriter } from './log-writer.js'
import { Logs } from './logs.js'
import { readManifest, type Manifest } from './manifest.js'
import { storeFailed } from './store-error.js'
import type { Checkpoints, Storage, StorageUsage, StoredBatch } from './storage.js'

/** A writer may finish a checkpoint, and remove files, while a reader opens them. */
const READ_ATTEMPTS = 10

export interface FileStorageOptions {
  /** Reads what is there now, beside a writer or without one, and changes nothing. */
  readonly readOnly?: boolean
  readonly files?: FileSystem
  /** Where columns that are read come to lie. */
  readonly memory?: Memory
}

/**
 * Keeps sessions in a folder of the local file system: batches in a log, sealed segments in files of columns (docs/store.md).
 * The folder is made if the one above it exists. A record that was cut short by a crash was never acknowledged and is left out;
 * any other damage is refused with `store_damaged`. Dates come back as ISO strings, NaN and infinities as null.
 */
export class FileStorage implements Storage, Checkpoints {
  readonly takesLines = true
  readonly #folder: string
  readonly #files: FileSystem
  readonly #readOnly: boolean
  readonly #states = new Map<string, unknown>()
  /** The states at each rotation that a checkpoint may still name. */
  readonly #statesAt = new Map<number, Manifest['states']>()
  readonly #checkpoint: CheckpointFiles
  #phase: 'new' | 'restored' | 'replaying' | 'ready' | 'closed' = 'new'
  #cache = new ColumnCache()
  #lock: FolderLock | undefined
  #logs: Logs | undefined
  #writer: LogWriter | undefined

  constructor(folder: string, { readOnly = false, files = nodeFileSystem, memory = ownMemory }: FileStorageOptions = {}) {
    this.#folder = resolve(folder)
    this.#files = files
    this.#readOnly = readOnly
    this.#checkpoint = new CheckpointFiles(files, this.#folder, memory)
  }

  get checkpoints(): Checkpoints {
    return this
  }

  async restore(cache: ColumnCache): Promise<TableImage | null> {
    this.#expectNew('new')
    this.#cache = cache
    try {
      if (!this.#readOnly) {
        await this.#makeFolder()
        this.#lock = await FolderLock.take(this.#folder, this.#files)
      }
      const image = await this.#restore(this.#readOnly ? READ_ATTEMPTS : 1)
      this.#phase = 'restored'
      return image
    } catch (error) {
      await this.close()
      throw storeFailed('open', this.#folder, error)
    }
  }

  async *open(): AsyncGenerator<StoredBatch, void, void> {
    if (this.#phase === 'new') await this.restore(this.#cache)
    this.#expectNew('restored')
    this.#phase = 'replaying'
    try {
      for await (const batch of this.#logs!.batches()) {
        if (batch.state !== undefined) this.#states.set(batch.source, batch.state)
        yield batch
      }
      if (!this.#readOnly) {
        this.#writer = await this.#logs!.writer()
        await this.#checkpoint.removeUnnamed()
      }
      this.#phase = 'ready'
    } catch (error) {
      throw storeFailed('open', this.#folder, error)
    } finally {
      await this.#logs?.close()
      if (this.#phase === 'replaying') await this.close()
    }
  }

  /** Appends are written in the order of the calls; those that wait become durable together. */
  async append(batch: StoredBatch): Promise<void> {
    const writer = this.#writable()
    const records = encodeBatch(batch)
    const state: unknown = batch.state === undefined ? undefined : JSON.parse(JSON.stringify(batch.state))
    await writer.append(records)
    if (state !== undefined) this.#states.set(batch.source, state)
  }

  states(): ReadonlyMap<string, unknown> {
    return this.#states
  }

  async rotate(): Promise<number> {
    const number = await this.#writable().rotate()
    // A state may not be stored before its sessions: those after the rotation are in the log alone.
    this.#statesAt.set(number, [...this.#states])
    return number
  }

  async save(image: TableImage, rotation: number, pause: () => Promise<void>): Promise<ReadonlyMap<Segment, Segment>> {
    this.#writable()
    try {
      const stored = await this.#checkpoint.save(image, rotation, this.#statesAt.get(rotation) ?? [], this.#cache, pause)
      for (const number of this.#statesAt.keys()) if (number < rotation) this.#statesAt.delete(number)
      return stored
    } catch (error) {
      throw storeFailed('write a checkpoint to', this.#folder, error)
    }
  }

  get usage(): StorageUsage {
    const { bytes, manifest } = this.#checkpoint
    return { path: this.#folder, tableBytes: bytes, logBytes: this.#writer?.bytes ?? this.#logs?.bytes ?? 0, checkpoint: manifest?.written ?? null }
  }

  async close(): Promise<void> {
    if (this.#phase === 'closed') return
    this.#phase = 'closed'
    try {
      await this.#logs?.close()
      await this.#writer?.close()
    } catch (error) {
      throw storeFailed('close', this.#folder, error)
    } finally {
      this.#checkpoint.close()
      await this.#lock?.release()
    }
  }

  async #restore(attempts: number): Promise<TableImage | null> {
    try {
      const manifest = await readManifest(this.#files, this.#folder)
      this.#logs = await Logs.open(this.#files, this.#folder, manifest, this.#readOnly)
      for (const [source, state] of manifest?.states ?? []) this.#states.set(source, state)
      return manifest === null ? null : this.#checkpoint.restore(manifest, this.#cache)
    } catch (error) {
      await this.#logs?.close()
      this.#states.clear()
      // What looks like damage may be a manifest that was replaced between two looks.
      if (attempts <= 1) throw error
      this.#checkpoint.close()
      return this.#restore(attempts - 1)
    }
  }

  #expectNew(phase: 'new' | 'restored'): void {
    if (this.#phase === phase) return
    throw new SessionqlError('store_failed', `${this.#folder} was opened before; make a new FileStorage to read it again`)
  }

  #writable(): LogWriter {
    if (this.#phase === 'closed') throw new SessionqlError('closed', `the data folder ${this.#folder} was closed; open it again to store sessions`)
    if (this.#readOnly) throw new SessionqlError('store_failed', `the data folder ${this.#folder} was opened for reading only; open it without readOnly to store sessions`)
    if (this.#phase !== 'ready') throw new SessionqlError('store_failed', `cannot write to ${this.#folder}: it was not read to its end first`)
    return this.#writer!
  }

  async #makeFolder(): Promise<void> {
    try {
      if (await this.#files.isFolder(this.#folder)) return
      await this.#files.makeFolder(this.#folder)
      await this.#files.syncFolder(dirname(this.#folder))
    } catch (error) {
      throw storeFailed('make the data folder', this.#folder, error)
    }
  }
}
