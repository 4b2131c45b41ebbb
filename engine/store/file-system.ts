/** The few things the store asks of a file system, so that a test can let each of them fail. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises'
import { SessionqlError } from '../../dsl/errors.js'

/** A file that is written, and read while it is recovered. */
export interface WritableFile {
  size(): Promise<number>
  /** Fills `into` from `position`; less only at the end of the file. Returns the bytes read. */
  read(into: Uint8Array, position: number): Promise<number>
  /** Writes all of `bytes`. */
  write(bytes: Uint8Array, position: number): Promise<void>
  truncate(length: number): Promise<void>
  /** Resolves when everything written is on the disk. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** A file that no longer changes. Read at once, in pieces of about a megabyte: a query needs them between two of its steps. */
export interface ReadableFile {
  readonly size: number
  /** @throws where the file ends before */
  read(position: number, length: number): Uint8Array<ArrayBuffer>
  close(): void
}

export interface FileSystem {
  /** Names in a folder, in no order. */
  list(folder: string): Promise<string[]>
  isFolder(path: string): Promise<boolean>
  makeFolder(path: string): Promise<void>
  /** `create`: a new and empty file, in the place of any other. `edit`: an existing one. `read`: an existing one that is not changed. */
  open(path: string, mode: 'create' | 'edit' | 'read'): Promise<WritableFile>
  openReadable(path: string): ReadableFile
  rename(from: string, to: string): Promise<void>
  /** No error where there is none. */
  remove(path: string): Promise<void>
  /** An empty file, whole the moment it appears. */
  touch(path: string): Promise<void>
  /** A new name in a folder is durable after this. */
  syncFolder(folder: string): Promise<void>
}

const FLAGS = { create: constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC, edit: constants.O_RDWR, read: constants.O_RDONLY }

/** The machine's own. */
export const nodeFileSystem: FileSystem = {
  list: folder => readdir(folder),
  async isFolder(path) {
    try {
      return (await stat(path)).isDirectory()
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
      throw error
    }
  },
  async makeFolder(path) { await mkdir(path) },
  open: async (path, mode) => new NodeFile(await open(path, FLAGS[mode], 0o666)),
  openReadable: path => new NodeReadable(path),
  rename,
  remove: path => rm(path, { force: true }),
  touch: path => writeFile(path, ''),
  async syncFolder(folder) {
    // Windows does this by itself and cannot open folders.
    if (process.platform === 'win32') return
    const handle = await open(folder, constants.O_RDONLY)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
}

class NodeFile implements WritableFile {
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    let filled = 0
    while (filled < into.length) {
      const { bytesRead } = await this.#handle.read(into, filled, into.length - filled, position + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return filled
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, at, bytes.length - at, position + at)
      at += bytesWritten
    }
  }

  truncate(length: number): Promise<void> {
    return this.#handle.truncate(length)
  }

  sync(): Promise<void> {
    return this.#handle.datasync()
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

class NodeReadable implements ReadableFile {
  readonly size: number
  readonly #descriptor: number
  #open = true

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r')
    this.size = fstatSync(this.#descriptor).size
  }

  read(position: number, length: number): Uint8Array<ArrayBuffer> {
    if (!this.#open) throw new SessionqlError('closed', 'The engine was closed while this query ran.')
    const bytes = new Uint8Array(length)
    for (let filled = 0; filled < length;) {
      const count = readSync(this.#descriptor, bytes, filled, length - filled, position + filled)
      if (count === 0) throw new RangeError(`the file ends at byte ${position + filled}, ${length - filled} bytes too early`)
      filled += count
    }
    return bytes
  }

  close(): void {
    if (this.#open) closeSync(this.#descriptor)
    this.#open = false
  }
}
