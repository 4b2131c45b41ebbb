/** Files and stdin as a source: one file, a glob of them, or "-". */
import { SessionqlError } from '../../dsl/errors.js'
import type { Session } from '../../engine/session.js'
import { SourceError } from '../errors.js'
import { readBadShare, readMap } from '../record/rules.js'
import { readSettings, type Settings } from '../settings.js'
import type { Batch, CheckResult, ColumnDescription, ReadOptions, Source, SourceReport } from '../source.js'
import { newReport } from '../source.js'
import { readJson } from './formats/json.js'
import { LineBlock } from './block.js'
import { readNdjson, type TakeLines } from './formats/ndjson.js'
import type { RecordSink } from './formats/records.js'
import { errorCode } from './error-code.js'
import { followFiles } from './follow.js'
import { FormatFault } from './format-fault.js'
import { markOf, marksOf, newPart, stateOf, type FileMark, type FileState } from './file-state.js'
import type { LinePosition } from './formats/lines.js'
import { FILE_FORMATS, findFiles, openFile, openLines, openStream, type FileFormat, type FoundFile, type OpenFile } from './open.js'
import { readRecorded } from '../tap/recorded.js'
import { SessionSink, type SinkRules } from './session-sink.js'
import { isShapeName, shapeColumns, SHAPE_NAMES, type ShapeName } from './shapes.js'

