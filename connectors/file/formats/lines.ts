import { isAscii, isUtf8 } from 'node:buffer'
import { MAX_RECORD_BYTES, sample, SAMPLE_BYTES, tooLong } from './records.js'

const LF = 10

export interface LineSink {
  /** Lines without their line feed, the first of them at line number `first`. `text` holds all of them. */
  lines(lines: readonly string[], first: number, text: string): void
  fault(reason: string, line: number, raw: string): void
  /** Takes lines of valid UTF-8 as bytes instead, where it is given; `counted` must be told their number before more is read. */
  block?(bytes: Buffer, first: number, counted: (lines: number) => void): void
}

/** A place between two lines. */
export interface LinePosition {
  /** Bytes before it. */
  readonly offset: number
  /** Number of the line that begins there, from 1. */
  readonly line: number
}

export interface LinesOptions {
  /** Where the chunks begin. */
  readonly from?: LinePosition | undefined
  /** The last line is one only with its line feed: more of it may come. */
  readonly isGrowing?: boolean | undefined
  /** Told, after every block that was taken, how far whole lines reach. */
  readonly reached?: ((position: LinePosition) => void) | undefined
}

/** Splits bytes into lines of UTF-8, a block at a time; a line feed after the last line is not needed. Stops after every block. */
export async function* readLines(chunks: AsyncIterable<Buffer>, sink: LineSink, { from, isGrowing, reached }: LinesOptions = {}): AsyncGenerator<void> {
  const splitter = new LineSplitter(sink, from)
  for await (const chunk of chunks) {
    splitter.push(chunk)
    yield
    reached?.(splitter.position)
  }
  if (isGrowing) return
  splitter.end()
  yield
}

/** Keeps the piece of a line that the next chunk goes on with. */
class LineSplitter {
  readonly #sink: LineSink
  #pieces: Buffer[] = []
  #pending = 0
  #line: number
  #seen: number
  #whole: number

  constructor(sink: LineSink, { offset, line }: LinePosition = { offset: 0, line: 1 }) {
    this.#sink = sink
    this.#line = line
    this.#seen = offset
    this.#whole = offset
  }

  /** After the last line feed; to be asked when what was pushed has been counted. */
  get position(): LinePosition {
    return { offset: this.#whole, line: this.#line }
  }

  push(chunk: Buffer): void {
    const last = chunk.lastIndexOf(LF)
    if (last >= 0) this.#whole = this.#seen + last + 1
    this.#seen += chunk.length
    if (last < 0) return this.#keep(chunk)
    let start = 0
    if (this.#pending > 0) {
      start = chunk.indexOf(LF) + 1
      this.#keep(chunk.subarray(0, start - 1))
      this.#endLine()
    }
    if (start <= last) this.#block(chunk.subarray(start, last))
    if (last + 1 < chunk.length) this.#keep(chunk.subarray(last + 1))
  }

  end(): void {
    if (this.#pending > 0) this.#endLine()
  }

  #keep(piece: Buffer): void {
    this.#pending += piece.length
    // Copies: what comes next may be written over the chunk.
    if (this.#pending <= MAX_RECORD_BYTES) this.#pieces.push(Buffer.from(piece))
    else this.#pieces = [Buffer.from(Buffer.concat(this.#pieces).subarray(0, SAMPLE_BYTES))]
  }

  #endLine(): void {
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces)
    const length = this.#pending
    this.#pieces = []
    this.#pending = 0
    if (length > MAX_RECORD_BYTES) this.#sink.fault(tooLong(length), this.#line++, sample(bytes))
    else if (this.#takes(bytes)) this.#sink.block!(bytes, this.#line++, () => undefined)
    else this.#block(bytes)
  }

  #takes(bytes: Buffer): boolean {
    return this.#sink.block !== undefined && isUtf8(bytes)
  }

  #block(bytes: Buffer): void {
    if (this.#takes(bytes)) {
      this.#sink.block!(bytes, this.#line, lines => { this.#line += lines })
      return
    }
    const text = decode(bytes)
    if (text !== null) {
      const lines = text.split('\n')
      this.#sink.lines(lines, this.#line, text)
      this.#line += lines.length
      return
    }
    for (let at = 0; at <= bytes.length;) {
      const next = bytes.indexOf(LF, at)
      const end = next < 0 ? bytes.length : next
      const line = bytes.subarray(at, end)
      const lineText = decode(line)
      if (lineText === null) this.#sink.fault('not valid UTF-8', this.#line, sample(line))
      else this.#sink.lines([lineText], this.#line, lineText)
      this.#line++
      at = end + 1
    }
  }
}

/** Null for what is not UTF-8. */
export function decode(bytes: Buffer): string | null {
  if (isAscii(bytes)) return bytes.toString('latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : null
}
