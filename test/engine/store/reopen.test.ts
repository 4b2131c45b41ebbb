/** A folder opened again answers as the engine that wrote it, from its segments and its log. */
import { readdir } from 'node:fs/promises'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Engine } from '../../../index.js'
import type { QueryInput } from '../../../dsl/input.js'
import { queriesOf } from '../../support/queries.js'
import { Random } from '../../support/random.js'
import { randomDataset } from '../../support/sessions.js'
import { ask, countOf } from '../ask.js'
import { temporaryFolder } from './folder.js'

const QUERIES = 12
const DAY = 86_400_000

async function answers(engine: Engine, queries: readonly QueryInput[]): Promise<unknown[]> {
  const all: unknown[] = []
  for (const query of queries) all.push(await engine.query(query))
  return all
}

async function drained(engine: Engine): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const sessions of engine.sessions()) all.push(...sessions)
  return all
}

function numbered(from: number, to: number): object[] {
  return Array.from({ length: to - from }, (_, i) => ({ session_id: `s${from + i}`, started_at: from + i, visitor_id: `visitor ${(from + i) % 5000}` }))
}

describe('a folder that is opened again', () => {
  it('gives the answers of an engine in memory, over many openings, updates and merges', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), async seed => {
      const dataset = randomDataset(seed, 400)
      const { columns, sessions } = dataset
      const queries = [...queriesOf(dataset, QUERIES)] as QueryInput[]
      const random = new Random(seed)
      const dataDir = await temporaryFolder()
      const memory = await Engine.open({ columns })
      for (const call of random.chunks(sessions, 150)) {
        const engine = await Engine.open({ dataDir, columns, segmentRows: random.between(8, 64) })
        await engine.ingest(call)
        await memory.ingest(call)
        if (random.chance(0.4)) await engine.compact()
        if (random.chance(0.5)) expect(await answers(engine, queries.slice(0, 3))).toEqual(await answers(memory, queries.slice(0, 3)))
        await engine.close()
      }
      const expected = await answers(memory, queries)
      const writer = await Engine.open({ dataDir, columns })
      expect(writer.status()).toMatchObject({ sessions: memory.status().sessions, range: memory.status().range })
      expect(await answers(writer, queries)).toEqual(expected)
      const reader = await Engine.open({ dataDir, columns, readOnly: true })
      expect(await answers(reader, queries)).toEqual(expected)
      await reader.close()
      await writer.close()
      await memory.close()
    }), { seed: 5, numRuns: 4 })
  })

  it('remembers types that widened after their segments were stored', async () => {
    const dataDir = await temporaryFolder()
    const first = await Engine.open({ dataDir })
    await first.ingest([{ session_id: '1', started_at: 0, own: 1, tag: 'x' }])
    await first.compact()
    await first.close()
    const second = await Engine.open({ dataDir })
    await second.ingest([{ session_id: '2', started_at: 1, own: 'text', tag: ['y', 'z'] }])
    const expected = [['1', '1', 'x', 1], ['2', 'text', 'y', 1], ['2', 'text', 'z', 1]]
    const query = { group_by: ['session_id', 'own', 'tag'] } as const
    expect(await ask(second, query)).toEqual(expected)
    await second.compact()
    expect(await ask(second, query)).toEqual(expected)
    await second.close()
    const third = await Engine.open({ dataDir })
    expect(await ask(third, query)).toEqual(expected)
    await third.close()
  })

  it('holds dictionaries of many chunks, and finds their texts again', async () => {
    const dataDir = await temporaryFolder()
    for (let round = 0; round < 6; round++) {
      const engine = await Engine.open({ dataDir, segmentRows: 1000 })
      const { inserted, updated } = await engine.ingest(numbered(round * 2000, round * 2000 + 3000))
      expect([inserted, updated]).toEqual(round === 0 ? [3000, 0] : [2000, 1000])
      await engine.compact()
      await engine.close()
    }
    const engine = await Engine.open({ dataDir })
    expect(await countOf(engine)).toBe(13_000)
    expect(await ask(engine, { group_by: ['session_id'], filters: { type: 'in', dimension: 'visitor_id', values: ['visitor 4999', 'nobody'] } }))
      .toEqual([['s4999', 1], ['s9999', 1]])
    await engine.close()
    expect((await readdir(dataDir)).filter(name => name.startsWith('log-')).length).toBe(1)
  })

  it('is queried within a budget smaller than its columns', async () => {
    const dataDir = await temporaryFolder()
    const sessions = Array.from({ length: 40_000 }, (_, i) => ({ session_id: `s${i}`, started_at: i * 60_000, city: `city ${i % 7}`, n: i, m: i / 4, k: -i }))
    const first = await Engine.open({ dataDir, segmentRows: 1000 })
    await first.ingest(sessions)
    await first.compact()
    const queries: QueryInput[] = ['n', 'm', 'k'].map(field => ({
      interval: { start: '1970-01-01', end: '1971-01-01' }, granularity: 'day', group_by: ['city'], aggregations: [{ type: 'sum', fields: [field] }, { type: 'min', fields: [field] }]
    }))
    const expected = await answers(first, queries)
    expect(first.status().memoryBytes).toBeGreaterThan(1_500_000)
    await first.close()
    const memoryBudget = 700_000
    const second = await Engine.open({ dataDir, memoryBudget })
    for (let round = 0; round < 2; round++) expect(await answers(second, queries)).toEqual(expected)
    expect(second.status().memoryBytes).toBeLessThan(memoryBudget)
    await second.close()
  })

  it('reads only the segments and columns that a query asks for', async () => {
    const dataDir = await temporaryFolder()
    const first = await Engine.open({ dataDir, segmentRows: 1000 })
    await first.ingest(Array.from({ length: 20_000 }, (_, i) => ({ session_id: `s${i}`, started_at: i * 60_000, n: i })))
    await first.compact()
    await first.close()
    const second = await Engine.open({ dataDir })
    const before = second.status().memoryBytes
    await second.query({ interval: { start: '1970-01-02', end: '1970-01-03' }, granularity: 'all', aggregations: [{ type: 'sum', fields: ['n'] }] })
    expect(second.status().memoryBytes - before).toBeLessThan(5 * 1000 * 16)
    await second.close()
  })
})

