import { jsonFault, parseJson } from '../../record/json.js'
import { readLines, type LinesOptions } from './lines.js'
import { sample, type RecordSink } from './records.js'

/** Digits enough for an integer beyond 2^53, where a number may begin: a whole block without them needs no second look. */
const MAYBE_UNSAFE = /[:,[\s-]\d{16}/
const BLANK = /^\s*$/

/** Takes blocks of whole lines; `counted` must be told how many lines there were before more is read. */
export type TakeLines = (bytes: Buffer, first: number, counted: (lines: number) => void) => void

/**
 * One JSON value per line; blank lines are passed over. Records are numbered by line.
 * @param block takes lines instead of the sink
 */
export async function* readNdjson(
  chunks: AsyncIterable<Buffer>, sink: RecordSink, block?: TakeLines, options?: LinesOptions
): AsyncGenerator<void> {
  yield* readLines(chunks, {
    lines(lines, first, text) {
      const parse = parserOf(text)
      for (let i = 0; i < lines.length; i++) parseLine(lines[i]!, first + i, parse, sink)
    },
    fault: (reason, line, raw) => sink.fault(reason, line, line, raw),
    block
  }, options)
}

/** Hands the record of one line to the sink. */
export function readLine(line: string, number: number, sink: RecordSink): void {
  parseLine(line, number, parserOf(line), sink)
}

function parserOf(text: string): (text: string) => unknown {
  return MAYBE_UNSAFE.test(text) ? parseJson : JSON.parse as (text: string) => unknown
}

function parseLine(line: string, number: number, parse: (text: string) => unknown, sink: RecordSink): void {
  if (line === '' || line === '\r') return
  let value: unknown
  try {
    value = parse(line)
  } catch (error) {
    if (!BLANK.test(line)) sink.fault(jsonFault(error), number, number, sample(Buffer.from(line)))
    return
  }
  sink.record(value, number, number)
}
