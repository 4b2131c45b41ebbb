/** One call of `ingest`: takes batches into the table, counts, and makes them durable. */
import { SessionqlError } from '../dsl/errors.js'
import type { Workers } from './parallel/workers.js'
import { Ahead } from './scan/ahead.js'
import { BlockScanner } from './scan/block-scanner.js'
import { INSERTED, LEFT } from './scan/line-scanner.js'
import type { Batch, RecordBlock } from './session.js'
import type { Storage } from './store/storage.js'
import type { Table } from './table/table.js'
import { Rejection, type Writer } from './table/writer.js'
import type { TimeSlice } from './time-slice.js'

const CHECK_BUDGET_EVERY = 1024
const LINE_FEED = 10

export interface IngestOptions {
  /** `source` of sessions that name none. Default: the connector's name, else "default". */
  readonly source?: string
  readonly signal?: AbortSignal
  /** Called for each session that cannot be stored; without it the first one is an error. */
  readonly onReject?: (rejection: { readonly session: unknown; readonly message: string }) => void
  readonly onProgress?: (report: IngestReport) => void
  /**
   * Whether segments that overlap in time are merged at the end: up to a quarter of the time of a load, after which queries read what
   * they need and no more. False where only a few queries follow. Default: true.
   */
  readonly settle?: boolean
}

export interface IngestReport {
  /** Sessions taken: inserted + updated + rejected. */
  readonly rows: number
  readonly inserted: number
  /** Sessions that replaced one with the same `source` and `session_id`. */
  readonly updated: number
  readonly rejected: number
  /** The connector's state after the last batch: durable, with everything before it. */
  readonly state: unknown
}

export class Ingestion {
  readonly report = { rows: 0, inserted: 0, updated: 0, rejected: 0, state: undefined as unknown } satisfies IngestReport
  private readonly writer: Writer
  private readonly storage: Storage | null
  private readonly scanner: BlockScanner
  private readonly source: string
  private readonly onReject: IngestOptions['onReject']
  private readonly checkBudget: () => void

  constructor(
    table: Table, writer: Writer, storage: Storage | null, source: string, onReject: IngestOptions['onReject'], checkBudget: () => void, workers: Workers | null
  ) {
    this.writer = writer
    this.storage = storage
    this.scanner = new BlockScanner(table, source, workers && new Ahead(workers))
    this.source = source
    this.onReject = onReject
    this.checkBudget = checkBudget
  }

  /** Resolves when the batch is stored. A session that nobody takes back ends it; what came before is kept, its state is not. */
  async take({ sessions, block, state }: Batch, slice: TimeSlice): Promise<void> {
    const { storage } = this
    const stored = storage === null ? null : { sessions: [] as object[], lines: [] as Uint8Array[] }
    let failure: unknown = null
    try {
      for (const session of sessions) {
        if (this.insert(session)) stored?.sessions.push(session as object)
        if (this.report.rows % CHECK_BUDGET_EVERY === 0 && slice.over) await slice.yield()
      }
      if (block !== undefined) await this.scan(block, slice, stored?.lines ?? null)
    } catch (error) {
      failure = error
    }
    const complete = failure === null
    if (storage !== null && stored !== null && (stored.sessions.length > 0 || stored.lines.length > 0 || state !== undefined)) {
      await storage.append({ source: this.source, sessions: stored.sessions as never, lines: stored.lines, ...complete && state !== undefined ? { state } : {} })
    }
    if (!complete) throw failure
    this.report.state = state
  }

  /** Takes the sessions of a block; those that were taken come into `lines`, whichever way, in their order, where they are stored. */
  private async scan(block: RecordBlock, slice: TimeSlice, lines: Uint8Array[] | null): Promise<void> {
    const { report, scanner } = this
    const { bytes } = block
    const encoder = new TextEncoder()
    let taken = 0
    let index = 0
    /** Where the lines begin that were taken one after the other. */
    let run = 0
    let from = 0
    let checked = -CHECK_BUDGET_EVERY
    scanner.open(bytes)
    try {
      for (; from < bytes.length; index++) {
        if (index - checked >= CHECK_BUDGET_EVERY) {
          checked = index
          this.checkBudget()
          if (slice.over) await slice.yield()
        }
        const rows = scanner.run(from)
        if (rows > 0) {
          index += rows - 1
          taken += rows
          report.rows += rows
          report.updated += scanner.updated
          report.inserted += rows - scanner.updated
          from = scanner.next
          continue
        }
        const feed = bytes.indexOf(LINE_FEED, from)
        const end = feed < 0 ? bytes.length : feed
        const outcome = scanner.line(from, end)
        if (outcome === LEFT) {
          if (from > run) lines?.push(bytes.subarray(run, from - 1))
          run = end + 1
          for (const session of block.record(from, end, index)) {
            if (this.insert(session)) lines?.push(encoder.encode(JSON.stringify(session)))
          }
        } else {
          taken++
          report.rows++
          if (outcome === INSERTED) report.inserted++
          else report.updated++
        }
        from = end + 1
      }
    } finally {
      scanner.close()
      if (from > run) lines?.push(bytes.subarray(run, from - 1))
    }
    // Behind the last line feed, or where there is nothing at all, is an empty line.
    block.done(taken, bytes.length === 0 || bytes[bytes.length - 1] === LINE_FEED ? index + 1 : index)
  }

  /** True where the session was stored. */
  private insert(session: unknown): boolean {
    const { report } = this
    if (report.rows % CHECK_BUDGET_EVERY === 0) this.checkBudget()
    try {
      if (typeof session !== 'object' || session === null) throw new Rejection(`${session === null ? 'null' : `a ${typeof session}`} is no session object`)
      if (this.writer.write(session, this.source)) report.updated++
      else report.inserted++
      return true
    } catch (error) {
      if (!(error instanceof Rejection)) throw error
      report.rejected++
      if (this.onReject === undefined) {
        throw new SessionqlError('invalid_session', `session ${report.rows + 1} of source ${JSON.stringify(this.source)}: ${error.message}`, { cause: error })
      }
      this.onReject({ session, message: error.message })
      return false
    } finally {
      report.rows++
    }
  }
}
