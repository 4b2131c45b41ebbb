/**
 * The engine: sessions in, answers out. In memory, or in memory with a durable log behind it.
 */
import { LimitError, SessionqlError } from '../dsl/errors.js'
import { readRequest, type AnswerOf, type AnyInput } from '../dsl/dialect.js'
import type { Columns, ColumnType } from '../dsl/query.js'
import type { Request, Sessions } from '../dsl/request.js'
import type { ColumnInfo } from './column/derived.js'
import { batchesOf, isSource, type Ingestible } from './ingest.js'
import { Ingestion, type IngestOptions, type IngestReport } from './ingestion.js'
import type { Explanation } from './plan/explain.js'
import { explain, run } from './run.js'
import type { Running } from './running.js'
import { rangeOf, summarise, type Schema } from './schema.js'
import type { Storage } from './store/storage.js'
import { Table } from './table/table.js'
import { Writer } from './table/writer.js'
import { TimeSlice } from './time-slice.js'

/** A result of more rows than this is not an answer that anybody reads. */
const MAX_GROUPS = 5_000_000
/** Minutes of nearly two years. */
const MAX_BUCKETS = 1_000_000

export interface EngineOptions {
  /** Folder of the durable log; without it (and without `storage`) sessions live in memory only. */
  readonly dataDir?: string
  readonly storage?: Storage
  /** Bytes that sessions and running queries may take together. Default: no limit but the process's. */
  readonly memoryBudget?: number
  /** Columns with a type that is not to be guessed from the first value. */
  readonly columns?: Columns | Readonly<Record<string, ColumnType>>
  /** Most rows of an answer. Default 5,000,000. */
  readonly maxGroups?: number
  /** Most buckets of a query. Default 1,000,000. */
  readonly maxBuckets?: number
  /** The present time, epoch ms. Default: that of the machine. */
  readonly clock?: () => number
  /** Sessions per sealed segment, at most 131,072 (the default). Answers do not depend on it. */
  readonly segmentRows?: number
}

export class Engine {
  private table: Table
  private readonly writer: Writer
  private readonly options: EngineOptions
  private storage: Storage | null = null
  private infos: ReadonlyMap<string, ColumnInfo> = new Map()
  private types: Columns = new Map()
  private knownVersion = -1
  private closed = false

  private constructor(options: EngineOptions) {
    this.options = options
    const columns = options.columns ?? {}
    this.table = new Table({
      segmentRows: options.segmentRows,
      columns: columns instanceof Map ? columns : Object.entries(columns)
    })
    this.writer = new Writer(this.table)
  }

  /** @throws SessionqlError when the data folder cannot be used or is damaged, LimitError when it does not fit the budget */
  static async open(options: EngineOptions = {}): Promise<Engine> {
    const engine = new Engine(options)
    const storage = options.storage ?? await openFolder(options.dataDir)
    if (storage === null) return engine
    try {
      for await (const { source, sessions } of storage.open()) {
        for (const session of sessions) engine.writer.write(session, source)
        engine.checkBudget()
        for (const _ of engine.compact(false)) { /* nobody else is waiting yet */ }
      }
      for (const _ of engine.compact(true)) { /* nobody else is waiting yet */ }
    } catch (error) {
      await storage.close()
      throw error
    }
    engine.storage = storage
    return engine
  }

  /** Known columns and their types: giosg's dimensions, what connectors describe, what sessions brought. */
  get columns(): Columns {
    this.refreshColumns()
    return this.types
  }

  /** State up to which each source has been read, for sources that were ingested into a durable engine. */
  get states(): ReadonlyMap<string, unknown> {
    return this.storage?.states() ?? new Map()
  }

