/** What the messages of a tap come down to, whichever protocol it speaks. */

export interface MessageSink {
  /** A record of a stream; `key` tells it from every other of its source, and is the same when it is read again. */
  record(stream: string, data: unknown, key: string): void
  /** A message that is not as the protocol says. */
  fault(reason: string): void
  /** What was said before is complete up to here: the state to read on from. */
  state(state: unknown): void
  warn(message: string): void
  /** The tap says why it will fail. */
  failure(message: string, isConfig: boolean): void
}

export interface MessageReader {
  /** One message. Throws ProtocolFault for what this project does not speak. */
  take(message: Readonly<Record<string, unknown>>, sink: MessageSink): void
}

export interface CheckStatus {
  readonly ok: boolean
  readonly message: string
}

export interface Protocol {
  readonly name: 'singer' | 'airbyte'
  /** Arguments after those of the config; paths of files, null for those that there are not. */
  readArguments(files: { readonly config: string | null, readonly catalog: string | null, readonly state: string | null }): readonly string[]
  /** Arguments that have a tap try its configuration; null where the protocol has no such command. */
  readonly checkArguments: ((config: string) => readonly string[]) | null
  /** What a message says of that; null for messages that say nothing of it. */
  checkStatus(message: unknown): CheckStatus | null
  /** `state` as the tap expects it in a file; undefined where it is not one of this protocol. */
  stateFile(state: unknown): unknown
  /** @param state that reading goes on from; undefined at the beginning */
  open(state: unknown): MessageReader
}

/** A message that cannot be answered otherwise than by stopping. */
export class ProtocolFault extends Error {}
