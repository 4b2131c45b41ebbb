/**
 * Progress of several sources read side by side: on a terminal one living line per source, elsewhere a plain line now and then.
 */
import type { SourceReport } from '../connectors/source.js'
import { displayable, padEnd, padStart, truncate, width } from './text.js'

const REDRAW_MS = 100
/** Shorter readings show nothing on a terminal: no flicker. */
const PATIENCE_MS = 300
const PLAIN_MS = 10_000
const JSON_MS = 1_000
const MAX_NAME = 24
const NOTICEABLE_LAG_MS = 60_000
const WIDE_TERMINAL = 100
const FULL = '━'
const EMPTY = '╌'
const CLEAR_BELOW = '\u001b[J'

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

/** Writes to `stream` from the first `track` until `stop`. `announce`: plain streams also get a line for each source that ends. */
export class Progress {
  readonly #tracks: Track[] = []
  readonly #stream: ProgressStream
  readonly #announce: boolean
  readonly #json: boolean
  #timer: NodeJS.Timeout | null = null
  #begun = 0
  #drawn = 0

  constructor(stream: ProgressStream, options: { announce: boolean, kind?: ProgressKind }) {
    this.#stream = stream
    this.#announce = options.announce
    this.#json = options.kind === 'json'
  }

  track(name: string, report: SourceReport): (state: Ending) => void {
    const track: Track = { name, report, startedAt: Date.now(), state: 'reading', endedAt: null }
    this.#tracks.push(track)
    this.#start()
    return state => {
      track.state = state
      track.endedAt = Date.now()
      if (!this.#living && this.#announce) this.#stream.write(`${this.#line(track, track.endedAt)}\n`)
    }
  }

  /** Draws the last state and leaves it standing. */
  stop(): void {
    if (this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
    if (this.#living && (this.#announce || this.#drawn > 0)) this.#draw()
    this.#drawn = 0
    this.#tracks.length = 0
  }

  get #living(): boolean {
    return this.#stream.isTTY === true && !this.#json
  }

  #line(track: Track, now: number): string {
    return this.#json ? jsonLine(track, now) : plainLine(track, now)
  }

  #start(): void {
    if (this.#timer !== null) return
    this.#begun = Date.now()
    this.#timer = setInterval(() => this.#tick(), this.#living ? REDRAW_MS : this.#json ? JSON_MS : PLAIN_MS)
    this.#timer.unref()
  }

  #tick(): void {
    if (!this.#living) {
      const now = Date.now()
      for (const track of this.#tracks) if (track.state === 'reading') this.#stream.write(`${this.#line(track, now)}\n`)
    } else if (Date.now() - this.#begun >= PATIENCE_MS) this.#draw()
  }

  #draw(): void {
    const now = Date.now()
    const names = this.#tracks.reduce((most, { name }) => Math.max(most, width(name)), 0)
    const lines = this.#tracks.map(track => `${liveLine(track, now, this.#stream.columns ?? 80, Math.min(names, MAX_NAME))}\u001b[K\n`)
    // a terminal echoes what is typed, such as ^C, into the line below
    this.#stream.write((this.#drawn > 0 ? `\r\u001b[${this.#drawn}A` : '') + lines.join('') + CLEAR_BELOW)
    this.#drawn = lines.length
  }
}

/** One line of the living area, at most `columns` - 1 wide. */
export function liveLine(track: Track, now: number, columns: number, nameWidth: number): string {
  const { report, state } = track
  const share = state === 'done' ? 1 : report.progress
  const length = columns >= WIDE_TERMINAL ? 20 : 10
  const filled = Math.round(Math.max(0, Math.min(1, share ?? 0)) * length)
  const percent = state === 'failed' || state === 'stopped' ? state : share === null ? '' : `${Math.floor(share * 100)} %`
  const name = padEnd(truncate(displayable(track.name), nameWidth), nameWidth)
  const parts = [
    `${padStart(count(report.rows), 9)} rows`, `${padStart(count(rate(track, now)), 7)}/s`,
    state === 'reading' ? displayable(report.position) : elapsed(track, now), ...lag(report, now)
  ]
  const bar = FULL.repeat(filled) + EMPTY.repeat(length - filled)
  return truncate(`${name} ${bar} ${padStart(percent, 6)} ${parts.join('  ')}${retries(report)}`.trimEnd(), columns - 1)
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

/** How far behind the present a source has been read; nothing where that is a moment. */
function lag({ watermark }: SourceReport, now: number): string[] {
  return watermark === null || now - watermark < NOTICEABLE_LAG_MS ? [] : [`lag ${duration(now - watermark)}`]
}

const UNITS: readonly (readonly [name: string, ms: number])[] = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1_000]]

/** In the largest unit that gives two at least: `47 h`, `3 d`. */
export function duration(ms: number): string {
  const [name, unit] = UNITS.find(([, length]) => Math.abs(ms) >= 2 * length) ?? ['s', 1_000]
  return `${count(Math.floor(ms / unit))} ${name}`
}

function rate(track: Track, now: number): number {
  const seconds = ((track.endedAt ?? now) - track.startedAt) / 1000
  return seconds > 0 ? Math.round(track.report.rows / seconds) : 0
}

function elapsed(track: Track, now: number): string {
  return `${(((track.endedAt ?? now) - track.startedAt) / 1000).toFixed(1)} s`
}

function retries({ retries: times }: SourceReport): string {
  return times === 0 ? '' : `  ${count(times)} ${times === 1 ? 'retry' : 'retries'}`
}

/** `1 session`, `2,000 sessions`. */
export function plural(value: number, word: string): string {
  return `${count(value)} ${word}${value === 1 ? '' : 's'}`
}

export function count(value: number): string {
  return value.toLocaleString('en-US')
}
