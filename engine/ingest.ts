/** Everything that can be ingested, as one stream of batches. */
import { SessionqlError } from '../dsl/errors.js'
import type { Batch, SessionSource } from './session.js'

/** Sessions of a plain stream are taken this many at a time: a durable write each. */
const BATCH_SESSIONS = 4096

export type Ingestible = SessionSource | Iterable<object> | AsyncIterable<object> | ReadableStream<object>

export function isSource(input: Ingestible): input is SessionSource {
  return 'read' in input && typeof input.read === 'function'
}

/** Pulls: nothing is read ahead, so a slow engine slows its source down. */
export async function* batchesOf(input: Ingestible, signal?: AbortSignal): AsyncGenerator<Batch<unknown>, void, void> {
  if (isSource(input)) {
    yield* input.read({ signal })
    return
  }
  let sessions: object[] = []
  for await (const session of iterate(input)) {
    sessions.push(session)
    if (sessions.length === BATCH_SESSIONS) {
      yield { sessions, state: undefined } as Batch
      sessions = []
    }
  }
  if (sessions.length > 0) yield { sessions, state: undefined } as Batch
}

function iterate(input: Exclude<Ingestible, SessionSource>): Iterable<object> | AsyncIterable<object> {
  if (typeof input === 'object' && input !== null) {
    if (Symbol.iterator in input || Symbol.asyncIterator in input) return input as Iterable<object>
    if ('getReader' in input) return readStream(input)
  }
  throw new SessionqlError(
    'invalid_session', `ingest: got ${input === null ? 'null' : typeof input}, expected an iterable of session objects, a ReadableStream or a source`
  )
}

/** Browsers' streams are not all iterable yet. */
async function* readStream(stream: ReadableStream<object>): AsyncGenerator<object, void, void> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel()
  }
}