/** Sessions per batch: a storage step's worth, and small beside the memory that a step takes. */
const BATCH_SESSIONS = 4_096
/** The path that means standard input. */
const STDIN = '-'
const NO_DELIMITER = /["\r\n]/

export interface FileConfig {
  /** Path, glob, or "-" for stdin. */
  readonly path: string
  readonly format?: FileFormat
  /** {column: "json.path"}. */
  readonly map?: Readonly<Record<string, string>>
  /** Applies the mapping of a system to its recorded responses. */
  readonly shape?: ShapeName
  /** What parts the cells of CSV: one character. Default: by the first line, of comma, semicolon, tab and bar. */
  readonly delimiter?: string
  /** CSV columns that stay text although their cells look like numbers. */
  readonly strings?: readonly string[]
  /** Never ends: waits for new lines of NDJSON, across rotation. */
  readonly follow?: boolean
  /** Share of unreadable records, 0..1, above which the source fails. Default 0.01. */
  readonly max_bad_share?: number
}

/** What "-" reads; process.stdin where absent. */
export interface FileSourceOptions {
  readonly stdin?: AsyncIterable<Uint8Array>
  /** Sessions of stdin are handed on as they come, in however small batches: somebody waits for them. */
  readonly isAwaited?: boolean
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
  readonly delimiter: string | undefined
  readonly strings: readonly string[]
  readonly maxBadShare: number
  readonly follow: boolean
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
  const follow = settings.boolean('follow', false)
  const delimiter = readDelimiter(settings, config['delimiter'], format)
  const checked = { path: settings.string('path'), format, map, shape, delimiter, strings: settings.strings('strings'), maxBadShare, follow }
  if (follow && (checked.path === STDIN || shape === 'giosg' || (format !== undefined && format !== 'ndjson'))) {
    settings.fail('follow', 'is for files of lines: NDJSON, and no standard input, which is followed by itself')
  }
  settings.done()
  return checked
}

function readDelimiter(settings: Settings, delimiter: unknown, format: FileFormat | undefined): string | undefined {
  settings.known('delimiter')
  if (delimiter === undefined || delimiter === null) return undefined
  if (typeof delimiter !== 'string' || delimiter.length !== 1 || NO_DELIMITER.test(delimiter)) return settings.fail('delimiter', 'must be one character, such as ";", and no quote or line end')
  if (format !== undefined && format !== 'csv') settings.fail('delimiter', `is for CSV; it cannot be given beside the format ${format}`)
  return delimiter
}

function isFormat(value: string): value is FileFormat {
  return FILE_FORMATS.some(format => format === value)
}

/** A file while it is read; `position` follows the lines that were taken, where reading can go on later. */
interface Reading {
  readonly file: OpenFile
  position: LinePosition | null
}

interface Part extends Omit<Batch<FileState>, 'state'> {
  /** Nothing that was read before is held back. */
  readonly isWhole: boolean
}

class FileSource implements Source<FileState> {
  readonly name: string
  readonly type = 'file'
  /** How files are read: a state of another reading says nothing about this one. */
  readonly scope: string
  readonly #config: CheckedConfig
  readonly #stdin: AsyncIterable<Uint8Array> | undefined
  readonly #batchSessions: number

  constructor(name: string, config: CheckedConfig, options: FileSourceOptions) {
    this.name = name
    const { format, map, shape, delimiter, strings } = config
    this.scope = JSON.stringify([format ?? null, map, shape ?? null, strings, ...delimiter === undefined ? [] : [delimiter]])
    this.#config = config
    this.#stdin = options.stdin
    this.#batchSessions = options.isAwaited === true && config.path === STDIN ? 1 : BATCH_SESSIONS
  }

  describe(): readonly ColumnDescription[] {
    return this.#config.shape === undefined ? [] : shapeColumns(this.#config.shape)
  }

  async check(): Promise<CheckResult> {
    try {
      const files = await this.#files()
      for (const file of files) (await this.#open(file)).file.close()
      return { ok: true, message: files.length === 1 ? `${files[0]?.path} can be read.` : `${files.length} files can be read.` }
    } catch (error) {
      if (error instanceof SessionqlError) return { ok: false, message: error.message }
      throw error
    }
  }

  /** What was read before, by the state, is passed over; files of lines that have grown are gone on with. */
  async* read(options: ReadOptions<FileState> = {}): AsyncGenerator<Batch<FileState>> {
    const report = options.report ?? newReport()
    if (this.#config.follow) return yield* this.#follow({ ...options, report }, report)
    const files = await this.#files()
    const sizes = files.reduce((sum, file) => sum + file.size, 0)
    const sink = new SessionSink(this.#rules(), report, options.onDeadLetter)
    const before = marksOf(options.state)
    const marks = new Map([...before].filter(([path]) => files.some(file => file.path === path)))
    let state = options.state ?? null
    let passed = 0
    for (const found of files) {
      const part = await this.#newPart(found, before.get(found.path))
      if (part !== 'nothing') {
        const reading = await this.#open(found, part, this.#givesBlocks(options))
        try {
          for await (const { sessions, block, isWhole } of this.#batches(found.path, reading, sink, report, options)) {
            progress(report, found.path, sizes, passed + reading.file.bytesRead())
            report.rows += sessions.length
            if (isWhole) state = this.#state(marks)
            yield { sessions, state, block }
          }
        } finally {
          reading.file.close()
        }
        if (this.#isTracked && sink.isAcceptable) marks.set(found.path, await markOf(found, reading.position))
      }
      passed += found.size
    }
    sink.end()
    const last = sink.take()
    report.rows += last.length
    if (last.length > 0) yield { sessions: last, state }
    sink.finish()
    state = this.#state(marks)
    if (state !== null) yield { sessions: [], state }
  }

  async* #follow(options: ReadOptions<FileState>, report: SourceReport): AsyncGenerator<Batch<FileState>> {
    const { path } = this.#config
    const sink = new SessionSink(this.#rules(), report, options.onDeadLetter)
    report.position = `following ${path}`
    try {
      for await (const state of followFiles(path, sink, { ...options, caughtUp: () => { report.progress = 1 } })) {
        const sessions = sink.take()
        report.rows += sessions.length
        yield { sessions, state }
        sink.checkEarly()
      }
    } catch (error) {
      if (options.signal?.aborted) throw error
      this.#fail(path, error)
    }
  }

  /** Whether a file stands for itself: giosg's sessions are spread over several. */
  get #isTracked(): boolean {
    const { path, shape } = this.#config
    return path !== STDIN && shape !== 'giosg'
  }

  #state(marks: ReadonlyMap<string, FileMark>): FileState {
    return this.#isTracked ? stateOf(marks) : null
  }

  #rules(): SinkRules {
    const { map, shape, maxBadShare } = this.#config
    return { source: this.name, map, shape, maxBadShare }
  }

  async #files(): Promise<FoundFile[]> {
    const { path } = this.#config
    if (path === STDIN) return [{ path: STDIN, size: 0, inode: '', modified: 0 }]
    const files = await findFiles(path).catch((error: unknown) => this.#fail(path, error))
    if (files.length > 0) return files
    throw new SourceError('file_not_found', this.name, `no file matches ${JSON.stringify(path)}; looked in ${process.cwd()}`)
  }

  async #newPart(file: FoundFile, mark: FileMark | undefined): Promise<'nothing' | 'all' | LinePosition> {
    return newPart(file, mark).catch((error: unknown) => this.#fail(file.path, error))
  }

  /** Lines that need no renaming go on as blocks to who takes them. */
  #givesBlocks({ blocks }: ReadOptions<FileState>): boolean {
    const { map, shape } = this.#config
    return blocks === true && map.length === 0 && shape === undefined
  }

  async #open({ path }: FoundFile, part: 'all' | LinePosition = 'all', areBlocks = false): Promise<Reading> {
    const { format } = this.#config
    try {
      if (part !== 'all') return { file: openLines(path, part, areBlocks), position: part }
      const file = path !== STDIN ? await openFile(path, format, areBlocks)
        : await openStream(this.#stdin ?? process.stdin, format, { bytesRead: () => 0, close: () => undefined })
      return { file, position: file.format === 'ndjson' ? file.from : null }
    } catch (error) {
      return this.#fail(path, error)
    }
  }

  /** Full batches; what is left over stays in the sink for the next file. */
  async* #batches(
    path: string, reading: Reading, sink: SessionSink, report: SourceReport, options: ReadOptions<FileState>
  ): AsyncGenerator<Part> {
    sink.open(path === STDIN ? 'stdin' : path)
    const { signal } = options
    const plain: LineBlock[] = []
    const take: TakeLines | undefined = this.#givesBlocks(options)
      ? (bytes, first, counted) => void plain.push(new LineBlock(bytes, first, sink, report, counted))
      : undefined
    try {
      for await (const _ of this.#reader(reading, sink, take)) {
        signal?.throwIfAborted()
        if (sink.size >= this.#batchSessions || (plain.length > 0 && sink.size > 0)) yield* slices(sink.take())
        for (const block of plain.splice(0)) yield { sessions: [], block, isWhole: sink.size === 0 }
        sink.checkEarly()
      }
    } catch (error) {
      if (signal?.aborted) throw error
      this.#fail(path, error)
    }
  }

  #reader(reading: Reading, sink: RecordSink, take: TakeLines | undefined): AsyncGenerator<void> {
    const { file } = reading
    switch (file.format) {
      case 'ndjson': return readNdjson(file.chunks, sink, take, {
        from: file.from ?? undefined,
        reached(position) {
          if (file.from !== null) reading.position = position
        }
      })
      case 'json': return readJson(file.chunks, sink)
      case 'csv': return readCsvFile(file, sink, this.#config.delimiter ?? file.delimiter ?? ',', this.#config.strings)
      case 'tsv': return readCsvFile(file, sink, '\t', this.#config.strings)
      case 'arrow': return readArrowFile(file, sink)
      case 'parquet': return readParquetFile(file, sink)
      case 'singer': case 'airbyte': return readRecorded(file.chunks, sink, file.format)
    }
  }

  #fail(path: string, error: unknown): never {
    if (error instanceof SessionqlError) throw error
    if (error instanceof FormatFault) {
      throw new SourceError('file_format', this.name, `${path}: ${error.message}.`, { cause: error })
    }
    const code = errorCode(error)
    if (code === 'ENOENT') throw new SourceError('file_not_found', this.name, `${path} does not exist`, { cause: error })
    if (/^E[A-Z]+$/.test(code)) {
      throw new SourceError('file_not_found', this.name, `${path} cannot be read (${code}); check that it may be read`, { cause: error })
    }
    throw error
  }
}

function* slices(sessions: Session[]): Generator<Part> {
  if (sessions.length <= 2 * BATCH_SESSIONS) yield { sessions, isWhole: true }
  else {
    for (let at = 0; at < sessions.length; at += BATCH_SESSIONS) {
      yield { sessions: sessions.slice(at, at + BATCH_SESSIONS), isWhole: at + BATCH_SESSIONS >= sessions.length }
    }
  }
}

/** Readers that come with packages are loaded only where there is such a file. */
async function* readCsvFile(file: OpenFile, sink: RecordSink, delimiter: string, strings: readonly string[]): AsyncGenerator<void> {
  const { readCsv } = await import('./formats/csv.js')
  yield* readCsv(file.chunks, sink, delimiter, strings)
}

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
