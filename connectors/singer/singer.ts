/**
 * Singer (specification 0.2): taps that write SCHEMA, RECORD and STATE messages, one JSON object per line. Types of messages are
 * told without regard to case, and unknown ones are passed over, as it asks.
 */
import { arrayOf, isRecord } from '../record/fields.js'
import { recordKey } from '../tap/keys.js'
import { ProtocolFault, type MessageReader, type MessageSink, type Protocol } from '../tap/protocol.js'

export const singer: Protocol = {
  name: 'singer',
  readArguments({ config, catalog, state }) {
    return [['--config', config], ['--catalog', catalog], ['--state', state]].flatMap(([flag, path]) => path === null ? [] : [flag!, path!])
  },
  checkArguments: null,
  checkStatus: () => null,
  stateFile: state => state,
  open: () => new SingerReader()
}

/** Whether an object is a message of this protocol: how a stream without a name is known. */
export function isSingerMessage(value: unknown): boolean {
  if (!isRecord(value) || typeof value['type'] !== 'string') return false
  const type = value['type'].toUpperCase()
  if (type === 'SCHEMA' || type === 'RECORD') return typeof value['stream'] === 'string' && isRecord(value[type.toLowerCase()])
  return type === 'STATE' && Object.hasOwn(value, 'value')
}

class SingerReader implements MessageReader {
  readonly #keys = new Map<string, readonly (readonly string[])[]>()

  take(message: Readonly<Record<string, unknown>>, sink: MessageSink): void {
    const { type, stream, record, value } = message
    switch (typeof type === 'string' ? type.toUpperCase() : '') {
      case 'SCHEMA': return this.#schema(message, sink)
      case 'RECORD':
        if (typeof stream !== 'string' || !isRecord(record)) return sink.fault('a RECORD without "stream" or "record"')
        return sink.record(stream, record, recordKey(stream, record, this.#keys.get(stream) ?? []))
      case 'STATE':
        return Object.hasOwn(message, 'value') ? sink.state(value) : sink.fault('a STATE without "value"')
      case 'BATCH':
        throw new ProtocolFault('it sends BATCH messages, which name files instead of records; switch them off in its configuration (batch_config)')
      case '': return sink.fault('a message without "type"')
    }
  }

  #schema({ stream, key_properties }: Readonly<Record<string, unknown>>, sink: MessageSink): void {
    const keys = arrayOf(key_properties) ?? []
    if (typeof stream !== 'string' || !keys.every(key => typeof key === 'string')) return sink.fault('a SCHEMA without "stream", or with odd "key_properties"')
    this.#keys.set(stream, keys.map(key => [key]))
  }
}
