/** Progress of several sources read side by side, where there is no terminal: a plain line per source now and then, or lines of JSON. */
import type { SourceReport } from '../connectors/source.js'
import { count } from './plural.js'

const PLAIN_MS = 10_000
const JSON_MS = 1_000

export const PROGRESS_KINDS = ['lines', 'json'] as const
export type ProgressKind = (typeof PROGRESS_KINDS)[number]

export type Ending = 'done' | 'failed' | 'stopped'

export interface Track {
  readonly name: string
  readonly report: SourceReport
  readonly startedAt: number
  state: 'reading' | Ending
  /** Epoch ms; null while it is read. */
  endedAt: number | null
}

export interface ProgressStream {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** Writes to `stream` from the first `track` until `stop`. `announce`: a line for each source that ends, too. */
export class PlainProgress {
  protected readonly tracks: Track[] = []
  protected readonly stream: ProgressStream
  protected readonly announce: boolean
  protected readonly json: boolean
  #timer: NodeJS.Timeout | null = null

  constructor(stream: ProgressStream, options: { announce: boolean, kind?: ProgressKind }) {
    this.stream = stream
    this.announce = options.announce
    this.json = options.kind === 'json'
  }

  track(name: string, report: SourceReport): (state: Ending) => void {
    const track: Track = { name, report, startedAt: Date.now(), state: 'reading', endedAt: null }
    this.tracks.push(track)
    this.#start()
    return state => {
      track.state = state
      track.endedAt = Date.now()
      if (this.announce) this.ended(track, track.endedAt)
    }
  }

  /** Leaves the last state standing. */
  stop(): void {
    if (this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
    this.finish()
    this.tracks.length = 0
  }

  protected get interval(): number {
    return this.json ? JSON_MS : PLAIN_MS
  }

  protected begin(): void { /* nothing to be drawn */ }

  protected ended(track: Track, now: number): void {
    this.stream.write(`${this.#line(track, now)}\n`)
  }

  protected tick(): void {
    const now = Date.now()
    for (const track of this.tracks) if (track.state === 'reading') this.stream.write(`${this.#line(track, now)}\n`)
  }

  protected finish(): void { /* what was written stands */ }

  #line(track: Track, now: number): string {
    return this.json ? jsonLine(track, now) : plainLine(track, now)
  }

  #start(): void {
    if (this.#timer !== null) return
    this.begin()
    this.#timer = setInterval(() => { this.tick() }, this.interval)
    this.#timer.unref()
  }
}

function plainLine(track: Track, now: number): string {
  const { name, report, state } = track
  const where = state === 'reading' && report.position !== '' ? `, ${report.position}` : ''
  const verb = state === 'reading' ? '' : `${state}, `
  return `${name}: ${verb}${count(report.rows)} rows in ${elapsed(track, now)}, ${count(rate(track, now))}/s${where}${retries(report)}`
}

/** For programs that watch a sync; times in seconds. */
export function jsonLine(track: Track, now: number): string {
  const { name, report, state } = track
  const { rows, requests, retries: repeated, duplicates, deadLetters, suspectedGaps, position, progress, watermark } = report
  return JSON.stringify({
    source: name, state, rows, rows_per_second: rate(track, now), requests, retries: repeated, duplicates, unreadable: deadLetters,
    gaps: suspectedGaps.length, position, progress, seconds: Math.round(((track.endedAt ?? now) - track.startedAt) / 100) / 10,
    watermark: watermark === null ? null : new Date(watermark).toISOString(), lag_seconds: watermark === null ? null : Math.round((now - watermark) / 1000)
  })
}

export function rate(track: Track, now: number): number {
  const seconds = ((track.endedAt ?? now) - track.startedAt) / 1000
  return seconds > 0 ? Math.round(track.report.rows / seconds) : 0
}

export function elapsed(track: Track, now: number): string {
  return `${(((track.endedAt ?? now) - track.startedAt) / 1000).toFixed(1)} s`
}

export function retries({ retries: times }: SourceReport): string {
  return times === 0 ? '' : `  ${count(times)} ${times === 1 ? 'retry' : 'retries'}`
}
