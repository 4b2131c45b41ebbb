/** What can be ingested, how it is read, and what is said of it. */
import { describe, expect, it } from 'vitest'
import type { Storage, StoredBatch } from '../../engine/store/storage.js'
import { Engine, type Batch, type Session, type SessionSource } from '../../index.js'
import { ask, countOf, total } from './ask.js'

const BATCH = 4096

function session(i: number): Session {
  return { session_id: `s${i}`, started_at: i * 1000, v: i }
}

function sessions(count: number): Session[] {
  return Array.from({ length: count }, (_, i) => session(i))
}

function* generator(count: number): Generator<Session> {
  for (let i = 0; i < count; i++) yield session(i)
}

async function* asyncGenerator(count: number): AsyncGenerator<Session> {
  for (let i = 0; i < count; i++) yield session(i)
}

function stream(count: number): ReadableStream<object> {
  let i = 0
  return new ReadableStream({ pull(controller) { if (i < count) controller.enqueue(session(i++)); else controller.close() } })
}

/** A browser's stream that is not iterable. */
function plainStream(count: number): ReadableStream<object> {
  const whole = stream(count)
  return { getReader: () => whole.getReader() } as ReadableStream<object>
}

function source(count: number, size: number): SessionSource<number> {
  return {
    name: 'shop',
    describe: () => [{ name: 'v', type: 'number', description: 'A number.' }, { name: 'never', type: 'strings', description: 'A list that no session has.' }],
    async *read(): AsyncGenerator<Batch<number>> {
      for (let at = 0; at < count; at += size) yield { sessions: sessions(count).slice(at, at + size), state: at }
    }
  }
}

describe.each([0, 1, 5000, 2 * BATCH])('%i sessions', count => {
  it.each([
    ['an array', () => sessions(count)], ['a Set', () => new Set(sessions(count))], ['a generator', () => generator(count)], ['an async generator', () => asyncGenerator(count)],
    ['a stream', () => stream(count)], ['a stream that cannot be iterated', () => plainStream(count)]
  ])('come in from %s', async (_, input) => {
    const engine = await Engine.open()
    expect(await engine.ingest(input())).toEqual({ rows: count, inserted: count, updated: 0, rejected: 0, state: undefined })
    expect(await total(engine, [{ type: 'count' }, { type: 'sum', fields: ['session_duration_secs'] }])).toEqual([count, null])
    expect(await ask(engine, { group_by: ['source'] })).toEqual(count === 0 ? [] : [['default', count]])
    expect(await engine.ingest(input(), { source: 'other' })).toMatchObject({ rows: count, inserted: count })
    expect(await engine.ingest(input())).toMatchObject({ rows: count, inserted: 0, updated: count })
    expect(await countOf(engine)).toBe(2 * count)
    await engine.close()
  })
})

