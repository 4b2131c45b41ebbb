/** A segment in a file: columns are read when a query asks for them, and stay in the cache as long as there is room. */
import type { Column } from '../column/column.js'
import type { Dictionary } from '../column/dictionary.js'
import type { Memory } from '../column/memory.js'
import type { ColumnCache } from '../table/column-cache.js'
import type { ColumnSet, Segment, SegmentContents } from '../table/segment.js'
import type { BlockFile, BlockFileWriter } from './block-file.js'
import { readAscending, readColumn, writeAscending, writeColumn, type StoredColumn, type StoredNumbers } from './column-codec.js'
import { SessionqlError } from '../../dsl/errors.js'
import { storeDamaged } from './store-error.js'

export interface SegmentFooter {
  readonly rows: number
  readonly starts: StoredNumbers
  readonly columns: readonly StoredColumn[]
}

/** A few hundred bytes of objects. */
const BYTES_OF_A_SEGMENT = 512

/** Columns that the file of a segment has; yields between two of them. */
export async function writeSegment(writer: BlockFileWriter, segment: Segment, pause: () => Promise<void>): Promise<SegmentFooter> {
  const starts = writeAscending(writer, segment.starts)
  const columns: StoredColumn[] = []
  for (const name of segment.columns.keys()) {
    columns.push(writeColumn(writer, name, segment.columns.get(name)!, segment.bytesOf(name)))
    await writer.flush()
    await pause()
  }
  return { rows: segment.rows, starts, columns }
}

export interface SegmentSpan {
  readonly rows: number
  readonly first: number
  readonly last: number
}

export class StoredContents implements SegmentContents {
  readonly rows: number
  readonly first: number
  readonly last: number
  readonly columns: ColumnSet
  readonly bytes = BYTES_OF_A_SEGMENT
  readonly #file: BlockFile<SegmentFooter>
  readonly #cache: ColumnCache
  readonly #dictionaryOf: (name: string) => Dictionary | null
  /** Where columns that are read come to lie. */
  readonly #memory: Memory
  #stored: ReadonlyMap<string, StoredColumn> | null = null

  constructor(span: SegmentSpan, file: BlockFile<SegmentFooter>, cache: ColumnCache, dictionaryOf: (name: string) => Dictionary | null, memory: Memory) {
    this.rows = span.rows
    this.first = span.first
    this.last = span.last
    this.#file = file
    this.#cache = cache
    this.#dictionaryOf = dictionaryOf
    this.#memory = memory
    this.columns = {
      has: name => this.#columns.has(name),
      get: name => this.#column(name),
      keys: () => this.#columns.keys()
    }
  }

  get starts(): Float64Array {
    const { starts } = this.#footer
    return this.#cache.get(starts, this.rows * 8, () => this.#checked(() => readAscending(this.#file, starts, this.rows, this.#memory)))
  }

  bytesOf(name: string): number {
    return this.#columns.get(name)?.bytes ?? 0
  }

  /** It is read into the memory that it is to be in. */
  share(): void {}

  /** What is read of a file can be let go of as it is. */
  tail(): null {
    return null
  }

  /** Keeps the columns of the segment that was just written, as if they had been read. */
  adopt(segment: Segment): void {
    this.#cache.put(this.#footer.starts, segment.starts, this.rows * 8)
    for (const [name, stored] of this.#columns) this.#cache.put(stored, segment.columns.get(name), stored.bytes)
  }

  get #footer(): SegmentFooter {
    const { footer } = this.#file
    if (footer.rows !== this.rows) throw storeDamaged(this.#file.path, 0, `it has ${footer.rows} rows, the manifest says ${this.rows}`)
    return footer
  }

  get #columns(): ReadonlyMap<string, StoredColumn> {
    return this.#stored ??= new Map(this.#footer.columns.map(stored => [stored.name, stored]))
  }

  #column(name: string): Column | undefined {
    const stored = this.#columns.get(name)
    if (stored === undefined) return undefined
    return this.#cache.get(stored, stored.bytes, () => this.#checked(() => readColumn(this.#file, stored, this.rows, this.#dictionaryOf(name), this.#memory)))
  }

  /** What passes its checksum was written so; a program that wrote it wrongly is told like damage. */
  #checked<T>(read: () => T): T {
    try {
      return read()
    } catch (error) {
      if (error instanceof SessionqlError) throw error
      throw storeDamaged(this.#file.path, 0, error instanceof Error ? error.message : String(error))
    }
  }
}