describe('sessions that are too old', () => {
  const sessions = Array.from({ length: 3000 }, (_, i) => ({ session_id: `s${i}`, started_at: i * DAY / 100, n: i }))

  it('are dropped, whole segments and single rows, and stay away', async () => {
    const dataDir = await temporaryFolder()
    let now = 25 * DAY
    const options = { dataDir, segmentRows: 256, retention: 'P10D', clock: () => now }
    const first = await Engine.open(options)
    await first.ingest(sessions)
    expect(first.status()).toMatchObject({ sessions: 1500, range: { start: 15 * DAY } })
    await first.close()
    now = 28 * DAY
    const second = await Engine.open(options)
    expect(second.status()).toMatchObject({ sessions: 1200, range: { start: 18 * DAY } })
    expect(await second.ingest([{ session_id: 's1', started_at: 28 * DAY, n: 1 }, { session_id: 's2999', started_at: 29 * DAY, n: 1 }])).toMatchObject({ inserted: 1, updated: 1 })
    await second.compact()
    await second.close()
    const third = await Engine.open({ dataDir })
    expect(third.status().sessions).toBe(1201)
    expect(new Set((await drained(third)).map(session => (session as { session_id: string }).session_id)).size).toBe(1201)
    await third.close()
  })

  it('can come again after they were dropped, also beside one of the same id from another source', async () => {
    let now = 0
    const engine = await Engine.open({ segmentRows: 4, retention: 'P1D', clock: () => now })
    await engine.ingest(Array.from({ length: 10 }, (_, i) => ({ session_id: `s${i}`, started_at: 0, source: 'a' })))
    await engine.ingest(Array.from({ length: 10 }, (_, i) => ({ session_id: `s${i}`, started_at: 3 * DAY, source: 'b' })))
    now = 3 * DAY
    await engine.compact()
    expect(await ask(engine, { group_by: ['source'] })).toEqual([['b', 10]])
    expect(await engine.ingest([{ session_id: 's1', started_at: now, source: 'a' }, { session_id: 's1', started_at: now, source: 'b' }])).toMatchObject({ inserted: 1, updated: 1 })
    expect(await ask(engine, { group_by: ['source'] })).toEqual([['a', 1], ['b', 10]])
    await engine.close()
  })

  it('are told by a period, and by nothing else', async () => {
    await expect(Engine.open({ retention: '90 days' })).rejects.toMatchObject({ code: 'invalid_config', message: expect.stringContaining('"90 days"') })
  })
})
