/** A tap as a child process: its output, the last of what it said on stderr, and its end. */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import type { Readable } from 'node:stream'
import { redact } from '../http/errors.js'

/** A tap that was asked to end gets this long before it is made to: an interrupted command ends within a second. */
const KILL_AFTER_MS = 400
/** Lines of stderr that are kept: enough to see what went wrong. */
const KEPT_LINES = 8
const MAX_LINE = 300
const MAX_PART = 64 * 1024
const COMPLAINT = /\b(ERROR|CRITICAL|FATAL)\b/
const IS_POSIX = process.platform !== 'win32'

export interface TapEnd {
  /** Null where a signal ended it. */
  readonly code: number | null
  readonly signal: string | null
  /** ENOENT and the like, where it could not be started. */
  readonly failure: string | null
}

export class TapProcess {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>
  readonly #secrets: readonly string[]
  readonly #lines: string[] = []
  #part = ''
  #complaints = 0
  #lastComplaint = ''
  #isStopping = false
  readonly ended: Promise<TapEnd>

  /** @param secrets what must not be read in its messages */
  constructor(command: readonly string[], secrets: readonly string[]) {
    this.#secrets = secrets
    const [program = '', ...args] = command
    // a group of its own, so that what the tap has started ends with it
    this.#child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: IS_POSIX })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => this.#hear(text))
    this.ended = new Promise(resolve => {
      this.#child.on('error', (error: NodeJS.ErrnoException) => resolve({ code: null, signal: null, failure: error.code ?? error.message }))
      this.#child.on('close', (code, signal) => {
        this.#hear('\n')
        resolve({ code, signal, failure: null })
      })
    })
  }

  /** What it writes, as fast as it is taken: a slow reader makes it wait. */
  async* output(): AsyncGenerator<Buffer> {
    try {
      yield* this.#child.stdout as AsyncIterable<Buffer>
    } catch (error) {
      // it could not be started, or was stopped: how it ended tells more
      if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')) throw error
    }
  }

  /** The last lines of stderr, without secrets; '' where it was silent. */
  get lastWords(): string {
    return this.#lines.join(' | ')
  }

  /** Lines on stderr that speak of errors, and the last of them. */
  get complaints(): { readonly count: number, readonly last: string } {
    return { count: this.#complaints, last: this.#lastComplaint }
  }

  mask(text: string): string {
    return redact(text, this.#secrets)
  }

  /** Resolves when it has ended: at once by its own will, or soon by force. */
  async stop(): Promise<void> {
    if (!this.#isStopping) {
      this.#isStopping = true
      this.#child.stdout.destroy()
      this.#kill('SIGTERM')
    }
    const timer = setTimeout(() => this.#kill('SIGKILL'), KILL_AFTER_MS)
    await this.ended
    clearTimeout(timer)
  }

  #kill(signal: NodeJS.Signals): void {
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      if (IS_POSIX) process.kill(-pid, signal)
      else this.#child.kill(signal)
    } catch {
      // it has ended already
    }
  }

  #hear(text: string): void {
    const lines = (this.#part + text).split(/[\r\n]+/)
    this.#part = lines.pop()!
    // a line without an end does not grow for ever
    if (this.#part.length > MAX_PART) this.#part = redact(this.#part, this.#secrets).slice(-MAX_LINE)
    for (const line of lines) {
      // masked before it is cut: half a secret would not be found
      const shown = redact(line, this.#secrets).replace(/\p{Cc}+/gu, ' ').trim().slice(0, MAX_LINE)
      if (shown === '') continue
      this.#lines.push(shown)
      if (this.#lines.length > KEPT_LINES) this.#lines.shift()
      if (!COMPLAINT.test(shown)) continue
      this.#complaints++
      this.#lastComplaint = shown
    }
  }
}

/** "ended with exit code 3. Its last words: …" */
export function howItEnded({ code, signal }: TapEnd, tap: TapProcess): string {
  const how = code === null ? `was ended by ${signal}` : `ended with exit code ${code}`
  return `${how}. ${tap.lastWords ? `Its last words: ${tap.lastWords}` : 'It said nothing on stderr.'}`
}
