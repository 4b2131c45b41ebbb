/** Arrow IPC, one record batch after the other. Loaded only where such data are read. */
import { CompressionType, setCompressionCodec, tableFromIPC, type DataType, type ExtractionOptions } from '@uwdata/flechette'
import { decompress } from 'fzstd'
import { newRow } from '../../record/row.js'
import { FormatFault } from '../format-fault.js'
import { checkColumn } from './arrow-check.js'
import { arrowMessages, MAX_MESSAGE_BYTES, type ArrowMessage } from './arrow-messages.js'
import { DICTIONARY, RECORDS, SCHEMA } from './arrow-metadata.js'
import { arrowConverter } from './arrow-values.js'
import { unpackLz4Frame } from './lz4-frame.js'
import type { RecordSink } from './records.js'

/** Rows between two stops for the consumer. */
const ROWS_PER_TURN = 1_000
/** Dictionaries stay in memory as long as batches may refer to them. */
const MAX_DICTIONARY_BYTES = 2 ** 30
/** Of one batch. Writers make them of 64 Ki rows by habit, of a million at most. */
const MAX_ROWS = 2 ** 24

/** Everything that would be rounded comes as it is. */
const EXACT: ExtractionOptions = { useBigInt: true, useDecimalInt: true }

setCompressionCodec(CompressionType.LZ4_FRAME, { encode: neverPacks, decode: limited(unpackLz4Frame) })
setCompressionCodec(CompressionType.ZSTD, { encode: neverPacks, decode: limited((bytes, length) => decompress(bytes, new Uint8Array(length))) })

function limited(unpack: (bytes: Uint8Array, length: number) => Uint8Array) {
  return (bytes: Uint8Array, length?: number): Uint8Array => {
    if (length === undefined || !(length >= 0 && length <= MAX_MESSAGE_BYTES)) throw new Error(`a buffer of ${length} bytes, the limit is ${MAX_MESSAGE_BYTES}`)
    return unpack(bytes, length)
  }
}

function neverPacks(): never {
  throw new Error('nothing is written packed')
}

/**
 * Reads all rows into `sink`: the stream and the file form, dictionaries (also growing and replaced ones), LZ4 and Zstandard.
 * Throws FormatFault, naming the offset, for data that are no Arrow, damaged or cut off.
 */
export async function* readArrow(chunks: AsyncIterable<Buffer>, sink: RecordSink): AsyncGenerator<void> {
  let schema: ArrowMessage | null = null
  let dictionaries: ArrowMessage[] = []
  let rows = 0
  for await (const message of arrowMessages(chunks)) {
    if (message.kind === SCHEMA) {
      // streams that follow one another are one: each begins with its schema
      schema = message
      dictionaries = []
    } else if (schema === null) throw new FormatFault(`the Arrow data have a message at byte ${message.offset} before their schema`)
    else if (message.kind === DICTIONARY) dictionaries = kept(dictionaries, message)
    else if (message.kind === RECORDS) {
      for (const count of readBatch([schema, ...dictionaries, message], rows, sink)) {
        rows += count
        yield
      }
    }
  }
  if (schema === null) throw new FormatFault('the Arrow data hold no schema; they may have been cut off')
  yield
}

function kept(dictionaries: readonly ArrowMessage[], latest: ArrowMessage): ArrowMessage[] {
  const replaced = latest.dictionary?.isDelta === false ? latest.dictionary.id : null
  const all = [...dictionaries.filter(({ dictionary }) => dictionary?.id !== replaced), latest]
  const bytes = all.reduce((sum, message) => sum + message.bytes.length, 0)
  if (bytes <= MAX_DICTIONARY_BYTES) return all
  throw new FormatFault(`the Arrow data have dictionaries of ${bytes.toLocaleString('en-US')} bytes; the limit is ${MAX_DICTIONARY_BYTES.toLocaleString('en-US')}`)
}

/** Gives, after every turn, how many rows it has read. */
function* readBatch(messages: readonly ArrowMessage[], first: number, sink: RecordSink): Generator<number> {
  const { offset } = messages.at(-1)!
  const { names, columns, length } = attempt(offset, () => decode(messages))
  for (let from = 0; from < length; from += ROWS_PER_TURN) {
    const to = Math.min(length, from + ROWS_PER_TURN)
    const records = attempt(offset, () => rowsOf(names, columns, from, to))
    for (const [index, record] of records.entries()) sink.record(record, first + from + index + 1, first + from + index + 1)
    yield to - from
  }
}

interface Column {
  at(row: number): unknown
  readonly convert: (value: unknown) => unknown
}

function decode(messages: readonly ArrowMessage[]): { names: readonly string[], columns: readonly Column[], length: number } {
  const table = tableFromIPC(messages.map(({ bytes }) => bytes), EXACT)
  const names = table.schema.fields.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new FormatFault(`the Arrow data have two columns ${JSON.stringify(twice)}`)
  if (table.numRows > MAX_ROWS) throw new FormatFault(`a batch of ${table.numRows.toLocaleString('en-US')} rows; the limit is ${MAX_ROWS.toLocaleString('en-US')}`)
  const columns = table.schema.fields.map(({ type }, index) => {
    const column = table.getChildAt(index)
    if (column.length !== table.numRows) throw new Error(`${column.length} values in the column ${JSON.stringify(names[index])}, ${table.numRows} rows`)
    checkColumn(column)
    return { at: (row: number): unknown => column.at(row), convert: arrowConverter(type as DataType) }
  })
  return { names, columns, length: table.numRows }
}

function rowsOf(names: readonly string[], columns: readonly Column[], from: number, to: number): Record<string, unknown>[] {
  const records: Record<string, unknown>[] = []
  for (let row = from; row < to; row++) {
    const record = newRow() as Record<string, unknown>
    for (let i = 0; i < columns.length; i++) {
      const { convert } = columns[i]!
      const value = columns[i]!.at(row)
      record[names[i]!] = value === null || value === undefined ? null : convert(value)
    }
    records.push(record)
  }
  return records
}

/** Whatever the reader throws at damaged bytes. */
function attempt<T>(offset: number, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof FormatFault) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new FormatFault(`the Arrow record batch at byte ${offset.toLocaleString('en-US')} cannot be read (${reason}); `
      + 'it may be damaged: copy or write the file again', { cause: error })
  }
}
