import type { Session } from '../session.js'
import type { ColumnCache } from '../table/column-cache.js'
import type { TableImage } from '../table/image.js'
import type { Segment } from '../table/segment.js'

/** What is made durable at once: sessions, and the state from which reading their source goes on. */
export interface StoredBatch {
  /** Name of the source whose state this is, and of sessions without a `source` of their own. */
  readonly source: string
  readonly sessions: readonly Session[]
  /** Sessions after those: whole lines of JSON in UTF-8, one each, parted by line feeds. Only for a storage that `takesLines`; it replays them as `sessions`. */
  readonly lines?: readonly Uint8Array[]
  /** Any JSON value; undefined leaves the source's state as it was. */
  readonly state?: unknown
}

/** Where an engine keeps its sessions. One writer at a time; every error is a `SessionqlError`. */
export interface Storage {
  /** `append` takes `lines`: files of JSON lines are stored without being parsed. */
  readonly takesLines?: boolean
  /**
   * Replays everything appended since the last checkpoint, in order; a batch may come in several parts, its state with the last.
   * Must be read to its end once before the first `append`; leaving it early closes the storage.
   */
  open(): AsyncIterable<StoredBatch>
  /** Resolves when the batch survives a crash of the machine. A batch that was not acknowledged may be replayed in part, never its state alone. */
  append(batch: StoredBatch): Promise<void>
  /** The latest durable state of each source. Complete once `open` has been read to its end. */
  states(): ReadonlyMap<string, unknown>
  /** Waits for running appends and lets go of the folder. Can be called again. */
  close(): Promise<void>
  /** Where it also keeps sealed columns, so that not everything is replayed. */
  readonly checkpoints?: Checkpoints
}

export interface Checkpoints {
  /** The table of the last checkpoint, null where there is none. Called before `open`. Columns that queries read go through the cache. */
  restore(cache: ColumnCache): Promise<TableImage | null>
  /** Parts the appends before this call from those after it. Resolves with what `save` needs. */
  rotate(): Promise<number>
  /**
   * Stores the table: everything appended before the rotation is in it. Resolves when it is durable, with stored segments
   * to take the place of those that were written. When it fails, what was stored before still counts.
   */
  save(image: TableImage, rotation: number, pause: () => Promise<void>): Promise<ReadonlyMap<Segment, Segment>>
  readonly usage: StorageUsage
}

export interface StorageUsage {
  /** The folder. */
  readonly path: string
  /** Bytes of segments, dictionaries and deletions. */
  readonly tableBytes: number
  /** Bytes of the log behind the last rotation. */
  readonly logBytes: number
  /** When the last checkpoint was stored, epoch ms. */
  readonly checkpoint: number | null
}
