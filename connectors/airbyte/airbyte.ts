/**
 * The Airbyte protocol (0.3 and later): sources that write RECORD, STATE, LOG, TRACE and other messages, one JSON object per line.
 * States are of three kinds: one for each stream, one for all, or (legacy) one without form.
 */
import { arrayOf, isRecord, textOf } from '../record/fields.js'
import { recordKey } from '../tap/keys.js'
import type { CheckStatus, MessageReader, MessageSink, Protocol } from '../tap/protocol.js'

type JsonObject = Readonly<Record<string, unknown>>

const TYPES = new Set(['RECORD', 'STATE', 'LOG', 'TRACE', 'CATALOG', 'SPEC', 'CONTROL', 'CONNECTION_STATUS'])

/** What is stored: the source's own messages, as it wants them back. */
interface AirbyteState {
  readonly kind: 'legacy' | 'global' | 'stream'
  readonly value: unknown
}

/** @param catalog the configured catalog, whose primary keys make the keys of records */
export function airbyte(catalog: unknown): Protocol {
  const keys = primaryKeys(catalog)
  return {
    name: 'airbyte',
    readArguments({ config, catalog: file, state }) {
      return ['read', ...[['--config', config], ['--catalog', file], ['--state', state]].flatMap(([flag, path]) => path === null ? [] : [flag!, path!])]
    },
    checkArguments: config => ['check', '--config', config],
    checkStatus,
    stateFile: state => isState(state) ? state.value : undefined,
    open: state => new AirbyteReader(keys, isState(state) ? state : null)
  }
}

/** Whether an object is a message of this protocol: how a stream without a name is known. */
export function isAirbyteMessage(value: unknown): boolean {
  if (!isRecord(value) || typeof value['type'] !== 'string' || !TYPES.has(value['type'])) return false
  const { record } = value
  if (value['type'] === 'RECORD') return isRecord(record) && typeof record['stream'] === 'string' && isRecord(record['data'])
  return isRecord(value[value['type'] === 'CONNECTION_STATUS' ? 'connectionStatus' : value['type'].toLowerCase()])
}

function checkStatus(message: unknown): CheckStatus | null {
  if (!isRecord(message)) return null
  const { type, connectionStatus: status, trace: report } = message
  if (type === 'CONNECTION_STATUS' && isRecord(status)) return { ok: status['status'] === 'SUCCEEDED', message: textOf(status['message']) ?? '' }
  const error = type === 'TRACE' && isRecord(report) && report['type'] === 'ERROR' ? report['error'] : null
  return isRecord(error) ? { ok: false, message: textOf(error['message']) ?? '' } : null
}

function isState(state: unknown): state is AirbyteState {
  return isRecord(state) && (state['kind'] === 'legacy' || state['kind'] === 'global' || state['kind'] === 'stream')
}

function primaryKeys(catalog: unknown): ReadonlyMap<string, readonly (readonly string[])[]> {
  const streams = isRecord(catalog) ? arrayOf(catalog['streams']) ?? [] : []
  return new Map(streams.filter(isRecord).flatMap(configured => {
    const stream = isRecord(configured['stream']) ? configured['stream'] : {}
    const own = arrayOf(configured['primary_key'])
    const key = own !== null && own.length > 0 ? own : arrayOf(stream['source_defined_primary_key']) ?? []
    const paths = key.map(path => (arrayOf(path) ?? [path]).map(String))
    return typeof stream['name'] === 'string' ? [[nameOf(stream['namespace'], stream['name']), paths] as const] : []
  }))
}

function nameOf(namespace: unknown, name: string): string {
  return typeof namespace === 'string' && namespace !== '' ? `${namespace}.${name}` : name
}

class AirbyteReader implements MessageReader {
  readonly #keys: ReadonlyMap<string, readonly (readonly string[])[]>
  /** The latest message of each stream: a source repeats only those that have moved. */
  readonly #streams = new Map<string, unknown>()

  constructor(keys: ReadonlyMap<string, readonly (readonly string[])[]>, state: AirbyteState | null) {
    this.#keys = keys
    if (state?.kind === 'stream') for (const message of arrayOf(state.value) ?? []) this.#keep(message)
  }

  take(message: JsonObject, sink: MessageSink): void {
    const { type } = message
    const body = (key: string): JsonObject => isRecord(message[key]) ? message[key] : {}
    switch (type) {
      case 'RECORD': return this.#record(body('record'), sink)
      case 'STATE': return this.#state(body('state'), sink)
      case 'TRACE': return trace(body('trace'), sink)
      case 'LOG': return body('log')['level'] === 'FATAL' ? sink.failure(textOf(body('log')['message']) ?? '', false) : undefined
      case 'CONTROL': return sink.warn('the connector asks for its configuration to be changed; run it in Airbyte, or change "config" by hand.')
      default: return typeof type === 'string' ? undefined : sink.fault('a message without "type"')
    }
  }

  #record({ stream, namespace, data }: JsonObject, sink: MessageSink): void {
    if (typeof stream !== 'string' || !isRecord(data)) return sink.fault('a RECORD without "stream" or "data"')
    const name = nameOf(namespace, stream)
    sink.record(name, data, recordKey(name, data, this.#keys.get(name) ?? []))
  }

  #state(state: JsonObject, sink: MessageSink): void {
    if (state['type'] === 'GLOBAL') return sink.state({ kind: 'global', value: [state] } satisfies AirbyteState)
    if (state['type'] === 'STREAM') {
      if (!this.#keep(state)) return sink.fault('a STATE of a stream without "stream_descriptor"')
      return sink.state({ kind: 'stream', value: [...this.#streams.values()] } satisfies AirbyteState)
    }
    return Object.hasOwn(state, 'data') ? sink.state({ kind: 'legacy', value: state['data'] } satisfies AirbyteState) : sink.fault('a STATE without "data"')
  }

  #keep(message: unknown): boolean {
    const stream = isRecord(message) && isRecord(message['stream']) ? message['stream'] : {}
    const descriptor = isRecord(stream['stream_descriptor']) ? stream['stream_descriptor'] : {}
    if (typeof descriptor['name'] !== 'string') return false
    this.#streams.set(JSON.stringify([descriptor['namespace'] ?? null, descriptor['name']]), message)
    return true
  }
}

function trace(body: JsonObject, sink: MessageSink): void {
  const { error, stream_status: status } = body
  if (body['type'] === 'ERROR' && isRecord(error)) sink.failure(textOf(error['message']) ?? 'an error without a message', error['failure_type'] === 'config_error')
  if (body['type'] !== 'STREAM_STATUS' || !isRecord(status) || status['status'] !== 'INCOMPLETE') return
  const descriptor = isRecord(status['stream_descriptor']) ? status['stream_descriptor'] : {}
  sink.warn(`the stream ${JSON.stringify(descriptor['name'])} is incomplete, says the connector; it is read on next time.`)
}
