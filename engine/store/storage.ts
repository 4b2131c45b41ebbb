import type { Session } from '../session.js'

/** What is made durable at once: sessions, and the state from which reading their source goes on. */
export interface StoredBatch {
  /** Name of the source whose state this is, and of sessions without a `source` of their own. */
  readonly source: string
  readonly sessions: readonly Session[]
  /** Any JSON value; undefined leaves the source's state as it was. */
  readonly state?: unknown
}

/** Where an engine keeps its sessions. One user at a time; every error is a `SessionqlError`. */
export interface Storage {
  /**
   * Replays everything appended before, in order; a batch may come in several parts, its state with the last.
   * Must be read to its end once before the first `append`; leaving it early closes the storage.
   */
  open(): AsyncIterable<StoredBatch>
  /** Resolves when the batch survives a crash of the machine. A batch that was not acknowledged may be replayed in part, never its state alone. */
  append(batch: StoredBatch): Promise<void>
  /** The latest durable state of each source. Complete once `open` has been read to its end. */
  states(): ReadonlyMap<string, unknown>
  /** Waits for running appends and lets go of the folder. Can be called again. */
  close(): Promise<void>
}
