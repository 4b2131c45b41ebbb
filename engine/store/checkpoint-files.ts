/** The files of a checkpoint: segments, dictionaries, deletions and the manifest that names them. */
import { join } from 'node:path'
import type { Memory } from '../column/memory.js'
import { Dictionary } from '../column/dictionary.js'
import type { ColumnCache } from '../table/column-cache.js'
import type { ImageColumn, ImageSegment, TableImage } from '../table/image.js'
import { Segment } from '../table/segment.js'
import { BlockFileWriter, type BlockFileKind, type BlockRef } from './block-file.js'
import type { FileSystem } from './file-system.js'
import { logNumber, NEW_MANIFEST_FILE, tableFileNumber } from './file-names.js'
import {
  writeManifest, type ChunkEntry, type ColumnEntry, type FileEntry, type Manifest, type SegmentEntry
} from './manifest.js'
import { OpenFiles } from './open-files.js'
import { StoredDictionary, writeDictionary, type DictionaryFooter } from './stored-dictionary.js'
import { StoredContents, writeSegment, type SegmentFooter } from './stored-segment.js'

/** Smaller chunks of a dictionary are written again together with what came after them, so that there are never many. */
const SETTLED_CODES = 131_072

type StoredFile = Omit<SegmentEntry, 'from' | 'level' | 'deleted'>
type Pause = () => Promise<void>

export class CheckpointFiles {
  readonly #files: FileSystem
  readonly #folder: string
  readonly #memory: Memory
  readonly #open: OpenFiles
  readonly #segments = new WeakMap<Segment, StoredFile>()
  readonly #chunks = new WeakMap<Dictionary, readonly ChunkEntry[]>()
  #next = 1
  manifest: Manifest | null = null

  constructor(files: FileSystem, folder: string, memory: Memory) {
    this.#files = files
    this.#folder = folder
    this.#memory = memory
    this.#open = new OpenFiles(files, folder)
  }

