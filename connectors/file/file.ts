/** Files and stdin as a source: one file, a glob of them, or "-". */
import { SessionqlError } from '../../dsl/errors.js'
import type { Session } from '../../engine/session.js'
import { SourceError } from '../errors.js'
import { readBadShare, readMap } from '../record/rules.js'
import { readSettings } from '../settings.js'
import type { Batch, CheckResult, ColumnDescription, ReadOptions, Source, SourceReport } from '../source.js'
import { newReport } from '../source.js'
import { CsvHeaderFault, readCsv } from './formats/csv.js'
import { readJson } from './formats/json.js'
import { LineBlock } from './block.js'
import { readNdjson, type TakeLines } from './formats/ndjson.js'
import type { RecordSink } from './formats/records.js'
import { FormatFault } from './format-fault.js'
import { FILE_FORMATS, findFiles, openFile, openStream, type FileFormat, type FoundFile, type OpenFile } from './open.js'
import { readRecorded } from '../tap/recorded.js'
import { SessionSink, type SinkRules } from './session-sink.js'
import { isShapeName, shapeColumns, SHAPE_NAMES, type ShapeName } from './shapes.js'

/** Sessions per batch: a storage step's worth, and small beside the memory that a step takes. */
const BATCH_SESSIONS = 4_096
/** The path that means standard input. */
const STDIN = '-'

/** Files carry no state: keys come from their contents, so reading them again changes nothing. */
export type FileState = null

export interface FileConfig {
  /** Path, glob, or "-" for stdin. */
  readonly path: string
  readonly format?: FileFormat
  /** {column: "json.path"}. */
  readonly map?: Readonly<Record<string, string>>
  /** Applies the mapping of a system to its recorded responses. */
  readonly shape?: ShapeName
  /** CSV columns that stay text although their cells look like numbers. */
  readonly strings?: readonly string[]
  /** Share of unreadable records, 0..1, above which the source fails. Default 0.01. */
  readonly max_bad_share?: number
}

/** What "-" reads; process.stdin where absent. */
export interface FileSourceOptions {
  readonly stdin?: AsyncIterable<Uint8Array>
}

/** A source over files. Throws SourceError invalid_config for a config that cannot be. */
export function createFileSource(
  name: string, config: Readonly<Record<string, unknown>> | FileConfig, options: FileSourceOptions = {}
): Source<FileState> {
  return new FileSource(name, readFileConfig(name, config as Readonly<Record<string, unknown>>), options)
}

interface CheckedConfig {
  readonly path: string
  readonly format: FileFormat | undefined
  readonly map: readonly (readonly [string, string])[]
  readonly shape: ShapeName | undefined
  readonly strings: readonly string[]
  readonly maxBadShare: number
}

function readFileConfig(name: string, config: Readonly<Record<string, unknown>>): CheckedConfig {
  const settings = readSettings(name, config)
  const format = settings.optionalString('format')
  const shape = settings.optionalString('shape')
  if (format !== undefined && !isFormat(format)) return settings.fail('format', `is "${format}"; it must be one of ${FILE_FORMATS.join(', ')}`)
  if (shape !== undefined && !isShapeName(shape)) return settings.fail('shape', `is "${shape}"; it must be one of ${SHAPE_NAMES.join(', ')}`)
  const map = readMap(settings, config)
  if (shape !== undefined && map.length > 0) settings.fail('map', 'cannot be given beside "shape", which names the columns itself')
  if (shape !== undefined && (format !== undefined && !['ndjson', 'json'].includes(format))) settings.fail('shape', 'is for recorded JSON; it cannot be given beside a format of rows')
  const maxBadShare = readBadShare(settings, config)
  const checked = { path: settings.string('path'), format, map, shape, strings: settings.strings('strings'), maxBadShare }
  settings.done()
  return checked
}

function isFormat(value: string): value is FileFormat {
  return FILE_FORMATS.some(format => format === value)
}

class FileSource implements Source<FileState> {
  readonly name: string
  readonly type = 'file'
  readonly #config: CheckedConfig
  readonly #stdin: AsyncIterable<Uint8Array> | undefined

  constructor(name: string, config: CheckedConfig, options: FileSourceOptions) {
    this.name = name
    this.#config = config
    this.#stdin = options.stdin
  }

  describe(): readonly ColumnDescription[] {
    return this.#config.shape === undefined ? [] : shapeColumns(this.#config.shape)
  }

