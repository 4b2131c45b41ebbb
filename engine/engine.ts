/**
 * The engine: sessions in, answers out. In memory, or in a folder from which queries read what they need.
 */
import { LimitError, SessionqlError } from '../dsl/errors.js'
import { readRequest, readStanding, type AnswerOf, type AnyInput } from '../dsl/dialect.js'
import type { AnyQueryInput, QueryResult } from '../dsl/input.js'
import { queryIdOf } from '../dsl/query-context.js'
import type { AnyQuery, Columns, ColumnType } from '../dsl/query.js'
import type { Request, Sessions } from '../dsl/request.js'
import type { Period } from '../dsl/period.js'
import type { ColumnInfo } from './column/derived.js'
import { ownMemory, sharedMemory, type Memory } from './column/memory.js'
import { arenaMemory } from './kernels/arena.js'
import { named, withinBounds } from './bounds.js'
import { batchesOf, isSource, type Ingestible } from './ingest.js'
import { Ingestion, type IngestOptions, type IngestReport } from './ingestion.js'
import { Lateness } from './live/lateness.js'
import { parseLateness, type WatchOptions } from './live/options.js'
import type { Watch } from './live/watch.js'
import { Watches } from './live/watches.js'
import { metaOf } from './meta.js'
import { openWorkers, type Threads, type Workers } from './parallel/workers.js'
import { Persistence } from './persistence.js'
import type { Explanation } from './plan/explain.js'
import { oldestKept, parseRetention } from './retention.js'
import { explain, run } from './run.js'
import type { Running } from './running.js'
import { rangeOf, summarise, type Schema } from './schema.js'
import type { Session } from './session.js'
import type { Status } from './status.js'
import type { Storage } from './store/storage.js'
import { ColumnCache } from './table/column-cache.js'
import { sessionsOf } from './table/sessions.js'
import { Table } from './table/table.js'
import { Rejection, Writer } from './table/writer.js'
import { TimeSlice } from './time-slice.js'

/** A result of more rows than this is not an answer that anybody reads. */
const MAX_GROUPS = 5_000_000
/** Texts that were read from files go when so much of the budget is taken: the rest is for queries. */
const RELEASE_SHARE = 0.5
/** Minutes of nearly two years. */
const MAX_BUCKETS = 1_000_000

export interface EngineOptions {
  /** Folder in which sessions are kept (docs/store.md); without it (and without `storage`) they live in memory only. */
  readonly dataDir?: string
  /** Reads what `dataDir` holds at this moment, beside the process that writes it or without one, and changes nothing. */
  readonly readOnly?: boolean
  /** How long sessions are kept after their start: an ISO-8601 period such as "P90D". Default: for ever. */
  readonly retention?: string
  readonly storage?: Storage
  /** Bytes that sessions and running queries may take together; of stored sessions only what is read counts. Default: no limit but the process's. */
  readonly memoryBudget?: number
  /** Columns with a type that is not to be guessed from the first value. */
  readonly columns?: Columns | Readonly<Record<string, ColumnType>>
  /**
   * Columns whose values are kept, for an engine that is asked what is known beforehand: it loads faster and takes less memory. Default: all.
   * Sessions are checked as ever, and of all columns names and types are known; a query that reads others is refused, and no store may be there.
   */
  readonly keep?: readonly string[] | ReadonlySet<string>
  /** Most rows of an answer. Default 5,000,000. */
  readonly maxGroups?: number
  /** Most buckets of a query. Default 1,000,000. */
  readonly maxBuckets?: number
  /** The present time, epoch ms. Default: that of the machine. */
  readonly clock?: () => number
  /**
   * Threads for large queries: `workerThreads(4)` of "sessionql/threads". Answers do not depend on them. Default: the one that asks.
   * With more columns come into shared memory, and threads start when queries have read millions of rows, or loads half a gigabyte of lines; `close` ends them.
   */
  readonly threads?: Threads
  /** Sessions per sealed segment, at most 131,072 (the default). Answers do not depend on it. */
  readonly segmentRows?: number
}

export class Engine {
  private table: Table
  private readonly writer: Writer
  private readonly options: EngineOptions
  private readonly cache = new ColumnCache()
  private readonly retention: Period | null
  private readonly watches: Watches
  private readonly workers: Workers | null
  /** Where columns are. */
  private readonly memory: Memory
  private storage: Storage | null = null
  private persistence: Persistence | null = null
  private infos: ReadonlyMap<string, ColumnInfo> = new Map()
  private types: Columns = new Map()
  private knownVersion = -1
  private closed = false

  private constructor(options: EngineOptions) {
    this.options = options
    this.workers = openWorkers(options.threads)
    this.memory = this.workers === null ? ownMemory : sharedMemory
    this.retention = options.retention === undefined ? null : parseRetention(options.retention)
    const columns = options.columns ?? {}
    const isStored = (options.dataDir ?? options.storage) !== undefined
    this.table = new Table({
      segmentRows: options.segmentRows,
      memory: this.memory,
      // What is stored is taken from there as soon as it is.
      ...!isStored && { lasting: arenaMemory(this.workers?.threads ?? 1, this.memory) },
      ...options.keep && { keep: options.keep },
      columns: columns instanceof Map ? columns : Object.entries(columns)
    })
    this.writer = new Writer(this.table)
    this.watches = new Watches(this.table, signal => this.running(signal))
  }

