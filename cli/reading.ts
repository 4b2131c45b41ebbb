/** Reads sources into an engine side by side, and tells what came of each. */
import type { Clock, DeadLetter, Source, SourceReport } from '../connectors/source.js'
import { resumable } from '../connectors/resumable.js'
import { newReport } from '../connectors/source.js'
import type { Engine } from '../engine/engine.js'
import type { IngestReport } from '../engine/ingestion.js'
import { EXIT, exitCodeOf, worse } from './exit.js'
import type { Ending, PlainProgress } from './plain-progress.js'

/** Examples of unreadable records that are shown; all are counted. */
const MAX_EXAMPLES = 3

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
  readonly progress: PlainProgress
  /** The machine's own where absent. */
  readonly clock?: Clock
  /** Read from the beginning, whatever was read before. */
  readonly fresh?: boolean
  /** Takes the records that cannot be read. */
  readonly onDeadLetter?: (letter: DeadLetter) => void
  /** As for `Engine.ingest`. */
  readonly settle?: boolean
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

async function readSource(engine: Engine, task: ReadTask, { signal, progress, clock, fresh, onDeadLetter: keep, settle }: ReadSettings): Promise<Reading> {
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
      ...settle !== undefined && { settle },
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

/** There is nothing to tell. */
export function wentWell({ report, rejected, error }: Reading): boolean {
  return error === null && report.deadLetters + rejected + report.suspectedGaps.length + report.warnings.length === 0
}

export function exitCodeOfReadings(readings: readonly Reading[]): number {
  return readings.reduce((code: number, { error }) => error === null ? code : worse(code, exitCodeOf(error)), EXIT.ok)
}
