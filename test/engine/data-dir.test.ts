/** With a folder behind it an engine that is opened again is the one that was closed. */
import { describe, expect, it } from 'vitest'
import type { QueryInput } from '../../dsl/input.js'
import { Engine, type Batch, type SessionSource } from '../../index.js'
import { randomDataset } from '../support/sessions.js'
import { queriesOf } from '../support/queries.js'
import { ask, countOf, EVER, total } from './ask.js'
import { temporaryFolder } from './store/folder.js'

function source(name: string, batches: readonly Batch[]): SessionSource {
  return { name, async *read() { yield* batches } }
}

async function answers(engine: Engine, queries: readonly QueryInput[]): Promise<unknown[]> {
  const all = []
  for (const query of queries) all.push(await engine.query(query))
  return all as unknown[]
}

describe('an engine with a folder', () => {
  it('gives the same answers after it was closed and opened again', async () => {
    for (const seed of [3, 14, 159]) {
      const dataDir = await temporaryFolder()
      const { sessions, columns } = randomDataset(seed, 400)
      const queries = [...queriesOf(randomDataset(seed, 400), 12)] as QueryInput[]
      const first = await Engine.open({ dataDir, columns, segmentRows: 64 })
      await first.ingest(sessions.slice(0, 250))
      await first.ingest(sessions.slice(250))
      const expected = await answers(first, queries)
      const { sessions: count, range } = first.schema()
      await first.close()
      const second = await Engine.open({ dataDir, columns })
      expect(second.schema()).toMatchObject({ sessions: count, range })
      expect(await answers(second, queries)).toEqual(expected)
      await second.close()
    }
  })

  it('remembers replacements, sources and types that widened', async () => {
    const dataDir = await temporaryFolder()
    const first = await Engine.open({ dataDir })
    await first.ingest([{ session_id: '1', started_at: 0, city: 'Turku', own: 1 }, { session_id: '2', started_at: 0, own: 2 }, { session_id: '1', started_at: 0, source: 'b', own: 3 }], { source: 'a' })
    await first.ingest([{ session_id: '1', started_at: 5, own: 'text' }], { source: 'a' })
    await first.close()
    const second = await Engine.open({ dataDir })
    expect(await ask(second, { group_by: ['source', 'session_id', 'city', 'own', 'started_at'] })).toEqual([['a', '1', null, 'text', 5, 1], ['a', '2', null, '2', 0, 1], ['b', '1', null, '3', 0, 1]])
    expect(await second.ingest([{ session_id: '2', started_at: 0, own: [9] }], { source: 'a' })).toMatchObject({ inserted: 0, updated: 1 })
    await second.close()
    const third = await Engine.open({ dataDir })
    expect(third.columns.get('own')).toBe('strings')
    expect(await countOf(third)).toBe(3)
    await third.close()
  })

  it('knows up to where each source was read', async () => {
    const dataDir = await temporaryFolder()
    const first = await Engine.open({ dataDir })
    expect(first.states).toEqual(new Map())
    await first.ingest(source('shop', [{ sessions: [{ session_id: '1', started_at: 0 }], state: { page: 1 } }, { sessions: [], state: { page: 2 } }]))
    await first.ingest(source('club', [{ sessions: [{ session_id: '1', started_at: 0 }], state: 'x' }, { sessions: [{ session_id: '2', started_at: 0 }], state: undefined }]))
    await first.ingest([{ session_id: '9', started_at: 0 }], { source: 'shop' })
    const states = new Map<string, unknown>([['shop', { page: 2 }], ['club', 'x']])
    expect(first.states).toEqual(states)
    await first.close()
    const second = await Engine.open({ dataDir })
    expect(second.states).toEqual(states)
    expect(await ask(second, { group_by: ['source'] })).toEqual([['club', 2], ['shop', 2]])
    await second.close()
  })

  it('keeps what came before a session that cannot be stored, but not the state of its batch', async () => {
    const dataDir = await temporaryFolder()
    const batches = [{ sessions: [{ session_id: '1', started_at: 0 }], state: 1 }, { sessions: [{ session_id: '2', started_at: 0 }, { session_id: '3' }, { session_id: '4', started_at: 0 }], state: 2 }] as unknown as Batch[]
    const first = await Engine.open({ dataDir })
    await expect(first.ingest(source('shop', batches))).rejects.toThrow('session 3 of source "shop"')
    await first.close()
    const second = await Engine.open({ dataDir })
    expect(await ask(second, { group_by: ['session_id'] })).toEqual([['1', 1], ['2', 1]])
    expect(second.states).toEqual(new Map([['shop', 1]]))
    expect(await second.ingest(source('shop', batches), { onReject: () => { /* counted */ } })).toMatchObject({ rows: 4, inserted: 1, updated: 2, rejected: 1, state: 2 })
    await second.close()
    const third = await Engine.open({ dataDir })
    expect([await countOf(third), third.states.get('shop')]).toEqual([3, 2])
    await third.close()
  })

  it('keeps what was good when the budget ends an ingest, and refuses to open with too small a budget', async () => {
    const dataDir = await temporaryFolder()
    const sessions = Array.from({ length: 60_000 }, (_, i) => ({ session_id: `session ${i}`, started_at: i, visitor_id: `visitor ${i}` }))
    const first = await Engine.open({ dataDir, memoryBudget: 3e6 })
    await expect(first.ingest(sessions)).rejects.toMatchObject({ limitName: 'memory_budget' })
    const kept = first.schema().sessions
    expect(kept).toBeGreaterThan(1000)
    await first.close()
    await expect(Engine.open({ dataDir, memoryBudget: 1e5 })).rejects.toMatchObject({ code: 'limit_exceeded', limitName: 'memory_budget' })
    const second = await Engine.open({ dataDir })
    expect(await total(second, [{ type: 'count' }, { type: 'exactUnique', fields: ['visitor_id'] }, { type: 'max', fields: ['started_at'] }])).toEqual([kept, kept, kept - 1])
    await second.close()
  })

  it('is one engine\'s at a time, until that one is closed', async () => {
    const dataDir = await temporaryFolder()
    const first = await Engine.open({ dataDir })
    await expect(Engine.open({ dataDir })).rejects.toMatchObject({ code: 'store_failed' })
    await first.close()
    const second = await Engine.open({ dataDir })
    await second.close()
  })

  it('stores dates and identifiers that are numbers as they are answered', async () => {
    const dataDir = await temporaryFolder()
    const query: QueryInput = { interval: EVER, granularity: 'all', group_by: ['session_id', 'day', 'started_at', 'flag'], aggregations: [{ type: 'count' }] }
    const first = await Engine.open({ dataDir })
    await first.ingest([{ session_id: 12, started_at: new Date(1234), day: new Date(5678), flag: true }])
    const expected = await first.query(query)
    expect(expected.data).toEqual([['1900-01-01T00:00:00.000Z', '12', '1970-01-01T00:00:05.678Z', 1234, 'true', 1]])
    await first.close()
    const second = await Engine.open({ dataDir })
    expect(await second.query(query)).toEqual(expected)
    await second.close()
  })
})
