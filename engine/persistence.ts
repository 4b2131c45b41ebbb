/** Brings the sealed segments of a table to its store, beside ingests and queries. */
import { SessionqlError } from '../dsl/errors.js'
import type { Checkpoints, Storage } from './store/storage.js'
import type { Table } from './table/table.js'
import { TimeSlice } from './time-slice.js'

/** A log above this is brought into segments even when no segment is full: reading it back takes long. */
const LOG_BYTES = 64 << 20
/** The same when the store is closed: a log of this size is read back in a tenth of a second. */
const LOG_BYTES_AT_CLOSE = 8 << 20
/** After a failed checkpoint the next is tried when so much more has come into the log, or at the end. */
const RETRY_BYTES = 16 << 20

export class Persistence {
  readonly #table: Table
  readonly #checkpoints: Checkpoints | null
  /** What parts the log at the last seal: everything before it is in sealed segments. */
  #rotation: Promise<number> | null = null
  /** There are sealed segments, or deletions, that no checkpoint has. */
  #stale: boolean
  #saving: Promise<void> | null = null
  #retryAt = 0
  /** Why the last checkpoint failed; the log has all the same. */
  failure: SessionqlError | null = null

  /** `stale`: the table has more segments than were restored. */
  constructor(table: Table, storage: Storage, stale: boolean) {
    this.#table = table
    this.#checkpoints = storage.checkpoints ?? null
    this.#stale = stale
    if (this.#checkpoints !== null) table.onSeal = () => this.#rotate()
  }

  /** Segments were merged or dropped. */
  changed(): void {
    this.#stale = true
  }

  /** Stores a checkpoint where there is something to store and it is time. It is no failure of an ingest when that fails. */
  async checkpointIfDue(): Promise<void> {
    const { logBytes } = this.#checkpoints?.usage ?? { logBytes: 0 }
    const large = logBytes > LOG_BYTES
    if ((this.#stale || large) && (this.failure === null || logBytes >= this.#retryAt)) await this.checkpoint(large).catch(() => { /* `failure` tells it */ })
  }

  /** At the end: what is in the log may stay there if it is little. */
  async checkpointAtClose(): Promise<void> {
    const large = (this.#checkpoints?.usage.logBytes ?? 0) > LOG_BYTES_AT_CLOSE
    if (this.#stale || large) await this.checkpoint(large).catch(() => { /* the log has it, and is read when the folder is opened */ })
  }

  /** Stores the sealed segments; with `all`, also what is not sealed yet. @throws SessionqlError `store_failed`; nothing is lost by it */
  async checkpoint(all: boolean): Promise<void> {
    const checkpoints = this.#checkpoints
    if (checkpoints === null) return
    while (this.#saving !== null) await this.#saving.catch(() => { /* told to whoever asked for it */ })
    this.#saving = this.#save(checkpoints, all).finally(() => { this.#saving = null })
    await this.#saving
  }

  async #save(checkpoints: Checkpoints, all: boolean): Promise<void> {
    const slice = new TimeSlice()
    try {
      if (all || this.#rotation === null) this.#table.sealHead()
      if (this.#rotation === null) this.#rotate()
      // It may seal the head, and with that rotate.
      const image = this.#table.image()
      const rotation = this.#rotation!
      this.#stale = false
      const number = await rotation.catch((error: unknown) => {
        if (this.#rotation === rotation) this.#rotation = null
        throw error
      })
      this.#table.swap(await checkpoints.save(image, number, async () => { if (slice.over) await slice.yield() }))
      this.failure = null
    } catch (error) {
      this.#stale = true
      this.#retryAt = checkpoints.usage.logBytes + RETRY_BYTES
      this.failure = error instanceof SessionqlError ? error : new SessionqlError('store_failed', String(error), { cause: error })
      throw this.failure
    }
  }

  #rotate(): void {
    this.#stale = true
    this.#rotation = this.#checkpoints!.rotate()
    this.#rotation.catch(() => { /* told by the checkpoint that needs it */ })
  }
}