  /** @throws SessionqlError when the data folder cannot be used or is damaged, LimitError when it does not fit the budget */
  static async open(options: EngineOptions = {}): Promise<Engine> {
    if (typeof options.keep === 'string') throw new SessionqlError('invalid_config', `keep is ${JSON.stringify(options.keep)}; it must be an array or a set of column names`)
    if (options.keep !== undefined && (options.dataDir ?? options.storage) !== undefined) {
      throw new SessionqlError('invalid_config', 'keep: a store keeps all columns; leave "keep" away, or the store')
    }
    const engine = new Engine(options)
    const storage = options.storage ?? await openFolder(options, engine.memory)
    if (storage === null) return engine
    try {
      await engine.restore(storage)
    } catch (error) {
      await storage.close()
      throw error
    }
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
    this.assertWritable()
    const source = options.source ?? (isSource(input) ? input.name : 'default')
    if (isSource(input)) this.declare(input.describe?.() ?? [])
    const ingestion = new Ingestion(this.table, this.writer, this.storage, source, options.onReject, () => this.checkBudget(), this.workers)
    const slice = new TimeSlice(options.signal)
    if (this.table.rows > 0) await slice.run(this.table.prepare())
    const segments = this.table.segmentCount
    const blocks = this.storage === null || this.storage.takesLines === true
    for await (const batch of batchesOf(input, blocks, this.states.get(source), options.signal)) {
      options.signal?.throwIfAborted()
      this.table.readingAt = (this.options.clock ?? Date.now)()
      await ingestion.take(batch, slice)
      this.watches.notify()
      for (const _ of this.merge(false)) if (slice.over) await slice.yield()
      await this.persistence?.checkpointIfDue()
      options.onProgress?.({ ...ingestion.report })
    }
    if (options.settle !== false && this.table.segmentCount !== segments) for (const _ of this.merge(true)) if (slice.over) await slice.yield()
    this.table.readingAt = (this.options.clock ?? Date.now)()
    this.table.markRead(source)
    this.dropOld()
    await this.persistence?.checkpointIfDue()
    return ingestion.report
  }

  /**
   * Answers a query over the sessions of this moment: sessions that come in while it runs do not change it.
   * @throws QueryError with all faults of the query, LimitError, the signal's reason
   */
  async query<const Q extends AnyInput>(query: Q, options: { readonly signal?: AbortSignal } = {}): Promise<AnswerOf<Q>> {
    return await named(queryIdOf(query), () => this.answer(query, options.signal)) as AnswerOf<Q>
  }

