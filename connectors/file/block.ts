/** Lines of NDJSON handed to the engine as they are: it reads the plain ones itself and asks for the others. */
import type { RecordBlock, Session } from '../../engine/session.js'
import type { SourceReport } from '../source.js'
import { readLine } from './formats/ndjson.js'
import type { SessionSink } from './session-sink.js'

export class LineBlock implements RecordBlock {
  readonly bytes: Buffer
  readonly #first: number
  readonly #sink: SessionSink
  readonly #report: SourceReport
  readonly #counted: (lines: number) => void

  /** @param first number of the first line; @param counted is told how many lines there were */
  constructor(bytes: Buffer, first: number, sink: SessionSink, report: SourceReport, counted: (lines: number) => void) {
    this.bytes = bytes
    this.#first = first
    this.#sink = sink
    this.#report = report
    this.#counted = counted
  }

  record(from: number, end: number, index: number): readonly Session[] {
    const number = this.#first + index
    readLine(this.bytes.toString('utf8', from, end), number, this.#sink)
    const sessions = this.#sink.take()
    this.#report.rows += sessions.length
    return sessions
  }

  done(taken: number, lines: number): void {
    this.#sink.credit(taken)
    this.#report.rows += taken
    this.#counted(lines)
  }
}
