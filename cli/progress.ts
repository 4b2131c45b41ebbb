/** Progress on a terminal: one living line per source; elsewhere plain lines. */
import type { SourceReport } from '../connectors/source.js'
import { displayable } from './displayable.js'
import { elapsed, PlainProgress, rate, retries, type Track } from './plain-progress.js'
import { count } from './plural.js'
import { padEnd, padStart, truncate, width } from './text.js'

const REDRAW_MS = 100
/** Shorter readings show nothing on a terminal: no flicker. */
const PATIENCE_MS = 300
const MAX_NAME = 24
const NOTICEABLE_LAG_MS = 60_000
const WIDE_TERMINAL = 100
const FULL = '━'
const EMPTY = '╌'
const CLEAR_BELOW = '\u001b[J'

/** A terminal shows every source's end by itself. */
export class Progress extends PlainProgress {
  #begun = 0
  #drawn = 0

  get #living(): boolean {
    return this.stream.isTTY === true && !this.json
  }

  protected override get interval(): number {
    return this.#living ? REDRAW_MS : super.interval
  }

  protected override begin(): void {
    this.#begun = Date.now()
  }

  protected override ended(track: Track, now: number): void {
    if (!this.#living) super.ended(track, now)
  }

  protected override tick(): void {
    if (!this.#living) super.tick()
    else if (Date.now() - this.#begun >= PATIENCE_MS) this.#draw()
  }

  /** Draws the last state and leaves it standing. */
  protected override finish(): void {
    if (this.#living && (this.announce || this.#drawn > 0)) this.#draw()
    this.#drawn = 0
  }

  #draw(): void {
    const now = Date.now()
    const names = this.tracks.reduce((most, { name }) => Math.max(most, width(name)), 0)
    const lines = this.tracks.map(track => `${liveLine(track, now, this.stream.columns ?? 80, Math.min(names, MAX_NAME))}\u001b[K\n`)
    // a terminal echoes what is typed, such as ^C, into the line below
    this.stream.write((this.#drawn > 0 ? `\r\u001b[${this.#drawn}A` : '') + lines.join('') + CLEAR_BELOW)
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
