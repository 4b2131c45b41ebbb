import { isUtf8 } from 'node:buffer'
import { Readable } from 'node:stream'
import { parse, type Info } from 'csv-parse'
import { parseJson } from '../../record/json.js'
import { newRow } from '../../record/row.js'
import { FormatFault } from '../format-fault.js'
import { MAX_RECORD_BYTES, type RecordSink } from './records.js'

/** Cells of these columns stay text even where they look like numbers; so do all whose name ends in `_id`. */
const TEXT_COLUMNS = new Set([
  'session_id', 'visitor_id', 'browser_name', 'browser_version', 'city', 'country', 'device_type', 'ip_organization', 'os_name', 'source',
  'postal_code', 'asn', 'os_version'
])
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
/** However the first line ends, others may end otherwise. */
const LINE_ENDS = ['\r\n', '\n', '\r']
/** Records taken from the parser between two stops for the consumer. */
const RECORDS_PER_TURN = 1_000
/** What a dead letter keeps of a row. */
const SAMPLE_CHARS = 2_000
const LF = 10

interface CsvItem {
  /** Null for nothing between two delimiters, which is not the empty text `""`. */
  readonly record: (string | null)[]
  readonly info: Info
}

/** Rows of cells under a header row, quoted as in RFC 4180. Throws FormatFault when the header cannot name the columns. */
export async function* readCsv(
  chunks: AsyncIterable<Buffer>, sink: RecordSink, delimiter: string, strings: readonly string[] = []
): AsyncGenerator<void> {
  const bytes = { valid: true }
  const faults: { message: string; line: number }[] = []
  const parser = parse({
    bom: true, delimiter, info: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true, skip_records_with_error: true,
    max_record_size: MAX_RECORD_BYTES, record_delimiter: LINE_ENDS, cast: (cell, { quoting }) => cell === '' && !quoting ? null : cell,
    on_skip: error => void faults.push({ message: error?.message ?? 'unreadable', line: Number(error?.['lines'] ?? 0) })
  })
  const input = Readable.from(checkUtf8(chunks, bytes))
  input.on('error', error => parser.destroy(error))
  input.pipe(parser)
  let columns: Column[] | null = null
  let number = 0
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvItem>) {
      for (const fault of faults.splice(0)) sink.fault(`not CSV: ${fault.message}`, ++number, fault.line, '')
      if (columns === null) columns = readHeader(record.map(cell => cell ?? ''), strings)
      else readRecord(record, columns, bytes.valid, ++number, info.lines, sink)
      if (number % RECORDS_PER_TURN === 0) yield
    }
  } finally {
    input.destroy()
  }
  for (const fault of faults) sink.fault(`not CSV: ${fault.message}`, ++number, fault.line, '')
  yield
}

interface Column {
  readonly name: string
  readonly isText: boolean
}

function readHeader(header: readonly string[], strings: readonly string[]): Column[] {
  const names = header.map((cell, index) => cell.trim() === '' ? `column_${index + 1}` : cell.trim())
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new FormatFault(`the header names the column ${JSON.stringify(twice)} twice`)
  return names.map(name => ({ name, isText: TEXT_COLUMNS.has(name) || name.endsWith('_id') || strings.includes(name) }))
}

/** Cells that are missing at the end of a row have no value; those beyond the header may be there as long as they have none. */
function readRecord(
  cells: readonly (string | null)[], columns: readonly Column[], validBytes: boolean, number: number, line: number, sink: RecordSink
): void {
  const raw = () => cells.map(cell => cell ?? '').join(' | ').slice(0, SAMPLE_CHARS)
  if (cells.some((cell, i) => i >= columns.length && cell !== null)) {
    return sink.fault(`${cells.length} cells where the header has ${columns.length}`, number, line, raw())
  }
  const row = newRow() as Record<string, unknown>
  for (let i = 0; i < Math.min(cells.length, columns.length); i++) {
    const cell = cells[i]!
    if (cell === null) continue
    if (!validBytes && cell.includes('\uFFFD')) return sink.fault('not valid UTF-8', number, line, raw())
    row[columns[i]!.name] = cellValue(cell, columns[i]!.isText)
  }
  sink.record(row, number, line)
}

/** A JSON number becomes one unless the column is text; what begins with `[` and is a JSON array becomes one; all else is text. */
function cellValue(cell: string, isText: boolean): unknown {
  if (isText) return cell
  if (cell.startsWith('[')) return parseArray(cell)
  if (!JSON_NUMBER.test(cell)) return cell
  const value = Number(cell)
  return Number.isInteger(value) && !Number.isSafeInteger(value) && !/[.eE]/.test(cell) ? cell : value
}

function parseArray(cell: string): unknown {
  try {
    return parseJson(cell)
  } catch {
    return cell
  }
}

/** The parser replaces what is not UTF-8; this tells whether it has had to. */
async function* checkUtf8(chunks: AsyncIterable<Buffer>, bytes: { valid: boolean }): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(LF) + 1
    if (end > 0) {
      bytes.valid &&= isUtf8(Buffer.concat([rest, chunk.subarray(0, end)]))
      rest = chunk.subarray(end)
    } else rest = rest.length > MAX_RECORD_BYTES ? chunk : Buffer.concat([rest, chunk])
    yield chunk
  }
  bytes.valid &&= isUtf8(rest)
}