describe('a source', () => {
  it('names its sessions, tells its columns before they come, and its last state', async () => {
    const engine = await Engine.open()
    expect(await engine.ingest(source(10, 4))).toEqual({ rows: 10, inserted: 10, updated: 0, rejected: 0, state: 8 })
    expect(await ask(engine, { group_by: ['source'], aggregations: [{ type: 'sum', fields: ['v'] }] })).toEqual([['shop', 45]])
    expect(engine.columns.get('never')).toBe('strings')
    expect(await countOf(engine, { type: 'selector', dimension: 'never', value: null })).toBe(10)
    await engine.ingest(source(3, 4), { source: 'renamed' })
    expect(await ask(engine, { group_by: ['source'] })).toEqual([['renamed', 3], ['shop', 10]])
    await engine.close()
  })

  it('that has nothing is known by its columns, and a query over them runs', async () => {
    const engine = await Engine.open()
    expect(await engine.ingest(source(0, 1))).toEqual({ rows: 0, inserted: 0, updated: 0, rejected: 0, state: undefined })
    expect(await total(engine, [{ type: 'avg', fields: ['v'] }, { type: 'hyperUnique', fields: ['never'] }])).toEqual([null, 0])
    await engine.close()
  })

  it('holds to the types that it told: texts of numbers are numbers, other texts are refused', async () => {
    const engine = await Engine.open()
    await engine.ingest(source(0, 1))
    await engine.ingest([{ ...session(1), v: '12.5' }, { ...session(2), v: ' 1e3 ' }])
    expect(await total(engine, [{ type: 'sum', fields: ['v'] }])).toEqual([1012.5])
    for (const v of ['x', '', ' ', 'Infinity', 'NaN', true, [1], new Date(0), 5n]) {
      await expect(engine.ingest([{ ...session(3), v }])).rejects.toMatchObject({ code: 'invalid_session' })
    }
    expect(engine.columns.get('v')).toBe('number')
    expect(await countOf(engine)).toBe(2)
    await engine.close()
  })

  it('that tells columns which are known already changes none of them', async () => {
    const engine = await Engine.open()
    const telling: SessionSource = {
      name: 'telling',
      describe: () => [{ name: 'city', type: 'strings', description: 'Another type than giosg\'s.' }, { name: 'plan', type: 'string', description: 'A text.' }],
      async *read() { yield { sessions: [{ session_id: '1', started_at: 0, city: 'Turku', plan: 'basic' }], state: 1 } }
    }
    await engine.ingest(telling)
    await engine.ingest(telling, { source: 'again' })
    expect(engine.columns.get('city')).toBe('string')
    expect(await ask(engine, { group_by: ['source', 'city', 'plan'] })).toEqual([['again', 'Turku', 'basic', 1], ['telling', 'Turku', 'basic', 1]])
    await engine.close()
  })

  it('names a session only where the session does not', async () => {
    const engine = await Engine.open()
    await engine.ingest([{ ...session(1), source: 'own' }, { ...session(1), source: null }, { ...session(1), source: undefined }, { ...session(1), source: '' }], { source: 'given' })
    expect(await ask(engine, { group_by: ['source'] })).toEqual([['', 1], ['given', 1], ['own', 1]])
    await engine.close()
  })
})

/** Remembers what was appended, and when. */
class SlowStorage implements Storage {
  readonly batches: StoredBatch[] = []
  readonly log: string[]
  stored = 0

  constructor(log: string[] = []) {
    this.log = log
  }

  async *open(): AsyncGenerator<StoredBatch> { /* nothing was stored before */ }

  async append(batch: StoredBatch): Promise<void> {
    await new Promise(resolve => { setTimeout(resolve, 2) })
    this.batches.push(batch)
    this.stored += batch.sessions.length
    this.log.push(`stored ${this.stored}`)
  }

  states(): ReadonlyMap<string, unknown> {
    return new Map(this.batches.filter(({ state }) => state !== undefined).map(batch => [batch.source, batch.state]))
  }

  async close(): Promise<void> { this.log.push('closed') }
}

describe('backpressure', () => {
  it('an input is never pulled more than a batch ahead of what is stored', async () => {
    const storage = new SlowStorage()
    const engine = await Engine.open({ storage })
    let pulled = 0
    let furthest = 0
    const watched = function* (): Generator<Session> {
      for (const one of generator(5 * BATCH + 10)) {
        pulled++
        furthest = Math.max(furthest, pulled - storage.stored)
        yield one
      }
    }
    await engine.ingest(watched())
    expect(furthest).toBeLessThanOrEqual(BATCH + 1)
    expect(storage.batches.map(batch => batch.sessions.length)).toEqual([...Array(5).fill(BATCH), 10])
    await engine.close()
  })

  it('a source is asked for its next batch once the one before is stored', async () => {
    const log: string[] = []
    const engine = await Engine.open({ storage: new SlowStorage(log) })
    const chatty: SessionSource<number> = {
      name: 'chatty',
      async *read() {
        for (let at = 0; at < 3; at++) {
          log.push(`read ${at}`)
          yield { sessions: [session(at)], state: at }
        }
      }
    }
    await engine.ingest(chatty, { onProgress: ({ rows, state }) => log.push(`progress ${rows} ${JSON.stringify(state)}`) })
    expect(log).toEqual(['read 0', 'stored 1', 'progress 1 0', 'read 1', 'stored 2', 'progress 2 1', 'read 2', 'stored 3', 'progress 3 2'])
    expect(engine.states).toEqual(new Map([['chatty', 2]]))
    await engine.close()
    expect(log.at(-1)).toBe('closed')
  })

  it('an input that is left early is told so', async () => {
    const engine = await Engine.open()
    let ended = 0
    const endless = function* (): Generator<object> {
      try { for (;;) yield { session_id: 'no start' } } finally { ended++ }
    }
    let cancelled: unknown = 'not'
    const faulty = new ReadableStream<object>({ pull(controller) { controller.enqueue({ session_id: 'no start' }) }, cancel(reason) { cancelled = reason } })
    await expect(engine.ingest(endless())).rejects.toMatchObject({ code: 'invalid_session' })
    await expect(engine.ingest({ getReader: () => faulty.getReader() } as ReadableStream<object>)).rejects.toMatchObject({ code: 'invalid_session' })
    expect([ended, cancelled]).toEqual([1, undefined])
    await engine.close()
  })
})

