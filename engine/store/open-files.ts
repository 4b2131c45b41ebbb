/** Files of blocks that are open. A file that was removed can be read on by the queries that began before; it is closed when nobody has it any more. */
import { join } from 'node:path'
import { BlockFile, type BlockFileKind } from './block-file.js'
import type { FileSystem, ReadableFile } from './file-system.js'
import type { FileEntry } from './manifest.js'
import { storeFailed } from './store-error.js'

export class OpenFiles {
  readonly #files: FileSystem
  readonly #folder: string
  readonly #readable = new Set<ReadableFile>()
  readonly #unused = new FinalizationRegistry<ReadableFile>(file => {
    this.#readable.delete(file)
    file.close()
  })

  constructor(files: FileSystem, folder: string) {
    this.#files = files
    this.#folder = folder
  }

  /** @throws SessionqlError where it cannot be opened or has not the bytes that the manifest says */
  blocks<Footer>(kind: BlockFileKind, { file, bytes, check }: FileEntry): BlockFile<Footer> {
    const path = join(this.#folder, file)
    let readable: ReadableFile
    try {
      readable = this.#files.openReadable(path)
    } catch (error) {
      throw storeFailed('open', path, error)
    }
    this.#readable.add(readable)
    const blocks = new BlockFile<Footer>(readable, path, kind, bytes, check)
    this.#unused.register(blocks, readable)
    return blocks
  }

  close(): void {
    for (const file of this.#readable) file.close()
    this.#readable.clear()
  }
}
