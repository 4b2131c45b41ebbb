/** Everything that can be ingested, as one stream of batches. */
import { SessionqlError } from '../dsl/errors.js'
import { untilAborted } from './abortable.js'
import type { Batch, SessionSource } from './session.js'

/** Sessions of a plain stream are taken this many at a time: a durable write each. */
const BATCH_SESSIONS = 4096

export type Ingestible = SessionSource | Iterable<object> | AsyncIterable<object> | ReadableStream<object>

export function isSource(input: Ingestible): input is SessionSource {
  return 'read' in input && typeof input.read === 'function'
}

/** Pulls: nothing is read ahead, so a slow engine slows its source down. A source minds the signal itself. */
export function batchesOf(input: Ingestible, blocks: boolean, signal?: AbortSignal): AsyncIterable<Batch<unknown>> {
  if (isSource(input)) return input.read({ signal, blocks })
  const batches = gatherBatches(iterate(input, signal))
  return signal === undefined ? batches : untilAborted(batches, signal)
}

async function* gatherBatches(input: Iterable<object> | AsyncIterable<object>): AsyncGenerator<Batch<unknown>, void, void> {
  let sessions: object[] = []
  for await (const session of input) {
    sessions.push(session)
    if (sessions.length === BATCH_SESSIONS) {
      yield { sessions, state: undefined } as Batch
      sessions = []
    }
  }
  if (sessions.length > 0) yield { sessions, state: undefined } as Batch
}

function iterate(input: Exclude<Ingestible, SessionSource>, signal?: AbortSignal): Iterable<object> | AsyncIterable<object> {
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
