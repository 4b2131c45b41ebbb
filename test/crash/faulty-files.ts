/** A file system whose k-th change fails, and whose folder can be looked at as if the machine had stopped then. */
import { nodeFileSystem, type FileSystem, type WritableFile } from '../../engine/store/file-system.js'

export type Change = 'open' | 'write' | 'truncate' | 'sync' | 'rename' | 'remove' | 'touch' | 'syncFolder'

export class FaultyFiles implements FileSystem {
  /** Changes so far. */
  count = 0
  /** The kind of the one that failed. */
  failed: Change | null = null
  /** Number of the change that fails, 0 for none. */
  failAt: number
  /** Everything after it fails too: a disk that stays full. */
  readonly forEver: boolean
  readonly #code: string

  constructor(failAt: number, { forEver = false, code = 'ENOSPC' }: { forEver?: boolean, code?: string } = {}) {
    this.failAt = failAt
    this.forEver = forEver
    this.#code = code
  }

  readonly list = nodeFileSystem.list
  readonly isFolder = nodeFileSystem.isFolder
  readonly makeFolder = nodeFileSystem.makeFolder
  readonly openReadable = nodeFileSystem.openReadable

  async open(path: string, mode: 'create' | 'edit' | 'read'): Promise<WritableFile> {
    if (mode === 'create') this.#change('open', path)
    return new FaultyFile(await nodeFileSystem.open(path, mode), (kind, half) => this.#change(kind, path, half))
  }

  async rename(from: string, to: string): Promise<void> {
    this.#change('rename', from)
    await nodeFileSystem.rename(from, to)
  }

  async remove(path: string): Promise<void> {
    this.#change('remove', path)
    await nodeFileSystem.remove(path)
  }

  async touch(path: string): Promise<void> {
    await nodeFileSystem.touch(path)
  }

  async syncFolder(folder: string): Promise<void> {
    this.#change('syncFolder', folder)
    await nodeFileSystem.syncFolder(folder)
  }

  /** `half` is what reaches the disk all the same. */
  #change(kind: Change, path: string, half?: () => Promise<void>): Promise<void> | undefined {
    // Locks come and go with every opening and are no data.
    if (path.includes('lock-')) return
    const at = ++this.count
    if (this.failAt === 0 || (this.forEver ? at < this.failAt : at !== this.failAt)) return
    this.failed ??= kind
    const fail = (): never => { throw Object.assign(new Error(`${this.#code}: injected at change ${at}`), { code: this.#code }) }
    return half === undefined ? fail() : half().then(fail)
  }
}

class FaultyFile implements WritableFile {
  readonly #file: WritableFile
  readonly #change: (kind: Change, half?: () => Promise<void>) => Promise<void> | undefined

  constructor(file: WritableFile, change: (kind: Change, half?: () => Promise<void>) => Promise<void> | undefined) {
    this.#file = file
    this.#change = change
  }

  size(): Promise<number> { return this.#file.size() }
  read(into: Uint8Array, position: number): Promise<number> { return this.#file.read(into, position) }
  close(): Promise<void> { return this.#file.close() }

  /** A failed write may have written a part. */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    await this.#change('write', () => this.#file.write(bytes.subarray(0, bytes.length >>> 1), position))
    await this.#file.write(bytes, position)
  }

  async truncate(length: number): Promise<void> {
    await this.#change('truncate')
    await this.#file.truncate(length)
  }

  async sync(): Promise<void> {
    await this.#change('sync')
    await this.#file.sync()
  }
}
