/** The course of `query --follow`: one query over sources that go on, and its frames until there are no more or Ctrl-C. */
import { setTimeout as sleep } from 'node:timers/promises'
import { newReport, type Source, type SourceReport } from '../connectors/source.js'
import type { AnyQueryInput } from '../dsl/input.js'
import { readStanding } from '../dsl/dialect.js'
import { parseJson } from '../dsl/parse.js'
import { SessionqlError } from '../dsl/errors.js'
import type { Engine } from '../engine/engine.js'
import type { Frame } from '../engine/live/frame.js'
import { parseLateness } from '../engine/live/options.js'
import { columnsOf } from '../engine/plan/columns.js'
import type { Options } from './arguments.js'
import type { Context } from './command.js'
import { errorLine, EXIT, UsageError } from './exit.js'
import { folderFrames } from './folder-frames.js'
import { isLineFormat, type Format } from './formats.js'
import { FrameLines, FrameScreen, type FrameView } from './frames.js'
import { notesOf } from './notes.js'
import { openEngine, openSources, threadsOf } from './open.js'
import { PlainProgress } from './plain-progress.js'
import { openQueries } from './query-input.js'
import { exitCodeOfReadings, readSources, type Reading } from './reading.js'

const LOOK_MS = 20

/** @throws UsageError, SessionqlError, OutputClosed, or the reason of the abort */
export async function follow(options: Options, asked: Context): Promise<number> {
  const { out } = asked
  out.listen()
  const context = { ...asked, signal: AbortSignal.any([asked.signal, out.gone]) }
  const format = formatOf(options, context)
  const lateness = options.one('lateness')
  if (lateness !== undefined) parseLateness(lateness)
  const sources = await openSources(options, context)
  refuseOthers(sources, lateness, options)
  try {
    const query = await oneQuery(options, context)
    const path = options.one('data')
    if (sources.length > 0) return await followSources(query, { sources, lateness, format, options, context })
    await showAll(folderFrames({ path: path!, query, signal: context.signal, open: async () => openEngine(options, sources, await threadsOf(options)) }), viewOf(format, context))
    return EXIT.ok
  } catch (error) {
    if (isLineFormat(format) && !context.signal.aborted && error instanceof SessionqlError) await context.out.write([errorLine(error)])
    throw error
  }
}

function formatOf(options: Options, { out }: Context): Format {
  const format = (options.one('format') ?? (out.isTTY ? 'table' : 'ndjson')) as Format
  if (isLineFormat(format)) return format
  if (format !== 'table' && format !== 'chart') throw new UsageError(`--follow --format ${format}: what changes is told in frames, one a line; use --format ndjson`)
  if (!out.isTTY) throw new UsageError(`--follow --format ${format}: is redrawn in place, which takes a terminal; a pipe gets frames, one a line, with --format ndjson`)
  return format
}

/** Others than files are read once, and end. */
function refuseOthers(sources: readonly Source[], lateness: string | undefined, options: Options): void {
  const other = sources.find(({ type }) => type !== 'file')
  if (other !== undefined) {
    throw new UsageError(`--follow: source ${JSON.stringify(other.name)} is of type ${other.type}, which is read once and does not wait for more. `
      + 'Sync it into a data folder as often as you like, and follow that: sessionql query --data DIR --follow')
  }
  if (sources.length === 0 && options.one('data') !== undefined && lateness !== undefined) {
    throw new UsageError('--lateness: which sessions came late is known to the process that takes them in; follow its sources, or leave --lateness away')
  }
}

async function oneQuery(options: Options, context: Context): Promise<AnyQueryInput> {
  const { texts } = await openQueries(options, context)
  const found: (string | null)[] = []
  for await (const { text } of texts) {
    found.push(text)
    if (found.length > 1) throw new UsageError('--follow keeps one query up to date, and several were given; start it once for each')
  }
  if (found.length === 0) throw new UsageError('no query was given: write one to stdin, or name a file with --query FILE')
  const query = parseJson(found[0] ?? '')
  // Names of columns are checked when sessions have come.
  readStanding(query)
  return query as AnyQueryInput
}

interface Following {
  readonly sources: readonly Source[]
  readonly lateness: string | undefined
  readonly format: Format
  readonly options: Options
  readonly context: Context
}

async function followSources(query: AnyQueryInput, { sources, lateness, format, options, context }: Following): Promise<number> {
  const engine = await openEngine(options, sources, await threadsOf(options), columnsOf(readStanding(query)))
  const stop = new AbortController()
  const feed = new Feed(engine, sources, AbortSignal.any([context.signal, stop.signal]))
  try {
    await feed.caughtUp()
    const watch = engine.watch(query, { signal: context.signal, ...lateness !== undefined && { lateness } })
    void feed.ended.finally(() => { watch.finish() })
    await showAll(watch, viewOf(format, context))
    return exitCodeOfReadings(await feed.ended)
  } finally {
    stop.abort(new Error('the query has ended'))
    const readings = await feed.ended
    await engine.close()
    for (const note of readings.filter(({ ending }) => ending !== 'stopped').flatMap(notesOf)) context.say(note)
  }
}

/** Sources that are read into an engine for as long as they go on. */
class Feed {
  readonly ended: Promise<Reading[]>
  readonly #engine: Engine
  readonly #reports: readonly SourceReport[]
  readonly #signal: AbortSignal
  #readings: readonly Reading[] | null = null

  constructor(engine: Engine, sources: readonly Source[], signal: AbortSignal) {
    const tasks = sources.map(source => ({ source, report: newReport() }))
    this.#engine = engine
    this.#reports = tasks.map(({ report }) => report)
    this.#signal = signal
    // Lines of progress would run through the frames.
    const progress = new PlainProgress({ write: () => true }, { announce: false })
    this.ended = readSources(engine, tasks, { signal, progress }).then(readings => this.#readings = readings)
  }

  /**
   * Until what the files have is read, and of stdin the first sessions: then the columns are known, and the first frame is worth its while.
   * @throws the error of a source where none could be read at all
   */
  async caughtUp(): Promise<void> {
    while (this.#readings === null && !this.#reports.every(({ progress }) => progress === 1 || progress === null && this.#engine.status().sessions > 0)) {
      await sleep(LOOK_MS, undefined, { signal: this.#signal })
    }
    const failed = this.#readings?.find(({ error }) => error !== null)
    if (failed !== undefined && this.#engine.status().sessions === 0) throw failed.error
  }
}

function viewOf(format: Format, { out, signal }: Context): FrameView {
  return format === 'table' || format === 'chart' ? new FrameScreen(out, format) : new FrameLines(out, signal)
}

async function showAll(frames: AsyncIterable<Frame>, view: FrameView): Promise<void> {
  try {
    for await (const frame of frames) await view.show(frame)
  } finally {
    await view.end()
  }
}
