/** Reads sources into an engine side by side, and says in plain sentences what came of each. */
import type { Clock, DeadLetter, Source, SourceReport } from '../connectors/source.js'
import { resumable } from '../connectors/resumable.js'
import { newReport } from '../connectors/source.js'
import type { Engine } from '../engine/engine.js'
import type { IngestReport } from '../engine/ingestion.js'
import { SessionqlError } from '../dsl/errors.js'
import { EXIT, exitCodeOf, messageOf, worse } from './exit.js'
import { plural, type Ending, type Progress } from './progress.js'
import { displayable, truncate } from './text.js'

/** Examples of unreadable records that are shown; all are counted. */
const MAX_EXAMPLES = 3
const MAX_GAPS_SHOWN = 5
const MAX_SENTENCE = 400

export interface Reading {
  readonly source: Source
  readonly report: SourceReport
  /** Reasons of the first unreadable records. */
  readonly examples: readonly string[]
  /** Sessions that the engine refused. */
  readonly rejected: number
  readonly inserted: number
  readonly updated: number
  readonly seconds: number
  readonly ending: Ending
  /** Null where all was read. */
  readonly error: unknown
}

export interface ReadSettings {
  readonly signal: AbortSignal
  readonly progress: Progress
  /** The machine's own where absent. */
  readonly clock?: Clock
  /** Read from the beginning, whatever was read before. */
  readonly fresh?: boolean
  /** Takes the records that cannot be read. */
  readonly onDeadLetter?: (letter: DeadLetter) => void
}

export interface ReadTask {
  readonly source: Source
  /** Epoch ms, half-open; absent reads all there is. */
  readonly interval?: { readonly start: number, readonly end: number }
  /** Filled while it is read. */
  readonly report?: SourceReport
}

/** One source failing does not stop the others, and an abort is told like a failure: never rejects. */
export async function readSources(engine: Engine, tasks: readonly ReadTask[], settings: ReadSettings): Promise<Reading[]> {
  try {
    return await Promise.all(tasks.map(task => readSource(engine, task, settings)))
  } finally {
    settings.progress.stop()
  }
}

async function readSource(engine: Engine, task: ReadTask, { signal, progress, clock, fresh, onDeadLetter: keep }: ReadSettings): Promise<Reading> {
  const { interval, report = newReport() } = task
  const source = resumable(task.source)
  const examples: string[] = []
  const remember = (reason: string) => void (examples.length < MAX_EXAMPLES && examples.push(reason))
  const onDeadLetter = (letter: DeadLetter) => {
    remember(letter.reason)
    keep?.(letter)
  }
  const ended = progress.track(source.name, report)
  const begun = Date.now()
  let outcome: IngestReport | null = null
  let error: unknown = null
  const onProgress = (latest: IngestReport) => void (outcome = latest)
  let rejected = 0
  try {
    const batches = {
      name: source.name,
      describe: () => source.describe(),
      read: ({ blocks, state }: { blocks?: boolean, state?: unknown }) => {
        return source.read({ signal, clock, interval, report, onDeadLetter, blocks, ...!fresh && { state } })
      }
    }
    outcome = await engine.ingest(batches, {
      source: source.name,
      signal,
      onProgress,
      onReject: rejection => {
        rejected++
        onDeadLetter({ source: source.name, reason: rejection.message, record: rejection.session })
      }
    })
  } catch (caught) {
    error = caught
  }
  const ending = error === null ? 'done' : signal.aborted ? 'stopped' : 'failed'
  ended(ending)
  const seconds = (Date.now() - begun) / 1000
  return { source, report, examples, rejected, inserted: outcome?.inserted ?? 0, updated: outcome?.updated ?? 0, seconds, ending, error }
}

export function exitCodeOfReadings(readings: readonly Reading[]): number {
  return readings.reduce((code: number, { error }) => error === null ? code : worse(code, exitCodeOf(error)), EXIT.ok)
}

/** What a person must know about a reading: failures, unreadable records, gaps, warnings. One sentence each, none where all is well. */
export function notesOf({ source, report, examples, rejected, ending, error }: Reading): string[] {
  const bad = report.deadLetters + rejected
  const stopped = `source ${JSON.stringify(source.name)}: stopped after ${plural(report.rows, 'session')}`
  const notes = error === null ? [] : [ending === 'stopped' ? stopped : messageOf(error)]
  // An error of this code counts the records itself.
  const counted = error instanceof SessionqlError && error.code === 'source_data'
  if (bad > 0 && !counted) {
    notes.push(`source ${JSON.stringify(source.name)}: ${plural(bad, 'record')} could not be read and ${bad === 1 ? 'was' : 'were'} left out: `
      + `${examples.join('; ')}${bad > examples.length ? '; …' : ''}`)
  }
  for (const { from, to, reason, atLeast } of report.suspectedGaps.slice(0, MAX_GAPS_SHOWN)) {
    const many = atLeast === undefined ? 'sessions may be missing' : `at least ${plural(atLeast, 'session')} missing`
    notes.push(`source ${JSON.stringify(source.name)}: ${many} between ${stamp(from)} and ${stamp(to)}: ${reason}`)
  }
  const more = report.suspectedGaps.length - MAX_GAPS_SHOWN
  if (more > 0) notes.push(`source ${JSON.stringify(source.name)}: ${plural(more, 'more suspected gap')}`)
  for (const warning of report.warnings) notes.push(`source ${JSON.stringify(source.name)}: ${warning}`)
  return notes.map(note => truncate(displayable(note), MAX_SENTENCE))
}

function stamp(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : 'unknown'
}