  get bytes(): number {
    return this.manifest === null ? 0 : entriesOf(this.manifest).reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** The table of a manifest. Its files are opened, and read when they are needed. */
  restore(manifest: Manifest, cache: ColumnCache): TableImage {
    const columns = manifest.columns.map(({ name, type, declared, dictionary }): ImageColumn => {
      const restored = dictionary === null ? null : this.#dictionary(dictionary)
      return { name, type, declared, dictionary: restored, size: restored?.size ?? 0 }
    })
    const deletions = manifest.deletions === null ? null : this.#open.blocks<object>('deletions', manifest.deletions)
    const segments = manifest.segments.map((entry): ImageSegment => ({
      segment: this.#segment(entry, cache, columns),
      first: entry.from,
      deleted: entry.deleted === null ? null : wordsOf(deletions!.read(entry.deleted)),
      level: entry.level
    }))
    this.manifest = manifest
    return { columns, segments }
  }

  /** Writes what is not stored yet, then the manifest; what the new one does not name is removed. */
  async save(image: TableImage, log: number, states: Manifest['states'], cache: ColumnCache, pause: Pause): Promise<ReadonlyMap<Segment, Segment>> {
    await this.#chooseNames()
    const swaps = new Map<Segment, Segment>()
    for (const { segment } of image.segments) {
      if (!this.#segments.has(segment)) swaps.set(segment, await this.#writeSegment(segment, image.columns, cache, pause))
    }
    const columns: ColumnEntry[] = []
    for (const { name, type, declared, dictionary, size } of image.columns) {
      columns.push({ name, type, declared, dictionary: dictionary === null ? null : await this.#writeDictionary(dictionary, size, pause) })
    }
    const { entry: deletions, refs } = await this.#writeDeletions(image.segments)
    const segments = image.segments.map(({ segment, first, level }, i): SegmentEntry => ({ ...this.#segments.get(segment)!, from: first, level, deleted: refs[i] }))
    const manifest: Manifest = { log, written: Date.now(), states, columns, segments, deletions }
    await writeManifest(this.#files, this.#folder, manifest)
    this.manifest = manifest
    await this.removeUnnamed()
    return swaps
  }

  /** Removes files that the manifest does not need: of checkpoints before it, or of one that did not come to its end. */
  async removeUnnamed(): Promise<void> {
    const { manifest } = this
    const named = new Set(manifest === null ? [] : entriesOf(manifest).map(({ file }) => file))
    const firstLog = manifest?.log ?? 0
    const isLeft = (name: string): boolean => {
      const log = logNumber(name)
      if (log !== null) return log < firstLog
      return name === NEW_MANIFEST_FILE || (tableFileNumber(name) !== null && !named.has(name))
    }
    try {
      for (const name of (await this.#files.list(this.#folder)).filter(isLeft)) await this.#files.remove(join(this.#folder, name))
    } catch {
      // They are tried again after the next checkpoint; all that counts is stored.
    }
  }

  close(): void {
    this.#open.close()
  }

  /** Names are never used again, also not those of files that were left behind. */
  async #chooseNames(): Promise<void> {
    for (const name of await this.#files.list(this.#folder)) this.#next = Math.max(this.#next, (tableFileNumber(name) ?? 0) + 1)
  }

  #segment(entry: StoredFile, cache: ColumnCache, columns: readonly ImageColumn[]): Segment {
    return this.#registered(entry, this.#contents(entry, cache, columns))
  }

  #contents(entry: StoredFile, cache: ColumnCache, columns: readonly ImageColumn[]): StoredContents {
    const dictionaries = new Map(columns.map(({ name, dictionary }) => [name, dictionary]))
    const span = { rows: entry.rows, first: entry.start, last: entry.end }
    return new StoredContents(span, this.#open.blocks<SegmentFooter>('segment', entry), cache, name => dictionaries.get(name) ?? null, this.#memory)
  }

  #registered({ file, bytes, check, rows, start, end }: StoredFile, contents: StoredContents): Segment {
    const segment = new Segment(contents)
    this.#segments.set(segment, { file, bytes, check, rows, start, end })
    return segment
  }

  #dictionary(chunks: readonly ChunkEntry[]): Dictionary {
    if (chunks.length === 0) return new Dictionary()
    const dictionary = new Dictionary(new StoredDictionary(chunks.map(entry => (
      { from: entry.from, to: entry.to, file: this.#open.blocks<DictionaryFooter>('dictionary', entry) }
    ))))
    this.#chunks.set(dictionary, chunks)
    return dictionary
  }

  async #writeSegment(segment: Segment, columns: readonly ImageColumn[], cache: ColumnCache, pause: Pause): Promise<Segment> {
    const file = await this.#write('segment', writer => writeSegment(writer, segment, pause))
    const entry = { ...file, rows: segment.rows, start: segment.first, end: segment.last }
    this.#segments.set(segment, entry)
    const contents = this.#contents(entry, cache, columns)
    contents.adopt(segment)
    return this.#registered(entry, contents)
  }

  /** The chunks of a dictionary up to `size`, the last of them new where there are new codes. */
  async #writeDictionary(dictionary: Dictionary, size: number, pause: Pause): Promise<readonly ChunkEntry[]> {
    const chunks = [...this.#chunks.get(dictionary) ?? []]
    let from = chunks.at(-1)?.to ?? 1
    if (from >= size) return chunks
    for (let last = chunks.at(-1); last !== undefined && last.to - last.from < Math.min(SETTLED_CODES, size - from + SETTLED_CODES / 16); last = chunks.at(-1)) {
      from = last.from
      chunks.pop()
    }
    const file = await this.#write('dictionary', writer => writeDictionary(writer, dictionary, from, size, pause))
    chunks.push({ ...file, from, to: size })
    this.#chunks.set(dictionary, chunks)
    return chunks
  }

  async #writeDeletions(segments: readonly ImageSegment[]): Promise<{ entry: FileEntry | null, refs: readonly (BlockRef | null)[] }> {
    if (segments.every(({ deleted }) => deleted === null)) return { entry: null, refs: segments.map(() => null) }
    const refs: (BlockRef | null)[] = []
    const entry = await this.#write('deletions', async writer => {
      for (const { deleted } of segments) {
        refs.push(deleted === null ? null : writer.addDeflated(new Uint8Array(deleted.buffer, deleted.byteOffset, deleted.byteLength), true))
        await writer.flush()
      }
      return {}
    })
    return { entry, refs }
  }

  async #write(kind: BlockFileKind, fill: (writer: BlockFileWriter) => Promise<object>): Promise<FileEntry> {
    const file = `${kind}-${this.#next++}`
    const path = join(this.#folder, file)
    const writer = await BlockFileWriter.create(this.#files, path, kind)
    try {
      return { file, ...await writer.finish(await fill(writer)) }
    } catch (error) {
      await writer.abandon()
      await this.#files.remove(path).catch(() => { /* removed after the next checkpoint */ })
      throw error
    }
  }
}

function entriesOf({ segments, columns, deletions }: Manifest): FileEntry[] {
  return [...segments, ...columns.flatMap(({ dictionary }) => dictionary ?? []), ...deletions === null ? [] : [deletions]]
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.slice().buffer)
}