  async check(): Promise<CheckResult> {
    try {
      const files = await this.#files()
      for (const file of files) (await this.#open(file)).close()
      return { ok: true, message: files.length === 1 ? `${files[0]?.path} can be read.` : `${files.length} files can be read.` }
    } catch (error) {
      if (error instanceof SessionqlError) return { ok: false, message: error.message }
      throw error
    }
  }

  async* read(options: ReadOptions<FileState> = {}): AsyncGenerator<Batch<FileState>> {
    const report = options.report ?? newReport()
    const files = await this.#files()
    const sizes = files.reduce((sum, file) => sum + file.size, 0)
    const sink = new SessionSink(this.#rules(), report, options.onDeadLetter)
    let before = 0
    for (const found of files) {
      const file = await this.#open(found)
      try {
        for await (const { sessions, block } of this.#batches(found.path, file, sink, report, options)) {
          progress(report, found.path, sizes, before + file.bytesRead())
          report.rows += sessions.length
          yield { sessions, state: null, block }
        }
      } finally {
        file.close()
      }
      before += found.size
    }
    sink.end()
    const last = sink.take()
    report.rows += last.length
    if (last.length > 0) yield { sessions: last, state: null }
    sink.finish()
  }

  #rules(): SinkRules {
    const { map, shape, maxBadShare } = this.#config
    return { source: this.name, map, shape, maxBadShare }
  }

  async #files(): Promise<FoundFile[]> {
    const { path } = this.#config
    if (path === STDIN) return [{ path: STDIN, size: 0 }]
    const files = await findFiles(path).catch((error: unknown) => this.#fail(path, error))
    if (files.length > 0) return files
    throw new SourceError('file_not_found', this.name, `no file matches ${JSON.stringify(path)}; looked in ${process.cwd()}`)
  }

  async #open({ path }: FoundFile): Promise<OpenFile> {
    const { format } = this.#config
    try {
      if (path !== STDIN) return await openFile(path, format)
      return await openStream(this.#stdin ?? process.stdin, format, { bytesRead: () => 0, close: () => undefined })
    } catch (error) {
      return this.#fail(path, error)
    }
  }

  /** Full batches; what is left over stays in the sink for the next file. Lines that need no renaming go on as blocks to who takes them. */
  async* #batches(
    path: string, file: OpenFile, sink: SessionSink, report: SourceReport, { signal, blocks }: ReadOptions<FileState>
  ): AsyncGenerator<Omit<Batch<FileState>, 'state'>> {
    sink.open(path === STDIN ? 'stdin' : path)
    const { map, shape } = this.#config
    const plain: LineBlock[] = []
    const take: TakeLines | undefined = blocks === true && map.length === 0 && shape === undefined
      ? (bytes, first, counted) => void plain.push(new LineBlock(bytes, first, sink, report, counted))
      : undefined
    try {
      for await (const _ of this.#reader(file, sink, take)) {
        signal?.throwIfAborted()
        if (sink.size >= BATCH_SESSIONS || (plain.length > 0 && sink.size > 0)) yield* slices(sink.take())
        for (const block of plain.splice(0)) yield { sessions: [], block }
        sink.checkEarly()
      }
    } catch (error) {
      if (signal?.aborted) throw error
      this.#fail(path, error)
    }
  }

  #reader(file: OpenFile, sink: RecordSink, take: TakeLines | undefined): AsyncGenerator<void> {
    switch (file.format) {
      case 'ndjson': return readNdjson(file.chunks, sink, take)
      case 'json': return readJson(file.chunks, sink)
      case 'csv': return readCsv(file.chunks, sink, ',', this.#config.strings)
      case 'tsv': return readCsv(file.chunks, sink, '\t', this.#config.strings)
      case 'arrow': return readArrowFile(file, sink)
      case 'parquet': return readParquetFile(file, sink)
      case 'singer': case 'airbyte': return readRecorded(file.chunks, sink, file.format)
    }
  }

  #fail(path: string, error: unknown): never {
    if (error instanceof SessionqlError) throw error
    if (error instanceof FormatFault || error instanceof CsvHeaderFault) {
      throw new SourceError('file_format', this.name, `${path}: ${error.message}.`, { cause: error })
    }
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'ENOENT') throw new SourceError('file_not_found', this.name, `${path} does not exist`, { cause: error })
    if (/^E[A-Z]+$/.test(code)) {
      throw new SourceError('file_not_found', this.name, `${path} cannot be read (${code}); check that it may be read`, { cause: error })
    }
    throw error
  }
}

function* slices(sessions: Session[]): Generator<{ sessions: Session[] }> {
  if (sessions.length <= 2 * BATCH_SESSIONS) yield { sessions }
  else for (let at = 0; at < sessions.length; at += BATCH_SESSIONS) yield { sessions: sessions.slice(at, at + BATCH_SESSIONS) }
}

/** The readers of binary formats are loaded only where there is such a file. */
async function* readArrowFile(file: OpenFile, sink: RecordSink): AsyncGenerator<void> {
  const { readArrow } = await import('./formats/arrow.js')
  yield* readArrow(file.chunks, sink)
}

async function* readParquetFile(file: OpenFile, sink: RecordSink): AsyncGenerator<void> {
  const { readParquet } = await import('./formats/parquet.js')
  const access = await file.access()
  try {
    yield* readParquet(access, sink)
  } finally {
    await access.close()
  }
}

function progress(report: SourceReport, path: string, total: number, read: number): void {
  report.position = path
  report.progress = total > 0 ? Math.min(1, read / total) : null
}
