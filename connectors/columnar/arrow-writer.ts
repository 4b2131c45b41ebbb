/** Arrow IPC streams, written batch by batch. Loaded only where they are written. */
import {
  columnFromArray, dictionary, float64, int32, int64, list, tableFromColumns, tableToIPC, timestamp, TimeUnit, utf8, type Column, type DataType
} from '@uwdata/flechette'
import { arrowMessages } from '../file/formats/arrow-messages.js'
import { SCHEMA } from '../file/formats/arrow-metadata.js'
import type { OutputBatch, OutputBatches, OutputColumn, OutputType, OutputValue } from './columns.js'

/** Continuation, and a length of nothing: the end of a stream. */
const END = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0)

/**
 * An Arrow IPC stream in pieces, for a consumer that sets the pace: one record batch for each batch, which is all that is held in
 * memory. Strings are dictionary-encoded; each batch replaces the dictionaries of the one before, as streams allow.
 */
export async function* writeArrow(columns: readonly OutputColumn[], batches: OutputBatches): AsyncGenerator<Uint8Array> {
  let isFirst = true
  for await (const batch of batches) {
    if (batch.rows === 0) continue
    yield* messagesOf(encode(columns, batch), isFirst)
    isFirst = false
  }
  if (isFirst) yield* messagesOf(encode(columns, { rows: 0, columns: columns.map(() => []) }), true)
  yield END
}

function encode(columns: readonly OutputColumn[], batch: OutputBatch): Uint8Array {
  const table = tableFromColumns(columns.map(({ name, type }, index): [string, Column<unknown>] => [
    name, columnFromArray(dataOf(batch.columns[index]!, type), arrowType(type))
  ]))
  return tableToIPC(table, { format: 'stream' })!
}

/** What a stream goes on with: everything but the schema, which stands at its beginning once, and its end. */
async function* messagesOf(stream: Uint8Array, withSchema: boolean): AsyncGenerator<Uint8Array> {
  for await (const { kind, bytes } of arrowMessages(only(stream))) {
    if (kind !== SCHEMA || withSchema) yield bytes
  }
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

function arrowType(type: OutputType): DataType {
  switch (type) {
    case 'string': return dictionary(utf8(), int32())
    case 'number': return float64()
    case 'integer': return int64()
    case 'time': return timestamp(TimeUnit.MILLISECOND, 'UTC')
    case 'strings': return list(utf8())
  }
}

function dataOf(values: ArrayLike<OutputValue>, type: OutputType): unknown[] {
  if (type === 'integer') return Array.from(values, value => typeof value === 'number' ? BigInt(value) : null)
  return Array.from(values, value => value ?? null)
}
