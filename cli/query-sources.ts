/** The sources behind a run of queries: read when the first query needs them, and again where a later one asks for other times. */
import type { Source } from '../connectors/source.js'
import type { Engine } from '../engine/engine.js'
import { LimitError } from '../dsl/errors.js'
import { plural } from './plural.js'
import { exitCodeOfReadings, readSources, wentWell, type Reading, type ReadSettings, type ReadTask } from './reading.js'

/** Epoch ms, half-open. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Systems that are asked for a time range and may be asked again for another. All others are read once, as a whole. */
const READ_BY_RANGE: ReadonlySet<string> = new Set(['publica-consumption', 'conviva', 'giosg'])

export interface QuerySourcesSettings extends ReadSettings {
  /** Read all there is, once: for a data folder, where it is kept. */
  readonly whole: boolean
  readonly say: (message: string) => void
}

export class QuerySources {
  readonly #engine: Engine
  readonly #sources: readonly Source[]
  readonly #settings: QuerySourcesSettings
  readonly #readings: Reading[] = []
  #covered: Span | null = null

  constructor(engine: Engine, sources: readonly Source[], settings: QuerySourcesSettings) {
    this.#engine = engine
    this.#sources = sources
    this.#settings = settings
  }

  /** Whether the engine knows all the columns that it will know. */
  get hasRead(): boolean {
    return this.#sources.length === 0 || this.#covered !== null
  }

  get exitCode(): number {
    return exitCodeOfReadings(this.#readings)
  }

  /**
   * Makes sure that every session of the span that can be had is in the engine. A source that fails is told and left out.
   * @throws the error of a source where none could be read at all; LimitError where not everything fits
   */
  async cover(span: Span): Promise<void> {
    const before = this.#covered
    if (before === null) {
      this.#covered = span
      const ranged = this.#ranged()
      await this.#read(this.#sources.map(source => ranged.includes(source) ? { source, interval: span } : { source }))
    } else {
      this.#covered = { start: Math.min(span.start, before.start), end: Math.max(span.end, before.end) }
      if (span.start < before.start) await this.#readMore({ start: span.start, end: before.start })
      if (span.end > before.end) await this.#readMore({ start: before.end, end: span.end })
    }
    const limited = this.#readings.find(({ error }) => error instanceof LimitError)
    if (limited) throw limited.error
    if (this.#readings.length > 0 && !this.#readable) throw this.#readings[0]!.error
  }

  get #readable(): boolean {
    return this.#readings.some(({ error, report }) => error === null || report.rows > 0)
  }

  #ranged(): readonly Source[] {
    return this.#settings.whole ? [] : this.#sources.filter(({ type }) => READ_BY_RANGE.has(type))
  }

  #readMore(interval: Span): Promise<void> {
    return this.#read(this.#ranged().map(source => ({ source, interval })))
  }

  async #read(tasks: readonly ReadTask[]): Promise<void> {
    const { say, signal } = this.#settings
    const readings = await readSources(this.#engine, tasks, this.#settings)
    signal.throwIfAborted()
    this.#readings.push(...readings)
    const readable = this.#readable
    // Where no source can be read, the first error takes the place of the answers: it is told there.
    for (const reading of readable ? readings : readings.slice(1)) {
      if (wentWell(reading)) continue
      const { notesOf } = await import('./notes.js')
      for (const note of notesOf(reading)) say(note)
      if (readable && reading.error !== null) say(partial(reading, this.#settings.whole))
    }
  }
}

function partial({ source, report }: Reading, kept: boolean): string {
  const name = JSON.stringify(source.name)
  if (report.rows === 0) return `source ${name} is missing from the answers`
  return `answers rest on the ${plural(report.rows, 'session')} of source ${name} read before${kept ? '; they are stored' : ''}`
}