  /**
   * Takes sessions in; one with a known `source` and `session_id` replaces the session before it.
   * Reads its input only as fast as it stores. Resolves when everything is durable (where there is a store).
   * @throws SessionqlError `invalid_session` at a session that cannot be stored, unless `onReject` takes it;
   *   LimitError over the memory budget; the signal's reason. What came before is kept.
   */
  async ingest(input: Ingestible, options: IngestOptions = {}): Promise<IngestReport> {
    this.assertOpen()
    const source = options.source ?? (isSource(input) ? input.name : 'default')
    if (isSource(input)) this.declare(input.describe?.() ?? [])
    const ingestion = new Ingestion(this.table, this.writer, this.storage, source, options.onReject, () => this.checkBudget())
    const slice = new TimeSlice(options.signal)
    const segments = this.table.segmentCount
    // A log keeps sessions, so lines must become sessions there.
    for await (const batch of batchesOf(input, this.storage === null, this.states.get(source), options.signal)) {
      options.signal?.throwIfAborted()
      await ingestion.take(batch, slice)
      for (const _ of this.compact(false)) if (slice.over) await slice.yield()
      options.onProgress?.({ ...ingestion.report })
    }
    if (this.table.segmentCount !== segments) for (const _ of this.compact(true)) if (slice.over) await slice.yield()
    return ingestion.report
  }

  /**
   * Answers a query over the sessions of this moment: sessions that come in while it runs do not change it.
   * @throws QueryError with all faults of the query, LimitError, the signal's reason
   */
  async query<const Q extends AnyInput>(query: Q, options: { readonly signal?: AbortSignal } = {}): Promise<AnswerOf<Q>> {
    return await this.check(query).answer(this.sessions(options.signal)) as AnswerOf<Q>
  }

  /** What `query` would do: segments, rows, buckets, grouping and the bytes read of each column. */
  explain(query: AnyInput): Explanation {
    return explain(this.check(query).query, this.running(undefined))
  }

  schema(): Schema {
    this.assertOpen()
    this.refreshColumns()
    return summarise(this.table.snapshot(), this.infos, this.table.bytes)
  }

  /** Lets go of the data folder and of the memory. Can be called again. */
  async close(): Promise<void> {
    this.closed = true
    await this.storage?.close()
    this.storage = null
    this.table = new Table()
  }

  private check(query: AnyInput): Request<unknown> {
    this.assertOpen()
    return readRequest(query, this.columns, this.options.clock)
  }

  /** The sessions of this moment, to be asked by a query that came in any dialect. */
  private sessions(signal: AbortSignal | undefined): Sessions {
    const running = this.running(signal)
    const { bytes } = this.table
    return {
      run: query => run(query, running),
      range: () => rangeOf(running.snapshot),
      describe: () => summarise(running.snapshot, running.columns, bytes)
    }
  }

  /** The sessions of this moment. */
  private running(signal: AbortSignal | undefined): Running {
    const { memoryBudget = Infinity, maxGroups = MAX_GROUPS, maxBuckets = MAX_BUCKETS } = this.options
    return { snapshot: this.table.snapshot(), columns: this.infos, memory: memoryBudget - this.table.bytes, maxGroups, maxBuckets, signal }
  }

  private *compact(settling: boolean): Generator<void, void, void> {
    if (this.table.needsCompaction(settling)) yield* this.table.compact()
  }

  private declare(columns: readonly { readonly name: string; readonly type: ColumnType }[]): void {
    for (const { name, type } of columns) if (!this.table.columns.has(name)) this.table.addColumn(name, type, true)
  }

  private refreshColumns(): void {
    const { table } = this
    if (this.knownVersion === table.schemaVersion) return
    this.infos = new Map([...table.columns].map(([name, { type, dictionary }]) => [name, { type, dictionary }]))
    this.types = new Map([...this.infos].map(([name, { type }]) => [name, type]))
    this.knownVersion = table.schemaVersion
  }

  private checkBudget(): void {
    const { memoryBudget } = this.options
    if (memoryBudget === undefined) return
    const { bytes } = this.table
    if (bytes > memoryBudget) {
      throw new LimitError('memory_budget', memoryBudget, bytes, 'Bytes of sessions: what was ingested so far is kept; raise the budget or ingest less.')
    }
  }

  private assertOpen(): void {
    if (this.closed) throw new SessionqlError('closed', 'The engine was closed: open a new one.')
  }
}

async function openFolder(dataDir: string | undefined): Promise<Storage | null> {
  if (dataDir === undefined) return null
  // Loaded on demand: it is the one part that needs Node.
  const { FileStorage } = await import('./store/file-storage.js')
  return new FileStorage(dataDir)
}
