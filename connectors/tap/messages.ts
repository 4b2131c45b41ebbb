import { SessionSink, type SinkRules } from '../file/session-sink.js'
import type { RecordSink } from '../file/formats/records.js'
import { isRecord } from '../record/fields.js'
import type { DeadLetter, Session, SourceReport } from '../source.js'
import type { MessageReader, MessageSink } from './protocol.js'

export interface MessagesOptions {
  readonly rules: SinkRules
  readonly report: SourceReport
  readonly onDeadLetter?: ((letter: DeadLetter) => void) | undefined
  /** What dead letters call the stream of messages. */
  readonly label: string
  /** Null takes all. */
  readonly streams: ReadonlySet<string> | null
  readonly mask: (text: string) => string
}

/** Lines of a tap as sessions, dead letters and states. */
export class Messages implements MessageSink {
  /** Takes lines as they are read; throws ProtocolFault. */
  readonly lines: RecordSink = {
    record: (value, number, line) => this.#message(value, number, line),
    fault: (reason, number, line, raw) => this.#sessions.fault(reason, number, line, raw)
  }
  readonly #reader: MessageReader
  readonly #options: MessagesOptions
  readonly #sessions: SessionSink
  readonly #seen = new Set<string>()
  #number = 0
  #line = 0
  #state: unknown = undefined
  #failure: { readonly message: string, readonly isConfig: boolean } | null = null

  constructor(reader: MessageReader, options: MessagesOptions) {
    this.#reader = reader
    this.#options = options
    const { mask, onDeadLetter: bury } = options
    const onDeadLetter = (letter: DeadLetter) => bury?.({ ...letter, reason: mask(letter.reason), record: withoutSecrets(letter.record, mask) })
    this.#sessions = new SessionSink(options.rules, options.report, onDeadLetter)
    this.#sessions.open(options.label)
  }

  record(stream: string, data: unknown, key: string): void {
    const { streams } = this.#options
    if (streams !== null && !streams.has(stream)) return
    this.#seen.add(stream)
    const record = isRecord(data) && !Object.hasOwn(data, 'stream') ? { ...data, stream } : data
    this.#sessions.record(record, this.#number, this.#line, key)
  }

  fault(reason: string): void {
    this.#sessions.fault(reason, this.#number, this.#line, '')
  }

  state(state: unknown): void {
    this.#state = state
  }

  warn(message: string): void {
    const { warnings } = this.#options.report
    const masked = this.#options.mask(message)
    if (!warnings.includes(masked)) warnings.push(masked)
  }

  failure(message: string, isConfig: boolean): void {
    this.#failure ??= { message: this.#options.mask(message), isConfig }
  }

  /** What the tap said about its own failing. */
  get failed(): { readonly message: string, readonly isConfig: boolean } | null {
    return this.#failure
  }

  get size(): number {
    return this.#sessions.size
  }

  take(): Session[] {
    return this.#sessions.take()
  }

  /** The latest state, once; undefined where there is no newer one. */
  takeState(): unknown {
    const state = this.#state
    this.#state = undefined
    return state
  }

  get hasState(): boolean {
    return this.#state !== undefined
  }

  /** Throws SourceError source_data once it is plain that too many records cannot be read. */
  checkEarly(): void {
    this.#sessions.checkEarly()
  }

  /** Judges the whole. Throws SourceError source_data. */
  finish(): void {
    this.#sessions.finish()
    for (const stream of this.#options.streams ?? []) {
      if (!this.#seen.has(stream)) this.warn(`"streams" names ${JSON.stringify(stream)}, of which no record came.`)
    }
  }

  #message(value: unknown, number: number, line: number): void {
    this.#number = number
    this.#line = line
    if (isRecord(value)) this.#reader.take(value, this)
    else this.#sessions.fault('no message: a JSON object is expected', number, line, JSON.stringify(value)?.slice(0, 200) ?? '')
  }
}

/** Every text of a record that a tap wrote, which may be what it was configured with. */
function withoutSecrets(value: unknown, mask: (text: string) => string): unknown {
  if (typeof value === 'string') return mask(value)
  if (Array.isArray(value)) return value.map(item => withoutSecrets(item, mask))
  return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [mask(key), withoutSecrets(item, mask)])) : value
}
