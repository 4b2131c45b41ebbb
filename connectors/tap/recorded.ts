/** Messages of a tap in a file, or on standard input: its records, without its states. */
import { airbyte } from '../airbyte/airbyte.js'
import { FormatFault } from '../file/format-fault.js'
import { readNdjson } from '../file/formats/ndjson.js'
import type { RecordSink } from '../file/formats/records.js'
import { isRecord } from '../record/fields.js'
import { singer } from '../singer/singer.js'
import { ProtocolFault, type MessageSink } from './protocol.js'

export async function* readRecorded(chunks: AsyncIterable<Buffer>, sink: RecordSink, protocol: 'singer' | 'airbyte'): AsyncGenerator<void> {
  const reader = (protocol === 'singer' ? singer : airbyte(null)).open(undefined)
  let number = 0
  let line = 0
  const messages: MessageSink = {
    record: (stream, data, key) => sink.record(isRecord(data) && !Object.hasOwn(data, 'stream') ? { ...data, stream } : data, number, line, key),
    fault: reason => sink.fault(reason, number, line, ''),
    failure(message) {
      throw new FormatFault(`line ${line}: the tap reports an error: ${message}`)
    },
    state: () => undefined,
    warn: () => undefined
  }
  const lines: RecordSink = {
    record(value, itsNumber, itsLine) {
      number = itsNumber
      line = itsLine
      if (isRecord(value)) reader.take(value, messages)
      else sink.fault('no message: a JSON object is expected', number, line, '')
    },
    fault: (reason, itsNumber, itsLine, raw) => sink.fault(reason, itsNumber, itsLine, raw)
  }
  try {
    yield* readNdjson(chunks, lines)
  } catch (error) {
    throw error instanceof ProtocolFault ? new FormatFault(`line ${line}: ${error.message}`, { cause: error }) : error
  }
}