it('an input has done its last work when an ingest fails, with a signal and without', async () => {
  for (const options of [{}, { signal: new AbortController().signal }]) {
    const engine = await Engine.open()
    let cleaned = false
    const input = async function* (): AsyncGenerator<object> {
      try {
        yield* generator(BATCH - 1)
        yield { session_id: 'no start' }
        yield* generator(1)
      } finally {
        await new Promise(resolve => { setTimeout(resolve, 20) })
        cleaned = true
      }
    }
    await expect(engine.ingest(input(), options)).rejects.toMatchObject({ code: 'invalid_session' })
    expect(cleaned).toBe(true)
    await engine.close()
  }
})

it('progress is a copy of the report at that time', async () => {
  const engine = await Engine.open()
  const seen: unknown[] = []
  await engine.ingest(sessions(BATCH + 5), { onProgress: report => seen.push(report) })
  expect(seen).toMatchObject([{ rows: BATCH }, { rows: BATCH + 5 }])
  await engine.close()
})

it('an input that fails gives its own error', async () => {
  const engine = await Engine.open()
  const failing = async function* (): AsyncGenerator<object> {
    yield* generator(BATCH)
    throw new RangeError('the tap broke')
  }
  await expect(engine.ingest(failing())).rejects.toThrow(new RangeError('the tap broke'))
  expect(await countOf(engine)).toBe(BATCH)
  await engine.close()
})

it.each([[null], [5], [undefined], [{}], [{ length: 1 }], [true]])('%j is nothing to ingest', async input => {
  const engine = await Engine.open()
  await expect(engine.ingest(input as never)).rejects.toThrow()
  await engine.close()
})

it('two ingests side by side both come in', async () => {
  const engine = await Engine.open({ segmentRows: 100 })
  const reports = await Promise.all([engine.ingest(asyncGenerator(9000), { source: 'a' }), engine.ingest(asyncGenerator(9000), { source: 'b' }), engine.ingest(stream(3000), { source: 'a' })])
  expect(reports.reduce((sum, { inserted }) => sum + inserted, 0)).toBe(18_000)
  expect(reports.reduce((sum, { updated }) => sum + updated, 0)).toBe(3000)
  expect(await ask(engine, { group_by: ['source'], aggregations: [{ type: 'count' }, { type: 'sum', fields: ['v'] }] })).toEqual([['a', 9000, 40_495_500], ['b', 9000, 40_495_500]])
  await engine.close()
})

describe('a load that is not settled', () => {
  it('leaves segments as they are, and answers are the same', async () => {
    const loaded = Array.from({ length: 1000 }, (_, i) => ({ session_id: `s${i}`, started_at: i * 7919 % 1000 * 3_600_000, country: `c${i % 7}` }))
    const [settled, unsettled] = [await Engine.open({ segmentRows: 64 }), await Engine.open({ segmentRows: 64 })]
    await settled.ingest(loaded)
    await unsettled.ingest(loaded, { settle: false })
    const query = { interval: { start: '1970-01-01', end: '1970-03-01' }, granularity: 'day', group_by: ['country'], aggregations: [{ type: 'count' }] } as const
    expect(await unsettled.query(query)).toEqual(await settled.query(query))
    const day = { ...query, interval: { start: '1970-01-05', end: '1970-01-06' } } as const
    expect(await unsettled.query(day)).toEqual(await settled.query(day))
    expect(unsettled.explain(day).segments.read).toBeGreaterThan(settled.explain(day).segments.read)
  })
})
