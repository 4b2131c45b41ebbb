import { jsonFault, parseJson } from '../../record/json.js'
import { decode } from './lines.js'
import { MAX_RECORD_BYTES, sample, SAMPLE_BYTES, tooLong, type RecordSink } from './records.js'

/** Longest value outside of an array: a recorded page, as long as one may be over HTTP. It is held in memory whole, elements of an array one at a time. */
export const MAX_DOCUMENT_BYTES = 128 * 2 ** 20

const QUOTE = 0x22
const BACKSLASH = 0x5c
const LF = 0x0a

/** What a byte outside of strings does to the scan. */
const CLASS = new Uint8Array(256)
const SPACE = 1
const OPEN = 2
const CLOSE = 3
const COMMA = 4
const STRING = 5
for (const byte of [0x20, 0x09, LF, 0x0d]) CLASS[byte] = SPACE
for (const byte of [0x5b, 0x7b]) CLASS[byte] = OPEN
for (const byte of [0x5d, 0x7d]) CLASS[byte] = CLOSE
CLASS[0x2c] = COMMA
CLASS[QUOTE] = STRING

/** The elements of a JSON array, or one or more JSON values side by side, cut out without building the document. */
export async function* readJson(chunks: AsyncIterable<Buffer>, sink: RecordSink): AsyncGenerator<void> {
  const scanner = new ValueScanner(sink)
  for await (const chunk of chunks) {
    scanner.push(chunk)
    yield
  }
  scanner.end()
  yield
}

/** Finds where values begin and end by brackets and quotes alone; whether a value is JSON is for the parser to say. */
class ValueScanner {
  readonly #sink: RecordSink
  #pieces: Buffer[] = []
  #bytes = 0
  #inArray = false
  #inValue = false
  #inString = false
  #escaped = false
  #depth = 0
  #line = 1
  #valueLine = 1
  #number = 0

  constructor(sink: RecordSink) {
    this.#sink = sink
  }

  push(chunk: Buffer): void {
    let start = 0
    let at = 0
    while (at < chunk.length) {
      if (this.#inString) {
        at = this.#skipString(chunk, at)
        continue
      }
      const byte = chunk[at]!
      const kind = CLASS[byte]!
      if (!this.#inValue) {
        if (this.#begins(byte, kind)) start = at
        else {
          at++
          continue
        }
      } else if (this.#depth === 0 && (kind === SPACE || kind === COMMA || kind === CLOSE)) {
        // a bare number or word ends before what follows it
        this.#finish(chunk.subarray(start, at))
        continue
      }
      at++
      if (byte === LF) this.#line++
      else if (kind === OPEN) this.#depth++
      else if (kind === STRING) this.#inString = true
      else if (kind === CLOSE && --this.#depth === 0) this.#finish(chunk.subarray(start, at))
      if (!this.#inValue) start = at
    }
    if (this.#inValue) this.#keep(chunk.subarray(start))
  }

  end(): void {
    if (this.#inValue && this.#depth === 0 && !this.#inString) this.#finish(Buffer.alloc(0))
    else if (this.#inValue) this.#sink.fault('the file ends inside this record; it may have been cut off', ++this.#number, this.#valueLine, this.#cut())
    else if (this.#inArray) this.#sink.fault('the file ends before its array is closed; it may have been cut off', ++this.#number, this.#line, '')
  }

  /** Takes a byte between values; true when it is the first of one. */
  #begins(byte: number, kind: number): boolean {
    if (byte === LF) this.#line++
    if (kind === SPACE || kind === COMMA) return false
    if (kind === OPEN && byte === 0x5b && !this.#inArray) {
      this.#inArray = true
      return false
    }
    if (kind === CLOSE) {
      if (!this.#inArray || byte !== 0x5d) this.#sink.fault('a closing bracket that nothing opened', ++this.#number, this.#line, String.fromCharCode(byte))
      this.#inArray = false
      return false
    }
    this.#inValue = true
    this.#valueLine = this.#line
    return true
  }

  #skipString(chunk: Buffer, from: number): number {
    let at = from
    if (this.#escaped) {
      this.#escaped = false
      at++
    }
    for (; at < chunk.length; at++) {
      const byte = chunk[at]
      if (byte === QUOTE) {
        this.#inString = false
        return at + 1
      }
      if (byte === BACKSLASH && ++at === chunk.length) this.#escaped = true
    }
    return chunk.length
  }

  #keep(piece: Buffer): void {
    this.#bytes += piece.length
    if (this.#bytes <= this.#limit()) this.#pieces.push(piece)
    else this.#pieces = [Buffer.from(this.#sampleBytes())]
  }

  #limit(): number {
    return this.#inArray ? MAX_RECORD_BYTES : MAX_DOCUMENT_BYTES
  }

  #sampleBytes(): Buffer {
    return Buffer.concat(this.#pieces.slice(0, 1)).subarray(0, SAMPLE_BYTES)
  }

  #cut(): string {
    return sample(this.#sampleBytes())
  }

  #finish(tail: Buffer): void {
    this.#keep(tail)
    this.#number++
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces)
    if (this.#bytes > this.#limit()) this.#sink.fault(this.#lengthFault(), this.#number, this.#valueLine, this.#cut())
    else this.#parse(bytes)
    this.#pieces = []
    this.#bytes = 0
    this.#depth = 0
    this.#inValue = false
    this.#inString = false
  }

  #lengthFault(): string {
    if (this.#inArray) return tooLong(this.#bytes)
    return `a JSON value of ${this.#bytes.toLocaleString('en-US')} bytes outside of an array; write the sessions as an array or one per line`
  }

  #parse(bytes: Buffer): void {
    const text = decode(bytes)
    if (text === null) return this.#sink.fault('not valid UTF-8', this.#number, this.#valueLine, sample(bytes))
    let value: unknown
    try {
      value = parseJson(text)
    } catch (error) {
      return this.#sink.fault(jsonFault(error), this.#number, this.#valueLine, sample(bytes))
    }
    this.#sink.record(value, this.#number, this.#valueLine)
  }
}
