/** A signal ends queries and ingests with its reason, and the engine goes on. */
import { describe, expect, it } from 'vitest'
import { Engine, type Session, type SessionSource } from '../../index.js'
import { countOf, EVER, total } from './ask.js'

const reason = new Error('no longer wanted')

function aborted(): AbortSignal {
  return AbortSignal.abort(reason)
}

/** Aborts in the next turn of the event loop: work that never gives it a turn would come to its end. */
function soon(): AbortSignal {
  const controller = new AbortController()
  setImmediate(() => controller.abort(reason))
  return controller.signal
}

function* generator(count: number): Generator<Session> {
  for (let i = 0; i < count; i++) yield { session_id: `s${i}`, started_at: i * 1000, v: i }
}

function* endless(): Generator<object> {
  for (let i = 0; ; i++) yield { session_id: `s${i % 50_000}`, started_at: i, v: 1 }
}

async function* endlessAsync(): AsyncGenerator<object> {
  yield* endless()
}

function list(prefix: string, i: number): string[] {
  return Array.from({ length: 100 }, (_, k) => `${prefix}${(i + k) % 300}`)
}

/** Exploding both arrays of 3,000 sessions gives 30 M entries. */
async function heavy(): Promise<Engine> {
  const engine = await Engine.open({ segmentRows: 1500 })
  await engine.ingest(Array.from({ length: 3000 }, (_, i) => ({ session_id: `s${i}`, started_at: i, rooms: list('r', i), distinct_visited_urls: list('u', i * 7) })))
  return engine
}

describe('a query', () => {
  it('is refused with the reason of a signal that was aborted before', async () => {
    const engine = await Engine.open()
    await engine.ingest(generator(10))
    await expect(engine.query({ interval: EVER, granularity: 'all', aggregations: [{ type: 'count' }] }, { signal: aborted() })).rejects.toBe(reason)
    await engine.close()
  })

  it('of heavy groups ends with the reason, and the next one is answered', async () => {
    const engine = await heavy()
    const query = { interval: EVER, granularity: 'all', group_by: ['rooms', 'distinct_visited_urls'], aggregations: [{ type: 'hyperUnique', fields: ['session_id'] }] } as const
    await expect(engine.query(query, { signal: soon() })).rejects.toBe(reason)
    expect(await total(engine, [{ type: 'count' }, { type: 'exactUnique', fields: ['rooms'] }])).toEqual([3000, 300])
    await engine.close()
  })

  it('of heavy funnels, or of a retention, ends with the reason too', async () => {
    const engine = await heavy()
    const funnel = { by: 'session_id', steps: [{ type: 'true' }, { type: 'regex', dimension: 'rooms', pattern: '^r1.*' }] } as const
    await expect(engine.query({ interval: EVER, funnel, group_by: ['rooms', 'distinct_visited_urls'] }, { signal: soon() })).rejects.toBe(reason)
    await engine.close()
    const many = await Engine.open({ segmentRows: 20_000 })
    await many.ingest(generator(600_000))
    await expect(many.query({ interval: EVER, retention: { by: 'session_id', granularity: 'year' } }, { signal: soon() })).rejects.toBe(reason)
    await many.close()
  })

  it('that came to its end is not bothered by a later abort', async () => {
    const engine = await Engine.open()
    await engine.ingest(generator(10))
    const controller = new AbortController()
    const answer = engine.query({ interval: EVER, granularity: 'all', aggregations: [{ type: 'count' }] }, { signal: controller.signal })
    expect((await answer).data).toHaveLength(1)
    controller.abort(reason)
    await engine.close()
  })
})

describe('an ingest', () => {
  it('is refused with the reason of a signal that was aborted before, and reads nothing', async () => {
    const engine = await Engine.open()
    let pulled = 0
    const watched = function* (): Generator<object> { pulled++; yield* generator(5) }
    await expect(engine.ingest(watched(), { signal: aborted() })).rejects.toBe(reason)
    expect([pulled, await countOf(engine)]).toEqual([0, 0])
    await engine.close()
  })

  it('ends with the reason; whole batches that came before are kept', async () => {
    const engine = await Engine.open({ segmentRows: 1000 })
    const controller = new AbortController()
    let stored = 0
    const onProgress = ({ rows }: { rows: number }): void => { stored = rows; if (rows >= 20_000) controller.abort(reason) }
    await expect(engine.ingest(endlessAsync(), { signal: controller.signal, onProgress })).rejects.toBe(reason)
    expect(stored).toBeGreaterThanOrEqual(20_000)
    expect(await total(engine, [{ type: 'count' }, { type: 'sum', fields: ['v'] }])).toEqual([stored, stored])
    expect(await engine.ingest(generator(30_000))).toMatchObject({ rows: 30_000, updated: stored })
    await engine.close()
  })

  it('of one endless synchronous iterable ends too', async () => {
    const engine = await Engine.open({ segmentRows: 5000 })
    await expect(engine.ingest(endless(), { signal: soon() })).rejects.toBe(reason)
    expect(await countOf(engine)).toBe(engine.schema().sessions)
    await engine.close()
  })

  it('hands the signal to a source', async () => {
    const engine = await Engine.open()
    const waiting: SessionSource = {
      name: 'waiting',
      async *read({ signal }) {
        yield { sessions: [...generator(3)], state: 1 }
        await new Promise((_, reject) => { signal?.addEventListener('abort', () => reject(signal.reason as Error)) })
      }
    }
    const controller = new AbortController()
    await expect(engine.ingest(waiting, { signal: controller.signal, onProgress: () => setImmediate(() => controller.abort(reason)) })).rejects.toBe(reason)
    expect(await countOf(engine)).toBe(3)
    await engine.close()
  })

  it('does not wait for an input that waits for ever', async () => {
    const engine = await Engine.open()
    const never = new Promise<void>(() => { /* for ever */ })
    const silent = async function* (): AsyncGenerator<object> { yield* generator(3); await never }
    await expect(engine.ingest(silent(), { signal: soon() })).rejects.toBe(reason)
    let cancelled: unknown = null
    const stream = new ReadableStream<object>({ start: controller => { controller.enqueue({ session_id: 'a', started_at: 0 }) }, cancel: why => { cancelled = why } })
    await expect(engine.ingest(stream, { signal: soon() })).rejects.toBe(reason)
    expect(cancelled).toBe(reason)
    expect(await engine.ingest(generator(5))).toMatchObject({ rows: 5 })
    await engine.close()
  })
})
