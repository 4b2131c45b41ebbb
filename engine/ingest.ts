/** Everything that can be ingested, as one stream of batches. */
import { SessionqlError } from '../dsl/errors.js'
import { untilAborted } from './abortable.js'
import type { Batch, Session, SessionSource } from './session.js'

/** Sessions of a plain stream are taken this many at a time: a durable write each. */
const BATCH_SESSIONS = 4096
/** Longest wait of a session for the rest of its batch: a fifth of what a frame may be late by, and some hundred sessions of a quick stream. */
const FLUSH_MS = 10

/** A source with states of any kind: the engine hands a state back to the source that it came from, and never looks inside. */
type AnySource = Pick<SessionSource, 'name' | 'describe'> & {
  read(options: { signal?: AbortSignal, blocks?: boolean, state?: never }): AsyncIterable<Batch<unknown>>
}

export type Ingestible = AnySource | Iterable<object> | AsyncIterable<object> | ReadableStream<object>

export function isSource(input: Ingestible): input is AnySource {
  return 'read' in input && typeof input.read === 'function'
}

/** Pulls: nothing is read ahead, so a slow engine slows its source down. A source minds the signal itself, and reads on from its `state`. */
export function batchesOf(input: Ingestible, blocks: boolean, state: unknown, signal?: AbortSignal): AsyncIterable<Batch<unknown>> {
  if (isSource(input)) return input.read({ signal, blocks, state: state as never })
  const items = iterate(input, signal)
  const batches = Symbol.asyncIterator in items ? gatherStream(items) : gatherBatches(items)
  return signal === undefined ? batches : untilAborted(batches, signal)
}

/** Full batches, and what came before a failure: nothing that was handed over is lost. */
async function* gatherBatches(input: Iterable<object>): AsyncGenerator<Batch<unknown>, void, void> {
  const sessions: object[] = []
  let failure: unknown = null
  try {
    for (const session of input) {
      sessions.push(session)
      if (sessions.length === BATCH_SESSIONS) yield batchOf(sessions)
    }
  } catch (error) {
    failure = error
  }
  if (sessions.length > 0) yield batchOf(sessions)
  if (failure !== null) throw failure
}

/** The same, and what came before a pause: a session of a slow stream does not wait for others. */
async function* gatherStream(input: AsyncIterable<object>): AsyncGenerator<Batch<unknown>, void, void> {
  const iterator = input[Symbol.asyncIterator]()
  const sessions: object[] = []
  let pending: Promise<IteratorResult<object>> | null = null
  let pause = new Pause()
  let ended = false
  try {
    while (!ended) {
      pending ??= iterator.next()
      const next = await (sessions.length === 0 ? pending : Promise.race([pending, pause.over]))
      if (next !== null) {
        pending = null
        if (next.done === true) ended = true
        else sessions.push(next.value)
      }
      if (next === null || sessions.length === BATCH_SESSIONS) yield batchOf(sessions)
      if (sessions.length <= 1) {
        pause.cancel()
        pause = new Pause()
      }
    }
    if (sessions.length > 0) yield batchOf(sessions)
  } catch (error) {
    ended = true
    if (sessions.length > 0) yield batchOf(sessions)
    throw error
  } finally {
    pause.cancel()
    if (!ended) await iterator.return?.()
  }
}

function batchOf(sessions: object[]): Batch {
  return { sessions: sessions.splice(0) as Session[], state: undefined }
}

/** Resolves with null after the time that a session may wait for others. */
class Pause {
  readonly over: Promise<null>
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    this.over = new Promise(resolve => { this.timer = setTimeout(() => resolve(null), FLUSH_MS) })
  }

  cancel(): void {
    clearTimeout(this.timer)
  }
}

function iterate(input: Exclude<Ingestible, AnySource>, signal?: AbortSignal): Iterable<object> | AsyncIterable<object> {
  if (typeof input === 'object' && input !== null) {
    if ('getReader' in input) return readStream(input, signal)
    if (Symbol.iterator in input || Symbol.asyncIterator in input) return input as Iterable<object>
  }
  throw new SessionqlError(
    'invalid_session', `ingest: got ${input === null ? 'null' : typeof input}, expected an iterable of session objects, a ReadableStream or a source`
  )
}

/** Browsers' streams are not all iterable yet, and a stream that waits can be cancelled. */
async function* readStream(stream: ReadableStream<object>, signal?: AbortSignal): AsyncGenerator<object, void, void> {
  const reader = stream.getReader()
  const cancel = (): void => { reader.cancel(signal?.reason).catch(() => { /* the reason is told by the ingest */ }) }
  signal?.addEventListener('abort', cancel)
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    signal?.removeEventListener('abort', cancel)
    await reader.cancel()
  }
}