  /**
   * Keeps a query up to date: the first frame is its answer, later ones say what is different. See docs/live.md.
   * @throws QueryError with all faults of the query; frames end with the signal's reason, LimitError, or the engine's end
   */
  watch(query: AnyQueryInput, options: WatchOptions = {}): Watch {
    const { lateness, signal } = options
    const current = this.standing(query)
    current()
    return this.watches.add(current, lateness === undefined ? null : new Lateness(parseLateness(lateness)), signal)
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

  /** What is held and stored, without reading any of it. */
  status(): Status {
    this.assertOpen()
    const { table, storage, persistence } = this
    return {
      sessions: table.rows,
      segments: table.segmentCount,
      watches: this.watches.size,
      range: rangeOf(table.snapshot()),
      memoryBytes: table.bytes + this.cache.bytes,
      store: storage?.checkpoints === undefined ? null : { ...storage.checkpoints.usage, readOnly: persistence === null, failure: persistence?.failure?.message ?? null }
    }
  }

  /**
   * Merges segments that overlap, drops what `retention` says, and stores everything in segments, so that the log is empty.
   * @throws SessionqlError `store_failed`, with everything as durable as before; the signal's reason
   */
  async compact(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.assertWritable()
    const slice = new TimeSlice(options.signal)
    this.dropOld()
    this.table.sealHead()
    while (this.table.needsCompaction(true)) {
      for (const _ of this.merge(true)) if (slice.over) await slice.yield()
    }
    await this.persistence?.checkpoint(true)
  }

  /** All sessions of this moment as plain objects, a few thousand at a time, about in the order of their starts: for an export. */
  async *sessions(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<Session[], void, void> {
    this.assertOpen()
    this.refreshColumns()
    const slice = new TimeSlice(options.signal)
    for (const sessions of sessionsOf(this.table.snapshot(), this.infos)) {
      yield sessions
      if (slice.over) await slice.yield()
    }
  }

  /** Lets go of the data folder and of the memory. Can be called again. */
  async close(): Promise<void> {
    this.watches.closeAll()
    if (!this.closed) await this.persistence?.checkpointAtClose()
    this.closed = true
    await this.workers?.close()
    await this.storage?.close()
    this.storage = null
    this.persistence = null
    this.table = new Table()
    this.cache.capacity = 0
  }

  private async restore(storage: Storage): Promise<void> {
    const image = await storage.checkpoints?.restore(this.cache) ?? null
    if (image !== null) this.table.restore(image)
    const stored = this.table.segmentCount
    for await (const { source, sessions } of storage.open()) {
      for (const session of sessions) this.rewrite(session, source)
      this.checkBudget()
      for (const _ of this.merge(false)) { /* nobody else is waiting yet */ }
    }
    const replayed = this.table.segmentCount > stored
    if (replayed) for (const _ of this.merge(true)) { /* nobody else is waiting yet */ }
    this.storage = storage
    if (this.options.readOnly === true) return
    this.persistence = new Persistence(this.table, storage, replayed)
    this.dropOld()
    await this.persistence.checkpointIfDue()
  }

  /** Writes a session of the log again. It was good when it was logged, and is refused where columns are declared otherwise now. */
  private rewrite(session: object, source: string): void {
    try {
      this.writer.write(session, source)
    } catch (error) {
      if (!(error instanceof Rejection)) throw error
      throw new SessionqlError('invalid_session', `a stored session of source ${JSON.stringify(source)} does not fit the columns that are declared: ${error.message}`, { cause: error })
    }
  }

  private dropOld(): void {
    if (this.retention === null) return
    const { clock = Date.now } = this.options
    if (this.table.dropBefore(oldestKept(this.retention, clock())) === 0) return
    this.persistence?.changed()
    this.watches.notify()
  }

  /** Gives a query as of now: checked again where columns have changed, and where it depends on the clock. */
  private standing(input: AnyQueryInput): () => AnyQuery {
    const { clock = Date.now } = this.options
    let query: AnyQuery | null = null
    let version = -1
    let isTimed = false
    const now = (): number => {
      isTimed = true
      return clock()
    }
    return () => {
      this.assertOpen()
      if (query === null || isTimed || version !== this.table.schemaVersion) query = readStanding(input, this.columns, now)
      version = this.table.schemaVersion
      return query
    }
  }

  private check(query: AnyInput): Request<unknown> {
    this.assertOpen()
    return readRequest(query, this.columns, this.options.clock)
  }

  private async answer(input: AnyInput, signal: AbortSignal | undefined): Promise<unknown> {
    const since = performance.now()
    const request = this.check(input)
    const { context } = request.query
    return await withinBounds(this.running(signal), context, async running => {
      const result = await request.answer(this.moment(running))
      if (context?.meta !== true) return result
      return { ...result as QueryResult, meta: await metaOf(request.query, running, source => this.table.lastRead(source), since) }
    })
  }

  /** The sessions of one moment, to be asked by a query that came in any dialect. */
  private moment(running: Running): Sessions {
    return {
      run: query => run(query, running),
      range: () => rangeOf(running.snapshot),
      describe: () => summarise(running.snapshot, running.columns, this.table.bytes)
    }
  }

  /** The sessions of this moment. */
  private running(signal: AbortSignal | undefined): Running {
    const { memoryBudget, maxGroups = MAX_GROUPS, maxBuckets = MAX_BUCKETS } = this.options
    const memory = memoryBudget === undefined ? Infinity : memoryBudget - this.table.bytes - this.cacheShare()
    return { snapshot: this.table.snapshot(), columns: this.infos, memory, maxGroups, maxBuckets, signal, workers: this.workers }
  }

  private *merge(settling: boolean): Generator<void, void, void> {
    if (!this.table.needsCompaction(settling)) return
    this.persistence?.changed()
    yield* this.table.compact()
    this.persistence?.changed()
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

  /** Bytes that columns read from files may take: half of what is left of the budget, the other half is for the queries. */
  private cacheShare(): number {
    const { memoryBudget } = this.options
    if (memoryBudget === undefined || this.storage?.checkpoints === undefined) return 0
    if (this.table.bytes > memoryBudget * RELEASE_SHARE) this.table.release()
    this.cache.capacity = Math.max(0, Math.floor((memoryBudget - this.table.bytes) / 2))
    return this.cache.capacity
  }

  private checkBudget(): void {
    const { memoryBudget } = this.options
    if (memoryBudget === undefined) return
    const { bytes } = this.table
    if (bytes > memoryBudget) {
      throw new LimitError('memory_budget', memoryBudget, bytes, 'Bytes of sessions: what was ingested so far is kept; raise the budget or ingest less.')
    }
  }

  private assertWritable(): void {
    this.assertOpen()
    if (this.options.readOnly === true) throw new SessionqlError('store_failed', 'The engine was opened with readOnly: open it without to change the data folder.')
  }

  private assertOpen(): void {
    if (this.closed) throw new SessionqlError('closed', 'The engine was closed: open a new one.')
  }
}

async function openFolder({ dataDir, readOnly = false }: EngineOptions, memory: Memory): Promise<Storage | null> {
  if (dataDir === undefined) return null
  // Loaded on demand: it is the one part that needs Node.
  const { FileStorage } = await import('./store/file-storage.js')
  return new FileStorage(dataDir, { readOnly, memory })
}
