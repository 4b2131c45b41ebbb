/** Where the frames of a followed query go: lines for a program, a screen that is redrawn in place for a person. */
import { foldFrame, type Frame } from '../engine/live/frame.js'
import type { QueryResult } from '../dsl/input.js'
import { canvasOf } from './canvas.js'
import { displayable } from './displayable.js'
import { formatResult } from './format.js'
import type { TextFormat } from './formats.js'
import type { Output } from './output.js'
import { plural } from './plural.js'
import { truncate } from './text.js'

export interface FrameView {
  show(frame: Frame): Promise<void>
  /** Leaves the terminal as it was, with the last answer on it. */
  end(): Promise<void>
}

/** After so long without a frame one without changes says that the query still stands. It is also how a reader is missed that has left its pipe. */
const ALIVE_MS = 5000
const NO_CHANGE: Frame = { type: 'change', changed: [], removed: [] }

/** One frame a line. */
export class FrameLines implements FrameView {
  readonly #out: Output
  readonly #signal: AbortSignal
  #alive: NodeJS.Timeout | undefined

  constructor(out: Output, signal: AbortSignal) {
    this.#out = out
    this.#signal = signal
  }

  async show(frame: Frame): Promise<void> {
    clearTimeout(this.#alive)
    await this.#out.write([lineOf(frame)], this.#signal)
    this.#alive = setTimeout(() => {
      this.#out.writeNow(lineOf(NO_CHANGE))
      this.#alive!.refresh()
    }, ALIVE_MS)
  }

  async end(): Promise<void> {
    clearTimeout(this.#alive)
  }
}

function lineOf(frame: Frame): string {
  return `${JSON.stringify(frame)}\n`
}

/** A terminal without a size that is known. */
const DEFAULT_ROWS = 24
const ESCAPE = '\u001b['
/** The screen beside the one with the shell's lines, without a cursor. */
const ENTER = `${ESCAPE}?1049h${ESCAPE}?25l`
const LEAVE = `${ESCAPE}?25h${ESCAPE}?1049l`
/** Terminals that know it show what is between at once; others pass over it. */
const BEGIN = `${ESCAPE}?2026h`
const FINISH = `${ESCAPE}?2026l`
const HOME = `${ESCAPE}H`
const CLEAR_LINE = `${ESCAPE}K`
const CLEAR_BELOW = `${ESCAPE}J`
const DIM: readonly [string, string] = [`${ESCAPE}2m`, `${ESCAPE}22m`]

/** The whole answer, drawn over the one before it. */
export class FrameScreen implements FrameView {
  readonly #out: Output
  readonly #format: Extract<TextFormat, 'table' | 'chart'>
  readonly #offResize: () => void
  #answer: QueryResult | null = null
  #status = ''
  #isOpen = false

  constructor(out: Output, format: Extract<TextFormat, 'table' | 'chart'>) {
    this.#out = out
    this.#format = format
    this.#offResize = out.onResize(() => { this.#draw() })
    process.on('exit', this.#restore)
  }

  async show(frame: Frame): Promise<void> {
    this.#answer = foldFrame(this.#answer, frame)
    this.#status = statusOf(frame)
    // Waits until the terminal has taken it, so that a slow one gets fewer frames.
    await this.#out.write([this.#screen(this.#answer)])
  }

  async end(): Promise<void> {
    this.#offResize()
    process.off('exit', this.#restore)
    this.#restore()
    if (this.#answer !== null) await this.#out.write(formatResult(this.#answer, this.#format, canvasOf(this.#out)))
  }

  #draw(): void {
    if (this.#answer !== null) this.#out.writeNow(this.#screen(this.#answer))
  }

  #screen(answer: QueryResult): string {
    const canvas = canvasOf(this.#out)
    const room = Math.max(1, (this.#out.rows ?? DEFAULT_ROWS) - 1)
    const lines = [...formatResult(answer, this.#format, canvas)].join('').trimEnd().split('\n')
    const hidden = lines.length - room
    const status = hidden > 0 ? `${plural(hidden, 'line')} more at the end · ${this.#status}` : this.#status
    const [dim, plain] = canvas.color ? DIM : ['', '']
    const opening = this.#isOpen ? '' : ENTER
    this.#isOpen = true
    const drawn = lines.slice(0, room).map(line => `${line}${CLEAR_LINE}\r\n`).join('')
    // The status stays in the last line's place, without a line feed that would scroll.
    return `${opening}${BEGIN}${HOME}${drawn}${dim}${truncate(displayable(status), canvas.columns - 1)}${plain}${CLEAR_LINE}${CLEAR_BELOW}${FINISH}`
  }

  readonly #restore = (): void => {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#out.writeNow(LEAVE)
  }
}

function statusOf({ progress }: Frame): string {
  const now = new Date().toTimeString().slice(0, 8)
  const final = progress === undefined ? [] : [`final until ${progress.final_until ?? 'nothing yet'}`, ...progress.late === 0 ? [] : [`${progress.late} came too late`]]
  return [`as of ${now}`, ...final, 'Ctrl-C ends'].join(' · ')
}
